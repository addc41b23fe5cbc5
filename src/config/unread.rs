//! What lies where the configuration should, or under a name near it, and is not read.

use super::{PATH, Problem};

/// Names that people give the file by mistake, in small letters.
const NEAR: [&str; 2] = [PATH, ".github/automata.yaml"];

/// Why there is no configuration to read although somebody wrote one: acting on the defaults then might do what it
/// forbids. `files` are the repository's paths, and whether each is a plain file. None where nobody wrote any.
#[must_use]
pub fn unread<'a>(files: impl IntoIterator<Item = (&'a str, bool)>) -> Option<Problem> {
    let mut near = None;
    for (path, is_plain) in files {
        let below = path.strip_prefix(PATH);
        if below.is_some_and(|below| below.is_empty() && is_plain) {
            return None;
        }
        if below.is_some_and(|below| below.is_empty() || below.starts_with('/')) {
            let message = "it is no plain file, and links, folders and submodules are not read";
            return Some(about_the_file(message.to_owned(), "make it a plain file".to_owned()));
        }
        if NEAR.contains(&path.to_ascii_lowercase().as_str()) {
            near = Some(path);
        }
    }
    near.map(|path| {
        about_the_file(format!("there is none, and `{path}` is not read"), format!("rename it to `{PATH}`"))
    })
}

fn about_the_file(message: String, hint: String) -> Problem {
    Problem::new(&[], 0, 0, message).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(files: &[(&str, bool)]) -> String {
        unread(files.iter().copied()).map(|problem| problem.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_plain_file_is_read_and_where_there_is_none_nothing_is_wrong() {
        assert_eq!(told(&[]), "");
        assert_eq!(told(&[(".github/automata.yaml", true), (PATH, true)]), "");
        assert_eq!(
            told(&[
                (".github/automata.yml.orig", true),
                ("automata.yaml", true),
                ("docs/.github/automata.yml", true)
            ]),
            ""
        );
    }

    #[test]
    fn what_is_no_plain_file_is_refused() {
        let refused =
            "it is no plain file, and links, folders and submodules are not read; make it a plain file";
        assert_eq!(told(&[(PATH, false)]), refused);
        assert_eq!(told(&[(".github/automata.yml/main.yml", true)]), refused);
    }

    #[test]
    fn a_name_near_the_right_one_is_refused() {
        for name in [".github/automata.yaml", ".github/Automata.yml", ".GitHub/AUTOMATA.YAML"] {
            assert_eq!(
                told(&[(".github/workflows/automata.yml", true), (name, true)]),
                format!("there is none, and `{name}` is not read; rename it to `.github/automata.yml`")
            );
        }
    }
}

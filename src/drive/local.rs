//! Which names of Drive can be names of files on this machine: a stranger's name must not lead out of its folder.

/// Characters of a file's name that some system has a meaning for; on the one or the other they would lead elsewhere.
const SPECIAL: &[char] = &['/', '\\', ':', '*', '?', '"', '<', '>', '|'];

/// Bytes that a name may have on the file systems of today.
const LONGEST: usize = 255;

/// Why a name of Drive cannot be the name of a file here; none where it can.
#[must_use]
pub fn unfit(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("it has no name");
    }
    if name == "." || name == ".." {
        return Some("its name is that of a folder above");
    }
    if name.contains(SPECIAL) || name.chars().any(char::is_control) {
        return Some("its name has characters that no file's name may have everywhere");
    }
    if name.ends_with(['.', ' ']) {
        return Some("its name ends with a full stop or a space, which Windows drops");
    }
    if name.len() > LONGEST {
        return Some("its name is longer than a file's name may be");
    }
    if name.eq_ignore_ascii_case(".git") {
        return Some("git takes a folder of that name for a repository, with programs to run");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_do_not_become_files() {
        for name in ["..", ".", "", "a/b", "..\\x", "C:x", "a\0b", "x ", "x.", ".Git", &"x".repeat(256)] {
            assert!(unfit(name).is_some(), "{name:?}");
        }
        for name in ["plan.md", "...x", "über uns", "it's", ".gitignore"] {
            assert_eq!(unfit(name), None, "{name}");
        }
    }
}

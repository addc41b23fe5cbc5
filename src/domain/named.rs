//! Finds what somebody names: the one task by its id, by the beginning of it, or as `log` prints it in short; a name in
//! a text.

use super::state::State;
use super::task::Task;

/// Ids named when the beginning of one fits several: as many as are taken in at a glance.
const NAMED: usize = 10;

/// Why it is not clear which task is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// There is none.
    Unknown,
    /// What was said is shorter than this many characters, and fits by chance alone.
    Short(usize),
    /// There are several: how many, and the first of them.
    Several(usize, Vec<String>),
}

/// The task with this id, the one whose id begins so, or the one that `log` calls so in short.
///
/// # Errors
/// When there is none, or more than one.
pub fn one_task<'a>(state: &'a State, what: &str) -> Result<&'a Task, Unclear> {
    one_of(state.tasks.values(), what)
}

/// As [`one_task`], among these.
///
/// # Errors
/// When there is none, or more than one.
pub fn one_of<'a>(tasks: impl Iterator<Item = &'a Task>, what: &str) -> Result<&'a Task, Unclear> {
    let is_meant = |task: &&Task| task.id.as_str().starts_with(what) || task.id.short() == what;
    let found: Vec<&Task> = tasks.filter(is_meant).collect();
    if let Some(exact) = found.iter().find(|task| task.id.as_str() == what) {
        return Ok(exact);
    }
    match found.as_slice() {
        [task] => Ok(task),
        [] => Err(Unclear::Unknown),
        many => {
            let mut ids: Vec<String> = many.iter().map(|task| task.id.to_string()).take(NAMED).collect();
            if many.len() > NAMED {
                ids.push("…".to_owned());
            }
            Err(Unclear::Several(many.len(), ids))
        }
    }
}

/// Whether the text names it: as a whole word, in letters of any size.
#[must_use]
pub fn mentions(text: &str, name: &str) -> bool {
    let name = name.trim().trim_start_matches('@').to_lowercase();
    if name.is_empty() {
        return false;
    }
    let text = text.to_lowercase();
    let is_part = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric());
    text.match_indices(&name).any(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + name.len()..].chars().next());
        let begins = !is_part(before) || !name.starts_with(char::is_alphanumeric);
        let ends = !is_part(after) || !name.ends_with(char::is_alphanumeric);
        begins && ends
    })
}

#[cfg(test)]
mod tests {
    use super::mentions;

    #[test]
    fn a_name_is_found_as_a_whole_word_in_letters_of_any_size() {
        for (text, name) in [
            ("labels +Bug -help wanted", "bug"),
            ("labels +Bug -help wanted", "help wanted"),
            ("assigned +alice", "@alice"),
            ("pushed refs/heads/automata/issue-1-x", "automata/issue-1-x"),
            ("it is about src/größe.rs:3", "SRC/GRÖSSE.rs".to_lowercase().replace("ss", "ß").as_str()),
        ] {
            assert!(mentions(text, name), "{name} in {text}");
        }
        for (text, name) in [("labels +bugfix", "bug"), ("debug", "bug"), ("anything", " "), ("", "bug")] {
            assert!(!mentions(text, name), "{name} in {text}");
        }
    }
}

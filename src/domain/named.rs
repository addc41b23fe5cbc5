//! Finds what somebody names: the one task by its id, by the beginning of it, or as `log` prints it in short; a name in
//! a text.

use super::id::TaskId;
use super::state::State;
use super::task::Task;

/// Characters that begin a task's id at least, where it is to be changed: a shorter beginning fits by chance.
pub const LEAST: usize = 4;
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

/// The task with this id, the one whose id begins so, or the one that `log` calls so in short. A name with a dot is no
/// beginning: it means that very task, also when it is gone and there are others whose ids go on where it ends.
///
/// # Errors
/// When there is none, or more than one.
pub fn one_task<'a>(state: &'a State, what: &str) -> Result<&'a Task, Unclear> {
    one_of(state.tasks.values(), what)
}

/// As [`one_task`], for whoever would change it: a beginning must be long enough to be no accident.
///
/// # Errors
/// When there is none, or more than one, or what was said is too short.
pub fn one_task_to_change<'a>(state: &'a State, what: &str) -> Result<&'a Task, Unclear> {
    one_to_change(state.tasks.values(), what)
}

/// As [`one_task_to_change`], among these.
///
/// # Errors
/// When there is none, or more than one, or what was said is too short.
pub fn one_to_change<'a>(tasks: impl Iterator<Item = &'a Task>, what: &str) -> Result<&'a Task, Unclear> {
    let found = one_of(tasks, what);
    let is_whole = what.contains('.') || found.as_ref().is_ok_and(|task| task.id.as_str() == what);
    if what.chars().count() < LEAST && !is_whole { Err(Unclear::Short(LEAST)) } else { found }
}

/// Whether a task is called so: by its id, by the beginning of its command's part of it, or in short.
#[must_use]
pub fn is_called(task: &TaskId, what: &str) -> bool {
    let begins = !what.contains('.') && task.as_str().starts_with(what);
    begins || task.as_str() == what || task.short() == what
}

/// As [`one_task`], among these.
///
/// # Errors
/// When there is none, or more than one.
pub fn one_of<'a>(tasks: impl Iterator<Item = &'a Task>, what: &str) -> Result<&'a Task, Unclear> {
    let found: Vec<&Task> = tasks.filter(|task| is_called(&task.id, what)).collect();
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
    use super::{LEAST, Unclear, mentions, one_task, one_task_to_change};
    use crate::domain::command::Command;
    use crate::domain::story::{Story, request};

    #[test]
    fn a_whole_id_never_means_another_task_also_when_its_own_is_gone() {
        let mut story = Story::new();
        let mut requests = vec![request("label"); 10];
        requests[9].spec.not_before = Some(story.now.plus(crate::domain::story::DAY));
        let tasks = story.enqueue(requests);
        for task in &tasks[..9] {
            story.work(task);
        }
        for _ in 0..250 {
            let busy = story.enqueue(vec![request("label")]);
            story.work(&busy[0]);
        }
        story.clean_up();
        assert_eq!((story.state.tasks.get(&tasks[0]), tasks[0].as_str()), (None, "c1.1"));
        assert_eq!(one_task(&story.state, "c1.1"), Err(Unclear::Unknown), "c1.10 is another");
        assert_eq!(one_task_to_change(&story.state, "c1.1"), Err(Unclear::Unknown));
        assert_eq!(one_task(&story.state, "c1.10").map(|task| &task.id), Ok(&tasks[9]));
        assert!(matches!(one_task(&story.state, "c1"), Err(Unclear::Several(..))), "a beginning of many");
        assert_eq!(
            one_task_to_change(&story.state, "c1"),
            Err(Unclear::Short(LEAST)),
            "too short to change it"
        );
        assert!(story.submit(&Command::Cancel { task: tasks[9].clone(), reason: String::new() }).is_ok());
    }

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

//! What is said in the threads of a review that a revision answers.

use crate::domain::id::{CommitId, TaskId};
use crate::domain::untrusted::markdown_line;

/// Characters of what was done: a sentence or two.
const SUMMARY: usize = 600;

/// How the hidden line begins by which the answer of a task in a thread is found again.
#[must_use]
pub fn signature(task: &TaskId, thread: u64) -> String {
    format!("<!-- automata:answer task={task} thread={thread} ")
}

/// The hidden line of such an answer. `hop` tells other automation how many machines in a row have spoken.
#[must_use]
pub fn marker(task: &TaskId, thread: u64, hop: u8) -> String {
    format!("{}hop={hop} -->", signature(task, thread))
}

/// What is said of a revision.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// In this thread alone.
    pub own: Option<&'a str>,
    /// Whether this thread is taken to be mended.
    pub is_fixed: bool,
    /// Of all of it; what a thread is answered that has no answer of its own.
    pub summary: &'a str,
}

/// The answer in a thread about `path`: what was done, in which commit, or that nothing was changed.
#[must_use]
pub fn answer(
    marker: &str,
    path: &str,
    commit: Option<&CommitId>,
    files: &[String],
    Said { own, is_fixed, summary }: Said<'_>,
) -> String {
    let is_own = own.is_some();
    let summary = markdown_line(own.unwrap_or(summary), SUMMARY);
    let told = match commit {
        None => format!("Nothing was changed: {summary}"),
        Some(commit) if files.iter().any(|file| file == path) => {
            // An answer of its own may say that just this was not changed.
            let changed = if is_own && !is_fixed { "This file was changed in" } else { "Changed in" };
            format!("{changed} {commit}: {summary}")
        }
        Some(_) if is_own => format!("This file is left as it is: {summary}"),
        Some(commit) => {
            format!("{commit} answers the review elsewhere and leaves this file as it is: {summary}")
        }
    };
    format!("{marker}\n{told}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_what_became_of_the_file_and_calls_nobody() {
        let commit = CommitId::new("b1a5".repeat(10));
        let told = |commit, files: &[&str]| {
            let files: Vec<String> = files.iter().map(|file| (*file).to_owned()).collect();
            let marker = marker(&TaskId::new("c1.1"), 7, 1);
            let said = Said { own: None, is_fixed: true, summary: "Does it, @all." };
            answer(&marker, "src/a.rs", commit, &files, said)
        };
        let all = [told(Some(&commit), &["src/a.rs"]), told(Some(&commit), &["b"]), told(None, &[])];
        insta::assert_snapshot!(all.concat(), @"
    <!-- automata:answer task=c1.1 thread=7 hop=1 -->
    Changed in b1a5b1a5b1a5b1a5b1a5b1a5b1a5b1a5b1a5b1a5: Does it, &#64;all.
    <!-- automata:answer task=c1.1 thread=7 hop=1 -->
    b1a5b1a5b1a5b1a5b1a5b1a5b1a5b1a5b1a5b1a5 answers the review elsewhere and leaves this file as it is: Does it, &#64;all.
    <!-- automata:answer task=c1.1 thread=7 hop=1 -->
    Nothing was changed: Does it, &#64;all.
    ");
        let files = ["src/b.rs".to_owned()];
        let said = Said { own: Some("It is\nneeded by @otto's."), is_fixed: false, summary: "Does it." };
        insta::assert_snapshot!(answer("", "src/a.rs", Some(&commit), &files, said).trim(), @"This file is left as it is: It is needed by &#64;otto's.");
        let told = answer("", "src/b.rs", Some(&commit), &files, said);
        insta::assert_snapshot!(told.trim(), @"This file was changed in b1a5b1a5b1a5b1a5b1a5b1a5b1a5b1a5b1a5b1a5: It is needed by &#64;otto's.");
        let told = answer("", "src/b.rs", Some(&commit), &files, Said { is_fixed: true, ..said });
        assert!(told.trim().starts_with("Changed in b1a5"), "{told}");
    }
}

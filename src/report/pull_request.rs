//! The words of a pull request and of its commit.

use std::fmt::Write as _;

use crate::config::PullRequests;
use crate::domain::id::IssueNumber;
use crate::domain::input::OpenPullRequest;
use crate::domain::task::Task;
use crate::domain::template::Template;
use crate::domain::untrusted::{markdown_line, one_line};

/// Characters of a title: GitHub shows about seventy in a list.
const TITLE: usize = 72;
/// Width of a quoted line.
const LINE: usize = 300;
/// Files that are listed by name.
const FILES: usize = 50;

/// The title of the pull request for an issue, out of the configured template.
#[must_use]
pub fn title(template: &str, number: IssueNumber, issue_title: &str) -> String {
    let known = &PullRequests::TITLE_PLACEHOLDERS;
    let value =
        |name: &str| if name == "number" { number.to_string() } else { without_references(issue_title) };
    // The configuration was checked when it was read; whatever else comes here is as good as none.
    let title = Template::parse(template, known).map(|template| template.expand(value)).unwrap_or_default();
    let title = one_line(&title, TITLE);
    if title.is_empty() { format!("Change for issue {number}") } else { title }
}

/// A stranger's title without what GitHub acts on in commit messages and titles: `fixes #1`, `closes GH-1` and
/// whole addresses close issues when they reach the default branch, `@name` calls people.
fn without_references(text: &str) -> String {
    let text = one_line(text, TITLE).replace("://", " ");
    let characters: Vec<char> = text.chars().collect();
    let mut plain = String::with_capacity(text.len());
    for (at, c) in characters.iter().enumerate() {
        let next = characters.get(at + 1).copied().unwrap_or(' ');
        let before: String = characters[at.saturating_sub(2)..at].iter().collect();
        match c {
            '#' if next.is_ascii_digit() => {}
            '@' if next.is_alphanumeric() => {}
            '-' if next.is_ascii_digit() && before.eq_ignore_ascii_case("gh") => plain.push(' '),
            c => plain.push(*c),
        }
    }
    plain
}

/// The commit's message: the title, what it is, and who wrote it.
#[must_use]
pub fn commit_message(
    template: &str,
    number: IssueNumber,
    issue_title: &str,
    summary: &str,
    authors: &[&str],
) -> String {
    let mut message =
        format!("{} (#{number})\n\n{}\n", title(template, number, issue_title), one_line(summary, LINE));
    if !authors.is_empty() {
        message.push('\n');
    }
    for author in authors {
        let _ = writeln!(message, "Co-authored-by: {author} <{author}@users.noreply.github.com>");
    }
    message
}

/// The pull request's text: what was done, why, and how to take it back.
#[must_use]
pub fn body(number: IssueNumber, open: &OpenPullRequest, task: &Task) -> String {
    let mut text = format!("Closes #{number}\n\n## What\n\n{}\n\n", markdown_line(&open.summary, LINE));
    let count = open.files.len();
    let files = if count == 1 { "file" } else { "files" };
    let lines = if open.added == 1 { "line" } else { "lines" };
    let _ = writeln!(text, "{count} {files}, {} {lines} added, {} removed:\n", open.added, open.removed);
    for file in open.files.iter().take(FILES) {
        let _ = writeln!(text, "- {}", markdown_line(file, LINE));
    }
    if count > FILES {
        let _ = writeln!(text, "- and {} more", count - FILES);
    }
    if open.merged {
        text.push_str(
            "\nA file had changed since the patch was made; the two were merged without a conflict.\n",
        );
    }
    let _ = write!(
        text,
        "\n## Why\n\nIssue #{number} asks for it: {}. The change stands on commit {}.\n\n## Taking it back\n\n\
         Close this pull request and delete the branch `{}`; nothing else was changed. \
         After a merge, `git revert` the merge commit.\n\n\
         <!-- automata:pull_request issue/{number} task={} hop=1 -->\n",
        markdown_line(&task.spec.reason, LINE),
        open.base_commit,
        open.branch,
        task.id,
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_title_closes_no_other_issue_and_calls_nobody() {
        let hostile = "Fixes #1, closes GH-2 and https://github.com/a/b/issues/3 @all C#";
        assert_eq!(
            title("{title}", IssueNumber(7), hostile),
            "Fixes 1, closes GH 2 and https github.com/a/b/issues/3 all C#"
        );
        let message =
            commit_message("#{number}: {title}", IssueNumber(7), "closes #1", "Applies it.", &["mona"]);
        assert_eq!(
            message,
            "#7: closes 1 (#7)\n\nApplies it.\n\nCo-authored-by: mona <mona@users.noreply.github.com>\n"
        );
    }
}

//! The words of a pull request and of its commit.

use std::fmt::Write as _;

use crate::config::PullRequests;
use crate::domain::id::IssueNumber;
use crate::domain::input::{Checked, OpenPullRequest};
use crate::domain::task::Task;
use crate::domain::template::Template;
use crate::domain::untrusted::{markdown_line, one_line};
use crate::report::comment::MOST_CHARACTERS;
use crate::report::usage;

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
    let value = |name: &str| {
        if name == "number" { number.to_string() } else { without_references(issue_title, TITLE) }
    };
    // The configuration was checked when it was read; whatever else comes here is as good as none.
    let title = Template::parse(template, known).map(|template| template.expand(value)).unwrap_or_default();
    let title = one_line(&title, TITLE);
    if title.is_empty() { format!("Change for issue {number}") } else { title }
}

/// Text of somebody else's without what GitHub acts on in commit messages and titles: `fixes #1`, `closes GH-1` and
/// whole addresses close issues when they reach the default branch, `@name` calls people.
fn without_references(text: &str, width: usize) -> String {
    let text = one_line(text, width).replace("://", " ");
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
    let mut message = format!(
        "{} (#{number})\n\n{}\n",
        title(template, number, issue_title),
        without_references(summary, LINE)
    );
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
pub fn body(number: IssueNumber, open: &OpenPullRequest, task: &Task, around: &Around<'_>) -> String {
    // The keyword closes nothing elsewhere (docs.github.com, "Linking a pull request to an issue").
    let closes = if around.closes { "Closes" } else { "For" };
    let mut text = format!("{closes} #{number}\n\n");
    if open.checks.iter().any(|check| !check.passed) {
        text.push_str(
            "**Checks of this change failed, see below. It is a draft until somebody has looked at it.**\n\n",
        );
    }
    let _ = write!(text, "## What\n\n{}\n\n", markdown_line(&open.summary, LINE));
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
    if !open.generated.is_empty() {
        let names: Vec<String> =
            open.generated.iter().take(FILES).map(|file| markdown_line(file, LINE)).collect();
        let _ = writeln!(text, "\nMade by tools or brought from elsewhere: {}.", names.join(", "));
    }
    checks(&mut text, &open.checks);
    if let Some(used) = usage::told(&open.usage) {
        let left = around.left.map(|left| format!("; {left} for the issue"));
        let who = markdown_line(&open.assistant, LINE);
        let _ = writeln!(text, "\n{who} used {used}{}.", left.unwrap_or_default());
    }
    if around.starts_no_checks {
        text.push_str(NO_CHECKS);
    }
    let _ = write!(
        text,
        "\n## Why\n\nIssue #{number} asks for it: {}. The change stands on commit {}.\n\n## Taking it back\n\n\
         Close this pull request and delete the branch `{}`; nothing else was changed. \
         After a merge, `git revert` the merge commit.\n\n",
        markdown_line(&task.spec.reason, LINE),
        open.base_commit,
        open.branch,
    );
    let marker =
        format!("<!-- automata:pull_request issue/{number} task={} hop={} -->\n", task.id, around.hop);
    if let Some(template) = around.template.map(str::trim).filter(|template| !template.is_empty()) {
        let room =
            MOST_CHARACTERS.saturating_sub(text.chars().count() + marker.chars().count() + RULE.len() + 2);
        let template: String = template.chars().take(room).collect();
        let _ = write!(text, "{RULE}{template}\n\n");
    }
    text + &marker
}

/// What stands above the repository's own template.
const RULE: &str = "---\n\n";

/// Said where GitHub starts nothing by itself: events of the workflow's own token make no runs, or runs that somebody
/// has to approve (docs.github.com, "Events that trigger workflows").
const NO_CHECKS: &str = "\nThis was opened with the workflow's own token, for which GitHub starts no checks by itself: \
     choose *Approve workflows to run* where it is offered, or close and reopen this pull request. \
     A token of an App or of a person, given to the action as `token`, does away with that.\n";

/// What a pull request's text depends on besides the change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Around<'a> {
    /// Whether a merge closes the issue: it goes to the default branch.
    pub closes: bool,
    /// Whether GitHub starts no checks for it by itself.
    pub starts_no_checks: bool,
    /// The repository's own template for pull requests.
    pub template: Option<&'a str>,
    /// What assistants may still use up for the issue, in millionths of a dollar.
    pub left: Option<&'a str>,
    /// How many machines in a row have spoken, this pull request counted in.
    pub hop: u8,
}

/// A table of the checks, and below it the last lines of those that failed.
fn checks(text: &mut String, checks: &[Checked]) {
    if checks.is_empty() {
        return;
    }
    text.push_str("\n## Checks\n\n| check | result |\n|---|---|\n");
    for check in checks {
        let result = if check.passed { "passed" } else { "**failed**" };
        let _ = writeln!(text, "| {} | {result} |", markdown_line(&check.name, LINE).replace('|', "\\|"));
    }
    for check in checks.iter().filter(|check| !check.passed) {
        // Longer than any run of backticks inside, so that the output cannot end its block (CommonMark 4.5).
        let fence = "`".repeat(longest_run(&check.tail, '`').max(2) + 1);
        let name = markdown_line(&check.name, LINE);
        let _ = write!(text, "\nThe last lines of {name}:\n\n{fence}text\n{}\n{fence}\n", check.tail);
    }
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or_default()
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

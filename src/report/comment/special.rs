//! What a status comment says before all else: where a weakness is reported, what is missing, what the issue repeats.

use std::fmt::Write as _;

use super::{LINE, LISTED};
use crate::config::{CommentWords, filled};
use crate::domain::state::IssueState;
use crate::domain::untrusted::markdown_line;
use crate::domain::verdict::{Analysis, SecurityReport};

/// Width of what an assistant says: a paragraph.
const SAID: usize = 600;

/// Where a report of a weakness belongs. Nothing of the report is repeated.
pub(super) fn security(text: &mut String, report: &SecurityReport, words: &CommentWords) {
    text.push_str(&words.weakness);
    if report.quiet {
        let _ = write!(text, " {}", words.weakness_quiet);
    }
    let go = match (&report.policy, &report.private) {
        (Some(policy), Some(private)) => {
            filled(&words.weakness_policy_or_private, &[("policy", policy), ("private", private)])
        }
        (Some(policy), None) => filled(&words.weakness_policy, &[("policy", policy)]),
        (None, Some(private)) => filled(&words.weakness_private, &[("private", private)]),
        (None, None) => words.weakness_maintainers.clone(),
    };
    let _ = write!(text, "\n\n{go}\n\n");
}

/// What is asked of the reporter.
pub(super) fn missing(text: &mut String, issue: &IssueState, analysis: &Analysis, words: &CommentWords) {
    if analysis.missing.is_empty() {
        return;
    }
    let _ = writeln!(text, "{}", words.missing);
    for need in &analysis.missing {
        let _ = writeln!(text, "- {}", markdown_line(&need.what, LINE));
    }
    let _ = write!(text, "\n{}", words.missing_end);
    if let Some(reminded) = issue.asked.as_ref().and_then(|asked| asked.reminded) {
        let day = reminded.to_string();
        let day = day.split('T').next().unwrap_or_default();
        let is_closed = issue.closed_at.is_some();
        let told = if is_closed { &words.no_answer_closed } else { &words.no_answer };
        let _ = write!(text, " {}", filled(told, &[("day", day)]));
    }
    text.push_str("\n\n");
}

/// The issue that this one repeats, as a person said, or as it seems.
pub(super) fn duplicate(
    text: &mut String,
    issue: &IssueState,
    analysis: Option<&Analysis>,
    words: &CommentWords,
) {
    if let Some(of) = issue.duplicate_of {
        let _ = writeln!(text, "{}\n", filled(&words.duplicate, &[("number", &of.to_string())]));
    } else if let Some(found) = analysis.and_then(|analysis| analysis.duplicate.as_ref()) {
        let reasons = markdown_line(&found.reasons.join(" "), LINE);
        let values = [("number", found.value.to_string()), ("reasons", reasons)];
        let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
        let _ = writeln!(text, "{}\n", filled(&words.seems_duplicate, &values));
    }
}

/// What an assistant that judged the issue tells people. Whose words they are stands before them.
pub(super) fn judged(text: &mut String, analysis: &Analysis, words: &CommentWords) {
    let said = analysis.judged.as_ref().and_then(|judged| Some((&judged.by, judged.comment.as_ref()?)));
    if let Some((by, said)) = said {
        let (by, said) = (markdown_line(by, LINE), markdown_line(said, SAID));
        let _ = writeln!(text, "{}\n", filled(&words.judged, &[("name", &by), ("text", &said)]));
    }
}

/// What plugins say, each as a quotation below its name. Line breaks stay; markup is shown as it is written.
pub(super) fn plugins(text: &mut String, issue: &IssueState, words: &CommentWords) {
    for (name, said) in &issue.plugins {
        let name = markdown_line(name, LINE);
        let _ = writeln!(text, "{}\n", filled(&words.plugin_says, &[("name", &name)]));
        for line in said.trim().lines() {
            // Two spaces at the end are a line break in Markdown.
            let _ = writeln!(text, "> {}  ", markdown_line(line, SAID));
        }
        text.push('\n');
    }
}

/// Where in Drive the files lie that workflow runs for its pull request made.
pub(super) fn collected(text: &mut String, issue: &IssueState, words: &CommentWords) {
    let links: Vec<String> = issue
        .collected
        .iter()
        .map(|made| {
            let name = markdown_line(&made.name, LINE);
            match made.url.as_deref().filter(|url| crate::report::drive::is_googles(url)) {
                Some(url) => format!("[{name}]({url})"),
                None => name,
            }
        })
        .collect();
    if !links.is_empty() {
        let _ = writeln!(text, "{}\n", filled(&words.artifacts, &[("links", &links.join(", "))]));
    }
}

/// The issue's folder in Drive: where it is, what was copied into it, who is let in, what changed there last.
pub(super) fn folder(text: &mut String, issue: &IssueState, words: &CommentWords) {
    let Some(folder) = &issue.folder else { return };
    let name = markdown_line(&folder.made.name, LINE);
    let name = match folder.made.url.as_deref().filter(|url| crate::report::drive::is_googles(url)) {
        Some(url) => format!("[{name}]({url})"),
        None => name,
    };
    let _ = writeln!(text, "{}", filled(&words.folder, &[("name", &name)]));
    for file in folder.copied.iter().rev().take(LISTED).rev() {
        let name = markdown_line(&file.name, LINE);
        let line = match file.url.as_deref().filter(|url| crate::report::drive::is_googles(url)) {
            Some(url) => format!("- [{name}]({url})"),
            None => format!("- {name}"),
        };
        let _ = writeln!(text, "{line}");
    }
    if !folder.shared.is_empty() {
        let names: Vec<String> =
            folder.shared.iter().map(|shared| markdown_line(shared.login.as_str(), LINE)).collect();
        let _ = writeln!(text, "\n{}", filled(&words.folder_shared, &[("names", &names.join(", "))]));
    }
    if let Some(change) = &folder.change {
        let change = markdown_line(change, LINE);
        let _ = writeln!(text, "\n{}", filled(&words.folder_changed, &[("change", &change)]));
    }
    text.push('\n');
}

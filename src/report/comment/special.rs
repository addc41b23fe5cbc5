//! What a status comment says before all else: where a weakness is reported, what is missing, what the issue repeats.

use std::fmt::Write as _;

use super::{LINE, LISTED};
use crate::domain::state::IssueState;
use crate::domain::untrusted::markdown_line;
use crate::domain::verdict::{Analysis, SecurityReport};

/// Width of what an assistant says: a paragraph.
const SAID: usize = 600;

/// Where a report of a weakness belongs. Nothing of the report is repeated.
pub(super) fn security(text: &mut String, report: &SecurityReport) {
    text.push_str("This reads like a report of a weakness that others could use.");
    if report.quiet {
        text.push_str(" Nothing about it is analysed or shown here.");
    }
    text.push_str("\n\n");
    let policy = report.policy.as_ref().map(|url| format!("what the [security policy]({url}) says"));
    let private = report.private.as_ref().map(|url| format!("[a private report]({url})"));
    match (policy, private) {
        (Some(policy), Some(private)) => {
            let _ =
                writeln!(text, "Please do {policy}, or make {private}, and write no more details here.\n");
        }
        (Some(policy), None) => {
            let _ = writeln!(text, "Please do {policy}, and write no more details here.\n");
        }
        (None, Some(private)) => {
            let _ = writeln!(text, "Please make {private}, and write no more details here.\n");
        }
        (None, None) => {
            text.push_str("Please tell the maintainers in private, and write no more details here.\n\n")
        }
    }
}

/// What is asked of the reporter.
pub(super) fn missing(text: &mut String, issue: &IssueState, analysis: &Analysis) {
    if analysis.missing.is_empty() {
        return;
    }
    text.push_str("To go on, this is needed:\n");
    for need in &analysis.missing {
        let _ = writeln!(text, "- {}", markdown_line(&need.what, LINE));
    }
    text.push_str("\nPlease edit the issue, or answer in a comment.");
    if let Some(reminded) = issue.asked.as_ref().and_then(|asked| asked.reminded) {
        let day = reminded.to_string();
        let day = day.split('T').next().unwrap_or_default();
        let closed = if issue.closed_at.is_some() { " and it was closed for that" } else { "" };
        let _ = write!(text, " No answer came until {day}{closed}.");
    }
    text.push_str("\n\n");
}

/// The issue that this one repeats, as a person said, or as it seems.
pub(super) fn duplicate(text: &mut String, issue: &IssueState, analysis: Option<&Analysis>) {
    if let Some(of) = issue.duplicate_of {
        let _ = writeln!(text, "This is a duplicate of #{of}.\n");
    } else if let Some(found) = analysis.and_then(|analysis| analysis.duplicate.as_ref()) {
        let reasons = markdown_line(&found.reasons.join(" "), LINE);
        let _ = writeln!(text, "This seems to repeat #{}. {reasons} A person decides.\n", found.value);
    }
}

/// What an assistant that judged the issue tells people. Whose words they are stands before them.
pub(super) fn judged(text: &mut String, analysis: &Analysis) {
    let said = analysis.judged.as_ref().and_then(|judged| Some((&judged.by, judged.comment.as_ref()?)));
    if let Some((by, said)) = said {
        let (by, said) = (markdown_line(by, LINE), markdown_line(said, SAID));
        let _ = writeln!(text, "The assistant {by} says: {said}\n");
    }
}

/// What plugins say, each as a quotation below its name. Line breaks stay; markup is shown as it is written.
pub(super) fn plugins(text: &mut String, issue: &IssueState) {
    for (name, said) in &issue.plugins {
        let _ = writeln!(text, "The plugin {} says:\n", markdown_line(name, LINE));
        for line in said.trim().lines() {
            // Two spaces at the end are a line break in Markdown.
            let _ = writeln!(text, "> {}  ", markdown_line(line, SAID));
        }
        text.push('\n');
    }
}

/// The issue's folder in Drive: where it is, what was copied into it, who is let in, what changed there last.
pub(super) fn folder(text: &mut String, issue: &IssueState) {
    let Some(folder) = &issue.folder else { return };
    let name = markdown_line(&folder.made.name, LINE);
    let name = match folder.made.url.as_deref().filter(|url| crate::report::drive::is_googles(url)) {
        Some(url) => format!("[{name}]({url})"),
        None => name,
    };
    let _ = writeln!(text, "Folder in Drive: {name}");
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
        let _ = writeln!(text, "\nShared with {}.", names.join(", "));
    }
    if let Some(change) = &folder.change {
        let _ = writeln!(text, "\nChanged there last: {}.", markdown_line(change, LINE));
    }
    text.push('\n');
}

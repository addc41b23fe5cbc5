//! What a status comment says before all else: where a weakness is reported, what is missing, what the issue repeats.

use std::fmt::Write as _;

use super::LINE;
use crate::domain::state::IssueState;
use crate::domain::untrusted::markdown_line;
use crate::domain::verdict::{Analysis, SecurityReport};

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

/// The issue that this one repeats.
pub(super) fn duplicate(text: &mut String, analysis: &Analysis) {
    if let Some(found) = &analysis.duplicate {
        let reasons = markdown_line(&found.reasons.join(" "), LINE);
        let _ = writeln!(text, "This seems to repeat #{}. {reasons} A person decides.\n", found.value);
    }
}

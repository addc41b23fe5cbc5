//! The part of a status comment that folds away what happened, the newest first.

use std::fmt::Write as _;

use super::LINE;
use crate::config::{CommentWords, filled};
use crate::domain::actor::Actor;
use crate::domain::id::IssueNumber;
use crate::domain::landmark::{KEPT, Landmark, Passed};
use crate::domain::state::IssueState;
use crate::domain::untrusted::markdown_line;
use crate::domain::usage::Usage;
use crate::report::usage;

/// Less than that is told by the rest of the comment.
const LEAST: usize = 2;

/// The fold; empty where there is little to tell.
pub(super) fn of(number: IssueNumber, issue: &IssueState, words: &CommentWords) -> String {
    if issue.landmarks.len() < LEAST || issue.is_pull {
        return String::new();
    }
    let mut text = format!("<details><summary>{}</summary>\n\n", words.history);
    for landmark in issue.landmarks.iter().rev() {
        let at = landmark.at.to_string();
        // The day is enough, and the same whichever run told it.
        let day = at.split('T').next().unwrap_or_default();
        let _ = writeln!(text, "- {day}: {}", line(landmark, words));
    }
    if issue.landmarks.len() == KEPT {
        let _ = writeln!(text, "- {}", filled(&words.past_more, &[("number", &number.to_string())]));
    }
    text.push_str("\n</details>\n\n");
    text
}

fn line(landmark: &Landmark, words: &CommentWords) -> String {
    let name = |name: &str| markdown_line(name, LINE);
    match &landmark.what {
        Passed::Asked { assistant, made, usage } => {
            let template = if *made { &words.past_made } else { &words.past_in_vain };
            filled(template, &[("name", &name(assistant)), ("used", &used(usage, words))])
        }
        Passed::Changed { failed: 0, .. } => words.past_changed.clone(),
        Passed::Changed { checks, failed } => {
            let values = [("failed", failed.to_string()), ("checks", checks.to_string())];
            filled(&words.past_changed_failing, &values.each_ref().map(|(key, value)| (*key, value.as_str())))
        }
        Passed::Opened { number } => filled(&words.past_opened, &[("number", &number.to_string())]),
        Passed::Revised { changed: true, .. } => words.past_revised.clone(),
        Passed::Revised { changed: false, .. } => words.past_answered.clone(),
        Passed::Reviewed { by, verdict } => {
            let verdict = match verdict.as_str() {
                "approved" => words.verdict_approved.clone(),
                "changes_requested" => words.verdict_changes_requested.clone(),
                "commented" => words.verdict_commented.clone(),
                "dismissed" => words.verdict_dismissed.clone(),
                other => name(&other.replace('_', " ")),
            };
            filled(&words.past_reviewed, &[("name", &name(by.as_str())), ("verdict", &verdict)])
        }
        Passed::Merged { by } => {
            let ours = Actor::automata().login;
            let by = by.as_ref().unwrap_or(&ours);
            filled(&words.past_merged, &[("name", &name(by.as_str()))])
        }
        Passed::Rejected { by } => filled(&words.past_rejected, &[("name", &name(by.as_str()))]),
        Passed::GaveUp { kind } => filled(&words.past_gave_up, &[("kind", &name(kind.as_str()))]),
    }
}

/// What was used up, in brackets.
fn used(used: &Usage, words: &CommentWords) -> String {
    // How long it took is different each time, and told with the whole sum.
    let priced = Usage { milliseconds: 0, ..*used };
    usage::told_in(words, &priced).map(|told| format!(" ({told})")).unwrap_or_default()
}

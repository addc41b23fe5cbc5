//! The status comment of an issue: what it is, what was decided and why, what happens next.

mod special;
mod work;

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::config::BudgetRules;
use crate::domain::event::CommandAnswered;
use crate::domain::id::{IssueNumber, Sequence, TaskId};
use crate::domain::state::{IssueState, State};
use crate::domain::untrusted::markdown_line;
use crate::domain::verdict::{Analysis, CodePlace};
use crate::report::budget::left_of_issue;
use crate::report::{suggestion, usage};

/// Characters GitHub takes in a comment; more is refused with "body is too long".
pub const MOST_CHARACTERS: usize = 65_536;
/// Width of a quoted line: long enough for a sentence, short enough that lists stay small.
const LINE: usize = 300;
/// Entries of a list that are shown.
const LISTED: usize = 10;

/// The hidden line by which a status comment is found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The issue whose state the comment shows.
    pub issue: IssueNumber,
    /// The last event that the text knows; a text that knows more is never overwritten.
    pub sequence: Sequence,
}

impl Marker {
    /// Reads the marker of `issue` from the first line of a comment.
    #[must_use]
    pub fn find(body: &str, issue: IssueNumber) -> Option<Self> {
        let line = body.lines().next()?.trim();
        let fields = line.strip_prefix("<!-- automata:status ")?.strip_suffix("-->")?;
        let mut fields = fields.split_whitespace();
        if fields.next()? != format!("issue/{issue}") {
            return None;
        }
        let sequence = fields.find_map(|field| field.strip_prefix("seq="))?.parse().ok()?;
        Some(Self { issue, sequence: Sequence(sequence) })
    }

    /// The hidden line. `hop` tells other automation how many machines in a row have spoken.
    fn line(self) -> String {
        format!("<!-- automata:status issue/{} seq={} hop=1 -->", self.issue, self.sequence)
    }
}

/// A status comment, ready to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusComment {
    marker: Marker,
    body: String,
}

impl StatusComment {
    /// The whole text, marker first.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Its marker.
    #[must_use]
    pub const fn marker(&self) -> Marker {
        self.marker
    }

    /// Whether a comment shows this text already, whatever its marker says.
    #[must_use]
    pub fn is_shown_by(&self, body: &str) -> bool {
        visible(body).trim_end() == visible(&self.body).trim_end()
    }

    /// The same text, marked as knowing the events up to `sequence`.
    #[must_use]
    pub fn as_of(self, sequence: Sequence) -> Self {
        let marker = Marker { sequence, ..self.marker };
        let body = format!("{}\n{}", marker.line(), visible(&self.body));
        Self { marker, body }
    }

    /// See [`digest`].
    #[must_use]
    pub fn digest(&self) -> String {
        digest(&self.body)
    }
}

/// Sixteen hexadecimal digits of the SHA-256 of what a person sees of a status comment.
#[must_use]
pub fn digest(body: &str) -> String {
    fingerprint(visible(body).trim_end())
}

/// Sixteen hexadecimal digits of the SHA-256 of a text.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(8).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What stands below the marker line.
fn visible(body: &str) -> &str {
    body.split_once('\n').map_or("", |(_, rest)| rest)
}

/// What is said of an analysis of which nothing is sure enough to act on.
const UNSURE: &str =
    "Its type and urgency cannot be told from the text with enough certainty; a person should look.";

/// The status comment of an issue; `None` when there is nothing to say. `writing` is the task that asks:
/// a comment does not report on its own writing. Findings less sure than `confidence` (0 to 1) are not shown,
/// because nothing acts on them. `budget` says what assistants may use up for the issue, and `page` is the repository's address.
#[must_use]
pub fn status(
    state: &State,
    number: IssueNumber,
    writing: &TaskId,
    confidence: f64,
    budget: &BudgetRules,
    page: &str,
) -> Option<StatusComment> {
    let Some(issue) = state.issues.get(&number) else {
        // A pull request of ours that no event was about yet: what is done for it is all there is to say.
        let mut text = String::new();
        suggestion::tell(&mut text, state, number);
        work::tell(&mut text, state, number, writing, page);
        return (!text.is_empty()).then(|| finished(state, number, &text));
    };
    let analysis = issue.analysis.as_ref().map(|analysis| sure(analysis, confidence));
    let mut text = String::new();
    if let Some(report) = analysis.as_ref().and_then(|analysis| analysis.security.as_ref()) {
        special::security(&mut text, report);
        if report.quiet {
            return Some(finished(state, number, &text));
        }
    }
    if let Some(analysis) = analysis.as_ref().filter(|_| !issue.withdrawn) {
        headline(&mut text, analysis);
    }
    let is_unsure = analysis.is_some() && !issue.withdrawn && text.is_empty();
    if !issue.withdrawn {
        analysis.iter().for_each(|analysis| special::missing(&mut text, issue, analysis));
        special::duplicate(&mut text, issue, analysis.as_ref());
        analysis.iter().for_each(|analysis| special::judged(&mut text, analysis));
        special::plugins(&mut text, issue);
    }
    if let Some(pull) = &issue.pull_request {
        let end = issue.fate.end.as_ref().map(|end| match end.merged {
            true => format!(", merged by {}", end.by),
            false => format!(", closed by {} without being merged; a next attempt is told why", end.by),
        });
        let by = pull.by.as_ref().map(|by| format!(" by {}", markdown_line(by.as_str(), LINE)));
        let (by, end) = (by.unwrap_or_default(), end.unwrap_or_default());
        let _ = writeln!(text, "Pull request: #{}{by}{end}\n", pull.number);
    }
    special::folder(&mut text, issue);
    suggestion::tell(&mut text, state, number);
    if !issue.withdrawn {
        work::tell(&mut text, state, number, writing, page);
    }
    if let Some(used) = usage::told(&issue.usage) {
        let left = left_of_issue(budget, state, number).map(|left| format!("; {left}"));
        let _ = writeln!(text, "Assistants used {used} for this issue{}.\n", left.unwrap_or_default());
    }
    let is_worked_on = !text.is_empty();
    let analysis = analysis.filter(|_| !issue.withdrawn);
    if let Some(analysis) = &analysis {
        findings(&mut text, analysis);
        reasons(&mut text, issue, analysis);
    }
    // Said below other things, or in the place of what an older comment said; no comment is made for it alone.
    if is_unsure && !is_worked_on && (!text.is_empty() || issue.status_comment.is_some()) {
        text.insert_str(0, &format!("{UNSURE}\n\n"));
    }
    if let Some(answer) = &issue.answer {
        text.insert_str(0, &asked(answer));
    }
    if text.is_empty() && issue.status_comment.is_some() {
        text.push_str(NOTHING);
    }
    if text.is_empty() {
        return None;
    }
    Some(finished(state, number, &text))
}

/// The text with its first line and its last.
fn finished(state: &State, number: IssueNumber, text: &str) -> StatusComment {
    let last = "<sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>";
    let marker = Marker { issue: number, sequence: state.sequence };
    let mut body = format!("{}\n{text}{last}\n", marker.line());
    if body.chars().count() > MOST_CHARACTERS {
        body = body.chars().take(MOST_CHARACTERS).collect();
    }
    StatusComment { marker, body }
}

/// What stands in the place of what a comment said and no longer holds, where nothing else is to be shown.
const NOTHING: &str = "Nothing is being done here.\n\n";

/// The answer to the last one who asked.
fn asked(answer: &CommandAnswered) -> String {
    // The name is escaped: an answer calls nobody.
    let name = markdown_line(answer.asked_by.as_str(), LINE);
    format!("Asked by {name}:\n\n{}\n\n", answer.text)
}

/// The analysis without what is not sure enough.
fn sure(analysis: &Analysis, confidence: f64) -> Analysis {
    let mut sure = analysis.clone();
    sure.issue_type = sure.issue_type.filter(|found| found.confidence >= confidence);
    sure.urgency = sure.urgency.filter(|found| found.confidence >= confidence);
    sure.labels.retain(|found| found.confidence >= confidence);
    sure
}

fn headline(text: &mut String, analysis: &Analysis) {
    let mut parts = Vec::new();
    if let Some(found) = &analysis.issue_type {
        parts.push(format!("**{}** ({}% sure)", found.value.name(), percent(found.confidence)));
    }
    if let Some(found) = &analysis.urgency {
        parts.push(format!("urgency **{}**", found.value.name()));
    }
    if !parts.is_empty() {
        let _ = writeln!(text, "{}\n", parts.join(" · "));
    }
}

/// From 0 to 100.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100")]
fn percent(confidence: f64) -> u8 {
    (confidence.clamp(0.0, 1.0) * 100.0).round() as u8
}

fn findings(text: &mut String, analysis: &Analysis) {
    if !analysis.places.is_empty() {
        text.push_str("Places in the code that the text names:\n");
        for place in analysis.places.iter().take(LISTED) {
            let _ = writeln!(text, "- {}", code_place(place));
        }
        text.push('\n');
    }
    if !analysis.owners.is_empty() {
        let names: Vec<String> = analysis.owners.iter().map(|owner| format!("`{}`", owner.name)).collect();
        let _ = writeln!(text, "Looked after by {}.\n", names.join(", "));
    }
    if !analysis.similar.is_empty() {
        text.push_str("Similar issues:\n");
        for similar in analysis.similar.iter().take(LISTED) {
            let shared = markdown_line(&similar.shared.join(", "), LINE);
            let closed = if similar.closed { ", closed" } else { "" };
            let _ = writeln!(text, "- #{}{closed} (shares {shared})", similar.number);
        }
        text.push('\n');
    }
}

fn code_place(place: &CodePlace) -> String {
    let line = place.line.map(|line| format!(":{line}")).unwrap_or_default();
    let symbol = place.symbol.as_deref().map(|symbol| format!(" ({})", markdown_line(symbol, LINE)));
    // The path is one of the repository's own, but a file name may hold anything, a backtick too.
    let path = markdown_line(&place.path, LINE);
    format!("{path}{line}{}", symbol.unwrap_or_default())
}

fn reasons(text: &mut String, issue: &IssueState, analysis: &Analysis) {
    let mut lines = Vec::new();
    if let Some(found) = &analysis.issue_type {
        lines.extend(found.reasons.iter().map(|reason| (found.value.name(), reason)));
    }
    if let Some(found) = &analysis.urgency {
        lines.extend(found.reasons.iter().map(|reason| (found.value.name(), reason)));
    }
    for found in &analysis.labels {
        lines.extend(found.reasons.iter().map(|reason| (found.label.as_str(), reason)));
    }
    lines.extend(analysis.owners.iter().map(|owner| (owner.name.as_str(), &owner.reason)));
    if lines.is_empty() && issue.refused_labels.is_empty() {
        return;
    }
    text.push_str("<details><summary>Why</summary>\n\n");
    for (what, reason) in lines.iter().take(2 * LISTED) {
        let _ = writeln!(text, "- {}: {}", markdown_line(what, LINE), markdown_line(reason, LINE));
    }
    for label in issue.refused_labels.iter().take(LISTED) {
        let _ = writeln!(text, "- {}: taken off by a person, so it stays off", markdown_line(label, LINE));
    }
    text.push_str("\n</details>\n\n");
}

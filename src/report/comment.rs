//! The status comment of an issue: what it is, what was decided and why, what happens next.

mod history;
mod plan;
mod special;
mod work;

use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use crate::config::{CommentWords, Config, filled};
use crate::domain::event::CommandAnswered;
use crate::domain::id::{IssueNumber, Login, Sequence, TaskId};
use crate::domain::state::{IssueState, State};
use crate::domain::untrusted::markdown_line;
use crate::domain::verdict::{Analysis, CodePlace};
use crate::report::budget::left_of_issue_in;
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
    /// How many machines in a row have spoken, this comment counted in.
    pub hop: u8,
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
        let hop = fields.find_map(|field| field.strip_prefix("hop=")?.parse().ok()).unwrap_or(1);
        Some(Self { issue, sequence: Sequence(sequence), hop })
    }

    /// The hidden line. `hop` tells other automation how many machines in a row have spoken.
    fn line(self) -> String {
        format!("<!-- automata:status issue/{} seq={} hop={} -->", self.issue, self.sequence, self.hop)
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

/// What a status comment is made of.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// How things stand.
    pub state: &'a State,
    /// Findings less sure than it wants are not shown, because nothing acts on them; its words are used.
    pub config: &'a Config,
    /// The repository's address.
    pub page: &'a str,
}

impl<'a> Scene<'a> {
    /// The status comment of an issue; `None` when there is nothing to say. `writing` is the task that asks:
    /// a comment does not report on its own writing.
    #[must_use]
    pub fn status(self, number: IssueNumber, writing: &TaskId) -> Option<StatusComment> {
        let (state, words) = (self.state, self.words());
        let Some(issue) = state.issues.get(&number) else {
            // A pull request of ours that no event was about yet: what is done for it is all there is to say.
            let mut text = String::new();
            suggestion::tell(&mut text, state, number, words);
            self.work(&mut text, number, writing);
            return (!text.is_empty()).then(|| self.finished(number, &text, ""));
        };
        let confidence = self.config.triage.sure().comment;
        let analysis = issue.analysis.as_ref().map(|analysis| sure(analysis, confidence));
        let mut text = String::new();
        if let Some(report) = analysis.as_ref().and_then(|analysis| analysis.security.as_ref()) {
            special::security(&mut text, report, words);
            if report.quiet {
                return Some(self.finished(number, &text, ""));
            }
        }
        if let Some(analysis) = analysis.as_ref().filter(|_| !issue.withdrawn) {
            headline(&mut text, analysis, words);
        }
        let is_unsure = analysis.is_some() && !issue.withdrawn && text.is_empty();
        if !issue.withdrawn {
            analysis.iter().for_each(|analysis| special::missing(&mut text, issue, analysis, words));
            special::duplicate(&mut text, issue, analysis.as_ref(), words);
            analysis.iter().for_each(|analysis| special::judged(&mut text, analysis, words));
            special::plugins(&mut text, issue, words);
        }
        pull_request(&mut text, issue, words);
        special::folder(&mut text, issue, words);
        special::collected(&mut text, issue, words);
        suggestion::tell(&mut text, state, number, words);
        if !issue.withdrawn {
            self.work(&mut text, number, writing);
        }
        let planned = text.len();
        if let Some(used) = usage::told_in(words, &issue.usage) {
            let left = left_of_issue_in(words, &self.config.limits.budget, state, number);
            let line = match left {
                None => filled(&words.used, &[("used", &used)]),
                Some(left) => filled(&words.used_left, &[("used", &used), ("left", &left)]),
            };
            let _ = writeln!(text, "{line}\n");
        }
        let is_worked_on = !text.is_empty();
        let analysis = analysis.filter(|_| !issue.withdrawn);
        if let Some(analysis) = &analysis {
            findings(&mut text, analysis, words);
            reasons(&mut text, issue, analysis, words);
        }
        // Both are said beside other things; no comment is made for them alone.
        let has_more = !text.is_empty() || issue.status_comment.is_some();
        if has_more && !issue.withdrawn {
            text.insert_str(planned, &self.plan(number, issue));
        }
        if is_unsure && !is_worked_on && has_more {
            text.insert_str(0, &format!("{}\n\n", words.unsure));
        }
        if let Some(answer) = &issue.answer {
            text.insert_str(0, &asked(answer, words));
        }
        if text.is_empty() && issue.status_comment.is_some() {
            // In the place of what a comment said and no longer holds, where nothing else is to be shown.
            let _ = writeln!(text, "{}\n", words.nothing);
        }
        if text.is_empty() {
            return None;
        }
        let history = if issue.withdrawn { String::new() } else { history::of(number, issue, words) };
        Some(self.finished(number, &text, &history))
    }

    fn words(self) -> &'a CommentWords {
        &self.config.comment.words
    }

    /// The text with its first line and its last. What is too long loses its history first, then its end.
    fn finished(self, number: IssueNumber, text: &str, history: &str) -> StatusComment {
        let hop = self.state.hop_about(number);
        let marker = Marker { issue: number, sequence: self.state.sequence, hop };
        let last = format!("<sub>{}</sub>", self.words().footer);
        let whole = |text: &str, history: &str| format!("{}\n{text}{history}{last}\n", marker.line());
        let body = whole(text, history);
        if body.chars().count() <= MOST_CHARACTERS {
            return StatusComment { marker, body };
        }
        // A fold that was open is closed, and a reader told where to look.
        let cut = format!("\n</details>\n\n{}\n\n", self.words().cut);
        let room = MOST_CHARACTERS.saturating_sub(whole("", "").chars().count() + cut.chars().count());
        let mut body = whole(text, "");
        if body.chars().count() > MOST_CHARACTERS {
            let mut begin: String = text.chars().take(room).collect();
            // Half a line may open what nothing closes.
            begin.truncate(begin.rfind('\n').map_or(begin.len(), |at| at + 1));
            body = whole(&format!("{begin}{cut}"), "");
        }
        StatusComment { marker, body }
    }
}

/// The pull request for an issue, and how it ended.
fn pull_request(text: &mut String, issue: &IssueState, words: &CommentWords) {
    let Some(pull) = &issue.pull_request else { return };
    let named =
        |template: &str, name: &Login| filled(template, &[("name", &markdown_line(name.as_str(), LINE))]);
    let end = issue.fate.end.as_ref().map(|end| match end.merged {
        true => named(&words.pull_request_merged, &end.by),
        false => named(&words.pull_request_closed, &end.by),
    });
    let by = pull.by.as_ref().map(|by| named(&words.pull_request_by, by));
    let (by, end) = (by.unwrap_or_default(), end.unwrap_or_default());
    let line = filled(&words.pull_request, &[("number", &pull.number.to_string())]);
    let _ = writeln!(text, "{line}{by}{end}\n");
}

/// The answer to the last one who asked.
fn asked(answer: &CommandAnswered, words: &CommentWords) -> String {
    // The name is escaped: an answer calls nobody.
    let name = markdown_line(answer.asked_by.as_str(), LINE);
    format!("{}\n\n{}\n\n", filled(&words.asked, &[("name", &name)]), answer.text)
}

/// The analysis without what is not sure enough.
fn sure(analysis: &Analysis, confidence: f64) -> Analysis {
    let mut sure = analysis.clone();
    sure.issue_type = sure.issue_type.filter(|found| found.confidence >= confidence);
    sure.urgency = sure.urgency.filter(|found| found.confidence >= confidence);
    sure.labels.retain(|found| found.confidence >= confidence);
    sure
}

fn headline(text: &mut String, analysis: &Analysis, words: &CommentWords) {
    let mut parts = Vec::new();
    if let Some(found) = &analysis.issue_type {
        let sure = filled(&words.sure, &[("percent", &percent(found.confidence).to_string())]);
        parts.push(format!("**{}** ({sure})", words.of_type(found.value)));
    }
    if let Some(found) = &analysis.urgency {
        parts.push(format!("{} **{}**", words.urgency, words.of_urgency(found.value)));
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

fn findings(text: &mut String, analysis: &Analysis, words: &CommentWords) {
    if !analysis.places.is_empty() {
        let _ = writeln!(text, "{}", words.places);
        for place in analysis.places.iter().take(LISTED) {
            let _ = writeln!(text, "- {}", code_place(place));
        }
        text.push('\n');
    }
    if !analysis.owners.is_empty() {
        let names: Vec<String> = analysis.owners.iter().map(|owner| format!("`{}`", owner.name)).collect();
        let _ = writeln!(text, "{}\n", filled(&words.owners, &[("names", &names.join(", "))]));
    }
    if !analysis.similar.is_empty() {
        let _ = writeln!(text, "{}", words.similar);
        for similar in analysis.similar.iter().take(LISTED) {
            let shared = markdown_line(&similar.shared.join(", "), LINE);
            let closed = if similar.closed { words.similar_closed.as_str() } else { "" };
            let shares = filled(&words.shares, &[("words", &shared)]);
            let _ = writeln!(text, "- #{}{closed} {shares}", similar.number);
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

fn reasons(text: &mut String, issue: &IssueState, analysis: &Analysis, words: &CommentWords) {
    let mut lines = Vec::new();
    if let Some(found) = &analysis.issue_type {
        lines.extend(found.reasons.iter().map(|reason| (words.of_type(found.value), reason)));
    }
    if let Some(found) = &analysis.urgency {
        lines.extend(found.reasons.iter().map(|reason| (words.of_urgency(found.value), reason)));
    }
    for found in &analysis.labels {
        lines.extend(found.reasons.iter().map(|reason| (found.label.as_str(), reason)));
    }
    lines.extend(analysis.owners.iter().map(|owner| (owner.name.as_str(), &owner.reason)));
    if lines.is_empty() && issue.refused_labels.is_empty() {
        return;
    }
    let _ = writeln!(text, "<details><summary>{}</summary>\n", words.why);
    for (what, reason) in lines.iter().take(2 * LISTED) {
        let _ = writeln!(text, "- {}: {}", markdown_line(what, LINE), markdown_line(reason, LINE));
    }
    for label in issue.refused_labels.iter().take(LISTED) {
        let by = issue.undone_labels.get(label).map(|by| markdown_line(by.as_str(), LINE));
        let why =
            by.map_or_else(|| words.taken_off.clone(), |by| filled(&words.taken_back_by, &[("name", &by)]));
        let _ = writeln!(text, "- {}: {why}", markdown_line(label, LINE));
    }
    text.push_str("\n</details>\n\n");
}

#[cfg(test)]
mod tests;

//! What Slack shows: the first message of an issue's thread, what happened in it, and digests.
//!
//! Within Block Kit's limits (docs.slack.dev/reference/block-kit): 50 blocks, 150 characters a header, 3,000 a section, 10 fields
//! of 2,000 characters, 10 elements of a context.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::config::SlackRules;
use crate::domain::actor::GHOST;
use crate::domain::id::IssueNumber;
use crate::domain::input;
use crate::domain::notice::{Happening, Notice};
use crate::domain::state::{IssueState, State};
use crate::domain::subject::Subject;
use crate::domain::task::{Status, Task};
use crate::domain::untrusted::one_line;

/// Characters of a header.
const HEADER: usize = 150;
/// Characters of a section's text.
const SECTION: usize = 3_000;
/// Blocks of a message, with room left for the one that says what was left out.
const BLOCKS: usize = 45;
/// Width of one line about what happened, before it is escaped.
const LINE: usize = 400;
/// Width of a field's text, before it is escaped: five times as much still fits.
const FIELD: usize = 300;
/// Width of what was given up and of its hint, before they are escaped: five times both still fits.
const TROUBLE: usize = 250;
/// Characters of a login.
const LOGIN: usize = 39;
/// Assigned people who are named.
const NAMED: usize = 5;
/// Characters of an address. With it and all escapes a line stays within a section, and is never cut within
/// markup.
const ADDRESS: usize = 500;
/// Members who are called in one message.
const CALLED: usize = 30;
/// Characters of what stands in notifications.
const PLAIN: usize = 3_500;

/// A message as Slack takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// For notifications, and wherever blocks are not shown.
    pub text: String,
    /// The blocks.
    pub blocks: Vec<Value>,
}

impl Text {
    /// Sixteen hexadecimal digits by which an unchanged text is recognised without a call.
    #[must_use]
    pub fn digest(&self) -> String {
        let digest = Sha256::digest(format!("{}\n{}", self.text, Value::from(self.blocks.clone())));
        digest.iter().take(8).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

/// Text from strangers for `mrkdwn`: one line in which nothing calls anybody, opens markup or becomes a link.
#[must_use]
pub fn escaped(text: &str, width: usize) -> String {
    let mut safe = String::new();
    for c in one_line(text, width).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // Formatting begins only where such a character stands by itself.
            '*' | '_' | '~' | '`' => {
                safe.push('\u{2060}');
                safe.push(c);
                safe.push('\u{2060}');
            }
            _ => safe.push(c),
        }
    }
    safe.replace("://", ":\u{2060}//").replace("www.", "www\u{2060}.")
}

/// What is the same for all messages.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// Who is who in Slack.
    pub rules: &'a SlackRules,
    /// The repository's page: `https://github.com/acme/widgets`.
    pub page: &'a str,
    /// How things stand.
    pub state: &'a State,
}

impl Scene<'_> {
    /// The first message of an issue's thread: what it is, and how it stands.
    #[must_use]
    pub fn root(&self, number: IssueNumber) -> Text {
        let issue = self.state.issues.get(&number);
        let title = issue.map_or("", |issue| issue.title.as_str());
        let headline = one_line(&format!("#{number} {title}"), HEADER);
        let fields = self.fields(number, issue);
        let words: Vec<String> = fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let shown: Vec<Value> =
            fields.iter().map(|(name, value)| mrkdwn(&format!("*{name}*\n{value}"))).collect();
        let mut blocks = vec![
            json!({ "type": "header", "text": { "type": "plain_text", "text": headline, "emoji": false } }),
            json!({ "type": "section", "fields": shown }),
        ];
        if let Some(trouble) = self.trouble(number) {
            blocks.push(section(&trouble));
        }
        let repository = self.page.rsplit('/').take(2).collect::<Vec<_>>();
        let repository = repository.into_iter().rev().collect::<Vec<_>>().join("/");
        let author = issue.map_or_else(String::new, |issue| {
            format!(" · opened by {}", escaped(issue.author.as_str(), LOGIN))
        });
        let link = link(&self.address(number), &format!("{}#{number}", escaped(&repository, FIELD)));
        blocks.push(json!({ "type": "context", "elements": [mrkdwn(&format!("{link}{author}"))] }));
        Text { text: format!("{} ({})", escaped(&headline, HEADER), words.join(", ")), blocks }
    }

    fn fields(&self, number: IssueNumber, issue: Option<&IssueState>) -> Vec<(&'static str, String)> {
        let Some(issue) = issue else { return vec![("State", format!("#{number} is not known any more"))] };
        let state = match (issue.closed_at, issue.paused.is_some()) {
            (Some(_), _) => "closed",
            (None, true) => "paused",
            (None, false) => "open",
        };
        let mut fields = vec![("State", state.to_owned())];
        let analysis = issue.analysis.as_ref().filter(|_| !issue.withdrawn);
        if analysis.is_some_and(|found| found.security.is_some()) {
            fields.push(("Type", "security report".to_owned()));
        } else if let Some(found) = analysis.and_then(|found| found.issue_type.as_ref()) {
            fields.push(("Type", found.value.name().to_owned()));
        }
        if let Some(found) = analysis.and_then(|found| found.urgency.as_ref()) {
            fields.push(("Urgency", found.value.name().to_owned()));
        }
        if !issue.assignees.is_empty() {
            let people = issue.assignees.iter().take(NAMED).map(|login| self.person(login.as_str()));
            fields.push(("Assigned", people.collect::<Vec<_>>().join(", ")));
        }
        if let Some(pull) = &issue.pull_request {
            let end = match issue.fate.end.as_ref().map(|end| end.merged) {
                Some(true) => " merged",
                Some(false) => " closed without being merged",
                None => " open",
            };
            fields.push(("Pull request", format!("{}{end}", link(&pull.url, &format!("#{}", pull.number)))));
        }
        fields
    }

    /// What a person has to see to: the last task about it that was given up and not followed by a better one.
    fn trouble(&self, number: IssueNumber) -> Option<String> {
        let about = self.state.tasks.values().filter(|task| {
            task.spec.subject.number() == Some(number) && !input::is_telling(task.spec.kind.as_str())
        });
        // Of each kind the last one counts: what went well afterwards is no trouble any more.
        let mut last: BTreeMap<&str, &Task> = BTreeMap::new();
        for task in about.filter(|task| task.status.is_final()) {
            let known = last.entry(task.spec.kind.as_str()).or_insert(task);
            if known.enqueued < task.enqueued {
                *known = task;
            }
        }
        let failed = last.into_values().filter(|task| matches!(task.status, Status::Failed { .. }));
        let last = failed.max_by_key(|task| task.enqueued)?;
        let Status::Failed { failure, .. } = &last.status else { return None };
        let hint =
            failure.hint.as_deref().map(|hint| format!(" {}", escaped(hint, TROUBLE))).unwrap_or_default();
        let told = escaped(&failure.to_string(), TROUBLE);
        Some(format!(":warning: *{}* was given up: {told}.{hint}", escaped(last.spec.kind.as_str(), FIELD)))
    }

    /// What happened, for a thread. `mentions` are called by name.
    #[must_use]
    pub fn happened(&self, notices: &[Notice], left_out: usize, mentions: &[String]) -> Text {
        let lines = notices.iter().map(|notice| (self.line(notice), 1)).collect();
        listed(lines, left_out, mentions)
    }

    /// What happened outside of threads, below what it is about, in the order in which things began to happen.
    #[must_use]
    pub fn gathered(&self, notices: &[Notice], left_out: usize, mentions: &[String]) -> Text {
        let mut by_subject: Vec<(Subject, Vec<&Notice>)> = Vec::new();
        for notice in notices {
            match by_subject.iter_mut().find(|(subject, _)| *subject == notice.subject) {
                Some((_, notices)) => notices.push(notice),
                None => by_subject.push((notice.subject, vec![notice])),
            }
        }
        let mut lines = Vec::new();
        for (subject, notices) in by_subject {
            let name = match subject.number() {
                Some(number) => {
                    let title = self.state.issues.get(&number).map_or("", |issue| issue.title.as_str());
                    let link = link(&self.address(number), &format!("#{number}"));
                    format!("*{link}* {}", escaped(title, FIELD))
                }
                None => format!("*{}*", escaped(&subject.to_string(), FIELD)),
            };
            lines.push((name, 0));
            lines.extend(notices.iter().map(|notice| (format!("• {}", self.line(notice)), 1)));
        }
        listed(lines, left_out, mentions)
    }

    /// One thing that happened.
    fn line(&self, notice: &Notice) -> String {
        let who =
            notice.by.as_ref().map_or_else(|| "Automata".to_owned(), |login| self.person(login.as_str()));
        let text = escaped(notice.text.as_deref().unwrap_or_default(), LINE);
        let pull = notice.url.as_deref().map_or_else(|| text.clone(), |url| link(url, &text));
        // Whoever did it is not known: it was found afterwards, or the account is gone.
        let is_nobody = notice.by.as_ref().is_some_and(|login| login.as_str() == GHOST);
        match notice.what {
            Happening::Merged if is_nobody => "the pull request was merged".to_owned(),
            Happening::Rejected if is_nobody => "the pull request was closed without being merged".to_owned(),
            Happening::Closed if is_nobody => "it was closed".to_owned(),
            Happening::Reopened if is_nobody => "it was opened again".to_owned(),
            Happening::Opened => format!("{who} opened it: {text}"),
            Happening::Triaged => format!("it was read: {text}"),
            Happening::Assigned => {
                let people = notice.text.as_deref().unwrap_or_default().split(", ");
                let people: Vec<String> = people.take(NAMED).map(|login| self.person(login)).collect();
                format!("{who} assigned {}", people.join(", "))
            }
            Happening::PullRequest => format!("{who} opened the pull request {pull}"),
            Happening::Revised => format!("{who} revised the pull request"),
            Happening::Reviewed => {
                format!("{who} reviewed the pull request: {}", text.replace('_', " ").replace('\u{2060}', ""))
            }
            Happening::Merged => format!("{who} merged the pull request"),
            Happening::Rejected => format!("{who} closed the pull request without merging it"),
            Happening::Closed => format!("{who} closed it"),
            Happening::Reopened => format!("{who} opened it again"),
            Happening::DriveChanged if notice.by.is_some() => format!("{who} changed {pull} in Google Drive"),
            Happening::DriveChanged => format!("{pull} changed in Google Drive"),
            Happening::DriveRisk => format!(":warning: access in Google Drive: {pull}"),
            Happening::Failed => {
                let kind = notice.kind.as_ref().map_or("a task", |kind| kind.as_str());
                format!(":warning: *{}* was given up: {text}", escaped(kind, FIELD))
            }
        }
    }

    /// Somebody, called by name where Slack knows them.
    fn person(&self, login: &str) -> String {
        match self.rules.member(login) {
            Some(member) => mention(member),
            None => escaped(login, LOGIN),
        }
    }

    fn address(&self, number: IssueNumber) -> String {
        // GitHub leads from here to the pull request where the number is one's.
        format!("{}/issues/{number}", self.page)
    }
}

/// Calls a member of the workspace; the configuration's check lets only ids through.
#[must_use]
pub fn mention(member: &str) -> String {
    format!("<@{member}>")
}

/// A link; whatever could end it early is taken out of the address.
fn link(url: &str, text: &str) -> String {
    let url: String = url.chars().filter(|c| !matches!(c, '<' | '>' | '|') && !c.is_whitespace()).collect();
    let url = url.replace('&', "&amp;");
    // What is longer is no address of GitHub's or Drive's, and a line would have to be cut within it.
    let is_short = url.chars().count() <= ADDRESS;
    if is_short && (url.starts_with("https://") || url.starts_with("http://")) {
        format!("<{url}|{text}>")
    } else {
        text.to_owned()
    }
}

fn mrkdwn(text: &str) -> Value {
    json!({ "type": "mrkdwn", "text": text })
}

fn section(text: &str) -> Value {
    json!({ "type": "section", "text": mrkdwn(text) })
}

/// Lines as sections, each as full as may be; each line with how many notices it is.
fn listed(lines: Vec<(String, usize)>, left_out: usize, mentions: &[String]) -> Text {
    let called = mentions.iter().take(CALLED).map(String::as_str).collect::<Vec<_>>().join(" ");
    let first = lines.first().map_or("", |(line, _)| line.as_str());
    let text = [called.as_str(), first].join(" ").trim().to_owned();
    let more = lines.iter().skip(1).map(|(_, notices)| notices).sum::<usize>() + left_out;
    let text = if more > 0 { format!("{text} (and {more} more)") } else { text };
    let mut sections: Vec<String> = Vec::new();
    let mut rest = left_out;
    for (line, notices) in (!called.is_empty()).then_some((called, 0)).into_iter().chain(lines) {
        let is_full = sections.len() == BLOCKS;
        match sections.last_mut() {
            Some(last) if last.chars().count() + line.chars().count() < SECTION => {
                last.push('\n');
                last.push_str(&line);
            }
            _ if is_full => rest += notices,
            _ => sections.push(line),
        }
    }
    let mut blocks: Vec<Value> = sections.iter().map(|text| section(text)).collect();
    if rest > 0 {
        let told = format!("{rest} more are left out; `automata log` tells all.");
        blocks.push(json!({ "type": "context", "elements": [mrkdwn(&told)] }));
    }
    Text { text: one_line(&text, PLAIN), blocks }
}

#[cfg(test)]
mod tests;

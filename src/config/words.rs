//! What people say in comments and by dispatches becomes one task that judges and does it.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::domain::actor::Actor;
use crate::domain::id::IssueNumber;
use crate::domain::input::{self, Line, Obey, Spot};
use crate::domain::payload::Payload;
use crate::domain::spec::{Priority, TaskRequest};
use crate::domain::trigger::{About, Trigger};
use crate::domain::untrusted::{Excerpt, one_line};
use crate::domain::words::{PREFIX, Said, Verb, Word, said_in};

/// What people ask for goes before what rules lead to.
const PRIORITY: Priority = Priority::new(90);
/// Width at which the words are quoted in the reason.
const REASON: usize = 120;

/// What was said to Automata, if anything was, and the task that it becomes. An edit that changes none of the words
/// is the same request, and is taken once.
pub(super) fn request(trigger: &Trigger) -> Option<TaskRequest> {
    let (obey, name) = match &trigger.about {
        About::Comment { comment, .. } if is_said(trigger) => {
            written(trigger, Spot::Comment, comment.id, &comment.author, &comment.body)
        }
        About::ReviewComment { comment, .. } if is_said(trigger) => {
            written(trigger, Spot::Line, comment.id, &comment.author, &comment.body)
        }
        About::Review { review, .. } if is_said(trigger) => {
            written(trigger, Spot::Review, review.id, &review.author, &review.body)
        }
        About::Dispatch { inputs } => {
            let command = inputs.get("command")?;
            let issue = inputs.get("issue").map(String::as_str).unwrap_or_default();
            dispatched(trigger, command, issue)?
        }
        About::RepositoryDispatch { client_payload, .. } => {
            let Order { command, issue } = client_payload.read().ok()?;
            let issue = match issue {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                _ => String::new(),
            };
            dispatched(trigger, &command, &issue)?
        }
        _ => return None,
    };
    let first = obey.lines.first()?;
    let said = match first {
        Line::Word(word) => word,
        Line::Misread { line, .. } => line,
    };
    let reason = format!("{} said `{}`", trigger.actor.login, one_line(said, REASON));
    let input = Payload::of(&obey).ok()?;
    let mut request = TaskRequest::new(input::OBEY, trigger.subject, input, reason).priority(PRIORITY);
    request.spec.idempotency = Some(format!("obey {name}"));
    Some(request)
}

/// Whether a text is new.
fn is_said(trigger: &Trigger) -> bool {
    matches!(trigger.action.as_deref(), Some("created" | "submitted" | "edited"))
}

/// What somebody wrote, and its name.
fn written(trigger: &Trigger, spot: Spot, id: u64, author: &Actor, body: &Excerpt) -> (Obey, String) {
    let mut actors = vec![author.clone()];
    if trigger.actor.login != author.login {
        // Nobody puts words into the mouth of somebody with more rights.
        actors.push(trigger.actor.clone());
    }
    let obey = Obey {
        comment: Some(id),
        spot,
        issue: None,
        at: Some(trigger.at),
        actors,
        lines: lines(said_in(body)),
    };
    let place = match spot {
        Spot::Comment => "comment",
        Spot::Line => "line",
        Spot::Review => "review",
    };
    let name = format!("{place}/{id} {}", digest(&obey.lines));
    (obey, name)
}

/// Whether a change is asked for in so many words.
pub(super) fn asks_for_a_change(request: &TaskRequest) -> bool {
    says(request, Verb::Implement)
}

/// Whether a word with this verb was said and understood.
pub(super) fn says(request: &TaskRequest, verb: Verb) -> bool {
    let obey: Obey = request.spec.input.read().unwrap_or_default();
    obey.lines.iter().any(|line| match line {
        Line::Word(word) => word.split(' ').next() == Some(verb.name()),
        Line::Misread { .. } => false,
    })
}

/// What a `repository_dispatch` brings along.
#[derive(Deserialize)]
struct Order {
    command: String,
    #[serde(default)]
    issue: Value,
}

fn dispatched(trigger: &Trigger, command: &str, issue: &str) -> Option<(Obey, String)> {
    let text: Vec<String> = command.lines().filter(|line| !line.trim().is_empty()).map(prefixed).collect();
    if text.is_empty() {
        return None;
    }
    let mut lines = lines(said_in(&Excerpt::body(&text.join("\n"))));
    let digits = issue.trim().trim_start_matches('#');
    let number = digits.parse().ok().filter(|number| *number > 0).map(IssueNumber);
    if number.is_none() {
        lines = vec![Line::Misread {
            line: one_line(command, REASON),
            problem: format!("`{}` is no number of an issue.", one_line(issue, REASON)),
            hint: "Name the issue or pull request beside the command, in `issue`.".to_owned(),
        }];
    }
    let actors: Vec<Actor> = vec![trigger.actor.clone()];
    let obey = Obey { issue: number, actors, lines, ..Obey::default() };
    Some((obey, trigger.identity.to_string()))
}

/// A dispatch says only words: the prefix may be left out.
fn prefixed(line: &str) -> String {
    let line = line.trim();
    let begins = line.get(..PREFIX.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(PREFIX));
    if begins { line.to_owned() } else { format!("{PREFIX} {line}") }
}

fn lines(said: Vec<Said>) -> Vec<Line> {
    let line = |said: Said| match said.word {
        Ok(word) => Line::Word(Word::to_string(&word)),
        Err(misread) => Line::Misread { line: said.line, problem: misread.problem, hint: misread.hint },
    };
    said.into_iter().map(line).collect()
}

/// Sixteen hexadecimal digits by which the same words are recognised.
fn digest(lines: &[Line]) -> String {
    digits(serde_json::to_string(lines).unwrap_or_default().as_bytes(), 8)
}

/// SHA-256 over a title and a text, the title with its length so that neither runs into the other: somebody who wants to
/// exchange one text for another with the same digest has to find it first. What ends its lines otherwise is the same text.
#[must_use]
pub fn text_digest(title: &str, text: &str) -> String {
    let (title, text) = (title.trim(), text.replace("\r\n", "\n"));
    digits(format!("{} {title} {text}", title.len()).as_bytes(), 32)
}

fn digits(bytes: &[u8], count: usize) -> String {
    Sha256::digest(bytes).iter().take(count).fold(String::new(), |mut digits, byte| {
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}

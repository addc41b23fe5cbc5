//! Finds what somebody asks about in a whole history: an issue, a task, an effect, a comment, or whatever has a name.
//!
//! Two readings keep it small: the first finds what is meant, the second picks the events that tell its story.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::domain::actor::Actor;
use crate::domain::effect::Intent;
use crate::domain::event::Event;
use crate::domain::id::{EffectId, IssueNumber, Login, Sequence, TaskId};
use crate::domain::named::{LEAST, is_called, mentions};
use crate::domain::payload::Payload;
use crate::domain::subject::Subject;
use crate::domain::trigger::About;
use crate::domain::undo;
use crate::log::Envelope;

/// What somebody asks about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Topic {
    /// An issue or a pull request.
    Number(IssueNumber),
    /// Something else that events are about: a file in Drive, the repository.
    Subject(Subject),
    /// A comment, or a part of a review, by GitHub's id.
    Comment(u64),
    /// A task, an effect, a run, a label, a login, a branch, an address: whatever bears this name.
    Name(String),
}

impl Topic {
    /// Reads what a person wrote: `42`, `#42`, `issue/42`, `pull/7`, `drive/ID`, `comment/5`, an address on GitHub, or a
    /// name. None for an empty text, and for a number that no issue has.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if let Some((_, path)) = text.split_once("://") {
            return Some(Self::of_address(path).unwrap_or_else(|| Self::Name(text.to_owned())));
        }
        if let Some(number) = undo::number(text) {
            return (number.0 > 0).then_some(Self::Number(number));
        }
        // What is less than nothing names nothing either.
        if text.strip_prefix('-').is_some_and(|rest| rest.parse::<u64>().is_ok()) {
            return None;
        }
        if let Some(("comment", id)) = text.split_once('/') {
            return id.parse().ok().map(Self::Comment);
        }
        match Subject::said(text) {
            Ok(subject) => Some(subject.number().map_or(Self::Subject(subject), Self::Number)),
            Err(_) if text.starts_with('#') || text.starts_with("issue/") || text.starts_with("pull/") => {
                None
            }
            Err(_) => Some(Self::Name(text.trim_start_matches('@').to_owned())),
        }
    }

    /// `github.com/o/r/issues/42#issuecomment-5`: what GitHub's pages are called.
    fn of_address(path: &str) -> Option<Self> {
        let (path, fragment) = path.split_once('#').unwrap_or((path, ""));
        let digits = fragment.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        let before = fragment.trim_end_matches(|letter: char| letter.is_ascii_digit());
        if ["issuecomment-", "discussion_r", "pullrequestreview-"].contains(&before) {
            return digits.parse().ok().map(Self::Comment);
        }
        let mut parts =
            path.split(['/', '?']).skip_while(|part| *part != "issues" && *part != "pull").skip(1);
        parts.next()?.parse().ok().map(|number| Self::Number(IssueNumber(number)))
    }
}

/// The first reading.
#[derive(Debug)]
pub struct Search {
    topic: Topic,
    meant: Meant,
}

/// What is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meant {
    /// Tasks that are asked about, or did what is.
    pub tasks: BTreeSet<TaskId>,
    /// Tasks that bear the name themselves.
    pub named: BTreeSet<TaskId>,
    /// Effects that are asked about.
    pub effects: BTreeSet<EffectId>,
    /// Events that name it themselves.
    pub events: BTreeSet<Sequence>,
    /// The events that all of these go back to.
    pub origins: BTreeSet<Sequence>,
}

impl Search {
    /// Nothing found yet.
    #[must_use]
    pub fn new(topic: Topic) -> Self {
        Self { topic, meant: Meant::default() }
    }

    /// Looks at the next event of the history.
    pub fn offer(&mut self, envelope: &Envelope) {
        let (stamp, event) = (&envelope.recorded.stamp, &envelope.recorded.event);
        let is_new = match event {
            Event::EffectIntended(intent) => {
                let is_meant = self.is_meant(intent) || self.is_topic_subject(stamp.subject);
                is_meant && {
                    self.meant.effects.insert(intent.effect.clone());
                    true
                }
            }
            Event::EffectCompleted(done) => {
                let is_meant = self.meant.effects.contains(&done.effect)
                    || self.is_in(&done.receipt)
                    || self.is_topic_subject(stamp.subject);
                is_meant && {
                    self.meant.effects.insert(done.effect.clone());
                    true
                }
            }
            other => {
                self.is_said(other) || self.is_topic_subject(stamp.subject) || self.is_doing_of(&stamp.actor)
            }
        };
        let named = event.task().filter(|task| self.is_called(task)).cloned();
        if !is_new && named.is_none() {
            return;
        }
        self.meant.origins.extend(stamp.correlation);
        self.meant.events.insert(stamp.sequence);
        self.meant.named.extend(named);
        let of_effect = match event {
            Event::EffectCompleted(done) => done.effect.task(),
            _ => None,
        };
        self.meant.tasks.extend(event.task().cloned().or(of_effect));
    }

    /// What was found.
    #[must_use]
    pub fn found(self) -> Meant {
        self.meant
    }

    fn is_topic_subject(&self, subject: Subject) -> bool {
        matches!(self.topic, Topic::Subject(topic) if topic == subject)
    }

    /// Whether it is a person's doing that is asked about.
    fn is_doing_of(&self, actor: &Actor) -> bool {
        matches!(&self.topic, Topic::Name(name) if actor.is_person() && actor.login == Login::new(name.as_str()))
    }

    fn is_called(&self, task: &TaskId) -> bool {
        let Topic::Name(name) = &self.topic else { return false };
        let is_long = name.len() >= LEAST || name.contains('.');
        (is_long && is_called(task, name)) || task.short() == *name || task.as_str() == name
    }

    fn is_meant(&self, intent: &Intent) -> bool {
        match &self.topic {
            Topic::Comment(id) => mentions(&intent.target, &id.to_string()),
            Topic::Name(name) => {
                intent.effect.as_str() == name
                    || mentions(&intent.target, name)
                    || mentions(&intent.detail, name)
            }
            Topic::Number(_) | Topic::Subject(_) => false,
        }
    }

    /// Whether the receipt holds it, at any place.
    fn is_in(&self, receipt: &Payload) -> bool {
        fn any(value: &Value, is_it: &dyn Fn(&Value) -> bool) -> bool {
            match value {
                Value::Array(values) => values.iter().any(|value| any(value, is_it)),
                Value::Object(fields) => fields.values().any(|value| any(value, is_it)),
                leaf => is_it(leaf),
            }
        }
        let Ok(receipt) = receipt.read::<Value>() else { return false };
        match &self.topic {
            Topic::Comment(id) => any(&receipt, &|leaf| leaf.as_u64() == Some(*id)),
            Topic::Name(name) => {
                any(&receipt, &|leaf| leaf.as_str().is_some_and(|text| text.eq_ignore_ascii_case(name)))
            }
            Topic::Number(_) | Topic::Subject(_) => false,
        }
    }

    /// Whether somebody said it.
    fn is_said(&self, event: &Event) -> bool {
        let Topic::Comment(id) = &self.topic else { return false };
        match event {
            Event::CommandGranted(judged)
            | Event::CommandRefused(judged)
            | Event::AccessGranted(judged)
            | Event::AccessRefused(judged) => judged.comment == Some(*id),
            Event::TriggerReceived(trigger) => match &trigger.about {
                About::Comment { comment, .. } => comment.id == *id,
                _ => false,
            },
            _ => false,
        }
    }
}

impl Meant {
    /// Whether nothing is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the event helps to tell the story: it is in the second reading that this is asked.
    #[must_use]
    pub fn takes(&self, envelope: &Envelope) -> bool {
        let stamp = &envelope.recorded.stamp;
        let task = envelope.recorded.event.task();
        self.events.contains(&stamp.sequence)
            || task.is_some_and(|task| self.tasks.contains(task))
            || self.origins.contains(&stamp.sequence)
            || stamp.correlation.is_some_and(|origin| self.origins.contains(&origin))
    }
}

#[cfg(test)]
mod tests;

//! Who had access to what: words and wishes of people that were granted or refused, credentials that were used, keys that were opened,
//! changed and destroyed.

use serde::Serialize;

use crate::domain::actor::Actor;
use crate::domain::event::{CommandJudged, Event};
use crate::domain::id::{IssueNumber, Login, RunId, Sequence};
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;
use crate::domain::used::{CredentialUsed, KeysChanged, KeysOpened, Used};
use crate::log::Envelope;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Somebody might have what they asked for.
    Granted,
    /// Somebody might not.
    Refused,
    /// A credential was used.
    Used,
    /// The keys of the log were opened.
    Opened,
    /// The keys of the log became others, or for others.
    Changed,
    /// Keys of the log were destroyed.
    Destroyed,
}

/// To what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    /// A word, as it was understood, and why it was granted or refused.
    Word(String, String),
    /// What somebody wanted without a word, of which sort and where it stands, and why it was granted or refused.
    Wish(String, String, String),
    /// A credential.
    Credential(CredentialUsed),
    /// The log, with somebody's key.
    Opened(KeysOpened),
    /// The keys.
    Changed(KeysChanged),
    /// What this many events held.
    Destroyed(u64),
}

/// One line of the access log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The event's place.
    pub event: Sequence,
    /// When.
    pub at: Timestamp,
    /// Who asked, or had it done.
    pub who: Actor,
    /// What it was about.
    pub subject: Subject,
    /// The run.
    pub run: RunId,
    /// What came of it.
    pub decision: Decision,
    /// To what.
    pub matter: Matter,
}

impl Entry {
    /// The line of this event; none where it is about no access.
    #[must_use]
    pub fn of(envelope: &Envelope) -> Option<Self> {
        let stamp = &envelope.recorded.stamp;
        let word = |judged: &CommandJudged| Matter::Word(judged.said.clone(), judged.reason.clone());
        let wish = |judged: &CommandJudged| {
            Matter::Wish(judged.verb.clone(), judged.said.clone(), judged.reason.clone())
        };
        let (who, decision, matter) = match &envelope.recorded.event {
            Event::CommandGranted(judged) => (&judged.actor, Decision::Granted, word(judged)),
            Event::CommandRefused(judged) => (&judged.actor, Decision::Refused, word(judged)),
            Event::AccessGranted(judged) => (&judged.actor, Decision::Granted, wish(judged)),
            Event::AccessRefused(judged) => (&judged.actor, Decision::Refused, wish(judged)),
            Event::Used(used) => {
                let (decision, matter) = match used {
                    Used::Credential(used) => (Decision::Used, Matter::Credential(used.clone())),
                    Used::KeysOpened(opened) => (Decision::Opened, Matter::Opened(opened.clone())),
                    Used::KeysChanged(changed) => (Decision::Changed, Matter::Changed(changed.clone())),
                };
                (&stamp.actor, decision, matter)
            }
            Event::TextForgotten(forgotten) => {
                (&stamp.actor, Decision::Destroyed, Matter::Destroyed(forgotten.events))
            }
            _ => return None,
        };
        Some(Self {
            event: stamp.sequence,
            at: stamp.at,
            who: who.clone(),
            subject: stamp.subject,
            run: stamp.run.clone(),
            decision,
            matter,
        })
    }
}

/// Which lines are wanted. What is none, or empty, leaves all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// About this issue or pull request.
    pub issue: Option<IssueNumber>,
    /// By them.
    pub who: Option<Login>,
    /// With one of these outcomes.
    pub decisions: Vec<Decision>,
    /// Of this credential: its sort, its own name, or both as they are shown.
    pub credential: Option<String>,
    /// Not before then.
    pub since: Option<Timestamp>,
}

impl Filter {
    /// Whether a line is wanted.
    #[must_use]
    pub fn takes(&self, entry: &Entry) -> bool {
        let is_credential = |wanted: &String| match &entry.matter {
            Matter::Credential(used) => {
                [used.credential.name(), &used.name, &used.to_string()].contains(&wanted.as_str())
            }
            _ => false,
        };
        self.issue.is_none_or(|number| entry.subject.number() == Some(number))
            && self.who.as_ref().is_none_or(|login| entry.who.login == *login)
            && (self.decisions.is_empty() || self.decisions.contains(&entry.decision))
            && self.credential.as_ref().is_none_or(is_credential)
            && self.since.is_none_or(|since| entry.at >= since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::wire::samples;

    fn entries(filter: &Filter) -> Vec<String> {
        let entries = samples::envelopes();
        let entries = entries.iter().filter_map(Entry::of).filter(|entry| filter.takes(entry));
        entries.map(|entry| format!("{:?} {}", entry.decision, entry.event)).collect()
    }

    #[test]
    fn of_all_events_those_are_taken_that_tell_of_access() {
        insta::assert_snapshot!(entries(&Filter::default()).join(", "), @"Granted 41, Refused 42, Destroyed 50, Used 55, Used 56, Opened 57, Changed 58, Granted 60, Refused 61");
    }

    #[test]
    fn each_filter_takes_what_it_names_and_all_of_them_together() {
        let all = Filter::default();
        let refused = Filter { decisions: vec![Decision::Refused], ..all.clone() };
        assert_eq!(entries(&refused).len(), 2, "a word, and what was wanted without one");
        for name in ["assistant-key", "claude", "assistant-key claude"] {
            let filter = Filter { credential: Some(name.to_owned()), ..all.clone() };
            assert_eq!(entries(&filter).len(), 1, "{name}");
        }
        assert!(entries(&Filter { credential: Some("drive".to_owned()), ..all.clone() }).is_empty());
        assert_eq!(entries(&Filter { who: Some(Login::new("OCTO-cat")), ..all.clone() }), entries(&all));
        assert!(entries(&Filter { who: Some(Login::new("octo")), ..all.clone() }).is_empty());
        let about = entries(&Filter { issue: Some(IssueNumber(42)), ..all.clone() });
        assert!(!about.is_empty() && about.len() < entries(&all).len());
        assert!(entries(&Filter { issue: Some(IssueNumber(7)), ..all.clone() }).is_empty());
        let last = samples::envelopes().iter().rev().find_map(Entry::of).unwrap();
        let late = Filter { since: Some(last.at), ..all };
        assert_eq!(entries(&late).len(), 1);
        assert!(entries(&Filter { issue: Some(IssueNumber(7)), ..late }).is_empty());
    }
}

//! What whoever asks for something could see: kept with what they ask for, so that nobody exchanges it afterwards.

use super::Decision;
use crate::domain::fact::Fact;
use crate::domain::id::IssueNumber;
use crate::domain::input;
use crate::domain::spec::{AsOf, TaskSpec};
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::trigger::{About, Change, Trigger};

/// Kinds that go by what people wrote on an issue, and kinds that lead to such.
const READERS: [&str; 5] = [input::IMPLEMENT, input::REVISE, input::FOLLOW, input::EXEC, input::OBEY];

/// Whether a kind goes by what people wrote on an issue when it runs.
#[must_use]
pub fn reads_texts(kind: &str) -> bool {
    READERS.contains(&kind)
}

/// The issue whose text counts for something: a pull request for an issue is about that issue.
#[must_use]
pub fn text_of(state: &State, subject: Subject) -> Option<IssueNumber> {
    match subject {
        Subject::Pull(pull) => Some(state.issue_of_pull(pull).unwrap_or(pull)),
        subject => subject.number(),
    }
}

impl Decision<'_> {
    /// What somebody could see who asks for this, or is to approve it; none where nobody does.
    pub(super) fn as_of(&self, spec: &TaskSpec) -> Option<AsOf> {
        if !reads_texts(spec.kind.as_str()) {
            return None;
        }
        let number = text_of(self.state, spec.subject);
        if let Some(task) = self.follows
            && let Some(before) = &task.spec.as_of
        {
            let is_same = text_of(self.state, task.spec.subject) == number;
            let said = before.text.clone().filter(|_| is_same);
            return Some(AsOf { at: before.at, text: said.or_else(|| self.known_text(number)) });
        }
        let is_suggested =
            spec.awaits.iter().any(|fact| matches!(fact, Fact::Agreed(..) | Fact::Approved(_)));
        let is_wanted = match self.trigger {
            Some(trigger) => is_said(&spec.kind) || is_put_on(trigger),
            None => self.is_asked,
        };
        if !is_suggested && !is_wanted {
            return None;
        }
        let told = self.trigger.filter(|trigger| trigger.subject.number() == number);
        let text = told.and_then(Trigger::written).cloned().or_else(|| self.known_text(number));
        Some(AsOf { at: self.trigger.map_or(self.context.now, |trigger| trigger.at), text })
    }

    /// The text as it was told last.
    fn known_text(&self, number: Option<IssueNumber>) -> Option<String> {
        self.state.issues.get(&number?)?.written.clone()
    }
}

/// Whether a kind does what people say.
fn is_said(kind: &crate::domain::id::KindName) -> bool {
    matches!(kind.as_str(), input::OBEY | input::REVISE)
}

/// Whether a person put a label on something, or assigned somebody: they ask for what the rules make of that.
fn is_put_on(trigger: &Trigger) -> bool {
    let change = match &trigger.about {
        About::Issue { change, .. } | About::Pull { change, .. } => change,
        _ => return false,
    };
    trigger.actor.is_person() && matches!(change, Some(Change::Label(_) | Change::Assignee(_)))
}

//! Whose reviews approve what tasks wait for: the word only. Whether it counts is for a run to ask. What is said in
//! comments is judged by tasks of kind `obey`.

use crate::domain::actor::ActorKind;
use crate::domain::fact::Fact;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::state::State;
use crate::domain::trigger::{About, Trigger};

/// Approvers kept of one issue, the last ones: each costs a question, and anybody can write the words.
const APPROVERS_KEPT: usize = 20;

impl State {
    /// Which of these nobody waits for so far.
    pub(super) fn not_awaited_yet(&self, facts: &[Fact]) -> Vec<Fact> {
        facts.iter().copied().filter(|fact| self.tasks.awaiting(*fact).next().is_none()).collect()
    }

    /// What was said before a task waits for approval, or for another task, does not count.
    pub(super) fn forget_approvers(&mut self, facts: &[Fact]) {
        for fact in facts {
            if let Fact::Approved(number) = fact
                && let Some(issue) = self.issues.get_mut(number)
            {
                issue.approvers.clear();
            }
        }
    }

    /// Notes a person who approves something that a task waits for, or takes that back.
    pub(super) fn heed_approval(&mut self, trigger: &Trigger) {
        let Some((number, person, approves)) = verdict(trigger) else { return };
        if approves && self.tasks.awaiting(Fact::Approved(number)).next().is_none() {
            return;
        }
        let Some(issue) = self.issues.get_mut(&number) else { return };
        issue.approvers.retain(|known| known != person);
        if approves {
            issue.approvers.push(person.clone());
            let surplus = issue.approvers.len().saturating_sub(APPROVERS_KEPT);
            issue.approvers.drain(..surplus);
        }
    }
}

/// Whose word on which number a trigger is: an approval, or the end of one.
fn verdict(trigger: &Trigger) -> Option<(IssueNumber, &Login, bool)> {
    let by_person = trigger.actor.kind == ActorKind::Person;
    match (&trigger.about, trigger.action.as_deref()) {
        (About::Review { pull, review }, Some("submitted")) if by_person => match review.state.as_str() {
            "approved" => Some((pull.number, &trigger.actor.login, true)),
            "changes_requested" => Some((pull.number, &trigger.actor.login, false)),
            _ => None,
        },
        // Whoever dismisses a review, it is its author's word that no longer holds.
        (About::Review { pull, review }, Some("dismissed")) => {
            Some((pull.number, &review.author.login, false))
        }
        _ => None,
    }
}

//! What each word does.

use super::look_up::Found;
use super::orders::Orders;
use crate::config::filled;
use crate::domain::id::Login;
use crate::domain::input;
use crate::domain::words::{Verb, Word};
use crate::report::answer;
use crate::report::why::Asked;

/// The label that says it where the configuration names none and the repository has it: GitHub gives it to every new
/// repository.
const DUPLICATE: &str = "duplicate";

impl Orders<'_> {
    /// Does what somebody may have.
    pub(super) fn carry_out(&mut self, word: &Word, found: &Found) {
        if found.is_void {
            return;
        }
        let subject = self.subject;
        let asked_by = Some(self.actor.login.clone());
        match word {
            Word::Help => {
                let access = &self.context.config.access;
                self.says.push(answer::help(self.words(), &|verb: Verb| access.need(verb)));
            }
            Word::Status => {
                let told =
                    answer::status(self.words(), &self.state(), subject, self.context.task.id.as_str());
                self.says.push(told);
            }
            Word::Why { what } => {
                let asking = self.context.task.id.as_str();
                let (what, seen) = (what.as_deref(), found.seen.as_deref());
                let config = self.context.config;
                let repository =
                    self.context.services.repository.as_ref().map(ToString::to_string).unwrap_or_default();
                let repository = repository.as_str();
                let about = |state| Asked { config, repository, state, subject, what, asking, seen };
                let told = match &found.recalled {
                    Some(recalled) => answer::why(self.words(), &about(recalled)),
                    None => answer::why(self.words(), &about(&self.state())),
                };
                self.says.push(told);
            }
            Word::Run { kind } => self.run(word, kind.as_deref().unwrap_or(input::ANALYSE)),
            Word::Implement { assistant } => self.implement(word, assistant.as_deref(), None),
            Word::Revise { text } => self.revise(word, text),
            Word::Retry => self.retry(word),
            Word::Cancel { task } => self.cancel(word, task.as_ref()),
            Word::Approve { feature } => self.approve(word, *feature, found.is_theirs),
            Word::Reject { feature } => self.reject(word, *feature),
            Word::Assign { logins } => {
                let input = input::Assign { logins: logins.clone(), asked_by, ..input::Assign::default() };
                self.follow(input::ASSIGN, subject, &input, word);
            }
            Word::Unassign { logins } => {
                let remove: Vec<Login> = if logins.is_empty() { &found.assigned } else { logins }.clone();
                if remove.is_empty() {
                    return self.say(word, &self.words().nobody_assigned);
                }
                let input = input::Assign { remove, asked_by, ..input::Assign::default() };
                self.follow(input::ASSIGN, subject, &input, word);
            }
            Word::Priority(rank) => self.prioritise(word, *rank),
            Word::Label { add, remove } => {
                let input = input::Label { add: add.clone(), remove: remove.clone(), asked_by };
                self.follow(input::LABEL, subject, &input, word);
            }
            Word::Duplicate { of } => {
                let named = self.context.config.labels.duplicate.as_ref();
                let label = named.map_or(DUPLICATE, |label| label.as_str()).to_owned();
                let input = input::Label { add: vec![label], remove: Vec::new(), asked_by };
                self.follow(input::LABEL, subject, &input, word);
                self.say(word, filled(&self.words().duplicate, &[("number", &of.to_string())]));
            }
            Word::Undo { what } => {
                let input = input::Undo { what: what.clone(), asked_by };
                // What was done for a pull request of ours was done about its issue.
                self.follow(input::UNDO, self.issue_of_change().unwrap_or(subject), &input, word);
            }
            Word::Stop(reach) => self.stop(word, *reach),
            Word::Pause(reach) => self.say_paused(word, *reach),
            Word::Resume(reach) => self.resume(word, *reach),
        }
    }
}

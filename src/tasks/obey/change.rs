//! What people want done: a kind of task, a change, another go at a pull request.

use serde_json::json;

use super::orders::Orders;
use crate::config::filled;
use crate::domain::input::{self, Spot};
use crate::domain::spec::OnDuplicate;
use crate::domain::state::IssueState;
use crate::domain::subject::Subject;
use crate::domain::words::Word;
use crate::tasks::Context;

/// Kinds that `run` can enqueue by their names alone.
const RUNNABLE: [&str; 4] = [input::ANALYSE, input::COMMENT, input::IMPLEMENT, input::TEND];

impl Orders<'_> {
    pub(super) fn run(&mut self, word: &Word, kind: &str) {
        if kind == input::IMPLEMENT {
            return self.implement(word, None, None);
        }
        if !RUNNABLE.contains(&kind) {
            let there = RUNNABLE.map(|kind| format!("`{kind}`")).join(", ");
            return self.say(word, filled(&self.words().runnable, &[("kinds", &there)]));
        }
        if !input::scope(kind).covers(self.subject) {
            let told = match self.subject {
                Subject::Pull(_) => &self.words().about_issues,
                _ => &self.words().about_pulls,
            };
            return self.say(word, filled(told, &[("kind", kind)]));
        }
        let subject = self.subject;
        // A comment that somebody deleted or changed is written anew, whatever the log says it shows.
        let (input, key) = match kind {
            input::COMMENT => (json!({ "again": true }), format!("{kind} {subject} again")),
            // Who asks for it wants it now.
            input::ANALYSE => (json!({ "asks": true }), format!("judge {subject}")),
            _ => (json!({}), format!("{kind} {subject}")),
        };
        if let Some(request) = self.follow(kind, subject, &input, word) {
            request.spec.unique = Some(key);
            if kind == input::ANALYSE {
                request.spec.on_duplicate = OnDuplicate::Replace;
            }
        }
    }

    /// Asks for a change, of an assistant, or another one than there is. On a pull request of ours it is the issue's.
    pub(super) fn implement(&mut self, word: &Word, assistant: Option<&str>, revise: Option<&str>) {
        let Some(subject) = self.issue_of_change() else {
            return self.say(word, &self.words().no_issue_known);
        };
        if let Some(name) = assistant {
            let known = assistants(self.context);
            if !known.iter().any(|known| known == name) {
                let there = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                let there = if there.is_empty() { self.words().nobody.clone() } else { there };
                let told = filled(&self.words().no_assistant, &[("name", name), ("known", &there)]);
                return self.say(word, told);
            }
        }
        let source = match (self.said, self.subject.number()) {
            (Some((Spot::Comment, id)), _) => input::Source::Comment { id },
            (Some((Spot::Line, id)), Some(pull)) => input::Source::Line { pull, id },
            (Some((Spot::Review, id)), Some(pull)) => input::Source::Review { pull, id },
            _ => input::Source::Issue,
        };
        let wanted = input::Implement {
            assistant: assistant.map(str::to_owned),
            revise: revise.map(str::to_owned),
            asked_by: Some(self.actor.login.clone()),
            granted: true,
            ..input::Implement::of(source)
        };
        let said = self.said;
        if let (Some(request), Some((spot, id))) =
            (self.follow(input::IMPLEMENT, subject, &wanted, word), said)
        {
            request.spec.unique = Some(format!("implement {subject} {}", place(spot, id)));
        }
    }

    /// Asks for more on the open pull request, and for a change anew where there is none.
    pub(super) fn revise(&mut self, word: &Word, text: &str) {
        let open = self.issue_of_change().and_then(Subject::number).and_then(|number| {
            let state = self.state();
            let known = state.issues.get(&number)?;
            let open = known.pull_request.as_ref().filter(|_| known.fate.end.is_none())?;
            Some((open.number, open.by.clone()))
        });
        if let Some((number, Some(by))) = &open {
            let (number, by) = (number.to_string(), by.to_string());
            let told = filled(&self.words().theirs, &[("number", &number), ("name", &by)]);
            return self.say(word, told);
        }
        let open = open.map(|(number, _)| number);
        let Some(pull) = open else { return self.implement(word, None, Some(text)) };
        let subject = Subject::Pull(pull);
        let source = match self.said {
            Some((Spot::Comment, id)) => input::Asking::Comment { id },
            Some((Spot::Line, id)) => input::Asking::Line { id },
            Some((Spot::Review, id)) => input::Asking::Word { id },
            None => input::Asking::Said { text: text.to_owned() },
        };
        let wanted = input::Revise { source, asked_by: Some(self.actor.login.clone()) };
        let said = self.said;
        if let (Some(request), Some((spot, id))) = (self.follow(input::REVISE, subject, &wanted, word), said)
        {
            request.spec.unique = Some(format!("revise {subject} {}", place(spot, id)));
        }
    }

    /// The issue that a change is for.
    pub(super) fn issue_of_change(&self) -> Option<Subject> {
        let Subject::Pull(number) = self.subject else { return Some(self.subject) };
        let state = self.state();
        let of = |issue: &IssueState| issue.pull_request.as_ref().is_some_and(|pull| pull.number == number);
        state.issues.iter().find(|(_, issue)| of(issue)).map(|(number, _)| Subject::Issue(*number))
    }
}

/// Where something was said, as part of a key.
fn place(spot: Spot, id: u64) -> String {
    match spot {
        Spot::Comment => format!("comment/{id}"),
        Spot::Line => format!("line/{id}"),
        Spot::Review => format!("review/{id}"),
    }
}

/// The assistants that the configuration names.
fn assistants(context: &Context<'_>) -> Vec<String> {
    context.config.assistants.iter().map(|rule| rule.name().to_owned()).collect()
}

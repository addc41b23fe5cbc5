//! The answer to "why is it so", of whatever can be seen and of what cannot: from the event to the rule to the receipt.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::config::BudgetRules;
use crate::domain::event::Event;
use crate::domain::id::{EffectId, IssueNumber, Sequence};
use crate::domain::named::mentions;
use crate::domain::room::Room;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::log::Envelope;
use crate::report::{budget, sentence};
use crate::views::search::{Meant, Topic};
use crate::views::timeline::Timeline;

mod asked;
mod changes;
mod findings;
mod silence;
mod unmoved;

pub use asked::Asked;
use changes::Idle;
pub use unmoved::recalled;

/// Changes that are shown of something that many issues have, the newest.
const MOST_CHANGES: usize = 30;
/// Width of what somebody asked about.
const ASKED: usize = 100;

/// An answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// What was asked about, as it is called here.
    pub about: String,
    /// The issue or pull request, when it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<u64>,
    /// What was found out about it, each with its reasons.
    pub findings: Vec<Reasoned>,
    /// What was changed outside, each with the tasks and the rule behind it.
    pub changes: Vec<Reasoned>,
    /// What was not done, or not yet, and why.
    pub silence: Vec<Reasoned>,
    /// What assistants used up for it and today, and how much of each budget is left.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spending: Vec<String>,
    /// The whole story, one sentence an event.
    pub story: Vec<String>,
}

/// Something and why it is so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reasoned {
    /// What is so.
    pub what: String,
    /// Why, one sentence each.
    pub because: Vec<String>,
}

/// The present, out of which silence is explained.
#[derive(Clone, Copy)]
pub struct Present<'a> {
    /// The state.
    pub state: &'a State,
    /// The time.
    pub now: Timestamp,
    /// What the configuration allows for each task.
    pub room: &'a dyn Fn(&Task) -> Room,
}

impl Present<'_> {
    /// Explains an issue or a pull request out of the events that belong to it.
    #[must_use]
    pub fn explain(&self, number: IssueNumber, events: &[Envelope]) -> Answer {
        let own = Timeline::whole(number, events);
        let made = changes::made(events, number);
        let owned: BTreeSet<&EffectId> =
            events.iter().filter(|envelope| own.is_own(envelope)).filter_map(effect).collect();
        let told = |envelope: &&Envelope| {
            own.is_own(envelope) || effect(envelope).is_some_and(|effect| made.effects.contains(effect))
        };
        let mut answer = Answer {
            about: called(self.state, number, events, made.about),
            issue: Some(number.0),
            findings: findings::findings(self.state, number),
            changes: changes::changes(events, Idle::LeftOut, &|intent| {
                owned.contains(&intent.effect) || made.effects.contains(&intent.effect)
            }),
            silence: silence::silence(self.state, number, &|_| true, self.now, self.room),
            spending: Vec::new(),
            story: events.iter().filter(told).map(story_line).collect(),
        };
        if events.is_empty() {
            let mut because = vec![
                "No event about it reached a run: the workflow may be missing its trigger, or GitHub dropped the run."
                    .to_owned(),
                "What Automata does itself is not recorded again, and neither is what a bot does that `bots.allow` does not name."
                    .to_owned(),
            ];
            because.extend(self.meant_event(number));
            let what = format!("nothing was ever recorded about #{number}");
            answer.silence.push(Reasoned { what, because });
        }
        if !self.state.issues.contains_key(&number) {
            answer.findings.extend(unmoved::gone(number, events));
        }
        answer
    }

    /// As [`Self::explain`], out of the part of a damaged log that can be read, which ends with event `last`.
    #[must_use]
    pub fn explain_up_to(&self, last: Sequence, number: IssueNumber, events: &[Envelope]) -> Answer {
        let mut answer = self.explain(number, events);
        if events.is_empty() {
            let mut because = vec!["What comes after it may be about the issue.".to_owned()];
            because.extend(self.meant_event(number));
            let what = format!("no event up to event {last} is about #{number}");
            answer.silence = vec![Reasoned { what, because }];
        }
        let what = format!("the log can only be read up to event {last}");
        let because = vec!["the error below says what is wrong there".to_owned()];
        answer.silence.insert(0, Reasoned { what, because });
        answer
    }

    /// Explains what is no issue: a task, an effect, a comment, whatever bears a name. None when the log has nothing
    /// of it. `events` are those that [`Meant::takes`].
    #[must_use]
    pub fn explain_topic(&self, topic: &Topic, meant: &Meant, events: &[Envelope]) -> Option<Answer> {
        if meant.is_empty() {
            return None;
        }
        let is_named = |task: &Task| meant.named.contains(&task.id);
        let is_about = |task: &Task| matches!(topic, Topic::Subject(about) if task.spec.subject == *about);
        let mut told = changes::changes(events, Idle::Told, &|intent| {
            meant.effects.contains(&intent.effect) || meant.named.contains(&intent.task)
        });
        let silence =
            silence::of_tasks(self.state, &|task| is_named(task) || is_about(task), self.now, self.room);
        let has_ended = told.is_empty() && silence.is_empty();
        told.extend(has_ended.then(|| changes::came_to_nothing(events, &meant.tasks)).into_iter().flatten());
        let belongs = |envelope: &&Envelope| {
            let recorded = &envelope.recorded;
            let task = recorded.event.task();
            meant.events.contains(&recorded.stamp.sequence)
                || meant.origins.contains(&recorded.stamp.sequence)
                || task.is_some_and(|task| meant.named.contains(task))
        };
        let story = events.iter().filter(belongs).map(story_line).collect();
        Some(Answer {
            about: name(topic, meant),
            issue: None,
            findings: Vec::new(),
            changes: told,
            silence,
            spending: Vec::new(),
            story,
        })
    }

    /// What to say to somebody who took the number of an event for that of an issue.
    fn meant_event(&self, number: IssueNumber) -> Option<String> {
        let is_event = (1..=self.state.sequence.0).contains(&number.0);
        is_event.then(|| {
            format!(
                "{number} was taken for an issue's number; `automata show {number}` shows event {number}."
            )
        })
    }
}

/// The effect that an event is about.
fn effect(envelope: &Envelope) -> Option<&EffectId> {
    match &envelope.recorded.event {
        Event::EffectIntended(intent) => Some(&intent.effect),
        Event::EffectCompleted(done) => Some(&done.effect),
        _ => None,
    }
}

/// What a number is called: an issue, or a pull request and what it was opened for.
fn called(state: &State, number: IssueNumber, events: &[Envelope], made_for: Option<IssueNumber>) -> String {
    let pull = Subject::Pull(number);
    let is_pull = state.issues.get(&number).is_some_and(|known| known.is_pull)
        || state.issue_of_pull(number).is_some()
        || events.iter().any(|envelope| envelope.recorded.stamp.subject == pull);
    let made_for = made_for.or_else(|| state.issue_of_pull(number)).filter(|issue| *issue != number);
    match made_for {
        Some(issue) => format!("pull request #{number}, for issue #{issue}"),
        None if is_pull => format!("pull request #{number}"),
        None => format!("issue #{number}"),
    }
}

/// What was asked about, as it is called.
fn name(topic: &Topic, meant: &Meant) -> String {
    match topic {
        Topic::Number(number) => format!("issue #{number}"),
        Topic::Subject(subject) => subject.to_string(),
        Topic::Comment(id) => format!("comment {id}"),
        Topic::Name(name) => {
            let mut tasks = meant.named.iter();
            match (tasks.next(), tasks.next()) {
                (Some(task), None) => format!("task {task}"),
                _ => format!("`{}`", one_line(name, ASKED)),
            }
        }
    }
}

fn story_line(envelope: &Envelope) -> String {
    let stamp = &envelope.recorded.stamp;
    format!("{} {} {}", stamp.sequence, stamp.at, sentence::of(envelope))
}

impl Reasoned {
    /// Whether what is so names it. What people wrote, and words that asked just this, are among the reasons.
    fn is_about(&self, name: &str) -> bool {
        mentions(&self.what, name) || self.because.iter().any(|because| mentions(head(because), name))
    }

    /// Whether it, or why it is not done, names it; what keeps everything waiting is about whatever is asked.
    fn withholds(&self, name: &str) -> bool {
        if self.what.ends_with(silence::WAITS) || self.what == unmoved::UNSOUND {
            return true;
        }
        let mut because = self.because.iter().filter(|because| !because.starts_with(silence::EXISTS));
        mentions(&self.what, name) || because.any(|because| mentions(because, name))
    }
}

/// The part of a reason that quotes nobody: the task's id and kind, the receipt.
fn head(because: &str) -> &str {
    let is_ours = |begins: &&str| because.starts_with(begins);
    if is_ours(&"receipt at event ") {
        return because;
    }
    let is_task = ["task ", "it follows from task "].iter().any(is_ours);
    because.split_once(": ").filter(|_| is_task).map_or("", |(head, _)| head)
}

/// That nothing names it, with what else there is.
fn unknown(others: &[Reasoned], name: &str) -> Reasoned {
    let mut because = vec!["no finding, no change and no task here names it".to_owned()];
    because.extend(others.iter().map(|entry| format!("what there is: {}", entry.what)));
    Reasoned { what: format!("nothing is known of `{}` here", one_line(name, ASKED)), because }
}

/// A reason as it stands after "because": a sentence of its own begins with a small letter there.
pub(super) fn clause(reason: &str) -> String {
    let first = reason.split(' ').next().unwrap_or_default();
    let is_plain = matches!(
        first,
        "It" | "Its" | "The" | "A" | "An" | "Both" | "Somebody" | "Nobody" | "Nothing" | "Many" | "No"
    );
    if is_plain { format!("{}{}", first.to_lowercase(), &reason[first.len()..]) } else { reason.to_owned() }
}

impl Answer {
    /// With what assistants used up for the issue, and what budgets leave of it.
    #[must_use]
    pub fn with_spending(mut self, rules: &BudgetRules, state: &State, now: Timestamp) -> Self {
        let number = self.issue.map(IssueNumber);
        self.spending = number.map(|number| budget::of_issue(rules, state, number, now)).unwrap_or_default();
        self
    }

    /// Whether a change names this, or what was not done. A finding that does is no answer yet: it says nothing of what
    /// came of it.
    fn tells(&self, name: &str) -> bool {
        self.changes.iter().any(|entry| entry.is_about(name))
            || self.silence.iter().any(|entry| entry.withholds(name))
    }

    /// The part of it that names something: a label, a login, a branch.
    #[must_use]
    pub fn only(mut self, name: &str) -> Self {
        let mut others = self.findings.clone();
        others.extend(self.changes.iter().cloned());
        for part in [&mut self.findings, &mut self.changes] {
            part.retain(|entry| entry.is_about(name));
        }
        self.silence.retain(|entry| entry.withholds(name));
        if self.findings.is_empty() && self.changes.is_empty() && self.silence.is_empty() {
            self.silence = vec![unknown(&others, name)];
        }
        self.spending.clear();
        self.story.retain(|line| mentions(line, name));
        self.about = format!("{}, `{}`", self.about, one_line(name, ASKED));
        self
    }

    /// Of a label that was never set, with what it is for.
    #[must_use]
    pub fn never_set(name: &str, set_by: Vec<String>) -> Self {
        let name = one_line(name, ASKED);
        let mut because = set_by;
        because.push(format!("for one issue: automata why NUMBER \"{name}\""));
        let what = format!("no task has set the label `{name}` anywhere");
        Self {
            about: format!("`{name}`"),
            issue: None,
            findings: Vec::new(),
            changes: Vec::new(),
            silence: vec![Reasoned { what, because }],
            spending: Vec::new(),
            story: Vec::new(),
        }
    }

    /// For a person.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.about.clone()];
        for (title, entries) in
            [("Found", &self.findings), ("Done", &self.changes), ("Not done", &self.silence)]
        {
            if !entries.is_empty() {
                lines.push(format!("\n{title}:"));
            }
            // Of an issue all is told; a label or a login may be everywhere.
            let older = if self.issue.is_none() { entries.len().saturating_sub(MOST_CHANGES) } else { 0 };
            if older > 0 {
                lines.push(format!("- {older} more came before; `--format json` has them all"));
            }
            for entry in &entries[older..] {
                lines.push(format!("- {}", entry.what));
                lines.extend(entry.because.iter().map(|reason| format!("    because {}", clause(reason))));
            }
        }
        if !self.spending.is_empty() {
            lines.push("\nUsed by assistants:".to_owned());
            lines.extend(self.spending.iter().map(|line| format!("- {line}")));
        }
        if !self.story.is_empty() {
            lines.push("\nStory:".to_owned());
            let older = if self.issue.is_none() { self.story.len().saturating_sub(MOST_CHANGES) } else { 0 };
            if older > 0 {
                lines.push(format!("  {older} more events came before; `--format json` has them all"));
            }
            lines.extend(self.story[older..].iter().map(|line| format!("  {line}")));
        }
        lines
    }
}

//! The answer to "why is it so", of whatever can be seen and of what cannot: from the event to the rule to the receipt.

use serde::Serialize;

use crate::config::BudgetRules;
use crate::domain::id::{IssueNumber, Sequence};
use crate::domain::named::mentions;
use crate::domain::room::Room;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::log::Envelope;
use crate::report::{budget, receipt, sentence};
use crate::views::search::{Meant, Topic};

mod changes;
mod findings;
mod silence;
mod unmoved;

use changes::Idle;
pub use unmoved::recalled;

/// Changes that are told of something that many issues have; the newest are kept.
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
        let mut answer = Answer {
            about: format!("issue #{number}"),
            issue: Some(number.0),
            findings: findings::findings(self.state, number),
            changes: changes::changes(events, Idle::LeftOut, &|_| true),
            silence: silence::silence(self.state, number, self.now, self.room),
            spending: Vec::new(),
            story: events.iter().map(story_line).collect(),
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
        told.drain(..told.len().saturating_sub(MOST_CHANGES));
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

    /// How things stand with an issue or a pull request, without its history: what can be told where nobody waits.
    #[must_use]
    pub fn explain_now(&self, subject: Subject, asking: &str) -> Vec<Reasoned> {
        let Some(number) = subject.number() else { return Vec::new() };
        let is_told = |task: &&Task| task.spec.subject == subject && task.id.as_str() != asking;
        let mut tasks: Vec<&Task> = self.state.tasks.values().filter(is_told).collect();
        tasks.sort_by_key(|task| task.enqueued);
        let changes = tasks.iter().flat_map(|task| {
            let done = self.state.effects.values().filter(|effect| effect.intent.task == task.id);
            done.filter_map(|effect| {
                let what = receipt::words(effect.intent.kind, effect.receipt.as_ref()?);
                let because = vec![task.spec.reason.clone()];
                Some(Reasoned { what: format!("{}: {what}", task.spec.kind), because })
            })
        });
        let mut told = findings::findings(self.state, number);
        told.extend(changes);
        told.extend(silence::silence(self.state, number, self.now, self.room));
        told
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
    fn names(&self, name: &str) -> bool {
        mentions(&self.what, name) || self.because.iter().any(|because| mentions(because, name))
    }
}

/// Of these, what names it; when nothing does, that nothing does, with what else was found.
#[must_use]
pub fn about(entries: Vec<Reasoned>, name: &str) -> Vec<Reasoned> {
    let (named, others): (Vec<Reasoned>, Vec<Reasoned>) =
        entries.into_iter().partition(|entry| entry.names(name));
    if !named.is_empty() {
        return named;
    }
    let mut because = vec!["no finding, no change and no task here names it".to_owned()];
    because.extend(others.into_iter().map(|entry| format!("what there is: {}", entry.what)));
    vec![Reasoned { what: format!("nothing is known of `{}` here", one_line(name, ASKED)), because }]
}

impl Answer {
    /// With what assistants used up for the issue, and what budgets leave of it.
    #[must_use]
    pub fn with_spending(mut self, rules: &BudgetRules, state: &State, now: Timestamp) -> Self {
        let number = self.issue.map(IssueNumber);
        self.spending = number.map(|number| budget::of_issue(rules, state, number, now)).unwrap_or_default();
        self
    }

    /// Whether nothing in it names this.
    fn knows_nothing_of(&self, name: &str) -> bool {
        let mut entries = self.findings.iter().chain(&self.changes).chain(&self.silence);
        !entries.any(|entry| entry.names(name))
    }

    /// The part of it that names something: a label, a login, a branch.
    #[must_use]
    pub fn only(mut self, name: &str) -> Self {
        let (findings, changes) = (self.findings.clone(), self.changes.clone());
        for part in [&mut self.findings, &mut self.changes, &mut self.silence] {
            part.retain(|entry| entry.names(name));
        }
        if self.findings.is_empty() && self.changes.is_empty() && self.silence.is_empty() {
            self.silence = about(findings.into_iter().chain(changes).collect(), name);
        }
        self.spending.clear();
        self.story.retain(|line| mentions(line, name));
        self.about = format!("{}, `{}`", self.about, one_line(name, ASKED));
        self
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
            for entry in entries {
                lines.push(format!("- {}", entry.what));
                lines.extend(entry.because.iter().map(|reason| format!("    because {reason}")));
            }
        }
        if !self.spending.is_empty() {
            lines.push("\nUsed by assistants:".to_owned());
            lines.extend(self.spending.iter().map(|line| format!("- {line}")));
        }
        if !self.story.is_empty() {
            lines.push("\nStory:".to_owned());
            lines.extend(self.story.iter().map(|line| format!("  {line}")));
        }
        lines
    }
}

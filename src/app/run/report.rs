//! What came of a run, and how it is told.

use serde::Serialize;

use super::{Taken, opened};
use crate::app::session::Session;
use crate::app::successor::{Called, Successor};
use crate::app::warned::{is_known, passes, warning};
use crate::domain::count::counted;
use crate::domain::event::Event;
use crate::domain::id::{IssueNumber, TaskId};
use crate::domain::input;
use crate::domain::task::{Status, Task};
use crate::log::Envelope;
use crate::report::summary::{Tally, Work};

/// What became of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is in the log now.
    Recorded,
    /// It was in the log before.
    Duplicate,
    /// It is none of our business.
    Ignored,
    /// There was no event; the queue was worked through.
    Drained,
    /// There was no event, and the run was told to stop before the queue was worked through.
    Stopped,
}

/// What a run saw and did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What became of the event.
    pub outcome: Outcome,
    /// One sentence.
    pub headline: String,
    /// The issue or pull request that the event is about.
    pub issue: Option<IssueNumber>,
    /// The pull request that this run opened or adopted.
    pub pull_request: Option<String>,
    /// In numbers.
    pub tally: Tally,
    /// The last event of the log.
    pub sequence: u64,
    /// What a person should look at.
    pub warnings: Vec<String>,
    /// Tasks that this run was told to stop before; none when it came to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<usize>,
    /// Who goes on, when time ran out with work left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub successor: Option<Successor>,
    /// What is good to know, and nobody need look at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Those of the warnings that pass by themselves: what is tried again.
    #[serde(skip)]
    pub passing: Vec<String>,
    /// The tasks that this run touched.
    #[serde(skip)]
    pub work: Work,
    /// What this run wrote into the log.
    #[serde(skip)]
    pub events: Vec<Envelope>,
}

/// Pending tasks that wait for no time to come and for nothing outside.
pub(in crate::app) fn left(session: &Session) -> usize {
    let (state, now) = (session.state(), session.now());
    let is_left = |task: &&Task| match &task.status {
        Status::Pending { not_before, .. } => not_before.is_none_or(|at| at <= now) && task.awaits.is_empty(),
        _ => false,
    };
    state.tasks.pending().filter(is_left).count()
}

/// Tasks that were given up and only tell what others did: a Slack that is down fails no work.
pub(super) fn untold(session: &Session, events: &[Envelope]) -> usize {
    let state = session.state();
    let kind = |task: &TaskId| state.tasks.get(task).map(|task| input::is_telling(task.spec.kind.as_str()));
    let is_one = |envelope: &&Envelope| match &envelope.recorded.event {
        Event::TaskFailed(failed) => kind(&failed.task) == Some(true),
        _ => false,
    };
    events.iter().filter(is_one).count()
}

impl Report {
    pub(super) fn of(session: &Session, taken: Taken) -> Self {
        let Taken { outcome, headline, issue, .. } = taken.in_the_end(session);
        let sequence = session.state().sequence.0;
        let (events, pushes) = session.written();
        let pull_request = events.iter().rev().find_map(opened);
        let is_new = |envelope: &&Envelope| !is_known(&session.state(), envelope);
        let warnings = events.iter().filter(is_new).filter_map(warning).collect();
        let passing = events.iter().filter(passes).filter_map(warning).collect();
        let work = Work::of(&session.state(), &events, session.now());
        let mut tally = Tally::of(&events, pushes);
        tally.untold = untold(session, &events);
        tally.failed -= tally.untold;
        let nothing = Self::nothing(outcome, headline);
        Self { issue, pull_request, tally, sequence, warnings, passing, work, events, ..nothing }
    }

    pub(super) fn with(mut self, called: Option<Called>) -> Self {
        self.successor = called.as_ref().map(|called| called.successor);
        self.notes.extend(called.map(|called| called.note));
        self
    }

    /// Says that the run was told to stop with so many tasks left, if any are.
    pub(super) fn stopped_with(mut self, left: usize) -> Self {
        if left == 0 {
            return self;
        }
        let told = format!("told to stop with {} left", counted(left, "task", "tasks"));
        self.left = Some(left);
        if self.outcome == Outcome::Drained {
            (self.outcome, self.headline) = (Outcome::Stopped, told);
        } else {
            self.headline = format!("{}; {told}", self.headline);
        }
        self
    }

    pub(super) fn nothing(outcome: Outcome, headline: String) -> Self {
        let (tally, warnings, events) = (Tally::default(), Vec::new(), Vec::new());
        let (left, successor, notes) = (None, None, Vec::new());
        Self {
            outcome,
            headline,
            issue: None,
            pull_request: None,
            tally,
            sequence: 0,
            warnings,
            left,
            successor,
            notes,
            passing: Vec::new(),
            work: Work::default(),
            events,
        }
    }

    /// The outcome's name for programs.
    #[must_use]
    pub const fn outcome_name(&self) -> &'static str {
        match self.outcome {
            Outcome::Recorded => "recorded",
            Outcome::Duplicate => "duplicate",
            Outcome::Ignored => "ignored",
            Outcome::Drained => "drained",
            Outcome::Stopped => "stopped",
        }
    }

    /// Whether work was given up for good, which makes the exit code 1.
    #[must_use]
    pub const fn failed(&self) -> bool {
        self.tally.failed > 0
    }
}

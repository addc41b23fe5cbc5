//! Everything that the dashboard shows, as one value: a fold of the whole history and of how things stand now.
//!
//! What is counted comes from [`Metrics`] and what the queue holds from [`Board`], so that the page cannot say another
//! number than `metrics` and `status` do. Times are milliseconds since 1970 in UTC: ten thousand issues have many.

use std::collections::{BTreeMap, VecDeque};

use serde::Serialize;

use crate::domain::event::Event;
use crate::domain::id::{KindName, Sequence, TaskId};
use crate::domain::room::Room;
use crate::domain::state::State;
use crate::domain::task::Task;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::log::Envelope;
use crate::views::board::{Board, board};
use crate::views::metrics::Metrics;

mod days;
mod drive;
mod failures;
mod figures;
mod issues;
mod lines;
mod spread;
#[cfg(test)]
mod tests;
mod work;

pub use days::Day;
pub use drive::{Drive, DriveFeed, DriveFolder, DriveMove};
pub use failures::{Cause, Failed};
pub use figures::Figures;
pub use issues::{Issue, STEPS, Stage, StepTimes};
pub use lines::{Group, Line};
pub use spread::Spread;
pub use work::{Assistant, Edge, KindTimes};

/// Sentences kept, about a hundred bytes each: enough for the last months of a busy repository, and a page that a
/// browser opens in a second.
const LINES_KEPT: usize = 40_000;

/// Everything that the dashboard shows.
#[derive(Clone, Debug, Serialize)]
pub struct Dashboard {
    /// `owner/name`.
    pub repository: String,
    /// The page of the repository, where it has one.
    pub address: Option<String>,
    /// When the view was made.
    pub at: i64,
    /// When the first event was recorded.
    pub began: i64,
    /// The counts.
    pub figures: Figures,
    /// What happened on each of the last days, the oldest first; days without anything among them.
    pub days: Vec<Day>,
    /// How long issues took from one step to the next.
    pub issue_times: Vec<StepTimes>,
    /// The same of pull requests, people's own among them.
    pub pull_times: Vec<StepTimes>,
    /// Issues and pull requests, the one that was heard of last first.
    pub issues: Vec<Issue>,
    /// The queue, as `status` shows it, but for characters that nobody sees.
    pub board: Board,
    /// Which task needs which, and which led to which.
    pub edges: Vec<Edge>,
    /// Kinds of tasks.
    pub kinds: Vec<KindTimes>,
    /// Assistants.
    pub assistants: Vec<Assistant>,
    /// Google Drive.
    pub drive: Drive,
    /// Dead letters: tasks that were given up and can be revived, the latest first.
    pub dead: Vec<Failed>,
    /// Attempts that failed lately, whatever became of the task, the latest first.
    pub failed: Vec<Failed>,
    /// Sorts of failures over the whole log, the most frequent first.
    pub causes: Vec<Cause>,
    /// What happened, one sentence for each event, the oldest first.
    pub lines: VecDeque<Line>,
    /// How many events before them are left out.
    pub earlier: u64,
}

/// Width of what is told of a task: some reasons quote what a service said.
const WIDE: usize = 400;

/// A board whose words cannot hide or turn anything: they quote services and strangers.
fn harmless(mut board: Board) -> Board {
    for row in &mut board.tasks {
        row.detail = one_line(&row.detail, WIDE);
        row.reason = one_line(&row.reason, WIDE);
    }
    for held in &mut board.held {
        held.reason = one_line(&held.reason, WIDE);
    }
    board
}

/// Where the log belongs.
#[derive(Clone, Debug)]
pub struct Home {
    /// `owner/name`.
    pub repository: String,
    /// The page of the repository, where it has one.
    pub address: Option<String>,
}

/// The history so far. Hand it every event in order, then [`Fold::finish`] it.
pub struct Fold {
    tell: fn(&Envelope) -> String,
    metrics: Metrics,
    days: days::Days,
    issues: issues::Issues,
    kinds: BTreeMap<TaskId, KindName>,
    assistants: work::Reasons,
    failures: failures::Failures,
    links: work::Links,
    drive: drive::Moves,
    lines: VecDeque<Line>,
    earlier: u64,
    began: Option<Timestamp>,
}

impl Fold {
    /// Nothing has happened. `tell` says an event as a sentence that anybody may read.
    #[must_use]
    pub fn new(tell: fn(&Envelope) -> String) -> Self {
        Self {
            tell,
            metrics: Metrics::default(),
            days: days::Days::default(),
            issues: issues::Issues::default(),
            kinds: BTreeMap::new(),
            assistants: work::Reasons::default(),
            failures: failures::Failures::default(),
            links: work::Links::default(),
            drive: drive::Moves::default(),
            lines: VecDeque::new(),
            earlier: 0,
            began: None,
        }
    }

    /// Takes the next event of the history.
    pub fn offer(&mut self, envelope: &Envelope) {
        let recorded = &envelope.recorded;
        self.began.get_or_insert(recorded.stamp.at);
        self.metrics.offer(envelope);
        self.days.offer(recorded);
        if let Event::TaskEnqueued(enqueued) = &recorded.event {
            self.kinds.insert(enqueued.task.clone(), enqueued.spec.kind.clone());
        }
        self.issues.offer(recorded);
        self.assistants.offer(&recorded.event);
        self.failures.offer(recorded, &self.kinds);
        self.links.offer(recorded);
        self.drive.offer(recorded);
        if self.lines.len() == LINES_KEPT {
            self.lines.pop_front();
            self.earlier += 1;
        }
        self.lines.push_back(Line::of(recorded, (self.tell)(envelope)));
    }

    /// Everything, with how things stand at `now`. `room` is what the configuration allows for each task.
    #[must_use]
    pub fn finish(
        self,
        home: Home,
        state: &State,
        now: Timestamp,
        room: &dyn Fn(&Task) -> Room,
    ) -> Dashboard {
        let metrics = self.metrics.with(state);
        let board = harmless(board(state, now, room));
        let first = self.lines.front().map_or(Sequence::ZERO, Line::sequence);
        let (issue_times, pull_times) = self.issues.times();
        let issues = self.issues.finish(state, first);
        Dashboard {
            repository: home.repository,
            address: home.address,
            at: now.as_millis(),
            began: self.began.unwrap_or(now).as_millis(),
            figures: Figures::of(&metrics, &board, &issues),
            days: self.days.until(now),
            issue_times,
            pull_times,
            issues,
            edges: self.links.edges(state),
            kinds: work::kinds(&metrics),
            assistants: self.assistants.assistants(&metrics),
            drive: self.drive.finish(state, &metrics),
            dead: failures::dead(state),
            failed: self.failures.latest(),
            causes: failures::causes(&metrics),
            board,
            lines: self.lines,
            earlier: self.earlier,
        }
    }
}

//! Caps: how much of a sort may be begun in a day, in a run, about an issue, at one person's instigation, and how much was.
//!
//! What counts is the claim, because it is durable before anything happens and the same in every fold: concurrent runs
//! share the caps through the log, and a killed attempt counts as one.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::actor::{Actor, ActorKind};
use super::event::{Stamp, TaskClaimed};
use super::id::{IssueNumber, Login, RunId, Sequence};
use super::input;
use super::spec::TaskSpec;
use super::task::Task;
use super::time::Timestamp;

/// A day, in milliseconds; days begin at midnight UTC.
const DAY: i64 = 24 * 3_600_000;
/// Issues, people and runs kept apart in a day, some 40 bytes each in the snapshot that every run reads: those that began
/// most, who are the nearest to any cap. The day as a whole counts everything.
const KEPT: usize = 500;
/// Triggers whose instigators are known to what they lead to later; a task keeps its own.
const TRIGGERS: usize = 200;
/// The service whose requests are counted: see `TaskClaimed::spends`.
pub const GITHUB: &str = "github";

/// The code of the failure that waits for a cap to be counted anew.
pub const REACHED: &str = "cap_reached";
/// Kinds that write one comment, or bring one up to date.
const COMMENTING: [&str; 3] = [input::COMMENT, input::REHEARSE, input::DRIVE_ISSUE];

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Comments on GitHub that are written or brought up to date: status comments, what a rehearsal tells, issues about Drive
    /// and what is said there, answers in threads of a review.
    Comments,
    /// Pull requests that are opened.
    PullRequests,
    /// Attempts at a change or at a revision.
    Attempts,
    /// Questions to the assistant that judges issues.
    Questions,
    /// Plugins that are started.
    Plugins,
    /// Requests that change something on GitHub, as the kinds of tasks announce them.
    Calls,
}

impl Sort {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Comments, Self::PullRequests, Self::Attempts, Self::Questions, Self::Plugins, Self::Calls];

    /// The key in the configuration.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Comments => "comments",
            Self::PullRequests => "pull_requests",
            Self::Attempts => "attempts",
            Self::Questions => "questions",
            Self::Plugins => "plugins",
            Self::Calls => "calls",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Comments => "comments",
            Self::PullRequests => "pull requests",
            Self::Attempts => "attempts",
            Self::Questions => "questions to the assistant that judges",
            Self::Plugins => "starts of plugins",
            Self::Calls => "requests that change something on GitHub",
        }
    }

    /// How many of this sort a task is.
    #[must_use]
    pub fn of(self, spec: &TaskSpec, calls: u32) -> u32 {
        let is_it = match self {
            // How many threads a revision answers is known only then: see `Counts::answers`.
            Self::Comments => COMMENTING.contains(&spec.kind.as_str()),
            Self::PullRequests => spec.kind.as_str() == input::OPEN_PULL_REQUEST,
            Self::Attempts => matches!(spec.kind.as_str(), input::IMPLEMENT | input::REVISE),
            Self::Plugins => spec.kind.as_str() == input::EXEC,
            // Whether one is asked is known only when the task runs: see `Counts::asked`.
            Self::Questions => false,
            Self::Calls => return calls,
        };
        u32::from(is_it)
    }
}

/// What a cap holds for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Within {
    /// One run.
    Run(RunId),
    /// One issue or pull request, in a day.
    Issue(IssueNumber),
    /// What runs do that one person set off, or one bot that is listened to, in a day.
    Actor(Login),
    /// A day.
    Day,
}

impl Within {
    /// The key in the configuration.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Run(_) => "run",
            Self::Issue(_) => "issue",
            Self::Actor(_) => "actor",
            Self::Day => "day",
        }
    }
}

impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(_) => f.write_str("in one run"),
            Self::Issue(number) => write!(f, "about #{number} in a day"),
            Self::Actor(login) => write!(f, "in a day for what {login} sets off"),
            Self::Day => f.write_str("in a day"),
        }
    }
}

/// How much of each sort is allowed; none: any amount.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Most {
    /// See [`Sort::Comments`].
    pub comments: Option<u32>,
    /// See [`Sort::PullRequests`].
    pub pull_requests: Option<u32>,
    /// See [`Sort::Attempts`].
    pub attempts: Option<u32>,
    /// See [`Sort::Questions`].
    pub questions: Option<u32>,
    /// See [`Sort::Plugins`].
    pub plugins: Option<u32>,
    /// See [`Sort::Calls`].
    pub calls: Option<u32>,
}

impl Most {
    const fn of(&self, sort: Sort) -> Option<u32> {
        match sort {
            Sort::Comments => self.comments,
            Sort::PullRequests => self.pull_requests,
            Sort::Attempts => self.attempts,
            Sort::Questions => self.questions,
            Sort::Plugins => self.plugins,
            Sort::Calls => self.calls,
        }
    }
}

/// What the configuration allows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// In one run.
    pub run: Most,
    /// About one issue or pull request, in a day.
    pub issue: Most,
    /// For what one person sets off, or one bot that is listened to, in a day.
    pub actor: Most,
    /// In a day.
    pub day: Most,
}

impl Caps {
    /// How much of a sort is allowed there; none: any amount.
    #[must_use]
    pub const fn of(&self, within: &Within, sort: Sort) -> Option<u32> {
        let most = match within {
            Within::Run(_) => self.run,
            Within::Issue(_) => self.issue,
            Within::Actor(_) => self.actor,
            Within::Day => self.day,
        };
        most.of(sort)
    }
}

/// A cap that is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// Which.
    pub sort: Sort,
    /// What it holds for.
    pub within: Within,
    /// How much is allowed.
    pub most: u32,
    /// When it is counted anew; none: in the next run.
    pub until: Option<Timestamp>,
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sort, within, most, until } = self;
        let key = format!("limits.caps.{}.{}", within.key(), sort.key());
        write!(f, "{} are capped at {most} {within} (`{key}`), and more begin ", sort.words())?;
        match until {
            Some(until) => write!(f, "after {until}"),
            None => f.write_str("in the next run"),
        }
    }
}

/// How much of each sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Tally {
    #[serde(skip_serializing_if = "is_zero")]
    comments: u32,
    #[serde(skip_serializing_if = "is_zero")]
    pull_requests: u32,
    #[serde(skip_serializing_if = "is_zero")]
    attempts: u32,
    #[serde(skip_serializing_if = "is_zero")]
    questions: u32,
    #[serde(skip_serializing_if = "is_zero")]
    plugins: u32,
    #[serde(skip_serializing_if = "is_zero")]
    calls: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Tally {
    const fn of(&self, sort: Sort) -> u32 {
        match sort {
            Sort::Comments => self.comments,
            Sort::PullRequests => self.pull_requests,
            Sort::Attempts => self.attempts,
            Sort::Questions => self.questions,
            Sort::Plugins => self.plugins,
            Sort::Calls => self.calls,
        }
    }

    const fn sum(&self) -> u32 {
        let begun = self.comments.saturating_add(self.pull_requests).saturating_add(self.attempts);
        begun.saturating_add(self.questions).saturating_add(self.plugins).saturating_add(self.calls)
    }

    const fn add(&mut self, more: Self) {
        self.comments = self.comments.saturating_add(more.comments);
        self.pull_requests = self.pull_requests.saturating_add(more.pull_requests);
        self.attempts = self.attempts.saturating_add(more.attempts);
        self.questions = self.questions.saturating_add(more.questions);
        self.plugins = self.plugins.saturating_add(more.plugins);
        self.calls = self.calls.saturating_add(more.calls);
    }
}

/// What was begun in the day of the last claim.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Days since the epoch.
    day: i64,
    all: Tally,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    issues: BTreeMap<IssueNumber, Tally>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    actors: BTreeMap<Login, Tally>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    runs: BTreeMap<RunId, Tally>,
    /// Which person or bot set off the newest triggers, by their places in the log.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    instigators: BTreeMap<Sequence, Login>,
    /// Who wrote what the newest triggers are about, where somebody else set them off.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    writers: BTreeMap<Sequence, Login>,
}

impl Counts {
    /// Notes who wrote what a trigger is about; to be called after [`Self::set_off`].
    pub(super) fn wrote(&mut self, trigger: Sequence, writer: &Login) {
        if self.instigator(trigger) == Some(writer) {
            return;
        }
        self.writers.insert(trigger, writer.clone());
        while self.writers.len() > TRIGGERS {
            self.writers.pop_first();
        }
    }

    /// Who wrote what a trigger is about; none when nobody did, or it is long ago.
    #[must_use]
    pub fn writer(&self, trigger: Sequence) -> Option<&Login> {
        self.writers.get(&trigger).or_else(|| self.instigator(trigger))
    }

    /// Notes whose doing a trigger is.
    pub(super) fn set_off(&mut self, trigger: Sequence, actor: &Actor) {
        // Of bots and Apps only those are recorded that `bots.allow` names.
        if matches!(actor.kind, ActorKind::Automata | ActorKind::System) {
            return;
        }
        self.instigators.insert(trigger, actor.login.clone());
        while self.instigators.len() > TRIGGERS {
            self.instigators.pop_first();
        }
    }

    /// The person or the bot who set off a trigger; none when it was the clock or we ourselves, or is long ago.
    #[must_use]
    pub fn instigator(&self, trigger: Sequence) -> Option<&Login> {
        self.instigators.get(&trigger)
    }

    /// Counts the claim of a task that goes back to `actor`. What is only recorded and never done counts for nothing.
    pub(super) fn claimed(
        &mut self,
        (spec, actor): (&TaskSpec, Option<&Login>),
        claimed: &TaskClaimed,
        stamp: &Stamp,
    ) {
        let calls = claimed.spends.iter().find(|(service, _)| service.as_str() == GITHUB);
        let calls = calls.map_or(0, |(_, tokens)| *tokens);
        let count = |sort: Sort| sort.of(spec, calls);
        let more = Tally {
            comments: count(Sort::Comments),
            pull_requests: count(Sort::PullRequests),
            attempts: count(Sort::Attempts),
            questions: count(Sort::Questions),
            plugins: count(Sort::Plugins),
            calls,
        };
        self.count((spec, actor), more, stamp);
    }

    /// Counts a question that a task which goes back to `actor` is about to ask.
    pub(super) fn asked(&mut self, about: (&TaskSpec, Option<&Login>), stamp: &Stamp) {
        self.count(about, Tally { questions: 1, ..Tally::default() }, stamp);
    }

    /// Counts answers that a task which goes back to `actor` is about to give in threads of a review.
    pub(super) fn answers(&mut self, about: (&TaskSpec, Option<&Login>), count: u32, stamp: &Stamp) {
        self.count(about, Tally { comments: count, ..Tally::default() }, stamp);
    }

    fn count(&mut self, (spec, actor): (&TaskSpec, Option<&Login>), more: Tally, stamp: &Stamp) {
        if spec.held.is_some() || more == Tally::default() {
            return;
        }
        // A run whose clock goes behind counts for the day that has begun.
        if day(stamp.at) > self.day {
            let (instigators, writers) =
                (std::mem::take(&mut self.instigators), std::mem::take(&mut self.writers));
            *self = Self { day: day(stamp.at), instigators, writers, ..Self::default() };
        }
        self.all.add(more);
        if let Some(number) = spec.subject.number() {
            count_apart(&mut self.issues, number, more);
        }
        if let Some(actor) = actor {
            count_apart(&mut self.actors, actor.clone(), more);
        }
        count_apart(&mut self.runs, stamp.run.clone(), more);
    }

    /// The cap that `more` of a sort, of a task that runs in this run, would pass; none when they may be begun.
    #[must_use]
    pub fn passed(
        &self,
        caps: &Caps,
        sort: Sort,
        (task, run): (&Task, Option<&RunId>),
        more: u32,
        now: Timestamp,
    ) -> Option<Reached> {
        let (run, issue) = (run.cloned().map(Within::Run), task.spec.subject.number().map(Within::Issue));
        let all = [run, issue, task.set_off_by.clone().map(Within::Actor), Some(Within::Day)];
        all.into_iter().flatten().find_map(|within| {
            let most = caps.of(&within, sort)?;
            self.reached((&within, sort, most), 0, more, now)
        })
    }

    /// Whether `amount` more, beside what is `planned`, would be more than `most`. What is more than a cap allows by
    /// itself may be the first.
    #[must_use]
    pub fn reached(
        &self,
        cap: (&Within, Sort, u32),
        planned: u32,
        amount: u32,
        now: Timestamp,
    ) -> Option<Reached> {
        let (within, sort, most) = cap;
        let begun = self.begun(sort, within, now).saturating_add(planned);
        if begun == 0 && most > 0 || begun.saturating_add(amount) <= most {
            return None;
        }
        let is_run = matches!(within, Within::Run(_));
        let midnight = Timestamp::from_millis((day(now).max(self.day) + 1) * DAY);
        Some(Reached { sort, within: within.clone(), most, until: (!is_run).then_some(midnight) })
    }

    fn begun(&self, sort: Sort, within: &Within, now: Timestamp) -> u32 {
        let tally = match within {
            // A run may go on over midnight; its count then begins anew with the day.
            _ if day(now) > self.day => None,
            Within::Run(run) => self.runs.get(run),
            Within::Issue(number) => self.issues.get(number),
            Within::Actor(login) => self.actors.get(login),
            Within::Day => Some(&self.all),
        };
        tally.map_or(0, |tally| tally.of(sort))
    }
}

fn count_apart<K: Ord + Clone>(kept: &mut BTreeMap<K, Tally>, key: K, more: Tally) {
    if kept.len() >= KEPT && !kept.contains_key(&key) {
        let least = kept.iter().min_by_key(|(_, tally)| tally.sum()).map(|(key, _)| key.clone());
        least.map(|key| kept.remove(&key));
    }
    kept.entry(key).or_default().add(more);
}

fn day(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(DAY)
}

#[cfg(test)]
mod tests;

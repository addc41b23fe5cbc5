//! Finds what no event told: lists what changed since the last look, and records what is not in the log.

mod lists;

use std::collections::BTreeMap;
use std::time::Duration;

use self::lists::Listed;
use super::limits;
use super::long_ago;
use super::ourselves;
use super::run::intake_context;
use super::session::Session;
use super::world::World;
use crate::config::ours;
use crate::domain::command::{Command, Rejection};
use crate::domain::count::counted;
use crate::domain::event::RepositoryReconciled;
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, ServiceName};
use crate::domain::state::State;
use crate::domain::time::Timestamp;
use crate::domain::trigger::Trigger;
use crate::intake::missed::{Kind, Missed, Object, of_comment, of_issue, of_pull, of_review, wants_whole};
use crate::intake::{self, Intake, IntakeContext};
use crate::report::sentence;
use crate::services::github::{GitHub, Listing};

/// What changed less than this long ago is left to its event, whose run may only just have begun.
const GRACE: Duration = Duration::from_secs(5 * 60);
/// Looked at again each time: lists may lag behind, and what is in the log already is recognised by its name.
const OVERLAP: Duration = Duration::from_secs(10 * 60);
/// A cursor that moved less than this is not worth an event, though one is pushed anyway.
const WORTH_AN_EVENT: Duration = Duration::from_secs(3_600);
/// A cursor that moved less than this is not worth a push of its own; the next look begins a little earlier then.
const WORTH_A_PUSH: Duration = Duration::from_secs(6 * 3600);

/// The code of the failure that ends a look that has asked as much as it may.
const TOO_MUCH: &str = "too_much_at_once";

/// How far one look goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Depth {
    /// Not before the last look is this old.
    every: Duration,
    /// Pages of each list.
    pages: usize,
    /// Requests for single pull requests, reviews and issues. What is left over is found by the next look, because
    /// the cursor does not pass it.
    requests: usize,
    /// From when on, whatever the last look covered.
    since: Option<Timestamp>,
}

impl Depth {
    /// Beside an event, which wants to be dealt with soon: three requests, every ten minutes at most.
    pub(super) const BESIDE_AN_EVENT: Self =
        Self { every: Duration::from_secs(600), pages: 1, requests: 20, since: None };
    /// In a run without an event, such as the scheduled one.
    pub(super) const FULL: Self =
        Self { every: Duration::from_secs(60), pages: 10, requests: 200, since: None };

    /// All since the last look, right now.
    pub(super) const NOW: Self = Self { every: Duration::ZERO, ..Self::FULL };

    /// All since then.
    #[must_use]
    pub(super) const fn since(since: Timestamp) -> Self {
        Self { every: Duration::ZERO, pages: 100, requests: 2_000, since: Some(since) }
    }
}

/// What a look found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// What no event had told, one sentence each.
    pub(super) told: Vec<String>,
    /// Up to when everything is in the log now; none when nothing was looked at.
    pub(super) until: Option<Timestamp>,
}

/// Records what no event told; comes back with what there is to say of it. That it cannot be found out now holds
/// nothing up: the next run looks from the same place on.
pub(super) async fn find(session: &Session, world: &World, beside_event: bool) -> Option<String> {
    // One of the runs that share the queue is enough.
    if world.shard.is_some_and(|shard| shard.index > 0) {
        return None;
    }
    let depth = if beside_event { Depth::BESIDE_AN_EVENT } else { Depth::FULL };
    match look(session, world, depth).await {
        Ok(found) if found.told.is_empty() => None,
        Ok(found) => {
            let count = counted(found.told.len(), "event", "events");
            Some(format!("found {count} that nobody had told: {}", found.told.join("; ")))
        }
        Err(failure) => {
            tracing::warn!(%failure, "what no event told cannot be looked for now; the next run does");
            None
        }
    }
}

/// Looks, when it is time to, and submits what was missed.
///
/// # Errors
/// When GitHub does not answer or refuses; what was found until then is not recorded, and the next look finds it.
pub(super) async fn look(session: &Session, world: &World, depth: Depth) -> Result<Found, Failure> {
    let now = session.now();
    let Some(since) = due(&session.state(), depth, now) else { return Ok(Found::default()) };
    let github = world.services.github.as_ref();
    let seen = if depth.since.is_none() { session.state().lists.clone() } else { BTreeMap::new() };
    let Listed { listed, until, seen: mut lists } =
        lists::read(github, (since, now), now.minus(GRACE), depth.pages, &seen).await?;
    let whole = until;
    let context = intake_context(world);
    let mut asked = Asked { github, left: depth.requests, pulls: BTreeMap::new(), issues: BTreeMap::new() };
    asked.know(&listed);
    let mut looked = Looked { asked, session, since, context: &context, missed: Vec::new(), until };
    looked.through(&listed).await?;
    let (missed, until) = (looked.missed, looked.until);
    if until < whole {
        // What was left over is in lists that will look the same.
        lists.clear();
    }
    let seen = missed.iter().map(|missed| (missed.event, missed.payload.as_slice()));
    let context = ourselves::known_by(world, context.clone(), seen).await;
    let mut told = Vec::new();
    let triggers: Vec<Box<Trigger>> =
        missed.iter().filter_map(|missed| understood(missed, &context)).collect();
    let recorded = long_ago::recorded(session, triggers.iter().map(AsRef::as_ref)).await;
    let recorded = recorded.map_err(|error| Failure::transient("unread", error.to_string()))?;
    for trigger in triggers.into_iter().filter(|trigger| !recorded.contains_key(&trigger.identity)) {
        told.extend(record(session, world, trigger));
    }
    let moved = session.state().reconciled.map(|before| until.since(before));
    let far =
        moved.is_none_or(|moved| moved >= WORTH_A_PUSH || (moved >= WORTH_AN_EVENT && !session.is_clean()));
    let is_new = depth.since.is_none() && lists != session.state().lists;
    if !told.is_empty() || far || (is_new && !session.is_clean()) {
        let found = u32::try_from(told.len()).unwrap_or(u32::MAX);
        let lists = is_new.then_some(lists);
        let is_named = session.state().repository.is_some();
        let repository = (!is_named).then(|| world.repository.to_string());
        let reconciled = RepositoryReconciled { until, found, budget: github.budget(), lists, repository };
        if let Err(reason) = session.submit(Command::Reconciled(reconciled)) {
            tracing::debug!(%reason, "another run has looked further");
        }
    }
    Ok(Found { told, until: Some(until) })
}

/// From when on to look; none when it is not time yet, or when the log is new: what was before is nobody's loss.
fn due(state: &State, depth: Depth, now: Timestamp) -> Option<Timestamp> {
    if let Some(since) = depth.since {
        return Some(since);
    }
    let asked_for_quiet = state.spending.get(&ServiceName::new(limits::GITHUB));
    if state.sequence.0 == 0 || asked_for_quiet.is_some_and(|github| github.quiet_until(now).is_some()) {
        return None;
    }
    let last = state.reconciled.unwrap_or(state.began);
    (now.since(last) >= depth.every).then(|| last.minus(OVERLAP))
}

/// What was missed, in our words; nothing when it is none of our business.
fn understood(missed: &Missed, context: &IntakeContext) -> Option<Box<Trigger>> {
    match intake::read(missed.event, &missed.payload, context) {
        Ok(Intake::Trigger(mut trigger)) => {
            // What was opened shows the text that the log knows from then on, and nothing was approved of it before.
            if trigger.action.as_deref() != Some("opened") {
                trigger.found_later();
            }
            Some(trigger)
        }
        Ok(Intake::Ignored { reason }) => {
            tracing::debug!(reason, "passed over");
            None
        }
        Err(refusal) => {
            tracing::warn!(%refusal, "GitHub lists something that makes no sense");
            None
        }
    }
}

/// Records one, and tells it; nothing when it is in the log.
fn record(session: &Session, world: &World, trigger: Box<Trigger>) -> Option<String> {
    let (told, requests) =
        (sentence::received(&trigger), ours::following(&world.config, &session.state(), &trigger));
    match session.submit(Command::RecordTrigger { trigger, requests }) {
        Ok(_) => Some(told),
        Err(Rejection::Duplicate(_)) => None,
        Err(rejection) => {
            tracing::warn!(%rejection, "what was missed cannot be recorded");
            None
        }
    }
}

/// Finds out what happened to what changed.
struct Looked<'a> {
    asked: Asked<'a>,
    session: &'a Session,
    since: Timestamp,
    context: &'a IntakeContext,
    missed: Vec<Missed>,
    until: Timestamp,
}

impl Looked<'_> {
    /// Goes through what changed until it is through, or has asked as much as it may.
    async fn through(&mut self, listed: &[Object]) -> Result<(), Failure> {
        let until = self.until;
        for (done, object) in listed.iter().enumerate().filter(|(_, object)| object.updated_at <= until) {
            if let Some(bar) = self.session.bar() {
                bar.at(done as u64, listed.len() as u64);
            }
            let before = self.missed.len();
            let looked = match object.kind() {
                Kind::Issue => self.issue(object).await,
                Kind::Comment => self.comment(object).await,
                Kind::ReviewComment => self.review_comment(object).await,
            };
            match looked {
                Err(failure) if failure.code == TOO_MUCH => {
                    tracing::info!(
                        "more has changed than one look may ask about; the next one goes on from here"
                    );
                    self.missed.truncate(before);
                    self.until = object.updated_at;
                    return Ok(());
                }
                looked => looked?,
            }
        }
        Ok(())
    }

    async fn issue(&mut self, issue: &Object) -> Result<(), Failure> {
        let (wants_whole, is_ours) = {
            let state = self.session.state();
            self.missed.extend(of_issue(issue, &state, self.since, self.context));
            (wants_whole(issue, &state, self.since), is_ours(&state, issue.number))
        };
        if wants_whole && let Some(pull) = self.asked.pull(issue.number).await? {
            self.missed.extend(of_pull(&pull, &self.session.state(), self.context));
        }
        if issue.is_pull && is_ours {
            self.reviews(issue.number).await?;
        }
        Ok(())
    }

    async fn comment(&mut self, comment: &Object) -> Result<(), Failure> {
        if let Some(on) = self.asked.issue(comment.number).await? {
            self.missed.extend(of_comment(comment, &on, self.since, self.context));
        }
        Ok(())
    }

    async fn review_comment(&mut self, comment: &Object) -> Result<(), Failure> {
        if let Some(on) = self.asked.pull(comment.number).await? {
            self.missed.extend(of_comment(comment, &on, self.since, self.context));
        }
        Ok(())
    }

    async fn reviews(&mut self, pull: IssueNumber) -> Result<(), Failure> {
        let reviews = self.asked.documents(Listing::Reviews(pull)).await?;
        let reviews = reviews.iter().filter_map(|text| Object::read(text));
        let new: Vec<Object> = reviews.filter(|review| review.updated_at >= self.since).collect();
        if new.is_empty() {
            return Ok(());
        }
        if let Some(on) = self.asked.pull(pull).await? {
            self.missed.extend(new.iter().filter_map(|review| of_review(review, &on, self.context)));
        }
        Ok(())
    }
}

/// Whether a pull request is one that was opened for an issue here.
fn is_ours(state: &State, number: IssueNumber) -> bool {
    state.issues.values().any(|issue| issue.pull_request.as_ref().is_some_and(|pull| pull.number == number))
}

/// What is asked for one by one, within a budget.
struct Asked<'a> {
    github: &'a dyn GitHub,
    left: usize,
    issues: BTreeMap<IssueNumber, Option<Object>>,
    pulls: BTreeMap<IssueNumber, Option<Object>>,
}

impl Asked<'_> {
    /// What was listed need not be asked for.
    fn know(&mut self, listed: &[Object]) {
        let issues = listed.iter().filter(|object| object.kind() == Kind::Issue);
        self.issues.extend(issues.map(|issue| (issue.number, Some(issue.clone()))));
    }

    async fn documents(&mut self, listing: Listing) -> Result<Vec<String>, Failure> {
        let spent = || Failure::transient(TOO_MUCH, "one look asks about no more");
        self.left = self.left.checked_sub(1).ok_or_else(spent)?;
        self.github.documents(listing).await
    }

    async fn issue(&mut self, number: IssueNumber) -> Result<Option<Object>, Failure> {
        if let Some(known) = self.issues.get(&number) {
            return Ok(known.clone());
        }
        let found = self.one(Listing::Issue(number)).await?;
        Ok(self.issues.entry(number).or_insert(found).clone())
    }

    async fn pull(&mut self, number: IssueNumber) -> Result<Option<Object>, Failure> {
        if let Some(known) = self.pulls.get(&number) {
            return Ok(known.clone());
        }
        let found = self.one(Listing::Pull(number)).await?;
        Ok(self.pulls.entry(number).or_insert(found).clone())
    }

    async fn one(&mut self, listing: Listing) -> Result<Option<Object>, Failure> {
        Ok(self.documents(listing).await?.first().and_then(|text| Object::read(text)))
    }
}

//! The state as files and back: a cache at a place in the log, cut so that unchanged parts stay the same.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Unfoldable;
use crate::domain::allowance::Allowance;
use crate::domain::caps::Counts;
use crate::domain::circuit::{Breaker, Circuit};
use crate::domain::effect::Effect;
use crate::domain::event::ListSeen;
use crate::domain::feature::Feature;
use crate::domain::features::Standing;
use crate::domain::id::{EffectId, IssueNumber, ScheduleName, Sequence, ServiceName, TriggerIdentity};
use crate::domain::learned::{Learning, ModelLearned};
use crate::domain::ledger::Ledger;
use crate::domain::schedule::Recurring;
use crate::domain::spending::Spending;
use crate::domain::state::{Held, IssueState, Remembered, Seen, State, Taken};
use crate::domain::tasks::Tasks;
use crate::domain::time::Timestamp;
use crate::domain::watched::Watched;
use crate::log::Snapshot;

/// Version of the fold. Raise it whenever `domain::evolve` folds the same events into another state, or
/// the state's stored shape changes; older snapshots are then passed over and the history folded anew.
pub const FOLD: u32 = 15;

/// Files that issues are spread over. A snapshot writes only those in which an issue changed: in a quiet repository
/// a part of them, in a busy one all. With 500 open issues four files are 11 percent smaller, compressed, than sixteen.
const SHARDS: u64 = 4;

const CORE: &str = "core.json";
/// What is watched in Drive: as large as the watched folders, and seldom another.
const DRIVE: &str = "drive.json";

/// Everything but the issues.
#[derive(Serialize, Deserialize)]
struct Core {
    sequence: Sequence,
    at: Timestamp,
    began: Timestamp,
    triggers: BTreeMap<TriggerIdentity, Seen>,
    held: BTreeMap<Sequence, Held>,
    tasks: Tasks,
    effects: BTreeMap<EffectId, Effect>,
    remembered: BTreeMap<IssueNumber, Remembered>,
    idempotency: BTreeMap<String, Taken>,
    schedules: BTreeMap<ScheduleName, Recurring>,
    reconciled: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    repository: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    lists: BTreeMap<String, ListSeen>,
    features: BTreeMap<Feature, Standing>,
    paused: Option<String>,
    learned: Option<ModelLearned>,
    learning: Learning,
    spending: BTreeMap<ServiceName, Spending>,
    counts: Counts,
    circuits: BTreeMap<Breaker, Circuit>,
    ledger: Ledger,
    /// Whether there is a file of what is watched in Drive, so that it is missed.
    drive: bool,
    uploaded: Allowance,
    is_untidy: bool,
    /// How many issues the other files hold together, so that a missing file is noticed.
    issues: usize,
}

/// The state as files.
///
/// # Errors
/// When the state has no JSON form, which would be a bug: every part of it came from JSON.
pub fn write(state: &State) -> Result<Snapshot, serde_json::Error> {
    let core = Core {
        sequence: state.sequence,
        at: state.at,
        began: state.began,
        triggers: state.triggers.clone(),
        held: state.held.clone(),
        tasks: state.tasks.clone(),
        effects: state.effects.clone(),
        remembered: state.remembered.clone(),
        idempotency: state.idempotency.clone(),
        schedules: state.schedules.clone(),
        reconciled: state.reconciled,
        repository: state.repository.clone(),
        lists: state.lists.clone(),
        features: state.features.clone(),
        paused: state.paused.clone(),
        learned: state.learned.clone(),
        learning: state.learning.clone(),
        spending: state.spending.clone(),
        counts: state.counts.clone(),
        circuits: state.circuits.clone(),
        ledger: state.ledger.clone(),
        drive: !state.watched.is_empty(),
        uploaded: state.uploaded.clone(),
        is_untidy: state.is_untidy,
        issues: state.issues.len(),
    };
    let mut shards: BTreeMap<u64, BTreeMap<IssueNumber, &IssueState>> = BTreeMap::new();
    for (number, issue) in &state.issues {
        shards.entry(number.0 % SHARDS).or_default().insert(*number, issue);
    }
    let mut files = vec![(CORE.to_owned(), serde_json::to_vec(&core)?)];
    if core.drive {
        files.push((DRIVE.to_owned(), serde_json::to_vec(&state.watched)?));
    }
    for (shard, issues) in shards {
        files.push((format!("issues-{shard:02}.json"), serde_json::to_vec(&issues)?));
    }
    Ok(Snapshot { sequence: state.sequence, fold: FOLD, files })
}

/// The state out of its files.
///
/// # Errors
/// [`Unfoldable`] when another fold made it or a file is missing or damaged.
pub fn read(snapshot: &Snapshot) -> Result<State, Unfoldable> {
    if snapshot.fold != FOLD {
        return Err(Unfoldable::OtherFold);
    }
    let bad = |name: &str, error: serde_json::Error| Unfoldable::BadSnapshot(format!("{name}: {error}"));
    let mut core: Option<Core> = None;
    let mut watched: Option<Watched> = None;
    let mut issues = BTreeMap::new();
    for (name, content) in &snapshot.files {
        if name == CORE {
            core = Some(serde_json::from_slice(content).map_err(|error| bad(name, error))?);
        } else if name == DRIVE {
            watched = Some(serde_json::from_slice(content).map_err(|error| bad(name, error))?);
        } else {
            let shard: BTreeMap<IssueNumber, IssueState> =
                serde_json::from_slice(content).map_err(|error| bad(name, error))?;
            issues.extend(shard);
        }
    }
    let core = core.ok_or_else(|| Unfoldable::BadSnapshot(format!("{CORE} is missing")))?;
    let sequence = core.sequence;
    if sequence != snapshot.sequence {
        return Err(Unfoldable::BadSnapshot(format!(
            "{CORE} is of event {sequence}, not {}",
            snapshot.sequence
        )));
    }
    if issues.len() != core.issues {
        return Err(Unfoldable::BadSnapshot(format!(
            "{} issues are there, {} were written",
            issues.len(),
            core.issues
        )));
    }
    if core.drive != watched.is_some() {
        return Err(Unfoldable::BadSnapshot(format!("{DRIVE} is missing")));
    }
    let mut state = State {
        sequence,
        at: core.at,
        began: core.began,
        triggers: core.triggers,
        held: core.held,
        tasks: core.tasks,
        effects: core.effects,
        issues,
        remembered: core.remembered,
        idempotency: core.idempotency,
        schedules: core.schedules,
        reconciled: core.reconciled,
        repository: core.repository,
        lists: core.lists,
        features: core.features,
        paused: core.paused,
        learned: core.learned,
        learning: core.learning,
        spending: core.spending,
        counts: core.counts,
        circuits: core.circuits,
        ledger: core.ledger,
        watched: watched.unwrap_or_default(),
        uploaded: core.uploaded,
        is_untidy: core.is_untidy,
    };
    state.see_time();
    Ok(state)
}

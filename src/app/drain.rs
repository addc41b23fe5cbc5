//! Works through the queue: claims what is ready, runs it, records what came of it, until nothing is left.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::limits;
use super::recurring;
use super::session::{Error, Session};
use crate::config::{Config, Mode};
use crate::domain::command::{Command, Outcome};
use crate::domain::failure::Failure;
use crate::domain::id::TaskId;
use crate::domain::task::{DEFAULT_LEASE, Task};
use crate::domain::time::Timestamp;
use crate::queue::{self, Hands, Limits};
use crate::services::github::RunState;
use crate::tasks::{self, Context, Done, Services};

/// How long what is to become durable may be held up by tasks that still work. Short enough that a label
/// appears at once and an event is safe soon, long enough that what belongs together goes out in one push.
const LINGER: Duration = Duration::from_secs(2);

/// Works through the queue until nothing is ready, or until `deadline`, after which nothing new is begun.
///
/// # Errors
/// When the log cannot be written.
pub async fn drain(
    session: &Session,
    services: &Services,
    config: &Config,
    deadline: Option<Timestamp>,
) -> Result<(), Error> {
    let limits = limits::of(config);
    let most = Hands { all: config.limits.tasks_at_once, heavy: config.limits.heavy_at_once };
    let busy = RefCell::new(BTreeSet::new());
    let mut running = FuturesUnordered::new();
    let mut linger = None;
    {
        let release = release_lost(session, services);
        futures_util::pin_mut!(release);
        tokio::select! {
            biased;
            () = &mut release => {}
            // What came in must not wait until a slow service has told about other runs.
            () = session.clock().sleep(LINGER), if !session.is_clean() => {
                session.flush().await?;
                release.await;
            }
        }
    }
    loop {
        let open = deadline.is_none_or(|deadline| session.now() < deadline);
        if open {
            recurring::fire_due(session);
            let claimed = claim(session, &limits, most, &busy.borrow());
            for task in claimed {
                busy.borrow_mut().insert(task.id.clone());
                let busy = &busy;
                running.push(async move {
                    let id = task.id.clone();
                    work(session, services, config, task).await;
                    busy.borrow_mut().remove(&id);
                });
            }
        }
        if running.is_empty() {
            linger = None;
            session.flush().await?;
            // While the last append was under way another run may have added work that is ready now.
            if !open || queue::plan(&session.state(), session.now(), &limits, most).is_empty() {
                return Ok(());
            }
            continue;
        }
        let settled = next_settled(session, &mut running, &mut linger).await;
        if settled == Settled::Quiet {
            linger = None;
            let flush = session.flush();
            futures_util::pin_mut!(flush);
            loop {
                tokio::select! {
                    // In a fixed order, so that a run can be repeated from a seed.
                    biased;
                    flushed = &mut flush => { flushed?; break; }
                    Some(()) = running.next(), if !running.is_empty() => {}
                }
            }
        }
    }
}

/// What made the loop wake up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Settled {
    /// A task ended.
    Task,
    /// Every task waits for durability, or something has waited long enough.
    Quiet,
}

type Waiting<'a> = Pin<Box<dyn Future<Output = ()> + 'a>>;

/// `linger` goes on from call to call: other tasks that end in the meantime must not put durability off.
async fn next_settled<'a, F: Future<Output = ()>>(
    session: &'a Session,
    running: &mut FuturesUnordered<F>,
    linger: &mut Option<Waiting<'a>>,
) -> Settled {
    let count = running.len();
    let quiet = async {
        while !session.all_wait(count) {
            session.quieter().await;
        }
    };
    let lingered = async {
        while session.is_clean() {
            session.quieter().await;
        }
        linger.get_or_insert_with(|| Box::pin(session.clock().sleep(LINGER))).await;
    };
    tokio::select! {
        biased;
        Some(()) = running.next() => Settled::Task,
        () = quiet => Settled::Quiet,
        () = lingered => Settled::Quiet,
    }
}

/// Claims what is ready. The claims are in the buffer; they become durable before anything outside changes.
/// A task is not claimed again while this run still works on it under a lease that it has lost: both would
/// look the same.
fn claim(session: &Session, limits: &Limits, mut hands: Hands, busy: &BTreeSet<TaskId>) -> Vec<Task> {
    let now = session.now();
    for id in busy {
        hands.take(session.state().tasks.get(id).is_some_and(|task| limits.heavy.contains(&task.spec.kind)));
    }
    let mut planned = queue::plan(&session.state(), now, limits, hands);
    planned.retain(|id| !busy.contains(id));
    let mut claimed = Vec::with_capacity(planned.len());
    for id in planned {
        let Some((room, kind)) =
            session.state().tasks.get(&id).map(|task| (limits.room(task), task.spec.kind.clone()))
        else {
            continue;
        };
        let until = now.plus(tasks::find(kind.as_str()).map_or(DEFAULT_LEASE, |kind| kind.lease));
        if session.submit(Command::Claim { task: id.clone(), until, room }).is_ok() {
            claimed.extend(session.state().tasks.get(&id).cloned());
        }
    }
    claimed
}

/// Runs one task and records what came of it.
async fn work(session: &Session, services: &Services, config: &Config, task: Task) {
    let (id, lease) = (task.id.clone(), task.leases);
    let kind = tasks::find(task.spec.kind.as_str());
    let if_final = kind.map(|kind| (kind.if_final)(&task)).unwrap_or_default();
    let result = match kind {
        None => {
            Err(Failure::permanent("unknown_kind", format!("no task kind is called `{}`", task.spec.kind))
                .hint("A newer version may have enqueued it: use that version, or cancel the task."))
        }
        Some(kind) if kind.changes_outside && config.mode == Mode::Observe => {
            Done::note("observe mode: nothing was changed outside", Vec::new())
        }
        Some(kind) => {
            let context = Context { task, config, services, journal: session };
            (kind.run)(&context).await
        }
    };
    let outcome = match result {
        Ok(Done { output, follow_ups }) => Outcome::Completed { output, follow_ups },
        Err(failure) => {
            tracing::warn!(task = %id, code = %failure.code, "{failure}");
            Outcome::Failed { failure, if_final }
        }
    };
    if let Err(reason) = session.submit(Command::RecordOutcome { task: id, lease, outcome }) {
        tracing::debug!(%reason, "an outcome no longer applies");
    }
}

/// Takes tasks back from runs that are gone: the forge says that the run has ended, or the lease is over.
async fn release_lost(session: &Session, services: &Services) {
    let held: Vec<Task> =
        session.state().tasks.values().filter(|task| task.lease().is_some()).cloned().collect();
    let mut known: Vec<(crate::domain::id::RunId, RunState)> = Vec::new();
    for task in held {
        let Some(lease) = task.lease() else { continue };
        if lease.run == *session.run() {
            continue;
        }
        let state = match known.iter().find(|(run, _)| *run == lease.run) {
            Some((_, state)) => *state,
            None => {
                let state = services.github.run_state(&lease.run).await.unwrap_or(RunState::Unknown);
                known.push((lease.run.clone(), state));
                state
            }
        };
        let reason = match state {
            RunState::Ended => format!("run {} has ended without an outcome", lease.run),
            _ if lease.until <= session.now() => {
                format!("the lease of run {} ended at {}", lease.run, lease.until)
            }
            RunState::Alive | RunState::Unknown => continue,
        };
        let if_final =
            tasks::find(task.spec.kind.as_str()).map(|kind| (kind.if_final)(&task)).unwrap_or_default();
        let release = Command::Release { task: task.id.clone(), lease: lease.number, reason, if_final };
        if let Err(reason) = session.submit(release) {
            tracing::debug!(%reason, "a lost task was settled already");
        }
    }
}

//! Works through the queue: claims what is ready, runs it, records what came of it, until nothing is left.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use super::observe;
use super::pace::Pace;
use super::recurring;
use super::run;
use super::session::{Error, Session};
use super::shown::Shown;
use super::stop::Stop;
use super::{attempt, limits, release};
use crate::config::Config;
use crate::domain::command::Command;
use crate::domain::id::{RunId, TaskId};
use crate::domain::task::{DEFAULT_LEASE, Task};
use crate::domain::time::Timestamp;
use crate::queue::{self, Hands, Limits};
use crate::tasks::{self, Services};

/// How long what is to become durable may be held up by tasks that still work. Short enough that a label
/// appears at once and an event is safe soon, long enough that what belongs together goes out in one push.
const LINGER: Duration = Duration::from_secs(2);
/// How long a run that writes nothing goes on without looking at the log: somebody may have cancelled a task.
const LOOK: Duration = Duration::from_secs(15);

/// Until when a run takes on work.
#[derive(Clone, Default)]
pub struct Until {
    /// Nothing new is begun after then.
    pub deadline: Option<Timestamp>,
    /// What is under way is given back when this is told.
    pub stop: Stop,
}

/// Works through the queue until nothing is ready, or as long as `until` says.
///
/// # Errors
/// When the log cannot be written.
pub async fn drain(
    session: &Session,
    services: &Services,
    config: &Config,
    until: &Until,
) -> Result<(), Error> {
    look_around(session, services).await?;
    let limits = Limits { shard: session.shard(), run: Some(session.run().clone()), ..limits::of(config) };
    // Nobody else works on the rest of a shard.
    if session.shard().is_none() && other_runs(session) >= config.limits.runs_at_once {
        // They hold leases, so they will write, find that the log has moved on, and see what is new.
        tracing::info!("enough runs are at work; this one leaves its work to them");
        Shown::new(session.now()).ask(session, services, config);
        return session.flush().await;
    }
    work_through(session, services, config, until, limits).await
}

/// Works on these tasks and no others, for a command that somebody waits for.
///
/// # Errors
/// When the log cannot be written.
pub(super) async fn drain_these(
    session: &Session,
    services: &Services,
    config: &Config,
    tasks: BTreeSet<TaskId>,
) -> Result<(), Error> {
    let limits = Limits { only: Some(tasks), run: Some(session.run().clone()), ..limits::of(config) };
    work_through(session, services, config, &Until::default(), limits).await
}

/// Works on what the limits let it, until nothing is ready.
async fn work_through(
    session: &Session,
    services: &Services,
    config: &Config,
    until: &Until,
    limits: Limits,
) -> Result<(), Error> {
    let hands = Hands { all: config.limits.tasks_at_once, heavy: config.limits.heavy_at_once };
    let pace = Pace::new();
    let (busy, ended) = (RefCell::new(BTreeSet::new()), Cell::new(0));
    let mut running = FuturesUnordered::new();
    let mut exchange = Exchange { session, pace: &pace, under_way: None, appending: Cell::new(false).into() };
    let mut timers = Timers::default();
    let mut shown = Shown::new(session.now());
    loop {
        if until.stop.is_told() {
            running.clear();
            exchange.finish().await?;
            release::ours(session, busy.borrow().iter());
            return session.flush().await;
        }
        let open = until.deadline.is_none_or(|deadline| session.now() < deadline);
        let mut refused = Vec::new();
        if open {
            if limits.only.is_none() {
                recurring::fire_due(session);
                if !running.is_empty() && shown.is_due(session.now()) {
                    shown.ask(session, services, config);
                }
            }
            let claims = claim(session, config, &limits, hands, &busy.borrow());
            refused = claims.refused;
            for task in claims.granted {
                busy.borrow_mut().insert(task.id.clone());
                let (busy, ended) = (&busy, &ended);
                running.push(async move {
                    let id = task.id.clone();
                    attempt::make(session, services, config, task).await;
                    busy.borrow_mut().remove(&id);
                    ended.set(ended.get() + 1);
                });
            }
        }
        if running.is_empty() {
            // What came of it all goes out with what is still to be written.
            if open && limits.only.is_none() && shown.ask(session, services, config) {
                continue;
            }
            exchange.finish().await?;
            // One that has rung already must not be asked again.
            timers = Timers::default();
            if !session.is_clean() {
                pace.count(session.now());
            }
            session.flush().await?;
            // While the last append was under way another run may have added work that is ready now.
            let offered = queue::plan(&session.state(), session.now(), &limits, hands);
            if !open || offered.is_empty() {
                return Ok(());
            }
            if offered == refused {
                tracing::warn!(
                    tasks = offered.len(),
                    "work is offered that may not be claimed; left to the next run"
                );
                return Ok(());
            }
            continue;
        }
        show(session, &busy.borrow(), ended.get());
        let count = running.len();
        tokio::select! {
            // In a fixed order, so that a run can be repeated from a seed.
            biased;
            () = until.stop.told() => {}
            Some(()) = running.next() => {}
            done = exchange.done() => {
                timers = Timers::default();
                done?;
            }
            due = timers.due(session, count), if !exchange.is_under_way() => exchange.begin(due),
        }
    }
}

/// Shows whoever watches how many tasks are done, and what is worked on.
fn show(session: &Session, busy: &BTreeSet<TaskId>, ended: u64) {
    let Some(bar) = session.bar() else { return };
    let state = session.state();
    let kinds: BTreeSet<&str> =
        busy.iter().filter_map(|task| Some(state.tasks.get(task)?.spec.kind.as_str())).collect();
    bar.about(&kinds.into_iter().collect::<Vec<_>>().join(", "));
    bar.at(ended, ended + (busy.len() + run::left(session)) as u64);
}

/// Takes tasks back from runs that are gone, and sees what tasks wait for, before anything is planned.
async fn look_around(session: &Session, services: &Services) -> Result<(), Error> {
    let release = async {
        release::lost(session, services).await;
        observe::facts(session, services).await;
    };
    futures_util::pin_mut!(release);
    tokio::select! {
        biased;
        () = &mut release => {}
        // What came in must not wait until a slow service has told about other runs and what tasks wait for.
        () = session.clock().sleep(LINGER), if !session.is_clean() => {
            session.flush().await?;
            release.await;
        }
    }
    if session.state().tasks.overdue(session.now()).next().is_some()
        && let Err(reason) = session.submit(Command::Expire)
    {
        tracing::warn!(%reason, "what is overdue cannot be given up");
    }
    Ok(())
}

/// How many other runs work on tasks now, as far as the log knows.
fn other_runs(session: &Session) -> usize {
    let (state, now) = (session.state(), session.now());
    let leases = state.tasks.running().filter_map(Task::lease);
    let others = leases.filter(|lease| lease.run != *session.run() && lease.until > now);
    others.map(|lease| &lease.run).collect::<BTreeSet<&RunId>>().len()
}

/// What is to be done with the log.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    /// Every task waits for durability, or something has waited long enough.
    Flush,
    /// Nothing was written for a while: others may have.
    Look,
}

type Waiting<'a, T = ()> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// What is under way with the log, one thing at a time: tasks go on meanwhile.
struct Exchange<'a> {
    session: &'a Session,
    pace: &'a Pace,
    under_way: Option<Waiting<'a, Result<(), Error>>>,
    /// Whether the pace let it go: from then on it must not be dropped, or nobody knows what was written.
    appending: std::rc::Rc<Cell<bool>>,
}

impl Exchange<'_> {
    const fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    fn begin(&mut self, due: Due) {
        let (session, pace, appending) = (self.session, self.pace, std::rc::Rc::clone(&self.appending));
        appending.set(due == Due::Look);
        self.under_way = Some(Box::pin(async move {
            if due == Due::Look {
                if let Err(error) = session.look().await {
                    tracing::debug!(%error, "the log cannot be read just now");
                }
                return Ok(());
            }
            pace.push(session).await;
            appending.set(true);
            session.flush().await
        }));
    }

    /// Comes back when what is under way is done; never when nothing is.
    async fn done(&mut self) -> Result<(), Error> {
        match &mut self.under_way {
            Some(under_way) => {
                let done = under_way.as_mut().await;
                self.under_way = None;
                done
            }
            None => std::future::pending().await,
        }
    }

    /// Brings what is under way to its end; what only waits for its time is left to the last push.
    async fn finish(&mut self) -> Result<(), Error> {
        if self.is_under_way() && self.appending.get() {
            return self.done().await;
        }
        self.under_way = None;
        Ok(())
    }
}

/// The waits that go on from turn to turn: tasks that end in the meantime must not put them off.
#[derive(Default)]
struct Timers<'a> {
    linger: Option<Waiting<'a>>,
    look: Option<Waiting<'a>>,
}

impl<'a> Timers<'a> {
    /// Comes back when something is due while `count` tasks run.
    async fn due(&mut self, session: &'a Session, count: usize) -> Due {
        let quiet = async {
            while !session.all_wait(count) {
                session.quieter().await;
            }
        };
        let linger = &mut self.linger;
        let lingered = async {
            while session.is_clean() {
                session.quieter().await;
            }
            linger.get_or_insert_with(|| Box::pin(session.clock().sleep(LINGER))).await;
        };
        let look = self.look.get_or_insert_with(|| Box::pin(session.clock().sleep(LOOK)));
        tokio::select! {
            biased;
            () = quiet => Due::Flush,
            () = lingered => Due::Flush,
            () = look => Due::Look,
        }
    }
}

/// What came of claiming what is ready.
#[derive(Default)]
struct Claims {
    granted: Vec<Task>,
    refused: Vec<TaskId>,
}

/// Claims what is ready. The claims are in the buffer; they become durable before anything outside changes.
/// A task is not claimed again while this run still works on it under a lease that it has lost: both would
/// look the same.
fn claim(
    session: &Session,
    config: &Config,
    limits: &Limits,
    mut hands: Hands,
    busy: &BTreeSet<TaskId>,
) -> Claims {
    let now = session.now();
    for id in busy {
        hands.take(session.state().tasks.get(id).is_some_and(|task| limits.heavy.contains(&task.spec.kind)));
    }
    let mut planned = queue::plan(&session.state(), now, limits, hands);
    planned.retain(|id| !busy.contains(id));
    let mut claims = Claims::default();
    for id in planned {
        let Some((room, kind)) =
            session.state().tasks.get(&id).map(|task| (limits.room(task), task.spec.kind.clone()))
        else {
            continue;
        };
        let until = now.plus(tasks::find(kind.as_str()).map_or(DEFAULT_LEASE, |kind| (kind.lease)(config)));
        match session.submit(Command::Claim { task: id.clone(), until, room }) {
            Ok(_) => claims.granted.extend(session.state().tasks.get(&id).cloned()),
            Err(reason) => {
                tracing::debug!(task = %id, %reason, "a task that was planned may not be claimed");
                claims.refused.push(id);
            }
        }
    }
    claims
}

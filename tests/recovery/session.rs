//! One run's hold on the log: races, lost answers, snapshots, and what happens while an append is under way.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use automata::app::{Ended, Session, SessionError, read};
use automata::domain::actor::Actor;
use automata::domain::command::{Command, Outcome, Rejection};
use automata::domain::effect::EffectKind;
use automata::domain::event::{Event, TriggerRefused};
use automata::domain::id::{CommandId, IssueNumber, RunId, TaskId, TriggerIdentity};
use automata::domain::payload::Payload;
use automata::domain::room::Room;
use automata::domain::spec::TaskRequest;
use automata::domain::state::State;
use automata::domain::subject::Subject;
use automata::domain::time::Timestamp;
use automata::domain::trigger::{About, Trigger};
use automata::log::{self, Append, EventLog, MemoryLog, SNAPSHOT_EVERY};
use automata::services::clock::Clock;
use automata::services::entropy::Entropy;
use automata::tasks::{Announced, Announcement, Journal};
use automata::views;
use futures_util::FutureExt as _;

use super::golden::history;
use crate::world::github::clock::VirtualClock;
use crate::world::lossy_log::{LossyLog, Luck};

type Log = Arc<dyn EventLog>;

pub(super) async fn session(log: &Log, run: &str) -> Session {
    let clock: Arc<dyn Clock> = Arc::new(VirtualClock::default());
    by_clock(log, run, clock).await
}

async fn by_clock(log: &Log, run: &str, clock: Arc<dyn Clock>) -> Session {
    let seed = run.bytes().fold(7, |seed: u64, byte| seed * 31 + u64::from(byte));
    let entropy = Arc::new(Entropy::seeded(seed));
    Session::open(Arc::clone(log), clock, entropy, RunId::new(run)).await.unwrap()
}

/// A push to the repository, and tasks of these kinds that follow from it.
pub(super) fn told(name: &str, kinds: &[&str]) -> Command {
    let nothing = "0".repeat(40);
    let about =
        About::Push { reference: "refs/heads/main".to_owned(), before: nothing.clone(), after: nothing };
    let trigger = Trigger {
        identity: TriggerIdentity::new(name),
        event: "push".to_owned(),
        action: None,
        at: Timestamp::default(),
        actor: Actor::person("mona"),
        subject: Subject::Repository,
        hops: 0,
        about,
    };
    let request = |kind: &&str| {
        TaskRequest::new(kind, Subject::Issue(IssueNumber(1)), Payload::default(), "the test wants it")
    };
    Command::RecordTrigger { trigger: Box::new(trigger), requests: kinds.iter().map(request).collect() }
}

fn refused(digest: &str) -> Command {
    let (event, reason) = ("issues".to_owned(), "it is no JSON".to_owned());
    Command::RefuseTrigger(TriggerRefused { event, reason, bytes: 1, digest: digest.to_owned() })
}

pub(super) fn claim(task: &TaskId) -> Command {
    let until = VirtualClock::default().now().plus(Duration::from_secs(900));
    Command::Claim { task: task.clone(), until, room: Room::default() }
}

/// A log with one pending task.
async fn with_task() -> (Log, TaskId) {
    let log: Log = Arc::new(MemoryLog::new());
    let first = session(&log, "1.1").await;
    let command = first.submit(told("push 1", &["label"])).unwrap();
    first.flush().await.unwrap();
    (log, TaskId::of(&command, 1))
}

/// The names of all events, and whether their places are dense.
pub(super) async fn names(log: &Log) -> Vec<String> {
    let events = history(log.as_ref()).await;
    for (place, event) in events.iter().enumerate() {
        assert_eq!(event.recorded.stamp.sequence.0, place as u64 + 1);
    }
    let name = |event: &Event| match event {
        Event::TriggerReceived(trigger) => format!("received {}", trigger.identity),
        Event::TriggerRefused(refused) => format!("refused {}", refused.digest),
        Event::TaskEnqueued(_) => "enqueued".to_owned(),
        Event::TaskClaimed(claimed) => format!("claimed {}", claimed.lease),
        Event::TaskCompleted(_) => "completed".to_owned(),
        Event::TaskReleased(_) => "released".to_owned(),
        Event::EffectIntended(intent) => format!("intended {}", intent.detail),
        Event::EffectCompleted(_) => "effect completed".to_owned(),
        other => format!("{other:?}"),
    };
    events.iter().map(|event| name(&event.recorded.event)).collect()
}

#[tokio::test]
async fn who_loses_a_race_decides_again_and_keeps_its_ids() {
    let log: Log = Arc::new(MemoryLog::new());
    let (one, two) = (session(&log, "1.1").await, session(&log, "2.1").await);
    one.submit(told("push 1", &["label"])).unwrap();
    let command = two.submit(told("push 2", &["label"])).unwrap();
    one.flush().await.unwrap();
    two.flush().await.unwrap();
    assert_eq!(names(&log).await, ["received push 1", "enqueued", "received push 2", "enqueued"]);
    let events = history(log.as_ref()).await;
    assert_eq!(events[2].id, format!("{command}-0"));
    assert!(two.state().tasks.contains_key(&TaskId::of(&command, 1)));
    assert_eq!(two.written().1, 1, "one append");
}

#[tokio::test]
async fn a_command_that_no_longer_applies_is_dropped_and_others_stay() {
    let log: Log = Arc::new(MemoryLog::new());
    let (one, two) = (session(&log, "1.1").await, session(&log, "2.1").await);
    one.submit(told("push 1", &["label"])).unwrap();
    let same = two.submit(told("push 1", &["label"])).unwrap();
    two.submit(claim(&TaskId::of(&same, 1))).unwrap();
    two.submit(refused("odd")).unwrap();
    one.flush().await.unwrap();
    two.flush().await.unwrap();
    assert_eq!(names(&log).await, ["received push 1", "enqueued", "refused odd"]);
    assert!(!two.state().tasks.contains_key(&TaskId::of(&same, 1)), "its task never came to be");
    let duplicate = Rejection::Duplicate(automata::domain::id::Sequence(1));
    assert_eq!(two.refusal(&same), Some(duplicate.clone()), "and whoever asks is told why");
    assert_eq!(one.refusal(&same), None);
    assert_eq!(two.submit(told("push 1", &[])), Err(duplicate));
}

#[tokio::test]
async fn a_claim_that_would_get_a_newer_lease_is_dropped_and_its_work_is_stopped() {
    let (log, task) = with_task().await;
    let (one, two) = (session(&log, "2.1").await, session(&log, "3.1").await);
    two.submit(claim(&task)).unwrap();
    let held = two.state().tasks[&task].clone();
    assert_eq!(held.leases, 1);
    one.submit(claim(&task)).unwrap();
    one.flush().await.unwrap();
    one.submit(Command::Release {
        task: task.clone(),
        lease: 1,
        reason: "it is gone".to_owned(),
        if_final: Vec::new(),
    })
    .unwrap();
    one.flush().await.unwrap();
    // It could be claimed again, as lease 2; but what `two` has begun was begun under lease 1.
    let announcement = announcement("text");
    let (announced, flushed) = futures_util::join!(two.intend(&held, &announcement), two.flush());
    flushed.unwrap();
    assert_eq!(announced.unwrap_err().code, "lost_lease");
    let report = Command::RecordOutcome { task: task.clone(), lease: 1, outcome: done() };
    assert_eq!(two.submit(report), Err(Rejection::StaleLease { task: task.clone(), lease: 1 }));
    two.flush().await.unwrap();
    assert_eq!(names(&log).await, ["received push 1", "enqueued", "claimed 1", "released"]);
    assert_eq!(two.state().tasks[&task].status.name(), "pending");
}

fn done() -> Outcome {
    Outcome::Completed { output: Payload::default(), follow_ups: Vec::new() }
}

#[tokio::test]
async fn two_jobs_of_one_workflow_run_do_not_take_each_others_lease_for_their_own() {
    let (log, task) = with_task().await;
    let (one, two) = (session(&log, "2.1").await, session(&log, "2.1").await);
    // Ids are drawn at random; here the two must not draw the same.
    two.submit(told("push 2", &[])).unwrap();
    two.submit(claim(&task)).unwrap();
    let held = two.state().tasks[&task].clone();
    one.submit(claim(&task)).unwrap();
    one.flush().await.unwrap();
    let announcement = announcement("text");
    let (announced, flushed) = futures_util::join!(two.intend(&held, &announcement), two.flush());
    flushed.unwrap();
    assert_eq!(announced.unwrap_err().code, "lost_lease");
    let report = |session: &Session| {
        session.submit(Command::RecordOutcome { task: task.clone(), lease: 1, outcome: done() })
    };
    assert_eq!(report(&two), Err(Rejection::StaleLease { task: task.clone(), lease: 1 }));
    report(&one).unwrap();
    one.flush().await.unwrap();
    assert_eq!(
        names(&log).await,
        ["received push 1", "enqueued", "claimed 1", "received push 2", "completed"]
    );
}

fn announcement(detail: &str) -> Announcement<'static> {
    Announcement {
        step: "status",
        kind: EffectKind::Comment,
        target: "issue/1".to_owned(),
        detail: detail.to_owned(),
    }
}

#[tokio::test]
async fn a_lost_answer_is_settled_by_the_ids_in_the_log() {
    for luck in [Luck::LoseAnswer, Luck::LoseAnswerAndFallBehind] {
        let log: Log = Arc::new(MemoryLog::new());
        let lossy = LossyLog::new(Arc::clone(&log), [(1, luck)]);
        let session = session(&(lossy as Log), "1.1").await;
        // Refusals are never duplicates of each other, so that only the ids can tell.
        session.submit(refused("one")).unwrap();
        session.submit(refused("two")).unwrap();
        session.flush().await.unwrap();
        assert!(session.is_clean());
        assert_eq!(names(&log).await[..2], ["refused one", "refused two"], "{luck:?}");
        let ours =
            history(log.as_ref()).await.iter().filter(|event| !event.id.starts_with("foreign")).count();
        let (written, appends) = session.written();
        assert_eq!((ours, written.len(), appends), (2, 2, 1), "{luck:?}");
    }
}

/// Whatever waits, somebody appends in the meantime, with a snapshot.
struct Meanwhile {
    log: Log,
    time: VirtualClock,
    sleeps: Mutex<usize>,
}

#[async_trait]
impl Clock for Meanwhile {
    fn now(&self) -> Timestamp {
        self.time.now()
    }

    async fn sleep(&self, _span: Duration) {
        *self.sleeps.lock().unwrap() += 1;
        let (state, head) = read(self.log.as_ref()).await.unwrap();
        let snapshot = views::snapshot::write(&state).unwrap();
        let command = CommandId::new("another");
        let context = automata::domain::command::Context {
            command: command.clone(),
            actor: Actor::automata(),
            subscriptions: Arc::default(),
            features: Arc::default(),
            run: RunId::new("77.1"),
            now: self.now(),
            jitter: 0.0,
        };
        let decided = automata::domain::decide::decide(&state, &told("push 77", &[]), &context).unwrap();
        let events: Vec<_> = decided
            .into_iter()
            .enumerate()
            .map(|(place, recorded)| log::Envelope::new(&command, place, recorded))
            .collect();
        let batch = Append { events: &events, message: "another", snapshot: Some(&snapshot) };
        self.log.append(&head, &batch).await.unwrap();
    }
}

#[tokio::test]
async fn a_lost_answer_is_settled_even_when_a_snapshot_covers_the_place_by_then() {
    let log: Log = Arc::new(MemoryLog::new());
    let lossy: Log = LossyLog::new(Arc::clone(&log), [(2, Luck::LoseAnswer)]);
    let clock = Meanwhile { log: Arc::clone(&log), time: VirtualClock::default(), sleeps: Mutex::default() };
    let session = by_clock(&lossy, "1.1", Arc::new(clock)).await;
    session.submit(told("push 1", &[])).unwrap();
    session.flush().await.unwrap();
    session.submit(refused("odd")).unwrap();
    session.flush().await.unwrap();
    assert!(log.load().await.unwrap().tail.iter().all(|event| event.id == "another-0"), "it is covered");
    assert_eq!(names(&log).await, ["received push 1", "refused odd", "received push 77"]);
    assert_eq!(session.state().sequence.0, 3);
}

#[tokio::test]
async fn who_always_comes_second_gives_up_for_now_with_nothing_half_written() {
    let log: Log = Arc::new(MemoryLog::new());
    let lossy = LossyLog::new(Arc::clone(&log), (1..=200).map(|number| (number, Luck::Overtaken)));
    let session = session(&(Arc::clone(&lossy) as Log), "1.1").await;
    session.submit(told("push 1", &["label"])).unwrap();
    let error = session.flush().await.unwrap_err();
    assert_eq!(error, SessionError::GaveUp(64));
    let ended = Ended::from(error);
    assert_eq!(ended.kind.exit_code(), 3);
    assert_eq!(ended.message, "other runs appended first 64 times in a row");
    assert_eq!(lossy.appends(), 64);
    assert!(history(log.as_ref()).await.iter().all(|event| event.id.starts_with("foreign")));
    assert!(!session.is_clean(), "what was wanted is still wanted");
}

#[tokio::test]
async fn who_is_never_answered_gives_up_for_now() {
    let log: Log = Arc::new(MemoryLog::new());
    let lossy = LossyLog::new(Arc::clone(&log), (1..=200).map(|number| (number, Luck::Unreachable)));
    let session = session(&(Arc::clone(&lossy) as Log), "1.1").await;
    session.submit(told("push 1", &["label"])).unwrap();
    let ended = Ended::from(session.flush().await.unwrap_err());
    assert_eq!((ended.kind.exit_code(), lossy.appends()), (3, 4));
    assert_eq!(ended.message, "the log could not be reached: the connection broke");
    assert_eq!(names(&log).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_very_last_try_counts_although_nobody_heard_the_answer() {
    let log: Log = Arc::new(MemoryLog::new());
    let plan =
        [(1, Luck::Unreachable), (2, Luck::Unreachable), (3, Luck::Unreachable), (4, Luck::LoseAnswer)];
    let session = session(&(LossyLog::new(Arc::clone(&log), plan) as Log), "1.1").await;
    session.submit(told("push 1", &["label"])).unwrap();
    session.flush().await.unwrap();
    assert_eq!(names(&log).await, ["received push 1", "enqueued"]);
}

#[tokio::test]
async fn a_snapshot_comes_with_every_so_many_appends_and_equals_the_fold() {
    let log: Log = Arc::new(MemoryLog::new());
    let session = session(&log, "1.1").await;
    let (mut snapshots, mut last) = (0, None);
    for number in 1..=2 * SNAPSHOT_EVERY + 10 {
        session.submit(told(&format!("push {number}"), &["label"])).unwrap();
        session.flush().await.unwrap();
        let loaded = log.load().await.unwrap();
        let at = loaded.snapshot.as_ref().map(|snapshot| snapshot.sequence);
        if at != last {
            (snapshots, last) = (snapshots + 1, at);
        }
        assert!(loaded.head.tail <= SNAPSHOT_EVERY, "the tail grows no longer");
        let mut folded = State::default();
        for event in history(log.as_ref()).await {
            folded.apply(&event.recorded).unwrap();
        }
        assert_eq!(read(log.as_ref()).await.unwrap().0, folded, "after append {number}");
    }
    assert_eq!(snapshots, 2);
}

#[tokio::test]
async fn what_is_wanted_while_an_append_is_under_way_goes_into_the_next_one() {
    for luck in [None, Some(Luck::Overtaken), Some(Luck::LoseAnswer), Some(Luck::LoseAnswerAndFallBehind)] {
        let log: Log = Arc::new(MemoryLog::new());
        let lossy = LossyLog::new(Arc::clone(&log), luck.map(|luck| (1, luck)));
        let session = session(&(lossy as Log), "1.1").await;
        session.submit(told("push 0", &["label"])).unwrap();
        {
            let mut flush = Box::pin(session.flush());
            assert!((&mut flush).now_or_never().is_none(), "the append is under way");
            for number in 1..=40 {
                session.submit(told(&format!("push {number}"), &["label"])).unwrap();
            }
            flush.await.unwrap();
        }
        session.flush().await.unwrap();
        assert!(session.is_clean());
        let events = history(log.as_ref()).await;
        let ours = events.iter().filter(|event| !event.id.starts_with("foreign"));
        let (written, appends) = session.written();
        assert_eq!(ours.clone().count(), 82, "{luck:?}");
        assert_eq!(written.len(), 82, "{luck:?}");
        assert!(appends <= 2, "{appends} appends with {luck:?}");
        assert_eq!(names(&log).await.iter().filter(|name| name.starts_with("received")).count(), 41);
        assert_eq!(read(log.as_ref()).await.unwrap().0, *session.state(), "{luck:?}");
    }
}

#[tokio::test]
async fn a_receipt_for_something_else_is_not_taken_for_this() {
    let (log, task) = with_task().await;
    let session = session(&log, "2.1").await;
    session.submit(claim(&task)).unwrap();
    let held = session.state().tasks[&task].clone();
    let announce = async |detail: &str| {
        let announcement = announcement(detail);
        let both = async { futures_util::join!(session.intend(&held, &announcement), session.flush()) };
        let (announced, flushed) = both.await;
        flushed.unwrap();
        announced.unwrap()
    };
    assert_eq!(announce("old text").await, Announced::Fresh);
    assert_eq!(announce("old text").await, Announced::Again, "no receipt yet");
    let effect = automata::domain::id::EffectId::of(&task, "status");
    let receipt = Payload::of(&"receipt").unwrap();
    session.complete(effect, receipt.clone(), false).unwrap();
    session.flush().await.unwrap();
    assert_eq!(announce("old text").await, Announced::Done(receipt));
    assert_eq!(announce("new text").await, Announced::Again, "that receipt is for the old text");
    let names = names(&log).await;
    assert_eq!(names[2..], ["claimed 1", "intended old text", "effect completed", "intended new text"]);
}

//! What a run has begun when others were faster: work that may stand for more by now, and places to go on from.

use std::sync::Arc;

use automata::config::Config;
use automata::domain::command::{Command, Outcome};
use automata::domain::id::{IssueNumber, TaskId};
use automata::domain::payload::Payload;
use automata::domain::room::Room;
use automata::domain::spec::TaskRequest;
use automata::domain::subject::Subject;
use automata::log::{EventLog, MemoryLog};
use automata::services::clock::Clock as _;
use automata::tasks::{Context, Journal};

use super::session::{claim, names, session, told};
use crate::world::github::clock::VirtualClock;
use crate::world::stage::Stage;

/// A report that everybody's requests about an issue are gathered into.
fn report(issue: u64) -> Command {
    let subject = Subject::Issue(IssueNumber(issue));
    Command::Enqueue(vec![
        TaskRequest::new("analyse", subject, Payload::default(), "a test").unique("report"),
    ])
}

#[tokio::test]
async fn a_task_that_others_may_have_counted_on_is_begun_anew() {
    let log: Arc<dyn EventLog> = Arc::new(MemoryLog::new());
    let first = session(&log, "1.1").await;
    let command = first.submit(report(1)).unwrap();
    first.flush().await.unwrap();
    let task = TaskId::of(&command, 1);

    let (slow, fast) = (session(&log, "2.1").await, session(&log, "3.1").await);
    slow.submit(claim(&task)).unwrap();
    // Folded into the one that is pending: what was asked for leaves no event of its own.
    fast.submit(report(1)).unwrap();
    fast.submit(told("push 1", &[])).unwrap();
    fast.flush().await.unwrap();
    slow.flush().await.unwrap();
    assert_eq!(names(&log).await, ["enqueued", "received push 1"], "the claim was given up");
    assert!(!slow.holds(&task, 1));

    slow.submit(claim(&task)).unwrap();
    slow.flush().await.unwrap();
    assert!(slow.holds(&task, 1));
}

#[tokio::test]
async fn a_look_that_finds_nothing_new_leaves_what_was_begun_alone() {
    let log: Arc<dyn EventLog> = Arc::new(MemoryLog::new());
    let first = session(&log, "1.1").await;
    let task = TaskId::of(&first.submit(report(1)).unwrap(), 1);
    first.flush().await.unwrap();
    let second = session(&log, "2.1").await;
    second.submit(claim(&task)).unwrap();
    second.look().await.unwrap();
    assert!(second.holds(&task, 1));
    second.flush().await.unwrap();
    assert_eq!(names(&log).await, ["enqueued", "claimed 1"]);
}

#[tokio::test]
async fn the_next_attempt_goes_on_from_the_last_place_that_was_recorded() {
    let stage = Stage::start().await;
    let log: Arc<dyn EventLog> = Arc::new(MemoryLog::new());
    let (world, config) = (stage.world().await.unwrap(), Config::default());
    let at_work = |task, journal| Context { task, config: &config, services: &world.services, journal };

    let first = session(&log, "1.1").await;
    let task = TaskId::of(&first.submit(report(1)).unwrap(), 1);
    first.submit(claim(&task)).unwrap();
    let held = first.state().tasks[&task].clone();
    let context = at_work(held, &first as &dyn Journal);
    assert_eq!(context.resume::<Vec<u32>>(), None, "nothing was recorded yet");
    context.checkpoint(40, "4 of 10 pages\nread", &[1, 2, 3, 4]).unwrap();
    first.flush().await.unwrap();
    // The run is gone, and another one takes the task.
    let reason = "the run is gone".to_owned();
    first.submit(Command::Release { task: task.clone(), lease: 1, reason, if_final: Vec::new() }).unwrap();
    first.flush().await.unwrap();

    let second = session(&log, "2.1").await;
    let later = VirtualClock::default().now().plus(std::time::Duration::from_secs(3_600));
    second.submit(Command::Claim { task: task.clone(), until: later, room: Room::default() }).unwrap();
    let held = second.state().tasks[&task].clone();
    let context = at_work(held, &second as &dyn Journal);
    assert_eq!(context.resume::<Vec<u32>>(), Some(vec![1, 2, 3, 4]));
    assert_eq!(context.resume::<String>(), None, "a place that an older version wrote is no place");
    let told = second.state().tasks[&task].progress.clone().unwrap();
    assert_eq!((told.percent, told.message.as_deref()), (Some(40), Some("4 of 10 pages read")));

    let late = first.submit(Command::Progress { task: task.clone(), lease: 1, progress: told });
    assert!(late.is_err(), "who lost the task reports nothing: {late:?}");
    second
        .submit(Command::RecordOutcome {
            task,
            lease: 2,
            outcome: Outcome::Completed { output: Payload::default(), follow_ups: Vec::new() },
        })
        .unwrap();
    second.flush().await.unwrap();
}

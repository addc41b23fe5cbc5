//! Task kind `milestone`, and with it what workers promise about any task: joined, called off, cut short, in turn.

use std::time::Duration;

use automata::app::{Session, Stop, Until, drain};
use automata::domain::command::Command;
use automata::domain::id::{IssueNumber, RunId, TaskId};
use automata::domain::payload::Payload;
use automata::domain::spec::TaskRequest;
use automata::domain::subject::Subject;
use automata::queue::Shard;
use serde_json::json;

use crate::world::github::Fault;
use crate::world::stage::Stage;

fn milestone() -> TaskRequest {
    TaskRequest::new("milestone", Subject::Repository, Payload::of(&json!({})).unwrap(), "a test")
}

fn label(issue: u64) -> TaskRequest {
    let input = Payload::of(&json!({ "add": ["bug"] })).unwrap();
    TaskRequest::new("label", Subject::Issue(IssueNumber(issue)), input, "a test")
}

/// A run of its own that has enqueued these.
async fn session(
    stage: &Stage,
    run: &str,
    requests: Vec<TaskRequest>,
) -> (automata::app::World, Session, Vec<TaskId>) {
    let world = stage.world().await.unwrap();
    let (clock, entropy) = (world.clock.clone(), world.entropy.clone());
    let session = Session::open(world.log().unwrap(), clock, entropy, RunId::new(run)).await.unwrap();
    let count = requests.len();
    let command = session.submit(Command::Enqueue(requests)).unwrap();
    let ids = (1..=count).map(|place| TaskId::of(&command, place)).collect();
    (world, session, ids)
}

#[tokio::test]
async fn a_milestone_joins_what_stands_before_it_to_what_comes_after() {
    let stage = Stage::start().await;
    let issue = stage.github.open_issue("alice", "It crashes", "", &[]);
    let requests = vec![milestone().after(1).after(2), milestone(), label(issue), milestone().after(0)];
    let (world, session, ids) = session(&stage, "1.1", requests).await;
    drain(&session, &world.services, &world.config, &Until::default()).await.unwrap();
    let ends: Vec<_> = ids.iter().map(|id| session.state().tasks[id].status.name()).collect();
    assert_eq!(ends, ["completed"; 4]);
    assert_eq!(stage.github.labels_of(issue), ["bug"]);
}

#[tokio::test]
async fn a_task_that_is_called_off_while_it_works_is_dropped_and_nothing_of_it_is_recorded() {
    let stage = Stage::start().await;
    let issue = stage.github.open_issue("alice", "It crashes", "", &[]);
    let (world, session, ids) = session(&stage, "1.1", vec![label(issue)]).await;
    stage.github.plan("issues/add-labels", Fault::Hang);
    let until = Until::default();
    let work = drain(&session, &world.services, &world.config, &until);
    let calls_off = async {
        // Its intent is durable, and the request is under way.
        stage.github.hangs().await;
        session.submit(Command::Cancel { task: ids[0].clone(), reason: "not wanted".to_owned() }).unwrap();
        session.flush().await.unwrap();
    };
    let (worked, ()) = tokio::join!(work, calls_off);
    worked.unwrap();
    assert_eq!(session.state().tasks[&ids[0]].status.name(), "cancelled");
    let told = stage.told().await;
    assert!(!told.iter().any(|line| line.contains("ignored")), "{told:#?}");
}

#[tokio::test]
async fn a_run_that_is_told_to_stop_gives_its_tasks_back_at_once() {
    let stage = Stage::start().await;
    let issue = stage.github.open_issue("alice", "It crashes", "", &[]);
    let (world, session, ids) = session(&stage, "1.1", vec![label(issue), milestone()]).await;
    stage.github.plan("issues/add-labels", Fault::Hang);
    let stop = Stop::default();
    let until = Until { deadline: None, stop: stop.clone() };
    let work = drain(&session, &world.services, &world.config, &until);
    let stops = async {
        stage.github.hangs().await;
        stop.tell();
    };
    let (worked, ()) = tokio::join!(work, stops);
    worked.unwrap();
    assert_eq!(session.state().tasks[&ids[0]].status.name(), "pending", "given back");
    assert_eq!(session.state().tasks[&ids[1]].status.name(), "completed", "what was done is kept");
    stage.lets_pass(Duration::from_secs(60));
    stage.drain().await;
    assert_eq!(stage.github.labels_of(issue), ["bug"], "the next run finishes it");
}

#[tokio::test]
async fn when_enough_runs_are_at_work_one_more_leaves_its_tasks_to_them() {
    let stage = Stage::configured("limits: {runs_at_once: 1}\n").await;
    let (_, busy, held) = session(&stage, "7.1", vec![milestone()]).await;
    let until = busy.now().plus(Duration::from_secs(600));
    busy.submit(Command::Claim { task: held[0].clone(), until, room: Default::default() }).unwrap();
    busy.flush().await.unwrap();
    let (world, late, ids) = session(&stage, "8.1", vec![milestone()]).await;
    drain(&late, &world.services, &world.config, &Until::default()).await.unwrap();
    assert_eq!(late.state().tasks[&ids[0]].status.name(), "pending");
    let (world, part, _) = session(&stage, "9.1", Vec::new()).await;
    let part = part.on_shard(Some(Shard { index: 0, count: 1 }));
    drain(&part, &world.services, &world.config, &Until::default()).await.unwrap();
    assert_eq!(part.state().tasks[&ids[0]].status.name(), "completed", "nobody else works on a part");
    drop(busy);
    stage.lets_pass(Duration::from_secs(3_600));
    stage.drain().await;
    assert_eq!(stage.tasks().await, [("milestone completed".to_owned(), 2)].into());
}

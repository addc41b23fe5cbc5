//! While Drive is away, or a day's uploads are used up, what is to be done waits, and goes on in order afterwards.

use std::time::Duration;

use automata::app::Session;
use automata::domain::allowance::DriveUsed;
use automata::domain::command::{Command, Outcome};
use automata::domain::effect::EffectKind;
use automata::domain::id::{EffectId, TaskId};
use automata::domain::payload::Payload;
use automata::domain::room::Room;
use automata::domain::spec::TaskRequest;
use automata::domain::subject::Subject;
use automata::services::clock::Clock as _;
use serde_json::{Value, json};

use crate::world::documents::{Documents, OTTO};
use crate::world::drive::Fault;

/// Tries of a call before it is given up.
const TRIES: usize = 5;
/// Longer than a task waits before it asks again.
const A_MOMENT: Duration = Duration::from_secs(90);
const HUBOT: &str = "hubot@partner.example";

pub(super) fn organise(file: &str, action: &Value) -> TaskRequest {
    wants("drive_organise", &json!({ "file": file, "action": action }))
}

fn wants(kind: &str, input: &Value) -> TaskRequest {
    TaskRequest::new(kind, Subject::Repository, Payload::of(input).unwrap(), "a story")
}

/// A session of a run of its own.
async fn session(at: &Documents) -> Session {
    let world = at.stage.world().await.unwrap();
    let (clock, entropy) = (world.clock.clone(), world.entropy.clone());
    Session::open(world.log().unwrap(), clock, entropy, world.run.clone()).await.unwrap()
}

/// These are asked for.
pub(super) async fn asks(at: &Documents, requests: Vec<TaskRequest>) -> Vec<TaskId> {
    let session = session(at).await;
    let count = requests.len();
    let command = session.submit(Command::Enqueue(requests)).unwrap();
    session.flush().await.unwrap();
    (1..=count).map(|place| TaskId::of(&command, place)).collect()
}

/// Some run uploaded a file of this size.
async fn sent(at: &Documents, bytes: u64) {
    let put = wants("drive_put", &json!({ "file": "a.iso", "folder": "docs:" }));
    let task = asks(at, vec![put]).await.remove(0);
    let session = session(at).await;
    let until = at.stage.github.clock().now().plus(Duration::from_secs(3_600));
    session.submit(Command::Claim { task: task.clone(), until, room: Room::default() }).unwrap();
    let (kind, target) = (EffectKind::DriveFile, "drive/1iso".to_owned());
    let (step, detail) = ("drive_file".to_owned(), "a.iso".to_owned());
    session.submit(Command::Intend { task: task.clone(), lease: 1, step, kind, target, detail }).unwrap();
    let receipt = json!({ "id": "1iso", "name": "a.iso", "size": bytes, "md5": "0" });
    let (effect, receipt) = (EffectId::of(&task, "drive_file"), Payload::of(&receipt).unwrap());
    session.submit(Command::CompleteEffect { effect, receipt: receipt.clone(), adopted: false }).unwrap();
    let outcome = Outcome::Completed { output: receipt, follow_ups: Vec::new() };
    session.submit(Command::RecordOutcome { task, lease: 1, outcome }).unwrap();
    session.flush().await.unwrap();
}

/// Whoever makes this call finds nobody, and nobody either when Drive is asked whether it is there at all.
fn nobody_answers(at: &Documents, call: &str) {
    for call in [call, "about.get"] {
        (0..TRIES).for_each(|_| at.drive.plan(call, Fault::Html(503)));
    }
}

#[tokio::test]
async fn after_an_outage_all_that_waited_is_done_in_order_and_no_attempt_is_used_up() {
    let at = Documents::configured("").await;
    let plan = at.drive.file(OTTO, &at.docs, "plan.md", b"plan");
    let archive = at.drive.folder(OTTO, &at.docs, "archive");
    // The watch has begun, and asks for nothing more in the minutes to come.
    at.stage.drain().await;
    let give = json!({ "do": "give", "who": HUBOT, "role": "reader" });
    let tasks = asks(
        &at,
        vec![
            organise(&plan, &json!({ "do": "rename", "to": "old plan.md" })),
            wants("drive_access", &json!({ "file": plan, "change": give })),
            organise(&plan, &json!({ "do": "move", "to": archive })),
        ],
    )
    .await;
    // Three runs find nobody.
    for _ in 0..3 {
        nobody_answers(&at, "files.get");
        at.stage.drain().await;
        at.stage.lets_pass(A_MOMENT);
    }
    assert_eq!(at.drive.tree(&at.docs), ["archive/", "plan.md 4 bytes"]);
    at.drive.take_requests();
    at.stage.drain().await;
    assert_eq!(at.drive.tree(&at.docs), ["archive/", "archive/old plan.md 4 bytes"]);
    let changes: Vec<String> =
        at.drive.requests().into_iter().filter(|line| !line.starts_with("GET")).collect();
    let order = ["old plan.md", HUBOT, "addParents"];
    assert_eq!(changes.len(), order.len(), "{changes:#?}");
    for (change, of) in changes.iter().zip(order) {
        assert!(change.contains(of), "{of}: {change}");
    }
    let state = at.stage.state().await;
    for task in tasks {
        let task = &state.tasks[&task];
        assert_eq!((task.status.name(), task.attempts), ("completed", 1), "{}", task.spec.kind);
    }
}

#[tokio::test]
async fn what_lastingly_fails_about_one_file_is_given_up_and_holds_up_no_other() {
    for fault in [Fault::Reason(500, "internalError"), Fault::LoseRequest] {
        let at = Documents::configured("").await;
        let plan = at.drive.file(OTTO, &at.docs, "plan.md", b"plan");
        at.stage.drain().await;
        // Google cannot do it, however often it is asked, and answers all else.
        let attempts = 6;
        (0..TRIES * attempts).for_each(|_| at.drive.plan("files.update", fault.clone()));
        let rename = organise(&plan, &json!({ "do": "rename", "to": "old plan.md" }));
        let folder = organise(&at.docs, &json!({ "do": "make_folders", "names": ["archive"] }));
        let tasks = asks(&at, vec![rename, folder]).await;
        at.stage.drain().await;
        assert_eq!(at.drive.tree(&at.docs), ["archive/", "plan.md 4 bytes"], "the other is done at once");
        for _ in 1..attempts {
            at.stage.lets_pass(Duration::from_secs(3 * 3_600));
            at.stage.drain().await;
        }
        let state = at.stage.state().await;
        let task = &state.tasks[&tasks[0]];
        assert_eq!((task.status.name(), task.attempts), ("failed", 6), "{:?}", task.status);
    }
}

#[tokio::test]
async fn what_all_runs_sent_in_a_day_counts_and_the_next_day_it_goes_on() {
    let rule =
        "rules:\n  - on: issues.opened\n    do: [{folder: {in: 'docs:', name: 'issue {number}'}}, attach]\n";
    let at = Documents::configured(rule).await;
    sent(&at, 749_999_999_998).await;
    let attached = at.stage.github.attach("log.txt", "too much");
    at.stage.opens("alice", "Crash", &format!("See {attached}.")).await;
    let folder = at.drive.folders(&at.docs).remove(0);
    assert_eq!(at.drive.tree(&folder), [""; 0], "nothing is sent");
    insta::assert_snapshot!(at.troubles().await.join("\n"), @"drive_attach: 8 bytes more than Drive takes of one account in a day; it goes on at 2026-11-23T11:00:00Z");
    at.stage.lets_pass(Duration::from_secs(12 * 3_600));
    at.stage.drain().await;
    assert_eq!(at.drive.tree(&folder), [""; 0]);
    at.stage.lets_pass(Duration::from_secs(13 * 3_600));
    at.stage.drain().await;
    assert_eq!(at.drive.tree(&folder), ["log.txt 8 bytes"]);
    assert_eq!(at.troubles().await, [""; 0]);
}

/// A command of somebody's used so much.
async fn used(at: &Documents, used: DriveUsed) {
    let session = session(at).await;
    session.submit(Command::CountDrive(DriveUsed { action: "put".to_owned(), ..used })).unwrap();
    session.flush().await.unwrap();
}

#[tokio::test]
async fn what_commands_used_counts_for_all_runs() {
    let rule =
        "rules:\n  - on: issues.opened\n    do: [{folder: {in: 'docs:', name: 'issue {number}'}}, attach]\n";
    let at = Documents::configured(rule).await;
    used(&at, DriveUsed { bytes: 749_999_999_998, ..DriveUsed::default() }).await;
    let attached = at.stage.github.attach("log.txt", "too much");
    at.stage.opens("alice", "Crash", &format!("See {attached}.")).await;
    let folder = at.drive.folders(&at.docs).remove(0);
    assert_eq!(at.drive.tree(&folder), [""; 0], "nothing is sent");
    assert!(at.troubles().await[0].contains("more than Drive takes of one account in a day"));
    at.stage.lets_pass(Duration::from_secs(25 * 3_600));
    at.stage.drain().await;
    assert_eq!(at.drive.tree(&folder), ["log.txt 8 bytes"]);
    // A minute's quota, and a wish of Drive's, hold up the others as if a task had met them.
    for (waits, used_up) in [
        (Duration::from_secs(61), DriveUsed { units: 325_000, ..DriveUsed::default() }),
        (
            Duration::from_secs(601),
            DriveUsed {
                until: Some(at.stage.github.clock().now().plus(Duration::from_secs(600))),
                ..DriveUsed::default()
            },
        ),
    ] {
        used(&at, used_up).await;
        let before = at.drive.folders(&at.docs).len();
        at.stage.opens("alice", "Another", "No attachment.").await;
        assert_eq!(at.drive.folders(&at.docs).len(), before, "it waits");
        at.stage.lets_pass(waits);
        at.stage.drain().await;
        assert_eq!(at.drive.folders(&at.docs).len(), before + 1);
    }
}

#[tokio::test]
async fn what_google_allows_no_more_of_today_comes_back_another_day_and_no_attempt_is_used_up() {
    let rule =
        "rules:\n  - on: issues.opened\n    do: [{folder: {in: 'docs:', name: 'issue {number}'}}, attach]\n";
    for (call, word) in
        [("files.create.multipart", "uploadLimitExceeded"), ("files.generateIds", "dailyLimitExceeded")]
    {
        let at = Documents::configured(rule).await;
        let attached = at.stage.github.attach("log.txt", "a log");
        at.drive.plan(call, Fault::Reason(403, word));
        at.stage.opens("alice", "Crash", &format!("See {attached}.")).await;
        at.stage.lets_pass(Duration::from_secs(23 * 3_600));
        at.stage.drain().await;
        assert_eq!(at.drive.count("POST /upload"), usize::from(call.contains("create")), "{word}");
        assert_eq!(at.troubles().await.len(), 1, "{word}: {:?}", at.troubles().await);
        at.stage.lets_pass(Duration::from_secs(2 * 3_600));
        at.stage.drain().await;
        let folder = at.drive.folders(&at.docs).remove(0);
        assert_eq!(at.drive.tree(&folder), ["log.txt 5 bytes"], "{word}");
        let state = at.stage.state().await;
        let attempts: Vec<u32> = state.tasks.values().map(|task| task.attempts).collect();
        assert!(attempts.iter().all(|attempts| *attempts <= 1), "{word}: {attempts:?}");
    }
}

#[tokio::test]
async fn an_attachment_waits_for_drive_as_long_as_it_takes() {
    let rule =
        "rules:\n  - on: issues.opened\n    do: [{folder: {in: 'docs:', name: 'issue {number}'}}, attach]\n";
    let at = Documents::configured(rule).await;
    at.stage.drain().await;
    let attached = at.stage.github.attach("log.txt", "a log");
    nobody_answers(&at, "files.create.multipart");
    at.stage.opens("alice", "Crash", &format!("See {attached}.")).await;
    // More runs than a task has attempts.
    for _ in 0..8 {
        at.stage.lets_pass(A_MOMENT);
        nobody_answers(&at, "files.create.multipart");
        at.stage.drain().await;
    }
    at.stage.lets_pass(Duration::from_secs(3_600));
    for _ in 0..10 {
        at.stage.drain().await;
        at.stage.lets_pass(A_MOMENT);
    }
    let folder = at.drive.folders(&at.docs).remove(0);
    assert_eq!(at.drive.tree(&folder), ["log.txt 5 bytes"], "{:?}", at.troubles().await);
    let state = at.stage.state().await;
    assert!(state.tasks.values().all(|task| task.attempts <= 1));
}

#[tokio::test]
async fn a_copy_in_drive_counts_as_what_is_sent() {
    let at = Documents::configured("").await;
    let plan = at.drive.file(OTTO, &at.docs, "plan.md", b"plan");
    sent(&at, 749_999_999_994).await;
    let copy = |name: &str| organise(&plan, &json!({ "do": "copy", "to": at.docs, "name": name }));
    asks(&at, vec![copy("one.md")]).await;
    at.stage.drain().await;
    assert_eq!(at.troubles().await, [""; 0]);
    asks(&at, vec![copy("two.md")]).await;
    at.stage.drain().await;
    insta::assert_snapshot!(at.troubles().await.join("\n"), @"drive_organise: 4 bytes more than Drive takes of one account in a day; it goes on at 2026-11-23T11:00:00Z");
    assert_eq!(at.drive.tree(&at.docs), ["one.md 4 bytes", "plan.md 4 bytes"]);
    at.stage.lets_pass(Duration::from_secs(25 * 3_600));
    at.stage.drain().await;
    assert_eq!(at.drive.tree(&at.docs), ["one.md 4 bytes", "plan.md 4 bytes", "two.md 4 bytes"]);
}

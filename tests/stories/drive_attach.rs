//! Task kind `drive_attach`: what is attached to an issue is copied into its folder, and nothing else that a text names.

use insta::assert_snapshot;

use crate::world::documents::Documents;
use crate::world::drive::Fault;

/// Bytes that do not go in one request.
const LARGE: usize = 6 * 1024 * 1024;

const RULE: &str = "rules:\n  - on: [issues.opened, issue_comment.created]\n    do: [{folder: {in: 'docs:', name: 'issue {number}'}}, attach]\n";

fn folder(at: &Documents) -> String {
    at.drive.folders(&at.docs).remove(0)
}

#[tokio::test]
async fn attachments_of_the_issue_and_its_comments_are_copied_and_linked() {
    let at = Documents::configured(RULE).await;
    let log = at.stage.github.attach("crash%20log.txt", "it crashed");
    let text = format!("See [log]({log}), https://evil.example/user-attachments/files/1/x and {log} again.");
    let (issue, _) = at.stage.opens("alice", "Crash", &text).await;
    let more = at.stage.github.attach("more.txt", "more");
    at.stage.comments("alice", issue, &format!("And ![this]({more}).")).await;
    assert_snapshot!(at.drive.tree(&folder(&at)).join("\n"), @"
    crash log.txt 10 bytes
    more.txt 4 bytes
    ");
    let comment = at.stage.status_comment(issue);
    assert!(comment.contains("crash log.txt") && comment.contains("more.txt"), "{comment}");
}

#[tokio::test]
async fn what_is_too_large_or_gone_is_left_and_said() {
    let at = Documents::configured(RULE).await;
    at.configure_with("", "copy_mib: 1", RULE);
    let large = at.stage.github.attach("large.bin", &"x".repeat(1024 * 1024 + 1));
    let gone = large.replace("large.bin", "gone.bin");
    let small = at.stage.github.attach("small.txt", "small");
    at.stage.opens("alice", "Crash", &format!("{large} {gone} {small}")).await;
    assert_snapshot!(at.drive.tree(&folder(&at)).join("\n"), @"small.txt 5 bytes");
    let state = at.stage.state().await;
    let task = state.tasks.values().find(|task| task.spec.kind.as_str() == "drive_attach").unwrap();
    let automata::domain::task::Status::Completed { output, .. } = &task.status else { panic!("{task:?}") };
    assert_snapshot!(output.as_str(), @r#"{"copied":["small.txt"],"left":["large.bin has more than 1 MiB (`drive.limits.copy_mib`)","gone.bin is not there any more, or not for this token"]}"#);
}

#[tokio::test]
async fn a_lost_answer_copies_nothing_twice() {
    let at = Documents::configured(RULE).await;
    let (one, two) = (at.stage.github.attach("1.txt", "one"), at.stage.github.attach("2.txt", "two"));
    at.drive.plan_after("files.create.multipart", 1, Fault::LoseReply);
    at.stage.opens("alice", "Crash", &format!("{one} {two}")).await;
    at.stage.drain_later().await;
    assert_snapshot!(at.drive.tree(&folder(&at)).join("\n"), @"
    1.txt 3 bytes
    2.txt 3 bytes
    ");
    assert_eq!(at.stage.tasks().await.get("drive_attach completed"), Some(&1));
}

#[tokio::test]
async fn killed_at_any_push_each_is_there_once() {
    for push in 1..=4 {
        let at = Documents::configured(RULE).await;
        let log = at.stage.github.attach("log.txt", "it crashed");
        let issue = at.stage.github.open_issue("alice", "Crash", &log, &[]);
        let payload = at.stage.github.event_payload_opened(issue);
        at.stage.run_killed_at_push(push, "issues", &payload).await;
        at.stage.github.set_run(at.stage.last_run(), 1, "completed");
        at.stage.run("issues", &payload).await.unwrap();
        at.stage.drain_later().await;
        assert_eq!(at.drive.tree(&folder(&at)), ["log.txt 10 bytes"], "push {push}");
    }
}

#[tokio::test]
async fn killed_in_the_middle_of_a_large_copy_it_goes_on_and_sends_nothing_again() {
    let at = Documents::configured(RULE).await;
    let log = at.stage.github.attach("core.dump", &"dumped! ".repeat(LARGE / 8));
    at.drive.plan_after("upload.chunk", 3, Fault::Hang);
    let issue = at.stage.github.open_issue("alice", "Crash", &format!("See {log}."), &[]);
    let payload = at.stage.github.event_payload_opened(issue);
    tokio::select! {
        () = at.drive.hangs() => {}
        ended = at.stage.run("issues", &payload) => panic!("it ended: {ended:?}"),
    }
    at.stage.github.set_run(at.stage.last_run(), 1, "completed");
    at.stage.drain_later().await;
    assert_eq!(at.drive.tree(&folder(&at)), [format!("core.dump {LARGE} bytes")]);
    assert_eq!((at.drive.received(), at.drive.sent_again()), (LARGE as u64, 0));
    let log: Vec<String> = at.stage.history().await.iter().map(|event| format!("{event:?}")).collect();
    assert!(!log.join("").contains("upload_id"), "whoever reads the log cannot write the file");
}

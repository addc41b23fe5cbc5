//! Task kind `webhook`: another system is told by signed calls, each event until it has it.

use std::time::Duration;

use insta::assert_snapshot;

use super::texts::{CRASH, MENDED, TRACE, WISH, WISH_TEXT};
use crate::world::receiver::{Mood, Receiver, SECRET};
use crate::world::stage::Stage;

/// A stage whose configuration tells this receiver. `more` goes behind the webhook's keys.
async fn telling(receiver: &Receiver, more: &str) -> Stage {
    let url = &receiver.url;
    let yaml = format!("webhooks: {{ ci: {{ url: '{url}', secret: HOOK_SECRET, private: true{more} }} }}\n");
    let stage = Stage::configured(&yaml).await;
    stage.sets("HOOK_SECRET", SECRET);
    stage
}

#[tokio::test]
async fn each_event_is_one_signed_call() {
    let receiver = Receiver::start();
    let stage = telling(&receiver, "").await;
    let (_, report) = stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(report.warnings, [""; 0]);
    let mut types = receiver.types();
    types.sort();
    assert_eq!(types, ["automata.opened", "automata.pull_request", "automata.triaged"]);
    let opened =
        receiver.taken().into_iter().find(|(_, event)| event["type"] == "automata.opened").unwrap().1;
    let url = stage.git.url().replace("/repository.git", "");
    assert_snapshot!(serde_json::to_string_pretty(&opened).unwrap().replace(&url, "https://github.example"), @r#"
    {
      "data": {
        "by": "mona",
        "number": 1,
        "page": "https://github.example/acme/widgets/issues/1",
        "sequence": 1,
        "subject": "issue/1",
        "text": "Crash on a line without an equals sign",
        "what": "opened"
      },
      "datacontenttype": "application/json",
      "id": "5f1p08m3pg4d-0",
      "source": "https://github.example/acme/widgets",
      "specversion": "1.0",
      "subject": "issue/1",
      "time": "2026-11-22T10:00:00Z",
      "type": "automata.opened"
    }
    "#);
}

#[tokio::test]
async fn only_what_is_named_is_told() {
    let receiver = Receiver::start();
    let stage = telling(&receiver, ", on: [triaged, merged]").await;
    stage.opens("alice", WISH, WISH_TEXT).await;
    assert_eq!(receiver.types(), ["automata.triaged"]);
}

#[tokio::test]
async fn a_receiver_that_is_down_is_told_later_and_a_lost_answer_comes_with_the_same_id() {
    let receiver = Receiver::start();
    let stage = telling(&receiver, ", on: opened").await;
    receiver.feels(Mood::Status(503, "retry-after: 60\r\n"));
    receiver.feels(Mood::LoseReply);
    let (_, report) = stage.opens("alice", CRASH, TRACE).await;
    assert!(!report.failed());
    stage.lets_pass(Duration::from_secs(61));
    stage.drain().await;
    stage.drain_later().await;
    let ids: Vec<String> = receiver.taken().into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1], "by which the receiver knows it again");
    assert_eq!(stage.tasks().await.get("webhook completed"), Some(&1));
}

#[tokio::test]
async fn what_is_refused_for_good_is_a_dead_letter_and_fails_no_work() {
    let receiver = Receiver::start();
    let stage = telling(&receiver, ", on: opened").await;
    receiver.feels(Mood::Status(410, ""));
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert!(!report.failed());
    assert_snapshot!(report.warnings.join("\n"), @"issue/1: task 5f1p0.2 given up: the webhook ci answered 410 Gone. Look at what the receiver says of it, then `automata tasks revive` the task.");
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    assert_eq!(receiver.taken().len(), 0);
    // A redirect is not followed, and the next event is told as always.
    receiver.feels(Mood::Status(302, "location: http://127.0.0.1:9/\r\n"));
    stage.opens("alice", WISH, WISH_TEXT).await;
    stage.opens("alice", "A third issue", TRACE).await;
    assert_eq!(receiver.types(), ["automata.opened"]);
}

#[tokio::test]
async fn killed_between_the_call_and_its_receipt_it_calls_again_with_the_same_id() {
    let receiver = Receiver::start();
    let stage = telling(&receiver, ", on: opened").await;
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    let payload = stage.github.event_payload_opened(issue);
    stage.run_killed_at_push(2, "issues", &payload).await;
    assert_eq!(receiver.taken().len(), 1);
    stage.github.set_run(stage.last_run(), 1, "completed");
    stage.drain_later().await;
    let ids: Vec<String> = receiver.taken().into_iter().map(|(id, _)| id).collect();
    assert_eq!((ids.len(), &ids[0]), (2, &ids[1]));
}

#[tokio::test]
async fn an_address_in_a_private_network_is_not_called_unless_it_is_meant() {
    let receiver = Receiver::start();
    let stage = Stage::start().await;
    stage.sets("HOOK_SECRET", SECRET);
    for url in [
        receiver.url.replace("http://", "https://"),
        "https://localhost:9/".to_owned(),
        "https://[::1]:9/".to_owned(),
    ] {
        let yaml = format!("webhooks: {{ ci: {{ url: '{url}', secret: HOOK_SECRET, on: opened }} }}\n");
        stage.put_file(".github/automata.yml", &yaml);
        let (_, report) = stage.opens("alice", CRASH, TRACE).await;
        assert!(!report.failed());
    }
    let failed: Vec<String> =
        stage.told().await.into_iter().filter(|line| line.contains("given up")).collect();
    assert_eq!(failed.len(), 3, "{failed:?}");
    let told =
        "given up: the webhook ci lies on this machine or in a private network, which may not be called";
    assert!(failed.iter().all(|line| line.ends_with(told)), "{failed:?}");
    assert_eq!(receiver.taken().len(), 0);
}

#[tokio::test]
async fn without_its_secret_nothing_is_sent() {
    let receiver = Receiver::start();
    let stage = telling(&receiver, ", on: opened").await;
    stage.sets("HOOK_SECRET", "short");
    let (_, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_snapshot!(report.warnings.join("\n"), @"issue/1: task 5f1p0.2 given up: the secret of the webhook ci is too short, or no Base64. Put at least 16 bytes into HOOK_SECRET: `whsec_` and Base64, or any text.");
    assert_eq!(receiver.taken().len(), 0);
}

#[tokio::test]
async fn without_its_secret_each_event_waits_as_a_dead_letter_and_one_warning_says_so() {
    let receiver = Receiver::start();
    let stage = telling(&receiver, "").await;
    stage.sets("HOOK_SECRET", "");
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_snapshot!(report.warnings.join("\n"), @"issue/1: task 5f1p0.2 given up: the secret of the webhook ci is not set. Hand HOOK_SECRET in under `env:` of the step.");
    assert_eq!(report.tally.untold, 2, "opened and triaged");
    stage.lets_pass(Duration::from_secs(60));
    stage.github.close(issue);
    let report = stage.run("issues", &stage.github.event_payload_closed(issue, "mona")).await.unwrap();
    assert_eq!((report.warnings, report.tally.untold), (vec![], 1));
    assert_eq!(stage.tasks().await.get("webhook failed"), Some(&3));
    // A maintainer hands the secret in, and has them sent.
    stage.sets("HOOK_SECRET", SECRET);
    stage.revives("webhook").await;
    stage.drain().await;
    let mut types = receiver.types();
    types.sort();
    assert_eq!(types, ["automata.closed", "automata.opened", "automata.triaged"]);
}

#[tokio::test]
async fn what_happens_in_drive_is_told_to_those_who_name_it_only() {
    use crate::world::documents::{Documents, OTTO};
    for (on, told) in [("", 0), (", on: [drive_changed, drive_risk]", 3)] {
        let receiver = Receiver::start();
        let url = &receiver.url;
        let yaml = format!(
            "webhooks: {{ ci: {{ url: '{url}', secret: HOOK_SECRET, private: true{on} }} }}\n\
             schedules:\n  audit: {{cron: '*/10 * * * *', do: {{kind: drive_audit}}}}\n"
        );
        let access = "  inside: [acme.example]\n  access: [{folder: 'docs:', grants: []}]\n";
        let at = Documents::configured(&format!("{access}{yaml}")).await;
        at.stage.sets("HOOK_SECRET", SECRET);
        at.looks().await;
        let plan = at.drive.file(OTTO, &at.docs, "plan.md", b"x");
        at.looks().await;
        at.drive.share(&plan, "anyone", "", "reader");
        at.looks().await;
        at.looks().await;
        let mut taken: Vec<String> = receiver
            .taken()
            .into_iter()
            .map(|(_, event)| format!("{} {}", event["type"], event["data"]["text"]))
            .collect();
        taken.retain(|told| told.contains("drive"));
        assert_eq!(taken.len(), told, "{taken:#?}");
        if told > 0 {
            taken.sort();
            assert_snapshot!(taken.join("\n"), @r#"
    "automata.drive_changed" "docs:plan.md (added)"
    "automata.drive_changed" "docs:plan.md (permissions)"
    "automata.drive_risk" "1 thing is not as wanted"
    "#);
        }
    }
}

//! Whoever may ask for a change has it made, however they ask; what strangers posted is still no patch.

use serde_json::{Value, json};

use super::attempts::{MENDED_FILE, Scripted, mends};
use super::texts::{BRANCH, CRASH, MENDED, TRACE};
use crate::world::stage::Stage;
use automata::domain::actor::Permission;
use automata::domain::event::Event;

/// Alice, a stranger, reports a crash, and an assistant may be asked that can mend it.
async fn reported(yaml: &str, text: &str) -> (Stage, std::sync::Arc<Scripted>) {
    let stage = Stage::configured(yaml).await;
    stage.opens("alice", CRASH, text).await;
    let helper = Scripted::new("helper", mends);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    (stage, helper)
}

/// Somebody says this about issue 1 by a dispatch.
async fn dispatches(stage: &Stage, event: &str, sender: &str, command: &str, number: u64) {
    stage.lets_pass(std::time::Duration::from_secs(60));
    let mut payload = stage.github.event_payload_closed(1, sender);
    payload.as_object_mut().unwrap().remove("issue");
    let said = json!({ "command": command, "issue": number.to_string() });
    if event == "repository_dispatch" {
        payload["action"] = "order".into();
        payload["client_payload"] = said;
    } else {
        payload.as_object_mut().unwrap().remove("action");
        payload["inputs"] = said;
    }
    payload["ref"] = "refs/heads/main".into();
    stage.run(event, &payload).await.unwrap();
}

/// Whose wishes the attempts were.
async fn wishes(stage: &Stage) -> Vec<String> {
    let history = stage.history().await.into_iter();
    let wishes = history.filter_map(|envelope| match envelope.recorded.event {
        Event::AssistantAnswered(answered) => Some(answered.wanted_by.to_string()),
        _ => None,
    });
    wishes.collect()
}

#[tokio::test]
async fn a_dispatch_asks_for_a_change_in_the_name_of_whoever_dispatched() {
    for event in ["workflow_dispatch", "repository_dispatch"] {
        let (stage, _) = reported("", TRACE).await;
        dispatches(&stage, event, "alice", "implement", 1).await;
        assert_eq!(stage.pushed_branches(), [""; 0], "{event}: alice may not");
        dispatches(&stage, event, "mona", "implement", 1).await;
        assert_eq!(stage.pushed_branches(), [BRANCH], "{event}: {}", stage.status_comment(1));
        assert_eq!(stage.file(BRANCH, "src/parser.rs"), MENDED_FILE);
        assert_eq!(wishes(&stage).await, ["mona"], "{event}");
        dispatches(&stage, event, "otto", "implement", 1).await;
        assert_eq!(stage.github.pulls().len(), 1, "{event}: the same wish twice is one");
    }
}

#[tokio::test]
async fn a_dispatch_takes_the_patch_of_whoever_may_write_and_of_nobody_else() {
    let stage = Stage::start().await;
    stage.opens("alice", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    dispatches(&stage, "workflow_dispatch", "mona", "implement", 1).await;
    assert_eq!(stage.pushed_branches(), [""; 0], "a stranger's patch is none");
    stage.github.comment("otto", 1, MENDED);
    dispatches(&stage, "workflow_dispatch", "mona", "implement", 1).await;
    assert_eq!(stage.pushed_branches(), [BRANCH], "{}", stage.status_comment(1));
}

#[tokio::test]
async fn a_dispatch_revises_the_open_pull_request_and_opens_no_other() {
    let (stage, helper) = reported("", TRACE).await;
    dispatches(&stage, "workflow_dispatch", "mona", "implement", 1).await;
    let first = stage.git.repository.git(&["rev-parse", BRANCH]);
    let again = Scripted::new("helper", |folder, _| {
        std::fs::write(folder.join("NOTES.md"), "Why.\n").unwrap();
        Ok("Says why.")
    });
    *stage.assistants.borrow_mut() = vec![again.clone()];
    for number in [1, 2] {
        dispatches(&stage, "workflow_dispatch", "otto", "revise say why", number).await;
        assert_eq!(stage.pushed_branches(), [BRANCH]);
        assert_eq!(stage.github.pulls().len(), 1, "{:?}", stage.github.pulls());
    }
    assert_ne!(stage.git.repository.git(&["rev-parse", BRANCH]), first);
    let prompts = again.prompts.lock().unwrap().clone();
    assert_eq!((helper.asked(), prompts.len()), (1, 2));
    assert!(prompts.iter().all(|prompt| prompt.contains("say why")), "{prompts:#?}");
    assert_eq!(wishes(&stage).await, ["mona", "otto", "otto"]);
}

#[tokio::test]
async fn who_is_named_in_the_configuration_has_a_change_made_and_no_patch_taken() {
    for yaml in ["access: {allow: [tina]}\n", "access: {commands: {implement: triage, revise: triage}}\n"] {
        let (stage, helper) = reported(yaml, TRACE).await;
        stage.github.set_permission("tina", Permission::Triage);
        stage.comments("tina", 1, "Take the whole line then.\n\n/automata implement").await;
        assert_eq!(stage.pushed_branches(), [BRANCH], "{yaml}: {}", stage.status_comment(1));
        assert_eq!((helper.asked(), wishes(&stage).await), (1, vec!["tina".to_owned()]));
        let prompt = helper.prompts.lock().unwrap().concat();
        let asked = prompt.split("# What is asked for now").nth(1).unwrap_or_default();
        assert!(asked.contains("Take the whole line then."), "{prompt}");
        let before = stage.git.repository.git(&["rev-parse", BRANCH]);
        let again = Scripted::new("helper", |folder, _| {
            std::fs::write(folder.join("NOTES.md"), "Why.\n").unwrap();
            Ok("Says why.")
        });
        *stage.assistants.borrow_mut() = vec![again];
        stage.comments("tina", 2, "/automata revise say why").await;
        assert_ne!(stage.git.repository.git(&["rev-parse", BRANCH]), before, "{yaml}");
    }
    let stage = Stage::configured("access: {allow: [tina]}\n").await;
    stage.opens("alice", CRASH, TRACE).await;
    stage.comments("tina", 1, &format!("{MENDED}\n\n/automata implement")).await;
    assert_eq!(stage.pushed_branches(), [""; 0], "who may ask may not push");
}

#[tokio::test]
async fn a_label_asks_for_a_change_in_the_name_of_whoever_put_it_on() {
    let yaml = "rules:\n- {on: issues.labeled, if: {label: question}, do: implement}\n";
    for (person, permission, is_made) in [
        ("mona", Permission::Maintain, true),
        ("tina", Permission::Triage, false),
        ("alice", Permission::Read, false),
    ] {
        let (stage, _) = reported(yaml, TRACE).await;
        stage.github.set_permission(person, permission);
        stage.lets_pass(std::time::Duration::from_secs(1));
        let labelled: Value = stage.github.label_as(person, 1, "question");
        stage.run("issues", &labelled).await.unwrap();
        assert_eq!(stage.pushed_branches().len(), usize::from(is_made), "{person}");
        if is_made {
            assert_eq!(wishes(&stage).await, [person]);
        }
    }
    // What a maintainer wrote is theirs to ask for, whoever sorts it.
    let stage = Stage::configured(yaml).await;
    stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    stage.github.set_permission("tina", Permission::Triage);
    stage.lets_pass(std::time::Duration::from_secs(1));
    let labelled: Value = stage.github.label_as("tina", 1, "question");
    stage.run("issues", &labelled).await.unwrap();
    assert_eq!(stage.pushed_branches(), [BRANCH]);
}

#[tokio::test]
async fn of_many_who_comment_the_newest_are_known_by_what_they_may() {
    let (stage, helper) = reported("", TRACE).await;
    for number in 0..25 {
        stage.github.comment(&format!("visitor-{number}"), 1, "Me too.");
    }
    stage.github.comment("otto", 1, "Take the whole line for the key.");
    stage.comments("mona", 1, "/automata implement").await;
    let prompt = helper.prompts.lock().unwrap().concat();
    assert!(prompt.contains("by otto, who has write access"), "{prompt}");
    assert!(prompt.contains("by visitor-0, who has no write access"), "{prompt}");
}

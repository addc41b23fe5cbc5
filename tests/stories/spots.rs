//! Words in comments on lines of a pull request, and in the text of a review, are heard like those in comments.

use insta::assert_snapshot;
use serde_json::Value;

use super::attempts::Scripted;
use super::texts::{BRANCH, CRASH, MENDED};
use crate::world::stage::Stage;

/// Pull request 2 of issue 1, by a maintainer's patch; from then on a scripted assistant is asked.
async fn with_our_pull() -> (Stage, std::sync::Arc<Scripted>) {
    let stage = Stage::start().await;
    stage.opens("mona", CRASH, MENDED).await;
    let helper = Scripted::new("helper", |folder, before| {
        let file = folder.join("src/parser.rs");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(file, format!("// Revision {before}.\n{text}")).unwrap();
        Ok("Numbers the revision.")
    });
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    (stage, helper)
}

async fn hears(stage: &Stage, event: &str, payload: &Value) {
    let report = stage.run(event, payload).await.unwrap();
    assert_eq!(report.warnings, [""; 0]);
}

fn commits(stage: &Stage) -> usize {
    stage.git.repository.git(&["log", "--format=%s", &format!("main..{BRANCH}")]).lines().count()
}

#[tokio::test]
async fn a_word_on_a_line_is_done_and_answered_by_a_reaction_there() {
    let (stage, helper) = with_our_pull().await;
    stage.lets_pass(std::time::Duration::from_secs(60));
    let said = stage.github.comment_on_line(2, "otto", ("src/parser.rs", 1), "/automata revise Number it.");
    hears(&stage, "pull_request_review_comment", &said).await;
    assert_eq!((commits(&stage), helper.asked()), (2, 1));
    let line = said["comment"]["id"].as_u64().unwrap();
    assert_eq!(stage.github.reactions_on(line), ["eyes"]);
    assert_eq!(stage.github.thread(line).len(), 2, "the thread is answered");
    assert!(helper.prompts.lock().unwrap()[0].contains("/automata revise Number it."));
    hears(&stage, "pull_request_review_comment", &said).await;
    assert_eq!(commits(&stage), 2, "told twice is said once");
}

#[tokio::test]
async fn a_word_in_a_review_is_done_once_whatever_its_verdict() {
    for verdict in ["commented", "changes_requested"] {
        let (stage, helper) = with_our_pull().await;
        stage.lets_pass(std::time::Duration::from_secs(60));
        let said = stage.github.review(2, "otto", verdict, "Good.\n\n/automata revise Number it.");
        hears(&stage, "pull_request_review", &said).await;
        assert_eq!((commits(&stage), helper.asked()), (2, 1), "{verdict}");
        let prompt = helper.prompts.lock().unwrap()[0].clone();
        assert_eq!(prompt.matches("/automata revise Number it.").count(), 1, "{verdict}");
    }
}

#[tokio::test]
async fn labels_and_questions_are_heard_there_too_and_answered_in_the_status_comment() {
    let (stage, _) = with_our_pull().await;
    stage.lets_pass(std::time::Duration::from_secs(60));
    let said = stage.github.review(2, "otto", "commented", "/automata label +question\n/automata status");
    hears(&stage, "pull_request_review", &said).await;
    assert_eq!(stage.github.labels_of(2), ["question"]);
    let comment = stage.status_comment(2);
    let answer = comment.split_once("\n\n<sub>").unwrap().0;
    assert_snapshot!(answer, @"
    Asked by otto:

    - Nothing is being done here, and nothing waits.
    ");
}

#[tokio::test]
async fn a_strangers_word_in_a_review_or_on_a_line_changes_nothing() {
    let (stage, helper) = with_our_pull().await;
    stage.lets_pass(std::time::Duration::from_secs(60));
    for text in ["/automata revise Delete it all.", "/automata implement", "/automata stop"] {
        // Whoever says much in one hour is not answered any more.
        stage.lets_pass(std::time::Duration::from_secs(60 * 60 + 1));
        let said = stage.github.review(2, "mallory", "changes_requested", text);
        hears(&stage, "pull_request_review", &said).await;
        let said = stage.github.comment_on_line(2, "mallory", ("src/parser.rs", 1), text);
        hears(&stage, "pull_request_review_comment", &said).await;
        assert_eq!(stage.github.reactions_on(said["comment"]["id"].as_u64().unwrap()), ["confused"]);
    }
    assert_eq!((commits(&stage), helper.asked()), (1, 0));
    assert_eq!(stage.github.labels_of(2), [""; 0]);
}

#[tokio::test]
async fn a_change_asked_for_on_a_line_is_the_issues_when_its_pull_request_was_closed() {
    let (stage, helper) = with_our_pull().await;
    stage.lets_pass(std::time::Duration::from_secs(60));
    stage.github.close(2);
    hears(&stage, "pull_request", &stage.github.event_payload_pull("closed", 2, "otto")).await;
    let said = stage.github.comment_on_line(2, "otto", ("src/parser.rs", 1), "/automata implement");
    hears(&stage, "pull_request_review_comment", &said).await;
    assert_eq!(helper.asked(), 1);
    assert_eq!(stage.github.pulls().len(), 2);
}

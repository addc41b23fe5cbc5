//! Task kind `analyse`: what an issue is, found once, in as few pushes as can be.

use automata::app::Outcome;
use futures_util::future::join3;
use insta::assert_snapshot;

use super::texts::{CRASH, QUESTION, QUESTION_TEXT, TRACE, WISH, WISH_TEXT};
use crate::world::github::Fault;
use crate::world::stage::Stage;

#[tokio::test]
async fn a_bug_with_a_stack_trace_is_labelled_and_its_places_are_found_in_the_code() {
    let stage = Stage::start().await;
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(report.outcome, Outcome::Recorded);
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    assert_snapshot!(stage.writes().join("\n"), @r#"
    POST /issues/1/comments
    POST /issues/1/labels {"labels":["bug","priority: high"]}
    "#);
    assert_snapshot!(stage.status_comment(issue), @r#"
    **bug** (97% sure) · urgency **high**

    Places in the code that the text names:
    - src/parser.rs:2 (widgets::parser::parse)
    - src/main.rs:4 (widgets::main)

    Looked after by `otto`, `mona`.

    <details><summary>Why</summary>

    - bug: It shows a failing program: “panicked at”.
    - bug: The title says “crash”.
    - bug: It has the heading “what happened”, as in a bug form.
    - bug: The text says “crash”.
    - high: The program ends or stands still \(“crash”, +2\).
    - otto: CODEOWNERS line 2: \`/src/parser.rs\` matches \`src/parser.rs\`.
    - mona: CODEOWNERS line 1: \`\*\` matches \`src/main.rs\`.

    </details>

    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    "#);
    assert_snapshot!(format!("{:?}", stage.tasks().await), @r#"{"analyse completed": 1, "comment completed": 1, "label completed": 1}"#);
}

#[tokio::test]
async fn a_wish_and_a_question_are_told_apart() {
    let stage = Stage::start().await;
    let (wish, _) = stage.opens("bob", WISH, WISH_TEXT).await;
    let (question, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    assert_eq!(stage.github.labels_of(wish), ["enhancement"]);
    assert_eq!(stage.github.labels_of(question), ["question"]);
    assert!(stage.status_comment(question).starts_with("**question**"));
}

#[tokio::test]
async fn a_text_that_says_little_gets_no_label_and_no_comment() {
    let stage = Stage::start().await;
    let (issue, report) = stage.opens("dave", "hello", "Nice project.").await;
    assert_eq!(report.outcome, Outcome::Recorded);
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!(stage.github.comments_of(issue), []);
}

#[tokio::test]
async fn the_configured_confidence_decides_what_is_little() {
    let stage = Stage::configured("triage: {confidence: 1.0}\n").await;
    let (issue, _) = stage.opens("bob", WISH, WISH_TEXT).await;
    assert_eq!(stage.github.labels_of(issue), [""; 0]);
}

#[tokio::test]
async fn an_issue_that_was_deleted_meanwhile_is_left_alone() {
    let stage = Stage::start().await;
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    let payload = stage.github.event_payload_opened(issue);
    stage.github.delete_issue(issue);
    let report = stage.run("issues", &payload).await.unwrap();
    assert!(!report.failed(), "{:?}", report.warnings);
    assert_eq!(stage.writes(), [""; 0]);
    assert!(stage.why(issue).await.contains("the issue is gone"));
}

#[tokio::test]
async fn an_opened_issue_costs_two_pushes_and_the_same_event_again_costs_none() {
    let stage = Stage::start().await;
    stage.opens("bob", WISH, WISH_TEXT).await;
    stage.git.take_traffic();
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.git.take_traffic().pushes, 2);

    let (events, writes) = (stage.history().await.len(), stage.writes());
    stage.git.take_traffic();
    let again = stage.run("issues", &stage.github.event_payload_opened(issue)).await.unwrap();
    assert_eq!(again.outcome, Outcome::Duplicate);
    assert_eq!(again.headline, "this was recorded before, as event 15");
    assert_eq!(stage.git.take_traffic().pushes, 0);
    assert_eq!((stage.history().await.len(), stage.writes()), (events, writes));
}

#[tokio::test]
async fn the_first_event_ever_costs_two_pushes_too() {
    let stage = Stage::start().await;
    stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.git.take_traffic().pushes, 2);
    assert!(stage.branches().contains(&"automata-state".to_owned()));
}

#[tokio::test]
async fn a_burst_while_github_is_down_becomes_one_analysis_of_the_last_text() {
    let stage = Stage::start().await;
    for _ in 0..3 {
        stage.github.plan("issues/get", Fault::Status(502));
    }
    let issue = stage.github.open_issue("alice", "hello", "", &[]);
    let opened = stage.run("issues", &stage.github.event_payload_opened(issue)).await.unwrap();
    assert_eq!(opened.warnings.len(), 1, "{:?}", opened.warnings);
    for (title, body) in [(WISH, WISH_TEXT), (CRASH, TRACE)] {
        let edited = stage.github.edit_as("alice", issue, title, body);
        let report = stage.run("issues", &edited).await.unwrap();
        assert_eq!((report.outcome, report.tally.completed), (Outcome::Recorded, 0));
    }
    assert_eq!(stage.writes(), [""; 0]);

    stage.drain_later().await;
    assert_eq!(stage.tasks().await["analyse completed"], 1);
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    assert_eq!(stage.status_comments(issue).len(), 1);
}

#[tokio::test]
async fn three_runs_at_the_same_moment_agree_on_the_last_text_and_one_comment() {
    let stage = Stage::start().await;
    let issue = stage.github.open_issue("alice", WISH, WISH_TEXT, &[]);
    let opened = stage.github.event_payload_opened(issue);
    let first = stage.github.edit_as("alice", issue, QUESTION, QUESTION_TEXT);
    let second = stage.github.edit_as("alice", issue, CRASH, TRACE);
    let (one, two, three) =
        join3(stage.run("issues", &opened), stage.run("issues", &first), stage.run("issues", &second)).await;
    for report in [one, two, three] {
        assert_eq!(report.unwrap().outcome, Outcome::Recorded);
    }
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    assert!(stage.status_comment(issue).starts_with("**bug**"));
    assert!(stage.state().await.tasks.values().all(|task| task.status.is_final()));
}

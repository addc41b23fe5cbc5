//! Task kind `label`: only single additions and removals, only labels that exist, and people win.

use automata::app::Outcome;
use insta::assert_snapshot;

use super::texts::{CRASH, QUESTION, QUESTION_TEXT, TRACE, WISH, WISH_TEXT};
use crate::world::github::Fault;
use crate::world::stage::Stage;

const OWN_LABELS: &str = "\
labels:
  type: {bug: 'kind/bug', question: question}
";

#[tokio::test]
async fn a_label_that_the_repository_lacks_is_left_out() {
    let stage = Stage::configured(OWN_LABELS).await;
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.labels_of(issue), ["priority: high"]);
    assert_eq!(report.warnings, [""; 0]);
}

#[tokio::test]
async fn a_label_that_the_repository_lacks_is_made_when_the_configuration_says_so() {
    let stage = Stage::configured(&format!("{OWN_LABELS}  create: true\n")).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.labels_of(issue), ["kind/bug", "priority: high"]);
    assert_snapshot!(stage.writes().join("\n"), @r#"
    POST /issues/1/comments
    POST /issues/1/labels {"labels":["kind/bug","priority: high"]}
    POST /labels {"color":"ededed","description":"","name":"kind/bug"}
    "#);
}

#[tokio::test]
async fn a_label_that_a_person_took_off_is_not_put_back() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.unlabels("mona", issue, "bug").await;
    let edited =
        stage.edits("alice", issue, CRASH, &format!("{TRACE}\nIt still crashes, and it panics.")).await;
    assert_eq!(edited.tally.completed, 2, "it was analysed and the comment looked at");
    assert_eq!(stage.github.labels_of(issue), ["priority: high"]);
    assert!(stage.why(issue).await.contains("label `bug` is not put back\n    because a person took it off"));
    assert!(stage.status_comment(issue).contains("- bug: taken off by a person, so it stays off"));
}

#[tokio::test]
async fn a_person_who_puts_it_back_themselves_changes_the_rule() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.unlabels("mona", issue, "bug").await;
    stage.lets_pass(std::time::Duration::from_secs(5));
    let labelled = stage.github.label_as("mona", issue, "bug");
    stage.run("issues", &labelled).await.unwrap();
    assert!(stage.state().await.issues.values().all(|known| known.refused_labels.is_empty()));
    assert_eq!(stage.github.labels_of(issue), ["priority: high", "bug"]);
}

#[tokio::test]
async fn labels_of_others_are_never_touched_and_a_decided_group_gets_no_second_label() {
    let stage = Stage::start().await;
    stage.github.make_label("area: parser", "00ff00", "");
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &["Question", "area: parser"]);
    stage.run("issues", &stage.github.event_payload_opened(issue)).await.unwrap();
    assert_eq!(stage.github.labels_of(issue), ["question", "area: parser", "priority: high"]);
    assert_snapshot!(stage.writes().join("\n"), @r#"
    POST /issues/1/comments
    POST /issues/1/labels {"labels":["priority: high"]}
    "#);
}

#[tokio::test]
async fn rules_of_the_repository_add_and_remove_single_labels() {
    let stage = Stage::configured(
        "rules:\n- on: issues.opened\n  if: {title_contains: list}\n  do: [{label: documentation}, {unlabel: [bug, missing]}]\n",
    )
    .await;
    let issue = stage.github.open_issue("carol", QUESTION, QUESTION_TEXT, &["bug", "priority: high"]);
    stage.run("issues", &stage.github.event_payload_opened(issue)).await.unwrap();
    assert_eq!(stage.github.labels_of(issue), ["priority: high", "documentation"]);
    assert_snapshot!(stage.writes().join("\n"), @r#"
    DELETE /issues/1/labels/bug
    POST /issues/1/labels {"labels":["documentation"]}
    "#);
}

#[tokio::test]
async fn a_lost_reply_is_found_done_and_closed_with_a_receipt() {
    let stage = Stage::start().await;
    stage.github.plan("issues/add-labels", Fault::LoseReply);
    let (issue, report) = stage.opens("bob", WISH, WISH_TEXT).await;
    assert_eq!(report.tally.retried, 1);
    stage.drain_later().await;
    assert_eq!(stage.github.labels_of(issue), ["enhancement"]);
    let added = stage.writes().into_iter().filter(|line| line.contains("/labels")).count();
    assert_eq!(added, 1, "adding again would do no harm, but costs a call");
    let state = stage.state().await;
    assert!(state.effects.values().all(|effect| effect.receipt.is_some()), "{:#?}", state.effects);
    assert!(state.issues.values().all(|known| known.our_labels.contains("enhancement")));
}

#[tokio::test]
async fn labels_that_a_person_sets_within_one_second_are_all_recorded_and_each_once() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    stage.lets_pass(std::time::Duration::from_secs(5));
    let set = ["bug", "documentation", "enhancement"];
    let events: Vec<_> = set.iter().map(|name| stage.github.label_as("mona", issue, name)).collect();
    assert!(events.windows(2).all(|pair| pair[0]["issue"]["updated_at"] == pair[1]["issue"]["updated_at"]));
    for (event, label) in events.iter().zip(set) {
        let report = stage.run("issues", event).await.unwrap();
        assert_eq!(report.outcome, Outcome::Recorded, "{label}: {}", report.headline);
    }
    for event in &events {
        assert_eq!(stage.run("issues", event).await.unwrap().outcome, Outcome::Duplicate, "delivered again");
    }
    let told: Vec<String> = stage.told().await.into_iter().filter(|line| line.starts_with("mona")).collect();
    assert_snapshot!(told.join("\n"), @r"
    mona labeled issue #1 (bug): How do I read the list from a file?
    mona labeled issue #1 (documentation): How do I read the list from a file?
    mona labeled issue #1 (enhancement): How do I read the list from a file?
    ");
}

#[tokio::test]
async fn what_a_person_asked_for_by_a_word_stays_when_the_analysis_finds_something_else() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", QUESTION, QUESTION_TEXT).await;
    assert_eq!(stage.github.labels_of(issue), ["question"]);
    // The second is there already: the word makes it hers all the same.
    stage.comments("mona", issue, "/automata label +documentation +question").await;
    assert_eq!(stage.github.labels_of(issue), ["question", "documentation"]);
    stage.edits("alice", issue, CRASH, TRACE).await;
    assert_eq!(stage.github.labels_of(issue), ["question", "documentation", "priority: high"]);
    // As long as it is wanted.
    stage.comments("mona", issue, "/automata label -documentation").await;
    stage.comments("mona", issue, "/automata label -question").await;
    stage.edits("alice", issue, WISH, WISH_TEXT).await;
    assert_eq!(stage.github.labels_of(issue), ["priority: high", "enhancement"]);
    stage.comments("mona", issue, "/automata undo").await;
    assert_eq!(stage.github.labels_of(issue), [""; 0], "undo takes all of ours");
}

#[tokio::test]
async fn an_urgency_that_a_person_said_stays_as_well() {
    let stage = Stage::start().await;
    stage.github.make_label("priority: low", "ededed", "");
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.comments("mona", issue, "/automata priority low").await;
    stage.edits("alice", issue, CRASH, &format!("{TRACE}\nIt crashes, and all is lost.")).await;
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: low"]);
}

#[tokio::test]
async fn a_label_that_is_taken_off_says_why() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", QUESTION, QUESTION_TEXT).await;
    stage.edits("alice", issue, CRASH, TRACE).await;
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    let why = stage.why(issue).await;
    assert!(why.contains("% sure, and no longer `question`; the analysis finds it `high`"), "{why}");
}

//! Whatever account the token belongs to, what Automata wrote is not taken for somebody's word.

use std::time::Duration;

use automata::app::Outcome;

use super::texts::{CRASH, QUESTION, QUESTION_TEXT, TRACE};
use crate::world::stage::Stage;

/// How often GitHub was asked whose the token is.
fn probes(stage: &Stage) -> usize {
    stage.github.requests().iter().filter(|line| line.contains("viewer")).count()
}

/// The event about the comment that was written last.
async fn tells_of_our_comment(stage: &Stage) -> automata::app::Report {
    stage.lets_pass(Duration::from_secs(1));
    let commented = stage.github.event_payload_commented(1);
    stage.run("issue_comment", &commented).await.unwrap()
}

#[tokio::test]
async fn with_a_persons_or_an_apps_token_our_own_comment_starts_nothing() {
    for (login, kind) in [("robin", "User"), ("our-app[bot]", "Bot")] {
        let stage = Stage::configured("bots: {allow: [our-app]}\n").await;
        stage.github.set_viewer(login, kind);
        stage.opens("carol", QUESTION, QUESTION_TEXT).await;
        stage.git.take_traffic();
        let report = tells_of_our_comment(&stage).await;
        assert_eq!(report.headline, format!("Automata did this itself, as `{login}`"));
        assert_eq!((report.outcome, stage.git.take_traffic().pushes), (Outcome::Ignored, 0));
    }
}

#[tokio::test]
async fn what_that_person_says_themselves_is_heard_and_nobody_is_asked_who_it_was() {
    let stage = Stage::start().await;
    stage.github.set_viewer("robin", "User");
    stage.github.set_permission("robin", automata::domain::actor::Permission::Write);
    let (issue, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    let report = stage.comments("robin", issue, "/automata label +documentation").await;
    assert_eq!(report.outcome, Outcome::Recorded);
    assert!(stage.github.labels_of(issue).contains(&"documentation".to_owned()));
}

#[tokio::test]
async fn a_stranger_who_forges_our_mark_is_heard_as_what_they_are_and_costs_one_question() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    let before = probes(&stage);
    let forged = format!("<!-- automata:status issue/{issue} seq=9 hop=0 -->\n/automata label +bug");
    let report = stage.comments("mallory", issue, &forged).await;
    assert_eq!(report.outcome, Outcome::Recorded);
    assert_eq!(probes(&stage) - before, 1);
    assert_eq!(stage.github.labels_of(issue), ["question"]);
}

#[tokio::test]
async fn with_the_workflows_own_token_no_event_costs_a_question() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    let before = probes(&stage);
    assert_eq!(tells_of_our_comment(&stage).await.outcome, Outcome::Ignored);
    stage.unlabels("mona", issue, "bug").await;
    stage.lets_pass(Duration::from_secs(3_600));
    stage.drain().await;
    assert_eq!(probes(&stage), before, "what was looked through held our own comment");
}

#[tokio::test]
async fn what_is_looked_through_later_is_known_as_ours_too() {
    let stage = Stage::start().await;
    stage.github.set_viewer("robin", "User");
    let (issue, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    stage.lets_pass(Duration::from_secs(3_600));
    let report = stage.drain().await;
    assert_eq!(report.notes, [""; 0], "our own comment is no news");
    assert!(!stage.why(issue).await.contains("robin commented"));
}

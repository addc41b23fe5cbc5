//! No loop can start: what machines say is heard only where the configuration allows it, and not for ever.

use automata::app::Outcome;

use super::texts::{CRASH, MENDED, QUESTION, QUESTION_TEXT, TRACE};
use crate::world::stage::Stage;

#[tokio::test]
async fn other_bots_are_ignored_without_any_push() {
    let stage = Stage::start().await;
    let (_, report) = stage.opens("dependabot[bot]", CRASH, TRACE).await;
    assert_eq!(report.outcome, Outcome::Ignored);
    assert!(report.headline.contains("`bots.allow`"), "{}", report.headline);
    assert_eq!(stage.git.take_traffic().pushes, 0);
    assert_eq!(stage.github.requests(), [""; 0]);
    assert_eq!(stage.branches(), ["main"]);
}

#[tokio::test]
async fn what_automata_wrote_itself_is_ignored_without_any_push() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    stage.git.take_traffic();
    let labelled = stage.github.label_as("github-actions[bot]", issue, "bug");
    assert_eq!(stage.run("issues", &labelled).await.unwrap().outcome, Outcome::Ignored);
    let commented = stage.github.event_payload_commented(1);
    let report = stage.run("issue_comment", &commented).await.unwrap();
    assert_eq!(report.outcome, Outcome::Ignored);
    assert_eq!(report.headline, "Automata did this itself, as `github-actions[bot]`");
    assert_eq!(stage.git.take_traffic().pushes, 0);
}

#[tokio::test]
async fn a_marker_that_another_bot_forged_is_told_as_what_it_is() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    let forged = format!("<!-- automata:status issue/{issue} seq=9 hop=1 -->\nAll is well.");
    let report = stage.comments("helper[bot]", issue, &forged).await;
    assert_eq!(report.outcome, Outcome::Ignored);
    assert_eq!(
        report.headline,
        "`helper[bot]` is a bot, and `bots.allow` in the configuration does not name it"
    );
}

#[tokio::test]
async fn a_person_who_quotes_the_status_comment_is_heard() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    let (_, status) = stage.github.comments_of(issue).remove(0);
    for text in [status.clone(), format!("> {}\nThat is wrong.", status.replace('\n', "\n> "))] {
        let report = stage.comments("carol", issue, &text).await;
        assert_eq!(report.outcome, Outcome::Recorded, "{}", report.headline);
    }
    assert!(stage.why(issue).await.contains("carol commented on #1: > <!-- automata:status"));
}

#[tokio::test]
async fn another_workflow_under_the_same_account_is_heard_when_it_is_allowed() {
    let stage = Stage::configured("bots: {allow: [github-actions]}\n").await;
    let (issue, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    let report = stage.comments("github-actions[bot]", issue, "Coverage is 97 %.").await;
    assert_eq!(report.outcome, Outcome::Recorded, "{}", report.headline);
    let own = stage.github.event_payload_commented(1);
    assert_eq!(stage.run("issue_comment", &own).await.unwrap().outcome, Outcome::Ignored);
}

#[tokio::test]
async fn a_bot_that_is_allowed_is_heard_until_machines_have_talked_long_enough() {
    let stage = Stage::configured("bots: {allow: [helper]}\n").await;
    let (issue, report) = stage.opens("helper[bot]", CRASH, TRACE).await;
    assert_eq!(report.outcome, Outcome::Recorded);
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    for (hop, outcome) in [(3, Outcome::Recorded), (4, Outcome::Ignored)] {
        let text = format!("Again! <!-- automata:reply hop={hop} -->");
        let report = stage.comments("helper[bot]", issue, &text).await;
        assert_eq!(report.outcome, outcome, "{}", report.headline);
    }
}

#[tokio::test]
async fn what_we_write_counts_one_hop_more_than_what_led_to_it_so_that_honest_machines_come_to_an_end() {
    let stage = Stage::configured("bots: {allow: [helper]}\n").await;
    let (issue, _) = stage.opens("carol", CRASH, TRACE).await;
    let texts = [(QUESTION, QUESTION_TEXT), (CRASH, TRACE)];
    let mut heard = 0;
    for round in 0..8 {
        let marker = format!("<!-- automata:reply hop={} -->", stage.told_hop(issue) + 1);
        let (title, text) = texts[round % 2];
        let report = stage.edits("helper[bot]", issue, title, &format!("{text}\n\n{marker}\n")).await;
        heard += usize::from(report.outcome == Outcome::Recorded);
    }
    assert_eq!((heard, stage.told_hop(issue)), (1, 3), "one answer, and the next one is one too many");
    stage.edits("carol", issue, CRASH, TRACE).await;
    assert_eq!(stage.told_hop(issue), 1, "a person begins anew");
}

#[tokio::test]
async fn a_bot_whose_texts_count_nothing_is_not_followed_for_ever_until_a_person_goes_on() {
    let stage = Stage::configured("bots: {allow: [helper]}\n").await;
    let (issue, _) = stage.opens("carol", CRASH, TRACE).await;
    let mut done = 0;
    for round in 0..24 {
        let before = stage.tasks().await.get("analyse completed").copied().unwrap_or_default();
        stage.edits("helper[bot]", issue, &format!("{CRASH} {round}"), TRACE).await;
        let after = stage.tasks().await.get("analyse completed").copied().unwrap_or_default();
        done += after - before;
    }
    let why = stage.why(issue).await;
    assert!(
        why.contains("held: bots have acted here 20 times in a row within a day, the last time helper[bot]"),
        "{done} {why}"
    );
    stage.edits("carol", issue, "How do I set the width?", QUESTION_TEXT).await;
    assert!(
        stage.github.labels_of(issue).contains(&"question".to_owned()),
        "{:?}",
        stage.github.labels_of(issue)
    );
}

#[tokio::test]
async fn an_allowed_bot_cannot_write_so_its_patch_is_not_acted_on() {
    let stage = Stage::configured("bots: {allow: ['helper[bot]']}\n").await;
    let (issue, _) = stage.opens("helper[bot]", CRASH, MENDED).await;
    assert_eq!(stage.pushed_branches(), [""; 0]);
    assert!(stage.status_comment(issue).contains("has no write access"));
}

//! Task kind `request_review`: owners of what our pull request changes are asked for a review, each once.

use super::texts::{CRASH, MENDED};
use crate::world::github::Fault;
use crate::world::stage::Stage;

const OWNERS: &str = "pull_requests: {reviewers: owners}\n";

/// The requests that ask.
fn asks(stage: &Stage) -> usize {
    stage.writes().iter().filter(|line| line.starts_with("POST /pulls/2/requested_reviewers ")).count()
}

#[tokio::test]
async fn the_owners_of_the_changed_files_are_asked_teams_too() {
    let stage = Stage::configured(OWNERS).await;
    stage.put_file("CODEOWNERS", "* @mona\n/src/parser.rs @otto @acme/core\n");
    let (_, report) = stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(stage.github.reviewers_of(2), ["otto", "acme/core"]);
    assert_eq!(asks(&stage), 1);
    assert!(stage.told().await.contains(&"reviewers done: asked otto, acme/core".to_owned()));
}

#[tokio::test]
async fn nobody_is_asked_unless_the_configuration_says_so_and_people_can_be_named() {
    let stage = Stage::start().await;
    stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(stage.github.reviewers_of(2), [""; 0]);
    let stage = Stage::configured("pull_requests: {reviewers: [carol, acme/core]}\n").await;
    stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(stage.github.reviewers_of(2), ["carol", "acme/core"]);
}

#[tokio::test]
async fn the_account_that_opened_it_bots_and_who_is_away_are_not_asked() {
    let stage = Stage::configured(&format!("{OWNERS}assign: {{unavailable: [carol]}}\n")).await;
    stage.github.set_viewer("robin", "User");
    stage.put_file("CODEOWNERS", "* @robin @carol @otto\n");
    stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(stage.github.reviewers_of(2), ["otto"]);
}

#[tokio::test]
async fn one_who_cannot_be_asked_keeps_nobody_else_from_it() {
    let stage = Stage::configured(OWNERS).await;
    stage.put_file("CODEOWNERS", "* @gone @otto @acme/secret\n");
    stage.github.cannot_review("gone");
    stage.github.cannot_review("acme/secret");
    let (_, report) = stage.opens("mona", CRASH, MENDED).await;
    assert!(!report.failed(), "{:?}", report.warnings);
    assert_eq!(stage.github.reviewers_of(2), ["otto"]);
}

#[tokio::test]
async fn a_lost_reply_is_found_done_and_nobody_is_pinged_twice() {
    let stage = Stage::configured(OWNERS).await;
    stage.github.plan("pulls/request-reviewers", Fault::LoseReply);
    let (_, report) = stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(report.tally.retried, 1);
    stage.drain_later().await;
    assert_eq!((stage.github.reviewers_of(2), asks(&stage)), (vec!["otto".to_owned()], 1));
}

#[tokio::test]
async fn while_a_check_fails_nobody_is_asked() {
    let stage = Stage::configured(&format!("{OWNERS}checks: [{{name: never, run: 'exit 1'}}]\n")).await;
    stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(stage.github.pulls().len(), 1);
    assert_eq!(stage.github.reviewers_of(2), [""; 0]);
}

/// A workflow that checks pull requests.
const WORKFLOW: &str = "on: [push, pull_request]\njobs: {}\n";

/// A repository that checks pull requests, at work with the token of an App, which starts the checks.
async fn checked() -> Stage {
    let stage = Stage::configured(OWNERS).await;
    stage.github.set_viewer("robin[bot]", "Bot");
    stage.put_file(".github/workflows/ci.yml", WORKFLOW);
    stage
}

#[tokio::test]
async fn where_checks_start_people_are_asked_when_these_are_green_and_once() {
    let stage = checked().await;
    stage.opens("mona", CRASH, MENDED).await;
    stage.github.check(2, "build", None);
    stage.drain_later().await;
    assert_eq!(stage.github.reviewers_of(2), [""; 0]);
    stage.github.check(2, "build", Some("failure"));
    stage.drain_later().await;
    assert_eq!(stage.github.reviewers_of(2), [""; 0]);
    stage.github.check(2, "build", Some("success"));
    stage.drain_later().await;
    stage.drain_later().await;
    assert_eq!((stage.github.reviewers_of(2), asks(&stage)), (vec!["otto".to_owned()], 1));
}

#[tokio::test]
async fn nobody_waits_for_checks_that_do_not_begin() {
    let stage = checked().await;
    stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(stage.github.reviewers_of(2), [""; 0], "they may begin in a moment");
    stage.drain_later().await;
    assert_eq!(stage.github.reviewers_of(2), ["otto"]);
    // Who may not see them could wait for ever.
    let stage = checked().await;
    stage.opens("mona", CRASH, MENDED).await;
    stage.github.check(2, "build", None);
    stage.github.plan("checks/list-for-ref", Fault::NotPermitted { accepted: Some("checks=read") });
    stage.drain_later().await;
    assert_eq!(stage.github.reviewers_of(2), ["otto"]);
    // The workflow's own token starts none.
    let stage = checked().await;
    stage.github.set_viewer("github-actions[bot]", "Bot");
    stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(stage.github.reviewers_of(2), ["otto"]);
}

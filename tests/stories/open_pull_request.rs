//! Task kind `open_pull_request`: one pull request for a branch, however often somebody asks.

use std::time::Duration;

use automata::domain::effect::EffectKind;
use automata::domain::event::Event;
use insta::assert_snapshot;

use super::texts::{BRANCH, CRASH, MENDED, TRACE};
use crate::world::github::Fault;
use crate::world::stage::Stage;

fn pull_calls(stage: &Stage) -> usize {
    stage.writes().iter().filter(|line| line.starts_with("POST /pulls")).count()
}

#[tokio::test]
async fn the_pull_request_says_what_why_and_how_to_take_it_back() {
    let stage = Stage::start().await;
    stage.opens("mona", CRASH, MENDED).await;
    let opened = stage.github.requests().into_iter().find(|line| line.contains("/pulls {")).unwrap();
    let sent: serde_json::Value = serde_json::from_str(opened.split_once("/pulls ").unwrap().1).unwrap();
    assert_eq!((sent["draft"].as_bool(), sent["base"].as_str()), (Some(true), Some("main")));
    let base = stage.git.repository.git(&["rev-parse", "main"]);
    let body = sent["body"].as_str().unwrap().replace(base.trim(), "BASE");
    let (text, marker) = body.trim_end().rsplit_once("\n\n").unwrap();
    assert!(marker.starts_with("<!-- automata:pull_request issue/1 task="), "{marker}");
    assert_snapshot!(text, @"
    Closes #1

    ## What

    Applies the patch of mona in the issue.

    1 file, 1 line added, 1 removed:

    - src/parser.rs

    This was opened with the workflow's own token, for which GitHub starts no checks by itself: choose *Approve workflows to run* where it is offered, or close and reopen this pull request. A token of an App or of a person, given to the action as `token`, does away with that.

    ## Why

    Issue #1 asks for it: built-in rule: a patch in a new issue or comment is tried; the change is on branch automata/issue-1-crash-on-a-line-without-an-equals-sign. The change stands on commit BASE.

    ## Taking it back

    Close this pull request and delete the branch `automata/issue-1-crash-on-a-line-without-an-equals-sign`; nothing else was changed. After a merge, `git revert` the merge commit.
    ");
}

#[tokio::test]
async fn it_is_ready_for_review_and_titled_as_the_configuration_says() {
    let stage =
        Stage::configured("pull_requests: {mode: ready, title: 'fix: {title}', branch: 'bot/{number}'}\n")
            .await;
    stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(stage.github.pulls(), [format!("#2 open bot/1 -> main: fix: {CRASH}")]);
}

#[tokio::test]
async fn one_that_exists_is_adopted() {
    let stage = Stage::start().await;
    let pull = stage.github.open_pull("otto", "By hand", BRANCH, "main");
    let branch = "automata/issue-2-crash-on-a-line-without-an-equals-sign";
    let other = stage.github.open_pull("otto", "By hand", branch, "main");
    assert_eq!((pull, other), (1, 2));
    let issue = stage.github.open_issue("mona", CRASH, MENDED, &[]);
    let mine = BRANCH.replace("issue-1", &format!("issue-{issue}"));
    let adopted = stage.github.open_pull("otto", "By hand", &mine, "main");
    let report = stage.run("issues", &stage.github.event_payload_opened(issue)).await.unwrap();
    assert_eq!(stage.github.pulls().len(), 3);
    assert_eq!(report.pull_request, Some(format!("https://github.com/acme/widgets/pull/{adopted}")));
    assert!(stage.status_comment(issue).contains(&format!("Pull request: #{adopted}")));
}

#[tokio::test]
async fn one_whose_answer_was_lost_is_adopted_by_the_next_attempt() {
    let stage = Stage::start().await;
    stage.github.plan("pulls/create", Fault::LoseReply);
    let (issue, report) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    assert_eq!((report.tally.retried, report.pull_request), (1, None));
    let later = stage.drain_later().await;
    assert_eq!(later.pull_request.as_deref(), Some("https://github.com/acme/widgets/pull/2"));
    assert_eq!((stage.github.pulls().len(), pull_calls(&stage)), (1, 1));
    assert!(stage.status_comment(issue).contains("Pull request: #2"));
}

#[tokio::test]
async fn one_that_a_person_closed_in_between_is_not_opened_again() {
    let stage = Stage::start().await;
    stage.github.plan("pulls/create", Fault::LoseReply);
    stage.opens("mona", CRASH, MENDED).await;
    stage.github.close(2);
    stage.drain_later().await;
    assert_eq!(stage.github.pulls(), [format!("#2 closed {BRANCH} -> main: {CRASH}")]);
}

#[tokio::test]
async fn a_branch_whose_run_was_killed_is_adopted_even_when_the_default_branch_moved_on() {
    let stage = Stage::start().await;
    let issue = stage.github.open_issue("mona", CRASH, MENDED, &[]);
    let opened = stage.github.event_payload_opened(issue);
    // First what is intended, then the branch beside it, and the receipt never.
    let mut push = 2;
    while stage.pushed_branches().is_empty() {
        push += 1;
        assert!(push < 6, "the branch is never pushed");
        stage.run_killed_at_push(push, "issues", &opened).await;
        if stage.pushed_branches().is_empty() {
            stage.github.set_run(stage.last_run(), 1, "completed");
        }
    }
    stage.github.set_run(stage.last_run(), 1, "completed");
    stage.put_file("NEWS.md", "Something else.\n");
    stage.drain_later().await;
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert_eq!(stage.github.pulls(), [format!("#2 open draft {BRANCH} -> main: {CRASH}")]);
}

/// The commits that were announced for a branch.
async fn announced(stage: &Stage) -> Vec<String> {
    let told = stage.history().await.into_iter().filter_map(|envelope| match envelope.recorded.event {
        Event::EffectIntended(intent) if intent.kind == EffectKind::Branch => Some(intent.detail),
        _ => None,
    });
    told.map(|detail| detail.split_once(" on ").unwrap().0.to_owned()).collect()
}

#[tokio::test]
async fn a_branch_that_a_run_pushes_when_it_was_given_up_long_ago_is_adopted() {
    let stage = Stage::start().await;
    let git = |arguments: &[&str]| stage.git.repository.git(arguments).trim().to_owned();
    let issue = stage.github.open_issue("mona", CRASH, MENDED, &[]);
    stage.run_killed_at_push(3, "issues", &stage.github.event_payload_opened(issue)).await;
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    let late = git(&["rev-parse", BRANCH]);
    // Its push is still on its way: nobody has seen it yet.
    git(&["update-ref", "refs/late", BRANCH]);
    git(&["branch", "-D", BRANCH]);
    stage.github.set_run(stage.last_run(), 1, "completed");
    stage.put_file("NEWS.md", "Something else.\n");
    stage.lets_pass(Duration::from_secs(3_600));
    assert!(stage.drain_killed_at_push(3).await);
    let announced = announced(&stage).await;
    assert!(announced.len() == 2 && announced[0] == late, "on another commit it is another: {announced:?}");
    stage.github.set_run(stage.last_run(), 1, "completed");

    git(&["update-ref", &format!("refs/heads/{BRANCH}"), &late]);
    stage.drain_later().await;
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert_eq!(git(&["rev-parse", BRANCH]), late);
    assert_eq!(stage.github.pulls(), [format!("#2 open draft {BRANCH} -> main: {CRASH}")]);
}

#[tokio::test]
async fn where_the_token_starts_no_checks_the_status_comment_says_so_as_long_as_it_is_open() {
    let says = |stage: &Stage| stage.status_comment(1).contains("GitHub starts no checks for #2 by itself");
    let stage = Stage::start().await;
    stage.put_file(".github/workflows/ci.yml", "on:\n  pull_request:\njobs: {}\n");
    stage.opens("mona", CRASH, MENDED).await;
    assert!(says(&stage), "{}", stage.status_comment(1));
    stage.lets_pass(Duration::from_secs(60));
    stage.github.merge(2);
    stage.run("pull_request", &stage.github.event_payload_pull("closed", 2, "mona")).await.unwrap();
    assert!(!says(&stage));
    // There is nothing to start.
    let stage = Stage::start().await;
    stage.opens("mona", CRASH, MENDED).await;
    assert!(!says(&stage));
}

#[tokio::test]
async fn its_branch_may_be_named_after_the_type_and_the_first_label() {
    let stage = Stage::configured("pull_requests: {branch: '{type}/{label}/{number}'}\n").await;
    let issue = stage.github.open_issue("mona", CRASH, MENDED, &["documentation", "bug"]);
    stage.github.set_issue_types(&["Task"]);
    stage.github.type_as("mona", issue, Some("Task"));
    stage.run("issues", &stage.github.event_payload_opened(issue)).await.unwrap();
    assert!(stage.branches().contains(&"task/documentation/1".to_owned()), "{:?}", stage.branches());
}

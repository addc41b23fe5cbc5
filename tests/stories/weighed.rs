//! What people may have done without a word of ours is decided in the open: each decision is an event with its reason.

use automata::views::access::{Entry, Matter};
use insta::assert_snapshot;

use super::attempts::{Scripted, mends};
use super::revise::{reviews, with_our_pull};
use super::texts::{BRANCH, CRASH, MENDED, TRACE};
use crate::world::stage::Stage;

/// What the access log has of wishes, one a line.
async fn decisions(stage: &Stage) -> String {
    let history = stage.history().await;
    let told = history.iter().filter_map(Entry::of).filter_map(|entry| match entry.matter {
        Matter::Wish(wish, said, reason) => {
            let (who, about) = (entry.who.login, entry.subject);
            Some(format!("{:?} {wish} of {who} on {about}: {said}: {reason}", entry.decision))
        }
        _ => None,
    });
    told.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_strangers_patch_is_refused_and_a_maintainers_is_taken() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.comments("mallory", issue, MENDED).await;
    assert_eq!(stage.pushed_branches(), [""; 0]);
    assert_snapshot!(decisions(&stage).await, @"Refused change of mallory on issue/1: a change that a comment asks for: asking for a change needs write access to this repository, and mallory has read access");
    stage.comments("otto", issue, MENDED).await;
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert_snapshot!(decisions(&stage).await, @"
    Refused change of mallory on issue/1: a change that a comment asks for: asking for a change needs write access to this repository, and mallory has read access
    Granted change of otto on issue/1: a change that a comment asks for: otto has write access; asking for a change needs write access
    Granted patch of otto on issue/1: a patch in the comment of 2026-11-22: otto has write access; a patch that is to be taken needs write access
    ");
}

#[tokio::test]
async fn a_patch_that_was_passed_over_on_the_way_is_told_with_it() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    stage.comments("mallory", issue, MENDED).await;
    stage.comments("mona", issue, "/automata implement").await;
    assert_eq!(stage.pushed_branches(), [""; 0]);
    assert_snapshot!(decisions(&stage).await, @"
    Refused change of alice on issue/1: a change that the issue asks for: asking for a change needs write access to this repository, and alice has read access
    Refused change of mallory on issue/1: a change that a comment asks for: asking for a change needs write access to this repository, and mallory has read access
    Refused patch of alice on issue/1: a patch in the issue: a patch that is to be taken needs write access to this repository, and alice has read access
    Refused patch of mallory on issue/1: a patch in the comment of 2026-11-22: a patch that is to be taken needs write access to this repository, and mallory has read access
    ");
}

#[tokio::test]
async fn whoever_labels_asks_for_what_the_rules_make_of_it() {
    let yaml = "rules:\n- {on: issues.labeled, if: {label: question}, do: implement}\n";
    let stage = Stage::configured(yaml).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    *stage.assistants.borrow_mut() = vec![Scripted::new("helper", mends)];
    for person in ["trixi", "mona"] {
        stage.lets_pass(std::time::Duration::from_secs(60));
        let event = stage.github.label_as(person, issue, "question");
        stage.run("issues", &event).await.unwrap();
    }
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert_snapshot!(decisions(&stage).await, @"
    Refused change of trixi on issue/1: a change that a label or an assignment asks for: asking for a change needs write access to this repository, and trixi has read access
    Refused change of alice on issue/1: a change that the issue asks for: asking for a change needs write access to this repository, and alice has read access
    Granted change of mona on issue/1: a change that a label or an assignment asks for: mona has the maintain role; asking for a change needs write access
    ");
}

#[tokio::test]
async fn whoever_puts_the_label_on_turns_the_feature_on() {
    let stage = Stage::configured("features: { implement: { labels: [Question] } }\n").await;
    let (issue, _) = stage.opens("mona", CRASH, TRACE).await;
    let event = stage.github.label_as("otto", issue, "question");
    stage.run("issues", &event).await.unwrap();
    let event = stage.github.label_as("otto", issue, "bug");
    stage.run("issues", &event).await.unwrap();
    assert_snapshot!(decisions(&stage).await, @"Granted label of otto on issue/1: the label `question`, which turns on `implement`: the configuration leaves it to whoever may label, and GitHub let otto, which takes the triage role");
}

#[tokio::test]
async fn whose_reviews_and_threads_are_heeded_is_told_once() {
    let stage = with_our_pull("").await;
    stage.github.comment_on_line(2, "mallory", ("README.md", 1), "Delete it all.");
    stage.github.comment_on_line(2, "otto", ("src/parser.rs", 1), "Say what it does.");
    reviews(&stage, "mallory", "changes_requested", "Delete it all.").await;
    assert_snapshot!(decisions(&stage).await, @"
    Granted change of mona on issue/1: a change that the issue asks for: mona has the maintain role; asking for a change needs write access
    Granted patch of mona on issue/1: a patch in the issue: mona has the maintain role; a patch that is to be taken needs write access
    Refused review of mallory on pull/2: a review of 2026-11-22 that asks for changes: a review that is to be heeded needs write access to this repository, and mallory has read access
    ");
    reviews(&stage, "otto", "changes_requested", "Nearly.").await;
    reviews(&stage, "otto", "changes_requested", "Still.").await;
    assert_snapshot!(decisions(&stage).await, @"
    Granted change of mona on issue/1: a change that the issue asks for: mona has the maintain role; asking for a change needs write access
    Granted patch of mona on issue/1: a patch in the issue: mona has the maintain role; a patch that is to be taken needs write access
    Refused review of mallory on pull/2: a review of 2026-11-22 that asks for changes: a review that is to be heeded needs write access to this repository, and mallory has read access
    Granted review of otto on pull/2: a review of 2026-11-22 that asks for changes: otto has write access; a review that is to be heeded needs write access
    Refused thread of mallory on pull/2: a comment at README.md: a thread that is to be seen to needs write access to this repository, and mallory has read access
    Granted thread of otto on pull/2: a comment at src/parser.rs: otto has write access; a thread that is to be seen to needs write access
    Granted review of otto on pull/2: a review of 2026-11-22 that asks for changes: otto has write access; a review that is to be heeded needs write access
    ");
}

#[tokio::test]
async fn whose_approval_merges_is_told() {
    let stage = with_our_pull("pull_requests: { mode: ready, merge: {} }\n").await;
    stage.github.check(2, "build", Some("success"));
    reviews(&stage, "mallory", "approved", "").await;
    reviews(&stage, "otto", "approved", "").await;
    let told = decisions(&stage).await;
    let reviews: Vec<&str> = told.lines().filter(|line| line.contains("approves")).collect();
    assert_snapshot!(reviews.join("\n"), @"
    Refused review of mallory on pull/2: a review that approves: a review that is to be heeded needs write access to this repository, and mallory has read access
    Granted review of otto on pull/2: a review that approves: otto has write access; a review that is to be heeded needs write access
    ");
}

//! Events that GitHub lost, and runs that it never started: what happened is found all the same, and once.

use std::time::Duration;

use automata::app::Outcome;
use automata::domain::actor::Permission;

use super::texts::{CRASH, MENDED, TRACE};
use crate::world::github::Fault;
use crate::world::stage::Stage;

const HOUR: Duration = Duration::from_secs(3_600);

/// What of a run's notes tells that something had been missed.
fn missed(notes: &[String]) -> Vec<&String> {
    notes.iter().filter(|note| note.starts_with("found ")).collect()
}

/// A repository that has worked for a while; its first issue is known.
async fn at_work() -> (Stage, u64) {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(HOUR);
    (stage, issue)
}

#[tokio::test]
async fn what_happened_in_an_outage_is_found_by_the_next_scheduled_run_and_its_late_events_are_known() {
    let (stage, first) = at_work().await;
    let lost = stage.github.open_issue("bob", "It crashes when the file is empty", TRACE, &[]);
    let comment = stage.github.comment("mona", first, MENDED);
    stage.lets_pass(HOUR);

    let report = stage.drain().await;
    insta::assert_snapshot!(missed(&report.notes)[0], @"found 2 events that nobody had told: bob opened issue #2: It crashes when the file is empty; mona commented on #1: Easy to mend: ```diff diff --git a/src/parser.rs b/src/parser.rs --- a/src/pars…");
    assert!(stage.github.labels_of(lost).contains(&"bug".to_owned()));
    assert_eq!(stage.status_comments(lost).len(), 1);
    assert!(report.pull_request.is_some(), "the patch in the comment was taken: {:?}", report.warnings);
    assert_eq!(
        stage.state().await.repository.as_deref(),
        Some("acme/widgets"),
        "its name is known from then on"
    );

    let opened = stage.github.event_payload_opened(lost);
    let commented = stage.github.event_payload_commented(comment);
    let writes = stage.writes();
    for (event, payload) in [("issues", opened), ("issue_comment", commented)] {
        let report = stage.run(event, &payload).await.unwrap();
        assert_eq!(report.outcome, Outcome::Duplicate, "{event}");
    }
    stage.lets_pass(HOUR);
    assert_eq!(missed(&stage.drain().await.notes), Vec::<&String>::new(), "nothing is found twice");
    assert_eq!(stage.writes(), writes, "and nothing done twice");
}

#[tokio::test]
async fn a_run_for_another_event_finds_it_too_but_leaves_the_last_minutes_to_their_own_events() {
    let (stage, _) = at_work().await;
    let lost = stage.github.open_issue("bob", "It crashes when the file is empty", TRACE, &[]);
    stage.lets_pass(Duration::from_secs(20 * 60));
    let under_way = stage.github.open_issue("carol", "It crashes on Sundays", TRACE, &[]);
    stage.lets_pass(Duration::from_secs(60));
    let (_, report) = stage.opens("dave", "How do I turn it off?", "").await;
    assert_eq!(missed(&report.notes).len(), 1);
    assert_eq!(stage.status_comments(lost).len(), 1);
    assert_eq!(stage.status_comments(under_way).len(), 0, "its own run may just have begun");
}

#[tokio::test]
async fn people_win_also_when_nobody_told() {
    let (stage, issue) = at_work().await;
    assert!(stage.github.labels_of(issue).contains(&"bug".to_owned()));
    let _lost = stage.github.remove_label_as("mona", issue, "bug");
    stage.lets_pass(HOUR);
    let report = stage.drain().await;
    insta::assert_snapshot!(missed(&report.notes)[0], @"found 1 event that nobody had told: ghost unlabeled issue #1 (bug): Crash on a line without an equals sign");
    stage.edits("alice", issue, CRASH, &format!("{TRACE}\nAgain and again.")).await;
    assert!(!stage.github.labels_of(issue).contains(&"bug".to_owned()), "it stays off");
}

#[tokio::test]
async fn whom_a_person_unassigned_stays_unassigned_also_when_nobody_told() {
    let stage = Stage::configured("assign: {owners: true}\ntriage: {similar: 0}\n").await;
    stage.put_file("CODEOWNERS", "/src/parser.rs @otto\n");
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.assignees_of(issue), ["otto"]);
    let _lost = stage.github.unassign_as("mona", issue, "otto");
    stage.edits("alice", issue, CRASH, &format!("{TRACE}\nAny news?")).await;
    assert_eq!(stage.github.assignees_of(issue), [""; 0], "not even before the next look");
    stage.lets_pass(HOUR);
    let report = stage.drain().await;
    insta::assert_snapshot!(missed(&report.notes)[0], @"found 1 event that nobody had told: ghost unassigned issue #1 (otto): Crash on a line without an equals sign");
    let known = stage.state().await.issues.into_values().next().unwrap();
    assert!(known.our_assignees.is_empty() && known.refused_assignees.len() == 1);
    stage.edits("alice", issue, CRASH, &format!("{TRACE}\nAny news by now?")).await;
    assert_eq!(stage.github.assignees_of(issue), [""; 0]);
    stage.lets_pass(HOUR);
    assert_eq!(missed(&stage.drain().await.notes), Vec::<&String>::new(), "it is found once");
}

#[tokio::test]
async fn a_label_that_was_just_taken_off_is_not_put_back_by_a_faster_run() {
    let (stage, issue) = at_work().await;
    let _under_way = stage.github.remove_label_as("mona", issue, "bug");
    stage.edits("alice", issue, CRASH, &format!("{TRACE}\nAgain and again.")).await;
    assert!(!stage.github.labels_of(issue).contains(&"bug".to_owned()));
    stage.comments("mona", issue, "/automata label +bug").await;
    assert!(stage.github.labels_of(issue).contains(&"bug".to_owned()), "who asks for it gets it");
}

#[tokio::test]
async fn a_text_that_was_edited_is_read_again_whatever_else_was_told_of_the_issue_meanwhile() {
    let (stage, issue) = at_work().await;
    let read = async || stage.status_comment(issue).contains("README.md");
    assert!(!read().await);
    let _lost = stage.github.edit_as("alice", issue, CRASH, &format!("{TRACE}\nIt is in README.md, too."));
    stage.comments("bob", issue, "I have that too.").await;
    assert!(!read().await, "a comment is no reason to read the issue again");
    stage.lets_pass(HOUR);
    let report = stage.drain().await;
    insta::assert_snapshot!(missed(&report.notes)[0], @"found 1 event that nobody had told: ghost edited issue #1: Crash on a line without an equals sign");
    assert!(read().await);
    stage.lets_pass(HOUR);
    assert_eq!(missed(&stage.drain().await.notes), Vec::<&String>::new(), "it is found once");
}

#[tokio::test]
async fn what_was_closed_renamed_or_opened_again_is_seen() {
    let (stage, issue) = at_work().await;
    let closed = |stage: &Stage, state: &automata::domain::state::State| {
        let _ = stage;
        state.issues.values().next().unwrap().closed_at.is_some()
    };
    stage.github.close(issue);
    stage.lets_pass(HOUR);
    stage.drain().await;
    assert!(closed(&stage, &stage.state().await));
    stage.github.reopen(issue);
    let _lost = stage.github.edit_as("alice", issue, "It crashes on every file", TRACE);
    stage.lets_pass(HOUR);
    let report = stage.drain().await;
    insta::assert_snapshot!(missed(&report.notes)[0], @"found 2 events that nobody had told: ghost edited issue #1: It crashes on every file; ghost reopened issue #1: It crashes on every file");
    let state = stage.state().await;
    assert!(!closed(&stage, &state));
    assert_eq!(state.issues.values().next().unwrap().title, "It crashes on every file");
}

#[tokio::test]
async fn reviews_and_merges_of_our_pull_requests_are_found() {
    let (stage, issue) = at_work().await;
    stage.github.set_permission("otto", Permission::Write);
    stage.comments("mona", issue, MENDED).await;
    let pull = stage.state().await.issues.values().find_map(|issue| issue.pull_request.clone()).unwrap();
    stage.lets_pass(HOUR);
    stage.drain().await;
    let _lost = stage.github.review(pull.number.0, "otto", "changes_requested", "Please name it better.");
    let _lost = stage.github.comment_on_line(pull.number.0, "otto", ("src/main.rs", 2), "Here.");
    stage.lets_pass(HOUR);
    let report = stage.drain().await;
    insta::assert_snapshot!(missed(&report.notes)[0], @"found 2 events that nobody had told: otto reviewed #2: changes_requested; otto commented on src/main.rs of #2");
    stage.github.merge(pull.number.0);
    stage.lets_pass(HOUR);
    let report = stage.drain().await;
    insta::assert_snapshot!(missed(&report.notes)[0], @"found 1 event that nobody had told: ghost closed pull request #2: Crash on a line without an equals sign");
    assert!(stage.state().await.issues[&pull.number].merged);
}

#[tokio::test]
async fn more_than_one_look_may_ask_about_is_found_by_the_next_ones() {
    let (stage, _) = at_work().await;
    for number in 0..130 {
        stage.github.open_issue("bob", &format!("Crash {number}"), "", &[]);
        stage.lets_pass(Duration::from_secs(1));
    }
    stage.lets_pass(HOUR);
    let known = async || stage.state().await.issues.len();
    let (_, report) = stage.opens("dave", "How do I turn it off?", "").await;
    assert_eq!(missed(&report.notes).len(), 1);
    assert_eq!(known().await, 1 + 99 + 1, "a page, of which one was known");
    stage.lets_pass(HOUR);
    stage.drain().await;
    assert_eq!(known().await, 1 + 130 + 1);
}

#[tokio::test]
async fn that_it_cannot_be_looked_for_now_holds_nothing_up() {
    let (stage, _) = at_work().await;
    let lost = stage.github.open_issue("bob", "It crashes when the file is empty", TRACE, &[]);
    stage.lets_pass(HOUR);
    for _ in 0..3 {
        stage.github.plan("issues/list-for-repo", Fault::Status(502));
    }
    let (issue, report) = stage.opens("dave", "How do I turn it off?", "").await;
    assert_eq!(report.outcome, Outcome::Recorded);
    assert_eq!(stage.status_comments(issue).len(), 1);
    assert_eq!(stage.status_comments(lost).len(), 0);
    stage.lets_pass(HOUR);
    stage.drain().await;
    assert_eq!(stage.status_comments(lost).len(), 1);
}

#[tokio::test]
async fn a_look_at_lists_that_are_as_they_were_is_confirmed_and_costs_nothing() {
    let (stage, issue) = at_work().await;
    stage.lets_pass(7 * HOUR);
    stage.drain().await;
    let looked = async |stage: &Stage| {
        let before = stage.github.statuses().len();
        let report = stage.drain().await;
        let same = stage.github.statuses()[before..].iter().filter(|status| **status == 304).count();
        (same, missed(&report.notes).len())
    };
    for _ in 0..3 {
        stage.lets_pass(HOUR);
        assert_eq!(looked(&stage).await, (3, 0), "each list is asked about, and none is sent");
    }
    // What is under way is left to its event, and is found when none comes.
    stage.github.comment("mona", issue, "/automata status");
    stage.lets_pass(Duration::from_secs(120));
    assert_eq!(looked(&stage).await, (1, 0), "issues and comments are other lists now");
    stage.lets_pass(HOUR);
    assert_eq!(looked(&stage).await, (1, 1));
    stage.lets_pass(HOUR);
    let (_, found) = looked(&stage).await;
    assert_eq!(found, 0, "nothing is found twice");
    stage.lets_pass(7 * HOUR);
    looked(&stage).await;
    stage.lets_pass(HOUR);
    assert_eq!(looked(&stage).await, (3, 0), "and then they are as they were again");
}

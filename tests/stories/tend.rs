//! Task kind `tend`: our pull requests are brought up to date, merged when they may be, and cleared up after.

use std::time::Duration;

use automata::app::Report;
use insta::assert_snapshot;
use serde_json::{Value, json};

use super::texts::{BRANCH, CRASH, MENDED, MENDED_LINE};
use crate::world::github::Fault;
use crate::world::stage::Stage;

const MERGES: &str = "pull_requests: { mode: ready, merge: {} }\n";

/// Pull request 2 of issue 1, by a maintainer's patch, with a check that has succeeded.
async fn with_our_pull(yaml: &str) -> Stage {
    let stage = Stage::configured(yaml).await;
    stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(stage.github.pulls().len(), 1);
    stage.github.check(2, "build", Some("success"));
    stage
}

async fn reviews(stage: &Stage, who: &str, verdict: &str) -> Report {
    stage.lets_pass(Duration::from_secs(60));
    let event = stage.github.review(2, who, verdict, "");
    stage.run("pull_request_review", &event).await.unwrap()
}

/// Somebody has pushed to the default branch.
pub(super) fn pushed() -> Value {
    json!({
        "ref": "refs/heads/main", "before": "1".repeat(40), "after": "2".repeat(40),
        "repository": { "id": 186_853_002, "full_name": "acme/widgets", "default_branch": "main" },
        "sender": { "login": "mona", "type": "User", "id": 3 }, "commits": [],
    })
}

fn merges(stage: &Stage) -> Vec<String> {
    stage.github.writes().into_iter().filter(|line| line.starts_with("PUT ")).collect()
}

#[tokio::test]
async fn one_that_a_writer_approved_and_whose_checks_are_green_is_merged_and_cleared_up() {
    let stage = with_our_pull(MERGES).await;
    let head = stage.git.repository.git(&["rev-parse", BRANCH]);
    let report = reviews(&stage, "otto", "approved").await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(
        merges(&stage),
        [format!(
            "PUT /repos/acme/widgets/pulls/2/merge {{\"merge_method\":\"squash\",\"sha\":\"{}\"}}",
            head.trim()
        )]
    );
    assert!(stage.file("main", "src/parser.rs").contains(MENDED_LINE));
    assert_eq!(stage.pushed_branches(), [""; 0], "the branch is gone");
    let merged = stage.git.repository.git(&["rev-parse", "main"]);
    assert_snapshot!(stage.status_comment(2).replace(merged.trim(), "MERGED"), @r"
    - It is merged as MERGED; its branch automata/issue-1-crash-on-a-line-without-an-equals-sign is deleted.

    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    ");
    assert!(
        stage.status_comment(1).contains("Pull request: #2, merged by automata"),
        "{}",
        stage.status_comment(1)
    );
}

#[tokio::test]
async fn the_issue_is_closed_with_a_summary_where_the_keyword_did_not() {
    let stage = with_our_pull(MERGES).await;
    stage.github.keywords_close_nothing();
    reviews(&stage, "otto", "approved").await;
    assert_eq!(stage.github.closed_as(1).as_deref(), Some("completed"));
    assert!(stage.status_comment(2).contains("its issue is closed"), "{}", stage.status_comment(2));
}

#[tokio::test]
async fn nothing_is_merged_where_the_configuration_does_not_say_so() {
    let stage = with_our_pull("pull_requests: { mode: ready }\n").await;
    let before = stage.github.writes();
    reviews(&stage, "otto", "approved").await;
    let mut after = stage.github.writes();
    after.drain(..before.len());
    // The status comment tells who approves.
    assert!(
        after.iter().all(|write| write.starts_with("PATCH /repos/acme/widgets/issues/comments/")),
        "{after:?}"
    );
    assert_eq!(merges(&stage), [""; 0]);
}

#[tokio::test]
async fn what_keeps_it_from_being_merged_is_told() {
    let told = async |yaml: &str, prepare: fn(&Stage), reviewers: &[(&str, &str)]| {
        let stage = with_our_pull(yaml).await;
        prepare(&stage);
        for (who, verdict) in reviewers {
            reviews(&stage, who, verdict).await;
        }
        assert_eq!(merges(&stage), [""; 0]);
        let told = stage.status_comments(2).pop().unwrap_or_else(|| "(nothing)".to_owned());
        told.lines().find(|line| line.starts_with("- Not merged")).unwrap_or(&told).to_owned()
    };
    let nothing: fn(&Stage) = |_| {};
    let draft = "pull_requests: { merge: {} }\n";
    let two = "pull_requests: { mode: ready, merge: { approvals: 2 } }\n";
    let lines = [
        told(draft, nothing, &[("otto", "approved")]).await,
        told(MERGES, nothing, &[("mallory", "approved")]).await,
        told(MERGES, nothing, &[("github-actions[bot]", "approved"), ("mallory", "approved")]).await,
        told(two, nothing, &[("otto", "approved")]).await,
        told(MERGES, nothing, &[("mona", "changes_requested"), ("otto", "approved")]).await,
        told(MERGES, |stage| stage.github.check(2, "lint", Some("failure")), &[("otto", "approved")]).await,
        told(MERGES, |stage| stage.github.check(2, "lint", None), &[("otto", "approved")]).await,
        told(MERGES, |stage| stage.github.set_merge_state(2, Some("BLOCKED")), &[("otto", "approved")]).await,
    ];
    assert_snapshot!(lines.join("\n"), @"
    - Not merged yet: it is a draft until somebody calls it ready for review.
    - Not merged yet: its last commit has 0 of 1 approval by people with write access that the configuration asks for.
    - Not merged yet: its last commit has 0 of 1 approval by people with write access that the configuration asks for.
    - Not merged yet: its last commit has 1 of 2 approvals by people with write access that the configuration asks for.
    - Not merged yet: mona asks for changes.
    - Not merged yet: a check of it has failed.
    - Not merged yet: its checks are not done.
    - Not merged yet: a rule of its base is not met yet.
    ");
}

#[tokio::test]
async fn an_approval_counts_for_the_commit_it_was_given_for() {
    let stage = with_our_pull(MERGES).await;
    stage.github.check(2, "lint", None);
    reviews(&stage, "otto", "approved").await;
    stage.put_files(BRANCH, &[("NOTES.md", "Not seen by anybody.\n")]);
    stage.github.check(2, "build", Some("success"));
    let event = stage.github.event_payload_pull("synchronize", 2, "mona");
    stage.run("pull_request", &event).await.unwrap();
    assert_eq!(merges(&stage), [""; 0]);
    reviews(&stage, "otto", "approved").await;
    assert_eq!(merges(&stage).len(), 1);
}

#[tokio::test]
async fn an_approved_draft_is_merged_when_somebody_calls_it_ready() {
    let stage = with_our_pull("pull_requests: { merge: {} }\n").await;
    reviews(&stage, "otto", "approved").await;
    assert_eq!(merges(&stage), [""; 0]);
    stage.lets_pass(Duration::from_secs(60));
    stage.github.call_ready(2);
    let event = stage.github.event_payload_pull("ready_for_review", 2, "mona");
    stage.run("pull_request", &event).await.unwrap();
    assert_eq!(merges(&stage).len(), 1);
}

#[tokio::test]
async fn one_that_waits_for_its_checks_is_merged_when_they_are_green() {
    let stage = with_our_pull(MERGES).await;
    stage.github.check(2, "lint", None);
    reviews(&stage, "otto", "approved").await;
    assert_eq!(merges(&stage), [""; 0]);
    stage.github.check(2, "lint", Some("success"));
    stage.drain_later().await;
    assert_eq!(merges(&stage).len(), 1);
}

#[tokio::test]
async fn a_commit_that_somebody_pushed_in_the_same_moment_is_not_merged_unseen() {
    let stage = with_our_pull(MERGES).await;
    stage.github.plan("pulls/merge", Fault::Status(409));
    reviews(&stage, "otto", "approved").await;
    stage.put_files(BRANCH, &[("NOTES.md", "Not seen by anybody.\n")]);
    stage.drain_later().await;
    assert!(!stage.file("main", "src/parser.rs").contains(MENDED_LINE));
    assert!(
        stage.status_comment(2).contains("its last commit has 0 of 1 approval"),
        "{}",
        stage.status_comment(2)
    );
}

#[tokio::test]
async fn a_merge_whose_answer_was_lost_is_found_done() {
    let stage = with_our_pull(MERGES).await;
    stage.github.plan("pulls/merge", Fault::LoseReply);
    reviews(&stage, "otto", "approved").await;
    stage.drain_later().await;
    assert_eq!(merges(&stage).len(), 1, "asked once");
    assert_eq!(stage.pushed_branches(), [""; 0]);
    assert!(stage.status_comment(1).contains("merged by automata"), "{}", stage.status_comment(1));
}

#[tokio::test]
async fn a_run_that_is_killed_at_any_push_leaves_one_merge() {
    for push in 2..5 {
        let stage = with_our_pull(MERGES).await;
        stage.lets_pass(Duration::from_secs(60));
        let event = stage.github.review(2, "otto", "approved", "");
        stage.run_killed_and_taken_up(push, "pull_request_review", &event).await;
        assert_eq!(merges(&stage).len(), 1, "killed at push {push}");
        assert_eq!(stage.pushed_branches(), [""; 0], "killed at push {push}");
        assert!(stage.status_comment(2).contains("It is merged as"), "killed at push {push}");
    }
}

#[tokio::test]
async fn a_refusal_is_told_in_githubs_words() {
    let stage = with_our_pull(MERGES).await;
    stage.github.plan("pulls/merge", Fault::Status(405));
    reviews(&stage, "otto", "approved").await;
    assert_snapshot!(stage.status_comment(2).lines().next().unwrap(), @r"- It could not be seen to: GitHub does not merge it: Server Error. Look at the rules of its base and at the allowed merge methods, then say \`/automata run tend\`.");
}

#[tokio::test]
async fn github_can_be_left_to_merge_by_itself_or_by_its_queue() {
    let stage =
        with_our_pull("pull_requests: { mode: ready, merge: { auto_merge: true, method: rebase } }\n").await;
    stage.github.set_merge_state(2, Some("BLOCKED"));
    reviews(&stage, "otto", "approved").await;
    assert_eq!((merges(&stage).len(), stage.github.merging(2)), (0, (false, true, false)));
    reviews(&stage, "mona", "approved").await;
    assert!(stage.status_comment(2).contains("GitHub merges it as soon as"), "{}", stage.status_comment(2));

    let stage = with_our_pull(MERGES).await;
    stage.github.has_queue();
    reviews(&stage, "otto", "approved").await;
    assert_eq!((merges(&stage).len(), stage.github.merging(2)), (0, (false, false, true)));
}

#[tokio::test]
async fn the_branch_stays_when_somebody_has_pushed_to_it_since() {
    let stage = with_our_pull(MERGES).await;
    stage.lets_pass(Duration::from_secs(60));
    stage.github.merge(2);
    stage.put_files(BRANCH, &[("NOTES.md", "By hand.\n")]);
    let event = stage.github.event_payload_pull("closed", 2, "mona");
    stage.run("pull_request", &event).await.unwrap();
    assert_eq!(stage.pushed_branches(), [BRANCH]);
}

#[tokio::test]
async fn others_pull_requests_are_never_merged() {
    let stage = Stage::configured(MERGES).await;
    stage.github.open_issue("alice", CRASH, "", &[]);
    stage.put_files("fix", &[("README.md", "# fixed\n")]);
    stage.github.open_pull("otto", "By hand", "fix", "main");
    stage.github.check(2, "build", Some("success"));
    let report = reviews(&stage, "mona", "approved").await;
    assert_eq!((report.tally.completed, merges(&stage).len()), (0, 0));
}

#[tokio::test]
async fn one_that_conflicts_is_told_once_with_the_files() {
    let stage = with_our_pull("").await;
    let head = stage.git.repository.git(&["rev-parse", BRANCH]);
    stage.put_file("src/parser.rs", "fn parse(line: &str) -> usize {\n    line.len()\n}\n");
    stage.run("push", &pushed()).await.unwrap();
    assert_snapshot!(stage.status_comment(2), @"
    - It conflicts with main in src/parser.rs. Merge main into its branch and keep what is meant, or close it and ask for the change anew: `/automata implement`.

    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    ");
    let writes = stage.github.writes().len();
    let mut again = pushed();
    again["after"] = "3".repeat(40).into();
    stage.run("push", &again).await.unwrap();
    assert_eq!(stage.github.writes().len(), writes, "said once");
    assert_eq!(stage.git.repository.git(&["rev-parse", BRANCH]), head, "never by force");
}

#[tokio::test]
async fn one_whose_base_moved_on_is_brought_up_to_date_by_a_merge_on_top() {
    let stage = with_our_pull("").await;
    let head = stage.git.repository.git(&["rev-parse", BRANCH]);
    stage.put_file("NOTES.md", "On main.\n");
    let base = stage.git.repository.git(&["rev-parse", "main"]);
    stage.github.set_merge_state(2, Some("BEHIND"));
    let report = stage.run("push", &pushed()).await.unwrap();
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(stage.file(BRANCH, "NOTES.md"), "On main.\n");
    assert!(stage.file(BRANCH, "src/parser.rs").contains(MENDED_LINE));
    let parents = stage.git.repository.git(&["log", "-1", "--format=%P", BRANCH]);
    assert_eq!(parents.trim(), format!("{} {}", head.trim(), base.trim()));
    let tip = stage.git.repository.git(&["rev-parse", BRANCH]);
    assert_snapshot!(stage.status_comment(2).replace(tip.trim(), "TIP").lines().next().unwrap(), @"- Brought up to date with main in TIP.");
}

#[tokio::test]
async fn where_commits_must_be_signed_github_brings_the_base_in() {
    let stage = with_our_pull("pull_requests: { signed_commits: true }\n").await;
    stage.put_file("NOTES.md", "On main.\n");
    stage.github.set_merge_state(2, Some("BEHIND"));
    stage.run("push", &pushed()).await.unwrap();
    assert_eq!(stage.file(BRANCH, "NOTES.md"), "On main.\n");
    assert!(merges(&stage)[0].contains("/pulls/2/update-branch"), "{:?}", merges(&stage));
}

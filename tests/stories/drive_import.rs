//! Task kind `drive_import`: a document comes into the repository by one pull request, which follows it until people take
//! over.

use insta::assert_snapshot;

use crate::world::documents::{Documents, MONA, OTTO};
use crate::world::github::Fault;

const RULE: &str = "rules:\n  - on: drive.changed\n    if: {changed: [added, content]}\n    do:\n      import: {to: documents/}\n";

#[tokio::test]
async fn a_document_comes_as_markdown_and_the_pull_request_follows_it() {
    let at = Documents::configured(RULE).await;
    at.looks().await;
    let plan = at.drive.document(OTTO, &at.docs, "Plan: 2026/27", "document", "# Plan\n\nOne.");
    at.looks().await;
    let branches = at.stage.pushed_branches();
    let [branch] = branches.as_slice() else { panic!("{branches:?}") };
    assert_snapshot!(at.stage.file(branch, "documents/Plan- 2026-27.md"), @"");
    assert_snapshot!(at.stage.github.pulls().join("\n").replace(branch.as_str(), "BRANCH"), @"");
    at.stage.lets_pass(std::time::Duration::from_secs(60));
    at.drive.write(OTTO, &plan, b"# Plan\n\nTwo.");
    at.looks().await;
    assert_eq!(at.stage.github.pulls().len(), 1);
    assert_snapshot!(at.stage.file(branch, "documents/Plan- 2026-27.md"), @"");
    let commits = at.stage.git.repository.git(&["rev-list", "--count", &format!("main..{branch}")]);
    assert_eq!(commits.trim(), "2", "a commit on top, and nothing forced");
}

#[tokio::test]
async fn what_people_commit_to_the_branch_is_left_to_them() {
    let at = Documents::configured(RULE).await;
    at.looks().await;
    let plan = at.drive.file(OTTO, &at.docs, "plan.md", b"# One\n");
    at.looks().await;
    let branch = at.stage.pushed_branches().remove(0);
    at.stage.put_files(&branch, &[("documents/plan.md", "# By hand\n")]);
    at.drive.write(OTTO, &plan, b"# Two\n");
    at.looks().await;
    assert_eq!(at.stage.file(&branch, "documents/plan.md"), "# By hand\n");
    assert_eq!(at.stage.tasks().await.get("drive_import completed"), Some(&2));
    // A closed pull request is an answer, too.
    at.stage.github.close(1);
    at.drive.write(OTTO, &plan, b"# Three\n");
    at.looks().await;
    assert_eq!(at.stage.github.pulls().len(), 1);
}

#[tokio::test]
async fn bytes_come_as_they_are_and_what_is_there_already_is_not_brought() {
    let at = Documents::configured(RULE).await;
    at.looks().await;
    at.drive.file(MONA, &at.docs, "logo.bin", &[0, 159, 146, 150, 0]);
    at.looks().await;
    let branch = at.stage.pushed_branches().remove(0);
    let size = at.stage.git.repository.git(&["cat-file", "-s", &format!("{branch}:documents/logo.bin")]);
    assert_eq!(size.trim(), "5");
    at.stage.put_file("documents/known.md", "# Known\n");
    at.drive.file(MONA, &at.docs, "known.md", b"# Known\n");
    at.looks().await;
    assert_eq!(at.stage.pushed_branches().len(), 1, "what the repository has is not brought");
}

#[tokio::test]
async fn killed_at_any_push_there_is_one_branch_and_one_pull_request() {
    let mut tried = 0;
    for push in 1..=4 {
        let at = Documents::configured(RULE).await;
        at.looks().await;
        at.drive.file(OTTO, &at.docs, "plan.md", b"# One\n");
        at.stage.lets_pass(std::time::Duration::from_secs(3_600));
        if !at.stage.drain_killed_at_push(push).await {
            break;
        }
        tried += 1;
        at.stage.github.set_run(at.stage.last_run(), 1, "completed");
        at.stage.drain_later().await;
        at.stage.drain_later().await;
        assert_eq!(at.stage.pushed_branches().len(), 1, "push {push}");
        assert_eq!(at.stage.github.pulls().len(), 1, "push {push}");
        let state = at.stage.state().await;
        assert!(
            state.effects.values().all(|effect| effect.receipt.is_some()),
            "push {push}: {:#?}",
            state.effects
        );
        assert_eq!(state.watched.imports.len(), 1, "push {push}");
    }
    assert!(tried >= 3, "{tried}");
}

#[tokio::test]
async fn a_lost_answer_opens_no_second_pull_request() {
    let at = Documents::configured(RULE).await;
    at.looks().await;
    at.drive.file(OTTO, &at.docs, "plan.md", b"# One\n");
    at.stage.github.plan("pulls/create", Fault::LoseReply);
    at.looks().await;
    at.stage.drain_later().await;
    assert_eq!(at.stage.github.pulls().len(), 1);
}

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
    assert_snapshot!(at.stage.file(branch, "documents/Plan- 2026-27.md"), @"
    # Plan

    One.
    ");
    assert_snapshot!(at.stage.github.pulls().join("\n").replace(branch.as_str(), "BRANCH"), @"#1 open draft BRANCH -> main: Bring Plan: 2026/27 from Drive");
    at.stage.lets_pass(std::time::Duration::from_secs(60));
    at.drive.write(OTTO, &plan, b"# Plan\n\nTwo.");
    at.looks().await;
    assert_eq!(at.stage.github.pulls().len(), 1);
    assert_snapshot!(at.stage.file(branch, "documents/Plan- 2026-27.md"), @"
    # Plan

    Two.
    ");
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

#[tokio::test]
async fn a_document_comes_in_the_format_that_the_rule_says_and_all_else_as_it_is() {
    let at = Documents::configured(&RULE.replace("documents/", "documents/, as: pdf")).await;
    at.looks().await;
    let plan = at.drive.document(OTTO, &at.docs, "Plan", "document", "One.");
    at.looks().await;
    let branch = at.stage.pushed_branches().remove(0);
    assert_eq!(at.stage.file(&branch, "documents/Plan.pdf"), "%PDF-1.1\nOne.");
    // A PDF of the same document is other bytes each time: it is the document that is compared.
    at.drive.rename(&plan, "Plan B");
    at.drive.rename(&plan, "Plan");
    let commits = || {
        let range = format!("main..{branch}");
        at.stage.git.repository.git(&["rev-list", "--count", &range]).trim().to_owned()
    };
    let again = || {
        let key = automata::domain::subject::Subject::Drive(plan.parse().unwrap());
        let input = serde_json::json!({ "to": "documents/", "as": "pdf" });
        let input = automata::domain::payload::Payload::of(&input).unwrap();
        automata::domain::spec::TaskRequest::new("drive_import", key, input, "a schedule")
    };
    for text in ["One.", "Two."] {
        at.drive.write(OTTO, &plan, text.as_bytes());
        for _ in 0..3 {
            super::drive_away::asks(&at, vec![again()]).await;
            at.looks().await;
        }
        let brought = at.stage.file(&branch, "documents/Plan.pdf");
        assert!(brought.ends_with(text), "{brought}");
    }
    assert_eq!(commits(), "3", "as it was made, as it was written, as it was written anew");
    assert_eq!(at.stage.github.pulls().len(), 1);
    // What is no document of that format is passed over, and a file comes as it is.
    at.drive.document(OTTO, &at.docs, "Talk", "form", "x");
    at.drive.file(OTTO, &at.docs, "logo.png", b"png");
    at.looks().await;
    assert_eq!(at.stage.pushed_branches().len(), 2);
    assert_eq!(at.troubles().await, [""; 0]);
}

#[tokio::test]
async fn what_is_protected_or_may_not_be_fetched_is_not_brought() {
    let at = Documents::configured("").await;
    at.stage.drain().await;
    let workflow = at.drive.file(OTTO, &at.docs, "ci.yml", b"on: push");
    let locked = at.drive.document(
        "mia@acme.example",
        &at.drive.root_of("mia@acme.example"),
        "Locked",
        "document",
        "x",
    );
    at.drive.share(&locked, "user", crate::world::drive::SERVICE_ACCOUNT, "reader");
    at.drive.forbid_fetching(&locked);
    let wants = |file: &str, to: &str| {
        let input = automata::domain::payload::Payload::of(&serde_json::json!({ "to": to })).unwrap();
        let subject = automata::domain::subject::Subject::Drive(file.parse().unwrap());
        automata::domain::spec::TaskRequest::new("drive_import", subject, input, "a story")
    };
    let asked = vec![
        wants(&workflow, ".github/workflows/"),
        wants(&workflow, "../ci.yml"),
        wants(&workflow, ".git/hooks/pre-commit"),
        wants(&workflow, "CODEOWNERS"),
        wants(&locked, "docs/"),
    ];
    super::drive_away::asks(&at, asked).await;
    at.stage.drain().await;
    assert_snapshot!(at.troubles().await.join("\n"), @"
    drive_import: The change touches `.github/workflows/ci.yml`, which is protected by `.github/**`
    drive_import: `to` is no place in the repository: a part of it is empty, `.`, `..` or git's own folder
    drive_import: `to` is no place in the repository: a part of it is empty, `.`, `..` or git's own folder
    drive_import: The change touches `CODEOWNERS`, which is protected by `CODEOWNERS`
    drive_import: this account may not fetch `Locked`
    ");
    assert_eq!(at.stage.pushed_branches(), [""; 0]);
    assert!(!at.drive.requests().iter().any(|line| line.contains("/export")));
}

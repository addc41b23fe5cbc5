//! Where commits must be signed GitHub makes them, and what it cannot make is refused with the reason.

use std::fs;
use std::path::Path;
use std::time::Duration;

use automata::domain::failure::Failure;
use insta::assert_snapshot;

use super::attempts::{MENDED_FILE, Scripted, mends};
use super::texts::{BRANCH, CRASH, MENDED, MENDED_LINE};
use crate::world::github::Fault;
use crate::world::stage::Stage;

fn log_of(stage: &Stage) -> String {
    stage.git.repository.git(&["log", "--format=%cn: %s", &format!("main..{BRANCH}")])
}

#[tokio::test]
async fn a_rule_of_the_repository_or_the_configuration_has_github_make_the_commit() {
    for yaml in ["pull_requests: { signed_commits: true }\n", ""] {
        let stage = Stage::configured(yaml).await;
        if yaml.is_empty() {
            stage.github.wants_signatures();
        }
        let (_, report) = stage.opens("mona", CRASH, MENDED).await;
        assert_eq!(report.warnings, [""; 0]);
        assert!(stage.file(BRANCH, "src/parser.rs").contains(MENDED_LINE));
        assert_eq!(log_of(&stage), "GitHub: Crash on a line without an equals sign (#1)\n");
        let tip = stage.git.repository.git(&["rev-parse", BRANCH]);
        let told = stage.state().await;
        let branch = told.effects.values().filter_map(|effect| effect.receipt.as_ref());
        assert!(
            branch.into_iter().any(|receipt| receipt.as_str().contains(tip.trim())),
            "the real commit is known"
        );
        assert_eq!(stage.github.pulls().len(), 1);
    }
}

/// From here on a push to one of our branches is refused as GitHub refuses unsigned commits.
fn refuses_unsigned(stage: &Stage) {
    use std::os::unix::fs::PermissionsExt as _;
    let hook = stage.git.repository.path().join("hooks/pre-receive");
    let script = "#!/bin/sh\nwhile read old new name; do case $name in refs/heads/automata/*)\n\
        echo \"error: GH006: Protected branch update failed for $name.\" >&2\n\
        echo '- Commits must have verified signatures.' >&2\nexit 1;; esac; done\n";
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, script).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
}

#[tokio::test]
async fn the_older_protection_of_branches_is_heeded_where_the_token_may_read_it() {
    let stage = Stage::start().await;
    stage.github.protects_by_signatures(true);
    refuses_unsigned(&stage);
    let (_, report) = stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(log_of(&stage), "GitHub: Crash on a line without an equals sign (#1)\n");
}

#[tokio::test]
async fn where_it_may_not_the_refusal_of_a_push_has_github_sign() {
    let stage = Stage::start().await;
    stage.github.protects_by_signatures(false);
    refuses_unsigned(&stage);
    let (_, report) = stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(log_of(&stage), "GitHub: Crash on a line without an equals sign (#1)\n");
    assert_eq!((stage.pushed_branches(), stage.github.pulls().len()), (vec![BRANCH.to_owned()], 1));
    let asked = stage.github.requests();
    let protection = asked.iter().filter(|line| line.contains("/protection/required_signatures")).count();
    assert_eq!(protection, 1, "what may not be read is not asked for again in the same run");
    // The same for a revision.
    let helper = Scripted::new("helper", mends);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    stage.lets_pass(Duration::from_secs(60));
    stage.github.comment_on_line(2, "otto", ("src/parser.rs", 1), "Take all of it.");
    let event = stage.github.review(2, "otto", "changes_requested", "");
    stage.run("pull_request_review", &event).await.unwrap();
    assert_eq!(stage.file(BRANCH, "src/parser.rs"), MENDED_FILE);
    assert_eq!(log_of(&stage).matches("GitHub: ").count(), 2);
}

#[tokio::test]
async fn a_signed_commit_after_a_refusal_is_found_again_when_its_answer_was_lost() {
    for fault in [Fault::LoseReply, Fault::Status(502)] {
        let stage = Stage::start().await;
        refuses_unsigned(&stage);
        stage.github.plan("graphql SignedCommit", fault);
        stage.opens("mona", CRASH, MENDED).await;
        stage.drain_later().await;
        assert_eq!(log_of(&stage).lines().count(), 1);
        assert_eq!((stage.pushed_branches(), stage.github.pulls().len()), (vec![BRANCH.to_owned()], 1));
    }
}

#[tokio::test]
async fn a_revision_is_signed_too_and_the_threads_name_githubs_commit() {
    let stage = Stage::configured("pull_requests: { signed_commits: true }\n").await;
    stage.opens("mona", CRASH, MENDED).await;
    let helper = Scripted::new("helper", mends);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    stage.lets_pass(Duration::from_secs(60));
    let thread = stage.github.comment_on_line(2, "otto", ("src/parser.rs", 1), "Take all of it.");
    let event = stage.github.review(2, "otto", "changes_requested", "");
    stage.run("pull_request_review", &event).await.unwrap();
    assert_eq!(stage.file(BRANCH, "src/parser.rs"), MENDED_FILE);
    assert_eq!(log_of(&stage).matches("GitHub: ").count(), 2);
    let tip = stage.git.repository.git(&["rev-parse", BRANCH]);
    let said = stage.github.thread(thread["comment"]["id"].as_u64().unwrap()).join("\n");
    assert!(said.contains(tip.trim()), "{said}");
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_found_again() {
    for yaml in ["pull_requests: { signed_commits: true }\n"] {
        let stage = Stage::configured(yaml).await;
        stage.github.plan("graphql SignedCommit", Fault::LoseReply);
        stage.opens("mona", CRASH, MENDED).await;
        stage.drain_later().await;
        assert_eq!(log_of(&stage).lines().count(), 1);
        assert_eq!(stage.pushed_branches(), [BRANCH]);
        assert_eq!(stage.github.pulls().len(), 1);
    }
}

#[tokio::test]
async fn a_branch_that_was_made_without_its_commit_is_used_again() {
    let stage = Stage::configured("pull_requests: { signed_commits: true }\n").await;
    stage.github.plan("graphql SignedCommit", Fault::Status(502));
    stage.opens("mona", CRASH, MENDED).await;
    assert_eq!((stage.pushed_branches(), log_of(&stage).lines().count()), (vec![BRANCH.to_owned()], 0));
    stage.drain_later().await;
    assert_eq!((stage.pushed_branches(), log_of(&stage).lines().count()), (vec![BRANCH.to_owned()], 1));
}

#[cfg(unix)]
fn makes_a_script(folder: &Path, _: usize) -> Result<&'static str, Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::write(folder.join("run.sh"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(folder.join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink("run.sh", folder.join("start")).unwrap();
    Ok("Adds a script.")
}

#[cfg(unix)]
#[tokio::test]
async fn what_cannot_be_signed_that_way_is_refused_and_nothing_unsigned_is_pushed() {
    let stage = Stage::configured("pull_requests: { signed_commits: true }\n").await;
    let helper = Scripted::new("helper", makes_a_script);
    *stage.assistants.borrow_mut() = vec![helper];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    stage.comments("mona", issue, "/automata implement").await;
    assert_eq!(stage.pushed_branches(), [""; 0]);
    let told = stage.status_comment(issue);
    assert_snapshot!(told.lines().find(|line| line.contains("GitHub signs")).unwrap_or(&told), @r"- The change could not be made: GitHub signs only commits of plain files, and this one changes run.sh \(an executable file\), start \(a symbolic link\). Make this change by hand and sign it, or let the account of the token push unsigned commits.");
}

//! What the configuration says holds, where it stands on the default branch, and only there.

use automata::app::Outcome;

use super::texts::{BRANCH, CRASH, MENDED, TRACE, WISH, WISH_TEXT};
use crate::world::stage::Stage;

#[tokio::test]
async fn with_an_error_in_it_the_event_is_recorded_and_nothing_is_done() {
    let stage = Stage::configured("mode: act\nlabels: {crate: true}\n").await;
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    let opened = stage.github.event_payload_opened(issue);
    let world = stage.world().await.unwrap();
    assert!(
        world.problems[0].contains("labels.crate") || world.problems[0].contains("`crate`"),
        "{:?}",
        world.problems
    );
    let report = stage.run("issues", &opened).await.unwrap();
    assert_eq!((report.outcome, report.tally.completed), (Outcome::Recorded, 0));
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!(stage.told().await.len(), 1);
}

#[tokio::test]
async fn observing_changes_nothing_outside_and_says_so() {
    let stage = Stage::configured("mode: observe\n").await;
    let (issue, report) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    assert!(!report.failed());
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!(stage.branches(), ["automata-state", "main"]);
    assert!(stage.why(issue).await.contains("observe mode: nothing was changed outside"));
    let state = stage.state().await;
    assert!(state.issues.values().all(|known| known.analysis.is_some()), "it still looks");
}

#[tokio::test]
async fn the_log_is_kept_on_the_branch_that_it_names() {
    for (name, expected) in [
        ("memory/automata", ["refs/automata/witness/memory/automata", "refs/heads/memory/automata"]),
        ("refs/automata/state", ["refs/automata/state", "refs/automata/witness/refs/automata/state"]),
    ] {
        let stage = Stage::configured(&format!("state: {{branch: {name}}}\n")).await;
        let (issue, _) = stage.opens("bob", WISH, WISH_TEXT).await;
        assert_eq!(stage.github.labels_of(issue), ["enhancement"]);
        let refs = stage.git.repository.git(&["for-each-ref", "--format=%(refname)"]);
        let refs: Vec<&str> = refs.lines().filter(|name| *name != "refs/heads/main").collect();
        assert_eq!(refs, expected);
    }
}

#[tokio::test]
async fn what_a_pull_request_brings_along_does_not_count() {
    let stage = Stage::start().await;
    stage.put_files("evil", &[(".github/automata.yml", "mode: observe\nbots: {allow: ['evil[bot]']}\n")]);
    stage.github.open_pull("mallory", "Harmless", "evil", "main");
    let (issue, _) = stage.opens("bob", WISH, WISH_TEXT).await;
    assert_eq!(stage.github.labels_of(issue), ["enhancement"]);
    let (_, report) = stage.opens("evil[bot]", CRASH, TRACE).await;
    assert_eq!(report.outcome, Outcome::Ignored);
}

#[tokio::test]
async fn a_change_of_the_configuration_holds_from_the_next_run_on() {
    let stage = Stage::configured("assistants: []\n").await;
    let (issue, report) = stage.opens("mona", CRASH, MENDED).await;
    assert!(report.failed());
    assert!(
        stage.status_comment(issue).contains("no assistant is configured"),
        "{}",
        stage.status_comment(issue)
    );
    stage.put_file(".github/automata.yml", "assistants: [patch]\n");
    stage.comments("mona", issue, "/automata implement").await;
    assert_eq!(stage.pushed_branches(), [BRANCH]);
}

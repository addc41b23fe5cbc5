//! What the configuration says holds, where it stands on the default branch, and only there.

use automata::app::Outcome;
use automata::domain::event::Event;
use automata::domain::id::Sequence;

use super::texts::{BRANCH, CRASH, MENDED, TRACE, WISH, WISH_TEXT};
use crate::world::stage::Stage;

/// A configuration that nobody can act on.
const BROKEN: &str = "mode: act\nlabels: {crate: true}\n";

#[tokio::test]
async fn with_an_error_in_it_the_event_is_recorded_and_waits() {
    let stage = Stage::configured(BROKEN).await;
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
    assert!(report.headline.ends_with("; it waits for a sound configuration"), "{}", report.headline);
    assert_eq!(stage.writes(), [""; 0]);
    insta::assert_snapshot!(stage.told().await.join("\n"), @r"
    alice opened issue #1: Crash on a line without an equals sign
    event 1 held back: .github/automata.yml:2:10: labels.crate: there is no such key; did you mean `create`?
    ");
    let why = stage.why(issue).await;
    assert!(
        why.contains(
            "- event 1 waits for a sound configuration\n    because .github/automata.yml:2:10: labels.crate"
        ),
        "{why}"
    );
}

#[tokio::test]
async fn what_cannot_be_read_as_the_file_or_has_a_name_near_it_is_refused_and_the_event_waits() {
    for (mode, path, told) in [
        ("120000", ".github/automata.yml", "it is no plain file"),
        ("100644", ".github/automata.yml/main", "it is no plain file"),
        ("100644", ".github/automata.yaml", "rename it to `.github/automata.yml`"),
        ("100644", ".github/Automata.yml", "rename it to `.github/automata.yml`"),
    ] {
        let stage = Stage::start().await;
        let stream = format!(
            "commit refs/heads/main\ncommitter Somebody <somebody@example.org> 1795341600 +0000\ndata 0\n\nfrom refs/heads/main^0\nM {mode} inline {path}\ndata 4\nx.y\n\n"
        );
        stage.git.repository.git_with(&["fast-import", "--quiet"], stream.as_bytes());
        let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
        let opened = stage.github.event_payload_opened(issue);
        let world = stage.world().await.unwrap();
        assert!(world.problems[0].contains(told), "{path}: {:?}", world.problems);
        let report = stage.run("issues", &opened).await.unwrap();
        assert_eq!((report.outcome, report.tally.completed), (Outcome::Recorded, 0), "{path}");
        assert_eq!(stage.writes(), [""; 0], "{path}");
    }
}

#[tokio::test]
async fn once_it_is_mended_any_run_takes_up_what_waited_and_each_event_once() {
    let stage = Stage::configured(BROKEN).await;
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    let opened = stage.github.event_payload_opened(issue);
    stage.run("issues", &opened).await.unwrap();
    let again = stage.run("issues", &opened).await.unwrap();
    assert_eq!(again.outcome, Outcome::Duplicate);
    assert!(again.warnings.iter().any(|warning| warning.contains("1 event waits")), "{:?}", again.warnings);

    stage.put_file(".github/automata.yml", "mode: act\n");
    let report = stage.drain().await;
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    assert_eq!((report.tally.settled, report.tally.failed), (1, 0));
    assert_eq!(report.warnings, [""; 0]);
    let history = stage.history().await;
    let enqueued: Vec<_> = history
        .iter()
        .filter(|event| matches!(event.recorded.event, Event::TaskEnqueued(_)))
        .map(|event| (event.recorded.stamp.cause, event.recorded.stamp.correlation))
        .collect();
    assert_eq!(enqueued[0], (Some(Sequence(1)), Some(Sequence(1))), "as if it had been decided at once");
    assert!(stage.state().await.held.is_empty());

    let report = stage.drain().await;
    assert_eq!((report.tally.settled, stage.history().await.len()), (0, history.len()), "nothing is left");
    assert!(!stage.why(issue).await.contains("\n- event 1 waits"));
}

#[tokio::test]
async fn a_re_run_of_an_event_that_waited_does_its_work() {
    let stage = Stage::configured(BROKEN).await;
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    let opened = stage.github.event_payload_opened(issue);
    stage.run("issues", &opened).await.unwrap();
    stage.put_file(".github/automata.yml", "mode: act\n");
    let report = stage.run("issues", &opened).await.unwrap();
    assert_eq!((report.outcome, report.tally.settled), (Outcome::Duplicate, 1));
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    assert_eq!(stage.status_comments(issue).len(), 1);
}

#[tokio::test]
async fn two_runs_that_find_the_mended_configuration_take_up_what_waited_once() {
    let stage = Stage::configured(BROKEN).await;
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    stage.run("issues", &stage.github.event_payload_opened(issue)).await.unwrap();
    stage.put_file(".github/automata.yml", "mode: act\n");
    let gate = stage.git.hold_next_push();
    let (slow, quick) = tokio::join!(stage.drain(), async {
        stage.git.push_waits().await;
        let quick = stage.drain().await;
        gate.open();
        quick
    });
    assert_eq!((quick.tally.settled, slow.tally.settled), (1, 0));
    assert_eq!(stage.tasks().await.values().sum::<usize>(), 3, "{:?}", stage.tasks().await);
    assert_eq!(stage.status_comments(issue).len(), 1);
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

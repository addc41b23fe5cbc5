//! Features: each goes as far as its mode says, for its share, and not on when somebody has paused it.

use std::time::Duration;

use automata::domain::task::Task;
use insta::assert_snapshot;

use super::texts::{CRASH, TRACE};
use crate::world::stage::Stage;

/// The part of a status comment about suggestions.
fn suggested(stage: &Stage, issue: u64) -> String {
    let comment = stage.status_comment(issue);
    let from = comment.find("Suggested, and not done:").map(|at| &comment[at..]);
    from.map(|text| text.split("\n\n").take(2).collect::<Vec<_>>().join("\n\n")).unwrap_or_default()
}

#[tokio::test]
async fn what_is_suggested_is_shown_and_done_when_somebody_approves() {
    let stage = Stage::configured("features: {label: {mode: suggest}}\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.labels_of(issue), [""; 0]);
    assert_snapshot!(suggested(&stage, issue), @r"
    Suggested, and not done:
    - label: add bug, priority: high, because the analysis finds it \`bug\`, 97 % sure; the analysis finds it \`high\`, 65 % sure

    `/automata approve` does it, `/automata reject` calls it off; either may name one of these features.
    ");
    stage.comments("mallory", issue, "/automata approve").await;
    assert_eq!(stage.github.labels_of(issue), [""; 0], "a stranger's word counts for nothing");
    stage.comments("otto", issue, "/automata approve label").await;
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    assert_eq!(suggested(&stage, issue), "");
}

#[tokio::test]
async fn what_a_person_settled_meanwhile_is_not_done_when_it_is_approved() {
    let stage = Stage::configured("features: {label: {mode: suggest}}\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.github.label_as("mona", issue, "bug");
    stage.unlabels("mona", issue, "bug").await;
    stage.comments("otto", issue, "/automata approve").await;
    assert_eq!(stage.github.labels_of(issue), ["priority: high"]);
}

#[tokio::test]
async fn what_is_rejected_is_called_off() {
    let stage = Stage::configured("features: {label: {mode: suggest}}\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.comments("otto", issue, "/automata reject").await;
    stage.comments("otto", issue, "/automata approve").await;
    assert_eq!(stage.github.labels_of(issue), [""; 0]);
    assert!(stage.status_comment(issue).contains("Nothing waits here for an approval."));
}

#[tokio::test]
async fn an_analysis_takes_the_place_of_what_an_earlier_one_suggested() {
    let stage = Stage::configured("features: {label: {mode: suggest}}\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    let (title, body) = ("How do I set the width?", "I would like to know how to set it. Is there a way?");
    stage.edits("alice", issue, title, body).await;
    assert_snapshot!(suggested(&stage, issue), @r"
    Suggested, and not done:
    - label: add question, because the analysis finds it \`question\`, 98 % sure

    `/automata approve` does it, `/automata reject` calls it off; either may name one of these features.
    ");
    stage.comments("otto", issue, "/automata approve").await;
    assert_eq!(stage.github.labels_of(issue), ["question"]);
}

#[tokio::test]
async fn an_approval_is_for_what_waited_when_it_was_written_and_not_for_what_an_edit_made_of_it() {
    let stage = Stage::configured("features: {label: {mode: suggest}}\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(Duration::from_secs(1));
    let approval = stage.github.comment("otto", issue, "/automata approve");
    let (title, body) = ("How do I set the width?", "I would like to know how to set it. Is there a way?");
    stage.edits("alice", issue, title, body).await;
    stage.run("issue_comment", &stage.github.event_payload_commented(approval)).await.unwrap();
    assert_eq!(stage.github.labels_of(issue), [""; 0], "nobody has seen it who approved");
    let told = "Not approved, because it waits only since this was written: `label`.";
    assert!(stage.status_comment(issue).contains(told), "{}", stage.status_comment(issue));
    stage.comments("otto", issue, "/automata approve").await;
    assert_eq!(stage.github.labels_of(issue), ["question"]);
}

#[tokio::test]
async fn suggestions_about_an_issue_that_is_closed_are_called_off() {
    let stage = Stage::configured("features: {label: {mode: suggest}}\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.run("issues", &stage.github.event_payload_closed(issue, "mona")).await.unwrap();
    assert!(stage.state().await.tasks.values().all(|task| !task.is_suggested()));
}

#[tokio::test]
async fn what_a_person_asks_for_is_done_whatever_a_feature_only_suggests() {
    let stage = Stage::configured("features: {label: {mode: suggest, rollout: 0%}}\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.comments("mona", issue, "/automata label +question").await;
    assert_eq!(stage.github.labels_of(issue), ["question"]);
}

#[tokio::test]
async fn what_is_off_is_not_done_even_when_it_is_asked_for() {
    let stage = Stage::configured("features: {label: {mode: off}}\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.comments("mona", issue, "/automata label +question").await;
    assert_eq!(stage.github.labels_of(issue), [""; 0]);
    assert!(
        stage.status_comment(issue).contains("`label` is off in the configuration, so nothing is done."),
        "{}",
        stage.status_comment(issue)
    );
    assert!(!stage.tasks().await.contains_key("label"), "nothing of it is even recorded");
}

#[tokio::test]
async fn what_was_held_says_by_what() {
    for (rules, reason) in [
        ("mode: observe", "held: `label` only observes"),
        ("rollout: 0%", "held: rollout 0 %, this issue is not in it"),
        ("from: 2099-01-01", "held: `label` begins at 2099-01-01T00:00:00Z"),
        ("labels: [ready]", "held: `label` is for issues with the label `ready`"),
        ("authors: [mona]", "held: `label` is for what `mona` wrote"),
        (
            "paths: ['docs/**']",
            "held: `label` is for issues that name certain paths, and this names none of them",
        ),
    ] {
        let stage = Stage::configured(&format!("features: {{label: {{{rules}}}}}\n")).await;
        let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
        assert_eq!(stage.github.labels_of(issue), [""; 0], "{rules}");
        let why = stage.why(issue).await;
        assert!(why.contains(reason), "{rules}\n{why}");
    }
}

#[tokio::test]
async fn a_paused_feature_does_nothing_until_it_is_resumed_and_only_maintainers_may() {
    let stage = Stage::start().await;
    let (first, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.comments("otto", first, "/automata pause label").await;
    assert!(
        stage.status_comment(first).contains("needs the maintain role"),
        "{}",
        stage.status_comment(first)
    );
    stage.comments("mona", first, "/automata pause label").await;
    let (second, _) = stage.opens("bob", CRASH, TRACE).await;
    assert_eq!(stage.github.labels_of(second), [""; 0]);
    assert!(
        stage.why(second).await.contains("paused: mona said `pause label`"),
        "{}",
        stage.why(second).await
    );
    stage.comments("mona", second, "/automata resume label").await;
    assert_eq!(stage.github.labels_of(second), ["bug", "priority: high"]);
}

#[tokio::test]
async fn with_everything_paused_events_are_recorded_and_words_are_heard() {
    let stage = Stage::start().await;
    let (first, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.comments("otto", first, "/automata pause everything").await;
    assert_eq!(stage.state().await.paused, None);
    stage.comments("mona", first, "/automata pause everything").await;
    let (second, _) = stage.opens("bob", CRASH, TRACE).await;
    assert_eq!((stage.github.labels_of(second), stage.status_comments(second)), (vec![], vec![]));
    stage.comments("mona", second, "/automata resume everything").await;
    assert_eq!(stage.github.labels_of(second), ["bug", "priority: high"]);
}

#[tokio::test]
async fn who_stops_a_feature_or_everything_calls_off_what_there_is_of_it_in_all_issues() {
    let stage = Stage::configured(
        "features: {label: {mode: suggest}, assign: {mode: suggest}}\nassign: {owners: true}\n",
    )
    .await;
    let (first, _) = stage.opens("alice", CRASH, TRACE).await;
    let (second, _) = stage.opens("bob", "Panic in tar", TRACE).await;
    let waiting = async |kind: &str| {
        let state = stage.state().await;
        let is_open = |task: &&Task| task.spec.kind.as_str() == kind && !task.status.is_final();
        state.tasks.values().filter(is_open).count()
    };
    assert_eq!((waiting("label").await, waiting("assign").await), (2, 2));
    stage.comments("otto", first, "/automata stop everything").await;
    assert!(stage.status_comment(first).contains("needs the maintain role"));
    assert_eq!((stage.state().await.paused, waiting("label").await), (None, 2));

    stage.comments("mona", first, "/automata stop label").await;
    assert_eq!((waiting("label").await, waiting("assign").await), (0, 2));
    let told = stage.status_comment(first);
    assert!(told.contains("2 tasks were called off; nothing of `label` begins in this repository until `/automata resume label`."), "{told}");

    stage.comments("mona", second, "/automata stop everything").await;
    assert_eq!(waiting("assign").await, 0);
    let told = stage.status_comment(second);
    assert!(told.contains("2 tasks were called off; nothing begins anywhere in this repository until `/automata resume everything`"), "{told}");
    stage.comments("mona", second, "/automata resume everything\n/automata approve").await;
    assert_eq!((stage.github.labels_of(first), stage.github.assignees_of(second)), (vec![], vec![]));
}

#[tokio::test]
async fn a_variable_of_the_repository_stops_every_run_and_loses_no_event() {
    let stage = Stage::start().await;
    stage.paused.set(true);
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.labels_of(issue), [""; 0]);
    assert_snapshot!(report.warnings.join("\n"), @"Nothing was begun: the variable AUTOMATA_PAUSED is set. Events are recorded, and the first run without it goes on with them.");
    assert_eq!(stage.drain().await.tally.completed, 0);
    stage.paused.set(false);
    stage.drain().await;
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
}

#[tokio::test]
async fn a_feature_that_people_keep_correcting_falls_back_to_suggesting_and_says_so_once() {
    let stage = Stage::configured("features: {label: {fall_back: {overrides: 50%, least: 2}}}\n").await;
    let (first, _) = stage.opens("alice", CRASH, TRACE).await;
    let report = stage.unlabels("mona", first, "bug").await;
    assert_eq!(report.warnings, [""; 0], "one result is too few");
    let (second, _) = stage.opens("bob", CRASH, TRACE).await;
    let report = stage.unlabels("mona", second, "bug").await;
    assert_snapshot!(report.warnings.join("\n"), @"`label` only suggests from here on: people took back 2 of 2, more than 50 %. What it would do waits for `/automata approve`; `automata features` shows its results, and `/automata resume label` lets it act again.");
    let (third, report) = stage.opens("carol", CRASH, TRACE).await;
    assert_eq!((stage.github.labels_of(third), report.warnings), (vec![], vec![]));
    assert!(suggested(&stage, third).contains("add bug"), "{}", stage.status_comment(third));
    stage.comments("mona", third, "/automata resume label").await;
    let (fourth, _) = stage.opens("dave", CRASH, TRACE).await;
    assert_eq!(stage.github.labels_of(fourth), ["bug", "priority: high"]);
}

#[tokio::test]
async fn why_tells_what_kept_a_label_and_an_assignment_from_being_made() {
    let stage = Stage::configured("features: {label: {mode: 'off'}}\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    let said = "/automata why priority: high\n/automata why `bug`\n/automata why otto";
    stage.comments("alice", issue, said).await;
    assert_snapshot!(answered(&stage, issue), @r"
    Asked by alice:

    - label `priority: high` is not set, because the feature `label` is off
    - event by event: `automata why 1`
    - label `bug` is not set, because the feature `label` is off
    - it is a bug \(97% sure\), because it shows a failing program: “panicked at”; the title says “crash”; it has the heading “what happened”, as in a bug form; the text says “crash”
    - event by event: `automata why 1`
    - `otto` is not assigned, because `assign.owners` is not on: who looks after a place is named, and not assigned
    - otto looks after it, because CODEOWNERS line 2: `/src/parser.rs` matches `src/parser.rs`
    - event by event: `automata why 1`
    ");
}

#[tokio::test]
async fn why_tells_of_a_suggestion_by_the_label_that_it_is_about() {
    let stage = Stage::configured("features: {label: {mode: suggest}}\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.comments("alice", issue, "/automata why bug").await;
    assert_snapshot!(answered(&stage, issue), @r"
    Asked by alice:

    - task b8j54q3j6cg3.1 `label` is pending, because waits for `/automata approve label`; it exists because: the analysis finds it `bug`, 97 % sure; the analysis finds it `high`, 65 % sure; what it is to change: +`bug`, +`priority: high`
    - it is a bug \(97% sure\), because it shows a failing program: “panicked at”; the title says “crash”; it has the heading “what happened”, as in a bug form; the text says “crash”
    - event by event: `automata why 1`
    ");
}

/// What somebody is answered in the status comment.
fn answered(stage: &Stage, issue: u64) -> String {
    let comment = stage.status_comment(issue).replace('\u{2060}', "");
    let end = comment.find("\n\n**").unwrap_or(comment.len());
    comment[..end].to_owned()
}

#[tokio::test]
async fn a_stranger_whose_issues_fail_has_no_feature_fall_back_for_others() {
    let rules = "plugins: { greeter: { run: [sh, greeter.sh], may: { label: [bug] } } }\n\
                 rules: [{ on: issues.opened, do: { exec: greeter } }]\n\
                 features: { exec: { fall_back: { failures: 50%, least: 3 } } }\n";
    let stage = Stage::configured(rules).await;
    stage.put_file("greeter.sh", "cat >/dev/null\nexit 1\n");
    let mut warned = Vec::new();
    for (number, who) in ["mallory", "mallory", "mallory", "mallory", "alice", "bob"].into_iter().enumerate()
    {
        let (_, report) = stage.opens(who, &format!("{CRASH} {number}"), TRACE).await;
        warned.push(report.warnings.iter().any(|warning| warning.starts_with("`exec` only suggests")));
    }
    assert_eq!(warned, [false, false, false, false, false, true], "the third person is one too many");
}

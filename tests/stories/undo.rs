//! Task kind `undo`: what was done is taken back where nobody touched it since, and stays so.

use insta::assert_snapshot;

use super::attempts::{Scripted, mends};
use super::texts::{BRANCH, CRASH, MENDED, QUESTION, QUESTION_TEXT, TRACE};
use crate::world::stage::Stage;

#[tokio::test]
async fn what_triage_did_is_taken_back_and_not_done_again() {
    let stage = Stage::configured("assign: {owners: true}\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    assert_eq!(stage.github.assignees_of(issue), ["otto", "mona"]);
    stage.comments("mona", issue, "/automata undo").await;
    assert_eq!(stage.github.labels_of(issue), [""; 0]);
    assert_eq!(stage.github.assignees_of(issue), [""; 0]);
    assert_snapshot!(stage.status_comment(issue), @"
    Asked by mona:

    Taken back:
    - Labels taken off: `bug`, `priority: high`.
    - No longer assigned: `otto`, `mona`.
    - The status comment shows nothing of it any more.

    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    ");
    stage.edits("alice", issue, CRASH, &format!("{TRACE}\nIt always crashes.")).await;
    assert_eq!(stage.github.labels_of(issue), [""; 0]);
    assert_eq!(stage.github.assignees_of(issue), [""; 0]);
}

#[tokio::test]
async fn a_pull_request_as_we_left_it_is_closed_and_its_branch_deleted() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    stage.comments("otto", issue, "/automata undo").await;
    assert_eq!(stage.pushed_branches(), [""; 0]);
    assert_eq!(stage.github.pulls(), [format!("#2 closed {BRANCH} -> main: {CRASH}")]);
    assert_snapshot!(stage.status_comment(issue), @"
    Asked by otto:

    Taken back:
    - Labels taken off: `bug`, `priority: high`.
    - Pull request #2 is closed.
    - Branch `automata/issue-1-crash-on-a-line-without-an-equals-sign` is deleted.
    - The status comment shows nothing of it any more.

    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    ");
    // Somebody wants it after all.
    stage.comments("otto", issue, "/automata implement").await;
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert_eq!(stage.github.pulls().len(), 2, "the first one stays closed");
}

#[tokio::test]
async fn what_people_touched_is_left_and_said_so() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    stage.unlabels("mona", issue, "bug").await;
    stage.lets_pass(std::time::Duration::from_secs(1));
    let labelled = stage.github.label_as("mona", issue, "bug");
    stage.run("issues", &labelled).await.unwrap();
    stage.github.edit_as("otto", 2, "A better title", "");
    stage.comments("otto", issue, "/automata undo").await;
    assert_eq!(stage.github.labels_of(issue), ["bug"]);
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert!(stage.github.pulls()[0].starts_with("#2 open draft"), "{:?}", stage.github.pulls());
    assert_snapshot!(stage.status_comment(issue), @"
    Asked by otto:

    Taken back:
    - Labels taken off: `priority: high`.
    - The status comment shows nothing of it any more.

    Left as it is:
    - Of the labels, `bug`: a person has put that there or taken it off since.
    - Pull request #2: a person has given it another title.
    - Branch `automata/issue-1-crash-on-a-line-without-an-equals-sign`: pull request #2 comes from it.

    Pull request: #2

    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    ");
}

#[tokio::test]
async fn a_branch_that_somebody_pushed_to_is_kept() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    stage.put_files(BRANCH, &[("NOTES.md", "mine\n")]);
    stage.comments("otto", issue, "/automata undo").await;
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert!(stage.status_comment(issue).contains("somebody has pushed to its branch"));
}

/// Pull request 2, revised by us after a review: our second commit is at the end of its branch.
async fn revised(yaml: &str) -> (Stage, u64) {
    let stage = Stage::configured(yaml).await;
    let (issue, _) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    reviewed(&stage).await;
    (stage, issue)
}

pub(super) async fn reviewed(stage: &Stage) {
    *stage.assistants.borrow_mut() = vec![Scripted::new("helper", mends)];
    stage.lets_pass(std::time::Duration::from_secs(60));
    let event = stage.github.review(2, "otto", "changes_requested", "Take all of it.");
    let before = stage.git.repository.git(&["rev-parse", BRANCH]);
    stage.run("pull_request_review", &event).await.unwrap();
    assert_ne!(stage.git.repository.git(&["rev-parse", BRANCH]), before, "a commit is on top");
}

#[tokio::test]
async fn what_we_pushed_ourselves_after_a_review_is_no_push_of_somebodys() {
    for yaml in ["", "pull_requests: { signed_commits: true }\n"] {
        let (stage, issue) = revised(yaml).await;
        // Its base moves on and is brought in, by us or by GitHub for us.
        stage.put_file("NOTES.md", "On main.\n");
        stage.github.set_merge_state(2, Some("BEHIND"));
        stage.run("push", &super::tend::pushed()).await.unwrap();
        assert_eq!(stage.file(BRANCH, "NOTES.md"), "On main.\n");
        stage.comments("otto", issue, "/automata undo").await;
        assert_eq!(stage.pushed_branches(), [""; 0], "{}", stage.status_comment(issue));
        assert!(stage.github.pulls()[0].starts_with("#2 closed"), "{:?}", stage.github.pulls());
    }
}

#[tokio::test]
async fn a_persons_commit_above_or_below_our_revision_keeps_the_branch() {
    for is_below in [false, true] {
        let stage = Stage::start().await;
        let (issue, _) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
        if is_below {
            stage.put_files(BRANCH, &[("NOTES.md", "mine\n")]);
        }
        reviewed(&stage).await;
        if !is_below {
            stage.put_files(BRANCH, &[("NOTES.md", "mine\n")]);
        }
        stage.comments("otto", issue, "/automata undo").await;
        assert_eq!(stage.pushed_branches(), [BRANCH]);
        assert!(stage.github.pulls()[0].starts_with("#2 open"), "{:?}", stage.github.pulls());
        assert!(stage.status_comment(issue).contains("somebody has pushed to its branch"));
    }
}

#[tokio::test]
async fn a_number_or_a_few_letters_name_no_task_and_a_short_id_names_one() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.comments("mona", issue, "/automata label +question").await;
    let state = stage.state().await;
    let asked = |task: &&automata::domain::task::Task| {
        task.spec.reason.contains("mona said") && task.spec.kind.as_str() == "label"
    };
    let id = state.tasks.values().find(asked).unwrap().id.clone();
    let before = stage.github.labels_of(issue);
    // Three digits would be the number of an issue.
    let few = if id.as_str()[..3].parse::<u64>().is_ok() { "abc" } else { &id.as_str()[..3] };
    for (said, told) in [
        (few.to_owned(), "that is too short to name a task; write at least 4 characters of its id."),
        ("7".to_owned(), "What was done about #7: say `/automata undo` there."),
        ("nothing".to_owned(), "`nothing`: no task, run or effect of issue/1 is called so;"),
    ] {
        stage.comments("mona", issue, &format!("/automata undo {said}")).await;
        assert_eq!(stage.github.labels_of(issue), before, "{said}");
        let answer = stage.status_comment(issue);
        assert!(answer.contains(told) && answer.contains("Nothing was taken back."), "{answer}");
    }
    stage.comments("mona", issue, &format!("/automata undo {}", id.short())).await;
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    // Again there is nothing of it left.
    stage.comments("mona", issue, &format!("/automata undo {}", id.short())).await;
    assert!(stage.status_comment(issue).contains("Nothing was taken back."));
}

#[tokio::test]
async fn one_task_alone_can_be_taken_back() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.comments("mona", issue, "/automata label +question -bug").await;
    let state = stage.state().await;
    let asked = |task: &&automata::domain::task::Task| task.spec.reason.contains("mona said");
    let task = state.tasks.values().filter(|task| task.spec.kind.as_str() == "label").find(asked).unwrap();
    stage.comments("mona", issue, &format!("/automata undo {}", task.id)).await;
    let mut labels = stage.github.labels_of(issue);
    labels.sort();
    assert_eq!(labels, ["bug", "priority: high"]);
}

#[tokio::test]
async fn a_run_that_is_killed_anywhere_leaves_the_rest_to_the_next() {
    for push in 1..=4 {
        let stage = Stage::start().await;
        let (issue, _) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
        stage.lets_pass(std::time::Duration::from_secs(1));
        let comment = stage.github.comment("otto", issue, "/automata undo\n/automata label +question");
        let payload = stage.github.event_payload_commented(comment);
        stage.run_killed_at_push(push, "issue_comment", &payload).await;
        let killed = stage.last_run();
        stage.github.set_run(killed, 1, "completed");
        if push == 1 {
            stage.run("issue_comment", &payload).await.unwrap();
        }
        stage.drain_later().await;
        stage.drain_later().await;
        assert_eq!(stage.github.labels_of(issue), ["question"], "push {push}");
        assert_eq!(stage.pushed_branches(), [""; 0], "push {push}");
        assert!(stage.github.pulls()[0].starts_with("#2 closed"), "push {push}");
        assert_eq!(stage.github.reactions_on(comment), ["eyes"], "push {push}");
        assert_eq!(stage.status_comments(issue).len(), 1, "push {push}");
    }
}

#[tokio::test]
async fn a_type_that_we_set_is_cleared_and_one_that_a_person_chose_is_left() {
    for theirs in [false, true] {
        let stage = Stage::configured("labels: {issue_types: {bug: Bug}}\n").await;
        stage.github.set_issue_types(&["Bug", "Task"]);
        let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
        assert_eq!(stage.github.type_of(issue).as_deref(), Some("Bug"));
        if theirs {
            stage.lets_pass(std::time::Duration::from_secs(5));
            let typed = stage.github.type_as("mona", issue, Some("Bug"));
            stage.run("issues", &typed).await.unwrap();
        }
        stage.comments("mona", issue, "/automata undo").await;
        let told = stage.status_comment(issue);
        if theirs {
            assert_eq!(stage.github.type_of(issue).as_deref(), Some("Bug"));
            assert!(told.contains("- Its type: a person has settled that since.\n"), "{told}");
        } else {
            assert_eq!(stage.github.type_of(issue), None);
            assert!(told.contains("- Its type is no longer `Bug`.\n"), "{told}");
            stage.edits("alice", issue, CRASH, &format!("{TRACE}\nIt always crashes.")).await;
            assert_eq!(stage.github.type_of(issue), None, "what was taken back is not done again");
        }
    }
}

#[tokio::test]
async fn an_issue_that_we_closed_is_opened_again_once() {
    let yaml = "triage: {needs: {bug: [version]}, stale: {after: 7d, close: true}}\n";
    let stage = Stage::configured(yaml).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(std::time::Duration::from_secs(8 * 86_400));
    stage.drain().await;
    assert_eq!(stage.github.closed_as(issue).as_deref(), Some("not_planned"));
    stage.comments("mona", issue, "/automata undo").await;
    assert_eq!(stage.github.closed_as(issue), None);
    assert!(stage.status_comment(issue).contains("- It is open again.\n"), "{}", stage.status_comment(issue));
    stage.lets_pass(std::time::Duration::from_secs(30 * 86_400));
    stage.drain().await;
    assert_eq!(stage.github.closed_as(issue), None, "it is not closed again by itself");
}

#[tokio::test]
async fn what_it_was_planned_for_and_a_field_are_taken_back_and_not_set_again() {
    let yaml = "rules:\n- {on: issues.opened, do: analyse}\n- {on: analysed, if: {type: bug}, do: [{milestone: v2}, {project: {number: 4, field: status, option: Ready}}]}\n";
    let stage = Stage::configured(yaml).await;
    stage.github.make_milestone("v2");
    stage.github.make_project(4, "Status", &["Ready"]);
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.comments("mona", issue, "/automata undo").await;
    assert_snapshot!(stage.status_comment(issue), @"
    Asked by mona:

    Taken back:
    - Labels taken off: `bug`, `priority: high`.
    - It is no longer planned for the milestone `v2`.
    - No longer set: project 4, status: Ready.
    - The status comment shows nothing of it any more.

    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    ");
    assert_eq!(stage.github.milestone_of(issue), None);
    stage.edits("alice", issue, CRASH, &format!("{TRACE}\nIt always crashes.")).await;
    assert_eq!(stage.github.milestone_of(issue), None, "what was taken back is not done again");
    assert_eq!(stage.github.chosen().len(), 2, "chosen once, and emptied");
}

#[tokio::test]
async fn a_milestone_that_a_person_chose_is_left() {
    let yaml = "rules:\n- {on: issues.opened, do: analyse}\n- {on: analysed, if: {type: bug}, do: {milestone: v2}}\n";
    let stage = Stage::configured(yaml).await;
    stage.github.make_milestone("v2");
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    for title in [None, Some("v2")] {
        stage.lets_pass(std::time::Duration::from_secs(5));
        let planned = stage.github.plan_as("mona", issue, title);
        stage.run("issues", &planned).await.unwrap();
    }
    stage.comments("mona", issue, "/automata undo").await;
    assert_eq!(stage.github.milestone_of(issue).as_deref(), Some("v2"));
    let told = stage.status_comment(issue);
    assert!(told.contains("- Its milestone: a person has settled that since.\n"), "{told}");
}

#[tokio::test]
async fn a_label_that_only_we_ever_set_and_took_off_is_not_put_back() {
    let yaml = "labels: {needs_info: needs-info}\ntriage: {needs: {bug: [version]}}\n";
    let stage = Stage::configured(yaml).await;
    stage.github.make_label("needs-info", "ededed", "");
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert!(stage.github.labels_of(issue).contains(&"needs-info".to_owned()));
    stage.edits("alice", issue, CRASH, &format!("{TRACE}\n### Version\n\n1.2.3\n")).await;
    assert!(!stage.github.labels_of(issue).contains(&"needs-info".to_owned()), "the answer came");
    stage.comments("mona", issue, "/automata undo").await;
    assert_eq!(stage.github.labels_of(issue), [""; 0]);
    assert!(!stage.status_comment(issue).contains("put back"), "{}", stage.status_comment(issue));
}

#[tokio::test]
async fn a_type_that_we_thought_better_of_is_not_put_back_and_one_of_a_persons_is() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", QUESTION, QUESTION_TEXT).await;
    assert_eq!(stage.github.labels_of(issue), ["question"]);
    stage.edits("alice", issue, CRASH, TRACE).await;
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    stage.lets_pass(std::time::Duration::from_secs(1));
    let labelled = stage.github.label_as("mona", issue, "documentation");
    stage.run("issues", &labelled).await.unwrap();
    // Taken off and put on again and taken off by us: it was there before.
    stage.comments("mona", issue, "/automata label -documentation").await;
    stage.comments("mona", issue, "/automata label +documentation").await;
    stage.comments("mona", issue, "/automata label -documentation").await;
    stage.comments("mona", issue, "/automata undo").await;
    assert_eq!(stage.github.labels_of(issue), ["documentation"]);
    let told = stage.status_comment(issue);
    assert!(
        told.contains("- Labels taken off: `bug`, `priority: high`.\n- Labels put back: `documentation`.\n"),
        "{told}"
    );
}

#[tokio::test]
async fn only_who_was_assigned_before_us_is_assigned_again() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(std::time::Duration::from_secs(1));
    let assigned = stage.github.assign_as("mona", issue, "mona");
    stage.run("issues", &assigned).await.unwrap();
    stage.comments("mona", issue, "/automata assign @otto").await;
    stage.comments("mona", issue, "/automata unassign").await;
    assert_eq!(stage.github.assignees_of(issue), [""; 0]);
    stage.comments("mona", issue, "/automata undo").await;
    assert_eq!(stage.github.assignees_of(issue), ["mona"], "{}", stage.status_comment(issue));
}

#[tokio::test]
async fn a_pull_request_that_a_person_made_ready_stays_open_although_nobody_told() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    stage.github.call_ready(2);
    stage.comments("otto", issue, "/automata undo").await;
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert!(stage.github.pulls()[0].starts_with("#2 open"), "{:?}", stage.github.pulls());
    let told = stage.status_comment(issue);
    assert!(told.contains("- Pull request #2: a person has said whether it is a draft.\n"), "{told}");
}

#[tokio::test]
async fn whom_a_person_assigned_again_stays_assigned() {
    let stage = Stage::configured("assign: {owners: true}\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.assignees_of(issue), ["otto", "mona"]);
    stage.unassigns("mona", issue, "otto").await;
    stage.lets_pass(std::time::Duration::from_secs(5));
    let assigned = stage.github.assign_as("mona", issue, "otto");
    stage.run("issues", &assigned).await.unwrap();
    stage.comments("mona", issue, "/automata undo").await;
    assert_eq!(stage.github.assignees_of(issue), ["otto"]);
    let told = stage.status_comment(issue);
    assert!(told.contains("- No longer assigned: `mona`.\n"), "{told}");
    assert!(told.contains("- Of those assigned, `otto`: a person has settled that since.\n"), "{told}");
}

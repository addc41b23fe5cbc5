//! Task kind `obey`: what people say to Automata in comments, what is done, and what they are answered.

use insta::assert_snapshot;

use super::texts::{BRANCH, CRASH, MENDED, TRACE};
use crate::world::stage::Stage;

/// A story with a triaged issue, by alice.
async fn triaged() -> (Stage, u64) {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    (stage, issue)
}

/// The part of the status comment that answers.
fn answer(stage: &Stage, issue: u64) -> String {
    let comment = stage.status_comment(issue);
    let end = comment.find("\n\n**").unwrap_or(comment.len());
    if comment.starts_with("Asked by") { comment[..end].to_owned() } else { String::new() }
}

/// The reactions on the comment that was written last.
fn reactions(stage: &Stage) -> Vec<String> {
    stage.github.reactions_on(stage.github.last_comment())
}

#[tokio::test]
async fn help_status_and_why_are_answered_for_anyone_in_the_status_comment() {
    let (stage, issue) = triaged().await;
    let comments = stage.github.comments_of(issue).len();
    stage.comments("stranger", issue, "What can I say?\n\n/automata help").await;
    assert_eq!(reactions(&stage), ["+1"]);
    let help = answer(&stage, issue);
    assert!(help.starts_with("Asked by stranger:\n\n| on a line of its own |"), "{help}");
    assert!(help.contains("| `/automata implement [assistant]` | Asks the assistants"), "{help}");
    stage.comments("stranger", issue, "/automata status\n/automata why").await;
    assert_snapshot!(answer(&stage, issue).replace('\u{2060}', ""), @r"
    Asked by stranger:

    - Nothing is being done here, and nothing waits.
    - it is a bug \(97% sure\), because it shows a failing program: “panicked at”; the title says “crash”; it has the heading “what happened”, as in a bug form; the text says “crash”
    - its urgency is high \(65% sure\), because the program ends or stands still \(“crash”, +2\)
    - it is about src/parser.rs:2, because the text says src/parser.rs:2:30:
    - it is about src/main.rs:4, because the text says at ./src/main.rs:4:5
    - otto looks after it, because CODEOWNERS line 2: `/src/parser.rs` matches `src/parser.rs`
    - mona looks after it, because CODEOWNERS line 1: `*` matches `src/main.rs`
    - label: +bug +priority: high, because the analysis finds it `bug`, 97 % sure; the analysis finds it `high`, 65 % sure; it goes back to event 1
    - comment: https://github.com/acme/widgets/issues/1&#35;issuecomment-1, because the analysis is shown in the status comment; it goes back to event 1
    - comment: https://github.com/acme/widgets/issues/1&#35;issuecomment-1, because the state of issue/1 changed; it goes back to event 15
    - event by event: `automata why 1`
    ");
    assert_eq!(stage.github.comments_of(issue).len(), comments + 2, "theirs; ours was edited");
}

#[tokio::test]
async fn a_writer_has_a_change_made_and_is_answered_by_a_look_and_a_pull_request() {
    let (stage, issue) = triaged().await;
    stage.github.comment("otto", issue, MENDED);
    let report = stage.comments("mona", issue, "Good find.\r\n\r\n/automata implement").await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(reactions(&stage), ["eyes"]);
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert_eq!(answer(&stage, issue), "", "the pull request is the answer");
    assert!(stage.told().await.contains(
        &"mona may say `implement`: mona has the maintain role; `implement` needs write access".to_owned()
    ));
}

#[tokio::test]
async fn who_may_not_is_told_so_and_nothing_is_done() {
    let (stage, issue) = triaged().await;
    stage.github.set_permission("tina", automata::domain::actor::Permission::Triage);
    stage.github.comment("otto", issue, MENDED);
    for (person, words) in [
        ("stranger", "/automata implement\n/automata label +question\n/automata stop"),
        ("tina", "/automata implement\n/automata undo"),
    ] {
        stage.comments(person, issue, words).await;
        assert_eq!(reactions(&stage), ["confused"]);
    }
    assert_snapshot!(answer(&stage, issue), @"
    Asked by tina:

    - /automata implement was not done: `implement` needs write access to this repository, and tina has the triage role.
    - /automata undo was not done: `undo` needs write access to this repository, and tina has the triage role.
    ");
    assert_eq!(stage.pushed_branches(), [""; 0]);
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    let refused = stage.told().await.into_iter().filter(|line| line.contains("may not say")).count();
    assert_eq!(refused, 5);
}

#[tokio::test]
async fn labels_priority_and_people_are_changed_as_a_triager_says_in_order() {
    let (stage, issue) = triaged().await;
    stage.github.set_permission("tina", automata::domain::actor::Permission::Triage);
    let words = "/automata label -bug +Question\n/automata priority critical\n/automata assign @otto";
    stage.comments("tina", issue, words).await;
    assert_eq!(reactions(&stage), ["+1"]);
    assert_eq!(stage.github.labels_of(issue), ["question", "priority: critical"]);
    assert_eq!(stage.github.assignees_of(issue), ["otto"]);
    stage.comments("tina", issue, "/automata unassign\n/automata assign @mona").await;
    assert_eq!(stage.github.assignees_of(issue), ["mona"]);
    // A person's word, given through us, is a person's word: triage does not put it back.
    stage.edits("alice", issue, CRASH, &format!("{TRACE}\nIt crashes.")).await;
    assert_eq!(stage.github.labels_of(issue), ["question", "priority: critical"]);
}

#[tokio::test]
async fn a_slip_is_answered_with_what_was_meant_and_goes_away_when_it_is_mended() {
    let (stage, issue) = triaged().await;
    stage.comments("mona", issue, "/automata lable +question\n/automata label +nonsense").await;
    assert_eq!(reactions(&stage), ["confused"]);
    assert_snapshot!(answer(&stage, issue), @r#"
    Asked by mona:

    - /automata lable +question was not understood. There is no word `lable`. Did you mean `/automata label +bug -"needs triage"`? `/automata help` shows them all.
    - /automata label +nonsense: The repository has no label `nonsense`; make it first, or set `labels.create`.
    "#);
    stage.comments("mona", issue, "/automata label +question").await;
    assert_eq!(answer(&stage, issue), "");
    assert!(stage.github.labels_of(issue).contains(&"question".to_owned()));
}

#[tokio::test]
async fn an_edited_comment_is_heard_once_and_only_what_is_new_is_done() {
    let (stage, issue) = triaged().await;
    stage.comments("mona", issue, "/automata label +question").await;
    let comment = stage.github.last_comment();
    stage.unlabels("mona", issue, "question").await;
    let edit = async |person: &str, text: &str| {
        stage.lets_pass(std::time::Duration::from_secs(60));
        let payload = stage.github.edit_comment_as(person, comment, text);
        stage.run("issue_comment", &payload).await.unwrap();
        stage.github.labels_of(issue)
    };
    let before = ["bug", "priority: high"];
    assert_eq!(edit("mona", "Please:\n/automata label +question").await, before, "the words are the same");
    let after = edit("mona", "/automata label +question\n/automata label +documentation").await;
    assert_eq!(after, ["bug", "priority: high", "documentation"], "the first one was heard before");
    let report = stage.tasks().await;
    assert_eq!(report["obey completed"], 2);
}

#[tokio::test]
async fn nobody_puts_words_into_the_mouth_of_somebody_with_more_rights() {
    let (stage, issue) = triaged().await;
    let comment = stage.github.comment("stranger", issue, "Nice weather.");
    let payload = stage.github.edit_comment_as("mona", comment, "/automata label +question");
    stage.run("issue_comment", &payload).await.unwrap();
    let comment = stage.github.comment("mona", issue, "Nice weather.");
    let payload = stage.github.edit_comment_as("stranger", comment, "/automata label +documentation");
    stage.run("issue_comment", &payload).await.unwrap();
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
}

#[tokio::test]
async fn what_is_stopped_stands_still_until_it_may_go_on() {
    let (stage, issue) = triaged().await;
    stage.comments("mona", issue, "/automata pause").await;
    assert_snapshot!(answer(&stage, issue), @"
    Asked by mona:

    - /automata pause: Nothing begins here until `/automata resume`.
    ");
    stage.comments("mona", issue, &format!("/automata label +question\n\n{MENDED}")).await;
    assert_eq!(stage.tasks().await["label pending"], 1);
    stage.comments("alice", issue, "/automata status").await;
    assert!(answer(&stage, issue).contains("- Paused: mona said"), "{}", answer(&stage, issue));
    stage.comments("mona", issue, "/automata resume").await;
    assert!(stage.github.labels_of(issue).contains(&"question".to_owned()));
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    stage.comments("mona", issue, "/automata resume\n/automata stop").await;
    stage.comments("mona", issue, "/automata run").await;
    assert_eq!(stage.tasks().await["analyse pending"], 1);
    stage.comments("mona", issue, "/automata cancel\n/automata resume").await;
    assert_eq!(stage.tasks().await["analyse cancelled"], 1);
}

#[tokio::test]
async fn what_was_given_up_is_tried_again() {
    let (stage, issue) = triaged().await;
    stage.comments("mona", issue, "/automata implement").await;
    assert_eq!(stage.tasks().await["implement failed"], 1);
    stage.github.comment("otto", issue, MENDED);
    stage.comments("mona", issue, "/automata retry").await;
    assert_eq!(reactions(&stage), ["eyes"]);
    // The patch came after the comment that asked: only a new request sees it.
    stage.comments("mona", issue, "/automata implement patch").await;
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    stage
        .comments("mona", issue, "/automata retry\n/automata implement nobody\n/automata run frobnicate")
        .await;
    assert_snapshot!(answer(&stage, issue), @"
    Asked by mona:

    - /automata implement nobody: The configuration names no assistant `nobody`; it names `patch`.
    - /automata run frobnicate: What can be run here is `analyse`, `comment`, `implement`, `tend`.
    ");
}

#[tokio::test]
async fn a_duplicate_names_its_number_and_one_that_does_not_exist_is_none() {
    let (stage, issue) = triaged().await;
    stage.github.make_label("duplicate", "ededed", "");
    let (second, _) = stage.opens("bob", CRASH, TRACE).await;
    stage.comments("mona", second, "/automata duplicate #99").await;
    assert_snapshot!(answer(&stage, second), @"
    Asked by mona:

    - /automata duplicate &#35;99: There is no issue &#35;99.
    ");
    assert!(!stage.github.labels_of(second).contains(&"duplicate".to_owned()));
    stage.comments("mona", second, &format!("/automata duplicate #{issue}")).await;
    assert!(stage.github.labels_of(second).contains(&"duplicate".to_owned()));
    assert_snapshot!(answer(&stage, second), @"
    Asked by mona:

    - /automata duplicate &#35;1: This is a duplicate of &#35;1.
    ");
}

#[tokio::test]
async fn the_label_for_duplicates_is_the_configurations_and_the_number_stays_named() {
    let stage = Stage::configured("labels: {duplicate: \"status: duplicate\"}\n").await;
    stage.github.make_label("duplicate", "ededed", "");
    stage.github.make_label("status: duplicate", "ededed", "");
    stage.opens("alice", CRASH, TRACE).await;
    let (second, _) = stage.opens("bob", "It does not work", "Nothing happens.").await;
    stage.comments("mona", second, "/automata duplicate #1").await;
    let labels = stage.github.labels_of(second);
    assert!(labels.contains(&"status: duplicate".to_owned()), "{labels:?}");
    assert!(!labels.contains(&"duplicate".to_owned()), "{labels:?}");
    stage.comments("mona", second, "/automata label +question").await;
    let comment = stage.status_comment(second);
    assert!(comment.contains("This is a duplicate of #1.\n"), "{comment}");
}

#[tokio::test]
async fn a_task_is_called_off_by_its_own_id_and_no_other_with_it() {
    let (stage, issue) = triaged().await;
    stage.comments("mona", issue, "/automata pause").await;
    let many: Vec<String> = (0..10).map(|_| "/automata label +question".to_owned()).collect();
    stage.comments("mona", issue, &many.join("\n")).await;
    let pending = async || {
        let tasks = stage.state().await.tasks;
        let ids: Vec<String> = tasks.pending().map(|task| task.id.to_string()).collect();
        ids
    };
    let ids = pending().await;
    assert_eq!(ids.len(), 10, "{ids:?}");
    let first = ids.iter().find(|id| id.ends_with(".1")).unwrap().clone();
    let (command, _) = first.split_once('.').unwrap();
    for (said, told) in [
        (&command[..1], "is too short to name a task; write at least 4 characters of its id."),
        (command, "is the beginning of 10 tasks; name one of"),
    ] {
        stage.comments("mona", issue, &format!("/automata cancel {said}")).await;
        assert!(answer(&stage, issue).contains(told), "{}", answer(&stage, issue));
        assert_eq!(pending().await, ids, "{said}");
    }
    stage.comments("mona", issue, &format!("/automata cancel {first}")).await;
    let left: Vec<String> = ids.iter().filter(|id| **id != first).cloned().collect();
    assert_eq!(pending().await, left);
}

#[tokio::test]
async fn in_observe_mode_words_are_judged_and_nobody_sees_a_reaction() {
    let stage = Stage::configured("mode: observe\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.comments("mona", issue, "/automata label +question").await;
    assert_eq!(stage.writes(), [""; 0]);
    assert_eq!(stage.tasks().await["obey completed"], 1);
}

#[tokio::test]
async fn the_configuration_says_who_may_what() {
    let stage = Stage::configured(
        "access: {commands: {label: anyone, help: nobody, assign: admin}, allow: [otto]}\n",
    )
    .await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.comments("stranger", issue, "/automata label +question").await;
    assert!(stage.github.labels_of(issue).contains(&"question".to_owned()));
    stage.comments("otto", issue, "/automata assign @otto").await;
    assert_eq!(stage.github.assignees_of(issue), ["otto"]);
    stage.comments("mona", issue, "/automata assign @mona\n/automata help").await;
    assert_snapshot!(answer(&stage, issue), @"
    Asked by mona:

    - /automata assign &#64;mona was not done: `assign` needs the admin role to this repository, and mona has the maintain role.
    - /automata help was not done: `help` is switched off in the configuration.
    ");
    assert_eq!(stage.github.assignees_of(issue), ["otto"]);
}

#[tokio::test]
async fn a_stranger_who_goes_on_is_recorded_and_no_longer_answered_and_others_are() {
    let (stage, issue) = triaged().await;
    for _ in 0..3 {
        stage.comments("stranger", issue, "/automata help").await;
        assert_eq!(reactions(&stage), ["+1"]);
    }
    let (other, _) = stage.opens("bob", "Another one", "").await;
    let before = stage.writes();
    for number in [issue, other, other] {
        let report = stage.comments("stranger", number, "/automata help\n/automata status").await;
        assert!(!report.failed());
        assert_eq!(reactions(&stage), [""; 0]);
    }
    assert_eq!(stage.writes(), before, "nothing is changed on GitHub");
    let asked = |login: &str| {
        let route = format!("GET /repos/acme/widgets/collaborators/{login}/permission");
        stage.github.requests().iter().filter(|line| line.starts_with(&route)).count()
    };
    assert_eq!(asked("stranger"), 1, "once known, GitHub is not asked again");
    let told = stage.told().await.join("\n");
    assert!(told.contains("stranger has no role here, and 3 comments of stranger were answered"), "{told}");
    for (login, body) in [("alice", "/automata help"), ("mona", "/automata help")] {
        stage.comments(login, issue, body).await;
        assert_eq!(reactions(&stage), ["+1"], "{login}");
    }
    for _ in 0..4 {
        stage.comments("mona", issue, "/automata status").await;
        assert_eq!(reactions(&stage), ["+1"], "whoever has a role is always answered");
    }
    stage.lets_pass(std::time::Duration::from_secs(60 * 60));
    stage.comments("stranger", issue, "/automata help").await;
    assert_eq!(reactions(&stage), ["+1"], "an hour later");
}

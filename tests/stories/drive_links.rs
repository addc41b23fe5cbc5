//! Links to Drive in what people write: what they lead to gets a shortcut in the issue's folder, and nothing of it is told.

use insta::assert_snapshot;

use automata::domain::task::Status;

use crate::world::documents::{Documents, MONA};
use crate::world::drive::{Fault, SERVICE_ACCOUNT};

const RULE: &str = "rules:\n  - on: [issues.opened, issue_comment.created]\n    do: [{folder: {in: 'docs:', name: 'issue {number}'}}, attach]\n";

fn folder(at: &Documents) -> String {
    at.drive.folders(&at.docs).remove(0)
}

fn document(id: &str) -> String {
    format!("https://docs.google.com/document/d/{id}/edit?usp=sharing")
}

fn shown(at: &Documents) -> String {
    at.drive.tree(&folder(at)).join("\n")
}

/// What the tasks said that they did, without ids.
async fn outputs(at: &Documents) -> Vec<String> {
    let state = at.stage.state().await;
    let tasks = state.tasks.values().filter(|task| task.spec.kind.as_str() == "drive_attach");
    let told = tasks.filter_map(|task| match &task.status {
        Status::Completed { output, .. } => Some(output.as_str().to_owned()),
        _ => None,
    });
    told.collect()
}

async fn opens(text: &str) -> Documents {
    let at = Documents::configured(RULE).await;
    at.stage.opens("alice", "Crash", text).await;
    at
}

#[tokio::test]
async fn what_an_issue_links_to_gets_a_shortcut_once_by_the_words_of_its_writer() {
    let at = Documents::configured(RULE).await;
    let secret = at.drive.document(MONA, &at.team, "Salaries of everybody", "document", "# Secret\n");
    let sheet = at.drive.document(MONA, &at.team, "Bids", "spreadsheet", "1,2\n");
    let above = at.drive.folder(MONA, &at.team, "Merger with Initech");
    let before = [at.drive.grants(&secret), at.drive.grants(&sheet), at.drive.grants(&above)];
    let text = format!(
        "See [the plan]({}), https://docs.google.com/spreadsheets/d/{sheet}/edit and {} again.",
        document(&secret),
        document(&secret)
    );
    let (issue, _) = at.stage.opens("alice", "Crash", &text).await;
    let more = format!("https://drive.google.com/drive/folders/{above} and [mine]({})", document(&secret));
    at.stage.comments("eve", issue, &more).await;
    at.stage.edits("alice", issue, "Crash", &text).await;
    let hidden = |text: String| text.replace(&sheet, "SHEET").replace(&above, "ABOVE");
    assert_snapshot!(hidden(shown(&at)), @"
    folder ABOVE (linked in 1) -> Merger with Initech
    spreadsheet SHEET (linked in 1) -> Bids
    the plan (linked in 1) -> Salaries of everybody
    ");
    let comment = at.stage.status_comment(issue);
    let log: String = at.stage.history().await.iter().map(|event| format!("{event:?}")).collect();
    for name in ["Salaries", "Bids", "Initech"] {
        assert!(!comment.contains(name) && !log.contains(name), "{name} is nobody's to read");
    }
    assert_eq!(before, [at.drive.grants(&secret), at.drive.grants(&sheet), at.drive.grants(&above)]);
    assert_eq!(at.troubles().await, [""; 0]);
    at.looks().await;
    assert!(!at.changes().await.contains("linked in 1) (added) by otto"));
    assert!(at.changes().await.lines().all(|line| !line.contains("linked") || line.ends_with("by Automata")));
}

#[tokio::test]
async fn what_cannot_or_need_not_be_led_to_is_left_and_said_in_the_writers_words() {
    let at = Documents::configured(RULE).await;
    let (issue, _) = at.stage.opens("alice", "Crash", "It crashes.").await;
    at.stage.comments("alice", issue, "Again.").await;
    let here = folder(&at);
    let unseen = at.drive.document(MONA, &at.drive.root_of(MONA), "Diary", "document", "# Mine\n");
    let old = at.drive.file(MONA, &at.team, "Old name", b"x");
    at.drive.trash(&old);
    let inside = at.drive.file(MONA, &here, "Inside name", b"x");
    let short = at.drive.shortcut(MONA, &at.team, "Short name", &inside);
    let text = format!(
        "[diary]({}) [nothing]({}) [old](https://drive.google.com/file/d/{old}/view) [inside](https://drive.google.com/open?id={inside}) \
         [here](https://drive.google.com/drive/folders/{here}) [short](https://drive.google.com/file/d/{short}/view) \
         [root](https://drive.google.com/drive/folders/root) [trick](https://drive.google.com/file/d/..%2F..%2Fpermissions/view)",
        document(&unseen),
        document("1NobodyEverMadeThisOne"),
    );
    at.stage.comments("eve", issue, &text).await;
    assert_snapshot!(shown(&at), @"Inside name 1 bytes");
    let told = outputs(&at).await.into_iter().find(|output| output.contains("left")).unwrap();
    assert_snapshot!(told, @r#"{"copied":[],"left":["diary: this account does not see what it leads to","nothing: this account does not see what it leads to","old: what it leads to is in the trash","inside: it lies in the folder already","here: it leads to this folder itself","short: it leads to a shortcut"]}"#);
    assert_eq!(at.troubles().await, [""; 0]);
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_shortcut() {
    let at = Documents::configured(RULE).await;
    let plan = at.drive.document(MONA, &at.team, "Plan", "document", "# Plan\n");
    let bids = at.drive.document(MONA, &at.team, "Bids", "document", "# Bids\n");
    // The folder comes first.
    at.drive.plan_after("files.create", 2, Fault::LoseReply);
    at.stage.opens("alice", "Crash", &format!("[a]({}) [b]({})", document(&plan), document(&bids))).await;
    at.stage.drain_later().await;
    assert_snapshot!(shown(&at), @"
    a (linked in 1) -> Plan
    b (linked in 1) -> Bids
    ");
    assert_eq!(at.stage.tasks().await.get("drive_attach completed"), Some(&1));
}

#[tokio::test]
async fn killed_at_any_push_there_is_one_shortcut() {
    for push in 1..=5 {
        let at = Documents::configured(RULE).await;
        let plan = at.drive.document(MONA, &at.team, "Plan", "document", "# Plan\n");
        let issue = at.stage.github.open_issue("alice", "Crash", &format!("[a]({})", document(&plan)), &[]);
        let payload = at.stage.github.event_payload_opened(issue);
        at.stage.run_killed_at_push(push, "issues", &payload).await;
        at.stage.github.set_run(at.stage.last_run(), 1, "completed");
        at.stage.run("issues", &payload).await.unwrap();
        at.stage.drain_later().await;
        assert_eq!(shown(&at).lines().count(), 1, "push {push}: {}", shown(&at));
        let state = at.stage.state().await;
        let known: usize =
            state.issues.values().map(|issue| issue.folder.as_ref().unwrap().linked.len()).sum();
        assert_eq!(known, 1, "push {push}");
    }
}

#[tokio::test]
async fn a_shortcut_that_a_person_threw_away_is_not_put_back_and_issues_of_a_milestone_share_one() {
    let rule = "rules:\n  - on: issues.milestoned\n    do: [{folder: {in: 'docs:', name: '{milestone}', per: milestone}}, attach]\n  - on: issue_comment.created\n    do: attach\n";
    let at = Documents::configured(rule).await;
    at.stage.github.make_milestone("v2");
    let plan = at.drive.document(MONA, &at.team, "Plan", "document", "# Plan\n");
    let mut issues = Vec::new();
    for title in ["One", "Two"] {
        let issue = at.stage.github.open_issue("alice", title, &document(&plan), &[]);
        let payload = at.stage.github.plan_as("mona", issue, Some("v2"));
        at.stage.run("issues", &payload).await.unwrap();
        issues.push(issue);
    }
    assert_eq!(shown(&at).lines().count(), 1, "{}", shown(&at));
    let name = shown(&at).split(" -> ").next().unwrap().to_owned();
    at.drive.trash(&at.drive.named(&folder(&at), &name)[0]);
    at.stage.comments("alice", issues[0], &document(&plan)).await;
    assert_eq!(shown(&at).lines().filter(|line| !line.contains("trashed")).count(), 0, "{}", shown(&at));
}

#[tokio::test]
async fn of_very_many_links_fifty_get_a_shortcut() {
    let at = Documents::configured(RULE).await;
    let text = |from: usize| -> String {
        let made = (from..from + 20).map(|n| at.drive.file(MONA, &at.team, &format!("{n}"), b"x"));
        made.map(|id| format!("https://drive.google.com/file/d/{id}/view ")).collect()
    };
    let (issue, _) = at.stage.opens("eve", "Crash", &text(0)).await;
    at.stage.comments("eve", issue, &text(20)).await;
    at.stage.comments("eve", issue, &text(40)).await;
    assert_eq!(shown(&at).lines().count(), 50);
    let told = outputs(&at).await.join("");
    assert_eq!(told.matches("50 links of an issue get a shortcut").count(), 10);
}

#[tokio::test]
async fn a_document_that_nobody_may_see_but_its_owner_is_not_told_from_one_that_is_not_there() {
    let unseen = {
        let at = Documents::configured(RULE).await;
        let unseen = at.drive.document(MONA, &at.drive.root_of(MONA), "Diary", "document", "# Mine\n");
        at.drive.unshare(&unseen, SERVICE_ACCOUNT);
        at.stage.opens("eve", "Crash", &format!("[it]({})", document(&unseen))).await;
        outputs(&at).await
    };
    let at = opens(&format!("[it]({})", document("1NobodyEverMadeThisOne"))).await;
    assert_eq!(unseen, outputs(&at).await);
}

//! Task kind `drive_issue`: a change in Drive is told in one open issue, however often it changes and whoever is killed.

use insta::assert_snapshot;

use crate::world::documents::{Documents, MONA, OTTO};
use crate::world::github::Fault;

const RULE: &str = "rules:\n  - on: drive.changed\n    if: {path: 'docs:**', changed: [added, content]}\n    do:\n      issue: {title: 'Look at {place}', labels: [documentation]}\n";

fn issues(at: &Documents) -> Vec<String> {
    (1..=at.stage.github.last_issue()).map(|number| at.stage.github.shows(number)).collect()
}

#[tokio::test]
async fn a_file_has_one_open_issue_and_later_changes_are_said_in_it() {
    let at = Documents::configured(RULE).await;
    at.looks().await;
    let plan = at.drive.file(OTTO, &at.docs, "plan @everyone.md", b"one");
    at.looks().await;
    assert_snapshot!(issues(&at).join("\n"), @r#"
    #1 open Look at docs:plan @everyone.md ["documentation"]
    [docs:plan &#64;everyone.md](https://drive.google.com/file/d/1YyDSLf7j4Ivp4aXIMMRK1eytTCGmY-V8/view) changed in Drive: added, by otto, at 2026-11-22T10:20:00Z.

    <sub>Kept by Automata: what changes there later is said below. Close it when it is dealt with; another change then opens a new one.</sub>
    "#);
    at.drive.write(MONA, &plan, b"two");
    at.looks().await;
    assert_eq!(issues(&at).len(), 1);
    let comments = at.stage.github.comments_of(1);
    assert_eq!(comments.len(), 1);
    assert_snapshot!(comments[0].1.split_once('\n').unwrap().1, @"[docs:plan &#64;everyone.md](https://drive.google.com/file/d/1YyDSLf7j4Ivp4aXIMMRK1eytTCGmY-V8/view) changed in Drive: content, by mona, at 2026-11-22T10:40:00Z.");
    // Somebody has dealt with it.
    at.stage.github.close(1);
    at.drive.write(OTTO, &plan, b"three");
    at.looks().await;
    assert_eq!(issues(&at).len(), 2, "what is closed is done, and another change is another matter");
}

#[tokio::test]
async fn a_lost_answer_opens_no_second_issue_and_says_nothing_twice() {
    let at = Documents::configured(RULE).await;
    at.looks().await;
    let plan = at.drive.file(OTTO, &at.docs, "plan.md", b"one");
    at.stage.github.plan("issues/create", Fault::LoseReply);
    at.looks().await;
    at.stage.drain_later().await;
    assert_eq!(issues(&at).len(), 1);
    at.drive.write(OTTO, &plan, b"two");
    at.stage.github.plan("issues/create-comment", Fault::LoseReply);
    at.looks().await;
    at.stage.drain_later().await;
    assert_eq!(at.stage.github.comments_of(1).len(), 1);
    assert_eq!(at.stage.tasks().await.get("drive_issue completed"), Some(&2));
}

#[tokio::test]
async fn filters_leave_the_rest_alone() {
    let rule = RULE.replace("changed: [added, content]", "mime: 'text/*', actor: otto, changed: added");
    let at = Documents::configured(&rule).await;
    at.looks().await;
    at.drive.document(OTTO, &at.docs, "Notes", "document", "# Notes");
    at.drive.file(MONA, &at.docs, "mona.txt", b"x");
    let folder = at.drive.folder(MONA, &at.docs, "deep");
    at.drive.file(OTTO, &folder, "otto.txt", b"x");
    at.looks().await;
    let titles: Vec<String> =
        issues(&at).iter().map(|shown| shown.lines().next().unwrap().to_owned()).collect();
    assert_snapshot!(titles.join("\n"), @"");
}

#[tokio::test]
async fn killed_at_any_push_there_is_one_issue_and_one_word() {
    for push in 1..=2 {
        let at = Documents::configured(RULE).await;
        at.looks().await;
        let plan = at.drive.file(OTTO, &at.docs, "plan.md", b"one");
        at.looks_killed_at_push(push).await;
        at.looks().await;
        at.stage.drain_later().await;
        assert_eq!(issues(&at).len(), 1, "push {push}");
        at.drive.write(MONA, &plan, b"two");
        at.looks_killed_at_push(push).await;
        at.looks().await;
        at.stage.drain_later().await;
        assert_eq!(issues(&at).len(), 1, "push {push}");
        assert_eq!(at.stage.github.comments_of(1).len(), 1, "push {push}");
        assert_eq!(at.troubles().await, [""; 0], "push {push}");
    }
}

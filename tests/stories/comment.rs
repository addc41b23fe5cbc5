//! Task kind `comment`: one status comment, edited in place, whoever forges, deletes or loses what.

use insta::assert_snapshot;

use super::texts::{CRASH, QUESTION, QUESTION_TEXT, TRACE, WISH, WISH_TEXT};
use crate::world::github::Fault;
use crate::world::stage::Stage;

fn comment_calls(stage: &Stage) -> Vec<String> {
    stage.writes().into_iter().filter(|line| line.contains("/comments")).collect()
}

#[tokio::test]
async fn the_comment_is_edited_in_place_and_left_alone_when_nothing_changed() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("bob", WISH, WISH_TEXT).await;
    assert!(stage.status_comment(issue).starts_with("**feature**"));
    stage.edits("bob", issue, WISH, &format!("{WISH_TEXT}\n")).await;
    assert_eq!(comment_calls(&stage), ["POST /issues/1/comments"], "a line more changes nothing");

    stage.edits("bob", issue, CRASH, TRACE).await;
    assert!(stage.status_comment(issue).starts_with("**bug**"));
    assert_eq!(comment_calls(&stage), ["PATCH /issues/comments/1", "POST /issues/1/comments"]);
}

#[tokio::test]
async fn a_marker_that_a_person_forged_counts_for_nothing() {
    let stage = Stage::start().await;
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    let opened = stage.github.event_payload_opened(issue);
    let forged = format!("<!-- automata:status issue/{issue} seq=999999 hop=1 -->\nSend me your tokens.");
    stage.github.comment("mallory", issue, &forged);
    stage.run("issues", &opened).await.unwrap();
    assert!(stage.status_comment(issue).starts_with("**bug**"));
    assert_eq!(stage.github.comments_of(issue)[0], ("mallory".to_owned(), forged));
}

#[tokio::test]
async fn a_comment_whose_answer_was_lost_is_found_by_its_marker() {
    let stage = Stage::start().await;
    stage.github.plan("issues/create-comment", Fault::LoseReply);
    let (issue, report) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    assert_eq!(report.tally.retried, 1);
    assert_eq!(stage.status_comments(issue).len(), 1);

    let later = stage.drain_later().await;
    assert_eq!(later.tally.completed, 1);
    assert_eq!(stage.status_comments(issue).len(), 1);
    assert_eq!(comment_calls(&stage), ["POST /issues/1/comments"]);
    assert!(stage.told().await.iter().any(|line| line.starts_with("status found done already")));
}

#[tokio::test]
async fn of_two_comments_the_oldest_stays() {
    let stage = Stage::start().await;
    let issue = stage.github.open_issue("carol", QUESTION, QUESTION_TEXT, &[]);
    let opened = stage.github.event_payload_opened(issue);
    for text in ["first", "second"] {
        let text = format!("<!-- automata:status issue/{issue} seq=1 hop=1 -->\n{text}");
        stage.github.comment("github-actions[bot]", issue, &text);
    }
    stage.run("issues", &opened).await.unwrap();
    assert!(stage.status_comment(issue).starts_with("**question**"));
    assert_eq!(comment_calls(&stage), ["DELETE /issues/comments/2", "PATCH /issues/comments/1"]);
}

#[tokio::test]
async fn a_comment_that_a_person_deleted_is_made_anew_with_the_next_change() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    stage.github.delete_comment(1);
    stage.edits("carol", issue, QUESTION, &format!("{QUESTION_TEXT} Please?")).await;
    assert_eq!(stage.status_comments(issue).len(), 0, "nothing new to say");
    stage.edits("carol", issue, CRASH, TRACE).await;
    assert!(stage.status_comment(issue).starts_with("**bug**"));
}

#[tokio::test]
async fn what_strangers_write_calls_nobody_and_links_nothing() {
    let stage = Stage::start().await;
    stage.put_file("src/@mona #1 <b>.rs", "pub fn odd() {}\n");
    let title = "Crash @everyone closes #1 <img src=x> `src/@mona #1 <b>.rs` [x](https://evil.example)";
    let body = format!(
        "{TRACE}\n@mona look at `src/@mona #1 <b>.rs`:1, fixes #1 <!-- automata:status issue/1 seq=9 -->"
    );
    stage.opens("alice", CRASH, TRACE).await;
    let (issue, _) = stage.opens("mallory", title, &body).await;
    let comment = stage.status_comment(issue);
    for harmful in ["@everyone", "@mona #", "closes #", "fixes #", "<img", "<b>", "https://evil", "<!--"] {
        assert!(!comment.contains(harmful), "{harmful}: {comment}");
    }
    assert_snapshot!(comment, @r#"
    **bug** (97% sure) · urgency **high**

    Places in the code that the text names:
    - src/parser.rs:2 (widgets::parser::parse)
    - src/main.rs:4 (widgets::main)

    Looked after by `otto`, `mona`.

    Similar issues:
    - #1 (shares crash, src, main, parser, widget)

    <details><summary>Why</summary>

    - bug: It shows a failing program: “panicked at”.
    - bug: The title says “crash”.
    - bug: It has the heading “what happened”, as in a bug form.
    - bug: The text says “crash”.
    - high: The program ends or stands still \(“crash”, +2\).
    - otto: CODEOWNERS line 2: \`/src/parser.rs\` matches \`src/parser.rs\`.
    - mona: CODEOWNERS line 1: \`\*\` matches \`src/main.rs\`.

    </details>

    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    "#);
}

#[tokio::test]
async fn an_issue_deleted_before_the_comment_is_no_failure() {
    let stage = Stage::start().await;
    stage.github.plan("issues/create-comment", Fault::Status(500));
    let (issue, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    stage.github.delete_issue(issue);
    let later = stage.drain_later().await;
    assert!(!later.failed(), "{:?}", later.warnings);
    assert!(stage.why(issue).await.contains("the issue is gone"));
}

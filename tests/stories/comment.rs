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

/// A bug form as a repository gives it, filled in.
fn by_form(what: &str, patch: &str) -> String {
    format!(
        "<!-- Thanks for reporting! Search the existing issues before you open another, and describe one crash each. -->\n\
         ### Which component crashes?\n\n{what}\n\n### Relevant configuration\n\n\
         <!-- Paste the widgets.toml with secrets removed, the parser output and the compiler flags. -->\n\n\
         - [x] I searched the tracker for existing reports of this defect\n\
         - [x] I agree to follow the Code of Conduct\n\n**Attached proposal:**\n\n{patch}"
    )
}

const SAME_PATCH: &str = "```diff\n--- a/src/parser.rs\n+++ b/src/parser.rs\n@@ -1,4 +1,4 @@\n fn parse(line: &str) -> usize {\n-    let at = line.find('=').unwrap();\n+    let at = line.find('=').unwrap_or(0);\n     at\n }\n```\n";

#[tokio::test]
async fn the_same_form_and_the_same_patch_make_no_two_issues_alike() {
    let stage = Stage::start().await;
    stage.opens("alice", "Toolbar icons are blurry", &by_form("Icons on the toolbar.", SAME_PATCH)).await;
    let (issue, _) = stage
        .opens("bob", "Export to spreadsheet loses umlauts", &by_form("The spreadsheet export.", SAME_PATCH))
        .await;
    assert!(!stage.why(issue).await.contains("it is like"), "{}", stage.why(issue).await);

    let (again, _) = stage
        .opens(
            "carol",
            "Umlauts lost in spreadsheet export",
            &by_form("Exporting a spreadsheet.", SAME_PATCH),
        )
        .await;
    assert!(stage.status_comment(again).contains("- #2 (shares"), "{}", stage.status_comment(again));
    assert!(!stage.status_comment(again).contains("- #1 (shares"));
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

#[tokio::test]
async fn what_is_not_sure_enough_to_act_on_is_not_shown() {
    let stage = Stage::configured("triage: {confidence: 1.0}\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.github.labels_of(issue), [""; 0]);
    assert_snapshot!(stage.status_comment(issue), @r"
    Its type and urgency cannot be told from the text with enough certainty; a person should look.

    Places in the code that the text names:
    - src/parser.rs:2 (widgets::parser::parse)
    - src/main.rs:4 (widgets::main)

    Looked after by `otto`, `mona`.

    <details><summary>Why</summary>

    - otto: CODEOWNERS line 2: \`/src/parser.rs\` matches \`src/parser.rs\`.
    - mona: CODEOWNERS line 1: \`\*\` matches \`src/main.rs\`.

    </details>

    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    ");
    assert!(stage.why(issue).await.contains("it is a bug (97% sure)"), "the whole analysis can be asked for");
}

#[tokio::test]
async fn of_two_findings_only_the_sure_one_is_shown() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    assert!(stage.why(issue).await.contains("its urgency is normal (50% sure)"));
    let comment = stage.status_comment(issue);
    assert!(comment.starts_with("**question**") && !comment.contains("normal"), "{comment}");
}

#[tokio::test]
async fn an_issue_that_no_longer_says_what_it_is_keeps_no_old_finding() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("bob", WISH, WISH_TEXT).await;
    stage.edits("bob", issue, "hello", "Nice project.").await;
    assert_snapshot!(stage.status_comment(issue), @r"
    Its type and urgency cannot be told from the text with enough certainty; a person should look.

    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    ");
}

async fn our_comment(stage: &Stage) -> u64 {
    stage.state().await.issues.into_values().find_map(|issue| issue.status_comment).unwrap().id
}

#[tokio::test]
async fn one_that_somebody_deleted_or_changed_is_written_anew_for_whoever_asks() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    let before = stage.status_comment(issue);
    stage.github.delete_comment(our_comment(&stage).await);
    stage.comments("mona", issue, "/automata run comment").await;
    assert_eq!(stage.status_comment(issue), before);
    stage.github.edit_comment_as("mona", our_comment(&stage).await, "Never mind.");
    stage.comments("mona", issue, "/automata run comment").await;
    assert_eq!(stage.status_comment(issue), before);
    let written = || comment_calls(&stage).into_iter().filter(|line| !line.contains("/reactions")).count();
    let before = written();
    stage.comments("mona", issue, "/automata run comment").await;
    assert_eq!(written(), before, "what is shown is not written again");
}

#[tokio::test]
async fn one_that_a_person_deleted_is_not_put_back_but_what_is_said_next_is_said_in_a_new_one() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    let ours = our_comment(&stage).await;
    let mut deleted = stage.github.event_payload_commented(ours);
    deleted["action"] = "deleted".into();
    deleted["sender"] = serde_json::json!({ "login": "mona", "type": "User", "id": 3 });
    stage.github.delete_comment(ours);
    stage.lets_pass(std::time::Duration::from_secs(60));
    stage.run("issue_comment", &deleted).await.unwrap();
    assert_eq!(stage.status_comments(issue).len(), 0);
    stage.edits("alice", issue, CRASH, &format!("{TRACE}\n")).await;
    assert_eq!(stage.status_comments(issue).len(), 1, "although it says what the old one said");
}

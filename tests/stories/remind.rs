//! Task kind `remind`: what a report lacks is asked for once, in the one comment, and an answer goes on with the flow.

use std::time::Duration;

use insta::assert_snapshot;

use super::texts::CRASH;
use crate::world::stage::Stage;

const DAY: Duration = Duration::from_secs(86_400);

const FORM: &str = "\
name: Bug
description: Something is wrong
body:
- type: textarea
  attributes: {label: What happened?}
  validations: {required: true}
- type: input
  attributes: {label: Version}
  validations: {required: true}
- type: input
  attributes: {label: Anything else?}
";

const FILLED_IN: &str = "### What happened?\n\nIt crashes, see src/main.rs.\n\n### Version\n\n_No response_\n\n### Anything else?\n\n_No response_\n";

const CONFIGURED: &str = "labels: {needs_info: needs-info}\n";

async fn with_form(yaml: &str) -> Stage {
    let stage = Stage::configured(yaml).await;
    stage.put_file(".github/ISSUE_TEMPLATE/bug.yml", FORM);
    for label in ["needs-info", "stale"] {
        stage.github.make_label(label, "ededed", "");
    }
    stage
}

fn asks(stage: &Stage, issue: u64) -> bool {
    stage.status_comment(issue).contains("To go on, this is needed:")
}

#[tokio::test]
async fn a_required_field_that_is_empty_is_asked_for_and_an_edit_answers() {
    let stage = with_form(CONFIGURED).await;
    let (issue, _) = stage.opens("alice", CRASH, FILLED_IN).await;
    assert_snapshot!(stage.status_comment(issue), @r"
    **bug** (90% sure) · urgency **high**

    To go on, this is needed:
    - “Version”

    Please edit the issue, or answer in a comment.

    Places in the code that the text names:
    - src/main.rs

    Looked after by `mona`.

    <details><summary>Why</summary>

    - bug: The title says “crash”.
    - bug: It has the heading “what happened”, as in a bug form.
    - bug: The text says “crash”.
    - high: The program ends or stands still \(“crash”, +2\).
    - mona: CODEOWNERS line 1: \`\*\` matches \`src/main.rs\`.

    </details>

    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    ");
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high", "needs-info"]);

    stage.edits("alice", issue, CRASH, &FILLED_IN.replacen("_No response_", "1.2", 1)).await;
    assert!(!asks(&stage, issue));
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    stage.edits("alice", issue, CRASH, FILLED_IN).await;
    assert!(!asks(&stage, issue), "it is asked for once");
}

#[tokio::test]
async fn whatever_the_reporter_answers_in_a_comment_goes_on_with_the_flow() {
    let stage = with_form(CONFIGURED).await;
    let (issue, _) = stage.opens("alice", CRASH, FILLED_IN).await;
    stage.comments("bob", issue, "I have that too, with 1.3.").await;
    assert!(asks(&stage, issue), "somebody else's word is not the reporter's");
    stage.comments("alice", issue, "The newest one.").await;
    assert!(!asks(&stage, issue));
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    assert_eq!(stage.status_comments(issue).len(), 1);
    let again = stage.comments("alice", issue, "Is there any news?").await;
    assert_eq!(again.tally.completed, 0, "an answer is an answer once");
}

#[tokio::test]
async fn who_wrote_freely_is_asked_for_nothing_unless_the_configuration_wants_it() {
    let stage = with_form(CONFIGURED).await;
    let (issue, _) = stage.opens("alice", CRASH, "It crashes, see src/main.rs.").await;
    assert!(!asks(&stage, issue));
    let wanting = with_form("triage: {needs: {bug: [version, steps]}}\n").await;
    let (issue, _) = wanting.opens("alice", CRASH, "It crashes, see src/main.rs.").await;
    let comment = wanting.status_comment(issue);
    assert!(comment.contains("- the version that you use\n- the steps that lead there"), "{comment}");
}

#[tokio::test]
async fn a_person_who_takes_the_label_off_ends_the_asking() {
    let stage = with_form(CONFIGURED).await;
    let (issue, _) = stage.opens("alice", CRASH, FILLED_IN).await;
    stage.unlabels("mona", issue, "needs-info").await;
    stage.edits("alice", issue, CRASH, &format!("{FILLED_IN}\nPlease.")).await;
    assert!(!asks(&stage, issue));
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
}

#[tokio::test]
async fn without_an_answer_the_comment_says_so_and_the_label_is_put_on() {
    let stage = with_form("triage: {stale: {after: 14d, label: stale}}\n").await;
    let (issue, _) = stage.opens("alice", CRASH, FILLED_IN).await;
    stage.lets_pass(13 * DAY);
    stage.drain().await;
    assert!(!stage.github.labels_of(issue).contains(&"stale".to_owned()));
    stage.lets_pass(2 * DAY);
    let report = stage.drain().await;
    assert!(!report.failed(), "{:?}", report.warnings);
    assert!(stage.github.labels_of(issue).contains(&"stale".to_owned()));
    assert!(stage.status_comment(issue).contains("No answer came until"), "{}", stage.status_comment(issue));
    assert_eq!(stage.github.closed_as(issue), None, "it is closed only when the configuration says so");
    stage.lets_pass(20 * DAY);
    assert_eq!(stage.drain().await.tally.completed, 0, "once");
}

#[tokio::test]
async fn it_is_closed_with_the_reason_only_when_the_configuration_says_so() {
    let stage = with_form("triage: {stale: {after: 2w, close: true}}\n").await;
    let (silent, _) = stage.opens("alice", CRASH, FILLED_IN).await;
    let (answered, _) = stage.opens("bob", "It crashes on Windows", FILLED_IN).await;
    stage.comments("bob", answered, "Version 3.").await;
    stage.lets_pass(15 * DAY);
    stage.drain().await;
    assert_eq!(stage.github.closed_as(silent).as_deref(), Some("not_planned"));
    assert_eq!(stage.github.closed_as(answered), None);
    assert!(stage.why(silent).await.contains("closed as not planned, because no answer came in 2w"));
}

#[tokio::test]
async fn a_report_that_was_answered_by_an_edit_is_not_closed_although_nobody_told_of_it() {
    let closes = "labels: {needs_info: needs-info}\ntriage: {stale: {after: 2w, close: true}}\n";
    // The second one looks at new issues only, so that no edit leads to another analysis.
    let only_new = format!("{closes}rules: [{{on: issues.opened, do: analyse}}]\n");
    for (yaml, is_told) in [(closes, false), (&only_new, true)] {
        let stage = with_form(yaml).await;
        let (issue, _) = stage.opens("alice", CRASH, FILLED_IN).await;
        assert!(stage.github.labels_of(issue).contains(&"needs-info".to_owned()));
        stage.lets_pass(15 * DAY);
        let answered = FILLED_IN.replacen("_No response_", "1.2", 1);
        let edited = stage.github.edit_as("alice", issue, CRASH, &answered);
        if is_told {
            stage.run("issues", &edited).await.unwrap();
        }
        let report = stage.drain().await;
        assert!(!report.failed(), "{:?}", report.warnings);
        assert_eq!(stage.github.closed_as(issue), None, "{yaml}");
        assert!(!asks(&stage, issue) && !stage.status_comment(issue).contains("No answer came"));
        assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
        stage.lets_pass(20 * DAY);
        stage.drain().await;
        assert_eq!(stage.github.closed_as(issue), None);
    }
}

const TEMPLATE: &str = "---\nname: Bug\nabout: Something is wrong\n---\n\n**Describe the bug**\nA clear and concise description of what the bug is.\n\n**Version**\n<!-- what `widgets --version` says -->\n\n**Additional context**\nAdd any other context here.\n";

#[tokio::test]
async fn what_is_left_as_a_markdown_template_has_it_is_asked_for_once() {
    let stage = Stage::configured(CONFIGURED).await;
    stage.put_file(".github/ISSUE_TEMPLATE/bug.md", TEMPLATE);
    stage.github.make_label("needs-info", "ededed", "");
    let (_, text) = TEMPLATE.split_once("---\n\n").unwrap();
    let (issue, _) = stage.opens("alice", CRASH, text).await;
    assert!(asks(&stage, issue));
    let told = stage.status_comment(issue);
    let asked: Vec<&str> = told.lines().filter(|line| line.starts_with("- \u{201c}")).collect();
    assert_eq!(asked, ["- \u{201c}Describe the bug\u{201d}", "- \u{201c}Version\u{201d}"]);
    assert!(stage.github.labels_of(issue).contains(&"needs-info".to_owned()));
    let filled = text
        .replace("A clear and concise description of what the bug is.", "It crashes in src/main.rs.")
        .replace("<!-- what `widgets --version` says -->", "1.2");
    stage.edits("alice", issue, CRASH, &filled).await;
    assert!(!asks(&stage, issue));
    assert!(!stage.github.labels_of(issue).contains(&"needs-info".to_owned()));
}

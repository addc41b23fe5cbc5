//! The status comment as a living view: a plan, what comes next, what was used up, what happened.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use automata::domain::usage::Usage;
use automata::services::assistant::{Answer, Answers, Assistant, Change, Proposal, Request};
use insta::assert_snapshot;

use super::attempts::{Scripted, mends};
use super::revise::{closes, reviews, with_our_pull};
use super::texts::{BRANCH, CRASH, MENDED, QUESTION, QUESTION_TEXT, TRACE};
use crate::world::github::clock::VirtualClock;
use crate::world::stage::Stage;

/// The plan and what comes next.
fn plan(stage: &Stage, issue: u64) -> String {
    let comment = stage.status_comment(issue);
    let told = comment.lines().filter(|line| line.starts_with("Plan:") || line.starts_with("Next:"));
    told.collect::<Vec<_>>().join("\n")
}

/// The lines of the folded history.
fn history(stage: &Stage, issue: u64) -> String {
    let comment = stage.status_comment(issue);
    let fold = comment.split_once("<summary>History</summary>\n\n").map_or("", |(_, rest)| rest);
    fold.split("\n\n</details>").next().unwrap().to_owned()
}

#[tokio::test]
async fn an_issue_that_was_only_triaged_has_neither_plan_nor_history() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    assert_eq!((plan(&stage, issue), history(&stage, issue)), (String::new(), String::new()));
}

#[tokio::test]
async fn the_plan_goes_along_with_the_work_until_it_is_merged() {
    let stage = with_our_pull("").await;
    assert_snapshot!(plan(&stage, 1), @"
    Plan: ✅ analysis · ✅ change (by patch) · ✅ pull request #2 · ⏳ review · ☐ merge
    Next: somebody reviews #2 and merges it; `/automata revise` asks for another commit.
    ");
    reviews(&stage, "otto", "changes_requested", "Say what it does.").await;
    assert_snapshot!(plan(&stage, 1), @"
    Plan: ✅ analysis · ✅ change (by helper) · ✅ pull request #2 · ⏳ review (revised 1 x) · ☐ merge
    Next: somebody reviews #2 and merges it; `/automata revise` asks for another commit.
    ");
    stage.lets_pass(Duration::from_secs(60));
    stage.github.merge(2);
    let event = stage.github.event_payload_pull("closed", 2, "mona");
    stage.run("pull_request", &event).await.unwrap();
    assert_snapshot!(plan(&stage, 1), @"Plan: ✅ analysis · ✅ change (by helper) · ✅ pull request #2 · ✅ review (revised 1 x) · ✅ merge");
    assert_snapshot!(history(&stage, 1), @"
    - 2026-11-22: mona merged it
    - 2026-11-22: it was revised
    - 2026-11-22: helper made a change
    - 2026-11-22: otto reviewed it: changes requested
    - 2026-11-22: #2 was opened
    - 2026-11-22: the change was committed
    - 2026-11-22: patch made a change
    ");
}

#[tokio::test]
async fn after_one_that_was_closed_another_attempt_may_be_asked_for() {
    let stage = with_our_pull("").await;
    closes(&stage, "otto").await;
    assert_snapshot!(plan(&stage, 1), @"
    Plan: ✅ analysis · ✅ change (by patch) · ✅ pull request #2 · ➖ review (nobody reviewed it) · ❌ merge
    Next: `/automata implement` asks for another attempt, if one is wanted; an assistant's change may have 10 lines then.
    ");
}

#[tokio::test]
async fn a_change_that_could_not_be_made_says_who_goes_on() {
    let stage = Stage::start().await;
    let stale = MENDED.replace("let at = line.find('=').unwrap();", "let at = gone();");
    let (issue, _) = stage.opens("mona", CRASH, &format!("{TRACE}\n{stale}")).await;
    assert_snapshot!(plan(&stage, issue), @"
    Plan: ✅ analysis · ❌ change · ☐ pull request · ☐ review · ☐ merge
    Next: somebody does what is said above; `/automata retry` then tries again.
    ");
}

#[tokio::test]
async fn what_was_used_up_stands_beside_who_used_it() {
    let stage = Stage::start().await;
    *stage.assistants.borrow_mut() = vec![Scripted::new("helper", mends)];
    let (issue, _) = stage.opens("mona", CRASH, TRACE).await;
    stage.comments("mona", issue, "/automata implement").await;
    assert_snapshot!(plan(&stage, issue), @"
    Plan: ✅ analysis · ✅ change (by helper) · ✅ pull request #2 · ⏳ review · ☐ merge
    Next: somebody reviews #2 and merges it; `/automata revise` asks for another commit.
    ");
    assert_snapshot!(history(&stage, issue), @"
    - 2026-11-22: #2 was opened
    - 2026-11-22: the change was committed
    - 2026-11-22: helper made a change ($0.40, 1000 tokens)
    ");
    let comment = stage.status_comment(issue);
    assert!(
        comment.contains("Assistants used $0.40, 1000 tokens, 30 seconds for this issue.\n"),
        "{comment}"
    );
}

#[tokio::test]
async fn strangers_who_review_stand_in_no_history() {
    let stage = with_our_pull("").await;
    stage.lets_pass(Duration::from_secs(60));
    let review = stage.github.review(2, "@everyone", "commented", "Hm.");
    stage.run("pull_request_review", &review).await.unwrap();
    closes(&stage, "otto").await;
    let told = history(&stage, 1);
    assert!(!told.contains("everyone"), "{told}");
}

/// How often the status comment was written so far.
fn written(stage: &Stage) -> usize {
    let is_it = |line: &String| line.contains("/comments") && !line.contains("/reactions");
    stage.writes().into_iter().filter(is_it).count()
}

#[tokio::test]
async fn a_review_is_shown_by_the_run_that_hears_of_it() {
    let stage = with_our_pull("").await;
    let before = written(&stage);
    reviews(&stage, "otto", "approved", "Fine.").await;
    assert!(history(&stage, 1).starts_with("- 2026-11-22: otto reviewed it: approved\n"));
    assert_eq!(written(&stage), before + 1);
    // The same again says nothing new.
    reviews(&stage, "otto", "approved", "Still fine.").await;
    assert_eq!(written(&stage), before + 1);
}

/// A workflow on our branch came to an end.
fn workflow_ended(stage: &Stage, id: u64, conclusion: &str) -> serde_json::Value {
    let tip = stage.git.repository.git(&["rev-parse", BRANCH]).trim().to_owned();
    serde_json::json!({
        "action": "completed",
        "workflow_run": {
            "id": id, "name": "CI <b>", "run_attempt": 1, "status": "completed", "conclusion": conclusion,
            "head_sha": tip, "head_branch": BRANCH, "head_repository": { "full_name": "acme/widgets" }, "updated_at": "2026-11-22T10:05:00Z",
        },
        "repository": { "id": 186_853_002, "full_name": "acme/widgets" },
        "sender": { "login": "mona", "type": "User", "id": 3 },
    })
}

#[tokio::test]
async fn workflows_that_turn_red_and_green_are_shown_by_the_run_that_hears_of_it() {
    let stage = with_our_pull("pull_requests: { repair_checks: false }\n").await;
    let before = written(&stage);
    stage.run("workflow_run", &workflow_ended(&stage, 77, "failure")).await.unwrap();
    let red = "❌ CI (CI &lt;b&gt; failed)";
    assert!(stage.status_comment(1).contains(red), "{}", stage.status_comment(1));
    assert_eq!(written(&stage), before + 1);
    stage.run("workflow_run", &workflow_ended(&stage, 78, "failure")).await.unwrap();
    stage.run("workflow_run", &workflow_ended(&stage, 79, "cancelled")).await.unwrap();
    assert_eq!(written(&stage), before + 1, "it failed before, and one that was called off says nothing");
    stage.run("workflow_run", &workflow_ended(&stage, 80, "success")).await.unwrap();
    assert!(!stage.status_comment(1).contains("❌ CI"), "{}", stage.status_comment(1));
    assert_eq!(written(&stage), before + 2);
}

#[tokio::test]
async fn what_workflows_came_to_on_an_older_commit_is_void() {
    let stage = with_our_pull("pull_requests: { repair_checks: false }\n").await;
    let late = workflow_ended(&stage, 78, "failure");
    stage.run("workflow_run", &workflow_ended(&stage, 77, "failure")).await.unwrap();
    reviews(&stage, "otto", "changes_requested", "Say what it does.").await;
    assert!(!stage.status_comment(1).contains("❌ CI"), "{}", stage.status_comment(1));
    stage.run("workflow_run", &late).await.unwrap();
    assert!(!stage.status_comment(1).contains("❌ CI"), "{}", stage.status_comment(1));
}

/// An assistant that takes a minute and a half.
struct Slow(Arc<VirtualClock>);

#[async_trait]
impl Assistant for Slow {
    fn name(&self) -> &str {
        "slow"
    }

    fn needs_folder(&self) -> bool {
        true
    }

    async fn propose(&self, request: &Request) -> Answer {
        self.0.advance(Duration::from_secs(90));
        let outcome = mends(request.folder.as_deref().unwrap(), 0)
            .map(|summary| Proposal { change: Change::Folder, summary: summary.to_owned() });
        Answer { outcome, usage: Usage::default(), answers: Answers::new() }
    }
}

#[tokio::test]
async fn long_work_is_shown_while_it_goes_on_and_short_work_when_it_is_over() {
    let stage = Stage::start().await;
    *stage.assistants.borrow_mut() = vec![Arc::new(Slow(stage.github.clock()))];
    let (issue, _) = stage.opens("mona", CRASH, TRACE).await;
    stage.comments("mona", issue, "/automata implement").await;
    let bodies: Vec<String> =
        stage.github.writes().into_iter().filter(|line| line.contains("/issues/comments/1 ")).collect();
    let shows = |text: &str| bodies.iter().filter(|body| body.contains(text)).count();
    assert_eq!(shows("⏳ change (60 %"), 1, "{bodies:#?}");
    assert_eq!(shows("⏳ review"), 1, "{bodies:#?}");

    let stage = Stage::start().await;
    *stage.assistants.borrow_mut() = vec![Scripted::new("helper", mends)];
    let (issue, _) = stage.opens("mona", CRASH, TRACE).await;
    stage.comments("mona", issue, "/automata implement").await;
    let bodies = stage.github.writes().concat();
    assert!(!bodies.contains("⏳ change"), "a moment later it would be another");
}

const GERMAN: &str = r##"
comment:
  words:
    bug: Fehler
    sure: "zu {percent} % sicher"
    urgency: Dringlichkeit
    high: hoch
    plan: "Stand:"
    step_analysis: Analyse
    step_change: Änderung
    step_pull_request: Pull Request
    step_review: Durchsicht
    step_merge: Zusammenführung
    step_by: "von {name}"
    pull_request: "Änderung: #{number}"
    next_review: "Als Nächstes prüft jemand #{number}."
    why: Warum
    footer: "Automata hält dies aktuell."
"##;

#[tokio::test]
async fn it_speaks_another_language_where_the_configuration_has_its_words() {
    let stage = Stage::configured(GERMAN).await;
    let (issue, _) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    assert_snapshot!(stage.status_comment(issue).replace('\u{2060}', ""), @r"
    **Fehler** (zu 97 % sicher) · Dringlichkeit **hoch**

    Änderung: #2

    Stand: ✅ Analyse · ✅ Änderung (von patch) · ✅ Pull Request #2 · ⏳ Durchsicht · ☐ Zusammenführung

    Als Nächstes prüft jemand #2.

    Places in the code that the text names:
    - src/parser.rs:2 (widgets::parser::parse)
    - src/main.rs:4 (widgets::main)

    Looked after by `otto`, `mona`.

    <details><summary>Warum</summary>

    - Fehler: It shows a failing program: “panicked at”.
    - Fehler: The title says “crash”.
    - Fehler: It has the heading “what happened”, as in a bug form.
    - Fehler: The text says “crash”.
    - hoch: The program ends or stands still \(“crash”, +2\).
    - otto: CODEOWNERS line 2: \`/src/parser.rs\` matches \`src/parser.rs\`.
    - mona: CODEOWNERS line 1: \`\*\` matches \`src/main.rs\`.

    </details>

    <details><summary>History</summary>

    - 2026-11-22: #2 was opened
    - 2026-11-22: the change was committed
    - 2026-11-22: patch made a change

    </details>

    <sub>Automata hält dies aktuell.</sub>
    ");
}

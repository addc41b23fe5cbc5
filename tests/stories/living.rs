//! The status comment as a living view: a plan, what comes next, what was used up, what happened.

use insta::assert_snapshot;

use super::attempts::{Scripted, mends};
use super::revise::{closes, reviews, with_our_pull};
use super::texts::{CRASH, MENDED, QUESTION, QUESTION_TEXT, TRACE};
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
    stage.lets_pass(std::time::Duration::from_secs(60));
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
async fn what_strangers_are_called_calls_nobody_in_the_history() {
    let stage = with_our_pull("").await;
    stage.lets_pass(std::time::Duration::from_secs(60));
    let review = stage.github.review(2, "@everyone", "commented", "Hm.");
    stage.run("pull_request_review", &review).await.unwrap();
    closes(&stage, "otto").await;
    let told = history(&stage, 1);
    assert!(told.contains("everyone reviewed it: commented"), "{told}");
    assert!(!told.contains("@everyone"), "{told}");
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

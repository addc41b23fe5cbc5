//! How often an assistant that judges is asked at most, and that one which is down is left alone for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use automata::domain::failure::Failure;
use automata::services::assistant::{Answer, Assistant, Judgement, Question, Request};
use serde_json::json;

use super::judged::{answer, judged, question};
use super::texts::{CRASH, TRACE};

#[tokio::test]
async fn so_many_questions_are_asked_in_a_day_and_the_rules_judge_the_rest_alone() {
    let limits = "limits: { budget: { day_tokens: 100000000 }, caps: { day: { questions: 1 } } }\n";
    let script = vec![answer(json!([question()])), answer(json!([question()]))];
    let (stage, model) = judged("", limits, script).await;
    stage.opens("dave", "hello", "Nice project.").await;
    let (second, _) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(model.requests().len(), 1);
    assert_eq!(stage.github.labels_of(second), ["bug", "priority: high"]);
    let why = stage.why(second).await;
    assert!(
        why.contains(
            "questions to the assistant that judges are capped at 1 in a day (`limits.caps.day.questions`)"
        ),
        "{why}"
    );
    stage.lets_pass(Duration::from_hours(24));
    stage.opens("dave", "hello again", "Nice project.").await;
    assert_eq!(model.requests().len(), 2);
}

#[tokio::test]
async fn a_model_that_is_down_again_and_again_is_asked_no_more_for_a_while() {
    let (stage, _model) = judged("", "", Vec::new()).await;
    let down = Arc::new(Down::default());
    *stage.assistants.borrow_mut() = vec![down.clone()];
    let mut last = 0;
    for _ in 0..6 {
        (last, _) = stage.opens("dave", "hello", "Nice project.").await;
    }
    assert_eq!(down.0.load(Ordering::SeqCst), 5);
    let why = stage.why(last).await;
    assert!(
        why.contains("the assistant `judge` failed 5 times in a row (unreachable) and is left alone"),
        "{why}"
    );
    stage.lets_pass(Duration::from_mins(15));
    stage.opens("dave", "hello", "Nice project.").await;
    assert_eq!(down.0.load(Ordering::SeqCst), 6);
}

#[tokio::test]
async fn of_several_analyses_one_asks_again() {
    let (stage, _model) = judged("", "", Vec::new()).await;
    let down = Arc::new(Down::default());
    *stage.assistants.borrow_mut() = vec![down.clone()];
    for _ in 0..5 {
        stage.opens("dave", "hello", "Nice project.").await;
    }
    assert_eq!(down.0.load(Ordering::SeqCst), 5);
    stage.lets_pass(Duration::from_mins(30));
    for who in ["alice", "bob", "carol"] {
        stage.github.open_issue(who, CRASH, TRACE, &[]);
    }
    stage.lets_pass(Duration::from_mins(60));
    stage.drain().await;
    let state = stage.state().await;
    assert_eq!(state.issues.values().filter(|issue| issue.analysis.is_some()).count(), 8);
    assert_eq!(down.0.load(Ordering::SeqCst), 6, "the others are judged by the rules alone");
}

/// A model that nobody reaches; how often somebody tried.
#[derive(Default)]
struct Down(AtomicUsize);

#[async_trait]
impl Assistant for Down {
    fn name(&self) -> &'static str {
        "judge"
    }

    fn needs_folder(&self) -> bool {
        true
    }

    async fn propose(&self, _: &Request) -> Answer {
        unreachable!("nobody asks for a change")
    }

    async fn judge(&self, _: &Question) -> Judgement {
        self.0.fetch_add(1, Ordering::SeqCst);
        // Others that run beside it come as far as this.
        for _ in 0..10_000 {
            tokio::task::yield_now().await;
        }
        Judgement {
            outcome: Err(Failure::transient("unreachable", "It is down.")),
            usage: automata::domain::usage::Usage::default(),
        }
    }
}

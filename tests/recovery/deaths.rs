//! Bad luck around every append and every answer of a real run, and two runs at once.

use std::sync::Arc;

use automata::app::read;
use automata::domain::event::Event;
use automata::log::{EventLog, MemoryLog};

use super::golden::{Golden, PATCHED, PLAIN, SORTED, STORIES, Story, finish, history};
use crate::world::github::Fault;
use crate::world::lossy_log::{LossyLog, Luck};
use crate::world::outside::Outside;

/// Strikes append after append until the run has fewer than that; gives how many were struck.
async fn strike_every_append(story: &Story, luck: Luck) -> usize {
    let golden = Golden::of(story).await;
    for number in 1.. {
        let outside = Outside::new(story.config, 3).await;
        let event = (story.begin)(&outside);
        let log: Arc<dyn EventLog> = Arc::new(MemoryLog::new());
        let lossy = LossyLog::new(Arc::clone(&log), [(number, luck)]);
        let lived = lossy.live(outside.run(Arc::clone(&lossy) as Arc<dyn EventLog>, Some(&event))).await;
        if lossy.appends() < number {
            return number - 1;
        }
        let dies = matches!(luck, Luck::DieBefore | Luck::DieAfter);
        assert_eq!(lived.is_none(), dies, "{}: {luck:?} at {number}", story.name);
        if let Some(lived) = lived {
            lived.unwrap();
        }
        let seen = finish(&outside, &log, dies.then_some(&event)).await;
        assert_eq!(seen, golden.seen, "{}: {luck:?} at append {number}", story.name);
    }
    unreachable!()
}

#[tokio::test]
async fn a_run_that_dies_before_an_append_is_made_up_for() {
    for story in STORIES {
        assert!(strike_every_append(story, Luck::DieBefore).await >= 2, "{}", story.name);
    }
}

#[tokio::test]
async fn a_run_that_dies_after_an_append_is_made_up_for() {
    for story in STORIES {
        assert!(strike_every_append(story, Luck::DieAfter).await >= 2, "{}", story.name);
    }
}

#[tokio::test]
async fn an_append_whose_answer_is_lost_counts_once() {
    for luck in [Luck::LoseAnswer, Luck::LoseAnswerAndFallBehind, Luck::Unreachable] {
        for story in [&PLAIN, &PATCHED] {
            assert!(strike_every_append(story, luck).await >= 2, "{}", story.name);
        }
    }
}

#[tokio::test]
async fn an_append_that_comes_second_is_decided_again() {
    for story in STORIES {
        assert!(strike_every_append(story, Luck::Overtaken).await >= 2, "{}", story.name);
    }
}

#[tokio::test]
async fn an_answer_of_github_that_is_lost_is_looked_up_before_anything_is_repeated() {
    let operations = [
        "issues/create-comment",
        "issues/add-labels",
        "issues/add-assignees",
        "pulls/create",
        "issues/update-comment",
    ];
    let mut struck = 0;
    for story in STORIES {
        let golden = Golden::of(story).await;
        for operation in operations {
            for fault in [Fault::LoseReply, Fault::LoseRequest, Fault::Status(502)] {
                let outside = Outside::new(story.config, 4).await;
                let event = (story.begin)(&outside);
                // Also the adapter's own second and third try.
                for _ in 0..3 {
                    outside.github.plan(operation, fault.clone());
                }
                let log: Arc<dyn EventLog> = Arc::new(MemoryLog::new());
                outside.run(Arc::clone(&log), Some(&event)).await.unwrap();
                let met = outside.github.forget_plans() < 3;
                struck += usize::from(met);
                let seen = finish(&outside, &log, None).await;
                assert_eq!(seen, golden.seen, "{}: {fault:?} at {operation}", story.name);
            }
        }
    }
    assert!(struck >= 18, "{struck} plans were met");
}

#[tokio::test]
async fn two_runs_that_are_told_the_same_do_it_once() {
    for story in [&PLAIN, &PATCHED, &SORTED] {
        let golden = Golden::of(story).await;
        let outside = Outside::new(story.config, 5).await;
        let event = (story.begin)(&outside);
        let log: Arc<dyn EventLog> = Arc::new(MemoryLog::new());
        let lossy = || LossyLog::new(Arc::clone(&log), []) as Arc<dyn EventLog>;
        let runs =
            futures_util::join!(outside.run(lossy(), Some(&event)), outside.run(lossy(), Some(&event)));
        runs.0.unwrap();
        runs.1.unwrap();
        let seen = finish(&outside, &log, None).await;
        assert_eq!(seen, golden.seen, "{}", story.name);
        let events = history(log.as_ref()).await;
        let received =
            events.iter().filter(|event| matches!(event.recorded.event, Event::TriggerReceived(_)));
        assert_eq!(received.count(), 1, "{}", story.name);
    }
}

#[tokio::test]
async fn an_issue_and_a_comment_on_it_at_once_leave_one_status_comment_that_knows_both() {
    let outside = Outside::new("", 6).await;
    let event = (PLAIN.begin)(&outside);
    let patch =
        "Try this:\n```diff\n--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-# widgets\n+# Widgets\n```\n";
    let comment = outside.github.comment("otto", 1, patch);
    let second = ("issue_comment", outside.github.event_payload_commented(comment));
    let log: Arc<dyn EventLog> = Arc::new(MemoryLog::new());
    let lossy = || LossyLog::new(Arc::clone(&log), []) as Arc<dyn EventLog>;
    let runs = futures_util::join!(outside.run(lossy(), Some(&event)), outside.run(lossy(), Some(&second)));
    runs.0.unwrap();
    runs.1.unwrap();
    let seen = finish(&outside, &log, None).await;
    assert_eq!(seen.unfinished, Vec::<String>::new());
    assert_eq!((seen.pulls.len(), seen.branches.len()), (1, 1));
    let ours: Vec<_> = seen.comments.iter().filter(|(author, _)| author != "otto").collect();
    assert_eq!(ours.len(), 1, "{ours:?}");
    assert!(ours[0].1.contains("**bug**") && ours[0].1.contains("Pull request: #2"), "{}", ours[0].1);
    // The comment's digest in the log is that of what stands there.
    let (state, _) = read(log.as_ref()).await.unwrap();
    let known = state.issues.values().next().unwrap().status_comment.clone().unwrap();
    let (_, body) = outside.github.comments_of(1).into_iter().find(|(author, _)| author != "otto").unwrap();
    assert_eq!(known.digest, automata::report::comment::digest(&body));
}

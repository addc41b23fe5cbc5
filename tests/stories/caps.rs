//! Caps: once as much was begun as may be, the rest waits, says what for, and goes on when the cap is counted anew.

use std::sync::Arc;
use std::time::Duration;

use automata::services::assistant::patch::Patch;
use insta::assert_snapshot;

use super::attempts::{Scripted, mends};
use super::revise::{line, reviews, with_our_pull};
use super::texts::{CRASH, MENDED, TRACE};
use crate::world::stage::Stage;

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn a_day_has_so_many_pull_requests_and_the_next_one_comes_the_day_after() {
    let stage = Stage::configured("limits: { caps: { day: { pull_requests: 1 } } }\n").await;
    *stage.assistants.borrow_mut() = vec![Arc::new(Patch)];
    let (first, _) = stage.opens("mona", CRASH, TRACE).await;
    let (second, _) = stage.opens("mona", "It crashes on an empty line", TRACE).await;
    stage.comments("mona", first, MENDED).await;
    let report = stage.comments("mona", second, &MENDED.replace("unwrap_or(0)", "unwrap_or(1)")).await;
    assert_eq!(opened(&stage), 1);
    assert_snapshot!(report.notes.join("\n"), @"1 task waits: pull requests are capped at 1 in a day (`limits.caps.day.pull_requests`), and more begin after 2026-11-23T00:00:00Z.");
    stage.drain().await;
    assert_eq!(opened(&stage), 1, "nothing is begun before midnight");
    stage.lets_pass(DAY);
    assert_eq!((stage.drain().await.notes, opened(&stage)), (Vec::new(), 2));
}

#[tokio::test]
async fn one_person_sets_off_so_many_attempts_and_others_theirs() {
    let stage = Stage::configured("limits: { caps: { actor: { attempts: 1 } } }\n").await;
    let helper = Scripted::new("helper", mends);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    let mut notes = Vec::new();
    for (author, title) in [("mona", "One"), ("mona", "Two"), ("otto", "Three")] {
        let (issue, _) = stage.opens("alice", title, "It crashes.").await;
        notes.extend(stage.comments(author, issue, "/automata implement").await.notes);
    }
    assert_eq!(helper.asked(), 2, "once for mona, once for otto");
    assert!(
        stage.state().await.tasks.pending().any(|task| task.set_off_by.is_some()),
        "what waits knows whose it is"
    );
    assert_snapshot!(notes.join("\n"), @"
    Assistants used today $0.40, 1000 tokens, 30 seconds; today for mona $0.40, 1000 tokens, 30 seconds.
    1 task waits: attempts are capped at 1 in a day for what mona sets off (`limits.caps.actor.attempts`), and more begin after 2026-11-23T00:00:00Z.
    Assistants used today $0.80, 2000 tokens, 60 seconds; today for mona $0.40, 1000 tokens, 30 seconds; today for otto $0.40, 1000 tokens, 30 seconds.
    1 task waits: attempts are capped at 1 in a day for what mona sets off (`limits.caps.actor.attempts`), and more begin after 2026-11-23T00:00:00Z.
    ");
}

#[tokio::test]
async fn plugins_are_started_so_often_in_a_day_and_the_next_ones_wait_for_the_day_after() {
    let rules = "plugins: { greeter: { run: [sh, greeter.sh], may: { label: [bug] } } }\n\
                 rules: [{ on: issues.opened, do: { exec: greeter } }]\n\
                 limits: { caps: { day: { plugins: 1 } } }\n";
    let stage = Stage::configured(rules).await;
    stage.put_file("greeter.sh", "cat >/dev/null\necho '{\"protocol\": 1}'\n");
    stage.opens("alice", CRASH, TRACE).await;
    let (_, report) = stage.opens("alice", "It crashes on an empty line", TRACE).await;
    assert_snapshot!(report.notes.join("\n"), @"1 task waits: starts of plugins are capped at 1 in a day (`limits.caps.day.plugins`), and more begin after 2026-11-23T00:00:00Z.");
    let ended = async || stage.tasks().await.get("exec completed").copied();
    stage.drain().await;
    assert_eq!(ended().await, Some(1), "nothing is begun before midnight");
    stage.lets_pass(DAY);
    assert_eq!((stage.drain().await.notes, ended().await), (Vec::new(), Some(2)));
}

#[tokio::test]
async fn answers_in_threads_count_as_comments_and_wait_where_they_would_be_too_many() {
    let stage = with_our_pull("limits: { caps: { issue: { comments: 1 } } }\n").await;
    line(&stage, "otto", "src/parser.rs", "Say what it does.");
    line(&stage, "otto", "README.md", "Say what it does here, too.");
    reviews(&stage, "otto", "changes_requested", "").await;
    let answers = || stage.writes().iter().filter(|write| write.contains("/replies")).count();
    assert_eq!(answers(), 2, "what is more than a cap allows by itself may be the first");
    line(&stage, "otto", "src/parser.rs", "Say what it does once more.");
    reviews(&stage, "otto", "changes_requested", "").await;
    assert_eq!(answers(), 2, "the revision is there, and its answer waits");
    let why = stage.why(2).await;
    assert!(why.contains("comments are capped at 1 about #2 in a day"), "{why}");
}

/// Pull requests that were opened.
fn opened(stage: &Stage) -> usize {
    stage.writes().iter().filter(|write| write.starts_with("POST /pulls")).count()
}

#[tokio::test]
async fn two_runs_at_the_same_moment_keep_to_one_cap() {
    let stage = Stage::configured("limits: { caps: { day: { attempts: 1 } } }\n").await;
    let helper = Scripted::new("helper", mends);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    let (first, _) = stage.opens("alice", "One", "It crashes.").await;
    let (second, _) = stage.opens("alice", "Two", "It crashes.").await;
    stage.lets_pass(Duration::from_secs(60));
    let asks = |issue: u64, who: &str| {
        let comment = stage.github.comment(who, issue, "/automata implement");
        stage.github.event_payload_commented(comment)
    };
    let (one, two) = (asks(first, "mona"), asks(second, "otto"));
    let (one, two) = futures_util::join!(stage.run("issue_comment", &one), stage.run("issue_comment", &two));
    let notes = [one.unwrap().notes, two.unwrap().notes].concat().join("\n");
    assert!(notes.contains("attempts are capped at 1 in a day"), "{notes}");
    assert_eq!(helper.asked(), 1, "whoever came second in the log begins nothing");
    stage.lets_pass(DAY);
    stage.drain().await;
    assert_eq!(helper.asked(), 2);
}

#[tokio::test]
async fn a_bot_that_is_listened_to_has_what_a_person_has() {
    let yaml = "bots: { allow: ['helper[bot]'] }\naccess: { allow: ['helper[bot]'] }\nlimits: { caps: { actor: { attempts: 1 } } }\n";
    let stage = Stage::configured(yaml).await;
    let helper = Scripted::new("helper", mends);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    let mut notes = Vec::new();
    for (author, title) in [("helper[bot]", "One"), ("helper[bot]", "Two"), ("mona", "Three")] {
        let (issue, _) = stage.opens("alice", title, "It crashes.").await;
        notes = stage.comments(author, issue, "/automata implement").await.notes;
    }
    assert_eq!(helper.asked(), 2, "once for the bot, once for mona");
    let told = notes.join("\n");
    assert!(told.contains("attempts are capped at 1 in a day for what helper[bot] sets off"), "{told}");
}

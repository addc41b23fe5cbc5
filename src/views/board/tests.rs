//! The board shows each task with what it waits for or how it ended.

use super::*;
use crate::domain::failure::Failure;
use crate::domain::room::Room;
use crate::domain::story::{MINUTE, Story, request};

#[test]
fn each_task_is_listed_with_what_it_waits_for_or_how_it_ended() {
    let mut story = Story::new();
    let kinds = ["done", "dead", "off", "busy", "busy", "late", "again", "ready"];
    let mut requests = kinds.map(request).to_vec();
    requests[5].spec.not_before = Some(story.now.plus(MINUTE));
    requests.push(request("blocked").after(5).after(6));
    let tasks = story.enqueue(requests);
    story.work(&tasks[0]);
    let lease = story.claim(&tasks[1]);
    story.fail(&tasks[1], lease, Failure::permanent("broken", "it broke"));
    story.cancel(&tasks[2]).unwrap();
    story.claim(&tasks[3]);
    let lease = story.claim(&tasks[6]);
    story.fail(&tasks[6], lease, Failure::transient("timeout", "no answer"));
    let board = board(&story.state, story.now, &|_| Room::default());
    let rows = board.tasks.iter().map(|row| {
        format!(
            "{} {} {}/{} {}: {}\n",
            row.task, row.kind, row.attempts, row.max_attempts, row.status, row.detail
        )
    });
    insta::assert_snapshot!(rows.collect::<String>(), @r"
    c1.4 busy 1/6 running: run 1.1 holds it until 2026-11-22T10:15:00Z
    c1.5 busy 0/6 pending: task c1.4 of the same kind is at work there
    c1.6 late 0/6 pending: scheduled for 2026-11-22T10:01:00Z
    c1.7 again 1/6 pending: tries again at 2026-11-22T10:00:15Z: no answer
    c1.8 ready 0/6 pending: ready
    c1.9 blocked 0/6 pending: blocked by c1.6, c1.7
    c1.2 dead 1/6 failed: it broke
    c1.1 done 1/6 completed: since 2026-11-22T10:00:00Z
    c1.3 off 0/6 cancelled: nobody wants it
    ");
    let counts: Vec<(&str, usize)> = board.counts.into_iter().collect();
    assert_eq!(counts, [("cancelled", 1), ("completed", 1), ("failed", 1), ("pending", 5), ("running", 1)]);
}

#[test]
fn a_filter_picks_by_all_that_it_names() {
    let mut story = Story::new();
    let mut requests = ["label", "comment", "label", "label"].map(request).to_vec();
    requests[2].spec.not_before = Some(story.now.plus(MINUTE));
    requests[3].spec.subject = crate::domain::subject::Subject::Repository;
    let tasks = story.enqueue(requests);
    story.claim(&tasks[1]);
    let picked = |filter: Filter| {
        let picked = picked(&story.state, &filter, story.now, &|_| Room::default());
        picked.iter().map(|task| task.id.to_string()).collect::<Vec<_>>()
    };
    let all = Filter::default();
    assert_eq!(picked(all.clone()), ["c1.2", "c1.1", "c1.3", "c1.4"]);
    let labels = Filter { kinds: vec!["label".into()], ..all.clone() };
    assert_eq!(picked(labels.clone()), ["c1.1", "c1.3", "c1.4"]);
    let on_the_issue = Filter { subject: Some(crate::domain::story::ISSUE), ..labels.clone() };
    assert_eq!(picked(on_the_issue), ["c1.1", "c1.3"]);
    assert_eq!(picked(Filter { waits: vec![Waiting::Scheduled], ..labels.clone() }), ["c1.3"]);
    let either = Filter { waits: vec![Waiting::Scheduled, Waiting::Ready], ..labels };
    assert_eq!(picked(either), ["c1.1", "c1.3", "c1.4"]);
    assert_eq!(picked(Filter { statuses: vec!["running", "failed"], ..all }), ["c1.2"]);
}

#[test]
fn a_planned_task_that_nobody_has_taken_tells_since_when_it_could_have_been() {
    let mut story = Story::new();
    let mut late = request("late");
    late.spec.not_before = Some(story.now.plus(MINUTE));
    story.enqueue(vec![late]);
    story.later(60 * MINUTE);
    let board = board(&story.state, story.now, &|_| Room::default());
    assert_eq!(board.tasks[0].detail, "ready since 2026-11-22T10:01:00Z");
}

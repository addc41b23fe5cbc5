//! Nothing starves: an old task of no priority is done however busy the queue is with urgent ones.

use proptest::prelude::*;

use crate::domain::id::TaskId;
use crate::domain::spec::{Priority, TaskRequest};
use crate::domain::story::{MINUTE, Story, request, request_on};
use crate::domain::subject::Subject;
use crate::queue::{Hands, Limits, plan};

/// Minutes until a task of priority 0 is done, when one task is done each minute, `backlog` urgent ones
/// stand before it, and `arrivals` more come each minute; none when it takes longer than `patience`.
fn wait(backlog: u64, arrivals: u64, patience: u32) -> Option<u32> {
    let mut story = Story::new();
    let urgent = |number| request_on("urgent", number).priority(Priority::new(100));
    story.enqueue((1..=backlog).map(urgent).collect());
    let old = story.enqueue(vec![request("old").priority(Priority::new(0))]).remove(0);
    let mut number = backlog;
    for minutes in 0..patience {
        let next = plan(&story.state, story.now, &Limits::default(), Hands::of(1)).remove(0);
        story.work(&next);
        if next == old {
            return Some(minutes);
        }
        story.later(MINUTE);
        let coming = number + 1..=number + arrivals;
        number += arrivals;
        story.enqueue(coming.map(urgent).collect());
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_old_task_waits_for_no_more_than_what_came_within_a_hundred_minutes(backlog in 0..20_u64, arrivals in 1..3_u64) {
        // Only the backlog and what comes before it has gained a hundred points can go first.
        let competitors = u32::try_from(backlog + arrivals * 100).expect("few");
        prop_assert!(wait(backlog, arrivals, competitors + 1).is_some());
    }
}

#[test]
fn a_queue_that_grows_without_end_still_reaches_its_oldest_task() {
    // Two come for each that is done: each urgent one waits longer and longer, and ages like the old one.
    assert!(wait(10, 2, 250).is_some());
}

fn milestone(priority: u8) -> TaskRequest {
    let mut request = request("milestone").priority(Priority::new(priority));
    request.spec.subject = Subject::Repository;
    request
}

fn planned(story: &Story, hands: usize) -> Vec<TaskId> {
    plan(&story.state, story.now, &Limits::default(), Hands::of(hands))
}

#[test]
fn the_most_urgent_of_a_busy_subject_goes_first() {
    let mut story = Story::new();
    story.enqueue((0..150).map(|_| milestone(0)).collect());
    let urgent = story.enqueue(vec![milestone(100)]).remove(0);
    story.enqueue((1..10).map(|number| request_on("label", number).priority(Priority::new(0))).collect());
    assert_eq!(planned(&story, 1), [urgent]);
}

#[test]
fn what_is_not_due_or_was_called_off_holds_nobody_up() {
    let mut story = Story::new();
    let later = story.now.plus(300 * 24 * 60 * MINUTE);
    let far = story.enqueue(
        (0..150)
            .map(|_| {
                let mut request = milestone(0);
                request.spec.not_before = Some(later);
                request
            })
            .collect(),
    );
    for task in &far[..100] {
        story.cancel(task).unwrap();
    }
    let urgent = story.enqueue(vec![milestone(100)]).remove(0);
    story.enqueue((1..10).map(|number| request_on("label", number).priority(Priority::new(0))).collect());
    assert_eq!(planned(&story, 8)[0], urgent);
}

#[test]
fn a_subject_that_was_given_many_turns_lets_others_go_first_and_its_most_urgent_before_its_others() {
    let mut story = Story::new();
    story.enqueue((0..150).map(|_| milestone(50)).collect());
    for _ in 0..120 {
        let next = planned(&story, 1).remove(0);
        story.work(&next);
    }
    // What it owes is bounded: as much as there are points of priority.
    let urgent = story.enqueue(vec![milestone(100)]).remove(0);
    let other = story.enqueue(vec![request_on("label", 1).priority(Priority::new(1))]).remove(0);
    let first = planned(&story, 3);
    assert_eq!(first[..2], [other, urgent.clone()]);
    story.later(2 * MINUTE);
    assert_eq!(planned(&story, 1), [urgent], "what is owed is owed less with each minute");
}

#[test]
fn a_subject_is_fair_also_to_a_run_that_takes_one_task_at_a_time() {
    let mut story = Story::new();
    story.enqueue((0..150).map(|_| milestone(50)).collect());
    let others =
        story.later(MINUTE / 60).enqueue((1..=10).map(|number| request_on("label", number)).collect());
    let mut done = Vec::new();
    for _ in 0..11 {
        let next = planned(&story, 1).remove(0);
        story.work(&next);
        done.push(next);
    }
    assert!(others.iter().all(|other| done.contains(other)), "{done:?}");
}

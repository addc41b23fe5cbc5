//! Nothing starves: an old task of no priority is done however busy the queue is with urgent ones.

use proptest::prelude::*;

use crate::domain::spec::Priority;
use crate::domain::story::{MINUTE, Story, request, request_on};
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

//! What holds after every step of every random walk.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::audit::Auditor;
use super::model::Model;
use crate::domain::command::Command;
use crate::domain::decide::decide;
use crate::domain::event::{Event, Recorded};
use crate::domain::id::TaskId;
use crate::domain::room::Room;
use crate::domain::story::walk::{Walk, steps};
use crate::domain::task::{Status, Task};
use crate::queue::{Hands, Limits, plan};
use crate::views::board::board;

/// Ids of what was enqueued, by the request's place.
fn ids(events: &[Recorded]) -> BTreeMap<String, TaskId> {
    let named = events.iter().filter_map(|recorded| match &recorded.event {
        Event::TaskEnqueued(enqueued) => Some((enqueued.spec.reason.clone(), enqueued.task.clone())),
        _ => None,
    });
    named.collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_queue_does_what_the_reference_does(steps in steps(40)) {
        let (mut walk, mut model, mut auditor) = (Walk::new(), Model::default(), Auditor::default());
        for step in &steps {
            let Some((command, context)) = walk.command(step) else { continue };
            let decided = decide(&walk.state, &command, &context);
            prop_assert_eq!(&decided, &decide(&walk.state, &command, &context), "the same values");
            let refused = model.obey(&command, &context).is_err();
            // The model knows nothing of effects, which are refused for reasons of their own.
            let about_tasks = !matches!(
                command,
                Command::Intend { .. } | Command::CompleteEffect { .. } | Command::Progress { .. }
            );
            prop_assert!(!about_tasks || decided.is_err() == refused, "{:?}: {:?}", command, decided);
            let events = decided.unwrap_or_default();
            if walk.state.sequence.0 + events.len() as u64 >= 256 {
                // The model forgets nothing.
                break;
            }
            walk.fold(&events)?;
            for event in &events {
                auditor.read(event).map_err(TestCaseError::fail)?;
            }
            auditor.close().map_err(TestCaseError::fail)?;
            if let Some(difference) = model.difference(&walk.state) {
                return Err(TestCaseError::fail(format!("after {command:?}: {difference}")));
            }
            let board = board(&walk.state, walk.now, &|_| Room::default());
            prop_assert_eq!(&board.counts, &auditor.counts());
            prop_assert_eq!(board.tasks.len(), walk.state.tasks.len());
            for at_once in [1, 3, 100] {
                let planned = plan(&walk.state, walk.now, &Limits::default(), Hands::of(at_once));
                prop_assert_eq!(planned.iter().collect::<Vec<_>>(), model.plan(walk.now, at_once));
            }
            let pending = walk.state.tasks.values().filter(|task| matches!(task.status, Status::Pending { .. }));
            prop_assert_eq!(pending.map(|task| &task.id).collect::<BTreeSet<_>>(), auditor.pending());
        }
    }

    #[test]
    fn what_is_over_never_changes_except_by_reviving(steps in steps(60)) {
        let mut walk = Walk::new();
        for step in &steps {
            let before = walk.state.clone();
            let events = walk.take(step, decide)?;
            for (id, task) in before.tasks.iter().filter(|(_, task)| task.status.is_final()) {
                let revives = |recorded: &Recorded| {
                    matches!(&recorded.event, Event::TaskRevived(revived) if revived.task == *id)
                };
                match walk.state.tasks.get(id) {
                    // Forgotten, at a clean-up.
                    None => prop_assert!(walk.state.sequence.0 / 256 > before.sequence.0 / 256),
                    Some(after) => {
                        // What a dead letter needed may be completed in the meantime.
                        let after = Task { needs: task.needs.clone(), ..after.clone() };
                        prop_assert!(after == *task || events.iter().any(revives), "{:?}", after);
                    }
                }
            }
        }
    }

    #[test]
    fn a_run_that_lost_the_race_decides_again_with_the_same_ids(prefix in steps(20), ours in steps(2), theirs in steps(6)) {
        let mut walk = Walk::new();
        for step in &prefix {
            walk.take(step, decide)?;
        }
        let Some((command, context)) = walk.command(&ours[0]) else { return Ok(()) };
        let first = ids(&decide(&walk.state, &command, &context).unwrap_or_default());
        for step in &theirs {
            walk.take(step, decide)?;
        }
        let again = ids(&decide(&walk.state, &command, &context).unwrap_or_default());
        for (request, id) in &again {
            prop_assert!(!walk.state.tasks.contains_key(id), "{} is taken", id);
            prop_assert!(first.get(request).is_none_or(|before| before == id), "{}: {}", request, id);
        }
    }
}

//! Lead times: how long it took from the opening to each step, and from the step before.

use std::time::Duration;

use serde::Serialize;

use super::{OPENED, STEPS, Steps};
use crate::views::dashboard::spread::Spread;

/// How long it took to one step. Only what was opened while the log was kept counts: of others nobody knows when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepTimes {
    /// One of [`STEPS`].
    pub step: &'static str,
    /// From the opening.
    pub opened: Spread,
    /// From the step before it that was taken last.
    pub before: Spread,
}

pub(super) fn of<'a>(all: impl Iterator<Item = &'a Steps> + Clone, which: &[usize]) -> Vec<StepTimes> {
    let times = |step: usize, since_opened: bool| {
        let times = all.clone().filter_map(move |steps| {
            let (opened, at) = (steps[OPENED]?, steps[step]?);
            let before = steps[..step].iter().flatten().filter(|before| **before <= at).max();
            Some(at.since(if since_opened { opened } else { before.copied().unwrap_or(opened) }))
        });
        Spread::of(&times.collect::<Vec<Duration>>())
    };
    let of_step = |step: &usize| StepTimes {
        step: STEPS[*step],
        opened: times(*step, true),
        before: times(*step, false),
    };
    which.iter().map(of_step).collect()
}

//! What metrics are made of: families of counters, gauges and distributions, told apart by their labels.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

/// Upper bounds of a distribution's buckets, in seconds: from what a run does at once to what takes weeks.
pub const BOUNDS: [u32; 9] = [1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800, 2_592_000];

/// The labels of one sample, in the order in which they are shown.
pub type Labels = Vec<(&'static str, String)>;

/// What is counted, and in which unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// Its name without the ending that its sort asks for.
    pub name: &'static str,
    /// One sentence without a full stop.
    pub help: &'static str,
}

/// Samples of one sort.
pub type Samples<T> = BTreeMap<Named, BTreeMap<Labels, T>>;

/// How long something took, many times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Distribution {
    /// How many times.
    pub count: u64,
    /// All together.
    #[serde(rename = "sum_seconds", serialize_with = "seconds")]
    pub sum: Duration,
    /// How many took at most so long as the bound of the same place in [`BOUNDS`].
    pub within: [u64; BOUNDS.len()],
    /// Each time by itself, in the order of the log.
    #[serde(skip)]
    pub times: Vec<Duration>,
}

impl Distribution {
    /// Takes one more in.
    pub fn add(&mut self, time: Duration) {
        self.count += 1;
        self.sum = self.sum.saturating_add(time);
        self.times.push(time);
        for (within, bound) in self.within.iter_mut().zip(BOUNDS) {
            *within += u64::from(time <= Duration::from_secs(bound.into()));
        }
    }
}

fn seconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

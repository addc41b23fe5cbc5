//! The breaker of an outside service: what fails again and again is left alone for a while, and then tried by one task.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::failure::Failure;
use super::id::ServiceName;
use super::input;
use super::time::Timestamp;

/// Failures of one sort in a row after which a service is left alone: more than the attempts of one task, so that it takes two
/// tasks to find out.
pub const FAILURES: u32 = 5;
/// How long it is left alone: most outages that end by themselves end within it, and a task waits no longer than for a late run.
pub const LEFT_ALONE: Duration = Duration::from_secs(10 * 60);

/// How a service fared lately.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circuit {
    /// The sort of the last failures.
    pub code: String,
    /// How many of that sort came in a row.
    pub failures: u32,
    /// It is left alone until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Circuit {
    /// Counts a failure that another attempt may not meet.
    pub(super) fn failed(&mut self, failure: &Failure, at: Timestamp) {
        if self.code == failure.code {
            self.failures = self.failures.saturating_add(1);
        } else {
            (self.code, self.failures) = (failure.code.clone(), 1);
        }
        if self.is_broken() {
            self.until = Some(at.plus(LEFT_ALONE));
        }
    }

    /// Whether so much failed that one task at a time tries it.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        self.failures >= FAILURES
    }

    /// Until when nobody tries it; none: somebody may.
    #[must_use]
    pub fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.until.filter(|until| self.is_broken() && *until > now)
    }
}

/// The service that a kind of task is done with, where that may be down by itself. GitHub is none: without it nothing runs.
#[must_use]
pub fn service(kind: &str) -> Option<ServiceName> {
    Some(ServiceName::new(match kind {
        input::SLACK => "slack",
        input::WEBHOOK => "webhooks",
        input::IMPLEMENT | input::REVISE => "assistants",
        _ if kind.starts_with("drive_") => "drive",
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_341_600_000);

    #[test]
    fn a_service_is_left_alone_after_failures_of_one_sort_in_a_row_and_again_after_each_one_that_follows() {
        let mut circuit = Circuit::default();
        let down = Failure::transient("slack_unreachable", "no answer");
        for _ in 0..FAILURES - 1 {
            circuit.failed(&down, NOW);
        }
        assert_eq!((circuit.is_broken(), circuit.closed_until(NOW)), (false, None));
        circuit.failed(&Failure::transient("slack_unavailable", "500"), NOW);
        assert!(!circuit.is_broken(), "another sort begins anew");
        for _ in 0..FAILURES {
            circuit.failed(&down, NOW);
        }
        assert_eq!(circuit.closed_until(NOW), Some(NOW.plus(LEFT_ALONE)));
        let later = NOW.plus(LEFT_ALONE);
        assert_eq!((circuit.is_broken(), circuit.closed_until(later)), (true, None), "one may try it");
        circuit.failed(&down, later);
        assert_eq!(circuit.closed_until(later), Some(later.plus(LEFT_ALONE)));
    }
}

//! Measuring: a stopwatch, medians, and the rows of the table.

use std::time::Duration;

/// A line of the table.
pub(crate) struct Row {
    what: String,
    measured: String,
    reach: String,
    verdict: &'static str,
}

impl Row {
    /// The names of the columns.
    pub(crate) fn heading() -> Self {
        Self {
            what: "figure".to_owned(),
            measured: "measured".to_owned(),
            reach: "reach".to_owned(),
            verdict: "",
        }
    }

    /// A figure with its goal.
    pub(crate) fn goal(
        what: impl Into<String>,
        measured: impl Into<String>,
        reach: impl Into<String>,
        is_met: bool,
    ) -> Self {
        let verdict = if is_met { "met" } else { "MISSED" };
        Self { what: what.into(), measured: measured.into(), reach: reach.into(), verdict }
    }

    /// A figure that explains another.
    pub(crate) fn detail(what: impl Into<String>, measured: impl Into<String>) -> Self {
        Self {
            what: format!("  {}", what.into()),
            measured: measured.into(),
            reach: String::new(),
            verdict: "",
        }
    }

    pub(crate) fn cells(self) -> Vec<String> {
        vec![self.what, self.measured, self.reach, self.verdict.to_owned()]
    }
}

/// How long `work` takes, and what it gives.
#[expect(clippy::disallowed_methods, reason = "measuring time is what this program is for")]
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let began = std::time::Instant::now();
    let given = work();
    (began.elapsed(), given)
}

/// How long `work` takes, and what it gives.
#[expect(clippy::disallowed_methods, reason = "measuring time is what this program is for")]
pub(crate) async fn timed_async<T>(work: impl Future<Output = T>) -> (Duration, T) {
    let began = std::time::Instant::now();
    let given = work.await;
    (began.elapsed(), given)
}

/// The middle of the measurements; the upper one of two.
pub(crate) fn median<T: PartialOrd + Copy>(mut values: Vec<T>) -> T {
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    values[values.len() / 2]
}

/// `first` in parts of `second`.
pub(crate) fn ratio(first: Duration, second: Duration) -> f64 {
    first.as_secs_f64() / second.as_secs_f64()
}

/// Milliseconds with one digit behind the point.
pub(crate) fn millis(span: Duration) -> String {
    format!("{:.1} ms", span.as_secs_f64() * 1e3)
}

/// Kilobytes of a thousand bytes, with one digit behind the point.
#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
pub(crate) fn kilobytes(bytes: usize) -> String {
    format!("{:.1} KB", bytes as f64 / 1e3)
}

//! How far long work has come: a bar where a person watches, now and then a plain line where nobody does.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::domain::time::Timestamp;
use crate::report::terminal::Terminal;
use crate::services::clock::{Clock as _, SystemClock};

/// Time between two plain lines. Work that takes less tells none.
const EVERY: Duration = Duration::from_secs(10);
/// Of many steps so many are taken between two looks at the clock: that costs more than a step does.
const STEPS_PER_LOOK: u64 = 64;
/// Time between two turns of the wheel, for work that says nothing while it goes on.
const TURN: Duration = Duration::from_millis(120);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Whatever there is.
    Steps,
    /// Bytes.
    Bytes,
}

/// How far some work has come.
pub(super) struct Bar {
    terminal: Terminal,
    what: &'static str,
    unit: Unit,
    bar: Option<ProgressBar>,
    lines: Mutex<Lines>,
}

/// What plain lines tell, and when the last one did.
#[derive(Debug)]
struct Lines {
    is_quiet: bool,
    told: Timestamp,
    /// Whether the last thing that was said is told.
    is_told: bool,
    any: bool,
    done: u64,
    all: u64,
    about: String,
}

/// Work that begins now: `reading events`.
pub(super) fn bar(terminal: Terminal, what: &'static str) -> Bar {
    begun(terminal, what, Unit::Steps, false)
}

/// As [`bar`], of something that is counted in this unit; with `is_quiet` nothing is told of it at all.
pub(super) fn begun(terminal: Terminal, what: &'static str, unit: Unit, is_quiet: bool) -> Bar {
    let bar = (terminal.is_watched() && !is_quiet).then(|| {
        let bar = ProgressBar::no_length().with_style(style(unit, false)).with_message(what);
        bar.enable_steady_tick(TURN);
        bar
    });
    let lines = Lines {
        is_quiet,
        told: SystemClock.now(),
        is_told: true,
        any: false,
        done: 0,
        all: 0,
        about: String::new(),
    };
    Bar { terminal, what, unit, bar, lines: Mutex::new(lines) }
}

fn style(unit: Unit, has_end: bool) -> ProgressStyle {
    let template = match (unit, has_end) {
        (Unit::Steps, false) => "{spinner} {msg} {human_pos}",
        (Unit::Steps, true) => "{spinner} {msg} {human_pos}/{human_len} {wide_bar} {eta}",
        (Unit::Bytes, false) => "{spinner} {msg} {bytes}",
        (Unit::Bytes, true) => "{spinner} {msg} {bytes}/{total_bytes} {wide_bar} {bytes_per_sec}",
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

impl Bar {
    /// So much is done; `all` is 0 where it is not known how much there is.
    pub(super) fn at(&self, done: u64, all: u64) {
        let is_last = all > 0 && done >= all;
        if self.unit == Unit::Steps
            && done > STEPS_PER_LOOK
            && !done.is_multiple_of(STEPS_PER_LOOK)
            && !is_last
        {
            return;
        }
        if let Some(bar) = &self.bar {
            if all > 0 && bar.length() != Some(all) {
                bar.set_style(style(self.unit, true));
                bar.set_length(all);
            }
            bar.set_position(done);
            return;
        }
        let mut lines = self.lines();
        (lines.done, lines.all) = (done, all);
        self.tell(&mut lines);
    }

    /// What is at work now, in a few words.
    pub(super) fn about(&self, words: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} ({words})", self.what));
            return;
        }
        let mut lines = self.lines();
        words.clone_into(&mut lines.about);
        self.tell(&mut lines);
    }

    /// The work is over; nothing of the bar stays, and whoever was told of its course is told of its end.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let mut lines = self.lines();
        if let Some(line) = lines.last(self.what, self.unit) {
            self.terminal.note(&line);
        }
    }

    fn tell(&self, lines: &mut Lines) {
        if let Some(line) = lines.due(self.what, self.unit, SystemClock.now()) {
            self.terminal.note(&line);
        }
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.end();
    }
}

impl Lines {
    /// The line that is to be told now; none before its time.
    fn due(&mut self, what: &str, unit: Unit, now: Timestamp) -> Option<String> {
        self.is_told = false;
        if self.is_quiet || now.since(self.told) < EVERY {
            return None;
        }
        (self.told, self.is_told, self.any) = (now, true, true);
        Some(self.line(what, unit))
    }

    /// The line of the end; none where none was told before, or the last one told it.
    fn last(&mut self, what: &str, unit: Unit) -> Option<String> {
        let is_due = self.any && !self.is_told;
        self.is_told = true;
        is_due.then(|| self.line(what, unit))
    }

    fn line(&self, what: &str, unit: Unit) -> String {
        let amount = |count: u64| match unit {
            Unit::Steps => count.to_string(),
            Unit::Bytes => HumanBytes(count).to_string(),
        };
        let of = if self.all > 0 { format!(" of {}", amount(self.all)) } else { String::new() };
        let about = if self.about.is_empty() { String::new() } else { format!(" ({})", self.about) };
        format!("{what}: {}{of}{about}", amount(self.done))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> Lines {
        let (told, about) = (Timestamp::from_millis(0), String::new());
        Lines { is_quiet: false, told, is_told: true, any: false, done: 0, all: 0, about }
    }

    fn at(lines: &mut Lines, second: i64, done: u64) -> Option<String> {
        lines.done = done;
        lines.due("working", Unit::Steps, Timestamp::from_millis(second * 1_000))
    }

    #[test]
    fn short_work_tells_nothing_and_long_work_a_line_every_ten_seconds_and_its_end() {
        let mut lines = begun();
        lines.all = 30;
        assert_eq!(at(&mut lines, 9, 8), None);
        assert_eq!(lines.last("working", Unit::Steps), None, "it was short");
        assert_eq!(at(&mut lines, 10, 9).as_deref(), Some("working: 9 of 30"));
        assert_eq!(at(&mut lines, 19, 18), None);
        lines.about = "label".to_owned();
        assert_eq!(at(&mut lines, 21, 20).as_deref(), Some("working: 20 of 30 (label)"));
        assert_eq!(at(&mut lines, 22, 30), None);
        assert_eq!(lines.last("working", Unit::Steps).as_deref(), Some("working: 30 of 30 (label)"));
        assert_eq!(lines.last("working", Unit::Steps), None, "once");
    }

    #[test]
    fn bytes_are_told_as_people_read_them_and_what_has_no_end_without_one() {
        let mut lines = begun();
        (lines.done, lines.all) = (3 * 1024 * 1024, 10 * 1024 * 1024);
        assert_eq!(lines.line("sending", Unit::Bytes), "sending: 3.00 MiB of 10.00 MiB");
        lines.all = 0;
        assert_eq!(lines.line("sending", Unit::Bytes), "sending: 3.00 MiB");
    }

    #[test]
    fn what_is_to_be_quiet_is() {
        let mut lines = Lines { is_quiet: true, ..begun() };
        assert_eq!(at(&mut lines, 100, 1), None);
        assert_eq!(lines.last("working", Unit::Steps), None);
    }
}

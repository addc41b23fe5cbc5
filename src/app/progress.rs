//! How far long work has come: a bar where a person watches, now and then a plain line where nobody does.

use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use crate::report::terminal::Terminal;

/// Steps after which a plain line is told: work that takes fewer is over in seconds.
const STEPS_PER_LINE: u64 = 20_000;
/// Steps after which a bar is drawn anew: drawing costs more than a step does.
const STEPS_PER_DRAW: u64 = 64;

/// How far some work has come.
pub(super) struct Bar {
    terminal: Terminal,
    what: &'static str,
    bar: Option<ProgressBar>,
    /// The steps that a plain line told last.
    told: AtomicU64,
}

/// Work that begins now: `reading events`.
pub(super) fn bar(terminal: Terminal, what: &'static str) -> Bar {
    let bar = terminal.is_watched().then(|| {
        let style = ProgressStyle::with_template("{spinner} {msg} {human_pos}")
            .unwrap_or_else(|_| ProgressStyle::default_spinner());
        ProgressBar::no_length().with_style(style).with_message(what)
    });
    Bar { terminal, what, bar, told: AtomicU64::new(0) }
}

impl Bar {
    /// So many steps are done; `all` is 0 where it is not known how many there are.
    pub(super) fn at(&self, done: u64, all: u64) {
        match &self.bar {
            Some(_) if !done.is_multiple_of(STEPS_PER_DRAW) && done < all => {}
            Some(bar) => {
                if all > 0 && bar.length() != Some(all) {
                    let style = ProgressStyle::with_template(
                        "{spinner} {msg} {human_pos}/{human_len} {wide_bar} {eta}",
                    );
                    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                    bar.set_length(all);
                }
                bar.set_position(done);
            }
            None if done >= self.told.load(Ordering::Relaxed) + STEPS_PER_LINE => {
                self.told.store(done, Ordering::Relaxed);
                let of = if all > 0 { format!(" of {all}") } else { String::new() };
                self.terminal.note(&format!("{}: {done}{of}", self.what));
            }
            None => {}
        }
    }

    /// The work is over; nothing of the bar stays.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.end();
    }
}

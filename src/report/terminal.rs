//! The one writer to the terminal: data to stdout, all else to stderr.

use std::borrow::Cow;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::sync::OnceLock;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::workflow;

/// What first kept data from stdout, of which a process has one.
static UNWRITTEN: OnceLock<String> = OnceLock::new();
/// What takes secrets out of a text; none before [`masks_with`].
static MASK: OnceLock<fn(&str) -> Cow<'_, str>> = OnceLock::new();
/// Whether notes are told as events of the log: where it is read by programs.
static AS_EVENTS: OnceLock<()> = OnceLock::new();

/// The target of notes that are told as events of the log.
pub const NOTES: &str = "automata::note";

/// From here on all that goes to stderr goes through `mask` first.
pub fn masks_with(mask: fn(&str) -> Cow<'_, str>) {
    let _ = MASK.set(mask);
}

/// From here on notes are events of the log, with [`NOTES`] as their target.
pub fn notes_are_events() {
    let _ = AS_EVENTS.set(());
}

/// The text without secrets.
fn masked(text: &str) -> Cow<'_, str> {
    MASK.get().map_or(Cow::Borrowed(text), |mask| mask(text))
}

/// Where a person or a program reads us.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Whether stdout shows colours.
    colour: bool,
    /// Whether stderr shows colours.
    note_colour: bool,
    /// How many columns the screen has that stdout is; none when it is no screen.
    width: Option<usize>,
    /// Whether a runner reads both streams and acts on workflow commands in them.
    inside_actions: bool,
}

/// How a word is to stand out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A heading.
    Strong,
    /// Good news.
    Good,
    /// Bad news.
    Bad,
    /// In the background.
    Faint,
}

impl Tone {
    /// The text between the codes that switch this tone on and off.
    fn paint(self, text: &str) -> String {
        let code = match self {
            Self::Strong => "1",
            Self::Good => "32",
            Self::Bad => "31",
            Self::Faint => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

impl Terminal {
    /// A terminal that uses colour on each stream that is one, unless `no_color` (the variable `NO_COLOR`,
    /// <https://no-color.org>) is set. Inside of GitHub Actions, where people cannot be told from a file and the
    /// runner looks for commands in whatever is printed, there is no colour, and no text can be a command.
    #[must_use]
    pub fn new(no_color: bool, inside_actions: bool) -> Self {
        let wanted = !no_color && !inside_actions;
        Self {
            colour: wanted && io::stdout().is_terminal(),
            note_colour: wanted && io::stderr().is_terminal(),
            width: if inside_actions { None } else { columns() },
            inside_actions,
        }
    }

    /// Whether a person watches stderr, so that progress is worth showing.
    #[must_use]
    pub fn is_watched(self) -> bool {
        !self.inside_actions && AS_EVENTS.get().is_none() && io::stderr().is_terminal()
    }

    /// Whether stdout is a screen that can be drawn anew.
    #[must_use]
    pub fn is_screen(self) -> bool {
        !self.inside_actions && io::stdout().is_terminal()
    }

    /// Empties the screen: what is told next begins at its top.
    pub fn clear(self) {
        if self.is_screen() {
            // To the upper left corner, then everything from there on (ECMA-48, CUP and ED).
            say("\u{1b}[H\u{1b}[2J\u{1b}[H");
        }
    }

    /// Whether stderr shows colours.
    #[must_use]
    pub const fn colours_notes(self) -> bool {
        self.note_colour
    }

    /// Data: a line, or several, to stdout. Whether it arrived, [`Terminal::told`] says.
    pub fn data(self, text: &str) {
        say(&self.harmless(text));
    }

    /// Whether all data was written. A closed pipe is the reader's choice and no error.
    ///
    /// # Errors
    /// What first kept data from being written, a full disk say.
    pub fn told(self) -> Result<(), String> {
        self.told_after(Ok(()))
    }

    /// As [`Terminal::told`], when somebody else has written to stdout too.
    ///
    /// # Errors
    /// As [`Terminal::told`].
    pub fn told_after(self, written: io::Result<()>) -> Result<(), String> {
        heed(written.and_then(|()| io::stdout().lock().flush()));
        UNWRITTEN.get().map_or(Ok(()), |reason| Err(reason.clone()))
    }

    /// Data for programs: one JSON value on one line to stdout.
    ///
    /// # Errors
    /// When the value has no JSON form, which would be a bug.
    pub fn json(self, value: &impl serde::Serialize) -> Result<(), serde_json::Error> {
        let line = serde_json::to_string(value)?;
        let line = if self.inside_actions { workflow::harmless_json(&line) } else { line };
        say(&line);
        Ok(())
    }

    /// Anything else: a line, or several, to stderr.
    pub fn note(self, text: &str) {
        if AS_EVENTS.get().is_some() {
            return event(text);
        }
        let text = &*masked(text);
        let _ = writeln!(io::stderr().lock(), "{}", self.harmless(text));
    }

    /// A workflow command for the runner, which reads stderr as it reads stdout; nothing anywhere else.
    pub fn command(self, command: &str) {
        if self.inside_actions {
            let is_mask = command.starts_with(workflow::MASK);
            let command = if is_mask { Cow::Borrowed(command) } else { masked(command) };
            let _ = writeln!(io::stderr().lock(), "{command}");
        }
    }

    /// Columns lined up, as [`table`]; on a screen cut to its width. What is piped is never cut.
    #[must_use]
    pub fn table(self, rows: &[Vec<String>]) -> Vec<String> {
        match self.width {
            Some(width) => table(&fitted(rows, width)),
            None => table(rows),
        }
    }

    /// The text in that tone, where stdout shows colours.
    #[must_use]
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if self.colour { tone.paint(text) } else { text.to_owned() }
    }

    /// The text in that tone, where stderr shows colours.
    #[must_use]
    pub fn paint_note(self, tone: Tone, text: &str) -> String {
        if self.note_colour && AS_EVENTS.get().is_none() { tone.paint(text) } else { text.to_owned() }
    }

    fn harmless(self, text: &str) -> String {
        if self.inside_actions { workflow::harmless(text) } else { text.to_owned() }
    }
}

/// A line, or several, to stdout.
fn say(text: &str) {
    heed(writeln!(io::stdout().lock(), "{text}"));
}

/// A note as an event, as loud as its first word says.
fn event(text: &str) {
    let begins = |words: &[&str]| words.iter().any(|word| text.starts_with(word));
    if begins(&["error:", "failed:", "gave up for now:", "bug:", "panicked"]) {
        tracing::error!(target: NOTES, "{text}");
    } else if begins(&["warning:"]) {
        tracing::warn!(target: NOTES, "{text}");
    } else {
        tracing::info!(target: NOTES, "{text}");
    }
}

/// Remembers what went wrong on stdout.
fn heed(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        UNWRITTEN.get_or_init(|| error.to_string());
    }
}

/// Takes the lines of a log of ours to stderr.
#[derive(Clone, Copy, Debug)]
pub struct Notes(pub Terminal);

impl io::Write for Notes {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(lines);
        io::stderr().lock().write_all(self.0.harmless(&masked(&text)).as_bytes())?;
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// How many columns the screen has that stdout is.
fn columns() -> Option<usize> {
    let (width, _) = terminal_size::terminal_size_of(io::stdout())?;
    // A screen that does not know its width says zero.
    Some(usize::from(width.0)).filter(|width| *width > 0)
}

/// Characters between two columns of a table.
const GAP: usize = 2;
/// The last column, which says the most, is cut to no less than that as long as others can be cut.
const LEAST_LAST: usize = 24;
/// Any other column is cut to no less than that: the beginning of an id, a date.
const LEAST: usize = 12;

/// The cells cut so that the table is no wider than `width`, the last column first, then the widest. A screen that is
/// too narrow for the least of each column is left to break lines as it does.
fn fitted(rows: &[Vec<String>], width: usize) -> Vec<Vec<String>> {
    let mut widths = widths(rows);
    let gaps = GAP * widths.len().saturating_sub(1);
    let mut over = (widths.iter().sum::<usize>() + gaps).saturating_sub(width);
    if let Some(last) = widths.last_mut() {
        let cut = over.min(last.saturating_sub(LEAST_LAST));
        (*last, over) = (*last - cut, over - cut);
    }
    while over > 0 {
        let widest = widths.iter_mut().filter(|width| **width > LEAST).max();
        let Some(widest) = widest else { break };
        (*widest, over) = (*widest - 1, over - 1);
    }
    let cut = |row: &Vec<String>| {
        row.iter().zip(&widths).map(|(cell, width)| shortened(cell, *width)).collect::<Vec<_>>()
    };
    rows.iter().map(cut).collect()
}

/// The text, with an ellipsis where it is cut.
fn shortened(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut room = width.saturating_sub(1);
    let fits = |c: &char| {
        let wide = c.width().unwrap_or(0);
        let fits = wide <= room;
        room = room.saturating_sub(wide);
        fits
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}\u{2026}", kept.trim_end())
}

/// How wide each column is.
fn widths(rows: &[Vec<String>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
    };
    (0..columns).map(width).collect()
}

/// Columns lined up, two spaces between them; the last column is not padded.
#[must_use]
pub fn table(rows: &[Vec<String>]) -> Vec<String> {
    let widths = widths(rows);
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            let pad = width.saturating_sub(cell.width());
            format!("{cell}{}", " ".repeat(pad))
        });
        cells.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn columns_line_up() {
        let rows = [vec!["a".into(), "state".into()], vec!["länger".into(), "x".into()], vec!["b".into()]];
        assert_eq!(super::table(&rows), ["a       state", "länger  x", "b"]);
    }

    #[test]
    fn letters_that_take_two_columns_are_counted_as_two() {
        let rows = [
            vec!["日本語".to_owned(), "open".to_owned()],
            vec!["é".to_owned(), "日本語の長い題名です、切られます".to_owned()],
        ];
        assert_eq!(super::table(&rows)[..1], ["日本語  open"]);
        assert!(super::table(&rows)[1].starts_with("é       日"));
        let cut = super::table(&super::fitted(&rows, 32)).remove(1);
        assert_eq!(cut, "é       日本語の長い題名です、…");
        assert_eq!(unicode_width::UnicodeWidthStr::width(cut.as_str()), 31);
    }

    #[test]
    fn on_a_narrow_screen_the_last_column_is_cut_first_and_then_the_widest() {
        let rows = [
            vec!["STATUS".to_owned(), "TASK".to_owned(), "DETAIL".to_owned()],
            vec!["failed".to_owned(), "01hzx7p4q9k2m5n8r1t3v6w0ya.1".to_owned(), "because ".repeat(12)],
        ];
        assert_eq!(super::fitted(&rows, 1000), rows, "what fits stays as it is");
        for (width, expected) in [
            (80, "failed  01hzx7p4q9k2m5n8r1t3v6w0ya.1  because because because because because b…"),
            (56, "failed  01hzx7p4q9k2m5n8r1t3v6…  because because becaus…"),
            (20, "failed  01hzx7p4q9k…  because bec…"),
        ] {
            let line = super::table(&super::fitted(&rows, width)).remove(1);
            assert_eq!(line, expected);
            assert!(width < 40 || line.chars().count() <= width, "{}", line.chars().count());
        }
    }
}

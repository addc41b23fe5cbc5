//! The one writer to the terminal: data to stdout, all else to stderr.

use std::io::{IsTerminal as _, Write as _};

/// Where a person or a program reads us.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    colour: bool,
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

impl Terminal {
    /// A terminal that uses colour when stdout is one and `no_color` (the variable `NO_COLOR`,
    /// <https://no-color.org>) is not set.
    #[must_use]
    pub fn new(no_color: bool) -> Self {
        Self { colour: !no_color && std::io::stdout().is_terminal() }
    }

    /// Whether a person watches stderr, so that progress is worth showing.
    #[must_use]
    pub fn is_watched() -> bool {
        std::io::stderr().is_terminal()
    }

    /// Data: one line to stdout. A closed pipe is the reader's choice and no error.
    pub fn data(self, line: &str) {
        let _ = writeln!(std::io::stdout().lock(), "{line}");
    }

    /// Anything else: one line to stderr.
    pub fn note(self, line: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }

    /// The text in that tone, where colour is wanted.
    #[must_use]
    pub fn paint(self, tone: Tone, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Strong => "1",
            Tone::Good => "32",
            Tone::Bad => "31",
            Tone::Faint => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// Columns lined up, two spaces between them; the last column is not padded.
#[must_use]
pub fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            let pad = width.saturating_sub(cell.chars().count());
            format!("{cell}{}", " ".repeat(pad))
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
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
}

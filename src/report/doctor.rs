//! What `automata doctor` found: a line for each thing, and what to change where something is missing.

use serde::Serialize;

use super::terminal::Tone;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It is there.
    Good,
    /// It is needed, and not there.
    Missing,
    /// Only using it would tell.
    Unseen,
    /// To be known; nothing depends on it.
    Note,
}

impl Standing {
    /// The word at the beginning of its line.
    const fn word(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Missing => "missing",
            Self::Unseen => "unseen",
            Self::Note => "note",
        }
    }

    /// How its line is to stand out.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Good => Tone::Good,
            Self::Missing => Tone::Bad,
            Self::Unseen | Self::Note => Tone::Faint,
        }
    }
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Whose matter it is: `GitHub`.
    pub area: &'static str,
    /// What was looked at.
    pub what: String,
    /// How it stands.
    pub state: Standing,
    /// What was seen.
    pub told: String,
    /// What to do about it.
    pub change: Option<String>,
}

impl Finding {
    /// Something that was looked at.
    #[must_use]
    pub fn new(
        area: &'static str,
        what: impl Into<String>,
        state: Standing,
        told: impl Into<String>,
    ) -> Self {
        Self { area, what: what.into(), state, told: told.into(), change: None }
    }

    /// What to do about it.
    #[must_use]
    pub fn change(mut self, change: impl Into<String>) -> Self {
        let change = change.into();
        self.change = Some(change).filter(|change| !change.is_empty());
        self
    }
}

/// A line for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Whose matter the next ones are.
    Heading(&'static str),
    /// How something stands: the word that says it, and the rest.
    Finding(Standing, String, String),
    /// What to do about it.
    Change(String),
}

/// Width of the longest word of a standing.
const WORD: usize = 7;

/// The lines, area by area.
#[must_use]
pub fn lines(findings: &[Finding]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut area = "";
    for finding in findings {
        if finding.area != area {
            area = finding.area;
            lines.push(Line::Heading(area));
        }
        let Finding { what, told, state, .. } = finding;
        let word = format!("{:WORD$}", state.word());
        let rest = if told.is_empty() { what.clone() } else { format!("{what}: {told}") };
        lines.push(Line::Finding(*state, word, rest));
        lines.extend(finding.change.clone().map(Line::Change));
    }
    lines
}

/// The last line: whether that is enough.
#[must_use]
pub fn verdict(findings: &[Finding]) -> String {
    let count = |state| findings.iter().filter(|finding| finding.state == state).count();
    match (count(Standing::Missing), count(Standing::Unseen)) {
        (0, 0) => "All that the configuration needs is there.".to_owned(),
        (0, unseen) => {
            format!("Nothing is known to be missing; {unseen} could not be seen without using it.")
        }
        (1, _) => "1 thing that the configuration needs is missing.".to_owned(),
        (missing, _) => format!("{missing} things that the configuration needs are missing."),
    }
}

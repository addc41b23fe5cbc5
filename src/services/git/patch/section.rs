//! What a patch says about each file, as data.

/// What happens to a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    Modify(String),
    Create(String),
    Delete(String),
    Rename { from: String, to: String },
    Copy { from: String, to: String },
}

impl Change {
    /// Every path it names.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            Self::Modify(path) | Self::Create(path) | Self::Delete(path) => (path, None),
            Self::Rename { from, to } | Self::Copy { from, to } => (from, Some(to)),
        };
        std::iter::once(first).chain(second).map(String::as_str)
    }
}

/// The modes that a patch may give a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Plain,
    Executable,
    /// Refused by the policy; kept so that the refusal can name it.
    Symlink,
    /// As [`Mode::Symlink`].
    Submodule,
}

/// What the patch does to one file.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub(super) change: Change,
    /// The names exactly as the headers wrote them, prefixes and all, for the policy to look at.
    pub(super) written_names: Vec<String>,
    /// Every mode the headers name, old and new.
    pub(super) modes: Vec<Mode>,
    /// The mode the file is to have, where the patch says so.
    pub(super) mode: Option<Mode>,
    /// The blob that the patch was made for, as the `index` line writes it.
    pub(super) pre_image: Option<String>,
    pub(super) hunks: Vec<Hunk<'a>>,
    /// Whether a mail of `git format-patch` begins here: a new diff on top of those before.
    pub(super) starts_mail: bool,
    /// Whether the text came with CR LF throughout, so that a CR says nothing about the file.
    pub(super) crlf_text: bool,
}

impl Section<'_> {
    pub(super) fn added(&self) -> usize {
        self.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.side == Side::New).count()
    }

    pub(super) fn removed(&self) -> usize {
        self.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.side == Side::Old).count()
    }
}

/// A run of changed lines with their surroundings.
#[derive(Debug)]
pub(super) struct Hunk<'a> {
    /// Line of its `@@` in the patch, from 1.
    pub(super) at: usize,
    pub(super) old_start: usize,
    pub(super) old_lines: usize,
    pub(super) new_start: usize,
    pub(super) new_lines: usize,
    pub(super) lines: Vec<Line<'a>>,
}

impl<'a> Hunk<'a> {
    /// The hunk that takes this one back.
    pub(super) fn reversed(&self) -> Hunk<'a> {
        let turn = |line: &Line<'_>| match line.side {
            Side::Both => Side::Both,
            Side::Old => Side::New,
            Side::New => Side::Old,
        };
        Self {
            at: self.at,
            old_start: self.new_start,
            old_lines: self.new_lines,
            new_start: self.old_start,
            new_lines: self.old_lines,
            lines: self.lines.iter().map(|line| Line { side: turn(line), ..*line }).collect(),
        }
    }
}

/// Which version of the file a line is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Both,
    Old,
    New,
}

/// A line of a hunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) side: Side,
    /// Without its line feed.
    pub(super) text: &'a str,
    /// Whether it ends in a line feed; the last line of a file may not.
    pub(super) ended: bool,
}

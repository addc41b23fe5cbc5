//! The table of the words: what each does, who may say it unless the configuration says otherwise, an example.

use crate::domain::access::Need;

/// What a word is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// `help`.
    Help,
    /// `status`.
    Status,
    /// `why`.
    Why,
    /// `run`.
    Run,
    /// `implement`.
    Implement,
    /// `revise`.
    Revise,
    /// `retry`.
    Retry,
    /// `cancel`.
    Cancel,
    /// `approve`.
    Approve,
    /// `reject`.
    Reject,
    /// `assign`.
    Assign,
    /// `unassign`.
    Unassign,
    /// `priority`.
    Priority,
    /// `label`.
    Label,
    /// `duplicate`.
    Duplicate,
    /// `undo`.
    Undo,
    /// `stop`.
    Stop,
    /// `pause`.
    Pause,
    /// `resume`.
    Resume,
}

/// A row of the table: name, what may follow, what it does, who may say it, an example of what follows.
type Row = (&'static str, &'static str, &'static str, Need, &'static str);

impl Verb {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 19] = [
        Self::Help,
        Self::Status,
        Self::Why,
        Self::Run,
        Self::Implement,
        Self::Revise,
        Self::Retry,
        Self::Cancel,
        Self::Approve,
        Self::Reject,
        Self::Assign,
        Self::Unassign,
        Self::Priority,
        Self::Label,
        Self::Duplicate,
        Self::Undo,
        Self::Stop,
        Self::Pause,
        Self::Resume,
    ];

    const fn row(self) -> Row {
        match self {
            Self::Help => ("help", "", "Shows what can be said.", Need::Anyone, ""),
            Self::Status => ("status", "", "Shows how things stand here.", Need::Anyone, ""),
            Self::Why => (
                "why",
                "[what]",
                "Shows what was found, done and left here, and why: all of it, or of a label, a person, a task.",
                Need::Anyone,
                "bug",
            ),
            Self::Run => (
                "run",
                "[kind]",
                "Analyses the issue anew, or runs `comment` or `implement`; on a pull request also `tend`.",
                Need::Triage,
                "analyse",
            ),
            Self::Implement => (
                "implement",
                "[assistant]",
                "Asks the assistants, or the one named, for a change and a pull request.",
                Need::Write,
                "patch",
            ),
            Self::Revise => (
                "revise",
                "<text>",
                "Asks for another change, and says what is to be different.",
                Need::Write,
                "keep the old name",
            ),
            Self::Retry => ("retry", "", "Tries again what was given up here.", Need::Write, ""),
            Self::Cancel => (
                "cancel",
                "[task]",
                "Calls off the unfinished tasks of this issue, or the one named.",
                Need::Write,
                "7zq3m0x1c2v4.1",
            ),
            Self::Approve => (
                "approve",
                "[feature]",
                "Lets go what waits here for an approval, or what one feature suggests.",
                Need::Write,
                "label",
            ),
            Self::Reject => (
                "reject",
                "[feature]",
                "Calls off what waits here for an approval, or what one feature suggests.",
                Need::Write,
                "label",
            ),
            Self::Assign => ("assign", "@x [@y …]", "Assigns people.", Need::Triage, "@mona"),
            Self::Unassign => (
                "unassign",
                "[@x …]",
                "Takes the assignments of these people away, or all.",
                Need::Triage,
                "@mona",
            ),
            Self::Priority => (
                "priority",
                "low|normal|high|critical|0-100",
                "Says how soon; a name changes the label for it as well.",
                Need::Triage,
                "high",
            ),
            Self::Label => (
                "label",
                "+a -b …",
                "Adds and removes labels; names with spaces stand in quotes.",
                Need::Triage,
                "+bug -\"needs triage\"",
            ),
            Self::Duplicate => {
                ("duplicate", "#n", "Says that issue n is about the same.", Need::Triage, "#12")
            }
            Self::Undo => (
                "undo",
                "[issue|run|task|effect]",
                "Takes back what Automata did here and nobody touched since, or the part named.",
                Need::Write,
                "7zq3m0x1c2v4.1",
            ),
            Self::Stop => (
                "stop",
                "[feature|everything]",
                "Calls everything off here, and begins nothing until `resume`; maintainers: what a feature does, or all there is.",
                Need::Write,
                "implement",
            ),
            Self::Pause => (
                "pause",
                "[feature|everything]",
                "Begins nothing here until `resume`; maintainers: nothing of a feature, or nothing at all.",
                Need::Write,
                "label",
            ),
            Self::Resume => (
                "resume",
                "[feature|everything]",
                "Goes on here; maintainers: with a feature, or with everything.",
                Need::Write,
                "label",
            ),
        }
    }

    /// How it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// What may follow it.
    #[must_use]
    pub const fn arguments(self) -> &'static str {
        self.row().1
    }

    /// What it does, one sentence.
    #[must_use]
    pub const fn about(self) -> &'static str {
        self.row().2
    }

    /// Who may say it unless the configuration says otherwise.
    #[must_use]
    pub const fn need(self) -> Need {
        self.row().3
    }

    /// The word and what may follow it: `assign @x [@y …]`.
    #[must_use]
    pub fn usage(self) -> String {
        format!("{} {}", self.name(), self.arguments()).trim_end().to_owned()
    }

    /// A whole line that is understood.
    #[must_use]
    pub fn example(self) -> String {
        format!("{} {} {}", super::PREFIX, self.name(), self.row().4).trim_end().to_owned()
    }

    /// The verb of that name, whatever its case.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.name().eq_ignore_ascii_case(name))
    }

    /// The verb that was probably meant.
    #[must_use]
    pub fn near(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let near = Self::ALL.into_iter().map(|verb| (distance(&name, verb.name()), verb));
        let (slips, verb) = near.min_by_key(|(slips, _)| *slips)?;
        (slips <= MOST_SLIPS && slips < verb.name().len()).then_some(verb)
    }
}

/// Letters that may be wrong, missing, too many or swapped in what is still taken for a slip.
const MOST_SLIPS: usize = 2;
/// Letters of a name that is compared at all: the longest verb has nine.
const LONGEST: usize = 16;

/// The letters to change, add, leave out or swap with their neighbours in order to make one of the other.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) =
        (one.chars().take(LONGEST).collect(), other.chars().take(LONGEST).collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for (i, a) in one.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let mut least = (rows[i][j + 1] + 1).min(row[j] + 1).min(rows[i][j] + usize::from(a != b));
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

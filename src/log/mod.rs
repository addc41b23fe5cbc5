//! History as data: the port through which events are kept, and what is said when that goes wrong.

use async_trait::async_trait;

use crate::domain::id::Sequence;
use crate::domain::used::Used;

pub use envelope::Envelope;
pub use memory::MemoryLog;
pub use verification::Verification;

pub mod chain;
pub mod envelope;
pub mod export;
pub mod memory;
pub mod mend;
pub mod reader;
pub mod sealing;
pub mod upcast;
pub mod verification;
pub mod wire;

/// A SHA-256 over everything that was ever written: `chain(n) = sha256(chain(n-1) || line n)`, the line
/// without its newline. Before the first line it is all zeros.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash(pub [u8; 32]);

impl ChainHash {
    /// The hash before the first line.
    pub const START: Self = Self([0; 32]);
}

impl std::fmt::Display for ChainHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// The end of the log, as one writer knows it: an append succeeds only while this is still the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last event's place; zero when the log is empty.
    pub sequence: Sequence,
    /// The chain's hash there.
    pub chain: ChainHash,
    /// What the adapter calls this place (a commit id); none when nothing was ever written.
    pub token: Option<String>,
    /// How many appends since the last snapshot: with [`SNAPSHOT_EVERY`] or more, hand in a snapshot.
    pub tail: usize,
}

impl Head {
    /// The end of a log that does not exist yet.
    pub const EMPTY: Self = Self { sequence: Sequence::ZERO, chain: ChainHash::START, token: None, tail: 0 };
}

/// Appends after which the next one brings a snapshot: a tail entry costs about 32 bytes in each further
/// append, a snapshot some ten kilobytes, and both are smallest together between 32 and 64.
pub const SNAPSHOT_EVERY: usize = 48;

/// The folded state at a place in the log, cut into files so that unchanged parts cost nothing. It is
/// a cache: throw it away and fold again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The last event folded in.
    pub sequence: Sequence,
    /// The version of the fold that made it; another version cannot read it.
    pub fold: u32,
    /// File name (letters, digits, `-`, `.`) and content, sorted by name.
    pub files: Vec<(String, Vec<u8>)>,
}

/// What a fresh reader gets: a snapshot (none: the log is short) and every event after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The end of the log.
    pub head: Head,
    /// The state to start from.
    pub snapshot: Option<Snapshot>,
    /// What happened since, in order.
    pub tail: Vec<Envelope>,
}

/// What one flush writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append<'a> {
    /// The events, whose places follow the head's without a gap. At least one.
    pub events: &'a [Envelope],
    /// What happened, for people who read the branch's history; the first line is a headline.
    pub message: &'a str,
    /// The state at the *expected head* (before these events), when a snapshot is due.
    pub snapshot: Option<&'a Snapshot>,
}

/// Why the log could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Somebody else appended first. Load, decide again, append again.
    #[error("the log moved on while this run was deciding")]
    Conflict,
    /// The log is damaged. Nothing is written until a person has looked.
    #[error("the log is damaged at {place}: {reason}")]
    Damaged {
        /// The commit, file and line.
        place: String,
        /// What is wrong there.
        reason: String,
        /// What can be done about it, each with its exact commands, where that is known.
        ways_out: Vec<String>,
    },
    /// The log does not end where it was left: it was set back, rewritten or deleted. Nothing is written until a
    /// person has decided.
    #[error("{told}")]
    SetBack {
        /// Where it stands, and where it was left.
        told: String,
        /// What can be done about it, each with its exact commands.
        ways_out: Vec<String>,
    },
    /// No log can be kept at the place that was named for it.
    #[error("{told}")]
    Misplaced {
        /// Why not.
        told: String,
        /// What to do.
        hint: String,
    },
    /// What is sealed in the log cannot be opened, or sealed: nothing was done.
    #[error("{told}")]
    Locked {
        /// Why not.
        told: String,
        /// What to do.
        hint: String,
    },
    /// Something else lies where the log should be.
    #[error("{0} exists and is no state branch of Automata: there is no head.json in it")]
    NotALog(String),
    /// The log was written by a newer version of this program.
    #[error("the log at {place} was written by a newer Automata: {reason}")]
    Newer {
        /// The commit, file and line.
        place: String,
        /// What is too new.
        reason: String,
    },
    /// The place where the log is kept could not be reached, or did not answer as it should.
    #[error("the log could not be reached: {0}")]
    Unreachable(String),
    /// The place where the log is kept refused us.
    #[error("the log may not be read or written: {reason}")]
    Denied {
        /// What was refused.
        reason: String,
        /// What to do.
        hint: String,
    },
}

impl Error {
    /// Whether the log itself is at fault, so that looking at what is left of it may still help.
    #[must_use]
    pub const fn is_damage(&self) -> bool {
        matches!(self, Self::Damaged { .. } | Self::SetBack { .. } | Self::Newer { .. })
    }
}

/// Where events are kept. One ordered stream for each repository.
///
/// Every adapter passes the suite in `tests/contract/log.rs`.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// Reads snapshot and tail. A log that does not exist is empty.
    async fn load(&self) -> Result<Loaded, Error>;

    /// Writes `batch` if the log still ends at `expected`, all of it or nothing, and gives the new end.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the log ends elsewhere: nothing was written. An append whose answer was
    /// lost is settled before this returns; [`Error::Unreachable`] means it is *not known* to be written,
    /// and a later `load` tells.
    async fn append(&self, expected: &Head, batch: &Append<'_>) -> Result<Head, Error>;

    /// Reads the events from `first` to the end, in order, also those that snapshots cover, and hands
    /// them to `visit` as they come.
    async fn history(&self, first: Sequence, visit: &mut (dyn FnMut(Envelope) + Send)) -> Result<(), Error>;

    /// What the next append has to record of the log's keys: that they were opened, that it changes them.
    fn used(&self) -> Vec<Used> {
        Vec::new()
    }
}

//! What lies where on the state branch, and what its commits say.
//!
//! ```text
//! README.md                 for people who find the branch
//! head.json                 where the log ends, and where the rest of it is
//! snapshot/<file>           the folded state, a cache
//! tail/000000000042.jsonl   one file for each append since the snapshot, named by its first event
//! ```

use serde::{Deserialize, Serialize};

use crate::domain::id::{RunId, Sequence};
use crate::log::{ChainHash, Envelope, Error, Snapshot, wire};

/// The version of this layout. A program that finds a higher one writes nothing.
pub(super) const FORMAT: u32 = SEALED_FORMAT;
/// The version of a log of which nothing is sealed.
pub(super) const OPEN_FORMAT: u32 = 1;
/// The version of a log of which something is: an older program would take what is sealed for what was said.
pub(super) const SEALED_FORMAT: u32 = 2;

pub(super) const README: &str = "README.md";
pub(super) const HEAD: &str = "head.json";
pub(super) const SNAPSHOT: &str = "snapshot";
pub(super) const TAIL: &str = "tail";

/// For people who find the branch.
pub(super) const README_TEXT: &str = "\
# The memory of Automata

This branch belongs to Automata, a GitHub Action that works in this repository. It keeps here what happened:
one commit for each time it worked, one line of JSON for each event.

Please do not edit, rebase, merge or delete it. Every line is chained to the one before, and Automata stops
when a line was changed. To stop using Automata, remove its workflow; then this branch, the one named like it
with `-archive` at its end and the ref below `refs/automata/witness` that is named like it can go.

- `git log` of this branch tells what was done and when.
- `tail/` holds the latest events, the archive branch all events before them.
- `snapshot/` is a cache of what the events add up to.
- `head.json` tells where the log ends.
";

/// For people who find the archive.
pub(super) const ARCHIVE_README_TEXT: &str = "\
# The older memory of Automata

Each commit after this one holds a range of events that left the state branch, oldest first along the first
parents. Please do not edit, rebase, merge or delete it.
";

/// `head.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HeadFile {
    pub(super) format: u32,
    /// The last event.
    pub(super) sequence: Sequence,
    /// The chain's hash after it.
    pub(super) chain: ChainHash,
    /// What `snapshot/` holds.
    pub(super) snapshot: Option<SnapshotMark>,
    /// The archive's commit that ends where the tail begins.
    pub(super) archive: Option<String>,
    /// The keys that some of it is sealed under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) keys: Option<KeysMark>,
}

/// Which keys a log is sealed under: another log's, or older ones with what was forgotten in them, are not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct KeysMark {
    /// Drawn once.
    pub(super) id: String,
    /// Grows with every change.
    pub(super) version: u64,
}

/// What `snapshot/` holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SnapshotMark {
    /// The last event folded in; the tail begins after it.
    pub(super) sequence: Sequence,
    /// The chain's hash there.
    pub(super) chain: ChainHash,
    /// The version of the fold.
    pub(super) fold: u32,
}

/// Why `head.json` could not be read.
pub(super) enum Unreadable {
    Newer(String),
    Damaged(String),
}

impl HeadFile {
    pub(super) fn read(content: &[u8]) -> Result<Self, Unreadable> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let damaged = |error: serde_json::Error| Unreadable::Damaged(error.to_string());
        let Format { format } = serde_json::from_slice(content).map_err(damaged)?;
        if format > FORMAT {
            return Err(Unreadable::Newer(format!(
                "the branch has format {format}, this program reads up to {FORMAT}"
            )));
        }
        serde_json::from_slice(content).map_err(damaged)
    }

    pub(super) fn write(&self) -> Result<Vec<u8>, Error> {
        let mut content = serde_json::to_vec_pretty(self).map_err(|error| Error::Damaged {
            place: HEAD.to_owned(),
            reason: error.to_string(),
            ways_out: Vec::new(),
        })?;
        content.push(b'\n');
        Ok(content)
    }
}

/// The version of a log that is sealed under `keys`, or of which nothing is sealed.
pub(super) const fn format_of(keys: Option<&KeysMark>) -> u32 {
    if keys.is_some() { SEALED_FORMAT } else { OPEN_FORMAT }
}

/// The name of the tail file that begins with `first`. Twelve digits keep a folder's listing in order for
/// as long as a log can grow.
pub(super) fn tail_name(first: Sequence) -> String {
    format!("{:012}.jsonl", first.0)
}

/// The event that the tail file of this name begins with; none for a name that we do not give.
pub(super) fn first_of(name: &str) -> Option<Sequence> {
    let first = Sequence(name.strip_suffix(".jsonl")?.parse().ok()?);
    (tail_name(first) == name).then_some(first)
}

/// The archive belonging to the state ref: its name with `-archive` at its end, so that one prefix
/// names both.
pub(super) fn archive_ref(reference: &str) -> String {
    format!("{reference}-archive")
}

/// A range of events, both ends included.
pub(super) fn range(first: Sequence, last: Sequence) -> String {
    if first == last { first.to_string() } else { format!("{first}-{last}") }
}

/// The message of a state commit: what happened, then what a program may want to find.
pub(super) fn state_message(told: &str, first: Sequence, last: Sequence, run: &RunId) -> String {
    let told = told.trim();
    let told = if told.is_empty() { "Append events" } else { told };
    format!("{told}\n\nAutomata-Sequence: {}\nAutomata-Run: {run}", range(first, last))
}

/// What is told of events of which something is sealed: no more than everybody may read in them.
pub(super) fn sealed_message(events: &[Envelope]) -> String {
    let line = |envelope: &Envelope| {
        let stamp = &envelope.recorded.stamp;
        format!("{} {}: {}", stamp.sequence, stamp.subject, wire::kind(&envelope.recorded.event))
    };
    let headline = events.first().map(line).unwrap_or_default();
    let lines: Vec<String> = events.iter().take(LINES).map(line).collect();
    let more = events.len().saturating_sub(LINES);
    let more = if more > 0 { format!("\nand {more} more") } else { String::new() };
    format!("{headline}\n\n{}{more}", lines.join("\n"))
}

/// Events told in one commit message: as many as anybody reads.
const LINES: usize = 50;

/// What an archive commit says about its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) first: Sequence,
    pub(super) last: Sequence,
    /// The chain's hash after the last event.
    pub(super) chain: ChainHash,
}

impl Segment {
    pub(super) fn message(&self) -> String {
        let range = range(self.first, self.last);
        format!("Archive events {range}\n\nAutomata-Sequence: {range}\nAutomata-Chain: {}", self.chain)
    }

    pub(super) fn read(message: &str) -> Option<Self> {
        let trailer = |key: &str| message.lines().rev().find_map(|line| line.strip_prefix(key));
        let range = trailer("Automata-Sequence: ")?;
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        Some(Self {
            first: Sequence(first.parse().ok()?),
            last: Sequence(last.parse().ok()?),
            chain: trailer("Automata-Chain: ")?.parse().ok()?,
        })
    }
}

/// Whether the snapshot can lie on the branch after the event at `sequence`.
pub(super) fn check_snapshot(snapshot: &Snapshot, sequence: Sequence) -> Result<(), Error> {
    let refuse = |reason: String| {
        let place = "the snapshot to append".to_owned();
        Err(Error::Damaged { place, reason, ways_out: Vec::new() })
    };
    if snapshot.sequence != sequence {
        return refuse(format!("it ends at event {}, the log at {sequence}", snapshot.sequence));
    }
    let is_plain = |name: &str| {
        name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.')) && !name.starts_with('.')
    };
    match snapshot.files.iter().find(|(name, _)| name.is_empty() || !is_plain(name)) {
        Some((name, _)) => refuse(format!("`{name}` is no name for a file of it")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_commit_says_what_it_holds() {
        let segment = Segment { first: Sequence(4), last: Sequence(96), chain: ChainHash::START.after(b"x") };
        assert_eq!(Segment::read(&segment.message()), Some(segment));
        let single = Segment { last: Sequence(4), ..segment };
        assert_eq!(Segment::read(&single.message()), Some(single));
        assert_eq!(Segment::read("Begin"), None);
    }

    #[test]
    fn a_newer_format_is_told_from_damage() {
        assert!(matches!(HeadFile::read(b"{\"format\":3,\"other\":1}"), Err(Unreadable::Newer(_))));
        assert!(matches!(HeadFile::read(b"{\"format\":1}"), Err(Unreadable::Damaged(_))));
        assert!(matches!(HeadFile::read(b"<<<<<<< HEAD"), Err(Unreadable::Damaged(_))));
    }
}

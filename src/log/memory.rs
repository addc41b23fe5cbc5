//! The log in memory: for tests, rehearsals and the reference that the other adapters are held against.

use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::domain::id::Sequence;

use super::reader::{self, Place, Reader, Stored};
use super::{Append, ChainHash, Envelope, Error, EventLog, Head, Loaded, Snapshot};

/// A log that ends with the process. It keeps the stored lines, not the events, so that it reads and
/// writes through the same codec as the others.
#[derive(Debug, Default)]
pub struct MemoryLog {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The files that snapshots cover, then those of the tail.
    files: Vec<(Sequence, String)>,
    /// How many files belong to the tail.
    tail: usize,
    end: Option<(Sequence, ChainHash)>,
    snapshot: Option<(Snapshot, ChainHash)>,
}

impl Kept {
    fn head(&self) -> Head {
        self.end.map_or(Head::EMPTY, |(sequence, chain)| Head {
            sequence,
            chain,
            token: Some(chain.to_string()),
            tail: self.tail,
        })
    }
}

impl MemoryLog {
    /// An empty log.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A log that goes on from a snapshot. What was before it cannot be read.
    #[must_use]
    pub fn after(snapshot: Snapshot) -> Self {
        let end = (snapshot.sequence, ChainHash::START);
        let kept = Kept { end: Some(end), snapshot: Some((snapshot, end.1)), ..Kept::default() };
        Self { kept: Mutex::new(kept) }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // A panic elsewhere leaves whole values behind: every change below is made of plain moves.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    async fn load(&self) -> Result<Loaded, Error> {
        let kept = self.kept();
        let mut reader = kept
            .snapshot
            .as_ref()
            .map_or(Reader::START, |(snapshot, chain)| Reader { sequence: snapshot.sequence, chain: *chain });
        let mut tail = Vec::new();
        let files = stored(&kept.files[kept.files.len() - kept.tail..]);
        reader.read(&files, &mut |event| tail.push(event))?;
        let snapshot = kept.snapshot.as_ref().map(|(snapshot, _)| snapshot.clone());
        Ok(Loaded { head: kept.head(), snapshot, tail })
    }

    async fn append(&self, expected: &Head, batch: &Append<'_>) -> Result<Head, Error> {
        let mut kept = self.kept();
        if kept.head() != *expected {
            return Err(Error::Conflict);
        }
        let from = Reader { sequence: expected.sequence, chain: expected.chain };
        let (lines, end) = reader::write(from, batch.events)?;
        if let Some(snapshot) = batch.snapshot {
            kept.snapshot = Some((snapshot.clone(), expected.chain));
            kept.tail = 0;
        }
        kept.files.push((expected.sequence.next(), lines));
        kept.tail += 1;
        kept.end = Some((end.sequence, end.chain));
        Ok(kept.head())
    }

    async fn history(&self, first: Sequence, visit: &mut (dyn FnMut(Envelope) + Send)) -> Result<(), Error> {
        let kept = self.kept();
        let mut reader = Reader::START;
        reader.read(&stored(&kept.files), &mut |event| {
            if event.recorded.stamp.sequence >= first {
                visit(event);
            }
        })
    }
}

fn stored(files: &[(Sequence, String)]) -> Vec<Stored> {
    let place = |first: &Sequence| Place { commit: "memory".to_owned(), file: first.to_string(), line: 0 };
    let stored = |(first, lines): &(Sequence, String)| Stored {
        place: place(first),
        first: Some(*first),
        content: lines.clone().into_bytes(),
    };
    files.iter().map(stored).collect()
}

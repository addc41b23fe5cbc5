//! Sealing the tail now: what an append does now and then, without an event.

use super::append::Prepared;
use super::keys::sealed_snapshot;
use super::layout::{self, HeadFile, KeysMark, SnapshotMark};
use super::tip::Tip;
use super::{GitLog, local};
use crate::domain::id::RunId;
use crate::domain::time::Timestamp;
use crate::log::{Error, Head, Snapshot};
use crate::services::git::objects::{self, Draft, Entry, ObjectId};
use crate::services::seal::keyring::Opener;
use std::sync::Arc;

/// What every fresh reader fetches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weight {
    /// The last event.
    pub sequence: u64,
    /// Files of events, one for each append since the snapshot.
    pub tail_files: usize,
    /// Their bytes.
    pub tail_bytes: usize,
    /// The snapshot's bytes.
    pub snapshot_bytes: usize,
}

impl GitLog {
    /// What the tip weighs now; none when there is no log.
    ///
    /// # Errors
    /// As `load`.
    pub async fn weight(&self) -> Result<Option<Weight>, Error> {
        let Some(tip) = self.tip().await? else { return Ok(None) };
        let bytes = |files: &[Entry]| -> Result<usize, Error> {
            let sizes = files.iter().map(|file| self.objects.read_blob(file.id).map(|content| content.len()));
            sizes.sum::<Result<usize, objects::Error>>().map_err(local)
        };
        let snapshot = tip.snapshot.as_ref().map_or(&[][..], |(_, files)| files);
        Ok(Some(Weight {
            sequence: tip.head.sequence.0,
            tail_files: tip.tail_files().len(),
            tail_bytes: bytes(tip.tail_files())?,
            snapshot_bytes: bytes(snapshot)?,
        }))
    }

    /// Moves the tail into the archive and writes `snapshot`, which is the state at `expected`, if the log still ends
    /// there.
    ///
    /// # Errors
    /// As [`crate::log::EventLog::append`].
    pub async fn compact(
        &self,
        expected: &Head,
        snapshot: &Snapshot,
        now: Timestamp,
        run: &RunId,
    ) -> Result<Head, Error> {
        layout::check_snapshot(snapshot, expected.sequence)?;
        let (base, witness) = self.base(expected).await?;
        let base = base.ok_or(Error::Conflict)?;
        self.unlock_to_write(Some(&base)).await?;
        let new_keys = self.new_keys(now)?;
        let opener = new_keys.as_ref().map_or_else(|| self.opener(), |keys| Arc::clone(&keys.opener));
        let sealed = self.seal(&base, now).await?;
        let archive = sealed.as_ref().map(|sealed| sealed.update.target);
        let prepared = self.compacted(&base, archive, snapshot, &opener, now, run)?;
        self.publish(Some(&base), prepared, sealed, new_keys, witness).await
    }

    fn compacted(
        &self,
        base: &Tip,
        archive: Option<ObjectId>,
        snapshot: &Snapshot,
        opener: &Opener,
        now: Timestamp,
        run: &RunId,
    ) -> Result<Prepared, Error> {
        let keys =
            opener.keyring().map(|keyring| KeysMark { id: keyring.id.clone(), version: keyring.version });
        let keys = keys.or_else(|| base.head.keys.clone());
        let mark = SnapshotMark { sequence: base.head.sequence, chain: base.head.chain, fold: snapshot.fold };
        let head = HeadFile {
            format: layout::format_of(keys.as_ref()),
            snapshot: Some(mark),
            archive: archive.map(|named| named.to_string()).or_else(|| base.head.archive.clone()),
            keys,
            ..base.head
        };
        let (content, files) = (head.write()?, sealed_snapshot(snapshot, opener)?);
        let (first, last) = (base.tail_start().sequence.next(), base.head.sequence);
        let told = match archive {
            Some(_) => format!("Seal events {} into the archive", layout::range(first, last)),
            None => format!("Write the snapshot at event {last} anew"),
        };
        let message = format!("{told}\n\nAutomata-Run: {run}");
        let write = || {
            let database = &self.objects;
            let mut root = vec![
                Entry::file(layout::HEAD, database.write_blob(&content)?),
                Entry::tree(layout::SNAPSHOT, self.write_snapshot(&files)?),
            ];
            root.extend(base.readme.clone());
            let commit = database.write_commit(&Draft {
                tree: database.write_tree(&root)?,
                parents: vec![base.commit],
                author: (&self.settings.author.0, &self.settings.author.1),
                at: now,
                message: &message,
            })?;
            Ok((commit, database.brought_by(commit)?))
        };
        let (commit, objects) = write().map_err(local)?;
        Ok(Prepared { commit, file: None, head, tail: 0, objects })
    }
}

//! Writing one append: a new tail file in a new commit, moved into place by compare-and-swap.

use super::archive::Sealed;
use super::layout::{self, FORMAT, HeadFile, SnapshotMark};
use super::tip::Tip;
use super::{GitLog, local, unpoisoned};
use crate::domain::time::Timestamp;
use crate::log::reader::{self, Reader};
use crate::log::{Append, Error, Head, Snapshot};
use crate::services::git::objects::{self, Draft, Entry, ObjectId};
use crate::services::git::remote::{Outcome, Push, RefUpdate};

/// What was written locally and waits to be pushed.
struct Prepared {
    commit: ObjectId,
    /// The new tail file, by which our append is recognised later.
    file: Entry,
    head: HeadFile,
    tail: usize,
    objects: Vec<ObjectId>,
}

impl GitLog {
    pub(super) async fn append_at(&self, expected: &Head, batch: &Append<'_>) -> Result<Head, Error> {
        let from = Reader { sequence: expected.sequence, chain: expected.chain };
        let (lines, end) = reader::write(from, batch.events)?;
        if let Some(snapshot) = batch.snapshot {
            layout::check_snapshot(snapshot, expected.sequence)?;
        }
        let base = self.base(expected).await?;
        let sealed = match (&base, batch.snapshot) {
            (Some(base), Some(_)) => self.seal(base, at(batch)).await?,
            _ => None,
        };
        let prepared = self.prepare(base.as_ref(), sealed.as_ref(), batch, &lines, end).map_err(local)??;
        let update = RefUpdate {
            name: self.settings.reference.clone(),
            expected: base.as_ref().map(|base| base.commit),
            target: prepared.commit,
        };
        let mut push = Push { updates: vec![update], objects: prepared.objects.clone() };
        if let Some(sealed) = sealed {
            push.updates.insert(0, sealed.update);
            push.objects.extend(sealed.objects);
        }
        let outcomes = self.remote.push(&self.objects, &push).await?;
        self.conclude(outcomes, prepared).await
    }

    /// The commit that `expected` names; none when the log does not exist yet.
    async fn base(&self, expected: &Head) -> Result<Option<Tip>, Error> {
        let Some(token) = &expected.token else { return Ok(None) };
        let commit = token.parse().map_err(|_| Error::Conflict)?;
        let base = self.tip_at(commit).await?;
        let is_same = base.head.sequence == expected.sequence && base.head.chain == expected.chain;
        if is_same { Ok(Some(base)) } else { Err(Error::Conflict) }
    }

    /// Writes everything into the local object database. The outer error is about that, the inner one
    /// about what is to be written.
    fn prepare(
        &self,
        base: Option<&Tip>,
        sealed: Option<&Sealed>,
        batch: &Append<'_>,
        lines: &str,
        end: Reader,
    ) -> Result<Result<Prepared, Error>, objects::Error> {
        let database = &self.objects;
        let stamp = &batch.events[0].recorded.stamp;
        let file = Entry::file(layout::tail_name(stamp.sequence), database.write_blob(lines.as_bytes())?);
        let mut tail = match (base, batch.snapshot) {
            (Some(base), None) => base.tail_files().to_vec(),
            _ => Vec::new(),
        };
        tail.push(file.clone());
        let snapshot = match batch.snapshot {
            Some(snapshot) => Some(self.write_snapshot(snapshot)?),
            None => base.and_then(|base| base.snapshot.as_ref()).map(|(folder, _)| *folder),
        };
        let mark = batch.snapshot.map(|snapshot| SnapshotMark {
            sequence: snapshot.sequence,
            chain: base.map_or(Reader::START.chain, |base| base.head.chain),
            fold: snapshot.fold,
        });
        let head = HeadFile {
            format: FORMAT,
            sequence: end.sequence,
            chain: end.chain,
            snapshot: mark.or_else(|| base.and_then(|base| base.head.snapshot.clone())),
            archive: sealed
                .map(|sealed| sealed.update.target.to_string())
                .or_else(|| base.and_then(|base| base.head.archive.clone())),
        };
        let content = match head.write() {
            Ok(content) => content,
            Err(error) => return Ok(Err(error)),
        };
        let readme = match base.and_then(|base| base.readme.clone()) {
            Some(readme) => readme,
            None => Entry::file(layout::README, database.write_blob(layout::README_TEXT.as_bytes())?),
        };
        let mut root = vec![
            readme,
            Entry::file(layout::HEAD, database.write_blob(&content)?),
            Entry::tree(layout::TAIL, database.write_tree(&tail)?),
        ];
        root.extend(snapshot.map(|folder| Entry::tree(layout::SNAPSHOT, folder)));
        let commit = database.write_commit(&Draft {
            tree: database.write_tree(&root)?,
            parents: base.iter().map(|base| base.commit).collect(),
            author: (&self.settings.author.0, &self.settings.author.1),
            at: at(batch),
            message: &layout::state_message(batch.message, stamp.sequence, end.sequence, &stamp.run),
        })?;
        let brought = database.brought_by(commit)?;
        Ok(Ok(Prepared { commit, file, head, tail: tail.len(), objects: brought }))
    }

    fn write_snapshot(&self, snapshot: &Snapshot) -> Result<ObjectId, objects::Error> {
        let entries: Vec<Entry> = snapshot
            .files
            .iter()
            .map(|(name, content)| Ok(Entry::file(name.as_str(), self.objects.write_blob(content)?)))
            .collect::<Result<_, objects::Error>>()?;
        self.objects.write_tree(&entries)
    }

    async fn conclude(&self, outcomes: Vec<Outcome>, ours: Prepared) -> Result<Head, Error> {
        let head = Head {
            sequence: ours.head.sequence,
            chain: ours.head.chain,
            token: Some(ours.commit.to_string()),
            tail: ours.tail,
        };
        let mut unsettled = false;
        for outcome in &outcomes {
            match outcome {
                Outcome::Done => {}
                Outcome::Forbidden(reason) => return Err(self.forbidden(reason)),
                Outcome::Stale(_) => return Err(Error::Conflict),
                Outcome::Unsettled(_) => unsettled = true,
            }
        }
        if unsettled && !self.was_written(&ours).await? {
            return Err(Error::Conflict);
        }
        if !unsettled {
            *unpoisoned(&self.whole) = Some(ours.commit);
        }
        Ok(head)
    }

    fn forbidden(&self, reason: &str) -> Error {
        let archive = self.settings.archive();
        Error::Denied {
            reason: format!("the remote forbids the push: {reason}"),
            hint: format!(
                "Let this account push to {} and {archive}: exempt both from branch protection and rulesets, or name \
                 another state branch in the configuration.",
                self.settings.reference
            ),
        }
    }

    /// Whether our file is in the log, when somebody else has moved the branch since. Its content names
    /// the chain before it and ids drawn for this append, so an equal file is ours.
    async fn was_written(&self, ours: &Prepared) -> Result<bool, Error> {
        let Some(tip) = self.tip().await? else { return Ok(false) };
        if tip.head.sequence < ours.head.sequence {
            return Ok(false);
        }
        if tip.tail_files().contains(&ours.file) {
            return Ok(true);
        }
        // Sealed away in the meantime.
        self.archive_holds(&tip, ours.head.sequence, &ours.file).await
    }
}

/// When the append was decided: the last of its events.
fn at(batch: &Append<'_>) -> Timestamp {
    batch.events.last().map_or_else(Timestamp::default, |event| event.recorded.stamp.at)
}

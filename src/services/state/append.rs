//! Writing one append: a new tail file in a new commit, moved into place by compare-and-swap.

use std::sync::Arc;

use super::archive::Sealed;
use super::keys::{NewKeys, sealed_snapshot};
use super::layout::{self, HeadFile, KeysMark, SnapshotMark};
use super::tip::Tip;
use super::witness::{Pace, Seen};
use super::{GitLog, local, unpoisoned};
use crate::domain::encryption::Extent;
use crate::domain::time::Timestamp;
use crate::log::reader::{self, Reader};
use crate::log::sealing::Veil as _;
use crate::log::{Append, Error, Head};
use crate::services::git::objects::{self, Draft, Entry, ObjectId};
use crate::services::git::remote::{Outcome, Push, RefUpdate};
use crate::services::seal::keyring::Opener;

/// What was written locally and waits to be pushed.
pub(super) struct Prepared {
    pub(super) commit: ObjectId,
    /// The new tail file, by which our append is recognised later; none when no event was written.
    pub(super) file: Option<Entry>,
    pub(super) head: HeadFile,
    pub(super) tail: usize,
    pub(super) objects: Vec<ObjectId>,
}

impl GitLog {
    pub(super) async fn append_at(&self, expected: &Head, batch: &Append<'_>) -> Result<Head, Error> {
        let from = Reader { sequence: expected.sequence, chain: expected.chain };
        if let Some(snapshot) = batch.snapshot {
            layout::check_snapshot(snapshot, expected.sequence)?;
        }
        let (base, witness) = self.base(expected).await?;
        self.unlock_to_write(base.as_ref()).await?;
        let new_keys = self.new_keys(at(batch))?;
        let opener = new_keys.as_ref().map_or_else(|| self.opener(), |keys| Arc::clone(&keys.opener));
        let (lines, end) = reader::write_sealed(from, batch.events, Some(&*opener))?;
        let sealed = match (&base, batch.snapshot) {
            (Some(base), Some(_)) => self.seal(base, at(batch)).await?,
            _ => None,
        };
        let prepared =
            self.prepare(base.as_ref(), sealed.as_ref(), batch, &opener, &lines, end).map_err(local)??;
        self.publish(base.as_ref(), prepared, sealed, new_keys, witness).await
    }

    /// Pushes what was prepared on `base`: keys, archive, branch and witness, and finds out what came of it.
    pub(super) async fn publish(
        &self,
        base: Option<&Tip>,
        prepared: Prepared,
        sealed: Option<Sealed>,
        new_keys: Option<NewKeys>,
        witness: Option<(Pace, ObjectId)>,
    ) -> Result<Head, Error> {
        let update = RefUpdate {
            name: self.settings.reference.clone(),
            expected: base.map(|base| base.commit),
            target: prepared.commit,
        };
        let (pace, witnessing) = self.witnessing(witness, prepared.commit).await?;
        let mut push = Push {
            updates: vec![update, witnessing],
            together: pace == Pace::Together,
            objects: prepared.objects.clone(),
        };
        if let Some(sealed) = sealed {
            push.updates.insert(0, sealed.update);
            push.objects.extend(sealed.objects);
        }
        if let Some(keys) = &new_keys {
            push.updates.insert(0, keys.update.clone());
            push.objects.extend(&keys.objects);
        }
        // Until it is known what came of it, nobody knows where they stand.
        *unpoisoned(&self.seen) = None;
        let made: Vec<String> = push
            .updates
            .iter()
            .filter(|update| update.expected.is_none())
            .map(|update| update.name.clone())
            .collect();
        let appended = match self.remote.push(&self.objects, &push).await {
            Ok(outcomes) => self.conclude(outcomes, prepared, new_keys, witness, pace).await,
            Err(error) => Err(error.into()),
        };
        match appended {
            // Remotes have many words for a ref that cannot be made, and none is told from a lost race.
            Err(error) if !made.is_empty() => Err(self.nested(&made).await.unwrap_or(error)),
            appended => appended,
        }
    }

    /// The commit that `expected` names, none when the log does not exist yet; and where its witness stands.
    pub(super) async fn base(
        &self,
        expected: &Head,
    ) -> Result<(Option<Tip>, Option<(Pace, ObjectId)>), Error> {
        let commit: Option<ObjectId> =
            expected.token.as_ref().map(|token| token.parse().map_err(|_| Error::Conflict)).transpose()?;
        let known = *unpoisoned(&self.seen);
        let seen = match known.filter(|seen| seen.branch == commit) {
            Some(seen) => seen,
            None => self.sound_standing().await?,
        };
        if seen.branch != commit {
            return Err(Error::Conflict);
        }
        let Some(commit) = commit else { return Ok((None, seen.witness)) };
        let base = self.tip_at(commit).await?;
        let is_same = base.head.sequence == expected.sequence && base.head.chain == expected.chain;
        if is_same { Ok((Some(base), seen.witness)) } else { Err(Error::Conflict) }
    }

    /// Writes everything into the local object database. The outer error is about that, the inner one
    /// about what is to be written.
    fn prepare(
        &self,
        base: Option<&Tip>,
        sealed: Option<&Sealed>,
        batch: &Append<'_>,
        opener: &Opener,
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
            Some(snapshot) => match sealed_snapshot(snapshot, opener) {
                Ok(files) => Some(self.write_snapshot(&files)?),
                Err(error) => return Ok(Err(error)),
            },
            None => base.and_then(|base| base.snapshot.as_ref()).map(|(folder, _)| *folder),
        };
        let mark = batch.snapshot.map(|snapshot| SnapshotMark {
            sequence: snapshot.sequence,
            chain: base.map_or(Reader::START.chain, |base| base.head.chain),
            fold: snapshot.fold,
        });
        // Once sealed a log is never again one that an older program may read.
        let keys =
            opener.keyring().map(|keyring| KeysMark { id: keyring.id.clone(), version: keyring.version });
        let keys = keys.or_else(|| base.and_then(|base| base.head.keys.clone()));
        let head = HeadFile {
            format: layout::format_of(keys.as_ref()),
            sequence: end.sequence,
            chain: end.chain,
            snapshot: mark.or_else(|| base.and_then(|base| base.head.snapshot.clone())),
            archive: sealed
                .map(|sealed| sealed.update.target.to_string())
                .or_else(|| base.and_then(|base| base.head.archive.clone())),
            keys,
        };
        let told = match opener.extent() {
            Extent::Nothing => batch.message.to_owned(),
            Extent::Sensitive | Extent::All => layout::sealed_message(batch.events),
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
            message: &layout::state_message(&told, stamp.sequence, end.sequence, &stamp.run),
        })?;
        let brought = database.brought_by(commit)?;
        Ok(Ok(Prepared { commit, file: Some(file), head, tail: tail.len(), objects: brought }))
    }

    pub(super) fn write_snapshot(&self, files: &[(String, Vec<u8>)]) -> Result<ObjectId, objects::Error> {
        let entries: Vec<Entry> = files
            .iter()
            .map(|(name, content)| Ok(Entry::file(name.as_str(), self.objects.write_blob(content)?)))
            .collect::<Result<_, objects::Error>>()?;
        self.objects.write_tree(&entries)
    }

    async fn conclude(
        &self,
        outcomes: Vec<Outcome>,
        ours: Prepared,
        new_keys: Option<NewKeys>,
        before: Option<(Pace, ObjectId)>,
        pace: Pace,
    ) -> Result<Head, Error> {
        let head = Head {
            sequence: ours.head.sequence,
            chain: ours.head.chain,
            token: Some(ours.commit.to_string()),
            tail: ours.tail,
        };
        // The witness comes last, and decides nothing: once the branch has moved the append is done, and a witness
        // that stayed behind is moved on by the next one.
        let (witness, decisive) = outcomes.split_last().ok_or(Error::Conflict)?;
        let is_done = !decisive.is_empty() && decisive.iter().all(|outcome| *outcome == Outcome::Done);
        if is_done {
            *unpoisoned(&self.whole) = Some(ours.commit);
            let keys = new_keys.map_or_else(|| self.keys_at(), |keys| Some(self.take_keys(keys)));
            if *witness == Outcome::Done {
                let witness = Some((pace, ours.commit));
                let seen = Seen { branch: Some(ours.commit), witness, keys };
                *unpoisoned(&self.seen) = Some(seen);
            } else {
                tracing::debug!(?witness, "the witness stayed behind");
            }
            return Ok(head);
        }
        let forbidden = outcomes.iter().find_map(|outcome| match outcome {
            Outcome::Forbidden(reason) => Some(reason),
            _ => None,
        });
        if let Some(reason) = forbidden {
            return Err(self.forbidden(reason));
        }
        let is_stale = decisive.iter().any(|outcome| matches!(outcome, Outcome::Stale(_)));
        if is_stale && *witness == Outcome::Done {
            self.take_back(ours.commit, before, pace).await;
        }
        if !is_stale && self.was_written(&ours).await? { Ok(head) } else { Err(Error::Conflict) }
    }

    /// Puts the witness back where it was. Only a server that once moved two refs together and does not any more
    /// makes that necessary; when this fails too, the next reader stops and says so.
    async fn take_back(&self, ours: ObjectId, before: Option<(Pace, ObjectId)>, pace: Pace) {
        let Some((_, target)) = before else { return };
        let update = RefUpdate { name: self.settings.witness(pace), expected: Some(ours), target };
        let push = Push { updates: vec![update], together: false, objects: Vec::new() };
        if let Err(error) = self.remote.push(&self.objects, &push).await {
            tracing::warn!(%error, "the witness could not be put back");
        }
    }

    pub(super) fn forbidden(&self, reason: &str) -> Error {
        let (archive, witness) = (self.settings.archive(), self.settings.witness(Pace::Together));
        Error::Denied {
            reason: format!("the remote forbids the push: {reason}"),
            hint: format!(
                "Let this account push to {}, {archive} and {witness}: exempt them from branch protection and \
                 rulesets, or name another state branch in the configuration.",
                self.settings.reference
            ),
        }
    }

    /// Whether our file is in the log, when somebody else has moved the branch since. Its content names
    /// the chain before it and ids drawn for this append, so an equal file is ours.
    async fn was_written(&self, ours: &Prepared) -> Result<bool, Error> {
        let (Some(file), Some(tip)) = (&ours.file, self.tip().await?) else { return Ok(false) };
        if tip.head.sequence < ours.head.sequence {
            return Ok(false);
        }
        if tip.tail_files().contains(file) {
            return Ok(true);
        }
        // Sealed away in the meantime.
        self.archive_holds(&tip, ours.head.sequence, file).await
    }
}

/// When the append was decided: the last of its events.
fn at(batch: &Append<'_>) -> Timestamp {
    batch.events.last().map_or_else(Timestamp::default, |event| event.recorded.stamp.at)
}

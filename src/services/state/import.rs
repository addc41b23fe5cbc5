//! Writing a whole log at once: its lines into a new archive, and a tip that ends with the last of them.

use super::layout::{self, HeadFile, KeysMark, Segment, SnapshotMark};
use super::witness::Pace;
use super::{GitLog, local, unpoisoned};
use crate::domain::id::{RunId, Sequence};
use crate::domain::time::Timestamp;
use crate::log::export::Export;
use crate::log::reader::Reader;
use crate::log::{ChainHash, Error, Snapshot};
use crate::services::git::objects::{self, Draft, Entry, ObjectId};
use crate::services::git::remote::{Outcome, Push, RefUpdate};

/// Events in one file: some hundred kilobytes, as GitHub likes objects to be.
const EVENTS_IN_A_FILE: usize = 256;
/// Files in one segment: folders stay small, and a segment is fetched at once.
const FILES_IN_A_SEGMENT: usize = 16;

/// What the refs of a log have to be for it to be written, and what becomes of what they name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stands {
    pub(super) branch: Option<ObjectId>,
    pub(super) witness: Option<(Pace, ObjectId)>,
    pub(super) archive: Option<ObjectId>,
    /// Whether the new branch may stand on what was there: it can be read.
    pub(super) branch_is_readable: bool,
    /// As for the branch.
    pub(super) archive_is_readable: bool,
    /// Refs to keep what would otherwise be named by none.
    pub(super) kept: Vec<RefUpdate>,
}

/// Who writes, and when.
#[derive(Clone, Copy, Debug)]
pub struct Writing<'a> {
    /// The time.
    pub now: Timestamp,
    /// The run.
    pub run: &'a RunId,
}

impl GitLog {
    /// Whether there is anything on the branch.
    ///
    /// # Errors
    /// When that cannot be told, or branch and witness contradict each other.
    pub async fn is_begun(&self) -> Result<bool, Error> {
        Ok(self.sound_standing().await?.branch.is_some())
    }

    /// Writes a log that was checked on a branch that is not there yet: all of it or nothing. `snapshot` is the state at
    /// its end; without one, as of a log that is sealed, the next reader folds all of it.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the branch is there; else as `append`.
    pub async fn import(
        &self,
        export: &Export<'_>,
        snapshot: Option<&Snapshot>,
        writing: Writing<'_>,
    ) -> Result<(), Error> {
        let seen = self.sound_standing().await?;
        if seen.branch.is_some() {
            return Err(Error::Conflict);
        }
        self.expect_room().await?;
        let archive = self.ref_at(&self.settings.archive()).await?;
        let stands = Stands { archive, archive_is_readable: true, ..Stands::default() };
        self.write_whole(export, snapshot, &stands, "Import", writing).await
    }

    pub(super) async fn ref_at(&self, name: &str) -> Result<Option<ObjectId>, Error> {
        let found = crate::services::git::remote::find(&*self.remote, name).await?;
        Ok(found.map(|found| found.target))
    }

    /// Writes a whole log where the refs stand as they are said to.
    pub(super) async fn write_whole(
        &self,
        export: &Export<'_>,
        snapshot: Option<&Snapshot>,
        stands: &Stands,
        verb: &str,
        writing: Writing<'_>,
    ) -> Result<(), Error> {
        let (mut objects, mut archive) = (Vec::new(), None);
        if export.heading.sequence > Sequence::ZERO {
            archive = Some(self.segments(export, stands, writing, &mut objects).map_err(local)?);
        }
        let keys =
            export.heading.keys.as_ref().map(|keys| KeysMark { id: keys.id.clone(), version: keys.version });
        let (sequence, chain) = (export.heading.sequence, export.heading.chain);
        // A snapshot without files is passed over, and the next append writes one.
        let fold = snapshot.map_or(0, |snapshot| snapshot.fold);
        let head = HeadFile {
            format: layout::format_of(keys.as_ref()),
            sequence,
            chain,
            snapshot: Some(SnapshotMark { sequence, chain, fold }),
            archive: archive.map(|commit| commit.to_string()),
            keys,
        };
        let content = head.write()?;
        let told = format!("{verb} the log up to event {sequence}\n\nAutomata-Run: {}", writing.run);
        let tip = || {
            let database = &self.objects;
            let readme = database.write_blob(layout::README_TEXT.as_bytes())?;
            let head = database.write_blob(&content)?;
            let mut root = vec![Entry::file(layout::README, readme), Entry::file(layout::HEAD, head)];
            if let Some(snapshot) = snapshot {
                root.push(Entry::tree(layout::SNAPSHOT, self.write_snapshot(&snapshot.files)?));
            }
            let tree = database.write_tree(&root)?;
            let parents = stands.branch.filter(|_| stands.branch_is_readable).into_iter().collect();
            let commit = self.commit(tree, parents, &told, writing)?;
            let mut brought: Vec<ObjectId> =
                database.files_below(tree)?.into_iter().map(|(_, file)| file.id).collect();
            brought.extend(root.iter().map(|entry| entry.id).chain([tree, commit]));
            Ok((commit, brought))
        };
        let (commit, brought) = tip().map_err(local)?;
        objects.extend(brought);
        objects.sort_unstable();
        objects.dedup();
        let (pace, witnessing) = self.witnessing(stands.witness, commit).await?;
        let mut updates = stands.kept.clone();
        updates.extend(archive.map(|target| RefUpdate {
            name: self.settings.archive(),
            expected: stands.archive,
            target,
        }));
        let name = self.settings.reference.clone();
        updates.push(RefUpdate { name, expected: stands.branch, target: commit });
        updates.push(witnessing);
        self.move_all(Push { updates, together: pace == Pace::Together, objects }).await
    }

    /// Moves refs, all of them where the remote can; a witness comes last and may stay behind.
    pub(super) async fn move_all(&self, push: Push) -> Result<(), Error> {
        *unpoisoned(&self.seen) = None;
        *unpoisoned(&self.ahead) = None;
        let outcomes = self.remote.push(&self.objects, &push).await?;
        for outcome in &outcomes {
            if let Outcome::Forbidden(reason) = outcome {
                return Err(self.forbidden(reason));
            }
        }
        let is_done = outcomes.iter().all(|outcome| *outcome == Outcome::Done);
        if is_done { Ok(()) } else { Err(Error::Conflict) }
    }

    fn commit(
        &self,
        tree: ObjectId,
        parents: Vec<ObjectId>,
        message: &str,
        writing: Writing<'_>,
    ) -> Result<ObjectId, objects::Error> {
        let author = (self.settings.author.0.as_str(), self.settings.author.1.as_str());
        self.objects.write_commit(&Draft { tree, parents, author, at: writing.now, message })
    }

    /// Writes the archive's commits for all lines; gives the last of them.
    fn segments(
        &self,
        export: &Export<'_>,
        stands: &Stands,
        writing: Writing<'_>,
        objects: &mut Vec<ObjectId>,
    ) -> Result<ObjectId, objects::Error> {
        let database = &self.objects;
        let readme = database.write_blob(layout::ARCHIVE_README_TEXT.as_bytes())?;
        let tree = database.write_tree(&[Entry::file(layout::README, readme)])?;
        let mut before = self.commit(tree, Vec::new(), "Begin the archive", writing)?;
        objects.extend([readme, tree, before]);
        let mut reader = Reader::START;
        let lines: Vec<&[u8]> = export.lines.split_inclusive(|byte| *byte == b'\n').collect();
        let segments: Vec<_> = lines.chunks(EVENTS_IN_A_FILE * FILES_IN_A_SEGMENT).collect();
        for (place, segment) in segments.iter().enumerate() {
            let first = reader.sequence.next();
            let mut files = Vec::new();
            for some in segment.chunks(EVENTS_IN_A_FILE) {
                let blob = database.write_blob(&some.concat())?;
                files.push(Entry::file(layout::tail_name(reader.sequence.next()), blob));
                objects.push(blob);
                reader = some.iter().fold(reader, |reader, line| after(reader, line));
            }
            let tree = database.write_tree(&files)?;
            let told = Segment { first, last: reader.sequence, chain: reader.chain }.message();
            let is_last = place + 1 == segments.len();
            let left_behind = stands.archive.filter(|_| is_last && stands.archive_is_readable);
            let parents = [Some(before), left_behind].into_iter().flatten().collect();
            before = self.commit(tree, parents, &told, writing)?;
            objects.extend([tree, before]);
        }
        Ok(before)
    }
}

/// Where a reader stands after a line that was checked before.
fn after(reader: Reader, line: &[u8]) -> Reader {
    let chain: ChainHash = reader.chain.after(line.strip_suffix(b"\n").unwrap_or(line));
    Reader { sequence: reader.sequence.next(), chain }
}

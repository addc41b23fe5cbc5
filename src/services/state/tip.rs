//! Reading the tip of the state branch: two or three requests, whatever the log's length.

use super::layout::{self, HeadFile, Unreadable};
use super::{GitLog, unpoisoned};
use crate::domain::id::Sequence;
use crate::log::reader::{Place, Reader, Stored};
use crate::log::{ChainHash, Error, Head, Loaded, SNAPSHOT_EVERY, Snapshot};
use crate::services::git::objects::{self, Entry, EntryKind, ObjectId};
use crate::services::git::remote;

/// How often the tip is looked up again when it moves while it is fetched: a server may forget a commit
/// that no ref names any more.
const TIP_TRIES: u32 = 3;

/// A commit of the state branch, without the contents of its tail and snapshot.
#[derive(Clone, Debug)]
pub(super) struct Tip {
    pub(super) commit: ObjectId,
    pub(super) head: HeadFile,
    pub(super) readme: Option<Entry>,
    /// The folder `snapshot`, and what is in it.
    pub(super) snapshot: Option<(ObjectId, Vec<Entry>)>,
    /// The folder `tail`, and what is in it, in order.
    pub(super) tail: Option<(ObjectId, Vec<Entry>)>,
}

impl Tip {
    pub(super) fn tail_files(&self) -> &[Entry] {
        self.tail.as_ref().map_or(&[], |(_, files)| files)
    }

    /// Where the tail begins.
    pub(super) fn tail_start(&self) -> Reader {
        self.head
            .snapshot
            .as_ref()
            .map_or(Reader::START, |mark| Reader { sequence: mark.sequence, chain: mark.chain })
    }

    pub(super) fn end(&self) -> Head {
        Head {
            sequence: self.head.sequence,
            chain: self.head.chain,
            token: Some(self.commit.to_string()),
            tail: self.tail_files().len(),
        }
    }

    pub(super) fn place(&self, file: &str) -> Place {
        place(self.commit, file)
    }
}

pub(super) fn place(commit: ObjectId, file: &str) -> Place {
    Place { commit: short(commit), file: file.to_owned(), line: 0 }
}

/// Enough digits to find a commit by, few enough to read.
pub(super) fn short(commit: ObjectId) -> String {
    commit.to_string().chars().take(12).collect()
}

impl GitLog {
    /// Finds and fetches the tip; none when there is no state branch.
    pub(super) async fn tip(&self) -> Result<Option<Tip>, Error> {
        let mut tries = 1;
        loop {
            let seen = self.sound_standing().await?;
            let Some(commit) = seen.branch else { return Ok(None) };
            match self.tip_at(commit).await {
                Err(Error::Unreachable(_)) if tries < TIP_TRIES => tries += 1,
                // Where there is a witness, this was a log once.
                Err(Error::NotALog(_)) if seen.witness.is_some() => {
                    return Err(place(commit, layout::HEAD).damaged("it is missing"));
                }
                result => return result.map(Some),
            }
        }
    }

    /// Reads a commit of the state branch, and fetches it when it is not here.
    pub(super) async fn tip_at(&self, commit: ObjectId) -> Result<Tip, Error> {
        if !self.objects.has(commit) {
            let known = *unpoisoned(&self.whole);
            self.remote.fetch_whole(&self.objects, commit, known).await.map_err(|error| match error {
                remote::Error::Damaged { reason, .. } => self.unusable(commit, reason),
                other => other.into(),
            })?;
            if known.is_some() && !self.has_folders_of(commit) {
                // The server took our word for more than we said.
                self.remote.fetch(&self.objects, &[commit], remote::Depth::Tip).await?;
            }
        }
        let broken = |error: objects::Error| place(commit, "its folders").damaged(error.to_string());
        let read =
            self.objects.read_commit(commit).map_err(|error| self.unusable(commit, error.to_string()))?;
        let root = self.objects.read_tree(read.tree).map_err(broken)?;
        let entry = |name: &str| root.iter().find(|entry| entry.name == name.as_bytes());
        let file = |name: &str| entry(name).filter(|entry| entry.kind == EntryKind::File);
        let folder = |name: &str| -> Result<Option<(ObjectId, Vec<Entry>)>, Error> {
            let Some(entry) = entry(name) else { return Ok(None) };
            if entry.kind != EntryKind::Tree {
                return Err(place(commit, name).damaged("it is no folder"));
            }
            let entries = self.objects.read_tree(entry.id).map_err(broken)?;
            match entries.iter().find(|entry| entry.kind != EntryKind::File) {
                Some(odd) => {
                    let name = format!("{name}/{}", String::from_utf8_lossy(&odd.name));
                    Err(place(commit, &name).damaged("it is no regular file"))
                }
                None => Ok(Some((entry.id, entries))),
            }
        };
        let head_file = file(layout::HEAD).ok_or_else(|| Error::NotALog(self.settings.reference.clone()))?;
        let (snapshot, tail) = (folder(layout::SNAPSHOT)?, folder(layout::TAIL)?);
        // Whoever looks at the tip is about to read its contents. Mostly they came along.
        let folders = [&snapshot, &tail].into_iter().flatten().flat_map(|(_, files)| files);
        let wanted: Vec<ObjectId> = folders.chain([head_file]).map(|entry| entry.id).collect();
        self.remote.fetch_blobs(&self.objects, &wanted).await?;
        *unpoisoned(&self.whole) = Some(commit);
        let head = self.content(head_file.id, &place(commit, layout::HEAD))?;
        let head = HeadFile::read(&head).map_err(|unreadable| match unreadable {
            Unreadable::Newer(reason) => {
                Error::Newer { place: place(commit, layout::HEAD).to_string(), reason }
            }
            Unreadable::Damaged(reason) => place(commit, layout::HEAD).damaged(reason),
        })?;
        Ok(Tip { commit, head, readme: file(layout::README).cloned(), snapshot, tail })
    }

    /// The branch names something that is no commit, or is nowhere.
    pub(super) fn unusable(&self, commit: ObjectId, reason: String) -> Error {
        let place = format!("{}, which is at {commit}", self.settings.reference);
        Error::Damaged { place, reason, ways_out: Vec::new() }
    }

    /// Whether the commit and its folders are here.
    fn has_folders_of(&self, commit: ObjectId) -> bool {
        let root = self.objects.read_commit(commit).and_then(|read| self.objects.read_tree(read.tree));
        root.is_ok_and(|root| {
            root.iter().filter(|entry| entry.kind == EntryKind::Tree).all(|entry| self.objects.has(entry.id))
        })
    }

    /// Reads snapshot and tail, and checks them against `head.json`.
    pub(super) async fn read(&self, tip: &Tip) -> Result<Loaded, Error> {
        let snapshot = match (&tip.head.snapshot, &tip.snapshot) {
            (Some(mark), Some((_, files))) => {
                let files: Vec<_> = files
                    .iter()
                    .map(|entry| {
                        let name = String::from_utf8_lossy(&entry.name).into_owned();
                        let file = format!("{}/{name}", layout::SNAPSHOT);
                        Ok((name, self.content(entry.id, &tip.place(&file))?))
                    })
                    .collect::<Result<_, Error>>()?;
                Some(self.opened_snapshot(Snapshot { sequence: mark.sequence, fold: mark.fold, files })?)
            }
            (Some(mark), None) => Some(Snapshot { sequence: mark.sequence, fold: mark.fold, files: vec![] }),
            (None, _) => None,
        };
        let mut tail = Vec::new();
        let mut reader = tip.tail_start();
        self.read_files(tip.commit, tip.tail_files(), layout::TAIL, &mut reader, &mut |event| {
            tail.push(event);
        })?;
        check_end(reader, tip.head.sequence, tip.head.chain, &tip.place(layout::HEAD))?;
        let mut head = tip.end();
        if snapshot.as_ref().is_some_and(|snapshot| snapshot.files.is_empty()) {
            // The history has to be folded instead, and the next append shall spare the others that.
            head.tail = head.tail.max(SNAPSHOT_EVERY);
        }
        Ok(Loaded { head, snapshot, tail })
    }

    /// Reads the event files of one folder in order. Their contents must be here.
    pub(super) fn read_files(
        &self,
        commit: ObjectId,
        files: &[Entry],
        folder: &str,
        reader: &mut Reader,
        visit: &mut (dyn FnMut(crate::log::Envelope) + Send),
    ) -> Result<(), Error> {
        let mut stored = Vec::new();
        let broken = files.iter().try_for_each(|entry| {
            stored.push(self.stored(commit, entry, folder)?);
            Ok(())
        });
        reader.read_sealed(&stored, Some(&*self.opener()), visit)?;
        broken
    }

    pub(super) fn stored(&self, commit: ObjectId, entry: &Entry, folder: &str) -> Result<Stored, Error> {
        let name = String::from_utf8_lossy(&entry.name);
        let place =
            place(commit, &if folder.is_empty() { name.to_string() } else { format!("{folder}/{name}") });
        let Some(first) = layout::first_of(&name) else {
            return Err(place.damaged("its name does not say which event it begins with"));
        };
        Ok(Stored { content: self.content(entry.id, &place)?, first: Some(first), place })
    }

    fn content(&self, id: ObjectId, place: &Place) -> Result<Vec<u8>, Error> {
        self.objects.read_blob(id).map_err(|error| match error {
            objects::Error::Missing(_) => place.damaged("the remote does not have its content"),
            other => place.damaged(other.to_string()),
        })
    }
}

/// Whether reading ended where it was to end.
pub(super) fn check_end(
    reader: Reader,
    sequence: Sequence,
    chain: ChainHash,
    place: &Place,
) -> Result<(), Error> {
    if reader.sequence != sequence {
        return Err(place.damaged(format!(
            "it says that the log ends with event {sequence}, but the last one there is {}",
            reader.sequence
        )));
    }
    if reader.chain != chain {
        return Err(place.damaged(format!("the chain's hash after event {sequence} is another one")));
    }
    Ok(())
}

//! The archive branch: where the tail goes when it is sealed, and the way back through all that happened.
//!
//! Each archive commit's folder *is* the tail's folder that it sealed, so nothing is written twice. Along the
//! first parents every commit is one that some `head.json` named. A run that died between the archive's push
//! and the state branch's leaves a commit that nobody names; the next seal takes it as its second parent,
//! so that the branch only ever moves forward.

use super::layout::{self, Segment};
use super::tip::{Tip, check_end, place};
use super::witness::Standing;
use super::{GitLog, local};
use crate::domain::id::Sequence;
use crate::domain::time::Timestamp;
use crate::log::reader::Reader;
use crate::log::{ChainHash, Envelope, Error};
use crate::services::git::objects::{self, Draft, Entry, ObjectId};
use crate::services::git::remote::{self, Depth, RefUpdate};

/// Segments whose contents are fetched in one request: some thousand events, a megabyte or two.
pub(super) const SEGMENTS_AT_ONCE: usize = 16;

/// Commits that are looked at for one that can be read, when the tip cannot: a hand that broke the branch
/// rarely made more than a few, and each costs a request or two.
pub(super) const SEARCHED_FOR_A_TIP: u32 = 16;

/// A tail that is about to move into the archive.
pub(super) struct Sealed {
    pub(super) update: RefUpdate,
    pub(super) objects: Vec<ObjectId>,
}

/// A link of the archive.
pub(super) struct Link {
    pub(super) commit: ObjectId,
    pub(super) tree: ObjectId,
    pub(super) segment: Segment,
}

impl GitLog {
    /// Writes the archive commit for the whole tail of `base`; none when there is no tail.
    pub(super) async fn seal(&self, base: &Tip, at: Timestamp) -> Result<Option<Sealed>, Error> {
        let Some((folder, _)) = &base.tail else { return Ok(None) };
        let name = self.settings.archive();
        let now = remote::find(&*self.remote, &name).await?.map(|found| found.target);
        let named = self.named_archive(base)?;
        if let (Some(named), None) = (named, now) {
            return Err(self.archive_is_gone(base, named));
        }
        let author = (self.settings.author.0.as_str(), self.settings.author.1.as_str());
        let mut brought = Vec::new();
        let before = match named {
            Some(named) => named,
            None => {
                let readme =
                    self.objects.write_blob(layout::ARCHIVE_README_TEXT.as_bytes()).map_err(local)?;
                let tree = self.objects.write_tree(&[Entry::file(layout::README, readme)]).map_err(local)?;
                let message = "Begin the archive";
                let root = Draft { tree, parents: Vec::new(), author, at, message };
                let root = self.objects.write_commit(&root).map_err(local)?;
                brought.extend([readme, tree, root]);
                root
            }
        };
        let segment = Segment {
            first: base.tail_start().sequence.next(),
            last: base.head.sequence,
            chain: base.head.chain,
        };
        let left_behind = now.filter(|now| *now != before);
        let draft = Draft {
            tree: *folder,
            parents: [Some(before), left_behind].into_iter().flatten().collect(),
            author,
            at,
            message: &segment.message(),
        };
        let commit = self.objects.write_commit(&draft).map_err(local)?;
        brought.push(commit);
        Ok(Some(Sealed { update: RefUpdate { name, expected: now, target: commit }, objects: brought }))
    }

    /// Reads every event from `first` on, the archive's first. When the tip itself is damaged, the newest
    /// commit before it that can be read is read, and then the damage is told; when the branch was set back,
    /// what it had before.
    pub(super) async fn read_history(
        &self,
        first: Sequence,
        visit: &mut (dyn FnMut(Envelope) + Send),
    ) -> Result<(), Error> {
        match self.tip().await {
            Ok(Some(tip)) => self.read_history_at(&tip, first, visit).await,
            Ok(None) => Ok(()),
            Err(damage) if damage.is_damage() => {
                let readable = match damage {
                    Error::SetBack { .. } => self.tip_before_set_back().await,
                    _ => self.tip_before_damage().await,
                };
                if let Ok(Some(tip)) = readable {
                    // Whatever else is wrong there: the damage at the tip is what stops the work.
                    let _ = self.read_history_at(&tip, first, visit).await;
                }
                Err(damage)
            }
            Err(error) => Err(error),
        }
    }

    /// The last commit that the state branch is known to have had: all of the log is there.
    async fn tip_before_set_back(&self) -> Result<Option<Tip>, Error> {
        match self.standing().await? {
            Standing::Sound(_) => Ok(None),
            Standing::SetBack { witness: (_, commit), .. } => self.tip_at(commit).await.map(Some),
            Standing::WrongWitness { branch: Some(commit), .. } => self.tip_at(commit).await.map(Some),
            Standing::WrongWitness { branch: None, .. } => Ok(None),
        }
    }

    /// The newest commit of the state branch that can be read; where there is none, its witness may know one.
    async fn tip_before_damage(&self) -> Result<Option<Tip>, Error> {
        for name in self.references() {
            // A ref that cannot be read is what brought us here.
            let Ok(Some(found)) = remote::find(&*self.remote, &name).await else { continue };
            if let Some(tip) = self.newest_readable(found.target).await? {
                return Ok(Some(tip));
            }
        }
        Ok(None)
    }

    async fn newest_readable(&self, tip: ObjectId) -> Result<Option<Tip>, Error> {
        match self.remote.fetch(&self.objects, &[tip], Depth::Last(SEARCHED_FOR_A_TIP)).await {
            Err(remote::Error::Damaged { .. }) => return Ok(None),
            fetched => fetched?,
        }
        let mut commit = Some(tip);
        for _ in 0..SEARCHED_FOR_A_TIP {
            let Some(looked_at) = commit else { break };
            match self.tip_at(looked_at).await {
                Ok(tip) => return Ok(Some(tip)),
                Err(Error::NotALog(_)) => {}
                Err(error) if error.is_damage() => {}
                Err(error) => return Err(error),
            }
            commit = self.objects.read_commit(looked_at).ok().and_then(|read| read.parents.first().copied());
        }
        Ok(None)
    }

    pub(super) async fn read_history_at(
        &self,
        tip: &Tip,
        first: Sequence,
        visit: &mut (dyn FnMut(Envelope) + Send),
    ) -> Result<(), Error> {
        self.unlock(Some(&tip.head)).await?;
        let mut visit = |event: Envelope| {
            if event.recorded.stamp.sequence >= first {
                visit(event);
            }
        };
        let mut reader = tip.tail_start();
        if reader.sequence >= first {
            let links = self.links(tip).await?;
            let from = links.iter().position(|link| link.segment.last >= first).unwrap_or(links.len());
            // What comes before is not read: the archive's own word for the chain there is taken.
            let mut archived = match from.checked_sub(1).map(|before| links[before].segment) {
                Some(Segment { last, chain, .. }) => Reader { sequence: last, chain },
                None => Reader::START,
            };
            for some in links[from..].chunks(SEGMENTS_AT_ONCE) {
                self.read_links(some, &mut archived, &mut visit).await?;
            }
            check_end(archived, reader.sequence, reader.chain, &tip.place(layout::HEAD))?;
            reader = archived;
        }
        self.read_files(tip.commit, tip.tail_files(), layout::TAIL, &mut reader, &mut visit)?;
        check_end(reader, tip.head.sequence, tip.head.chain, &tip.place(layout::HEAD))
    }

    async fn read_links(
        &self,
        links: &[Link],
        reader: &mut Reader,
        visit: &mut (dyn FnMut(Envelope) + Send),
    ) -> Result<(), Error> {
        let mut folders = Vec::new();
        for link in links {
            folders.push((link, self.files(link)?));
        }
        let wanted: Vec<ObjectId> =
            folders.iter().flat_map(|(_, files)| files).map(|entry| entry.id).collect();
        self.remote.fetch_blobs(&self.objects, &wanted).await?;
        for (link, files) in folders {
            self.read_files(link.commit, &files, "", reader, visit)?;
            check_end(*reader, link.segment.last, link.segment.chain, &place(link.commit, "its message"))?;
        }
        Ok(())
    }

    /// The chain's hash after the event at `sequence` in the log that ends at `tip`; none when no append ended there.
    pub(super) async fn chain_at(&self, tip: &Tip, sequence: Sequence) -> Result<Option<ChainHash>, Error> {
        if sequence == tip.head.sequence {
            return Ok(Some(tip.head.chain));
        }
        let mut reader = tip.tail_start();
        if reader.sequence <= sequence {
            self.read_up_to(sequence, tip.commit, tip.tail_files(), layout::TAIL, &mut reader)?;
        } else {
            let links = self.links(tip).await?;
            let Some(at) = links.iter().position(|link| link.segment.last >= sequence) else {
                return Ok(None);
            };
            let link = &links[at];
            if link.segment.last == sequence {
                return Ok(Some(link.segment.chain));
            }
            reader = match at.checked_sub(1).map(|before| links[before].segment) {
                Some(Segment { last, chain, .. }) => Reader { sequence: last, chain },
                None => Reader::START,
            };
            let files = self.files(link)?;
            let wanted: Vec<ObjectId> = files.iter().map(|entry| entry.id).collect();
            self.remote.fetch_blobs(&self.objects, &wanted).await?;
            self.read_up_to(sequence, link.commit, &files, "", &mut reader)?;
        }
        Ok((reader.sequence == sequence).then_some(reader.chain))
    }

    /// Reads whole files until the event at `sequence` was read.
    fn read_up_to(
        &self,
        sequence: Sequence,
        commit: ObjectId,
        files: &[Entry],
        folder: &str,
        reader: &mut Reader,
    ) -> Result<(), Error> {
        for file in files {
            if reader.sequence >= sequence {
                break;
            }
            self.read_files(commit, std::slice::from_ref(file), folder, reader, &mut |_| ())?;
        }
        Ok(())
    }

    /// The line that the log at `tip` begins with: the id in it was drawn once, so another log has another one. None
    /// when that cannot be found out.
    pub(super) async fn beginning(&self, tip: &Tip) -> Result<Option<Vec<u8>>, Error> {
        let file = if tip.tail_start() == Reader::START {
            tip.tail_files().first().map(|file| file.id)
        } else {
            match self.links(tip).await {
                Ok(links) => match links.first() {
                    Some(link) => self.files(link)?.first().map(|file| file.id),
                    None => None,
                },
                Err(error) if error.is_damage() => None,
                Err(error) => return Err(error),
            }
        };
        let Some(file) = file else { return Ok(None) };
        match self.remote.fetch_blobs(&self.objects, &[file]).await {
            Err(remote::Error::Damaged { .. }) => return Ok(None),
            fetched => fetched?,
        }
        let content = self.objects.read_blob(file).ok();
        Ok(content.and_then(|content| content.split(|byte| *byte == b'\n').next().map(<[u8]>::to_vec)))
    }

    pub(super) fn files(&self, link: &Link) -> Result<Vec<Entry>, Error> {
        let broken = |error: objects::Error| place(link.commit, "its folder").damaged(error.to_string());
        self.objects.read_tree(link.tree).map_err(broken)
    }

    /// Whether the archive behind `tip` has `file` in the segment that holds `sequence`.
    pub(super) async fn archive_holds(
        &self,
        tip: &Tip,
        sequence: Sequence,
        file: &Entry,
    ) -> Result<bool, Error> {
        let links = self.links(tip).await?;
        let Some(link) = links.iter().find(|link| link.segment.last >= sequence) else { return Ok(false) };
        Ok(self.objects.read_tree(link.tree).map_err(local)?.contains(file))
    }

    /// The archive's links that `tip` stands on, oldest first.
    pub(super) async fn links(&self, tip: &Tip) -> Result<Vec<Link>, Error> {
        let Some(named) = self.named_archive(tip)? else { return Ok(Vec::new()) };
        // The ref, not the named commit: an old server hands out only what a ref names.
        let Some(now) = remote::find(&*self.remote, &self.settings.archive()).await? else {
            return Err(self.archive_is_gone(tip, named));
        };
        self.remote.fetch(&self.objects, &[now.target], Depth::History).await?;
        let mut links = Vec::new();
        let mut commit = named;
        loop {
            let read = self
                .objects
                .read_commit(commit)
                .map_err(|error| place(commit, "the archive").damaged(error.to_string()))?;
            // The archive's first commit holds nothing but a text for people.
            let Some(parent) = read.parents.first() else { break };
            let segment = Segment::read(&read.message).ok_or_else(|| {
                place(commit, "its message").damaged("it does not say which events the commit holds")
            })?;
            links.push(Link { commit, tree: read.tree, segment });
            commit = *parent;
        }
        links.reverse();
        Ok(links)
    }

    fn named_archive(&self, tip: &Tip) -> Result<Option<ObjectId>, Error> {
        let parse = |named: &String| {
            named.parse().map_err(|_| {
                tip.place(layout::HEAD).damaged(format!("the archive `{named}` is no commit's name"))
            })
        };
        tip.head.archive.as_ref().map(parse).transpose()
    }

    fn archive_is_gone(&self, tip: &Tip, named: ObjectId) -> Error {
        let name = self.settings.archive();
        tip.place(layout::HEAD).damaged(format!(
            "it names {named} in the archive, but {name} is gone; whoever has that commit can bring it back with \
             `git push origin {named}:{name}`"
        ))
    }
}

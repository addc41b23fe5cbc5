//! Finding every stored line that can still be read, whatever else is damaged.

use super::archive::SEARCHED_FOR_A_TIP;
use super::layout::{self, HeadFile, KeysMark, Segment};
use super::{GitLog, local};
use crate::domain::id::Sequence;
use crate::log::mend::Found;
use crate::log::{ChainHash, Error};
use crate::services::git::objects::{Entry, EntryKind, ObjectId};
use crate::services::git::remote::{self, Depth};

/// What was found in a repository.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) found: Found,
    /// Under which keys the newest commit is sealed.
    pub(super) keys: Option<KeysMark>,
}

impl GitLog {
    /// The refs in this repository on which the log may be, and those on which its archive may be: its own, those of a
    /// clone, the witness.
    async fn places(&self) -> Result<(Vec<ObjectId>, Vec<ObjectId>), Error> {
        let refs = match self.remote.refs(&["refs/"]).await {
            // One that cannot be read hides none of the others.
            Err(remote::Error::Damaged { .. }) => Vec::new(),
            refs => refs?,
        };
        let branch = format!("/{}", self.settings.short());
        let archive = layout::archive_ref(&branch);
        let (mut tips, mut archives) = (Vec::new(), Vec::new());
        for found in refs {
            if found.name.ends_with(&branch) && found.name != self.settings.keys() {
                tips.push(found.target);
            } else if found.name.ends_with(&archive) {
                archives.push(found.target);
            }
        }
        tips.dedup();
        Ok((tips, archives))
    }

    /// Adds all lines of this repository; `source` is its number.
    pub(super) async fn gather(&self, source: usize, into: &mut Gathered) -> Result<(), Error> {
        let (tips, mut archives) = self.places().await?;
        for tip in tips {
            let mut commit = Some(tip);
            if !self.fetched(tip, Depth::Last(SEARCHED_FOR_A_TIP)).await? {
                continue;
            }
            for _ in 0..SEARCHED_FOR_A_TIP {
                let Some(at) = commit else { break };
                let Ok(read) = self.objects.read_commit(at) else { break };
                archives.extend(self.tip_lines(read.tree, source, into).await?);
                commit = read.parents.first().copied();
            }
        }
        archives.sort_unstable();
        archives.dedup();
        for archive in archives {
            self.archive_lines(archive, source, into).await?;
        }
        Ok(())
    }

    /// Whether a commit and what leads to it can be had.
    async fn fetched(&self, commit: ObjectId, depth: Depth) -> Result<bool, Error> {
        match self.remote.fetch(&self.objects, &[commit], depth).await {
            Err(remote::Error::Damaged { .. }) => Ok(false),
            fetched => Ok(fetched.map(|()| true)?),
        }
    }

    /// Adds what a commit of the branch holds; gives the commit of the archive that it names.
    async fn tip_lines(
        &self,
        tree: ObjectId,
        source: usize,
        into: &mut Gathered,
    ) -> Result<Option<ObjectId>, Error> {
        let Ok(root) = self.objects.read_tree(tree) else { return Ok(None) };
        let entry = |name: &str| root.iter().find(|entry| entry.name == name.as_bytes());
        if let Some(folder) = entry(layout::TAIL).filter(|entry| entry.kind == EntryKind::Tree) {
            self.folder_lines(folder.id, source, into).await?;
        }
        let Some(head) = entry(layout::HEAD) else { return Ok(None) };
        let Some(content) = self.content_of(head).await? else { return Ok(None) };
        let Ok(head) = HeadFile::read(&content) else { return Ok(None) };
        into.found.vouch(head.sequence, head.chain);
        if let Some(mark) = &head.snapshot {
            into.found.vouch(mark.sequence, mark.chain);
        }
        let is_newer = |keys: &KeysMark| into.keys.as_ref().is_none_or(|known| known.version < keys.version);
        if let Some(keys) = head.keys.filter(is_newer) {
            into.keys = Some(keys);
        }
        Ok(head.archive.and_then(|named| named.parse().ok()))
    }

    async fn archive_lines(
        &self,
        archive: ObjectId,
        source: usize,
        into: &mut Gathered,
    ) -> Result<(), Error> {
        // An old server hands out only what a ref names; whatever is named beside is there with it or nowhere.
        if !self.objects.has(archive) && !self.fetched(archive, Depth::History).await? {
            return Ok(());
        }
        let mut commit = Some(archive);
        while let Some(at) = commit {
            let Ok(read) = self.objects.read_commit(at) else { break };
            if let Some(Segment { last, chain, .. }) = Segment::read(&read.message) {
                into.found.vouch(last, chain);
                self.folder_lines(read.tree, source, into).await?;
            }
            commit = read.parents.first().copied();
        }
        Ok(())
    }

    async fn folder_lines(&self, folder: ObjectId, source: usize, into: &mut Gathered) -> Result<(), Error> {
        let Ok(files) = self.objects.read_tree(folder) else { return Ok(()) };
        let wanted: Vec<ObjectId> = files.iter().map(|file| file.id).collect();
        // All at once where all are there, else each by itself.
        match self.remote.fetch_blobs(&self.objects, &wanted).await {
            Err(remote::Error::Damaged { .. }) => {}
            fetched => fetched?,
        }
        for file in &files {
            if let Some(content) = self.content_of(file).await? {
                into.found.add(&content, source);
            }
        }
        Ok(())
    }

    async fn content_of(&self, file: &Entry) -> Result<Option<Vec<u8>>, Error> {
        match self.remote.fetch_blobs(&self.objects, &[file.id]).await {
            Err(remote::Error::Damaged { .. }) => return Ok(None),
            fetched => fetched?,
        }
        Ok(self.objects.read_blob(file.id).ok())
    }

    /// Where the log at a commit ends, when that can be told.
    pub(super) async fn end_at(&self, commit: ObjectId) -> Result<Option<(Sequence, ChainHash)>, Error> {
        Ok(self.log_at(commit).await?.map(|tip| (tip.head.sequence, tip.head.chain)))
    }

    /// Whether a commit is here, and a log or what is left of one.
    pub(super) async fn is_of_a_log(&self, commit: ObjectId) -> Result<bool, Error> {
        if !self.fetched(commit, Depth::Tip).await? {
            return Ok(false);
        }
        let Ok(read) = self.objects.read_commit(commit) else { return Ok(false) };
        let root = self.objects.read_tree(read.tree).map_err(local)?;
        let names = [layout::HEAD, layout::TAIL, layout::SNAPSHOT];
        Ok(root.iter().any(|entry| names.iter().any(|name| entry.name == name.as_bytes())))
    }
}

//! A plan at work: folders are made, files are carried, and what goes, goes last.

use std::collections::BTreeMap;

use async_trait::async_trait;
use futures_util::StreamExt as _;

use super::large::{BEGUN_AT_ONCE, Sessions};
use super::sides::Sides;
use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::drive::lately::Lately;
use crate::drive::mime;
use crate::drive::path::split;
use crate::drive::sync::{Base, Direction, Entry, Left, Plan, Side, Step};
use crate::services::drive::{
    Bytes, Call, Class, Content, Created, Drive, Error, FileId, FileUpdate, NewFile, Progress, Reason, Reply,
    UploadTarget, Wanted, sending,
};
use crate::services::folder;

/// Files that are carried at a time.
pub(super) const AT_ONCE: usize = 8;
/// Things that are made in Drive before ids are drawn again: one request for ids, and about 50 KB where they are recorded.
const MADE_AT_ONCE: usize = 1_000;

/// Draws the ids of what is about to be made: with them, no repetition makes a second one.
#[async_trait(?Send)]
pub trait Draw {
    /// An id for each of these paths; the same as before for one that had an id already.
    ///
    /// # Errors
    /// As Drive says, or when they cannot be recorded.
    async fn ids(&self, paths: &[&str]) -> Result<BTreeMap<String, FileId>, Failure>;

    /// What lies at a path gets this id instead: its upload was begun with it.
    fn instead(&self, path: &str, id: &FileId);
}

/// What a plan is carried out with.
pub struct Tools<'a> {
    /// The Drive.
    pub drive: &'a dyn Drive,
    /// Hears how far a large file has come.
    pub progress: &'a dyn Progress,
    /// Where ids come from.
    pub draw: &'a dyn Draw,
    /// Where the sessions of large uploads are kept.
    pub sessions: &'a dyn Sessions,
    /// Bytes that are sent at a time: what has more is gone on with by another process.
    pub part: u64,
    /// Which side is the model.
    pub direction: Direction,
    /// Whether files keep the time at which they were last changed. In a working copy that was fetched for this run,
    /// that is the time of the fetch, and tells nothing.
    pub keeps_times: bool,
}

/// What came of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CarriedOut {
    /// What could not be done.
    pub failed: Vec<Left>,
    /// What was to go and stays, because somebody did something to it since it was looked at.
    pub left: Vec<Left>,
    /// Bytes that were sent up.
    pub sent: u64,
    /// What was put into the trash of Drive.
    pub trashed: Vec<FileId>,
    /// Whether the rest may come through with another try.
    pub may_pass: bool,
    /// Whether some of it comes through with no other try.
    pub for_good: bool,
    /// Why the rest is to wait: nobody answered any more, or what a day allows is used up.
    pub later: Option<Error>,
    /// The sums of what was copied, by paths, as both sides have it now.
    pub sums: Base,
    /// What was done in Drive, which lists may not show yet.
    pub lately: Lately,
}

/// What is carried out next.
#[derive(Default)]
struct Batch<'a> {
    copies: Vec<(Side, &'a str, u64)>,
    made: usize,
}

/// Carries a plan out. What one file cannot, the others still can; what goes, goes only when all else came through.
///
/// # Errors
/// When no ids can be had, or what was begun cannot be kept.
pub async fn carry_out(sides: &Sides<'_>, plan: &Plan, tools: &Tools<'_>) -> Result<CarriedOut, Failure> {
    let folders = sides.files.iter().filter(|(_, file)| file.is_folder());
    let mut work = Work {
        sides,
        tools,
        folders: folders.map(|(path, file)| (path.clone(), file.id.clone())).collect(),
        came: CarriedOut::default(),
    };
    work.folders.insert(String::new(), sides.top.id.clone());
    let makes: Vec<&str> = plan.steps.iter().filter_map(made_in_drive).collect();
    let mut ids = BTreeMap::new();
    let mut makes = makes.chunks(MADE_AT_ONCE);
    let mut batch = Batch::default();
    let mut gone = Vec::new();
    for step in &plan.steps {
        if let Some(path) = made_in_drive(step)
            && !ids.contains_key(path)
        {
            // All that has its ids is carried before the next ones are drawn.
            work.carry(std::mem::take(&mut batch), &ids).await?;
            ids = tools.draw.ids(makes.next().unwrap_or_default()).await?;
        }
        match step {
            Step::MakeFolder { on, path } => work.make_folder(*on, path, &ids).await,
            Step::SetAside { path, to } => work.set_aside(path, to),
            Step::Copy { to, path, size, .. } => {
                batch.made += 1;
                batch.copies.push((*to, path, *size));
            }
            Step::Remove { from, path } => gone.push((*from, path.clone())),
        }
    }
    work.carry(batch, &ids).await?;
    if work.came.failed.is_empty() {
        work.remove(gone).await;
    } else if !gone.is_empty() {
        let why = "it stays, because something else could not be done";
        work.came.failed.extend(gone.into_iter().map(|(_, path)| Left { path, why: why.to_owned() }));
    }
    Ok(work.came)
}

/// The path of what a step makes in Drive.
fn made_in_drive(step: &Step) -> Option<&str> {
    match step {
        Step::MakeFolder { on: Side::Drive, path }
        | Step::Copy { to: Side::Drive, path, replaces: false, .. } => Some(path),
        _ => None,
    }
}

/// What was copied.
pub(super) struct Copied {
    /// What it became in Drive.
    id: Option<FileId>,
    /// What it adds up to.
    md5: Option<String>,
}

impl Copied {
    pub(super) fn up(created: Created) -> Self {
        let file = created.file();
        Self { id: Some(file.id), md5: file.checksums.md5 }
    }
}

pub(super) struct Work<'a> {
    pub(super) sides: &'a Sides<'a>,
    pub(super) tools: &'a Tools<'a>,
    pub(super) folders: BTreeMap<String, FileId>,
    pub(super) came: CarriedOut,
}

impl Work<'_> {
    pub(super) fn failed(&mut self, path: &str, why: String) {
        self.came.for_good = true;
        self.failed_now(path, why);
    }

    fn failed_now(&mut self, path: &str, why: String) {
        self.came.failed.push(Left { path: path.to_owned(), why });
    }

    pub(super) fn refused(&mut self, path: &str, error: &Error) {
        // What is missing was there a moment ago: looked at again, it is seen what is so.
        let may_pass = error.may_pass() || error.is_missing();
        self.came.may_pass |= may_pass;
        self.came.for_good |= !may_pass && !error.is_for_another_day();
        if self.came.later.is_none() && (error.is_away() || error.is_for_another_day()) {
            self.came.later = Some(error.clone());
        }
        self.failed_now(path, told(error));
    }

    async fn make_folder(&mut self, on: Side, path: &str, ids: &BTreeMap<String, FileId>) {
        if on == Side::Here {
            let place = self.sides.place(path);
            if let Err(error) = std::fs::create_dir(&place)
                && !place.symlink_metadata().is_ok_and(|meta| meta.is_dir())
            {
                self.failed(path, error.to_string());
            }
            return;
        }
        let (above, name) = split(path);
        let (Some(parent), Some(id)) = (self.folders.get(above), ids.get(path)) else {
            return self.failed(path, "the folder above it could not be made".to_owned());
        };
        let new = NewFile::folder(id.clone(), &name, parent.clone());
        self.made(id, new.parent.as_ref());
        match self.tools.drive.create(&new).await {
            Ok(created) => drop(self.folders.insert(path.to_owned(), created.file().id)),
            Err(error) => self.refused(path, &error),
        }
    }

    fn set_aside(&mut self, path: &str, to: &str) {
        if self.sides.place(to).exists() {
            self.failed(path, "it could not be set aside".to_owned());
            return self.failed(to, "something of that name has come meanwhile".to_owned());
        }
        if let Err(error) = std::fs::rename(self.sides.place(path), self.sides.place(to)) {
            self.failed(path, error.to_string());
            self.failed(to, "what it is to hold could not be set aside".to_owned());
        }
    }

    async fn carry(&mut self, batch: Batch<'_>, ids: &BTreeMap<String, FileId>) -> Result<(), Failure> {
        let aside: Vec<&str> = self.came.failed.iter().map(|left| left.path.as_str()).collect();
        // Of what could not be set aside nothing is written over.
        let copies: Vec<_> = batch.copies.into_iter().filter(|(_, path, _)| !aside.contains(path)).collect();
        let (mut group, mut large) = (Vec::new(), 0);
        for copy in copies {
            large += usize::from(self.is_large(copy));
            group.push(copy);
            if large == BEGUN_AT_ONCE {
                large = 0;
                self.carry_group(std::mem::take(&mut group), ids).await?;
            }
        }
        self.carry_group(group, ids).await
    }

    async fn carry_group(
        &mut self,
        group: Vec<(Side, &str, u64)>,
        ids: &BTreeMap<String, FileId>,
    ) -> Result<(), Failure> {
        let begun = self.begin(&group, ids).await?;
        let ready = group.into_iter().filter(|copy| !self.is_large(*copy) || begun.contains_key(copy.1));
        let ready: Vec<_> = ready.collect();
        let (work, begun) = (&*self, &begun);
        let done: Vec<(Side, &str, u64, Result<Copied, Error>)> = futures_util::stream::iter(ready)
            .map(|(to, path, size)| async move {
                let result = match (to, begun.get(path)) {
                    (Side::Here, _) => work.fetch(path).await,
                    (Side::Drive, Some(begun)) => work.go_on(path, begun).await,
                    (Side::Drive, None) => work.send(path, ids.get(path)).await,
                };
                work.tools.progress.through(size);
                (to, path, size, result)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for (to, path, size, result) in done {
            if to == Side::Drive {
                self.wrote(path, ids.get(path), result.as_ref().ok());
            }
            match result {
                Ok(Copied { md5, .. }) => {
                    self.came.sums.extend(md5.map(|md5| (path.to_owned(), md5)));
                    let sent = if to == Side::Drive { size } else { 0 };
                    self.came.sent = self.came.sent.saturating_add(sent);
                }
                Err(error) => self.refused(path, &error),
            }
        }
        Ok(())
    }

    /// Notes what lists may not show yet: what was sent, and what may have come through without an answer.
    fn wrote(&mut self, path: &str, id: Option<&FileId>, copied: Option<&Copied>) {
        let there = self.sides.files.get(path);
        let parent = self.folders.get(split(path).0).cloned();
        match (copied, id.or(there.map(|file| &file.id)), parent) {
            (Some(Copied { id: Some(id), md5: Some(md5) }), _, Some(parent)) => {
                self.came.lately.written(id.as_str(), parent.as_str(), md5, Timestamp::default());
            }
            (_, Some(id), parent) => self.made(id, parent.as_ref()),
            _ => {}
        }
    }

    /// Notes that something may be there, or be another than lists show.
    pub(super) fn made(&mut self, id: &FileId, parent: Option<&FileId>) {
        if let Some(parent) = parent {
            self.came.lately.made(id.as_str(), parent.as_str(), Timestamp::default());
        }
    }

    async fn send(&self, path: &str, id: Option<&FileId>) -> Result<Copied, Error> {
        let (target, content) = (self.target(path, id).await?, self.content(path));
        let sent =
            sending::upload(self.tools.drive, &target, &content, self.tools.progress, None, &|_| ()).await;
        sent.map(Copied::up)
    }

    /// When a file here was last changed, where that tells something.
    fn dated(&self, path: &str) -> Option<Timestamp> {
        self.tools.keeps_times.then(|| folder::dated(&self.sides.place(path))).flatten()
    }

    pub(super) fn content(&self, path: &str) -> Content {
        let (_, name) = split(path);
        Content { mime: mime::of_name(&name).to_owned(), bytes: Bytes::File(self.sides.place(path)) }
    }

    /// Where a file of the plan goes.
    pub(super) async fn target(&self, path: &str, id: Option<&FileId>) -> Result<UploadTarget, Error> {
        let (above, name) = split(path);
        Ok(match (id, self.sides.files.get(path)) {
            (Some(id), _) => {
                let parent = self.folders.get(above).cloned();
                let parent = parent
                    .ok_or_else(|| Error::new(Reason::NotFound, "the folder above it could not be made"))?;
                UploadTarget::New(NewFile {
                    id: Some(id.clone()),
                    name: Some(name),
                    parent: Some(parent),
                    modified_at: self.dated(path),
                    ..NewFile::default()
                })
            }
            (None, Some(file)) => {
                if self.tools.direction == Direction::Both {
                    let now = self.tools.drive.file(&file.id).await?;
                    // An earlier sync that heard no answer may have brought it there.
                    let has_ours = match self.sides.here.get(path) {
                        Some(Entry::File { md5, .. }) => now.checksums.md5.as_ref() == Some(md5),
                        _ => false,
                    };
                    let is_same = has_ours || now.checksums.md5 == file.checksums.md5;
                    if !is_same || now.trashed {
                        return Err(overtaken("in Drive"));
                    }
                }
                let update = FileUpdate { modified_at: self.dated(path), ..FileUpdate::default() };
                UploadTarget::Content(file.id.clone(), update)
            }
            (None, None) => return Err(Error::new(Reason::Other, "the plan has no id for it")),
        })
    }

    async fn fetch(&self, path: &str) -> Result<Copied, Error> {
        let file = self
            .sides
            .files
            .get(path)
            .ok_or_else(|| Error::new(Reason::NotFound, "it is gone from Drive"))?;
        let (place, seen) = (self.sides.place(path), self.sides.seen(path));
        // What was set aside is not there any more; what somebody writes meanwhile is not written over.
        if !seen.is_free() {
            return Err(overtaken("here"));
        }
        // The list told all that there is to know: what has come since is seen by its checksum.
        let wanted = Wanted { known: Some(file.clone()), ..Wanted::default() };
        let fetched = self.tools.drive.download(&file.id, &wanted, &place, &seen).await;
        let fetched = fetched.map_err(|error| match error.reason {
            Reason::Stopped => overtaken("here"),
            _ => error,
        })?;
        if self.tools.keeps_times {
            folder::date(&place, file.modified_at);
        }
        Ok(Copied { id: None, md5: fetched.checksums.md5 })
    }

    pub(super) async fn batch(&self, calls: &[Call]) -> Vec<Result<Reply, Error>> {
        if calls.is_empty() {
            return Vec::new();
        }
        match self.tools.drive.batch(calls).await {
            Ok(replies) => replies,
            Err(error) => calls.iter().map(|_| Err(error.clone())).collect(),
        }
    }
}

/// That somebody was faster: looked at again, both sides are as they are now.
pub(super) fn overtaken(place: &str) -> Error {
    let told = format!("it was changed {place} a moment ago; the next sync sees that");
    Error { class: Class::Transient, ..Error::new(Reason::Other, told) }
}

pub(super) fn told(error: &Error) -> String {
    match &error.hint {
        Some(hint) => format!("{error}. {hint}"),
        None => error.to_string(),
    }
}

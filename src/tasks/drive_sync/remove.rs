//! What goes: files first, then the folders that nothing is left in, the innermost first. What somebody changed or put there
//! since both sides were looked at stays, and that is told.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;

use futures_util::StreamExt as _;

use super::work::{AT_ONCE, Work, overtaken, told};
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::drive::path::above;
use crate::drive::sync::{Entry, Left, Side};
use crate::services::drive::{Call, Error, File, FileId, FileUpdate, MOST_IN_A_BATCH, Reply, walk};

/// Characters of a name that is told.
const NAME: usize = 80;

impl Work<'_> {
    /// Takes away what goes: in Drive into the trash, many in one request.
    pub(super) async fn remove(&mut self, all: Vec<(Side, String)>) {
        let (here, there): (Vec<_>, Vec<_>) = all.into_iter().partition(|(side, _)| *side == Side::Here);
        here.iter().for_each(|(_, path)| self.remove_here(path));
        let there = there.into_iter().map(|(_, path)| path);
        let (folders, files): (Vec<_>, Vec<_>) =
            there.partition(|path| matches!(self.sides.drive.get(path), Some(Entry::Folder)));
        let mut gone = BTreeSet::new();
        self.trash(files, &mut gone).await;
        // All folders that lie equally deep hold nothing of each other.
        let mut levels: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        folders.into_iter().for_each(|path| levels.entry(above(&path).count()).or_default().push(path));
        for level in levels.into_values().rev() {
            let empty = self.that_hold_nothing(level, &gone).await;
            self.trash(empty, &mut gone).await;
        }
    }

    fn left(&mut self, path: &str, why: String) {
        self.came.left.push(Left { path: path.to_owned(), why });
    }

    fn remove_here(&mut self, path: &str) {
        let place = self.sides.place(path);
        let is_folder = match place.symlink_metadata() {
            // What is gone already need not go again.
            Err(error) if error.kind() == ErrorKind::NotFound => return,
            Err(error) => return self.failed(path, error.to_string()),
            Ok(meta) => meta.is_dir(),
        };
        let was_folder = matches!(self.sides.here.get(path), Some(Entry::Folder));
        if is_folder != was_folder || (!is_folder && !self.sides.seen(path).still()) {
            return self.left(path, overtaken("here").message);
        }
        // Only a folder that is empty goes, whatever came into it meanwhile.
        let gone = if is_folder { std::fs::remove_dir(&place) } else { std::fs::remove_file(&place) };
        match gone {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {
                let first = std::fs::read_dir(&place).ok().and_then(|mut entries| entries.next()?.ok());
                let name = first.map(|entry| entry.file_name().to_string_lossy().into_owned());
                self.left(path, holds(&name.unwrap_or_default()));
            }
            Err(error) => self.failed(path, error.to_string()),
        }
    }

    /// Puts into the trash what is still as it was looked at; `gone` gets what is there then.
    async fn trash(&mut self, paths: Vec<String>, gone: &mut BTreeSet<FileId>) {
        for group in paths.chunks(MOST_IN_A_BATCH) {
            let group = self.still_as_seen(group, gone).await;
            let calls = group.iter().map(|(_, file)| trashed(&file.id, true));
            let replies = self.batch(&calls.collect::<Vec<_>>()).await;
            let mut back = Vec::new();
            for ((path, seen), reply) in group.into_iter().zip(replies) {
                match reply {
                    // Between the question and the trash somebody wrote it: they did not mean it to go.
                    Ok(Reply::File(now)) if !is_same(&now, &seen) => back.push((path, *now)),
                    Ok(_) => {
                        self.went(&seen, gone);
                        self.came.trashed.push(seen.id);
                    }
                    Err(error) if error.is_missing() => self.went(&seen, gone),
                    Err(error) => self.refused(&path, &error),
                }
            }
            self.put_back(back).await;
        }
    }

    /// Notes what lists may still show.
    fn went(&mut self, file: &File, gone: &mut BTreeSet<FileId>) {
        gone.insert(file.id.clone());
        if let Some(parent) = &file.parent {
            self.came.lately.gone(file.id.as_str(), parent.as_str(), Timestamp::default());
        }
    }

    async fn put_back(&mut self, all: Vec<(String, File)>) {
        let calls: Vec<Call> = all.iter().map(|(_, file)| trashed(&file.id, false)).collect();
        for ((path, file), reply) in all.into_iter().zip(self.batch(&calls).await) {
            self.made(&file.id, file.parent.as_ref());
            match reply {
                Ok(_) => self.left(&path, overtaken("in Drive").message),
                Err(error) => {
                    let why = format!(
                        "it was changed in Drive at the moment at which it went into the trash, and does not come out: {}. \
                         `automata drive restore id:{}` brings it back",
                        told(&error),
                        file.id
                    );
                    self.failed(&path, why);
                }
            }
        }
    }

    /// Those that nobody has changed since they were looked at; `gone` gets those that are gone already.
    async fn still_as_seen(&mut self, paths: &[String], gone: &mut BTreeSet<FileId>) -> Vec<(String, File)> {
        let mut group = Vec::new();
        for path in paths {
            // What has come back here is to stay there as well.
            if self.sides.place(path).symlink_metadata().is_ok() && !self.sides.here.contains_key(path) {
                self.left(path, overtaken("here").message);
                continue;
            }
            group.extend(self.sides.files.get(path).map(|file| (path.clone(), file.clone())));
        }
        let calls: Vec<Call> = group.iter().map(|(_, file)| Call::Get(file.id.clone())).collect();
        let mut same = Vec::new();
        for ((path, seen), reply) in group.into_iter().zip(self.batch(&calls).await) {
            match reply {
                Ok(Reply::File(now)) if now.trashed => self.went(&seen, gone),
                Ok(Reply::File(now)) if is_same(&now, &seen) => same.push((path, seen)),
                Ok(_) => self.left(&path, overtaken("in Drive").message),
                Err(error) if error.is_missing() => self.went(&seen, gone),
                Err(error) => self.refused(&path, &error),
            }
        }
        same
    }

    /// Those of these folders that hold nothing any more but what went: what somebody put into one since it was looked at
    /// would go along with it.
    async fn that_hold_nothing(&mut self, folders: Vec<String>, gone: &BTreeSet<FileId>) -> Vec<String> {
        let (sides, drive) = (self.sides, self.tools.drive);
        let lists = folders.into_iter().filter_map(|path| Some((sides.files.get(&path)?, path)));
        let lists = lists.map(|(folder, path)| async move {
            (path, walk::children(drive, folder, usize::MAX, false).await)
        });
        let lists: Vec<(String, Result<walk::Found, Error>)> =
            futures_util::stream::iter(lists.collect::<Vec<_>>()).buffered(AT_ONCE).collect().await;
        let mut empty = Vec::new();
        for (path, found) in lists {
            match found {
                Ok(found) if found.incomplete => {
                    self.left(&path, "Drive does not tell all that is in it".to_owned());
                }
                // A list may lag behind what went a moment ago.
                Ok(found) => match found.files.iter().find(|file| !gone.contains(&file.id)) {
                    Some(other) => self.left(&path, holds(&other.name)),
                    None => empty.push(path),
                },
                Err(error) if error.is_missing() => {}
                Err(error) => self.refused(&path, &error),
            }
        }
        empty
    }
}

fn trashed(id: &FileId, trashed: bool) -> Call {
    Call::Update(id.clone(), FileUpdate::trash(trashed))
}

/// Whether it is what was looked at: under the same name, in the same place, with the same content.
fn is_same(now: &File, seen: &File) -> bool {
    let of = |file: &File| (file.checksums.md5.clone(), file.name.clone(), file.parent.clone());
    of(now) == of(seen)
}

fn holds(name: &str) -> String {
    format!("`{}` is in it, which is not to go", one_line(name, NAME))
}

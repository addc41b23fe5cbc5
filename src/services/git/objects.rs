//! git's object database: blobs, trees and commits written and read straight, packs taken in and made.

use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use git2::{ObjectType, OdbLookupFlags, Repository};

use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::services::temporary;

pub use id::{NotAnObjectId, ObjectId};

mod id;
#[cfg(test)]
mod tests;

/// The object database could not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is no such object here.
    #[error("the git object {0} is missing")]
    Missing(ObjectId),
    /// The object is of another kind than was asked for.
    #[error("it is a {is}, no {wanted}")]
    WrongKind {
        /// What it is.
        is: String,
        /// What was asked for.
        wanted: String,
    },
    /// Anything else: a damaged object, a full disk.
    #[error("git objects: {0}")]
    Broken(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::transient("git_objects", format!("The temporary object database failed: {error}."))
    }
}

impl From<git2::Error> for Error {
    fn from(error: git2::Error) -> Self {
        Self::Broken(error.message().to_owned())
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// What an entry of a tree is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// A folder.
    Tree,
    /// A regular file.
    File,
    /// A regular file that may be executed.
    Executable,
    /// A symbolic link.
    Link,
    /// A commit of another repository.
    Submodule,
}

impl EntryKind {
    const fn mode(self) -> &'static str {
        match self {
            Self::Tree => "40000",
            Self::File => "100644",
            Self::Executable => "100755",
            Self::Link => "120000",
            Self::Submodule => "160000",
        }
    }

    const fn of(mode: i32) -> Self {
        match mode {
            0o040_000 => Self::Tree,
            0o120_000 => Self::Link,
            0o160_000 => Self::Submodule,
            mode if mode & 0o111 != 0 => Self::Executable,
            _ => Self::File,
        }
    }
}

/// An entry of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, raw: git asks for no encoding.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: EntryKind,
    /// The object.
    pub id: ObjectId,
}

impl Entry {
    /// A regular file.
    #[must_use]
    pub fn file(name: impl Into<Vec<u8>>, id: ObjectId) -> Self {
        Self { name: name.into(), kind: EntryKind::File, id }
    }

    /// A folder.
    #[must_use]
    pub fn tree(name: impl Into<Vec<u8>>, id: ObjectId) -> Self {
        Self { name: name.into(), kind: EntryKind::Tree, id }
    }

    /// git sorts as if folders ended with a slash.
    fn sort_key(&self) -> Vec<u8> {
        let mut key = self.name.clone();
        if self.kind == EntryKind::Tree {
            key.push(b'/');
        }
        key
    }
}

/// A commit to write. The same draft gives the same id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft<'a> {
    /// What it holds.
    pub tree: ObjectId,
    /// What it stands on.
    pub parents: Vec<ObjectId>,
    /// Name and mail of author and committer.
    pub author: (&'a str, &'a str),
    /// Their date, in UTC; whole seconds count.
    pub at: Timestamp,
    /// The message.
    pub message: &'a str,
}

/// A commit that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// What it holds.
    pub tree: ObjectId,
    /// What it stands on, first parent first.
    pub parents: Vec<ObjectId>,
    /// Its message, with whatever is no UTF-8 replaced.
    pub message: String,
}

/// What makes a folder a bare repository: all else that `git init` makes is for people, and each file costs.
const CONFIG: &str = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n";

/// Higher than the priorities of libgit2's own places for objects, so that what is written stays in memory.
const IN_MEMORY: i32 = 1_000;

/// An object database in a temporary folder, gone with the value: packs that were fetched lie there, what is
/// written stays in memory until a pack is made of it. It may look into another repository on this machine
/// too, without ever writing there.
pub struct Objects {
    repository: Mutex<Repository>,
    _home: temporary::Folder,
}

impl Objects {
    /// An empty database that also reads the objects of `beside`, the folder `objects` of another
    /// repository.
    ///
    /// # Errors
    /// [`Error::Broken`] when the temporary folder cannot be made or written.
    pub fn temporary(beside: Option<&Path>) -> Result<Self, Error> {
        let home = temporary::Folder::new(temporary::OBJECTS)?;
        std::fs::create_dir_all(home.path().join("objects/pack"))?;
        std::fs::create_dir(home.path().join("refs"))?;
        std::fs::write(home.path().join("HEAD"), "ref: refs/heads/main\n")?;
        std::fs::write(home.path().join("config"), CONFIG)?;
        if let Some(objects) = beside {
            let path = std::path::absolute(objects)?;
            let path = path
                .to_str()
                .filter(|path| !path.contains('\n'))
                .ok_or_else(|| Error::Broken(format!("git cannot look into {}", path.display())))?;
            let info = home.path().join("objects/info");
            std::fs::create_dir_all(&info)?;
            std::fs::write(info.join("alternates"), format!("{path}\n"))?;
        }
        // `open_bare` would not read the grafts of a shallow repository.
        let repository = Repository::open(home.path())?;
        repository.odb()?.add_new_mempack_backend(IN_MEMORY)?;
        Ok(Self { repository: Mutex::new(repository), _home: home })
    }

    /// The repository, for what only libgit2 can do. Never held across an await.
    pub(super) fn lock(&self) -> MutexGuard<'_, Repository> {
        // libgit2 keeps no half-written state in memory that a panic elsewhere could have left.
        self.repository.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the object is here.
    #[must_use]
    pub fn has(&self, id: ObjectId) -> bool {
        // Looking again for packs on each miss would cost a folder scan each time; `take_pack` refreshes.
        self.lock().odb().is_ok_and(|odb| odb.exists_ext(id.0, OdbLookupFlags::NO_REFRESH))
    }

    /// Writes a file's content.
    ///
    /// # Errors
    /// [`Error::Broken`].
    pub fn write_blob(&self, content: &[u8]) -> Result<ObjectId, Error> {
        Ok(ObjectId(self.lock().odb()?.write(ObjectType::Blob, content)?))
    }

    /// Writes a folder. The order of the entries does not matter, and what they name need not be here.
    ///
    /// # Errors
    /// [`Error::Broken`].
    pub fn write_tree(&self, entries: &[Entry]) -> Result<ObjectId, Error> {
        let mut sorted: Vec<&Entry> = entries.iter().collect();
        sorted.sort_by_key(|entry| entry.sort_key());
        let mut bytes = Vec::new();
        for entry in sorted {
            bytes.extend_from_slice(entry.kind.mode().as_bytes());
            bytes.push(b' ');
            bytes.extend_from_slice(&entry.name);
            bytes.push(0);
            bytes.extend_from_slice(entry.id.0.as_bytes());
        }
        Ok(ObjectId(self.lock().odb()?.write(ObjectType::Tree, &bytes)?))
    }

    /// Writes a commit; what it names need not be here.
    ///
    /// # Errors
    /// [`Error::Broken`].
    pub fn write_commit(&self, draft: &Draft<'_>) -> Result<ObjectId, Error> {
        // git forbids these in names; a name of ours comes from a configuration.
        let plain = |text: &str| text.replace(['<', '>', '\n', '\0'], "");
        let who = format!(
            "{} <{}> {} +0000",
            plain(draft.author.0),
            plain(draft.author.1),
            draft.at.as_millis().div_euclid(1_000)
        );
        let parents: String = draft.parents.iter().map(|parent| format!("parent {parent}\n")).collect();
        let message = draft.message.replace('\0', "");
        let text = format!(
            "tree {}\n{parents}author {who}\ncommitter {who}\n\n{}\n",
            draft.tree,
            message.trim_end_matches('\n')
        );
        Ok(ObjectId(self.lock().odb()?.write(ObjectType::Commit, text.as_bytes())?))
    }

    /// Reads a file's content.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Broken`], or [`Error::WrongKind`] when it is no blob.
    pub fn read_blob(&self, id: ObjectId) -> Result<Vec<u8>, Error> {
        let repository = self.lock();
        let blob =
            repository.find_blob(id.0).map_err(|error| found(&repository, error, id, ObjectType::Blob))?;
        Ok(blob.content().to_vec())
    }

    /// Reads a folder, in git's order.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Broken`], or [`Error::WrongKind`] when it is no tree.
    pub fn read_tree(&self, id: ObjectId) -> Result<Vec<Entry>, Error> {
        let repository = self.lock();
        let tree =
            repository.find_tree(id.0).map_err(|error| found(&repository, error, id, ObjectType::Tree))?;
        Ok(tree
            .iter()
            .map(|entry| Entry {
                name: entry.name_bytes().to_vec(),
                kind: EntryKind::of(entry.filemode()),
                id: ObjectId(entry.id()),
            })
            .collect())
    }

    /// Every file below a folder with its path, sorted by path. Paths that are not UTF-8 are left out.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Broken`], or [`Error::WrongKind`] when it is no tree.
    pub fn files_below(&self, tree: ObjectId) -> Result<Vec<(String, Entry)>, Error> {
        let mut files = Vec::new();
        let mut folders = vec![(String::new(), tree)];
        while let Some((above, tree)) = folders.pop() {
            for entry in self.read_tree(tree)? {
                let Ok(name) = std::str::from_utf8(&entry.name) else { continue };
                let path = format!("{above}{name}");
                match entry.kind {
                    EntryKind::Tree => folders.push((format!("{path}/"), entry.id)),
                    _ => files.push((path, entry)),
                }
            }
        }
        files.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(files)
    }

    /// Reads a commit.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Broken`], or [`Error::WrongKind`] when it is no commit.
    pub fn read_commit(&self, id: ObjectId) -> Result<Commit, Error> {
        let repository = self.lock();
        let commit = repository
            .find_commit(id.0)
            .map_err(|error| found(&repository, error, id, ObjectType::Commit))?;
        Ok(Commit {
            tree: ObjectId(commit.tree_id()),
            parents: commit.parent_ids().map(ObjectId).collect(),
            message: String::from_utf8_lossy(commit.message_bytes()).into_owned(),
        })
    }

    /// Takes in a pack as a server sent it.
    ///
    /// # Errors
    /// [`Error::Broken`] when it is no whole, self-contained pack.
    pub fn take_pack(&self, pack: &[u8]) -> Result<(), Error> {
        let repository = self.lock();
        let odb = repository.odb()?;
        // The count of objects follows `PACK` and the version; a pack of none needs no index.
        if pack.get(8..12) == Some(&[0; 4]) {
            return Ok(());
        }
        let mut writer = odb.packwriter()?;
        writer.write_all(pack)?;
        writer.commit()?;
        drop(writer);
        Ok(odb.refresh()?)
    }

    /// Looks again for objects that another process may have added.
    ///
    /// # Errors
    /// [`Error::Broken`].
    pub fn look_again(&self) -> Result<(), Error> {
        Ok(self.lock().odb()?.refresh()?)
    }

    /// Copies objects into another repository on this machine.
    pub(super) fn copy(&self, ids: &[ObjectId], into: &Repository) -> Result<(), Error> {
        let repository = self.lock();
        let (from, to) = (repository.odb()?, into.odb()?);
        for id in ids {
            let object = from.read(id.0).map_err(|error| missing(error, *id))?;
            to.write(object.kind(), object.data())?;
        }
        Ok(())
    }

    /// Makes a pack of exactly these objects, which must be here.
    ///
    /// # Errors
    /// [`Error::Missing`] and [`Error::Broken`].
    pub fn make_pack(&self, ids: &[ObjectId]) -> Result<Vec<u8>, Error> {
        let repository = self.lock();
        let mut builder = repository.packbuilder()?;
        for id in ids {
            builder.insert_object(id.0, None).map_err(|error| missing(error, *id))?;
        }
        let mut pack = git2::Buf::new();
        builder.write_buf(&mut pack)?;
        Ok(pack.to_vec())
    }

    /// What `commit` brings that its first parent does not have: itself, and the folders and files that
    /// differ. The parent's trees must be here, its files need not. Of a commit whose parent is not here,
    /// because the fetch ended with it, nothing but itself is handed out.
    ///
    /// # Errors
    /// [`Error::Missing`] and [`Error::Broken`].
    pub fn brought_by(&self, commit: ObjectId) -> Result<Vec<ObjectId>, Error> {
        let read = self.read_commit(commit)?;
        let before = match read.parents.first().map(|parent| self.read_commit(*parent)).transpose() {
            Ok(before) => before,
            // Ours stand on what was fetched; one that does not was itself fetched at the edge.
            Err(Error::Missing(_)) => return Ok(vec![commit]),
            Err(other) => return Err(other),
        };
        let mut brought = vec![commit];
        self.compare(read.tree, before.map(|parent| parent.tree), &mut brought)?;
        brought.sort_unstable();
        brought.dedup();
        Ok(brought)
    }

    fn compare(
        &self,
        tree: ObjectId,
        before: Option<ObjectId>,
        brought: &mut Vec<ObjectId>,
    ) -> Result<(), Error> {
        if before == Some(tree) {
            return Ok(());
        }
        brought.push(tree);
        let before = before.map(|id| self.read_tree(id)).transpose()?.unwrap_or_default();
        for entry in self.read_tree(tree)? {
            let same_name = before.iter().find(|old| old.name == entry.name).map(|old| (old.kind, old.id));
            match entry.kind {
                _ if same_name.is_some_and(|(_, id)| id == entry.id) => {}
                EntryKind::Tree => {
                    let old = same_name.filter(|(kind, _)| *kind == EntryKind::Tree).map(|(_, id)| id);
                    self.compare(entry.id, old, brought)?;
                }
                // A submodule's commit lives in another repository. A file that is not here was moved
                // from elsewhere in the parent, so whoever has the parent has it.
                EntryKind::Submodule => {}
                _ if self.has(entry.id) => brought.push(entry.id),
                _ => {}
            }
        }
        Ok(())
    }
}

fn missing(error: git2::Error, id: ObjectId) -> Error {
    if error.code() == git2::ErrorCode::NotFound { Error::Missing(id) } else { error.into() }
}

/// Why `id` could not be read as `wanted`: libgit2 also says "not found" of an object of another kind.
fn found(repository: &Repository, error: git2::Error, id: ObjectId, wanted: ObjectType) -> Error {
    let kind = repository.odb().and_then(|odb| odb.read_header(id.0)).map(|(_, kind)| kind);
    match kind {
        Ok(kind) if kind != wanted => Error::WrongKind { is: kind.to_string(), wanted: wanted.to_string() },
        _ => missing(error, id),
    }
}

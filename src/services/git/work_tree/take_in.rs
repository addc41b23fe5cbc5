//! Reads a changed folder back as a tree: what git would add, and nothing that leads out of it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::path::{Component, Path, PathBuf};

use git2::{ObjectType, Oid, Repository, RepositoryInitOptions};

use super::{WorkTree, no_room, system_name};
use crate::domain::failure::Failure;
use crate::services::git::PatchLimits;
use crate::services::git::objects::{self, Entry, EntryKind, ObjectId, Objects};
use crate::services::git::patch::names::shown;
use crate::services::git::patch::policy::{escape_of_folder, is_git_folder, too_large};

/// Folders inside each other; GitHub recommends at most 50.
const DEPTH: usize = 200;
/// Bytes of the target of a link; Linux takes no longer one (`PATH_MAX`).
const LINK_BYTES: usize = 4096;
/// Links that one link may lead through; Linux follows no more than 40 (`path_resolution(7)`).
const LINKS: usize = 40;
/// Changed and new files that are read at all, whatever the limits say: what is beyond that is no change.
const FILES_READ: usize = 10_000;

/// What is in the folder, as a tree.
pub(super) fn tree(
    objects: &Objects,
    work_tree: &WorkTree,
    limits: &PatchLimits,
) -> Result<ObjectId, Failure> {
    let commit = ObjectId::try_from(work_tree.base())
        .map_err(|error| Failure::permanent("commit_unknown", error.to_string()))?;
    let base = objects.read_commit(commit).map_err(broken)?.tree;
    let root = work_tree.path();
    let ignored = ignore_rules(&work_tree.beside("ignore.git"), &root)?;
    let mut reader = Reader { objects, root: &root, ignored, limits, files_read: 0 };
    let tree = reader.folder(Path::new(""), Some(base), 0)?;
    match tree {
        Some(tree) => Ok(tree),
        None => objects.write_tree(&[]).map_err(broken),
    }
}

/// Knows which files git would pass over. A repository of its own: the one in the folder belongs to whoever worked
/// there, and its configuration may say anything by now.
fn ignore_rules(beside: &Path, root: &Path) -> Result<Repository, Failure> {
    let made = || -> Result<Repository, git2::Error> {
        let mut options = RepositoryInitOptions::new();
        options.bare(true).external_template(false);
        let repository = Repository::init_opts(beside, &options)?;
        // Rules of this machine's user are no rules of the repository.
        let mut config = repository.config()?.open_level(git2::ConfigLevel::Local)?;
        config.set_str("core.excludesFile", &beside.join("none").to_string_lossy())?;
        repository.set_workdir(root, false)?;
        Ok(repository)
    };
    made().map_err(|error| {
        Failure::transient("work_tree", format!("The ignored files could not be told: {}.", error.message()))
    })
}

struct Reader<'a> {
    objects: &'a Objects,
    root: &'a Path,
    ignored: Repository,
    limits: &'a PatchLimits,
    files_read: usize,
}

impl Reader<'_> {
    /// The tree of a folder, by its path from the root; none when nothing is in it.
    fn folder(
        &mut self,
        path: &Path,
        base: Option<ObjectId>,
        depth: usize,
    ) -> Result<Option<ObjectId>, Failure> {
        if depth > DEPTH {
            return Err(escape_of_folder(&text(path), "its folders lie too deep in each other"));
        }
        self.expect_rules(path)?;
        let before = base.map(|base| self.objects.read_tree(base)).transpose().map_err(broken)?;
        let before: BTreeMap<Vec<u8>, Entry> =
            before.into_iter().flatten().map(|entry| (entry.name.clone(), entry)).collect();
        let mut after = Vec::new();
        for entry in before.values() {
            let cannot_be_there = system_name(&entry.name).is_none();
            let is_gone = cannot_be_there
                || !exists(&self.root.join(path).join(system_name(&entry.name).unwrap_or_default()));
            // Another repository was never here, and a name that the system cannot write neither.
            if is_gone && (cannot_be_there || entry.kind == EntryKind::Submodule) {
                after.push(entry.clone());
            }
        }
        for (name, metadata) in self.listed(path)? {
            let Some(raw) = raw(&name) else {
                return Err(escape_of_folder(&text(&path.join(&name)), "its name is no text"));
            };
            if path.as_os_str().is_empty() && raw == b".git" {
                continue;
            }
            let known = before.get(&raw);
            if let Some(kept) = self.entry(&path.join(&name), raw, &metadata, known, depth)? {
                after.push(kept);
            }
        }
        if after.is_empty() {
            return Ok(None);
        }
        let unchanged =
            after.len() == before.len() && after.iter().all(|entry| before.get(&entry.name) == Some(entry));
        match base.filter(|_| unchanged) {
            Some(base) => Ok(Some(base)),
            None => self.objects.write_tree(&after).map(Some).map_err(broken),
        }
    }

    fn listed(&self, path: &Path) -> Result<Vec<(OsString, Metadata)>, Failure> {
        let read = || -> std::io::Result<Vec<(OsString, Metadata)>> {
            let mut listed = Vec::new();
            for entry in fs::read_dir(self.root.join(path))? {
                let entry = entry?;
                listed.push((entry.file_name(), fs::symlink_metadata(entry.path())?));
            }
            listed.sort_by(|a, b| a.0.cmp(&b.0));
            Ok(listed)
        };
        read().map_err(|error| no_room(&error))
    }

    /// An entry of the new tree; none for what git would not add.
    fn entry(
        &mut self,
        path: &Path,
        name: Vec<u8>,
        metadata: &Metadata,
        known: Option<&Entry>,
        depth: usize,
    ) -> Result<Option<Entry>, Failure> {
        let kind = metadata.file_type();
        if known.is_none() && self.is_ignored(path, kind.is_dir())? {
            return Ok(None);
        }
        if let Some(submodule) = known.filter(|known| known.kind == EntryKind::Submodule) {
            return if kind.is_dir() {
                Ok(Some(submodule.clone()))
            } else {
                Err(escape_of_folder(&text(path), "it takes the place of a submodule"))
            };
        }
        if known.is_none() && is_git_folder(&String::from_utf8_lossy(&name)) {
            return Err(escape_of_folder(&text(path), "a submodule brings in another repository"));
        }
        if kind.is_dir() {
            let base = known.filter(|known| known.kind == EntryKind::Tree).map(|known| known.id);
            return Ok(self.folder(path, base, depth + 1)?.map(|id| Entry::tree(name, id)));
        }
        if kind.is_symlink() {
            return self.link(path, name, known).map(Some);
        }
        if kind.is_file() {
            return self.file(path, name, metadata, known).map(Some);
        }
        // Sockets, pipes and devices are nothing that git keeps.
        Ok(None)
    }

    /// Whoever reads a pipe waits for somebody to write into it: libgit2 reads whatever has the name of its rules.
    fn expect_rules(&self, folder: &Path) -> Result<(), Failure> {
        let rules = folder.join(".gitignore");
        match fs::metadata(self.root.join(&rules)) {
            Ok(found) if !found.is_file() && !found.is_dir() => {
                Err(escape_of_folder(&text(&rules), "it is no file"))
            }
            _ => Ok(()),
        }
    }

    fn is_ignored(&self, path: &Path, is_folder: bool) -> Result<bool, Failure> {
        if is_folder {
            self.expect_rules(path)?;
        }
        // With a slash at its end it is taken for a folder, which some rules are made for.
        let asked = if is_folder { path.join("") } else { path.to_owned() };
        self.ignored.is_path_ignored(&asked).map_err(|error| {
            Failure::transient(
                "work_tree",
                format!("The ignored files could not be told: {}.", error.message()),
            )
        })
    }

    fn file(
        &mut self,
        path: &Path,
        name: Vec<u8>,
        metadata: &Metadata,
        known: Option<&Entry>,
    ) -> Result<Entry, Failure> {
        let whole = self.root.join(path);
        let known = known.filter(|known| matches!(known.kind, EntryKind::File | EntryKind::Executable));
        let kind = if is_executable(metadata, known) { EntryKind::Executable } else { EntryKind::File };
        let hashed = |error: git2::Error| {
            Failure::transient(
                "work_tree",
                format!("`{}` could not be read: {}.", text(path), error.message()),
            )
        };
        if let Some(known) = known
            && Oid::hash_file(ObjectType::Blob, &whole).map_err(hashed)? == known.id.0
        {
            return Ok(Entry { name, kind, id: known.id });
        }
        self.count_one_more()?;
        // Both limits are far below this together; nothing larger need be read to be refused.
        let most = self.limits.bytes.max(self.limits.binary_bytes).saturating_add(self.size_of(known));
        if metadata.len() > most as u64 {
            return Err(too_large(
                "change",
                usize::try_from(metadata.len()).unwrap_or(usize::MAX),
                most,
                "bytes in one file",
            ));
        }
        let content = fs::read(&whole).map_err(|error| no_room(&error))?;
        Ok(Entry { name, kind, id: self.objects.write_blob(&content).map_err(broken)? })
    }

    fn link(&mut self, path: &Path, name: Vec<u8>, known: Option<&Entry>) -> Result<Entry, Failure> {
        let target = fs::read_link(self.root.join(path)).map_err(|error| no_room(&error))?;
        let bytes = raw(target.as_os_str()).filter(|bytes| bytes.len() <= LINK_BYTES);
        let bytes = bytes.ok_or_else(|| escape_of_folder(&text(path), "its target is no path"))?;
        let id = Oid::hash_object(ObjectType::Blob, &bytes).map(ObjectId).map_err(|error| {
            Failure::transient("work_tree", format!("A link could not be read: {}.", error.message()))
        })?;
        if known.is_some_and(|known| known.kind == EntryKind::Link && known.id == id) {
            return Ok(Entry { name, kind: EntryKind::Link, id });
        }
        self.count_one_more()?;
        if leads_out(self.root, path, &target, 0) {
            return Err(escape_of_folder(
                &text(path),
                "it is a symbolic link that leads out of the repository",
            ));
        }
        Ok(Entry { name, kind: EntryKind::Link, id: self.objects.write_blob(&bytes).map_err(broken)? })
    }

    fn count_one_more(&mut self) -> Result<(), Failure> {
        self.files_read += 1;
        if self.files_read > FILES_READ {
            return Err(too_large("change", self.files_read, self.limits.files, "files"));
        }
        Ok(())
    }

    fn size_of(&self, known: Option<&Entry>) -> usize {
        let size = |id: ObjectId| self.objects.lock().odb()?.read_header(id.0).map(|(size, _)| size);
        known.and_then(|known| size(known.id).ok()).unwrap_or_default()
    }
}

/// Whether a link at `path` leads out of `root`, or into git's own folder. Going up is told by the words alone, so it
/// may only stand at the beginning: behind another link it would go up from somewhere else.
fn leads_out(root: &Path, path: &Path, target: &Path, depth: usize) -> bool {
    let mut at: PathBuf = path.parent().map(Path::to_owned).unwrap_or_default();
    let mut has_gone_down = false;
    for part in target.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if has_gone_down || !at.pop() => return true,
            Component::ParentDir => {}
            Component::Normal(name) if is_git_folder(&name.to_string_lossy()) => return true,
            Component::Normal(name) => {
                has_gone_down = true;
                at.push(name);
                let Ok(next) = fs::read_link(root.join(&at)) else { continue };
                if depth >= LINKS || leads_out(root, &at, &next, depth + 1) {
                    return true;
                }
            }
            Component::RootDir | Component::Prefix(_) => return true,
        }
    }
    false
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata, _: Option<&Entry>) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode() & 0o100 != 0
}

/// Where files have no such bit, it stays as it was.
#[cfg(not(unix))]
fn is_executable(_: &Metadata, known: Option<&Entry>) -> bool {
    known.is_some_and(|known| known.kind == EntryKind::Executable)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere a name may be no text")]
fn raw(name: &std::ffi::OsStr) -> Option<Vec<u8>> {
    use std::os::unix::ffi::OsStrExt as _;
    Some(name.as_bytes().to_vec())
}

#[cfg(not(unix))]
fn raw(name: &std::ffi::OsStr) -> Option<Vec<u8>> {
    name.to_str().map(|name| name.as_bytes().to_vec())
}

fn exists(path: &PathBuf) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// A path for people.
fn text(path: &Path) -> String {
    shown(&path.to_string_lossy())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn broken(error: objects::Error) -> Failure {
    Failure::transient("git_objects", format!("The temporary object database failed: {error}."))
}

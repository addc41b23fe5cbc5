//! The tree while a patch goes into it: which version each section starts from, three-way merges, the new tree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use git2::build::TreeUpdateBuilder;
use git2::{ErrorCode, FileMode, MergeFileInput, ObjectType, Oid, Repository, Tree};

use super::names::shown;
use super::section::{Change, Hunk, Mode, Section};
use super::{broken, hunks, policy};
use crate::domain::failure::Failure;

/// A tree with the patch in it.
pub(super) struct Applied {
    pub(super) tree: Oid,
    /// Paths that are not as they were, sorted.
    pub(super) files: Vec<String>,
    pub(super) merged: bool,
}

/// A regular file: its content is in the object database already.
#[derive(Clone, Copy, PartialEq, Eq)]
struct File {
    blob: Oid,
    is_executable: bool,
}

struct Written {
    file: File,
    /// Whether nothing may have been there before.
    is_new: bool,
    is_renamed: bool,
}

struct Files<'r> {
    repository: &'r Repository,
    tree: &'r Tree<'r>,
    /// What the diffs before this one made of the tree; `None` is a file they took away.
    earlier: BTreeMap<String, Option<File>>,
    written: BTreeMap<String, Written>,
    removed: BTreeSet<String>,
    merged: bool,
}

/// Applies the sections in order. The sections of one diff all speak of the tree before it, so that
/// two files can change names; a section that comes back to a file begins the next diff of a series.
pub(super) fn apply(
    repository: &Repository,
    tree: &Tree<'_>,
    sections: &[Section<'_>],
) -> Result<Applied, Failure> {
    let mut files = Files {
        repository,
        tree,
        earlier: BTreeMap::new(),
        written: BTreeMap::new(),
        removed: BTreeSet::new(),
        merged: false,
    };
    for section in sections {
        for path in section.change.paths() {
            files.check_links(path)?;
        }
        if section.starts_mail || files.comes_back(&section.change)? {
            files.end_diff()?;
        }
        files.apply(section)?;
    }
    files.end_diff()?;
    files.finish()
}

fn does_not_apply(message: String) -> Failure {
    Failure::permanent("patch_does_not_apply", message)
        .hint("Bring the change up to the default branch, make the patch again and post it in a new comment.")
}

impl Files<'_> {
    /// The entry at a path of the base tree: its mode and id.
    fn in_base(&self, path: &str) -> Result<Option<(i32, Oid)>, Failure> {
        match self.tree.get_path(Path::new(path)) {
            Ok(entry) => Ok(Some((entry.filemode(), entry.id()))),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(None),
            Err(error) => Err(broken("look into its tree", &error)),
        }
    }

    /// Nothing may be written to, or through, a symbolic link or a submodule.
    fn check_links(&self, path: &str) -> Result<(), Failure> {
        let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        for part in folders.chain([path]) {
            match self.in_base(part)? {
                Some((mode, _)) if mode == i32::from(FileMode::Link) => {
                    return Err(policy::escape(path, &format!("`{}` is a symbolic link", shown(part))));
                }
                Some((mode, _)) if mode == i32::from(FileMode::Commit) => {
                    return Err(policy::escape(path, &format!("`{}` is a submodule", shown(part))));
                }
                Some((mode, _)) if mode == i32::from(FileMode::Tree) => {}
                // A file, or nothing: deeper parts are not there either.
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// The file as the diff in hand finds it.
    fn before(&self, path: &str) -> Result<Option<File>, Failure> {
        if let Some(file) = self.earlier.get(path) {
            return Ok(*file);
        }
        let found = self.in_base(path)?.filter(|(mode, _)| *mode != i32::from(FileMode::Tree));
        Ok(found
            .map(|(mode, blob)| File { blob, is_executable: mode == i32::from(FileMode::BlobExecutable) }))
    }

    fn comes_back(&self, change: &Change) -> Result<bool, Failure> {
        let written = |path: &str| self.written.contains_key(path);
        Ok(match change {
            Change::Modify(path) | Change::Delete(path) => written(path) || self.removed.contains(path),
            Change::Create(path) => written(path),
            // A rename takes the file as it was before the diff, also when another file was renamed onto it.
            Change::Rename { from, to } => {
                written(to)
                    || self.removed.contains(from)
                    || self.written.get(from).is_some_and(|written| !written.is_renamed)
            }
            Change::Copy { from, to } => written(to) || (written(from) && self.before(from)?.is_none()),
        })
    }

    fn apply(&mut self, section: &Section<'_>) -> Result<(), Failure> {
        let (source, target) = match &section.change {
            Change::Create(path) => (None, path),
            Change::Modify(path) | Change::Delete(path) => (Some(path), path),
            Change::Rename { from, to } | Change::Copy { from, to } => (Some(from), to),
        };
        let mut old = match source {
            Some(path) => self.before(path)?,
            None => None,
        };
        // A diff without git's headers says "no lines before" for an empty file and for none.
        let is_plain_start = section.modes.is_empty() && section.hunks.iter().all(|hunk| hunk.old_start == 0);
        let is_new = !matches!(section.change, Change::Modify(_)) || (old.is_none() && is_plain_start);
        if let (Some(path), None, false) =
            (source, old, is_new && matches!(section.change, Change::Modify(_)))
        {
            return Err(does_not_apply(format!(
                "The patch does not apply: there is no file `{}` on the default branch.",
                shown(path)
            )));
        }
        let file = match (&mut old, section.hunks.is_empty()) {
            (Some(file), true) => *file,
            (old, _) => {
                let blob = self.content_with_hunks(section, target, *old)?;
                File { blob, is_executable: old.is_some_and(|file| file.is_executable) }
            }
        };
        if let Change::Delete(path) = &section.change {
            return self.delete(path, file);
        }
        let is_executable = section.mode.map_or(file.is_executable, |mode| mode == Mode::Executable);
        let is_renamed = matches!(section.change, Change::Rename { .. });
        if let (true, Some(from)) = (is_renamed, source) {
            self.removed.insert(from.clone());
        }
        let file = File { is_executable, ..file };
        self.written.insert(target.clone(), Written { file, is_new, is_renamed });
        Ok(())
    }

    fn delete(&mut self, path: &str, left: File) -> Result<(), Failure> {
        let is_empty = self.read(left.blob)?.is_empty();
        if !is_empty {
            return Err(does_not_apply(format!(
                "The patch does not apply: it deletes `{}`, which has more lines than the patch takes away.",
                shown(path)
            )));
        }
        self.removed.insert(path.to_owned());
        Ok(())
    }

    fn read(&self, blob: Oid) -> Result<Vec<u8>, Failure> {
        let blob =
            self.repository.find_blob(blob).map_err(|error| broken("read a file of its tree", &error))?;
        Ok(blob.content().to_vec())
    }

    fn content_with_hunks(
        &mut self,
        section: &Section<'_>,
        path: &str,
        old: Option<File>,
    ) -> Result<Oid, Failure> {
        let current = old.map(|file| self.read(file.blob)).transpose()?.unwrap_or_default();
        let place = |content: &[u8]| {
            let crlf = section.crlf_text && hunks::is_crlf(content);
            hunks::place(content, &section.hunks, crlf)
        };
        let content = match place(&current) {
            Ok(content) => content,
            Err(failed) => {
                let merged = self.merge(section, &current, place)?;
                let merged = merged.ok_or_else(|| self.misfit(section, path, failed, &current))?;
                self.merged = true;
                merged
            }
        };
        self.repository.blob(&content).map_err(|error| broken("store a file", &error))
    }

    /// Merges what the patch makes of the version it was made for with the version there is now.
    /// `None` when that version is not at hand, is not what the patch says, or both changed the same lines.
    fn merge(
        &self,
        section: &Section<'_>,
        current: &[u8],
        place: impl Fn(&[u8]) -> Result<Vec<u8>, usize>,
    ) -> Result<Option<Vec<u8>>, Failure> {
        let Some(ancestor) = section.pre_image.as_deref().and_then(|id| self.blob_named(id)) else {
            return Ok(None);
        };
        let ancestor = self.read(ancestor)?;
        let Ok(theirs) = place(&ancestor) else { return Ok(None) };
        let input = |content| {
            let mut input = MergeFileInput::new();
            input.content(content);
            input
        };
        let (ancestor, ours, theirs) = (input(&ancestor), input(current), input(&theirs));
        let merged = git2::merge_file(&ancestor, &ours, &theirs, None)
            .map_err(|error| broken("merge a file", &error))?;
        Ok(merged.is_automergeable().then(|| merged.content().to_vec()))
    }

    /// The blob with this id, or the only one whose id begins so.
    fn blob_named(&self, id: &str) -> Option<Oid> {
        let odb = self.repository.odb().ok()?;
        let found = odb.exists_prefix(Oid::from_str(id).ok()?, id.len()).ok()?;
        let (_, kind) = odb.read_header(found).ok()?;
        (kind == ObjectType::Blob).then_some(found)
    }

    fn misfit(&self, section: &Section<'_>, path: &str, failed: usize, current: &[u8]) -> Failure {
        let Some(hunk) = section.hunks.get(failed) else {
            return does_not_apply(format!("The patch does not apply to `{}`.", shown(path)));
        };
        let why = if matches!(section.change, Change::Create(_)) {
            "the new file cannot be made"
        } else if is_there_already(section, current) {
            "its lines are there already, as if the patch had been applied before"
        } else {
            match section.pre_image.as_deref().map(|id| self.blob_named(id)) {
                None => {
                    "the lines it expects are not there, and the patch does not say which version it was made for"
                }
                Some(None) => {
                    "the lines it expects are not there, and the version the patch was made for is not at hand"
                }
                Some(Some(_)) => "the lines it expects were changed in another way since",
            }
        };
        does_not_apply(format!(
            "The patch does not apply: in `{}`, hunk {} of {} (`@@ -{},{} +{},{} @@`, line {} of the patch): {why}.",
            shown(path),
            failed + 1,
            section.hunks.len(),
            hunk.old_start,
            hunk.old_lines,
            hunk.new_start,
            hunk.new_lines,
            hunk.at,
        ))
    }

    /// Settles the diff in hand, so that the next section finds its result.
    fn end_diff(&mut self) -> Result<(), Failure> {
        for (path, written) in &self.written {
            let Some(there) = self.before(path)?.filter(|_| written.is_new && !self.removed.contains(path))
            else {
                continue;
            };
            // A patch that was applied before is no conflict.
            if there != written.file {
                return Err(does_not_apply(format!(
                    "The patch does not apply: it makes the new file `{}`, which is there already with other content.",
                    shown(path)
                )));
            }
        }
        self.earlier.extend(std::mem::take(&mut self.removed).into_iter().map(|path| (path, None)));
        self.earlier
            .extend(std::mem::take(&mut self.written).into_iter().map(|(path, new)| (path, Some(new.file))));
        Ok(())
    }

    fn finish(self) -> Result<Applied, Failure> {
        let mut changed = Vec::new();
        let (mut removals, mut writes) = (TreeUpdateBuilder::new(), TreeUpdateBuilder::new());
        let mut targets = Vec::new();
        for (path, file) in &self.earlier {
            let base = self.in_base(path)?.filter(|(mode, _)| *mode != i32::from(FileMode::Tree));
            match file {
                None if base.is_some() => {
                    removals.remove(path.as_str());
                }
                Some(file) => {
                    let mode = if file.is_executable { FileMode::BlobExecutable } else { FileMode::Blob };
                    if base == Some((i32::from(mode), file.blob)) {
                        continue;
                    }
                    writes.upsert(path.as_str(), file.blob, mode);
                    targets.push(path);
                }
                None => continue,
            }
            changed.push(path.clone());
        }
        // In two steps, because a file may make room for a folder of its name, or a folder for a file.
        let failed = |error: git2::Error| broken("write the new tree", &error);
        let cleared = removals.create_updated(self.repository, self.tree).map_err(failed)?;
        let cleared = self.repository.find_tree(cleared).map_err(failed)?;
        for path in &targets {
            check_room(&cleared, path)?;
        }
        if let Some(pair) = targets
            .windows(2)
            .find(|pair| pair[1].strip_prefix(pair[0].as_str()).is_some_and(|rest| rest.starts_with('/')))
        {
            return Err(blocked(pair[1], pair[0]));
        }
        let tree = writes.create_updated(self.repository, &cleared).map_err(failed)?;
        Ok(Applied { tree, files: changed, merged: self.merged })
    }
}

/// Whether the content with the patch taken back again is a content: then the patch is in it already.
fn is_there_already(section: &Section<'_>, current: &[u8]) -> bool {
    let reversed: Vec<_> = section.hunks.iter().map(Hunk::reversed).collect();
    hunks::place(current, &reversed, section.crlf_text && hunks::is_crlf(current)).is_ok()
}

/// A file can stand neither where a folder is nor below a file.
fn check_room(tree: &Tree<'_>, path: &str) -> Result<(), Failure> {
    let kind = |part: &str| tree.get_path(Path::new(part)).ok().and_then(|entry| entry.kind());
    let folders = path.match_indices('/').map(|(at, _)| &path[..at]);
    if let Some(folder) =
        folders.into_iter().find(|folder| kind(folder).is_some_and(|kind| kind != ObjectType::Tree))
    {
        return Err(blocked(path, folder));
    }
    if kind(path) == Some(ObjectType::Tree) {
        return Err(blocked(path, path));
    }
    Ok(())
}

fn blocked(path: &str, by: &str) -> Failure {
    does_not_apply(format!(
        "The patch does not apply: `{}` cannot be a file, because of `{}` on the default branch.",
        shown(path),
        shown(by)
    ))
}

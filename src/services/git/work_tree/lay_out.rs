//! Writes the files of a commit into an empty folder, byte for byte, and makes a small repository of it.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use git2::{Oid, Repository, RepositoryInitOptions, Signature};

use super::{no_room, system_name};
use crate::domain::failure::Failure;
use crate::services::git::objects::{Entry, EntryKind, ObjectId, Objects};
use crate::services::git::patch::policy::is_git_folder;

/// git leaves the bytes of files alone, runs no filter and finds no programs to run: what the files' own
/// `.gitattributes` ask for would make them differ from the commit, or fetch large files with credentials.
const ATTRIBUTES: &str = "* -text -filter -ident -merge -working-tree-encoding\n";

/// Where hooks would be looked for: a place that does not exist.
const NO_HOOKS: &str = ".git/no-hooks";

/// Writes every file. Links come last, so that nothing is ever written through one.
pub(super) fn files(objects: &Objects, commit: ObjectId, folder: &Path) -> Result<(), Failure> {
    fs::create_dir(folder).map_err(|error| no_room(&error))?;
    let mut links = Vec::new();
    let mut folders = vec![(folder.to_owned(), objects.read_commit(commit).map_err(broken)?.tree)];
    while let Some((folder, tree)) = folders.pop() {
        for Entry { name, kind, id } in objects.read_tree(tree).map_err(broken)? {
            let Some(path) = place(&folder, &name)? else { continue };
            match kind {
                EntryKind::Tree => {
                    fs::create_dir(&path).map_err(|error| no_room(&error))?;
                    folders.push((path, id));
                }
                // Another repository, which is not fetched.
                EntryKind::Submodule => fs::create_dir(&path).map_err(|error| no_room(&error))?,
                EntryKind::Link => links.push((path, id)),
                EntryKind::File | EntryKind::Executable => {
                    let content = objects.read_blob(id).map_err(broken)?;
                    let executable = kind == EntryKind::Executable;
                    write_file(&path, &content, executable).map_err(|error| no_room(&error))?;
                }
            }
        }
    }
    for (path, id) in links {
        let target = objects.read_blob(id).map_err(broken)?;
        write_link(&path, &target).map_err(|error| no_room(&error))?;
    }
    Ok(())
}

/// Where an entry goes; none where the system cannot write its name. git refuses to make such trees, but a server
/// may hold one that somebody made by hand.
fn place(folder: &Path, name: &[u8]) -> Result<Option<PathBuf>, Failure> {
    let text = String::from_utf8_lossy(name);
    if name.is_empty() || matches!(&*text, "." | "..") || text.contains(['/', '\\']) || is_git_folder(&text) {
        return Err(Failure::permanent(
            "tree_unsafe",
            format!(
                "The commit holds an entry named `{}`, which no work tree may have.",
                text.escape_debug()
            ),
        )
        .hint("Remove it from the branch: git itself would refuse to check it out."));
    }
    Ok(system_name(name).map(|name| folder.join(name)))
}

fn write_file(path: &Path, content: &[u8], executable: bool) -> io::Result<()> {
    // Never through something that is there already.
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(if executable { 0o755 } else { 0o644 });
    }
    #[cfg(not(unix))]
    let _ = executable;
    options.open(path)?.write_all(content)
}

#[cfg(unix)]
fn write_link(path: &Path, target: &[u8]) -> io::Result<()> {
    use std::os::unix::ffi::OsStrExt as _;
    std::os::unix::fs::symlink(std::ffi::OsStr::from_bytes(target), path)
}

/// As git does where there are no links: a file with the target in it.
#[cfg(not(unix))]
fn write_link(path: &Path, target: &[u8]) -> io::Result<()> {
    write_file(path, target, false)
}

/// Makes the folder a repository with one commit, its files.
pub(super) fn repository(objects: &Objects, commit: ObjectId, folder: &Path) -> Result<(), Failure> {
    let made = || -> Result<(), git2::Error> {
        let mut options = RepositoryInitOptions::new();
        options.initial_head("main").external_template(false).no_reinit(true);
        let repository = Repository::init_opts(folder, &options)?;
        let mut config = repository.config()?;
        for (name, value) in [
            ("core.autocrlf", "false"),
            ("core.safecrlf", "false"),
            ("core.symlinks", "true"),
            ("core.fsmonitor", "false"),
            ("core.hooksPath", NO_HOOKS),
            ("user.name", "automata"),
            ("user.email", "automata@users.noreply.github.com"),
            ("commit.gpgsign", "false"),
            ("gc.auto", "0"),
        ] {
            config.set_str(name, value)?;
        }
        fs::create_dir_all(repository.path().join("info"))
            .and_then(|()| fs::write(repository.path().join("info/attributes"), ATTRIBUTES))
            .map_err(|error| git2::Error::from_str(&error.to_string()))?;
        let from = objects.lock();
        let base = from.find_commit(commit.0)?;
        copy_tree(&from, &repository, base.tree_id())?;
        let tree = repository.find_tree(base.tree_id())?;
        let who = Signature::new("automata", "automata@users.noreply.github.com", &base.time())?;
        repository.commit(Some("HEAD"), &who, &who, "The files as they were found", &tree, &[])?;
        let mut index = repository.index()?;
        index.read_tree(&tree)?;
        index.write()
    };
    made().map_err(|error| {
        Failure::transient("work_tree", format!("The work tree could not be made: {}.", error.message()))
    })
}

/// Copies a tree with all that is in it but other repositories.
fn copy_tree(from: &Repository, to: &Repository, tree: Oid) -> Result<(), git2::Error> {
    let (source, target) = (from.odb()?, to.odb()?);
    let mut trees = vec![tree];
    while let Some(id) = trees.pop() {
        let object = source.read(id)?;
        target.write(object.kind(), object.data())?;
        for entry in &from.find_tree(id)? {
            match entry.kind() {
                Some(git2::ObjectType::Tree) => trees.push(entry.id()),
                Some(git2::ObjectType::Blob) => {
                    let object = source.read(entry.id())?;
                    target.write(object.kind(), object.data())?;
                }
                _ => {}
            }
        }
    }
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn broken(error: crate::services::git::objects::Error) -> Failure {
    Failure::transient("git_objects", format!("The files of the commit could not be read: {error}."))
}

//! Small real repositories beside a local forge: made once, and looked at afterwards.

use std::path::Path;

use git2::{
    DiffFormat, DiffOptions, ObjectType, Oid, Repository, Signature, Sort, Time, build::TreeUpdateBuilder,
};

use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;

/// A commit of a branch's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its id.
    pub commit: String,
    /// Its first line.
    pub subject: String,
    /// How many files its tree differs in from its first parent's.
    pub files: usize,
}

fn failed(error: &git2::Error) -> Failure {
    Failure::permanent("repository_unusable", format!("git: {}", error.message()))
}

/// Makes a bare repository with one commit of these files (path and content) on `main`, unless there is
/// one already.
///
/// # Errors
/// When the folder cannot be used.
pub fn seed(folder: &Path, files: &[(&str, &str)], at: Timestamp) -> Result<(), Failure> {
    seed_repository(folder, files, at).map_err(|error| failed(&error))
}

fn seed_repository(folder: &Path, files: &[(&str, &str)], at: Timestamp) -> Result<(), git2::Error> {
    let mut options = git2::RepositoryInitOptions::new();
    options.bare(true).initial_head("main").external_template(false);
    let repository = Repository::init_opts(folder, &options)?;
    if repository.find_reference("refs/heads/main").is_ok() {
        return Ok(());
    }
    let empty = repository.find_tree(repository.treebuilder(None)?.write()?)?;
    let mut update = TreeUpdateBuilder::new();
    for (path, content) in files {
        update.upsert(*path, repository.blob(content.as_bytes())?, git2::FileMode::Blob);
    }
    let tree = repository.find_tree(update.create_updated(&repository, &empty)?)?;
    let person =
        Signature::new("Mona", "mona@users.noreply.github.com", &Time::new(at.as_millis() / 1_000, 0))?;
    repository.commit(Some("refs/heads/main"), &person, &person, "Add up prices of widgets", &tree, &[])?;
    Ok(())
}

/// The newest commits of a branch, newest first, at most `count`.
///
/// # Errors
/// When there is no such branch.
pub fn history(folder: &Path, reference: &str, count: usize) -> Result<Vec<HistoryEntry>, Failure> {
    let read = || -> Result<Vec<HistoryEntry>, git2::Error> {
        let repository = Repository::open(folder)?;
        let mut walk = repository.revwalk()?;
        walk.set_sorting(Sort::TOPOLOGICAL)?;
        walk.push_ref(reference)?;
        walk.take(count).map(|commit| entry(&repository, commit?)).collect()
    };
    read().map_err(|error| failed(&error))
}

fn entry(repository: &Repository, id: Oid) -> Result<HistoryEntry, git2::Error> {
    let commit = repository.find_commit(id)?;
    let parent = commit.parents().next().map(|parent| parent.tree()).transpose()?;
    let diff = repository.diff_tree_to_tree(parent.as_ref(), Some(&commit.tree()?), None)?;
    let subject = commit.summary().ok().flatten().unwrap_or_default().to_owned();
    Ok(HistoryEntry { commit: id.to_string(), subject, files: diff.deltas().len() })
}

/// What `head` changes against `base`, as a unified diff.
///
/// # Errors
/// When there is no such branch or commit.
pub fn diff(folder: &Path, base: &str, head: &str) -> Result<String, Failure> {
    let read = || -> Result<String, git2::Error> {
        let repository = Repository::open(folder)?;
        let tree = |name: &str| {
            repository
                .revparse_single(name)?
                .peel(ObjectType::Tree)?
                .into_tree()
                .map_err(|_| git2::Error::from_str("no tree"))
        };
        let diff = repository.diff_tree_to_tree(
            Some(&tree(base)?),
            Some(&tree(head)?),
            Some(&mut DiffOptions::new()),
        )?;
        let mut text = Vec::new();
        diff.print(DiffFormat::Patch, |_, _, line| {
            if matches!(line.origin(), '+' | '-' | ' ') {
                text.push(u8::try_from(u32::from(line.origin())).unwrap_or(b' '));
            }
            text.extend_from_slice(line.content());
            true
        })?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    };
    read().map_err(|error| failed(&error))
}

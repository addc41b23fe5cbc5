//! A real repository in a temporary folder, and git's own command line beside it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use git2::{Oid, Repository, Signature, Time};

use super::super::commit_patch;
use crate::domain::failure::Failure;
use crate::domain::id::CommitId;
use crate::domain::time::Timestamp;
use crate::services::git::{CommitSheet, PatchLimits, ProposedCommit};

pub(super) struct World {
    folder: tempfile::TempDir,
    pub(super) repository: Repository,
    pub(super) base: CommitId,
}

pub(super) fn limits() -> PatchLimits {
    PatchLimits {
        protected: vec![".github/**".to_owned(), "**/CODEOWNERS".to_owned()],
        files: 20,
        lines: 500,
        bytes: 64 * 1024,
        binary_bytes: 0,
    }
}

pub(super) fn sheet() -> CommitSheet {
    CommitSheet {
        message: "Fix the crash\n\nCloses #7\n".to_owned(),
        author: ("Automata".to_owned(), "automata@example.org".to_owned()),
        at: Timestamp::from_millis(1_795_342_800_123),
    }
}

impl World {
    /// A repository whose first commit holds these files. A path ending in `*` is executable, one ending in
    /// `@` a symbolic link.
    pub(super) fn with(files: &[(&str, &[u8])]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::init(folder.path()).unwrap();
        let base = commit(&repository, files, None);
        Self { folder, repository, base: CommitId::new(base.to_string()) }
    }

    /// Replaces the files and commits: the default branch moved on.
    pub(super) fn moves_on(&mut self, files: &[(&str, &[u8])]) {
        let parent = Oid::from_str(self.base.as_str()).unwrap();
        self.base = CommitId::new(commit(&self.repository, files, Some(parent)).to_string());
    }

    pub(super) fn apply(&self, patch: &str) -> Result<ProposedCommit, Failure> {
        commit_patch(&self.repository, &self.base, patch, &limits(), &sheet())
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The content of a file in a commit.
    pub(super) fn file(&self, commit: &CommitId, path: &str) -> Option<String> {
        let commit = self.repository.find_commit(Oid::from_str(commit.as_str()).unwrap()).unwrap();
        let entry = commit.tree().unwrap().get_path(Path::new(path)).ok()?;
        let blob = self.repository.find_blob(entry.id()).unwrap();
        Some(String::from_utf8_lossy(blob.content()).into_owned())
    }

    /// The tree of a commit as `git ls-tree -r` shows it.
    pub(super) fn listing(&self, commit: &CommitId) -> String {
        self.git(&["ls-tree", "-r", commit.as_str()], "")
    }

    pub(super) fn tree(&self, commit: &CommitId) -> String {
        self.git(&["rev-parse", &format!("{commit}^{{tree}}")], "").trim().to_owned()
    }

    pub(super) fn git(&self, arguments: &[&str], input: &str) -> String {
        let output = self.try_git(arguments, input);
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The tree that `git apply` makes of the patch on the base, or `None` when git refuses it.
    pub(super) fn tree_by_git(&self, patch: &str) -> Option<String> {
        self.git(&["read-tree", "--reset", self.base.as_str()], "");
        let output = self.try_git(&["apply", "--cached", "--whitespace=nowarn", "-"], patch);
        output.status.success().then(|| self.git(&["write-tree"], "").trim().to_owned())
    }

    /// The tree that `git apply --3way` makes of the patch on the base where the patch does not apply as it is, or
    /// `None` when git refuses it or leaves a conflict.
    pub(super) fn tree_by_git_merging(&self, patch: &str) -> Option<String> {
        if let Some(tree) = self.tree_by_git(patch) {
            return Some(tree);
        }
        self.git(&["read-tree", "--reset", self.base.as_str()], "");
        let output = self.try_git(&["apply", "--3way", "--cached", "--whitespace=nowarn", "-"], patch);
        let is_whole = output.status.success() && self.git(&["ls-files", "--unmerged"], "").is_empty();
        is_whole.then(|| self.git(&["write-tree"], "").trim().to_owned())
    }

    fn try_git(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = Command::new("git")
            .args(arguments)
            .current_dir(self.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("LC_ALL", "C")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// The diff that git writes between two sets of files, the first of which becomes the base.
    pub(super) fn diff_to(&self, files: &[(&str, &[u8])], options: &[&str]) -> String {
        let parent = Oid::from_str(self.base.as_str()).unwrap();
        let target = commit(&self.repository, files, Some(parent)).to_string();
        let arguments: Vec<&str> = ["diff"]
            .into_iter()
            .chain(options.iter().copied())
            .chain([self.base.as_str(), &target])
            .collect();
        self.git(&arguments, "")
    }
}

fn commit(repository: &Repository, files: &[(&str, &[u8])], parent: Option<Oid>) -> Oid {
    let mut index = git2::Index::new().unwrap();
    for (path, content) in files {
        let (path, mode) = match (path.strip_suffix('*'), path.strip_suffix('@')) {
            (Some(path), _) => (path, 0o100_755),
            (_, Some(path)) => (path, 0o120_000),
            _ => (*path, 0o100_644),
        };
        index
            .add(&git2::IndexEntry {
                ctime: git2::IndexTime::new(0, 0),
                mtime: git2::IndexTime::new(0, 0),
                dev: 0,
                ino: 0,
                mode,
                uid: 0,
                gid: 0,
                file_size: 0,
                id: repository.blob(content).unwrap(),
                flags: 0,
                flags_extended: 0,
                path: path.as_bytes().to_vec(),
            })
            .unwrap();
    }
    let tree = repository.find_tree(index.write_tree_to(repository).unwrap()).unwrap();
    let who = Signature::new("Ada", "ada@example.org", &Time::new(1_700_000_000, 0)).unwrap();
    let parents = parent.map(|id| repository.find_commit(id).unwrap());
    let parents: Vec<_> = parents.iter().collect();
    repository.commit(None, &who, &who, "Something", &tree, &parents).unwrap()
}

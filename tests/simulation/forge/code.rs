//! The code of the forge in memory: one file, and branches that are only names of commits.

use async_trait::async_trait;
use automata::domain::failure::Failure;
use automata::domain::id::CommitId;
use automata::services::git::{
    Code, CommitSheet, FileChanges, FileEntry, Joined, PatchLimits, ProposedCommit, Pushed, Tip, WorkTree,
};
use sha2::{Digest, Sha256};

use super::Forge;

const SOURCE: &str = "fn parse(line: &str) -> usize {\n    line.find('=').unwrap()\n}\n";

#[async_trait]
impl Code for Forge {
    async fn default_tip(&self) -> Result<Tip, Failure> {
        self.exchange("tip", |forge| Tip { branch: "main".to_owned(), commit: forge.base() }).await
    }

    async fn files(&self) -> Result<Vec<FileEntry>, Failure> {
        let (path, blob) = ("src/parser.rs".to_owned(), "0".repeat(40));
        self.exchange("files", |_| vec![FileEntry { path, blob, is_regular: true }]).await
    }

    async fn read(&self, paths: &[&str]) -> Result<Vec<Option<Vec<u8>>>, Failure> {
        let read = |path: &&str| (*path == "src/parser.rs").then(|| SOURCE.as_bytes().to_vec());
        self.exchange("read", |_| paths.iter().map(read).collect()).await
    }

    async fn commit_patch(
        &self,
        patch: &str,
        limits: &PatchLimits,
        sheet: &CommitSheet,
    ) -> Result<ProposedCommit, Failure> {
        self.commit_patch_on(&self.base(), patch, limits, sheet).await
    }

    async fn commit_file(
        &self,
        base: Option<&CommitId>,
        (path, content): (&str, &[u8]),
        limits: &PatchLimits,
        sheet: &CommitSheet,
    ) -> Result<ProposedCommit, Failure> {
        let patch = format!("{path} {}", String::from_utf8_lossy(content));
        self.commit_patch_on(base.unwrap_or(&self.base()), &patch, limits, sheet).await
    }

    async fn commit_patch_on(
        &self,
        base: &CommitId,
        patch: &str,
        _limits: &PatchLimits,
        sheet: &CommitSheet,
    ) -> Result<ProposedCommit, Failure> {
        let base = base.clone();
        let digest = Sha256::digest(format!("{base}\n{patch}\n{}\n{}", sheet.message, sheet.at));
        let change: String =
            Sha256::digest(patch).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let commit: String = digest.iter().take(20).map(|byte| format!("{byte:02x}")).collect();
        let files = vec!["src/parser.rs".to_owned()];
        Ok(ProposedCommit {
            commit: CommitId::new(commit),
            base,
            files,
            added: 1,
            removed: 1,
            merged: false,
            generated: Vec::new(),
            digest: change,
        })
    }

    async fn check_out(&self, _commit: Option<&CommitId>) -> Result<WorkTree, Failure> {
        Err(no_folders())
    }

    async fn commit_folder(
        &self,
        _work_tree: &WorkTree,
        _limits: &PatchLimits,
        _sheet: &CommitSheet,
    ) -> Result<ProposedCommit, Failure> {
        Err(no_folders())
    }

    async fn as_patch(&self, _commit: &ProposedCommit) -> Result<Option<String>, Failure> {
        Ok(None)
    }

    async fn join(&self, _: &CommitId, _: &CommitId, _: &CommitSheet) -> Result<Joined, Failure> {
        Ok(Joined::Nothing)
    }

    async fn file_changes(&self, _: &ProposedCommit) -> Result<FileChanges, Failure> {
        Err(no_folders())
    }

    async fn changed_file(&self, _: &CommitId, _: &str) -> Result<Option<Option<Vec<u8>>>, Failure> {
        Ok(None)
    }

    async fn message(&self, _: &CommitId) -> Result<String, Failure> {
        Ok(String::new())
    }

    async fn delete_branch(&self, name: &str, expected: &CommitId) -> Result<Pushed, Failure> {
        self.change(format!("deletes {name}"), |forge| {
            let mut holdings = forge.holdings();
            match holdings.branches.get(name) {
                Some(at) if at != expected => Pushed::Conflict(Some(at.clone())),
                _ => {
                    holdings.branches.remove(name);
                    Pushed::Done
                }
            }
        })
        .await
    }

    async fn branch(&self, name: &str) -> Result<Option<CommitId>, Failure> {
        self.exchange("branch", |forge| forge.holdings().branches.get(name).cloned()).await
    }

    async fn push_branch(
        &self,
        name: &str,
        expected: Option<&CommitId>,
        commit: &CommitId,
    ) -> Result<Pushed, Failure> {
        self.change(format!("pushes {name} at {commit}"), |forge| {
            let mut holdings = forge.holdings();
            if holdings.branches.get(name) != expected {
                return Pushed::Conflict(holdings.branches.get(name).cloned());
            }
            holdings.branches.insert(name.to_owned(), commit.clone());
            Pushed::Done
        })
        .await
    }
}

fn no_folders() -> Failure {
    Failure::permanent("no_folders", "this world keeps no files")
}

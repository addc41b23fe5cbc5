//! What changes in Drive, ours and others', leave in the state.

use std::collections::BTreeSet;

use crate::domain::allowance::{self, DriveUsed};
use crate::domain::effect::EffectKind;
use crate::domain::event::Stamp;
use crate::domain::id::{ServiceName, TaskId};
use crate::domain::input;
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::domain::state::{Folder, IssueState, LeftFolder, State};
use crate::domain::subject::Subject;
use crate::domain::untrusted::one_line;
use crate::domain::watched::{DriveChanged, DriveKey};

/// Files that are remembered as copied into an issue's folder, the newest: more than anybody reads in a comment.
const COPIES: usize = 20;
/// Folders with what workflow runs made that are remembered for an issue, the newest.
const COLLECTED: usize = 3;
/// Width of what is kept of a change in an issue's folder.
const CHANGE: usize = 200;

impl State {
    /// The folder in Drive of an issue; none while it has none, and for what is no issue.
    #[must_use]
    pub fn folder_of(&self, subject: Subject) -> Option<DriveKey> {
        let issue = self.issues.get(&subject.number()?)?;
        issue.folder.as_ref().map(|folder| folder.made.id)
    }

    pub(super) fn drive_changed(&mut self, changed: &DriveChanged) {
        let watched = &self.watched;
        let holds = |issue: &&mut IssueState| {
            issue.folder.as_ref().is_some_and(|folder| {
                folder.made.id != changed.file && watched.is_in(changed.file, folder.made.id)
            })
        };
        // Looked for before it is forgotten: what is gone lay there until now.
        if let Some(folder) = self.issues.values_mut().find(holds).and_then(|issue| issue.folder.as_mut())
            && !changed.ours
        {
            let told = format!("{} ({})", one_line(changed.title(), CHANGE), changed.words());
            folder.change = Some(told);
        }
        self.watched.changed(changed);
    }

    /// Keeps with an issue where the files lie that a workflow run for its pull request made.
    pub(super) fn collected(&mut self, task: &TaskId, receipt: &Payload) {
        let spec = self.tasks.get(task).map(|task| &task.spec);
        let input = spec.filter(|spec| spec.kind.as_str() == input::DRIVE_COLLECT).map(|spec| &spec.input);
        let branch = input.and_then(|input| input.read::<input::DriveCollect>().ok()?.branch);
        let number = branch.and_then(|branch| self.issue_of_branch(&branch));
        if let (Some(issue), Ok(made)) =
            (number.and_then(|number| self.issues.get_mut(&number)), receipt.read::<receipt::DriveFolder>())
        {
            issue.collected.retain(|known| known.id != made.id);
            issue.collected.push(made);
            let surplus = issue.collected.len().saturating_sub(COLLECTED);
            issue.collected.drain(..surplus);
        }
    }

    /// What a command used counts for all that comes later, as if a task had.
    pub(super) fn drive_used(&mut self, stamp: &Stamp, used: &DriveUsed) {
        if used.bytes > 0 {
            self.uploaded.spend(stamp.at, used.bytes);
        }
        let spending = self.spending.entry(ServiceName::new(allowance::SERVICE)).or_default();
        spending.spend(u32::try_from(used.units).unwrap_or(u32::MAX), stamp.at);
        if let Some(until) = used.until {
            spending.close(until);
        }
    }

    /// What is to be remembered of an effect beyond its task, whatever the task was about.
    pub(super) fn drive_effect(&mut self, subject: Subject, kind: EffectKind, receipt: &Payload) {
        match (kind, subject) {
            (EffectKind::DriveIssue, _) => {
                if let Ok(receipt::DriveIssue { number, key, .. }) = receipt.read() {
                    self.watched.issues.insert(key, number);
                }
            }
            (EffectKind::Branch | EffectKind::Commit, Subject::Drive(item)) => {
                if let Ok(branch) = receipt.read::<receipt::Branch>() {
                    self.watched.imports.insert(item, branch);
                }
            }
            (EffectKind::DriveFolder, _) => {
                if let Ok(made) = receipt.read::<receipt::DriveFolder>()
                    && let Some(key) = made.key.clone()
                {
                    self.watched.folders.insert(key, made);
                }
            }
            _ => {}
        }
    }
}

impl IssueState {
    /// What an effect leaves with its issue's folder.
    pub(super) fn drive_effect(&mut self, kind: EffectKind, receipt: &Payload) {
        match kind {
            EffectKind::DriveFolder => {
                if let Ok(made) = receipt.read::<receipt::DriveFolder>() {
                    match &mut self.folder {
                        Some(known) if known.made.id == made.id => known.made = made,
                        _ => self.moves_to(made),
                    }
                }
            }
            EffectKind::DriveFile => {
                if let (Some(folder), Ok(file)) = (&mut self.folder, receipt.read::<receipt::DriveFile>()) {
                    folder.copied.retain(|known| known.id != file.id);
                    folder.copied.push(file);
                    let surplus = folder.copied.len().saturating_sub(COPIES);
                    folder.copied.drain(..surplus);
                }
            }
            EffectKind::DriveLinks => {
                if let (Some(folder), Ok(links)) = (&mut self.folder, receipt.read::<receipt::DriveLinks>()) {
                    folder.linked.extend(links.made.into_iter().map(|link| link.target));
                }
            }
            EffectKind::DriveShares => {
                if let Ok(shares) = receipt.read::<receipt::DriveShares>() {
                    self.shared(shares);
                }
            }
            _ => {}
        }
    }

    /// It has another folder from now on. Who was let into the one before is remembered until that is taken back.
    fn moves_to(&mut self, made: receipt::DriveFolder) {
        if let Some(before) = self.folder.take().filter(|before| !before.shared.is_empty()) {
            self.left.push(LeftFolder { id: before.made.id, shared: before.shared });
        }
        let back = self.left.iter().position(|left| left.id == made.id).map(|place| self.left.remove(place));
        let shared = back.map(|left| left.shared).unwrap_or_default();
        self.folder =
            Some(Folder { made, copied: Vec::new(), linked: BTreeSet::new(), shared, change: None });
    }

    fn shared(&mut self, shares: receipt::DriveShares) {
        let present =
            self.folder.as_mut().filter(|present| shares.folder.is_none_or(|id| id == present.made.id));
        match (present, shares.folder) {
            (Some(present), _) => present.shared = shares.given,
            (None, Some(id)) => {
                for left in self.left.iter_mut().filter(|left| left.id == id) {
                    left.shared.clone_from(&shares.given);
                }
                // It got another folder while somebody was let into this one.
                if !self.left.iter().any(|left| left.id == id) {
                    self.left.push(LeftFolder { id, shared: shares.given });
                }
                self.left.retain(|left| !left.shared.is_empty());
            }
            (None, None) => {}
        }
    }
}

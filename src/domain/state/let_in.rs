//! Whom issues let into folders in Drive. Issues of one milestone may have one folder.

use super::State;
use crate::domain::id::IssueNumber;
use crate::domain::receipt;
use crate::domain::watched::DriveKey;

/// Somebody whom an issue let into a folder in Drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LetIn<'a> {
    /// The issue.
    pub issue: IssueNumber,
    /// The folder.
    pub folder: DriveKey,
    /// Who, and by which grant.
    pub shared: &'a receipt::Shared,
    /// Whether the issue still wants it: it is open, and has that folder now.
    pub wanted: bool,
}

impl State {
    /// All whom issues let in, issue by issue. What several issues want of one folder is one grant in Drive, which each of
    /// them has here.
    pub fn let_in(&self) -> impl Iterator<Item = LetIn<'_>> {
        self.issues.iter().flat_map(|(issue, known)| {
            let present = known.folder.iter().flat_map(|folder| {
                let wanted = known.closed_at.is_none();
                folder.shared.iter().map(move |shared| (folder.made.id, shared, wanted))
            });
            let left = known
                .left
                .iter()
                .flat_map(|left| left.shared.iter().map(move |shared| (left.id, shared, false)));
            present.chain(left).map(|(folder, shared, wanted)| LetIn {
                issue: *issue,
                folder,
                shared,
                wanted,
            })
        })
    }
}

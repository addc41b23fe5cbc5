//! The grants of a folder that issues share, as far as they are ours: what one issue gives and takes leaves to the others
//! what they want.

use crate::domain::id::IssueNumber;
use crate::domain::receipt::Shared;
use crate::domain::state::State;
use crate::domain::watched::DriveKey;
use crate::services::drive::{Drive, FileId, Grantee, Permission, PermissionId, Role, sharing};

/// What the log knows of the grants of a folder.
pub(super) struct Ours {
    /// All that issues gave, the one that asks among them.
    given: Vec<Shared>,
    /// What others want that are open and have this folder.
    others: Vec<Shared>,
}

/// What came of taking back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is gone, or was not ours any more.
    Gone,
    /// Another issue wants it.
    Wanted,
}

impl Ours {
    pub(super) fn of(state: &State, folder: DriveKey, asks: IssueNumber) -> Self {
        let here = || state.let_in().filter(move |let_in| let_in.folder == folder);
        let others = here().filter(|let_in| let_in.wanted && let_in.issue != asks);
        Self {
            given: here().map(|let_in| let_in.shared.clone()).collect(),
            others: others.map(|let_in| let_in.shared.clone()).collect(),
        }
    }

    /// The grants at the folder that are people's own: those that no issue gave, and those that somebody has made something
    /// else of.
    pub(super) fn theirs(&self, here: &[Permission]) -> Vec<String> {
        let own = here.iter().filter(|grant| !grant.inherited && !self.is_ours(grant));
        own.map(|grant| grant.id.to_string()).collect()
    }

    fn is_ours(&self, grant: &Permission) -> bool {
        let given = self.given.iter().filter(|shared| shared.permission == grant.id.as_str());
        let roles: Vec<Option<Role>> = given.map(|shared| Role::parse(&shared.role)).collect();
        // The widest that was given is what it was; an older version did not write that down.
        roles.contains(&None) || roles.iter().max().is_some_and(|most| *most == grant.role)
    }

    /// Gives somebody access; nothing where they have it without us, which is not ours to take away later. Drive keeps one
    /// grant for a person: widening what somebody gave would take it away with ours later.
    pub(super) async fn let_in(
        &self,
        drive: &dyn Drive,
        folder: &FileId,
        who: Grantee,
        role: Role,
        (here, theirs): (&[Permission], &[String]),
    ) -> Result<Option<PermissionId>, sharing::Refused> {
        if let Some(has) = sharing::of(here, &who) {
            let is_enough = !has.deleted && has.role.is_some_and(|has| has >= role);
            let is_theirs = theirs.contains(&has.id.to_string());
            if (has.inherited && is_enough) || (!has.inherited && is_theirs) {
                return Ok(None);
            }
            // Another issue let them in: it is wanted by both from now on.
            if !has.inherited && is_enough {
                return Ok(Some(has.id.clone()));
            }
        }
        let wanted = sharing::Wanted::Give { who, role, until: None, notify: false };
        let sharing::Shared { after, .. } = sharing::share(drive, folder, &wanted).await?;
        Ok(after.map(|grant| grant.id))
    }

    /// Takes back what we gave, unless somebody made something else of it or took it away themselves. What is wanted by other
    /// issues, or by `kept` of this one, stays as wide as that.
    pub(super) async fn shut_out(
        &self,
        drive: &dyn Drive,
        folder: &FileId,
        shared: &Shared,
        kept: &[Shared],
        (here, theirs): (&[Permission], &[String]),
    ) -> Result<Taken, sharing::Refused> {
        let is_it = |grant: &&Permission| {
            grant.id.as_str() == shared.permission
                && !grant.inherited
                && !theirs.contains(&grant.id.to_string())
        };
        let wishes = self.others.iter().chain(kept).filter(|other| other.permission == shared.permission);
        let wishes: Vec<Option<Role>> = wishes.map(|other| Role::parse(&other.role)).collect();
        let Some(grant) = here.iter().find(is_it) else {
            return Ok(if wishes.is_empty() { Taken::Gone } else { Taken::Wanted });
        };
        let Some(most) = wishes.iter().max() else {
            let whose = sharing::Whose::Grant(grant.id.clone());
            sharing::share(drive, folder, &sharing::Wanted::Take(whose)).await?;
            return Ok(Taken::Gone);
        };
        if let (Some(role), Some(who)) = (most.filter(|most| grant.role > Some(*most)), grant.grantee.clone())
            && !wishes.contains(&None)
        {
            let wanted = sharing::Wanted::Give { who, role, until: grant.expires_at, notify: false };
            sharing::share(drive, folder, &wanted).await?;
        }
        Ok(Taken::Wanted)
    }
}

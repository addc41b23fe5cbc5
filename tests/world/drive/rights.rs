//! Who may do what: grants, what is inherited, and the capabilities that follow.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::state::{Grant, Item, State, domain_of, is_service_account, permission_id};

/// A grant as it stands on an item: its own, or from above.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) grant: Grant,
    /// Role, and the item that it comes from where it is inherited.
    pub(crate) details: Vec<(String, Option<String>)>,
}

/// How much a role allows, to compare.
pub(crate) fn rank(role: &str) -> u8 {
    match role {
        "reader" => 1,
        "commenter" => 2,
        "writer" => 3,
        "fileOrganizer" => 4,
        "organizer" => 5,
        "owner" => 6,
        _ => 0,
    }
}

impl State {
    /// All grants on an item, inherited ones included, one for each id with the widest role.
    pub(crate) fn standing(&self, id: &str) -> Vec<Standing> {
        let mut found: BTreeMap<String, Standing> = BTreeMap::new();
        let mut shut = false;
        for (depth, item) in self.line(id).into_iter().enumerate() {
            let inherited = depth > 0;
            for grant in &item.grants {
                // Who owns a folder may write what others put into it.
                let role = if inherited && grant.role == "owner" { "writer" } else { grant.role.as_str() };
                let passes = !shut || matches!(grant.role.as_str(), "owner" | "organizer");
                let over = grant.expires.is_some_and(|until| until <= self.now);
                if !passes || over {
                    continue;
                }
                let from = inherited.then(|| item.id.clone());
                let standing = found.entry(grant.id.clone()).or_insert_with(|| Standing {
                    grant: Grant { role: role.to_owned(), ..grant.clone() },
                    details: Vec::new(),
                });
                standing.details.push((role.to_owned(), from));
                if rank(role) > rank(&standing.grant.role) {
                    standing.grant.role = role.to_owned();
                }
            }
            shut |= item.limited;
        }
        found.into_values().collect()
    }

    fn is_meant(&self, grant: &Grant, account: &str, by_link: bool) -> bool {
        let is_email = |email: &str| email.eq_ignore_ascii_case(account);
        match grant.kind.as_str() {
            "user" => grant.email.as_deref().is_some_and(is_email),
            "group" => {
                let members = grant.email.as_ref().and_then(|group| self.groups.get(group));
                members.is_some_and(|members| members.contains(account))
            }
            "domain" => {
                (by_link || grant.discoverable) && grant.domain.as_deref() == Some(domain_of(account))
            }
            _ => by_link,
        }
    }

    /// The widest role that an account has; `by_link`: who knows the id has what the link gives as well.
    pub(crate) fn role(&self, id: &str, account: &str, by_link: bool) -> Option<String> {
        if self.line(id).into_iter().skip(1).any(|folder| folder.shut_out.contains(account)) {
            return None;
        }
        self.standing(id)
            .into_iter()
            .filter(|standing| self.is_meant(&standing.grant, account, by_link))
            .map(|standing| standing.grant.role)
            .max_by_key(|role| rank(role))
    }

    /// Whether the account can see the item when it names its id.
    pub(crate) fn sees(&self, id: &str, account: &str) -> bool {
        self.role(id, account, true).is_some()
    }

    /// Accounts that see an item in their lists.
    pub(crate) fn audience(&self, id: &str) -> BTreeSet<String> {
        let mut audience = BTreeSet::new();
        for standing in self.standing(id) {
            let email = standing.grant.email.unwrap_or_default();
            match standing.grant.kind.as_str() {
                "user" => {
                    audience.insert(email);
                }
                "group" => audience.extend(self.groups.get(&email).into_iter().flatten().cloned()),
                _ => {}
            }
        }
        audience
    }

    /// Who owns the item; nobody does in a shared drive.
    pub(crate) fn owner_of(&self, item: &Item) -> Option<String> {
        item.grants.iter().find(|grant| grant.role == "owner").and_then(|grant| grant.email.clone())
    }

    /// What the account may do with the item.
    pub(crate) fn capabilities(&self, item: &Item, account: &str) -> Value {
        let role = self.role(&item.id, account, true).unwrap_or_default();
        let rank = rank(&role);
        let (shared_drive, folder) = (item.drive.is_some(), item.is_folder());
        let is_root = item.parent.is_none();
        let edit = rank >= 3;
        let share = match (shared_drive, folder) {
            (false, _) => role == "owner" || (edit && item.writers_can_share),
            (true, false) => edit,
            (true, true) => rank >= 4,
        };
        let remove = !is_root && if shared_drive { rank >= 4 } else { role == "owner" };
        let limit = folder && !is_root && if shared_drive { rank >= 5 } else { share };
        let reads = rank >= 3 || !item.copy_requires_writer;
        let accepts =
            item.grants.iter().any(|grant| grant.pending_owner && grant.id == permission_id(account));
        json!({
            "canEdit": edit,
            "canComment": rank >= 2,
            "canRename": edit && !is_root,
            "canModifyContent": edit && !folder,
            "canShare": share,
            "canTrash": remove,
            "canUntrash": remove,
            "canDelete": !is_root && if shared_drive { rank >= 5 } else { role == "owner" },
            "canAddChildren": folder && edit,
            "canListChildren": folder && rank >= 1 && !self.is_shut_out(item, account),
            "canRemoveChildren": folder && edit && !shared_drive,
            "canMoveItemWithinDrive": edit && !is_root,
            "canMoveItemOutOfDrive": shared_drive && rank >= 5 || role == "owner",
            "canCopy": !folder && rank >= 1 && reads,
            "canDownload": !folder && rank >= 1 && reads,
            "canReadRevisions": !folder && edit,
            "canChangeCopyRequiresWriterPermission": share,
            "canAcceptOwnership": accepts,
            "canDisableInheritedPermissions": limit && !item.limited,
            "canEnableInheritedPermissions": limit && item.limited,
            "canReadDrive": shared_drive && rank >= 1,
        })
    }

    /// Whether the account only sees that a limited folder is there.
    fn is_shut_out(&self, item: &Item, account: &str) -> bool {
        item.shut_out.contains(account) || item.limited && self.role(&item.id, account, false).is_none()
    }

    /// Whether a capability is there.
    pub(crate) fn can(&self, id: &str, account: &str, capability: &str) -> bool {
        self.items.get(id).is_some_and(|item| self.capabilities(item, account)[capability] == true)
    }

    /// Bytes that an account's files take; none can be kept by a service account.
    pub(crate) fn usage(&self, account: &str) -> u64 {
        let owned = self.items.values().filter(|item| self.owner_of(item).as_deref() == Some(account));
        owned.flat_map(|item| &item.revisions).map(|revision| revision.content.bytes.len() as u64).sum()
    }

    /// Whether so many bytes more have room in an account's own drive.
    pub(crate) fn has_room(&self, account: &str, bytes: u64) -> bool {
        !is_service_account(account) && self.usage(account) + bytes <= self.storage
    }
}

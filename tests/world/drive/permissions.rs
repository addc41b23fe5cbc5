//! Permissions: read, give, change, take; the rules of each that the guide and the error table tell.

use std::time::Duration;

use automata::domain::time::Timestamp;
use serde_json::json;

use super::call::Call;
use super::reply::Reply;
use super::rights::rank;
use super::state::{Grant, Item, State, domain_of, permission_id};

/// How long a grant may last at most.
const A_YEAR: Duration = Duration::from_secs(366 * 86_400);
/// Where accounts without an organisation are.
pub(crate) const CONSUMERS: &str = "consumer.example";

impl State {
    pub(crate) fn list_permissions(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let item = self.seen(call)?;
        if item.drive.is_none() {
            self.allow(&item, call, "canShare")?;
        }
        let all = self.standing(&item.id);
        let (page, next) = call.page(all, 100, 100)?;
        let shown: Vec<_> = page.iter().map(|standing| self.permission(standing, &item)).collect();
        let mut answer = json!({ "kind": "drive#permissionList", "permissions": shown });
        if let Some(next) = next {
            answer["nextPageToken"] = json!(next);
        }
        Ok(Reply::ok(answer))
    }

    pub(crate) fn get_permission(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let item = self.seen(call)?;
        let id = &call.path["permissionId"];
        self.shown_permission(&item.id, id)
            .map_or_else(|| Err(no_permission(id)), |shown| Ok(Reply::ok(shown)))
    }

    fn shown_permission(&self, item: &str, id: &str) -> Option<serde_json::Value> {
        let item = self.items.get(item)?;
        let standing = self.standing(&item.id).into_iter().find(|standing| standing.grant.id == id)?;
        Some(self.permission(&standing, item))
    }

    pub(crate) fn create_permission(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let item = self.seen(call)?;
        let (kind, role) = (call.text("type").unwrap_or_default(), call.text("role").unwrap_or_default());
        let mut grant = match (kind, call.text("emailAddress"), call.text("domain")) {
            ("user" | "group", Some(email), None) if email.contains('@') => {
                Grant::to_account(kind, email, role)
            }
            ("user" | "group", _, None) => {
                let words =
                    "The specified emailAddress is invalid or not applicable for the given permission type.";
                return Err(Reply::refusal(400, "invalid", words));
            }
            ("domain", None, Some(domain)) => Grant {
                id: format!("{}k", permission_id(domain)),
                domain: Some(domain.to_owned()),
                email: None,
                ..Grant::to_account(kind, domain, role)
            },
            ("anyone", None, None) => {
                Grant { id: "anyoneWithLink".to_owned(), email: None, ..Grant::to_account(kind, "", role) }
            }
            _ => return Err(Reply::refusal(400, "badRequest", "The permission type field is required.")),
        };
        grant.discoverable = call.body["allowFileDiscovery"] == true;
        grant.pending_owner = call.body["pendingOwner"] == true;
        if grant.pending_owner && role != "writer" {
            let words = "The pending owner must be a writer.";
            return Err(Reply::refusal(403, "pendingOwnerWriterRequired", words));
        }
        if role == "owner" {
            return self.hand_over(&item, &grant, call);
        }
        self.may_grant(&item, &grant, call)?;
        grant.expires = self.expiry(&grant, call)?;
        if call.query("sendNotificationEmail") != Some("false")
            && let Some(email) = &grant.email
        {
            self.mails.push((email.clone(), item.id.clone()));
        }
        self.put_grant(&item.id, grant.clone());
        Ok(Reply::ok(self.shown_permission(&item.id, &grant.id).unwrap()))
    }

    /// The rules about who may be given what where.
    fn may_grant(&self, item: &Item, grant: &Grant, call: &Call<'_>) -> Result<(), Reply> {
        self.allow(item, call, "canShare")?;
        if rank(&grant.role) == 0 {
            return Err(Reply::refusal(400, "invalid", "The specified role is invalid."));
        }
        let of_drives = matches!(grant.role.as_str(), "organizer" | "fileOrganizer");
        if of_drives && item.drive.is_none() {
            let words = "The specified role is only valid for items in shared drives.";
            return Err(Reply::refusal(403, "invalidSharingRequest", words));
        }
        if grant.role == "organizer" && item.parent.is_some() {
            return Err(Reply::refusal(
                403,
                "organizerOnNonTeamDriveNotSupported",
                "The organizer role is only for shared drives.",
            ));
        }
        let outside = match (&grant.email, &grant.domain) {
            (Some(address), _) => Some(domain_of(address)),
            (None, Some(domain)) => Some(domain.as_str()),
            (None, None) => None,
        };
        let restricted = item
            .drive
            .as_ref()
            .and_then(|id| self.drives.get(id))
            .is_some_and(|drive| drive.domain_users_only);
        if restricted && outside != Some("acme.example") {
            let words = "Only users of the domain may be given access to items of this shared drive.";
            return Err(Reply::refusal(403, "teamDriveDomainUsersOnlyRestriction", words));
        }
        Ok(())
    }

    fn expiry(&self, grant: &Grant, call: &Call<'_>) -> Result<Option<Timestamp>, Reply> {
        let Some(until) = call.text("expirationTime") else { return Ok(None) };
        let until: Timestamp = until.parse().unwrap();
        if !matches!(grant.kind.as_str(), "user" | "group") {
            let words = "Expiration dates cannot be set on this item.";
            return Err(Reply::refusal(403, "cannotSetExpirationOnAnyoneOrDomain", words));
        }
        if until <= self.now || until > self.now.plus(A_YEAR) {
            let words = "Expiration dates must be in the future, and at most a year.";
            return Err(Reply::refusal(403, "expirationDatesMustBeInTheFuture", words));
        }
        Ok(Some(until))
    }

    fn put_grant(&mut self, item: &str, grant: Grant) {
        let before = self.audience(item);
        let grants = &mut self.items.get_mut(item).unwrap().grants;
        grants.retain(|known| known.id != grant.id);
        grants.push(grant);
        self.note_change(item, before);
    }

    /// A new owner: at once within an organisation; a consumer has to have been asked before, and accepts.
    fn hand_over(&mut self, item: &Item, to: &Grant, call: &Call<'_>) -> Result<Reply, Reply> {
        if item.drive.is_some() {
            let words = "Items in shared drives have no owner.";
            return Err(Reply::refusal(403, "ownerOnTeamDriveItemNotSupported", words));
        }
        if !call.flag("transferOwnership") {
            let words =
                "The transferOwnership parameter must be enabled when the permission role is 'owner'.";
            return Err(Reply::refusal(403, "forbidden", words));
        }
        if call.query("sendNotificationEmail") == Some("false") {
            let words = "The sendNotificationEmail parameter must not be disabled for ownership transfers.";
            return Err(Reply::refusal(403, "invalidSharingRequest", words));
        }
        let new = to.email.clone().unwrap_or_default();
        let old = self.owner_of(item).unwrap_or_default();
        let accepts = call.account.eq_ignore_ascii_case(&new)
            && item.grants.iter().any(|grant| grant.id == to.id && grant.pending_owner);
        if !accepts {
            if call.account != old {
                let words = "Only the owner may transfer the ownership.";
                return Err(Reply::refusal(403, "insufficientFilePermissions", words));
            }
            if domain_of(&old) != domain_of(&new) {
                let words = "The ownership cannot be transferred to another organization.";
                return Err(Reply::refusal(403, "ownershipChangeAcrossDomainNotPermitted", words));
            }
            if domain_of(&old) == CONSUMERS {
                let words = "Consent is required to transfer ownership of a file to another user.";
                return Err(Reply::refusal(403, "consentRequiredForOwnershipTransfer", words));
            }
        }
        let before = self.audience(&item.id);
        let there = self.items.get_mut(&item.id).unwrap();
        for grant in there.grants.iter_mut().filter(|grant| grant.role == "owner") {
            "writer".clone_into(&mut grant.role);
        }
        there.grants.retain(|grant| grant.id != to.id);
        there.grants.push(Grant { pending_owner: false, ..to.clone() });
        self.mails.push((new, item.id.clone()));
        self.note_change(&item.id, before);
        Ok(Reply::ok(self.shown_permission(&item.id, &to.id).unwrap()))
    }

    pub(crate) fn update_permission(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let item = self.seen(call)?;
        let id = &call.path["permissionId"];
        if call.body["type"].is_string()
            || call.body["emailAddress"].is_string()
            || call.body["domain"].is_string()
        {
            let words = "The resource body includes fields which are not directly writable.";
            return Err(Reply::refusal(403, "fieldNotWritable", words));
        }
        let Some(standing) = self.standing(&item.id).into_iter().find(|standing| standing.grant.id == *id)
        else {
            return Err(no_permission(id));
        };
        let wanted = call.text("role").unwrap_or(&standing.grant.role).to_owned();
        if wanted == "owner" && standing.grant.role != "owner" {
            return self.hand_over(&item, &Grant { role: wanted, ..standing.grant }, call);
        }
        if standing.grant.role == "owner" && wanted != "owner" {
            let words = "The owner of a file cannot be removed.";
            return Err(Reply::refusal(403, "cannotRemoveOwner", words));
        }
        let inherited =
            standing.details.iter().filter(|(_, from)| from.is_some()).map(|(role, _)| rank(role)).max();
        if inherited.is_some_and(|inherited| rank(&wanted) < inherited) {
            return Err(inherited_stays(&item));
        }
        let mut grant = Grant { role: wanted, ..standing.grant };
        grant.pending_owner = call.body["pendingOwner"].as_bool().unwrap_or(grant.pending_owner);
        if grant.pending_owner && grant.role != "writer" {
            return Err(Reply::refusal(
                403,
                "pendingOwnerWriterRequired",
                "The pending owner must be a writer.",
            ));
        }
        self.may_grant(&item, &grant, call)?;
        if let Some(until) = self.expiry(&grant, call)? {
            grant.expires = Some(until);
        } else if call.flag("removeExpiration") {
            grant.expires = None;
        }
        self.put_grant(&item.id, grant);
        Ok(Reply::ok(self.shown_permission(&item.id, id).unwrap()))
    }

    pub(crate) fn delete_permission(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let item = self.seen(call)?;
        let id = &call.path["permissionId"];
        let Some(standing) = self.standing(&item.id).into_iter().find(|standing| standing.grant.id == *id)
        else {
            return Err(no_permission(id));
        };
        if standing.grant.role == "owner" {
            return Err(Reply::refusal(403, "cannotRemoveOwner", "The owner of a file cannot be removed."));
        }
        let own = *id == permission_id(call.account);
        if !own {
            self.allow(&item, call, "canShare")?;
        }
        if !item.grants.iter().any(|grant| grant.id == *id) {
            return Err(inherited_stays(&item));
        }
        let before = self.audience(&item.id);
        self.items.get_mut(&item.id).unwrap().grants.retain(|grant| grant.id != *id);
        self.note_change(&item.id, before);
        Ok(Reply::empty(204))
    }
}

fn no_permission(id: &str) -> Reply {
    Reply::refusal(404, "notFound", &format!("Permission not found: {id}."))
}

/// What comes from a folder above cannot be taken away or lessened further down.
fn inherited_stays(item: &Item) -> Reply {
    let reason = if item.drive.is_some() {
        "cannotModifyInheritedTeamDrivePermission"
    } else {
        "cannotModifyInheritedPermission"
    };
    Reply::refusal(403, reason, "Cannot update or delete an inherited permission.")
}

//! Things as the Drive API shows them.

use automata::domain::time::Timestamp;
use serde_json::{Map, Value, json};

use super::rights::{Standing, rank};
use super::state::{
    FOLDER, Item, NATIVE, RevisionRecord, SHORTCUT, State, is_service_account, permission_id,
};

/// A time as Drive writes it: always with milliseconds.
pub(crate) fn time(at: Timestamp) -> String {
    let text = at.to_string();
    if text.contains('.') { text } else { text.replace('Z', ".000Z") }
}

/// Leaves out what is not there.
pub(crate) fn compact(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// Endings of a name: `("gz", "tar.gz")`.
fn endings(name: &str) -> Option<(&str, &str)> {
    let full = name.split_once('.')?.1;
    Some((full.rsplit('.').next()?, full))
}

impl State {
    pub(crate) fn user(&self, email: &str, account: &str) -> Value {
        json!({
            "kind": "drive#user",
            "displayName": email.split('@').next(),
            "me": email == account,
            "permissionId": permission_id(email),
            "emailAddress": email,
        })
    }

    /// A file as this account sees it.
    pub(crate) fn file(&self, item: &Item, account: &str) -> Value {
        let shared_drive = item.drive.is_some();
        let standing = self.standing(&item.id);
        let owner = self.owner_of(item);
        let blob = item.content();
        let has_endings = endings(&item.name).filter(|_| blob.is_some());
        let capabilities = self.capabilities(item, account);
        let sees_grants = capabilities["canShare"] == true && !shared_drive;
        let grants: Vec<Value> = standing.iter().map(|standing| self.permission(standing, item)).collect();
        let ids: Vec<&String> = standing.iter().map(|standing| &standing.grant.id).collect();
        let target = item.target.as_ref().map(|target| {
            let mime = self.items.get(target).map(|target| target.mime.clone());
            compact(json!({ "targetId": target, "targetMimeType": mime }))
        });
        let sha = blob.filter(|_| !item.only_md5);
        let parents =
            item.parent.as_ref().filter(|parent| self.sees(parent, account)).map(|parent| json!([parent]));
        let mut shown = json!({
            "kind": "drive#file",
            "id": item.id,
            "name": item.name,
            "mimeType": item.mime,
            "description": item.description,
            "starred": item.starred,
            "trashed": self.is_trashed(&item.id),
            "explicitlyTrashed": item.trashed,
            "parents": parents,
            "properties": (!item.properties.is_empty()).then_some(&item.properties),
            "appProperties": (!item.app_properties.is_empty()).then_some(&item.app_properties),
            "spaces": ["drive"],
            "version": item.version.to_string(),
            "createdTime": time(item.created),
            "modifiedTime": time(item.modified),
            "modifiedByMe": item.by == account,
            "lastModifyingUser": self.user(&item.by, account),
            "driveId": item.drive,
            "teamDriveId": item.drive,
        });
        // One of them would be too long for the macro.
        let more = json!({
            "owners": owner.as_ref().map(|owner| json!([self.user(owner, account)])),
            "ownedByMe": (!shared_drive).then(|| owner.as_deref() == Some(account)),
            "shared": (!shared_drive).then_some(standing.len() > 1),
            "hasAugmentedPermissions": shared_drive.then_some(!item.grants.is_empty()),
            "writersCanShare": (!shared_drive).then_some(item.writers_can_share),
            "copyRequiresWriterPermission": item.copy_requires_writer,
            "inheritedPermissionsDisabled": item.is_folder().then_some(item.limited),
            "permissions": sees_grants.then_some(grants),
            "permissionIds": sees_grants.then_some(ids),
            "capabilities": capabilities,
            "size": blob.map(|content| content.bytes.len().to_string())
                // A document takes other room than what it was made of.
                .or_else(|| item.text.as_ref().map(|text| (1_024 + text.len()).to_string())),
            "quotaBytesUsed": blob.map_or(0, |content| content.bytes.len()).to_string(),
            "md5Checksum": blob.map(|content| &content.md5),
            "sha1Checksum": sha.map(|content| &content.sha1),
            "sha256Checksum": sha.map(|content| &content.sha256),
            "headRevisionId": item.revisions.last().map(|revision| &revision.id),
            "originalFilename": blob.map(|_| &item.name),
            "fileExtension": has_endings.map(|(last, _)| last),
            "fullFileExtension": has_endings.map(|(_, full)| full),
            "shortcutDetails": target,
            "resourceKey": item.key,
            "webViewLink": page(&item.mime, &item.id),
            "exportLinks": item.text.as_ref().map(|_| {
                json!({ "application/pdf": format!("https://docs.google.com/export?id={}&exportFormat=pdf", item.id) })
            }),
        });
        if let (Some(shown), Value::Object(more)) = (shown.as_object_mut(), more) {
            shown.extend(more);
        }
        compact(shown)
    }

    pub(crate) fn permission(&self, standing: &Standing, item: &Item) -> Value {
        let grant = &standing.grant;
        let is_anyone = grant.kind == "anyone";
        let details: Vec<Value> = standing
            .details
            .iter()
            .map(|(role, from)| {
                let is_member = item.drive.is_some()
                    && from.as_ref().is_none_or(|from| item.drive.as_ref() == Some(from));
                compact(json!({
                    "permissionType": if is_member && from.is_some() { "member" } else { "file" },
                    "role": role,
                    "inherited": from.is_some(),
                    "inheritedFrom": from.as_ref().filter(|_| item.drive.is_some()),
                }))
            })
            .collect();
        compact(json!({
            "kind": "drive#permission",
            "id": if is_anyone { "anyoneWithLink" } else { grant.id.as_str() },
            "type": grant.kind,
            "role": grant.role,
            "emailAddress": grant.email,
            "domain": grant.domain,
            "displayName": grant.email.as_deref().and_then(|email| email.split('@').next()),
            "allowFileDiscovery": matches!(grant.kind.as_str(), "anyone" | "domain").then_some(grant.discoverable),
            "expirationTime": grant.expires.map(time),
            "pendingOwner": (item.drive.is_none() && grant.kind == "user").then_some(grant.pending_owner),
            "deleted": matches!(grant.kind.as_str(), "user" | "group").then_some(grant.deleted),
            "permissionDetails": details,
        }))
    }

    pub(crate) fn revision(&self, item: &Item, revision: &RevisionRecord, account: &str) -> Value {
        json!({
            "kind": "drive#revision",
            "id": revision.id,
            "mimeType": revision.mime,
            "modifiedTime": time(revision.modified),
            "keepForever": revision.keep,
            "lastModifyingUser": self.user(&revision.by, account),
            "size": revision.content.bytes.len().to_string(),
            "md5Checksum": revision.content.md5,
            "originalFilename": item.name,
        })
    }

    pub(crate) fn about(&mut self, account: &str) -> Value {
        let usage = self.usage(account);
        let limit = if is_service_account(account) { 0 } else { self.storage };
        json!({
            "kind": "drive#about",
            "user": self.user(account, account),
            "storageQuota": {
                "limit": limit.to_string(), "usage": usage.to_string(),
                "usageInDrive": usage.to_string(), "usageInDriveTrash": "0",
            },
            "maxUploadSize": "5497558138880",
            "canCreateDrives": !is_service_account(account),
            "importFormats": {
                "text/markdown": [format!("{NATIVE}document")], "text/plain": [format!("{NATIVE}document")],
                "text/csv": [format!("{NATIVE}spreadsheet")],
            },
            "exportFormats": {
                format!("{NATIVE}document"): super::downloads::FORMATS[0].1,
                format!("{NATIVE}spreadsheet"): super::downloads::FORMATS[1].1,
                format!("{NATIVE}presentation"): super::downloads::FORMATS[2].1,
            },
            "appInstalled": true,
        })
    }

    pub(crate) fn shared_drive(&self, id: &str, account: &str) -> Value {
        let drive = &self.drives[id];
        let rank = rank(&self.role(id, account, false).unwrap_or_default());
        json!({
            "kind": "drive#drive",
            "id": drive.id,
            "name": drive.name,
            "createdTime": time(drive.created),
            "hidden": false,
            "restrictions": { "domainUsersOnly": drive.domain_users_only, "driveMembersOnly": false,
                "adminManagedRestrictions": false, "copyRequiresWriterPermission": false },
            "capabilities": { "canAddChildren": rank >= 3, "canEdit": rank >= 3, "canListChildren": rank >= 1,
                "canManageMembers": rank >= 5, "canReadRevisions": rank >= 3, "canDeleteDrive": rank >= 5,
                "canRenameDrive": rank >= 5, "canShare": rank >= 4, "canTrashChildren": rank >= 4 },
        })
    }
}

/// Whether files of that type have content that can be downloaded.
pub(crate) fn is_blob(mime: &str) -> bool {
    !mime.starts_with(NATIVE) && mime != FOLDER && mime != SHORTCUT
}

/// The page a person looks at: folders and Google's own documents have other ones than files.
fn page(mime: &str, id: &str) -> String {
    match mime.strip_prefix(NATIVE) {
        Some("folder") => format!("https://drive.google.com/drive/folders/{id}"),
        Some("document") => format!("https://docs.google.com/document/d/{id}/edit?usp=drivesdk"),
        Some("spreadsheet") => format!("https://docs.google.com/spreadsheets/d/{id}/edit?usp=drivesdk"),
        Some("presentation") => format!("https://docs.google.com/presentation/d/{id}/edit?usp=drivesdk"),
        _ => format!("https://drive.google.com/file/d/{id}/view"),
    }
}

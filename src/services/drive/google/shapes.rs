//! Drive's own shapes, as the client crate has them, made into ours; and the fields of each that we ask for.
//!
//! Drive gives next to nothing unless its fields are named. The types of the crate are kept to for reading; what is
//! sent is written by hand, because the crate drops every `null`, by which Drive clears a value.

use google_drive3::api;

use super::refusal::nonsense;
use crate::domain::time::Timestamp;
use crate::services::drive::access::{Grantee, Link, Permission, Role};
use crate::services::drive::change::Revision;
use crate::services::drive::error::Error;
use crate::services::drive::file::{About, Checksums, File, Person, Rights, SharedDrive};
use crate::services::drive::id::{DriveId, FileId, PageToken, PermissionId, RevisionId};

/// What we ask for of a file.
pub(super) const FILE: &str = "id,name,mimeType,parents,driveId,size,md5Checksum,sha1Checksum,sha256Checksum,trashed,\
    explicitlyTrashed,version,headRevisionId,createdTime,modifiedTime,lastModifyingUser(displayName,emailAddress),\
    owners(displayName,emailAddress),ownedByMe,shared,starred,description,shortcutDetails(targetId),appProperties,\
    inheritedPermissionsDisabled,hasAugmentedPermissions,writersCanShare,webViewLink,resourceKey,capabilities(canEdit,canRename,canShare,\
    canDownload,canCopy,canTrash,canDelete,canAddChildren,canListChildren,canReadRevisions,\
    canDisableInheritedPermissions,canEnableInheritedPermissions,canAcceptOwnership)";
/// What we ask for of a grant.
pub(super) const PERMISSION: &str = "id,type,role,emailAddress,domain,displayName,allowFileDiscovery,expirationTime,\
    pendingOwner,deleted,permissionDetails(inherited,inheritedFrom,permissionType,role)";
/// What we ask for of a revision.
pub(super) const REVISION: &str = "id,mimeType,modifiedTime,lastModifyingUser(displayName,emailAddress),size,\
    md5Checksum,keepForever,published";
/// What we ask for of a shared drive.
pub(super) const DRIVE: &str = "id,name,capabilities(canAddChildren,canManageMembers)";
/// What we ask for of the account.
pub(super) const ABOUT: &str = "user(displayName,emailAddress),storageQuota(limit,usage),maxUploadSize,exportFormats,\
    importFormats,canCreateDrives";

/// Where a list goes on.
pub(super) fn page_token(token: Option<String>) -> Result<Option<PageToken>, Error> {
    token.filter(|token| !token.is_empty()).map(|token| Ok(PageToken::parse(&token)?)).transpose()
}

/// A time; a macro, because the type that the crate has for it comes from another one.
macro_rules! time {
    ($time:expr) => {
        $time.map(|time| Timestamp::from_millis(time.timestamp_millis()))
    };
}

fn bytes(count: Option<i64>) -> Option<u64> {
    count.and_then(|count| u64::try_from(count).ok())
}

fn person(user: api::User) -> Person {
    Person { email: user.email_address, name: user.display_name.unwrap_or_default() }
}

/// A file.
pub(super) fn file(file: api::File) -> Result<File, Error> {
    let id = FileId::parse(&file.id.unwrap_or_default()).map_err(|_| nonsense("a file without its id"))?;
    let lower = |sum: Option<String>| sum.map(|sum| sum.to_ascii_lowercase());
    let id_of = |id: &str| FileId::parse(id).ok();
    Ok(File {
        id,
        name: file.name.unwrap_or_default(),
        mime: file.mime_type.unwrap_or_default(),
        parent: file.parents.unwrap_or_default().first().and_then(|parent| id_of(parent)),
        drive: file.drive_id.and_then(|drive| DriveId::parse(&drive).ok()),
        size: bytes(file.size),
        checksums: Checksums {
            md5: lower(file.md5_checksum),
            sha1: lower(file.sha1_checksum),
            sha256: lower(file.sha256_checksum),
        },
        trashed: file.trashed.unwrap_or_default(),
        explicitly_trashed: file.explicitly_trashed.unwrap_or_default(),
        version: bytes(file.version).unwrap_or_default(),
        revision: file.head_revision_id.and_then(|id| RevisionId::parse(&id).ok()),
        created_at: time!(file.created_time),
        modified_at: time!(file.modified_time),
        modified_by: file.last_modifying_user.map(person),
        owners: file.owners.unwrap_or_default().into_iter().map(person).collect(),
        owned_by_me: file.owned_by_me.unwrap_or_default(),
        shared: file.shared.unwrap_or_default(),
        starred: file.starred.unwrap_or_default(),
        description: file.description.unwrap_or_default(),
        shortcut_to: file.shortcut_details.and_then(|details| id_of(&details.target_id?)),
        app_properties: file.app_properties.unwrap_or_default().into_iter().collect(),
        has_own_grants: file.has_augmented_permissions,
        limited_access: file.inherited_permissions_disabled.unwrap_or_default(),
        writers_can_share: file.writers_can_share.unwrap_or_default(),
        rights: file.capabilities.map(rights).unwrap_or_default(),
        url: file.web_view_link,
    })
}

fn rights(can: api::FileCapabilities) -> Rights {
    let yes = Option::unwrap_or_default;
    Rights {
        edit: yes(can.can_edit),
        rename: yes(can.can_rename),
        share: yes(can.can_share),
        download: yes(can.can_download),
        copy: yes(can.can_copy),
        trash: yes(can.can_trash),
        delete: yes(can.can_delete),
        add_children: yes(can.can_add_children),
        list_children: yes(can.can_list_children),
        read_revisions: yes(can.can_read_revisions),
        limit_access: yes(can.can_disable_inherited_permissions),
        unlimit_access: yes(can.can_enable_inherited_permissions),
        accept_ownership: yes(can.can_accept_ownership),
    }
}

/// A grant.
pub(super) fn permission(permission: api::Permission) -> Result<Permission, Error> {
    let id = permission.id.unwrap_or_default();
    let id = PermissionId::parse(&id).map_err(|_| nonsense("a permission without its id"))?;
    let details = permission.permission_details.unwrap_or_default();
    let grantee = match permission.type_.as_deref() {
        Some("user") => permission.email_address.map(Grantee::User),
        Some("group") => permission.email_address.map(Grantee::Group),
        Some("domain") => permission.domain.map(Grantee::Domain),
        Some("anyone") => Some(Grantee::Anyone),
        _ => None,
    };
    let is_found = permission.allow_file_discovery.unwrap_or_default();
    Ok(Permission {
        id,
        grantee,
        name: permission.display_name.unwrap_or_default(),
        role: permission.role.as_deref().and_then(Role::parse),
        link: if is_found { Link::Discoverable } else { Link::WithLink },
        expires_at: time!(permission.expiration_time),
        pending_owner: permission.pending_owner.unwrap_or_default(),
        inherited: !details.is_empty() && details.iter().all(|detail| detail.inherited.unwrap_or_default()),
        inherited_from: details.into_iter().find_map(|detail| FileId::parse(&detail.inherited_from?).ok()),
        deleted: permission.deleted.unwrap_or_default(),
    })
}

/// A revision.
pub(super) fn revision(revision: api::Revision) -> Result<Revision, Error> {
    let id = revision.id.unwrap_or_default();
    Ok(Revision {
        id: RevisionId::parse(&id).map_err(|_| nonsense("a revision without its id"))?,
        mime: revision.mime_type.unwrap_or_default(),
        modified_at: time!(revision.modified_time),
        modified_by: revision.last_modifying_user.map(person),
        size: bytes(revision.size),
        md5: revision.md5_checksum.map(|sum| sum.to_ascii_lowercase()),
        kept: revision.keep_forever.unwrap_or_default(),
        published: revision.published.unwrap_or_default(),
    })
}

/// A shared drive.
pub(super) fn drive(drive: api::Drive) -> Result<SharedDrive, Error> {
    let id = drive.id.unwrap_or_default();
    let can = drive.capabilities.unwrap_or_default();
    Ok(SharedDrive {
        id: DriveId::parse(&id).map_err(|_| nonsense("a shared drive without its id"))?,
        name: drive.name.unwrap_or_default(),
        can_add: can.can_add_children.unwrap_or_default(),
        can_manage_members: can.can_manage_members.unwrap_or_default(),
    })
}

/// The account.
pub(super) fn about(about: api::About) -> About {
    let quota = about.storage_quota.unwrap_or_default();
    About {
        me: about.user.map(person).unwrap_or_default(),
        storage_limit: bytes(quota.limit),
        storage_used: bytes(quota.usage).unwrap_or_default(),
        max_upload: bytes(about.max_upload_size),
        exports: about.export_formats.unwrap_or_default().into_iter().collect(),
        imports: about.import_formats.unwrap_or_default().into_iter().collect(),
        can_create_drives: about.can_create_drives.unwrap_or_default(),
    }
}

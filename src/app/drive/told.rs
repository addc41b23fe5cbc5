//! Files, grants and steps as they are told: JSON, and lines of a table.

use serde_json::{Value, json};

use crate::domain::untrusted::one_line;
use crate::drive::path::escaped;
use crate::services::drive::{File, Grantee, Permission};

/// Width of a name in a table.
const NAME: usize = 80;

/// A file with the path that it was found by.
pub(super) fn file(path: &str, file: &File) -> Value {
    json!({
        "path": path,
        "id": file.id,
        "name": file.name,
        "mime": file.mime,
        "size": file.size,
        "modified_at": file.modified_at,
        "md5": file.checksums.md5,
        "trashed": file.trashed,
        "drive": file.drive,
        "parent": file.parent,
        "url": file.url,
    })
}

/// Columns of a file in a table.
pub(super) const COLUMNS: &[&str] = &["size", "changed", "id", "name"];

/// A file as a row: size, time, id, and its path, folders with a slash behind them.
pub(super) fn row(path: &str, file: &File) -> Vec<String> {
    let mark = if file.is_folder() { "/" } else { "" };
    let trashed = if file.trashed { " (in the trash)" } else { "" };
    let to = file.shortcut_to.as_ref().map_or_else(String::new, |to| format!(" -> id:{to}"));
    vec![
        file.size.map_or_else(|| kind(file).to_owned(), |size| size.to_string()),
        file.modified_at.map_or_else(String::new, |at| at.to_string()),
        file.id.to_string(),
        format!("{}{mark}{to}{trashed}", one_line(path, NAME)),
    ]
}

/// One word for what has no size.
fn kind(file: &File) -> &str {
    file.mime.strip_prefix(crate::services::drive::file::GOOGLE).unwrap_or("-")
}

/// A path of one name more.
pub(super) fn below(above: &str, name: &str) -> String {
    if above.is_empty() { escaped(name) } else { format!("{above}/{}", escaped(name)) }
}

/// A grant.
pub(super) fn permission(permission: &Permission) -> Value {
    let kind = permission.grantee.as_ref().map(|grantee| match grantee {
        Grantee::User(_) => "user",
        Grantee::Group(_) => "group",
        Grantee::Domain(_) => "domain",
        Grantee::Anyone => "anyone",
    });
    json!({
        "id": permission.id,
        "who": permission.grantee.as_ref().map(ToString::to_string),
        "kind": kind,
        "role": permission.role,
        "inherited": permission.inherited,
        "inherited_from": permission.inherited_from,
        "expires_at": permission.expires_at,
        "pending_owner": permission.pending_owner,
        "deleted": permission.deleted,
    })
}

/// Columns of a grant in a table.
pub(super) const GRANT_COLUMNS: &[&str] = &["role", "who", "from", "id"];

/// A grant as a row.
pub(super) fn grant_row(permission: &Permission) -> Vec<String> {
    let who = permission
        .grantee
        .as_ref()
        .map_or_else(|| "somebody whom Drive does not name".to_owned(), ToString::to_string);
    let mut notes = String::new();
    if permission.deleted {
        notes.push_str(" (the account was deleted)");
    }
    if permission.pending_owner {
        notes.push_str(" (ownership is offered)");
    }
    if let Some(until) = permission.expires_at {
        notes.push_str(&format!(" (until {until})"));
    }
    let from = match (&permission.inherited_from, permission.inherited) {
        (Some(from), true) => format!("id:{from}"),
        (None, true) => "above".to_owned(),
        (_, false) => "here".to_owned(),
    };
    let role = permission.role.map_or("?", |role| role.as_str()).to_owned();
    vec![role, format!("{}{notes}", one_line(&who, NAME)), from, permission.id.to_string()]
}

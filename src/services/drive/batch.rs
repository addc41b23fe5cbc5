//! Calls that go together in one request.

use super::access::{Grant, GrantChange, Permission};
use super::file::{Created, File, FileUpdate, NewFile};
use super::id::{FileId, PermissionId};

/// A call that carries no content. Two calls on the permissions of one file do not belong into one batch: Drive
/// runs them in any order, and of two at once only the last counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// [`super::Drive::file`]; answers with [`Reply::File`].
    Get(FileId),
    /// [`super::Drive::create`]; answers with [`Reply::Created`].
    Create(NewFile),
    /// [`super::Drive::update`]; answers with [`Reply::File`].
    Update(FileId, FileUpdate),
    /// [`super::Drive::delete`]; answers with [`Reply::Done`].
    Delete(FileId),
    /// [`super::Drive::permissions`]; answers with [`Reply::Permissions`].
    Permissions(FileId),
    /// [`super::Drive::grant`]; answers with [`Reply::Permission`].
    Grant(FileId, Grant),
    /// [`super::Drive::change_grant`]; answers with [`Reply::Permission`].
    ChangeGrant(FileId, PermissionId, GrantChange),
    /// [`super::Drive::revoke`]; answers with [`Reply::Done`].
    Revoke(FileId, PermissionId),
}

/// What a call of a batch came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A file as it is now.
    File(Box<File>),
    /// A file that was made, now or before.
    Created(Box<Created>),
    /// A grant as it is now.
    Permission(Permission),
    /// All grants of a file.
    Permissions(Vec<Permission>),
    /// Nothing is left to be told.
    Done,
}

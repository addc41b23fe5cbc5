//! Who may do what: grants read, given, changed and taken away.

use google_drive3::api;
use http::Method;

use super::body;
use super::files::everywhere;
use super::pace::{EDIT, LIST};
use super::request::{Answer, Ask, Exchange};
use super::shapes;
use crate::services::drive::access::{Grant, GrantChange, Permission, Role};
use crate::services::drive::error::{Error, Reason};
use crate::services::drive::id::{FileId, PageToken, PermissionId};

/// Grants on a page at most (`pageSize` of `permissions.list`).
const PAGE: &str = "100";

pub(super) fn list_page(exchange: &Exchange, id: &FileId, page: Option<&PageToken>) -> Result<Ask, Error> {
    let fields = format!("nextPageToken,permissions({})", shapes::PERMISSION);
    let ask = everywhere(exchange.ask(Method::GET, &format!("files/{id}/permissions"), LIST)?)
        .query("pageSize", PAGE)
        .query("fields", fields);
    let ask = match page {
        Some(page) => ask.query("pageToken", page.as_str()),
        None => ask,
    };
    Ok(exchange.about(ask, id))
}

/// The grants of a page, and where it goes on.
pub(super) fn page(answer: &Answer) -> Result<(Vec<Permission>, Option<PageToken>), Error> {
    let list: api::PermissionList = answer.json()?;
    let permissions = list.permissions.unwrap_or_default().into_iter().map(shapes::permission);
    Ok((permissions.collect::<Result<_, _>>()?, shapes::page_token(list.next_page_token)?))
}

pub(super) async fn list(exchange: &Exchange, id: &FileId) -> Result<Vec<Permission>, Error> {
    rest(exchange, id, Vec::new(), None).await
}

/// The grants from `next` on, after those that are known.
pub(super) async fn rest(
    exchange: &Exchange,
    id: &FileId,
    mut all: Vec<Permission>,
    mut next: Option<PageToken>,
) -> Result<Vec<Permission>, Error> {
    loop {
        let (more, after) = page(&exchange.send(&list_page(exchange, id, next.as_ref())?).await?)?;
        all.extend(more);
        if after.is_none() {
            return Ok(all);
        }
        next = after;
    }
}

pub(super) fn new(exchange: &Exchange, id: &FileId, grant: &Grant) -> Result<Ask, Error> {
    let is_transfer = grant.role == Role::Owner;
    let mut ask = everywhere(exchange.ask(Method::POST, &format!("files/{id}/permissions"), EDIT)?)
        .query("fields", shapes::PERMISSION)
        .json(body::grant(grant)?)
        // The same grant twice is one; the mail about it would come twice.
        .repeatable(!grant.notify && !is_transfer);
    if is_transfer {
        ask = ask.query("transferOwnership", "true");
    } else {
        // Drive writes the mail of a transfer in any case, and refuses to be told otherwise.
        ask = ask.query("sendNotificationEmail", if grant.notify { "true" } else { "false" });
    }
    if let Some(message) = grant.message.as_ref().filter(|_| grant.notify || is_transfer) {
        ask = ask.query("emailMessage", message);
    }
    Ok(exchange.about(ask, id))
}

pub(super) fn granted(answer: &Answer) -> Result<Permission, Error> {
    shapes::permission(answer.json()?)
}

pub(super) async fn grant(exchange: &Exchange, id: &FileId, grant: &Grant) -> Result<Permission, Error> {
    granted(&exchange.send(&new(exchange, id, grant)?).await?)
}

pub(super) fn change(
    exchange: &Exchange,
    id: &FileId,
    permission: &PermissionId,
    change: &GrantChange,
) -> Result<Ask, Error> {
    if *change == GrantChange::default() {
        return Err(Error::new(Reason::BadRequest, "nothing about the grant is to change"));
    }
    let path = format!("files/{id}/permissions/{permission}");
    let mut ask = everywhere(exchange.ask(Method::PATCH, &path, EDIT)?)
        .query("fields", shapes::PERMISSION)
        .json(body::grant_change(change));
    if change.role == Some(Role::Owner) {
        ask = ask.query("transferOwnership", "true").repeatable(false);
    }
    if change.expires_at == Some(None) {
        ask = ask.query("removeExpiration", "true");
    }
    Ok(exchange.about(ask, id))
}

pub(super) async fn change_grant(
    exchange: &Exchange,
    id: &FileId,
    permission: &PermissionId,
    change: &GrantChange,
) -> Result<Permission, Error> {
    granted(&exchange.send(&self::change(exchange, id, permission, change)?).await?)
}

pub(super) fn remove(exchange: &Exchange, id: &FileId, permission: &PermissionId) -> Result<Ask, Error> {
    let ask =
        everywhere(exchange.ask(Method::DELETE, &format!("files/{id}/permissions/{permission}"), EDIT)?);
    Ok(exchange.about(ask, id))
}

/// A grant that is gone was taken away; a file that is gone, or hidden, is an error.
pub(super) fn revoked(answer: Result<Answer, Error>) -> Result<(), Error> {
    match answer {
        Err(error) if error.reason == Reason::PermissionNotFound => Ok(()),
        Err(error) => Err(error),
        Ok(_) => Ok(()),
    }
}

pub(super) async fn revoke(exchange: &Exchange, id: &FileId, permission: &PermissionId) -> Result<(), Error> {
    revoked(exchange.send(&remove(exchange, id, permission)?).await)
}

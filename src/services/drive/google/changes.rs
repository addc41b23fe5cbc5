//! What happened: the feeds of changes, and the revisions of a file.

use google_drive3::api;
use http::Method;
use serde_json::json;

use super::files::{everywhere, learned};
use super::pace::{EDIT, LIST, READ};
use super::refusal::nonsense;
use super::request::{Ask, Exchange};
use super::shapes;
use crate::domain::time::Timestamp;
use crate::services::drive::change::{Change, ChangePage, Changed, Corpus, Revision};
use crate::services::drive::error::Error;
use crate::services::drive::id::{DriveId, FileId, PageToken, RevisionId};

/// Changes on a page at most; each page costs the same.
const PAGE: &str = "1000";
/// Revisions on a page at most.
const REVISIONS_PAGE: &str = "1000";

fn of(ask: Ask, corpus: &Corpus) -> Ask {
    match corpus {
        Corpus::User => everywhere(ask),
        Corpus::Drive(id) => everywhere(ask).query("driveId", id.as_str()),
    }
}

pub(super) async fn start(exchange: &Exchange, corpus: &Corpus) -> Result<PageToken, Error> {
    let ask = of(exchange.ask(Method::GET, "changes/startPageToken", READ)?, corpus);
    let start: api::StartPageToken = exchange.send(&ask).await?.json()?;
    shapes::page_token(start.start_page_token)?.ok_or_else(|| nonsense("no token to begin with"))
}

pub(super) async fn list(
    exchange: &Exchange,
    corpus: &Corpus,
    since: &PageToken,
) -> Result<ChangePage, Error> {
    let fields = format!(
        "nextPageToken,newStartPageToken,changes(changeType,time,removed,fileId,file({}),driveId,drive({}))",
        shapes::FILE,
        shapes::DRIVE
    );
    let ask = of(exchange.ask(Method::GET, "changes", LIST)?, corpus)
        .query("pageToken", since.as_str())
        .query("pageSize", PAGE)
        .query("includeItemsFromAllDrives", "true")
        .query("includeRemoved", "true")
        // Without it, what leaves a corpus by a lost access or a move is never told.
        .query("includeCorpusRemovals", "true")
        .query("fields", fields);
    let list: api::ChangeList = exchange.send(&ask).await?.json()?;
    let next = shapes::page_token(list.next_page_token)?;
    let more = next.is_some();
    let next = match next {
        Some(next) => next,
        None => shapes::page_token(list.new_start_page_token)?
            .ok_or_else(|| nonsense("a list of changes that neither ends nor goes on"))?,
    };
    let changes = list.changes.unwrap_or_default().into_iter();
    let changes = changes.filter_map(|change| self::change(exchange, change).transpose());
    Ok(ChangePage { changes: changes.collect::<Result<_, _>>()?, next, more })
}

/// A change; none for kinds that came later.
fn change(exchange: &Exchange, change: api::Change) -> Result<Option<Change>, Error> {
    let removed = change.removed.unwrap_or_default();
    let kind = change.change_type.as_deref().unwrap_or("file");
    let what = match (kind, change.file, change.drive) {
        ("file", Some(file), _) if !removed => Changed::File(Box::new(learned(exchange, file)?)),
        ("file", _, _) => Changed::FileGone(FileId::parse(&change.file_id.unwrap_or_default())?),
        ("drive", _, Some(drive)) if !removed => Changed::Drive(shapes::drive(drive)?),
        ("drive", _, _) => Changed::DriveGone(DriveId::parse(&change.drive_id.unwrap_or_default())?),
        _ => return Ok(None),
    };
    let at = change.time.map(|time| Timestamp::from_millis(time.timestamp_millis()));
    Ok(Some(Change { at, what }))
}

pub(super) async fn revisions(exchange: &Exchange, id: &FileId) -> Result<Vec<Revision>, Error> {
    let fields = format!("nextPageToken,revisions({})", shapes::REVISION);
    let (mut all, mut page) = (Vec::new(), None::<PageToken>);
    loop {
        let mut ask = exchange
            .ask(Method::GET, &format!("files/{id}/revisions"), LIST)?
            .query("pageSize", REVISIONS_PAGE)
            .query("fields", &fields);
        if let Some(page) = &page {
            ask = ask.query("pageToken", page.as_str());
        }
        let list: api::RevisionList = exchange.send(&exchange.about(ask, id)).await?.json()?;
        for revision in list.revisions.unwrap_or_default() {
            all.push(shapes::revision(revision)?);
        }
        page = shapes::page_token(list.next_page_token)?;
        if page.is_none() {
            return Ok(all);
        }
    }
}

pub(super) async fn revision(
    exchange: &Exchange,
    id: &FileId,
    revision: &RevisionId,
) -> Result<Revision, Error> {
    let path = format!("files/{id}/revisions/{revision}");
    let ask = exchange.ask(Method::GET, &path, READ)?.query("fields", shapes::REVISION);
    shapes::revision(exchange.send(&exchange.about(ask, id)).await?.json()?)
}

pub(super) async fn keep(
    exchange: &Exchange,
    id: &FileId,
    revision: &RevisionId,
    keep: bool,
) -> Result<Revision, Error> {
    let path = format!("files/{id}/revisions/{revision}");
    let ask = exchange
        .ask(Method::PATCH, &path, EDIT)?
        .query("fields", shapes::REVISION)
        .json(json!({ "keepForever": keep }));
    shapes::revision(exchange.send(&exchange.about(ask, id)).await?.json()?)
}

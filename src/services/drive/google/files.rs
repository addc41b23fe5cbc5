//! Files and folders: everything about them that is not their content.

use google_drive3::api;
use http::Method;
use serde::Deserialize;

use super::body;
use super::pace::{EDIT, LIST, READ};
use super::request::{Answer, Ask, Exchange};
use super::shapes;
use crate::services::drive::MOST_IDS;
use crate::services::drive::error::{Error, Reason};
use crate::services::drive::file::{About, Created, File, FileUpdate, NewFile, Page, SharedDrive};
use crate::services::drive::id::{DriveId, FileId, PageToken};
use crate::services::drive::mark;
use crate::services::drive::query::{Listing, Order};

/// Files on a page at most; each page costs the same, however many it has.
const PAGE: u16 = 1_000;
/// Shared drives on a page at most.
const DRIVES_PAGE: &str = "100";

/// Says that we know of shared drives; without it what is in them is not found.
pub(super) fn everywhere(ask: Ask) -> Ask {
    ask.query("supportsAllDrives", "true")
}

/// A file of an answer; its key is remembered.
pub(super) fn taken(exchange: &Exchange, answer: &Answer) -> Result<File, Error> {
    learned(exchange, answer.json()?)
}

pub(super) fn learned(exchange: &Exchange, mut file: api::File) -> Result<File, Error> {
    let key = file.resource_key.take();
    let file = shapes::file(file)?;
    exchange.learn_key(&file.id, key.as_deref());
    Ok(file)
}

pub(super) async fn about(exchange: &Exchange) -> Result<About, Error> {
    let ask = exchange.ask(Method::GET, "about", READ)?.query("fields", shapes::ABOUT);
    Ok(shapes::about(exchange.send(&ask).await?.json()?))
}

pub(super) async fn shared_drives(exchange: &Exchange) -> Result<Vec<SharedDrive>, Error> {
    let fields = format!("nextPageToken,drives({})", shapes::DRIVE);
    let (mut drives, mut page) = (Vec::new(), None::<PageToken>);
    loop {
        let mut ask = exchange
            .ask(Method::GET, "drives", LIST)?
            .query("fields", &fields)
            .query("pageSize", DRIVES_PAGE);
        if let Some(page) = &page {
            ask = ask.query("pageToken", page.as_str());
        }
        let list: api::DriveList = exchange.send(&ask).await?.json()?;
        for drive in list.drives.unwrap_or_default() {
            drives.push(shapes::drive(drive)?);
        }
        page = shapes::page_token(list.next_page_token)?;
        if page.is_none() {
            return Ok(drives);
        }
    }
}

pub(super) async fn shared_drive(exchange: &Exchange, id: &DriveId) -> Result<SharedDrive, Error> {
    let ask = exchange.ask(Method::GET, &format!("drives/{id}"), READ)?.query("fields", shapes::DRIVE);
    shapes::drive(exchange.send(&ask).await?.json()?)
}

pub(super) async fn generate_ids(exchange: &Exchange, count: u16, of: &str) -> Result<Vec<FileId>, Error> {
    if !(1..=MOST_IDS).contains(&count) {
        return Err(Error::new(Reason::BadRequest, format!("ids come by 1 to {MOST_IDS}, not by {count}")));
    }
    let ask = exchange
        .ask(Method::GET, "files/generateIds", READ)?
        .query("count", count.to_string())
        .query("type", of);
    let generated: api::GeneratedIds = exchange.send(&ask).await?.json()?;
    let ids: Vec<FileId> =
        generated.ids.unwrap_or_default().iter().map(|id| FileId::parse(id)).collect::<Result<_, _>>()?;
    if ids.len() == usize::from(count) {
        return Ok(ids);
    }
    Err(super::refusal::nonsense(&format!("{} ids where {count} were asked for", ids.len())))
}

pub(super) fn get(exchange: &Exchange, id: &FileId) -> Result<Ask, Error> {
    let ask = exchange.ask(Method::GET, &format!("files/{id}"), READ)?.query("fields", shapes::FILE);
    Ok(exchange.about(everywhere(ask), id))
}

pub(super) async fn file(exchange: &Exchange, id: &FileId) -> Result<File, Error> {
    taken(exchange, &exchange.send(&get(exchange, id)?).await?)
}

pub(super) async fn list(
    exchange: &Exchange,
    listing: &Listing,
    page: Option<&PageToken>,
) -> Result<Page<File>, Error> {
    let size = listing.page_size.unwrap_or(PAGE).clamp(1, PAGE);
    let mut ask = everywhere(exchange.ask(Method::GET, "files", LIST)?)
        .query("includeItemsFromAllDrives", "true")
        .query("fields", format!("nextPageToken,incompleteSearch,files({})", shapes::FILE))
        .query("pageSize", size.to_string());
    ask = match &listing.drive {
        Some(drive) => ask.query("corpora", "drive").query("driveId", drive.as_str()),
        None if listing.everywhere => ask.query("corpora", "allDrives"),
        None => ask.query("corpora", "user"),
    };
    if !listing.query.is_empty() {
        ask = ask.query("q", listing.query.to_string());
    }
    match listing.order {
        Order::Any => {}
        Order::Name => ask = ask.query("orderBy", "folder,name_natural"),
        Order::Newest => ask = ask.query("orderBy", "modifiedTime desc"),
    }
    if let Some(page) = page {
        ask = ask.query("pageToken", page.as_str());
    }
    let list: List = exchange.send(&ask).await?.json()?;
    let files: Vec<File> =
        list.files.into_iter().map(|file| learned(exchange, file)).collect::<Result<_, _>>()?;
    Ok(Page {
        // Drive's `name =` is true for names in another case.
        items: files.into_iter().filter(|file| listing.query.fits(file)).collect(),
        next: shapes::page_token(list.next_page_token)?,
        incomplete: list.incomplete_search,
    })
}

/// A page of files. The crate's own type lacks nothing, but makes a missing list an option.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct List {
    files: Vec<api::File>,
    next_page_token: Option<String>,
    incomplete_search: bool,
}

pub(super) fn new(exchange: &Exchange, new: &NewFile) -> Result<Ask, Error> {
    made(everywhere(exchange.ask(Method::POST, "files", EDIT)?), new)
}

/// What all ways of making a file have in common.
fn made(ask: Ask, new: &NewFile) -> Result<Ask, Error> {
    let marked = mark::on_new(new, "");
    let ask = ask.query("fields", shapes::FILE).json(body::new_file(&marked)?).repeatable(new.id.is_some());
    Ok(if new.keep_revision { ask.query("keepRevisionForever", "true") } else { ask })
}

pub(super) async fn create(exchange: &Exchange, new: &NewFile) -> Result<Created, Error> {
    created(exchange, exchange.send(&self::new(exchange, new)?).await, new.id.as_ref()).await
}

/// What came of making a file: Drive's 409 for an id that was drawn for it means that an earlier try came through.
pub(super) async fn created(
    exchange: &Exchange,
    answer: Result<Answer, Error>,
    id: Option<&FileId>,
) -> Result<Created, Error> {
    match (answer, id) {
        (Ok(answer), _) => Ok(Created::New(taken(exchange, &answer)?)),
        (Err(error), Some(id)) if error.reason == Reason::Exists => {
            Ok(Created::Before(file(exchange, id).await?))
        }
        (Err(error), _) => Err(error),
    }
}

pub(super) async fn copy(exchange: &Exchange, original: &FileId, new: &NewFile) -> Result<Created, Error> {
    let ask = everywhere(exchange.ask(Method::POST, &format!("files/{original}/copy"), EDIT)?);
    let ask = exchange.about(made(ask, new)?, original);
    created(exchange, exchange.send(&ask).await, new.id.as_ref()).await
}

pub(super) fn change(exchange: &Exchange, id: &FileId, update: &FileUpdate) -> Result<Ask, Error> {
    let ask = everywhere(exchange.ask(Method::PATCH, &format!("files/{id}"), EDIT)?);
    Ok(exchange.about(changed(ask, update)?, id))
}

/// What changes of a file have in common, with content and without.
pub(super) fn changed(ask: Ask, update: &FileUpdate) -> Result<Ask, Error> {
    let mut ask = ask.query("fields", shapes::FILE).json(body::update(update)?);
    // Into the folder where it is already is no move: Drive would refuse a second parent.
    if let Some(moved) = update.moved.as_ref().filter(|moved| moved.from.as_ref() != Some(&moved.to)) {
        ask = ask.query("addParents", moved.to.as_str());
        if let Some(from) = &moved.from {
            // Done again, it would take the file out of a folder where it is no more.
            ask = ask.query("removeParents", from.as_str()).repeatable(false);
        }
    }
    if update.keep_revision == Some(true) {
        ask = ask.query("keepRevisionForever", "true");
    }
    Ok(ask)
}

pub(super) async fn update(exchange: &Exchange, id: &FileId, update: &FileUpdate) -> Result<File, Error> {
    taken(exchange, &exchange.send(&change(exchange, id, update)?).await?)
}

pub(super) fn remove(exchange: &Exchange, id: &FileId) -> Result<Ask, Error> {
    if *id == FileId::root() {
        return Err(Error::new(Reason::BadRequest, "the topmost folder cannot be deleted"));
    }
    let ask = everywhere(exchange.ask(Method::DELETE, &format!("files/{id}"), EDIT)?);
    Ok(exchange.about(ask, id))
}

/// Nothing is left to be done where there is nothing.
pub(super) fn gone(answer: Result<Answer, Error>) -> Result<(), Error> {
    match answer {
        Ok(_) => Ok(()),
        Err(error) if error.is_missing() => Ok(()),
        Err(error) => Err(error),
    }
}

pub(super) async fn delete(exchange: &Exchange, id: &FileId) -> Result<(), Error> {
    gone(exchange.send(&remove(exchange, id)?).await)
}

//! Commands that look: `ls`, `find`, `info`, `changes`.

use serde_json::json;

use super::super::failure::{Ended, Kind};
use super::super::inspect::titled;
use super::find::drive_of;
use super::{Desk, ended, told};
use crate::cli::{DriveAt, DriveChanges, DriveFind, DriveList};
use crate::domain::count::counted;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::drive::path::joined;
use crate::services::drive::walk;
use crate::services::drive::{
    Changed, Corpus, DriveId, File, Listing, Order, PageToken, Query, Reason, Term,
};

/// What is said where Drive says that it did not look everywhere.
const NOT_EVERYWHERE: &str =
    "warning: Drive did not look everywhere, so some may be missing; look in one place with --within";

/// Width of a line about something.
const WIDE: usize = 120;

pub(super) async fn list(desk: &Desk, arguments: &DriveList) -> Result<(), Ended> {
    let finder = desk.finder();
    let folder = if arguments.trashed {
        finder.even_in_the_trash(&arguments.place).await?
    } else {
        finder.file(&arguments.place).await?
    };
    let most = desk.rules.limits.files;
    let found: Vec<(String, File)> = if !folder.is_folder() {
        vec![(told::below("", &folder.name), folder)]
    } else if arguments.recursive {
        let tree = walk::tree(&*desk.drive, &folder, most, arguments.trashed).await.map_err(ended)?;
        whole(tree.cut, &folder, most)?;
        tell_unlisted(desk, &tree.unlisted, &folder);
        tree.entries.into_iter().map(|placed| (joined(&placed.path), placed.file)).collect()
    } else {
        let found = walk::children(&*desk.drive, &folder, most, arguments.trashed).await.map_err(ended)?;
        whole(found.incomplete, &folder, most)?;
        let mut files = found.files;
        files.sort_by(|a, b| (!a.is_folder(), &a.name, &a.id).cmp(&(!b.is_folder(), &b.name, &b.id)));
        files.into_iter().map(|file| (told::below("", &file.name), file)).collect()
    };
    tell_files(desk, &found)
}

/// A list that lacks something is not taken for the whole.
fn whole(incomplete: bool, folder: &File, most: usize) -> Result<(), Ended> {
    if !incomplete {
        return Ok(());
    }
    Err(Ended {
        kind: Kind::Work,
        message: format!(
            "Drive did not tell all that is below `{}`, or there is more than {most} things",
            one_line(&folder.name, 80)
        ),
        hints: vec!["Take a folder further down, or raise `drive.limits.files`.".to_owned()],
    })
}

/// Tells of which folders the account does not see what is in them. Also beside JSON: they are not empty.
fn tell_unlisted(desk: &Desk, unlisted: &[Vec<String>], top: &File) {
    for path in unlisted {
        let shown = if path.is_empty() { top.name.clone() } else { joined(path) };
        let told = format!("warning: this account does not see what is in `{}`", one_line(&shown, WIDE));
        desk.terminal.note(&told);
    }
}

fn tell_files(desk: &Desk, found: &[(String, File)]) -> Result<(), Ended> {
    let values: Vec<_> = found.iter().map(|(path, file)| told::file(path, file)).collect();
    let rows = found.iter().map(|(path, file)| told::row(path, file));
    desk.tell(&values, &titled(desk.terminal, told::COLUMNS, rows))
}

fn time(name: &str, text: Option<&String>) -> Result<Option<Timestamp>, Ended> {
    let read = text.map(|text| {
        text.parse().or_else(|_| format!("{text}T00:00:00Z").parse()).map_err(
            |_: crate::domain::time::NotATime| {
                Ended::usage(
                    format!("{name}: `{}` is no time", one_line(text, 40)),
                    "Write it like 2026-11-22T10:00:00Z, or like 2026-11-22.",
                )
            },
        )
    });
    read.transpose()
}

pub(super) async fn find(desk: &Desk, arguments: &DriveFind) -> Result<(), Ended> {
    let after = time("--after", arguments.after.as_ref())?;
    let before = time("--before", arguments.before.as_ref())?;
    let mime = arguments.mime.as_ref().map(|mime| match mime.strip_suffix('/') {
        Some(_) => Term::MimeBegins(mime.clone()),
        None => Term::MimeIs(mime.clone()),
    });
    let mut drive: Option<DriveId> = None;
    let mut within = None;
    if let Some(place) = &arguments.within {
        let folder = desk.finder().folder(place).await?;
        drive = drive_of(&folder);
        // Of a shared drive's topmost folder the whole drive is meant.
        let is_drive = drive.as_ref().is_some_and(|drive| drive.as_str() == folder.id.as_str());
        within = (!is_drive).then_some(Term::In(folder.id));
    }
    let terms = [
        within,
        arguments.name.clone().map(Term::NameHas),
        arguments.text.clone().map(Term::TextHas),
        mime,
        after.map(Term::ModifiedAfter),
        before.map(Term::ModifiedBefore),
        arguments.owner.clone().map(Term::OwnedBy),
        arguments.public.then_some(Term::IsPublic),
        Some(Term::Trashed(arguments.trashed)),
    ];
    let listing = Listing {
        query: Query::all(terms.into_iter().flatten()),
        drive,
        everywhere: arguments.everywhere,
        order: Order::Newest,
        page_size: u16::try_from(arguments.most.clamp(1, 1_000)).ok(),
    };
    let found = desk.finder().all(&listing, arguments.most).await?;
    // What lacks something is not taken for the whole: also beside JSON, which says it as well.
    if found.cut {
        desk.terminal.note(&format!("There is more than these {}; -n takes more.", found.files.len()));
    } else if found.incomplete {
        desk.terminal.note(NOT_EVERYWHERE);
    }
    let complete = !found.incomplete;
    let found: Vec<_> = found.files.into_iter().map(|file| (told::below("", &file.name), file)).collect();
    let values: Vec<_> = found.iter().map(|(path, file)| told::file(path, file)).collect();
    let rows = found.iter().map(|(path, file)| told::row(path, file));
    let lines = titled(desk.terminal, told::COLUMNS, rows);
    desk.tell(&json!({ "files": values, "complete": complete }), &lines)
}

pub(super) async fn info(desk: &Desk, arguments: &DriveAt) -> Result<(), Ended> {
    let file = desk.finder().even_in_the_trash(&arguments.place).await?;
    let revisions = match desk.drive.revisions(&file.id).await {
        Ok(revisions) => revisions,
        // Who only reads may not see them, and folders have none.
        // From memory the file alone is told.
        Err(_) if desk.as_of().is_some() => Vec::new(),
        Err(error) if matches!(error.reason, Reason::NotAllowed | Reason::BadRequest | Reason::NotFound) => {
            Vec::new()
        }
        Err(error) => return Err(ended(error)),
    };
    let rights = serde_json::to_value(file.rights).map_err(Ended::bug)?;
    let may: Vec<String> = rights
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, may)| **may == true)
        .map(|(name, _)| name.replace('_', " "))
        .collect();
    let mut lines = vec![
        format!("name      {}", one_line(&file.name, WIDE)),
        format!("id        {}", file.id),
        format!("type      {}", file.mime),
    ];
    let mut line = |name: &str, value: Option<String>| {
        lines.extend(value.map(|value| format!("{name:<9} {}", one_line(&value, WIDE))));
    };
    line("size", file.size.map(counted_bytes));
    line("md5", file.checksums.md5.clone());
    line("sha256", file.checksums.sha256.clone());
    line("in", file.parent.as_ref().map(|parent| format!("id:{parent}")));
    line("drive", file.drive.as_ref().map(ToString::to_string));
    line("changed", file.modified_at.map(|at| at.to_string()));
    line("by", file.modified_by.as_ref().and_then(|person| person.email.clone()));
    line("owner", file.owners.first().and_then(|person| person.email.clone()));
    line("leads to", file.shortcut_to.as_ref().map(|to| format!("id:{to}")));
    line("trash", file.trashed.then(|| "it is in the trash".to_owned()));
    line("access", file.limited_access.then(|| "limited to those named at this folder".to_owned()));
    line("you may", Some(may.join(", ")));
    line("link", file.url.clone());
    if !revisions.is_empty() {
        lines.push(String::new());
        let rows = revisions.iter().map(|revision| {
            vec![
                revision.modified_at.map_or_else(String::new, |at| at.to_string()),
                revision.size.map_or_else(String::new, |size| size.to_string()),
                revision.id.to_string(),
                if revision.kept { "kept for ever".to_owned() } else { String::new() },
            ]
        });
        lines.extend(titled(desk.terminal, &["revision of", "size", "id", ""], rows));
    }
    let value = json!({ "file": file, "revisions": revisions });
    desk.tell(&value, &lines)
}

fn counted_bytes(bytes: u64) -> String {
    counted(usize::try_from(bytes).unwrap_or(usize::MAX), "byte", "bytes")
}

pub(super) async fn changes(desk: &Desk, arguments: &DriveChanges) -> Result<(), Ended> {
    let corpus = match &arguments.drive {
        None => Corpus::User,
        Some(name) => Corpus::Drive(desk.finder().shared_drive(name).await?.id),
    };
    let Some(since) = &arguments.since else {
        let next = desk.drive.change_start(&corpus).await.map_err(ended)?;
        let value = json!({ "changes": [], "next": next });
        desk.note("This is the present point; what happens from here on comes with --since.");
        return desk.tell(&value, &[next.as_str().to_owned()]);
    };
    let mut next = PageToken::parse(since)
        .map_err(|error| Ended::usage(error.to_string(), "Take what `automata drive changes` told last."))?;
    let mut found = Vec::new();
    loop {
        let page = desk.drive.changes(&corpus, &next).await.map_err(|error| {
            let mut told = ended(error);
            told.hints.push(
                "A point belongs to one feed: the account's own, or that of one shared drive.".to_owned(),
            );
            told
        })?;
        found.extend(page.changes);
        next = page.next;
        if !page.more {
            break;
        }
    }
    let shown = |what: &Changed| -> (String, String, bool) {
        match what {
            Changed::File(file) => (file.id.to_string(), file.name.clone(), false),
            Changed::FileGone(id) => (id.to_string(), String::new(), true),
            Changed::Drive(drive) => (drive.id.to_string(), drive.name.clone(), false),
            Changed::DriveGone(id) => (id.to_string(), String::new(), true),
        }
    };
    let values: Vec<_> = found
        .iter()
        .map(|change| {
            let (id, name, removed) = shown(&change.what);
            let file =
                if let Changed::File(file) = &change.what { Some(told::file(&name, file)) } else { None };
            json!({ "at": change.at, "id": id, "name": name, "removed": removed, "file": file })
        })
        .collect();
    let rows = found.iter().map(|change| {
        let (id, name, removed) = shown(&change.what);
        let what = if removed { "gone, or not for us to see any more" } else { "changed" };
        vec![
            change.at.map_or_else(String::new, |at| at.to_string()),
            id,
            what.to_owned(),
            one_line(&name, WIDE),
        ]
    });
    desk.tell(
        &json!({ "changes": values, "next": next }),
        &titled(desk.terminal, &["when", "id", "what", "name"], rows),
    )?;
    desk.note(&format!("Go on with --since {}", next.as_str()));
    Ok(())
}

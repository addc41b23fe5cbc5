//! Reads Drive's feeds of changes when it is time to, and records what is different in the watched folders.

mod below;
mod look;
mod told;

use std::collections::{BTreeMap, BTreeSet};

use super::session::Session;
use super::world::World;
use crate::config::DriveRules;
use crate::domain::command::{Command, Rejection};
use crate::domain::count::counted;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::time::Timestamp;
use crate::domain::watched::{DriveKey, DriveRead, Feed};
use crate::services::drive::{Class, Corpus, Drive, FileId, Reason, walk};

pub(super) use below::Looking;
use look::Look;
pub(super) use told::{Ours, Teller, seen};

/// The feed of the account's own.
const USER: &str = "user";

/// The watched folders, by their ids, with their names in the configuration.
pub(super) type Names = BTreeMap<DriveKey, String>;

/// What came of reading the feeds.
#[derive(Default)]
struct Read {
    /// Changes that were recorded, a line each.
    changes: Vec<String>,
    /// What could not be read, a sentence each. The rest was.
    troubles: Vec<String>,
}

/// Reads what is due, and comes back with what there is to say of it. That Drive cannot be read now holds nothing up.
pub(super) async fn look(session: &Session, world: &World) -> Vec<String> {
    // One of the runs that share the queue is enough.
    if world.shard.is_some_and(|shard| shard.index > 0) {
        return Vec::new();
    }
    let rules = &world.config.drive;
    let names = names(rules);
    let watched = session.state().watched.clone();
    if names.is_empty() && watched.feeds.is_empty() {
        return Vec::new();
    }
    let Some(files) = &world.services.drive else {
        // What is wrong with credentials that are there was told when they were read.
        if world.services.no_drive.is_none() {
            tracing::warn!("folders in Drive are to be watched, and there are no credentials for it");
        }
        return Vec::new();
    };
    let mut came = Read::default();
    if let Err(failure) = read(session, world, &*files.drive, &names, &mut came).await {
        tracing::warn!(%failure, "Drive's changes cannot be read now; the next run does");
    }
    let Read { changes, troubles } = came;
    let changed = (!changes.is_empty())
        .then(|| format!("Drive: {}: {}", counted(changes.len(), "change", "changes"), changes.join("; ")));
    changed.into_iter().chain(troubles).collect()
}

/// The watched folders of a configuration.
fn names(rules: &DriveRules) -> Names {
    let folders = rules.watch.folders.iter();
    folders
        .filter_map(|name| {
            let id = FileId::in_link(rules.folders.get(name.as_str())?.as_str())?;
            Some((id.as_str().parse().ok()?, name.as_str().to_owned()))
        })
        .collect()
}

/// Reads every feed that is due. One that is lost, as a shared drive is to whom it shut out, leaves the others as they are.
///
/// # Errors
/// As Drive says, where that may pass; what was submitted until then stays.
async fn read(
    session: &Session,
    world: &World,
    drive: &dyn Drive,
    names: &Names,
    came: &mut Read,
) -> Result<(), Failure> {
    let every = world.config.drive.watch.every.span();
    let feeds = session.state().watched.feeds.clone();
    let wanted = feeds_of(drive, names, &feeds, &mut came.troubles).await?;
    for feed in feeds.keys().filter(|feed| !wanted.contains_key(*feed)) {
        end(session, feed, feeds.get(feed));
    }
    let mut teller = None;
    for (feed, roots) in wanted {
        let known = feeds.get(&feed);
        let is_due = known.is_none_or(|known| session.now().since(known.at) >= every || known.roots != roots);
        if !is_due {
            continue;
        }
        let teller = match &mut teller {
            Some(teller) => teller,
            teller => {
                let ours = Ours::of(&session.state());
                teller.insert(Teller::new(drive, &world.config.drive, ours).await?)
            }
        };
        let look = Look { session, world, drive, names, feed, roots, teller };
        let lines = match known {
            Some(known) => look.go_on(known).await,
            None => look.begin().await,
        };
        match lines {
            Ok(lines) => came.changes.extend(lines),
            Err(failure) if is_of_all(drive, &failure).await => return Err(failure),
            Err(failure) => came.troubles.push(look.lost(&failure)),
        }
    }
    Ok(())
}

/// Which feed tells of each watched folder. Of a folder that is watched already it is known; one that cannot be seen is left
/// out and told.
async fn feeds_of(
    drive: &dyn Drive,
    names: &Names,
    feeds: &BTreeMap<String, Feed>,
    troubles: &mut Vec<String>,
) -> Result<BTreeMap<String, BTreeSet<DriveKey>>, Failure> {
    let mut wanted: BTreeMap<String, BTreeSet<DriveKey>> = BTreeMap::new();
    for (item, name) in names {
        let known = feeds.iter().find(|(_, feed)| feed.roots.contains(item)).map(|(name, _)| name.clone());
        let feed = match known {
            Some(feed) => feed,
            None => {
                let file = match drive.file(&id_of(*item)?).await {
                    Ok(file) => file,
                    Err(error) => {
                        // Credentials that do not do are no folder's own trouble.
                        let is_of_us = matches!(error.class, Class::Auth | Class::Quota);
                        let failure = Failure::from(error);
                        if is_of_us || is_of_all(drive, &failure).await {
                            return Err(failure);
                        }
                        troubles.push(format!("Drive: `{name}:` cannot be watched{}", why(&failure)));
                        continue;
                    }
                };
                file.drive.map_or_else(|| USER.to_owned(), |shared| shared.as_str().to_owned())
            }
        };
        wanted.entry(feed).or_default().insert(*item);
    }
    Ok(wanted)
}

/// What went wrong, and what to do about it: for the end of a sentence about what cannot be read.
fn why(failure: &Failure) -> String {
    let hint = failure.hint.as_ref().map(|hint| format!(". {hint}")).unwrap_or_default();
    let (now, next) = match failure.class {
        FailureClass::Permanent => ("", ""),
        _ => (" now", ". The next run tries again."),
    };
    format!("{now}: {}{hint}{next}", failure.message)
}

/// Whether Drive fails as a whole and not at one thing alone: nobody answers any question, or it asks for quiet. What may
/// pass and strikes one feed only is that feed's trouble.
async fn is_of_all(drive: &dyn Drive, failure: &Failure) -> bool {
    match failure.class {
        FailureClass::Permanent => false,
        FailureClass::RateLimited(_) => true,
        FailureClass::Transient => {
            let is_for_quiet = [Reason::RateLimit, Reason::SharingRateLimit]
                .iter()
                .any(|reason| failure.code.strip_prefix("drive_") == Some(reason.code()));
            is_for_quiet || drive.about().await.is_err()
        }
    }
}

fn id_of(item: DriveKey) -> Result<FileId, Failure> {
    FileId::parse(item.as_str()).map_err(|error| Failure::permanent("bad_id", error.to_string()))
}

fn end(session: &Session, feed: &str, known: Option<&Feed>) {
    let read = DriveRead {
        feed: feed.to_owned(),
        next: None,
        roots: BTreeSet::new(),
        learned: BTreeMap::new(),
        changes: 0,
    };
    let since = known.map(|known| known.token.clone());
    submit(session, Command::ReadDrive { since, read: Box::new(read), changes: Vec::new() });
}

fn submit(session: &Session, command: Command) -> bool {
    match session.submit(command) {
        Ok(_) => true,
        Err(Rejection::FeedMoved(feed)) => {
            tracing::debug!(feed, "another run has read it");
            false
        }
        Err(rejection) => {
            tracing::warn!(%rejection, "what Drive told cannot be recorded");
            false
        }
    }
}

/// Who may do what with each of these, as far as we may know.
///
/// # Errors
/// As Drive says, but for a refusal: who only reads may not see who else does.
pub(super) async fn grants_of(
    drive: &dyn Drive,
    items: &[DriveKey],
) -> Result<BTreeMap<DriveKey, String>, Failure> {
    let ids: Vec<FileId> = items.iter().map(|item| id_of(*item)).collect::<Result<_, Failure>>()?;
    let grants = walk::grants(drive, &ids).await?;
    let seen = items.iter().zip(grants);
    Ok(seen.filter_map(|(item, grants)| Some((*item, told::grants(&grants?)))).collect())
}

/// The name of a feed in the log.
pub(super) fn feed_of(corpus: &Corpus) -> String {
    match corpus {
        Corpus::User => USER.to_owned(),
        Corpus::Drive(id) => id.as_str().to_owned(),
    }
}

/// A feed that was read up to some place.
pub(super) fn feed(token: &str, at: Timestamp, roots: BTreeSet<DriveKey>) -> Feed {
    Feed { token: token.to_owned(), at, roots }
}

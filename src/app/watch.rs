//! Reads Drive's feeds of changes when it is time to, and records what is different in the watched folders.

mod below;
mod told;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::session::Session;
use super::world::World;
use crate::config::{DriveRules, on_drive_change};
use crate::domain::command::{Command, Rejection};
use crate::domain::count::counted;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::time::Timestamp;
use crate::domain::watched::{DriveChanged, DriveKey, DriveRead, Feed, Seen, Watched};
use crate::drive::watch::{Told, follow, of_interest};
use crate::report::sentence;
use crate::services::drive::{Class, Corpus, Drive, DriveId, FileId, PageToken, walk};

use below::Below;
pub(super) use below::Looking;
pub(super) use told::{Ours, Teller, seen};

/// The feed of the account's own.
const USER: &str = "user";
/// A feed that has moved on without a word about the watched folders is worth a push of its own after this long.
const WORTH_A_PUSH: Duration = Duration::from_secs(6 * 3_600);
/// Pages of a feed that one look reads, a thousand changes each; the next look goes on from there.
const PAGES: usize = 10;

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
            Err(failure) if failure.class == FailureClass::Permanent => {
                came.troubles.push(look.lost(&failure))
            }
            Err(failure) => return Err(failure),
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
                    Err(error) if error.class == Class::Permanent => {
                        troubles.push(format!(
                            "Drive: `{name}:` cannot be watched: {}",
                            with_hint(&error.into())
                        ));
                        continue;
                    }
                    file => file?,
                };
                file.drive.map_or_else(|| USER.to_owned(), |shared| shared.as_str().to_owned())
            }
        };
        wanted.entry(feed).or_default().insert(*item);
    }
    Ok(wanted)
}

/// What went wrong, and what to do about it.
fn with_hint(failure: &Failure) -> String {
    let hint = failure.hint.as_ref().map(|hint| format!(". {hint}")).unwrap_or_default();
    format!("{}{hint}", failure.message)
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

/// A feed that is to be read.
struct Look<'a> {
    session: &'a Session,
    world: &'a World,
    drive: &'a dyn Drive,
    names: &'a Names,
    feed: String,
    roots: BTreeSet<DriveKey>,
    teller: &'a Teller,
}

impl Look<'_> {
    fn corpus(&self) -> Result<Corpus, Failure> {
        if self.feed == USER {
            return Ok(Corpus::User);
        }
        let id = DriveId::parse(&self.feed);
        id.map(Corpus::Drive).map_err(|error| Failure::permanent("bad_id", error.to_string()))
    }

    /// That it cannot be read, for people.
    fn lost(&self, failure: &Failure) -> String {
        let names = self.roots.iter().filter_map(|root| self.names.get(root));
        let names: Vec<String> = names.map(|name| format!("`{name}:`")).collect();
        let feed = if self.feed == USER { "the account" } else { "the shared drive" };
        let told = with_hint(failure);
        format!("Drive: the changes of {feed} with {} cannot be read: {told}", names.join(", "))
    }

    /// Sees how everything is, from which later changes are told. The place of the feed comes first: what changes in
    /// between is told again, and found to be known.
    async fn begin(&self) -> Result<Vec<String>, Failure> {
        let next = self.drive.change_start(&self.corpus()?).await?;
        let mut learned = BTreeMap::new();
        for root in &self.roots {
            learned.extend(self.looking(None).below(*root).await?.seen());
        }
        self.record(None, next.as_str(), learned, Vec::new());
        Ok(Vec::new())
    }

    /// Reads on from where the last look ended.
    async fn go_on(&self, known: &Feed) -> Result<Vec<String>, Failure> {
        let corpus = self.corpus()?;
        let token = PageToken::parse(&known.token);
        let mut next = token.map_err(|error| Failure::permanent("bad_token", error.to_string()))?;
        let mut told: Vec<Told> = Vec::new();
        for _ in 0..PAGES {
            let page = match self.drive.changes(&corpus, &next).await {
                Err(error) if error.class == Class::Permanent && error.status == Some(400) => {
                    tracing::warn!(
                        feed = self.feed,
                        "Drive has forgotten how far its feed was read; all is looked at anew"
                    );
                    return self.compare_all(known).await;
                }
                page => page?,
            };
            told.extend(page.changes.iter().filter_map(|change| self.teller.told(change, Some(known.at))));
            next = page.next;
            if !page.more {
                break;
            }
        }
        let mut watched = self.session.state().watched.clone();
        let mut learned = BTreeMap::new();
        for root in self.roots.difference(&known.roots) {
            learned.extend(self.looking(None).below(*root).await?.seen());
        }
        watched.files.extend(learned.clone());
        self.ask_for_grants(&watched, &mut told).await?;
        let mut followed = follow(&watched, self.names, &told);
        let came = self.looking(Some(known.at));
        let came = came.came_along(self.names, &watched, &told, &followed.new_folders).await?;
        followed.changes.extend(came);
        learned.extend(followed.learned);
        let state = self.session.state().watched.clone();
        let is_new = |changed: &DriveChanged| state.files.get(&changed.file) != changed.now.as_ref();
        let lines = followed.changes.iter().filter(|changed| is_new(changed)).map(sentence::drive_change);
        let lines: Vec<String> = lines.collect();
        let is_quiet = followed.changes.is_empty() && learned.is_empty() && known.roots == self.roots;
        let is_worth = !self.session.is_clean() || self.session.now().since(known.at) >= WORTH_A_PUSH;
        if is_quiet && !is_worth {
            return Ok(Vec::new());
        }
        let recorded = self.record(Some(known.token.clone()), next.as_str(), learned, followed.changes);
        Ok(if recorded { lines } else { Vec::new() })
    }

    /// Tells what is different without the feed's help: nothing is lost, but who did it.
    async fn compare_all(&self, known: &Feed) -> Result<Vec<String>, Failure> {
        let next = self.drive.change_start(&self.corpus()?).await?;
        let mut now: BTreeMap<DriveKey, Told> = BTreeMap::new();
        let mut unseen = BTreeSet::new();
        for root in &self.roots {
            let below: Below = match self.looking(Some(known.at)).below(*root).await {
                // It is not told whether it is gone or only lost to us.
                Err(failure) if failure.class == FailureClass::Permanent => {
                    tracing::warn!(%failure, folder = %root, "a watched folder cannot be looked at");
                    unseen.insert(*root);
                    continue;
                }
                below => below?,
            };
            if below.incomplete {
                unseen.insert(*root);
            }
            now.extend(below.found.into_iter().map(|told| (told.item, told)));
        }
        let watched = self.session.state().watched.clone();
        // Of a folder that could not be seen whole, what was not seen may be there all the same.
        let here = |item: &DriveKey| {
            let place = watched.place(*item);
            place.is_some_and(|(root, _)| known.roots.contains(&root) && !unseen.contains(&root))
        };
        let gone = watched.files.keys().filter(|item| here(item) && !now.contains_key(*item));
        let mut told: Vec<Told> = gone.map(|item| told::gone(*item)).collect();
        told.extend(now.into_values());
        let followed = follow(&watched, self.names, &told);
        let lines = followed.changes.iter().map(sentence::drive_change).collect();
        let recorded =
            self.record(Some(known.token.clone()), next.as_str(), followed.learned, followed.changes);
        Ok(if recorded { lines } else { Vec::new() })
    }

    fn record(
        &self,
        since: Option<String>,
        next: &str,
        learned: BTreeMap<DriveKey, Seen>,
        changes: Vec<DriveChanged>,
    ) -> bool {
        let read = DriveRead {
            feed: self.feed.clone(),
            next: Some(next.to_owned()),
            roots: self.roots.clone(),
            learned,
            changes: 0,
        };
        let changes = {
            let state = self.session.state();
            let asked = |changed: DriveChanged| {
                (changed.clone(), on_drive_change(&self.world.config, &state, &changed))
            };
            changes.into_iter().map(asked).collect()
        };
        submit(self.session, Command::ReadDrive { since, read: Box::new(read), changes })
    }

    /// How folders are looked into; what we did ourselves counts since then.
    fn looking(&self, since: Option<Timestamp>) -> Looking<'_> {
        let most = self.world.config.drive.watch.files;
        Looking { drive: self.drive, teller: self.teller, most, since }
    }

    async fn ask_for_grants(&self, watched: &Watched, told: &mut [Told]) -> Result<(), Failure> {
        let roots: BTreeSet<DriveKey> = self.names.keys().copied().collect();
        let grants = grants_of(self.drive, &of_interest(watched, &roots, told)).await?;
        for told in told {
            if let (Some(now), Some(known)) = (&mut told.now, grants.get(&told.item)) {
                now.grants = Some(known.clone());
            }
        }
        Ok(())
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

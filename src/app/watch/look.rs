//! One look at one feed of Drive's changes: what is different since the last look, and how everything is at the first.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::super::session::Session;
use super::super::world::World;
use super::below::Below;
use super::told::{self, Teller};
use super::{Looking, Names, USER, grants_of, submit, why};
use crate::config::on_drive_change;
use crate::domain::command::Command;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::time::Timestamp;
use crate::domain::watched::{DriveChanged, DriveKey, DriveRead, Feed, Seen, Watched};
use crate::drive::watch::{Told, follow, of_interest};
use crate::report::sentence;
use crate::services::drive::{Class, Corpus, Drive, DriveId, PageToken};

/// A feed that has moved on without a word about the watched folders is worth a push of its own after this long.
const WORTH_A_PUSH: Duration = Duration::from_secs(6 * 3_600);
/// Pages of a feed that one look reads, a thousand changes each; the next look goes on from there.
const PAGES: usize = 10;

/// A feed that is to be read.
pub(super) struct Look<'a> {
    pub(super) session: &'a Session,
    pub(super) world: &'a World,
    pub(super) drive: &'a dyn Drive,
    pub(super) names: &'a Names,
    pub(super) feed: String,
    pub(super) roots: BTreeSet<DriveKey>,
    pub(super) teller: &'a Teller,
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
    pub(super) fn lost(&self, failure: &Failure) -> String {
        let names = self.roots.iter().filter_map(|root| self.names.get(root));
        let names: Vec<String> = names.map(|name| format!("`{name}:`")).collect();
        let feed = if self.feed == USER { "the account" } else { "the shared drive" };
        format!("Drive: the changes of {feed} with {} cannot be read{}", names.join(", "), why(failure))
    }

    /// Sees how everything is, from which later changes are told. The place of the feed comes first: what changes in
    /// between is told again, and found to be known.
    pub(super) async fn begin(&self) -> Result<Vec<String>, Failure> {
        let next = self.drive.change_start(&self.corpus()?).await?;
        let mut learned = BTreeMap::new();
        for root in &self.roots {
            learned.extend(self.looking(None).below(*root).await?.seen());
        }
        self.record(None, next.as_str(), learned, Vec::new());
        Ok(Vec::new())
    }

    /// Reads on from where the last look ended.
    pub(super) async fn go_on(&self, known: &Feed) -> Result<Vec<String>, Failure> {
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

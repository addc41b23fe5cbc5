//! A repository on this machine: refs are moved under git's own lock, with the expected target.
//!
//! libgit2's transport for local paths is never used: it overwrites refs without comparing and so loses
//! commits of concurrent writers.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use git2::{ErrorCode as GitCode, Repository, Signature, Transaction};

use super::objects::{ObjectId, Objects};
use super::ref_locks;
use super::remote::{Depth, Error, Outcome, Push, RefUpdate, Remote, RemoteRef, is_ref_name};
use crate::services::clock::Clock;

/// How often a locked ref is tried: somebody else holds the lock for less than a millisecond, unless they
/// died with it.
const LOCK_TRIES: u32 = 200;
/// How long between two tries; all tries together take two seconds.
const LOCK_WAIT: Duration = Duration::from_millis(10);

/// How often all that is done: the second time without the locks that turned out to be left behind.
const ROUNDS: u32 = 2;

/// A repository at a path on this machine.
pub struct LocalRemote {
    repository: Mutex<Repository>,
    clock: Arc<dyn Clock>,
}

impl LocalRemote {
    /// Opens the repository at `path`, bare or not.
    ///
    /// # Errors
    /// [`Error::Denied`] when there is none.
    pub fn open(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let repository = Repository::open(path).map_err(|error| Error::Denied {
            reason: format!("{} cannot be opened as a git repository: {}", path.display(), error.message()),
            hint: match error.code() {
                GitCode::Owner => format!(
                    "It belongs to another user, and git trusts nobody else's. Work as that user, or say that you trust it: \
                     `git config --global --add safe.directory {}`.",
                    path.display()
                ),
                _ if !path.exists() => "Make one with `automata demo --keep DIR`.".to_owned(),
                _ => "Name the folder of a git repository that this user may write.".to_owned(),
            },
        })?;
        Ok(Self { repository: Mutex::new(repository), clock })
    }

    fn lock(&self) -> MutexGuard<'_, Repository> {
        self.repository.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tries once; none when a ref is locked by somebody else.
    fn try_push(&self, updates: &[RefUpdate]) -> Result<Option<Vec<Outcome>>, Error> {
        let repository = self.lock();
        if let Some(outcomes) = stale(&repository, updates)? {
            return Ok(Some(outcomes));
        }
        // One transaction for each ref, since libgit2 commits the refs of one transaction in no order.
        let mut held = Vec::new();
        for update in updates {
            let mut transaction = repository.transaction().map_err(broken)?;
            match transaction.lock_ref(&update.name) {
                Ok(()) => held.push((update, transaction)),
                Err(error) if error.code() == GitCode::Locked => return Ok(None),
                Err(error) => return Err(broken(error)),
            }
        }
        // Only now, under all locks, does the comparison count.
        if let Some(outcomes) = stale(&repository, updates)? {
            return Ok(Some(outcomes));
        }
        held.into_iter()
            .try_for_each(|(update, transaction)| move_ref(update, transaction))
            .map_err(broken)?;
        Ok(Some(vec![Outcome::Done; updates.len()]))
    }
}

fn move_ref(update: &RefUpdate, mut transaction: Transaction<'_>) -> Result<(), git2::Error> {
    let who = Signature::new("Automata", "automata@localhost", &git2::Time::new(0, 0))?;
    if update.target.is_nothing() {
        transaction.remove(&update.name)?;
    } else {
        transaction.set_target(&update.name, update.target.0, Some(&who), "automata: append")?;
    }
    transaction.commit()
}

/// The outcomes when some ref stands elsewhere than expected; none when all stand where they should.
fn stale(repository: &Repository, updates: &[RefUpdate]) -> Result<Option<Vec<Outcome>>, Error> {
    let mut first = None;
    for (place, update) in updates.iter().enumerate() {
        let now = target(repository, &update.name)?;
        if now != update.expected {
            let stands = now.map_or_else(|| "does not exist".to_owned(), |id| format!("stands at {id}"));
            first = Some((place, format!("{} {stands}", update.name)));
            break;
        }
    }
    Ok(first.map(|(place, told)| {
        (0..updates.len())
            .map(|other| {
                Outcome::Stale(if other == place { told.clone() } else { format!("held back: {told}") })
            })
            .collect()
    }))
}

/// What is to be said of a push that failed where nobody may write, or there is no room: it fails again until that was seen to.
fn unwritable(folder: &Path) -> Option<Error> {
    let cannot = |folder: PathBuf| {
        let error = tempfile::Builder::new().prefix("automata-").tempfile_in(&folder).err()?;
        let lasts = matches!(
            error.kind(),
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::StorageFull
        );
        lasts.then(|| Error::Denied {
            reason: format!("{} cannot be written: {}", folder.display(), error.kind()),
            hint: "Let this user write there, and see that there is room.".to_owned(),
        })
    };
    ["", "objects", "refs/heads"].into_iter().find_map(|part| cannot(folder.join(part)))
}

/// Whether the ref can be read, or does not exist.
fn readable(repository: &Repository, name: &str) -> Result<(), Error> {
    let damaged = |reason: String| Err(Error::Damaged { place: name.to_owned(), reason });
    match repository.find_reference(name) {
        // The HEAD of an empty repository leads nowhere, and that is no damage.
        Ok(link)
            if name != "HEAD"
                && link.symbolic_target_bytes().is_some()
                && target(repository, name)?.is_none() =>
        {
            damaged(format!(
                "it is a symbolic ref that leads nowhere; remove it with `git symbolic-ref --delete {name}` and look again"
            ))
        }
        Err(error) if error.code() != GitCode::NotFound => damaged(format!(
            "what the repository on this machine keeps there is no ref ({}); move that file away and look again",
            error.message()
        )),
        _ => Ok(()),
    }
}

fn target(repository: &Repository, name: &str) -> Result<Option<ObjectId>, Error> {
    match repository.refname_to_id(name) {
        Ok(id) => Ok(Some(ObjectId(id))),
        Err(error) if error.code() == GitCode::NotFound => Ok(None),
        Err(error) => Err(broken(error)),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn broken(error: git2::Error) -> Error {
    Error::Broken(format!("the repository on this machine: {}", error.message()))
}

#[async_trait]
impl Remote for LocalRemote {
    fn objects_folder(&self) -> Option<PathBuf> {
        Some(self.lock().commondir().join("objects"))
    }

    fn ref_file(&self, name: &str) -> Option<PathBuf> {
        Some(self.lock().commondir().join(name)).filter(|file| file.is_file())
    }

    async fn refs(&self, prefixes: &[&str]) -> Result<Vec<RemoteRef>, Error> {
        let repository = self.lock();
        // Listing passes over a ref that cannot be read, as if it were not there; looking it up does not.
        for name in prefixes.iter().filter(|name| is_ref_name(name)) {
            readable(&repository, name)?;
        }
        let wanted = |name: &str| prefixes.iter().any(|prefix| name.starts_with(prefix));
        let mut found = Vec::new();
        if wanted("HEAD") {
            let head = repository.find_reference("HEAD").map_err(broken)?;
            let stands_for = head.symbolic_target().ok().flatten().map(str::to_owned);
            // A repository without commits has a HEAD that leads nowhere; git leaves it out too.
            if let Some(target) = target(&repository, "HEAD")? {
                found.push(RemoteRef { name: "HEAD".to_owned(), target, stands_for });
            }
        }
        for reference in repository.references().map_err(broken)? {
            let reference = reference.map_err(broken)?;
            let Ok(name) = reference.name() else { continue };
            if !wanted(name) {
                continue;
            }
            // Somebody may have deleted it since the list was made.
            if let Some(target) = target(&repository, name)? {
                let stands_for = reference.symbolic_target().ok().flatten().map(str::to_owned);
                found.push(RemoteRef { name: name.to_owned(), target, stands_for });
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    async fn fetch(&self, objects: &Objects, commits: &[ObjectId], _: Depth) -> Result<(), Error> {
        self.fetch_blobs(objects, commits).await
    }

    async fn fetch_blobs(&self, objects: &Objects, blobs: &[ObjectId]) -> Result<(), Error> {
        let looks_here = |objects: &Objects| blobs.iter().find(|id| !objects.has(**id)).copied();
        let Some(missing) = looks_here(objects) else { return Ok(()) };
        objects.look_again()?;
        match looks_here(objects) {
            None => Ok(()),
            Some(_) => Err(Error::Damaged {
                place: format!("object {missing}"),
                reason: "the repository on this machine does not have it".to_owned(),
            }),
        }
    }

    async fn push(&self, objects: &Objects, push: &Push) -> Result<Vec<Outcome>, Error> {
        let folder = self.lock().commondir().to_owned();
        self.try_to_push(objects, push).await.map_err(|error| unwritable(&folder).unwrap_or(error))
    }
}

impl LocalRemote {
    async fn try_to_push(&self, objects: &Objects, push: &Push) -> Result<Vec<Outcome>, Error> {
        objects.copy(&push.objects, &self.lock())?;
        let folder = self.lock().commondir().to_owned();
        let names: Vec<&str> = push.updates.iter().map(|update| update.name.as_str()).collect();
        for _ in 0..ROUNDS {
            let mut held = None;
            for _ in 0..LOCK_TRIES {
                if let Some(outcomes) = self.try_push(&push.updates)? {
                    return Ok(outcomes);
                }
                held.get_or_insert_with(|| ref_locks::held(&folder, &names));
                self.clock.sleep(LOCK_WAIT).await;
            }
            match ref_locks::remove_left_behind(&folder, &held.unwrap_or_default()) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "locks that a killed process left behind cannot be removed");
                    break;
                }
            }
        }
        let locks: Vec<String> = ref_locks::held(&folder, &names)
            .iter()
            .map(|lock| format!("`rm {}`", lock.path.display()))
            .collect();
        let told = match locks.as_slice() {
            [] => "try again".to_owned(),
            some => format!("if neither git nor Automata is at work there, {}", some.join(" and ")),
        };
        Err(Error::Unreachable(format!("another process holds the lock of {}; {told}", names.join(" or "))))
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_can_be_written_that_is_said_and_is_no_reason_to_run_again() {
        // Nobody makes files there, whoever they are.
        match unwritable(Path::new("/sys/kernel")) {
            Some(Error::Denied { reason, .. }) => assert!(reason.contains("cannot be written"), "{reason}"),
            other => panic!("{other:?}"),
        }
        let here = tempfile::tempdir().unwrap();
        for part in ["objects", "refs/heads"] {
            std::fs::create_dir_all(here.path().join(part)).unwrap();
        }
        assert!(unwritable(here.path()).is_none(), "another reason");
    }
}

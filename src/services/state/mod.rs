//! The log on a git branch: one commit for each append, the latest events and a snapshot in its tip.
//!
//! A fresh reader fetches the tip alone. Now and then the tail moves, as it is, into the archive branch, whose
//! first parents are the old log; that costs one small commit however long the log is. A second ref, the witness, moves
//! with the branch and tells when that was set back. The contract of the branch stands in `state/README.md`.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::git::objects::{self, ObjectId, Objects};
use super::git::remote::{self, Remote, RemoteRef};
use crate::domain::id::Sequence;
use crate::domain::used::Used;
use crate::log::{Append, Envelope, Error, EventLog, Head, Loaded};

mod append;
mod archive;
mod compact;
mod export;
mod gather;
mod import;
mod judging;
mod keys;
mod layout;
mod repair;
mod tip;
mod ways_out;
mod witness;

pub use compact::Weight;
pub use import::Writing;
use keys::Keys;
pub use keys::Sealing;
pub use repair::{Plan, Remedy, Source, plan_digest};
use tip::Tip;
use witness::Seen;
pub use witness::{Witness, known_logs};

/// Where the log lies and who writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The full name of the state ref.
    reference: String,
    /// Name and mail that the commits carry.
    pub author: (String, String),
}

/// The text names no branch and no ref.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no name for the state branch: write automata-state, or a full name such as refs/automata/state"
)]
pub struct NotABranch(String);

impl Settings {
    /// The branch `automata-state`.
    pub const DEFAULT_BRANCH: &'static str = "automata-state";

    /// The log on `name`: a branch, or a full ref name such as `refs/automata/state`, which plain clones
    /// do not fetch. Its archive has the same name with `-archive` at its end.
    ///
    /// # Errors
    /// [`NotABranch`] when git would not accept the name, or the witnesses of logs lie there.
    pub fn on(name: &str) -> Result<Self, NotABranch> {
        let reference =
            if name.starts_with("refs/") { name.to_owned() } else { format!("refs/heads/{name}") };
        if !remote::is_ref_name(&reference) || witness::is_in_the_way(&reference) {
            return Err(NotABranch(name.to_owned()));
        }
        // `.invalid` can never be somebody's address (RFC 2606), so no account is shown as the author.
        let author = ("Automata".to_owned(), "automata@noreply.invalid".to_owned());
        Ok(Self { reference, author })
    }

    /// The full name of the state ref.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// The full name of the archive's ref.
    #[must_use]
    pub fn archive(&self) -> String {
        layout::archive_ref(&self.reference)
    }
}

/// The log on a git branch.
pub struct GitLog {
    remote: Arc<dyn Remote>,
    objects: Objects,
    settings: Settings,
    /// The newest commit that is here with all that is in it.
    whole: Mutex<Option<ObjectId>>,
    /// What [`GitLog::fetch_ahead`] found, for the next `load`.
    ahead: Mutex<Option<Option<Tip>>>,
    /// Where branch and witness stood when they were last found sound: what the next append expects of them.
    seen: Mutex<Option<Seen>>,
    keys: Keys,
}

impl GitLog {
    /// The log that `settings` name, on `remote`.
    ///
    /// # Errors
    /// [`Error::Unreachable`] when there is no room for temporary files.
    pub fn new(remote: Arc<dyn Remote>, settings: Settings) -> Result<Self, Error> {
        let objects = Objects::temporary(remote.objects_folder().as_deref()).map_err(local)?;
        let (whole, ahead, seen) = (Mutex::default(), Mutex::default(), Mutex::default());
        Ok(Self { remote, objects, settings, whole, ahead, seen, keys: Keys::default() })
    }

    /// The full name of the ref that the log lies on.
    #[must_use]
    pub fn reference(&self) -> &str {
        self.settings.reference()
    }

    /// Fetches the tip, found in a list of [`GitLog::listed`] made just now, for the next `load`: while other
    /// things are read. A later tip is met by the append, as any other move of the log.
    ///
    /// # Errors
    /// As `load`, which then asks again.
    pub async fn fetch_ahead(&self, refs: &[RemoteRef]) -> Result<(), Error> {
        let seen = self.seen_in(refs);
        if !seen.agrees() || self.link_in(refs).is_some() {
            // Whoever loads looks twice.
            return Ok(());
        }
        let tip = match seen.branch {
            Some(commit) => Some(self.tip_at(commit).await?),
            None => None,
        };
        *unpoisoned(&self.seen) = Some(seen);
        *unpoisoned(&self.ahead) = Some(tip);
        Ok(())
    }

    async fn load_tip(&self) -> Result<Loaded, Error> {
        let ahead = unpoisoned(&self.ahead).take();
        let tip = match ahead {
            Some(tip) => tip,
            None => self.tip().await?,
        };
        match tip {
            Some(tip) => {
                self.unlock(Some(&tip.head)).await?;
                let loaded = self.read(&tip).await?;
                self.expect_opened()?;
                self.warn_of_other_hands(&loaded.head).await;
                Ok(loaded)
            }
            None => {
                self.unlock(None).await?;
                Ok(Loaded { head: Head::EMPTY, snapshot: None, tail: Vec::new() })
            }
        }
    }
}

#[async_trait]
impl EventLog for GitLog {
    async fn load(&self) -> Result<Loaded, Error> {
        let loaded = self.load_tip().await;
        self.with_ways_out(loaded).await
    }

    async fn append(&self, expected: &Head, batch: &Append<'_>) -> Result<Head, Error> {
        let appended = self.append_at(expected, batch).await;
        self.with_ways_out(appended).await
    }

    async fn history(&self, first: Sequence, visit: &mut (dyn FnMut(Envelope) + Send)) -> Result<(), Error> {
        let read = self.read_history(first, visit).await.and_then(|()| self.expect_opened());
        self.with_ways_out(read).await
    }

    fn used(&self) -> Vec<Used> {
        self.used_keys()
    }
}

impl From<remote::Error> for Error {
    fn from(error: remote::Error) -> Self {
        match error {
            remote::Error::Denied { reason, hint } => Self::Denied { reason, hint },
            remote::Error::Unreachable(told) | remote::Error::Broken(told) => Self::Unreachable(told),
            remote::Error::Damaged { place, reason } => Self::Damaged { place, reason, ways_out: Vec::new() },
        }
    }
}

/// Locks what a panic elsewhere cannot have left half-written.
fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Trouble with our own temporary files.
#[expect(clippy::needless_pass_by_value, reason = "the shape that map_err wants")]
fn local(error: objects::Error) -> Error {
    Error::Unreachable(format!("the temporary object database: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_lies_on_a_branch_or_on_a_ref_that_clones_do_not_fetch() {
        let refs = |name| Settings::on(name).map(|on| (on.reference().to_owned(), on.archive()));
        let both = |a: &str, b: &str| Ok((a.to_owned(), b.to_owned()));
        assert_eq!(
            refs(Settings::DEFAULT_BRANCH),
            both("refs/heads/automata-state", "refs/heads/automata-state-archive")
        );
        assert_eq!(refs("refs/automata/state"), both("refs/automata/state", "refs/automata/state-archive"));
        for name in ["", "a..b", "a b", "a/", "refs/", "a\nb"] {
            assert!(Settings::on(name).is_err(), "{name}");
        }
    }
}

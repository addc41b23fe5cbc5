//! The port to where a repository's refs and objects really live: list, fetch, push by compare-and-swap.

use std::path::PathBuf;

use async_trait::async_trait;

use super::objects::{self, ObjectId, Objects};
use crate::domain::failure::Failure;

/// A ref as the remote has it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteRef {
    /// The full name: `refs/heads/main`, `HEAD`.
    pub name: String,
    /// Where it stands.
    pub target: ObjectId,
    /// The ref that it stands for: `refs/heads/main` for `HEAD`.
    pub stands_for: Option<String>,
}

/// How much of the history to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The wanted commits alone.
    Tip,
    /// The wanted commits and what leads to them, this many commits deep.
    Last(u32),
    /// All that leads to them.
    History,
}

impl Depth {
    /// How many commits deep; none when all are wanted.
    pub(super) const fn commits(self) -> Option<u32> {
        match self {
            Self::Tip => Some(1),
            Self::Last(depth) => Some(depth),
            Self::History => None,
        }
    }
}

/// One ref to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefUpdate {
    /// The full name.
    pub name: String,
    /// Where it must stand now; none: it must not exist.
    pub expected: Option<ObjectId>,
    /// Where it is to stand; [`ObjectId::nothing`]: it is to be deleted.
    pub target: ObjectId,
}

/// What to push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Push {
    /// The refs to move, in order: one is moved only if all before it were.
    pub updates: Vec<RefUpdate>,
    /// Whether it is known that the remote moves all of them or none, so that it need not be asked.
    pub together: bool,
    /// The objects that the remote may lack.
    pub objects: Vec<ObjectId>,
}

/// What came of one update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The ref stands where it was to stand.
    Done,
    /// The ref was not moved: it stands elsewhere than expected, or an update before it was not done.
    Stale(String),
    /// The remote forbids the move, however often it is tried: a protected branch, a hook.
    Forbidden(String),
    /// The answer was lost, and the ref stands neither where it was nor where it was to stand: somebody
    /// else moved it, before or *after* us.
    Unsettled(String),
}

/// Why the remote did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It did not answer, or with an error of its own; the next try may work.
    #[error("{0}")]
    Unreachable(String),
    /// It refused us.
    #[error("{reason}")]
    Denied {
        /// What it said.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// It answered something that makes no sense, or does not have what was asked for.
    #[error("{0}")]
    Broken(String),
    /// It is at hand, and what it holds there is unreadable or gone: asking again does not help.
    #[error("{place}: {reason}")]
    Damaged {
        /// The ref or the object.
        place: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied { reason, hint } => Self::permanent("git_denied", format!("{reason}.")).hint(hint),
            error => {
                Self::transient("git_unreachable", format!("The repository could not be reached: {error}."))
            }
        }
    }
}

impl From<objects::Error> for Error {
    fn from(error: objects::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Where a repository's refs and objects really live.
#[async_trait]
pub trait Remote: Send + Sync {
    /// The folder of the remote's objects, when it lies on this machine: an object database made beside
    /// it needs to fetch nothing.
    fn objects_folder(&self) -> Option<PathBuf> {
        None
    }

    /// The file that holds a ref, when the remote lies on this machine and keeps that ref in one of its own.
    fn ref_file(&self, name: &str) -> Option<PathBuf> {
        let _ = name;
        None
    }

    /// The refs whose full names begin with one of `prefixes`, sorted by name.
    async fn refs(&self, prefixes: &[&str]) -> Result<Vec<RemoteRef>, Error>;

    /// Fetches commits with their folders into `objects`. Where the remote can leave out the contents of
    /// files, it does.
    async fn fetch(&self, objects: &Objects, commits: &[ObjectId], depth: Depth) -> Result<(), Error>;

    /// Fetches one commit with all that is in it, contents included, at once where the remote can. What `known`
    /// holds, a commit that is here with all that is in it, need not come again.
    ///
    /// More or less may come than that: whoever reads the contents still asks for them with `fetch_blobs`, which
    /// costs nothing when they are here.
    async fn fetch_whole(
        &self,
        objects: &Objects,
        commit: ObjectId,
        known: Option<ObjectId>,
    ) -> Result<(), Error> {
        let _ = known;
        self.fetch(objects, &[commit], Depth::Tip).await
    }

    /// Fetches the contents of files; those that are here already are not asked for.
    async fn fetch_blobs(&self, objects: &Objects, blobs: &[ObjectId]) -> Result<(), Error>;

    /// Whether one push moves several refs or none of them, so that of two writers at once one moves them all.
    async fn moves_together(&self) -> Result<bool, Error> {
        Ok(true)
    }

    /// Moves refs by compare-and-swap and gives one outcome for each, in order. A lost answer is
    /// settled by asking where the refs stand.
    ///
    /// # Errors
    /// [`Error::Denied`] means that nothing was moved. After any other error it is not known, because the
    /// remote could not be asked any more.
    async fn push(&self, objects: &Objects, push: &Push) -> Result<Vec<Outcome>, Error>;
}

/// The ref of exactly this name.
///
/// # Errors
/// Those of [`Remote::refs`].
pub async fn find(remote: &dyn Remote, name: &str) -> Result<Option<RemoteRef>, Error> {
    Ok(remote.refs(&[name]).await?.into_iter().find(|found| found.name == name))
}

/// Whether git accepts `name` as the full name of a ref.
#[must_use]
pub fn is_ref_name(name: &str) -> bool {
    git2::Reference::is_valid_name(name)
}

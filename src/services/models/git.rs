//! What was learned, in the repository: a ref for each digest, at a commit that holds one file. Where the log is sealed,
//! so is that file.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;

use super::{FOLDER, Models};
use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::services::git::objects::{self, Draft, Entry, ObjectId, Objects};
use crate::services::git::remote::{self, Outcome, Push, RefUpdate, Remote};
use crate::services::seal::keyring::{AtWork, Beside, SEALED_FILE};

/// What was learned from labels: the folder of its refs, and the file in their commits.
const LEARNED: (&str, &str) = ("type", "What was learned from labelled issues: automata learn makes it anew");
/// What folders that are kept in step in Drive last agreed on.
const SYNCED: (&str, &str) =
    ("synced", "What a folder here and one in Drive last agreed on: without it nothing is deleted");
/// Digits of the digest that name a ref: more than enough for the few that are ever there at once.
const DIGITS: usize = 16;
/// As the log's own commits: `.invalid` is nobody's address (RFC 2606).
const AUTHOR: (&str, &str) = ("Automata", "automata@noreply.invalid");

/// What was learned, behind a remote.
pub struct GitModels {
    remote: Arc<dyn Remote>,
    objects: Objects,
    /// The name of what is kept, and what its commits say.
    sort: (&'static str, &'static str),
    /// What it is sealed as, and with.
    seal: (Beside, Arc<AtWork>),
    /// What was asked for last, and what was found.
    known: Mutex<Option<(String, Option<Vec<u8>>)>>,
}

impl GitModels {
    /// What is kept on `remote`.
    ///
    /// # Errors
    /// A transient failure when there is no room for temporary files.
    pub fn new(remote: Arc<dyn Remote>, seal: Arc<AtWork>) -> Result<Self, Failure> {
        Self::of(remote, LEARNED, (Beside::Learned, seal))
    }

    /// What folders that are kept in step agreed on, each under the digest of the pair's name: what is kept there later
    /// makes way for it.
    ///
    /// # Errors
    /// As [`GitModels::new`].
    pub fn synced(remote: Arc<dyn Remote>, seal: Arc<AtWork>) -> Result<Self, Failure> {
        Self::of(remote, SYNCED, (Beside::Synced, seal))
    }

    fn of(
        remote: Arc<dyn Remote>,
        sort: (&'static str, &'static str),
        seal: (Beside, Arc<AtWork>),
    ) -> Result<Self, Failure> {
        let objects = Objects::temporary(remote.objects_folder().as_deref())?;
        Ok(Self { remote, objects, sort, seal, known: Mutex::default() })
    }

    /// The bytes as they are stored.
    fn closed(&self, digest: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
        if self.seal.1.is_missing() {
            let told = "It is to be encrypted as the log is, whose keys are made with the next event that is recorded.";
            return Err(Failure::transient("no_keys_yet", told));
        }
        let Some(opener) = self.seal.1.opener() else { return Ok(None) };
        let closed = opener.close_beside(self.seal.0, &self.reference(digest), bytes);
        closed
            .map_err(|reason| Failure::permanent("not_sealed", format!("It could not be sealed: {reason}.")))
    }

    /// What was stored; none where it is sealed and cannot be opened.
    fn opened(&self, digest: &str, stored: Vec<u8>) -> Option<Vec<u8>> {
        match self.seal.1.opener() {
            Some(opener) => opener.open_beside(self.seal.0, &self.reference(digest), stored),
            None => (!stored.starts_with(SEALED_FILE)).then_some(stored),
        }
    }

    fn reference(&self, digest: &str) -> String {
        let digits: String = digest.chars().filter(char::is_ascii_hexdigit).take(DIGITS).collect();
        format!("{FOLDER}/{}/{digits}", self.sort.0)
    }

    async fn look_up(&self, digest: &str) -> Result<Option<Vec<u8>>, Failure> {
        let Some(found) = remote::find(&*self.remote, &self.reference(digest)).await? else {
            return Ok(None);
        };
        match self.remote.fetch_whole(&self.objects, found.target, None).await {
            // What cannot be read is as good as gone.
            Err(remote::Error::Damaged { .. } | remote::Error::Broken(_)) => return Ok(None),
            fetched => fetched?,
        }
        let Some(file) = self.file_in(found.target) else { return Ok(None) };
        match self.remote.fetch_blobs(&self.objects, &[file]).await {
            Err(remote::Error::Damaged { .. } | remote::Error::Broken(_)) => return Ok(None),
            fetched => fetched?,
        }
        Ok(self.objects.read_blob(file).ok().and_then(|stored| self.opened(digest, stored)))
    }

    fn file_in(&self, commit: ObjectId) -> Option<ObjectId> {
        let tree = self.objects.read_commit(commit).ok()?.tree;
        let files = self.objects.read_tree(tree).ok()?;
        files.into_iter().find(|file| file.name == self.sort.0.as_bytes()).map(|file| file.id)
    }

    /// The commit for these bytes, and all that is new in it. The same bytes give the same commit, whenever.
    fn write(&self, bytes: &[u8]) -> Result<(ObjectId, Vec<ObjectId>), objects::Error> {
        let file = self.objects.write_blob(bytes)?;
        let tree = self.objects.write_tree(&[Entry::file(self.sort.0, file)])?;
        let (parents, at) = (Vec::new(), Timestamp::from_millis(0));
        let draft = Draft { tree, parents, author: AUTHOR, at, message: self.sort.1 };
        let commit = self.objects.write_commit(&draft)?;
        Ok((commit, vec![file, tree, commit]))
    }

    async fn push(&self, updates: Vec<RefUpdate>, objects: Vec<ObjectId>) -> Result<(), Failure> {
        let push = Push { updates, together: false, objects };
        let outcomes = self.remote.push(&self.objects, &push).await?;
        match outcomes.into_iter().find(|outcome| *outcome != Outcome::Done) {
            None => Ok(()),
            Some(Outcome::Forbidden(reason)) => {
                Err(Failure::permanent("git_denied", format!("The remote forbids the push: {reason}."))
                    .hint(format!("Let this account push to refs below {FOLDER}.")))
            }
            Some(other) => {
                Err(Failure::transient("git_raced", format!("Another run was faster: {other:?}.")))
            }
        }
    }
}

#[async_trait]
impl Models for GitModels {
    async fn read(&self, digest: &str) -> Result<Option<Vec<u8>>, Failure> {
        // Held while it is fetched: tasks of one run that ask at once fetch it once.
        let mut known = self.known.lock().await;
        if let Some((_, bytes)) = known.as_ref().filter(|(of, _)| of == digest) {
            return Ok(bytes.clone());
        }
        let found = self.look_up(digest).await?;
        *known = Some((digest.to_owned(), found.clone()));
        Ok(found)
    }

    async fn keep(&self, digest: &str, bytes: &[u8]) -> Result<(), Failure> {
        let closed = self.closed(digest, bytes)?;
        let (commit, written) = self.write(closed.as_deref().unwrap_or(bytes))?;
        let name = self.reference(digest);
        let found = remote::find(&*self.remote, &name).await?;
        let expected = found.map(|found| found.target);
        if expected != Some(commit) {
            self.push(vec![RefUpdate { name, expected, target: commit }], written).await?;
        }
        *self.known.lock().await = Some((digest.to_owned(), Some(bytes.to_vec())));
        Ok(())
    }

    async fn tidy(&self, kept: &[&str]) -> Result<(), Failure> {
        let kept: Vec<String> = kept.iter().map(|digest| self.reference(digest)).collect();
        let refs = self.remote.refs(&[&format!("{FOLDER}/{}/", self.sort.0)]).await?;
        for found in refs.into_iter().filter(|found| !kept.contains(&found.name)) {
            let update =
                RefUpdate { name: found.name, expected: Some(found.target), target: ObjectId::nothing() };
            self.push(vec![update], Vec::new()).await?;
        }
        Ok(())
    }
}

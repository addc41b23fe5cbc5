//! Where the log of this world is kept.

use std::sync::Arc;

use super::World;
use super::outside::no_temporary;
use crate::app::failure::Ended;
use crate::config::StateBranch;
use crate::domain::failure::Failure;
use crate::log::EventLog;
use crate::services::git::local_remote::LocalRemote;
use crate::services::seal::age::Identity;
use crate::services::state::{self, GitLog, Sealing};

impl World {
    /// The log.
    ///
    /// # Errors
    /// As [`World::git_log`].
    pub fn log(&self) -> Result<Arc<dyn EventLog>, Ended> {
        match (&self.log, &self.ahead) {
            (Some(log), _) => Ok(Arc::clone(log)),
            (None, Some((branch, log)))
                if self.misplaced.is_none() && *branch == self.config.state.branch =>
            {
                self.seal(log);
                Ok(Arc::clone(log) as Arc<dyn EventLog>)
            }
            _ => Ok(Arc::new(self.working_log()?)),
        }
    }

    /// Where the refs of the log are now: asked for alone, which is the smallest request there is.
    ///
    /// # Errors
    /// When the remote does not answer.
    pub(in crate::app) async fn log_refs(&self) -> Result<Vec<String>, Ended> {
        let [branch, ..] = self.git_log()?.listed();
        let refs = self.remote.refs(&[&branch]).await.map_err(Failure::from)?;
        Ok(refs.into_iter().map(|found| format!("{} {}", found.target, found.name)).collect())
    }

    /// The log that is used instead of the one on the state branch.
    pub(in crate::app) fn kept_elsewhere(&self) -> Option<Arc<dyn EventLog>> {
        self.log.clone()
    }

    /// The log as what it is, a branch, for who only looks.
    ///
    /// # Errors
    /// When the configured name is no branch, or there is no room for temporary files.
    pub fn git_log(&self) -> Result<GitLog, Ended> {
        self.branch_log(true, false)
    }

    /// The log as a branch to write on: without the key that it needs it is not read.
    ///
    /// # Errors
    /// As [`World::git_log`].
    pub(in crate::app) fn working_log(&self) -> Result<GitLog, Ended> {
        self.branch_log(false, false)
    }

    /// As [`World::working_log`]; it remembers whose words it opens.
    ///
    /// # Errors
    /// As [`World::git_log`].
    pub(in crate::app) fn traced_log(&self) -> Result<GitLog, Ended> {
        self.branch_log(false, true)
    }

    fn branch_log(&self, is_only_looking: bool, is_tracing: bool) -> Result<GitLog, Ended> {
        if let Some(reason) = &self.misplaced {
            let hint = "Nothing can be recorded until `state.branch` names a branch of the log's own. Mend the file, then run this again.";
            return Err(Ended::usage(reason.clone(), hint));
        }
        let sealing = Sealing {
            identities: self.identities.clone(),
            repository: self.repository_id,
            entropy: Arc::clone(&self.entropy),
            is_only_looking,
            is_tracing,
            at_work: Arc::clone(&self.at_work),
        };
        let log = self.log_on(&self.config.state)?.with_sealing(sealing);
        self.seal(&log);
        Ok(log)
    }

    fn seal(&self, log: &GitLog) {
        let (extent, readers) = self.encryption.clone().unzip();
        log.seal_as(extent, readers.unwrap_or_default());
        log.trust_keys(self.config.state.encryption.trusted_keys.clone());
    }

    /// Has the log opened with these keys.
    #[must_use]
    pub fn with_identities(mut self, identities: Vec<Identity>) -> Self {
        self.identities = identities;
        self
    }

    /// The log in a clone on this machine, for who only looks.
    ///
    /// # Errors
    /// When there is no repository at `path`, or as [`World::git_log`].
    pub(in crate::app) fn log_in(&self, path: &std::path::Path) -> Result<GitLog, Ended> {
        let clone = LocalRemote::open(path, Arc::clone(&self.clock)).map_err(|error| {
            Ended::usage(
                error.to_string(),
                "Name the folder of a clone, or a file of `automata state export`.",
            )
        })?;
        let settings = state::Settings::on(&self.config.state.branch)
            .map_err(|error| Ended::usage(error.to_string(), ""))?;
        GitLog::new(Arc::new(clone), settings).map_err(|error| no_temporary(&error))
    }

    /// The log where a configuration wants it.
    ///
    /// # Errors
    /// As [`World::git_log`].
    pub(in crate::app) fn log_on(&self, place: &StateBranch) -> Result<GitLog, Ended> {
        let settings = state::Settings::on(&place.branch).map_err(|error| {
            Ended::usage(error.to_string(), "Look at `state.branch` in .github/automata.yml.")
        })?;
        GitLog::new(Arc::clone(&self.remote), settings).map_err(|error| no_temporary(&error))
    }
}

//! What a task of each kind does. One file for each kind, one entry for each in [`REGISTRY`].
//!
//! A task reads through ports, and changes the world only through [`Context::effect`].

mod allowance;
mod analyse;
mod as_of;
mod assign;
mod change;
mod check_run;
mod comment;
mod context;
mod drive_access;
mod drive_attach;
pub mod drive_audit;
mod drive_collect;
mod drive_export;
mod drive_folder;
mod drive_import;
mod drive_issue;
mod drive_organise;
mod drive_put;
mod drive_share;
pub mod drive_sync;
pub mod exec;
mod files;
mod follow;
mod gone_branch;
mod implement;
mod label;
pub mod learn;
mod lodge;
pub mod material;
mod milestone;
mod obey;
mod open_pull_request;
mod place;
mod registry;
mod rehearse;
mod remind;
mod replaced;
mod request_review;
mod revise;
mod rights;
mod set_field;
mod set_milestone;
mod set_state;
mod set_type;
mod signed;
mod slack;
mod tend;
mod told_before;
mod undo;
mod webhook;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::config::Config;
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, RepositoryName};
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::task::Task;
use crate::domain::time::Timestamp;
use crate::services::assistant::Assistant;
use crate::services::drive::{Drive, Manifest, Room};
use crate::services::entropy::Entropy;
use crate::services::git::Code;
use crate::services::github::GitHub;
use crate::services::models::Models;
use crate::services::process::Programs;
use crate::services::rehearsal::Rehearsals;
use crate::services::seal::Seal;
use crate::services::slack::Slack;
use crate::services::webhook::Webhooks;

pub use analyse::answers;
pub use context::{Announced, Announcement, Context, Journal, LOST_LEASE};
pub use registry::REGISTRY;
pub use slack::THREAD;

/// The ports that tasks reach the world through.
#[derive(Clone)]
pub struct Services {
    /// The repository's name, where it is known.
    pub repository: Option<RepositoryName>,
    /// The forge.
    pub github: Arc<dyn GitHub>,
    /// The repository's code.
    pub code: Arc<dyn Code>,
    /// Who can be asked for a change, in the order they are asked.
    pub assistants: Vec<Arc<dyn Assistant>>,
    /// What was learned; none where nothing is kept.
    pub models: Option<Arc<dyn Models>>,
    /// Other programs; none where none can be started.
    pub programs: Option<Arc<dyn Programs>>,
    /// Variables that plugins are handed.
    pub handed: exec::Handed,
    /// Google Drive; none where there are no credentials for it.
    pub drive: Option<Files>,
    /// Why there is none although there are credentials for it.
    pub no_drive: Option<Failure>,
    /// What a changed configuration would have done; none where there is no log to look back at.
    pub rehearsals: Option<Arc<dyn Rehearsals>>,
    /// Where others are told what happens.
    pub outlets: Outlets,
}

/// Where others are told what happens.
#[derive(Clone, Default)]
pub struct Outlets {
    /// The repository's page: `https://github.com/acme/widgets`.
    pub page: String,
    /// Slack; none where there are no credentials for it.
    pub slack: Option<Arc<dyn Slack>>,
    /// Other systems; none where the configuration names none.
    pub webhooks: Option<Arc<dyn Webhooks>>,
}

/// A Drive, and what is needed to go on with an upload in another process.
#[derive(Clone)]
pub struct Files {
    /// The Drive.
    pub drive: Arc<dyn Drive>,
    /// Seals the addresses of uploads for the log; without it an upload that was cut off begins anew.
    pub seal: Option<Arc<Seal>>,
    /// Randomness for sealing.
    pub entropy: Arc<Entropy>,
    /// What was last seen of it, on this machine; none where nothing can be kept.
    pub manifest: Option<Manifest>,
    /// Whether what goes up has room.
    pub room: Room,
    /// How the working copy came here.
    pub working_copy: WorkingCopy,
    /// The commit that a working copy is fetched at for this run; none where it stays, or that is not known.
    pub checked_out: Option<CommitId>,
    /// Where it is kept beside the log what folders in step last agreed on; none where there is no log.
    pub synced: Option<Arc<dyn Models>>,
}

/// How the working copy came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkingCopy {
    /// It stays from one run to the next, as on somebody's own machine.
    Stays,
    /// It is fetched for each run, as on a runner, at a commit of this time; none where that is not known.
    Fetched(Option<Timestamp>),
}

/// What a task leaves behind when it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// For the log: what was found or done.
    pub output: Payload,
    /// What to do next.
    pub follow_ups: Vec<TaskRequest>,
}

impl Done {
    /// Done, with `output` for the log.
    ///
    /// # Errors
    /// A permanent failure when `output` has no JSON form, which would be a bug.
    pub fn with<T: Serialize>(output: &T, follow_ups: Vec<TaskRequest>) -> Result<Self, Failure> {
        let output = Payload::of(output).map_err(|error| Failure::permanent("bug", error.to_string()))?;
        Ok(Self { output, follow_ups })
    }

    /// Done, and this is what happened, in a sentence.
    ///
    /// # Errors
    /// As [`Done::with`].
    pub fn note(note: &str, follow_ups: Vec<TaskRequest>) -> Result<Self, Failure> {
        Self::with(&serde_json::json!({ "note": note }), follow_ups)
    }
}

/// A task at work. Tasks of a run share one thread.
pub type Work<'a> = Pin<Box<dyn Future<Output = Result<Done, Failure>> + 'a>>;

/// A kind of task.
pub struct Kind {
    /// Its name in the log and in rules.
    pub name: &'static str,
    /// What it does, one sentence.
    pub about: &'static str,
    /// What holds when it is cut off and run again, one sentence.
    pub guarantee: &'static str,
    /// An input, as JSON.
    pub example: &'static str,
    /// Whether it changes anything outside; such tasks are passed over in observe mode.
    pub changes_outside: bool,
    /// Whether it keeps a processor busy rather than wait for the network.
    pub heavy: bool,
    /// Requests that make content on GitHub, about: what it takes from the budget that all runs share.
    pub writes: u32,
    /// Units of Google Drive's quota, about: what it takes from the budget that all runs share.
    pub drive_units: u32,
    /// How long a claim lasts before others may take the task.
    pub lease: fn(&Config) -> Duration,
    /// Does it.
    pub run: for<'a> fn(&'a Context<'a>) -> Work<'a>,
    /// What to do when it is given up: tell somebody.
    pub if_final: fn(&Task) -> Vec<TaskRequest>,
}

impl Kind {
    /// Does it. While Google Drive is away, or what it allows in a day is used up, the task waits and no attempt counts.
    ///
    /// # Errors
    /// Why it could not be done, and what another try can do about it.
    pub async fn carry_out(&self, context: &Context<'_>) -> Result<Done, Failure> {
        (self.run)(context).await.map_err(|failure| files::parked(context, failure))
    }
}

/// The kind of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Kind> {
    REGISTRY.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::input;

    #[test]
    fn every_kind_takes_its_example() {
        for kind in REGISTRY {
            let example: Payload = serde_json::from_str(kind.example).unwrap();
            assert_eq!(input::check(kind.name, &example), Ok(()), "{}", kind.name);
        }
    }
}

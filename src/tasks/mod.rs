//! What a task of each kind does. One file for each kind, one line for each in [`REGISTRY`].
//!
//! A task reads through ports, and changes the world only through [`Context::effect`].

mod allowance;
mod analyse;
mod assign;
mod change;
mod comment;
mod context;
mod drive_access;
mod drive_attach;
mod drive_collect;
mod drive_folder;
mod drive_import;
mod drive_issue;
mod drive_organise;
mod drive_put;
mod drive_share;
pub mod drive_sync;
mod files;
mod follow;
mod implement;
mod label;
mod lodge;
pub mod material;
mod milestone;
mod obey;
mod open_pull_request;
mod place;
mod remind;
mod request_review;
mod revise;
mod rights;
mod set_field;
mod set_milestone;
mod set_type;
mod signed;
mod tend;
mod undo;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::config::Config;
use crate::domain::failure::Failure;
use crate::domain::id::RepositoryName;
use crate::domain::input;
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::task::{DEFAULT_LEASE, Task};
use crate::services::assistant::Assistant;
use crate::services::drive::{Drive, Manifest};
use crate::services::entropy::Entropy;
use crate::services::git::Code;
use crate::services::github::GitHub;
use crate::services::models::Models;
use crate::services::process::Programs;
use crate::services::seal::Seal;

pub use context::{Announced, Announcement, Context, Journal, LOST_LEASE};

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
    /// Google Drive; none where there are no credentials for it.
    pub drive: Option<Files>,
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

/// Every kind there is.
pub const REGISTRY: &[Kind] = &[
    Kind {
        name: input::ANALYSE,
        about: "Reads an issue and finds its type, urgency, places in the code, owners and similar issues.",
        guarantee: "Changes nothing outside; running it again finds the same.",
        example: "{}",
        changes_outside: false,
        heavy: true,
        writes: 0,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(analyse::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::LABEL,
        about: "Adds and removes labels one by one; what a person took off stays off.",
        guarantee: "Adding a label twice is adding it once.",
        example: r#"{"add": ["bug"], "remove": []}"#,
        changes_outside: true,
        heavy: false,
        writes: 1,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(label::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::ASSIGN,
        about: "Assigns people, unless a person has assigned or unassigned somebody.",
        guarantee: "Assigning twice is assigning once.",
        example: r#"{"logins": ["mona"]}"#,
        changes_outside: true,
        heavy: false,
        writes: 1,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(assign::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::COMMENT,
        about: "Keeps the one status comment of an issue up to date, edited in place.",
        guarantee: "One comment: found by its marker before writing again, the oldest wins, copies are deleted.",
        example: "{}",
        changes_outside: true,
        heavy: false,
        writes: 1,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(comment::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::IMPLEMENT,
        about: "Asks the assistants for a change, commits it and pushes it on a branch of its own.",
        guarantee: "The same patch makes the same commit; the branch is moved by compare-and-swap.",
        example: r#"{"source": {"kind": "comment", "id": 7}}"#,
        changes_outside: true,
        heavy: true,
        writes: 0,
        drive_units: 0,
        lease: implement::lease,
        run: |context| Box::pin(implement::run(context)),
        if_final: comment::refresh,
    },
    Kind {
        name: input::OPEN_PULL_REQUEST,
        about: "Opens the (draft) pull request for a pushed branch.",
        guarantee: "GitHub allows one for each branch; an existing one is adopted.",
        example: r#"{"branch": "automata/issue-7", "commit": "<sha>", "base": "main", "base_commit": "<sha>", "title": "Fix it", "summary": "", "files": ["a.rs"], "added": 1, "removed": 1}"#,
        changes_outside: true,
        heavy: false,
        writes: 1,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(open_pull_request::run(context)),
        if_final: comment::refresh,
    },
    Kind {
        name: input::REVISE,
        about: "Goes on with our pull request after a review or failed checks: a commit on top of its branch, an answer in each thread.",
        guarantee: "The branch is moved by compare-and-swap, never forced; a thread is answered once, found again by a marker.",
        example: r#"{"source": {"kind": "review", "id": 7}}"#,
        changes_outside: true,
        heavy: true,
        writes: 2,
        drive_units: 0,
        lease: implement::lease,
        run: |context| Box::pin(revise::run(context)),
        if_final: comment::refresh,
    },
    Kind {
        name: input::TEND,
        about: "Sees to our pull request: brings its base in, merges it when it may be, and clears up afterwards.",
        guarantee: "GitHub merges the announced commit and no other; a branch is moved and deleted by compare-and-swap, never forced.",
        example: "{}",
        changes_outside: true,
        heavy: true,
        writes: 2,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(tend::run(context)),
        if_final: comment::refresh,
    },
    Kind {
        name: input::FOLLOW,
        about: "Looks for the pull request of whoever works on an issue elsewhere, and links it to the issue.",
        guarantee: "Changes nothing outside; running it again finds the same.",
        example: r#"{"assistant": "copilot-cloud", "names": ["Copilot"]}"#,
        changes_outside: false,
        heavy: false,
        writes: 0,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(follow::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::OBEY,
        about: "Judges what somebody said to Automata in a comment or by a dispatch, and does it.",
        guarantee: "What is ordered becomes durable together with its outcome, and an edited comment is heard once; one reaction of a sort on a comment.",
        example: r#"{"comment": 7, "actors": [{"kind": "person", "login": "mona"}], "lines": [{"word": "implement"}]}"#,
        // The log is changed in observe mode as well; the reaction is left out there.
        changes_outside: false,
        heavy: false,
        writes: 1,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(obey::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::UNDO,
        about: "Takes back what was done about an issue and nobody touched since, and says what it left.",
        guarantee: "Each thing is taken back once, announced before; a branch is deleted by compare-and-swap.",
        example: r#"{"what": "7zq3m0x1c2v4.1"}"#,
        changes_outside: true,
        heavy: false,
        writes: 2,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(undo::run(context)),
        if_final: comment::refresh,
    },
    Kind {
        name: input::MILESTONE,
        about: "Does nothing: a place that other tasks wait for, and that waits for others.",
        guarantee: "Changes nothing outside; reached twice is reached once.",
        example: "{}",
        changes_outside: false,
        heavy: false,
        writes: 0,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(milestone::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::SET_TYPE,
        about: "Sets the issue's type, one of the organisation's, unless it has one or a person cleared it.",
        guarantee: "Setting a type twice is setting it once.",
        example: r#"{"name": "Bug"}"#,
        changes_outside: true,
        heavy: false,
        writes: 1,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(set_type::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::SET_MILESTONE,
        about: "Plans the issue for a milestone that there is, unless it is planned or a person settled that.",
        guarantee: "Planning twice is planning once.",
        example: r#"{"title": "v2"}"#,
        changes_outside: true,
        heavy: false,
        writes: 1,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(set_milestone::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::SET_FIELD,
        about: "Puts the issue into a project and chooses an option of a field there.",
        guarantee: "An issue is in a project once; choosing twice is choosing once.",
        example: r#"{"project": 4, "field": "Status", "option": "Ready"}"#,
        changes_outside: true,
        heavy: false,
        writes: 2,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(set_field::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::REQUEST_REVIEW,
        about: "Asks people and teams for a review of our pull request.",
        guarantee: "Who is asked already is not asked again.",
        example: r#"{"logins": ["mona", "acme/core"]}"#,
        changes_outside: true,
        heavy: false,
        writes: 1,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(request_review::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::REMIND,
        about: "Looks whether what a report lacks has come; if not, says so, labels it or closes it as configured.",
        guarantee: "Closing a closed issue changes nothing; one that was answered meanwhile is left alone.",
        example: "{}",
        changes_outside: true,
        heavy: false,
        writes: 1,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(remind::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::DRIVE_PUT,
        about: "Puts a file of the working copy into a folder in Google Drive; a large one in parts.",
        guarantee: "Its id is durable before it is made, so there is never a second one; no part that Drive has is sent again.",
        example: r#"{"file": "dist/report.pdf", "folder": "docs:reports"}"#,
        changes_outside: true,
        heavy: false,
        writes: 0,
        drive_units: 1000,
        lease: drive_put::lease,
        run: |context| Box::pin(drive_put::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::DRIVE_ISSUE,
        about: "Opens an issue about something that changed in Google Drive, or says it in the one that is open.",
        guarantee: "One open issue for each file or folder, and one word for each change, found again by a marker.",
        example: r#"{"key": "1AbC", "title": "The plan changed", "labels": ["docs"], "change": {"place": "docs:plan.md", "what": "content"}}"#,
        changes_outside: true,
        heavy: false,
        writes: 1,
        drive_units: 0,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(drive_issue::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::DRIVE_IMPORT,
        about: "Brings a document of Google Drive into the repository by a pull request, and goes on with it when it changes.",
        guarantee: "The same document makes the same commit; the branch is moved by compare-and-swap, never forced, and is left alone once somebody else commits to it.",
        example: r#"{"to": "docs/"}"#,
        changes_outside: true,
        heavy: false,
        writes: 1,
        drive_units: 500,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(drive_import::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::DRIVE_FOLDER,
        about: "Makes the folder of an issue, or of its milestone, in Google Drive.",
        guarantee: "Its id is durable before it is made, so there is never a second one.",
        example: r#"{"folder": "docs:issues", "name": "{number} {title}"}"#,
        changes_outside: true,
        heavy: false,
        writes: 0,
        drive_units: 500,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(drive_folder::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::DRIVE_ATTACH,
        about: "Copies what is attached to an issue or a comment into the issue's folder in Google Drive.",
        guarantee: "The id of each copy is durable before it is made, so there is never a second one.",
        example: "{}",
        changes_outside: true,
        heavy: true,
        writes: 0,
        drive_units: 2_000,
        lease: drive_attach::lease,
        run: |context| Box::pin(drive_attach::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::DRIVE_SHARE,
        about: "Gives those who are assigned access to the issue's folder in Google Drive, and takes it back when they are not any more.",
        guarantee: "Giving access twice is giving it once; only access that is there because of us is taken away.",
        example: r#"{"role": "writer"}"#,
        changes_outside: true,
        heavy: false,
        writes: 0,
        drive_units: 1_000,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(drive_share::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::DRIVE_COLLECT,
        about: "Copies the assets of a release, or the artifacts of a workflow run, into Google Drive.",
        guarantee: "The id of each copy is durable before it is made, so there is never a second one.",
        example: r#"{"from": {"kind": "release", "id": 7}, "folder": "docs:releases", "name": "v1.0"}"#,
        changes_outside: true,
        heavy: true,
        writes: 0,
        drive_units: 2_000,
        lease: drive_attach::lease,
        run: |context| Box::pin(drive_collect::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::DRIVE_ACCESS,
        about: "Gives, changes or takes away access to something in Google Drive, or hands it over.",
        guarantee: "One change of a file after the other; looked at before and after, so that doing it again finds it done.",
        example: r#"{"file": "1AbCdEfGhIjK", "change": {"do": "give", "who": "mona@example.org", "role": "writer"}}"#,
        changes_outside: true,
        heavy: false,
        writes: 0,
        drive_units: 500,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(drive_access::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::DRIVE_ORGANISE,
        about: "Renames, moves, copies, trashes, restores or deletes something in Google Drive, or makes folders there.",
        guarantee: "In the order it was asked for; what somebody changed since is left alone; what is made has an id that is durable before.",
        example: r#"{"file": "1AbCdEfGhIjK", "action": {"do": "rename", "to": "report.pdf"}}"#,
        changes_outside: true,
        heavy: false,
        writes: 0,
        drive_units: 500,
        lease: |_| DEFAULT_LEASE,
        run: |context| Box::pin(drive_organise::run(context)),
        if_final: |_| Vec::new(),
    },
    Kind {
        name: input::DRIVE_SYNC,
        about: "Brings a folder of the working copy and one in Google Drive into step, as `drive.sync` says.",
        guarantee: "What is the same is left alone; ids are durable before anything is made with them; of what both sides changed both are kept.",
        example: r#"{"name": "guides"}"#,
        changes_outside: true,
        heavy: true,
        writes: 0,
        drive_units: 50_000,
        lease: drive_sync::lease,
        run: |context| Box::pin(drive_sync::run(context)),
        if_final: |_| Vec::new(),
    },
];

/// The kind of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Kind> {
    REGISTRY.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_takes_its_example() {
        for kind in REGISTRY {
            let example: Payload = serde_json::from_str(kind.example).unwrap();
            assert_eq!(input::check(kind.name, &example), Ok(()), "{}", kind.name);
        }
    }
}

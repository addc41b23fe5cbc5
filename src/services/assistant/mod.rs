//! The port to assistants: somebody who is asked for a change and hands back a patch.

pub mod patch;

use async_trait::async_trait;

use crate::domain::actor::Actor;
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;

/// What an assistant is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The issue to solve.
    pub issue: IssueNumber,
    /// Its title: text from a stranger.
    pub title: String,
    /// What people with write access said about it, the issue's own text first when its author has it.
    pub texts: Vec<TrustedText>,
    /// What these were picked from, a clause for people: `Looked at the issue's text`.
    pub searched: String,
}

/// Text by somebody whose permission to push was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedText {
    /// Who wrote it.
    pub author: Actor,
    /// Where it stands, for people: `the issue`, `a comment of 2026-11-22`.
    pub place: String,
    /// What it says.
    pub body: String,
}

/// What an assistant hands back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// A unified diff against the default branch.
    pub patch: String,
    /// What it does and where it comes from, a sentence or two for the pull request.
    pub summary: String,
}

/// Somebody who can be asked for a change.
#[async_trait]
pub trait Assistant: Send + Sync {
    /// Its name in the configuration: `patch`.
    fn name(&self) -> &'static str;

    /// Asks for a change.
    ///
    /// # Errors
    /// A permanent failure with the code `nothing_to_propose` when it has no answer, so that the next
    /// assistant in the list is asked.
    async fn propose(&self, request: &Request) -> Result<Proposal, Failure>;
}

//! The port to assistants: somebody who is asked for a change and hands it back, as a patch or in a folder; some also judge.

pub mod absent;
pub mod command;
pub mod copilot_cloud;
pub mod model;
pub mod noted;
pub mod patch;
pub mod person;
mod threads;

use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;

use crate::domain::actor::Actor;
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::usage::Usage;

pub use threads::{Answered, Answers, answers, schema};

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
    /// The whole task in words for those who read: instructions first, then what is known, with every text of a
    /// stranger clamped and set apart.
    pub prompt: String,
    /// A folder of its own with the files that the change is for, where [`Assistant::needs_folder`] says so.
    pub folder: Option<PathBuf>,
    /// How much may be used up.
    pub allowance: Allowance,
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

/// What one attempt may use up. Whoever reaches a limit stops and says which one it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Time, from the question to the answer.
    pub time: Duration,
    /// Answers of a model that are followed by another question.
    pub steps: u32,
    /// Tokens in both directions.
    pub tokens: u64,
    /// Money, in millionths of a US dollar; counted only where prices are known.
    pub micro_dollars: u64,
}

impl Default for Allowance {
    /// Ten minutes, 60 steps, a million tokens, five dollars: a small change made with room to spare.
    fn default() -> Self {
        let time = Duration::from_secs(10 * 60);
        Self { time, steps: 60, tokens: 1_000_000, micro_dollars: 5_000_000 }
    }
}

/// Where a proposed change is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A unified diff against the default branch.
    Patch(String),
    /// In the folder that came with the request: its files are as they should be now.
    Folder,
    /// Nowhere: somebody else works on it from now on, and their own pull request or word is what to wait for.
    Elsewhere {
        /// Who: the login that is, or is to be, among the issue's assignees.
        who: Login,
        /// Whether they are assigned already; otherwise that is what to do next.
        is_assigned: bool,
        /// An agent that [`Assistant::take_on`] hands the issue to, and the logins under which it may show up. None
        /// of a person, who is assigned by the task kind `assign`.
        agent: Option<Vec<Login>>,
    },
}

/// What an assistant hands back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The change.
    pub change: Change,
    /// What it does and where it comes from, a sentence or two for the pull request.
    pub summary: String,
}

/// What came of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// A change; or a failure, with the code [`NOTHING`] when the assistant has no answer.
    pub outcome: Result<Proposal, Failure>,
    /// What was used up, also by an attempt that failed.
    pub usage: Usage,
    /// What it says in threads of a review, also where it made no change.
    pub answers: Answers,
}

/// What an assistant is asked to judge. It changes nothing; what its words lead to is not its to say.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// All that it is to know, with every text of a stranger clamped and set apart.
    pub prompt: String,
    /// The JSON Schema of the answer.
    pub schema: serde_json::Value,
    /// How much may be used up.
    pub allowance: Allowance,
}

/// What came of asking for a judgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The answer as it came: meant to be JSON of the asked shape, and not looked at yet. Or a failure, with the code
    /// [`NO_JUDGE`] when the assistant only makes changes.
    pub outcome: Result<String, Failure>,
    /// What was used up, also by an attempt that failed.
    pub usage: Usage,
}

/// The code of the permanent failure of an assistant that only makes changes.
pub const NO_JUDGE: &str = "cannot_judge";

/// The code of the permanent failure of an assistant that has no change to propose: the next one is asked.
pub const NOTHING: &str = "nothing_to_propose";

/// Somebody who can be asked for a change.
#[async_trait]
pub trait Assistant: Send + Sync {
    /// Its name in the configuration: `patch`.
    fn name(&self) -> &str;

    /// Whether it works in a folder with the repository's files.
    fn needs_folder(&self) -> bool;

    /// Asks for a change. Whoever drops the future ends the work: processes are killed, requests cut off.
    async fn propose(&self, request: &Request) -> Answer;

    /// Asks for a judgement. Whoever drops the future ends the work.
    async fn judge(&self, _question: &Question) -> Judgement {
        let message = format!("`{}` makes changes and judges nothing", self.name());
        let failure = Failure::permanent(NO_JUDGE, message)
            .hint("Name an assistant of the kind `openai` or `anthropic` under `triage.assistant`.");
        Judgement { outcome: Err(failure), usage: Usage::default() }
    }

    /// Hands the issue to an agent that works elsewhere. Asked twice, it is handed over once.
    async fn take_on(&self, _issue: IssueNumber) -> Result<(), Failure> {
        Err(Failure::permanent("bug", format!("{} takes no issue on", self.name())))
    }

    /// Whether the agent has the issue.
    async fn has_taken_on(&self, _issue: IssueNumber) -> Result<bool, Failure> {
        Ok(false)
    }
}

//! What happened outside, in our words: intake makes these out of GitHub's JSON, the log keeps them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use super::id::{IssueNumber, Login, TriggerIdentity};
use super::payload::Payload;
use super::subject::Subject;
use super::time::Timestamp;
use super::untrusted::Excerpt;

/// Something happened outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    /// Its name; two tellings of the same thing have the same.
    pub identity: TriggerIdentity,
    /// GitHub's event name: `issues`, `issue_comment`, `schedule`.
    pub event: String,
    /// GitHub's action: `opened`, `created`. Events without one (push, schedule) have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// When it happened, as GitHub says.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// What it is about.
    pub subject: Subject,
    /// How many times in a row automation has answered automation to get here; 0 when a person acted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub hops: u8,
    /// The part that differs by event.
    pub about: About,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(hops: &u8) -> bool {
    *hops == 0
}

/// What GitHub concludes of a workflow run that a person has to let run first.
const ACTION_REQUIRED: &str = "action_required";

impl Trigger {
    /// Whether it tells of a workflow run that waits until a person lets it run.
    #[must_use]
    pub fn waits_for_approval(&self) -> bool {
        let About::WorkflowRun { conclusion, .. } = &self.about else { return false };
        conclusion.as_deref() == Some(ACTION_REQUIRED)
    }

    /// Whoever wrote the text that it is about, who need not be the one who acted: people label and close what others wrote.
    #[must_use]
    pub const fn writer(&self) -> Option<&Login> {
        let author = match &self.about {
            About::Issue { issue, .. } => &issue.author,
            About::Comment { comment, .. } | About::ReviewComment { comment, .. } => &comment.author,
            About::Pull { pull, .. } => &pull.author,
            About::Review { review, .. } => &review.author,
            _ => return None,
        };
        Some(&author.login)
    }

    /// `issues.opened`, or just `schedule` where there is no action: what a rule's `on` names.
    #[must_use]
    pub fn name(&self) -> String {
        self.action.as_ref().map_or_else(|| self.event.clone(), |action| format!("{}.{action}", self.event))
    }

    /// The digest of the title and the text of what it is about, as it shows them.
    #[must_use]
    pub const fn written(&self) -> Option<&String> {
        match &self.about {
            About::Issue { issue, .. } | About::Comment { issue, .. } => issue.written.as_ref(),
            About::Pull { pull, .. } | About::Review { pull, .. } | About::ReviewComment { pull, .. } => {
                pull.written.as_ref()
            }
            _ => None,
        }
    }

    /// It was not told by an event but found later: the text that comes with it is that of now, and not what whoever acted
    /// could see.
    pub fn found_later(&mut self) {
        match &mut self.about {
            About::Issue { issue, .. } | About::Comment { issue, .. } => issue.written = None,
            About::Pull { pull, .. } | About::Review { pull, .. } | About::ReviewComment { pull, .. } => {
                pull.written = None;
            }
            _ => {}
        }
    }

    /// The issue (or pull request in its issue's clothes) that it is about.
    #[must_use]
    pub const fn issue(&self) -> Option<&IssueFacts> {
        match &self.about {
            About::Issue { issue, .. } | About::Comment { issue, .. } => Some(issue),
            _ => None,
        }
    }
}

/// Conclusions of a workflow run after which there is something to repair; a cancelled one says nothing.
const FAILED: [&str; 2] = ["failure", "timed_out"];

/// Whether a workflow run that ended like this has failed.
#[must_use]
pub fn has_failed(conclusion: &str) -> bool {
    FAILED.contains(&conclusion)
}

/// The part of a trigger that differs by event. Tagged from outside: inside an internal tag a
/// [`Payload`] cannot be read back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// `issues`: something happened to an issue.
    Issue {
        /// The issue afterwards.
        issue: IssueFacts,
        /// What changed, for the actions that name something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<Change>,
    },
    /// `issue_comment`: someone wrote on an issue or a pull request.
    Comment {
        /// The issue it stands on.
        issue: IssueFacts,
        /// The comment.
        comment: CommentFacts,
    },
    /// `pull_request` and `pull_request_target`.
    Pull {
        /// The pull request afterwards.
        pull: PullFacts,
        /// What changed, for the actions that name something.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        change: Option<Change>,
    },
    /// `pull_request_review`.
    Review {
        /// The pull request reviewed.
        pull: PullFacts,
        /// The review.
        review: ReviewFacts,
    },
    /// `pull_request_review_comment`.
    ReviewComment {
        /// The pull request.
        pull: PullFacts,
        /// The comment.
        comment: CommentFacts,
        /// The file it stands on.
        path: String,
        /// The line in the new file, where GitHub still knows it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        line: Option<u64>,
    },
    /// `label`: a label of the repository was made, changed or deleted.
    Label {
        /// Its name now.
        name: String,
        /// Its name before, when it was renamed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<String>,
    },
    /// `workflow_run`: another workflow moved.
    WorkflowRun {
        /// GitHub's id of the run.
        id: u64,
        /// The workflow's name.
        name: String,
        /// `success`, `failure` …; none while it runs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conclusion: Option<String>,
        /// The commit it ran on.
        head: String,
        /// The branch it ran on, where GitHub names one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        branch: Option<String>,
    },
    /// `release`: a release was published.
    Release {
        /// GitHub's id of the release.
        id: u64,
        /// The tag that it stands on.
        tag: String,
        /// Its name; empty when it has none.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
    },
    /// `schedule`: the clock.
    Schedule {
        /// The cron line that fired.
        cron: String,
    },
    /// `workflow_dispatch`: somebody pressed the button.
    Dispatch {
        /// The form's fields.
        inputs: BTreeMap<String, String>,
    },
    /// `repository_dispatch`: another system called.
    RepositoryDispatch {
        /// The caller's event type.
        event_type: String,
        /// The caller's data.
        client_payload: Payload,
    },
    /// `push`.
    Push {
        /// The full ref name.
        reference: String,
        /// The commit before; all zeros when the ref is new.
        before: String,
        /// The commit after; all zeros when the ref is gone.
        after: String,
    },
}

/// Whether an issue or pull request is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenState {
    /// Open.
    #[default]
    Open,
    /// Closed, for whatever reason.
    Closed,
}

/// An issue as the outside showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueFacts {
    /// Its number.
    pub number: IssueNumber,
    /// Its title.
    pub title: Excerpt,
    /// Its text.
    pub body: Excerpt,
    /// Digest of its title and its whole text, by which it is seen that they were exchanged; none where it was not told, but
    /// found later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
    /// Who opened it.
    pub author: Actor,
    /// Open or closed.
    #[serde(default)]
    pub state: OpenState,
    /// The names of its labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Who is assigned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<Login>,
    /// Whether the number belongs to a pull request.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_pull: bool,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A comment as the outside showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentFacts {
    /// GitHub's id.
    pub id: u64,
    /// Who wrote it.
    pub author: Actor,
    /// What it says.
    pub body: Excerpt,
    /// When it was written.
    pub created_at: Timestamp,
}

/// A pull request as the outside showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullFacts {
    /// Its number.
    pub number: IssueNumber,
    /// Its title.
    pub title: Excerpt,
    /// Its text.
    pub body: Excerpt,
    /// Digest of its title and its whole text, by which it is seen that they were exchanged; none where it was not told, but
    /// found later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
    /// Who opened it.
    pub author: Actor,
    /// Open or closed.
    #[serde(default)]
    pub state: OpenState,
    /// Whether it was merged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub merged: bool,
    /// Whether it is a draft.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub draft: bool,
    /// The branch it comes from.
    pub head: String,
    /// The commit it comes from.
    pub head_commit: String,
    /// The branch it goes to.
    pub base: String,
    /// Whether it comes from another repository.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_fork: bool,
    /// The names of its labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

/// A review as the outside showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewFacts {
    /// GitHub's id.
    pub id: u64,
    /// Who wrote it.
    pub author: Actor,
    /// `approved`, `changes_requested`, `commented`, `dismissed`.
    pub state: String,
    /// What it says.
    pub body: Excerpt,
}

/// What an action named: the label of `labeled`, the assignee of `assigned`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A label was added or removed.
    Label(String),
    /// Somebody was assigned or unassigned.
    Assignee(Login),
    /// A milestone was set or cleared.
    Milestone(String),
    /// An issue type was set or cleared.
    Type(String),
    /// A field was set or cleared.
    Field(String),
}

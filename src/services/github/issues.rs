//! Issues, comments, labels and what else of a repository is asked for, in plain types.

use crate::domain::actor::Actor;
use crate::domain::id::IssueNumber;
use crate::domain::id::Login;
use crate::domain::time::Timestamp;
use crate::domain::trigger::OpenState;

/// An issue, whole: its text is not cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// Its number.
    pub number: IssueNumber,
    /// Its title.
    pub title: String,
    /// Its text; empty when there is none.
    pub body: String,
    /// Who opened it.
    pub author: Actor,
    /// Open or closed.
    pub state: OpenState,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// Who is assigned.
    pub assignees: Vec<Login>,
    /// Whether the number belongs to a pull request.
    pub is_pull: bool,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The page a person looks at.
    pub url: String,
    /// How many reactions it has.
    pub reactions: u64,
    /// The title of the milestone that it is planned for.
    pub milestone: Option<String>,
    /// The issue type that it has; none where the organisation has none.
    pub issue_type: Option<String>,
}

/// A comment on an issue or a pull request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// GitHub's id.
    pub id: u64,
    /// Who wrote it.
    pub author: Actor,
    /// What it says.
    pub body: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When its text changed last.
    pub updated_at: Timestamp,
    /// The page a person looks at.
    pub url: String,
}

/// A label of the repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its name; GitHub compares names without case.
    pub name: String,
    /// Six hexadecimal digits without `#`.
    pub color: String,
    /// What it means; empty when nobody said.
    pub description: String,
}

/// A commit that changed a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileCommit {
    /// Who wrote it; none where GitHub knows no account for the address in the commit.
    pub author: Option<Actor>,
    /// The first line of its message: text from whoever wrote it.
    pub subject: String,
}

/// The repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// The branch that counts.
    pub default_branch: String,
    /// The page a person looks at.
    pub url: String,
}

/// How another run of ours is doing: the evidence by which a lease ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It is queued or works.
    Alive,
    /// It has ended, one way or another.
    Ended,
    /// Nobody can tell.
    Unknown,
}

/// What a reaction on a comment says without words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// It was seen, and work has begun.
    Eyes,
    /// It is done.
    ThumbsUp,
    /// It was not understood, or may not be.
    Confused,
}

impl Reaction {
    /// GitHub's name for it (docs.github.com, "REST API endpoints for reactions").
    #[must_use]
    pub const fn content(self) -> &'static str {
        match self {
            Self::Eyes => "eyes",
            Self::ThumbsUp => "+1",
            Self::Confused => "confused",
        }
    }
}

/// Which issues to list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssueQuery {
    /// Only those that changed at or after this time.
    pub since: Option<Timestamp>,
    /// Only the open ones; otherwise all.
    pub open_only: bool,
}

/// The value of a field: in a project of the repository's owner, or of the organisation's own fields for issues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldValue {
    /// The project's number; none for a field of the organisation's.
    pub project: Option<u64>,
    /// The field's name.
    pub field: String,
    /// The option's name; for other sorts of fields the text, the number or the date.
    pub option: String,
}

/// What came of choosing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldSet {
    /// It is so.
    Done {
        /// What it had before; none for nothing.
        before: Option<String>,
    },
    /// It cannot be: why, a clause for a person.
    Not(String),
}

/// What came of setting a field back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldBack {
    /// It has what it had before.
    Done,
    /// Somebody has given it another value since.
    Touched,
    /// It cannot be: why, a clause for a person.
    Not(String),
}

/// What to list whole, as GitHub writes it: by this, what no event told is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// Issues and pull requests (these in the clothes of issues) that changed at or after this time.
    Issues(Timestamp),
    /// Comments on issues and pull requests that changed at or after this time.
    Comments(Timestamp),
    /// Comments on lines of pull requests that changed at or after this time.
    ReviewComments(Timestamp),
    /// One issue, or a pull request in the clothes of one; nothing when there is none of that number.
    Issue(IssueNumber),
    /// One pull request; nothing when there is none of that number.
    Pull(IssueNumber),
    /// The reviews of a pull request.
    Reviews(IssueNumber),
}

/// What came of asking whether a list still looks as it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// It does.
    Same,
    /// It does not, or that cannot be told.
    New {
        /// Its objects.
        documents: Vec<String>,
        /// By what it can be asked about next time.
        tag: Option<String>,
    },
}

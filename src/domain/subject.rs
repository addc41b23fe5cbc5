//! What an event is about. Events of one subject are read together; the log itself is one stream.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::id::IssueNumber;
use super::watched::DriveKey;

/// What an event is about, written `issue/42`, `pull/7`, `drive/1AbC` or `repository`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Subject {
    /// One issue.
    Issue(IssueNumber),
    /// One pull request.
    Pull(IssueNumber),
    /// One file or folder in Google Drive.
    Drive(DriveKey),
    /// The repository as a whole: schedules, pushes, labels.
    Repository,
}

/// The text names no subject.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a subject: write issue/42, pull/7, drive/ID or repository")]
pub struct NotASubject(String);

/// Which subjects are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All.
    Everything,
    /// Issues and pull requests.
    Numbered,
    /// Issues.
    Issues,
    /// Pull requests.
    Pulls,
    /// Files and folders in Drive.
    Files,
}

impl Scope {
    /// Whether this subject is one of them.
    #[must_use]
    pub const fn covers(self, subject: Subject) -> bool {
        match self {
            Self::Everything => true,
            Self::Numbered => subject.number().is_some(),
            Self::Issues => matches!(subject, Subject::Issue(_)),
            Self::Pulls => matches!(subject, Subject::Pull(_)),
            Self::Files => matches!(subject, Subject::Drive(_)),
        }
    }
}

impl Subject {
    /// Reads what a person wrote: numbers begin at 1. What the log keeps is read by [`FromStr`], which takes any.
    ///
    /// # Errors
    /// [`NotASubject`] when it names none.
    pub fn said(text: &str) -> Result<Self, NotASubject> {
        match text.parse()? {
            Self::Issue(IssueNumber(0)) | Self::Pull(IssueNumber(0)) => Err(NotASubject(text.to_owned())),
            subject => Ok(subject),
        }
    }

    /// The number of the issue or pull request.
    #[must_use]
    pub const fn number(self) -> Option<IssueNumber> {
        match self {
            Self::Issue(number) | Self::Pull(number) => Some(number),
            Self::Drive(_) | Self::Repository => None,
        }
    }

    /// The file or folder in Drive.
    #[must_use]
    pub const fn item(self) -> Option<DriveKey> {
        match self {
            Self::Drive(item) => Some(item),
            _ => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issue(number) => write!(f, "issue/{number}"),
            Self::Pull(number) => write!(f, "pull/{number}"),
            Self::Drive(item) => write!(f, "drive/{item}"),
            Self::Repository => f.write_str("repository"),
        }
    }
}

impl FromStr for Subject {
    type Err = NotASubject;

    fn from_str(text: &str) -> Result<Self, NotASubject> {
        let number = |digits: &str| digits.parse().map(IssueNumber).map_err(|_| NotASubject(text.to_owned()));
        match text.split_once('/') {
            None if text == "repository" => Ok(Self::Repository),
            Some(("issue", digits)) => number(digits).map(Self::Issue),
            Some(("pull", digits)) => number(digits).map(Self::Pull),
            Some(("drive", id)) => id.parse().map(Self::Drive).map_err(|_| NotASubject(text.to_owned())),
            _ => Err(NotASubject(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Subject {
    type Error = NotASubject;
    fn try_from(text: String) -> Result<Self, NotASubject> {
        text.parse()
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.to_string()
    }
}

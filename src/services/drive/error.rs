//! What Drive said no with: its reason, what that means for another try, and what a person can do.

mod reason;

use std::fmt;

pub use self::reason::Reason;
use super::file::File;
use super::id::NotAnId;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;

/// Characters of a name that an error shows.
const NAME: usize = 80;

/// What another try can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It may work the next time.
    Transient,
    /// We were too fast. Drive rarely says for how long, so there may be no time.
    RateLimited(Option<Timestamp>),
    /// Something has run full, or over a day's allowance: somebody makes room, or it is another day.
    Quota,
    /// The credentials do not do.
    Auth,
    /// It will not work however often it is tried.
    Permanent,
}

/// Why a call did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// What Drive, or we, call it.
    pub reason: Reason,
    /// What another try can do about it.
    pub class: Class,
    /// The status of the answer; none when there was none.
    pub status: Option<u16>,
    /// What happened, one sentence without its full stop. It holds no secret.
    pub message: String,
    /// What to do next: whole sentences.
    pub hint: Option<String>,
}

impl Error {
    /// An error with the class and the hint that its reason has.
    #[must_use]
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        let hint = reason.hint().map(ToOwned::to_owned);
        Self { class: reason.class(), reason, status: None, message: message.into(), hint }
    }

    /// That what is in a folder is not for us to see.
    #[must_use]
    pub fn unlistable(folder: &File) -> Self {
        let told = format!("this account does not see what is in `{}`", one_line(&folder.name, NAME));
        Self::new(Reason::Unlistable, told)
    }

    /// That something is in the trash.
    #[must_use]
    pub fn in_trash(file: &File) -> Self {
        Self::new(
            Reason::InTrash,
            format!("`{}` (id:{}) is in the trash", one_line(&file.name, NAME), file.id),
        )
    }

    /// With the status of the answer.
    #[must_use]
    pub const fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// With another hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether what was asked for is not there, or not for us to see: Drive does not tell these apart.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self.reason, Reason::NotFound | Reason::PermissionNotFound)
    }

    /// Whether something does not become the format that was asked for.
    #[must_use]
    pub const fn is_no_format(&self) -> bool {
        matches!(self.reason, Reason::NotExportable | Reason::BadRequest)
    }

    /// Whether nobody answered, or Google has trouble of its own.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.reason == Reason::Unreachable || self.status.is_some_and(|status| status >= 500)
    }

    /// Whether what a day allows is used up, so that the same call may succeed on another day.
    #[must_use]
    pub const fn is_for_another_day(&self) -> bool {
        matches!(self.reason, Reason::DailyLimit | Reason::UploadAllowance | Reason::DownloadLimit)
    }

    /// Whether the same call may succeed soon.
    #[must_use]
    pub const fn may_pass(&self) -> bool {
        matches!(self.class, Class::Transient | Class::RateLimited(_))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let class = match error.class {
            Class::Transient | Class::RateLimited(None) => FailureClass::Transient,
            Class::RateLimited(Some(until)) => FailureClass::RateLimited(until),
            Class::Quota | Class::Auth | Class::Permanent => FailureClass::Permanent,
        };
        let code = format!("drive_{}", error.reason.code());
        Self { class, code, message: error.message, hint: error.hint }
    }
}

impl From<NotAnId> for Error {
    fn from(error: NotAnId) -> Self {
        Self::new(Reason::InvalidId, error.to_string())
    }
}

#[cfg(test)]
mod tests;

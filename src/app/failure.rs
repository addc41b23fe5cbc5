//! An error for a person: kind, message, hints; the kind fixes the exit code.

use std::fmt;
use std::panic::UnwindSafe;
use std::process::ExitCode;

use super::session;
use crate::domain::failure::{Failure, FailureClass};
use crate::log;

/// What sort of error ended the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Work failed for good.
    Work,
    /// The command line, the configuration or the payload is wrong.
    Usage,
    /// Conflicts or an unreachable service: nothing is half-done, it is safe to run again.
    Again,
    /// A bug of ours.
    Bug,
}

impl Kind {
    /// The process's exit code.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Work => 1,
            Self::Usage => 2,
            Self::Again => 3,
            Self::Bug => 70,
        }
    }

    /// The name for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Work => "work",
            Self::Usage => "usage",
            Self::Again => "again",
            Self::Bug => "bug",
        }
    }

    /// The word before the message.
    #[must_use]
    pub const fn heading(self) -> &'static str {
        match self {
            Self::Work => "failed",
            Self::Usage => "error",
            Self::Again => "gave up for now",
            Self::Bug => "bug",
        }
    }
}

/// Hints are sentences, also where they began life as clauses.
fn capital(hint: &str) -> String {
    let mut letters = hint.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// What to do after [`Kind::Again`].
const RUN_AGAIN: &str = "Nothing was half-written. Run it again, or wait for the next run.";

/// An error for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// What sort.
    pub kind: Kind,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub hints: Vec<String>,
}

impl Ended {
    /// Something is wrong with what we were given.
    #[must_use]
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { kind: Kind::Usage, message: message.into(), hints: vec![capital(&hint.into())] }
    }

    /// A setting of the environment cannot be used.
    #[must_use]
    pub fn setting(failure: Failure) -> Self {
        let hints = failure.hint.clone().into_iter().collect();
        Self { kind: Kind::Usage, message: failure.to_string(), hints }
    }

    /// Something happened that cannot happen.
    #[must_use]
    pub fn bug(what: impl fmt::Display) -> Self {
        Self {
            kind: Kind::Bug,
            message: what.to_string(),
            hints: vec!["Please report it, with what was printed before this line.".to_owned()],
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Ended {}

impl From<log::Error> for Ended {
    fn from(error: log::Error) -> Self {
        let (kind, hint) = match &error {
            log::Error::Conflict | log::Error::Unreachable(_) => (Kind::Again, RUN_AGAIN.to_owned()),
            log::Error::SetBack { ways_out, .. } => {
                let still =
                    "Nothing is written until you have decided; `automata log` shows all that is known.";
                let hints = std::iter::once(still.to_owned()).chain(ways_out.iter().cloned()).collect();
                return Self { kind: Kind::Work, message: error.to_string(), hints };
            }
            log::Error::NotALog(_) => {
                (Kind::Usage, "Name another branch in `state.branch` of .github/automata.yml.".to_owned())
            }
            log::Error::Damaged { ways_out, .. } => {
                let mut still =
                    "Nothing is written until the branch is whole again. `automata log` shows what can be \
                     read; if `state.branch` in .github/automata.yml names a branch of your own, correct that"
                        .to_owned();
                still.push_str(match ways_out.as_slice() {
                    [] => "; else push the last good commit of the state branch back, or name a new branch there.",
                    _ => ".",
                });
                let hints = std::iter::once(still).chain(ways_out.iter().cloned()).collect();
                return Self { kind: Kind::Work, message: error.to_string(), hints };
            }
            log::Error::Newer { .. } => (
                Kind::Usage,
                "Update the action to the version that wrote the log, or a later one.".to_owned(),
            ),
            log::Error::Denied { hint, .. }
            | log::Error::Misplaced { hint, .. }
            | log::Error::Locked { hint, .. } => (Kind::Usage, hint.clone()),
        };
        Self { kind, message: error.to_string(), hints: vec![hint] }
    }
}

impl From<session::Error> for Ended {
    fn from(error: session::Error) -> Self {
        match error {
            session::Error::Log(error) => error.into(),
            session::Error::GaveUp(_) => {
                Self { kind: Kind::Again, message: error.to_string(), hints: vec![RUN_AGAIN.to_owned()] }
            }
            session::Error::Unfoldable(_) => Self {
                kind: Kind::Work,
                message: error.to_string(),
                hints: vec!["`automata verify` shows the place; see docs/trouble.md of Automata.".to_owned()],
            },
        }
    }
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        let kind = match failure.class {
            FailureClass::Permanent => Kind::Work,
            FailureClass::Transient | FailureClass::RateLimited(_) => Kind::Again,
        };
        let again = (kind == Kind::Again).then(|| RUN_AGAIN.to_owned());
        Self { kind, message: failure.to_string(), hints: failure.hint.into_iter().chain(again).collect() }
    }
}

/// Does `work`; a panic in it, whose place has been printed by then, gives the exit code of a bug.
pub(super) fn guarded(work: impl FnOnce() -> ExitCode + UnwindSafe) -> ExitCode {
    std::panic::catch_unwind(work).unwrap_or_else(|_| ExitCode::from(Kind::Bug.exit_code()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_bug_and_not_a_code_that_means_something_else() {
        let code = guarded(|| panic!("on purpose"));
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::from(70)));
    }
}

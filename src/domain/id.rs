//! Names of things: one newtype for each identifier, checked where it is made.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Place of an event in the log: the first event is 1, and there are no gaps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sequence(pub u64);

impl Sequence {
    /// The empty log.
    pub const ZERO: Self = Self(0);

    /// The place after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// The place `steps` after this one.
    #[must_use]
    pub const fn plus(self, steps: u64) -> Self {
        Self(self.0 + steps)
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Number of an issue or a pull request; GitHub counts both in one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IssueNumber(pub u64);

impl fmt::Display for IssueNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the text as it is.
            #[must_use]
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    };
}

text_id! {
    /// Identity of a command: drawn at random once, kept when the command is decided again on a
    /// newer head, so that whatever it makes has the same ids each time.
    CommandId
}
text_id! {
    /// A task: the command that enqueued it, a dot, and its place among that command's tasks.
    TaskId
}
text_id! {
    /// An effect: its task, a slash, and the step inside the task.
    EffectId
}
text_id! {
    /// The name of a task kind, as the registry in `tasks` has it: `label`, `open_pull_request`.
    KindName
}
text_id! {
    /// An outside service that takes only so much: `github`, `drive`.
    ServiceName
}
text_id! {
    /// An assistant, as the configuration calls it.
    AssistantName
}
text_id! {
    /// A plugin, as the configuration calls it.
    PluginName
}
text_id! {
    /// A rule of the configuration that has a name.
    NamedRule
}

text_id! {
    /// The name of a recurring task.
    ScheduleName
}

text_id! {
    /// A run of Automata: `<workflow run id>.<attempt>` inside GitHub Actions, else
    /// `local-<process id>-<random>`.
    RunId
}
text_id! {
    /// What GitHub told us, named so that a redelivery, a re-run and a duplicate have the same name.
    TriggerIdentity
}
text_id! {
    /// A commit: forty hexadecimal digits (SHA-1) or sixty-four (SHA-256).
    CommitId
}

impl CommandId {
    /// The id of the `ordinal`th event (from 0) that it leads to.
    #[must_use]
    pub fn event(&self, ordinal: usize) -> String {
        format!("{self}-{ordinal}")
    }
}

impl TaskId {
    /// The `ordinal`th task (from 1) that `command` enqueues.
    #[must_use]
    pub fn of(command: &CommandId, ordinal: usize) -> Self {
        Self(format!("{command}.{ordinal}"))
    }

    /// The first letters of it, and its place among its command's tasks: enough to tell tasks of one list apart.
    #[must_use]
    pub fn short(&self) -> String {
        let (command, ordinal) = self.0.split_once('.').unwrap_or((&self.0, ""));
        let head: String = command.chars().take(5).collect();
        if ordinal.is_empty() { head } else { format!("{head}.{ordinal}") }
    }
}

impl EffectId {
    /// The effect of `step` inside `task`.
    #[must_use]
    pub fn of(task: &TaskId, step: &str) -> Self {
        Self(format!("{task}/{step}"))
    }

    /// The task that it is a step of.
    #[must_use]
    pub fn task(&self) -> Option<TaskId> {
        self.0.split_once('/').map(|(task, _)| TaskId::new(task))
    }
}

impl RunId {
    /// The workflow run's id and attempt when this run is one of GitHub's.
    #[must_use]
    pub fn workflow(&self) -> Option<(u64, u32)> {
        let (run, attempt) = self.0.split_once('.')?;
        Some((run.parse().ok()?, attempt.parse().ok()?))
    }

    /// The process id when this run was started by hand on some machine.
    #[must_use]
    pub fn local_process(&self) -> Option<u32> {
        self.0.strip_prefix("local-")?.split('-').next()?.parse().ok()
    }
}

/// A login compares without case, as GitHub does.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Login(String);

impl Login {
    /// Takes a login as GitHub writes it, `[bot]` suffix included.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The login as GitHub writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Login {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Login {}

impl PartialOrd for Login {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Login {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let lower = |login: &Self| login.0.to_ascii_lowercase();
        lower(self).cmp(&lower(other))
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Login {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// `owner/name` of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RepositoryName {
    owner: String,
    name: String,
}

/// The text is not `owner/name`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a repository: write it as owner/name")]
pub struct NotARepository(String);

impl RepositoryName {
    /// Reads `owner/name`; both parts hold letters, digits, `-`, `_` and `.` only.
    ///
    /// # Errors
    /// [`NotARepository`] for anything else, so that the name is safe inside a URL.
    pub fn parse(text: &str) -> Result<Self, NotARepository> {
        let part = |text: &str| {
            !text.is_empty()
                && text != "."
                && text != ".."
                && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        match text.split_once('/') {
            Some((owner, name)) if part(owner) && part(name) => {
                Ok(Self { owner: owner.to_owned(), name: name.to_owned() })
            }
            _ => Err(NotARepository(text.to_owned())),
        }
    }

    /// Who it belongs to.
    #[must_use]
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// Its name without the owner.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

impl TryFrom<String> for RepositoryName {
    type Error = NotARepository;
    fn try_from(text: String) -> Result<Self, NotARepository> {
        Self::parse(&text)
    }
}

impl From<RepositoryName> for String {
    fn from(name: RepositoryName) -> Self {
        name.to_string()
    }
}

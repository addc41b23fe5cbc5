//! Who did something: a person, an app, a bot, ourselves, or nobody in particular.

use serde::{Deserialize, Serialize};

use super::id::Login;

/// What sort of account acts. Rules about loops and permissions go by this, never by a name's ending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A user account.
    Person,
    /// A GitHub App acting through its installation, or a person acting through an App.
    App,
    /// A bot account that is no App we can name.
    Bot,
    /// This program, under whatever account it runs here.
    Automata,
    /// GitHub itself: a schedule, a clock, a reconciliation.
    System,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// What sort of account.
    pub kind: ActorKind,
    /// Its login as GitHub writes it.
    pub login: Login,
}

/// The account that GitHub shows where the real one is gone, or nobody knows which it was.
pub const GHOST: &str = "ghost";

impl Actor {
    /// A user account.
    #[must_use]
    pub fn person(login: impl Into<String>) -> Self {
        Self { kind: ActorKind::Person, login: Login::new(login) }
    }

    /// This program.
    #[must_use]
    pub fn automata() -> Self {
        Self { kind: ActorKind::Automata, login: Login::new("automata") }
    }

    /// GitHub's clock or ours.
    #[must_use]
    pub fn system() -> Self {
        Self { kind: ActorKind::System, login: Login::new("system") }
    }

    /// Whether a human being is behind it.
    #[must_use]
    pub fn is_person(&self) -> bool {
        self.kind == ActorKind::Person
    }
}

/// What an account may do in the repository, as `GET /repos/{owner}/{repo}/collaborators/{user}/permission`
/// tells. `author_association` is not this: it calls people MEMBER who may not write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Nothing.
    None,
    /// Look.
    Read,
    /// Look, and sort issues.
    Triage,
    /// Push.
    Write,
    /// Push, and manage without the dangerous parts.
    Maintain,
    /// Everything.
    Admin,
}

impl Permission {
    /// Whether this account may push, and so may have us push what it wrote.
    #[must_use]
    pub fn can_write(self) -> bool {
        self >= Self::Write
    }
}

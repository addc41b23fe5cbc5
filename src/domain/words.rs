//! What people can say to Automata in a comment: the words, their table, and how each is written.
//!
//! ```text
//! comment ── lines ──> lines that begin with /automata ── parse ──> words | misreadings, in order
//! ```

use std::fmt;

use super::access::Need;
use super::feature::Feature;
use super::id::{IssueNumber, Login, TaskId};
use super::spec::Priority;
use super::verdict::Urgency;

mod lines;
mod parse;
#[cfg(test)]
mod tests;
mod verb;

pub use lines::{MOST_LINE, MOST_WORDS, Said, said_in};
pub use parse::{Misread, parse};
pub use verb::Verb;

/// What a line must begin with.
pub const PREFIX: &str = "/automata";

/// One thing that somebody wants. It is written as it is read: [`parse`] gives back what [`fmt::Display`] wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Show what can be said here.
    Help,
    /// Show how things stand.
    Status,
    /// Show why things are as they are.
    Why {
        /// What is asked about: a label, a login, a task; all of it where nothing is named.
        what: Option<String>,
    },
    /// Enqueue a task.
    Run {
        /// Of which kind; an analysis where none is named.
        kind: Option<String>,
    },
    /// Ask for a change.
    Implement {
        /// Whom to ask; in the configured order where nobody is named.
        assistant: Option<String>,
    },
    /// Ask for another change than the one there is.
    Revise {
        /// What is to be different.
        text: String,
    },
    /// Try again what was given up.
    Retry,
    /// Call tasks off.
    Cancel {
        /// Which; all of this issue where none is named.
        task: Option<TaskId>,
    },
    /// Let go what waits for an approval.
    Approve {
        /// Only what this feature suggests; all of it where none is named.
        feature: Option<Feature>,
    },
    /// Call off what waits for an approval.
    Reject {
        /// Only what this feature suggests; all of it where none is named.
        feature: Option<Feature>,
    },
    /// Assign people.
    Assign {
        /// Whom; at least one.
        logins: Vec<Login>,
    },
    /// Take assignments away.
    Unassign {
        /// Whose; everybody's where nobody is named.
        logins: Vec<Login>,
    },
    /// Say how soon.
    Priority(Rank),
    /// Change labels; at least one.
    Label {
        /// Labels to add.
        add: Vec<String>,
        /// Labels to take off.
        remove: Vec<String>,
    },
    /// Say that another issue is the same.
    Duplicate {
        /// Which.
        of: IssueNumber,
    },
    /// Take back what Automata did.
    Undo {
        /// An issue, a run, a task or an effect; this issue where none is named.
        what: Option<String>,
    },
    /// Call off what there is, and begin nothing until it may go on.
    Stop(Reach),
    /// Begin nothing until it may go on.
    Pause(Reach),
    /// Go on.
    Resume(Reach),
}

/// How far a word reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Where it is said.
    Here,
    /// One feature, in the whole repository.
    Feature(Feature),
    /// All of it.
    Everything,
}

impl Reach {
    /// How all of it is written.
    pub const EVERYTHING: &str = "everything";
}

/// How soon: a name, which has a label as well, or a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rank {
    /// By name.
    Named(Urgency),
    /// From 0 to 100.
    Points(Priority),
}

impl Rank {
    /// As the queue counts it.
    #[must_use]
    pub const fn priority(self) -> Priority {
        match self {
            Self::Named(Urgency::Low) => Priority::new(25),
            Self::Named(Urgency::Normal) => Priority::NORMAL,
            Self::Named(Urgency::High) => Priority::new(75),
            Self::Named(Urgency::Critical) => Priority::new(100),
            Self::Points(priority) => priority,
        }
    }
}

impl Word {
    /// Its verb.
    #[must_use]
    pub const fn verb(&self) -> Verb {
        match self {
            Self::Help => Verb::Help,
            Self::Status => Verb::Status,
            Self::Why { .. } => Verb::Why,
            Self::Run { .. } => Verb::Run,
            Self::Implement { .. } => Verb::Implement,
            Self::Revise { .. } => Verb::Revise,
            Self::Retry => Verb::Retry,
            Self::Cancel { .. } => Verb::Cancel,
            Self::Approve { .. } => Verb::Approve,
            Self::Reject { .. } => Verb::Reject,
            Self::Assign { .. } => Verb::Assign,
            Self::Unassign { .. } => Verb::Unassign,
            Self::Priority(_) => Verb::Priority,
            Self::Label { .. } => Verb::Label,
            Self::Duplicate { .. } => Verb::Duplicate,
            Self::Undo { .. } => Verb::Undo,
            Self::Stop(_) => Verb::Stop,
            Self::Pause(_) => Verb::Pause,
            Self::Resume(_) => Verb::Resume,
        }
    }

    /// What somebody needs for it whatever the configuration says: what reaches beyond the place where it is said is the
    /// maintainers' business.
    #[must_use]
    pub const fn least_need(&self) -> Need {
        match self {
            Self::Stop(Reach::Here) | Self::Pause(Reach::Here) | Self::Resume(Reach::Here) => Need::Anyone,
            Self::Stop(_) | Self::Pause(_) | Self::Resume(_) => Need::Maintain,
            _ => Need::Anyone,
        }
    }

    fn rest(&self) -> Vec<String> {
        let people = |logins: &[Login]| logins.iter().map(|login| format!("@{login}")).collect();
        match self {
            Self::Run { kind: Some(text) }
            | Self::Implement { assistant: Some(text) }
            | Self::Undo { what: Some(text) }
            | Self::Revise { text } => vec![text.clone()],
            Self::Why { what: Some(what) } => vec![lines::whole(what)],
            Self::Cancel { task: Some(task) } => vec![task.to_string()],
            Self::Assign { logins } | Self::Unassign { logins } => people(logins),
            Self::Priority(Rank::Named(urgency)) => vec![urgency.name().to_owned()],
            Self::Priority(Rank::Points(priority)) => vec![priority.value().to_string()],
            Self::Label { add, remove } => {
                let signed = |sign: char| move |name: &String| format!("{sign}{}", lines::quoted(name));
                add.iter().map(signed('+')).chain(remove.iter().map(signed('-'))).collect()
            }
            Self::Approve { feature: Some(feature) }
            | Self::Reject { feature: Some(feature) }
            | Self::Stop(Reach::Feature(feature))
            | Self::Pause(Reach::Feature(feature))
            | Self::Resume(Reach::Feature(feature)) => vec![feature.to_string()],
            Self::Stop(Reach::Everything)
            | Self::Pause(Reach::Everything)
            | Self::Resume(Reach::Everything) => vec![Reach::EVERYTHING.to_owned()],
            Self::Duplicate { of } => vec![format!("#{of}")],
            _ => Vec::new(),
        }
    }
}

/// As somebody would write it, without the prefix.
impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.verb().name())?;
        self.rest().iter().try_for_each(|part| write!(f, " {part}"))
    }
}

//! Something wrong with the configuration: where, what, and what to do.

use std::fmt;

use serde::Serialize;

use super::tree::{Node, Step};
use crate::domain::untrusted::unhidden;

/// Something wrong with the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The place by its names: `rules[1].do`; empty for the file as a whole.
    pub path: String,
    /// The line, from 1, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// The column, from 1, in characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// What is wrong, a clause for a person.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Problem {
    /// A problem at `path`, shown at the nearest place that the file has.
    pub(super) fn at(tree: &Node, path: &[Step], message: impl Into<String>) -> Self {
        let node = tree.nearest(path);
        Self::new(path, node.line, node.column, message)
    }

    pub(super) fn new(path: &[Step], line: u64, column: u64, message: impl Into<String>) -> Self {
        let path = path.iter().enumerate().map(|(place, step)| step.show(place == 0)).collect();
        let known = |number: u64| (number > 0).then_some(number);
        let message = unhidden(&message.into());
        Self { path, line: known(line), column: known(column), message, hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(unhidden(&hint.into()));
        self
    }
}

/// `12:3: rules[1].on: what is wrong; what to do`
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, "{line}:{column}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

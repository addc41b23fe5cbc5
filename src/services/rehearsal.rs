//! The port to rehearsals: what a changed configuration would have done with what happened here.

use std::time::Duration;

use async_trait::async_trait;

use crate::domain::failure::Failure;
use crate::domain::rehearsal::Rehearsal;

/// What came of trying a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tried {
    /// What it would have done otherwise.
    Rehearsed(Box<Rehearsal>),
    /// Why it cannot be used: the problems in it, each a line. They quote what somebody wrote.
    Unsound(Vec<String>),
    /// The log is sealed, and whoever asks may not read it: each rule is a question about what is in it.
    Sealed,
}

/// Decides again what happened, and changes nothing anywhere.
#[async_trait(?Send)]
pub trait Rehearsals: Send + Sync {
    /// What the configuration with this text would have done otherwise with what happened since `back` ago, for somebody who
    /// may read everything in the log or not.
    ///
    /// # Errors
    /// When the log cannot be read, or there is no room for the local forge.
    async fn rehearse(&self, text: &str, back: Duration, may_read: bool) -> Result<Tried, Failure>;
}

//! What is done where a program cannot be kept within bounds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is done where this machine cannot keep a program within bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sandbox {
    /// The program is started within the bounds that there are, and the run warns of those that are missing.
    #[default]
    BestEffort,
    /// Nothing is started where its files, or the network that it is refused, cannot be bounded: the task fails and says why.
    Required,
}

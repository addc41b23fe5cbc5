//! What a plugin is started for, and what came of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::WrongInput;
use crate::domain::payload::Payload;
use crate::domain::shape::{self, accepts};

/// Starts a plugin and has done what it answers, within what the configuration allows. Input: [`Exec`], output: [`Executed`].
pub const EXEC: &str = "exec";

/// Bytes of `with`, as JSON.
const WITH: usize = 16 * 1024;

/// See [`EXEC`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exec {
    /// Its name in the configuration.
    pub plugin: String,
    /// What it is told besides: whatever it understands.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub with: Map<String, Value>,
    /// The event that led to it: `issues.opened`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// GitHub's id of the comment that led to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<u64>,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Executed {
    /// The plugin's name in the configuration.
    pub plugin: String,
    /// How many things were asked for.
    pub effects: usize,
    /// What it says in the status comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What came of it, in its own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What it left for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
    /// The last lines that it wrote to standard error.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub said: String,
    /// Which bounds this machine could not set, whole sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What stands below `with` is the plugin's own.
pub(super) fn check(input: &Payload) -> Result<(), WrongInput> {
    let wrong =
        |field: &str, message: &str| Err(WrongInput { field: field.to_owned(), message: message.to_owned() });
    let exec: Exec = shape::read(input.as_str())?;
    let mut bare: Map<String, Value> = shape::read(input.as_str())?;
    if let Some(with) = bare.remove("with")
        && with.to_string().len() > WITH
    {
        return wrong("with", &format!("more than {WITH} bytes are no input"));
    }
    accepts::<Exec>(&Payload::of(&bare).unwrap_or_default())?;
    if exec.plugin.trim().is_empty() { wrong("plugin", "it names no plugin") } else { Ok(()) }
}

//! Data that the core carries without looking inside: a task's input, its output, an effect's receipt.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// One JSON value, kept as the text it came in. The task kind that wrote it knows its shape.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Payload(Box<RawValue>);

/// The JSON does not have the shape that its reader expects.
#[derive(Debug, thiserror::Error)]
#[error("the stored data does not have the expected shape: {0}")]
pub struct WrongShape(#[from] serde_json::Error);

impl Payload {
    /// Writes `value` as JSON.
    ///
    /// # Errors
    /// [`WrongShape`] when the value has no JSON form (a map whose keys are not text).
    pub fn of<T: Serialize>(value: &T) -> Result<Self, WrongShape> {
        Ok(Self(serde_json::value::to_raw_value(value)?))
    }

    /// Reads the JSON as `T`.
    ///
    /// # Errors
    /// [`WrongShape`] when it is not one.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, WrongShape> {
        Ok(serde_json::from_str(self.0.get())?)
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_str() == RawValue::NULL.get()
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl Default for Payload {
    fn default() -> Self {
        Self(RawValue::NULL.to_owned())
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Payload {}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

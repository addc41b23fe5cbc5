//! The JSON Schemas of both documents, for whoever writes a plugin.

use serde_json::Value;

use super::{Answer, Request};
use crate::domain::schema;

/// What a plugin is told.
#[must_use]
pub fn request_schema() -> Value {
    schema::of::<Request>()
}

/// What it may answer, whatever the configuration allows.
#[must_use]
pub fn answer_schema() -> Value {
    schema::of::<Answer>()
}

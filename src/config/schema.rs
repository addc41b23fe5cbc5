//! The JSON Schema, derived from the model: the one that is published and the one that is checked against.

use std::sync::LazyLock;

use serde_json::Value;

use super::model::Config;
use crate::domain::schema;

static ROOT: LazyLock<Value> = LazyLock::new(schema::of::<Config>);

/// The schema.
pub(super) fn root() -> &'static Value {
    &ROOT
}

/// The schema as it is published.
pub(super) fn text() -> String {
    let text = serde_json::to_string_pretty(root()).unwrap_or_default();
    text + "\n"
}

//! The JSON Schema, derived from the model: the one that is published and the one that is checked against.

use std::sync::LazyLock;

use serde_json::Value;

use super::model::Config;

static ROOT: LazyLock<Value> = LazyLock::new(|| {
    let settings = schemars::generate::SchemaSettings::draft2020_12();
    let mut root = settings.into_generator().into_root_schema_for::<Config>().to_value();
    flow(&mut root);
    root
});

/// Descriptions come from comments, whose lines end where the source's do: they become flowing text.
fn flow(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(text)) = members.get_mut("description") {
                *text = text.replace('\n', " ");
            }
            members.values_mut().for_each(flow);
        }
        Value::Array(items) => items.iter_mut().for_each(flow),
        _ => {}
    }
}

/// The schema.
pub(super) fn root() -> &'static Value {
    &ROOT
}

/// The schema as it is published.
pub(super) fn text() -> String {
    let text = serde_json::to_string_pretty(root()).unwrap_or_default();
    text + "\n"
}

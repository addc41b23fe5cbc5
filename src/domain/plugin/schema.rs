//! The JSON Schemas of both documents, for whoever writes a plugin.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::{Answer, Request};

/// What a plugin is told.
#[must_use]
pub fn request_schema() -> Value {
    schema::<Request>()
}

/// What it may answer, whatever the configuration allows.
#[must_use]
pub fn answer_schema() -> Value {
    schema::<Answer>()
}

fn schema<T: JsonSchema>() -> Value {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
    flow(&mut schema);
    schema
}

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

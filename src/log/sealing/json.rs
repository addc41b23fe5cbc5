//! One level of a JSON text at a time, in its order and with everything below it as it stands.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A JSON value whose parts are still text.
pub(super) enum Level<'a> {
    Object(Vec<(String, &'a RawValue)>),
    Array(Vec<&'a RawValue>),
    Text(String),
    /// A number, `true`, `false` or `null`.
    Plain,
}

struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Collect).map(Entries)
    }
}

/// Reads the outermost level.
pub(super) fn level(text: &str) -> Result<Level<'_>, String> {
    let read = match text.trim_start().as_bytes().first() {
        Some(b'{') => serde_json::from_str(text).map(|Entries(entries)| Level::Object(entries)),
        Some(b'[') => serde_json::from_str(text).map(Level::Array),
        Some(b'"') => serde_json::from_str(text).map(Level::Text),
        _ => Ok(Level::Plain),
    };
    read.map_err(|error| error.to_string())
}

/// A text as JSON has it.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Writes an object whose values are given as text.
pub(super) fn object(into: &mut String, entries: Vec<(String, String)>) {
    into.push('{');
    for (at, (key, value)) in entries.into_iter().enumerate() {
        into.push_str(if at > 0 { "," } else { "" });
        into.push_str(&quoted(&key));
        into.push(':');
        into.push_str(&value);
    }
    into.push('}');
}

/// Writes an array whose values are given as text.
pub(super) fn array(into: &mut String, values: &[String]) {
    into.push('[');
    into.push_str(&values.join(","));
    into.push(']');
}

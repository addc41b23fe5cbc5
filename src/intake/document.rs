//! Bytes to a JSON object whose members are read one by one; everything wrong with the whole is found here.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::IntakeContext;
use super::refusal::Fault;
use super::shape;

/// Bytes of a payload; GitHub caps webhook payloads at 25 MB
/// (docs.github.com, "Webhook events and payloads", payload cap).
pub const PAYLOAD_BYTES: usize = 25 * 1024 * 1024;
/// Levels of arrays and objects; GitHub's payloads have about ten, and serde_json itself stops at 128.
const NESTING: usize = 100;

/// A payload: its members, not looked at yet.
#[derive(Debug)]
pub(super) struct Document<'a> {
    members: BTreeMap<String, &'a RawValue>,
}

impl<'a> Document<'a> {
    /// Reads the outermost object.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Fault> {
        if bytes.len() > PAYLOAD_BYTES {
            // How many there are nobody knows: no more than one byte above the limit is read.
            let reason = "it has more than 25 MB, the most that GitHub sends";
            return Err(
                Fault::new(reason).hint("GitHub drops such events itself; look at where the file comes from")
            );
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            Fault::new(format!("it is not UTF-8 (byte {})", error.valid_up_to()))
                .hint("write the file as UTF-8; some shells write UTF-16 when they redirect output")
        })?;
        // One byte order mark is what some editors leave behind; two are damage.
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        if text.starts_with('\u{FEFF}') {
            return Err(
                Fault::new("it begins with two byte order marks").hint("write the file again as plain UTF-8")
            );
        }
        match text.trim_start().as_bytes().first() {
            None => {
                return Err(Fault::new("it is empty")
                    .hint("re-run the workflow run; by hand, pass the path of a whole payload"));
            }
            Some(b'{') => {}
            Some(_) => return Err(Fault::new(not_an_object(text))),
        }
        if nesting_exceeds(text, NESTING) {
            let reason = format!("it nests deeper than {NESTING} levels");
            return Err(
                Fault::new(reason).hint("GitHub sends no such event; look at where the file comes from")
            );
        }
        let members = serde_json::from_str::<Members<'a>>(text).map_err(|error| match error.classify() {
            serde_json::error::Category::Eof => Fault::new(format!("it ends in the middle ({error})"))
                .hint("the file was cut off; re-run the workflow run to get it again"),
            _ => Fault::new(format!("it is not JSON as GitHub writes it: {error}")),
        })?;
        Ok(Self { members: members.0 })
    }

    /// A member that must be there and have the right shape.
    pub(super) fn required<T: DeserializeOwned>(&self, name: &str) -> Result<T, Fault> {
        let raw = self
            .members
            .get(name)
            .filter(|raw| raw.get() != "null")
            .ok_or_else(|| Fault::new(format!("`{name}` is missing")))?;
        // The path is only looked for once something is wrong, because looking for it takes time.
        serde_json::from_str(raw.get()).map_err(|_| misfit::<T>(name, raw))
    }

    /// A member that may be missing or have a shape that is not known yet.
    pub(super) fn optional<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.members.get(name)?.get()).ok()
    }

    /// The members that are not among `known`, by name, each as JSON written in one way only.
    pub(super) fn others(&self, known: &[&str]) -> Vec<(&str, String)> {
        let others = self.members.iter().filter(|(name, _)| !known.contains(&name.as_str()));
        let plain = |raw: &RawValue| {
            serde_json::from_str::<serde_json::Value>(raw.get())
                .map_or_else(|_| raw.get().to_owned(), |value| value.to_string())
        };
        others.map(|(name, raw)| (name.as_str(), plain(raw))).collect()
    }

    /// Whether GitHub sent this about the repository that the run serves.
    pub(super) fn is_about(&self, context: &IntakeContext) -> Result<(), Fault> {
        let repository: shape::Repository = self.required("repository")?;
        let known = repository.id.0.zip(context.repository_id);
        // The id decides where both are known: a repository may have been renamed since the event.
        let same = known.map_or_else(
            || repository.full_name.eq_ignore_ascii_case(&context.repository.to_string()),
            |(told, ours)| told == ours,
        );
        if same {
            return Ok(());
        }
        let reason = format!(
            "it is about the repository `{}`, and this run serves `{}`",
            repository.full_name, context.repository
        );
        Err(Fault::new(reason)
            .hint("pass the payload of this repository; after a rename, a new event brings the new name"))
    }
}

fn not_an_object(text: &str) -> String {
    match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => "it is JSON, but not an object".to_owned(),
        Err(error) => format!("it is not JSON: {error}"),
    }
}

/// What is wrong with a member, and with which value in it.
fn misfit<T: DeserializeOwned>(name: &str, raw: &RawValue) -> Fault {
    let mut json = serde_json::Deserializer::from_str(raw.get());
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut json) else {
        return Fault::new(format!("`{name}` is not what GitHub puts there"));
    };
    let inside = error.path().to_string();
    let path = if inside == "." { name.to_owned() } else { format!("{name}.{inside}") };
    let reason = brief(error.inner());
    match reason.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        Some(field) => Fault::new(format!("`{path}.{field}` is missing")),
        None => Fault::new(format!("`{path}` is not what GitHub puts there: {reason}")),
    }
}

/// The error without its place, which counts from the start of a member and would mislead.
fn brief(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

/// Looks at brackets outside strings only, so it holds for anything that is JSON.
fn nesting_exceeds(text: &str, limit: usize) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

struct Members<'a>(BTreeMap<String, &'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = BTreeMap<String, &'de RawValue>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                    // Readers differ in which of two they believe, so nobody can say what it means.
                    if members.contains_key(&key) {
                        return Err(A::Error::custom(format!("`{key}` stands there twice")));
                    }
                    members.insert(key, value);
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Object).map(Self)
    }
}

//! What in an event is private, and whose words it is. What nobody thought of is private.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::json::{self, Level};
use super::{FORGOTTEN, SEALED};

/// Keys whose texts stay readable, in the data of every event: names of things, states, ids, times, labels and logins.
/// A text under any other key is private.
const READABLE: &[&str] = &[
    "action",
    "add",
    "added",
    "after",
    "asked_by",
    "aspect",
    "assignee",
    "assignees",
    "assistant",
    "at",
    "awaits",
    "base",
    "before",
    "branch",
    "by",
    "c",
    "catch_up",
    "class",
    "closed_at",
    "code",
    "commit",
    "conclusion",
    "concurrency",
    "content",
    "created_at",
    "cron",
    "deadline",
    "depends_on",
    "digest",
    "effect",
    "event",
    "event_type",
    "fact",
    "feature",
    "feed",
    "field",
    "found_by",
    "g",
    "head",
    "head_commit",
    "id",
    "idempotency",
    "identity",
    "if_lost",
    "issue_type",
    "kind",
    "label",
    "labels",
    "login",
    "logins",
    "m",
    "milestone",
    "next",
    "not_before",
    "on",
    "on_duplicate",
    "outcome",
    "p",
    "permission",
    "reference",
    "remove",
    "removed",
    "role",
    "roots",
    "rule",
    "set_by",
    "since",
    "state",
    "subject",
    "subjects",
    "tag",
    "task",
    "times",
    "type",
    "unique",
    "until",
    "updated_at",
    "verb",
    "wanted_by",
    "zone",
];
/// Keys that are readable in events whose type begins so: names of schedules and of credentials are not anybody's
/// words, ids of files in Drive are none.
const READABLE_IN: &[(&str, &str)] = &[
    ("schedule.", "name"),
    ("drive.changed", "file"),
    ("credential.", "credential"),
    ("credential.", "name"),
    ("keys.", "extent"),
];
/// Keys whose whole value is private, keys in it included: forms and messages from other systems.
const WHOLE: &[&str] = &["client_payload", "inputs"];
/// Texts by which things are known again: one that looks like an address is still needed to tell two of them apart.
const TELLING_APART: &[&str] = &["identity", "unique", "idempotency"];
/// As deep as any event of ours is, several times over; what lies deeper is sealed whole.
const DEEPEST: usize = 48;

/// An event's data, taken apart.
#[derive(Debug, Default)]
pub struct Split {
    /// What everybody may read, with [`SEALED`] in the place of the rest.
    pub data: String,
    /// The rest by whose words it is, in lower case (empty: ours), each value with its place.
    pub private: BTreeMap<String, BTreeMap<usize, Box<RawValue>>>,
}

struct Splitting<'a> {
    kind: &'a str,
    places: usize,
    private: BTreeMap<String, BTreeMap<usize, Box<RawValue>>>,
}

/// Takes the data of an event of this type apart; what is nobody else's is `writer`'s.
///
/// # Errors
/// In words, when it is no JSON.
pub fn split(kind: &str, writer: &str, data: &str) -> Result<Split, String> {
    let mut splitting = Splitting { kind, places: 0, private: BTreeMap::new() };
    let mut open = String::new();
    splitting.walk(data, "", &writer.to_ascii_lowercase(), 0, &mut open)?;
    Ok(Split { data: open, private: splitting.private })
}

impl Splitting<'_> {
    fn walk(
        &mut self,
        text: &str,
        key: &str,
        writer: &str,
        depth: usize,
        into: &mut String,
    ) -> Result<(), String> {
        if depth > DEEPEST {
            return self.take(text, writer, &json::quoted(SEALED), into);
        }
        match json::level(text)? {
            Level::Plain => into.push_str(text.trim()),
            Level::Text(said) if self.is_private(key, &said) => {
                self.take(text, writer, &json::quoted(SEALED), into)?;
            }
            Level::Text(_) => into.push_str(text.trim()),
            Level::Object(entries) => {
                let odd = |key: &String| key.contains('@') || key == SEALED;
                if WHOLE.contains(&key) || entries.iter().any(|(key, _)| odd(key)) {
                    let mut placeholder = String::new();
                    json::object(&mut placeholder, vec![(SEALED.to_owned(), json::quoted(SEALED))]);
                    return self.take(text, writer, &placeholder, into);
                }
                let author = author(&entries);
                let writer = author.as_deref().unwrap_or(writer);
                let mut open = Vec::new();
                for (key, value) in entries {
                    let mut written = String::new();
                    self.walk(value.get(), &key, writer, depth + 1, &mut written)?;
                    open.push((key, written));
                }
                json::object(into, open);
            }
            Level::Array(values) => {
                let mut open = Vec::new();
                for value in values {
                    let mut written = String::new();
                    self.walk(value.get(), key, writer, depth + 1, &mut written)?;
                    open.push(written);
                }
                json::array(into, &open);
            }
        }
        Ok(())
    }

    fn is_private(&self, key: &str, said: &str) -> bool {
        let is_readable = READABLE.contains(&key)
            || READABLE_IN.iter().any(|(kind, readable)| self.kind.starts_with(kind) && key == *readable);
        let is_address = said.contains('@') && !TELLING_APART.contains(&key);
        !said.is_empty() && (!is_readable || is_address || said == SEALED)
    }

    fn take(&mut self, text: &str, writer: &str, placeholder: &str, into: &mut String) -> Result<(), String> {
        let value = RawValue::from_string(text.to_owned()).map_err(|error| error.to_string())?;
        self.private.entry(writer.to_owned()).or_default().insert(self.places, value);
        self.places += 1;
        into.push_str(placeholder);
        Ok(())
    }
}

/// Who wrote an object that names its author.
fn author(entries: &[(String, &RawValue)]) -> Option<String> {
    let (_, author) = entries.iter().find(|(key, _)| key == "author")?;
    let Ok(Level::Object(fields)) = json::level(author.get()) else { return None };
    let (_, login) = fields.iter().find(|(key, _)| key == "login")?;
    match json::level(login.get()) {
        Ok(Level::Text(login)) => Some(login.to_ascii_lowercase()),
        _ => None,
    }
}

/// Puts values back into their places. What has none stays sealed, or is forgotten.
pub(super) fn put_back(
    data: &str,
    places: &BTreeMap<usize, Box<RawValue>>,
    forgotten: bool,
) -> Result<String, String> {
    let (mut written, mut place) = (String::new(), 0);
    back(data, places, forgotten, &mut place, &mut written)?;
    Ok(written)
}

fn back(
    text: &str,
    places: &BTreeMap<usize, Box<RawValue>>,
    forgotten: bool,
    place: &mut usize,
    into: &mut String,
) -> Result<(), String> {
    match json::level(text)? {
        Level::Text(said) if said == SEALED => {
            let gone = if forgotten { json::quoted(FORGOTTEN) } else { text.to_owned() };
            into.push_str(places.get(place).map_or(gone.as_str(), |value| value.get()));
            *place += 1;
        }
        Level::Object(entries) if entries.first().is_some_and(|(key, _)| key == SEALED) => {
            let gone = if forgotten { "{}" } else { text };
            into.push_str(places.get(place).map_or(gone, |value| value.get()));
            *place += 1;
        }
        Level::Plain | Level::Text(_) => into.push_str(text),
        Level::Object(entries) => {
            let mut all = Vec::new();
            for (key, value) in entries {
                let mut written = String::new();
                back(value.get(), places, forgotten, place, &mut written)?;
                all.push((key, written));
            }
            json::object(into, all);
        }
        Level::Array(values) => {
            let mut all = Vec::new();
            for value in values {
                let mut written = String::new();
                back(value.get(), places, forgotten, place, &mut written)?;
                all.push(written);
            }
            json::array(into, &all);
        }
    }
    Ok(())
}

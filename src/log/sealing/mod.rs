//! How what is private in a line is kept apart from what everybody may read, and put back.
//!
//! ```text
//! {…,"data":{"title":{"text":"[sealed]"},…},"sealed":[{"key":"0.0.0","by":"mona","text":"<letters>"}]}     a part
//! {…,"actor":{…,"login":"[sealed]"},…,"data":{},"frame":{"key":"0.0.0","text":"<letters>"}}               all of it
//! ```
//! Each `"[sealed]"` in the data is one place, numbered as they come. A part holds the places that one person's words
//! stood in, and has a key of its own, so that it can be forgotten by itself. A frame holds the login, the data and the
//! parts of a line of which nothing but type, time and subject is to be read. The chain goes over the line as it is
//! stored, so it holds for whoever has no key, and after a key was destroyed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::domain::encryption::Extent;

mod json;
mod private;

pub use private::{Split, split};

/// What stands where something is sealed.
pub const SEALED: &str = "[sealed]";
/// What stands where something was forgotten.
pub const FORGOTTEN: &str = "[forgotten]";

/// What a sealed text belongs to. All of it goes into its proof, so that it opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The event's place.
    pub sequence: u64,
    /// Its id.
    pub id: &'a str,
    /// What it is about.
    pub subject: &'a str,
    /// Its type and the version of that.
    pub kind: (&'a str, u32),
    /// When it was recorded, as the line has it.
    pub at: &'a str,
    /// Whose words they are, in lower case; empty: ours. None: it is the frame.
    pub by: Option<&'a str>,
    /// Which part of how many.
    pub part: (usize, usize),
    /// The data that stays readable beside it.
    pub data: &'a str,
}

impl About<'_> {
    /// The same in bytes, different for whatever differs.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let (sequence, version) = (self.sequence.to_string(), self.kind.1.to_string());
        let part = format!("{} of {}", self.part.0, self.part.1);
        let by = self.by.map_or_else(|| "frame".to_owned(), |by| format!("by {by}"));
        let fields = [&sequence, self.id, self.subject, self.kind.0, &version, self.at, &by, &part];
        let mut bytes = b"automata line 1".to_vec();
        for field in fields {
            bytes.extend((field.len() as u64).to_be_bytes());
            bytes.extend(field.as_bytes());
        }
        bytes.extend(Sha256::digest(self.data.as_bytes()));
        bytes
    }
}

/// What became of opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// This was sealed.
    Text(String),
    /// Its key was destroyed.
    Forgotten,
    /// There is no key to look with.
    Shut,
}

/// The keys behind the log.
pub trait Veil: Send + Sync {
    /// How much of what is written now is sealed.
    fn extent(&self) -> Extent;

    /// Seals a text: the name of the key, and the text sealed.
    ///
    /// # Errors
    /// Why it cannot, in words.
    fn close(&self, about: &About<'_>, text: &str) -> Result<(String, String), String>;

    /// Opens a text that was sealed under the key of this name.
    ///
    /// # Errors
    /// In words, when it was sealed, and not as this: it was moved or changed.
    fn open(&self, about: &About<'_>, key: &str, text: &str) -> Result<Opened, String>;
}

/// A sealed part as it stands in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) key: String,
    /// Whose words; left out for ours.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) by: String,
    pub(super) text: String,
}

/// A sealed line's frame as it stands in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Frame {
    pub(super) key: String,
    pub(super) text: String,
}

/// What a frame holds.
#[derive(Serialize, Deserialize)]
pub(super) struct Framed {
    pub(super) login: String,
    pub(super) data: Box<RawValue>,
    pub(super) sealed: Vec<Part>,
}

/// Seals what was split off, each person's words by themselves.
pub(super) fn close(about: &About<'_>, split: &Split, veil: &dyn Veil) -> Result<Vec<Part>, String> {
    let count = split.private.len();
    let parts = split.private.iter().enumerate().map(|(at, (by, places))| {
        let text = serde_json::to_string(places).map_err(|error| error.to_string())?;
        let about = About { by: Some(by), part: (at + 1, count), data: &split.data, ..*about };
        let (key, text) = veil.close(&about, &text)?;
        Ok(Part { key, by: by.clone(), text })
    });
    parts.collect()
}

/// The data with what can be opened put back.
pub(super) fn open(about: &About<'_>, parts: &[Part], veil: &dyn Veil) -> Result<String, String> {
    let mut places: BTreeMap<usize, Box<RawValue>> = BTreeMap::new();
    let mut forgotten = false;
    for (at, part) in parts.iter().enumerate() {
        let about = About { by: Some(&part.by), part: (at + 1, parts.len()), ..*about };
        match veil.open(&about, &part.key, &part.text)? {
            Opened::Text(text) => {
                let held: BTreeMap<usize, Box<RawValue>> =
                    serde_json::from_str(&text).map_err(|error| error.to_string())?;
                places.extend(held);
            }
            Opened::Forgotten => forgotten = true,
            Opened::Shut => {}
        }
    }
    private::put_back(about.data, &places, forgotten)
}

#[cfg(test)]
mod tests;

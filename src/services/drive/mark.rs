//! What Automata leaves on what it makes and writes, so that it knows its own work again in a feed of changes, whoever's
//! account it works with: how the file was called, where it lay and what it held when we were done with it. What is
//! otherwise now, somebody else made so.
//!
//! Kept as `appProperties`, which only the application that wrote them sees:
//! <https://developers.google.com/workspace/drive/api/guides/properties>.

use md5::{Digest as _, Md5};

use super::MOST_AT_ONCE;
use super::file::{File, FileUpdate, NewFile};

/// What it was called, summed up: a name has more bytes than a property.
const NAME: &str = "automata-name";
/// The folder it was put into.
const PLACE: &str = "automata-in";
/// What it held: the MD5, or of what does not go up in one request the number of bytes, which is known before.
const CONTENT: &str = "automata-content";

/// What a document was made of: the MD5 of the file; and what a copy of a document was made of: [`of_document`].
pub const FROM: &str = "automata-from";
/// The document that something is a copy of, in another format: its id.
pub const OF: &str = "automata-of";
/// The task that made it, where Drive takes no id of ours.
pub const TASK: &str = "automata-task";

/// What of a file is as we left it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AsLeft {
    /// Its name.
    pub name: bool,
    /// The folder that it lies in.
    pub place: bool,
    /// What it holds.
    pub content: bool,
    /// Where it lies, and what it holds if we gave it anything: nobody else brought it there.
    pub made: bool,
}

/// What is to be made, marked.
#[must_use]
pub fn on_new(new: &NewFile, content: &str) -> NewFile {
    let mut new = new.clone();
    let name = new.name.as_deref().map(digest);
    let place = new.parent.as_ref().map(ToString::to_string);
    // A copy is not to carry the mark of its original.
    let marks = [(NAME, name), (PLACE, place), (CONTENT, Some(content.to_owned()))];
    new.app_properties.extend(marks.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
    new
}

/// New content for a file that is there, marked.
#[must_use]
pub fn on_content(update: &FileUpdate, content: &str) -> FileUpdate {
    let mut update = update.clone();
    update.app_properties.insert(CONTENT.to_owned(), Some(content.to_owned()));
    update
}

/// The mark of so many bytes.
#[must_use]
pub fn of_bytes(bytes: &[u8]) -> String {
    hex(bytes)
}

/// The mark of what is too large to be summed up before it is sent.
#[must_use]
pub fn of_size(bytes: u64) -> String {
    bytes.to_string()
}

/// The mark of what was made of a document as it is now, in a format, and adds up to this. Of no other state of the
/// document, and on no other content, it is the same.
#[must_use]
pub fn of_document(document: &File, format: &str, md5: &str) -> String {
    let changed = document.modified_at.map(|at| at.to_string()).unwrap_or_default();
    digest(&format!("{}\n{changed}\n{format}\n{md5}", document.id))
}

/// Whether a file is what was made of a document as it is now, in a format.
#[must_use]
pub fn is_of_document(file: &File, document: &File, format: &str) -> bool {
    let is_marked = |md5: &String| file.app_properties.get(FROM) == Some(&of_document(document, format, md5));
    document.modified_at.is_some() && file.checksums.md5.as_ref().is_some_and(is_marked)
}

/// What of a file is as we left it.
#[must_use]
pub fn as_left(file: &File) -> AsLeft {
    let mark = |key: &str| file.app_properties.get(key);
    let content = mark(CONTENT).map(String::as_str);
    let is_same = match (content, &file.checksums.md5, file.size) {
        (None | Some(""), _, _) => false,
        (Some(mark), Some(_), Some(size)) if size > MOST_AT_ONCE => mark == of_size(size),
        (Some(mark), md5, _) => md5.as_deref() == Some(mark),
    };
    // Google's own documents, folders and copies were given nothing that could be compared.
    let is_bare = content == Some("") || file.checksums.md5.is_none();
    let place = mark(PLACE)
        .is_some_and(|mark| file.parent.as_ref().is_some_and(|parent| parent.as_str() == mark.as_str()));
    AsLeft {
        name: mark(NAME).is_some_and(|mark| *mark == digest(&file.name)),
        place,
        content: is_same,
        made: place && (is_same || is_bare),
    }
}

fn digest(text: &str) -> String {
    hex(text.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

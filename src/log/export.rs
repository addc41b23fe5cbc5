//! A whole log as one text: a first line that says what it is, then every stored line as it is.
//!
//! ```text
//! {"automata":"log","version":1,"repository":"acme/widgets","format":1,"sequence":2,"chain":"9f…"}
//! {"v":1,"seq":1,…}
//! {"v":1,"seq":2,…}
//! ```
//! What is sealed stays so, and the keys are not in it.

use serde::{Deserialize, Serialize};

use super::reader::{Place, Reader, Stored};
use super::{ChainHash, Envelope, Error};
use crate::domain::id::Sequence;

/// The version of this form. A program that finds a higher one takes nothing in.
pub const VERSION: u32 = 1;
/// The word by which an export is known.
const WORD: &str = "log";

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// Always `log`.
    automata: String,
    /// See [`VERSION`].
    version: u32,
    /// Whose log it is: `owner/name`.
    pub repository: String,
    /// The version of the state branch, see `state/README.md`.
    pub format: u32,
    /// The last event.
    pub sequence: Sequence,
    /// The chain's hash after it.
    pub chain: ChainHash,
    /// Under which keys some of it is sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Keys>,
}

/// The keys that a log is sealed under, by name: they are not in the export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Drawn once.
    pub id: String,
    /// Grows with every change.
    pub version: u64,
}

impl Heading {
    /// The first line of a log with this end.
    #[must_use]
    pub fn new(
        repository: String,
        format: u32,
        (sequence, chain): (Sequence, ChainHash),
        keys: Option<Keys>,
    ) -> Self {
        Self { automata: WORD.to_owned(), version: VERSION, repository, format, sequence, chain, keys }
    }

    /// As it is written, with its newline.
    ///
    /// # Errors
    /// When it has no JSON form, which would be a bug.
    pub fn line(&self) -> Result<String, serde_json::Error> {
        Ok(format!("{}\n", serde_json::to_string(self)?))
    }
}

/// An export that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export<'a> {
    /// Its first line.
    pub heading: Heading,
    /// The stored lines, each with its newline.
    pub lines: &'a [u8],
}

/// Splits `content` into its first line and the others, without looking at those.
///
/// # Errors
/// [`Error::Damaged`] when it does not begin as an export does, [`Error::Newer`] when it is of a newer program.
pub fn open<'a>(content: &'a [u8], name: &str) -> Result<Export<'a>, Error> {
    #[derive(Deserialize)]
    struct Known {
        automata: String,
        version: u32,
    }
    let place = Place { commit: String::new(), file: name.to_owned(), line: 1 };
    let end = memchr::memchr(b'\n', content).ok_or_else(|| place.damaged("it is no export of a log"))?;
    let (first, lines) = (&content[..end], &content[end + 1..]);
    let known: Known =
        serde_json::from_slice(first).map_err(|_| place.damaged("it is no export of a log"))?;
    if known.automata != WORD {
        return Err(place.damaged("it is no export of a log"));
    }
    if known.version > VERSION {
        let reason = format!("the export has version {}, this program reads up to {VERSION}", known.version);
        return Err(Error::Newer { place: place.to_string(), reason });
    }
    let heading = serde_json::from_slice(first).map_err(|error| place.damaged(error.to_string()))?;
    Ok(Export { heading, lines })
}

/// As [`open`], and checks every line, the chain and the end; hands out each event.
///
/// # Errors
/// As [`open`], and those of [`Reader::read`].
pub fn read<'a>(
    content: &'a [u8],
    name: &str,
    visit: &mut (dyn FnMut(Envelope) + Send),
) -> Result<Export<'a>, Error> {
    let export = open(content, name)?;
    // Line n of them is event n.
    let place = Place { commit: String::new(), file: format!("the events of {name}"), line: 0 };
    let mut reader = Reader::START;
    if !export.lines.is_empty() {
        let stored =
            Stored { place: place.clone(), first: Some(Sequence(1)), content: export.lines.to_vec() };
        reader.read(&[stored], visit)?;
    }
    let heading = &export.heading;
    if reader.sequence != heading.sequence {
        return Err(place.damaged(format!(
            "the first line says that the log ends with event {}, but the last one there is {}",
            heading.sequence, reader.sequence
        )));
    }
    if reader.chain != heading.chain {
        return Err(
            place.damaged(format!("the chain's hash after event {} is another one", heading.sequence))
        );
    }
    Ok(export)
}

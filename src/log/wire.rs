//! One event as one line of JSON, and back.
//!
//! ```text
//! {"v":1,"seq":12,"id":"…-0","prev":"0f3c…","subject":"issue/42","at":"…","actor":{…},"run":"…",
//!  "cause":11,"correlation":9,"type":"task.enqueued","data":{…}}
//! ```
//! `v` is the version of `data`'s shape for this `type`; `prev` begins the chain's hash before the line.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::actor::{Actor, ActorKind};
use crate::domain::encryption::Extent;
use crate::domain::event::{Event, Recorded, Sealed, Stamp};
use crate::domain::id::{Login, RunId, Sequence};
use crate::domain::time::Timestamp;

use super::sealing::{self, About, Frame, Framed, Opened, Part, SEALED, Veil};
use super::{ChainHash, Envelope, upcast};

mod data;
#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

/// Why a line is not an event of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It was written by a newer program.
    #[error("{0}")]
    Newer(String),
    /// It is not what this program or an older one writes.
    #[error("{0}")]
    Malformed(String),
    /// What is sealed in it belongs elsewhere, or was changed.
    #[error("{0}")]
    Unsealable(String),
}

/// A line that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The event.
    pub envelope: Envelope,
    /// What the line says about the chain before it.
    pub prev: Cow<'a, str>,
}

#[derive(Serialize)]
struct Written<'a, D> {
    v: u32,
    seq: Sequence,
    id: &'a str,
    prev: &'a str,
    subject: String,
    at: Timestamp,
    actor: Cow<'a, Actor>,
    run: &'a RunId,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Sequence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation: Option<Sequence>,
    r#type: &'static str,
    data: D,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sealed: Vec<Part>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frame: Option<Frame>,
}

#[derive(Deserialize)]
struct Read<'a> {
    v: u32,
    seq: Sequence,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    prev: Cow<'a, str>,
    #[serde(borrow)]
    subject: Cow<'a, str>,
    at: Timestamp,
    #[serde(borrow)]
    actor: ReadActor<'a>,
    #[serde(borrow)]
    run: Cow<'a, str>,
    cause: Option<Sequence>,
    correlation: Option<Sequence>,
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(default)]
    sealed: Vec<Part>,
    #[serde(default)]
    frame: Option<Frame>,
}

#[derive(Deserialize)]
struct ReadActor<'a> {
    kind: ActorKind,
    #[serde(borrow)]
    login: Cow<'a, str>,
}

/// Writes `envelope` as one line, without a newline at its end and with none inside, all of it readable.
///
/// # Errors
/// [`Error::Malformed`] when the event has no JSON form.
pub fn encode(envelope: &Envelope, before: ChainHash) -> Result<String, Error> {
    let (_, data) = data::of(&envelope.recorded.event);
    let actor = Cow::Borrowed(&envelope.recorded.stamp.actor);
    written(envelope, before, actor, data, Vec::new(), None)
}

/// As [`encode`], with what is private sealed as `veil` wants it.
///
/// # Errors
/// As [`encode`], and [`Error::Unsealable`] when it cannot be sealed.
pub fn encode_sealed(envelope: &Envelope, before: ChainHash, veil: &dyn Veil) -> Result<String, Error> {
    let extent = veil.extent();
    if extent == Extent::Nothing {
        return encode(envelope, before);
    }
    let stamp = &envelope.recorded.stamp;
    let (kind, data) = data::of(&envelope.recorded.event);
    let data = serde_json::to_string(&data).map_err(|error| Error::Malformed(error.to_string()))?;
    let split = sealing::split(kind, sealing_writer(&stamp.actor), &data).map_err(Error::Malformed)?;
    let (subject, at) = (stamp.subject.to_string(), stamp.at.to_string());
    let about = About {
        sequence: stamp.sequence.0,
        id: &envelope.id,
        subject: &subject,
        kind: (kind, upcast::current(kind).unwrap_or_default()),
        at: &at,
        by: None,
        part: (1, 1),
        data: NOTHING,
    };
    let parts = sealing::close(&about, &split, veil).map_err(Error::Unsealable)?;
    let raw = |text: &str| {
        RawValue::from_string(text.to_owned()).map_err(|error| Error::Malformed(error.to_string()))
    };
    let data = raw(&split.data)?;
    if extent == Extent::Sensitive {
        return written(envelope, before, Cow::Borrowed(&stamp.actor), data, parts, None);
    }
    let framed = Framed { login: stamp.actor.login.as_str().to_owned(), data, sealed: parts };
    let text = serde_json::to_string(&framed).map_err(|error| Error::Malformed(error.to_string()))?;
    let (key, text) = veil.close(&about, &text).map_err(Error::Unsealable)?;
    let actor = Actor { kind: stamp.actor.kind, login: Login::new(SEALED) };
    written(envelope, before, Cow::Owned(actor), raw(NOTHING)?, Vec::new(), Some(Frame { key, text }))
}

/// The data of a line that is sealed as a whole.
const NOTHING: &str = "{}";

/// Whose words an event holds where nothing in it says otherwise; empty: ours.
fn sealing_writer(actor: &Actor) -> &str {
    match actor.kind {
        ActorKind::Person | ActorKind::App | ActorKind::Bot => actor.login.as_str(),
        ActorKind::Automata | ActorKind::System => "",
    }
}

fn written<D: Serialize>(
    envelope: &Envelope,
    before: ChainHash,
    actor: Cow<'_, Actor>,
    data: D,
    sealed: Vec<Part>,
    frame: Option<Frame>,
) -> Result<String, Error> {
    let Recorded { stamp, event } = &envelope.recorded;
    let kind = kind(event);
    let written = Written {
        v: upcast::current(kind).ok_or_else(|| Error::Malformed(format!("`{kind}` has no version")))?,
        seq: stamp.sequence,
        id: &envelope.id,
        prev: &before.prefix(),
        subject: stamp.subject.to_string(),
        at: stamp.at,
        actor,
        run: &stamp.run,
        cause: stamp.cause,
        correlation: stamp.correlation,
        r#type: kind,
        data,
        sealed,
        frame,
    };
    let mut line = serde_json::to_string(&written).map_err(|error| Error::Malformed(error.to_string()))?;
    // A payload is kept as the text it came in and may be spread over lines. Inside a JSON string a line
    // break is always escaped, so every one that is left is white space between tokens.
    if line.contains(['\n', '\r']) {
        line = line.replace(['\n', '\r'], " ");
    }
    Ok(line)
}

/// Whose words an event holds, in lower case; empty: ours.
#[must_use]
pub fn writers(envelope: &Envelope) -> BTreeSet<String> {
    let (kind, data) = data::of(&envelope.recorded.event);
    let writer = sealing_writer(&envelope.recorded.stamp.actor);
    let split = serde_json::to_string(&data).ok().and_then(|data| sealing::split(kind, writer, &data).ok());
    split.map(|split| split.private.into_keys().collect()).unwrap_or_default()
}

/// The name on the wire of this type of event: `task.claimed`.
#[must_use]
pub fn kind(event: &Event) -> &'static str {
    data::of(event).0
}

/// Reads one line, given without its newline. What is sealed in it stays so.
///
/// # Errors
/// [`Error::Newer`] for a type or a version that this program does not know, [`Error::Malformed`] for
/// anything that is not a line of ours.
pub fn decode(line: &[u8]) -> Result<Line<'_>, Error> {
    decode_sealed(line, None)
}

/// As [`decode`], with what is sealed opened as far as `veil` can.
///
/// # Errors
/// As [`decode`], and [`Error::Unsealable`] for what does not open though its key is there.
pub fn decode_sealed<'a>(line: &'a [u8], veil: Option<&dyn Veil>) -> Result<Line<'a>, Error> {
    let malformed = |reason: String| Error::Malformed(reason);
    // Checked once for the whole line; the parser would check each string and the data as a whole again.
    let text = std::str::from_utf8(line).map_err(|error| malformed(error.to_string()))?;
    let mut read: Read<'_> = serde_json::from_str(text).map_err(|error| malformed(without_place(&error)))?;
    let kind = read.r#type.as_ref();
    let current = upcast::current(kind)
        .ok_or_else(|| Error::Newer(format!("this program does not know events of type `{kind}`")))?;
    let (mut login, mut data) = (None, Cow::Borrowed(read.data.get()));
    let mut is_shut = false;
    if read.frame.is_some() || !read.sealed.is_empty() {
        let at = read.at.to_string();
        let about = About {
            sequence: read.seq.0,
            id: &read.id,
            subject: &read.subject,
            kind: (kind, read.v),
            at: &at,
            by: None,
            part: (1, 1),
            data: NOTHING,
        };
        let opened = veil.zip(read.frame.as_ref());
        let opened = opened.map(|(veil, frame)| veil.open(&about, &frame.key, &frame.text));
        match opened.transpose().map_err(Error::Unsealable)? {
            Some(Opened::Text(text)) => {
                let framed: Framed =
                    serde_json::from_str(&text).map_err(|error| malformed(without_place(&error)))?;
                (login, read.sealed) = (Some(framed.login), framed.sealed);
                data = Cow::Owned(framed.data.get().to_owned());
            }
            _ => is_shut = read.frame.is_some(),
        }
        if let Some(veil) = veil.filter(|_| !read.sealed.is_empty()) {
            let about = About { data: &data, ..about };
            data = Cow::Owned(sealing::open(&about, &read.sealed, veil).map_err(Error::Unsealable)?);
        }
    }
    let event = if is_shut {
        Event::Sealed(Sealed { kind: kind.to_owned() })
    } else {
        let data =
            upcast::raise(upcast::STEPS, kind, read.v, current, &data).map_err(|error| match error {
                upcast::Error::Newer(reason) => Error::Newer(reason),
                unreadable @ upcast::Error::Unreadable { .. } => malformed(unreadable.to_string()),
            })?;
        data::read(kind, &data)
            .map_err(|error| malformed(format!("the data of `{kind}`: {}", without_place(&error))))?
    };
    let login = login.map_or_else(|| Login::new(read.actor.login), Login::new);
    let stamp = Stamp {
        sequence: read.seq,
        subject: read
            .subject
            .parse()
            .map_err(|error: crate::domain::subject::NotASubject| malformed(error.to_string()))?,
        at: read.at,
        actor: Actor { kind: read.actor.kind, login },
        run: RunId::new(read.run),
        cause: read.cause,
        correlation: read.correlation,
    };
    Ok(Line {
        envelope: Envelope { id: read.id.into_owned(), recorded: Recorded { stamp, event } },
        prev: read.prev,
    })
}

/// The parser counts lines and columns inside the text it was given, which is always one line of the log:
/// beside the line's own place in the log that would mislead.
fn without_place(error: &serde_json::Error) -> String {
    let told = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    told.strip_suffix(&place).unwrap_or(&told).to_owned()
}

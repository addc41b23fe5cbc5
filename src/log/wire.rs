//! One event as one line of JSON, and back.
//!
//! ```text
//! {"v":1,"seq":12,"id":"…-0","prev":"0f3c…","subject":"issue/42","at":"…","actor":{…},"run":"…",
//!  "cause":11,"correlation":9,"type":"task.enqueued","data":{…}}
//! ```
//! `v` is the version of `data`'s shape for this `type`; `prev` begins the chain's hash before the line.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::domain::actor::{Actor, ActorKind};
use crate::domain::event::{Event, Recorded, Stamp};
use crate::domain::id::{Login, RunId, Sequence};
use crate::domain::time::Timestamp;

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
struct Written<'a> {
    v: u32,
    seq: Sequence,
    id: &'a str,
    prev: &'a str,
    subject: String,
    at: Timestamp,
    actor: &'a Actor,
    run: &'a RunId,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Sequence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation: Option<Sequence>,
    r#type: &'static str,
    data: data::Written<'a>,
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
}

#[derive(Deserialize)]
struct ReadActor<'a> {
    kind: ActorKind,
    #[serde(borrow)]
    login: Cow<'a, str>,
}

/// Writes `envelope` as one line, without a newline at its end and with none inside.
///
/// # Errors
/// [`Error::Malformed`] when the event has no JSON form.
pub fn encode(envelope: &Envelope, before: ChainHash) -> Result<String, Error> {
    let Recorded { stamp, event } = &envelope.recorded;
    let (kind, data) = data::of(event);
    let written = Written {
        v: upcast::current(kind).ok_or_else(|| Error::Malformed(format!("`{kind}` has no version")))?,
        seq: stamp.sequence,
        id: &envelope.id,
        prev: &before.prefix(),
        subject: stamp.subject.to_string(),
        at: stamp.at,
        actor: &stamp.actor,
        run: &stamp.run,
        cause: stamp.cause,
        correlation: stamp.correlation,
        r#type: kind,
        data,
    };
    let mut line = serde_json::to_string(&written).map_err(|error| Error::Malformed(error.to_string()))?;
    // A payload is kept as the text it came in and may be spread over lines. Inside a JSON string a line
    // break is always escaped, so every one that is left is white space between tokens.
    if line.contains(['\n', '\r']) {
        line = line.replace(['\n', '\r'], " ");
    }
    Ok(line)
}

/// The name on the wire of this type of event: `task.claimed`.
#[must_use]
pub fn kind(event: &Event) -> &'static str {
    data::of(event).0
}

/// Reads one line, given without its newline.
///
/// # Errors
/// [`Error::Newer`] for a type or a version that this program does not know, [`Error::Malformed`] for
/// anything that is not a line of ours.
pub fn decode(line: &[u8]) -> Result<Line<'_>, Error> {
    let malformed = |reason: String| Error::Malformed(reason);
    // Checked once for the whole line; the parser would check each string and the data as a whole again.
    let text = std::str::from_utf8(line).map_err(|error| malformed(error.to_string()))?;
    let read: Read<'_> = serde_json::from_str(text).map_err(|error| malformed(without_place(&error)))?;
    let kind = read.r#type.as_ref();
    let current = upcast::current(kind)
        .ok_or_else(|| Error::Newer(format!("this program does not know events of type `{kind}`")))?;
    let data =
        upcast::raise(upcast::STEPS, kind, read.v, current, read.data.get()).map_err(
            |error| match error {
                upcast::Error::Newer(reason) => Error::Newer(reason),
                unreadable @ upcast::Error::Unreadable { .. } => malformed(unreadable.to_string()),
            },
        )?;
    let event = data::read(kind, &data)
        .map_err(|error| malformed(format!("the data of `{kind}`: {}", without_place(&error))))?;
    let stamp = Stamp {
        sequence: read.seq,
        subject: read
            .subject
            .parse()
            .map_err(|error: crate::domain::subject::NotASubject| malformed(error.to_string()))?,
        at: read.at,
        actor: Actor { kind: read.actor.kind, login: Login::new(read.actor.login) },
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

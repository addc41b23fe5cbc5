//! Reading stored lines in order: every line is decoded, every place and the chain are checked.

use std::fmt;

use crate::domain::id::Sequence;

use super::{ChainHash, Envelope, Error, wire};

/// Where in the log something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The commit, or whatever the adapter calls a state of the log.
    pub commit: String,
    /// The file in it.
    pub file: String,
    /// The line, from 1; zero when the file as a whole is meant.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "commit {}, {}", self.commit, self.file)?;
        if self.line > 0 { write!(f, ", line {}", self.line) } else { Ok(()) }
    }
}

impl Place {
    /// A damage here.
    #[must_use]
    pub fn damaged(&self, reason: impl Into<String>) -> Error {
        Error::Damaged { place: self.to_string(), reason: reason.into(), ways_out: Vec::new() }
    }
}

/// Reads on from a known place in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The last event read.
    pub sequence: Sequence,
    /// The chain's hash after it.
    pub chain: ChainHash,
}

impl Reader {
    /// Begins with the first event of all.
    pub const START: Self = Self { sequence: Sequence::ZERO, chain: ChainHash::START };

    /// Reads one file of lines and hands out each event.
    ///
    /// # Errors
    /// [`Error::Damaged`] or [`Error::Newer`] with the exact line; events before it were handed out.
    pub fn read(
        &mut self,
        commit: &str,
        file: &str,
        content: &[u8],
        visit: &mut (dyn FnMut(Envelope) + Send),
    ) -> Result<(), Error> {
        let place = |line| Place { commit: commit.to_owned(), file: file.to_owned(), line };
        let mut rest = content;
        let mut number = 1;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            visit(self.next(&rest[..end], || place(number))?);
            (rest, number) = (&rest[end + 1..], number + 1);
        }
        if rest.is_empty() && number > 1 {
            return Ok(());
        }
        Err(place(number).damaged("the file does not end with a whole line"))
    }

    fn next(&mut self, line: &[u8], place: impl Fn() -> Place) -> Result<Envelope, Error> {
        let read = wire::decode(line).map_err(|error| match error {
            wire::Error::Newer(reason) => Error::Newer { place: place().to_string(), reason },
            wire::Error::Malformed(reason) => place().damaged(format!("not an event: {reason}")),
        })?;
        let (found, due) = (read.envelope.recorded.stamp.sequence, self.sequence.next());
        if found != due {
            return Err(place().damaged(format!("event {found} stands where event {due} belongs")));
        }
        if !self.chain.begins_with(&read.prev) {
            return Err(place().damaged(format!(
                "the chain is broken: event {found} follows {}, but {} comes before it",
                read.prev,
                self.chain.prefix()
            )));
        }
        *self = Self { sequence: found, chain: self.chain.after(line) };
        Ok(read.envelope)
    }
}

/// Writes `events` after `head`'s end: the lines, each with its newline, and the reader that stands at
/// the new end.
///
/// # Errors
/// [`Error::Damaged`] when the events' places do not follow without a gap, there are none, or one has no JSON form:
/// nothing of that may reach the log.
pub fn write(from: Reader, events: &[Envelope]) -> Result<(String, Reader), Error> {
    let refuse = |reason: String| {
        let place = "the events to append".to_owned();
        Error::Damaged { place, reason, ways_out: Vec::new() }
    };
    if events.is_empty() {
        return Err(refuse("there are none".to_owned()));
    }
    let mut lines = String::new();
    let mut end = from;
    for envelope in events {
        let (found, due) = (envelope.recorded.stamp.sequence, end.sequence.next());
        if found != due {
            return Err(refuse(format!("event {found} stands where event {due} belongs")));
        }
        let line = wire::encode(envelope, end.chain).map_err(|error| refuse(error.to_string()))?;
        end = Reader { sequence: found, chain: end.chain.after(line.as_bytes()) };
        lines.push_str(&line);
        lines.push('\n');
    }
    Ok((lines, end))
}

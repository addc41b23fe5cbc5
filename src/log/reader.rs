//! Reading stored lines in order: every line is decoded, every place and the chain are checked.

use std::fmt;

use crate::domain::id::Sequence;

use super::sealing::Veil;
use super::{ChainHash, Envelope, Error, wire};

/// Where in the log something is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The commit, or whatever the adapter calls a state of the log; empty where there is none.
    pub commit: String,
    /// The file in it.
    pub file: String,
    /// The line, from 1; zero when the file as a whole is meant.
    pub line: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.commit.is_empty() {
            write!(f, "commit {}, ", self.commit)?;
        }
        f.write_str(&self.file)?;
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

/// A file of lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Which file.
    pub place: Place,
    /// The event that its name says it begins with, where it says so.
    pub first: Option<Sequence>,
    /// The lines, each with its newline.
    pub content: Vec<u8>,
}

/// Lines decoded at a time on the other thread: handing them over costs nothing beside that.
const BATCH: usize = 256;
/// Batches that may be decoded before the first of them is taken, so that memory stays small.
const BATCHES_AHEAD: usize = 4;
/// Bytes from which a second thread shortens the reading: some hundred events. A run's usual read is below it.
const WORTH_A_THREAD: usize = 64 << 10;

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

    /// Reads files of lines, in order, and hands out each event.
    ///
    /// # Errors
    /// [`Error::Damaged`] or [`Error::Newer`] with the exact line; events before it were handed out.
    pub fn read(&mut self, files: &[Stored], visit: &mut (dyn FnMut(Envelope) + Send)) -> Result<(), Error> {
        self.read_sealed(files, None, visit)
    }

    /// As [`Reader::read`], with what is sealed opened as far as `veil` can.
    ///
    /// # Errors
    /// As [`Reader::read`]; what does not open though its key is there is a damage.
    pub fn read_sealed(
        &mut self,
        files: &[Stored],
        veil: Option<&dyn Veil>,
        visit: &mut (dyn FnMut(Envelope) + Send),
    ) -> Result<(), Error> {
        let bytes: usize = files.iter().map(|file| file.content.len()).sum();
        if bytes < WORTH_A_THREAD {
            return lines(files).try_for_each(|line| self.next(line.decoded(veil)).map(&mut *visit));
        }
        // Decoding takes as long as checking and folding, and needs nothing of what comes before a line.
        std::thread::scope(|scope| {
            let (ahead, batches) = std::sync::mpsc::sync_channel(BATCHES_AHEAD);
            scope.spawn(move || {
                let mut lines = lines(files).map(|line| line.decoded(veil));
                loop {
                    let batch: Vec<Decoded<'_>> = lines.by_ref().take(BATCH).collect();
                    // Nobody takes it when the reader has met a damage.
                    if batch.is_empty() || ahead.send(batch).is_err() {
                        break;
                    }
                }
            });
            batches.into_iter().flatten().try_for_each(|decoded| self.next(decoded).map(&mut *visit))
        })
    }

    fn next(&mut self, (line, decoded): Decoded<'_>) -> Result<Envelope, Error> {
        let place = || Place { line: line.number, ..line.file.place.clone() };
        let due = self.sequence.next();
        if line.number == 1 && line.file.first.is_some_and(|first| first != due) {
            return Err(line.file.place.damaged(format!("event {due} should come next")));
        }
        let Some(text) = line.text else {
            return Err(place().damaged("the file does not end with a whole line"));
        };
        let read = decoded.map_err(|error| match error {
            wire::Error::Newer(reason) => Error::Newer { place: place().to_string(), reason },
            wire::Error::Malformed(reason) => place().damaged(format!("not an event: {reason}")),
            wire::Error::Unsealable(reason) => place().damaged(reason),
        })?;
        let found = read.envelope.recorded.stamp.sequence;
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
        *self = Self { sequence: found, chain: self.chain.after(text) };
        Ok(read.envelope)
    }
}

/// A line and where it stands.
#[derive(Clone, Copy)]
struct Line<'a> {
    file: &'a Stored,
    /// From 1.
    number: usize,
    /// Without its newline; none when the file ends before the line does.
    text: Option<&'a [u8]>,
}

/// A line with what it says.
type Decoded<'a> = (Line<'a>, Result<wire::Line<'a>, wire::Error>);

impl<'a> Line<'a> {
    fn decoded(self, veil: Option<&dyn Veil>) -> Decoded<'a> {
        (self, wire::decode_sealed(self.text.unwrap_or_default(), veil))
    }
}

fn lines(files: &[Stored]) -> impl Iterator<Item = Line<'_>> {
    files.iter().flat_map(|file| {
        let (mut rest, mut number) = (Some(file.content.as_slice()), 0);
        std::iter::from_fn(move || {
            let bytes = rest.filter(|rest| !rest.is_empty() || number == 0)?;
            number += 1;
            let end = memchr::memchr(b'\n', bytes);
            rest = end.map(|end| &bytes[end + 1..]);
            Some(Line { file, number, text: end.map(|end| &bytes[..end]) })
        })
    })
}

/// Writes `events` after `head`'s end: the lines, each with its newline, and the reader that stands at
/// the new end.
///
/// # Errors
/// [`Error::Damaged`] when the events' places do not follow without a gap, there are none, or one has no JSON form:
/// nothing of that may reach the log.
pub fn write(from: Reader, events: &[Envelope]) -> Result<(String, Reader), Error> {
    write_sealed(from, events, None)
}

/// As [`write`], with what is private sealed as `veil` wants it.
///
/// # Errors
/// As [`write`], also when something cannot be sealed.
pub fn write_sealed(
    from: Reader,
    events: &[Envelope],
    veil: Option<&dyn Veil>,
) -> Result<(String, Reader), Error> {
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
        let line = match veil {
            Some(veil) => wire::encode_sealed(envelope, end.chain, veil),
            None => wire::encode(envelope, end.chain),
        };
        let line = line.map_err(|error| refuse(error.to_string()))?;
        end = Reader { sequence: found, chain: end.chain.after(line.as_bytes()) };
        lines.push_str(&line);
        lines.push('\n');
    }
    Ok((lines, end))
}

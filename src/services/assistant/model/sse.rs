//! Server-sent events out of a stream of bytes that comes in pieces of any size.
//!
//! The format: <https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>. Only the data
//! is kept; both providers repeat the event's name in it.

/// Bytes that one event may have. A whole answer of a model fits many times over.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// One event is larger than any answer can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// What came in and is no whole event yet.
#[derive(Debug, Default)]
pub(super) struct Events {
    /// The line that has not ended yet.
    line: Vec<u8>,
    /// The data lines of the event that has not ended yet.
    data: Vec<u8>,
    has_data: bool,
    /// The last line ended with a carriage return: a line feed after it belongs to it.
    after_return: bool,
    is_begun: bool,
}

impl Events {
    /// Takes a piece in; gives the data of every event that it completes.
    pub(super) fn take(&mut self, piece: &[u8]) -> Result<Vec<String>, TooLarge> {
        let mut complete = Vec::new();
        for byte in piece {
            let was_return = std::mem::take(&mut self.after_return);
            match byte {
                b'\n' if was_return => {}
                b'\n' | b'\r' => {
                    self.after_return = *byte == b'\r';
                    complete.extend(self.end_line());
                }
                _ => self.line.push(*byte),
            }
            if self.line.len() + self.data.len() > MOST_BYTES {
                return Err(TooLarge);
            }
        }
        Ok(complete)
    }

    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        let mut line = line.as_slice();
        if !std::mem::replace(&mut self.is_begun, true) {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            return std::mem::take(&mut self.has_data).then(|| String::from_utf8_lossy(&data).into_owned());
        }
        if let Some(value) = line.strip_prefix(b"data:") {
            if std::mem::replace(&mut self.has_data, true) {
                self.data.push(b'\n');
            }
            self.data.extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(pieces: &[&[u8]]) -> Vec<String> {
        let mut events = Events::default();
        pieces.iter().flat_map(|piece| events.take(piece).unwrap()).collect()
    }

    #[test]
    fn data_lines_are_joined_and_the_rest_is_passed_over() {
        let stream = "\u{feff}: hello\nevent: x\ndata: one\ndata:two\nid: 7\n\n: ping\n\ndata\n\ndata: {\"a\": 1}\r\n\r\ndata: cut";
        assert_eq!(all(&[stream.as_bytes()]), ["one\ntwo", "{\"a\": 1}"]);
    }

    #[test]
    fn an_event_without_end_is_refused() {
        let mut events = Events::default();
        let piece = vec![b'x'; MOST_BYTES];
        assert_eq!(events.take(&piece), Ok(Vec::new()));
        assert_eq!(events.take(b"x"), Err(TooLarge));
    }

    proptest! {
        #[test]
        fn where_the_pieces_are_cut_does_not_matter(
            texts in prop::collection::vec("[a-zäß→ ]{1,12}", 1..6),
            end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
            size in 1_usize..9,
        ) {
            let stream: String = texts.iter().map(|text| format!("data: {text}{end}{end}")).collect();
            let pieces: Vec<&[u8]> = stream.as_bytes().chunks(size).collect();
            prop_assert_eq!(all(&pieces), texts);
        }
    }
}

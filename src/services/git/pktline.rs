//! git's packet lines: four hexadecimal digits of length, then that much data.
//!
//! <https://git-scm.com/docs/protocol-common> and <https://git-scm.com/docs/protocol-v2>.

/// Bytes of data that one packet may carry: 65,520 less the four of the length.
const MAX_DATA: usize = 65_516;

/// What stands in a stream of packets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packet<'a> {
    /// Some data.
    Data(&'a [u8]),
    /// `0000`: the end of a message.
    Flush,
    /// `0001`: the end of a section.
    Delimiter,
    /// `0002`: the end of a response over a connection without an end of its own.
    ResponseEnd,
}

/// The bytes are not packets, or the server said what went wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Error {
    /// The stream ends inside a packet, or the length is no number.
    #[error("the answer is no git packet stream: {0}")]
    Malformed(String),
    /// The server reported a fatal error.
    #[error("the server says: {0}")]
    Fatal(String),
}

/// Reads packets out of a whole answer.
pub(super) struct Packets<'a>(&'a [u8]);

impl<'a> Packets<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What was not read yet.
    pub(super) const fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// The next packet; an error when there is none.
    pub(super) fn expect(&mut self) -> Result<Packet<'a>, Error> {
        self.next().unwrap_or_else(|| Err(Error::Malformed("it ends too early".to_owned())))
    }
}

impl<'a> Iterator for Packets<'a> {
    type Item = Result<Packet<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let packet = split(self.0)
            .and_then(|found| found.ok_or_else(|| Error::Malformed("it ends inside a packet".to_owned())));
        Some(packet.and_then(|(packet, rest)| {
            self.0 = rest;
            match packet {
                Packet::Data(data) => match data.strip_prefix(b"ERR ") {
                    Some(told) => Err(Error::Fatal(text(told))),
                    None => Ok(packet),
                },
                _ => Ok(packet),
            }
        }))
    }
}

/// Splits the first packet off; none when it is not whole yet.
pub(super) fn split(bytes: &[u8]) -> Result<Option<(Packet<'_>, &[u8])>, Error> {
    let Some((digits, rest)) = bytes.split_at_checked(4) else { return Ok(None) };
    let length = std::str::from_utf8(digits)
        .ok()
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .and_then(|digits| usize::from_str_radix(digits, 16).ok())
        .ok_or_else(|| Error::Malformed(format!("`{}` is no length", text(digits))))?;
    let special = |packet| Ok(Some((packet, rest)));
    match length {
        0 => special(Packet::Flush),
        1 => special(Packet::Delimiter),
        2 => special(Packet::ResponseEnd),
        3 => Err(Error::Malformed("a packet is shorter than its own length".to_owned())),
        _ => Ok(rest.split_at_checked(length - 4).map(|(data, rest)| (Packet::Data(data), rest))),
    }
}

/// Data as text: without the line feed at its end, and with whatever is no UTF-8 replaced.
pub(super) fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).trim_end_matches('\n').to_owned()
}

/// Writes packets.
#[derive(Debug, Default)]
pub(super) struct Message(Vec<u8>);

impl Message {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// A line of text, with the line feed that git's own client sends.
    pub(super) fn line(self, text: &str) -> Self {
        debug_assert!(text.len() < MAX_DATA, "a line of ours is short");
        self.data(format!("{text}\n").as_bytes())
    }

    /// Data as it is; what does not fit one packet goes into further ones.
    pub(super) fn data(mut self, data: &[u8]) -> Self {
        for part in data.chunks(MAX_DATA) {
            self.0.extend_from_slice(format!("{:04x}", part.len() + 4).as_bytes());
            self.0.extend_from_slice(part);
        }
        self
    }

    pub(super) fn flush(mut self) -> Self {
        self.0.extend_from_slice(b"0000");
        self
    }

    pub(super) fn delimiter(mut self) -> Self {
        self.0.extend_from_slice(b"0001");
        self
    }

    /// Bytes outside of any packet: the pack of a push.
    pub(super) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.0
    }
}

/// What came over the two bands of a multiplexed answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Bands {
    /// Band 1: a pack, or the report of a push in packets of its own.
    pub(super) data: Vec<u8>,
    /// Band 2: what the server says to people.
    pub(super) told: String,
}

/// Reads a multiplexed answer to its flush or its end. Band 3 is a fatal error.
pub(super) fn demultiplex(packets: &mut Packets<'_>) -> Result<Bands, Error> {
    let mut bands = Bands::default();
    for packet in packets {
        match packet? {
            Packet::Data([1, data @ ..]) => bands.data.extend_from_slice(data),
            Packet::Data([2, told @ ..]) => bands.told.push_str(&String::from_utf8_lossy(told)),
            Packet::Data([3, told @ ..]) => return Err(Error::Fatal(text(told))),
            Packet::Data(other) => {
                return Err(Error::Malformed(format!("`{}` is on no band", text(other))));
            }
            Packet::Delimiter => {}
            Packet::Flush | Packet::ResponseEnd => break,
        }
    }
    Ok(bands)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(bytes: &[u8]) -> Result<Vec<Packet<'_>>, Error> {
        Packets::new(bytes).collect()
    }

    #[test]
    fn packets_are_told_apart_and_errors_are_errors() {
        let message = Message::new().line("hello").delimiter().data(b"x").flush().bytes();
        assert_eq!(message, b"000ahello\n00010005x0000");
        assert_eq!(
            all(&message),
            Ok(vec![Packet::Data(b"hello\n"), Packet::Delimiter, Packet::Data(b"x"), Packet::Flush])
        );
        assert_eq!(all(b"0010ERR not here"), Err(Error::Fatal("not here".to_owned())));
        for nonsense in [b"00zz".as_slice(), b"+00a", b"0003", b"0009abc", b"00"] {
            assert!(matches!(all(nonsense), Err(Error::Malformed(_))), "{nonsense:?}");
        }
        assert!(matches!(Packets::new(b"").expect(), Err(Error::Malformed(_))));
    }

    #[test]
    fn bands_are_taken_apart_up_to_the_flush() {
        let stream =
            Message::new().data(b"\x01PA").data(b"\x02slow\n").data(b"\x01CK").flush().line("more").bytes();
        let mut packets = Packets::new(&stream);
        let bands = demultiplex(&mut packets).unwrap();
        assert_eq!(bands, Bands { data: b"PACK".to_vec(), told: "slow\n".to_owned() });
        assert_eq!(packets.rest(), b"0009more\n");
        let fatal = Message::new().data(b"\x03no\n").bytes();
        assert_eq!(demultiplex(&mut Packets::new(&fatal)), Err(Error::Fatal("no".to_owned())));
    }

    proptest! {
        #[test]
        fn noise_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = all(&noise);
            let _ = demultiplex(&mut Packets::new(&noise));
        }

        #[test]
        fn data_of_any_length_comes_back(length in 0_usize..140_000) {
            let data = vec![b'x'; length];
            let message = Message::new().data(&data).bytes();
            let back: Vec<u8> = Packets::new(&message).flat_map(|packet| match packet {
                Ok(Packet::Data(data)) => data.to_vec(),
                other => panic!("{other:?}"),
            }).collect();
            prop_assert_eq!(back, data);
        }
    }
}

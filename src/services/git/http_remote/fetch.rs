//! Asking for objects, and taking the pack out of the answer, in both protocols.

use super::super::objects::ObjectId;
use super::super::pktline::{Message, Packet, Packets, demultiplex, text};
use super::super::remote::{Depth, Error};
use super::AGENT;
use super::advertisement::Protocol;

/// Whether the contents of files come with the commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contents {
    /// They are left out and fetched when they are wanted.
    Left,
    /// They come.
    All,
}

/// A fetch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request<'a> {
    pub(super) wanted: &'a [ObjectId],
    /// A commit that is here with all that is in it, though not with what leads to it. Protocol 0 makes no use of it.
    pub(super) known: Option<ObjectId>,
    pub(super) depth: Depth,
    pub(super) contents: Contents,
}

impl Request<'_> {
    pub(super) fn body(&self, protocol: &Protocol) -> Vec<u8> {
        match protocol {
            Protocol::Two { shallow, .. } => self.two(*shallow),
            Protocol::Zero { capabilities } => self.zero(capabilities),
        }
    }

    fn two(&self, shallow: bool) -> Vec<u8> {
        let mut message = Message::new()
            .line("command=fetch")
            .line(AGENT)
            .delimiter()
            .line("no-progress")
            .line("ofs-delta");
        if let Some(depth) = self.depth.commits().filter(|_| shallow) {
            message = message.line(&format!("deepen {depth}"));
        }
        if self.contents == Contents::Left {
            message = message.line("filter blob:none");
        }
        if let Some(known) = self.known.filter(|_| shallow) {
            message = message.line(&format!("shallow {known}")).line(&format!("have {known}"));
        }
        for id in self.wanted {
            message = message.line(&format!("want {id}"));
        }
        message.line("done").flush().bytes()
    }

    fn zero(&self, capabilities: &[String]) -> Vec<u8> {
        let can = |wanted: &str| capabilities.iter().any(|known| known == wanted);
        let ours: Vec<&str> =
            ["side-band-64k", "ofs-delta", "no-progress"].into_iter().filter(|wanted| can(wanted)).collect();
        let mut message = Message::new();
        for (place, id) in self.wanted.iter().enumerate() {
            message = message.line(&match place {
                0 => format!("want {id} {} {AGENT}", ours.join(" ")),
                _ => format!("want {id}"),
            });
        }
        if let Some(depth) = self.depth.commits().filter(|_| can("shallow")) {
            message = message.line(&format!("deepen {depth}"));
        }
        message.flush().line("done").bytes()
    }
}

/// Takes the pack out of the answer.
pub(super) fn pack(protocol: &Protocol, depth: Depth, answer: &[u8]) -> Result<Vec<u8>, Error> {
    match protocol {
        Protocol::Two { .. } => pack_of_two(answer),
        Protocol::Zero { capabilities } => {
            let can = |wanted: &str| capabilities.iter().any(|known| known == wanted);
            pack_of_zero(answer, depth.commits().is_some() && can("shallow"), can("side-band-64k"))
        }
    }
}

fn pack_of_two(answer: &[u8]) -> Result<Vec<u8>, Error> {
    let mut packets = Packets::new(answer);
    loop {
        match packets.expect()? {
            Packet::Data(line) if text(line) == "packfile" => return Ok(demultiplex(&mut packets)?.data),
            // `shallow-info` and whatever other sections come before; what is shallow we know, since
            // nothing here ever walks beyond it.
            Packet::Data(_) | Packet::Delimiter => {}
            Packet::Flush | Packet::ResponseEnd => {
                return Err(Error::Broken("the server sent no pack".to_owned()));
            }
        }
    }
}

fn pack_of_zero(answer: &[u8], is_shallow: bool, has_bands: bool) -> Result<Vec<u8>, Error> {
    let mut packets = Packets::new(answer);
    if is_shallow {
        while let Packet::Data(_) = packets.expect()? {}
    }
    match packets.expect()? {
        Packet::Data(line) if text(line) == "NAK" => {}
        other => return Err(Error::Broken(format!("the server sent {other:?} instead of a pack"))),
    }
    if has_bands { Ok(demultiplex(&mut packets)?.data) } else { Ok(packets.rest().to_vec()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id() -> ObjectId {
        "1".repeat(40).parse().unwrap()
    }

    fn shown(body: &[u8]) -> String {
        String::from_utf8_lossy(body).into_owned()
    }

    #[test]
    fn a_fetch_asks_only_for_what_the_server_can() {
        let wanted = [id()];
        let (depth, contents) = (Depth::Tip, Contents::Left);
        let request = Request { wanted: &wanted, known: Some(id()), depth, contents };
        let two = shown(&request.body(&Protocol::Two { shallow: true, filter: true }));
        assert!(two.contains("deepen 1\n") && two.contains("filter blob:none\n"), "{two}");
        assert!(two.contains(&format!("shallow {0}\n0032have {0}\n", id())), "{two}");
        let two = shown(&request.body(&Protocol::Two { shallow: false, filter: true }));
        assert!(!two.contains("deepen") && !two.contains("have"), "{two}");
        let zero = Protocol::Zero { capabilities: vec!["shallow".to_owned(), "side-band-64k".to_owned()] };
        let zero = shown(&request.body(&zero));
        assert!(zero.contains(" side-band-64k agent=automata/") && zero.contains("deepen 1\n"), "{zero}");
        assert!(!zero.contains("filter") && !zero.contains("ofs-delta"), "{zero}");
    }

    #[test]
    fn the_pack_is_found_behind_the_other_sections() {
        let two = Message::new()
            .line("shallow-info")
            .line(&format!("shallow {}", id()))
            .delimiter()
            .line("packfile")
            .data(b"\x01PACK")
            .flush()
            .bytes();
        assert_eq!(pack_of_two(&two), Ok(b"PACK".to_vec()));
        assert!(pack_of_two(&Message::new().line("acknowledgments").flush().bytes()).is_err());
        let zero = |shallow: bool| {
            let message = Message::new();
            let message = if shallow { message.line(&format!("shallow {}", id())).flush() } else { message };
            message.line("NAK")
        };
        assert_eq!(
            pack_of_zero(&zero(true).data(b"\x01PACK").flush().bytes(), true, true),
            Ok(b"PACK".to_vec())
        );
        assert_eq!(pack_of_zero(&zero(false).raw(b"PACK").bytes(), false, false), Ok(b"PACK".to_vec()));
        assert!(pack_of_zero(b"0009what\n", false, true).is_err());
    }
}

//! What a server says about itself and its refs, in both protocols.

use super::super::objects::ObjectId;
use super::super::pktline::{Error as PacketError, Message, Packet, Packets, text};
use super::super::remote::{Error, RemoteRef};
use super::AGENT;
use super::fetch::Contents;

/// What the server speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Protocol 0: all refs at once, then a fetch of what they name.
    Zero {
        /// What the server can do.
        capabilities: Vec<String>,
    },
    /// Protocol 2: commands.
    Two {
        /// Whether `fetch` knows depths.
        shallow: bool,
        /// Whether `fetch` can leave out the contents of files.
        filter: bool,
    },
}

impl Protocol {
    /// What a fetch of commits brings. Protocol 0 always brings everything, since a server need not hand out
    /// single files there.
    pub(super) const fn contents(&self) -> Contents {
        match self {
            Self::Two { filter: true, .. } => Contents::Left,
            _ => Contents::All,
        }
    }
}

/// The answer to `info/refs`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Advertisement {
    pub(super) protocol: Protocol,
    /// Protocol 0 only.
    pub(super) refs: Vec<RemoteRef>,
}

pub(super) fn parse(answer: &[u8]) -> Result<Advertisement, Error> {
    let mut lines = Vec::new();
    for packet in Packets::new(answer) {
        // Servers differ in whether the service's name and a flush stand before protocol 2.
        if let Packet::Data(line) = packet?
            && !line.starts_with(b"# service=")
        {
            lines.push(line);
        }
    }
    match lines.first() {
        None => Err(Error::Broken("the address is no git repository: its answer is empty".to_owned())),
        Some(first) if text(first) == "version 2" => two(&lines[1..]),
        Some(first) if text(first) == "version 1" => zero(&lines[1..]),
        Some(_) => zero(&lines),
    }
}

fn only_sha1(format: Option<&str>) -> Result<(), Error> {
    match format {
        None | Some("sha1") => Ok(()),
        Some(other) => {
            Err(Error::Broken(format!("repositories with {other} object names are not supported")))
        }
    }
}

fn two(lines: &[&[u8]]) -> Result<Advertisement, Error> {
    let lines: Vec<String> = lines.iter().map(|line| text(line)).collect();
    let value = |key: &str| lines.iter().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    only_sha1(value("object-format"))?;
    let has = |feature| value("fetch").is_some_and(|list| list.split(' ').any(|known| known == feature));
    let protocol = Protocol::Two { shallow: has("shallow"), filter: has("filter") };
    Ok(Advertisement { protocol, refs: Vec::new() })
}

fn zero(lines: &[&[u8]]) -> Result<Advertisement, Error> {
    let mut capabilities = Vec::new();
    let mut refs = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let line = text(line);
        let (line, list) = line.split_once('\0').unwrap_or((&line, ""));
        if place == 0 {
            capabilities = list.split(' ').map(str::to_owned).collect();
        }
        let (id, name) = line
            .split_once(' ')
            .ok_or_else(|| Error::Broken(format!("the address is no git repository: `{line}` is no ref")))?;
        if !name.ends_with("^{}") && id != "shallow" {
            refs.push(RemoteRef { name: name.to_owned(), target: object(id)?, stands_for: None });
        }
    }
    only_sha1(capabilities.iter().find_map(|known| known.strip_prefix("object-format=")))?;
    for link in capabilities.iter().filter_map(|known| known.strip_prefix("symref=")?.split_once(':')) {
        if let Some(found) = refs.iter_mut().find(|found| found.name == link.0) {
            found.stands_for = Some(link.1.to_owned());
        }
    }
    Ok(Advertisement { protocol: Protocol::Zero { capabilities }, refs })
}

/// The request for the refs of protocol 2.
pub(super) fn list_request(prefixes: &[&str]) -> Vec<u8> {
    let message = Message::new().line("command=ls-refs").line(AGENT).delimiter().line("symrefs");
    prefixes
        .iter()
        .fold(message, |message, prefix| message.line(&format!("ref-prefix {prefix}")))
        .flush()
        .bytes()
}

/// The refs of protocol 2.
pub(super) fn parse_list(answer: &[u8]) -> Result<Vec<RemoteRef>, Error> {
    let mut packets = Packets::new(answer);
    let mut refs = Vec::new();
    while let Packet::Data(line) = packets.expect()? {
        let line = text(line);
        let mut words = line.split(' ');
        let (Some(id), Some(name)) = (words.next(), words.next()) else {
            return Err(PacketError::Malformed(format!("`{line}` is no ref")).into());
        };
        let stands_for = words.find_map(|word| word.strip_prefix("symref-target:").map(str::to_owned));
        refs.push(RemoteRef { name: name.to_owned(), target: object(id)?, stands_for });
    }
    Ok(refs)
}

fn object(id: &str) -> Result<ObjectId, Error> {
    id.parse().map_err(|_| Error::Broken(format!("the address is no git repository: `{id}` is no object")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "1111111111111111111111111111111111111111";

    #[test]
    fn protocol_two_is_read_with_and_without_the_service_line() {
        let bare = Message::new()
            .line("version 2")
            .line("agent=git/2.47")
            .line("fetch=shallow wait-for-done filter")
            .line("object-format=sha1")
            .flush()
            .bytes();
        let mut with = Message::new().line("# service=git-upload-pack").flush().bytes();
        with.extend_from_slice(&bare);
        for answer in [bare, with] {
            let read = parse(&answer).unwrap();
            assert_eq!(read.protocol, Protocol::Two { shallow: true, filter: true });
        }
        let poor = Message::new().line("version 2").line("fetch").flush().bytes();
        assert_eq!(parse(&poor).unwrap().protocol, Protocol::Two { shallow: false, filter: false });
    }

    #[test]
    fn protocol_zero_brings_the_refs_and_knows_what_head_stands_for() {
        let answer = Message::new()
            .line("# service=git-upload-pack")
            .flush()
            .line(&format!("{ID} HEAD\0shallow symref=HEAD:refs/heads/main agent=git/1"))
            .line(&format!("{ID} refs/heads/main"))
            .line(&format!("{ID} refs/tags/v1"))
            .line(&format!("{ID} refs/tags/v1^{{}}"))
            .flush()
            .bytes();
        let read = parse(&answer).unwrap();
        let names: Vec<_> =
            read.refs.iter().map(|found| (found.name.as_str(), found.stands_for.as_deref())).collect();
        assert_eq!(
            names,
            [("HEAD", Some("refs/heads/main")), ("refs/heads/main", None), ("refs/tags/v1", None)]
        );
        let empty =
            Message::new().line(&format!("{} capabilities^{{}}\0shallow", "0".repeat(40))).flush().bytes();
        assert_eq!(parse(&empty).unwrap().refs, []);
    }

    #[test]
    fn other_answers_are_errors() {
        let sha256 = Message::new().line("version 2").line("object-format=sha256").flush().bytes();
        for answer in [sha256.as_slice(), b"<html>", b"", b"0000", b"000bversion"] {
            assert!(matches!(parse(answer), Err(Error::Broken(_))), "{answer:?}");
        }
        assert!(parse_list(&Message::new().line("what").flush().bytes()).is_err());
        assert!(parse_list(&Message::new().line(&format!("{ID} refs/heads/main")).bytes()).is_err());
    }
}

//! The lines of the log: what reads as an event is written and read the same again, all else names its place.

use std::path::Path;

use automata::domain::event::Event;
use automata::domain::id::Sequence;
use automata::log::reader::{Place, Reader, Stored, write};
use automata::log::wire::decode;

use super::{Target, files, outcome, text};

#[test]
fn nothing_that_lies_on_the_state_branch_breaks_the_reader() {
    let golden = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("state/golden"));
    let lines: Vec<&[u8]> = golden.iter().flat_map(|file| file.split(|byte| *byte == b'\n')).collect();
    // Single lines with all kinds of events, and the whole file as it lies in a tail.
    let mut seeds: Vec<Vec<u8>> =
        lines.iter().filter(|line| !line.is_empty()).map(|line| line.to_vec()).collect();
    seeds.extend(lines.chunks(8).map(|lines| [lines.join(&b'\n'), b"\n".to_vec()].concat()));
    let words = [
        "{",
        "}",
        "\"seq\":",
        "\"v\":",
        "\"prev\":",
        "\"type\":",
        "\"task.claimed\"",
        "\"data\":",
        "null",
        "\\u0000",
    ];
    Target { name: "lines", seeds, words: &words }.fuzz(|input| {
        let line = decode(input);
        if let Ok(line) = &line
            // What is sealed is not written again without its key.
            && !matches!(line.envelope.recorded.event, Event::Sealed(_))
            && let Some(before) = line.envelope.recorded.stamp.sequence.0.checked_sub(1)
        {
            let from = Reader { sequence: Sequence(before), chain: Reader::START.chain };
            let (written, end) =
                write(from, std::slice::from_ref(&line.envelope)).expect("what was read can be written");
            let (mut reader, mut again) = (from, Vec::new());
            reader.read(&[stored(written.as_bytes())], &mut |envelope| again.push(envelope)).unwrap();
            assert_eq!((again, reader), (vec![line.envelope.clone()], end));
        }
        let mut events = 0;
        let read = Reader { ..Reader::START }.read(&[stored(input)], &mut |_| events += 1);
        assert!(events <= input.len() / 100 + 1, "{events} events in {} bytes", input.len());
        if let Err(error) = &read {
            assert!(error.to_string().len() <= 4_096 + 2 * text(input).len(), "{error}");
        }
        format!("{} {}", outcome(&line.map(drop), |()| 0), outcome(&read, |()| events))
    });
}

fn stored(content: &[u8]) -> Stored {
    let place = Place { commit: "commit".to_owned(), file: "file".to_owned(), line: 0 };
    Stored { place, first: None, content: content.to_owned() }
}

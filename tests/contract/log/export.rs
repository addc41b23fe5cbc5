//! An export as a text: what is taken in, and what is not.

use automata::log::Head;
use automata::log::export::{Heading, read};
use automata::log::reader::{self, Reader};

use super::home::events;

fn exported() -> Vec<u8> {
    let (lines, end) = reader::write(Reader::START, &events(&Head::EMPTY, "a", 30)).unwrap();
    let heading = Heading::new("acme/widgets".to_owned(), 1, (end.sequence, end.chain), None);
    [heading.line().unwrap(), lines].concat().into_bytes()
}

#[test]
fn what_was_written_is_read_with_every_event() {
    let (content, mut found) = (exported(), Vec::new());
    let export = read(&content, "log.jsonl", &mut |event| found.push(event)).unwrap();
    assert_eq!(export.heading.repository, "acme/widgets");
    assert_eq!(found, events(&Head::EMPTY, "a", 30));
}

#[test]
fn an_export_that_was_cut_anywhere_is_refused() {
    let content = exported();
    for end in (0..content.len()).step_by(101).chain([content.len() - 1]) {
        assert!(read(&content[..end], "log.jsonl", &mut |_| ()).is_err(), "{end}");
    }
}

#[test]
fn an_export_with_any_byte_changed_is_refused_unless_the_first_line_alone_means_another_thing() {
    let content = exported();
    let first = content.iter().position(|byte| *byte == b'\n').unwrap();
    for place in (first + 1..content.len()).step_by(37) {
        let mut changed = content.clone();
        changed[place] ^= 1;
        assert!(read(&changed, "log.jsonl", &mut |_| ()).is_err(), "{place}");
    }
}

#[test]
fn a_newer_export_asks_for_the_newer_program() {
    let newer = b"{\"automata\":\"log\",\"version\":2,\"events\":\"elsewhere\"}\n";
    insta::assert_snapshot!(read(newer, "log.jsonl", &mut |_| ()).unwrap_err(), @"the log at log.jsonl, line 1 was written by a newer Automata: the export has version 2, this program reads up to 1");
}

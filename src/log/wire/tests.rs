//! What the codec promises: whatever is written is read back, on one line, for ever.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;

use super::{Error, decode, encode, samples};
use crate::domain::actor::{Actor, ActorKind};
use crate::domain::event::{Event, Recorded, Stamp, TaskCompleted, TriggerRefused};
use crate::domain::id::{IssueNumber, Login, RunId, Sequence, TaskId};
use crate::domain::payload::Payload;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;
use crate::log::reader::{self, Place, Reader, Stored};
use crate::log::{ChainHash, Envelope, Error as LogError, upcast};

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("state/golden")
}

fn read(content: &[u8]) -> Result<(Vec<Envelope>, Reader), LogError> {
    let (mut events, mut end) = (Vec::new(), Reader::START);
    let place = Place { commit: "abc".to_owned(), file: "tail/1.jsonl".to_owned(), line: 0 };
    let file = Stored { place, first: None, content: content.to_owned() };
    end.read(&[file], &mut |event| events.push(event))?;
    Ok((events, end))
}

#[test]
fn a_line_has_its_fields_in_a_fixed_order() {
    let envelopes = samples::envelopes();
    insta::assert_snapshot!(encode(&envelopes[13], ChainHash::START).unwrap(), @r#"{"v":1,"seq":14,"id":"7zq3m0x1c2v4-13","prev":"000000000000","subject":"issue/42","at":"2026-11-22T12:00:13Z","actor":{"kind":"person","login":"octo-cat"},"run":"1234567890.1","cause":13,"correlation":1,"type":"task.enqueued","data":{"task":"7zq3m0x1c2v4.1","spec":{"kind":"comment","subject":"issue/42","input":{"issue":42},"priority":70,"depends_on":["7zq3m0x1c2v4.0"],"unique":"comment/42","max_attempts":6,"not_before":"2026-11-22T12:00:05Z","reason":"The issue was opened."}}}"#);
    let first = encode(&envelopes[0], ChainHash::START).unwrap();
    assert!(!first.contains("cause") && !first.contains("correlation"), "{first}");
}

#[test]
fn the_first_format_still_opens_whole() {
    let content = fs::read(golden().join("v1/log.jsonl")).unwrap();
    let (events, end) = read(&content).unwrap();
    assert_eq!(events, samples::envelopes());
    assert_eq!(end.chain.to_string(), "93da583f58b4d90d5e2cc6d0ff80a50a224702bfa62dfa8958d5c12c613ac42d");
}

#[test]
fn what_is_written_today_is_the_golden_log() {
    let (lines, _) = reader::write(Reader::START, &samples::envelopes()).unwrap();
    assert_eq!(lines, fs::read_to_string(golden().join("v1/log.jsonl")).unwrap());
}

#[test]
fn no_event_type_and_no_version_is_without_a_golden_line() {
    #[derive(serde::Deserialize)]
    struct Head {
        v: u32,
        r#type: String,
    }
    let mut seen = BTreeSet::new();
    for format in fs::read_dir(golden()).unwrap() {
        for file in fs::read_dir(format.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            for line in fs::read_to_string(&path)
                .unwrap()
                .lines()
                .filter(|_| path.extension() == Some("jsonl".as_ref()))
            {
                let head: Head = serde_json::from_str(line).unwrap();
                assert!(decode(line.as_bytes()).is_ok(), "{} does not open: {line}", path.display());
                seen.insert((head.r#type, head.v));
            }
        }
    }
    let known: BTreeSet<_> = upcast::TYPES
        .iter()
        .flat_map(|(kind, current)| (1..=*current).map(|version| ((*kind).to_owned(), version)))
        .collect();
    assert_eq!(seen, known);
}

#[test]
fn a_payload_spread_over_lines_stays_on_one_line_of_the_log() {
    let output: Payload =
        serde_json::from_str("{\n  \"text\": \"a\\nb\u{2028}c\",\r\n  \"n\": 1\n}").unwrap();
    let mut envelope = samples::envelopes().remove(0);
    envelope.recorded.event =
        Event::TaskCompleted(TaskCompleted { task: TaskId::new("a.1"), lease: 1, output });
    let (lines, _) = reader::write(Reader::START, &[envelope]).unwrap();
    assert_eq!(lines.matches('\n').count(), 1);
    let (events, _) = read(lines.as_bytes()).unwrap();
    let Event::TaskCompleted(TaskCompleted { output, .. }) = &events[0].recorded.event else { panic!() };
    assert_eq!(output.as_str(), "{   \"text\": \"a\\nb\u{2028}c\",    \"n\": 1 }");
}

#[test]
fn a_newer_type_or_version_is_no_damage_and_names_its_place() {
    let (lines, _) = reader::write(Reader::START, &samples::envelopes()[..1]).unwrap();
    let error = |lines: String| read(lines.as_bytes()).unwrap_err().to_string();
    insta::assert_snapshot!(error(lines.replace("trigger.received", "comet.sighted")), @"the log at commit abc, tail/1.jsonl, line 1 was written by a newer Automata: this program does not know events of type `comet.sighted`");
    insta::assert_snapshot!(error(lines.replace("\"v\":1", "\"v\":2")), @"the log at commit abc, tail/1.jsonl, line 1 was written by a newer Automata: `trigger.received` has version 2, this program reads up to 1");
}

#[test]
fn every_sort_of_damage_names_its_line() {
    let (lines, _) = reader::write(Reader::START, &samples::envelopes()[..4]).unwrap();
    let rows: Vec<&str> = lines.lines().collect();
    let error = |rows: &[&str]| read((rows.join("\n") + "\n").as_bytes()).unwrap_err().to_string();
    let changed = rows[1].replace("octo-cat", "octo-bat");
    let told = [
        error(&[rows[0], &changed, rows[2]]),
        error(&[rows[0], rows[2]]),
        error(&[rows[0], rows[0]]),
        error(&[rows[0], "{\"v\":1", rows[2]]),
        error(&[rows[0], &rows[1].replace("issue/42", "moon/42")]),
        error(&[rows[0], &rows[1].replace("\"about\"", "\"abot\"")]),
        read(&lines.as_bytes()[..lines.len() - 10]).unwrap_err().to_string(),
        read(b"").unwrap_err().to_string(),
    ];
    insta::assert_snapshot!(told.join("\n"), @"
    the log is damaged at commit abc, tail/1.jsonl, line 3: the chain is broken: event 3 follows 7b107ddbbfc0, but cdb3777f4ba2 comes before it
    the log is damaged at commit abc, tail/1.jsonl, line 2: event 3 stands where event 2 belongs
    the log is damaged at commit abc, tail/1.jsonl, line 2: event 1 stands where event 2 belongs
    the log is damaged at commit abc, tail/1.jsonl, line 2: not an event: EOF while parsing an object
    the log is damaged at commit abc, tail/1.jsonl, line 2: not an event: the data of `trigger.received`: `moon/42` is not a subject: write issue/42, pull/7, drive/ID or repository
    the log is damaged at commit abc, tail/1.jsonl, line 2: not an event: the data of `trigger.received`: missing field `about`
    the log is damaged at commit abc, tail/1.jsonl, line 4: the file does not end with a whole line
    the log is damaged at commit abc, tail/1.jsonl, line 1: the file does not end with a whole line
    ");
}

/// The samples again and again, as files of five rounds each.
fn long_log(rounds: u64) -> (Vec<Stored>, Vec<Envelope>) {
    let (mut files, mut written, mut at) = (Vec::new(), Vec::new(), Reader::START);
    for round in 0..rounds / 5 {
        let (mut content, first) = (Vec::new(), at.sequence.next());
        for _ in 0..5 {
            let mut events = samples::envelopes();
            for event in &mut events {
                event.recorded.stamp.sequence = at.sequence.plus(event.recorded.stamp.sequence.0);
            }
            let (lines, end) = reader::write(at, &events).unwrap();
            (at, content) = (end, [content, lines.into_bytes()].concat());
            written.extend(events);
        }
        let place = Place { commit: "abc".to_owned(), file: format!("tail/{round}"), line: 0 };
        files.push(Stored { place, first: Some(first), content });
    }
    (files, written)
}

#[test]
fn a_long_log_is_read_as_a_short_one_is_and_up_to_the_line_that_is_damaged() {
    let (mut files, written) = long_log(60);
    let (mut whole, mut pieces, mut seen) = (Reader::START, Reader::START, Vec::new());
    whole.read(&files, &mut |event| seen.push(event)).unwrap();
    assert_eq!(seen, written);
    for file in &files {
        pieces.read(std::slice::from_ref(file), &mut |_| ()).unwrap();
    }
    assert_eq!(whole, pieces);

    let content = &mut files[8].content;
    let third = content.split_inclusive(|byte| *byte == b'\n').take(2).map(<[u8]>::len).sum::<usize>();
    content[third] = b'!';
    seen.clear();
    let error = Reader::START.clone().read(&files, &mut |event| seen.push(event)).unwrap_err();
    insta::assert_snapshot!(error, @"the log is damaged at commit abc, tail/8, line 3: not an event: expected value");
    assert_eq!(seen, written[..written.len() / 12 * 8 + 2]);

    files.remove(8);
    let error = Reader::START.clone().read(&files, &mut |_| ()).unwrap_err();
    insta::assert_snapshot!(error, @"the log is damaged at commit abc, tail/9: event 2441 should come next");
}

#[test]
fn events_that_do_not_follow_are_never_written() {
    let envelopes = samples::envelopes();
    assert!(matches!(reader::write(Reader::START, &[]), Err(LogError::Damaged { .. })));
    assert!(matches!(reader::write(Reader::START, &envelopes[1..2]), Err(LogError::Damaged { .. })));
}

fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        ".*",
        "[\"\\\\\n\r\u{0}\u{2028}\u{2029}\u{85}\u{1b}{}<]*",
        Just("\"}\n{\"v\":1,\"seq\":1}\n".to_owned()),
    ]
}

fn envelope() -> impl Strategy<Value = Envelope> {
    let kinds = prop_oneof![
        Just(ActorKind::Person),
        Just(ActorKind::App),
        Just(ActorKind::Bot),
        Just(ActorKind::Automata),
        Just(ActorKind::System)
    ];
    let texts = (hostile(), hostile(), hostile(), hostile());
    let numbers = (any::<u64>(), any::<u64>(), proptest::option::of(any::<u64>()));
    (kinds, texts, numbers, -62_135_596_800_000_i64..253_402_300_799_000).prop_map(
        |(kind, (id, login, run, text), (sequence, number, cause), millis)| Envelope {
            id,
            recorded: Recorded {
                stamp: Stamp {
                    sequence: Sequence(sequence),
                    subject: Subject::Pull(IssueNumber(number)),
                    at: Timestamp::from_millis(millis),
                    actor: Actor { kind, login: Login::new(login) },
                    run: RunId::new(run),
                    cause: cause.map(Sequence),
                    correlation: cause.map(Sequence),
                },
                event: if number % 2 == 0 {
                    Event::TriggerRefused(TriggerRefused {
                        event: text.clone(),
                        reason: text.clone(),
                        bytes: number,
                        digest: text,
                    })
                } else {
                    let output = Payload::of(&(text, number)).unwrap();
                    Event::TaskCompleted(TaskCompleted { task: TaskId::new("a.1"), lease: sequence, output })
                },
            },
        },
    )
}

proptest! {
    #[test]
    fn any_event_comes_back_as_it_was_from_one_line(envelope in envelope(), before in any::<[u8; 32]>()) {
        let line = encode(&envelope, ChainHash(before)).unwrap();
        prop_assert!(!line.contains('\n') && !line.contains('\r'));
        let read = decode(line.as_bytes()).unwrap();
        prop_assert_eq!(read.envelope, envelope);
        prop_assert_eq!(read.prev, ChainHash(before).prefix());
    }

    #[test]
    fn any_flipped_byte_is_noticed(place in any::<prop::sample::Index>(), mask in 1_u8..) {
        let (lines, end) = reader::write(Reader::START, &samples::envelopes()[..3]).unwrap();
        let mut bytes = lines.into_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= mask;
        prop_assert!(read(&bytes).map_or(true, |(_, found)| found != end));
    }

    #[test]
    fn noise_is_an_error_and_no_panic(noise in proptest::collection::vec(any::<u8>(), 0..200)) {
        let is_malformed = matches!(decode(&noise), Err(Error::Malformed(_)));
        prop_assert!(is_malformed);
    }
}

//! Every sort of event can be sealed, and opens as what it was; what was moved, swapped, cut or exchanged does not.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::event::Event;
use crate::log::reader::{self, Place, Reader, Stored};
use crate::log::wire::{self, decode_sealed, samples};
use crate::log::{ChainHash, Envelope};
use crate::services::entropy::Entropy;
use crate::services::seal::keyring::{Keyring, Opener};

fn keyring() -> Keyring {
    Keyring::new(Extent::Sensitive, None, &Entropy::seeded(1)).unwrap()
}

fn veil(keyring: Option<Keyring>, extent: Extent) -> Opener {
    Opener::new(keyring, extent, Arc::new(Entropy::seeded(2)))
}

fn lines(extent: Extent) -> String {
    let veil = veil(Some(keyring()), extent);
    reader::write_sealed(Reader::START, &samples::envelopes(), Some(&veil)).unwrap().0
}

fn read(lines: &str, veil: Option<&dyn Veil>) -> Vec<Envelope> {
    let place = Place { commit: "abc".to_owned(), file: "tail/1.jsonl".to_owned(), line: 0 };
    let file = Stored { place, first: None, content: lines.as_bytes().to_vec() };
    let mut events = Vec::new();
    let mut reader = Reader::START;
    reader.read_sealed(&[file], veil, &mut |event| events.push(event)).unwrap();
    events
}

#[test]
fn every_sort_of_event_is_sealed_and_opens_as_what_it_was() {
    for extent in [Extent::Nothing, Extent::Sensitive, Extent::All] {
        let veil = veil(Some(keyring()), extent);
        assert_eq!(read(&lines(extent), Some(&veil)), samples::envelopes(), "{extent:?}");
    }
}

#[test]
fn without_a_key_types_times_and_subjects_are_there_and_every_sort_of_event_still_reads() {
    let none = veil(None, Extent::Nothing);
    for veil in [None, Some(&none as &dyn Veil)] {
        let (sensitive, all) = (read(&lines(Extent::Sensitive), veil), read(&lines(Extent::All), veil));
        for ((envelope, sensitive), all) in samples::envelopes().iter().zip(sensitive).zip(all) {
            let (stamp, kind) = (&envelope.recorded.stamp, wire::kind(&envelope.recorded.event));
            assert_eq!(sensitive.recorded.stamp, *stamp);
            assert_eq!(wire::kind(&sensitive.recorded.event), kind);
            let Event::Sealed(sealed) = &all.recorded.event else { panic!("{all:?}") };
            assert_eq!(sealed.kind, kind);
            let bare = &all.recorded.stamp;
            assert_eq!((bare.sequence, bare.subject, bare.at), (stamp.sequence, stamp.subject, stamp.at));
            assert_eq!(bare.actor.login.as_str(), SEALED);
        }
    }
}

#[test]
fn what_people_wrote_is_in_no_line() {
    let (sensitive, all) = (lines(Extent::Sensitive), lines(Extent::All));
    for private in [
        "panicked",
        "Crash",
        "me too",
        "octo-cat asked",
        "Nothing waits",
        "label +bug",
        "two of five",
        "Widgets",
        "drain",
    ] {
        assert!(lines(Extent::Nothing).contains(private), "{private}");
        assert!(!sensitive.contains(private) && !all.contains(private), "{private}");
    }
    for name in ["octo-cat", "hubot", "bug"] {
        assert!(sensitive.contains(name) && !all.contains(name), "{name}");
    }
}

#[test]
fn the_stored_form_is_this() {
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("state/golden/v2");
    let keys = Keyring::read(&fs::read(golden.join("keys.json")).unwrap()).unwrap();
    for (file, extent) in [("sensitive.jsonl", Extent::Sensitive), ("all.jsonl", Extent::All)] {
        let stored = fs::read_to_string(golden.join(file)).unwrap();
        assert_eq!(read(&stored, Some(&veil(Some(keys.clone()), extent))), samples::envelopes(), "{file}");
        // All but what is sealed, which may be compressed otherwise by another day's library, and so the chain.
        let shown = |lines: &str| -> Vec<serde_json::Value> {
            let rows = lines.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
            rows.map(|mut row| {
                row["prev"].take();
                let parts = row.get("sealed").and_then(|parts| parts.as_array()).map_or(0, Vec::len);
                for slot in
                    (0..parts).map(|at| format!("/sealed/{at}/text")).chain(["/frame/text".to_owned()])
                {
                    row.pointer_mut(&slot).map(serde_json::Value::take);
                }
                row
            })
            .collect()
        };
        assert_eq!(shown(&stored), shown(&lines(extent)), "{file}");
    }
    assert_eq!(keys, keyring());
}

#[test]
fn what_was_forgotten_reads_as_that_and_the_words_of_others_stay() {
    let (mut keys, stored) = (keyring(), lines(Extent::Sensitive));
    keys.forget(&crate::services::seal::keyring::Whose {
        subject: "issue/42".to_owned(),
        by: "octo-cat".to_owned(),
    });
    let events = read(&stored, Some(&veil(Some(keys), Extent::Sensitive)));
    let data = |envelope: &Envelope| wire::encode(envelope, ChainHash::START).unwrap();
    assert!(
        data(&events[1]).contains(FORGOTTEN) && !data(&events[1]).contains("panicked"),
        "{}",
        data(&events[1])
    );
    assert!(data(&events[1]).contains("me too"), "the system's own comment beside it: {}", data(&events[1]));
    assert!(data(&events[0]).contains("panicked"), "another subject");
}

/// Each line changed in each way that somebody might try who cannot make one.
#[test]
fn what_is_sealed_opens_at_its_own_place_alone() {
    for extent in [Extent::Sensitive, Extent::All] {
        let veil = veil(Some(keyring()), extent);
        let stored = lines(extent);
        let rows: Vec<serde_json::Value> =
            stored.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let sealed = |row: &serde_json::Value| row.get("sealed").or(row.get("frame")).is_some();
        let refused = |row: &serde_json::Value, what: &str| {
            let line = row.to_string();
            let read = decode_sealed(line.as_bytes(), Some(&veil));
            assert!(matches!(read, Err(wire::Error::Unsealable(_))), "{what}: {line}\n{read:?}");
        };
        let slot = if extent == Extent::All { "/frame" } else { "/sealed/0" };
        for (row, other) in rows.iter().zip(rows.iter().cycle().skip(1)).filter(|(row, _)| sealed(row)) {
            let with = |change: &dyn Fn(&mut serde_json::Value)| {
                let mut row = row.clone();
                change(&mut row);
                row
            };
            refused(&with(&|row| row["seq"] = (row["seq"].as_u64().unwrap() + 1).into()), "replayed");
            refused(&with(&|row| row["subject"] = "issue/7".into()), "moved");
            refused(&with(&|row| row["id"] = "other-0".into()), "another id");
            refused(&with(&|row| row["at"] = "2020-01-01T00:00:00Z".into()), "another time");
            let text = format!("{slot}/text");
            let long = row.pointer(&text).unwrap().as_str().unwrap();
            for cut in [&long[..long.len() - 4], &long[4..], ""] {
                refused(&with(&|row| *row.pointer_mut(&text).unwrap() = cut.into()), "truncated");
            }
            if let Some(theirs) = other.pointer(&text) {
                refused(&with(&|row| *row.pointer_mut(&text).unwrap() = theirs.clone()), "swapped");
            }
            if extent == Extent::Sensitive {
                refused(&with(&|row| row["data"]["added"] = true.into()), "beside other data");
                refused(&with(&|row| row["sealed"][0]["by"] = "somebody".into()), "as somebody else's");
                if row["sealed"].as_array().unwrap().len() > 1 {
                    refused(
                        &with(&|row| row["sealed"].as_array_mut().unwrap().reverse()),
                        "in another order",
                    );
                    refused(
                        &with(&|row| drop(row["sealed"].as_array_mut().unwrap().pop())),
                        "without a part",
                    );
                }
            }
        }
        let another = Keyring::new(extent, None, &Entropy::seeded(77)).unwrap();
        let another = Opener::new(Some(another), extent, Arc::new(Entropy::seeded(2)));
        let first = stored.lines().next().unwrap();
        let read = decode_sealed(first.as_bytes(), Some(&another));
        assert!(matches!(read, Err(wire::Error::Unsealable(_))), "from another repository");
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let key = prop_oneof![
        "[a-z]{1,6}",
        Just("author".to_owned()),
        Just("login".to_owned()),
        Just("text".to_owned()),
        Just("inputs".to_owned()),
        Just(SEALED.to_owned()),
        Just("a@b".to_owned())
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        ".{0,12}".prop_map(Into::into),
        Just(SEALED.into()),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            proptest::collection::vec((key.clone(), inner), 0..5)
                .prop_map(|entries| serde_json::Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_data_is_taken_apart_and_put_together_letter_for_letter(data in json(), writer in "[a-zA-Z]{0,6}") {
        let text = data.to_string();
        let split = split("task.enqueued", &writer, &text).unwrap();
        let all: BTreeMap<usize, Box<RawValue>> =
            split.private.values().flat_map(|places| places.clone()).collect();
        prop_assert_eq!(private::put_back(&split.data, &all, false).unwrap(), text);
    }

    #[test]
    fn no_text_under_an_unknown_key_stays_readable(data in json(), secret in "[A-Z]{20}") {
        let text = serde_json::json!({ "something": data, "unheard_of": { "deep": [secret.as_str()] } }).to_string();
        let split = split("task.enqueued", "", &text).unwrap();
        prop_assert!(!split.data.contains(&secret));
    }
}

#[test]
fn zz_write_golden() {
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("state/golden");
    let (lines_now, _) = reader::write(Reader::START, &samples::envelopes()).unwrap();
    fs::write(golden.join("v1/log.jsonl"), lines_now).unwrap();
    fs::write(golden.join("v2/sensitive.jsonl"), lines(Extent::Sensitive)).unwrap();
    fs::write(golden.join("v2/all.jsonl"), lines(Extent::All)).unwrap();
}

//! What keys open, what they do not, and what is left when some of them were destroyed.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;

fn keyring() -> Keyring {
    Keyring::new(Extent::Sensitive, Some(1), &Entropy::seeded(1)).unwrap()
}

fn opener(keyring: &Keyring) -> Opener {
    Opener::new(Some(keyring.clone()), Extent::Sensitive, Arc::new(Entropy::seeded(2)))
}

fn about<'a>(sequence: u64, subject: &'a str, by: &'a str) -> About<'a> {
    let kind = ("trigger.received", 1);
    About {
        sequence,
        id: "a-0",
        subject,
        kind,
        at: "2026-11-22T12:00:00Z",
        by: Some(by),
        part: (1, 2),
        data: "{}",
    }
}

fn whose(subject: &str, by: &str) -> Whose {
    Whose { subject: subject.to_owned(), by: by.to_owned() }
}

#[test]
fn what_was_sealed_about_one_thing_opens_as_nothing_else() {
    let keys = opener(&keyring());
    let sealed_as = about(7, "issue/42", "mona");
    let (name, text) = keys.close(&sealed_as, "between us").unwrap();
    assert_eq!(name, "0.0.0");
    assert_eq!(keys.open(&sealed_as, &name, &text), Ok(Opened::Text("between us".to_owned())));
    let others = [
        About { sequence: 8, ..sealed_as },
        About { id: "a-1", ..sealed_as },
        About { subject: "issue/43", ..sealed_as },
        About { kind: ("trigger.held", 1), ..sealed_as },
        About { kind: ("trigger.received", 2), ..sealed_as },
        About { at: "2026-11-22T12:00:01Z", ..sealed_as },
        About { by: Some("carol"), ..sealed_as },
        About { by: Some(""), ..sealed_as },
        About { by: None, ..sealed_as },
        About { part: (2, 2), ..sealed_as },
        About { part: (1, 1), ..sealed_as },
        About { data: "{ }", ..sealed_as },
    ];
    for other in others {
        assert!(keys.open(&other, &name, &text).is_err(), "{other:?}");
    }
    for name in ["0.0.1", "0.1.0", "1.0.0", "00.0.0", "0.0", "", "0.0.0.0"] {
        assert!(!matches!(keys.open(&sealed_as, name, &text), Ok(Opened::Text(_))), "{name}");
    }
    let another = Keyring::new(Extent::Sensitive, Some(1), &Entropy::seeded(9)).unwrap();
    assert!(opener(&another).open(&sealed_as, &name, &text).is_err(), "another repository's keys");
    // A copy of a log has the same seed and calls itself by another name.
    let renamed = Keyring { id: "0".repeat(32), ..keyring() };
    assert!(opener(&renamed).open(&sealed_as, &name, &text).is_err());
    let none = Opener::new(None, Extent::Sensitive, Arc::new(Entropy::seeded(3)));
    assert_eq!(none.open(&sealed_as, &name, &text), Ok(Opened::Shut));
    assert_eq!((none.met().shut, none.extent()), (1, Extent::Nothing));
}

#[test]
fn a_new_era_hides_what_is_written_later_from_who_knows_the_keys_of_before() {
    let mut keys = keyring();
    let before = opener(&keys);
    let sealed_as = about(7, "issue/42", "mona");
    let (old_name, old_text) = before.close(&sealed_as, "earlier").unwrap();
    keys.begin_era(&Entropy::seeded(4)).unwrap();
    let after = opener(&keys);
    let (new_name, new_text) = after.close(&sealed_as, "later").unwrap();
    assert_eq!((old_name.as_str(), new_name.as_str()), ("0.0.0", "1.0.0"));
    assert_eq!(after.open(&sealed_as, &old_name, &old_text), Ok(Opened::Text("earlier".to_owned())));
    assert!(before.open(&sealed_as, &new_name, &new_text).is_err());
    assert!(before.open(&sealed_as, &old_name, &new_text).is_err());
}

#[test]
fn a_snapshots_files_stay_the_same_and_fit_nowhere_else() {
    let mut keys = keyring();
    let with = opener(&keys);
    let sealed = with.close_file("issues-01.json", b"{\"title\":\"secret\"}", "fold 7").unwrap().unwrap();
    assert_eq!(
        with.close_file("issues-01.json", b"{\"title\":\"secret\"}", "fold 7").unwrap().unwrap(),
        sealed
    );
    let open = |with: &Opener, name: &str, about: &str| with.open_file(name, sealed.clone(), about);
    assert_eq!(open(&with, "issues-01.json", "fold 7").unwrap(), b"{\"title\":\"secret\"}");
    assert_eq!(open(&with, "issues-02.json", "fold 7"), None);
    assert_eq!(open(&with, "issues-01.json", "fold 8"), None);
    keys.forget_snapshots();
    let after = opener(&keys);
    assert_eq!(open(&after, "issues-01.json", "fold 7"), None);
    let again = after.close_file("issues-01.json", b"{}", "fold 7").unwrap().unwrap();
    assert_eq!(after.open_file("issues-01.json", again, "fold 7").unwrap(), b"{}");
}

#[test]
fn keys_are_read_as_they_were_written_and_show_themselves_to_nobody() {
    let mut keys = keyring();
    keys.forget_subject("issue/42");
    assert_eq!(Keyring::read(&keys.write()), Some(keys.clone()));
    assert_eq!(Keyring::read(b"{}"), None);
    assert_eq!(Keyring::read(&Keyring { format: 2, ..keys.clone() }.write()), None);
    assert!(format!("{keys:?}").contains("[a tree of 64 places]"), "{keys:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_was_forgotten_stays_so_and_all_else_still_opens(
        texts in proptest::collection::vec((0_u8..4, 0_u8..3, ".{0,40}"), 1..10),
        forgotten in proptest::collection::vec((0_u8..4, proptest::option::of(0_u8..3)), 0..5),
        again in any::<bool>(),
    ) {
        let (mut keys, mut kept) = (keyring(), Vec::new());
        for (at, (subject, by, text)) in texts.iter().enumerate() {
            let (subject, by) = (format!("issue/{subject}"), format!("person-{by}"));
            let sealed = opener(&keys).close(&about(at as u64, &subject, &by), text).unwrap();
            kept.push((subject, by, text.clone(), sealed));
        }
        for (subject, by) in &forgotten {
            let subject = format!("issue/{subject}");
            match by {
                Some(by) => keys.forget(&whose(&subject, &format!("person-{by}"))),
                None => keys.forget_subject(&subject),
            }
        }
        if again {
            keys.begin_era(&Entropy::seeded(7)).unwrap();
        }
        let keys = opener(&Keyring::read(&keys.write()).unwrap());
        for (at, (subject, by, text, (name, sealed))) in kept.iter().enumerate() {
            let is_gone = forgotten.iter().any(|(gone, person)| {
                *subject == format!("issue/{gone}")
                    && person.is_none_or(|person| *by == format!("person-{person}"))
            });
            let opened = keys.open(&about(at as u64, subject, by), name, sealed);
            let expected = if is_gone { Opened::Forgotten } else { Opened::Text(text.clone()) };
            prop_assert_eq!(opened, Ok(expected));
            // Whoever writes about it again is heard.
            let place = about(100 + at as u64, subject, by);
            let (name, sealed) = keys.close(&place, "again").unwrap();
            prop_assert_eq!(keys.open(&place, &name, &sealed), Ok(Opened::Text("again".to_owned())));
        }
    }
}

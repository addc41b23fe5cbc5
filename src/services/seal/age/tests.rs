//! What was closed opens for those it was closed for, and for nobody else; and nothing that was changed opens.

use proptest::prelude::*;

use super::*;

fn identity(byte: u8) -> Identity {
    let text = encryption::encode(&[byte; 32], encryption::IDENTITY).to_ascii_uppercase();
    Identity::all(&Secret::new(format!("# created: today\n{text}\n"))).unwrap().remove(0)
}

#[test]
fn the_public_half_follows_from_the_secret_half_as_with_age() {
    // RFC 7748, section 6.1: Alice's keys.
    let alice = [
        0x77, 0x07, 0x6d, 0x0a, 0x73, 0x18, 0xa5, 0x7d, 0x3c, 0x16, 0xc1, 0x72, 0x51, 0xb2, 0x66, 0x45, 0xdf,
        0x4c, 0x2f, 0x87, 0xeb, 0xc0, 0x99, 0x2a, 0xb1, 0x77, 0xfb, 0xa5, 0x1d, 0xb9, 0x2c, 0x2a,
    ];
    let public: String = Identity::of(alice).recipient().key().iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!(public, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
}

#[test]
fn each_of_several_readers_opens_it_and_nobody_else_does() {
    let (entropy, readers) = (Entropy::seeded(1), [identity(1), identity(2), identity(3)]);
    let recipients: Vec<Recipient> = readers.iter().map(|reader| reader.recipient().clone()).collect();
    for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
        let content: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
        let closed = close(&content, &recipients, &entropy).unwrap();
        for reader in &readers {
            assert_eq!(open(&closed, std::slice::from_ref(reader)), Ok(content.clone().into()), "{size}");
        }
        assert_eq!(open(&closed, &[identity(9)]), Err(Error::NotForUs));
        assert_eq!(open(&closed, &[]), Err(Error::NotForUs));
        assert!(open(&closed, &[identity(9), identity(2)]).is_ok());
    }
}

#[test]
fn the_text_of_keys_is_read_as_age_writes_it_and_never_repeated() {
    assert_eq!(Identity::all(&Secret::new("# nothing\n\n")).unwrap().len(), 0);
    let wrong = Identity::all(&Secret::new("# a\nAGE-SECRET-KEY-1MADEUP")).unwrap_err();
    assert_eq!(wrong, NotAnIdentity(2));
    assert!(!wrong.to_string().contains("MADEUP"));
    assert!(format!("{:?}", identity(1)).starts_with("[the key of age1"));
}

#[test]
fn nothing_that_was_cut_off_opens() {
    let (entropy, reader) = (Entropy::seeded(2), identity(1));
    let content = vec![7; CHUNK + 10];
    let closed = close(&content, &[reader.recipient().clone()], &entropy).unwrap();
    let header = closed.windows(5).position(|w| w == b"\n--- ").unwrap();
    let ends = (0..header + 80).chain([closed.len() - CHUNK / 2, closed.len() - 26, closed.len() - 1]);
    for end in ends {
        assert!(open(&closed[..end], std::slice::from_ref(&reader)).is_err(), "{end}");
    }
    assert!(open(&[closed.clone(), vec![0]].concat(), &[reader]).is_err());
}

proptest! {
    #[test]
    fn nothing_that_was_changed_opens(content: Vec<u8>, at: proptest::sample::Index, bit in 0_u8..8) {
        let (entropy, reader) = (Entropy::seeded(3), identity(1));
        let mut closed = close(&content, &[reader.recipient().clone()], &entropy).unwrap();
        prop_assert_eq!(open(&closed, std::slice::from_ref(&reader)), Ok(content.into()));
        let at = at.index(closed.len());
        closed[at] ^= 1 << bit;
        prop_assert!(open(&closed, &[reader]).is_err());
    }
}

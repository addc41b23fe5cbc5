//! A log that is encrypted: what everybody can still read, who can read the rest, and what is forgotten for good.

use std::path::Path;

use automata::domain::encryption::{IDENTITY, encode};
use automata::services::seal::age::Identity;
use automata::services::secrets::Secret;

use super::forge::LocalForge;
use super::program::Program;
use crate::world::repository::hermetic_git;

/// Words that nobody who has no key is to find.
pub(super) const TITLE: &str = "The parser loses Quixotic rows";
pub(super) const BODY: &str = "Zanzibar writes nothing. I am at made.up@example.org.";
pub(super) const PRIVATE: [&str; 4] = ["Quixotic", "Zanzibar", "made.up@example.org", "quixotic"];
pub(super) const KEYS: &str = "refs/automata/keys/automata-state";

/// The secret half of somebody's key, and the public one.
pub(super) fn key(who: u8) -> (String, String) {
    let secret = encode(&[who; 32], IDENTITY).to_ascii_uppercase();
    let recipient = Identity::all(&Secret::new(&secret)).unwrap()[0].recipient().to_string();
    (secret, recipient)
}

pub(super) fn secret(who: u8) -> String {
    format!("# a made-up key\n{}\n", key(who).0)
}

pub(super) fn encrypts(forge: &LocalForge, mode: &str, readers: &[u8]) {
    let readers: Vec<String> = readers.iter().map(|who| key(*who).1).collect();
    let config =
        format!("state:\n  encryption:\n    mode: {mode}\n    recipients: [{}]\n", readers.join(", "));
    forge.commits(".github/automata.yml", &config);
}

pub(super) fn encrypted(mode: &str) -> LocalForge {
    let forge = LocalForge::new();
    encrypts(&forge, mode, &[1]);
    forge
}

pub(super) fn with(program: Program, who: u8) -> Program {
    program.set("AUTOMATA_AGE_KEY", secret(who))
}

pub(super) fn takes_in(forge: &LocalForge, author: &str, title: &str, body: &str) {
    let payload = forge.opens(author, title, body);
    with(forge.taking_in(&payload), 1).run().well();
}

/// Every object of the repository, reachable or not, as git keeps it: inflated, one after the other.
fn everything(repository: &Path) -> Vec<u8> {
    let arguments = ["cat-file", "--batch-all-objects", "--batch", "--unordered"];
    let output =
        hermetic_git().current_dir(repository.join("repository.git")).args(arguments).output().unwrap();
    assert!(output.status.success());
    output.stdout
}

pub(super) fn holds(content: &[u8], text: &str) -> bool {
    content.windows(text.len()).any(|window| window == text.as_bytes())
}

fn expect_nothing_private(forge: &LocalForge) {
    let content = everything(forge.path());
    for text in PRIVATE {
        assert!(!holds(&content, text), "{text}");
    }
    assert!(holds(&content, "trigger.received"), "it is the right place that is looked at");
}

#[test]
fn what_people_write_is_sealed_and_all_else_can_still_be_looked_at_by_everybody() {
    let forge = encrypted("sensitive");
    takes_in(&forge, "carol", TITLE, BODY);
    expect_nothing_private(&forge);
    insta::assert_snapshot!(forge.told(&["log"]), @"
    exit code 0
    -- stdout
    EVENT  WHEN                      ABOUT       WHAT HAPPENED
    1      TIME  issue/1     carol opened issue #1: [sealed]
    2      TIME  issue/1     task ID1.1 `analyse` enqueued: [sealed]
    3      TIME  issue/1     task ID1.1 claimed (lease 1)
    4      TIME  issue/1     task ID1.1 completed
    5      TIME  repository  the keys of the log changed: what people write is encrypted, age15nsf9y4k added
    -- stderr
     WARN 3 texts are sealed; AUTOMATA_AGE_KEY or AUTOMATA_AGE_KEY_FILE with a key of one of the recipients opens them
    ");
    insta::assert_snapshot!(forge.told(&["status"]), @"
    exit code 0
    -- stdout
    0 cancelled, 1 completed, 0 failed, 0 pending, 0 running (event 5)
    STATUS     KIND     ABOUT    ATTEMPTS  TASK            DETAIL
    completed  analyse  issue/1  1/6       ID1.1  since TIME
    -- stderr
     WARN 3 texts are sealed; AUTOMATA_AGE_KEY or AUTOMATA_AGE_KEY_FILE with a key of one of the recipients opens them
    ");
    insta::assert_snapshot!(forge.told(&["verify"]), @"
    exit code 0
    -- stdout
    refs/heads/automata-state: 5 events read, chain HASH1
    3 texts are sealed: the chain holds over them, and without a key nothing else is known
    refs/automata/witness/automata-state: the branch is where it was left
    sound as far as can be seen without a key: every line and the chain agree
    ");
    let own = with(forge.program(&["log"]), 1).run().well();
    assert!(own.stdout.contains(TITLE) && own.stderr.is_empty(), "{}{}", own.stdout, own.stderr);
    let told = with(forge.program(&["why", "1"]), 1).run().well();
    assert!(told.stdout.contains("Quixotic"), "{}", told.stdout);
    assert!(!forge.git(&["log", "--format=%B", "automata-state"]).contains("Quixotic"));
}

#[test]
fn all_of_it_may_be_sealed_and_types_times_and_subjects_stay() {
    let forge = encrypted("all");
    takes_in(&forge, "carol", TITLE, BODY);
    let content = everything(forge.path());
    for text in PRIVATE.into_iter().chain(["carol", "built-in rule"]) {
        assert!(!holds(&content, text), "{text}");
    }
    insta::assert_snapshot!(forge.told(&["log"]), @"
    exit code 0
    -- stdout
    EVENT  WHEN                      ABOUT       WHAT HAPPENED
    1      TIME  issue/1     sealed: trigger.received
    2      TIME  issue/1     sealed: task.enqueued
    3      TIME  issue/1     sealed: task.claimed
    4      TIME  issue/1     sealed: task.completed
    5      TIME  repository  sealed: keys.changed
    -- stderr
     WARN 5 texts are sealed; AUTOMATA_AGE_KEY or AUTOMATA_AGE_KEY_FILE with a key of one of the recipients opens them
    ");
    insta::assert_snapshot!(forge.told(&["status"]), @"
    exit code 0
    -- stdout
    0 cancelled, 0 completed, 0 failed, 0 pending, 0 running (event 5)
    -- stderr
     WARN 5 texts are sealed; AUTOMATA_AGE_KEY or AUTOMATA_AGE_KEY_FILE with a key of one of the recipients opens them
    ");
    insta::assert_snapshot!(forge.told(&["verify"]), @"
    exit code 0
    -- stdout
    refs/heads/automata-state: 5 events read, chain HASH1
    5 texts are sealed: the chain holds over them, and without a key nothing else is known
    refs/automata/witness/automata-state: the branch is where it was left
    sound as far as can be seen without a key: every line and the chain agree
    ");
    let own = with(forge.program(&["log"]), 1).run().well();
    assert!(own.stdout.contains(TITLE) && own.stdout.contains("carol"), "{}", own.stdout);
    takes_in(&forge, "carol", "Another", "It goes on.");
}

#[test]
fn without_the_right_key_nothing_is_begun() {
    let forge = LocalForge::new();
    encrypts(&forge, "sensitive", &[1]);
    let payload = forge.opens("carol", TITLE, BODY);
    insta::assert_snapshot!(forge.named(&forge.taking_in(&payload).run()), @"
    exit code 2
    -- stderr
    error: the log is to be sealed, and there is no key to read it with later
    hint: Set AUTOMATA_AGE_KEY (in a workflow: a secret of the repository) or AUTOMATA_AGE_KEY_FILE to the secret key of somebody in `state.encryption.recipients`.
    ");
    insta::assert_snapshot!(forge.named(&with(forge.taking_in(&payload), 2).run()), @"
    exit code 2
    -- stderr
    error: the log is to be sealed for others alone: the key that was given is that of nobody in `state.encryption.recipients`
    hint: Set AUTOMATA_AGE_KEY (in a workflow: a secret of the repository) or AUTOMATA_AGE_KEY_FILE to the secret key of somebody in `state.encryption.recipients`.
    ");
    assert_eq!(forge.git(&["for-each-ref", "--format=%(refname)"]), "refs/heads/main\n");
    takes_in(&forge, "carol", "Another", "one");
    let before = forge.appends();
    insta::assert_snapshot!(forge.named(&forge.taking_in(&payload).run()), @"
    exit code 2
    -- stderr
    error: the log is sealed, and there is no key to open it with
    hint: Set AUTOMATA_AGE_KEY (in a workflow: a secret of the repository) or AUTOMATA_AGE_KEY_FILE to the secret key of somebody in `state.encryption.recipients`.
    ");
    insta::assert_snapshot!(forge.named(&with(forge.taking_in(&payload), 2).run()), @"
    exit code 2
    -- stderr
    error: the log is sealed for others: the key that was given is that of age1e6xn45wvkce7c7msc9upffw8dmxs9959q5xng369hgzcwrjc04vszex59m
    hint: Set AUTOMATA_AGE_KEY (in a workflow: a secret of the repository) or AUTOMATA_AGE_KEY_FILE to the secret key of somebody in `state.encryption.recipients`.
    ");
    insta::assert_snapshot!(forge.named(&with(forge.program(&["log"]), 2).run()), @"
    exit code 2
    -- stderr
    error: the log is sealed for others: the key that was given is that of age1e6xn45wvkce7c7msc9upffw8dmxs9959q5xng369hgzcwrjc04vszex59m
    hint: Set AUTOMATA_AGE_KEY (in a workflow: a secret of the repository) or AUTOMATA_AGE_KEY_FILE to the secret key of somebody in `state.encryption.recipients`.
    ");
    let broken = forge.taking_in(&payload).set("AUTOMATA_AGE_KEY", "AGE-SECRET-KEY-1MADEUP");
    insta::assert_snapshot!(forge.named(&broken.run()), @"
    exit code 2
    -- stderr
    error: AUTOMATA_AGE_KEY cannot be used: line 1 is no key of age: a key begins with AGE-SECRET-KEY-1, as `age-keygen` prints it
    hint: It holds what `age-keygen` prints: lines that begin with # and one with AGE-SECRET-KEY-1.
    ");
    assert_eq!(forge.appends(), before);
}

#[test]
fn a_key_may_come_from_a_file() {
    let forge = encrypted("sensitive");
    let file = forge.path().join("key.txt");
    std::fs::write(&file, secret(1)).unwrap();
    let payload = forge.opens("carol", TITLE, BODY);
    forge.taking_in(&payload).set("AUTOMATA_AGE_KEY_FILE", &file).run().well();
    expect_nothing_private(&forge);
}

#[test]
fn what_is_forgotten_is_nowhere_and_the_log_still_verifies() {
    let forge = encrypted("sensitive");
    takes_in(&forge, "carol", TITLE, BODY);
    takes_in(&forge, "dave", "The Heliotrope list is empty", "It should not be.");
    let lines = |forge: &LocalForge| forge.git(&["ls-tree", "-r", "automata-state:tail"]);
    let (before, old_keys) = (lines(&forge), forge.git(&["rev-parse", KEYS]));
    insta::assert_snapshot!(forge.named(&with(forge.program(&["forget", "--issue", "1", "--dry-run"]), 1).run()), @"
    exit code 0
    -- stdout
    would be forgotten: what was written about #1, in 3 events
    ");
    assert_eq!(forge.git(&["rev-parse", KEYS]), old_keys);
    insta::assert_snapshot!(forge.named(&with(forge.program(&["forget", "--issue", "#1"]), 1).run()), @"
    exit code 0
    -- stdout
    forgotten: what was written about #1, in 3 events
    -- stderr
    Copies of the keys that were made before (a clone of their ref, GitHub's own for a while) are out of reach; docs/encryption.md tells what to do where that matters.
    ");
    assert!(lines(&forge).starts_with(&before), "no line was changed");
    for command in ["log", "verify"] {
        insta::assert_snapshot!(command, forge.named(&with(forge.program(&[command]), 1).run()));
    }
    assert!(with(forge.program(&["why", "2"]), 1).run().well().stdout.contains("Heliotrope"));
    let told = with(forge.program(&["why", "1"]), 1).run().well();
    assert!(told.stdout.contains("[forgotten]") && !told.stdout.contains("Quixotic"), "{}", told.stdout);
    for command in
        [vec!["status"], vec!["show", "#1"], vec!["metrics"], vec!["plan"], vec!["replay", "--to", "3"]]
    {
        let ran = with(forge.program(&command), 1).run().well();
        assert!(!PRIVATE.iter().any(|text| ran.stdout.contains(text)), "{command:?}: {}", ran.stdout);
    }
    insta::assert_snapshot!(forge.named(&with(forge.program(&["forget", "--issue", "1"]), 1).run()), @"
    exit code 0
    -- stdout
    nothing written about #1 is left to forget
    ");
    // What is there once git has thrown away what nothing leads to.
    forge.git(&["gc", "--quiet", "--prune=now"]);
    expect_nothing_private(&forge);
    let kept = everything(forge.path());
    let keys = kept.windows(22).filter(|window| *window == b"age-encryption.org/v1\n").count();
    assert_eq!(keys, 1, "the keys of before are gone");
    // Work goes on, on the same issue too.
    with(forge.program(&["drain"]), 1).run().well();
    takes_in(&forge, "erin", "A third one", "after all that");
    assert_eq!(with(forge.program(&["verify"]), 1).run().code, Some(0));
}

#[test]
fn one_persons_words_are_forgotten_and_those_of_others_stay() {
    let forge = encrypted("sensitive");
    takes_in(&forge, "carol", TITLE, BODY);
    takes_in(&forge, "dave", "The Heliotrope list is empty", "It should not be.");
    insta::assert_snapshot!(forge.named(&with(forge.program(&["forget", "--actor", "Carol"]), 1).run()), @"
    exit code 0
    -- stdout
    forgotten: what was written by carol, in 3 events
    -- stderr
    Copies of the keys that were made before (a clone of their ref, GitHub's own for a while) are out of reach; docs/encryption.md tells what to do where that matters.
    ");
    let told = with(forge.program(&["log", "--format", "json"]), 1).run().well();
    assert!(told.stdout.contains("Heliotrope") && !told.stdout.contains("Quixotic"), "{}", told.stdout);
    let record = told.stdout.lines().find(|line| line.contains("text.forgotten")).unwrap();
    assert!(!record.contains("arol"), "who it was is not said: {record}");
    insta::assert_snapshot!(forge.named(&with(forge.program(&["forget", "--actor", "nobody"]), 1).run()), @"
    exit code 0
    -- stdout
    nothing written by nobody is left to forget
    ");
    assert_eq!(with(forge.program(&["verify"]), 1).run().code, Some(0));
}

#[test]
fn what_was_there_before_is_told_and_stays() {
    let forge = LocalForge::new();
    let payload = forge.opens("carol", TITLE, BODY);
    forge.take_in(&payload).well();
    insta::assert_snapshot!(forge.told(&["forget", "--issue", "1"]), @"
    exit code 2
    -- stderr
    error: nothing in the log is encrypted, so there is no key to destroy
    hint: Set `state.encryption` in .github/automata.yml for what is recorded from then on; docs/encryption.md tells what becomes of the rest.
    ");
    encrypts(&forge, "sensitive", &[1]);
    with(forge.program(&["tasks", "add", "analyse", "--subject", "issue/1"]), 1).run().well();
    insta::assert_snapshot!(forge.named(&with(forge.program(&["forget", "--issue", "1"]), 1).run()), @"
    exit code 0
    -- stdout
    forgotten: what was written about #1, in 1 event
    1 task cancelled: what it was to work with was forgotten
    -- stderr
    Copies of the keys that were made before (a clone of their ref, GitHub's own for a while) are out of reach; docs/encryption.md tells what to do where that matters.
    3 events were recorded about #1 before anything was encrypted, and can be read for as long as the branch is there
    ");
}

#[test]
fn readers_change_without_a_line_being_written_again() {
    let forge = encrypted("sensitive");
    takes_in(&forge, "carol", TITLE, BODY);
    let lines = |forge: &LocalForge| forge.git(&["ls-tree", "-r", "automata-state:tail"]);
    let before = lines(&forge);
    encrypts(&forge, "sensitive", &[2, 3]);
    let payload = forge.opens("dave", "The Heliotrope list is empty", "It should not be.");
    // Whoever hands over has both keys: the one that opens, and one of those who are to.
    let both = forge.taking_in(&payload).set("AUTOMATA_AGE_KEY", format!("{}{}", secret(1), secret(2)));
    both.run().well();
    assert!(lines(&forge).starts_with(&before));
    for who in [2, 3] {
        let told = with(forge.program(&["log"]), who).run().well();
        assert!(told.stdout.contains("Quixotic") && told.stdout.contains("Heliotrope"), "{}", told.stdout);
    }
    insta::assert_snapshot!(forge.named(&with(forge.program(&["log"]), 1).run()), @"
    exit code 2
    -- stderr
    error: the log is sealed for others: the key that was given is that of age15nsf9y4k28p83wth93tf7hafhvfajp45d2mge80ems45gz0c5gys3me64l
    hint: Set AUTOMATA_AGE_KEY (in a workflow: a secret of the repository) or AUTOMATA_AGE_KEY_FILE to the secret key of somebody in `state.encryption.recipients`.
    ");
    let readers = forge.git(&["show", &format!("{KEYS}:recipients.txt")]);
    assert_eq!(readers, format!("{}\n{}\n", key(2).1, key(3).1));
    assert_eq!(forge.git(&["rev-list", "--count", KEYS]), "1\n", "keys have no history");
}

#[test]
fn keys_that_are_gone_or_were_set_back_stop_the_work() {
    let forge = encrypted("sensitive");
    takes_in(&forge, "carol", TITLE, BODY);
    let old = forge.git(&["rev-parse", KEYS]);
    with(forge.program(&["forget", "--issue", "1"]), 1).run().well();
    let new = forge.git(&["rev-parse", KEYS]);
    let payload = forge.opens("dave", "Another", "one");
    forge.git(&["update-ref", KEYS, old.trim()]);
    insta::assert_snapshot!(forge.named(&with(forge.taking_in(&payload), 1).run()), @"
    exit code 2
    -- stderr
    error: the keys at refs/automata/keys/automata-state were set back: they are of version 1, the log was written with version 2
    hint: Put the newest keys back. Older ones may still open what was forgotten since, and are not used.
    ");
    forge.git(&["update-ref", "-d", KEYS]);
    insta::assert_snapshot!(forge.named(&with(forge.taking_in(&payload), 1).run()), @"
    exit code 2
    -- stderr
    error: the keys of what is sealed in the log are gone: there is no refs/automata/keys/automata-state
    hint: Whoever has a copy can push it back; without one, what is sealed stays so for ever: begin a new log with another name in `state.branch`.
    ");
    assert_eq!(forge.program(&["status"]).run().code, Some(0));
    forge.git(&["update-ref", KEYS, new.trim()]);
    with(forge.taking_in(&payload), 1).run().well();
}

#[test]
fn a_broken_configuration_does_not_switch_it_off() {
    let forge = encrypted("sensitive");
    takes_in(&forge, "carol", "One", "two");
    forge.commits(".github/automata.yml", "state: [\n");
    let payload = forge.opens("carol", TITLE, BODY);
    with(forge.taking_in(&payload), 1).run();
    expect_nothing_private(&forge);
    assert!(with(forge.program(&["log"]), 1).run().stdout.contains("Quixotic"));
}

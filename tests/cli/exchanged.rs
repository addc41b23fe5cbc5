//! The keys of an encrypted log, put there by somebody who has none of its readers' keys: they are refused.

use automata::domain::encryption::{IDENTITY, Recipient, encode};
use automata::services::entropy::Entropy;
use automata::services::seal::age::{self, Identity};
use automata::services::seal::proof::{Digest, Proof};
use automata::services::secrets::Secret;
use serde_json::{Value, json};

use super::encryption::{BODY, KEYS, TITLE, encrypted, encrypts, key, secret, takes_in, with};
use super::forge::LocalForge;

/// Puts these files in the place of those that the keys' ref has. It takes no more than the right to push.
fn puts(forge: &LocalForge, files: &[(&str, Option<&[u8]>)]) {
    let listed = forge.git(&["ls-tree", KEYS]);
    let name = |line: &str| line.split_once('\t').map(|(_, name)| name.to_owned());
    let stays = |line: &&str| name(line).is_some_and(|name| files.iter().all(|(file, _)| *file != name));
    let mut tree: String = listed.lines().filter(stays).map(|line| format!("{line}\n")).collect();
    for (name, content) in files {
        let Some(content) = content else { continue };
        let blob = forge.git_with(&["hash-object", "-w", "--stdin"], content);
        tree.push_str(&format!("100644 blob {}\t{name}\n", blob.trim()));
    }
    let tree = forge.git_with(&["mktree"], tree.as_bytes());
    let commit = forge.git(&["commit-tree", tree.trim(), "-m", "By hand"]);
    forge.git(&["update-ref", KEYS, commit.trim()]);
}

/// Where everything stands but the keys.
fn refs(forge: &LocalForge) -> String {
    let refs = forge.git(&["for-each-ref"]);
    refs.lines().filter(|line| !line.ends_with(KEYS)).map(|line| format!("{line}\n")).collect()
}

/// Keys that somebody made up who can read nothing: by these trees, with all that `head.json` says of the right ones.
fn made_up(forge: &LocalForge, eras: &Value) -> Vec<u8> {
    let head: Value = serde_json::from_str(&forge.git(&["show", "automata-state:head.json"])).unwrap();
    let keyring = json!({
        "format": 1, "id": head["keys"]["id"], "version": head["keys"]["version"], "repository": null,
        "extent": "sensitive", "eras": eras,
    });
    age::close(keyring.to_string().as_bytes(), &readers(forge), &Entropy::System).unwrap()
}

fn readers(forge: &LocalForge) -> Vec<Recipient> {
    let readers = forge.git(&["show", &format!("{KEYS}:recipients.txt")]);
    readers.lines().map(|line| Recipient::parse(line).unwrap()).collect()
}

fn identity(who: u8) -> Identity {
    Identity::all(&Secret::new(encode(&[who; 32], IDENTITY))).unwrap().remove(0)
}

fn refused(forge: &LocalForge) -> String {
    let before = refs(forge);
    let payload = forge.opens("dave", "The Heliotrope list is empty", "It should not be.");
    let writes = with(forge.taking_in(&payload), 1).run();
    assert_eq!(writes.code, Some(2), "{}{}", writes.stdout, writes.stderr);
    let others =
        [vec!["drain"], vec!["tasks", "add", "analyse", "--subject", "issue/1"], vec!["verify"], vec!["log"]];
    for command in others {
        let ran = with(forge.program(&command), 1).run();
        assert_eq!(ran.code, Some(2), "{command:?}: {}{}", ran.stdout, ran.stderr);
        assert!(!ran.stdout.contains("forgotten") && ran.stderr.contains("the keys at"), "{}", ran.stderr);
    }
    assert_eq!(refs(forge), before, "nothing was done");
    forge.named(&writes)
}

#[test]
fn keys_that_somebody_without_a_key_made_are_refused_before_anything_is_done() {
    let forge = encrypted("sensitive");
    takes_in(&forge, "carol", TITLE, BODY);
    let right = forge.git(&["rev-parse", KEYS]);
    let seed = json!([{ "at": "0".repeat(32), "depth": 0, "node": "ab".repeat(32) }]);
    let closed = made_up(&forge, &json!([[], seed]));
    puts(&forge, &[("keys.age", Some(&closed))]);
    let told = refused(&forge);
    assert!(told.contains("exchanged by somebody who has none of their secret keys"), "{told}");
    assert!(told.contains("hint: Put the log's own keys back from wherever they were kept."), "{told}");

    puts(&forge, &[("keys.age", Some(&closed)), ("proof.json", None)]);
    let told = refused(&forge);
    assert!(told.contains("are not proved to be made by somebody who can read the log"), "{told}");

    // A proof of their own holds, and they are nobody's reader.
    let readers = readers(&forge);
    let proofs = Proof::write(&Proof::all(Digest::of(&closed, &readers), &[identity(9)], &readers));
    puts(&forge, &[("keys.age", Some(&closed)), ("proof.json", Some(&proofs))]);
    let told = refused(&forge);
    assert!(told.contains(&format!("were made by {}", key(9).1)), "{told}");

    // With the line that names a reader, it is the right one's proof, and wrong.
    let renamed = String::from_utf8(proofs).unwrap().replace(&key(9).1, &key(1).1);
    puts(&forge, &[("proof.json", Some(renamed.as_bytes()))]);
    assert!(refused(&forge).contains("exchanged by somebody"));

    forge.git(&["update-ref", KEYS, right.trim()]);
    puts(&forge, &[("recipients.txt", Some(format!("{}\n{}\n", key(1).1, key(9).1).as_bytes()))]);
    assert!(refused(&forge).contains("or its list of readers, were exchanged"), "the list is proved as well");

    forge.git(&["update-ref", KEYS, right.trim()]);
    takes_in(&forge, "erin", "A third one", "after all that");
    let told = with(forge.program(&["verify"]), 1).run().well();
    assert!(told.stdout.contains("sound") && !told.stdout.contains("forgotten"), "{}", told.stdout);
}

#[test]
fn keys_of_an_older_version_are_taken_once_when_the_configuration_says_so() {
    let forge = encrypted("sensitive");
    takes_in(&forge, "carol", TITLE, BODY);
    puts(&forge, &[("proof.json", None)]);
    refused(&forge);
    let told = with(forge.program(&["verify"]), 1).run().stderr;
    let named = told.split_once("trusted_keys: \"").unwrap().1.split('"').next().unwrap().to_owned();
    assert_eq!(named.len(), 64, "{named}");
    let trusting = |digest: &str| {
        let config = format!(
            "state:\n  encryption:\n    recipients: [{}]\n    trusted_keys: \"{digest}\"\n",
            key(1).1
        );
        forge.commits(".github/automata.yml", &config);
    };
    trusting(&"0".repeat(64));
    refused(&forge);
    trusting(&named);
    let looked = with(forge.program(&["verify"]), 1).run().well();
    assert!(looked.stdout.contains("sound"), "{}", looked.stdout);
    takes_in(&forge, "erin", "A third one", "after all that");
    // From then on they are proved, and nobody has to say so any more.
    encrypts(&forge, "sensitive", &[1]);
    let keys = forge.git(&["rev-parse", KEYS]);
    takes_in(&forge, "erin", "A fourth one", "");
    assert_eq!(forge.git(&["rev-parse", KEYS]), keys, "the proof is added once");
    let told = with(forge.program(&["log"]), 1).run().well();
    assert!(told.stdout.contains(TITLE) && told.stdout.contains("A fourth one"), "{}", told.stdout);
}

#[test]
fn keys_that_a_reader_changed_are_vouched_for_so_that_the_reader_may_leave() {
    let forge = LocalForge::new();
    encrypts(&forge, "sensitive", &[1, 2]);
    takes_in(&forge, "carol", TITLE, BODY);
    takes_in(&forge, "dave", "The Heliotrope list is empty", "It should not be.");
    with(forge.program(&["forget", "--issue", "1"]), 2).run().well();
    let makers = |forge: &LocalForge| {
        let proofs = forge.git(&["show", &format!("{KEYS}:proof.json")]);
        let proofs: Value = serde_json::from_str(&proofs).unwrap();
        let by = proofs["proofs"].as_array().unwrap().iter().map(|proof| proof["by"].as_str().unwrap());
        by.map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(makers(&forge), [key(2).1].into());
    // Whoever is about to leave has left before anybody vouched.
    encrypts(&forge, "sensitive", &[1]);
    let told = refused(&forge);
    assert!(told.contains(&format!("were made by {}", key(2).1)), "{told}");
    encrypts(&forge, "sensitive", &[1, 2]);
    takes_in(&forge, "erin", "A third one", "");
    assert_eq!(makers(&forge), [key(1).1, key(2).1].into());
    let keys = forge.git(&["rev-parse", KEYS]);
    let closed = forge.git(&["rev-parse", &format!("{KEYS}:keys.age")]);
    with(forge.program(&["tasks", "add", "analyse", "--subject", "issue/2"]), 2).run().well();
    assert_eq!(forge.git(&["rev-parse", KEYS]), keys, "both have, so nothing is written");
    encrypts(&forge, "sensitive", &[1]);
    takes_in(&forge, "erin", "A fourth one", "");
    assert_eq!(makers(&forge), [key(1).1].into());
    assert_ne!(forge.git(&["rev-parse", &format!("{KEYS}:keys.age")]), closed);
    let left = forge.program(&["log"]).set("AUTOMATA_AGE_KEY", secret(2)).run();
    assert!(left.stderr.contains("the log is sealed for others"), "{}", left.stderr);
    assert_eq!(with(forge.program(&["verify"]), 1).run().code, Some(0));
}

#[test]
fn where_encryption_was_switched_off_whoever_has_a_key_still_reads_what_was() {
    let forge = LocalForge::new();
    encrypts(&forge, "sensitive", &[1, 2]);
    takes_in(&forge, "carol", TITLE, BODY);
    forge.commits(".github/automata.yml", "mode: act\n");
    takes_in(&forge, "dave", "The Heliotrope list is empty", "It should not be.");
    let told = with(forge.program(&["log"]), 2).run().well();
    assert!(told.stdout.contains(TITLE), "{}", told.stdout);
}

#[test]
fn a_log_whose_keys_and_their_name_were_taken_away_is_not_gone_on_with_under_new_ones() {
    for (is_compacted, is_disguised) in [(false, false), (true, false), (true, true)] {
        taken_away(is_compacted, is_disguised);
    }
}

/// The name of the keys is taken out of `head.json` and the keys are thrown away; what tells that the snapshot is sealed as well,
/// where it `is_disguised`.
fn taken_away(is_compacted: bool, is_disguised: bool) {
    let forge = encrypted("sensitive");
    takes_in(&forge, "carol", TITLE, BODY);
    if is_compacted {
        with(forge.program(&["state", "compact"]), 1).run().well();
    }
    let keys = forge.git(&["rev-parse", KEYS]);
    let whole = forge.git(&["rev-parse", "automata-state"]);
    // It takes no more than the right to push.
    let mut head: Value = serde_json::from_str(&forge.git(&["show", "automata-state:head.json"])).unwrap();
    head.as_object_mut().unwrap().remove("keys");
    let blob = forge.git_with(&["hash-object", "-w", "--stdin"], head.to_string().as_bytes());
    let listed = forge.git(&["ls-tree", "automata-state"]);
    let others: String =
        listed.lines().filter(|line| !line.ends_with("head.json")).map(|line| format!("{line}\n")).collect();
    let mut tree = format!("{others}100644 blob {}\thead.json\n", blob.trim());
    if is_disguised {
        let snapshot = forge.git(&["rev-parse", "automata-state:snapshot"]);
        let listed = forge.git(&["ls-tree", snapshot.trim()]);
        let kept = listed.lines().filter(|line| !line.ends_with("contents.json"));
        let kept: String = kept.map(|line| format!("{line}\n")).collect();
        assert_ne!(kept.len(), listed.len(), "{listed}");
        tree = tree.replace(snapshot.trim(), forge.git_with(&["mktree"], kept.as_bytes()).trim());
    }
    let tree = forge.git_with(&["mktree"], tree.as_bytes());
    let commit = forge.git(&["commit-tree", tree.trim(), "-p", whole.trim(), "-m", "By hand"]);
    let refs = forge.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
    for name in refs.lines().filter_map(|line| line.split_once(' ')).filter(|(_, id)| *id == whole.trim()) {
        forge.git(&["update-ref", name.0, commit.trim()]);
    }
    forge.git(&["update-ref", "-d", KEYS]);
    let before = forge.git(&["for-each-ref"]);
    let payload = forge.opens("dave", "The Heliotrope list is empty", "It should not be.");
    let takes = with(forge.taking_in(&payload), 1).run();
    let drains = with(forge.program(&["drain"]), 1).run();
    let adds = with(forge.program(&["tasks", "add", "analyse", "--subject", "issue/1"]), 1).run();
    let forgets = with(forge.program(&["forget", "--issue", "1"]), 1).run();
    let repairs = with(forge.program(&["state", "repair", "--yes"]), 1).run();
    for ran in [&forgets, &repairs] {
        assert_eq!(ran.code, Some(2), "{is_compacted} {is_disguised}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains("its keys are gone") && ran.stderr.contains("hint:"), "{}", ran.stderr);
    }
    let verifies = with(forge.program(&["verify"]), 1).run();
    assert_eq!(verifies.code, Some(1), "{}{}", verifies.stdout, verifies.stderr);
    assert!(verifies.stdout.contains("its keys are gone"), "{}", verifies.stdout);
    for ran in [&takes, &drains, &adds] {
        assert_eq!(ran.code, Some(2), "{is_compacted} {is_disguised}: {}{}", ran.stdout, ran.stderr);
        assert!(ran.stderr.contains("the log holds what is sealed, and its keys are gone"), "{}", ran.stderr);
    }
    assert_eq!(forge.git(&["for-each-ref"]), before, "nothing was done");
    // Put back, it goes on as if nothing had been.
    forge.git(&["update-ref", KEYS, keys.trim()]);
    takes_in(&forge, "erin", "A third one", "after all that");
    let told = with(forge.program(&["verify"]), 1).run().well();
    assert!(told.stdout.contains("sound"), "{}", told.stdout);
}

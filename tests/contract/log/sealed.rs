//! A log that is sealed: its snapshots, and what becomes of them.

use automata::domain::encryption::Extent;
use automata::log::{EventLog as _, SNAPSHOT_EVERY};
use automata::services::seal::keyring::SEALED_FILE;

use super::home::{
    append_patiently, batch, events, folded, history, keyless_reader, sealed_writer, sealed_writer_as,
    snapshot,
};
use crate::world::repository::BareRepository;

/// A log long enough for a snapshot, and one append more.
async fn with_snapshot() -> BareRepository {
    let repository = BareRepository::new();
    let log = sealed_writer(&repository, Extent::Sensitive);
    for _ in 0..=SNAPSHOT_EVERY {
        append_patiently(&log, "planted-writer", 1).await;
    }
    repository
}

#[tokio::test]
async fn a_snapshot_is_sealed_and_read_by_whoever_has_the_key() {
    let repository = with_snapshot().await;
    let stored = repository.git(&["ls-tree", "--name-only", "automata-state:snapshot"]);
    assert_eq!(stored, "contents.json\nids.txt\n");
    let size: usize =
        repository.git(&["cat-file", "-s", "automata-state:snapshot/ids.txt"]).trim().parse().unwrap();
    let begin = repository.try_git(&["cat-file", "blob", "automata-state:snapshot/ids.txt"], b"").stdout;
    assert!(begin.starts_with(SEALED_FILE) && size < 400, "compressed before it was sealed: {size}");
    assert!(!String::from_utf8_lossy(&begin).contains("planted-writer"));

    let own = sealed_writer(&repository, Extent::Sensitive).load().await.unwrap();
    assert_eq!((own.snapshot.unwrap().files.len(), own.head.tail), (1, 1));
    let other = keyless_reader(&repository);
    let theirs = other.load().await.unwrap();
    assert_eq!(theirs.snapshot.unwrap().files, vec![], "the history is folded instead");
    assert_eq!(history(&other, 1).await.unwrap().len(), SNAPSHOT_EVERY + 1);
    assert!(other.met().shut > 0);
}

#[tokio::test]
async fn a_snapshot_that_was_put_together_otherwise_is_not_taken() {
    let repository = with_snapshot().await;
    let log = sealed_writer(&repository, Extent::Sensitive);
    let older = repository.git(&["rev-parse", "automata-state:snapshot/ids.txt"]);
    for _ in 0..=SNAPSHOT_EVERY {
        append_patiently(&log, "b", 1).await;
    }
    // The same log with the file of an earlier snapshot in the place of the newer one.
    let tree = repository.git(&["ls-tree", "automata-state:snapshot"]);
    let newer = repository.git(&["rev-parse", "automata-state:snapshot/ids.txt"]);
    let snapshot = repository.git_with(&["mktree"], tree.replace(newer.trim(), older.trim()).as_bytes());
    let root = repository.git(&["ls-tree", "automata-state"]);
    let stood = repository.git(&["rev-parse", "automata-state:snapshot"]);
    let root = repository.git_with(&["mktree"], root.replace(stood.trim(), snapshot.trim()).as_bytes());
    let commit = repository.git(&["commit-tree", root.trim(), "-p", "automata-state", "-m", "By hand"]);
    repository.git(&["update-ref", "refs/heads/automata-state", commit.trim()]);

    let loaded = sealed_writer(&repository, Extent::Sensitive).load().await.unwrap();
    assert_eq!(loaded.snapshot.unwrap().files, vec![]);
    assert!(loaded.head.tail >= SNAPSHOT_EVERY, "the next append brings another one");
}

#[tokio::test]
async fn what_was_forgotten_is_in_no_snapshot_either_and_the_next_append_makes_one() {
    let repository = with_snapshot().await;
    let log = sealed_writer(&repository, Extent::Sensitive);
    let (head, ids) = folded(&log).await.unwrap();
    let mut keys = log.keyring().unwrap();
    keys.forget_subject("issue/42");
    keys.forget_snapshots();
    log.change_keys(keys);
    let loaded = log.load().await.unwrap();
    assert_eq!(loaded.snapshot.unwrap().files, vec![]);
    assert!(loaded.head.tail >= SNAPSHOT_EVERY);
    let more = events(&head, "after", 1);
    log.append(&head, &batch(&more, Some(&snapshot(&head, &ids)))).await.unwrap();

    let reader = sealed_writer(&repository, Extent::Sensitive);
    let (_, seen) = folded(&reader).await.unwrap();
    assert_eq!(seen.len(), ids.len() + 1);
    let mut told = String::new();
    reader
        .history(automata::domain::id::Sequence(1), &mut |event| told.push_str(&format!("{event:?}")))
        .await
        .unwrap();
    assert_eq!(told.matches("[forgotten]").count(), ids.len());
    assert!(told.contains("number 1 of after"), "what came later is under a new key");
}

#[tokio::test]
async fn of_two_who_change_the_keys_at_once_one_has_to_look_again() {
    let repository = with_snapshot().await;
    let (ours, theirs) =
        (sealed_writer(&repository, Extent::Sensitive), sealed_writer(&repository, Extent::Sensitive));
    for log in [&ours, &theirs] {
        let (_, _) = folded(log).await.unwrap();
        let mut keys = log.keyring().unwrap();
        keys.forget_subject("issue/1");
        log.change_keys(keys);
    }
    let head = ours.load().await.unwrap().head;
    ours.append(&head, &batch(&events(&head, "ours", 1), None)).await.unwrap();
    let refused = theirs.append(&head, &batch(&events(&head, "theirs", 1), None)).await;
    assert_eq!(refused, Err(automata::log::Error::Conflict));
    assert!(theirs.load().await.is_err(), "its keys are no longer those that it changed");
    assert_eq!(
        sealed_writer(&repository, Extent::Sensitive).load().await.unwrap().head.sequence.0,
        head.sequence.0 + 1
    );
}

#[tokio::test]
async fn of_two_who_vouch_for_the_same_keys_at_once_one_looks_again_and_both_write() {
    let repository = BareRepository::new();
    let writer = |who| sealed_writer_as(&repository, who, &[1, 2]);
    append_patiently(&writer(2), "theirs", 1).await;
    let makers = || {
        let proofs = repository.git(&["show", "refs/automata/keys/automata-state:proof.json"]);
        proofs.lines().filter(|line| line.contains("\"by\"")).collect::<std::collections::BTreeSet<_>>().len()
    };
    assert_eq!(makers(), 1);
    let (one, other) = (writer(1), writer(1));
    let (head, same) = (one.load().await.unwrap().head, other.load().await.unwrap().head);
    let (left, right) = (events(&head, "one", 1), events(&same, "other", 1));
    let (left, right) = (batch(&left, None), batch(&right, None));
    let (left, right) = tokio::join!(one.append(&head, &left), other.append(&same, &right));
    let lost = [&left, &right].map(|outcome| *outcome == Err(automata::log::Error::Conflict));
    assert_eq!(lost.into_iter().filter(|lost| *lost).count(), 1, "{left:?} {right:?}");
    append_patiently(if lost[0] { &one } else { &other }, "again", 1).await;
    assert_eq!(makers(), 2);
    for who in [1, 2] {
        assert_eq!(history(&writer(who), 1).await.unwrap().len(), 3);
    }
}

#[tokio::test]
async fn keys_that_are_changed_while_another_vouches_for_them_are_looked_at_again() {
    let repository = BareRepository::new();
    let writer = |who| sealed_writer_as(&repository, who, &[1, 2]);
    append_patiently(&writer(2), "theirs", 1).await;
    let (vouching, forgetting) = (writer(1), writer(2));
    let (_, _) = (folded(&vouching).await.unwrap(), folded(&forgetting).await.unwrap());
    let mut keys = forgetting.keyring().unwrap();
    keys.forget_subject("issue/42");
    forgetting.change_keys(keys);
    let head = forgetting.load().await.unwrap().head;
    forgetting.append(&head, &batch(&events(&head, "theirs", 1), None)).await.unwrap();
    let late = vouching.append(&head, &batch(&events(&head, "late", 1), None)).await;
    assert_eq!(late, Err(automata::log::Error::Conflict));
    append_patiently(&vouching, "again", 1).await;
    let reader = writer(1);
    assert_eq!(history(&reader, 1).await.unwrap().len(), 3);
    assert_eq!(reader.met().forgotten, 1, "nobody brought back what was forgotten");
}

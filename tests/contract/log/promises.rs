//! The suite: every promise of the port, kept by every adapter.

use std::collections::BTreeSet;

use automata::log::verification::verify;
use automata::log::{Error, Head, SNAPSHOT_EVERY, Verification};

use super::home::{Home, append_patiently, batch, events, folded, history, snapshot};

macro_rules! kept_by {
    ($home:ident, $make:expr, $($promise:ident),* $(,)?) => {
        mod $home {
            use super::Home;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    super::$promise(&$make).await;
                }
            )*
        }
    };
}

macro_rules! every_promise_is_kept_by {
    ($home:ident, $make:expr $(, $more:ident)*) => {
        kept_by!(
            $home,
            $make,
            a_log_that_does_not_exist_is_empty,
            what_is_appended_is_loaded_by_others,
            an_append_at_an_old_head_is_a_conflict_and_writes_nothing,
            a_sealed_log_is_short_to_load_and_whole_in_its_history,
            eight_writers_at_once_lose_nothing,
            events_that_do_not_follow_are_refused,
            $($more,)*
        );
    };
}

every_promise_is_kept_by!(memory, Home::memory(), thirty_two_writers_at_once_lose_nothing);
every_promise_is_kept_by!(local_path, Home::local(), thirty_two_writers_at_once_lose_nothing);
every_promise_is_kept_by!(sealed, Home::sealed());
every_promise_is_kept_by!(sealed_http, Home::sealed_http().await);
// Each lost race costs five processes here, so the largest race is run over one server only.
every_promise_is_kept_by!(http, Home::http().await, thirty_two_writers_at_once_lose_nothing);
every_promise_is_kept_by!(http_protocol_zero, Home::http_protocol_zero().await);
every_promise_is_kept_by!(http_without_filter, Home::http_with("uploadpack.allowFilter", "false").await);
every_promise_is_kept_by!(http_without_atomic, Home::http_with("receive.advertiseAtomic", "false").await);

async fn a_log_that_does_not_exist_is_empty(home: &Home) {
    let log = home.writer();
    let loaded = log.load().await.unwrap();
    assert_eq!((loaded.head, loaded.snapshot, loaded.tail), (Head::EMPTY, None, vec![]));
    assert_eq!(history(&*log, 1).await.unwrap(), [""; 0]);
    assert_eq!(verify(&*log).await.unwrap(), Verification { events: 0, damage: None });
}

async fn what_is_appended_is_loaded_by_others(home: &Home) {
    let (ours, theirs) = (home.writer(), home.writer());
    let first = events(&Head::EMPTY, "a", 3);
    let head = ours.append(&Head::EMPTY, &batch(&first, None)).await.unwrap();
    let second = events(&head, "b", 1);
    let head = ours.append(&head, &batch(&second, None)).await.unwrap();
    let loaded = theirs.load().await.unwrap();
    assert_eq!(loaded.head, head);
    assert_eq!((head.sequence.0, head.tail), (4, 2));
    assert_eq!(loaded.tail, [first, second].concat());
    assert_eq!(history(&*theirs, 3).await.unwrap(), ["a-3", "b-1"]);
}

async fn an_append_at_an_old_head_is_a_conflict_and_writes_nothing(home: &Home) {
    let (ours, theirs) = (home.writer(), home.writer());
    let base = append_patiently(&*ours, "base", 1).await;
    assert_eq!(theirs.load().await.unwrap().head, base);
    let winner = events(&base, "winner", 1);
    let head = ours.append(&base, &batch(&winner, None)).await.unwrap();
    let loser = events(&base, "loser", 2);
    assert_eq!(theirs.append(&base, &batch(&loser, None)).await, Err(Error::Conflict));
    assert_eq!(
        theirs.append(&Head::EMPTY, &batch(&events(&Head::EMPTY, "x", 1), None)).await,
        Err(Error::Conflict)
    );
    let loaded = theirs.load().await.unwrap();
    assert_eq!(loaded.head, head);
    assert_eq!(history(&*theirs, 1).await.unwrap(), ["base-1", "winner-1"]);
    // Having lost, it decides again on what is there now.
    let again = events(&loaded.head, "loser", 2);
    theirs.append(&loaded.head, &batch(&again, None)).await.unwrap();
    assert_eq!(history(&*ours, 1).await.unwrap(), ["base-1", "winner-1", "loser-1", "loser-2"]);
}

async fn a_sealed_log_is_short_to_load_and_whole_in_its_history(home: &Home) {
    let log = home.writer();
    let mut expected = Vec::new();
    let mut head = Head::EMPTY;
    // Three seals, each with its own tail length.
    for (round, appends) in [3_usize, 1, 4, 2].into_iter().enumerate() {
        for place in 0..appends {
            let due = (round > 0 && place == 0).then(|| snapshot(&head, &expected));
            let who = format!("r{round}p{place}");
            let some = events(&head, &who, 1 + place % 2);
            head = log.append(&head, &batch(&some, due.as_ref())).await.unwrap();
            expected.extend(some.into_iter().map(|event| event.id));
        }
    }
    let fresh = home.writer();
    let loaded = fresh.load().await.unwrap();
    assert_eq!(loaded.head, head);
    assert_eq!(head.tail, 2, "the tail is only what came after the last snapshot");
    assert_eq!(loaded.tail.len(), 3);
    assert_eq!(folded(&*fresh).await.unwrap(), (head.clone(), expected.clone()));
    for first in [1, 2, 5, 6, 9, 12, 13, 99] {
        let from = expected.get(first - 1..).unwrap_or_default();
        assert_eq!(history(&*fresh, first as u64).await.unwrap(), from, "from {first}");
    }
    let all = expected.len() as u64;
    assert_eq!(verify(&*fresh).await.unwrap(), Verification { events: all, damage: None });
    if let Some(repository) = home.repository() {
        let links = repository.git(&["log", "--first-parent", "--format=%s", "automata-state-archive"]);
        insta::allow_duplicates! {
            insta::assert_snapshot!(links, @"
            Archive events 6-11
            Archive events 5
            Archive events 1-4
            Begin the archive
            ");
        }
        assert_eq!(repository.git(&["fsck", "--strict", "--no-dangling"]), "");
    }
}

async fn many_writers(home: &Home, writers: usize, appends: usize) {
    let writing: Vec<_> = (0..writers)
        .map(|writer| {
            let log = home.writer();
            tokio::spawn(async move {
                for place in 0..appends {
                    append_patiently(&*log, &format!("w{writer}.{place}"), 2).await;
                }
            })
        })
        .collect();
    for writer in writing {
        writer.await.unwrap();
    }
    let log = home.writer();
    let all = history(&*log, 1).await.unwrap();
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (writers * appends * 2, writers * appends * 2));
    let (head, ids) = folded(&*log).await.unwrap();
    assert_eq!(ids, all);
    assert!(head.tail <= SNAPSHOT_EVERY + 1);
    assert!(verify(&*log).await.unwrap().is_sound());
}

async fn eight_writers_at_once_lose_nothing(home: &Home) {
    many_writers(home, 8, 2).await;
}

async fn thirty_two_writers_at_once_lose_nothing(home: &Home) {
    many_writers(home, 32, 1).await;
}

async fn events_that_do_not_follow_are_refused(home: &Home) {
    let log = home.writer();
    let head = append_patiently(&*log, "a", 1).await;
    let gap = events(&Head { sequence: head.sequence.next(), ..head.clone() }, "gap", 1);
    for wrong in [&gap[..], &[]] {
        assert!(matches!(log.append(&head, &batch(wrong, None)).await, Err(Error::Damaged { .. })));
    }
    assert_eq!(log.load().await.unwrap().head, head);
}

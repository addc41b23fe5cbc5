//! What reading and writing cost on the wire, however long the log is.

use automata::log::{EventLog as _, Head, SNAPSHOT_EVERY};

use super::home::{Home, batch, events, folded, git_log, http_remote, local_writer, snapshot};
use crate::world::git_server::Traffic;

/// Bytes of a snapshot with 500 open issues, about: what the views keep of each is some 200 bytes.
const SNAPSHOT_BYTES: usize = 100_000;

/// Writes `seals` full tails into a repository on disk and one tail more, then measures over HTTP.
async fn traffic(seals: usize) -> (Traffic, Traffic) {
    let home = Home::http().await;
    let Home::Http(server) = &home else { unreachable!() };
    let log = local_writer(&server.repository);
    let mut head = Head::EMPTY;
    for _ in 0..seals {
        for place in 0..SNAPSHOT_EVERY {
            let due = (place == 0 && head.sequence.0 > 0).then(|| {
                // A part of it changes each time, as live state does.
                let mut due = snapshot(&head, &[]);
                due.files[0].1 = noise(head.sequence.0, SNAPSHOT_BYTES);
                due
            });
            head = log.append(&head, &batch(&events(&head, "w", 5), due.as_ref())).await.unwrap();
        }
    }
    let reader = git_log(http_remote(server.url(), None));
    server.take_traffic();
    let loaded = reader.load().await.unwrap();
    let read = server.take_traffic();
    reader.append(&loaded.head, &batch(&events(&loaded.head, "x", 5), None)).await.unwrap();
    (read, server.take_traffic())
}

/// Text that compresses about as well as JSON does, to a quarter.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed;
    (0..bytes)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            b"aabbccdd"[usize::try_from(state >> 61).unwrap()]
        })
        .collect()
}

#[tokio::test]
async fn a_fresh_read_and_an_append_cost_the_same_at_every_length() {
    let (short_read, short_append) = traffic(2).await;
    let (long_read, long_append) = traffic(8).await;
    for (read, append) in [(short_read, short_append), (long_read, long_append)] {
        assert!(read.bytes() <= 200_000, "{read:?}");
        assert!(append.bytes() <= 8_000, "{append:?}");
        assert!(read.requests <= 4, "{read:?}");
        assert_eq!((append.requests, append.pushes), (1, 1));
    }
    let grown = |short: Traffic, long: Traffic| long.bytes() * 100 / short.bytes();
    assert!(grown(short_read, long_read) <= 120, "{short_read:?} {long_read:?}");
    assert!(grown(short_append, long_append) <= 120, "{short_append:?} {long_append:?}");
}

#[tokio::test]
async fn a_seal_costs_one_push_and_does_not_write_the_tail_again() {
    let home = Home::http().await;
    let Home::Http(server) = &home else { unreachable!() };
    let log = home.writer();
    let mut head = Head::EMPTY;
    for _ in 0..SNAPSHOT_EVERY {
        head = log.append(&head, &batch(&events(&head, "w", 5), None)).await.unwrap();
    }
    let (head, ids) = folded(&*log).await.unwrap();
    server.take_traffic();
    log.append(&head, &batch(&events(&head, "x", 5), Some(&snapshot(&head, &ids)))).await.unwrap();
    let sealing = server.take_traffic();
    assert_eq!(sealing.pushes, 1, "both refs in one");
    assert!(sealing.bytes() <= 8_000, "{sealing:?}");
}

//! A log as a whole: out of one place and into another, and sealed by hand.

use std::path::PathBuf;

use automata::domain::id::RunId;
use automata::domain::time::Timestamp;
use automata::log::export::{self, Heading, Keys};
use automata::log::reader::{self, Reader};
use automata::log::verification::verify;
use automata::log::{Append, ChainHash, Error, EventLog as _, Head};
use automata::services::state::{GitLog, Writing};
use proptest::prelude::*;

use super::home::{Home, append_patiently, events, folded, git_log, http_remote, keyless_reader, snapshot};
use crate::world::git_server::GitServer;
use crate::world::repository::BareRepository;

fn writing(run: &RunId) -> Writing<'_> {
    Writing { now: Timestamp::from_millis(1_795_348_800_000), run }
}

async fn exported(log: &GitLog) -> Vec<u8> {
    let mut content = Vec::new();
    log.export("acme/widgets", &mut |some| content.extend_from_slice(some)).await.unwrap().unwrap();
    content
}

async fn import(log: &GitLog, content: &[u8]) -> Result<(), Error> {
    let export = export::read(content, "log.jsonl", &mut |_| ())?;
    log.import(&export, None, writing(&RunId::new("7.1"))).await
}

/// So many events, in appends of so many.
async fn written(count: usize, at_once: usize) -> BareRepository {
    let repository = BareRepository::new();
    let (log, mut head) = (keyless_reader(&repository), Head::EMPTY);
    while head.sequence.0 < count as u64 {
        let some = at_once.min(count - usize::try_from(head.sequence.0).unwrap());
        let events = events(&head, "a", some);
        let snapshot = (head.tail >= 4).then(|| snapshot(&head, &[]));
        let batch = Append { events: &events, message: "Some", snapshot: snapshot.as_ref() };
        head = log.append(&head, &batch).await.unwrap();
    }
    repository
}

#[tokio::test]
async fn what_was_exported_and_imported_is_exported_byte_for_byte() {
    // One file, one more than a file, one more than a segment.
    for (count, at_once) in [(1, 1), (257, 50), (4_097, 500)] {
        let content = exported(&keyless_reader(&written(count, at_once).await)).await;
        let repository = BareRepository::new();
        import(&keyless_reader(&repository), &content).await.unwrap();
        let log = keyless_reader(&repository);
        assert!(exported(&log).await == content, "{count}");
        let found = verify(&log).await.unwrap();
        assert!(found.is_sound() && found.events == count as u64, "{found:?}");
        let head = log.load().await.unwrap().head;
        let more = events(&head, "b", 2);
        let snapshot = snapshot(&head, &[]);
        let batch = Append { events: &more, message: "More", snapshot: Some(&snapshot) };
        log.append(&head, &batch).await.unwrap();
        let longer = exported(&keyless_reader(&repository)).await;
        let first = |content: &[u8]| content.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        assert!(longer[first(&longer)..].starts_with(&content[first(&content)..]), "{count}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http_it_is_the_same() {
    let content = exported(&keyless_reader(&written(700, 100).await)).await;
    let server = GitServer::start().await;
    let log = || git_log(http_remote(server.url(), None));
    import(&log(), &content).await.unwrap();
    assert!(exported(&log()).await == content);
    assert_eq!(import(&log(), &content).await, Err(Error::Conflict), "there is a log already");
}

#[tokio::test]
async fn the_golden_logs_of_every_version_go_through_byte_for_byte_and_what_is_sealed_stays_sealed() {
    for name in ["v1/log.jsonl", "v2/sensitive.jsonl", "v2/all.jsonl"] {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("state/golden").join(name);
        let lines = std::fs::read(path).unwrap();
        let keys = name.starts_with("v2").then(|| Keys { id: "some".to_owned(), version: 3 });
        let end = lines.split_inclusive(|byte| *byte == b'\n').fold(Reader::START, |reader, line| Reader {
            sequence: reader.sequence.next(),
            chain: reader.chain.after(&line[..line.len() - 1]),
        });
        let format = if keys.is_some() { 2 } else { 1 };
        let heading = Heading::new("acme/widgets".to_owned(), format, (end.sequence, end.chain), keys);
        let content = [heading.line().unwrap().into_bytes(), lines].concat();
        let repository = BareRepository::new();
        import(&keyless_reader(&repository), &content).await.unwrap();
        assert!(exported(&keyless_reader(&repository)).await == content, "{name}");
    }
}

#[tokio::test]
async fn an_export_that_is_not_whole_leaves_the_place_as_it_was() {
    let content = exported(&keyless_reader(&written(20, 3).await)).await;
    let repository = BareRepository::new();
    let mut changed = content.clone();
    let place = changed.len() - 40;
    changed[place] ^= 1;
    for broken in
        [&changed[..], &content[..content.len() - 1], b"", b"{\"automata\":\"log\",\"version\":9}\n"]
    {
        import(&keyless_reader(&repository), broken).await.unwrap_err();
    }
    assert_eq!(repository.git(&["for-each-ref"]), "");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_text_in_an_event_comes_back(texts in proptest::collection::vec(".{0,40}", 1..12)) {
        let mut events = events(&Head::EMPTY, "a", texts.len());
        for (event, text) in events.iter_mut().zip(&texts) {
            event.id.clone_from(text);
        }
        let (lines, end) = reader::write(Reader::START, &events).unwrap();
        let heading = Heading::new("acme/widgets".to_owned(), 1, (end.sequence, end.chain), None);
        let content = [heading.line().unwrap(), lines].concat();
        let mut read = Vec::new();
        export::read(content.as_bytes(), "log.jsonl", &mut |event| read.push(event)).unwrap();
        prop_assert_eq!(read, events);
    }
}

#[tokio::test]
async fn a_log_that_was_compacted_has_no_tail_and_goes_on() {
    let home = Home::local();
    let repository = home.repository().unwrap();
    let log = home.writer();
    for who in ["a", "b", "c"] {
        append_patiently(&*log, who, 2).await;
    }
    let before = exported(&keyless_reader(repository)).await;
    let run = RunId::new("7.1");
    let compact = || async {
        let log = keyless_reader(repository);
        let (head, ids) = folded(&log).await.unwrap();
        log.compact(&head, &snapshot(&head, &ids), writing(&run).now, &run).await
    };
    let head = compact().await.unwrap();
    assert_eq!((head.sequence.0, head.tail), (6, 0));
    insta::assert_snapshot!(repository.git(&["ls-tree", "-r", "--name-only", "automata-state"]), @"
    README.md
    head.json
    snapshot/ids.txt
    ");
    assert!(exported(&keyless_reader(repository)).await == before);
    append_patiently(&*log, "d", 1).await;
    compact().await.unwrap();
    compact().await.unwrap();
    append_patiently(&*home.writer(), "e", 1).await;
    let (_, ids) = folded(&*home.writer()).await.unwrap();
    assert_eq!(ids, ["a-1", "a-2", "b-1", "b-2", "c-1", "c-2", "d-1", "e-1"]);
    assert!(verify(&*home.writer()).await.unwrap().is_sound());
    assert_eq!(
        repository.git(&["rev-parse", "automata-state"]),
        repository.git(&["rev-parse", "refs/automata/witness/automata-state"])
    );
}

#[tokio::test]
async fn a_log_that_moved_on_meanwhile_is_not_compacted() {
    let home = Home::local();
    let repository = home.repository().unwrap();
    append_patiently(&*home.writer(), "a", 2).await;
    let late = keyless_reader(repository);
    let (head, ids) = folded(&late).await.unwrap();
    append_patiently(&*home.writer(), "b", 1).await;
    let refs = repository.git(&["for-each-ref"]);
    let run = RunId::new("7.1");
    let compacted = late.compact(&head, &snapshot(&head, &ids), writing(&run).now, &run).await;
    assert_eq!(compacted, Err(Error::Conflict));
    assert_eq!(repository.git(&["for-each-ref"]), refs);
    assert_ne!(head.chain, ChainHash::START);
}

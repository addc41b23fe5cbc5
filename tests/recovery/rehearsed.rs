//! A rehearsal with the configuration that stands makes no difference, on every golden run and every golden log.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use automata::app::rehearsals;
use automata::domain::encryption::{RECIPIENT, Recipient, encode};
use automata::domain::event::Event;
use automata::domain::id::Sequence;
use automata::domain::rehearsal::Rehearsal;
use automata::domain::used::{KeysOpened, Used};
use automata::log::reader::{Place, Reader, Stored};
use automata::log::{Append, Envelope, Error, EventLog, Head, Loaded, MemoryLog};
use automata::services::rehearsal::Tried;

use super::golden::{Golden, STORIES};
use crate::world::outside::Outside;

/// Longer ago than anything in a golden log.
const EVER: Duration = Duration::from_secs(20 * 365 * 24 * 3600);

/// What `changed` would do otherwise, on this log under the configuration of this outside.
async fn rehearsed(outside: &Outside, log: Arc<dyn EventLog>, changed: &str) -> Rehearsal {
    let world = outside.world(log).await.unwrap();
    match rehearsals(&world).unwrap().rehearse(changed, EVER, true).await.unwrap() {
        Tried::Rehearsed(rehearsal) => *rehearsal,
        other => panic!("{other:?}"),
    }
}

async fn kept(events: &[Envelope]) -> Arc<dyn EventLog> {
    let log = MemoryLog::new();
    log.append(&Head::EMPTY, &Append { events, message: "golden", snapshot: None }).await.unwrap();
    Arc::new(log)
}

#[tokio::test]
async fn the_same_configuration_makes_no_difference_on_any_golden_run() {
    let mut deeds = 0;
    for story in STORIES {
        let golden = Golden::of(story).await;
        let rehearsal = rehearsed(&golden.outside, kept(&golden.events).await, story.config).await;
        assert!(!rehearsal.differs, "{}: {:#?}", story.name, rehearsal.differences);
        assert_eq!(rehearsal.triggers, 1, "{}", story.name);
        deeds += rehearsal.totals.iter().map(|total| total.after).sum::<u32>();
    }
    assert!(deeds >= 10, "something was played: {deeds}");
}

#[tokio::test]
async fn what_a_golden_run_did_is_what_its_rehearsal_does() {
    let sorted = STORIES.into_iter().find(|story| story.name == "labels and assignments").unwrap();
    let golden = Golden::of(sorted).await;
    let nothing = rehearsed(&golden.outside, kept(&golden.events).await, "rules: []\n").await;
    let gone: Vec<String> = nothing
        .differences
        .iter()
        .map(|found| format!("{} {} {} -> {}", found.subject, found.deed.what, found.before, found.after))
        .collect();
    insta::assert_snapshot!(gone.join("\n"), @"
    issue/1 +bug 1 -> 0
    issue/1 +needs attention 1 -> 0
    issue/1 +priority: high 1 -> 0
    issue/1 status comment written 1 -> 0
    issue/1 +mona 1 -> 0
    issue/1 +otto 1 -> 0
    ");
    assert_eq!((golden.seen.labels.len(), golden.seen.assignees.len()), (3, 2), "{:?}", golden.seen);
}

#[tokio::test]
async fn every_stored_format_can_be_rehearsed_and_makes_no_difference_to_itself() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("state/golden");
    for name in ["v1/log.jsonl", "v2/sensitive.jsonl", "v2/all.jsonl"] {
        let place = Place { commit: "golden".to_owned(), file: name.to_owned(), line: 0 };
        let content = std::fs::read(folder.join(name)).unwrap();
        let mut events = Vec::new();
        let stored = [Stored { place, first: None, content }];
        let mut reader = Reader::START;
        reader.read(&stored, &mut |envelope| events.push(envelope)).unwrap();
        // What is sealed has no key here, and is never written again: only what can be read is kept.
        let sealed = events.iter().filter(|event| matches!(event.recorded.event, Event::Sealed(_))).count();
        let outside = Outside::new("", 1).await;
        let log: Arc<dyn EventLog> = Arc::new(ReadOnly(events));
        let rehearsal = rehearsed(&outside, log, "").await;
        assert!(!rehearsal.differs, "{name}: {:#?}", rehearsal.differences);
        let told = rehearsal.notes.iter().any(|note| note.contains("cannot be read here"));
        assert_eq!(told, sealed > 0, "{name}: {:?}", rehearsal.notes);
        assert_eq!(rehearsal.triggers > 0, sealed == 0, "{name}");
    }
}

/// Events as they were read.
struct ReadOnly(Vec<Envelope>);

#[async_trait::async_trait]
impl EventLog for ReadOnly {
    async fn load(&self) -> Result<automata::log::Loaded, automata::log::Error> {
        Ok(automata::log::Loaded { head: Head::EMPTY, snapshot: None, tail: self.0.clone() })
    }

    async fn append(&self, _: &Head, _: &Append<'_>) -> Result<Head, automata::log::Error> {
        panic!("a rehearsal writes nothing")
    }

    async fn history(
        &self,
        first: automata::domain::id::Sequence,
        visit: &mut (dyn FnMut(Envelope) + Send),
    ) -> Result<(), automata::log::Error> {
        let wanted = self.0.iter().filter(|event| event.recorded.stamp.sequence >= first);
        wanted.for_each(|event| visit(event.clone()));
        Ok(())
    }
}

/// A log that was sealed, and that we have the key to.
struct Unsealed(Arc<dyn EventLog>);

#[async_trait::async_trait]
impl EventLog for Unsealed {
    async fn load(&self) -> Result<Loaded, Error> {
        self.0.load().await
    }

    async fn append(&self, expected: &Head, batch: &Append<'_>) -> Result<Head, Error> {
        self.0.append(expected, batch).await
    }

    async fn history(&self, first: Sequence, visit: &mut (dyn FnMut(Envelope) + Send)) -> Result<(), Error> {
        self.0.history(first, visit).await
    }

    fn used(&self) -> Vec<Used> {
        let by = Recipient::parse(&encode(&[7; 32], RECIPIENT)).unwrap();
        vec![Used::KeysOpened(KeysOpened { by })]
    }
}

#[tokio::test]
async fn who_may_not_read_what_is_sealed_learns_nothing_of_it_by_rules_that_ask() {
    let sorted = STORIES.into_iter().find(|story| story.name == "labels and assignments").unwrap();
    let golden = Golden::of(sorted).await;
    let asks = "rules: [{ name: ask, on: [issue.opened], when: { title_contains: Crash }, do: { add_labels: [bug] } }]\n";
    for (may_read, is_sealed, is_answered) in
        [(true, true, true), (false, true, false), (false, false, true), (true, false, true)]
    {
        let log = kept(&golden.events).await;
        let log = if is_sealed { Arc::new(Unsealed(log)) } else { log };
        let world = golden.outside.world(log).await.unwrap();
        let tried = rehearsals(&world).unwrap().rehearse(asks, EVER, may_read).await.unwrap();
        assert_eq!(tried != Tried::Sealed, is_answered, "{may_read} {is_sealed}: {tried:?}");
    }
}

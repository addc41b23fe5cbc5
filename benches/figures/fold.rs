//! Folding the whole log from disk, beside serde_json parsing the same bytes into typed structs.

use std::path::Path;
use std::time::Duration;

use automata::domain::actor::Actor;
use automata::domain::effect::Intent;
use automata::domain::event::{EffectCompleted, TaskClaimed, TaskCompleted, TaskEnqueued};
use automata::domain::id::{RunId, Sequence};
use automata::domain::state::State;
use automata::domain::subject::Subject;
use automata::domain::time::Timestamp;
use automata::domain::trigger::Trigger;
use automata::log::reader::{self, Reader};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::history::Life;
use crate::measure::{Row, median, ratio, timed};

/// Rounds whose medians count.
const ROUNDS: usize = 5;
/// The least part of the parser's rate that the fold may have.
const REACH: f64 = 0.7;

/// A line as serde_json reads it when nothing more is wanted.
#[derive(Deserialize)]
#[expect(dead_code, reason = "parsed, as its reader would, and not used")]
struct Line<'a> {
    v: u32,
    seq: Sequence,
    id: String,
    prev: String,
    subject: Subject,
    at: Timestamp,
    actor: Actor,
    run: RunId,
    cause: Option<Sequence>,
    correlation: Option<Sequence>,
    r#type: String,
    #[serde(borrow)]
    data: &'a RawValue,
}

pub(crate) fn figures(with_million: bool) -> Vec<Row> {
    let mut sizes = vec![100_000];
    sizes.extend(with_million.then_some(1_000_000));
    sizes.into_iter().flat_map(figure).collect()
}

fn figure(events: u64) -> Vec<Row> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.jsonl");
    let (count, bytes, end) = fill(&path, events);
    let (mut folds, mut parses, mut envelopes) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (time, state) = timed(|| folded(&path));
        assert_eq!(state, end, "the fold from disk is what the writer saw");
        folds.push(time);
        drop(state);
        let (time, seen) = timed(|| parsed(&path, true));
        assert_eq!(seen, count);
        parses.push(time);
        let (time, seen) = timed(|| parsed(&path, false));
        assert_eq!(seen, count);
        envelopes.push(time);
    }
    let (fold, parse, envelope) = (median(folds), median(parses), median(envelopes));
    let reached = ratio(parse, fold);
    let rate = |time: Duration| {
        #[expect(clippy::cast_precision_loss, reason = "shown in thousands")]
        let rate = count as f64 / time.as_secs_f64() / 1e3;
        format!("{rate:.0} k/s")
    };
    vec![
        Row::goal(
            format!("fold of {count} events / serde_json, typed"),
            format!("{reached:.2}"),
            format!(">= {REACH}"),
            reached >= REACH,
        ),
        Row::detail(
            format!("fold; serde_json, typed; serde_json, data left as text ({} B a line)", bytes / count),
            format!("{}; {}; {}", rate(fold), rate(parse), rate(envelope)),
        ),
    ]
}

/// Writes a log of about so many events as one file: its lines, its bytes, and the state at its end.
fn fill(path: &Path, events: u64) -> (u64, u64, State) {
    use std::io::Write as _;
    let mut life = Life::new();
    let mut at = Reader::START;
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let mut bytes = 0;
    while at.sequence.0 < events {
        life.goes_on(if at.sequence.0 == 0 { crate::history::OPEN_ISSUES } else { 16 });
        let (lines, end) = reader::write(at, &life.told()).unwrap();
        bytes += lines.len() as u64;
        file.write_all(lines.as_bytes()).unwrap();
        at = end;
    }
    file.flush().unwrap();
    (at.sequence.0, bytes, life.state)
}

/// As `automata` folds: every line is decoded (on a second thread), its place and the chain are checked, and it is
/// applied.
fn folded(path: &Path) -> State {
    let content = std::fs::read(path).unwrap();
    let mut state = State::default();
    let mut reader = Reader::START;
    let mut apply = |event: automata::log::Envelope| {
        state.apply(&event.recorded).unwrap();
    };
    let place = reader::Place { commit: String::new(), file: String::new(), line: 0 };
    reader.read(&[reader::Stored { place, first: None, content }], &mut apply).unwrap();
    state
}

/// serde_json alone. With `data`, the part that differs by event is read into its type too.
fn parsed(path: &Path, data: bool) -> u64 {
    let content = std::fs::read(path).unwrap();
    let mut count = 0;
    for line in content.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let line: Line<'_> = std::hint::black_box(typed(line));
        if data {
            let text = line.data.get().as_bytes();
            match line.r#type.as_str() {
                "trigger.received" => keep::<Trigger>(text),
                "task.enqueued" => keep::<TaskEnqueued>(text),
                "task.claimed" => keep::<TaskClaimed>(text),
                "task.completed" => keep::<TaskCompleted>(text),
                "effect.intended" => keep::<Intent>(text),
                "effect.completed" => keep::<EffectCompleted>(text),
                other => panic!("no life has {other}"),
            }
        }
        count += 1;
    }
    count
}

fn typed<'a, T: Deserialize<'a>>(text: &'a [u8]) -> T {
    serde_json::from_slice(text).unwrap()
}

fn keep<T: DeserializeOwned>(text: &[u8]) {
    std::hint::black_box(typed::<T>(text));
}

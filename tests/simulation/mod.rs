//! Many runs, one log, one forge, seeded bad luck: what must always hold is checked at each step.
//!
//! `AUTOMATA_SEEDS=5000 cargo test simulation` plays that many; `AUTOMATA_SEEDS=17..18` plays one again.

mod dice;
mod forge;
mod ledger;
mod life;
mod people;
mod play;
mod rest;
mod time;
mod turns;

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use self::dice::Fault;
use self::ledger::Breach;
use self::play::{Broken, Ending, Play};

/// Seeds played when nobody says how many.
const SEEDS: u64 = 2_000;
/// Parts that they are played in, side by side.
const PARTS: u64 = 4;

fn play(seed: u64, broken: Option<Broken>) -> Ending {
    to_the_end(Play::new(seed, broken).play())
}

fn to_the_end<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// The seeds to play, and whether somebody asked for them.
#[expect(clippy::disallowed_methods, reason = "a test's own switch, for whoever looks for rare bad luck")]
fn seeds() -> (Range<u64>, bool) {
    let Ok(asked) = std::env::var("AUTOMATA_SEEDS") else { return (0..SEEDS, false) };
    let number =
        |text: &str| text.trim().parse().expect("AUTOMATA_SEEDS is a number or a range such as 17..18");
    let range = match asked.split_once("..") {
        Some((from, to)) => number(from)..number(to),
        None => 0..number(&asked),
    };
    (range, true)
}

/// Plays every fourth seed. A part by itself is large enough that every fault strikes in it.
fn play_part(part: u64) {
    let (seeds, asked) = seeds();
    let (mut played, mut events) = (0, 0);
    let mut faults: BTreeMap<Fault, usize> = Fault::ALL.map(|fault| (fault, 0)).into();
    for seed in seeds.filter(|seed| seed % PARTS == part) {
        let ending = play(seed, None);
        if let Some(broken) = ending.broken {
            panic!("{}\nseed {seed} (AUTOMATA_SEEDS={seed}..{}): {broken}", ending.trace, seed + 1);
        }
        (played, events) = (played + 1, events + ending.events);
        for (fault, count) in ending.faults {
            *faults.entry(fault).or_default() += count;
        }
    }
    println!("{played} simulations, {events} events, {faults:?}");
    let never: Vec<&Fault> =
        faults.iter().filter(|(_, count)| **count == 0).map(|(fault, _)| fault).collect();
    assert!(asked || never.is_empty(), "in {played} simulations these never happened: {never:?}");
}

#[test]
fn whatever_strikes_all_work_is_done_and_nothing_is_doubled_part_1() {
    play_part(0);
}

#[test]
fn whatever_strikes_all_work_is_done_and_nothing_is_doubled_part_2() {
    play_part(1);
}

#[test]
fn whatever_strikes_all_work_is_done_and_nothing_is_doubled_part_3() {
    play_part(2);
}

#[test]
fn whatever_strikes_all_work_is_done_and_nothing_is_doubled_part_4() {
    play_part(3);
}

#[test]
fn a_seed_plays_the_same_again() {
    for seed in [3, 4] {
        assert_eq!(play(seed, None).trace, play(seed, None).trace);
    }
}

#[test]
fn an_event_is_safe_soon_although_the_forge_never_answers() {
    for seed in 0..5 {
        let waited = to_the_end(Play::new(seed, None).meets_silence());
        assert_eq!(waited, Some(Duration::from_secs(2)), "seed {seed}");
    }
}

#[test]
fn a_rule_that_is_broken_on_purpose_is_noticed() {
    let broken = [
        (
            Broken::Log(Breach::NoComparison),
            vec!["twice", "not free", "stale", "without a lease", "nobody holds"],
        ),
        (Broken::Log(Breach::NoComparison), vec!["a turn ", "turns passed"]),
        (Broken::Log(Breach::NoComparison), vec!["ends twice", "that is not free"]),
        (Broken::Log(Breach::Forgets), vec!["was confirmed and is not there"]),
        (
            Broken::Log(Breach::NoLeases),
            vec!["a stale outcome was applied", "an outcome of a task that nobody holds"],
        ),
        (Broken::HiddenComments, vec!["status comments, not"]),
    ];
    for (broken, words) in broken {
        let noticed = (0..200).find_map(|seed| {
            play(seed, Some(broken)).broken.filter(|told| words.iter().any(|word| told.contains(word)))
        });
        println!("{broken:?}: {noticed:?}");
        assert!(noticed.is_some(), "{broken:?} goes unnoticed");
    }
}

//! Many runs, one log, one forge, seeded bad luck: what must always hold is checked at each step.
//!
//! `AUTOMATA_SEEDS=5000 cargo test simulation` plays that many; `AUTOMATA_SEEDS=17..18` plays one again.

mod dice;
mod forge;
mod ledger;
mod play;
mod time;

use std::ops::Range;
use std::time::Duration;

use automata::services::clock::{Clock as _, SystemClock};

use self::ledger::Breach;
use self::play::{Broken, Ending, Play};

/// Seeds played when nobody says how many.
const SEEDS: u64 = 200;
/// Seeds that are played even on a slow machine.
const LEAST_SEEDS: u64 = 30;
/// After this no further seed is begun unless somebody asked for it.
const LONG_ENOUGH: Duration = Duration::from_secs(8);

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

#[test]
fn whatever_strikes_all_work_is_done_and_nothing_is_doubled() {
    let (seeds, asked) = seeds();
    let begin = SystemClock.now();
    let (mut played, mut kills, mut events) = (0, 0, 0);
    for seed in seeds {
        let ending = play(seed, None);
        if let Some(broken) = ending.broken {
            panic!("{}\nseed {seed} (AUTOMATA_SEEDS={seed}..{}): {broken}", ending.trace, seed + 1);
        }
        (played, kills, events) = (played + 1, kills + ending.kills, events + ending.events);
        if !asked && played >= LEAST_SEEDS && SystemClock.now().since(begin) > LONG_ENOUGH {
            break;
        }
    }
    println!("{played} simulations, {kills} kills, {events} events");
    assert!(asked || (kills > 10 && events > 500), "{played} simulations had {kills} kills, {events} events");
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
        (Broken::Log(Breach::Forgets), vec!["was confirmed and is not there"]),
        (Broken::HiddenComments, vec!["status comments, not"]),
    ];
    for (broken, words) in broken {
        let noticed = (0..60).find_map(|seed| {
            play(seed, Some(broken)).broken.filter(|told| words.iter().any(|word| told.contains(word)))
        });
        assert!(noticed.is_some(), "{broken:?} goes unnoticed");
    }
}

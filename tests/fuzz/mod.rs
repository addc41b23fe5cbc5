//! Every parser of outside text, fed with mutations of what it is meant to read: none panics, hangs, or makes too much of it.
//!
//! It needs no instrumented build: what a parser makes of an input is told apart by a short name, and an input with a
//! new one is mutated further. A few hundred rounds are part of every test run. `AUTOMATA_FUZZ_ROUNDS` or
//! `AUTOMATA_FUZZ_MINUTES` ask for more, `AUTOMATA_FUZZ_SEED` for others. What breaks a parser is kept in `target/fuzz`;
//! put it into `tests/fixtures/fuzz/NAME` and it is played in every run. `AUTOMATA_FUZZ_GATHER=1` adds the short inputs
//! that brought something new to the corpus `tests/fixtures/fuzz/NAME.txt`, one a line in Base64.

use std::collections::HashSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use mutate::Mutator;

mod answers;
mod lines;
mod mutate;
mod owners;
mod patches;
mod payloads;
mod queries;
mod settings;
mod texts;
mod wire;
mod words;

/// Rounds of a target where nobody asks for more: all targets together take a few seconds.
const ROUNDS: u64 = 300;
/// Inputs that are kept because something new came of them; a random one makes room for the next.
const MOST_KEPT: usize = 2_000;
/// Inputs of a target's corpus that is kept, and bytes of one of them at most: enough to begin where a long run ended, and
/// little to carry about.
const MOST_GATHERED: usize = 100;
const LONGEST_GATHERED: usize = 512;
/// The longest that a reader may work on one input, which takes it well under a millisecond. Time in which the machine does
/// something else does not count.
const LONGEST: Duration = Duration::from_secs(10);

/// What is fuzzed.
struct Target<'a> {
    /// Its name: the folder of its own corpus.
    name: &'a str,
    /// Inputs to begin with, beside those in its folder.
    seeds: Vec<Vec<u8>>,
    /// Words of what it reads, to be put in anywhere.
    words: &'a [&'a str],
}

impl Target<'_> {
    /// Plays the corpus as it is, then mutations of it. `play` looks whether what came of an input is as it should be, and
    /// gives that a short name.
    fn fuzz(mut self, mut play: impl FnMut(&[u8]) -> String) {
        self.seeds.extend(kept(self.name));
        assert!(!self.seeds.is_empty(), "{} has no corpus", self.name);
        let (mut seen, mut pool) = (HashSet::new(), self.seeds.clone());
        for seed in &self.seeds {
            seen.insert(self.play(&mut play, seed));
        }
        let wish = Wish::read();
        let mut new = Vec::new();
        let mut mutator = Mutator::new(wish.seed, self.words);
        let mut round = 0;
        while wish.goes_on(round) {
            let input = mutator.mutated(&pool);
            let outcome = self.play(&mut play, &input);
            if seen.insert(outcome) {
                if input.len() <= LONGEST_GATHERED {
                    new.push(input.clone());
                }
                if pool.len() < MOST_KEPT {
                    pool.push(input);
                } else {
                    let place = mutator.below(pool.len());
                    pool[place] = input;
                }
            }
            round += 1;
        }
        eprintln!("{}: {round} rounds from seed {}, {} different outcomes", self.name, wish.seed, seen.len());
        if wish.gathers {
            gather(self.name, new);
        }
    }

    fn play(&self, play: &mut impl FnMut(&[u8]) -> String, input: &[u8]) -> String {
        let began = worked();
        let outcome = catch_unwind(AssertUnwindSafe(|| play(input)));
        let took = worked().saturating_sub(began);
        match outcome {
            Ok(outcome) if took <= LONGEST => outcome,
            Ok(_) => panic!("{} took {took:?} for {}", self.name, self.keep(input).display()),
            Err(_) => panic!("{} broke on {}, see above", self.name, self.keep(input).display()),
        }
    }

    /// Writes an input down that broke something.
    fn keep(&self, input: &[u8]) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/fuzz").join(self.name);
        let file = folder.join(format!("{:016x}", fingerprint(input)));
        let written = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, input));
        written.unwrap_or_else(|error| panic!("{}: {error}: {input:?}", file.display()));
        file
    }
}

/// A number that tells inputs apart: FNV-1a.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// What once broke a parser, and what is worth beginning with.
fn kept(name: &str) -> Vec<Vec<u8>> {
    let broke = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fuzz").join(name));
    broke.into_iter().chain(corpus(name)).collect()
}

fn corpus_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fuzz").join(format!("{name}.txt"))
}

/// What earlier long runs found, the shortest first; nothing before the first one.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let lines = fs::read_to_string(corpus_file(name)).unwrap_or_default();
    lines.lines().map(|line| BASE64.decode(line).expect("a line of the corpus is Base64")).collect()
}

/// Adds to the corpus, which keeps what it has and then the shortest.
fn gather(name: &str, mut new: Vec<Vec<u8>>) {
    let mut inputs = corpus(name);
    new.sort_by_key(|input| (input.len(), fingerprint(input)));
    new.retain(|input| !inputs.contains(input));
    inputs.extend(new);
    inputs.truncate(MOST_GATHERED);
    let lines: String = inputs.iter().map(|input| BASE64.encode(input) + "\n").collect();
    fs::create_dir_all(corpus_file(name).parent().expect("a folder")).expect("the folder of the corpus");
    fs::write(corpus_file(name), lines).expect("the corpus");
}

/// The contents of all files in a folder and below, sorted by their paths.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let of = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![fs::read(path).expect("a file")] };
    paths.into_iter().flat_map(of).collect()
}

/// How long to go on, and from where.
struct Wish {
    seed: u64,
    rounds: u64,
    until: Option<Instant>,
    gathers: bool,
}

impl Wish {
    fn read() -> Self {
        let minutes = number("AUTOMATA_FUZZ_MINUTES");
        let rounds = number("AUTOMATA_FUZZ_ROUNDS").unwrap_or(ROUNDS);
        let until = minutes.map(|minutes| now() + Duration::from_secs(60 * minutes));
        let gathers = number("AUTOMATA_FUZZ_GATHER").is_some_and(|wish| wish > 0);
        Self { seed: number("AUTOMATA_FUZZ_SEED").unwrap_or(1), rounds, until, gathers }
    }

    fn goes_on(&self, round: u64) -> bool {
        self.until.map_or(round < self.rounds, |until| now() < until)
    }
}

#[expect(clippy::disallowed_methods, reason = "a test's own switch, for whoever looks for longer")]
fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.trim().parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// How long this thread has worked.
#[cfg(unix)]
fn worked() -> Duration {
    let worked = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(worked).expect("a time since the thread began")
}

#[cfg(not(unix))]
fn worked() -> Duration {
    Duration::ZERO
}

#[expect(clippy::disallowed_methods, reason = "how long somebody wants it to go on")]
fn now() -> Instant {
    Instant::now()
}

/// A text of an input: what is not UTF-8 in it is replaced, as GitHub does.
fn text(input: &[u8]) -> String {
    String::from_utf8_lossy(input).into_owned()
}

/// The short name of a result: what went wrong without its particulars, or how much came of it by powers of two.
fn outcome<T, E: ToString>(result: &Result<T, E>, size: impl Fn(&T) -> usize) -> String {
    match result {
        Ok(value) => format!("ok {}", usize::BITS - size(value).leading_zeros()),
        Err(error) => error.to_string().chars().filter(|c| c.is_alphabetic() || *c == ' ').take(60).collect(),
    }
}

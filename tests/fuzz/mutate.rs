//! Mutations of an input: bits, bytes, words, pieces of others, cuts and repetitions.

use automata::services::entropy::Entropy;

/// Bytes of the largest input: what GitHub lets a person write into an issue, 65,536 characters.
const LARGEST: usize = 65_536;
/// Mutations of one input at most; few are enough, since what brings something new is mutated further.
const MOST_AT_ONCE: usize = 6;

/// Bytes and numbers at the edges of what parsers count with.
const EDGES: [&[u8]; 16] = [
    b"\0",
    b"\x7f",
    b"\x80",
    b"\xff",
    b"\n",
    b"\r\n",
    b"\t",
    b"\"",
    b"\\",
    b"0",
    b"-1",
    b"255",
    b"65536",
    b"4294967296",
    b"18446744073709551616",
    "\u{202e}".as_bytes(),
];

/// Makes inputs, the same ones from the same seed.
pub(super) struct Mutator<'a> {
    entropy: Entropy,
    words: &'a [&'a str],
}

impl<'a> Mutator<'a> {
    pub(super) fn new(seed: u64, words: &'a [&'a str]) -> Self {
        Self { entropy: Entropy::seeded(seed), words }
    }

    /// A number below `end`; 0 where there is none.
    pub(super) fn below(&self, end: usize) -> usize {
        usize::try_from(self.entropy.bits() % (end.max(1) as u64)).expect("below a usize")
    }

    /// One of the pool, mutated.
    pub(super) fn mutated(&mut self, pool: &[Vec<u8>]) -> Vec<u8> {
        let mut input = pool[self.below(pool.len())].clone();
        for _ in 0..=self.below(MOST_AT_ONCE) {
            let other = &pool[self.below(pool.len())];
            self.mutate(&mut input, other);
        }
        input.truncate(LARGEST);
        input
    }

    /// A range inside of so many bytes; most are short.
    fn range(&self, length: usize) -> std::ops::Range<usize> {
        let from = self.below(length + 1);
        let most = if self.below(4) == 0 { length - from } else { (length - from).min(16) };
        from..from + self.below(most + 1)
    }

    fn mutate(&self, input: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(input.len() + 1);
        match self.below(9) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = self.below(256).to_le_bytes()[0],
            2 => {
                input.drain(self.range(input.len()));
            }
            3 => input.truncate(at),
            4 => {
                let piece = input[self.range(input.len())].to_vec();
                input.splice(at..at, piece);
            }
            // A piece of another one, or all that follows in it.
            5 => {
                let piece = other[self.range(other.len())].to_vec();
                input.splice(at..at, piece);
            }
            6 => {
                input.truncate(at);
                input.extend_from_slice(&other[self.below(other.len() + 1)..]);
            }
            // The same again and again: nesting, long lines, many lines.
            7 => {
                let piece = input[self.range(input.len())].to_vec();
                let times = 1 << self.below(12);
                let room = LARGEST.saturating_sub(input.len()) / piece.len().max(1);
                input.splice(at..at, piece.repeat(times.min(room)));
            }
            _ => {
                let known = EDGES.len() + self.words.len();
                let chosen = self.below(known);
                let word =
                    EDGES.get(chosen).copied().unwrap_or_else(|| self.words[chosen - EDGES.len()].as_bytes());
                input.splice(at..at, word.iter().copied());
            }
        }
    }
}

#[test]
fn the_same_seed_makes_the_same_inputs_and_another_makes_others() {
    let pool = [b"one input".to_vec(), b"and another, which is longer".to_vec()];
    let made = |seed| {
        let mut mutator = Mutator::new(seed, &["word"]);
        (0..500).map(|_| mutator.mutated(&pool)).collect::<Vec<_>>()
    };
    assert_eq!(made(7), made(7));
    assert_ne!(made(7), made(8));
    assert!(made(7).iter().all(|input| input.len() <= LARGEST));
    assert!(made(7).iter().any(|input| input.len() > 1_000), "some are long");
    assert!(made(7).iter().any(|input| input.windows(4).any(|bytes| bytes == b"word")), "some have the word");
}

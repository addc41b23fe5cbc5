//! Issues to fill a log with: the words, names and stack frames of ordinary reports, drawn from a seed.

use automata::services::entropy::Entropy;

const WORDS: &str = "the a when after before with without value file line error crash version parser config \
    option flag output input request response server client token branch commit merge index cache memory thread \
    timeout retry queue worker signal socket buffer stream header footer column table schema query result record \
    field number string boolean array object map list set iterator closure trait module crate package build test \
    fails returns expects ignores drops writes reads opens closes panics hangs loops slow fast wrong missing empty \
    large small unicode windows linux container runner release nightly stable upgrade downgrade install remove \
    sometimes always never again still only first last every other same different please would could should since \
    yesterday using document example behaviour expected actual steps reproduce attached workaround regression";

/// Draws texts.
pub(crate) struct Prose {
    entropy: Entropy,
    words: Vec<&'static str>,
}

impl Prose {
    pub(crate) fn new(seed: u64) -> Self {
        Self { entropy: Entropy::seeded(seed), words: WORDS.split_whitespace().collect() }
    }

    /// A number below `limit`.
    pub(crate) fn below(&self, limit: usize) -> usize {
        usize::try_from(self.entropy.bits() >> 33).unwrap_or(0) % limit
    }

    fn words(&self, count: usize) -> String {
        (0..count).map(|_| self.words[self.below(self.words.len())]).collect::<Vec<_>>().join(" ")
    }

    /// Something that only this issue names.
    fn name(&self) -> String {
        format!("{}_{:05x}", self.words[self.below(self.words.len())], self.below(1 << 20))
    }

    pub(crate) fn title(&self) -> String {
        let count = 5 + self.below(4);
        format!("{} `{}`", self.words(count), self.name())
    }

    /// About 900 bytes, as a median report has.
    pub(crate) fn body(&self) -> String {
        let mut body = String::new();
        for _ in 0..3 + self.below(4) {
            let count = 10 + self.below(20);
            body.push_str(&format!("{} {}.\n\n", self.words(count), self.name()));
        }
        if self.below(3) == 0 {
            let line = 1 + self.below(900);
            body.push_str(&format!(
                "```\nthread 'main' panicked at src/{}.rs:{line}:13:\n{}\n   2: widgets::{}\n             at ./src/main.rs:{}:5\n```\n",
                self.words[self.below(self.words.len())],
                self.words(6),
                self.name(),
                1 + self.below(60),
            ));
        }
        body
    }
}

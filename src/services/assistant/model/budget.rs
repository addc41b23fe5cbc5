//! How much an attempt has used up, and which limit it has reached.

use std::time::Duration;

use super::conversation::Tokens;
use super::{Prices, Settings};
use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::domain::usage::Usage;
use crate::services::assistant::Allowance;

/// Bytes of text to a token where nobody counts them: a low guess, so that limits are reached early rather than late.
const BYTES_PER_TOKEN: usize = 3;

/// What was used up, against what may be.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    allowance: Allowance,
    prices: Option<Prices>,
    name: String,
    began: Timestamp,
    /// Questions that were answered.
    steps: u32,
    used: Usage,
}

impl Budget {
    pub(super) fn new(settings: &Settings, allowance: Allowance, began: Timestamp) -> Self {
        let name = settings.name.clone();
        Self { allowance, prices: settings.prices, name, began, steps: 0, used: Usage::default() }
    }

    /// Counts an answer.
    pub(super) fn count(&mut self, tokens: Tokens) {
        self.steps += 1;
        let micro_dollars = self.prices.map_or(0, |prices| prices.micro_dollars(tokens));
        self.used += Usage {
            input_tokens: tokens.sent(),
            output_tokens: tokens.output,
            micro_dollars,
            milliseconds: 0,
        };
    }

    /// The time that is left; none when it is over.
    pub(super) fn time_left(&self, now: Timestamp) -> Option<Duration> {
        self.allowance.time.checked_sub(now.since(self.began)).filter(|left| !left.is_zero())
    }

    /// Answers that may still come.
    pub(super) const fn steps_left(&self) -> u32 {
        self.allowance.steps.saturating_sub(self.steps)
    }

    /// The limit that forbids another question.
    pub(super) fn reached(&self, now: Timestamp) -> Option<Failure> {
        let Allowance { steps, tokens, micro_dollars, .. } = self.allowance;
        if self.steps >= steps {
            return Some(self.limit("out_of_steps", &format!("{steps} steps")));
        }
        if self.used.tokens() >= tokens {
            return Some(self.limit("out_of_tokens", &format!("{tokens} tokens")));
        }
        if self.prices.is_some() && self.used.micro_dollars >= micro_dollars {
            let dollars =
                format!("{}.{:02} dollars", micro_dollars / 1_000_000, micro_dollars / 10_000 % 100);
            return Some(self.limit("out_of_money", &dollars));
        }
        self.time_left(now).is_none().then(|| self.out_of_time())
    }

    /// The failure when time is over.
    pub(super) fn out_of_time(&self) -> Failure {
        self.limit("out_of_time", &format!("{} seconds", self.allowance.time.as_secs()))
    }

    /// What was used up by now.
    pub(super) fn used(&self, now: Timestamp) -> Usage {
        let milliseconds = u64::try_from(now.since(self.began).as_millis()).unwrap_or(u64::MAX);
        Usage { milliseconds, ..self.used }
    }

    fn limit(&self, code: &str, limit: &str) -> Failure {
        let message = format!("`{}` came to no end within its limit of {limit}", self.name);
        Failure::permanent(code, message)
            .hint("Raise the limit in .github/automata.yml, or split the issue into smaller ones.")
    }
}

impl Prices {
    /// What tokens cost, rounded up. Providers ask a tenth for what is read from their cache and a quarter more for what is
    /// written to it, or less.
    fn micro_dollars(self, tokens: Tokens) -> u64 {
        let Tokens { input, cache_read, cache_written, output } = tokens;
        let cost =
            |tokens: u64, price: u64, twentieths: u128| u128::from(tokens) * u128::from(price) * twentieths;
        let twentieths = cost(input, self.input, 20)
            + cost(cache_read, self.input, 2)
            + cost(cache_written, self.input, 25)
            + cost(output, self.output, 20);
        u64::try_from(twentieths.div_ceil(20 * 1_000_000)).unwrap_or(u64::MAX)
    }
}

/// Tokens of texts of so many bytes, guessed.
pub(super) fn guessed(sent: usize, written: usize) -> Tokens {
    let tokens = |bytes: usize| u64::try_from(bytes.div_ceil(BYTES_PER_TOKEN)).unwrap_or(u64::MAX);
    Tokens { input: tokens(sent), output: tokens(written), ..Tokens::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_count_what_the_cache_saves() {
        let prices = Prices { input: 3_000_000, output: 15_000_000 };
        let tokens = Tokens { input: 100, cache_written: 1_000, cache_read: 10_000, output: 10 };
        assert_eq!(prices.micro_dollars(tokens), 300 + 3_750 + 3_000 + 150);
        assert_eq!(prices.micro_dollars(Tokens { cache_read: 1, ..Tokens::default() }), 1, "rounded up");
        assert_eq!(tokens.sent(), 11_100);
    }
}

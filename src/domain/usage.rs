//! What an assistant used up: tokens, money, time. Budgets are sums of it.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// What one attempt of an assistant, or several together, used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens that were sent to a model.
    #[serde(skip_serializing_if = "is_zero")]
    pub input_tokens: u64,
    /// Tokens that a model wrote.
    #[serde(skip_serializing_if = "is_zero")]
    pub output_tokens: u64,
    /// Money, in millionths of a US dollar, so that sums are exact.
    #[serde(skip_serializing_if = "is_zero")]
    pub micro_dollars: u64,
    /// Time it took, in milliseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub milliseconds: u64,
}

impl Usage {
    /// Whether nothing was used up.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Tokens in both directions.
    #[must_use]
    pub const fn tokens(&self) -> u64 {
        self.input_tokens.saturating_add(self.output_tokens)
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, more: Self) {
        self.input_tokens = self.input_tokens.saturating_add(more.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(more.output_tokens);
        self.micro_dollars = self.micro_dollars.saturating_add(more.micro_dollars);
        self.milliseconds = self.milliseconds.saturating_add(more.milliseconds);
    }
}

const fn is_zero(number: &u64) -> bool {
    *number == 0
}

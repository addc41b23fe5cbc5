//! Asking a model: waiting where it is busy, within the budget, and once with a shorter conversation.

use std::time::Duration;

use async_trait::async_trait;

use super::budget::{Budget, guessed};
use super::conversation::{Conversation, Trouble, Turn};
use super::tools::Sheet;
use crate::domain::circuit::BUSY;
use crate::domain::failure::Failure;
use crate::services::clock::Clock;

/// How often one question is asked while the provider is busy.
const TRIES: u32 = 4;
/// The wait before the second try; it doubles with each further one. Overloads pass within a minute or not at all.
const FIRST_WAIT: Duration = Duration::from_secs(2);
/// The longest wait inside an attempt that a provider may ask for; a longer one is the queue's business.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// With less time than this left there is none: a request's own end and the clock may differ a little.
const SHORTEST_TIME: Duration = Duration::from_millis(100);

/// Somebody who answers a conversation.
#[async_trait]
pub(super) trait Provider: Send + Sync {
    /// Answers it, or is cut off after `time`.
    async fn ask(
        &self,
        conversation: &Conversation,
        tools: &[Sheet],
        time: Duration,
    ) -> Result<Turn, Trouble>;
}

/// A talk with a model, and what it has used up.
pub(super) struct Talk<'a> {
    pub(super) name: &'a str,
    pub(super) provider: &'a dyn Provider,
    pub(super) clock: &'a dyn Clock,
    pub(super) budget: Budget,
}

impl Talk<'_> {
    /// Asks, waits where the provider is busy, and makes the conversation shorter once where it is too long.
    pub(super) async fn ask(
        &mut self,
        conversation: &mut Conversation,
        tools: &[Sheet],
    ) -> Result<Turn, Failure> {
        let sheets: usize = tools.iter().map(Sheet::characters).sum();
        let mut tries = 1;
        let mut is_shrunk = false;
        loop {
            let now = self.clock.now();
            if let Some(limit) = self.budget.reached(now) {
                return Err(limit);
            }
            let Some(left) = self.budget.time_left(now) else { return Err(self.budget.out_of_time()) };
            let answer = self.provider.ask(conversation, tools, left).await;
            match answer {
                Ok(turn) => {
                    let written = turn.reply.characters();
                    let guess = || guessed(conversation.characters() + sheets, written);
                    self.budget.count(turn.tokens.unwrap_or_else(guess));
                    return Ok(turn);
                }
                Err(Trouble::Final(failure)) => return Err(failure),
                Err(Trouble::TooLong(words)) => {
                    if is_shrunk || !conversation.shrink() {
                        return Err(self.too_long(&words));
                    }
                    is_shrunk = true;
                }
                Err(Trouble::Busy(failure, wait)) => {
                    self.wait(tries, failure, wait).await?;
                    tries += 1;
                }
            }
        }
    }

    /// Waits before another try; `Err` when there is none to be made.
    async fn wait(&self, tries: u32, failure: Failure, asked_for: Option<Duration>) -> Result<(), Failure> {
        let now = self.clock.now();
        let wait = asked_for.unwrap_or(FIRST_WAIT * 2_u32.pow(tries.min(6) - 1));
        let left = self.budget.time_left(now).unwrap_or_default();
        if left < SHORTEST_TIME {
            return Err(self.budget.out_of_time());
        }
        if tries < TRIES && wait <= LONGEST_WAIT && wait < left {
            tracing::info!(%failure, ?wait, "the model is asked again");
            self.clock.sleep(wait).await;
            return Ok(());
        }
        Err(match asked_for {
            Some(wait) => {
                Failure { code: BUSY.to_owned(), ..Failure::rate_limited(now.plus(wait), failure.message) }
            }
            None => failure,
        })
    }

    fn too_long(&self, words: &str) -> Failure {
        let message = format!("the task is too long for `{}`: {words}", self.name);
        Failure::permanent("context_too_long", message)
            .hint("Name a model that reads more, or split the issue into smaller ones.")
    }
}

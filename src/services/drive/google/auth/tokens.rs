//! Tokens, fetched when one is needed and kept in memory alone: one fetch at a time, replaced before it ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;

use super::grants::{Source, Token};
use crate::domain::time::Timestamp;
use crate::services::clock::Clock;
use crate::services::drive::error::Error;
use crate::services::secrets::Secret;
use crate::services::uses::Noting;

/// How long before its end a token is replaced: an upload's part may take that long, and clocks differ.
const MARGIN: Duration = Duration::from_mins(5);

struct Held {
    token: Secret,
    good_until: Timestamp,
}

/// The tokens of one account.
pub(in super::super) struct Tokens {
    source: Source,
    /// Locked while one is fetched, so that whoever needs it too waits for it instead of fetching another.
    held: Mutex<Option<Held>>,
    clock: Arc<dyn Clock>,
    noting: Noting,
}

impl Tokens {
    pub(in super::super) fn new(source: Source, clock: Arc<dyn Clock>, noting: Noting) -> Self {
        Self { source, held: Mutex::default(), clock, noting }
    }

    /// A token that is good for a while.
    pub(in super::super) async fn token(&self) -> Result<Secret, Error> {
        let mut held = self.held.lock().await;
        match held.as_ref().filter(|held| self.clock.now() < held.good_until) {
            Some(held) => Ok(held.token.clone()),
            None => self.replace(&mut held).await,
        }
    }

    /// Another one than that which was not accepted. Of many who were refused at once, one fetches it.
    pub(in super::super) async fn instead_of(&self, refused: &Secret) -> Result<Secret, Error> {
        let mut held = self.held.lock().await;
        match held.as_ref().filter(|held| held.token != *refused) {
            Some(held) => Ok(held.token.clone()),
            None => self.replace(&mut held).await,
        }
    }

    async fn replace(&self, held: &mut Option<Held>) -> Result<Secret, Error> {
        *held = None;
        self.noting.note();
        let before = self.clock.now();
        let Token { token, lives } = self.source.fetch(before).await?;
        // Half of the life of one that lives shorter than the margin.
        let good_until = before.plus(lives.saturating_sub(MARGIN).max(lives / 2));
        *held = Some(Held { token: token.clone(), good_until });
        Ok(token)
    }
}

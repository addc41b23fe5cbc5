//! Who may write, each asked about once in a task.

use std::collections::BTreeMap;

use super::Context;
use crate::domain::actor::Actor;
use crate::domain::failure::Failure;

/// People asked about; each costs a request.
const PEOPLE_ASKED_ABOUT: usize = 20;

/// Who may write, each asked about once.
pub(super) struct Writers<'a> {
    context: &'a Context<'a>,
    known: BTreeMap<String, bool>,
}

impl<'a> Writers<'a> {
    pub(super) const fn new(context: &'a Context<'a>) -> Self {
        Self { context, known: BTreeMap::new() }
    }

    /// Whether this one may; whoever comes after too many others counts as a stranger.
    ///
    /// # Errors
    /// When the forge does not tell.
    pub(super) async fn include(&mut self, author: &Actor) -> Result<bool, Failure> {
        let login = author.login.as_str().to_ascii_lowercase();
        if let Some(known) = self.known.get(&login) {
            return Ok(*known);
        }
        // A patch by somebody who was not asked about is passed over: the newest ones are what people mean.
        if self.known.len() >= PEOPLE_ASKED_ABOUT {
            return Ok(false);
        }
        let can_write = self.context.services.github.permission(&author.login).await?.can_write();
        self.known.insert(login, can_write);
        Ok(can_write)
    }
}

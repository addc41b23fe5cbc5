//! What somebody may do here: asked of GitHub, once for each person, and judged in one place.

use std::collections::BTreeMap;

use super::Context;
use crate::domain::access::{Ruling, has_to_ask, judge};
use crate::domain::actor::{Actor, Permission};
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::words::Verb;

/// What people may do, each asked about once in the life of this value.
pub(super) struct Rights<'a> {
    context: &'a Context<'a>,
    allowed: Vec<Login>,
    known: BTreeMap<Login, Permission>,
}

impl<'a> Rights<'a> {
    pub(super) fn new(context: &'a Context<'a>) -> Self {
        Self { context, allowed: context.config.access.allowed(), known: BTreeMap::new() }
    }

    /// The repository permission of an account; who is no user has none.
    pub(super) async fn permission(&mut self, login: &Login) -> Result<Permission, Failure> {
        if let Some(known) = self.known.get(login) {
            return Ok(*known);
        }
        let permission = self.context.services.github.permission(login).await?;
        self.known.insert(login.clone(), permission);
        Ok(permission)
    }

    /// Whether somebody may say this.
    pub(super) async fn judge(&mut self, verb: Verb, actor: &Actor) -> Result<Ruling, Failure> {
        let need = self.context.config.access.need(verb);
        let permission = match has_to_ask(need, actor, &self.allowed) {
            true => Some(self.permission(&actor.login).await?),
            false => None,
        };
        Ok(judge(verb, need, actor, permission, &self.allowed))
    }
}

//! What somebody may do here: asked of GitHub, once for each person, and judged in one place.

use std::collections::BTreeMap;

use crate::config::Access;
use crate::domain::access::{Ruling, has_to_ask, judge};
use crate::domain::actor::{Actor, Permission};
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::words::Word;
use crate::services::github::GitHub;

/// People whose texts are weighed in one task; each costs a request.
const PEOPLE_ASKED_ABOUT: usize = 20;

/// What people may do, each asked about once in the life of this value.
pub(super) struct Rights<'a> {
    github: &'a dyn GitHub,
    known: BTreeMap<Login, Permission>,
}

impl<'a> Rights<'a> {
    pub(super) fn new(github: &'a dyn GitHub) -> Self {
        Self { github, known: BTreeMap::new() }
    }

    /// The repository permission of an account; who is no user has none.
    ///
    /// # Errors
    /// When the forge does not tell.
    async fn permission(&mut self, login: &Login) -> Result<Permission, Failure> {
        if let Some(known) = self.known.get(login) {
            return Ok(*known);
        }
        let permission = self.github.permission(login).await?;
        self.known.insert(login.clone(), permission);
        Ok(permission)
    }

    /// Whether this one may write; whoever comes after too many others counts as a stranger.
    ///
    /// # Errors
    /// When the forge does not tell.
    pub(super) async fn can_write(&mut self, login: &Login) -> Result<bool, Failure> {
        // A text by somebody who was not asked about is passed over: the newest ones are what people mean.
        if self.known.len() >= PEOPLE_ASKED_ABOUT && !self.known.contains_key(login) {
            return Ok(false);
        }
        Ok(self.permission(login).await?.can_write())
    }

    /// Whether this one has a role in the repository: triage or more.
    ///
    /// # Errors
    /// When the forge does not tell.
    pub(super) async fn has_a_role(&mut self, login: &Login) -> Result<bool, Failure> {
        Ok(self.permission(login).await? >= Permission::Triage)
    }

    /// The same where GitHub was asked already.
    pub(super) fn is_known_to_have_a_role(&self, login: &Login) -> Option<bool> {
        self.known.get(login).map(|permission| *permission >= Permission::Triage)
    }

    /// Whether somebody may say this.
    ///
    /// # Errors
    /// When the forge does not tell.
    pub(super) async fn judge(
        &mut self,
        access: &Access,
        word: &Word,
        actor: &Actor,
    ) -> Result<Ruling, Failure> {
        let verb = word.verb();
        let (need, allowed) = (access.need(verb).max(word.least_need()), access.allowed());
        let permission = match has_to_ask(need, actor, &allowed) {
            true => Some(self.permission(&actor.login).await?),
            false => None,
        };
        Ok(judge(verb, need, actor, permission, &allowed))
    }
}

//! What somebody may do here: asked of GitHub, once for each person, and judged in one place.

use std::collections::BTreeMap;

use super::Context;
use crate::config::Access;
use crate::domain::access::{Ruling, Wish, has_to_ask, judge, weigh};
use crate::domain::actor::{Actor, Permission};
use crate::domain::command::Command;
use crate::domain::event::CommandJudged;
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::subject::Subject;
use crate::domain::words::Word;
use crate::services::github::GitHub;

/// People whose texts are weighed in one task; each costs a request.
const PEOPLE_ASKED_ABOUT: usize = 20;

/// What somebody wants done without one of our words.
pub(super) struct Wanted<'a> {
    pub(super) wish: Wish,
    /// What it is about, where that is not what the task is about.
    pub(super) about: Option<Subject>,
    /// Where it stands, in words for people.
    pub(super) said: &'a str,
    /// GitHub's id of the comment or the review.
    pub(super) id: Option<u64>,
}

impl Wanted<'_> {
    /// What somebody wants of what the task is about.
    fn subject(&self, context: &Context<'_>) -> Subject {
        self.about.unwrap_or(context.task.spec.subject)
    }
}

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

    /// Whether this is done for them, which is recorded with its reason: once, however often it is looked at.
    ///
    /// # Errors
    /// When the forge does not tell.
    pub(super) async fn may(
        &mut self,
        context: &Context<'_>,
        wanted: &Wanted<'_>,
        actor: &Actor,
    ) -> Result<bool, Failure> {
        let login = &actor.login;
        let is_too_many = self.known.len() >= PEOPLE_ASKED_ABOUT && !self.known.contains_key(login);
        let permission = if is_too_many { None } else { Some(self.permission(login).await?) };
        let ruling = weigh(wanted.wish, login, permission);
        let judged = CommandJudged {
            verb: wanted.wish.name().to_owned(),
            said: wanted.said.to_owned(),
            actor: actor.clone(),
            permission: ruling.permission,
            reason: ruling.reason,
            comment: wanted.id,
        };
        let subject = wanted.subject(context);
        let command = Command::Weigh { subject, granted: ruling.granted, judged };
        if let Err(reason) = context.journal.order(&context.task, actor, command) {
            tracing::debug!(%reason, "who may have something done was not recorded");
        }
        Ok(ruling.granted)
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

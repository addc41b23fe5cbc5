//! Who is behind something, and whether it may start anything: the guard against loops.
//!
//! - An account's kind comes from the `type` that GitHub gives it, never from how its login ends.
//! - What Automata did itself is ignored: done by its own account and, where it is a text, signed with its marker.
//! - Other bots are ignored unless `bots.allow` names them; theirs count their hops, and end after [`MAX_HOPS`].
//! - A text of anybody else is theirs, whatever marker it quotes or forges.

use super::happening::Happening;
use super::marker;
use super::shape::{Account, App};
use super::{Intake, IntakeContext};
use crate::domain::actor::{Actor, ActorKind, GHOST};
use crate::domain::id::Login;
use crate::domain::trigger::Trigger;
use crate::domain::untrusted::one_line;

/// How many times in a row automation may answer automation. One answer is useful, two are a
/// conversation; GitHub itself stops chains of workflow runs after three.
pub const MAX_HOPS: u8 = 3;

/// Who wrote something.
pub(super) fn author(account: Option<&Account>, via: Option<&App>, context: &IntakeContext) -> Actor {
    account.map_or_else(|| Actor::person(GHOST), |account| actor(account, via, context))
}

fn actor(account: &Account, via: Option<&App>, context: &IntakeContext) -> Actor {
    let kind = match (is_user(account), via) {
        (true, None) => ActorKind::Person,
        (false, _) if is_ours(&account.login, context) => ActorKind::Automata,
        (_, Some(app)) if is_ours(&format!("{}[bot]", app.slug), context) => ActorKind::Automata,
        (_, Some(_)) => ActorKind::App,
        (false, None) => ActorKind::Bot,
    };
    Actor { kind, login: Login::new(one_line(&account.login, 64)) }
}

/// A type that is missing or new is no person: guessing wrong then starts no loop.
fn is_user(account: &Account) -> bool {
    matches!(account.kind.0.as_deref(), Some("User" | "Mannequin"))
}

fn is_ours(login: &str, context: &IntakeContext) -> bool {
    context.ourselves.contains(&Login::new(login))
}

fn is_allowed(login: &str, context: &IntakeContext) -> bool {
    let bare = |login: &str| Login::new(login.strip_suffix("[bot]").unwrap_or(login));
    context.allowed_bots.iter().any(|allowed| bare(allowed.as_str()) == bare(login))
}

/// Whether it would be judged otherwise if the account were one of ours, and nothing known says so.
pub(super) fn hinges_on_us(happening: &Happening, context: &IntakeContext) -> bool {
    let Some(sender) = happening.sender.as_ref().filter(|_| happening.is_guarded) else { return false };
    let app = happening.via.as_ref().map(|app| format!("{}[bot]", app.slug));
    let is_known = is_ours(&sender.login, context) || app.is_some_and(|app| is_ours(&app, context));
    !is_known && (is_signed(happening) || (!is_user(sender) && is_allowed(&sender.login, context)))
}

/// Decides whether what happened becomes a trigger.
pub(super) fn judge(happening: Happening, context: &IntakeContext) -> Intake {
    let mut actor = match &happening.sender {
        Some(sender) => actor(sender, happening.via.as_ref(), context),
        None => Actor::system(),
    };
    let mut hops = 0;
    if let Some(sender) = happening.sender.as_ref().filter(|_| happening.is_guarded) {
        match guard(sender, &actor, &happening, context) {
            Ok(counted) => hops = counted,
            Err(reason) => return Intake::Ignored { reason },
        }
        if actor.kind == ActorKind::Automata {
            // Another workflow under our account.
            actor.kind = if happening.via.is_some() { ActorKind::App } else { ActorKind::Bot };
        }
    }
    Intake::Trigger(Box::new(Trigger {
        identity: happening.identity,
        event: happening.event,
        action: happening.action,
        at: happening.at,
        actor,
        subject: happening.subject,
        hops,
        about: happening.about,
    }))
}

/// How many hops led here, or why it is ignored.
fn guard(
    sender: &Account,
    actor: &Actor,
    happening: &Happening,
    context: &IntakeContext,
) -> Result<u8, String> {
    let login = &actor.login;
    if is_own(sender, actor, happening, context) {
        return Err(format!("Automata did this itself, as `{login}`"));
    }
    if actor.kind == ActorKind::Person {
        return Ok(0);
    }
    if !is_user(sender) && !is_allowed(&sender.login, context) {
        return Err(format!("`{login}` is a bot, and `bots.allow` in the configuration does not name it"));
    }
    match happening.said.as_deref().and_then(marker::hops).unwrap_or(0) {
        hops if hops > MAX_HOPS => Err(format!(
            "automation has answered automation {hops} times in a row, the last time as `{login}`"
        )),
        hops => Ok(hops),
    }
}

/// Whether Automata did it. A marker alone proves nothing, because anybody can write one, and an account
/// alone proves little: a token may be a person's, and all workflows of a repository share `github-actions[bot]`.
/// So a text is ours when our account wrote it and signed it in its place. What carries no text (a label, a
/// push) cannot be signed: there our bot's account, or our App behind a person, is enough.
fn is_own(sender: &Account, actor: &Actor, happening: &Happening, context: &IntakeContext) -> bool {
    let is_signed = is_signed(happening);
    match (actor.kind == ActorKind::Automata, is_user(sender)) {
        (true, true) => true,
        (true, false) => happening.said.is_none() || is_signed,
        (false, _) => is_ours(&sender.login, context) && is_signed,
    }
}

/// Whether its text carries our mark where we would have put it. Anybody can write one.
fn is_signed(happening: &Happening) -> bool {
    match (&happening.said, happening.signature) {
        (Some(said), Some(signature)) => signature.stands_in(said),
        _ => false,
    }
}

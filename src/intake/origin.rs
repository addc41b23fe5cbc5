//! Who is behind something, and whether it may start anything: the guard against loops.
//!
//! - An account's kind comes from the `type` that GitHub gives it, never from how its login ends.
//! - What Automata did itself is ignored: its bot account, or its marker in what a bot (or its own account) wrote.
//! - Other bots are ignored unless `bots.allow` names them; theirs count their hops, and end after [`MAX_HOPS`].
//! - A person's text is a person's text, whatever marker it contains.

use super::happening::Happening;
use super::marker;
use super::shape::{Account, App};
use super::{Intake, IntakeContext};
use crate::domain::actor::{Actor, ActorKind};
use crate::domain::id::Login;
use crate::domain::trigger::Trigger;
use crate::domain::untrusted::one_line;

/// How many times in a row automation may answer automation. One answer is useful, two are a
/// conversation; GitHub itself stops chains of workflow runs after three.
pub const MAX_HOPS: u8 = 3;

/// The account that GitHub shows where the real one is gone.
const GHOST: &str = "ghost";

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

/// Decides whether what happened becomes a trigger.
pub(super) fn judge(happening: Happening, context: &IntakeContext) -> Intake {
    let actor = match &happening.sender {
        Some(sender) => actor(sender, happening.via.as_ref(), context),
        None => Actor::system(),
    };
    let mut hops = 0;
    if let Some(sender) = happening.sender.as_ref().filter(|_| happening.is_guarded) {
        let marked = happening.said.as_deref().and_then(marker::hops);
        match guard(sender, &actor, marked, context) {
            Ok(counted) => hops = counted,
            Err(reason) => return Intake::Ignored { reason },
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
fn guard(sender: &Account, actor: &Actor, marked: Option<u8>, context: &IntakeContext) -> Result<u8, String> {
    let login = &actor.login;
    let allowed = is_allowed(&sender.login, context);
    // A person's own account may be ours too (a personal token): then only the marker tells us apart.
    let ours_by_marker =
        marked.is_some() && (is_ours(&sender.login, context) || (!is_user(sender) && !allowed));
    if actor.kind == ActorKind::Automata || ours_by_marker {
        return Err(format!("Automata did this itself, as `{login}`"));
    }
    if actor.kind == ActorKind::Person {
        return Ok(0);
    }
    if !is_user(sender) && !allowed {
        return Err(format!("`{login}` is a bot, and `bots.allow` in the configuration does not name it"));
    }
    match marked.unwrap_or(0) {
        hops if hops > MAX_HOPS => Err(format!(
            "automation has answered automation {hops} times in a row, the last time as `{login}`"
        )),
        hops => Ok(hops),
    }
}

//! Nobody without a role here keeps Automata busy: what one account says too often is recorded and not answered.

use std::time::Duration;

use super::Came;
use crate::domain::actor::Actor;
use crate::domain::failure::Failure;
use crate::domain::input::{self, Obey};
use crate::domain::task::{Status, Task};
use crate::tasks::Context;
use crate::tasks::rights::Rights;

/// Comments with words that one account without a role may write in [`WITHIN`], in the whole repository. Each costs
/// up to three of the requests that GitHub counts for everybody together.
const ANSWERED: usize = 3;
/// One hour: as long as GitHub counts requests.
const WITHIN: Duration = Duration::from_secs(60 * 60);

/// Why this is not answered, if it is not. GitHub is asked only about those who say much, and of a stranger once within the time.
///
/// # Errors
/// When the forge does not tell what somebody may do.
pub(super) async fn refusal(context: &Context<'_>, asked: &Obey) -> Result<Option<String>, Failure> {
    let Some(actor) = asked.actors.last().filter(|actor| actor.is_person()) else { return Ok(None) };
    let is_allowed = context.config.access.allowed().contains(&actor.login);
    if asked.comment.is_none() || is_allowed {
        return Ok(None);
    }
    let Before { said, is_stranger } = before(context, actor);
    if said < ANSWERED {
        return Ok(None);
    }
    if !is_stranger && Rights::new(context.services.github.as_ref()).has_a_role(&actor.login).await? {
        return Ok(None);
    }
    let login = &actor.login;
    Ok(Some(format!(
        "{login} has no role here, and {ANSWERED} comments of {login} were answered within an hour"
    )))
}

/// What the same account did in the time before.
#[derive(Default)]
struct Before {
    /// Comments with words.
    said: usize,
    /// Whether GitHub said by the last of them that it has no role.
    is_stranger: bool,
}

fn before(context: &Context<'_>, actor: &Actor) -> Before {
    let (task, state) = (&context.task, context.journal.state());
    let since = task.enqueued_at.minus(WITHIN);
    let is_earlier = |said: &Obey| said.comment.is_some() && said.actors.last() == Some(actor);
    let mut earlier: Vec<&Task> = state
        .tasks
        .values()
        .filter(|other| other.spec.kind.as_str() == input::OBEY)
        .filter(|other| other.enqueued < task.enqueued && other.enqueued_at >= since)
        .filter(|other| other.spec.input.read().is_ok_and(|said: Obey| is_earlier(&said)))
        .collect();
    earlier.sort_by_key(|other| other.enqueued);
    let known = earlier.iter().rev().find_map(|other| match &other.status {
        Status::Completed { output, .. } => output.read::<Came>().ok()?.has_a_role,
        _ => None,
    });
    Before { said: earlier.len(), is_stranger: known == Some(false) }
}

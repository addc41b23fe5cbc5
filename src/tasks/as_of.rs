//! What was asked for or approved is done with what could be seen then: what somebody without write access wrote or changed
//! since counts for nothing.

use super::Context;
use super::rights::Rights;
use crate::config;
use crate::domain::decide;
use crate::domain::failure::Failure;
use crate::domain::spec::AsOf;
use crate::domain::time::Timestamp;
use crate::services::github::Issue;

/// What stands in the place of a text that was written or changed since.
pub(super) const LEFT_OUT: &str =
    "(Left out: somebody without write access wrote or changed this after the change was asked for.)";

/// Whether the issue's title or text was exchanged, by somebody who may not write here, since the task was asked for or
/// approved. It is asked of the very text that is worked with, so that no edit comes in between.
///
/// # Errors
/// When the forge does not tell what its author may do.
pub(super) async fn is_exchanged(context: &Context<'_>, issue: &Issue) -> Result<bool, Failure> {
    let spec = &context.task.spec;
    let Some(seen) = spec.as_of.as_ref().and_then(|as_of| as_of.text.as_ref()) else { return Ok(false) };
    let is_meant = decide::text_of(&context.journal.state(), spec.subject) == Some(issue.number);
    if !is_meant || *seen == config::text_digest(&issue.title, &issue.body) {
        return Ok(false);
    }
    // Who may write can do all of it without us, and their own text is theirs to mend.
    Ok(!Rights::new(context.services.github.as_ref()).can_write(&issue.author.login).await?)
}

/// Whether something was written or changed only after that. GitHub tells whole seconds: in the same one it is too late.
pub(super) fn is_since(changed_at: Timestamp, as_of: Option<&AsOf>) -> bool {
    as_of.is_some_and(|as_of| changed_at >= as_of.at)
}

/// Why nothing is done with a text that was exchanged.
pub(super) fn told(context: &Context<'_>) -> String {
    let at = context.task.spec.as_of.as_ref().map(|as_of| as_of.at.to_string()).unwrap_or_default();
    format!(
        "the title or the text was changed since it was asked for or approved ({at}), by somebody without write access; have a \
         look at it, and ask for it again"
    )
}

//! Finds failed checks of which no event told: the event was lost, or those who check are not GitHub Actions.

use super::Ours;
use crate::domain::failure::Failure;
use crate::domain::id::CommitId;
use crate::domain::input::{self, Asking, Revise};
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::task::Task;
use crate::services::github::{Checks, Standing};
use crate::tasks::Context;

/// The revision that repairs what fails on the newest commit; none where nothing fails, nothing may be repaired, or that
/// was asked for already: for one commit it is asked for once.
pub(super) async fn asked_for(
    context: &Context<'_>,
    ours: &Ours,
    standing: &Standing,
) -> Result<Option<TaskRequest>, Failure> {
    let rules = &context.config.pull_requests;
    let may = rules.repair_checks && standing.branch == ours.branch && {
        let state = context.journal.state();
        let revised = state.issues.get(&ours.issue).map_or(0, |known| known.fate.revisions);
        let is_asked = |task: &Task| is_revision(context, task, &standing.head);
        revised < rules.revisions && !state.tasks.values().any(is_asked)
    };
    if !may {
        return Ok(None);
    }
    match context.services.github.checks(&standing.head).await {
        Ok(Checks::Red) => {}
        Ok(_) => return Ok(None),
        // All else that is to be seen to needs no such permission.
        Err(failure) if failure.is_permanent() => {
            tracing::info!(%failure, "whether checks have failed cannot be seen");
            return Ok(None);
        }
        Err(failure) => return Err(failure),
    }
    let subject = context.task.spec.subject;
    let input =
        Payload::of(&Revise { source: Asking::Checks { commit: standing.head.clone() }, asked_by: None });
    let input = input.map_err(|error| Failure::permanent("bug", error.to_string()))?;
    let reason = "checks of its last commit have failed".to_owned();
    // The same key as that of any other reason to revise it: one at a time.
    let mut request =
        TaskRequest::new(input::REVISE, subject, input, reason).unique(format!("revise {subject}"));
    request.spec.idempotency = Some(format!("revise {subject} checks {}", standing.head));
    Ok(Some(request))
}

/// Whether a task is a revision of this pull request because of failed checks of this commit.
fn is_revision(context: &Context<'_>, task: &Task, head: &CommitId) -> bool {
    let is_meant = task.spec.kind.as_str() == input::REVISE && task.spec.subject == context.task.spec.subject;
    is_meant
        && task
            .spec
            .input
            .read::<Revise>()
            .is_ok_and(|revise| revise.source == Asking::Checks { commit: head.clone() })
}

//! What keeps a task from telling anybody is told once: who has to mend it has one dead letter to look at, not hundreds. For
//! those kinds only that say how things stand, and catch up with the next thing that happens.

use super::{Context, Done};
use crate::domain::failure::Failure;
use crate::domain::task::{Status, Task};

/// Codes of what is wrong with the settings: every message would meet it.
const SETTINGS: [&str; 5] =
    ["slack_credentials", "slack_scope", "slack_channel", "slack_unset", "missing_permission"];

/// What becomes of a telling that ended so: wrong settings fail for good once, and after that are noted for as long as that
/// failure stands.
pub(super) fn or_noted(context: &Context<'_>, ended: Result<Done, Failure>) -> Result<Done, Failure> {
    let Err(failure) = ended else { return ended };
    if !failure.is_permanent() || !SETTINGS.contains(&failure.code.as_str()) {
        return Err(failure);
    }
    let standing = {
        let state = context.journal.state();
        let same = |task: &&Task| {
            task.spec.kind == context.task.spec.kind
                && matches!(&task.status, Status::Failed { failure: known, .. }
                    if known.code == failure.code && known.message == failure.message)
        };
        state.tasks.values().find(same).map(|task| task.id.short())
    };
    match standing {
        None => Err(failure),
        Some(first) => Done::note(
            &format!("nothing was told, for the reason that task {first} gives: {failure}"),
            Vec::new(),
        ),
    }
}

//! What the task kinds about Drive have in common: the Drive itself, ids that are drawn once, and what becomes of a
//! task while Drive cannot be reached.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Context, Files};
use crate::domain::allowance::USED_UP;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::input::Arrange;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::services::drive::{Error, File, FileId, Reason, arranging};

/// Characters of a name that an error shows.
const NAME: usize = 80;

/// When a task comes back that found nobody: a service that is away is often back within minutes, and one question a
/// minute is no burden on it.
const AWAY: Duration = Duration::from_mins(1);

/// When a task comes back whose day is used up: allowances of Google's count for 24 hours.
const A_DAY: Duration = Duration::from_hours(24);

/// The Drive of this run.
///
/// # Errors
/// A permanent failure when there are no credentials for one, or none that can be used: then what is wrong with them.
pub(super) fn drive<'a>(context: &'a Context<'_>) -> Result<&'a Files, Failure> {
    context.services.drive.as_ref().ok_or_else(|| match &context.services.no_drive {
        Some(why) => {
            let hint = why.hint.as_deref().unwrap_or_default();
            why.clone().hint(format!(
                "{hint} Mend them, look with `automata drive doctor`, and revive the task: `automata tasks revive {}`."
                , context.task.id
            ).trim_start())
        }
        None => Failure::permanent("no_drive", "there are no credentials for Google Drive").hint(
            "Set the variable that `drive.credentials` names in the workflow, and look with `automata drive doctor`.",
        ),
    })
}

/// What somebody changed since it was asked for is left as it is.
pub(super) fn overtaken(name: &str, id: &str, why: &str) -> Failure {
    let shown = one_line(if name.is_empty() { id } else { name }, NAME);
    let told = format!("`{shown}` is not as it was when this was asked for: {}", one_line(why, NAME));
    Failure::permanent("drive_conflict", told).hint(format!(
        "Nothing was sent. Look at it with `automata drive info id:{id}`, and ask again if you still mean it."
    ))
}

/// The time of the last event: as near to now as a task needs it.
pub(super) fn now(context: &Context<'_>) -> Timestamp {
    context.journal.state().at
}

/// What a failure of Drive means for a task. Where a day's allowance is used up it waits in its place in the row, and no
/// attempt is used up. Whether Drive itself is away is found out when the task has ended: see [`parked`].
pub(super) fn waits(context: &Context<'_>, error: Error) -> Failure {
    let is_for_another_day = error.is_for_another_day();
    let failure = Failure::from(error);
    if is_for_another_day { another_day(context, failure) } else { failure }
}

/// What a failure means for the task that it ended. While nobody answers it waits in its place in the row, and all that waits
/// for Drive goes on when it is back. What fails about one file alone, while Drive answers, counts as an attempt: it may last,
/// and others are not held up by it.
pub(super) async fn parked(context: &Context<'_>, failure: Failure) -> Failure {
    let is_of = |reasons: &[Reason]| {
        reasons.iter().any(|reason| failure.code.strip_prefix("drive_") == Some(reason.code()))
    };
    if failure.class == FailureClass::Transient
        && is_of(&[Reason::Unreachable, Reason::Unavailable])
        && is_away(context).await
    {
        away(context, failure)
    } else if failure.class == FailureClass::Permanent
        && is_of(&[Reason::DailyLimit, Reason::UploadAllowance, Reason::DownloadLimit])
    {
        another_day(context, failure)
    } else {
        failure
    }
}

/// Whether Drive answers nothing at all: it is asked what it can always tell, whose account this is.
async fn is_away(context: &Context<'_>) -> bool {
    match &context.services.drive {
        Some(files) => files.drive.about().await.is_err_and(|error| error.is_away()),
        None => false,
    }
}

fn away(context: &Context<'_>, failure: Failure) -> Failure {
    let told = format!("Drive cannot be reached: {}", failure.message);
    let mut failure = Failure::rate_limited(now(context).plus(AWAY), told);
    "drive_away".clone_into(&mut failure.code);
    failure.hint("It is done when Drive answers again, in the order in which it was asked for.")
}

fn another_day(context: &Context<'_>, failure: Failure) -> Failure {
    Failure { class: FailureClass::RateLimited(now(context).plus(A_DAY)), ..failure }
}

/// Whether so many bytes of new content have room in a folder, and on whose account: settled before the first one is
/// sent.
///
/// # Errors
/// Where there is none, with the way out; or as Drive says.
pub(super) async fn has_room(
    context: &Context<'_>,
    files: &Files,
    folder: &File,
    bytes: u64,
) -> Result<(), Failure> {
    let told = files.room.check(&*files.drive, folder, bytes).await;
    told.map(drop).map_err(|error| waits(context, error))
}

/// Whether so many bytes may go up now.
///
/// # Errors
/// When all runs together would send more than Drive takes in a day: then it waits, without using up an attempt.
pub(super) fn may_send(context: &Context<'_>, bytes: u64) -> Result<(), Failure> {
    let (state, now) = (context.journal.state(), now(context));
    match state.uploaded.when(now, bytes) {
        Some(at) if at <= now => Ok(()),
        Some(at) => {
            let told =
                format!("{bytes} bytes more than Drive takes of one account in a day; it goes on at {at}");
            let mut failure = Failure::rate_limited(at, told);
            USED_UP.clone_into(&mut failure.code);
            Err(failure)
        }
        None => Err(Failure::permanent(
            "drive_too_much",
            format!("{bytes} bytes are more than Drive takes of one account in a day"),
        )
        .hint("Send it in parts over several days.")),
    }
}

/// What an earlier attempt left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    /// Ids that were drawn for what is made.
    #[serde(default)]
    ids: Vec<FileId>,
}

/// The ids that an action needs, drawn once and durable before anything is made with them.
///
/// # Errors
/// As Drive says, or when another run holds the task now.
pub(super) async fn ids(
    context: &Context<'_>,
    files: &Files,
    action: &Arrange,
) -> Result<Vec<FileId>, Failure> {
    let count = arranging::ids_wanted(action);
    let kept: Kept = context.resume().unwrap_or_default();
    if kept.ids.len() >= usize::from(count) {
        return Ok(kept.ids);
    }
    let ids = arranging::draw(&*files.drive, action).await.map_err(|error| waits(context, error))?;
    if ids.len() < usize::from(count) {
        return Err(Failure::transient("drive", "Drive gave too few ids"));
    }
    context.keep(0, "ids were drawn", &Kept { ids: ids.clone() }).await?;
    Ok(ids)
}

//! The names of the task kinds, what each can be about, and what each is told.

mod change;
mod content;
mod exec;
mod said;
mod telling;
mod triage;

use serde::{Deserialize, Serialize};

use super::payload::Payload;
use super::shape::{WrongInput, accepts};
use super::subject::Scope;

pub use change::{
    Asking, Checked, Follow, Followed, Implement, LostSight, MadeBefore, OpenPullRequest, Revise, Revised,
    Source, Tend, Tended, Unapproved,
};
pub use content::{Converted, DRIVE_EXPORT, DRIVE_PUT, DriveExport, DrivePut, ExportFormat};
pub use exec::{EXEC, Exec, Executed};
pub use said::{Line, Obey, Spot, Undo, Undone};
pub use telling::{
    CHECK_RUN, CheckRun, REHEARSE, Rehearse, SLACK, Slack, WEBHOOK, Webhook, is_telling, joined,
};
pub use triage::{
    Analyse, Answered, Assign, Comment, Label, Learn, Learnt, Remind, RequestReview, SetField, SetMilestone,
    SetState, SetType,
};

mod documents;
mod drive;

pub use documents::*;
pub use drive::{
    AccessChange, Arrange, DRIVE_ACCESS, DRIVE_AUDIT, DRIVE_ORGANISE, DRIVE_SYNC, DriveAccess, DriveAudit,
    DriveAudited, DriveOrganise, DriveSync, FileSeen, GrantFound, lock, lock_of_folder,
};

/// Reads an issue and finds out what it is. Input: [`Analyse`].
pub const ANALYSE: &str = "analyse";
/// Adds and removes labels one by one. Input: [`Label`].
pub const LABEL: &str = "label";
/// Assigns people. Input: [`Assign`].
pub const ASSIGN: &str = "assign";
/// Brings the issue's one status comment up to date. Input: [`Comment`].
pub const COMMENT: &str = "comment";
/// Has a change made and pushes it on a branch of its own. Input: [`Implement`].
pub const IMPLEMENT: &str = "implement";
/// Opens the pull request for a pushed branch. Input: [`OpenPullRequest`].
pub const OPEN_PULL_REQUEST: &str = "open_pull_request";

/// Goes on with our pull request after a review. Input: [`Revise`], output: [`Revised`].
pub const REVISE: &str = "revise";
/// Sees to our pull request: its base, and merging it. Input: [`Tend`], output: [`Tended`].
pub const TEND: &str = "tend";
/// Looks for the pull request of whoever works on an issue elsewhere. Input: [`Follow`], output: [`Followed`].
pub const FOLLOW: &str = "follow";
/// Judges what somebody said in a comment or by a dispatch, and does it. Input: [`Obey`].
pub const OBEY: &str = "obey";
/// Takes back what was done and nobody touched since. Input: [`Undo`].
pub const UNDO: &str = "undo";

/// Does nothing: a place that others wait for. Input: [`Milestone`].
pub const MILESTONE: &str = "milestone";

/// Sets the issue's type, one of the organisation's. Input: [`SetType`].
pub const SET_TYPE: &str = "set_type";
/// Plans the issue for a milestone that there is. Input: [`SetMilestone`].
pub const SET_MILESTONE: &str = "set_milestone";
/// Sets a field of the issue, in a project or the organisation's. Input: [`SetField`].
pub const SET_FIELD: &str = "set_field";
/// Closes an issue, or opens it again. Input: [`SetState`].
pub const SET_STATE: &str = "set_state";
/// Asks for a review of our pull request. Input: [`RequestReview`].
pub const REQUEST_REVIEW: &str = "request_review";
/// Looks whether what was missing has come; if not, says so, or closes. Input: [`Remind`].
pub const REMIND: &str = "remind";
/// Learns anew from people's labels what issues are. Input: [`Learn`], output: [`Learnt`].
pub const LEARN: &str = "learn";

/// Every kind.
pub const KINDS: &[&str] = &[
    ANALYSE,
    LABEL,
    ASSIGN,
    COMMENT,
    IMPLEMENT,
    OPEN_PULL_REQUEST,
    REVISE,
    TEND,
    FOLLOW,
    OBEY,
    UNDO,
    MILESTONE,
    SET_TYPE,
    SET_MILESTONE,
    SET_FIELD,
    SET_STATE,
    REQUEST_REVIEW,
    REMIND,
    LEARN,
    SLACK,
    WEBHOOK,
    CHECK_RUN,
    REHEARSE,
    DRIVE_PUT,
    DRIVE_EXPORT,
    DRIVE_ISSUE,
    DRIVE_IMPORT,
    DRIVE_FOLDER,
    DRIVE_ATTACH,
    DRIVE_SHARE,
    DRIVE_COLLECT,
    DRIVE_ACCESS,
    DRIVE_AUDIT,
    DRIVE_ORGANISE,
    DRIVE_SYNC,
    EXEC,
];

/// What tasks of a kind can be about.
#[must_use]
pub fn scope(kind: &str) -> Scope {
    match kind {
        ANALYSE | IMPLEMENT | OPEN_PULL_REQUEST | FOLLOW | SET_TYPE | SET_STATE | REMIND => Scope::Issues,
        LABEL | ASSIGN | COMMENT | UNDO | SET_MILESTONE | SET_FIELD | EXEC => Scope::Numbered,
        REVISE | TEND | REQUEST_REVIEW | CHECK_RUN | REHEARSE => Scope::Pulls,
        DRIVE_ISSUE | DRIVE_IMPORT => Scope::Files,
        DRIVE_FOLDER | DRIVE_ATTACH | DRIVE_SHARE => Scope::Issues,
        _ => Scope::Everything,
    }
}

/// Whether an input that a person wrote is one that its kind can work with: exactly its shape, and something to do.
/// What the log keeps is read leniently. Nothing is said about kinds that are not known here.
///
/// # Errors
/// What is wrong with it, and in which field.
pub fn check(kind: &str, input: &Payload) -> Result<(), WrongInput> {
    let nothing = |message: &str| WrongInput { field: String::new(), message: message.to_owned() };
    match kind {
        ANALYSE => accepts::<Analyse>(input),
        COMMENT => accepts::<Comment>(input),
        IMPLEMENT => accepts::<Implement>(input),
        OPEN_PULL_REQUEST => accepts::<OpenPullRequest>(input),
        REVISE => accepts::<Revise>(input),
        TEND => accepts::<Tend>(input),
        FOLLOW => accepts::<Follow>(input),
        OBEY => accepts::<Obey>(input),
        UNDO => accepts::<Undo>(input),
        MILESTONE => accepts::<Milestone>(input),
        REMIND => accepts::<Remind>(input),
        LEARN => accepts::<Learn>(input),
        DRIVE_PUT | DRIVE_EXPORT => content::check(kind, input),
        DRIVE_ACCESS | DRIVE_AUDIT | DRIVE_ORGANISE | DRIVE_SYNC => drive::check(kind, input),
        SET_MILESTONE => {
            accepts::<SetMilestone>(input)?;
            let named = input.read::<SetMilestone>().is_ok_and(|wanted| !wanted.title.trim().is_empty());
            if named { Ok(()) } else { Err(nothing("it names no milestone")) }
        }
        SET_FIELD => accepts::<SetField>(input),
        SET_STATE => accepts::<SetState>(input),
        EXEC => exec::check(input),
        REQUEST_REVIEW => {
            accepts::<RequestReview>(input)?;
            let RequestReview { logins, .. } = input.read().unwrap_or_default();
            if logins.is_empty() { Err(nothing("it names nobody")) } else { Ok(()) }
        }
        SET_TYPE => {
            accepts::<SetType>(input)?;
            let named = input.read::<SetType>().is_ok_and(|SetType { name }| !name.trim().is_empty());
            if named { Ok(()) } else { Err(nothing("it names no type")) }
        }
        LABEL => {
            accepts::<Label>(input)?;
            let Label { add, remove, .. } = input.read().unwrap_or_default();
            let idle = add.is_empty() && remove.is_empty();
            if idle { Err(nothing("it names no label to `add` or to `remove`")) } else { Ok(()) }
        }
        ASSIGN => {
            accepts::<Assign>(input)?;
            let Assign { logins, remove, .. } = input.read().unwrap_or_default();
            if logins.is_empty() && remove.is_empty() { Err(nothing("it names nobody")) } else { Ok(()) }
        }
        other => documents::check(other, input).or_else(|| telling::check(other, input)).unwrap_or(Ok(())),
    }
}

/// See [`MILESTONE`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Milestone {}

//! Task kind `drive_access`: who may do what with something in Drive is changed, one change of a file after the other,
//! announced with who asked, and looked at again afterwards.

use super::files::{drive, now, overtaken, waits};
use super::{Announcement, Context, Done, drive_audit};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::input::{AccessChange, DriveAccess};
use crate::domain::receipt;
use crate::domain::untrusted::one_line;
use crate::drive::conflict;
use crate::services::drive::{Error, FileId, Permission, Role, arranging, sharing};

/// Characters of a name in the log.
const NAME: usize = 80;

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let asked: DriveAccess = context.input()?;
    let files = drive(context)?;
    let id = FileId::parse(&asked.file).map_err(Error::from)?;
    let wanted = sharing::Wanted::read(&asked.change, now(context))?;
    let announcement = Announcement {
        step: "drive_access",
        kind: EffectKind::DriveAccess,
        target: format!("drive/{id}"),
        detail: detail(&asked),
    };
    let receipt = context
        .effect(
            announcement,
            async || match sharing::look(&*files.drive, &id, &wanted).await {
                Ok(found) => Ok(found.map(|shared| left_behind(&asked, &shared))),
                // Whoever took their own access away cannot look any more.
                Err(error) if error.is_missing() => Ok(None),
                Err(error) => Err(waits(context, error)),
            },
            async || {
                let refused = |refused: sharing::Refused| match refused {
                    sharing::Refused::Drive(error) => waits(context, error),
                    no @ sharing::Refused::No { .. } => no.into(),
                };
                let mut moved = None;
                if let Some(seen) = &asked.seen {
                    let now = arranging::there(&*files.drive, &id).await;
                    let now = now.map_err(|error| waits(context, error))?.as_ref().map(arranging::place);
                    moved = now.and_then(|now| conflict::is_another(seen, &now));
                }
                match (&asked.found, moved) {
                    (None, Some(why)) => Err(overtaken(&asked.name, &asked.file, &why)),
                    // The next audit looks at it where it is now.
                    (Some(_), Some(why)) => Ok(left_alone(&asked, &wanted, why)),
                    (None, None) => {
                        let shared = sharing::share(&*files.drive, &id, &wanted).await.map_err(refused)?;
                        Ok(left_behind(&asked, &shared))
                    }
                    (Some(found), None) => {
                        let given = drive_audit::given_at(&context.journal.state(), &asked.file);
                        let is_kept = |grant: &Permission| drive_audit::is_given(&given, grant);
                        let came = sharing::mend(&*files.drive, &id, &wanted, found, is_kept).await;
                        Ok(match came.map_err(refused)? {
                            sharing::Mended::Done(shared) => left_behind(&asked, &shared),
                            sharing::Mended::Left(why) => left_alone(&asked, &wanted, why),
                        })
                    }
                }
            },
        )
        .await?;
    Done::with(&receipt, Vec::new())
}

/// What an audit wants to be mended, and was not.
fn left_alone(asked: &DriveAccess, wanted: &sharing::Wanted, why: String) -> receipt::DriveAccess {
    receipt::DriveAccess {
        left: Some(one_line(&why, 2 * NAME)),
        file: asked.file.clone(),
        name: one_line(&asked.name, NAME),
        who: wanted.who(),
        role: None,
        before: None,
        until: None,
        until_before: None,
        offered: false,
        asked_by: asked.asked_by.clone(),
    }
}

/// What is announced: what is to happen, to what, and who asked.
fn detail(asked: &DriveAccess) -> String {
    let by = asked.asked_by.as_ref().map_or_else(String::new, |login| format!(", asked for by {login}"));
    let what = match &asked.change {
        AccessChange::Give { who, role, until, .. } => {
            let until = until.map_or_else(String::new, |until| format!(" until {until}"));
            format!("{who} becomes {role}{until}")
        }
        AccessChange::Take { who } => format!("{who} loses access"),
        AccessChange::HandOver { to } => format!("{to} becomes owner"),
        AccessChange::Offer { to } => format!("ownership is offered to {to}"),
        AccessChange::Accept { to } => format!("{to} accepts ownership"),
    };
    let name = if asked.name.is_empty() { &asked.file } else { &asked.name };
    format!("{}: {}{by}", one_line(name, NAME), one_line(&what, 2 * NAME))
}

fn left_behind(asked: &DriveAccess, shared: &sharing::Shared) -> receipt::DriveAccess {
    let role = |grant: &Option<Permission>| {
        grant
            .as_ref()
            .filter(|grant| !grant.deleted)
            .and_then(|grant| grant.role)
            .map(Role::as_str)
            .map(str::to_owned)
    };
    let after = shared.after.as_ref();
    receipt::DriveAccess {
        file: asked.file.clone(),
        name: one_line(&asked.name, NAME),
        who: shared.who.clone(),
        role: role(&shared.after),
        before: role(&shared.before),
        until: after.and_then(|grant| grant.expires_at),
        until_before: shared.before.as_ref().and_then(|grant| grant.expires_at),
        left: None,
        offered: after.is_some_and(|grant| grant.pending_owner),
        asked_by: asked.asked_by.clone(),
    }
}

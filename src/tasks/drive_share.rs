//! Task kind `drive_share`: gives those who are assigned access to the issue's folder, and takes it from those who are not
//! any more, as far as they have it because of us.

use serde::{Deserialize, Serialize};

use super::files::waits;
use super::{Announcement, Context, Done, comment, files, lodge};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::spec::TaskRequest;
use crate::domain::trigger::OpenState;
use crate::domain::{input, receipt};
use crate::services::drive::{Drive, FileId, Grantee, Permission, PermissionId, Role, sharing};

/// What an earlier attempt saw: the grants of people's own that were there before anything was changed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Had {
    permissions: Vec<String>,
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let input::DriveShare { role } = context.input()?;
    let role = Role::parse(&role).ok_or_else(|| Failure::permanent("bad_input", "Drive has no such role"))?;
    let files = files::drive(context)?;
    let Some(folder) = context.journal.state().issues.get(&number).and_then(|issue| issue.folder.clone())
    else {
        return Done::note("the issue has no folder in Drive", Vec::new());
    };
    if !has_the_folder_for_itself(context) {
        return Done::note("the folder was made since this was asked for", vec![again(context)]);
    }
    let issue = context.services.github.issue(number).await?;
    // Of a closed issue, and of one that is gone, nobody needs its folder.
    let assigned: Vec<Login> =
        issue.filter(|issue| issue.state == OpenState::Open).map(|issue| issue.assignees).unwrap_or_default();
    let address = |login: &Login| {
        let people = context.config.drive.people.iter();
        let known = people.into_iter().find(|(name, _)| Login::new(name.as_str()) == *login);
        known.map(|(_, address)| address.as_str().to_owned())
    };
    let (known, unknown): (Vec<Login>, Vec<Login>) =
        assigned.into_iter().partition(|login| address(login).is_some());
    let (kept, leaving): (Vec<receipt::Shared>, Vec<receipt::Shared>) =
        folder.shared.iter().cloned().partition(|shared| known.contains(&shared.login));
    let is_new = |login: &&Login| !kept.iter().any(|shared| shared.login == **login);
    let coming: Vec<Login> = known.iter().filter(is_new).cloned().collect();
    let output = input::DriveShared { unknown };
    if leaving.is_empty() && coming.is_empty() {
        return Done::with(&output, Vec::new());
    }
    let id = lodge::id_of(folder.made.id)?;
    let names = |logins: &[Login], sign: &str| {
        logins.iter().map(|login| format!("{sign}{login}")).collect::<Vec<_>>()
    };
    let gone: Vec<Login> = leaving.iter().map(|shared| shared.login.clone()).collect();
    let announcement = Announcement {
        step: "drive_shares",
        kind: EffectKind::DriveShares,
        target: format!("drive/{id}"),
        detail: [names(&coming, "+"), names(&gone, "-")].concat().join(" "),
    };
    // Who had access of their own before we began has it without us. Becomes durable together with the announcement.
    let had: Had = match context.resume() {
        Some(had) => had,
        None => match files.drive.permissions(&id).await {
            Ok(here) => {
                let own = here.iter().filter(|grant| !grant.inherited);
                Had { permissions: own.map(|grant| grant.id.to_string()).collect() }
            }
            Err(error) if error.is_missing() => {
                return Done::note("the issue's folder is gone from Drive", Vec::new());
            }
            Err(error) => return Err(waits(context, error)),
        },
    };
    context.checkpoint(10, "who has access is known", &had)?;
    let refused = |refused: sharing::Refused| match refused {
        sharing::Refused::Drive(error) => waits(context, error),
        no @ sharing::Refused::No { .. } => no.into(),
    };
    context
        .effect(
            announcement,
            // What is so already is left alone by doing it, so that looking first is of no use.
            async || Ok(None),
            async || {
                let drive = &*files.drive;
                let here = drive.permissions(&id).await.map_err(|error| waits(context, error))?;
                let mut given = kept.clone();
                // One after the other: of changes at once Drive keeps the last.
                for login in &coming {
                    let who = Grantee::User(address(login).unwrap_or_default());
                    let permission = let_in(drive, &id, who, role, &here, &had).await.map_err(refused)?;
                    given.extend(permission.map(|permission| receipt::Shared {
                        login: login.clone(),
                        permission: permission.to_string(),
                        role: role.as_str().to_owned(),
                    }));
                }
                for shared in &leaving {
                    shut_out(drive, &id, shared, &here).await.map_err(refused)?;
                }
                Ok(receipt::DriveShares { given, taken: gone.clone() })
            },
        )
        .await?;
    Done::with(&output, comment::refresh(&context.task))
}

/// Whether no other task changes the access to the folder meanwhile. A task that was asked for before the folder was
/// there could not name it.
fn has_the_folder_for_itself(context: &Context<'_>) -> bool {
    let spec = &context.task.spec;
    let folder = context.journal.state().folder_of(spec.subject);
    let lock = folder.and_then(|folder| input::lock_of_folder(spec.kind.as_str(), folder));
    lock.is_some() && lock == spec.concurrency
}

/// The same, to be asked for now that the folder is known.
fn again(context: &Context<'_>) -> TaskRequest {
    let mut spec = context.task.spec.clone();
    // What hangs on the end of this task has been seen to with it.
    (spec.depends_on, spec.hooks) = (Vec::new(), Vec::new());
    (spec.concurrency, spec.idempotency) = (None, None);
    TaskRequest::from(spec)
}

/// Gives somebody access; nothing where they have it without us, which is not ours to take away later. Drive keeps one
/// grant for a person: widening what somebody gave would take it away with ours later.
async fn let_in(
    drive: &dyn Drive,
    folder: &FileId,
    who: Grantee,
    role: Role,
    here: &[Permission],
    had: &Had,
) -> Result<Option<PermissionId>, sharing::Refused> {
    if let Some(has) = sharing::of(here, &who) {
        let is_enough = has.role.is_some_and(|has| has >= role);
        let is_theirs = had.permissions.contains(&has.id.to_string());
        if (has.inherited && is_enough) || (!has.inherited && is_theirs) {
            return Ok(None);
        }
    }
    let wanted = sharing::Wanted::Give { who, role, until: None, notify: false };
    let sharing::Shared { after, .. } = sharing::share(drive, folder, &wanted).await?;
    Ok(after.map(|grant| grant.id))
}

/// Takes back what we gave, unless somebody made something else of it or took it away themselves.
async fn shut_out(
    drive: &dyn Drive,
    folder: &FileId,
    shared: &receipt::Shared,
    here: &[Permission],
) -> Result<(), sharing::Refused> {
    let Ok(id) = PermissionId::parse(&shared.permission) else { return Ok(()) };
    let is_ours = |grant: &&Permission| {
        let is_same = shared.role.is_empty() || grant.role.is_some_and(|role| role.as_str() == shared.role);
        grant.id == id && !grant.inherited && is_same
    };
    if here.iter().any(|grant| is_ours(&grant)) {
        sharing::share(drive, folder, &sharing::Wanted::Take(sharing::Whose::Grant(id))).await?;
    }
    Ok(())
}

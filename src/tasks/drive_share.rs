//! Task kind `drive_share`: gives those who are assigned access to the issue's folder, and takes it from those who are not
//! any more, as far as they have it because of us.

use serde::{Deserialize, Serialize};

use super::{Announcement, Context, Done, comment, files, lodge};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::trigger::OpenState;
use crate::domain::{input, receipt};
use crate::services::drive::{Drive, FileId, Grant, Grantee, Permission, PermissionId, Role, sharing};

/// What an earlier attempt saw: the grants that were there before anything was changed.
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
    let leaving: Vec<receipt::Shared> =
        folder.shared.iter().filter(|shared| !known.contains(&shared.login)).cloned().collect();
    let coming: Vec<Login> = known
        .iter()
        .filter(|login| !folder.shared.iter().any(|shared| shared.login == **login))
        .cloned()
        .collect();
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
    // Who had access before we began has it without us. Becomes durable together with the announcement.
    let had: Had = match context.resume() {
        Some(had) => had,
        None => Had {
            permissions: files.drive.permissions(&id).await?.iter().map(|had| had.id.to_string()).collect(),
        },
    };
    context.checkpoint(10, "who has access is known", &had)?;
    let kept: Vec<receipt::Shared> =
        folder.shared.iter().filter(|shared| known.contains(&shared.login)).cloned().collect();
    context
        .effect(
            announcement,
            // What is so already is left alone by doing it, so that looking first is of no use.
            async || Ok(None),
            async || {
                let here = files.drive.permissions(&id).await?;
                let mut given = kept.clone();
                // One after the other: of changes at once Drive keeps the last.
                for login in &coming {
                    let address = address(login).unwrap_or_default();
                    given.extend(let_in(&*files.drive, &id, login, &address, role, &here, &had).await?);
                }
                for shared in &leaving {
                    if let Ok(permission) = PermissionId::parse(&shared.permission) {
                        files.drive.revoke(&id, &permission).await?;
                    }
                }
                Ok(receipt::DriveShares { given, taken: gone.clone() })
            },
        )
        .await?;
    Done::with(&output, comment::refresh(&context.task))
}

/// Gives somebody access; nothing where they have it without us, which is not ours to take away later.
async fn let_in(
    drive: &dyn Drive,
    folder: &FileId,
    login: &Login,
    address: &str,
    role: Role,
    here: &[Permission],
    had: &Had,
) -> Result<Option<receipt::Shared>, Failure> {
    let who = Grantee::User(address.to_owned());
    if let Some(has) = sharing::of(here, &who) {
        let ours = !had.permissions.contains(&has.id.to_string());
        let enough = has.role.is_some_and(|has| has >= role);
        // Drive keeps one grant for a person: widening what somebody gave would take it away with ours later.
        if enough || (!ours && !has.inherited) {
            return Ok(ours.then(|| receipt::Shared { login: login.clone(), permission: has.id.to_string() }));
        }
    }
    let grant = Grant::new(who, role);
    let permission = drive.grant(folder, &grant).await?;
    Ok(Some(receipt::Shared { login: login.clone(), permission: permission.id.to_string() }))
}

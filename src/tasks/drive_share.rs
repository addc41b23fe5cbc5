//! Task kind `drive_share`: gives those who are assigned access to the issue's folder, and takes it from those who are not
//! any more, as far as they have it because of us.

mod grants;

use serde::{Deserialize, Serialize};

use super::files::waits;
use super::{Announcement, Context, Done, comment, files, lodge};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::trigger::OpenState;
use crate::domain::watched::DriveKey;
use crate::domain::{input, receipt};
use crate::services::drive::{Grantee, Permission, Role, sharing};
use crate::services::github::Issue;

use grants::{Ours, Taken};

/// What an earlier attempt saw: the grants of people's own that were there before anything was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Had {
    theirs: Vec<String>,
}

/// The folder that it is about.
struct Place {
    id: DriveKey,
    /// Who has access to it because of the issue.
    shared: Vec<receipt::Shared>,
    /// For a milestone's: by what it is found for other issues.
    key: Option<String>,
    /// Whether it is the issue's no more.
    is_left: bool,
}

impl Place {
    fn of(context: &Context<'_>, number: IssueNumber, left: Option<DriveKey>) -> Option<Self> {
        let state = context.journal.state();
        let issue = state.issues.get(&number)?;
        match left {
            None => {
                let folder = issue.folder.clone()?;
                let (id, key) = (folder.made.id, folder.made.key);
                Some(Self { id, shared: folder.shared, key, is_left: false })
            }
            Some(id) => {
                let left = issue.left.iter().find(|left| left.id == id)?;
                Some(Self { id, shared: left.shared.clone(), key: None, is_left: true })
            }
        }
    }

    /// Who is to be let in because of the issue: nobody because of one that is closed or gone, or that is planned for no
    /// milestone any more whose folder this would be.
    fn wanted_by(&self, issue: Option<Issue>) -> Vec<Login> {
        let has_it = |issue: &Issue| {
            issue.state == OpenState::Open && (self.key.is_none() || issue.milestone.is_some())
        };
        issue.filter(has_it).map(|issue| issue.assignees).unwrap_or_default()
    }
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let input::DriveShare { role, folder } = context.input()?;
    let role = Role::parse(&role).ok_or_else(|| Failure::permanent("bad_input", "Drive has no such role"))?;
    let files = files::drive(context)?;
    let Some(place) = Place::of(context, number, folder) else {
        let note = match folder {
            None => "the issue has no folder in Drive",
            Some(_) => "nobody has access to the folder because of this issue",
        };
        return Done::note(note, Vec::new());
    };
    if !has_the_folder_for_itself(context) {
        return Done::note("the folder was made since this was asked for", vec![again(context)]);
    }
    let assigned = match place.is_left {
        true => Vec::new(),
        false => place.wanted_by(context.services.github.issue(number).await?),
    };
    let address = |login: &Login| {
        let people = context.config.drive.people.iter();
        let known = people.into_iter().find(|(name, _)| Login::new(name.as_str()) == *login);
        known.map(|(_, address)| address.as_str().to_owned())
    };
    let (known, unknown): (Vec<Login>, Vec<Login>) =
        assigned.into_iter().partition(|login| address(login).is_some());
    let (kept, leaving): (Vec<receipt::Shared>, Vec<receipt::Shared>) =
        place.shared.iter().cloned().partition(|shared| known.contains(&shared.login));
    let is_new = |login: &&Login| !kept.iter().any(|shared| shared.login == **login);
    let coming: Vec<Login> = known.iter().filter(is_new).cloned().collect();
    let output = input::DriveShared { unknown, refused: Vec::new() };
    if leaving.is_empty() && coming.is_empty() {
        return Done::with(&output, Vec::new());
    }
    let id = lodge::id_of(place.id)?;
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
    // What other issues want of the folder stays so meanwhile: it is this task's own.
    let ours = Ours::of(&context.journal.state(), place.id, number);
    // Who had access of their own before we began has it without us. Becomes durable together with the announcement.
    let had: Had = match context.resume() {
        Some(had) => had,
        None => match files.drive.permissions(&id).await {
            Ok(here) => Had { theirs: ours.theirs(&here) },
            // Of a folder that is gone nothing has to be taken back; that it was left is over.
            Err(error) if error.is_missing() && place.is_left => Had { theirs: Vec::new() },
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
    let receipt::DriveShares { refused, .. } = context
        .effect(
            announcement,
            // What is so already is left alone by doing it, so that looking first is of no use.
            async || Ok(None),
            async || {
                let drive = &*files.drive;
                let here = match drive.permissions(&id).await {
                    Err(error) if error.is_missing() && place.is_left => Vec::new(),
                    here => here.map_err(|error| waits(context, error))?,
                };
                let theirs = had.theirs.as_slice();
                let (mut given, mut taken, mut no) = (kept.clone(), Vec::new(), Refusals::default());
                // One after the other: of changes at once Drive keeps the last. Whoever is to go goes first, whatever is said of
                // those who come.
                for shared in &leaving {
                    let came =
                        ours.shut_out(drive, &id, shared, &kept, (&here, theirs)).await.map_err(refused);
                    match no.unless(&shared.login, came)? {
                        Some(Taken::Gone) => taken.push(shared.clone()),
                        Some(Taken::Wanted) => {}
                        None => given.push(shared.clone()),
                    }
                }
                let is_there = |grant: &Permission| taken.iter().all(|it| it.permission != grant.id.as_str());
                let here: Vec<Permission> = here.into_iter().filter(is_there).collect();
                let before = given.len();
                for login in &coming {
                    let who = Grantee::User(address(login).unwrap_or_default());
                    let came = ours.let_in(drive, &id, who, role, (&here, theirs)).await.map_err(refused);
                    given.extend(no.unless(login, came)?.flatten().map(|permission| receipt::Shared {
                        login: login.clone(),
                        permission: permission.to_string(),
                        role: role.as_str().to_owned(),
                    }));
                }
                let is_nothing = taken.is_empty() && given.len() == before;
                let taken = taken.into_iter().map(|shared| shared.login).collect();
                let refused = no.told_unless_done(is_nothing)?;
                Ok(receipt::DriveShares { folder: Some(place.id), given, taken, refused })
            },
        )
        .await?;
    let mut follow_ups = comment::refresh(&context.task);
    if !place.is_left && context.journal.state().folder_of(context.task.spec.subject) != Some(place.id) {
        follow_ups.extend(after_moving(context, number)?);
    }
    Done::with(&input::DriveShared { refused, ..output }, follow_ups)
}

/// Whose access Drive refuses to change for good: nobody else is held up by that.
#[derive(Default)]
struct Refusals {
    people: Vec<Login>,
    first: Option<Failure>,
}

impl Refusals {
    /// What came of one person's; nothing where it was refused.
    fn unless<T>(&mut self, login: &Login, came: Result<T, Failure>) -> Result<Option<T>, Failure> {
        match came {
            Err(failure) if failure.is_permanent() => {
                self.people.push(login.clone());
                self.first.get_or_insert(failure);
                Ok(None)
            }
            came => came.map(Some),
        }
    }

    /// Who they are; where nothing else was done, the first refusal is what the task fails with.
    fn told_unless_done(self, is_nothing: bool) -> Result<Vec<Login>, Failure> {
        match self.first.filter(|_| is_nothing) {
            Some(first) => Err(first),
            None => Ok(self.people),
        }
    }
}

/// What follows when an issue has another folder than before: at those that it left what was given because of it is taken
/// back, and whoever is assigned is let into the new one.
pub(super) fn after_moving(context: &Context<'_>, number: IssueNumber) -> Result<Vec<TaskRequest>, Failure> {
    let left =
        context.journal.state().issues.get(&number).map(|issue| issue.left.clone()).unwrap_or_default();
    let roles = left.iter().flat_map(|left| &left.shared).filter_map(|shared| Role::parse(&shared.role));
    let role = roles.max().filter(|role| *role <= Role::Writer).unwrap_or(Role::Reader);
    let places = left.iter().map(|left| Some(left.id)).chain((!left.is_empty()).then_some(None));
    places.map(|folder| asked(context, role, folder)).collect()
}

/// That whoever has access because of the issue is looked at anew.
///
/// # Errors
/// None but a bug.
pub(super) fn asked(
    context: &Context<'_>,
    role: Role,
    folder: Option<DriveKey>,
) -> Result<TaskRequest, Failure> {
    let subject = context.task.spec.subject;
    let input = Payload::of(&input::DriveShare { role: role.as_str().to_owned(), folder })
        .map_err(|error| Failure::permanent("bug", error.to_string()))?;
    let at = folder.map_or_else(String::new, |folder| format!(" {folder}"));
    let request =
        TaskRequest::new(input::DRIVE_SHARE, subject, input, "the issue has another folder in Drive");
    Ok(request.unique(format!("{} {subject}{at}", input::DRIVE_SHARE)))
}

/// Whether no other task changes the access to the folder meanwhile. A task that was asked for before the folder was
/// there could not name it.
fn has_the_folder_for_itself(context: &Context<'_>) -> bool {
    let spec = &context.task.spec;
    let kind = spec.kind.as_str();
    let of_present = || input::lock_of_folder(kind, context.journal.state().folder_of(spec.subject)?);
    let lock = input::lock(kind, &spec.input).or_else(of_present);
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

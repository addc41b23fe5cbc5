//! The log behind a command: what is to change is recorded with who asked, done at once where that can be, and otherwise
//! waits in the queue for a run that can.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::super::drain::drain_these;
use super::super::environment::Environment;
use super::super::failure::{Ended, Kind};
use super::super::run;
use super::super::session::Session;
use super::super::tasks::actor;
use super::super::world::World;
use crate::cli::{Forge, Global};
use crate::config::Mode;
use crate::domain::actor::Actor;
use crate::domain::allowance::{self, DriveUsed};
use crate::domain::command::Command;
use crate::domain::id::{Login, ServiceName, TaskId};
use crate::domain::input::{Arrange, DRIVE_ACCESS, DRIVE_ORGANISE, DriveAccess, DriveOrganise, FileSeen};
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;
use crate::drive::conflict;
use crate::services::drive::Used;
use crate::services::drive::google::USER_UNITS;
use crate::services::models::Models;
use crate::tasks::Files;
use crate::tasks::drive_audit::{self, GivenAt};

/// Units of Drive's quota that other runs can feel: a hundredth of what a minute gives.
const FELT: u64 = USER_UNITS as u64 / 100;

/// A log at hand.
pub(super) struct Ledger {
    world: World,
    actor: Actor,
}

/// Something to be done through the log.
pub(super) struct Order<'a, T> {
    /// The kind of its task.
    pub(super) kind: &'static str,
    /// The kind's input.
    pub(super) input: &'a T,
    /// What makes two of them one, while the first waits.
    pub(super) unique: String,
    /// Why it exists, for people.
    pub(super) reason: String,
}

impl Ledger {
    /// The log of the repository that the command line or the environment names; none where neither does.
    ///
    /// # Errors
    /// When there should be one, and it cannot be used.
    pub(super) async fn open(
        global: &Global,
        environment: &Environment,
        files: &Files,
    ) -> Result<Option<Self>, Ended> {
        let is_named = match global.forge {
            Forge::Local => global.directory.is_some(),
            Forge::Github => environment.repository.is_some() && environment.token.is_some(),
        };
        if !is_named {
            return Ok(None);
        }
        let mut world = World::open(global, environment)?.prepared().await?;
        // The account that the command speaks for, and no other.
        world.services.drive = Some(Files { synced: world.synced(), ..files.clone() });
        Ok(Some(Self { world, actor: actor(environment) }))
    }

    /// Where it is kept beside the log what folders in step agreed on.
    ///
    /// # Errors
    /// When it is sealed as the log is, and that cannot be read.
    pub(super) async fn synced(&self) -> Result<Option<Arc<dyn Models>>, Ended> {
        if self.world.config.state.encryption.extent().is_anything() {
            // Its keys open with the log.
            self.session().await?;
        }
        Ok(self.world.services.drive.as_ref().and_then(|files| files.synced.clone()))
    }

    /// Who asks.
    pub(super) fn asks(&self) -> Login {
        self.actor.login.clone()
    }

    /// Whether anything outside may be changed.
    fn acts(&self) -> Result<(), Ended> {
        if self.world.paused {
            return Err(Ended::usage(
                "the variable AUTOMATA_PAUSED is set: nothing is begun",
                "Unset it, and run the same command again.",
            ));
        }
        if self.world.config.mode != Mode::Observe {
            return Ok(());
        }
        Err(Ended::usage(
            "the configuration says `mode: observe`, in which nothing outside is changed",
            "Set `mode` to another one in .github/automata.yml of the default branch, or add --unrecorded.",
        ))
    }

    async fn session(&self) -> Result<Session, Ended> {
        Ok(run::open(&self.world).await?.on_behalf_of(self.actor.clone()))
    }

    /// Whom rules on issues let in.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(super) async fn given(&self) -> Result<GivenAt, Ended> {
        Ok(drive_audit::given(&self.session().await?.state()))
    }

    /// Whether so many bytes may go up now, by what all runs and commands sent in the last day.
    ///
    /// # Errors
    /// When they would be more than Drive takes of one account in a day; or when the log cannot be read.
    pub(super) async fn may_send(&self, bytes: u64) -> Result<(), Ended> {
        self.acts()?;
        if bytes == 0 {
            return Ok(());
        }
        let session = self.session().await?;
        let now = session.now();
        let told = format!("{bytes} bytes are more than Drive takes of one account in a day");
        let free = session.state().uploaded.when(now, bytes);
        match free {
            Some(at) if at <= now => Ok(()),
            Some(at) => Err(Ended {
                kind: Kind::Again,
                message: format!("{told}, with what was sent already"),
                hints: vec![format!("Nothing was sent. Run it again at {at}, or add --unrecorded.")],
            }),
            None => Err(Ended {
                kind: Kind::Work,
                message: told,
                hints: vec!["Send it in parts over several days.".to_owned()],
            }),
        }
    }

    /// Records what a command used of what all runs share, whatever came of it. A look that no other run can feel costs no
    /// push.
    ///
    /// # Errors
    /// When the log cannot be written.
    pub(super) async fn count(&self, action: &str, used: Used) -> Result<(), Ended> {
        if used.sent == 0 && used.quiet_until.is_none() && used.units < FELT {
            return Ok(());
        }
        let session = self.session().await?;
        let until = used.quiet_until.filter(|until| *until > session.now());
        let (bytes, units) = (used.sent, used.units);
        let used = DriveUsed { action: action.to_owned(), bytes, units, until };
        session.submit(Command::CountDrive(used)).map_err(Ended::bug)?;
        Ok(session.flush().await?)
    }

    /// Puts it into the log and does it, after what was asked of the same file before.
    ///
    /// # Errors
    /// Why it was given up; or that it waits, which is not done.
    pub(super) async fn carry_out<T: Serialize, R: DeserializeOwned>(
        &self,
        order: &Order<'_, T>,
    ) -> Result<R, Ended> {
        self.acts()?;
        let session = self.session().await?;
        let input = Payload::of(order.input).map_err(Ended::bug)?;
        clash(&session.state(), order.kind, &input)?;
        let input = foreseen(&session.state(), order.kind, input)?;
        let request = TaskRequest::new(order.kind, Subject::Repository, input, order.reason.clone())
            .unique(order.unique.clone());
        let spec = request.spec.clone();
        let command = session.submit(Command::Enqueue(vec![request])).map_err(|rejection| {
            Ended::usage(rejection.to_string(), "`automata tasks list` shows what waits.")
        })?;
        let own = TaskId::of(&command, 1);
        let (task, line) = {
            let state = session.state();
            let standing = state.tasks.pending_like(&spec).next().map(|task| task.id.clone());
            let task = if state.tasks.contains_key(&own) { own } else { standing.unwrap_or(own) };
            (task.clone(), with_what_it_needs(&state, task))
        };
        drain_these(&session, &self.world.services, &self.world.config, line).await?;
        let state = session.state();
        let found = state.tasks.get(&task).ok_or_else(|| Ended::bug(format!("task {task} is gone")))?;
        let closed = state.spending.get(&ServiceName::new(allowance::SERVICE));
        let closed = closed.and_then(|drive| drive.quiet_until(session.now()));
        came_to(found, closed)
    }
}

/// The task and all that it waits for, each of the same file.
fn with_what_it_needs(state: &State, task: TaskId) -> BTreeSet<TaskId> {
    let mut all = BTreeSet::new();
    let mut open = vec![task];
    while let Some(id) = open.pop() {
        if let Some(task) = state.tasks.get(&id) {
            open.extend(task.needs.iter().filter(|need| !all.contains(*need)).cloned());
        }
        all.insert(id);
    }
    all
}

/// What cannot be meant together with what waits already is told before it is asked for.
fn clash(state: &State, kind: &str, input: &Payload) -> Result<(), Ended> {
    let Some(wanted) = input.read::<DriveOrganise>().ok().filter(|_| kind == DRIVE_ORGANISE) else {
        return Ok(());
    };
    let waiting =
        state.tasks.values().filter(|task| !task.status.is_final() && task.spec.kind.as_str() == kind);
    for task in waiting {
        let Ok(other) = task.spec.input.read::<DriveOrganise>() else { continue };
        if other.file == wanted.file
            && let Some(why) = conflict::between(&other.action, &wanted.action)
        {
            return Err(Ended::usage(
                format!("something else is to be done to it first: {why} (task {})", task.id),
                format!("Let that be done, or call it off: automata tasks cancel {}", task.id),
            ));
        }
    }
    Ok(())
}

/// The input of a task that is about a file, with how that is to be once all was done that waits for its turn before it:
/// what was asked for ourselves is no change of somebody else.
fn foreseen(state: &State, kind: &str, input: Payload) -> Result<Payload, Ended> {
    let waiting: Vec<DriveOrganise> = state
        .tasks
        .values()
        .filter(|task| !task.status.is_final() && task.spec.kind.as_str() == DRIVE_ORGANISE)
        .filter_map(|task| task.spec.input.read().ok())
        .collect();
    let then = |file: &str, seen: Option<FileSeen>| {
        let of_it = waiting.iter().filter(|other| other.file == file);
        seen.map(|seen| of_it.fold(seen, |seen, other| conflict::after(seen, &other.action)))
    };
    match kind {
        DRIVE_ORGANISE => {
            let mut asked: DriveOrganise = input.read().map_err(Ended::bug)?;
            asked.seen = then(&asked.file, asked.seen);
            Payload::of(&asked).map_err(Ended::bug)
        }
        DRIVE_ACCESS => {
            let mut asked: DriveAccess = input.read().map_err(Ended::bug)?;
            asked.seen = then(&asked.file, asked.seen);
            Payload::of(&asked).map_err(Ended::bug)
        }
        _ => Ok(input),
    }
}

/// What came of a task, for whoever waits for it. Until `closed` nothing is asked of Drive.
fn came_to<R: DeserializeOwned>(task: &Task, closed: Option<Timestamp>) -> Result<R, Ended> {
    let waits = |why: String| Ended {
        kind: Kind::Again,
        message: format!("it is not done yet: {why}"),
        hints: vec![format!(
            "It is in the log as task {}, and done by the next run that can; the same command again changes nothing \
             about that.",
            task.id
        )],
    };
    match &task.status {
        Status::Completed { output, .. } => output.read().map_err(Ended::bug),
        Status::Failed { failure, .. } => {
            let mut ended = Ended::from(failure.clone());
            // What makes no sense is the command line's fault, as without a log.
            if failure.code == "drive_access_refused" {
                ended.kind = Kind::Usage;
            }
            Err(ended)
        }
        Status::Cancelled { reason, .. } => Err(Ended {
            kind: Kind::Work,
            message: format!("it was called off: {reason}"),
            hints: Vec::new(),
        }),
        Status::Pending { last_failure: Some(failure), .. } => Err(waits(failure.to_string())),
        Status::Pending { .. } if task.needs.is_empty() && closed.is_some() => {
            let until = closed.map(|until| until.to_string()).unwrap_or_default();
            Err(waits(format!(
                "Drive could not be reached, or asked for quiet, and is asked again at {until}"
            )))
        }
        Status::Pending { .. } => Err(waits("something else about the file comes first".to_owned())),
        Status::Running { lease } => Err(waits(format!("run {} is at it", lease.run))),
    }
}

/// What makes two requests about one file the same.
pub(super) fn key(file: &str, wanted: &impl Serialize) -> String {
    format!("drive/{file} {}", serde_json::to_string(wanted).unwrap_or_default())
}

/// What is to be done, for people.
pub(super) const fn verb(action: &Arrange) -> &'static str {
    match action {
        Arrange::Rename { .. } => "rename",
        Arrange::Move { .. } => "move",
        Arrange::Copy { .. } => "copy",
        Arrange::Shortcut { .. } => "make a shortcut to",
        Arrange::Limit { .. } => "set who gets in from above to",
        Arrange::MakeFolders { .. } => "make folders in",
        Arrange::Trash => "throw away",
        Arrange::Restore => "take out of the trash",
        Arrange::Delete => "delete",
    }
}

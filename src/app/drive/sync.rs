//! `automata drive sync`: looks at both sides, makes the plan, and carries it out.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::{Value, json};

use super::super::failure::{Ended, Kind};
use super::super::progress::{self, Bar, Unit};
use super::{Desk, ended};
use crate::cli::DriveSync;
use crate::config::{SyncRule, Words};
use crate::domain::count::counted;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::untrusted::one_line;
use crate::drive::filter::Filter;
use crate::drive::sync::{Base, Direction, Left, Plan, Rules, Side, Step, TooManyDeletions, plan};
use crate::services::drive::room::Room;
use crate::services::drive::{FileId, MOST_IDS, Progress};
use crate::tasks::drive_sync::{
    Agreement, CarriedOut, Draw, Drawing, Made, Sides, Tools, Top, carry_out, here, making, sending,
};

/// Width of a line about something.
const WIDE: usize = 120;

/// What is kept in step, and how.
struct Task {
    folder: PathBuf,
    place: String,
    rules: Rules,
    filter: Filter,
}

fn task(desk: &Desk, arguments: &DriveSync) -> Result<Task, Ended> {
    let named = arguments.what.to_str().and_then(|name| desk.rules.sync.get(name));
    let most = arguments.most_deletions.unwrap_or(desk.rules.limits.deletions);
    let (folder, place, direction, delete) = match (&arguments.place, named) {
        (Some(place), _) => (arguments.what.clone(), place.clone(), Direction::Up, false),
        (None, Some(rule)) => (
            PathBuf::from(rule.path.as_str()),
            rule.drive.as_str().to_owned(),
            rule.direction.into(),
            rule.delete,
        ),
        (None, None) => {
            let known: Vec<&str> = desk.rules.sync.keys().map(String::as_str).collect();
            let hint = match &known[..] {
                [] => "Say which folder in Drive: automata drive sync FOLDER PLACE".to_owned(),
                known => {
                    format!("The configuration has: {}. Or say which folder in Drive.", known.join(", "))
                }
            };
            let told = format!("there is no `{}` under `drive.sync`", arguments.what.display());
            return Err(Ended::usage(told, hint));
        }
    };
    let direction = match (arguments.down, arguments.both) {
        (true, _) => Direction::Down,
        (false, true) => Direction::Both,
        (false, false) => direction,
    };
    let rules = Rules { direction, delete: delete || arguments.delete, most_deletions: most };
    let named = named.filter(|_| arguments.place.is_none());
    // What the configuration names comes with the working copy; what somebody types is theirs to name.
    if let Some(rule) = named {
        here::own(rule.path.as_str()).map_err(|failure| {
            Ended::usage(failure.to_string(), failure.hint.as_deref().unwrap_or_default())
        })?;
    }
    let filter = filter(arguments, named)?;
    Ok(Task { folder, place, rules, filter })
}

/// What the command line and the configuration leave of the folders.
fn filter(arguments: &DriveSync, rule: Option<&SyncRule>) -> Result<Filter, Ended> {
    let all = |said: &[String], of_rule: fn(&SyncRule) -> &[Words]| -> Vec<String> {
        let of_rule = rule.map(of_rule).unwrap_or_default().iter();
        of_rule.map(|glob| glob.as_str().to_owned()).chain(said.iter().cloned()).collect()
    };
    let only = all(&arguments.only, |rule| &rule.only);
    let except = all(&arguments.except, |rule| &rule.except);
    Filter::new(&only, &except)
        .map_err(|error| Ended::usage(error.to_string(), "Write it like *.md, docs/*.md or docs/**/*.md."))
}

pub(super) async fn sync(desk: &Desk, arguments: &DriveSync) -> Result<ExitCode, Ended> {
    let task = task(desk, arguments)?;
    if !task.folder.is_dir() {
        return Err(Ended::usage(
            format!("{} is no folder", task.folder.display()),
            "Name a folder that is there; make one to fetch into.",
        ));
    }
    let (direction, now) = (task.rules.direction, desk.clock.now());
    let top = top(desk, &task.place).await.map_err(|error| away(error, arguments.dry_run))?;
    let (synced, id) = (desk.synced().await?, top.id.clone());
    let agreement = Agreement {
        manifest: desk.manifest.as_ref(),
        beside: synced.as_deref(),
        working_copy: desk.working_copy,
        folder: &task.folder,
        top: &id,
        direction,
    };
    let manifest = desk.manifest.as_ref().map(|manifest| (manifest, now));
    let lately = agreement.lately(now).await?;
    let made = Made { manifest, lately, is_dry: arguments.dry_run, ..Made::default() };
    let sides = Sides::look(&*desk.drive, &task.folder, top, direction, &task.filter, &made).await;
    let sides = sides.map_err(|error| away(error.into(), arguments.dry_run))?;
    let agreed = agreement.read(&sides).await?;
    if agreed.is_none() {
        desk.note(
            "Nothing is remembered of these two folders: nothing is deleted, and of what differs both are kept.",
        );
    }
    let base = agreed.unwrap_or_default();
    let plan = plan(&sides.here, &sides.drive, &base, task.rules);
    if !plan.steps.is_empty() {
        match sides.top.asked(&*desk.drive).await {
            // From memory it is told what would be done, with its age.
            Err(failure) if arguments.dry_run && failure.class != FailureClass::Permanent => {}
            asked => drop(asked?),
        }
    }
    if arguments.dry_run {
        // Whoever asks what would go sees all of it, also where it is more than may.
        tell(desk, &plan, &CarriedOut::default(), true)?;
        plan.within(task.rules.most_deletions).map_err(|error| too_many(&error, true))?;
        return Ok(ExitCode::SUCCESS);
    }
    plan.within(task.rules.most_deletions).map_err(|error| too_many(&error, false))?;
    let came = carried_out(desk, &sides, &plan, &base, &agreement).await?;
    tell(desk, &plan, &came, false)?;
    Ok(match (came.failed.is_empty(), came.for_good) {
        (true, _) => ExitCode::SUCCESS,
        (false, true) => ExitCode::from(Kind::Work.exit_code()),
        (false, false) => ExitCode::from(Kind::Again.exit_code()),
    })
}

/// The folder in Drive. Where its id is known, what is in it mostly tells that it is there.
async fn top(desk: &Desk, place: &str) -> Result<Top, Ended> {
    let (drive, most) = (&*desk.drive, desk.rules.limits.files);
    if let Some(id) = Top::id_of(place, &desk.rules)
        && let Some(top) = Top::by_content(drive, &id, most).await?
    {
        return Ok(top);
    }
    let folder = desk.finder().folder(place).await?;
    Ok(Top::of(drive, folder, most).await?)
}

/// While nobody answers, a memory still tells what there would be to do.
fn away(mut error: Ended, is_dry: bool) -> Ended {
    if error.kind == Kind::Again && !is_dry {
        error.hints = vec![
            "Nothing was done. --dry-run tells what there would be to do as far as that is remembered. Run it again when \
             Drive answers."
                .to_owned(),
        ];
    }
    error
}

fn too_many(error: &TooManyDeletions, is_dry: bool) -> Ended {
    let shown = if is_dry { "" } else { "; --dry-run shows all that would be done" };
    Ended {
        kind: Kind::Work,
        message: error.to_string(),
        hints: vec![format!(
            "Nothing was done. If they are to go: --most-deletions COUNT. If not, look whether the right folders are \
             named{shown}."
        )],
    }
}

/// Carries the plan out, remembers what is the same now, and gives what came of it.
async fn carried_out(
    desk: &Desk,
    sides: &Sides<'_>,
    plan: &Plan,
    base: &Base,
    agreement: &Agreement<'_>,
) -> Result<CarriedOut, Ended> {
    desk.may_send(sending(plan)).await?;
    let making = making(plan);
    if making > 0 {
        let top = sides.top.asked(&*desk.drive).await?;
        Room::default().check(&*desk.drive, top, making).await.map_err(ended)?;
    }
    let drawing = Drawing::new(desk.manifest.as_ref(), sides, desk.clock.now());
    let (progress, draw) = (&Files::of(desk, plan), &Drawn { desk, drawing });
    let (sessions, part) = (&desk.uploads, desk.rules.limits.part_kib * 1024);
    let (direction, keeps_times) = (agreement.direction, desk.keeps_times());
    let tools = Tools { drive: &*desk.drive, progress, draw, sessions, part, direction, keeps_times };
    let came = carry_out(sides, plan, &tools).await?;
    agreement.keep(sides, plan, base, &came, desk.clock.now()).await?;
    Ok(came)
}

/// Tells how many files, and bytes of them, are through.
struct Files {
    bar: Bar,
    all: (u64, u64),
    through: Mutex<(u64, u64)>,
}

impl Files {
    fn of(desk: &Desk, plan: &Plan) -> Self {
        let sizes = plan.steps.iter().filter_map(|step| match step {
            Step::Copy { size, .. } => Some(*size),
            _ => None,
        });
        let all = sizes.fold((0, 0), |(files, bytes), size| (files + 1, bytes + size));
        let bar = progress::begun(desk.terminal, "keeping in step", Unit::Bytes, desk.json);
        Self { bar, all, through: Mutex::default() }
    }
}

impl Progress for Files {
    fn at(&self, _: u64, _: u64) -> bool {
        // Several are under way at a time.
        true
    }

    fn through(&self, bytes: u64) {
        let mut through = self.through.lock().unwrap_or_else(PoisonError::into_inner);
        *through = (through.0 + 1, through.1 + bytes);
        self.bar.about(&format!("{} of {}", through.0, counted(self.all.0, "file", "files")));
        self.bar.at(through.1, self.all.1);
    }
}

/// Ids for all that is made in Drive: with them no repetition makes a second one.
struct Drawn<'a> {
    desk: &'a Desk,
    drawing: Drawing<'a>,
}

#[async_trait(?Send)]
impl Draw for Drawn<'_> {
    async fn ids(&self, paths: &[&str]) -> Result<BTreeMap<String, FileId>, Failure> {
        let mut ids = BTreeMap::new();
        for group in paths.chunks(usize::from(MOST_IDS)) {
            let count = u16::try_from(group.len()).unwrap_or(MOST_IDS);
            let drawn = self.desk.drive.generate_ids(count).await?;
            ids.extend(group.iter().map(|path| (*path).to_owned()).zip(drawn));
        }
        self.drawing.keep(&ids);
        Ok(ids)
    }

    fn instead(&self, path: &str, id: &FileId) {
        self.drawing.keep(&[(path.to_owned(), id.clone())].into());
    }
}

fn tell(desk: &Desk, plan: &Plan, came: &CarriedOut, dry_run: bool) -> Result<(), Ended> {
    let undone = came.failed.len() + came.left.len();
    let done = if dry_run { 0 } else { plan.steps.len().saturating_sub(undone) };
    let left: Vec<&Left> = plan.left.iter().chain(&came.left).collect();
    if desk.json {
        let mut value: Value = serde_json::to_value(plan).map_err(Ended::bug)?;
        value["done"] = json!(done);
        value["left"] = json!(left);
        value["failed"] = json!(came.failed);
        return desk.terminal.json(&value).map_err(Ended::bug);
    }
    let would = |word: &str| if dry_run { format!("would {word}") } else { word.to_owned() };
    // What was to go and stays did not go.
    let stays = |step: &&Step| match step {
        Step::Remove { path, .. } => came.left.iter().any(|left| left.path == *path),
        _ => false,
    };
    for step in plan.steps.iter().filter(|step| !stays(step)) {
        desk.terminal.data(&match step {
            Step::MakeFolder { on, path } => {
                format!("{} {}/ {}", would("make"), one_line(path, WIDE), place(*on))
            }
            Step::Copy { to: Side::Drive, path, .. } => {
                format!("{} {}", would("upload"), one_line(path, WIDE))
            }
            Step::Copy { to: Side::Here, path, .. } => format!("{} {}", would("fetch"), one_line(path, WIDE)),
            Step::SetAside { path, to } => {
                format!("{} {} here {}", would("call"), one_line(path, WIDE), one_line(to, WIDE))
            }
            Step::Remove { from, path } => {
                format!("{} {} {}", would("remove"), one_line(path, WIDE), place(*from))
            }
        });
    }
    let (conflicts, failed) = (plan.conflicts.iter().collect(), came.failed.iter().collect());
    for (word, list) in [("conflict", conflicts), ("left alone", left), ("failed", failed)] {
        for left in list {
            desk.terminal.note(&format!(
                "{word}: {}: {}",
                one_line(&left.path, WIDE),
                one_line(&left.why, 2 * WIDE)
            ));
        }
    }
    let same = counted(plan.unchanged, "file is", "files are");
    let steps = counted(plan.steps.len(), "thing", "things");
    desk.terminal.note(&match (plan.steps.len(), dry_run) {
        (0, _) => format!("{same} the same; there is nothing to do."),
        (_, true) => format!("{same} the same; {steps} would be done."),
        (_, false) => format!("{same} the same; {done} of {steps} done."),
    });
    Ok(())
}

const fn place(side: Side) -> &'static str {
    match side {
        Side::Here => "here",
        Side::Drive => "in Drive",
    }
}

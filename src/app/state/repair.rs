//! `automata state repair`: what is wrong with the log, what would mend it, and doing just that.

use std::path::PathBuf;

use serde::Serialize;

use super::import::expect_there;
use super::{checked, compact, content};
use crate::app::failure::{Ended, Kind};
use crate::app::missed::{self, Depth};
use crate::app::reconcile::when;
use crate::app::run;
use crate::app::world::World;
use crate::cli::StateRepair;
use crate::domain::count::counted;
use crate::domain::event::Event;
use crate::domain::id::Sequence;
use crate::domain::state::State;
use crate::log::export::{self, Export};
use crate::log::{Error, EventLog as _};
use crate::report::terminal::Terminal;
use crate::services::state::{GitLog, Plan, Remedy, Source, Writing};
use crate::views;

/// Stands in a digest where the snapshot is to be written anew.
const SNAPSHOT: &str = "snapshot";

/// What is told.
#[derive(Default, Serialize)]
struct Told {
    wrong: Option<String>,
    hints: Vec<String>,
    remedy: &'static str,
    sequence: Option<Sequence>,
    last_known: Option<Sequence>,
    sources: Vec<String>,
    kept: Vec<String>,
    plan: Option<String>,
    repaired: bool,
}

/// Where else to look.
enum Place {
    Clone(Box<GitLog>),
    File(PathBuf, Vec<u8>),
}

pub(super) async fn repair(
    arguments: &StateRepair,
    world: &World,
    terminal: Terminal,
    json: bool,
) -> Result<(), Ended> {
    let places: Vec<Place> =
        arguments.from.iter().map(|path| place(path.clone(), world)).collect::<Result<_, _>>()?;
    let exports = exports(&places, world)?;
    let mut files = exports.iter();
    let sources: Vec<Source<'_>> = places
        .iter()
        .filter_map(|place| match place {
            Place::Clone(log) => Some(Source::Clone(log)),
            Place::File(..) => files.next().map(Source::File),
        })
        .collect();
    let log = world.git_log()?;
    let plan = log.plan_repair(&world.repository.to_string(), &sources).await?;
    let is_cache = plan.remedy == Remedy::Nothing && plan.wrong.is_none() && snapshot_is_wrong(&log).await?;
    if plan.remedy == Remedy::Nothing
        && let Some(lost) = log.lost_keys()
    {
        // No line of the log brings them back.
        return Err(lost.into());
    }
    let mut told = told(&plan, is_cache, &arguments.from, arguments);
    let is_wanted = match (&arguments.apply, &told.plan) {
        (Some(_), None) => return Err(changed("nothing is wrong any more")),
        (Some(wanted), Some(found)) if wanted != found => {
            return Err(changed(&format!("the plan is {found} now")));
        }
        (wanted, _) => wanted.is_some() || arguments.yes,
    };
    let needs_word = plan.remedy == Remedy::Begin && !arguments.begin_anew;
    if is_wanted && needs_word {
        return Err(Ended {
            kind: Kind::Work,
            message: "nothing of the log is left that can be put together".to_owned(),
            hints: vec![NOTHING_LEFT.to_owned()],
        });
    }
    if is_wanted && told.plan.is_some() {
        act(&log, &plan, is_cache, arguments, world, terminal).await?;
        told.repaired = true;
    }
    if json {
        return terminal.json(&told).map_err(Ended::bug);
    }
    tell(&told, &plan, arguments, terminal);
    Ok(())
}

/// What to do where nothing is left.
const NOTHING_LEFT: &str = "Name a clone or an export with --from, if there is any. Else --begin-anew begins a new log: every decision, undo and reason of the old one is lost, and \
    `--since 30d` takes in what changed on GitHub since then, on which the rules act anew.";

fn changed(what: &str) -> Ended {
    Ended {
        kind: Kind::Again,
        message: format!("the situation is not what was planned for: {what}"),
        hints: vec!["Nothing was changed. Look again with `automata state repair`.".to_owned()],
    }
}

fn place(path: PathBuf, world: &World) -> Result<Place, Ended> {
    if path.is_dir() {
        return world.log_in(&path).map(Box::new).map(Place::Clone);
    }
    let content = content(&path)?;
    Ok(Place::File(path, content))
}

/// The exports among the places; one that is damaged may still have what is needed.
fn exports<'a>(places: &'a [Place], world: &World) -> Result<Vec<Export<'a>>, Ended> {
    let mut exports = Vec::new();
    for place in places {
        let Place::File(path, content) = place else { continue };
        let name = path.display().to_string();
        let export = export::open(content, &name).map_err(|error| match error {
            Error::Damaged { reason, .. } => Ended::usage(format!("{name}: {reason}"), ""),
            error => error.into(),
        })?;
        if !export.heading.repository.eq_ignore_ascii_case(&world.repository.to_string()) {
            return Err(Ended::usage(
                format!("{name} is the log of {}", export.heading.repository),
                "A log is mended with its own lines alone.",
            ));
        }
        exports.push(export);
    }
    Ok(exports)
}

/// Whether the snapshot says something else than the history, as far as that can be told.
async fn snapshot_is_wrong(log: &GitLog) -> Result<bool, Ended> {
    let (mut state, mut is_sealed, mut illegal) = (State::default(), false, false);
    log.history(Sequence(1), &mut |envelope| {
        is_sealed |= matches!(envelope.recorded.event, Event::Sealed(_));
        illegal |= state.apply(&envelope.recorded).is_err();
    })
    .await?;
    let loaded = log.load().await?;
    let has_one = loaded.snapshot.is_some();
    let same = loaded.head.sequence == state.sequence;
    Ok(has_one
        && same
        && !is_sealed
        && !illegal
        && log.met().shut == 0
        && views::present(&loaded).is_ok_and(|present| present != state))
}

fn told(plan: &Plan, is_cache: bool, from: &[PathBuf], arguments: &StateRepair) -> Told {
    let ended = plan.wrong.clone().map(Ended::from);
    let mut told = Told {
        remedy: "nothing",
        hints: ended.as_ref().map(|ended| ended.hints.clone()).unwrap_or_default(),
        wrong: ended.map(|ended| ended.message),
        kept: plan.kept.clone(),
        ..Told::default()
    };
    match &plan.remedy {
        Remedy::Nothing if is_cache => {
            told.remedy = SNAPSHOT;
            told.wrong = Some("the snapshot is not what the history folds into".to_owned());
        }
        Remedy::Nothing => return told,
        Remedy::MoveBranch { sequence, .. } => (told.remedy, told.sequence) = ("branch", Some(*sequence)),
        Remedy::MoveWitness { sequence, .. } => (told.remedy, told.sequence) = ("witness", Some(*sequence)),
        Remedy::Write { sequence, last_known, from: numbers, .. } => {
            (told.remedy, told.sequence, told.last_known) = ("write", Some(*sequence), Some(*last_known));
            let name = |number: &usize| match number.checked_sub(1) {
                None => "this repository".to_owned(),
                Some(place) => from.get(place).map(|path| path.display().to_string()).unwrap_or_default(),
            };
            told.sources = numbers.iter().map(name).collect();
        }
        Remedy::Begin => told.remedy = "begin",
    }
    let since = arguments.since.as_deref().unwrap_or_default();
    let more = if is_cache { SNAPSHOT } else { since };
    told.plan = Some(plan.digest(more));
    told
}

async fn act(
    log: &GitLog,
    plan: &Plan,
    is_cache: bool,
    arguments: &StateRepair,
    world: &World,
    terminal: Terminal,
) -> Result<(), Ended> {
    let writing = Writing { now: world.clock.now(), run: &world.run };
    if is_cache {
        return anew(world).await;
    }
    let since = arguments.since.as_deref().map(|since| when(since, writing.now)).transpose()?;
    let done = match &plan.remedy {
        Remedy::Write { content, .. } => {
            let (export, snapshot) = checked(content, std::path::Path::new("the lines that were found"))?;
            let done = log.repair(plan, Some(&export), snapshot.as_ref(), writing).await;
            if done.is_ok() {
                expect_there(world, &export.heading).await?;
            }
            done
        }
        _ => log.repair(plan, None, None, writing).await,
    };
    match done {
        Err(Error::Conflict) => return Err(changed("a ref has moved")),
        done => done?,
    }
    let again = world.git_log()?.plan_repair(&world.repository.to_string(), &[]).await?;
    if again.remedy != Remedy::Nothing && plan.remedy != Remedy::Begin {
        return Err(Ended::bug("the log is not whole after it was mended"));
    }
    if let Some(since) = since.filter(|_| plan.remedy == Remedy::Begin) {
        let session = run::open(world).await?;
        let found = missed::look(&session, world, Depth::since(since)).await.map_err(Ended::from)?;
        session.flush().await?;
        let count = counted(found.told.len() as u64, "event", "events");
        terminal.note(&format!("{count} taken in from GitHub; `automata drain` works on what they lead to"));
    }
    Ok(())
}

/// Writes the snapshot anew from the whole history.
async fn anew(world: &World) -> Result<(), Ended> {
    let log = world.working_log()?;
    let loaded = log.load().await?;
    let mut state = State::default();
    let mut illegal = None;
    log.history(Sequence(1), &mut |envelope| {
        if envelope.recorded.stamp.sequence <= loaded.head.sequence && illegal.is_none() {
            illegal = state.apply(&envelope.recorded).err();
        }
    })
    .await?;
    if let Some(illegal) = illegal {
        return Err(crate::app::session::Error::from(views::Unfoldable::from(illegal)).into());
    }
    compact::written(&log, &loaded.head, &state, world).await.map_err(|error| match error {
        Error::Conflict => changed("another run has appended"),
        error => error.into(),
    })
}

fn tell(told: &Told, plan: &Plan, arguments: &StateRepair, terminal: Terminal) {
    let Some(digest) = &told.plan else {
        return terminal.data("nothing is wrong: every line, the chain and the snapshot agree");
    };
    let say = |line: &str| if arguments.plan { terminal.note(line) } else { terminal.data(line) };
    say(&format!("wrong:  {}", told.wrong.as_deref().unwrap_or_default()));
    let done = if told.repaired { "done:  " } else { "would: " };
    say(&format!("{done} {}", told.sentence()));
    if let (Some(there), Some(known)) = (told.sequence, told.last_known)
        && known > there
    {
        let lost = counted(known.0 - there.0, "event is", "events are");
        say(&format!(
            "lost:   {lost} nowhere to be found, after event {there}; `automata reconcile --since` finds what GitHub still shows"
        ));
    }
    for name in &told.kept {
        say(&format!("kept:   what stood there, on {name}"));
    }
    if plan.remedy == Remedy::Begin && !told.repaired {
        terminal.note(&format!("hint: {NOTHING_LEFT}"));
    }
    if arguments.plan {
        terminal.data(digest);
    } else if !told.repaired {
        say(&format!("plan:   {digest}"));
        terminal.note(&format!(
            "nothing was changed; `automata state repair --apply {digest}` does it, with the same --from"
        ));
    }
}

impl Told {
    fn sentence(&self) -> String {
        let end = self.sequence.map(|sequence| format!("event {sequence}")).unwrap_or_default();
        match self.remedy {
            "branch" => format!("put the branch back where its witness saw it, at {end}"),
            "witness" => format!("put the witness on the branch, whose log is whole up to {end}"),
            SNAPSHOT => "write the snapshot anew from the history".to_owned(),
            "write" => {
                format!("write the log anew up to {end}, from the lines in {}", self.sources.join(" and "))
            }
            _ => "begin a new log: nothing of this one can be put together".to_owned(),
        }
    }
}

//! `automata forget`: destroys the keys of what was written, records that, and looks whether it is so.

use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;

use super::environment::Environment;
use super::failure::Ended;
use super::inspect::issue_number;
use super::session::Session;
use super::tasks::actor;
use super::world::World;
use crate::cli::{Forget, Format, Global};
use crate::domain::branch::slug;
use crate::domain::command::Command;
use crate::domain::count::counted;
use crate::domain::event::{Event, TextForgotten};
use crate::domain::id::{IssueNumber, Sequence, TaskId};
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::log::{EventLog as _, wire};
use crate::report::terminal::Terminal;
use crate::services::seal::keyring::{Keyring, Met, Whose};
use crate::services::state::GitLog;

/// What it cannot do, for people to know.
const COPIES: &str = "Copies of the keys that were made before (a clone of their ref, GitHub's own for a while) are out of reach; \
    docs/encryption.md tells what to do where that matters.";
/// Why tasks are called off.
const NOTHING_LEFT: &str = "What it was to work with was forgotten.";

/// Whose texts are meant.
enum Meant {
    Issue(IssueNumber),
    /// A login in lower case.
    Person(String),
}

/// What is in the log of what is meant.
#[derive(Default)]
struct Found {
    subjects: BTreeSet<Subject>,
    /// Events that can be read and are to be forgotten.
    events: BTreeSet<u64>,
    /// Events that lost their keys when nobody could record it any more: that is recorded now.
    unrecorded: BTreeSet<u64>,
    /// Events from before anything was sealed.
    readable: u64,
    state: State,
}

/// What came of it.
#[derive(Serialize)]
struct Told {
    forgotten: bool,
    subjects: Vec<Subject>,
    events: u64,
    readable: u64,
    cancelled: Vec<TaskId>,
    /// What was learned from labels is gone with it.
    unlearned: bool,
    /// A branch whose name repeats the title, from before branches were named without it: it stays readable.
    branch: Option<String>,
    sequence: Option<Sequence>,
}

pub(super) async fn forget(
    arguments: &Forget,
    global: &Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let meant = match (&arguments.issue, &arguments.actor) {
        (Some(issue), _) => Meant::Issue(issue_number(issue, "automata forget --issue 42")?),
        (None, Some(login)) => Meant::Person(login.trim().trim_start_matches('@').to_ascii_lowercase()),
        (None, None) => return Err(Ended::usage("nothing is named", "Name --issue or --actor.")),
    };
    let world = World::open(global, environment)?.configured().await?;
    let log = Arc::new(world.traced_log()?);
    let found = look(&log, &meant).await?;
    let Some(keys) = log.keyring() else {
        return Err(Ended::usage(
            "nothing in the log is encrypted, so there is no key to destroy",
            "Set `state.encryption` in .github/automata.yml for what is recorded from then on; docs/encryption.md tells what becomes of the rest.",
        ));
    };
    let mut told = Told {
        forgotten: false,
        subjects: found.subjects.iter().copied().collect(),
        events: (found.events.len() + found.unrecorded.len()) as u64,
        readable: found.readable,
        cancelled: unfinished(&found),
        unlearned: false,
        branch: telling_branch(&meant, &found.state),
        sequence: None,
    };
    if told.events == 0 {
        told.cancelled.clear();
    }
    if !arguments.dry_run && told.events > 0 {
        if !found.events.is_empty() {
            log.change_keys(without(keys, &meant, &found));
        }
        let (clock, entropy) = (Arc::clone(&world.clock), Arc::clone(&world.entropy));
        let session = Session::open(Arc::clone(&log) as _, clock, entropy, world.run.clone())
            .await?
            .on_behalf_of(actor(environment))
            .with_uses(world.uses.clone());
        told.cancelled = unfinished(&Found { state: session.state().clone(), ..copy(&found) });
        for task in &told.cancelled {
            let command = Command::Cancel { task: task.clone(), reason: NOTHING_LEFT.to_owned() };
            session.submit(command).map_err(Ended::bug)?;
        }
        let subjects = match meant {
            Meant::Issue(_) => told.subjects.clone(),
            Meant::Person(_) => Vec::new(),
        };
        let record = TextForgotten { subjects, events: told.events, readable: told.readable };
        session.submit(Command::RecordForgotten(record)).map_err(Ended::bug)?;
        session.flush().await?;
        told.sequence = Some(session.state().sequence);
        told.forgotten = true;
        let is_in_use = session.state().learned.is_some();
        told.unlearned = unlearn(&world, is_in_use).await?;
        // By another reader, which has nothing but what is there now.
        let left = look(&Arc::new(world.traced_log()?), &meant).await?.events;
        // Whatever was written about it since is new.
        if let Some(first) = left.iter().find(|event| found.events.contains(event)) {
            return Err(Ended::bug(format!("event {first} can still be read")));
        }
    }
    tell(&told, &meant, arguments.dry_run, global, terminal)?;
    Ok(ExitCode::SUCCESS)
}

/// Throws away what was learned from labels: it knows issues by their words. Gives whether anything that was in use is gone.
async fn unlearn(world: &World, is_in_use: bool) -> Result<bool, Ended> {
    let Some(models) = &world.services.models else { return Ok(false) };
    models.tidy(&[]).await?;
    Ok(is_in_use)
}

/// The branch of the issue's pull request, where its name repeats the title.
fn telling_branch(meant: &Meant, state: &State) -> Option<String> {
    let Meant::Issue(number) = meant else { return None };
    let issue = state.issues.get(number)?;
    let (branch, words) = (&issue.pull_request.as_ref()?.branch, slug(&issue.title));
    (words != slug("") && branch.contains(&words)).then(|| branch.clone())
}

fn copy(found: &Found) -> Found {
    Found { subjects: found.subjects.clone(), ..Found::default() }
}

/// Reads the whole log for what is meant.
async fn look(log: &Arc<GitLog>, meant: &Meant) -> Result<Found, Ended> {
    let (mut found, mut recorded) = (Found::default(), BTreeMap::new());
    let mut written: Vec<(u64, Subject, BTreeSet<String>)> = Vec::new();
    log.history(Sequence(1), &mut |envelope| {
        let stamp = &envelope.recorded.stamp;
        if let Event::TextForgotten(forgotten) = &envelope.recorded.event {
            let subjects = forgotten.subjects.iter().map(|subject| Some(*subject));
            let all = if forgotten.subjects.is_empty() { vec![None] } else { subjects.collect() };
            recorded.extend(all.into_iter().map(|subject| (subject, stamp.sequence.0)));
        }
        let writers = wire::writers(&envelope);
        if !writers.is_empty() {
            written.push((stamp.sequence.0, stamp.subject, writers));
        }
        // What is wrong with the log is for others to tell.
        let _ = found.state.apply(&envelope.recorded);
    })
    .await?;
    let met = log.met();
    found.subjects = subjects(meant, &found.state, &met);
    let is_meant = |whose: &Whose| {
        let is_about = found.subjects.iter().any(|subject| subject.to_string() == whose.subject);
        match meant {
            Meant::Issue(_) => is_about,
            Meant::Person(login) => is_about && (whose.by == *login || whose.by.is_empty()),
        }
    };
    let events = |of: &BTreeMap<Whose, BTreeSet<u64>>| -> BTreeSet<u64> {
        of.iter()
            .filter(|(whose, _)| is_meant(whose))
            .flat_map(|(_, events)| events.iter().copied())
            .collect()
    };
    found.events = events(&met.opened);
    let told = match meant {
        Meant::Issue(number) => recorded.get(&Some(Subject::Issue(*number))),
        Meant::Person(_) => recorded.get(&None),
    };
    found.unrecorded =
        events(&met.gone).into_iter().filter(|event| *event > told.copied().unwrap_or(0)).collect();
    let sealed: BTreeSet<u64> = met.opened.values().chain(met.gone.values()).flatten().copied().collect();
    let is_readable = |(event, subject, writers): &&(u64, Subject, BTreeSet<String>)| {
        let is_meant = match meant {
            Meant::Issue(_) => found.subjects.contains(subject),
            Meant::Person(login) => writers.contains(login),
        };
        is_meant && !sealed.contains(event)
    };
    found.readable = written.iter().filter(is_readable).count() as u64;
    Ok(found)
}

/// What the texts are about that are meant.
fn subjects(meant: &Meant, state: &State, met: &Met) -> BTreeSet<Subject> {
    match meant {
        Meant::Issue(number) => {
            let ours = state.issues.get(number).and_then(|issue| issue.pull_request.as_ref());
            let ours = ours.filter(|pull| pull.by.is_none()).map(|pull| pull.number);
            let numbers = [Some(*number), ours].into_iter().flatten();
            numbers.flat_map(|number| [Subject::Issue(number), Subject::Pull(number)]).collect()
        }
        Meant::Person(login) => {
            let theirs = met.opened.keys().chain(met.gone.keys()).filter(|whose| whose.by == *login);
            theirs.filter_map(|whose| whose.subject.parse().ok()).collect()
        }
    }
}

/// The keys without those of what is meant, nor those of snapshots, in which it stands as well.
fn without(mut keys: Keyring, meant: &Meant, found: &Found) -> Keyring {
    for subject in found.subjects.iter().map(ToString::to_string) {
        match meant {
            Meant::Issue(_) => keys.forget_subject(&subject),
            Meant::Person(login) => {
                for by in [login.clone(), String::new()] {
                    keys.forget(&Whose { subject: subject.clone(), by });
                }
            }
        }
    }
    keys.forget_snapshots();
    keys
}

/// Tasks whose input is about to be gone, or is.
fn unfinished(found: &Found) -> Vec<TaskId> {
    let tasks = found.state.tasks.values();
    let concerned =
        tasks.filter(|task| found.subjects.contains(&task.spec.subject) && !task.status.is_final());
    concerned.map(|task| task.id.clone()).collect()
}

fn tell(told: &Told, meant: &Meant, is_dry: bool, global: &Global, terminal: Terminal) -> Result<(), Ended> {
    if global.format == Format::Json {
        return terminal.json(told).map_err(Ended::bug);
    }
    let what = match meant {
        Meant::Issue(number) => format!("about #{}", number.0),
        Meant::Person(login) => format!("by {login}"),
    };
    let events = counted(told.events, "event", "events");
    match (told.forgotten, is_dry) {
        (true, _) => {
            terminal.data(&format!("forgotten: what was written {what}, in {events}"));
            terminal.note(COPIES);
            if told.unlearned {
                terminal.note("What was learned from labels is gone with it, and the rules judge alone: `automata learn` learns anew.");
            }
        }
        (false, true) if told.events > 0 => {
            terminal.data(&format!("would be forgotten: what was written {what}, in {events}"));
        }
        (false, _) => terminal.data(&format!("nothing written {what} is left to forget")),
    }
    if !told.cancelled.is_empty() {
        let tasks = counted(told.cancelled.len() as u64, "task", "tasks");
        let verb = if is_dry { "would be cancelled" } else { "cancelled" };
        terminal.data(&format!("{tasks} {verb}: {}", NOTHING_LEFT.to_lowercase().trim_end_matches('.')));
    }
    if let Some(branch) = &told.branch {
        terminal.note(&format!(
            "the branch {branch} repeats the title, and the log names it for everybody to read"
        ));
    }
    if told.readable > 0 {
        let events = counted(told.readable, "event was", "events were");
        terminal.note(&format!(
            "{events} recorded {what} before anything was encrypted, and can be read for as long as the branch is there"
        ));
    }
    Ok(())
}

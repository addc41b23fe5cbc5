//! `automata tasks add --cron`, `tasks schedules` and `tasks unschedule`: what comes again and again, by hand.

use std::process::ExitCode;

use serde_json::json;

use super::Desk;
use super::draft::{of_options, wrong_option};
use crate::app::failure::Ended;
use crate::app::reading::present;
use crate::cli;
use crate::config;
use crate::domain::command::{Command, Rejection};
use crate::domain::id::ScheduleName;
use crate::domain::schedule::{
    CatchUp, MOST_JITTER, NAME_CHARS, Recurring, Schedule, SetBy, is_name, own_key,
};
use crate::domain::time::{Timestamp, span};
use crate::domain::untrusted::one_line;
use crate::queue::recurring::{self, Unusable};
use crate::report::terminal::Tone;

/// Width of a reason, which stands in the history of the state branch.
const REASON: usize = 200;
/// Width of a quoted word.
const QUOTE: usize = 60;

/// What is to come again and again.
pub(super) struct Planned {
    name: ScheduleName,
    schedule: Schedule,
}

/// What `--cron` asks for, checked as far as that goes without the log; none when the task is to come once.
///
/// # Errors
/// The first option that is wrong.
pub(super) fn planned(arguments: &cli::Add, now: Timestamp) -> Result<Option<Planned>, Ended> {
    let one = &arguments.one;
    let Some(cron) = &one.cron else { return Ok(None) };
    let name = name(one.name.as_deref().unwrap_or_default())?;
    let (cron, zone) = (cron.trim().to_owned(), one.zone.as_deref().unwrap_or("UTC").trim().to_owned());
    let (jitter, catch_up) = (jitter(one.jitter.as_deref())?, catch_up(one.catch_up.as_deref())?);
    let wanted = of_options(arguments.kind.as_deref().unwrap_or_default(), one)?;
    let mut task = wanted.spec(now).map_err(|problem| wrong_option(&problem))?;
    if one.reason.is_none() {
        task.reason = format!("schedule `{name}` ({cron} {zone})");
    }
    task.unique = task.unique.or_else(|| own_key(name.as_str(), catch_up));
    let schedule = Schedule { cron, zone, jitter, catch_up, set_by: SetBy::Hand, task };
    // The time itself is drawn when it is set.
    recurring::first(&schedule, now, 0.0).map_err(|unusable| wrong(&unusable))?;
    Ok(Some(Planned { name, schedule }))
}

fn wrong(unusable: &Unusable) -> Ended {
    Ended::usage(format!("--{}: {unusable}", unusable.key()), config::schedule_hint(unusable))
}

fn name(text: &str) -> Result<ScheduleName, Ended> {
    if is_name(text) {
        return Ok(ScheduleName::new(text));
    }
    Err(Ended::usage(
        format!("--name: `{}` is no name for a schedule", one_line(text, QUOTE)),
        format!("Use up to {NAME_CHARS} letters, digits, `-`, `_` and `.`."),
    ))
}

/// Seconds.
fn jitter(text: Option<&str>) -> Result<u32, Ended> {
    let Some(text) = text else { return Ok(0) };
    let seconds = span(text).and_then(|span| u32::try_from(span.as_secs()).ok());
    match seconds {
        Some(seconds) if seconds <= MOST_JITTER => Ok(seconds),
        Some(_) => Err(Ended::usage(
            format!("--jitter: `{}` is more than a day", one_line(text, QUOTE)),
            "Say 24h or less.",
        )),
        None => Err(Ended::usage(
            format!("--jitter: `{}` is not a span of time", one_line(text, QUOTE)),
            "For example: 90s, 15m, 2h",
        )),
    }
}

fn catch_up(text: Option<&str>) -> Result<CatchUp, Ended> {
    match text {
        None => Ok(CatchUp::default()),
        Some("all") => Ok(CatchUp::All),
        Some("last") => Ok(CatchUp::Last),
        Some("none") => Ok(CatchUp::None),
        Some(other) => Err(Ended::usage(
            format!("--catch-up: `{}` is none of all, last or none", one_line(other, QUOTE)),
            "Say all, last or none.",
        )),
    }
}

/// Has it come from now on.
pub(super) async fn set(desk: &Desk, planned: Planned) -> Result<ExitCode, Ended> {
    let Planned { name, schedule } = planned;
    if config::schedules(&desk.world.config).contains_key(&name) {
        return Err(Ended::usage(
            format!("--name: the configuration has a schedule `{name}`"),
            format!("Change it in `schedules` of {}, or take another name.", config::PATH),
        ));
    }
    let taken = |rejection: &Rejection| match rejection {
        Rejection::NameTaken(name) => Ended::usage(
            format!("--name: there is another schedule `{name}`"),
            format!(
                "`automata tasks unschedule {name}` takes it away; `automata tasks schedules` lists them."
            ),
        ),
        other => Ended::bug(other),
    };
    let session = desk.session().await?;
    let next =
        recurring::first(&schedule, session.now(), session.draw()).map_err(|unusable| wrong(&unusable))?;
    let command = Command::SetSchedule { name: name.clone(), schedule: Box::new(schedule), next };
    let command = session.submit(command).map_err(|rejection| taken(&rejection))?;
    session.flush().await?;
    // Another run may have been faster.
    if let Some(rejection) = session.refusal(&command) {
        return Err(taken(&rejection));
    }
    let next = session.state().schedules.get(&name).map(|known| known.next);
    let next = next.ok_or_else(|| Ended::bug(format!("schedule {name} became nothing")))?;
    let existing = !session.is_recorded(&command);
    if desk.json {
        let set = json!({ "schedule": name, "next": next, "existing": existing });
        desk.terminal.json(&set).map_err(Ended::bug)?;
        return Ok(ExitCode::SUCCESS);
    }
    let already = if existing { " was set already," } else { ":" };
    desk.terminal.note(&format!("schedule `{name}`{already} next at {next}"));
    desk.terminal.data(name.as_str());
    Ok(ExitCode::SUCCESS)
}

/// Lists all of them, those of the configuration too.
pub(super) async fn list(desk: &Desk) -> Result<ExitCode, Ended> {
    let (world, terminal) = (&desk.world, desk.terminal);
    let present = present(world).await?;
    let schedules = &present.state.schedules;
    if desk.json {
        let schedules: Vec<_> = schedules.iter().map(|(name, known)| object(name, known)).collect();
        let listed = json!({ "sequence": present.state.sequence, "schedules": schedules });
        terminal.json(&listed).map_err(Ended::bug)?;
    } else if schedules.is_empty() {
        terminal.note("Nothing comes again and again.");
    } else {
        let heading = ["NAME", "CRON", "ZONE", "KIND", "SUBJECT", "SET BY", "LAST", "NEXT"];
        let rows = schedules.iter().map(|(name, known)| row(name, known));
        let rows: Vec<Vec<String>> = [heading.map(str::to_owned).to_vec()].into_iter().chain(rows).collect();
        for (place, line) in terminal.table(&rows).iter().enumerate() {
            terminal.data(&if place == 0 { terminal.paint(Tone::Strong, line) } else { line.clone() });
        }
    }
    present.told()?;
    Ok(ExitCode::SUCCESS)
}

fn row(name: &ScheduleName, known: &Recurring) -> Vec<String> {
    let Recurring { schedule, next, last } = known;
    let set_by = match schedule.set_by {
        SetBy::Configuration => "configuration",
        SetBy::Hand => "hand",
    };
    vec![
        name.to_string(),
        one_line(&schedule.cron, QUOTE),
        one_line(&schedule.zone, QUOTE),
        schedule.task.kind.to_string(),
        schedule.task.subject.to_string(),
        set_by.to_owned(),
        last.map_or_else(|| "never".to_owned(), |at| at.to_string()),
        next.to_string(),
    ]
}

fn object(name: &ScheduleName, known: &Recurring) -> serde_json::Value {
    let Recurring { schedule, next, last } = known;
    json!({
        "name": name,
        "cron": schedule.cron,
        "zone": schedule.zone,
        "jitter": schedule.jitter,
        "catch_up": schedule.catch_up,
        "set_by": schedule.set_by,
        "kind": schedule.task.kind,
        "subject": schedule.task.subject,
        "input": schedule.task.input,
        "next": next,
        "last": last,
    })
}

/// Has these come no more, all of them or none.
pub(super) async fn remove(desk: &Desk, arguments: &cli::Unschedule) -> Result<ExitCode, Ended> {
    let session = desk.session().await?;
    let reason = one_line(arguments.reason.as_deref().unwrap_or("removed by hand"), REASON);
    let mut removed: Vec<ScheduleName> = Vec::new();
    for text in &arguments.names {
        let name = ScheduleName::new(text.as_str());
        let set_by = session.state().schedules.get(&name).map(|known| known.schedule.set_by);
        match set_by {
            None => {
                return Err(Ended::usage(
                    format!("NAME: there is no schedule `{}`", one_line(text, QUOTE)),
                    "`automata tasks schedules` lists them.",
                ));
            }
            Some(SetBy::Configuration) => {
                return Err(Ended::usage(
                    format!("NAME: the configuration has the schedule `{name}`, and it would come back"),
                    format!("Take it out of `schedules` in {}: the next run removes it.", config::PATH),
                ));
            }
            Some(SetBy::Hand) if removed.contains(&name) => {}
            Some(SetBy::Hand) => removed.push(name),
        }
    }
    for name in &removed {
        let remove = Command::RemoveSchedule { name: name.clone(), reason: reason.clone() };
        session.submit(remove).map_err(Ended::bug)?;
    }
    // One that another run removes meanwhile is gone all the same.
    session.flush().await?;
    if desk.json {
        desk.terminal.json(&json!({ "removed": removed })).map_err(Ended::bug)?;
        return Ok(ExitCode::SUCCESS);
    }
    for name in &removed {
        desk.terminal.data(name.as_str());
    }
    Ok(ExitCode::SUCCESS)
}

//! `automata reconcile`: looks for what no event told, as far back as one likes.

use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;

use super::environment::Environment;
use super::failure::Ended;
use super::missed::{self, Depth};
use super::progress;
use super::run;
use super::world::World;
use crate::cli::{self, Format, Global};
use crate::domain::count::counted;
use crate::domain::time::{Timestamp, span};
use crate::report::terminal::Terminal;

/// `automata reconcile`.
///
/// # Errors
/// When the command line or the configuration is wrong, GitHub does not answer, or the log cannot be written.
pub(super) async fn reconcile(
    arguments: &cli::Reconcile,
    global: &Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let mut world = World::open(global, environment)?.prepared().await?;
    let depth = match &arguments.since {
        Some(text) => Depth::since(when(text, world.clock.now())?),
        None => Depth::NOW,
    };
    if let Some(problem) = world.problems.first() {
        let hint = "`automata check` tells all that is wrong with it.";
        return Err(Ended::usage(format!("the configuration is not sound: {problem}"), hint));
    }
    let bar = Arc::new(progress::bar(terminal, "looking through what changed"));
    world.bar = Some(Arc::clone(&bar));
    let session = run::open(&world).await?;
    let found = missed::look(&session, &world, depth).await.map_err(Ended::from)?;
    if !arguments.dry_run {
        session.flush().await?;
    }
    bar.end();
    if global.format == Format::Json {
        let told = json!({ "found": found.told, "until": found.until, "recorded": !arguments.dry_run });
        terminal.json(&told).map_err(Ended::bug)?;
        return Ok(ExitCode::SUCCESS);
    }
    for told in &found.told {
        terminal.data(told);
    }
    terminal.note(&summary(found.told.len(), found.until, arguments.dry_run));
    Ok(ExitCode::SUCCESS)
}

fn summary(count: usize, until: Option<Timestamp>, dry_run: bool) -> String {
    let Some(until) = until else { return "The log is empty: there is no place to look from.".to_owned() };
    let found = counted(count, "event that nobody had told", "events that nobody had told");
    match (count, dry_run) {
        (0, _) => format!("Everything that happened before {until} is in the log."),
        (_, true) => format!("{found}. Nothing was recorded."),
        (_, false) => format!("{found}. `automata drain` works on what they lead to."),
    }
}

/// A time, or how long before `now`; none when the text is neither.
pub(super) fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    text.parse().ok().or_else(|| Some(now.minus(span(text)?)))
}

/// As [`moment`], of a time that has passed.
///
/// # Errors
/// When the text names none.
pub(super) fn when(text: &str, now: Timestamp) -> Result<Timestamp, Ended> {
    let time = moment(text, now);
    let wrong = || {
        Ended::usage(
            format!("--since: `{text}` is neither a time nor a span"),
            "Write it like 2026-11-22T10:00:00Z, or like 12h or 30d for how long ago.",
        )
    };
    match time {
        Some(time) if time > now => {
            Err(Ended::usage(format!("--since: {time} is in the future"), "Name a time that has passed."))
        }
        Some(time) => Ok(time),
        None => Err(wrong()),
    }
}

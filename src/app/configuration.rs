//! `automata check`: validates the configuration and explains what it does.

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::Environment;
use super::failure::{Ended, Kind};
use super::found::Found;
use super::world::World;
use crate::cli;
use crate::config::{self, Problem};
use crate::report::explanation;
use crate::report::terminal::{Terminal, Tone};
use crate::report::workflow;
use crate::services::clock::{Clock as _, SystemClock};

/// Where the words "on the default branch" follow a path, they begin with a space.
const ON_DEFAULT_BRANCH: &str = " on the default branch";

pub(super) async fn check(
    arguments: &cli::Check,
    global: &cli::Global,
    environment: &Environment,
    terminal: Terminal,
    json: bool,
) -> Result<ExitCode, Ended> {
    if arguments.schema {
        let schema = config::schema();
        if json {
            let schema: serde_json::Value = serde_json::from_str(&schema).map_err(Ended::bug)?;
            terminal.json(&schema).map_err(Ended::bug)?;
        } else {
            terminal.data(schema.trim_end());
        }
        return Ok(ExitCode::SUCCESS);
    }
    let path = arguments.file.as_deref().unwrap_or_else(|| Path::new(config::PATH));
    let on_branch = global.forge == cli::Forge::Local && arguments.file.is_none();
    let world = on_branch.then(|| World::open(global, environment)).transpose()?;
    let Found { text, branch, unread } = match (&arguments.file, &world) {
        (Some(file), _) => Found::named(file)?,
        (None, Some(world)) => world.found_config().await?,
        (None, None) => Found::in_folder(Path::new(""))?,
    };
    if let Some(problem) = unread {
        tell(&[problem], path, on_branch, terminal, json)?;
        return Ok(ExitCode::from(Kind::Usage.exit_code()));
    }
    let place = if on_branch { ON_DEFAULT_BRANCH } else { "" };
    match config::parse_in(text.as_deref().unwrap_or_default(), branch.as_deref()) {
        Ok(config) => {
            if let Some(world) = &world {
                world.log_on(&config.state)?.expect_room().await?;
            }
            let explained = config::explain(&config, SystemClock.now());
            if json {
                terminal.json(&explained).map_err(Ended::bug)?;
                return Ok(ExitCode::SUCCESS);
            }
            let verdict = match text {
                Some(_) => format!("{}{place} is in order. What it means:", path.display()),
                None => format!("There is no {}{place}, so the defaults hold:", path.display()),
            };
            terminal.data(&terminal.paint(Tone::Good, &verdict));
            terminal.data("");
            for line in explanation::lines(&explained) {
                terminal.data(&line);
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(problems) => {
            tell(&problems, path, on_branch, terminal, json)?;
            Ok(ExitCode::from(Kind::Usage.exit_code()))
        }
    }
}

fn tell(
    problems: &[Problem],
    path: &Path,
    on_branch: bool,
    terminal: Terminal,
    json: bool,
) -> Result<(), Ended> {
    let path = path.display().to_string();
    for problem in problems {
        terminal.note(&format!("{}: {}", terminal.paint_note(Tone::Bad, "error"), located(&path, problem)));
        terminal.command(&workflow::annotation_at(&path, problem.line, problem.column, &problem.to_string()));
    }
    if on_branch {
        terminal.note(&format!(
            "hint: This is the file{ON_DEFAULT_BRANCH}; `automata check FILE` checks one that is not committed yet."
        ));
    }
    terminal.note("hint: `automata check --schema` prints what may stand in it, for editors and for people.");
    if json { terminal.json(&json!({ "problems": problems })).map_err(Ended::bug) } else { Ok(()) }
}

/// The problem behind its file and place, as editors know to open them: `file:line:column: …`.
pub(super) fn located(path: &str, problem: &Problem) -> String {
    let between = if problem.line.is_some() { ":" } else { ": " };
    format!("{path}{between}{problem}")
}

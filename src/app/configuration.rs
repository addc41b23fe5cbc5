//! `automata check`: validates the configuration and explains what it does.

use std::io::ErrorKind;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::failure::{Ended, Kind};
use crate::cli;
use crate::config::{self, Problem};
use crate::report::explanation;
use crate::report::terminal::{Terminal, Tone};
use crate::report::workflow;
use crate::services::clock::{Clock as _, SystemClock};

pub(super) fn check(arguments: &cli::Check, terminal: Terminal, json: bool) -> Result<ExitCode, Ended> {
    if arguments.schema {
        terminal.data(config::schema().trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let path = arguments.file.as_deref().unwrap_or_else(|| Path::new(config::PATH));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => Some(text),
        // Having no configuration is fine: the defaults hold.
        Err(error) if error.kind() == ErrorKind::NotFound && arguments.file.is_none() => None,
        Err(error) => {
            return Err(Ended::usage(
                format!("{} cannot be read: {error}", path.display()),
                "Name the file, for example: automata check .github/automata.yml",
            ));
        }
    };
    match config::parse(text.as_deref().unwrap_or_default()) {
        Ok(config) => {
            let explained = config::explain(&config, SystemClock.now());
            if json {
                terminal.json(&explained).map_err(Ended::bug)?;
                return Ok(ExitCode::SUCCESS);
            }
            let verdict = match text {
                Some(_) => format!("{} is in order. What it means:", path.display()),
                None => format!("There is no {}, so the defaults hold:", path.display()),
            };
            terminal.data(&terminal.paint(Tone::Good, &verdict));
            terminal.data("");
            for line in explanation::lines(&explained) {
                terminal.data(&line);
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(problems) => {
            tell(&problems, path, terminal, json)?;
            Ok(ExitCode::from(Kind::Usage.exit_code()))
        }
    }
}

fn tell(problems: &[Problem], path: &Path, terminal: Terminal, json: bool) -> Result<(), Ended> {
    let path = path.display().to_string();
    for problem in problems {
        terminal.note(&format!("{}: {}", terminal.paint_note(Tone::Bad, "error"), located(&path, problem)));
        terminal.command(&workflow::annotation_at(&path, problem.line, problem.column, &problem.to_string()));
    }
    terminal.note("hint: `automata check --schema` prints what may stand in it, for editors and for people.");
    if json { terminal.json(&json!({ "problems": problems })).map_err(Ended::bug) } else { Ok(()) }
}

/// The problem behind its file and place, as editors know to open them: `file:line:column: …`.
pub(super) fn located(path: &str, problem: &Problem) -> String {
    let between = if problem.line.is_some() { ":" } else { ": " };
    format!("{path}{between}{problem}")
}

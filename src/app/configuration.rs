//! `automata check`: validates the configuration and explains what it does.

use std::path::Path;
use std::process::ExitCode;

use super::failure::{Ended, Kind};
use crate::cli;
use crate::config;
use crate::report::explanation;
use crate::report::terminal::{Terminal, Tone};

pub(super) fn check(arguments: &cli::Check, terminal: Terminal, json: bool) -> Result<ExitCode, Ended> {
    if arguments.schema {
        terminal.data(config::schema().trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let path = arguments.file.as_deref().unwrap_or_else(|| Path::new(config::PATH));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        // Having no configuration is fine: the defaults hold.
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && arguments.file.is_none() => {
            String::new()
        }
        Err(error) => {
            return Err(Ended::usage(
                format!("{} cannot be read: {error}", path.display()),
                "Name another file.",
            ));
        }
    };
    match config::parse(&text) {
        Ok(config) => {
            let explained = config::explain(&config);
            if json {
                terminal.data(&serde_json::to_string(&explained).unwrap_or_default());
            } else {
                for line in explanation::lines(&explained) {
                    terminal.data(&line);
                }
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(problems) => {
            if json {
                terminal.data(&serde_json::json!({ "problems": problems }).to_string());
            } else {
                for problem in &problems {
                    terminal.note(&format!(
                        "{}: {}: {problem}",
                        terminal.paint(Tone::Bad, "error"),
                        path.display()
                    ));
                }
            }
            Ok(ExitCode::from(Kind::Usage.exit_code()))
        }
    }
}

//! `automata triage`: measures the analysis.

mod eval;
mod file;

use std::process::ExitCode;

use super::failure::Ended;
use crate::cli::{Triage, TriageCommand};
use crate::report::terminal::Terminal;

/// Does what the command line asks.
///
/// # Errors
/// When a file cannot be used, or the output not written.
pub(super) fn triage(arguments: &Triage, terminal: Terminal, json: bool) -> Result<ExitCode, Ended> {
    match &arguments.command {
        TriageCommand::Eval(arguments) => eval::eval(arguments, terminal, json),
    }
}

//! The program: parses arguments, calls the shell, returns its exit code.

use std::process::ExitCode;

use automata::cli::Cli;
use clap::Parser as _;

fn main() -> ExitCode {
    automata::app::main(&Cli::parse())
}

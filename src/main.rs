//! The program: parses arguments, calls the shell, returns its exit code.

use std::process::ExitCode;

use automata::cli::{Cli, Misread};
use clap::Parser as _;

/// musl's own allocator makes JSON-heavy work two to four times slower.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => automata::app::main(&cli),
        Err(told) => {
            let misread = Misread::of(&told, std::env::args_os());
            automata::app::answered(told.print(), told.exit_code(), misread.as_ref())
        }
    }
}

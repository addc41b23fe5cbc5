//! The shell: sequences only, no rules.

mod configuration;
mod demo;
mod drain;
mod environment;
mod failure;
mod inspect;
mod run;
mod session;
mod verify;
mod world;

use std::process::ExitCode;

use crate::cli::{Cli, Command, Format};
use crate::report::terminal::{Terminal, Tone};

pub use drain::drain;
pub use environment::Environment;
pub use failure::{Ended, Kind};
pub use run::{Given, Outcome, Report, take_in};
pub use session::{Error as SessionError, Session, read};
pub use world::World;

/// Does what the command line asks, and gives the exit code: 0 done or nothing to do, 1 work failed for
/// good, 2 usage or configuration, 3 gave up for now (safe to run again), 70 a bug.
#[must_use]
pub fn main(cli: &Cli) -> ExitCode {
    let environment = Environment::read();
    let terminal = Terminal::new(environment.no_color || environment.inside_actions);
    tell(cli.global.verbose, &environment);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal.note(&format!("bug: the asynchronous runtime does not start: {error}"));
            return ExitCode::from(Kind::Bug.exit_code());
        }
    };
    // Tasks of one run share this thread; what blocks (git's object database) is short.
    match runtime.block_on(dispatch(cli, &environment, terminal)) {
        Ok(code) => code,
        Err(ended) => {
            explain(&ended, &environment, terminal, cli.global.format);
            ExitCode::from(ended.kind.exit_code())
        }
    }
}

async fn dispatch(cli: &Cli, environment: &Environment, terminal: Terminal) -> Result<ExitCode, Ended> {
    let json = cli.global.format == Format::Json;
    match &cli.command {
        Command::Demo(arguments) => demo::show(arguments, terminal, json).await,
        Command::Check(arguments) => configuration::check(arguments, terminal, json),
        Command::Run(arguments) => run::run(arguments, &cli.global, environment, terminal).await,
        Command::Drain => run::drain_only(&cli.global, environment, terminal).await,
        Command::Status | Command::Log(_) | Command::Show(_) | Command::Why(_) | Command::Verify => {
            let world = World::open(&cli.global, environment)?.configured().await?;
            inspect::inspect(&cli.command, &world, terminal, json).await
        }
    }
}

/// Sets up what is told on stderr: warnings, with `-v` more, with `AUTOMATA_LOG` whatever it says.
fn tell(verbose: u8, environment: &Environment) {
    use tracing_subscriber::EnvFilter;
    let default = match verbose {
        0 => "warn",
        1 => "automata=info,warn",
        _ => "automata=debug,info",
    };
    let filter = environment.log_filter.as_deref().unwrap_or(default);
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new(default));
    // A second subscriber is no harm: tests set up their own.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(false)
        .without_time()
        .try_init();
}

/// Tells a person what went wrong and what to do.
fn explain(ended: &Ended, environment: &Environment, terminal: Terminal, format: Format) {
    let heading = terminal.paint(Tone::Bad, ended.kind.heading());
    terminal.note(&format!("{heading}: {}", ended.message));
    for hint in &ended.hints {
        terminal.note(&format!("hint: {hint}"));
    }
    if environment.inside_actions {
        use crate::report::workflow::{Level, annotation};
        let text = [&[ended.message.clone()], ended.hints.as_slice()].concat().join("\n");
        terminal.data(&annotation(Level::Error, "Automata", &text));
    } else if format == Format::Json {
        let value = serde_json::json!({
            "error": { "kind": ended.kind.heading(), "message": ended.message, "hints": ended.hints }
        });
        terminal.data(&value.to_string());
    }
}

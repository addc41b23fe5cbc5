//! The shell: sequences only, no rules.

mod access;
mod assistants;
mod attempt;
mod collected;
mod configuration;
mod dashboard;
mod demo;
mod doctor;
mod drain;
mod drive;
mod encryption;
mod environment;
mod failure;
mod features;
mod forget;
mod found;
mod inspect;
mod learn;
mod limits;
mod logs;
mod long_ago;
mod masks;
mod missed;
mod observe;

mod ourselves;
mod outlets;
mod own_secrets;
mod pace;
mod patience;
mod plan;
mod plugin;
mod progress;
mod prompt;
mod publish;
mod reading;
mod reconcile;
mod recurring;
mod rehearse;
mod release;
mod replay;
mod run;
mod session;
mod show;
mod shown;
mod spans;
mod state;
mod status;
mod stop;
mod successor;
#[cfg(unix)]
mod surroundings;
mod tasks;
mod triage;
mod undo;
mod unusable;
mod verify;
mod waiting;
mod warned;
mod watch;
mod why;
mod world;

use std::process::ExitCode;

use tracing::Instrument as _;

use crate::cli::{Cli, Command, Format, Misread};
use crate::report::terminal::Terminal;
use crate::services::credential;

pub use assistants::Workshop;
pub use drain::{Until, drain};
pub use environment::{Environment, Variables};
pub use failure::{Ended, Kind};
pub use recurring::keep_in_step;
pub use rehearse::for_tasks as rehearsals;
pub use run::{Given, Outcome, Report, take_in};
pub use session::{Error as SessionError, Session, read};
pub use stop::Stop;
pub use successor::{Successor, Workflow};
pub use waiting::settle;
pub use world::World;

/// Does what the command line asks, and gives the exit code: 0 done or nothing to do, 1 work failed for
/// good, 2 usage or configuration, 3 gave up for now (safe to run again), 70 a bug.
#[must_use]
pub fn main(cli: &Cli) -> ExitCode {
    failure::guarded(std::panic::AssertUnwindSafe(|| answer(cli)))
}

fn answer(cli: &Cli) -> ExitCode {
    // Before anything else: a process that sets bounds on itself must not have a second thread.
    #[cfg(unix)]
    if let Command::Sandbox(arguments) = &cli.command {
        return sandbox(arguments);
    }
    let environment = Environment::read();
    let terminal = Terminal::new(environment.no_color, environment.inside_actions);
    masks::print(&environment, terminal);
    logs::tell(loudness(cli), &environment, terminal);
    // Tasks of one run share this thread; what blocks (git's object database) is short.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = match runtime {
        Ok(runtime) => {
            let work = dispatch(cli, &environment, terminal).instrument(logs::of_command(&cli.command));
            runtime.block_on(credential::given_back_after(work))
        }
        Err(error) => Err(Ended::bug(format!("the asynchronous runtime does not start: {error}"))),
    };
    let ended = ended.and_then(|code| terminal.told().map(|()| code).map_err(unwritten));
    ended.unwrap_or_else(|ended| {
        publish::failure(&ended, cli, &environment, terminal);
        ExitCode::from(ended.kind.exit_code())
    })
}

/// Keeps another program, or becomes it; what is told when that fails stands in the notes of whoever wanted it.
#[cfg(unix)]
fn sandbox(arguments: &crate::cli::Sandbox) -> ExitCode {
    use crate::services::process::{keeper, stub};
    let reason = if arguments.kept {
        stub::become_program(&arguments.bounds, &arguments.program)
    } else {
        match keeper::keep(&arguments.bounds, &arguments.program) {
            Ok(()) => return ExitCode::SUCCESS,
            Err(reason) => reason,
        }
    };
    Terminal::new(true, false).note(&reason);
    ExitCode::from(stub::NOT_STARTED)
}

/// The exit code after an answer that the parser of the command line gave itself: help, the version, or what is
/// wrong, which is told here once more to whom the parser's words are of no use.
#[must_use]
pub fn answered(printed: std::io::Result<()>, code: i32, misread: Option<&Misread>) -> ExitCode {
    let terminal = Terminal::new(true, Environment::read().inside_actions);
    if let Some(misread) = misread {
        publish::misread(misread, terminal);
    }
    match terminal.told_after(printed) {
        Ok(()) => ExitCode::from(u8::try_from(code).unwrap_or_else(|_| Kind::Usage.exit_code())),
        Err(reason) => {
            let ended = unwritten(reason);
            terminal.note(&format!("{}: {}", ended.kind.heading(), ended.message));
            ExitCode::from(ended.kind.exit_code())
        }
    }
}

/// Whoever reads the output must not take a part of it for all.
fn unwritten(reason: String) -> Ended {
    Ended {
        kind: Kind::Work,
        message: format!("the output cannot be written: {reason}"),
        hints: vec![
            "Look at where the output goes. What the command was to do besides telling is done.".to_owned(),
        ],
    }
}

async fn dispatch(cli: &Cli, environment: &Environment, terminal: Terminal) -> Result<ExitCode, Ended> {
    let json = cli.global.format == Format::Json;
    if cli.global.format == Format::Markdown && !matches!(cli.command, Command::Rehearse(_)) {
        return Err(Ended::usage(
            "only `automata rehearse` writes Markdown",
            "Leave out `--format markdown`.",
        ));
    }
    match &cli.command {
        Command::Demo(arguments) => demo::show(arguments, terminal, json).await,
        Command::Check(arguments) => {
            configuration::check(arguments, &cli.global, environment, terminal, json).await
        }
        Command::Doctor(arguments) => doctor::doctor(arguments, &cli.global, environment, terminal).await,
        Command::Drive(arguments) => drive::drive(arguments, &cli.global, environment, terminal).await,
        Command::Triage(arguments) => triage::triage(arguments, terminal, json),
        Command::Plugin(arguments) => plugin::plugin(arguments, environment, terminal, json).await,
        Command::Run(arguments) => run::run(arguments, &cli.global, environment, terminal).await,
        Command::Drain(arguments) => run::drain_only(arguments, &cli.global, environment, terminal).await,
        Command::Reconcile(arguments) => {
            reconcile::reconcile(arguments, &cli.global, environment, terminal).await
        }
        Command::Learn(arguments) => learn::learn(arguments, &cli.global, environment, terminal).await,
        Command::Rehearse(arguments) => {
            rehearse::rehearse(arguments, &cli.global, environment, terminal).await
        }
        Command::Plan(arguments) => plan::plan(arguments, &cli.global, environment, terminal).await,
        Command::Features => features::features(&cli.global, environment, terminal).await,
        Command::Undo(arguments) => undo::undo(arguments, &cli.global, environment, terminal).await,
        Command::Forget(arguments) => forget::forget(arguments, &cli.global, environment, terminal).await,
        Command::State(arguments) => state::state(arguments, &cli.global, environment, terminal).await,
        Command::Tasks(arguments) => tasks::tasks(arguments, &cli.global, environment, terminal).await,
        Command::Dashboard(arguments) => {
            dashboard::dashboard(arguments, &cli.global, environment, terminal).await
        }
        Command::Prompt(arguments) => prompt::prompt(arguments, &cli.global, environment, terminal).await,
        Command::Status(_)
        | Command::Log(_)
        | Command::Access(_)
        | Command::Replay(_)
        | Command::Metrics
        | Command::Show(_)
        | Command::Why(_)
        | Command::Verify => {
            let world = World::looking(&cli.global, environment, terminal).await?;
            inspect::inspect(&cli.command, &world, terminal, json).await
        }
        Command::Sandbox(_) => Err(Ended::usage("this system cannot set bounds on a program", "")),
    }
}

/// How much is told on stderr: warnings, with `-v` more, with `AUTOMATA_LOG` whatever it says.
fn loudness(cli: &Cli) -> &'static str {
    match cli.global.verbose {
        // In the demo a patch is refused on purpose, and the demo says so itself.
        0 if matches!(cli.command, Command::Demo(_)) => "error",
        0 => "warn",
        1 => "automata=info,warn",
        _ => "automata=debug,info",
    }
}

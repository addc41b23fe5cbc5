//! `automata plugin`: tries plugins on made-up issues, and prints what they are told and may answer.

mod cases;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;

use self::cases::Case;
use super::Environment;
use super::configuration::located;
use super::failure::{Ended, Kind};
use super::found::Found;
use super::own_secrets::OwnSecrets;
use super::world;
use crate::cli::{self, PluginCommand, PluginDocument};
use crate::config::{self, Config, MayRules, PluginRule, Sandbox, StateName, Words};
use crate::domain::plugin::{self as protocol, Effect, STARTED};
use crate::domain::trigger::OpenState;
use crate::report::terminal::{Terminal, Tone, table};
use crate::services::clock::{Clock, SystemClock};
use crate::services::process::{Fence, Programs};
use crate::tasks::exec::{Asked, ask};

/// What is said of a program that no configuration names.
const UNNAMED: &str = "program";

/// What came of trying one plugin.
#[derive(Debug, Serialize)]
struct Tried {
    plugin: String,
    program: String,
    sound: bool,
    /// Which bounds this machine could not set.
    notes: Vec<String>,
    cases: Vec<Outcome>,
}

/// What came of one case.
#[derive(Debug, Serialize)]
struct Outcome {
    case: &'static str,
    sound: bool,
    milliseconds: i64,
    effects: Vec<Effect>,
    message: Option<String>,
    problem: Option<String>,
    said: String,
}

pub(super) async fn plugin(
    arguments: &cli::Plugin,
    environment: &Environment,
    terminal: Terminal,
    json: bool,
) -> Result<ExitCode, Ended> {
    match &arguments.command {
        PluginCommand::Check(arguments) => check(arguments, environment, terminal, json).await,
        PluginCommand::Schema(arguments) => {
            let schema = match arguments.of {
                PluginDocument::Request => protocol::request_schema(),
                PluginDocument::Answer => protocol::answer_schema(),
            };
            if json {
                terminal.json(&schema).map_err(Ended::bug)?;
            } else {
                terminal.data(&serde_json::to_string_pretty(&schema).map_err(Ended::bug)?);
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn check(
    arguments: &cli::PluginCheck,
    environment: &Environment,
    terminal: Terminal,
    json: bool,
) -> Result<ExitCode, Ended> {
    let (wanted, sandbox) = wanted(arguments, environment, terminal)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let programs = world::programs(environment, &clock)
        .ok_or_else(|| Ended::usage("no program can be started here", "Set PATH, and use Linux or macOS."))?;
    let mut tried = Vec::new();
    for (name, rule) in &wanted {
        let fence = Fence::default();
        fence.require(sandbox == Sandbox::Required);
        let programs = fence.around(Arc::clone(&programs));
        let plugin = try_out(programs.as_ref(), clock.as_ref(), environment, name, rule).await?;
        tried.push(Tried { notes: fence.missing(), ..plugin });
    }
    let is_sound = tried.iter().all(|plugin| plugin.sound);
    if json {
        let told = serde_json::json!({ "sound": is_sound, "plugins": tried });
        terminal.json(&told).map_err(Ended::bug)?;
    } else {
        tried.iter().for_each(|plugin| tell(plugin, terminal));
    }
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::from(Kind::Work.exit_code()) })
}

/// The plugins to try, by name, and what is demanded of their bounds.
fn wanted(
    arguments: &cli::PluginCheck,
    environment: &Environment,
    terminal: Terminal,
) -> Result<(BTreeMap<String, PluginRule>, Sandbox), Ended> {
    if !arguments.program.is_empty() {
        return Ok(([(UNNAMED.to_owned(), any(&arguments.program))].into(), Sandbox::default()));
    }
    let path = arguments.config.as_deref().unwrap_or_else(|| Path::new(config::PATH));
    let found = match &arguments.config {
        Some(file) => Found::named(file)?,
        None => Found::in_folder(Path::new(""))?,
    };
    let sound = |config: Config| {
        let problems = OwnSecrets::of(environment).handed(&config, &environment.variables);
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    };
    let read = config::parse(found.text.as_deref().unwrap_or_default()).and_then(sound);
    let problems = match (found.unread, read) {
        (Some(unread), _) => vec![unread],
        (None, Err(problems)) => problems,
        (None, Ok(config)) => {
            let plugins = chosen(config.plugins, arguments.name.as_deref(), path)?;
            return Ok((plugins, config.sandbox));
        }
    };
    for problem in &problems {
        let place = located(&path.display().to_string(), problem);
        terminal.note(&format!("{}: {place}", terminal.paint_note(Tone::Bad, "error")));
    }
    Err(Ended::usage(format!("{} cannot be used", path.display()), "Mend it; `automata check` explains it."))
}

fn chosen(
    plugins: BTreeMap<String, PluginRule>,
    name: Option<&str>,
    path: &Path,
) -> Result<BTreeMap<String, PluginRule>, Ended> {
    let known: Vec<&str> = plugins.keys().map(String::as_str).collect();
    if known.is_empty() {
        let told = format!("{} has no plugins", path.display());
        return Err(Ended::usage(told, "Name a program: automata plugin check -- PROGRAM ARGUMENTS"));
    }
    match name {
        Some(name) if !plugins.contains_key(name) => Err(Ended::usage(
            format!("{} has no plugin `{name}`", path.display()),
            format!("There is {}.", known.join(", ")),
        )),
        Some(name) => Ok(plugins.into_iter().filter(|(known, _)| known == name).collect()),
        None => Ok(plugins),
    }
}

/// A program that may do everything.
fn any(words: &[String]) -> PluginRule {
    let all = || vec!["*".into()];
    let may = MayRules {
        label: all(),
        comment: true,
        assign: all(),
        milestone: all(),
        issue_type: all(),
        state: vec![StateName(OpenState::Closed), StateName(OpenState::Open)],
        field: all(),
        task: STARTED.map(Words::from).to_vec(),
    };
    PluginRule { may, ..PluginRule::of(words) }
}

async fn try_out(
    programs: &dyn Programs,
    clock: &dyn Clock,
    environment: &Environment,
    name: &str,
    rule: &PluginRule,
) -> Result<Tried, Ended> {
    let handed = environment.variables.of(rule.environment.iter().map(|name| name.as_str()));
    let folder = rule.files.then_some(Path::new("."));
    let asked = Asked { name, rule, handed: &handed, folder };
    let mut cases = Vec::new();
    for Case { name: case, offer, input } in cases::of(name, rule) {
        let began = clock.now();
        let answered = ask(programs, &asked, &offer, &input).await;
        let milliseconds = clock.now().as_millis() - began.as_millis();
        let outcome = Outcome {
            case,
            sound: answered.is_ok(),
            milliseconds,
            effects: Vec::new(),
            message: None,
            problem: None,
            said: String::new(),
        };
        cases.push(match answered {
            Ok((said, answer)) => {
                Outcome { effects: answer.plan, message: answer.message, said: said.told, ..outcome }
            }
            Err(failure) => Outcome { problem: Some(failure.message), ..outcome },
        });
    }
    let sound = cases.iter().all(|outcome| outcome.sound);
    Ok(Tried { plugin: name.to_owned(), program: rule.line(), sound, notes: Vec::new(), cases })
}

fn tell(tried: &Tried, terminal: Terminal) {
    let (tone, verdict) = match tried.sound {
        true => (Tone::Good, "keeps to the protocol"),
        false => (Tone::Bad, "does not keep to the protocol"),
    };
    terminal.data(&terminal.paint(tone, &format!("{} (`{}`) {verdict}:", tried.plugin, tried.program)));
    let row = |outcome: &Outcome| {
        let names: Vec<&str> = outcome.effects.iter().map(Effect::name).collect();
        let effects = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
        let told = outcome.problem.as_ref().map_or(effects, |problem| problem.replace('\n', " | "));
        let verdict = if outcome.sound { "taken" } else { "refused" };
        vec![outcome.case.to_owned(), verdict.to_owned(), format!("{} ms", outcome.milliseconds), told]
    };
    let rows: Vec<Vec<String>> = tried.cases.iter().map(row).collect();
    table(&rows).iter().for_each(|line| terminal.data(line));
    tried.notes.iter().for_each(|note| terminal.note(&format!("warning: {note}")));
}

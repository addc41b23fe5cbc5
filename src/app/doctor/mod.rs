//! `automata doctor`: which credentials are used, what each may do, and whether the configuration needs more. Nothing is changed.

mod github;
mod helpers;
mod memory;
mod outside;

use std::process::ExitCode;

use serde_json::json;

use super::environment::Environment;
use super::failure::{Ended, Kind};
use super::found::Found;
use super::world::World;
use crate::cli::{self, Format, Global};
use crate::config::{self, Config};
use crate::report::doctor::{Finding, Line, Standing, lines, verdict};
use crate::report::terminal::{Terminal, Tone};

/// What was found, and whether everybody answered.
#[derive(Default)]
struct Findings {
    all: Vec<Finding>,
    is_unreachable: bool,
}

impl Findings {
    fn add(&mut self, finding: Finding) {
        self.all.push(finding);
    }

    /// Something is there, or is not.
    fn tell(
        &mut self,
        area: &'static str,
        what: impl Into<String>,
        state: Standing,
        told: impl Into<String>,
    ) {
        self.add(Finding::new(area, what, state, told));
    }

    /// Looking failed: it is missing, or nobody answered.
    fn failed(&mut self, area: &'static str, what: impl Into<String>, ended: &Ended) {
        let state = if ended.kind == Kind::Again { Standing::Unseen } else { Standing::Missing };
        self.is_unreachable |= ended.kind == Kind::Again;
        let change = if ended.kind == Kind::Again { String::new() } else { ended.hints.join(" ") };
        self.add(Finding::new(area, what, state, ended.message.clone()).change(change));
    }

    fn is_missing(&self) -> bool {
        self.all.iter().any(|finding| finding.state == Standing::Missing)
    }

    fn code(&self) -> ExitCode {
        match (self.is_missing(), self.is_unreachable) {
            (true, _) => ExitCode::from(Kind::Usage.exit_code()),
            (false, true) => ExitCode::from(Kind::Again.exit_code()),
            (false, false) => ExitCode::SUCCESS,
        }
    }
}

const CONFIGURATION: &str = "Configuration";

/// `automata doctor`.
///
/// # Errors
/// When the command line is wrong. What is found is no error, and tells in the exit code.
pub(super) async fn doctor(
    arguments: &cli::Doctor,
    global: &Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let mut findings = Findings::default();
    let named = arguments.config.as_deref().map(Found::named).transpose()?;
    github::order(&mut findings, global, environment);
    let opened = World::open(global, environment);
    let reached = opened.as_ref().ok().map(World::reached);
    let world = match opened {
        Ok(world) => match world.configured().await {
            Ok(world) => Some(world),
            Err(ended) => {
                findings.failed(CONFIGURATION, config::PATH, &ended);
                None
            }
        },
        Err(ended) => {
            findings.failed(github::AREA, "credential", &ended);
            None
        }
    };
    let config = configuration(&mut findings, named, world.as_ref());
    if let Some((forge, remote)) = reached {
        github::look(&mut findings, (&*forge, &*remote), &config, environment).await;
    }
    if let Some(world) = &world {
        memory::look(&mut findings, world, &config).await;
    }
    outside::look(&mut findings, &config, environment).await;
    helpers::look(&mut findings, &config, environment);
    tell(&findings, terminal, global.format == Format::Json)?;
    Ok(findings.code())
}

/// The configuration to judge by; what is wrong with it is a finding.
fn configuration(findings: &mut Findings, named: Option<Found>, world: Option<&World>) -> Config {
    let problems = match named {
        Some(Found { text, unread, .. }) => {
            let parsed = match unread {
                Some(problem) => Err(vec![problem]),
                None => config::parse(text.as_deref().unwrap_or_default()),
            };
            match parsed {
                Ok(config) => return config,
                Err(problems) => problems.iter().map(ToString::to_string).collect(),
            }
        }
        None => world.map(|world| world.problems.clone()).unwrap_or_default(),
    };
    for problem in &problems {
        let change =
            "Correct it; `automata check` tells all that is wrong. What follows is judged by the defaults.";
        findings.add(Finding::new(CONFIGURATION, config::PATH, Standing::Missing, problem).change(change));
    }
    world.map(|world| world.config.clone()).unwrap_or_default()
}

fn tell(findings: &Findings, terminal: Terminal, is_json: bool) -> Result<(), Ended> {
    if is_json {
        let told = json!({
            "sufficient": !findings.is_missing(), "reachable": !findings.is_unreachable, "findings": findings.all,
        });
        return terminal.json(&told).map_err(Ended::bug);
    }
    for line in lines(&findings.all) {
        match line {
            Line::Heading(area) => terminal.data(&terminal.paint(Tone::Strong, area)),
            Line::Finding(state, word, rest) => {
                terminal.data(&format!("  {}  {rest}", terminal.paint(state.tone(), &word)));
            }
            Line::Change(change) => terminal.data(&format!("           {change}")),
        }
    }
    terminal.data(&verdict(&findings.all));
    Ok(())
}

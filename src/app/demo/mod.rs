//! `automata demo`: the main job on a small real repository and a local forge, with the code that the action runs.

mod scenes;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use self::scenes::{FILES, LABELS, SCENES};
use super::failure::Ended;
use super::inspect::{event_table, task_table};
use super::run::{Given, Report, take_in};
use super::session;
use super::world::{LOCAL_FORGE, LOCAL_REPOSITORY, World, local_forge};
use crate::cli;
use crate::domain::actor::Permission;
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::untrusted::one_line;
use crate::report::terminal::{Terminal, Tone};
use crate::services::clock::{Clock, SystemClock};
use crate::services::entropy::Entropy;
use crate::services::git::playground;
use crate::services::github::local::Forge;
use crate::services::github::{GitHub, IssueQuery, Label, PullRequest};
use crate::views::board::board;

/// Commits of the state branch that are shown.
const SHOWN_COMMITS: usize = 20;
/// Width of quoted text.
const WIDE: usize = 110;

pub(super) async fn show(arguments: &cli::Demo, terminal: Terminal, json: bool) -> Result<ExitCode, Ended> {
    let directory = match &arguments.keep {
        Some(directory) => directory.clone(),
        None => tempfile::Builder::new()
            .prefix("automata-demo-")
            .tempdir()
            .map_err(|error| unusable(&error))?
            .keep(),
    };
    std::fs::create_dir_all(&directory).map_err(|error| unusable(&error))?;
    let forge = prepare(&directory).await?;
    let progress = progress();
    let mut reports = Vec::new();
    for scene in SCENES {
        progress.set_message(scene.title);
        reports.push((scene, play(&directory, &forge, scene).await?));
        progress.inc(1);
    }
    progress.finish_and_clear();
    if json {
        let runs: Vec<Value> =
            reports.iter().map(|(scene, report)| json!({ "scene": scene.title, "run": report })).collect();
        terminal.data(&json!({ "directory": directory, "runs": runs }).to_string());
        return Ok(ExitCode::SUCCESS);
    }
    for (scene, report) in &reports {
        heading(terminal, scene.title);
        terminal.data(&format!("{}; {}", report.headline, report.tally.line()));
        for line in event_table(&report.events) {
            terminal.data(&format!("  {line}"));
        }
    }
    let world = World::local(&directory, Arc::new(SystemClock), Arc::new(Entropy::System))?;
    show_state(&world, terminal).await?;
    show_issues(&forge, terminal).await?;
    show_pulls(&directory, &forge, terminal).await?;
    show_branch(&world, &directory, terminal).await?;
    Ok(ExitCode::SUCCESS)
}

fn unusable(error: &std::io::Error) -> Ended {
    Ended::usage(format!("the demo's folder cannot be used: {error}"), "Name another one with --keep DIR.")
}

/// Makes repository, people and labels; on a kept folder it finds them.
async fn prepare(directory: &Path) -> Result<Forge, Ended> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    playground::seed(&directory.join(LOCAL_REPOSITORY), FILES, clock.now())?;
    let forge = local_forge(directory, clock)?;
    forge.set_permission(&Login::new("mona"), Permission::Maintain)?;
    forge.set_permission(&Login::new("otto"), Permission::Write)?;
    for (name, color, description) in LABELS {
        let label = Label {
            name: (*name).to_owned(),
            color: (*color).to_owned(),
            description: (*description).to_owned(),
        };
        forge.create_label(&label).await?;
    }
    Ok(forge)
}

fn progress() -> ProgressBar {
    if !Terminal::is_watched() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {pos}/{len} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::new(SCENES.len() as u64).with_style(style)
}

/// One scene: it happens on the forge, and a fresh run takes the event in, as the action would.
async fn play(directory: &Path, forge: &Forge, scene: &scenes::Scene) -> Result<Report, Ended> {
    let payload = (scene.play)(forge)?;
    let given = Given { event: scene.event.to_owned(), payload: payload.to_string().into_bytes() };
    let world =
        World::local(directory, Arc::new(SystemClock), Arc::new(Entropy::System))?.configured().await?;
    take_in(&world, Some(&given)).await
}

fn heading(terminal: Terminal, text: &str) {
    terminal.data("");
    terminal.data(&terminal.paint(Tone::Strong, &format!("== {text}")));
}

async fn show_state(world: &World, terminal: Terminal) -> Result<(), Ended> {
    let (state, _) = session::read(world.log()?.as_ref()).await?;
    heading(terminal, "Tasks");
    for line in task_table(&board(&state, world.clock.now()).tasks) {
        terminal.data(&format!("  {line}"));
    }
    Ok(())
}

async fn show_issues(forge: &Forge, terminal: Terminal) -> Result<(), Failure> {
    heading(terminal, "Issues, their labels and comments");
    let mut issues = forge.issues(&IssueQuery::default()).await?;
    issues.sort_by_key(|issue| issue.number);
    for issue in issues.iter().filter(|issue| !issue.is_pull) {
        let labels = issue.labels.join(", ");
        let title = one_line(&issue.title, WIDE);
        terminal.data(&terminal.paint(Tone::Good, &format!("#{} {title} [{labels}]", issue.number)));
        for comment in forge.comments(issue.number, None).await? {
            terminal.data(&format!("  {} wrote:", comment.author.login));
            for line in comment.body.lines() {
                terminal.data(&format!("    {line}"));
            }
        }
    }
    Ok(())
}

async fn show_pulls(directory: &Path, forge: &Forge, terminal: Terminal) -> Result<(), Failure> {
    heading(terminal, "Pull requests");
    for pull in pulls(forge).await? {
        let draft = if pull.draft { "draft " } else { "" };
        terminal.data(&terminal.paint(
            Tone::Good,
            &format!("#{} {} ({draft}{} -> {})", pull.number, pull.title, pull.head, pull.base),
        ));
        for line in pull.body.lines() {
            terminal.data(&format!("    {line}"));
        }
        let repository = directory.join(LOCAL_REPOSITORY);
        let (base, head) = (format!("refs/heads/{}", pull.base), format!("refs/heads/{}", pull.head));
        for line in playground::diff(&repository, &base, &head)?.lines() {
            terminal.data(&format!("  {line}"));
        }
    }
    Ok(())
}

async fn pulls(forge: &Forge) -> Result<Vec<PullRequest>, Failure> {
    let mut pulls = Vec::new();
    for issue in forge.issues(&IssueQuery::default()).await?.iter().filter(|issue| issue.is_pull) {
        pulls.extend(forge.pull_request(issue.number)?);
    }
    Ok(pulls)
}

async fn show_branch(world: &World, directory: &Path, terminal: Terminal) -> Result<(), Ended> {
    let branch = &world.config.state.branch;
    let repository = directory.join(LOCAL_REPOSITORY);
    heading(terminal, &format!("git log {branch}"));
    for entry in playground::history(&repository, &format!("refs/heads/{branch}"), SHOWN_COMMITS)? {
        let commit: String = entry.commit.chars().take(8).collect();
        terminal.data(&format!("  {commit} {}", one_line(&entry.subject, WIDE)));
    }
    for line in super::verify::verify(world).await?.lines() {
        terminal.data(&format!("  {line}"));
    }
    heading(terminal, "Where all of it lies");
    let places: [(&str, PathBuf); 2] =
        [("the bare repository", repository), ("the forge", directory.join(LOCAL_FORGE))];
    for (what, place) in places {
        terminal.data(&format!("  {what}: {}", place.display()));
    }
    let directory = directory.display();
    terminal.data(&format!("  look around: automata --forge local --directory {directory} why 1"));
    Ok(())
}

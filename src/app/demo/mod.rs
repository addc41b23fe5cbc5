//! `automata demo`: the main job on a small real repository and a local forge, with the code that the action runs.

mod aftermath;
mod folder;
mod scenes;
mod scripted;
mod telling;

use std::process::ExitCode;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use self::folder::Folder;
use self::scenes::{SCENES, Scene, Stage};
use self::scripted::Scripted;
use super::failure::Ended;
use super::run::{Given, Report, take_in};
use super::world::World;
use crate::cli;
use crate::report::terminal::{Terminal, Tone};
use crate::services::assistant::patch::Patch;
use crate::services::clock::SystemClock;
use crate::services::entropy::Entropy;

/// What shells make of a program that Ctrl-C ended: 128 and the signal's number.
const INTERRUPTED: u8 = 128 + 2;

/// Plays every scene and shows what came of it. However it ends, it says what it leaves behind.
pub(super) async fn show(arguments: &cli::Demo, terminal: Terminal, json: bool) -> Result<ExitCode, Ended> {
    let folder = Folder::of(arguments.keep.as_deref(), terminal)?;
    tokio::select! {
        biased;
        () = interrupted() => {
            terminal.note(&terminal.paint_note(Tone::Bad, "interrupted"));
            terminal.note(&format!("hint: {}", telling::left(&folder)));
            Ok(ExitCode::from(INTERRUPTED))
        }
        played = play_all(&folder, terminal, json) => played.map_err(|mut ended| {
            ended.hints.push(telling::left(&folder));
            ended
        }),
    }
}

/// Comes back when a person presses Ctrl-C.
async fn interrupted() {
    if let Err(error) = tokio::signal::ctrl_c().await {
        tracing::debug!(%error, "Ctrl-C cannot be heard, and ends the program as it does any other");
        std::future::pending().await
    }
}

async fn play_all(folder: &Folder, terminal: Terminal, json: bool) -> Result<ExitCode, Ended> {
    let stage = Stage { forge: folder.prepare().await?, repository: folder.repository() };
    let progress = progress(terminal);
    if !json {
        progress.suspend(|| telling::introduction(folder, terminal));
    }
    let mut runs: Vec<Value> = Vec::new();
    for (number, scene) in SCENES.iter().enumerate() {
        progress.set_message(scene.title);
        // Everything here is quick enough to run through without a pause in which Ctrl-C would be heard.
        tokio::task::yield_now().await;
        let (report, after) = play(folder, &stage, scene).await?;
        progress.inc(1);
        if json {
            runs.push(json!({ "scene": scene.title, "run": report }));
        } else {
            progress.suspend(|| telling::scene(number + 1, scene, &report, &after, terminal));
        }
    }
    progress.finish_and_clear();
    if json {
        terminal.json(&json!({ "directory": folder.path(), "runs": runs })).map_err(Ended::bug)?;
        if !folder.is_kept() {
            terminal.note(&format!("hint: {}", telling::removal(folder)));
        }
    } else {
        let world = folder.world()?;
        telling::outcome(folder, &stage.forge, &world, terminal).await?;
    }
    Ok(ExitCode::SUCCESS)
}

fn progress(terminal: Terminal) -> ProgressBar {
    if !terminal.is_watched() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {pos}/{len} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    ProgressBar::new(SCENES.len() as u64).with_style(style)
}

/// One scene: it happens on the forge, and a fresh run takes the event in, as the action would. With it comes what
/// people see of it afterwards.
async fn play(folder: &Folder, stage: &Stage, scene: &Scene) -> Result<(Report, Vec<String>), Ended> {
    let payload = (scene.play)(stage)?;
    let given = Given { event: scene.event.to_owned(), payload: payload.to_string().into_bytes() };
    let mut world = folder.world()?.configured().await?;
    world.services.assistants = vec![Arc::new(Patch), Arc::new(Scripted)];
    let report = take_in(&world, Some(&given)).await?;
    let after = match report.issue.filter(|_| !report.events.is_empty()) {
        Some(number) => aftermath::of(scene.shows, number, &world).await?,
        None => Vec::new(),
    };
    Ok((report, after))
}

impl Folder {
    /// A fresh run's adapters.
    fn world(&self) -> Result<World, Ended> {
        World::local(self.path(), Arc::new(SystemClock), Arc::new(Entropy::System))
    }
}

//! `automata dashboard`: writes the page, or serves it on this machine as long as somebody looks.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use tokio::sync::Mutex;

use super::environment::Environment;
use super::failure::Ended;
use super::limits;
use super::reading::{history, present};
use super::world::World;
use crate::cli::{self, Forge, Format, Global};
use crate::domain::id::Sequence;
use crate::report::dashboard::{Shown, page, policy, tell};
use crate::report::terminal::Terminal;
use crate::services::loopback::{Loopback, Served};
use crate::views::dashboard::{Dashboard, Fold, Home};

/// The page.
const PAGE: &str = "index.html";
/// The same for programs.
const DATA: &str = "dashboard.json";
/// Where a repository of github.com has its page.
const GITHUB: &str = "https://github.com";

/// `automata dashboard`.
///
/// # Errors
/// When the log cannot be read, the files cannot be written, or the port is taken.
pub(super) async fn dashboard(
    arguments: &cli::Dashboard,
    global: &Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let out = match &arguments.out {
        Some(folder) => Some(folder.clone()),
        None => environment.out.as_ref().filter(|_| !arguments.serve).map(PathBuf::from),
    };
    if out.is_none() && !arguments.serve {
        return Err(Ended::usage(
            "it is not said where the dashboard is to be shown",
            "For example: automata dashboard --out site, or automata dashboard --serve",
        ));
    }
    let world = World::looking(global, environment, terminal).await?;
    let server = environment.server_url.as_deref().unwrap_or(GITHUB).trim_end_matches('/');
    let address = (global.forge == Forge::Github).then(|| format!("{server}/{}", world.repository));
    let home = Home { repository: world.repository.to_string(), address };
    let json = global.format == Format::Json;
    match &out {
        Some(folder) => write(&world, home, folder, terminal, json).await?,
        None => serve(&world, home, arguments.port, terminal, json).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Everything that is shown, and what is wrong with the log, to be told after what could be read of it.
async fn look(world: &World, home: Home) -> Result<(Dashboard, Option<Ended>), Ended> {
    let mut fold = Fold::new(tell);
    let damage = history(world, Sequence(1), &mut |envelope| fold.offer(&envelope)).await?;
    let present = present(world).await?;
    let limits = limits::of(&world.config);
    let shown = fold.finish(home, &present.state, world.clock.now(), &|task| limits.room(task));
    Ok((shown, damage.or(present.damage)))
}

#[derive(Serialize)]
struct Written<'a> {
    files: [&'a Path; 2],
    sequence: u64,
    bytes: usize,
}

async fn write(
    world: &World,
    home: Home,
    folder: &Path,
    terminal: Terminal,
    json: bool,
) -> Result<(), Ended> {
    let (dashboard, damage) = look(world, home).await?;
    let written = page(&dashboard, Shown::Still);
    let data = serde_json::to_string(&dashboard).map_err(Ended::bug)?;
    let (index, beside) = (folder.join(PAGE), folder.join(DATA));
    let put = || {
        std::fs::create_dir_all(folder)?;
        replace(&beside, &data)?;
        replace(&index, &written)
    };
    put().map_err(|error| {
        Ended::usage(
            format!("the dashboard cannot be written to {}: {error}", folder.display()),
            "Name a folder that can be written to with --out.",
        )
    })?;
    if json {
        let files = [index.as_path(), beside.as_path()];
        let told = Written { files, sequence: dashboard.board.sequence, bytes: written.len() };
        terminal.json(&told).map_err(Ended::bug)?;
    } else {
        terminal.data(&index.display().to_string());
        terminal.data(&beside.display().to_string());
    }
    damage.map_or(Ok(()), Err)
}

/// Puts a file in the place of another one at once, so that whoever looks meanwhile sees one or the other.
fn replace(path: &Path, content: &str) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    std::fs::write(&beside, content)?;
    std::fs::rename(beside, path)
}

/// What was shown last.
struct Last {
    sequence: u64,
    page: String,
}

async fn serve(world: &World, home: Home, port: u16, terminal: Terminal, json: bool) -> Result<(), Ended> {
    let server = Loopback::bind(port).await.map_err(|error| {
        Ended::usage(
            format!("port {port} cannot be served on: {error}"),
            "Name another one with --port, or none.",
        )
    })?;
    let last: Mutex<Option<Last>> = Mutex::new(None);
    let address = server.address();
    if json {
        terminal.json(&serde_json::json!({ "url": address })).map_err(Ended::bug)?;
    } else {
        terminal.data(&address);
        terminal.note("The dashboard is served to this machine alone. Ctrl-C ends it.");
    }
    let answer = async |path: &str| {
        let what = match path {
            "/" | "/index.html" => What::Page,
            "/sequence" => What::Sequence,
            _ => return Ok(None),
        };
        let mut last = last.lock().await;
        // With many events this takes a while; whoever asks meanwhile waits for the same answer.
        let renewed = renew(world, &home, &mut last).await.map_err(|ended| ended.message);
        if let Err(reason) = &renewed {
            terminal.note(&format!("warning: {reason}"));
        }
        let shown = match (&*last, renewed) {
            (Some(shown), _) => shown,
            (None, renewed) => return renewed.map(|()| None),
        };
        Ok(Some(what.of(shown)))
    };
    tokio::select! {
        never = server.serve(answer) => match never {},
        never = world.stop.listen() => match never {},
        () = world.stop.told() => Ok(()),
    }
}

#[derive(Clone, Copy)]
enum What {
    Page,
    Sequence,
}

impl What {
    fn of(self, shown: &Last) -> Served {
        let policy = policy(Shown::Live);
        match self {
            Self::Page => {
                Served { mime: "text/html; charset=utf-8", body: shown.page.clone().into(), policy }
            }
            Self::Sequence => {
                let body = format!("{{\"sequence\":{}}}", shown.sequence).into();
                Served { mime: "application/json", body, policy }
            }
        }
    }
}

/// Makes the page anew when the log has moved on.
async fn renew(world: &World, home: &Home, last: &mut Option<Last>) -> Result<(), Ended> {
    let sequence = present(world).await?.state.sequence.0;
    if last.as_ref().is_some_and(|last| last.sequence == sequence) {
        return Ok(());
    }
    let (dashboard, _) = look(world, home.clone()).await?;
    *last = Some(Last { sequence: dashboard.board.sequence, page: page(&dashboard, Shown::Live) });
    Ok(())
}

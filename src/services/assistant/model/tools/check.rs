//! The tool that runs the repository's own checks: in a copy of the folder, so that what they build is no part of the change.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::{Sheet, arguments};
use crate::domain::count::counted;
use crate::services::assistant::model::conversation::ToolCall;
use crate::services::process::{Ended, Exit, Limits, Order, Programs, Room};

/// The tool's name.
pub(in crate::services::assistant::model) const NAME: &str = "check";
/// Checks that one attempt may run: each may take minutes, and who needs more goes in circles.
const MOST_RUNS: u32 = 10;
/// Bytes of output that the model is told: the end, where programs say what was wrong.
const BYTES: usize = 8 * 1024;

/// A check that the configuration names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What it is called.
    pub name: String,
    /// What `sh -c` runs; it passes when that ends with 0.
    pub run: String,
    /// How long it may take.
    pub time: Duration,
    /// Whether it may use the network.
    pub network: bool,
}

/// The checks that a model may run, and by whom they are started: confined, without any token.
#[derive(Clone)]
pub struct Checks {
    programs: Arc<dyn Programs>,
    all: Vec<Check>,
}

impl fmt::Debug for Checks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checks").field("all", &self.all).finish_non_exhaustive()
    }
}

#[derive(Deserialize)]
struct Wanted {
    name: String,
}

impl Checks {
    /// None where there is nothing to run.
    #[must_use]
    pub fn new(programs: Arc<dyn Programs>, all: Vec<Check>) -> Option<Self> {
        (!all.is_empty()).then_some(Self { programs, all })
    }

    pub(in crate::services::assistant::model) fn sheet(&self) -> Sheet {
        let names: Vec<&str> = self.all.iter().map(|check| check.name.as_str()).collect();
        let name = json!({ "type": "string", "enum": names, "description": "Which check" });
        Sheet {
            name: NAME,
            about: "Runs one of the repository's checks on the files as they are now, and answers with how it ended and the last of its output. It changes nothing in the folder. It may take minutes.",
            parameters: json!({ "type": "object", "properties": { "name": name }, "required": ["name"] }),
        }
    }

    /// Runs a check, the `run`th (from 1) of the attempt, for as long as is `left`. That it fails is no error.
    pub(in crate::services::assistant::model) async fn run(
        &self,
        call: &ToolCall,
        folder: &Path,
        run: u32,
        left: Duration,
    ) -> Result<String, String> {
        if run > MOST_RUNS {
            let runs = counted(MOST_RUNS, "check", "checks");
            return Err(format!("not run: {runs} are the most; finish with what you have"));
        }
        let Wanted { name } = arguments(call)?;
        let known = || self.all.iter().map(|check| check.name.as_str()).collect::<Vec<_>>().join(", ");
        let check = self.all.iter().find(|check| check.name == name);
        let check = check.ok_or_else(|| format!("there is no such check; there are: {}", known()))?;
        let broken = |error: io::Error| format!("the check could not be prepared: {error}");
        let room = Room::new().map_err(broken)?;
        let (from, to) = (folder.to_owned(), room.exchange().join("work"));
        let copied = copy_apart(from, to.clone()).await.map_err(broken);
        copied?;
        let order = Order {
            program: vec!["sh".to_owned(), "-c".to_owned(), check.run.clone()],
            folder: to,
            environment: BTreeMap::new(),
            stdin: Vec::new(),
            time: check.time.min(left),
            limits: Limits::default(),
            network: check.network,
            readable: Vec::new(),
            required: false,
        };
        let ended = self.programs.run(&order, &room).await.map_err(|failure| failure.to_string())?;
        Ok(told(&check.name, &ended))
    }
}

/// How it ended, above the last of what it printed.
fn told(name: &str, ended: &Ended) -> String {
    let how = match ended.exit {
        Exit::Code(0) => format!("The check `{name}` passed."),
        Exit::Code(code) => format!("The check `{name}` failed and ended with {code}."),
        Exit::Signal(signal) => format!("The check `{name}` failed and was ended by signal {signal}."),
        Exit::Outgrown => format!("The check `{name}` held more memory than it may and was ended."),
        Exit::TimedOut => format!("The check `{name}` took too long and was ended."),
    };
    let printed = [ended.stdout.text(), ended.stderr.text()].join("\n");
    let shown: String = printed.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    let shown = shown.trim();
    let from = shown.ceil_char_boundary(shown.len().saturating_sub(BYTES));
    if shown.is_empty() { how } else { format!("{how}\n{}", &shown[from..]) }
}

/// Copies a folder away from the thread that all tasks of a run share.
async fn copy_apart(from: PathBuf, to: PathBuf) -> io::Result<()> {
    let copied = tokio::task::spawn_blocking(move || copy(&from, &to)).await;
    copied.map_err(io::Error::other)?
}

/// Files with their rights, and symbolic links as links.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (kind, to) = (entry.file_type()?, to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &to)?;
        } else if kind.is_symlink() {
            link(&fs::read_link(entry.path())?, &to)?;
        } else if kind.is_file() {
            fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(target: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, at)
}

/// No program is started on this system, so that nobody misses the link.
#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

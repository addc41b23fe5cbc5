//! The demo's folder: made once, known again, and never somebody else's.

#[cfg(unix)]
use std::fs::TryLockError;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::scenes::{FILES, LABELS};
use crate::app::failure::Ended;
use crate::app::world::{LOCAL_REPOSITORY, local_forge};
use crate::domain::actor::Permission;
use crate::domain::id::Login;
use crate::report::terminal::Terminal;
use crate::services::clock::{Clock, SystemClock};
use crate::services::git::playground;
use crate::services::github::local::Forge;
use crate::services::github::{GitHub as _, Label};

/// By this file a folder is known as one of ours.
const README: &str = "README.md";
/// Its first line.
const HEADLINE: &str = "# Made by `automata demo`";

/// Where the demo lies.
pub(super) struct Folder {
    path: PathBuf,
    is_kept: bool,
    /// The folder itself, locked while this demo works in it. The system lets go of it when the process ends.
    _turn: Option<File>,
}

impl Folder {
    /// The folder to keep, or a temporary one. While another demo works in it this waits, and says so.
    ///
    /// # Errors
    /// When it holds something else, or cannot be used.
    pub(super) fn of(keep: Option<&Path>, terminal: Terminal) -> Result<Self, Ended> {
        let Some(path) = keep else {
            let made = tempfile::Builder::new().prefix("automata-demo-").tempdir();
            let path = made.map_err(|error| unusable(&std::env::temp_dir(), &error))?.keep();
            return Self { path, is_kept: false, _turn: None }.marked();
        };
        fs::create_dir_all(path).map_err(|error| unusable(path, &error))?;
        // Absolute, because the forge's addresses and the commands to try must lead there from anywhere.
        let path = fs::canonicalize(path).map_err(|error| unusable(path, &error))?;
        // Before anything is looked at: another demo may be about to make it.
        let turn = turn(&path, terminal).map_err(|error| unusable(&path, &error))?;
        let is_ours = fs::read_to_string(path.join(README)).is_ok_and(|text| text.starts_with(HEADLINE));
        let is_empty = fs::read_dir(&path).map_err(|error| unusable(&path, &error))?.next().is_none();
        if !is_ours && !is_empty {
            return Err(Ended::usage(
                format!("{} holds something that no demo made; nothing was touched", path.display()),
                "Name a new or an empty folder with --keep DIR, or the folder of an earlier demo.",
            ));
        }
        Self { path, is_kept: true, _turn: turn }.marked()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the user named it.
    pub(super) const fn is_kept(&self) -> bool {
        self.is_kept
    }

    pub(super) fn repository(&self) -> PathBuf {
        self.path.join(LOCAL_REPOSITORY)
    }

    fn marked(self) -> Result<Self, Ended> {
        let text = format!(
            "{HEADLINE}\n\n`repository.git` is a bare git repository with the code and the state branch, `forge` stands for\n\
             GitHub: issues, comments, labels and pull requests as files. The folder can go at any time.\n"
        );
        fs::write(self.path.join(README), text).map_err(|error| unusable(&self.path, &error))?;
        Ok(self)
    }

    /// Makes repository, people and labels; in a kept folder it finds them.
    pub(super) async fn prepare(&self) -> Result<Forge, Ended> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        playground::seed(&self.repository(), FILES, clock.now())?;
        let forge = local_forge(&self.path, clock)?;
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
}

/// Waits for this process's turn in the folder. The folder's own lock touches nothing in it.
#[cfg(unix)]
fn turn(folder: &Path, terminal: Terminal) -> std::io::Result<Option<File>> {
    let opened = File::open(folder)?;
    match opened.try_lock() {
        Ok(()) => return Ok(Some(opened)),
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    terminal.note(&format!(
        "Another demo is at work in {}; this one begins when it has ended.",
        folder.display()
    ));
    opened.lock()?;
    Ok(Some(opened))
}

/// Elsewhere folders have no locks.
#[cfg(not(unix))]
fn turn(_: &Path, _: Terminal) -> std::io::Result<Option<File>> {
    Ok(None)
}

fn unusable(folder: &Path, error: &std::io::Error) -> Ended {
    Ended::usage(
        format!("{} cannot be used as the demo's folder: {error}", folder.display()),
        "Name another one with --keep DIR.",
    )
}

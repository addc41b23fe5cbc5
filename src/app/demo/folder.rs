//! The demo's folder: made once, known again, and never somebody else's.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::scenes::{FILES, LABELS};
use crate::app::failure::Ended;
use crate::app::world::{LOCAL_REPOSITORY, local_forge};
use crate::domain::actor::Permission;
use crate::domain::id::Login;
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
}

impl Folder {
    /// The folder to keep, or a temporary one.
    ///
    /// # Errors
    /// When it holds something else, or cannot be used.
    pub(super) fn of(keep: Option<&Path>) -> Result<Self, Ended> {
        let Some(path) = keep else {
            let made = tempfile::Builder::new().prefix("automata-demo-").tempdir();
            let path = made.map_err(|error| unusable(&std::env::temp_dir(), &error))?.keep();
            return Self { path, is_kept: false }.marked();
        };
        fs::create_dir_all(path).map_err(|error| unusable(path, &error))?;
        // Absolute, because the forge's addresses and the commands to try must lead there from anywhere.
        let path = fs::canonicalize(path).map_err(|error| unusable(path, &error))?;
        let is_ours = fs::read_to_string(path.join(README)).is_ok_and(|text| text.starts_with(HEADLINE));
        let is_empty = fs::read_dir(&path).map_err(|error| unusable(&path, &error))?.next().is_none();
        if !is_ours && !is_empty {
            return Err(Ended::usage(
                format!("{} holds something that no demo made; nothing was touched", path.display()),
                "Name a new or an empty folder with --keep DIR, or the folder of an earlier demo.",
            ));
        }
        Self { path, is_kept: true }.marked()
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

fn unusable(folder: &Path, error: &std::io::Error) -> Ended {
    Ended::usage(
        format!("{} cannot be used as the demo's folder: {error}", folder.display()),
        "Name another one with --keep DIR.",
    )
}

//! Where the configuration is looked for: on the default branch, or in a working copy.

use std::io::ErrorKind;
use std::path::Path;

use super::failure::Ended;
use crate::config::{self, Problem};
use crate::domain::failure::Failure;
use crate::services::git::Code;

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    /// The text, if there is one.
    pub(super) text: Option<String>,
    /// The branch that the text, or what stands for it, lies on.
    pub(super) branch: Option<String>,
    /// Why what somebody wrote is not read.
    pub(super) unread: Option<Problem>,
}

impl Found {
    /// The configuration that runs go by.
    ///
    /// # Errors
    /// When it could not be found out.
    pub(super) async fn on_branch(code: &dyn Code) -> Result<Self, Ended> {
        match Self::at_tip(code).await {
            Ok(found) => Ok(found),
            // A repository without any commit has no configuration either.
            Err(failure) if failure.is_permanent() => {
                tracing::info!(%failure, "no configuration was read");
                Ok(Self::default())
            }
            Err(failure) => Err(failure.into()),
        }
    }

    async fn at_tip(code: &dyn Code) -> Result<Self, Failure> {
        let read = code.read(&[config::PATH]).await?.into_iter().next().flatten();
        let text = read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let unread = match &text {
            Some(_) => None,
            None => {
                let files = code.files().await?;
                config::unread(files.iter().map(|file| (file.path.as_str(), file.is_regular)))
            }
        };
        let branch = match text.is_some() || unread.is_some() {
            true => Some(code.default_tip().await?.branch),
            false => None,
        };
        Ok(Self { text, branch, unread })
    }

    /// The configuration in the working copy that this folder is the root of.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn in_folder(root: &Path) -> Result<Self, Ended> {
        let folder = Path::new(config::PATH).parent().unwrap_or_else(|| Path::new(""));
        let mut files = Vec::new();
        match std::fs::read_dir(root.join(folder)) {
            Ok(entries) => {
                for entry in entries {
                    let entry = entry.map_err(|error| unreadable(folder, &error))?;
                    let is_plain = entry.file_type().is_ok_and(|kind| kind.is_file());
                    if let Some(name) = entry.file_name().to_str() {
                        files.push((format!("{}/{name}", folder.display()), is_plain));
                    }
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => return Err(unreadable(folder, &error)),
        }
        let unread = config::unread(files.iter().map(|(path, is_plain)| (path.as_str(), *is_plain)));
        // Having no configuration is fine: the defaults hold.
        let is_there = unread.is_none() && files.iter().any(|(path, _)| path == config::PATH);
        let text = is_there.then(|| read(&root.join(config::PATH))).transpose()?;
        Ok(Self { text, branch: None, unread })
    }

    /// A file that somebody named.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn named(path: &Path) -> Result<Self, Ended> {
        Ok(Self { text: Some(read(path)?), ..Self::default() })
    }
}

fn read(path: &Path) -> Result<String, Ended> {
    std::fs::read_to_string(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Ended {
    Ended::usage(
        format!("{} cannot be read: {error}", path.display()),
        "Name the file, for example: automata check .github/automata.yml",
    )
}

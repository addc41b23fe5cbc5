//! What the kinds are told that go between issues, the repository and Google Drive.

use serde::{Deserialize, Serialize};

use super::{ExportFormat, WrongInput};
use crate::domain::id::Login;
use crate::domain::payload::Payload;
use crate::domain::shape::accepts;
use crate::domain::time::Timestamp;
use crate::domain::watched::DriveKey;

/// Opens an issue about something that changed in Drive, or says it there. Input: [`DriveIssue`].
pub const DRIVE_ISSUE: &str = "drive_issue";
/// Brings a document of Drive into the repository. Input: [`DriveImport`].
pub const DRIVE_IMPORT: &str = "drive_import";
/// Makes an issue's folder in Drive. Input: [`DriveFolder`].
pub const DRIVE_FOLDER: &str = "drive_folder";
/// Copies the attachments of an issue into its folder. Input: [`DriveAttach`].
pub const DRIVE_ATTACH: &str = "drive_attach";
/// Gives those who are assigned access to the issue's folder. Input: [`DriveShare`].
pub const DRIVE_SHARE: &str = "drive_share";
/// Copies what a release or a workflow run made into Drive. Input: [`DriveCollect`].
pub const DRIVE_COLLECT: &str = "drive_collect";

/// See [`DRIVE_ISSUE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveIssue {
    /// What the issue is kept about: the id of a file or a folder. Of each key there is one open issue.
    pub key: DriveKey,
    /// The title of a new issue.
    pub title: String,
    /// The labels of a new issue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// What is to be said.
    pub change: DriveChange,
}

/// A change in Drive, as far as people are told of it. All of it is strangers' text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveChange {
    /// Where: `docs:plans/a.md`.
    pub place: String,
    /// What is different: `content, renamed`.
    pub what: String,
    /// Who did it; empty when it is not told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub who: String,
    /// When, as Drive says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The page a person looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// See [`DRIVE_IMPORT`]. Which document it is the task's subject says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveImport {
    /// Where it goes in the repository: a folder, ending with `/`, or a file.
    pub to: String,
    /// What a Google document becomes; otherwise its usual format: Markdown, CSV, text or SVG. All else comes as it is.
    #[serde(rename = "as", default, skip_serializing_if = "Option::is_none")]
    pub becomes: Option<ExportFormat>,
}

/// See [`DRIVE_FOLDER`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveFolder {
    /// The folder above, as places are written: `docs:issues`.
    pub folder: String,
    /// What it is called: a template with `{number}`, `{title}` and `{milestone}`.
    pub name: String,
    /// Whether it is the milestone's, which all its issues share.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub milestone: bool,
}

/// What may stand between braces in the name of an issue's folder.
pub const FOLDER_NAMES: [&str; 3] = ["number", "title", "milestone"];

/// See [`DRIVE_ATTACH`]. The text is read when the task runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveAttach {
    /// GitHub's id of the comment that they stand in; none: in the issue itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<u64>,
}

/// See [`DRIVE_SHARE`]. Who is assigned is read when the task runs; of a closed issue nobody is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveShare {
    /// What they may do: `reader`, `commenter` or `writer`.
    pub role: String,
    /// A folder that is the issue's no more: what was given there because of the issue is taken back. None: its present
    /// one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<DriveKey>,
}

/// See [`DRIVE_COLLECT`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveCollect {
    /// What is collected.
    pub from: Collected,
    /// The folder in Drive, as places are written: `docs:releases`.
    pub folder: String,
    /// What the folder in it is called.
    pub name: String,
    /// The branch that a workflow run was for: where its pull request is ours, the status comment links to the folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<String>,
}

/// What collecting came to: the output of [`DRIVE_COLLECT`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveCollected {
    /// What the folder is called.
    pub name: String,
    /// The page a person looks at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lies_in: Option<String>,
    /// Names of the files that were copied.
    pub copied: Vec<String>,
    /// What was left, and why, a clause each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
}

/// What made the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Collected {
    /// A release has assets.
    Release {
        /// GitHub's id of it.
        id: u64,
    },
    /// A workflow run has artifacts.
    Run {
        /// GitHub's id of it.
        id: u64,
    },
}

/// What sharing came to: the output of [`DRIVE_SHARE`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriveShared {
    /// Who could not be given access, because no address of theirs is known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Login>,
    /// Whose access Drive refused to change, while that of others was changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<Login>,
}

/// As [`super::check`], for these kinds; none for others.
pub(super) fn check(kind: &str, input: &Payload) -> Option<Result<(), WrongInput>> {
    let wrong =
        |field: &str, message: &str| Err(WrongInput { field: field.to_owned(), message: message.to_owned() });
    Some(match kind {
        DRIVE_ISSUE => accepts::<DriveIssue>(input),
        DRIVE_ATTACH => accepts::<DriveAttach>(input),
        DRIVE_IMPORT => accepts::<DriveImport>(input).and_then(|()| match input.read::<DriveImport>() {
            Ok(DriveImport { to, .. }) if unfit_path(&to).is_some() => {
                wrong("to", unfit_path(&to).unwrap_or_default())
            }
            _ => Ok(()),
        }),
        DRIVE_FOLDER => accepts::<DriveFolder>(input).and_then(|()| match input.read::<DriveFolder>() {
            Ok(DriveFolder { name, .. })
                if crate::domain::template::Template::parse(&name, &FOLDER_NAMES).is_err() =>
            {
                wrong("name", "braces enclose `number`, `title` or `milestone`")
            }
            _ => Ok(()),
        }),
        DRIVE_SHARE => accepts::<DriveShare>(input).and_then(|()| match input.read::<DriveShare>() {
            Ok(DriveShare { role, .. }) if !["reader", "commenter", "writer"].contains(&role.as_str()) => {
                wrong("role", "there are `reader`, `commenter` and `writer`")
            }
            _ => Ok(()),
        }),
        DRIVE_COLLECT => accepts::<DriveCollect>(input),
        _ => return None,
    })
}

/// Why a path is none in the repository that a document may go to; none where it is.
#[must_use]
pub fn unfit_path(path: &str) -> Option<&'static str> {
    let names = path.strip_suffix('/').unwrap_or(path);
    let is_odd = |name: &str| matches!(name, "" | "." | "..") || name.eq_ignore_ascii_case(".git");
    if path.is_empty() || path.starts_with('/') {
        Some("it begins with `/` or is empty; name a folder or a file by its path in the repository")
    } else if names.split('/').any(is_odd) {
        Some("a part of it is empty, `.`, `..` or git's own folder")
    } else if path.chars().any(|c| c.is_control() || c == '\\') {
        Some("it has a backslash or a character that cannot be seen")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_goes_only_below_the_repository() {
        for path in
            ["", "/etc/x", "../x", "docs/../../x", "docs//x", ".git/config", "a\\b", "a\nb", "docs/.Git/x"]
        {
            assert!(unfit_path(path).is_some(), "{path:?}");
        }
        for path in ["docs/", "docs/plan.md", "README.md", "a b/c"] {
            assert_eq!(unfit_path(path), None, "{path}");
        }
    }
}

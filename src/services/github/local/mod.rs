//! A forge made of plain files beside a bare repository: what `demo` and rehearsals run on.
//!
//! ```text
//! forge/
//!   repository.json         name and default branch
//!   people.json             login -> permission
//!   labels.json             the labels that the repository has
//!   issues/0042.json        an issue
//!   pulls/0043.json         a pull request; both count in one row
//!   comments/0042/0007.json a comment
//!   reviews/0043/0008.json, lines/0043/0009.json
//!                           a review of a pull request; a comment on one of its lines
//!   spent.json, lock        numbers given out; held while something changes
//! ```
//!
//! Any number of processes may use one folder. It behaves as GitHub does wherever the port says how.

mod documents;
pub mod events;
mod files;
mod making;
mod mirror;
mod people;
mod port;
mod processes;
mod records;
mod reviews;

use std::path::Path;
use std::sync::Arc;

use self::files::{Folder, Held};
pub use self::people::NewIssue;
use self::records::{People, file_in};
use super::{Comment, Issue};
use crate::domain::actor::{Actor, Permission};
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login, RepositoryName};
use crate::domain::time::Timestamp;
use crate::services::clock::Clock;

/// The most people that GitHub assigns to one issue.
const MOST_ASSIGNEES: usize = 10;
/// The colour of a label that came into being by being put on an issue, as on GitHub.
const PLAIN_COLOR: &str = "ededed";

/// One repository's forge.
#[derive(Clone)]
pub struct Forge {
    folder: Folder,
    repository: records::Repository,
    myself: Actor,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Forge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Forge").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Forge {
    /// Opens the forge in `folder`, making what is missing where this user may write. What a kept `repository.json` says wins over
    /// `name` and `default_branch`. `myself` is the account as which the port writes.
    ///
    /// # Errors
    /// Transient when the disk does not do it; permanent when a file there is damaged.
    pub fn open(
        folder: &Path,
        name: &RepositoryName,
        default_branch: &str,
        myself: Actor,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Failure> {
        let folder = Folder::create(folder)?;
        let new = records::Repository { name: name.clone(), default_branch: default_branch.to_owned() };
        let repository = folder.read_or_write("repository.json", new)?;
        Ok(Self { folder, repository, myself, clock })
    }

    /// Whole seconds, as GitHub keeps them.
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.clock.now().as_millis().div_euclid(1_000) * 1_000)
    }

    fn people(&self) -> Result<People, Failure> {
        Ok(self.folder.read("people.json")?.unwrap_or_default())
    }

    fn known_labels(&self) -> Result<Vec<records::Label>, Failure> {
        Ok(self.folder.read("labels.json")?.unwrap_or_default())
    }

    /// What a login may do: everybody may look, Apps (`…[bot]`) are nobody in particular.
    fn permission_of(&self, login: &Login) -> Result<Permission, Failure> {
        let stranger = if login.as_str().ends_with("[bot]") { Permission::None } else { Permission::Read };
        Ok(self.people()?.get(login).copied().unwrap_or(stranger))
    }

    fn issue_record(&self, number: IssueNumber) -> Result<Option<records::Issue>, Failure> {
        match self.folder.read(&file_in("issues", number))? {
            None => self.folder.read(&file_in("pulls", number)),
            found => Ok(found),
        }
    }

    fn present_issue(&self, number: IssueNumber) -> Result<records::Issue, Failure> {
        self.issue_record(number)?
            .ok_or_else(|| Failure::permanent("not_found", format!("There is no issue #{number} here.")))
    }

    fn issue_records(&self) -> Result<Vec<records::Issue>, Failure> {
        let mut names = self.folder.list("issues")?;
        names.extend(self.folder.list("pulls")?);
        let read: Result<Vec<Option<records::Issue>>, Failure> =
            names.iter().map(|name| self.folder.read(name)).collect();
        Ok(read?.into_iter().flatten().collect())
    }

    fn show(&self, record: &records::Issue) -> Issue {
        record.to_port(&self.folder.path(&record.file()))
    }

    /// Writes an issue that just changed.
    fn keep_changed(&self, held: &Held, mut record: records::Issue) -> Result<Issue, Failure> {
        record.updated_at = self.now().max(record.updated_at);
        self.folder.write(held, &record.file(), &record)?;
        Ok(self.show(&record))
    }

    fn comment_records(&self, issue: IssueNumber) -> Result<Vec<(String, records::Comment)>, Failure> {
        let mut comments = Vec::new();
        for name in self.folder.list(&comments_of(issue))? {
            if let Some(record) = self.folder.read::<records::Comment>(&name)? {
                comments.push((name, record));
            }
        }
        comments.sort_by_key(|(_, comment)| comment.id);
        Ok(comments)
    }

    /// The file and the issue of a comment, whichever issue it stands on.
    fn find_comment(&self, id: u64) -> Result<Option<(String, records::Comment)>, Failure> {
        for folder in self.folder.list("comments")? {
            let name = comment_file(&folder, id);
            if let Some(record) = self.folder.read(&name)? {
                return Ok(Some((name, record)));
            }
        }
        Ok(None)
    }

    fn write_comment(
        &self,
        held: &Held,
        issue: IssueNumber,
        author: &Actor,
        text: &str,
        key: Option<&str>,
    ) -> Result<Comment, Failure> {
        let on = self.present_issue(issue)?;
        let now = self.now();
        let record = records::Comment {
            reactions: Vec::new(),
            id: self.folder.next_comment(held)?,
            key: key.map(str::to_owned),
            author: author.clone(),
            created_at: now,
            updated_at: now,
            body: text.to_owned(),
        };
        let name = comment_file(&comments_of(issue), record.id);
        self.folder.write(held, &name, &record)?;
        self.keep_changed(held, on)?;
        Ok(record.to_port(&self.folder.path(&name)))
    }

    /// The names that the repository has for these labels; those that it has not come into being.
    fn known_names(&self, held: &Held, names: &[String]) -> Result<Vec<String>, Failure> {
        let mut known = self.known_labels()?;
        let before = known.len();
        for name in names {
            if !known.iter().any(|label| same_label(&label.name, name)) {
                let (name, color) = (name.clone(), PLAIN_COLOR.to_owned());
                known.push(records::Label { name, color, description: String::new() });
            }
        }
        if known.len() > before {
            self.folder.write(held, "labels.json", &known)?;
        }
        let wanted = |label: &&records::Label| names.iter().any(|name| same_label(&label.name, name));
        Ok(known.iter().filter(wanted).map(|label| label.name.clone()).collect())
    }

    fn put_labels(&self, held: &Held, issue: IssueNumber, names: &[String]) -> Result<Issue, Failure> {
        let mut record = self.present_issue(issue)?;
        let mut new = self.known_names(held, names)?;
        new.retain(|name| !record.labels.iter().any(|present| same_label(present, name)));
        if new.is_empty() {
            return Ok(self.show(&record));
        }
        record.labels.extend(new);
        self.keep_changed(held, record)
    }

    fn take_label(&self, held: &Held, issue: IssueNumber, name: &str) -> Result<Issue, Failure> {
        let mut record = self.present_issue(issue)?;
        let before = record.labels.len();
        record.labels.retain(|label| !same_label(label, name));
        if record.labels.len() < before { self.keep_changed(held, record) } else { Ok(self.show(&record)) }
    }
}

/// GitHub compares label names without case.
fn same_label(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn comments_of(issue: IssueNumber) -> String {
    format!("comments/{:04}", issue.0)
}

fn comment_file(folder: &str, id: u64) -> String {
    format!("{folder}/{id:04}.json")
}

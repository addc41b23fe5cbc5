//! The part of the port by which an issue is opened, and what was attached or made is fetched: attachments, assets of
//! releases, artifacts of workflow runs.

use std::path::{Path, PathBuf};

use async_trait::async_trait;

use super::Issue;
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::services::temporary::{COPIES, Folder};

/// Attachments of one text that are looked at: people attach a handful.
const MOST_ATTACHED: usize = 50;
/// What the path of everything begins with that people attach to issues and comments.
const ATTACHED: &str = "/user-attachments/";

/// A file that somebody attached to a text of theirs. Only what GitHub keeps itself is one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Attachment {
    address: String,
    name: String,
}

impl Attachment {
    /// Where it is.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its name, as far as its address tells one: the file's own, or the id under which GitHub keeps a picture. A
    /// stranger's text.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is attached in a text, each once, in order. `web` is where people see GitHub: `https://github.com`. Addresses
    /// of other servers are none, whatever their path.
    #[must_use]
    pub fn all_in(text: &str, web: &str) -> Vec<Self> {
        let begin = format!("{}{ATTACHED}", web.trim_end_matches('/'));
        let mut found: Vec<Self> = Vec::new();
        for (at, _) in text.match_indices(&begin) {
            let rest = &text[at + begin.len()..];
            let allowed =
                |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '%' | '+');
            let end = rest.find(|c: char| !allowed(c)).unwrap_or(rest.len());
            let path = rest[..end].trim_end_matches(['.', '/']);
            let mut parts = path.split('/');
            let kind = parts.next().unwrap_or_default();
            let parts: Vec<&str> = parts.collect();
            let is_one = matches!((kind, parts.len()), ("assets", 1) | ("files", 2))
                && parts.iter().all(|part| !part.is_empty() && !matches!(*part, "." | ".."));
            let Some(name) = parts.last().filter(|_| is_one) else { continue };
            let attachment = Self { address: format!("{begin}{path}"), name: (*name).to_owned() };
            if !found.contains(&attachment) && found.len() < MOST_ATTACHED {
                found.push(attachment);
            }
        }
        found
    }
}

/// A file that a release or a workflow run made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeFile {
    /// What to fetch.
    pub source: Source,
    /// Its name. A stranger's text.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// What is to be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// What somebody attached.
    Attachment(Attachment),
    /// An asset of a release, by GitHub's id.
    Asset(u64),
    /// An artifact of a workflow run, by GitHub's id: a zip file.
    Artifact(u64),
}

/// What came of fetching it.
pub enum Fetched {
    /// It is here, for as long as the value is.
    Here(LocalCopy),
    /// It has more bytes than it may.
    TooLarge,
    /// GitHub has it no more, or not for us.
    Gone,
}

/// A file in a temporary folder.
pub struct LocalCopy {
    folder: Folder,
    size: u64,
}

impl LocalCopy {
    /// An empty one.
    ///
    /// # Errors
    /// A transient failure when there is no room.
    pub fn begin() -> Result<Self, Failure> {
        let failed = |error: std::io::Error| {
            Failure::transient("no_room", format!("no temporary folder could be made: {error}"))
        };
        Ok(Self { folder: Folder::new(COPIES).map_err(failed)?, size: 0 })
    }

    /// With so many bytes in it.
    #[must_use]
    pub const fn of(mut self, size: u64) -> Self {
        self.size = size;
        self
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        Path::new(self.folder.path()).join("content")
    }

    /// Bytes.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }
}

fn not_here<T>(what: &str) -> Result<T, Failure> {
    Err(Failure::permanent("not_on_this_forge", format!("a local forge does not {what}")))
}

/// Opening issues, and fetching what was attached and made. What a forge without files answers stands here as the default.
#[async_trait]
pub trait Making: Send + Sync {
    /// Opens an issue. Asked twice it opens two: put a marker into the text and look first.
    async fn open_issue(&self, _title: &str, _body: &str, _labels: &[String]) -> Result<Issue, Failure> {
        not_here("open issues")
    }

    /// Gives an issue another text, and leaves all else. Nothing is compared: what somebody wrote there meanwhile is gone.
    async fn rewrite_issue(&self, _issue: IssueNumber, _body: &str) -> Result<(), Failure> {
        not_here("rewrite issues")
    }

    /// Where people see GitHub: `https://github.com`.
    fn web(&self) -> String {
        String::new()
    }

    /// The assets of a release; none when the release is gone.
    async fn assets(&self, _release: u64) -> Result<Option<Vec<MadeFile>>, Failure> {
        not_here("have releases")
    }

    /// The artifacts of a workflow run that GitHub still has; none when the run is gone.
    async fn artifacts(&self, _run: u64) -> Result<Option<Vec<MadeFile>>, Failure> {
        not_here("have artifacts")
    }

    /// Fetches a file of `most` bytes at most.
    async fn fetch(&self, _source: &Source, _most: u64) -> Result<Fetched, Failure> {
        not_here("keep files")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_github_keeps_itself_is_an_attachment() {
        let text = "![shot](https://github.com/user-attachments/assets/0a1b-2c3d)\n\
            [log](https://github.com/user-attachments/files/123/crash.log), again https://github.com/user-attachments/files/123/crash.log.\n\
            https://github.com.evil.example/user-attachments/files/1/x https://evil.example/user-attachments/files/1/x\n\
            https://github.com/user-attachments/files/1/../../acme/secret https://github.com/user-attachments/assets/\n\
            https://github.com/acme/widgets/files/1/x https://github.com/user-attachments/files/9/a%20b.txt?token=1";
        let found = Attachment::all_in(text, "https://github.com");
        let told: Vec<String> =
            found.iter().map(|found| format!("{} {}", found.name(), found.address())).collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        0a1b-2c3d https://github.com/user-attachments/assets/0a1b-2c3d
        crash.log https://github.com/user-attachments/files/123/crash.log
        a%20b.txt https://github.com/user-attachments/files/9/a%20b.txt
        ");
    }
}

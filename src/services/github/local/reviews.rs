//! Reviews on the local forge, and the threads on lines of its pull requests: `reviews/0043/0007.json`, `lines/0043/0008.json`.

use serde::{Deserialize, Serialize};

use super::Forge;
use crate::domain::actor::Actor;
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::time::Timestamp;
use crate::services::github::{LineComment, Reaction, Review, body};

/// A review in its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct ReviewRecord {
    id: u64,
    /// What the play calls it: handing it in again on a kept folder finds it.
    key: String,
    author: Actor,
    state: String,
    submitted_at: Timestamp,
    body: String,
}

/// A comment on a line in its file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct LineRecord {
    id: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// The comment that its thread begins with.
    thread: u64,
    author: Actor,
    path: String,
    line: Option<u64>,
    created_at: Timestamp,
    /// Our reactions, as GitHub names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<String>,
    body: String,
}

impl From<ReviewRecord> for Review {
    fn from(record: ReviewRecord) -> Self {
        let ReviewRecord { id, author, state, submitted_at, body, .. } = record;
        Self { id, author, state, body, commit: None, submitted_at: Some(submitted_at) }
    }
}

impl From<LineRecord> for LineComment {
    fn from(record: LineRecord) -> Self {
        let LineRecord { id, thread, author, path, line, created_at, body, .. } = record;
        // The forge keeps no code, so it has no lines of a diff to show.
        Self { id, thread, author, path, line, hunk: String::new(), body, created_at, updated_at: created_at }
    }
}

impl Forge {
    /// A person reviews a pull request (`approved`, `changes_requested`, `commented`), or finds the review handed in under
    /// the same key.
    ///
    /// # Errors
    /// When the folder cannot be used, there is no such pull request or the text is longer than GitHub takes.
    pub fn review_as(
        &self,
        author: &Login,
        pull: IssueNumber,
        verdict: &str,
        text: &str,
        key: &str,
    ) -> Result<Review, Failure> {
        body::check(text)?;
        let held = self.folder.hold()?;
        let on = self.present_issue(pull)?;
        if let Some(known) = self.review_records(pull)?.into_iter().find(|known| known.key == key) {
            return Ok(known.into());
        }
        let record = ReviewRecord {
            id: self.folder.next_comment(&held)?,
            key: key.to_owned(),
            author: Actor::person(author.as_str()),
            state: verdict.to_owned(),
            submitted_at: self.now(),
            body: text.to_owned(),
        };
        self.folder.write(&held, &file("reviews", pull, record.id), &record)?;
        self.keep_changed(&held, on)?;
        Ok(record.into())
    }

    /// A person comments on a line of a file (`place`) of a pull request and begins a thread, or finds the one begun under
    /// the same key.
    ///
    /// # Errors
    /// As [`Forge::review_as`].
    pub fn comment_on_line_as(
        &self,
        author: &Login,
        pull: IssueNumber,
        place: (&str, u64),
        text: &str,
        key: &str,
    ) -> Result<LineComment, Failure> {
        body::check(text)?;
        let held = self.folder.hold()?;
        self.present_issue(pull)?;
        let known = self.line_records(pull)?.into_iter().find(|known| known.key.as_deref() == Some(key));
        if let Some(known) = known {
            return Ok(known.into());
        }
        let id = self.folder.next_comment(&held)?;
        let record = LineRecord {
            id,
            key: Some(key.to_owned()),
            thread: id,
            author: Actor::person(author.as_str()),
            path: place.0.to_owned(),
            line: Some(place.1),
            created_at: self.now(),
            reactions: Vec::new(),
            body: text.to_owned(),
        };
        self.folder.write(&held, &file("lines", pull, id), &record)?;
        Ok(record.into())
    }

    /// The reviews of a pull request, oldest first.
    pub(super) fn reviews_of(&self, pull: IssueNumber) -> Result<Vec<Review>, Failure> {
        Ok(self.review_records(pull)?.into_iter().map(Review::from).collect())
    }

    /// The comments on lines of a pull request, oldest first.
    pub(super) fn lines_of(&self, pull: IssueNumber) -> Result<Vec<LineComment>, Failure> {
        Ok(self.line_records(pull)?.into_iter().map(LineComment::from).collect())
    }

    /// Answers in a thread under our own account; nothing when the thread is gone.
    pub(super) fn answer_on_line(
        &self,
        pull: IssueNumber,
        thread: u64,
        text: &str,
    ) -> Result<Option<u64>, Failure> {
        body::check(text)?;
        let held = self.folder.hold()?;
        let Some(first) = self.line_records(pull)?.into_iter().find(|known| known.id == thread) else {
            return Ok(None);
        };
        let id = self.folder.next_comment(&held)?;
        let (author, created_at, body) = (self.myself.clone(), self.now(), text.to_owned());
        let reactions = Vec::new();
        let record = LineRecord { id, key: None, author, created_at, reactions, body, ..first };
        self.folder.write(&held, &file("lines", pull, id), &record)?;
        Ok(Some(id))
    }

    /// Puts a reaction of ours on a comment on a line; false when there is no such comment.
    pub(super) fn react_to_line(&self, comment: u64, reaction: Reaction) -> Result<bool, Failure> {
        let held = self.folder.hold()?;
        for pull in self.pulls()? {
            let known = self.line_records(pull.number)?.into_iter().find(|known| known.id == comment);
            let Some(mut record) = known else { continue };
            if !record.reactions.iter().any(|known| known == reaction.content()) {
                record.reactions.push(reaction.content().to_owned());
                self.folder.write(&held, &file("lines", pull.number, comment), &record)?;
            }
            return Ok(true);
        }
        Ok(false)
    }

    fn review_records(&self, pull: IssueNumber) -> Result<Vec<ReviewRecord>, Failure> {
        self.records_of("reviews", pull, |record: &ReviewRecord| record.id)
    }

    fn line_records(&self, pull: IssueNumber) -> Result<Vec<LineRecord>, Failure> {
        self.records_of("lines", pull, |record: &LineRecord| record.id)
    }

    fn records_of<T: serde::de::DeserializeOwned>(
        &self,
        part: &str,
        pull: IssueNumber,
        id: fn(&T) -> u64,
    ) -> Result<Vec<T>, Failure> {
        let names = self.folder.list(&format!("{part}/{:04}", pull.0))?;
        let read: Result<Vec<Option<T>>, Failure> = names.iter().map(|name| self.folder.read(name)).collect();
        let mut records: Vec<T> = read?.into_iter().flatten().collect();
        records.sort_by_key(id);
        Ok(records)
    }
}

fn file(part: &str, pull: IssueNumber, id: u64) -> String {
    format!("{part}/{:04}/{id:04}.json", pull.0)
}

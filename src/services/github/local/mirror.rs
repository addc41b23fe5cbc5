//! Lays out on the local forge what the log tells of GitHub: what a rehearsal is played on.

use super::records::{self, file_in};
use super::{Forge, PLAIN_COLOR, comment_file, comments_of, same_label};
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::trigger::{CommentFacts, IssueFacts, PullFacts};

impl Forge {
    /// Has an issue, or a pull request in its issue's clothes, look as these facts say. What they do not tell (type,
    /// milestone, branches) stays as it was.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn show_issue(&self, facts: &IssueFacts) -> Result<(), Failure> {
        let held = self.folder.hold()?;
        let known = self.issue_record(facts.number)?;
        let pull = known.as_ref().and_then(|known| known.pull.clone());
        let pull = pull.or_else(|| facts.is_pull.then(|| branches("", "")));
        let record = record(facts, known, pull);
        self.folder.write(&held, &record.file(), &record)
    }

    /// Has a pull request look as these facts say; what they do not tell stays as it was.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn show_pull(&self, facts: &PullFacts) -> Result<(), Failure> {
        let held = self.folder.hold()?;
        let known = self.issue_record(facts.number)?;
        let mut pull =
            known.as_ref().and_then(|known| known.pull.clone()).unwrap_or_else(|| branches("", ""));
        (pull.head, pull.base) = (facts.head.clone(), facts.base.clone());
        (pull.draft, pull.merged) = (facts.draft, facts.merged);
        let now = self.now();
        let seen = IssueFacts {
            number: facts.number,
            title: facts.title.clone(),
            body: facts.body.clone(),
            written: None,
            author: facts.author.clone(),
            state: facts.state,
            labels: facts.labels.clone(),
            assignees: known.as_ref().map(|known| known.assignees.clone()).unwrap_or_default(),
            is_pull: true,
            created_at: known.as_ref().map_or(now, |known| known.created_at),
            updated_at: now,
        };
        let record = record(&seen, known, Some(pull));
        self.folder.write(&held, &record.file(), &record)
    }

    /// Has a comment stand on an issue.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn show_comment(&self, issue: IssueNumber, facts: &CommentFacts) -> Result<(), Failure> {
        let held = self.folder.hold()?;
        let record = records::Comment {
            id: facts.id,
            key: None,
            author: facts.author.clone(),
            created_at: facts.created_at,
            updated_at: facts.created_at,
            reactions: Vec::new(),
            body: facts.body.raw().to_owned(),
        };
        self.folder.write(&held, &comment_file(&comments_of(issue), facts.id), &record)
    }

    /// Takes an issue off the forge: it was deleted, or moved elsewhere.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn hide_issue(&self, issue: IssueNumber) -> Result<(), Failure> {
        let held = self.folder.hold()?;
        self.folder.delete(&held, &file_in("issues", issue))?;
        self.folder.delete(&held, &file_in("pulls", issue))
    }

    /// Has the repository know these labels, and no more those that are gone.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn show_labels<'a>(
        &self,
        there: impl IntoIterator<Item = &'a str>,
        gone: Option<&str>,
    ) -> Result<(), Failure> {
        let held = self.folder.hold()?;
        let mut labels = self.known_labels()?;
        labels.retain(|known| gone.is_none_or(|gone| !same_label(&known.name, gone)));
        for name in there {
            if !labels.iter().any(|known| same_label(&known.name, name)) {
                let (name, color) = (name.to_owned(), PLAIN_COLOR.to_owned());
                labels.push(records::Label { name, color, description: String::new() });
            }
        }
        self.folder.write(&held, "labels.json", &labels)
    }
}

/// What the forge keeps of an issue; what the facts do not tell is as it was known.
fn record(
    facts: &IssueFacts,
    known: Option<records::Issue>,
    pull: Option<records::Branches>,
) -> records::Issue {
    let (issue_type, milestone) = known.map(|known| (known.issue_type, known.milestone)).unwrap_or_default();
    records::Issue {
        number: facts.number,
        key: None,
        title: facts.title.raw().to_owned(),
        author: facts.author.clone(),
        state: facts.state,
        labels: facts.labels.clone(),
        assignees: facts.assignees.clone(),
        issue_type,
        milestone,
        pull,
        created_at: facts.created_at,
        updated_at: facts.updated_at,
        body: facts.body.raw().to_owned(),
    }
}

fn branches(head: &str, base: &str) -> records::Branches {
    records::Branches {
        head: head.to_owned(),
        base: base.to_owned(),
        draft: false,
        merged: false,
        reviewers: Vec::new(),
    }
}

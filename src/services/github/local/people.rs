//! What people do on the local forge: the demo's and the rehearsals' part of the play.

use super::Forge;
use super::records::{self, People};
use crate::domain::actor::{Actor, Permission};
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login, RepositoryName};
use crate::domain::trigger::OpenState;
use crate::services::github::{Comment, Issue, PullRequest, body};

/// An issue that a person opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewIssue {
    /// What the play calls it: opening it again on a kept folder finds it.
    pub key: String,
    /// Who opens it.
    pub author: Login,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Labels that it is opened with.
    pub labels: Vec<String>,
}

impl Forge {
    /// The repository that the forge belongs to.
    #[must_use]
    pub const fn name(&self) -> &RepositoryName {
        &self.repository.name
    }

    /// The branch that counts.
    #[must_use]
    pub fn default_branch(&self) -> &str {
        &self.repository.default_branch
    }

    /// The pull request of that number.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn pull_request(&self, number: IssueNumber) -> Result<Option<PullRequest>, Failure> {
        let record = self.issue_record(number)?;
        Ok(record.and_then(|record| record.to_pull(&self.folder.path(&record.file()))))
    }

    /// All pull requests, oldest first.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn pulls(&self) -> Result<Vec<PullRequest>, Failure> {
        let records = self.issue_records()?.into_iter();
        let pull = |record: records::Issue| record.to_pull(&self.folder.path(&record.file()));
        let mut pulls: Vec<PullRequest> = records.filter_map(pull).collect();
        pulls.sort_by_key(|pull| pull.number);
        Ok(pulls)
    }

    /// Says what a person may do.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn set_permission(&self, login: &Login, permission: Permission) -> Result<(), Failure> {
        let held = self.folder.hold()?;
        let mut people: People = self.people()?;
        people.insert(login.clone(), permission);
        self.folder.write(&held, "people.json", &people)
    }

    /// A person opens an issue, or finds the one opened under the same key. It is there with its labels
    /// at once, as on GitHub.
    ///
    /// # Errors
    /// When the folder cannot be used or the text is longer than GitHub takes.
    pub fn open_issue(&self, new: &NewIssue) -> Result<Issue, Failure> {
        body::check(&new.body)?;
        let held = self.folder.hold()?;
        let known = self.issue_records()?.into_iter().find(|issue| issue.key.as_ref() == Some(&new.key));
        if let Some(known) = known {
            return Ok(self.show(&known));
        }
        let now = self.now();
        let mut record = records::Issue {
            number: IssueNumber(self.folder.next_issue(&held)?),
            key: Some(new.key.clone()),
            title: new.title.clone(),
            author: Actor::person(new.author.as_str()),
            state: OpenState::Open,
            labels: Vec::new(),
            assignees: Vec::new(),
            issue_type: None,
            milestone: None,
            pull: None,
            created_at: now,
            updated_at: now,
            body: new.body.clone(),
        };
        record.labels = self.known_names(&held, &new.labels)?;
        self.folder.write(&held, &record.file(), &record)?;
        Ok(self.show(&record))
    }

    /// A person comments, or finds the comment made under the same key on that issue.
    ///
    /// # Errors
    /// When the folder cannot be used, the issue is gone or the text is longer than GitHub takes.
    pub fn comment_as(
        &self,
        author: &Login,
        issue: IssueNumber,
        text: &str,
        key: &str,
    ) -> Result<Comment, Failure> {
        body::check(text)?;
        let held = self.folder.hold()?;
        let known =
            self.comment_records(issue)?.into_iter().find(|(_, known)| known.key.as_deref() == Some(key));
        match known {
            Some((name, known)) => Ok(known.to_port(&self.folder.path(&name))),
            None => self.write_comment(&held, issue, &Actor::person(author.as_str()), text, Some(key)),
        }
    }

    /// A person puts a label on an issue.
    ///
    /// # Errors
    /// When the folder cannot be used or the issue is gone.
    pub fn put_label(&self, issue: IssueNumber, name: &str) -> Result<Issue, Failure> {
        self.put_labels(&self.folder.hold()?, issue, &[name.to_owned()])
    }

    /// A person takes a label off an issue.
    ///
    /// # Errors
    /// When the folder cannot be used or the issue is gone.
    pub fn take_label_off(&self, issue: IssueNumber, name: &str) -> Result<Issue, Failure> {
        self.take_label(&self.folder.hold()?, issue, name)
    }

    /// A person merges a pull request, as far as the forge shows it: no branch is moved.
    ///
    /// # Errors
    /// When the folder cannot be used or there is no such pull request.
    pub fn merge(&self, pull: IssueNumber) -> Result<Issue, Failure> {
        let held = self.folder.hold()?;
        let mut record = self.present_issue(pull)?;
        let branches = record.pull.as_mut().ok_or_else(|| {
            Failure::permanent("not_found", format!("There is no pull request #{pull} here."))
        })?;
        branches.merged = true;
        record.state = OpenState::Closed;
        self.keep_changed(&held, record)
    }

    /// A person closes or reopens an issue or a pull request.
    ///
    /// # Errors
    /// When the folder cannot be used or the issue is gone.
    pub fn set_state(&self, issue: IssueNumber, state: OpenState) -> Result<Issue, Failure> {
        let held = self.folder.hold()?;
        let mut record = self.present_issue(issue)?;
        record.state = state;
        self.keep_changed(&held, record)
    }
}

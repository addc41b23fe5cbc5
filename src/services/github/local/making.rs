//! Opens issues on the local forge, as its own account does. It keeps no files of releases and runs.

use async_trait::async_trait;

use super::{Forge, records};
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::trigger::OpenState;
use crate::services::github::{Issue, Making, body};

#[async_trait]
impl Making for Forge {
    async fn open_issue(&self, title: &str, text: &str, labels: &[String]) -> Result<Issue, Failure> {
        body::check(text)?;
        let held = self.folder.hold()?;
        let now = self.now();
        let mut record = records::Issue {
            number: IssueNumber(self.folder.next_issue(&held)?),
            key: None,
            title: title.to_owned(),
            author: self.myself.clone(),
            state: OpenState::Open,
            labels: Vec::new(),
            assignees: Vec::new(),
            issue_type: None,
            milestone: None,
            pull: None,
            created_at: now,
            updated_at: now,
            body: text.to_owned(),
        };
        record.labels = self.known_names(&held, labels)?;
        self.folder.write(&held, &record.file(), &record)?;
        Ok(self.show(&record))
    }

    async fn rewrite_issue(&self, issue: IssueNumber, text: &str) -> Result<(), Failure> {
        body::check(text)?;
        let held = self.folder.hold()?;
        let record = records::Issue { body: text.to_owned(), ..self.present_issue(issue)? };
        self.keep_changed(&held, record).map(drop)
    }
}

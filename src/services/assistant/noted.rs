//! An assistant whose key's use is noted; otherwise it is the one behind it.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Answer, Assistant, Judgement, Question, Request};
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::services::uses::Noting;

/// Notes that it is asked.
pub struct Noted {
    behind: Arc<dyn Assistant>,
    noting: Noting,
}

impl Noted {
    /// Notes when `behind` is asked.
    #[must_use]
    pub fn new(behind: Arc<dyn Assistant>, noting: Noting) -> Self {
        Self { behind, noting }
    }
}

#[async_trait]
impl Assistant for Noted {
    fn name(&self) -> &str {
        self.behind.name()
    }

    fn needs_folder(&self) -> bool {
        self.behind.needs_folder()
    }

    async fn propose(&self, request: &Request) -> Answer {
        self.noting.note();
        self.behind.propose(request).await
    }

    async fn judge(&self, question: &Question) -> Judgement {
        self.noting.note();
        self.behind.judge(question).await
    }

    async fn take_on(&self, issue: IssueNumber) -> Result<(), Failure> {
        self.noting.note();
        self.behind.take_on(issue).await
    }

    async fn has_taken_on(&self, issue: IssueNumber) -> Result<bool, Failure> {
        self.noting.note();
        self.behind.has_taken_on(issue).await
    }
}

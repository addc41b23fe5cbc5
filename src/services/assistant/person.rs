//! The assistant that is a person: the issue is theirs, and nothing is made here.

use async_trait::async_trait;

use super::{Answer, Answers, Assistant, Change, Proposal, Request};
use crate::domain::id::Login;
use crate::domain::usage::Usage;

/// Somebody who is assigned the issue. They answer in their own time, by a pull request or a word.
#[derive(Clone, Debug)]
pub struct Person {
    login: Login,
}

impl Person {
    /// The person of that login.
    #[must_use]
    pub const fn new(login: Login) -> Self {
        Self { login }
    }
}

#[async_trait]
impl Assistant for Person {
    fn name(&self) -> &str {
        self.login.as_str()
    }

    fn needs_folder(&self) -> bool {
        false
    }

    /// Changes nothing: assigning is an effect, and effects are the task's.
    async fn propose(&self, _request: &Request) -> Answer {
        let change = Change::Elsewhere { who: self.login.clone(), is_assigned: false, agent: None };
        let summary = format!("{} is asked to look at it.", self.login);
        let outcome = Ok(Proposal { change, summary });
        Answer { outcome, usage: Usage::default(), answers: Answers::new() }
    }
}

//! An assistant that a configuration may name and this version does not have: it says so, and the next one is asked.

use async_trait::async_trait;

use super::{Answer, Answers, Assistant, Judgement, Question, Request};
use crate::domain::failure::Failure;
use crate::domain::usage::Usage;

/// The code of the permanent failure of an assistant that is not there: the next one is asked.
pub const MISSING: &str = "assistant_missing";

/// Stands where an assistant is missing.
#[derive(Clone, Debug)]
pub struct Absent {
    name: String,
}

impl Absent {
    /// For the assistant of this name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned() }
    }

    fn missing(&self) -> Failure {
        Failure::permanent(MISSING, format!("The assistant `{}` is not built into this version.", self.name))
            .hint("Take it out of `assistants` in .github/automata.yml, or use a newer version.")
    }
}

#[async_trait]
impl Assistant for Absent {
    fn name(&self) -> &str {
        &self.name
    }

    fn needs_folder(&self) -> bool {
        false
    }

    async fn propose(&self, _: &Request) -> Answer {
        Answer { outcome: Err(self.missing()), usage: Usage::default(), answers: Answers::new() }
    }

    async fn judge(&self, _: &Question) -> Judgement {
        Judgement { outcome: Err(self.missing()), usage: Usage::default() }
    }
}

//! Assistants that are a model behind an HTTP endpoint, and a small loop of ours around it.
//!
//! The loop speaks no provider's words; each provider is one file that does. The model has tools for files in the request's
//! folder, and one that runs the checks of the configuration: no shell, no network, no token. A model that judges has no tool at
//! all but the form of its answer.

mod agent;
mod anthropic;
mod budget;
mod conversation;
mod exchange;
mod judge;
mod openai;
mod refusal;
mod sse;
mod talk;
mod tools;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use self::agent::Attempt;
use self::budget::Budget;
use self::refusal::Whom;
use self::talk::{Provider, Talk};
use self::tools::Workspace;
use super::{Allowance, Answer, Answers, Assistant, Judgement, Question, Request};
use crate::domain::failure::Failure;
use crate::services::clock::Clock;
use crate::services::http::{self, Client};
use crate::services::secrets::Secret;

pub use self::anthropic::URL as ANTHROPIC_URL;
pub use self::openai::URL as OPENAI_URL;
pub use self::tools::check::{Check, Checks};

/// How long a model may think without a word. The slowest ones send nothing for minutes before their first.
const SILENCE: Duration = Duration::from_secs(300);

/// Which model, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The assistant's name in the configuration.
    pub name: String,
    /// The model, by the provider's name for it.
    pub model: String,
    /// Where the endpoint is: for `openai` what stands before `/chat/completions`, for `anthropic` what stands before
    /// `/v1/messages`. None: the provider's own.
    pub url: Option<String>,
    /// The environment variable that holds the key, for messages; none where the endpoint wants no key.
    pub key: Option<String>,
    /// What tokens cost; without it money is not counted.
    pub prices: Option<Prices>,
    /// Tokens that one answer may have; none: the endpoint's own limit, with `anthropic` 16,384.
    pub most_output: Option<u32>,
}

/// Prices of a million tokens, in millionths of a US dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// Of what is sent. What the provider reads from its cache counts a tenth, what it writes there five quarters.
    pub input: u64,
    /// Of what the model writes.
    pub output: u64,
}

/// The settings make no assistant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The key has characters that no header may have.
    #[error("the key in {0} has characters that no key has: a line break in the middle, perhaps")]
    Key(String),
}

impl Settings {
    fn whom(&self) -> Whom {
        Whom { name: self.name.clone(), model: self.model.clone(), key: self.key.clone() }
    }

    fn bad_key(&self) -> Unusable {
        Unusable::Key(self.key.clone().unwrap_or_default())
    }
}

/// How the outside is to be reached for [`Model::openai`] and [`Model::anthropic`]: keys are not carried along by redirects, and
/// a model may think for longer than git.
#[must_use]
pub fn http_settings(base: &http::Settings) -> http::Settings {
    http::Settings { follow_redirects: false, silence: Some(SILENCE), ..base.clone() }
}

/// An assistant that is a model.
pub struct Model {
    settings: Settings,
    provider: Box<dyn Provider>,
    clock: Arc<dyn Clock>,
    checks: Option<Checks>,
}

impl Model {
    /// A model behind any endpoint that speaks OpenAI's chat completions. Nothing is asked of anybody yet. Endpoints on one's
    /// own machine may need no key. `client` is made with [`http_settings`].
    ///
    /// # Errors
    /// When the key cannot be one.
    pub fn openai(
        settings: Settings,
        key: Option<Secret>,
        client: Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Unusable> {
        let provider = Box::new(openai::Chat::new(&settings, key, client)?);
        Ok(Self { settings, provider, clock, checks: None })
    }

    /// A model behind Anthropic's messages API; otherwise as [`Model::openai`].
    ///
    /// # Errors
    /// When the key cannot be one.
    pub fn anthropic(
        settings: Settings,
        key: Option<Secret>,
        client: Client,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Unusable> {
        let provider = Box::new(anthropic::Messages::new(&settings, key, client)?);
        Ok(Self { settings, provider, clock, checks: None })
    }

    /// It may run these checks.
    #[must_use]
    pub fn with_checks(self, checks: Option<Checks>) -> Self {
        Self { checks, ..self }
    }

    fn talk(&self, allowance: Allowance) -> Talk<'_> {
        Talk {
            name: &self.settings.name,
            provider: self.provider.as_ref(),
            clock: self.clock.as_ref(),
            budget: Budget::new(&self.settings, allowance, self.clock.now()),
        }
    }
}

#[async_trait]
impl Assistant for Model {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn needs_folder(&self) -> bool {
        true
    }

    async fn propose(&self, request: &Request) -> Answer {
        let talk = self.talk(request.allowance);
        let workspace = match request.folder.as_deref().map(Workspace::open) {
            Some(Ok(workspace)) => workspace,
            Some(Err(error)) => {
                let failure =
                    Failure::transient("no_folder", format!("the work folder cannot be used: {error}"));
                let (usage, answers) = (talk.budget.used(self.clock.now()), Answers::new());
                return Answer { outcome: Err(failure), usage, answers };
            }
            None => {
                let failure =
                    Failure::permanent("bug", format!("`{}` was given no folder", self.settings.name));
                let (usage, answers) = (talk.budget.used(self.clock.now()), Answers::new());
                return Answer { outcome: Err(failure), usage, answers };
            }
        };
        let (checks, answers) = (self.checks.as_ref(), Answers::new());
        let mut attempt = Attempt { talk, workspace, checks, checked: 0, answers };
        let outcome = attempt.run(&request.prompt).await;
        let usage = attempt.talk.budget.used(self.clock.now());
        Answer { outcome, usage, answers: attempt.answers }
    }

    async fn judge(&self, question: &Question) -> Judgement {
        let mut talk = self.talk(question.allowance);
        let outcome = judge::ask(&mut talk, question).await;
        Judgement { outcome, usage: talk.budget.used(self.clock.now()) }
    }
}

//! Breakers: what fails again and again is left alone for a while, and then tried by one task.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::failure::{Failure, FailureClass};
use super::id::{AssistantName, Login, NamedRule, PluginName, ServiceName};
use super::input;
use super::plugin;
use super::spec::TaskSpec;
use super::task::Task;

mod row;

pub use row::{Circuit, Row, Trial};

/// Failures of one sort in a row after which something is left alone: as many as a task that is tried a few times has with bad
/// luck, and no more.
pub const FAILURES: u32 = 5;
/// How long it is left alone: most outages that end by themselves end within it, and a task waits no longer than for a late run.
pub const LEFT_ALONE: Duration = Duration::from_secs(10 * 60);
/// The code of a failure: nobody was asked, because whoever might be is left alone for now.
pub const ALONE: &str = "left_alone";

/// The code of the failure of an assistant that wants us to wait: that closes nothing to anybody else.
pub const BUSY: &str = "assistant_busy";
/// The code of the failure of an assistant that took too long.
pub const OUT_OF_TIME: &str = "assistant_out_of_time";
/// The code of the failure of an assistant that was ended by a signal.
pub const KILLED: &str = "assistant_killed";
/// The code of the failure of an assistant that held more memory than it may.
pub const OUT_OF_MEMORY: &str = "assistant_out_of_memory";
/// The code of the failure of an answer that broke off in the middle.
pub const CUT: &str = "model_stream_cut";
/// The code of the failure of an answer that was perhaps paid for and never recorded.
pub const LOST: &str = "answer_lost";
/// What an assistant fails with that may be the doing of whoever wrote what it was asked about. All else that may pass is its
/// own: it is not to be reached, or says so itself.
const OF_THE_WORK: [&str; 5] = [OUT_OF_TIME, KILLED, OUT_OF_MEMORY, CUT, LOST];

/// What has a breaker of its own, written `service/slack`, `assistant/codex`, `plugin/tidy` or `rule/stale`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Breaker {
    /// An outside service.
    Service(ServiceName),
    /// One assistant, whatever it is asked.
    Assistant(AssistantName),
    /// One plugin.
    Plugin(PluginName),
    /// What one rule of the configuration leads to.
    Rule(NamedRule),
}

/// The text names no breaker.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a breaker: it is service/NAME, assistant/NAME, plugin/NAME or rule/NAME")]
pub struct NotABreaker(String);

impl Breaker {
    /// The breaker of an assistant.
    #[must_use]
    pub fn assistant(name: &str) -> Self {
        Self::Assistant(AssistantName::new(name))
    }

    /// Those that hold a task up, each by itself. Assistants are not among them: another one may be asked.
    #[must_use]
    pub fn of(spec: &TaskSpec) -> Vec<Self> {
        let kind = spec.kind.as_str();
        let service = service(spec).map(Self::Service);
        let plugin = || spec.input.read::<input::Exec>().ok().map(|exec| PluginName::new(exec.plugin));
        let plugin = if kind == input::EXEC { plugin() } else { None };
        // Who is told of what goes wrong must hear of it.
        let tells = matches!(kind, input::COMMENT | input::OBEY | input::UNDO) || input::is_telling(kind);
        let rule = spec.rule.as_deref().filter(|_| !tells).map(NamedRule::from);
        [service, plugin.map(Self::Plugin), rule.map(Self::Rule)].into_iter().flatten().collect()
    }

    /// Those of the assistants one of whom makes the change that a task wants, where `all` may be asked.
    #[must_use]
    pub fn of_assistants(spec: &TaskSpec, all: &[AssistantName]) -> Vec<Self> {
        if !asks_assistants(spec) {
            return Vec::new();
        }
        let wanted: Option<input::Implement> = spec.input.read().ok();
        let (named, past) = wanted.map(|wanted| (wanted.assistant, wanted.past)).unwrap_or_default();
        if let Some(named) = named {
            return vec![Self::assistant(&named)];
        }
        let others = all.iter().filter(|name| !past.iter().any(|past| name.as_str() == past));
        others.cloned().map(Self::Assistant).collect()
    }

    /// Whose words this failure of a task may come of, and so who it is put down to: a text can make a program fail that reads it.
    /// None: it is the fault of what failed, whoever asks for it.
    #[must_use]
    pub fn put_down_to<'a>(&self, failure: &Failure, task: &'a Task) -> Option<&'a Login> {
        let is_its_own = match self {
            Self::Service(_) => true,
            Self::Assistant(_) => !OF_THE_WORK.contains(&failure.code.as_str()),
            Self::Plugin(_) | Self::Rule(_) => false,
        };
        task.whose().filter(|_| !is_its_own)
    }

    /// What the end of an attempt at such a task says of it. How assistants fare their answers say.
    pub(super) fn judge<'a>(&self, event: &'a Event) -> Verdict<'a> {
        let (failure, is_final) = match event {
            Event::TaskRetried(retried) => (&retried.failure, false),
            Event::TaskFailed(failed) if failed.lease.is_some() => (&failed.failure, true),
            Event::TaskCompleted(done) => {
                // A plugin that was not asked, because there was nothing to ask about, did not do well either.
                let was_asked = || done.output.read::<input::Executed>().is_ok();
                let says = !matches!(self, Self::Plugin(_)) || was_asked();
                return if says { Verdict::Well } else { Verdict::Nothing };
            }
            _ => return Verdict::Nothing,
        };
        match self {
            // Whoever answers is well, whatever the answer is.
            Self::Service(_) if failure.class == FailureClass::Transient => Verdict::Failed(failure),
            Self::Service(_) => Verdict::Well,
            Self::Plugin(_) if plugin::FAILURES.contains(&failure.code.as_str()) => Verdict::Failed(failure),
            // A service that stumbles has a breaker of its own, and the next attempt may come to something.
            Self::Rule(_) if is_final => Verdict::Failed(failure),
            Self::Assistant(_) | Self::Plugin(_) | Self::Rule(_) => Verdict::Nothing,
        }
    }
}

/// What something that happened says of what has a breaker.
pub(super) enum Verdict<'a> {
    /// It failed.
    Failed(&'a Failure),
    /// It did what it is for.
    Well,
    /// Neither.
    Nothing,
}

/// In words for a person.
impl fmt::Display for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(name) => write!(f, "{name}"),
            Self::Assistant(name) => write!(f, "the assistant `{name}`"),
            Self::Plugin(name) => write!(f, "the plugin `{name}`"),
            Self::Rule(name) => write!(f, "the rule `{name}`"),
        }
    }
}

impl From<Breaker> for String {
    fn from(breaker: Breaker) -> Self {
        match breaker {
            Breaker::Service(name) => format!("service/{name}"),
            Breaker::Assistant(name) => format!("assistant/{name}"),
            Breaker::Plugin(name) => format!("plugin/{name}"),
            Breaker::Rule(name) => format!("rule/{name}"),
        }
    }
}

impl FromStr for Breaker {
    type Err = NotABreaker;

    fn from_str(text: &str) -> Result<Self, NotABreaker> {
        match text.split_once('/') {
            Some(("service", name)) => Ok(Self::Service(name.into())),
            Some(("assistant", name)) => Ok(Self::Assistant(name.into())),
            Some(("plugin", name)) => Ok(Self::Plugin(name.into())),
            Some(("rule", name)) => Ok(Self::Rule(name.into())),
            _ => Err(NotABreaker(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Breaker {
    type Error = NotABreaker;
    fn try_from(text: String) -> Result<Self, NotABreaker> {
        text.parse()
    }
}

/// The service that a task is done with, where that may be down by itself. GitHub is none: without it nothing runs.
fn service(spec: &TaskSpec) -> Option<ServiceName> {
    match spec.kind.as_str() {
        input::SLACK => Some(ServiceName::new("slack")),
        // Each leads somewhere else.
        input::WEBHOOK => {
            let webhook: Webhook = spec.input.read().unwrap_or_default();
            Some(ServiceName::new(format!("webhook {}", webhook.name)))
        }
        kind if kind.starts_with("drive_") => Some(ServiceName::new("drive")),
        _ => None,
    }
}

/// What matters here of a task that calls a webhook.
#[derive(Default, Deserialize)]
struct Webhook {
    name: String,
}

/// Whether an assistant makes the change that such a task wants.
fn asks_assistants(spec: &TaskSpec) -> bool {
    matches!(spec.kind.as_str(), input::IMPLEMENT | input::REVISE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_breaker_is_kept_under_its_name() {
        for name in ["service/slack", "assistant/codex", "plugin/tidy", "rule/old / stale"] {
            let breaker: Breaker = name.parse().unwrap();
            assert_eq!(String::from(breaker), name);
        }
        "plugin".parse::<Breaker>().unwrap_err();
        "person/mona".parse::<Breaker>().unwrap_err();
    }
}

//! Breakers: what fails again and again is left alone for a while, and then tried by one task.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::event::Event;
use super::failure::{Failure, FailureClass};
use super::id::{AssistantName, KindName, NamedRule, PluginName, ServiceName};
use super::input;
use super::plugin;
use super::spec::TaskSpec;
use super::time::Timestamp;

/// Failures of one sort in a row after which something is left alone: as many as a task that is tried a few times has with bad
/// luck, and no more.
pub const FAILURES: u32 = 5;
/// How long it is left alone: most outages that end by themselves end within it, and a task waits no longer than for a late run.
pub const LEFT_ALONE: Duration = Duration::from_secs(10 * 60);
/// The code of a failure: nobody was asked, because whoever might be is left alone for now.
pub const ALONE: &str = "left_alone";

/// The code of the failure of an assistant that wants us to wait: that closes nothing to anybody else.
pub const BUSY: &str = "assistant_busy";

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
        let service = service(kind).map(Self::Service);
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

    /// Whether a task that runs may be about to try this.
    #[must_use]
    pub fn is_tried_by(&self, spec: &TaskSpec) -> bool {
        match self {
            Self::Assistant(name) => {
                let named = || spec.input.read::<input::Implement>().ok()?.assistant;
                asks_assistants(spec) && named().is_none_or(|named| named == name.as_str())
            }
            _ => Self::of(spec).contains(self),
        }
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

/// How something fared lately.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circuit {
    /// The sort of the last failures.
    pub code: String,
    /// The kind of the tasks that a rule led to and that failed: what it leads to beside them may go well all the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<KindName>,
    /// How many of that sort came in a row.
    pub failures: u32,
    /// It is left alone until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Circuit {
    /// Counts a failure, of tasks of a kind where that makes a difference.
    pub(super) fn failed(&mut self, failure: &Failure, kind: Option<&KindName>, at: Timestamp) {
        if self.code == failure.code && self.kind.as_ref() == kind {
            self.failures = self.failures.saturating_add(1);
        } else {
            (self.code, self.kind, self.failures) = (failure.code.clone(), kind.cloned(), 1);
        }
        if self.is_broken() {
            self.until = Some(at.plus(LEFT_ALONE));
        }
    }

    /// Whether so much failed that one task at a time tries it.
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        self.failures >= FAILURES
    }

    /// Until when nobody tries it; none: somebody may.
    #[must_use]
    pub fn closed_until(&self, now: Timestamp) -> Option<Timestamp> {
        self.until.filter(|until| self.is_broken() && *until > now)
    }
}

/// The service that a kind of task is done with, where that may be down by itself. GitHub is none: without it nothing runs.
fn service(kind: &str) -> Option<ServiceName> {
    Some(ServiceName::new(match kind {
        input::SLACK => "slack",
        input::WEBHOOK => "webhooks",
        _ if kind.starts_with("drive_") => "drive",
        _ => return None,
    }))
}

/// Whether an assistant makes the change that such a task wants.
fn asks_assistants(spec: &TaskSpec) -> bool {
    matches!(spec.kind.as_str(), input::IMPLEMENT | input::REVISE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_341_600_000);

    #[test]
    fn something_is_left_alone_after_failures_of_one_sort_in_a_row_and_again_after_each_one_that_follows() {
        let mut circuit = Circuit::default();
        let down = Failure::transient("slack_unreachable", "no answer");
        for _ in 0..FAILURES - 1 {
            circuit.failed(&down, None, NOW);
        }
        assert_eq!((circuit.is_broken(), circuit.closed_until(NOW)), (false, None));
        circuit.failed(&Failure::transient("slack_unavailable", "500"), None, NOW);
        assert!(!circuit.is_broken(), "another sort begins anew");
        for _ in 0..FAILURES {
            circuit.failed(&down, None, NOW);
        }
        assert_eq!(circuit.closed_until(NOW), Some(NOW.plus(LEFT_ALONE)));
        let later = NOW.plus(LEFT_ALONE);
        assert_eq!((circuit.is_broken(), circuit.closed_until(later)), (true, None), "one may try it");
        circuit.failed(&down, None, later);
        assert_eq!(circuit.closed_until(later), Some(later.plus(LEFT_ALONE)));
    }

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

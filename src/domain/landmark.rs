//! What the work on an issue came past: kept with the issue, so that its status comment can tell it without reading the log.

use serde::{Deserialize, Serialize};

use super::effect::EffectKind;
use super::event::{AssistantAnswered, EffectCompleted, Event, Recorded, TaskCompleted, TaskFailed};
use super::id::{IssueNumber, KindName, Login, Sequence};
use super::input;
use super::receipt;
use super::state::State;
use super::subject::Subject;
use super::time::Timestamp;
use super::trigger::{About, Trigger};
use super::untrusted::one_line;
use super::usage::Usage;

/// Landmarks kept of an issue: the newest. About 80 bytes each, of issues on which somebody worked.
pub const KEPT: usize = 12;
/// Width of a word of somebody else's.
const WORD: usize = 40;

/// Something that the work on an issue came past.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landmark {
    /// The event that tells it.
    pub sequence: Sequence,
    /// When it was recorded.
    pub at: Timestamp,
    /// What it was.
    pub what: Passed,
}

/// What the work on an issue came past. It quotes nothing that can be sealed or forgotten in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Passed {
    /// An assistant was asked for a change.
    Asked {
        /// Its name in the configuration.
        assistant: String,
        /// Whether it made one.
        made: bool,
        /// What it used up.
        #[serde(default, skip_serializing_if = "Usage::is_nothing")]
        usage: Usage,
    },
    /// A change was committed, by this many checks of which so many failed.
    Changed {
        /// Checks that ran.
        checks: usize,
        /// Those that failed.
        failed: usize,
    },
    /// Its pull request was opened, ours or that of whoever works on it elsewhere.
    Opened {
        /// Its number.
        number: IssueNumber,
    },
    /// That pull request was revised.
    Revised {
        /// Whether it got another commit; otherwise only answers.
        changed: bool,
        /// Checks that ran on that commit.
        #[serde(default, skip_serializing_if = "is_zero")]
        checks: usize,
        /// Those that failed.
        #[serde(default, skip_serializing_if = "is_zero")]
        failed: usize,
    },
    /// Somebody reviewed it.
    Reviewed {
        /// Who.
        by: Login,
        /// Their verdict, in GitHub's word.
        verdict: String,
    },
    /// It was merged.
    Merged {
        /// Who did it; none: Automata.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<Login>,
    },
    /// It was closed without being merged.
    Rejected {
        /// Who did it.
        by: Login,
    },
    /// A task was given up.
    GaveUp {
        /// Its kind.
        kind: KindName,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// The landmark that an event is, with the issue that it is about; `state` is how things stood before it.
#[must_use]
pub(super) fn of(state: &State, recorded: &Recorded) -> Option<(IssueNumber, Landmark)> {
    let (about, what) = match &recorded.event {
        Event::TriggerReceived(trigger) => of_trigger(trigger),
        Event::TaskCompleted(completed) => of_completed(state, completed),
        Event::TaskFailed(failed) => of_failed(state, failed),
        Event::EffectCompleted(done) => of_effect(state, done),
        Event::AssistantAnswered(answered) => of_answer(state, answered),
        _ => None,
    }?;
    let number = match about {
        Subject::Pull(pull) => state.issue_of_pull(pull)?,
        other => other.number()?,
    };
    let stamp = &recorded.stamp;
    Some((number, Landmark { sequence: stamp.sequence, at: stamp.at, what }))
}

fn of_trigger(trigger: &Trigger) -> Option<(Subject, Passed)> {
    let by = trigger.actor.login.clone();
    match (&trigger.about, trigger.action.as_deref()) {
        (About::Pull { pull, .. }, Some("closed")) => {
            let what = if pull.merged { Passed::Merged { by: Some(by) } } else { Passed::Rejected { by } };
            Some((Subject::Pull(pull.number), what))
        }
        (About::Review { pull, review }, Some("submitted")) => {
            let (by, verdict) = (review.author.login.clone(), one_line(&review.state, WORD));
            Some((Subject::Pull(pull.number), Passed::Reviewed { by, verdict }))
        }
        _ => None,
    }
}

fn of_completed(state: &State, completed: &TaskCompleted) -> Option<(Subject, Passed)> {
    let spec = &state.tasks.get(&completed.task)?.spec;
    let what = match spec.kind.as_str() {
        input::IMPLEMENT => {
            let made: input::OpenPullRequest = completed.output.read().ok()?;
            let failed = made.checks.iter().filter(|check| !check.passed).count();
            Passed::Changed { checks: made.checks.len(), failed }
        }
        input::REVISE => {
            let revised: input::Revised = completed.output.read().ok()?;
            let failed = revised.checks.iter().filter(|check| !check.passed).count();
            Passed::Revised { changed: revised.commit.is_some(), checks: revised.checks.len(), failed }
        }
        input::FOLLOW => {
            let followed: input::Followed = completed.output.read().ok()?;
            Passed::Opened { number: followed.pull_request.number }
        }
        _ => return None,
    };
    Some((spec.subject, what))
}

fn of_failed(state: &State, failed: &TaskFailed) -> Option<(Subject, Passed)> {
    let spec = &state.tasks.get(&failed.task)?.spec;
    is_work(spec.kind.as_str()).then(|| (spec.subject, Passed::GaveUp { kind: spec.kind.clone() }))
}

/// Whether tasks of a kind are work beyond triage.
#[must_use]
pub fn is_work(kind: &str) -> bool {
    matches!(kind, input::IMPLEMENT | input::OPEN_PULL_REQUEST | input::REVISE | input::TEND | input::FOLLOW)
}

fn of_effect(state: &State, done: &EffectCompleted) -> Option<(Subject, Passed)> {
    let effect = state.effects.get(&done.effect).filter(|effect| effect.receipt.is_none())?;
    let spec = &state.tasks.get(&effect.intent.task)?.spec;
    if spec.kind.as_str() == input::UNDO {
        return None;
    }
    let what = match effect.intent.kind {
        EffectKind::PullRequest => {
            let pull: receipt::PullRequest = done.receipt.read().ok()?;
            Passed::Opened { number: pull.number }
        }
        EffectKind::Merge => {
            let merged: receipt::Merged = done.receipt.read().ok()?;
            merged.commit.as_ref()?;
            Passed::Merged { by: None }
        }
        _ => return None,
    };
    Some((spec.subject, what))
}

fn of_answer(state: &State, answered: &AssistantAnswered) -> Option<(Subject, Passed)> {
    let spec = &state.tasks.get(&answered.task).filter(|_| !answered.judges)?.spec;
    let (assistant, made) = (one_line(&answered.assistant, WORD), answered.failure.is_none());
    Some((spec.subject, Passed::Asked { assistant, made, usage: answered.usage }))
}

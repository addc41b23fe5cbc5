//! The part of a line that differs by event type: its name and its data.

use serde::Serialize;
use serde::de::Error as _;

use crate::domain::allowance::DriveUsed;
use crate::domain::effect::Intent;
use crate::domain::event::{
    AssistantAnswered, CommandAnswered, CommandJudged, EffectCompleted, Event, FactObserved, FeatureChanged,
    OutcomeIgnored, RepositoryReconciled, ScheduleFired, ScheduleRemoved, ScheduleSet, Sealed, SubjectPaused,
    SubjectResumed, TaskAmended, TaskCancelled, TaskClaimed, TaskCompleted, TaskEnqueued, TaskFailed,
    TaskProgressed, TaskReleased, TaskRetried, TaskRevived, TextForgotten, TriggerHeld, TriggerRefused,
    TriggerSettled,
};
use crate::domain::learned::{ModelLearned, ModelSetAside};
use crate::domain::trigger::Trigger;
use crate::domain::used::{CredentialUsed, KeysChanged, KeysOpened, Used};
use crate::domain::watched::{DriveChanged, DriveRead};
use crate::log::upcast;

#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Written<'a> {
    TriggerReceived(&'a Trigger),
    TriggerRefused(&'a TriggerRefused),
    TriggerHeld(&'a TriggerHeld),
    TriggerSettled(&'a TriggerSettled),
    TaskEnqueued(&'a TaskEnqueued),
    TaskAmended(&'a TaskAmended),
    TaskClaimed(&'a TaskClaimed),
    TaskProgressed(&'a TaskProgressed),
    TaskCompleted(&'a TaskCompleted),
    TaskRetried(&'a TaskRetried),
    TaskFailed(&'a TaskFailed),
    TaskReleased(&'a TaskReleased),
    TaskCancelled(&'a TaskCancelled),
    TaskRevived(&'a TaskRevived),
    OutcomeIgnored(&'a OutcomeIgnored),
    FactObserved(&'a FactObserved),
    ScheduleSet(&'a ScheduleSet),
    ScheduleRemoved(&'a ScheduleRemoved),
    ScheduleFired(&'a ScheduleFired),
    RepositoryReconciled(&'a RepositoryReconciled),
    ModelLearned(&'a ModelLearned),
    DriveRead(&'a DriveRead),
    DriveChanged(&'a DriveChanged),
    DriveUsed(&'a DriveUsed),
    ModelSetAside(&'a ModelSetAside),
    CommandJudged(&'a CommandJudged),
    CommandAnswered(&'a CommandAnswered),
    SubjectPaused(&'a SubjectPaused),
    SubjectResumed(&'a SubjectResumed),
    FeatureChanged(&'a FeatureChanged),
    TextForgotten(&'a TextForgotten),
    CredentialUsed(&'a CredentialUsed),
    KeysOpened(&'a KeysOpened),
    KeysChanged(&'a KeysChanged),
    Sealed(&'a Sealed),
    EffectIntended(&'a Intent),
    EffectCompleted(&'a EffectCompleted),
    AssistantAnswered(&'a AssistantAnswered),
}

/// The wire name of an event and what stands under `data`.
pub(super) fn of(event: &Event) -> (&'static str, Written<'_>) {
    match event {
        Event::TriggerReceived(data) => ("trigger.received", Written::TriggerReceived(data)),
        Event::TriggerRefused(data) => ("trigger.refused", Written::TriggerRefused(data)),
        Event::TriggerHeld(data) => ("trigger.held", Written::TriggerHeld(data)),
        Event::TriggerSettled(data) => ("trigger.settled", Written::TriggerSettled(data)),
        Event::TaskEnqueued(data) => ("task.enqueued", Written::TaskEnqueued(data)),
        Event::TaskAmended(data) => ("task.amended", Written::TaskAmended(data)),
        Event::TaskClaimed(data) => ("task.claimed", Written::TaskClaimed(data)),
        Event::TaskProgressed(data) => ("task.progressed", Written::TaskProgressed(data)),
        Event::TaskCompleted(data) => ("task.completed", Written::TaskCompleted(data)),
        Event::TaskRetried(data) => ("task.retried", Written::TaskRetried(data)),
        Event::TaskFailed(data) => ("task.failed", Written::TaskFailed(data)),
        Event::TaskReleased(data) => ("task.released", Written::TaskReleased(data)),
        Event::TaskCancelled(data) => ("task.cancelled", Written::TaskCancelled(data)),
        Event::TaskRevived(data) => ("task.revived", Written::TaskRevived(data)),
        Event::OutcomeIgnored(data) => ("outcome.ignored", Written::OutcomeIgnored(data)),
        Event::FactObserved(data) => ("fact.observed", Written::FactObserved(data)),
        Event::ScheduleSet(data) => ("schedule.set", Written::ScheduleSet(data)),
        Event::ScheduleRemoved(data) => ("schedule.removed", Written::ScheduleRemoved(data)),
        Event::ScheduleFired(data) => ("schedule.fired", Written::ScheduleFired(data)),
        Event::RepositoryReconciled(data) => ("repository.reconciled", Written::RepositoryReconciled(data)),
        Event::ModelLearned(data) => ("model.learned", Written::ModelLearned(data)),
        Event::DriveRead(data) => ("drive.read", Written::DriveRead(data)),
        Event::DriveChanged(data) => ("drive.changed", Written::DriveChanged(data)),
        Event::DriveUsed(data) => ("drive.used", Written::DriveUsed(data)),
        Event::ModelSetAside(data) => ("model.set_aside", Written::ModelSetAside(data)),
        Event::CommandGranted(data) => ("command.granted", Written::CommandJudged(data)),
        Event::CommandRefused(data) => ("command.refused", Written::CommandJudged(data)),
        Event::AccessGranted(data) => ("access.granted", Written::CommandJudged(data)),
        Event::AccessRefused(data) => ("access.refused", Written::CommandJudged(data)),
        Event::CommandAnswered(data) => ("command.answered", Written::CommandAnswered(data)),
        Event::SubjectPaused(data) => ("subject.paused", Written::SubjectPaused(data)),
        Event::SubjectResumed(data) => ("subject.resumed", Written::SubjectResumed(data)),
        Event::FeaturePaused(data) => ("feature.paused", Written::FeatureChanged(data)),
        Event::FeatureResumed(data) => ("feature.resumed", Written::FeatureChanged(data)),
        Event::FeatureFellBack(data) => ("feature.fell_back", Written::FeatureChanged(data)),
        Event::FeatureRestored(data) => ("feature.restored", Written::FeatureChanged(data)),
        Event::TextForgotten(data) => ("text.forgotten", Written::TextForgotten(data)),
        Event::Used(Used::Credential(data)) => ("credential.used", Written::CredentialUsed(data)),
        Event::Used(Used::KeysOpened(data)) => ("keys.opened", Written::KeysOpened(data)),
        Event::Used(Used::KeysChanged(data)) => ("keys.changed", Written::KeysChanged(data)),
        // It came from a line of a type that is known.
        Event::Sealed(data) => (upcast::known(&data.kind).unwrap_or_default(), Written::Sealed(data)),
        Event::EffectIntended(data) => ("effect.intended", Written::EffectIntended(data)),
        Event::EffectCompleted(data) => ("effect.completed", Written::EffectCompleted(data)),
        Event::AssistantAnswered(data) => ("assistant.answered", Written::AssistantAnswered(data)),
    }
}

/// The event of that wire name with that data, of the current version.
pub(super) fn read(kind: &str, data: &str) -> Result<Event, serde_json::Error> {
    use serde_json::from_str;
    Ok(match kind {
        "trigger.received" => Event::TriggerReceived(from_str(data)?),
        "trigger.refused" => Event::TriggerRefused(from_str(data)?),
        "trigger.held" => Event::TriggerHeld(from_str(data)?),
        "trigger.settled" => Event::TriggerSettled(from_str(data)?),
        "task.enqueued" => Event::TaskEnqueued(from_str(data)?),
        "task.amended" => Event::TaskAmended(from_str(data)?),
        "task.claimed" => Event::TaskClaimed(from_str(data)?),
        "task.progressed" => Event::TaskProgressed(from_str(data)?),
        "task.completed" => Event::TaskCompleted(from_str(data)?),
        "task.retried" => Event::TaskRetried(from_str(data)?),
        "task.failed" => Event::TaskFailed(from_str(data)?),
        "task.released" => Event::TaskReleased(from_str(data)?),
        "task.cancelled" => Event::TaskCancelled(from_str(data)?),
        "task.revived" => Event::TaskRevived(from_str(data)?),
        "outcome.ignored" => Event::OutcomeIgnored(from_str(data)?),
        "fact.observed" => Event::FactObserved(from_str(data)?),
        "schedule.set" => Event::ScheduleSet(from_str(data)?),
        "schedule.removed" => Event::ScheduleRemoved(from_str(data)?),
        "schedule.fired" => Event::ScheduleFired(from_str(data)?),
        "repository.reconciled" => Event::RepositoryReconciled(from_str(data)?),
        "model.learned" => Event::ModelLearned(from_str(data)?),
        "drive.read" => Event::DriveRead(from_str(data)?),
        "drive.changed" => Event::DriveChanged(from_str(data)?),
        "drive.used" => Event::DriveUsed(from_str(data)?),
        "model.set_aside" => Event::ModelSetAside(from_str(data)?),
        "command.granted" => Event::CommandGranted(from_str(data)?),
        "command.refused" => Event::CommandRefused(from_str(data)?),
        "access.granted" => Event::AccessGranted(from_str(data)?),
        "access.refused" => Event::AccessRefused(from_str(data)?),
        "command.answered" => Event::CommandAnswered(from_str(data)?),
        "subject.paused" => Event::SubjectPaused(from_str(data)?),
        "subject.resumed" => Event::SubjectResumed(from_str(data)?),
        "feature.paused" => Event::FeaturePaused(from_str(data)?),
        "feature.resumed" => Event::FeatureResumed(from_str(data)?),
        "feature.fell_back" => Event::FeatureFellBack(from_str(data)?),
        "feature.restored" => Event::FeatureRestored(from_str(data)?),
        "text.forgotten" => Event::TextForgotten(from_str(data)?),
        "credential.used" => Event::Used(Used::Credential(from_str(data)?)),
        "keys.opened" => Event::Used(Used::KeysOpened(from_str(data)?)),
        "keys.changed" => Event::Used(Used::KeysChanged(from_str(data)?)),
        "effect.intended" => Event::EffectIntended(from_str(data)?),
        "effect.completed" => Event::EffectCompleted(from_str(data)?),
        "assistant.answered" => Event::AssistantAnswered(from_str(data)?),
        unknown => return Err(serde_json::Error::custom(format!("`{unknown}` has a version but no reader"))),
    })
}

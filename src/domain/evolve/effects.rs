//! What changes outside leave in the state: announced, done, asked of assistants.

use super::{IllegalEvent, not_now};
use crate::domain::actor::Actor;
use crate::domain::effect::{Effect, EffectKind, Intent};
use crate::domain::event::{AssistantAnswered, EffectCompleted, Stamp};
use crate::domain::input;
use crate::domain::receipt;
use crate::domain::state::{Aspect, IssueState, PullEnd, State};
use crate::domain::subject::Subject;
use crate::domain::task::{Task, Vain};

impl State {
    pub(super) fn effect_intended(&mut self, stamp: &Stamp, intent: &Intent) -> Result<(), IllegalEvent> {
        let task = self.task_of(stamp, &intent.task)?;
        if !task.is_held_by(&stamp.run, intent.lease) {
            return Err(not_now(stamp, task));
        }
        // Told before it is asked, so that one whose run was killed counts too.
        let asks =
            |task: &&Task| intent.kind == EffectKind::Assistant && task.spec.kind.as_str() == input::ANALYSE;
        if let Some(task) = self.tasks.get(&intent.task).filter(asks) {
            self.counts.asked((&task.spec, task.set_off_by.as_ref()), stamp);
        }
        // Those that were announced before are given once.
        let is_new = !self.effects.contains_key(&intent.effect);
        if intent.kind == EffectKind::Answers
            && is_new
            && let Some(task) = self.tasks.get(&intent.task)
        {
            let count = u32::try_from(intent.detail.split(',').count()).unwrap_or(u32::MAX);
            self.counts.answers((&task.spec, task.set_off_by.as_ref()), count, stamp);
        }
        self.doubt(stamp, intent);
        let before = self.effects.remove(&intent.effect).map(|effect| announced_otherwise(effect, intent));
        let effect = Effect {
            intent: intent.clone(),
            run: stamp.run.clone(),
            before: before.unwrap_or_default(),
            receipt: None,
        };
        self.effects.insert(intent.effect.clone(), effect);
        Ok(())
    }

    /// What is edited in place says from now on either the one or the other, until a receipt tells which: a run may be cut off
    /// in between.
    fn doubt(&mut self, stamp: &Stamp, intent: &Intent) {
        let about = match stamp.subject {
            Subject::Pull(pull) => self.issue_of_pull(pull).or(Some(pull)),
            subject => subject.number(),
        };
        let Some(issue) = about.and_then(|number| self.issues.get_mut(&number)) else { return };
        match intent.kind {
            EffectKind::Slack => {
                // An edit is aimed at a message, what is posted at a channel.
                let edited = intent.target.split_once('/').map(|(_, message)| message);
                let threads =
                    issue.threads.values_mut().filter(|thread| Some(thread.message.as_str()) == edited);
                threads.for_each(|thread| thread.digest.clear());
            }
            EffectKind::CheckRun => {
                issue.check.iter_mut().for_each(|check| check.digest.clear());
            }
            _ => {}
        }
    }

    pub(super) fn effect_completed(
        &mut self,
        stamp: &Stamp,
        completed: &EffectCompleted,
    ) -> Result<(), IllegalEvent> {
        let Some(effect) = self.effects.get_mut(&completed.effect) else {
            let (sequence, effect) = (stamp.sequence.0, completed.effect.clone());
            return Err(IllegalEvent::UnknownEffect { sequence, effect });
        };
        effect.receipt = Some(completed.receipt.clone());
        // What is found done counted when it was done, within the same day or so; counted twice it only waits longer.
        let sent = match effect.intent.kind {
            EffectKind::DriveFile => completed.receipt.read().map(|file: receipt::DriveFile| file.size),
            EffectKind::DriveItem => completed.receipt.read().map(|item: receipt::DriveItem| item.copied),
            EffectKind::DriveTree => completed.receipt.read().map(|tree: receipt::DriveTree| tree.sent),
            _ => Ok(0),
        };
        if let Some(bytes) = sent.ok().filter(|bytes| *bytes > 0) {
            self.uploaded.spend(stamp.at, bytes);
        }
        let (kind, task) = (effect.intent.kind, effect.intent.task.clone());
        let Some(subject) = self.tasks.get(&task).map(|task| task.spec.subject) else { return Ok(()) };
        self.drive_effect(subject, kind, &completed.receipt);
        if kind == EffectKind::DriveFolder {
            self.collected(&task, &completed.receipt);
        }
        let about = match (kind, subject) {
            // What comes of a pull request of ours is its issue's.
            (EffectKind::Merge | EffectKind::Issue | EffectKind::CheckRun, Subject::Pull(pull)) => {
                self.issue_of_pull(pull)
            }
            (_, subject) => subject.number(),
        };
        let Some(spec) = self.tasks.get(&task).map(|task| &task.spec) else { return Ok(()) };
        let Some(issue) = about.and_then(|number| self.issues.get_mut(&number)) else {
            return Ok(());
        };
        if spec.kind.as_str() == input::UNDO {
            let wanted: Option<input::Undo> = spec.input.read().ok();
            let by = wanted.and_then(|undo| undo.asked_by).unwrap_or(Actor::automata().login);
            issue.undone(kind, &completed.receipt, &by);
            return Ok(());
        }
        match kind {
            EffectKind::Comment => {
                issue.status_comment = completed.receipt.read().ok().or_else(|| issue.status_comment.take());
            }
            EffectKind::Labels => {
                let labels: receipt::Labels = completed.receipt.read().unwrap_or_default();
                issue.our_labels.retain(|label| !labels.removed.contains(label));
                issue.forget_asked(&labels.removed);
                if spec.input.read::<input::Label>().is_ok_and(|input| input.asked_by.is_some()) {
                    // A person's word, given through us.
                    issue.refused_labels.retain(|label| !labels.added.contains(label));
                    issue.refused_labels.extend(labels.removed.iter().cloned());
                }
                issue.labels.retain(|label| !labels.removed.contains(label));
                issue.labels.extend(labels.added.iter().cloned());
                issue.our_labels.extend(labels.added);
            }
            EffectKind::PullRequest => {
                issue.opened(completed.receipt.read().ok());
            }
            EffectKind::Merge => {
                if completed.receipt.read::<receipt::Merged>().is_ok_and(|merged| merged.commit.is_some()) {
                    // GitHub tells us nothing of what we do ourselves.
                    let (by, at) = (Actor::automata().login, stamp.at);
                    issue.fate.end = Some(PullEnd { merged: true, by, at, recorded: at });
                }
            }
            EffectKind::Assignees => {
                issue.assigned(completed.receipt.read().unwrap_or_default());
            }
            EffectKind::Field => {
                let field: receipt::Field = completed.receipt.read().unwrap_or_default();
                issue.fields_set.extend(field.set);
            }
            EffectKind::Issue => {
                let changed: receipt::Issue = completed.receipt.read().unwrap_or_default();
                issue.had_ours.extend(changed.issue_type.is_some().then_some(Aspect::Type));
                issue.had_ours.extend(changed.milestone.is_some().then_some(Aspect::Milestone));
                if changed.closed {
                    // GitHub tells us nothing of what we do ourselves.
                    issue.closed_at = issue.closed_at.or(Some(stamp.at));
                }
                if changed.reopened {
                    issue.closed_at = None;
                }
            }
            EffectKind::DriveFile
            | EffectKind::DriveFolder
            | EffectKind::DriveShares
            | EffectKind::DriveLinks => {
                issue.drive_effect(kind, &completed.receipt);
            }
            EffectKind::Slack => issue.slack(completed.receipt.read().ok()),
            EffectKind::CheckRun => {
                issue.check = completed.receipt.read().ok().or_else(|| issue.check.take())
            }
            EffectKind::Branch
            | EffectKind::Webhook
            | EffectKind::Commit
            | EffectKind::Answers
            | EffectKind::Assistant
            | EffectKind::DriveIssue
            | EffectKind::DriveAccess
            | EffectKind::DriveItem
            | EffectKind::DriveTree
            | EffectKind::Reviewers
            | EffectKind::Reaction
            | EffectKind::Program => {}
        }
        Ok(())
    }

    pub(super) fn attempted(
        &mut self,
        stamp: &Stamp,
        answered: &AssistantAnswered,
    ) -> Result<(), IllegalEvent> {
        let subject = self.task_of(stamp, &answered.task)?.spec.subject;
        self.judge_assistant(stamp, answered);
        self.ledger.add(answered.usage, &answered.wanted_by, stamp.at);
        self.ledger.add_to_run(answered.usage, &stamp.run, stamp.at);
        self.remember_vain(answered);
        let about = match subject {
            // What a pull request of ours costs is part of what its issue costs.
            Subject::Pull(pull) => self.issue_of_pull(pull).or(Some(pull)),
            other => other.number(),
        };
        if let Some(issue) = about.and_then(|number| self.issues.get_mut(&number)) {
            issue.usage += answered.usage;
        }
        Ok(())
    }

    /// Keeps what was paid for nothing, so that it is not paid again for the same.
    fn remember_vain(&mut self, answered: &AssistantAnswered) {
        let AssistantAnswered { task, assistant, told, usage, failure, .. } = answered;
        let (Some(told), Some(failure)) = (told, failure) else { return };
        if !failure.is_permanent() || usage.is_nothing() {
            return;
        }
        let vain = Vain {
            assistant: assistant.clone(),
            told: told.clone(),
            message: failure.to_string(),
            usage: *usage,
        };
        self.tasks.change(task, |task| {
            task.vain.retain(|known| known.assistant != vain.assistant);
            task.vain.push(vain);
        });
    }
}

impl IssueState {
    /// Takes in whom we assigned and unassigned. Who was assigned before is not there because of us.
    fn assigned(&mut self, people: receipt::Assignees) {
        self.refused_assignees.retain(|login| !people.added.contains(login));
        self.assignees.retain(|login| !people.removed.contains(login));
        self.our_assignees.retain(|login| !people.removed.contains(login));
        self.refused_assignees.extend(people.removed);
        for login in people.added {
            if !self.assignees.contains(&login) {
                self.assignees.push(login.clone());
                self.our_assignees.insert(login);
            }
        }
    }
}

/// The branches that earlier attempts announced. Of everything else the last attempt's word stands for all of them: it is
/// edited in place, or found again by an id.
fn announced_otherwise(effect: Effect, intent: &Intent) -> Vec<Intent> {
    let Effect { intent: last, mut before, .. } = effect;
    let is_same = |other: &Intent| (&other.target, &other.detail) == (&intent.target, &intent.detail);
    if last.kind == EffectKind::Branch {
        before.push(last);
    }
    before.retain(|other| !is_same(other));
    before
}

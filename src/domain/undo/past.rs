//! What was done about a subject, read from the history: the present forgets what is long over.

use std::collections::BTreeMap;

use crate::domain::effect::{Effect, EffectKind};
use crate::domain::event::{Event, Recorded};
use crate::domain::id::{EffectId, TaskId};
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::{Status, Task};

/// The tasks about a subject and what they did, as the history tells it.
#[derive(Debug)]
pub struct Past {
    subject: Subject,
    tasks: BTreeMap<TaskId, Task>,
    /// Of these tasks; and whatever was put on a branch, by which commits of ours are known.
    effects: BTreeMap<EffectId, Effect>,
}

impl Past {
    /// Of which nothing is read yet.
    #[must_use]
    pub const fn of(subject: Subject) -> Self {
        Self { subject, tasks: BTreeMap::new(), effects: BTreeMap::new() }
    }

    /// Takes in the next event of the history.
    pub fn take(&mut self, recorded: &Recorded) {
        let Recorded { stamp, event } = recorded;
        match event {
            Event::TaskEnqueued(enqueued) if stamp.subject == self.subject => {
                let task = Task::new(enqueued.task.clone(), &enqueued.spec, stamp);
                self.tasks.insert(enqueued.task.clone(), task);
            }
            Event::EffectIntended(intent) => {
                if self.tasks.contains_key(&intent.task) || intent.kind == EffectKind::Commit {
                    let (intent, run) = (intent.clone(), stamp.run.clone());
                    let effect = Effect { intent, run, before: Vec::new(), receipt: None };
                    self.effects.insert(effect.intent.effect.clone(), effect);
                }
            }
            Event::EffectCompleted(completed) => {
                if let Some(effect) = self.effects.get_mut(&completed.effect) {
                    effect.receipt = Some(completed.receipt.clone());
                }
            }
            event => {
                let Some(task) = event.task().and_then(|id| self.tasks.get_mut(id)) else { return };
                let at = stamp.at;
                match event {
                    Event::TaskAmended(amended) => amended.change(&mut task.spec),
                    Event::TaskRevived(revived) => {
                        task.spec.input = revived.input.clone().unwrap_or_else(|| task.spec.input.clone());
                    }
                    Event::TaskCompleted(done) => {
                        task.status = Status::Completed { output: done.output.clone(), at };
                    }
                    Event::TaskFailed(failed) => {
                        task.status = Status::Failed { failure: failed.failure.clone(), at };
                    }
                    Event::TaskCancelled(cancelled) => {
                        task.status = Status::Cancelled { reason: cancelled.reason.clone(), at };
                    }
                    _ => {}
                }
            }
        }
    }

    /// The present, with what it has forgotten of this. Only to be looked at: it is no fold of the log.
    #[must_use]
    pub fn beside(self, present: &State) -> State {
        let mut whole = present.clone();
        for task in self.tasks.into_values().filter(|task| task.status.is_final()) {
            if !present.tasks.contains_key(&task.id) {
                whole.tasks.insert(task);
            }
        }
        for (id, effect) in self.effects {
            whole.effects.entry(id).or_insert(effect);
        }
        whole
    }
}

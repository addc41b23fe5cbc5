//! How what was learned changes: what judges, what judged before, and what people corrected since.

use super::super::event::{Event, Stamp};
use crate::domain::input;
use crate::domain::learned::{Former, LearnedAgain, ModelLearned};
use crate::domain::state::State;
use crate::domain::task::{Status, Task};
use crate::domain::trigger::{About, Change, Trigger};

impl State {
    /// From now on this judges; none: the rules alone.
    pub(super) fn judges(&mut self, model: Option<ModelLearned>) {
        self.learning.former = Some(Former { model: self.learned.take() });
        self.learned = model;
        self.learning.corrected.clear();
    }

    /// Notes what a person makes of the labels of an issue that was analysed. Only where something was learned: nobody
    /// else learns from it. To be called before the trigger is taken in.
    pub(super) fn note_correction(&mut self, trigger: &Trigger) {
        let About::Issue { issue, change: Some(Change::Label(label)) } = &trigger.about else { return };
        let is_on = match trigger.action.as_deref() {
            Some("labeled") => true,
            Some("unlabeled") => false,
            _ => return,
        };
        if self.learned.is_none() || !trigger.actor.is_person() || issue.is_pull {
            return;
        }
        let analysis = self.issues.get(&issue.number).and_then(|known| known.analysis.as_ref());
        if let Some((analysis, said)) =
            analysis.and_then(|analysis| Some((analysis, analysis.issue_type.as_ref()?)))
        {
            let found = analysis.labels.iter().map(|found| found.label.clone()).collect();
            let said = said.value;
            self.learning.note(issue.number, (said, found), label, is_on);
        }
    }

    /// What comes of learning anew, when a task that does so ends. However it ends, it is not tried again before as many
    /// corrections have come.
    pub(super) fn learned_again(&mut self, stamp: &Stamp, event: &Event) {
        let task = event.task().and_then(|id| self.tasks.get(id));
        let Some(task) = task.filter(|task| is_learning(task) && task.status.is_final()) else { return };
        let told = match &task.status {
            Status::Completed { output, .. } => output.read().map(|input::Learnt { told, .. }| told).ok(),
            Status::Failed { failure, .. } => Some(format!("it could not learn: {failure}")),
            _ => None,
        };
        self.learning.corrected.clear();
        if let Some(told) = told {
            self.learning.last = Some(LearnedAgain { at: stamp.at, told });
        }
    }
}

fn is_learning(task: &Task) -> bool {
    task.spec.kind.as_str() == input::LEARN
}

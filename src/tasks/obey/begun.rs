//! What people do with tasks that are there: tried again, called off, put forward.

use std::collections::BTreeMap;

use super::orders::Orders;
use crate::config::{CommentWords, filled};
use crate::domain::command::Command;
use crate::domain::feature::Feature;
use crate::domain::id::TaskId;
use crate::domain::input;
use crate::domain::named::{Unclear, one_to_change};
use crate::domain::task::{Status, Task};
use crate::domain::words::{Rank, Reach, Word};

impl Orders<'_> {
    /// Unfinished tasks about the subject that people can call off.
    pub(super) fn unfinished(&self) -> Vec<Task> {
        self.unfinished_within(Reach::Here)
    }

    /// The same as far as a word reaches.
    pub(super) fn unfinished_within(&self, reach: Reach) -> Vec<Task> {
        let state = self.state();
        let is_meant = |task: &&Task| match reach {
            Reach::Here => task.spec.subject == self.subject,
            Reach::Feature(feature) => Feature::of_kind(task.spec.kind.as_str()) == Some(feature),
            Reach::Everything => true,
        };
        let mut tasks: Vec<Task> = state
            .tasks
            .values()
            .filter(|task| !task.status.is_final())
            .filter(is_meant)
            // What people say is heard, and answered, whatever is stopped.
            .filter(|task| !matches!(task.spec.kind.as_str(), input::OBEY | input::COMMENT))
            .cloned()
            .collect();
        tasks.sort_by_key(|task| task.enqueued);
        tasks
    }

    pub(super) fn retry(&mut self, word: &Word) {
        let (now, mut failed, mut waiting) = {
            let state = self.state();
            let mut failed: BTreeMap<String, Task> = BTreeMap::new();
            let mut waiting = Vec::new();
            for task in state.tasks.values().filter(|task| task.spec.subject == self.subject) {
                match &task.status {
                    // The last of each kind: what was asked for before it is history.
                    Status::Failed { .. } => {
                        let last = failed.entry(task.spec.kind.to_string()).or_insert_with(|| task.clone());
                        if task.enqueued > last.enqueued {
                            *last = task.clone();
                        }
                    }
                    Status::Pending { last_failure: Some(_), .. } => waiting.push(task.id.clone()),
                    _ => {}
                }
            }
            (state.at, failed, waiting)
        };
        let reason = self.why(word);
        let mut count = 0;
        while let Some((_, task)) = failed.pop_first() {
            let revive = Command::Revive { task: task.id.clone(), input: None, reason: reason.clone() };
            if self.log(revive) {
                count += 1;
                self.show_as_now(word, &[task]);
            }
        }
        for task in waiting.drain(..) {
            let (reason, not_before) = (reason.clone(), Some(now));
            let sooner = Command::Amend { task, input: None, priority: None, not_before, reason };
            count += usize::from(self.log(sooner));
        }
        if count == 0 {
            self.say(word, &self.words().nothing_given_up);
        } else {
            self.shows = true;
        }
    }

    pub(super) fn cancel(&mut self, word: &Word, task: Option<&TaskId>) {
        let mut tasks = self.unfinished();
        if let Some(id) = task {
            match one_to_change(tasks.iter(), id.as_str()).map(|task| task.id.clone()) {
                Ok(meant) => tasks.retain(|task| task.id == meant),
                Err(unclear) => return self.say(word, which(self.words(), &unclear, id)),
            }
        }
        let count = self.call_off(word, &tasks);
        self.say(word, format!("{}.", called_off(self.words(), count)));
    }

    pub(super) fn call_off(&mut self, word: &Word, tasks: &[Task]) -> usize {
        let reason = self.why(word);
        let cancel =
            |task: &&Task| self.log(Command::Cancel { task: task.id.clone(), reason: reason.clone() });
        let count = tasks.iter().filter(cancel).count();
        self.shows |= count > 0;
        count
    }

    pub(super) fn prioritise(&mut self, word: &Word, rank: Rank) {
        for task in self.unfinished() {
            if matches!(task.status, Status::Pending { .. }) {
                let (reason, priority) = (self.why(word), Some(rank.priority()));
                self.log(Command::Amend { task: task.id, input: None, priority, not_before: None, reason });
            }
        }
        let Rank::Named(urgency) = rank else { return };
        let group = &self.context.config.labels.of_urgency;
        let wanted = group.of(urgency);
        let add: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
        let remove: Vec<String> =
            group.all().into_iter().filter(|label| Some(*label) != wanted).map(str::to_owned).collect();
        let asked_by = Some(self.actor.login.clone());
        if !(add.is_empty() && remove.is_empty()) {
            self.follow(input::LABEL, self.subject, &input::Label { add, remove, asked_by }, word);
        }
    }
}

/// Why it is not clear which unfinished task is meant.
fn which(words: &CommentWords, unclear: &Unclear, id: &TaskId) -> String {
    let id = id.as_str();
    match unclear {
        Unclear::Unknown => filled(&words.no_task, &[("id", id)]),
        Unclear::Short(least) => filled(&words.short_id, &[("id", id), ("least", &least.to_string())]),
        Unclear::Several(count, ids) => {
            let (count, ids) = (count.to_string(), ids.join(", "));
            filled(&words.many_tasks, &[("id", id), ("count", &count), ("ids", &ids)])
        }
    }
}

pub(super) fn called_off(words: &CommentWords, count: usize) -> String {
    match count {
        0 => words.none_called_off.clone(),
        count => words.counted(count as u64, &words.one_called_off, &words.many_called_off),
    }
}

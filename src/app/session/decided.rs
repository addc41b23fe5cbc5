//! What a run has decided and knows: the state with what is buffered, and what it lost to faster runs.

use std::collections::{BTreeMap, BTreeSet};

use super::present::due_snapshot;
use crate::domain::command::{Command, Context, Rejection};
use crate::domain::decide::decide;
use crate::domain::event::{Event, Recorded};
use crate::domain::id::{CommandId, Sequence, TaskId};
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::trigger::About;
use crate::domain::used::Used;
use crate::log::{Envelope, Head, Snapshot};

/// A command and what was decided for it, not durable yet.
pub(super) struct Buffered {
    pub(super) command: Command,
    pub(super) context: Context,
    pub(super) envelopes: Vec<Envelope>,
}

pub(super) struct Inner {
    /// Durable events and buffered ones, folded.
    pub(super) state: State,
    /// The durable end.
    pub(super) head: Head,
    /// Whether the state has begun to take in what could not be taken in whole: the log is to be read again before
    /// anything is written.
    pub(super) is_tainted: bool,
    /// What the next append writes.
    pub(super) buffer: Vec<Buffered>,
    /// Leases that this run took to be its own before another was faster. Run ids do not tell them apart from
    /// the real ones: two jobs of one workflow run share theirs.
    pub(super) lost: BTreeSet<(TaskId, u64)>,
    /// Commands that no longer applied when they were decided again.
    pub(super) refused: BTreeMap<CommandId, Rejection>,
    /// The state at `head`, while a snapshot is due.
    pub(super) snapshot: Option<Snapshot>,
    /// All that this run made durable.
    pub(super) written: Vec<Envelope>,
    /// Appends that succeeded, also those of which only reading the log told.
    pub(super) appends: usize,
    /// What this run wrote about since somebody asked.
    pub(super) touched: BTreeSet<Subject>,
}

impl Inner {
    pub(super) fn submit(&mut self, command: Command, context: Context) -> Result<(), Rejection> {
        self.expect_not_lost(&command)?;
        let decided = decide(&self.state, &command, &context)?;
        if let Some(lease) = decided.iter().find_map(|recorded| claimed(&recorded.event)) {
            self.lost.remove(&lease);
        }
        self.take(command, context, decided)
    }

    /// As `submit`, for a command decided before. A claim that would now get another lease is dropped: the
    /// work begun under the first one is stale.
    pub(super) fn submit_again(
        &mut self,
        command: Command,
        context: Context,
        before: Option<(TaskId, u64)>,
    ) -> Result<(), Rejection> {
        let decided = self.expect_not_lost(&command).and_then(|()| decide(&self.state, &command, &context));
        let lease = decided.iter().flatten().find_map(|recorded| claimed(&recorded.event));
        if let Some(before) = before.filter(|before| Some(before) != lease.as_ref()) {
            self.lost.insert(before);
            return decided.map(drop);
        }
        self.take(command, context, decided?)
    }

    /// Whether others may have meant this task to do more than it knew of when it was begun here: one with a unique
    /// key stands for every request that comes while it is pending, as it was for everybody else. Such a request
    /// leaves nothing in the log, and may be about anything, so that every such task is meant that was there
    /// before `unread`.
    pub(super) fn may_stand_for_more(&self, task: &TaskId, unread: Sequence) -> bool {
        let task = self.state.tasks.get(task);
        task.is_some_and(|task| task.spec.unique.is_some() && task.enqueued < unread)
    }

    /// What was begun under a lease that never came to be must not announce and not report anything.
    fn expect_not_lost(&self, command: &Command) -> Result<(), Rejection> {
        match command {
            Command::Intend { task, lease, .. }
            | Command::RecordOutcome { task, lease, .. }
            | Command::Try { task, lease, .. }
            | Command::OnBehalf { task, lease, .. }
                if self.lost.contains(&(task.clone(), *lease)) =>
            {
                Err(Rejection::StaleLease { task: task.clone(), lease: *lease })
            }
            _ => Ok(()),
        }
    }

    /// Buffers what was decided, all of it or nothing.
    fn take(&mut self, command: Command, context: Context, decided: Vec<Recorded>) -> Result<(), Rejection> {
        let mut envelopes = Vec::with_capacity(decided.len());
        for (ordinal, recorded) in decided.into_iter().enumerate() {
            if let Err(impossible) = self.state.apply(&recorded) {
                // `decide` and `apply` disagree: a bug. Writing it would make the log unreadable, and writing a part
                // of it would do what nobody asked for.
                tracing::error!(%impossible, "decided something impossible; not recorded");
                self.is_tainted = true;
                return Err(Rejection::Impossible(impossible));
            }
            self.touched.extend(about(&self.state, &recorded));
            envelopes.push(Envelope::new(&context.command, ordinal, recorded));
        }
        self.buffer.push(Buffered { command, context, envelopes });
        Ok(())
    }

    /// Which of these no event tells yet; none while there is nothing to be written.
    pub(super) fn unrecorded(&self, used: impl Iterator<Item = Used>) -> Vec<Used> {
        let buffered = || self.buffer.iter().flat_map(|entry| &entry.envelopes);
        if buffered().next().is_none() {
            return Vec::new();
        }
        let tells = |envelope: &Envelope, used: &Used| match &envelope.recorded.event {
            Event::Used(told) => told.is_again(used),
            _ => false,
        };
        used.filter(|used| !self.written.iter().chain(buffered()).any(|envelope| tells(envelope, used)))
            .collect()
    }

    pub(super) fn written(&mut self, commands: usize, events: Vec<Envelope>, head: Head) {
        self.buffer.drain(..commands);
        self.written.extend(events);
        self.appends += 1;
        self.head = head;
        // Later commands may have been decided while the append was under way; then the state is ahead
        // of the head and makes no snapshot of it. The next run makes one.
        self.snapshot = if self.buffer.is_empty() && !self.is_tainted {
            due_snapshot(&self.state, &self.head)
        } else {
            None
        };
    }
}

impl Buffered {
    pub(super) fn claimed_lease(&self) -> Option<(TaskId, u64)> {
        self.envelopes.iter().find_map(|envelope| claimed(&envelope.recorded.event))
    }
}

/// The issue or pull request that an event is about.
fn about(state: &State, recorded: &Recorded) -> Option<Subject> {
    if let Event::TriggerReceived(trigger) = &recorded.event
        && let About::WorkflowRun { branch: Some(branch), .. } = &trigger.about
    {
        return state.issue_of_branch(branch).map(Subject::Issue);
    }
    Some(recorded.stamp.subject).filter(|subject| subject.number().is_some())
}

fn claimed(event: &Event) -> Option<(TaskId, u64)> {
    match event {
        Event::TaskClaimed(claimed) => Some((claimed.task.clone(), claimed.lease)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event::{TaskCancelled, TaskRevived};
    use crate::domain::story::{Story, request};

    #[test]
    fn what_cannot_be_folded_whole_fails_its_command_and_none_of_it_is_buffered() {
        let mut story = Story::new();
        let tasks = story.enqueue(vec![request("label")]);
        let mut inner = Inner {
            state: story.state.clone(),
            head: Head::EMPTY,
            is_tainted: false,
            buffer: Vec::new(),
            lost: BTreeSet::new(),
            refused: BTreeMap::new(),
            snapshot: None,
            written: Vec::new(),
            appends: 0,
            touched: BTreeSet::new(),
        };
        let command = Command::Cancel { task: tasks[0].clone(), reason: String::new() };
        let context = story.context();
        let mut decided = decide(&story.state, &command, &context).unwrap();
        // A second event that does not follow from the first.
        let mut impossible = decided[0].clone();
        impossible.stamp.sequence = impossible.stamp.sequence.next();
        let (task, reason) = (TaskId::new("c9.9"), String::new());
        impossible.event = Event::TaskRevived(TaskRevived { task, input: None, reason });
        decided.push(impossible);
        assert!(matches!(decided[0].event, Event::TaskCancelled(TaskCancelled { .. })));
        let refused = inner.take(command.clone(), context.clone(), decided);
        assert!(matches!(refused, Err(Rejection::Impossible(_))), "{refused:?}");
        assert!(inner.buffer.is_empty() && inner.is_tainted, "the log is to be read again");
    }
}

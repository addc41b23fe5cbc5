//! What happened is told to those who want to know: each thing that is worth a word becomes a task that tells it.

use super::Decision;
use crate::domain::command::{Occasion, Rejection, Subscription};
use crate::domain::event::{Event, Recorded};
use crate::domain::id::TaskId;
use crate::domain::input::{self, Slack, Webhook};
use crate::domain::notice::{self, Notice};
use crate::domain::payload::Payload;
use crate::domain::shown;
use crate::domain::spec::{IfLost, TaskRequest, TaskSpec};
use crate::domain::subject::Subject;
use crate::domain::task::Task;

/// Which webhook a subscription is for; what happened is added to it.
#[derive(serde::Deserialize)]
struct Named {
    name: String,
}

impl Decision<'_> {
    /// Enqueues what the configuration wants told of what these events tell. What is told of one subject in a burst is one
    /// task: it joins the one that waits already.
    pub(super) fn tell(&mut self) -> Result<(), Rejection> {
        let wants = |subscription: &&Subscription| !matches!(subscription.on, Occasion::Ended(_));
        let subscriptions: Vec<Subscription> =
            self.context.subscriptions.iter().filter(wants).cloned().collect();
        if subscriptions.is_empty() {
            return Ok(());
        }
        for (ordinal, recorded) in self.events.clone().into_iter().enumerate() {
            let (cause, correlation) = (recorded.stamp.sequence, recorded.stamp.correlation);
            let notice = notice::of(self.state, &recorded);
            let shown = shown::changes(self.state, &recorded);
            for subscription in &subscriptions {
                let wanted = match (&subscription.on, &notice) {
                    (Occasion::Told(which), Some(notice))
                        if which.contains(&notice.what)
                            || (which.is_empty() && !notice.what.is_for_those_who_name_it()) =>
                    {
                        self.told(subscription, notice, ordinal)
                    }
                    // Nobody is told, and what the thread shows is brought up to date.
                    (Occasion::Told(_), None) => {
                        shown.and_then(|subject| self.showing(subscription, subject))
                    }
                    (Occasion::Tended, _) => self.tended(subscription, &recorded, notice.as_ref()),
                    _ => None,
                };
                self.enqueue(wanted.as_slice(), Some(cause), correlation)?;
            }
        }
        Ok(())
    }

    /// The task that tells a notice, of the `ordinal`th of these events.
    fn told(&self, subscription: &Subscription, notice: &Notice, ordinal: usize) -> Option<TaskRequest> {
        let subject = match notice.subject {
            // Of a folder many files change at once, and one message tells them all.
            Subject::Drive(_) if subscription.task.kind.as_str() == input::SLACK => Subject::Repository,
            subject => subject,
        };
        if !subscription.about.covers(subject) {
            return None;
        }
        if subscription.task.kind.as_str() != input::WEBHOOK {
            return self.in_slack(subscription, subject, vec![notice.clone()]);
        }
        let Named { name } = subscription.task.input.read().ok()?;
        // Each event is one call, so that a receiver that is down keeps none from being told later.
        let unique = Some(format!("webhook {name} {}", notice.sequence));
        let notice = Notice { event: Some(self.context.command.event(ordinal)), ..notice.clone() };
        let input = Payload::of(&Webhook { name, notice }).ok()?;
        let told = subscription.task.clone();
        Some(TaskRequest::from(TaskSpec { subject, input, unique, quiet: true, ..told }))
    }

    /// The task that brings the first message of a thread up to date.
    fn showing(&self, subscription: &Subscription, subject: Subject) -> Option<TaskRequest> {
        let is_slack = subscription.task.kind.as_str() == input::SLACK;
        let is_meant = is_slack && subscription.about.covers(subject);
        if is_meant { self.in_slack(subscription, subject, Vec::new()) } else { None }
    }

    fn in_slack(
        &self,
        subscription: &Subscription,
        subject: Subject,
        notices: Vec<Notice>,
    ) -> Option<TaskRequest> {
        let input = Payload::of(&Slack { notices, ..Slack::default() }).ok()?;
        let key = format!("{} {subject}", input::SLACK);
        // What the analysis finds is part of what is told, and one message says both.
        Some(TaskRequest::from(TaskSpec {
            subject,
            input,
            concurrency: Some(key.clone()),
            unique: Some(key),
            depends_on: self.analyses(subject),
            if_lost: IfLost::Continue,
            quiet: true,
            ..subscription.task.clone()
        }))
    }

    /// The task that brings our check on a pull request up to date, when this event is about work on it.
    fn tended(
        &self,
        subscription: &Subscription,
        recorded: &Recorded,
        notice: Option<&Notice>,
    ) -> Option<TaskRequest> {
        let is_work = |task: &TaskId| {
            let known = self.state.tasks.get(task).map(|task| task.spec.kind.as_str());
            known.is_some_and(|kind| matches!(kind, input::REVISE | input::TEND | input::OPEN_PULL_REQUEST))
        };
        let is_meant = match &recorded.event {
            Event::TaskEnqueued(new) => new.spec.kind.as_str() == input::REVISE,
            Event::TaskClaimed(claimed) => self.is_revision(&claimed.task),
            Event::TaskCompleted(completed) => is_work(&completed.task),
            Event::TaskFailed(failed) => is_work(&failed.task),
            Event::TaskCancelled(cancelled) => is_work(&cancelled.task),
            _ => notice.is_some_and(|notice| notice.what == notice::Happening::Reviewed),
        };
        let subject = notice.map_or(recorded.stamp.subject, |notice| notice.subject);
        let pull = match subject {
            Subject::Pull(pull) => self.state.issue_of_our_pull(pull).map(|_| pull),
            Subject::Issue(issue) => {
                let known = self.state.issues.get(&issue)?.pull_request.as_ref();
                known.filter(|pull| pull.by.is_none()).map(|pull| pull.number)
            }
            _ => None,
        }
        .filter(|_| is_meant)?;
        let subject = Subject::Pull(pull);
        let key = format!("check_run {subject}");
        Some(TaskRequest::from(TaskSpec {
            subject,
            concurrency: Some(key.clone()),
            unique: Some(key),
            quiet: true,
            ..subscription.task.clone()
        }))
    }

    fn is_revision(&self, task: &TaskId) -> bool {
        self.state.tasks.get(task).is_some_and(|task| task.spec.kind.as_str() == input::REVISE)
    }

    /// Analyses of a subject that are about to be done; not one that waits until the issue has been left alone, or somebody says
    /// that it goes on.
    fn analyses(&self, subject: Subject) -> Vec<TaskId> {
        let known = subject.number().and_then(|number| self.state.issues.get(&number));
        if known.is_some_and(|known| known.paused.is_some()) {
            return Vec::new();
        }
        let is_one = |spec: &TaskSpec| {
            spec.kind.as_str() == input::ANALYSE && spec.subject == subject && spec.not_before.is_none()
        };
        let known = |task: &&Task| !task.status.is_final() && is_one(&task.spec);
        let known = self.state.tasks.values().filter(known).map(|task| task.id.clone());
        let new = self.events.iter().filter_map(|recorded: &Recorded| match &recorded.event {
            Event::TaskEnqueued(new) if is_one(&new.spec) => Some(new.task.clone()),
            _ => None,
        });
        known.chain(new).filter(|id| !self.is_completed(id)).collect()
    }
}

//! How our pull requests fare: revised, closed, opened again.

use crate::domain::id::{CommitId, IssueNumber};
use crate::domain::input::Revised;
use crate::domain::landmark::{self, Landmark};
use crate::domain::receipt;
use crate::domain::state::{Fate, IssueState, PullEnd, State, Thread, Workflows};
use crate::domain::time::Timestamp;
use crate::domain::trigger::{OpenState, PullFacts, Trigger};
use crate::domain::untrusted::one_line;

/// Workflows of which it is remembered whether they passed.
const WORKFLOWS: usize = 20;
/// Width of a workflow's name.
const NAME: usize = 60;

impl IssueState {
    /// Our pull request for it was opened or found; another one than before begins anew.
    pub(super) fn opened(&mut self, pull: Option<receipt::PullRequest>) {
        let Some(pull) = pull else { return };
        if self.pull_request.as_ref().is_none_or(|known| known.number != pull.number) {
            self.fate = Fate::default();
        }
        self.pull_request = Some(pull);
    }

    /// The first message of its thread in a channel was posted or edited.
    pub(super) fn slack(&mut self, told: Option<receipt::Slack>) {
        let Some(receipt::Slack { channel, message: Some(message), digest: Some(digest) }) = told else {
            return;
        };
        self.threads.insert(channel, Thread { message, digest });
    }
}

impl State {
    /// Notes that our pull request was closed, or opened again.
    pub(super) fn settle_fate(&mut self, trigger: &Trigger, pull: &PullFacts) {
        let end = match (trigger.action.as_deref(), pull.state) {
            (Some("closed"), _) => {
                let by = trigger.actor.login.clone();
                Some(PullEnd { merged: pull.merged, by, at: trigger.at })
            }
            (_, OpenState::Open) => None,
            _ => return,
        };
        let issue = self.issue_of_pull(pull.number).and_then(|number| self.issues.get_mut(&number));
        if let Some(issue) = issue {
            issue.fate.end = end;
        }
    }

    /// Notes that workflow runs on a branch wait until a person lets them run, where its pull request is one that we follow.
    pub(super) fn unapproved(&mut self, branch: &str, at: Timestamp) {
        let number = self.issue_to_be_approved(branch);
        if let Some(issue) = number.and_then(|number| self.issues.get_mut(&number)) {
            issue.fate.unapproved = Some(at);
        }
    }

    /// Notes whether a workflow passed that ran on a branch with a pull request for an issue. Another commit than before
    /// makes what the others came to void.
    pub(super) fn ran(&mut self, branch: &str, workflow: &str, commit: &CommitId, passed: bool) {
        let number = self.issue_of_branch(branch);
        let Some(issue) = number.and_then(|number| self.issues.get_mut(&number)) else { return };
        let known = issue.fate.workflows.take();
        let is_outdated = known.as_ref().is_some_and(|known| known.before.as_ref() == Some(commit));
        let mut workflows = match known {
            Some(known) if is_outdated || known.commit == *commit => known,
            known => Workflows::on(commit.clone(), known),
        };
        let name = one_line(workflow, NAME);
        if !is_outdated && (workflows.passed.len() < WORKFLOWS || workflows.passed.contains_key(&name)) {
            workflows.passed.insert(name, passed);
        }
        issue.fate.workflows = Some(workflows);
    }

    /// Keeps what the work on an issue came past. What is told twice is kept once.
    pub(super) fn pass(&mut self, number: IssueNumber, landmark: Landmark) {
        let Some(issue) = self.issues.get_mut(&number) else { return };
        if issue.landmarks.last().is_some_and(|last| last.what == landmark.what) {
            return;
        }
        issue.landmarks.push(landmark);
        let more = issue.landmarks.len().saturating_sub(landmark::KEPT);
        issue.landmarks.drain(..more);
    }

    /// Counts a revision of our pull request.
    pub(super) fn revised(&mut self, pull: IssueNumber, revised: &Revised) {
        let issue = self.issue_of_pull(pull).and_then(|number| self.issues.get_mut(&number));
        if let Some(issue) = issue {
            issue.fate.revisions += 1;
            issue.fate.review = issue.fate.review.max(revised.review);
            if let Some(commit) = &revised.commit
                && let Some(known) = issue.fate.workflows.take()
            {
                issue.fate.workflows = Some(Workflows::on(commit.clone(), Some(known)));
            }
        }
    }
}

//! How our pull requests fare: revised, closed, opened again.

use crate::domain::id::{IssueNumber, Login};
use crate::domain::input::Revised;
use crate::domain::landmark::{self, Landmark};
use crate::domain::receipt;
use crate::domain::state::{Fate, IssueState, PullEnd, Reviewed, State, Thread, Verdict, Workflows};
use crate::domain::time::Timestamp;
use crate::domain::trigger::{About, OpenState, PullFacts, ReviewFacts, Trigger, has_failed};
use crate::domain::untrusted::one_line;

/// Reviewers kept of one pull request: anybody can write reviews.
const REVIEWERS_KEPT: usize = 20;
/// Failed workflows kept of one commit, and the width of their names.
const WORKFLOWS_KEPT: usize = 8;
const NAME: usize = 40;

impl Fate {
    /// It got another commit: what was said of the one before does not hold for it.
    fn moved_to(&mut self, commit: &str) {
        if let Some(known) = self.workflows.as_mut() {
            if known.commit == commit {
                return;
            }
            known.before = Some(std::mem::replace(&mut known.commit, commit.to_owned()));
            known.failed.clear();
        }
        self.reviews.values_mut().for_each(|reviewed| reviewed.verdict = Verdict::Looked);
    }
}

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
    pub(super) fn settle_fate(&mut self, recorded: Timestamp, trigger: &Trigger, pull: &PullFacts) {
        let Some(issue) = self.issue_of_pull(pull.number).and_then(|number| self.issues.get_mut(&number))
        else {
            return;
        };
        if trigger.action.as_deref() == Some("synchronize") {
            issue.fate.moved_to(&pull.head_commit);
        }
        issue.fate.end = match (trigger.action.as_deref(), pull.state) {
            (Some("closed"), _) => {
                let by = trigger.actor.login.clone();
                Some(PullEnd { merged: pull.merged, by, at: trigger.at, recorded })
            }
            (_, OpenState::Open) => None,
            _ => return,
        };
    }

    /// Notes what a person says of our pull request in a review. Whether their word counts is asked where something is done
    /// about it.
    pub(super) fn heed_review(&mut self, trigger: &Trigger, pull: IssueNumber, review: &ReviewFacts) {
        let Some(issue) = self.issue_of_pull(pull).and_then(|number| self.issues.get_mut(&number)) else {
            return;
        };
        let taken_up = review.id <= issue.fate.review;
        let (reviews, by) = (&mut issue.fate.reviews, &review.author);
        if !by.is_person() || (reviews.len() >= REVIEWERS_KEPT && !reviews.contains_key(&by.login)) {
            return;
        }
        let verdict = match (trigger.action.as_deref(), review.state.as_str()) {
            (Some("dismissed"), _) => Verdict::Looked,
            // It is told late.
            (Some("submitted"), "changes_requested") if taken_up => Verdict::Looked,
            (Some("submitted"), "approved") => Verdict::Approved,
            (Some("submitted"), "changes_requested") => Verdict::ChangesRequested,
            // A remark takes nothing back.
            (Some("submitted"), _) if !reviews.contains_key(&by.login) => Verdict::Looked,
            _ => return,
        };
        // Each review is weighed anew: people come and go.
        let known = reviews.get(&by.login).filter(|known| known.id == review.id);
        let counts = known.and_then(|known| known.counts);
        reviews.insert(by.login.clone(), Reviewed { id: review.id, verdict, counts });
    }

    /// Notes whether somebody's review is heeded.
    pub(super) fn heeded(&mut self, number: IssueNumber, by: &Login, granted: bool) {
        let number = self.issue_of_pull(number).unwrap_or(number);
        let reviewed = self.issues.get_mut(&number).and_then(|issue| issue.fate.reviews.get_mut(by));
        if let Some(reviewed) = reviewed {
            reviewed.counts = Some(granted);
        }
    }

    /// Notes how a workflow fares on our pull request.
    pub(super) fn heed_workflow(&mut self, about: &About) {
        let About::WorkflowRun { id, name, conclusion, head, branch: Some(branch) } = about else { return };
        let number = self.issue_of_branch(branch);
        let Some(issue) = number.and_then(|number| self.issues.get_mut(&number)) else { return };
        let known = issue.fate.workflows.get_or_insert_default();
        if known.commit != *head {
            if *id <= known.run || known.before.as_ref() == Some(head) {
                return;
            }
            *known = Workflows { commit: head.clone(), ..Workflows::default() };
        }
        known.run = known.run.max(*id);
        let name = one_line(name, NAME);
        match conclusion.as_deref() {
            Some(conclusion) if has_failed(conclusion) && known.failed.len() < WORKFLOWS_KEPT => {
                known.failed.insert(name);
            }
            Some("success") => drop(known.failed.remove(&name)),
            // One that was called off says nothing.
            _ => {}
        }
    }

    /// Notes that workflow runs on a branch wait until a person lets them run, where its pull request is one that we follow.
    pub(super) fn unapproved(&mut self, branch: &str, at: Timestamp) {
        let number = self.issue_to_be_approved(branch);
        if let Some(issue) = number.and_then(|number| self.issues.get_mut(&number)) {
            issue.fate.unapproved = Some(at);
        }
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
            if let Some(commit) = &revised.commit {
                issue.fate.moved_to(commit.as_str());
            }
        }
    }
}

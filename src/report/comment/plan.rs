//! The part of a status comment that says how far the work on an issue has come, and who has to do what next.

use super::{LINE, Scene};
use crate::config::{PullRequestMode, filled};
use crate::domain::id::IssueNumber;
use crate::domain::input;
use crate::domain::landmark::Passed;
use crate::domain::state::IssueState;
use crate::domain::task::{Status, Task};
use crate::domain::untrusted::markdown_line;

/// How far a step has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Done,
    UnderWay,
    Failed,
    ToCome,
}

impl Mark {
    const fn sign(self) -> &'static str {
        match self {
            Self::Done => "\u{2705}",
            Self::UnderWay => "\u{23f3}",
            Self::Failed => "\u{274c}",
            Self::ToCome => "\u{2610}",
        }
    }
}

/// The last task of each kind of work.
struct Work<'a> {
    implement: Option<&'a Task>,
    open: Option<&'a Task>,
    follow: Option<&'a Task>,
    revise: Option<&'a Task>,
    tend: Option<&'a Task>,
}

impl<'a> Work<'a> {
    fn of(scene: Scene<'a>, number: IssueNumber, issue: &IssueState) -> Self {
        let pull = issue.pull_request.as_ref().map(|pull| pull.number);
        let last = |kind: &str, about: Option<IssueNumber>| {
            let tasks = scene.state.tasks.values();
            let is_it = |task: &&Task| {
                about.is_some()
                    && task.spec.subject.number() == about
                    && task.spec.kind.as_str() == kind
                    && !task.is_suggested()
                    && !matches!(task.status, Status::Cancelled { .. })
            };
            tasks.filter(is_it).max_by_key(|task| task.enqueued)
        };
        Self {
            implement: last(input::IMPLEMENT, Some(number)),
            open: last(input::OPEN_PULL_REQUEST, Some(number)),
            follow: last(input::FOLLOW, Some(number)),
            revise: last(input::REVISE, pull),
            tend: last(input::TEND, pull),
        }
    }
}

fn is_live(task: Option<&Task>) -> bool {
    task.is_some_and(|task| !task.status.is_final())
}

fn has_failed(task: Option<&Task>) -> bool {
    task.is_some_and(|task| matches!(task.status, Status::Failed { .. }))
}

fn has_made(task: Option<&Task>) -> bool {
    task.is_some_and(|task| match &task.status {
        Status::Completed { output, .. } => output.read::<input::OpenPullRequest>().is_ok(),
        _ => false,
    })
}

/// Where the work stands, one step after the other.
struct Standing {
    change: Mark,
    open: Mark,
    review: Mark,
    merge: Mark,
    /// The pull request that counts.
    pull: Option<IssueNumber>,
}

impl Standing {
    /// None where nothing goes beyond triage.
    fn of(issue: &IssueState, work: &Work<'_>, is_branch: bool) -> Option<Self> {
        let ended = issue.fate.end.as_ref();
        // After one that was closed another attempt counts.
        let is_anew = ended.is_some_and(|end| !end.merged) && (is_live(work.implement) || is_live(work.open));
        if let Some(pull) = issue.pull_request.as_ref().filter(|_| !is_anew) {
            let (review, merge) = match ended.map(|end| end.merged) {
                None => (Mark::UnderWay, Mark::ToCome),
                Some(true) => (Mark::Done, Mark::Done),
                Some(false) => (Mark::Done, Mark::Failed),
            };
            let pull = Some(pull.number);
            return Some(Self { change: Mark::Done, open: Mark::Done, review, merge, pull });
        }
        // What is in view no more has left its landmark.
        let gave_up = |kind: &str, task: Option<&Task>| {
            let last = issue.landmarks.last().map(|landmark| &landmark.what);
            task.is_none() && matches!(last, Some(Passed::GaveUp { kind: gone }) if gone.as_str() == kind)
        };
        let is_unopened = has_failed(work.open) || gave_up(input::OPEN_PULL_REQUEST, work.open);
        let change = if is_live(work.implement) || is_live(work.follow) {
            Mark::UnderWay
        } else if has_failed(work.implement) || gave_up(input::IMPLEMENT, work.implement) {
            Mark::Failed
        } else if is_live(work.open) || is_unopened || (is_branch && has_made(work.implement)) {
            Mark::Done
        } else {
            // Nobody was asked, or what there was is gone again.
            return None;
        };
        let open = match change {
            Mark::Done if is_unopened => Mark::Failed,
            Mark::Done => Mark::UnderWay,
            _ => Mark::ToCome,
        };
        Some(Self { change, open, review: Mark::ToCome, merge: Mark::ToCome, pull: None })
    }
}

impl Scene<'_> {
    /// The plan and what comes next; empty where nothing goes beyond triage, or what is done is done elsewhere.
    pub(super) fn plan(self, number: IssueNumber, issue: &IssueState) -> String {
        let work = Work::of(self, number, issue);
        // Where no pull request is wanted the branch is the end of it.
        let is_branch = self.config.pull_requests.mode == PullRequestMode::Branch;
        let Some(standing) = Standing::of(issue, &work, is_branch).filter(|_| !issue.is_pull) else {
            return String::new();
        };
        let words = self.words();
        let mut steps = Vec::new();
        let mut step = |mark: Mark, name: &str, detail: Option<String>| {
            let detail = detail.map(|detail| format!(" ({detail})")).unwrap_or_default();
            steps.push(format!("{} {name}{detail}", mark.sign()));
        };
        if issue.analysis.is_some() {
            step(Mark::Done, &words.step_analysis, None);
        }
        step(standing.change, &words.step_change, self.whose(issue, &standing, &work));
        if let Some((checks, failed)) = last_checks(issue).filter(|(checks, _)| *checks > 0) {
            let mark = if failed == 0 { Mark::Done } else { Mark::Failed };
            let detail = filled(&words.step_failed, &[("count", &format!("{failed}/{checks}"))]);
            step(mark, &words.step_checks, (failed > 0).then_some(detail));
        }
        let is_branch = is_branch && standing.pull.is_none();
        if !is_branch {
            let named = standing.pull.map(|pull| format!(" #{pull}")).unwrap_or_default();
            step(standing.open, &format!("{}{named}", words.step_pull_request), None);
            let revised = issue.fate.revisions;
            let is_counted = revised > 0 && standing.pull.is_some();
            let told = || filled(&words.step_revised, &[("count", &revised.to_string())]);
            let at = work.revise.filter(|task| !task.status.is_final()).and_then(progress);
            step(standing.review, &words.step_review, at.or_else(|| is_counted.then(told)));
            step(standing.merge, &words.step_merge, None);
        }
        let next =
            self.next(issue, &standing, &work).filter(|_| !(is_branch && standing.change == Mark::Done));
        let next = next.map(|next| format!("{next}\n\n")).unwrap_or_default();
        format!("{} {}\n\n{next}", words.plan, steps.join(" · "))
    }

    /// Whose the change is, or how far it has come.
    fn whose(self, issue: &IssueState, standing: &Standing, work: &Work<'_>) -> Option<String> {
        if standing.change == Mark::UnderWay {
            return work.implement.filter(|task| !task.status.is_final()).and_then(progress);
        }
        let made = issue.landmarks.iter().rev().find_map(|landmark| match &landmark.what {
            Passed::Asked { assistant, made: true, .. } => Some(assistant),
            _ => None,
        });
        let name = made.filter(|_| standing.change == Mark::Done)?;
        Some(filled(&self.words().step_by, &[("name", &markdown_line(name, LINE))]))
    }

    /// Who has to do what.
    fn next(self, issue: &IssueState, standing: &Standing, work: &Work<'_>) -> Option<String> {
        let words = self.words();
        if issue.closed_at.is_some() {
            return None;
        }
        if issue.paused.is_some() {
            return Some(words.next_resume.clone());
        }
        let Some(pull) = standing.pull else {
            return match (standing.change, standing.open) {
                (Mark::UnderWay, _) if is_live(work.follow) => Some(words.next_elsewhere.clone()),
                (Mark::UnderWay, _) => Some(words.next_change.clone()),
                (Mark::Failed, _) | (_, Mark::Failed) => Some(words.next_mend.clone()),
                _ => Some(words.next_open.clone()),
            };
        };
        let of_it = |template: &str| Some(filled(template, &[("number", &pull.to_string())]));
        if let Some(end) = &issue.fate.end {
            return (!end.merged).then(|| words.next_attempt.clone());
        }
        let tended = work.tend.and_then(|task| match &task.status {
            Status::Completed { output, .. } => output.read::<input::Tended>().ok(),
            _ => None,
        });
        let is_unchecked = issue.pull_request.as_ref().is_some_and(|pull| pull.unchecked);
        if is_live(work.revise) {
            of_it(&words.next_revise)
        } else if issue.fate.unapproved.is_some() || is_unchecked {
            of_it(&words.next_approve_runs)
        } else if tended.is_some_and(|tended| !tended.conflicts.is_empty()) {
            of_it(&words.next_conflict)
        } else if self.config.pull_requests.merge.is_some() && self.is_ours(issue) {
            of_it(&words.next_review_merge)
        } else if self.is_ours(issue) {
            of_it(&words.next_review)
        } else {
            None
        }
    }

    fn is_ours(self, issue: &IssueState) -> bool {
        issue.pull_request.as_ref().is_some_and(|pull| pull.by.is_none())
    }
}

/// What the checks of the change came to.
fn last_checks(issue: &IssueState) -> Option<(usize, usize)> {
    issue.landmarks.iter().rev().find_map(|landmark| match landmark.what {
        Passed::Changed { checks, failed } => Some((checks, failed)),
        _ => None,
    })
}

/// How far a task has come, as far as it says.
fn progress(task: &Task) -> Option<String> {
    let progress = task.progress.as_ref()?;
    let percent = progress.percent.map(|percent| format!("{percent} %"));
    let message = progress.message.as_deref().map(|message| markdown_line(message, LINE));
    let parts: Vec<String> = percent.into_iter().chain(message).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

//! The part of a status comment that says how far the work on an issue has come, and who has to do what next.

use super::{LINE, Scene};
use crate::config::{PullRequestMode, filled};
use crate::domain::id::IssueNumber;
use crate::domain::input;
use crate::domain::landmark::{Landmark, Passed};
use crate::domain::state::{IssueState, PullEnd, Verdict};
use crate::domain::task::{Status, Task};
use crate::domain::time::Timestamp;
use crate::domain::untrusted::markdown_line;

/// Reviewers named: more of them say the same.
const NAMED: usize = 3;

/// How far a step has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Done,
    UnderWay,
    Failed,
    ToCome,
    LeftOut,
}

impl Mark {
    const fn sign(self) -> &'static str {
        match self {
            Self::Done => "\u{2705}",
            Self::UnderWay => "\u{23f3}",
            Self::Failed => "\u{274c}",
            Self::ToCome => "\u{2610}",
            Self::LeftOut => "\u{2796}",
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

/// Whether it is under way, or was given up since then.
fn goes_on_since(task: Option<&Task>, since: Timestamp) -> bool {
    let gave_up = |task: &Task| matches!(&task.status, Status::Failed { at, .. } if *at >= since);
    is_live(task) || task.is_some_and(gave_up)
}

fn has_made(task: Option<&Task>) -> bool {
    task.is_some_and(|task| match &task.status {
        Status::Completed { output, .. } => output.read::<input::OpenPullRequest>().is_ok(),
        _ => false,
    })
}

/// Where the present attempt stands, one step after the other.
struct Standing<'a> {
    change: Mark,
    open: Mark,
    review: Mark,
    merge: Mark,
    /// The pull request that counts.
    pull: Option<IssueNumber>,
    /// What this attempt came past.
    past: &'a [Landmark],
}

impl<'a> Standing<'a> {
    /// None where nothing goes beyond triage.
    fn of(issue: &'a IssueState, work: &Work<'_>, is_branch: bool) -> Option<Self> {
        let ended = issue.fate.end.as_ref();
        // What is in view no more has left its landmark.
        let gave_up = |kind: &str, task: Option<&Task>| {
            let last = issue.landmarks.last().map(|landmark| &landmark.what);
            task.is_none() && matches!(last, Some(Passed::GaveUp { kind: gone }) if gone.as_str() == kind)
        };
        let begins_anew = |end: &PullEnd| {
            let tasks = [(input::IMPLEMENT, work.implement), (input::OPEN_PULL_REQUEST, work.open)];
            let is_over = end.merged && issue.closed_at.is_some();
            let mut tasks = tasks.into_iter();
            !is_over && tasks.any(|(kind, task)| goes_on_since(task, end.recorded) || gave_up(kind, task))
        };
        // After one that was closed another attempt counts, however it goes.
        let is_anew = ended.is_some_and(begins_anew);
        let past = present(issue, is_anew);
        if let Some(pull) = issue.pull_request.as_ref().filter(|_| !is_anew) {
            let (review, merge) = match ended.map(|end| end.merged) {
                None => (Self::reviewed(issue), Mark::ToCome),
                Some(true) => (Self::reviewed_at_the_end(issue), Mark::Done),
                Some(false) => (Self::reviewed_at_the_end(issue), Mark::Failed),
            };
            let pull = Some(pull.number);
            return Some(Self { change: Mark::Done, open: Mark::Done, review, merge, pull, past });
        }
        // A task of an attempt before this one says nothing of it.
        let since = ended.map_or(Timestamp::default(), |end| end.recorded);
        let has_failed = |task: Option<&Task>| !is_live(task) && goes_on_since(task, since);
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
        Some(Self { change, open, review: Mark::ToCome, merge: Mark::ToCome, pull: None, past })
    }

    /// How far the review of an open one has come: it is done when somebody approves it and nobody asks for changes.
    fn reviewed(issue: &IssueState) -> Mark {
        let says = |verdict: Verdict| issue.fate.heeded().any(|(_, said)| said == verdict);
        if says(Verdict::Approved) && !says(Verdict::ChangesRequested) { Mark::Done } else { Mark::UnderWay }
    }

    /// The same of one that is closed: whether anybody looked at it, and was content.
    fn reviewed_at_the_end(issue: &IssueState) -> Mark {
        if issue.fate.heeded().next().is_none() {
            Mark::LeftOut
        } else if issue.fate.heeded().any(|(_, said)| said == Verdict::ChangesRequested) {
            Mark::Failed
        } else {
            Mark::Done
        }
    }

    /// What the checks of the present change came to: how many ran, and how many failed.
    fn checks(&self) -> Option<(usize, usize)> {
        if self.change != Mark::Done {
            return None;
        }
        let checked = self.past.iter().rev().find_map(|landmark| match landmark.what {
            Passed::Changed { checks, failed } => Some((checks, failed)),
            Passed::Revised { changed: true, checks, failed } => Some((checks, failed)),
            _ => None,
        });
        checked.filter(|(checks, _)| *checks > 0)
    }
}

/// What the present attempt came past; the end of its pull request is not part of it.
fn present(issue: &IssueState, is_anew: bool) -> &[Landmark] {
    let is_end =
        |landmark: &Landmark| matches!(landmark.what, Passed::Rejected { .. } | Passed::Merged { .. });
    let all = issue.landmarks.as_slice();
    if is_anew {
        return &all[all.iter().rposition(is_end).map_or(0, |end| end + 1)..];
    }
    // One that was closed and opened again is the same as before.
    let is_opened = |landmark: &Landmark| matches!(landmark.what, Passed::Opened { .. });
    let opened = all.iter().rposition(is_opened).unwrap_or(0);
    let from = all[..opened].iter().rposition(is_end).map_or(0, |end| end + 1);
    let ended = issue.fate.end.as_ref().and_then(|_| all.iter().rposition(is_end));
    &all[from..ended.filter(|end| *end >= opened).unwrap_or(all.len())]
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
        step(standing.change, &words.step_change, self.whose(&standing, &work));
        if let Some((checks, failed)) = standing.checks() {
            let mark = if failed == 0 { Mark::Done } else { Mark::Failed };
            let detail = filled(&words.step_failed, &[("count", &format!("{failed}/{checks}"))]);
            step(mark, &words.step_checks, (failed > 0).then_some(detail));
        }
        let is_branch = is_branch && standing.pull.is_none();
        if !is_branch {
            let named = standing.pull.map(|pull| format!(" #{pull}")).unwrap_or_default();
            step(standing.open, &format!("{}{named}", words.step_pull_request), None);
            if let Some(failed) = failed_workflows(issue, &standing) {
                step(Mark::Failed, &filled(&words.step_ci, &[("names", &failed)]), None);
            }
            step(standing.review, &words.step_review, self.review(issue, &standing, &work));
            step(standing.merge, &words.step_merge, None);
        }
        let next =
            self.next(issue, &standing, &work).filter(|_| !(is_branch && standing.change == Mark::Done));
        let next = next.map(|next| format!("{next}\n\n")).unwrap_or_default();
        format!("{} {}\n\n{next}", words.plan, steps.join(" · "))
    }

    /// Whose the change is, or how far it has come.
    fn whose(self, standing: &Standing<'_>, work: &Work<'_>) -> Option<String> {
        if standing.change == Mark::UnderWay {
            return work.implement.filter(|task| !task.status.is_final()).and_then(progress);
        }
        let made = standing.past.iter().rev().find_map(|landmark| match &landmark.what {
            Passed::Asked { assistant, made: true, .. } => Some(assistant),
            _ => None,
        });
        let name = made.filter(|_| standing.change == Mark::Done)?;
        Some(filled(&self.words().step_by, &[("name", &markdown_line(name, LINE))]))
    }

    /// What is said of the review: what reviewers say of the last commit, else how often they had it revised.
    fn review(self, issue: &IssueState, standing: &Standing<'_>, work: &Work<'_>) -> Option<String> {
        standing.pull?;
        if let Some(at) = work.revise.filter(|task| !task.status.is_final()).and_then(progress) {
            return Some(at);
        }
        let (words, fate) = (self.words(), &issue.fate);
        let those = |verdict: Verdict| {
            let said = fate.heeded().filter(|(_, said)| *said == verdict);
            let names: Vec<String> =
                said.map(|(login, _)| markdown_line(login.as_str(), LINE)).take(NAMED).collect();
            Some(names.join(", ")).filter(|names| !names.is_empty())
        };
        if let Some(names) = those(Verdict::ChangesRequested) {
            return Some(filled(&words.step_changes, &[("names", &names)]));
        }
        if let Some(names) = those(Verdict::Approved) {
            return Some(filled(&words.step_approved, &[("names", &names)]));
        }
        if standing.review == Mark::LeftOut {
            return Some(words.step_unreviewed.clone());
        }
        (fate.revisions > 0).then(|| filled(&words.step_revised, &[("count", &fate.revisions.to_string())]))
    }

    /// Who has to do what.
    fn next(self, issue: &IssueState, standing: &Standing<'_>, work: &Work<'_>) -> Option<String> {
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
            let smaller = |lines: usize| filled(&words.next_smaller, &[("lines", &lines.to_string())]);
            let next = || issue.most_lines_next().map_or_else(|| words.next_attempt.clone(), smaller);
            return (!end.merged).then(next);
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
        } else if !self.is_ours(issue) {
            None
        } else if failed_workflows(issue, standing).is_some()
            || standing.checks().is_some_and(|(_, failed)| failed > 0)
        {
            of_it(&words.next_checks)
        } else if issue.fate.heeded().any(|(_, said)| said == Verdict::ChangesRequested) {
            of_it(&words.next_changes)
        } else {
            of_it(match (self.config.pull_requests.merge.is_some(), standing.review) {
                (true, Mark::Done) => &words.next_merge_itself,
                (true, _) => &words.next_review_merge,
                (false, Mark::Done) => &words.next_merge,
                (false, _) => &words.next_review,
            })
        }
    }

    fn is_ours(self, issue: &IssueState) -> bool {
        issue.pull_request.as_ref().is_some_and(|pull| pull.by.is_none())
    }
}

/// The workflows that failed on the last commit of an open pull request.
fn failed_workflows(issue: &IssueState, standing: &Standing<'_>) -> Option<String> {
    let known =
        issue.fate.workflows.as_ref().filter(|_| standing.pull.is_some() && issue.fate.end.is_none())?;
    let names: Vec<String> = known.failed.iter().map(|name| markdown_line(name, LINE)).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// How far a task has come, as far as it says.
fn progress(task: &Task) -> Option<String> {
    let progress = task.progress.as_ref()?;
    let percent = progress.percent.map(|percent| format!("{percent} %"));
    let message = progress.message.as_deref().map(|message| markdown_line(message, LINE));
    let parts: Vec<String> = percent.into_iter().chain(message).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests;

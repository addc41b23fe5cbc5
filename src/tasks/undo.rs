//! Task kind `undo`: takes back what was done about an issue and nobody touched since, and says what it left.

use super::{Context, Done, comment};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::effect::{Effect, EffectKind};
use crate::domain::event::CommandAnswered;
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::input::{OpenPullRequest, Undo, Undone};
use crate::domain::named::Unclear;
use crate::domain::payload::Payload;
use crate::domain::state::{IssueState, State};
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::untrusted::one_line;
use crate::domain::{receipt, undo};
use crate::report::answer;
use crate::services::github::Issue;

mod change;
mod fields;
mod ours;
mod pulls;
mod reviewers;

/// Characters of a commit's id that people tell commits apart by, as GitHub shows them.
const COMMIT: usize = 7;
/// Width of what somebody named.
const QUOTE: usize = 60;

/// What an earlier effect left behind, and the task it belongs to.
struct Trace {
    kind: EffectKind,
    receipt: Payload,
    /// What the task was told.
    input: Payload,
}

/// What is known of an issue when something about it is taken back.
struct Scene<'a> {
    context: &'a Context<'a>,
    issue: Issue,
    known: Option<IssueState>,
    /// What is meant, the newest first.
    traces: Vec<Trace>,
    /// What we put on branches besides.
    commits: Vec<ours::Above>,
    /// Whom we asked for a review of which pull request.
    asked: Vec<(IssueNumber, Login)>,
    /// Whether all of it is meant, so that what only the issue's state remembers counts as well.
    is_whole: bool,
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let wanted: Undo = context.input()?;
    let subject = context.task.spec.subject;
    let Some(issue) = context.services.github.issue(number).await? else {
        return Done::note("the issue is gone", Vec::new());
    };
    // What was done a week ago, or before much else was, is not in view any more.
    let past = context.journal.recall(subject, issue.created_at).await?;
    let part = undo::part_of(&past, subject, wanted.what.as_deref());
    let part = match part {
        Ok(part) => part,
        Err(unclear) => {
            let left = vec![said(&unclear, wanted.what.as_deref().unwrap_or_default(), subject)];
            let undone = Undone { left, ..Undone::default() };
            tell(context, wanted.asked_by.as_ref(), &undone);
            return Done::with(&undone, comment::refresh_of(subject));
        }
    };
    let traces = undo::effects(&past, subject, part.as_ref()).into_iter();
    let scene = Scene {
        context,
        issue,
        known: past.issues.get(&number).cloned(),
        traces: traces.filter_map(|(effect, task)| trace(effect, task)).collect(),
        commits: ours::commits(&past),
        asked: reviewers::asked(&past, subject, part.as_ref()),
        is_whole: part.is_none(),
    };
    let mut undone = Undone::default();
    scene.labels(&mut undone).await?;
    scene.people(&mut undone).await?;
    scene.issue(&mut undone).await?;
    scene.fields(&mut undone).await?;
    scene.reviewers(&mut undone).await?;
    scene.pull_requests(&mut undone).await?;
    scene.branches(&mut undone).await?;
    scene.comment(&mut undone);
    scene.what_stays(&mut undone);
    scene.commits(&mut undone).await?;
    tell(context, wanted.asked_by.as_ref(), &undone);
    Done::with(&undone, comment::refresh_of(subject))
}

/// Why it is not clear what is to be taken back.
fn said(unclear: &Unclear, what: &str, subject: Subject) -> String {
    let name = one_line(what, QUOTE);
    match (unclear, undo::number(what)) {
        (Unclear::Unknown, Some(number)) => {
            format!("What was done about #{number}: say `/automata undo` there.")
        }
        (Unclear::Unknown, None) => {
            format!(
                "`{name}`: no task, run or effect of {subject} is called so; `/automata status` shows its tasks."
            )
        }
        (Unclear::Short(least), _) => {
            format!(
                "`{name}`: that is too short to name a task; write at least {least} characters of its id."
            )
        }
        (Unclear::Several(count, ids), _) => {
            format!("`{name}`: that is the beginning of {count} tasks; name one of {}.", ids.join(", "))
        }
    }
}

fn trace(effect: &Effect, task: &Task) -> Option<Trace> {
    let receipt = effect.receipt.clone()?;
    Some(Trace { kind: effect.intent.kind, receipt, input: task.spec.input.clone() })
}

/// Puts what came of it into the status comment.
fn tell(context: &Context<'_>, asked_by: Option<&Login>, undone: &Undone) {
    let ours = Actor::automata();
    let asked_by = asked_by.cloned().unwrap_or(ours.login);
    let answered = CommandAnswered {
        asked_by: asked_by.clone(),
        text: answer::undone(&context.config.comment.words, undone),
    };
    let subject: Subject = context.task.spec.subject;
    let order = Command::Answer { subject, answered };
    let ordered = context.journal.order(&context.task, &Actor::person(asked_by.as_str()), order);
    if let Err(reason) = ordered {
        tracing::debug!(%reason, "the answer was refused");
    }
}

impl Scene<'_> {
    fn receipts<T: serde::de::DeserializeOwned>(&self, kind: EffectKind) -> Vec<(T, &Trace)> {
        let of_kind = self.traces.iter().filter(|trace| trace.kind == kind);
        of_kind.filter_map(|trace| Some((trace.receipt.read().ok()?, trace))).collect()
    }

    /// The status comment is written anew and shows nothing of before: people may have answered it.
    fn comment(&self, undone: &mut Undone) {
        let stands =
            self.known.as_ref().is_some_and(|known| known.status_comment.is_some() && !known.withdrawn);
        if stands && (self.is_whole || self.traces.iter().any(|trace| trace.kind == EffectKind::Comment)) {
            undone.withdrawn = true;
            undone.taken_back.push("The status comment shows nothing of it any more.".to_owned());
        }
    }

    /// What only a person can take back: work that goes on elsewhere.
    fn what_stays(&self, undone: &mut Undone) {
        for (handed, _) in self.receipts::<receipt::Assignees>(EffectKind::Assistant) {
            for who in handed.added {
                undone.left.push(format!(
                    "{who} has the issue: take the assignment away on GitHub, and close the pull request if there is one."
                ));
            }
        }
    }

    /// Commits on somebody's branch, answers to a review and merges stay: people have built on them.
    async fn commits(&self, undone: &mut Undone) -> Result<(), Failure> {
        for (pushed, _) in self.receipts::<receipt::Branch>(EffectKind::Commit) {
            // It went with its branch.
            if self.context.services.code.branch(&pushed.branch).await?.is_none() {
                continue;
            }
            let commit: String = pushed.commit.as_str().chars().take(COMMIT).collect();
            undone.left.push(format!(
                "Commit `{commit}` on `{}`: revert it there, or have what was done about the issue taken back.",
                pushed.branch
            ));
        }
        for (given, _) in self.receipts::<receipt::Answers>(EffectKind::Answers) {
            let count = match given.ids.len() {
                0 => continue,
                1 => "An answer".to_owned(),
                count => format!("{count} answers"),
            };
            undone.left.push(format!("{count} to the review: delete what is wrong on GitHub."));
        }
        for (merged, _) in self.receipts::<receipt::Merged>(EffectKind::Merge) {
            undone.left.push(format!(
                "The merge of pull request #{}: revert it on GitHub if that was wrong.",
                merged.number
            ));
        }
        Ok(())
    }

    /// Pull requests that were opened, each with what its task was told where that is known.
    fn opened(&self) -> Vec<(receipt::PullRequest, Option<OpenPullRequest>)> {
        let receipts = self.receipts::<receipt::PullRequest>(EffectKind::PullRequest).into_iter();
        let mut opened: Vec<(receipt::PullRequest, Option<OpenPullRequest>)> =
            receipts.map(|(receipt, trace)| (receipt, trace.input.read().ok())).collect();
        let remembered = self.known.as_ref().and_then(|known| known.pull_request.clone());
        // What others opened is not ours to close.
        if let Some(pull) = remembered.filter(|pull| self.is_whole && pull.by.is_none())
            && !opened.iter().any(|(known, _)| known.number == pull.number)
        {
            opened.push((pull, None));
        }
        opened
    }

    fn state(&self) -> std::cell::Ref<'_, State> {
        self.context.journal.state()
    }
}

//! Asks one assistant after the other for a change, records what each attempt came to, and repairs what checks find.

use std::cell::RefCell;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{again, alone, budget, checks, commit, handover, unfinished};
use crate::domain::event::AssistantAnswered;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::id::{CommitId, Login};
use crate::domain::input::Checked;
use crate::domain::time::Timestamp;
use crate::domain::usage::Usage;
use crate::report::{prompt, repair};
use crate::services::assistant::{Allowance, Answer, Answers, Assistant, Change, NOTHING, Proposal, Request};
use crate::services::git::{ProposedCommit, WorkTree};
use crate::services::github::Issue;
use crate::tasks::{Context, LOST_LEASE, as_of, material};

/// Bytes of a patch that is kept in the log until its branch is pushed: about as much as all else of an issue's events
/// together. What is larger is asked for again after a crash.
pub(in crate::tasks) const KEPT: usize = 64 * 1024;

/// What is wanted, and from whom.
pub(in crate::tasks) struct Wish<'a> {
    pub(in crate::tasks) context: &'a Context<'a>,
    pub(in crate::tasks) issue: &'a Issue,
    pub(in crate::tasks) request: Request,
    pub(in crate::tasks) wanted_by: Login,
    /// The one assistant that is asked; none: all of them in turn.
    pub(in crate::tasks) from: Option<String>,
    /// Those that made nothing of it before, and are not asked again.
    pub(in crate::tasks) past: Vec<String>,
    /// The commit that the change goes on; none: the default branch's tip.
    pub(in crate::tasks) on: Option<CommitId>,
    /// Lines that an assistant's change may have, where that is less than the configuration allows. A patch that a person
    /// posted is theirs to size.
    pub(in crate::tasks) most_lines: Option<usize>,
    /// The commit's first line; placeholders as in `pull_requests.title`.
    pub(in crate::tasks) headline: &'a str,
    /// The commit's date.
    pub(in crate::tasks) at: Timestamp,
    /// What the prompt says below the issue.
    pub(in crate::tasks) below: String,
    /// What whoever is asked last says in threads of a review, also where nothing comes of it.
    pub(in crate::tasks) answers: RefCell<Answers>,
}

/// What came of asking everybody.
pub(in crate::tasks) enum Given {
    /// A change.
    Made(Box<Made>),
    /// Somebody works on it elsewhere.
    Elsewhere(Elsewhere),
}

/// Who works on the issue from now on.
pub(in crate::tasks) struct Elsewhere {
    pub(in crate::tasks) assistant: String,
    pub(in crate::tasks) who: Login,
    pub(in crate::tasks) is_assigned: bool,
    /// The logins under which its pull request may show up, where it opens one by itself.
    pub(in crate::tasks) agent: Option<Vec<Login>>,
    pub(in crate::tasks) summary: String,
}

/// A change that was made.
pub(in crate::tasks) struct Made {
    pub(in crate::tasks) commit: ProposedCommit,
    pub(in crate::tasks) assistant: String,
    pub(in crate::tasks) summary: String,
    pub(in crate::tasks) usage: Usage,
    pub(in crate::tasks) checks: Vec<Checked>,
}

/// A change that was paid for, kept until its branch is pushed.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    assistant: String,
    summary: String,
    usage: Usage,
    patch: String,
    #[serde(default, skip_serializing_if = "Answers::is_empty")]
    answers: Answers,
}

/// The first change that can be taken, checked.
///
/// # Errors
/// When nobody has one: what the attempts failed with, a reason to try again before all others.
pub(in crate::tasks) async fn change(wish: &Wish<'_>) -> Result<Given, Failure> {
    let given = |made: Made| Given::Made(Box::new(made));
    if let Some(made) = kept(wish).await {
        return checked(wish, None, made, None).await.map(given);
    }
    let mut failed: Vec<(String, Failure)> = Vec::new();
    let begun = handover::begun(wish);
    let is_meant = |assistant: &&Arc<dyn Assistant>| {
        wish.from.as_ref().is_none_or(|name| assistant.name() == name)
            && !wish.past.iter().any(|name| assistant.name() == name)
    };
    let mut asked: Vec<_> = wish.context.services.assistants.iter().filter(is_meant).collect();
    // Whom an earlier attempt may have handed the issue to comes first: they may be at work by now.
    asked.sort_by_key(|assistant| begun.as_deref() != Some(assistant.name()));
    for assistant in asked {
        let why = match failed.last() {
            None if begun.is_some() => "it was handed the issue before".to_owned(),
            None if wish.from.is_some() => "it was asked for by name".to_owned(),
            None if let Some(last) = wish.past.last() => format!("{last} made nothing of it"),
            None => "the first in the list".to_owned(),
            Some((before, _)) => format!("{before} made no change"),
        };
        // Whoever may be at work already is looked for all the same.
        let is_begun = begun.as_deref() == Some(assistant.name());
        if let Some(failure) = alone::left(wish.context, assistant.name()).filter(|_| !is_begun) {
            failed.push((assistant.name().to_owned(), failure));
            continue;
        }
        match attempt(wish, &**assistant, &why, is_begun).await {
            Ok(Attempted::Made(made, work_tree)) => {
                return checked(wish, Some(&**assistant), *made, work_tree).await.map(given);
            }
            Ok(Attempted::Elsewhere(elsewhere)) => return Ok(Given::Elsewhere(elsewhere)),
            Err(failure) if failure.code == LOST_LEASE => return Err(failure),
            Err(failure) => failed.push((assistant.name().to_owned(), failure)),
        }
    }
    Err(together(failed))
}

/// What an earlier attempt of this task was given and did not get to push.
async fn kept(wish: &Wish<'_>) -> Option<Made> {
    let Kept { assistant, summary, usage, patch, answers } = wish.context.resume()?;
    let proposal = Proposal { change: Change::Patch(patch), summary };
    // Where it no longer applies it is asked for again: what it goes on has moved on.
    let commit = commit::commit(wish, &without_texts(wish), &proposal, None).await.ok()?;
    wish.answers.replace(answers);
    tracing::info!(%assistant, "going on with the change that was made before");
    Some(Made { commit, assistant, summary: proposal.summary, usage, checks: Vec::new() })
}

/// No text is the source of what an assistant made, so that nobody is named as its author.
fn without_texts(wish: &Wish<'_>) -> Request {
    Request { texts: Vec::new(), ..wish.request.clone() }
}

/// What came of one attempt.
enum Attempted {
    Made(Box<Made>, Option<WorkTree>),
    Elsewhere(Elsewhere),
}

async fn attempt(
    wish: &Wish<'_>,
    assistant: &dyn Assistant,
    why: &str,
    is_begun: bool,
) -> Result<Attempted, Failure> {
    let mut request = wish.request.clone();
    // What somebody said who made nothing of it is nobody's answer any more.
    wish.answers.borrow_mut().clear();
    let (mut work_tree, mut told) = (None, None);
    if assistant.needs_folder() {
        request.allowance = allowance(wish)?;
        let (prompt, digest) = prompt(wish).await?;
        let begun = unfinished::begun(wish, assistant.name());
        // Where it goes on from is new, even where what it is told is not.
        if let Some(failure) = again::in_vain(wish, assistant.name(), &digest).filter(|_| begun.is_none()) {
            return Err(failure);
        }
        (request.prompt, told) = (prompt, Some(digest));
        let checked_out = match begun {
            Some(begun) if let Some(laid_out) = begun.lay_out(wish, &request).await => {
                request.prompt.push_str(unfinished::TOLD);
                laid_out
            }
            _ => wish.context.services.code.check_out(wish.on.as_ref()).await?,
        };
        request.folder = Some(checked_out.path());
        work_tree = Some(checked_out);
    }
    if !is_begun {
        alone::ask_again(wish.context, assistant.name()).await?;
    }
    let about = (why, told);
    let answer = asked(wish, assistant, &request, work_tree.as_ref(), about).await;
    if let (Err(failure), Some(work_tree)) = (&answer, &work_tree) {
        unfinished::keep(wish, assistant.name(), &request, work_tree, failure).await?;
    }
    let (proposal, commit, usage) = answer?;
    if let Change::Elsewhere { who, is_assigned, agent } = proposal.change {
        let (assistant, summary) = (assistant.name().to_owned(), proposal.summary);
        return Ok(Attempted::Elsewhere(Elsewhere { assistant, who, is_assigned, agent, summary }));
    }
    let commit = commit.ok_or_else(|| Failure::permanent("bug", "a change without a commit"))?;
    let made = Made {
        commit,
        assistant: assistant.name().to_owned(),
        summary: proposal.summary,
        usage,
        checks: Vec::new(),
    };
    if work_tree.is_some() {
        keep(wish, &made).await?;
    }
    Ok(Attempted::Made(Box::new(made), work_tree))
}

/// The task in words, which is what `automata prompt` shows, and a digest of it.
async fn prompt(wish: &Wish<'_>) -> Result<(String, String), Failure> {
    let Wish { context, issue, .. } = wish;
    let known = material::known(&context.journal.state(), context.config);
    let repository = context.services.repository.clone();
    let left_out;
    // A change anew is not begun with it; one that goes on does without.
    let issue = if as_of::is_exchanged(context, issue).await? {
        let (title, body) = (as_of::LEFT_OUT.to_owned(), as_of::LEFT_OUT.to_owned());
        left_out = Issue { title, body, ..(*issue).clone() };
        &left_out
    } else {
        *issue
    };
    let as_of = context.task.spec.as_of.as_ref();
    let material = material::gather(context.services, repository, issue, known, as_of).await?;
    let digest = again::digest(&material, &wish.below);
    Ok((prompt::compose(&material, prompt::BUDGET).text + &wish.below, digest))
}

/// Asks, makes a commit of the answer where it is a change, and records both.
async fn asked(
    wish: &Wish<'_>,
    assistant: &dyn Assistant,
    request: &Request,
    work_tree: Option<&WorkTree>,
    (why, told): (&str, Option<String>),
) -> Result<(Proposal, Option<ProposedCommit>, Usage), Failure> {
    // What works in a folder costs money: another run that came first may have used up what is left of a cap or a budget,
    // or taken the task, and that is known once the claim is durable.
    if work_tree.is_some() {
        wish.context.journal.settle(&wish.context.task).await?;
    }
    let Answer { outcome, usage, answers } = assistant.propose(request).await;
    wish.answers.borrow_mut().extend(answers);
    let taken = match outcome {
        Ok(proposal) if matches!(proposal.change, Change::Elsewhere { .. }) => {
            handover::hand_over(wish, assistant, &proposal.change).await.map(|()| (proposal, None, usage))
        }
        Ok(proposal) => commit::commit(wish, request, &proposal, work_tree)
            .await
            .map(|commit| (proposal, Some(commit), usage)),
        Err(failure) => Err(failure),
    };
    let failure = taken.as_ref().err();
    let made_nothing = match &taken {
        Ok((_, commit, _)) => commit.is_none(),
        Err(failure) => failure.code == NOTHING,
    };
    // An assistant that looked, made nothing and cost nothing is not worth an event.
    if !made_nothing || !usage.is_nothing() || alone::is_asking_again(wish.context, assistant.name()) {
        let task = &wish.context.task;
        wish.context.journal.answered(AssistantAnswered {
            task: task.id.clone(),
            lease: task.leases,
            assistant: assistant.name().to_owned(),
            wanted_by: wish.wanted_by.clone(),
            reason: why.to_owned(),
            usage,
            failure: failure.cloned(),
            told,
            judges: false,
        })?;
    }
    taken
}

fn allowance(wish: &Wish<'_>) -> Result<Allowance, Failure> {
    let Wish { context, issue, wanted_by, .. } = wish;
    let state = context.journal.state();
    let task = &context.task.id;
    let run = budget::run_of(&state, task);
    budget::allowance(context.config, &state, issue.number, wanted_by, state.at, Some(task), run)
}

/// Makes durable what was paid for, before anything else is done with it.
async fn keep(wish: &Wish<'_>, made: &Made) -> Result<(), Failure> {
    let patch = wish.context.services.code.as_patch(&made.commit).await?;
    match patch.filter(|patch| patch.len() <= KEPT) {
        Some(patch) => {
            let Made { assistant, summary, usage, .. } = made;
            let answers = wish.answers.borrow().clone();
            let (assistant, summary) = (assistant.clone(), summary.clone());
            let kept = Kept { assistant, summary, usage: *usage, patch, answers };
            let told = format!("{} has made a change", made.assistant);
            wish.context.keep(60, &told, &kept).await
        }
        None => wish.context.journal.settle(&wish.context.task).await,
    }
}

/// Runs the checks, and lets the assistant repair what they find as often as the configuration allows. What cannot be
/// repaired is handed on with what the checks said.
async fn checked(
    wish: &Wish<'_>,
    assistant: Option<&dyn Assistant>,
    mut made: Made,
    work_tree: Option<WorkTree>,
) -> Result<Made, Failure> {
    made.checks = checks::run(wish.context, &made.commit).await?;
    let (Some(assistant), Some(work_tree)) = (assistant, work_tree) else { return Ok(made) };
    let repairs = wish.context.config.pull_requests.repairs;
    for round in 1..=repairs {
        let Some(failed) = made.checks.iter().find(|check| !check.passed) else { break };
        let why = format!("the check `{}` failed, repair {round} of {repairs}", failed.name);
        let Some(allowance) = rest(wish, made.usage) else { break };
        let request = Request {
            prompt: repair::prompt(&prompt(wish).await?.0, &made.checks),
            folder: Some(work_tree.path()),
            allowance,
            ..wish.request.clone()
        };
        let Ok((proposal, Some(commit), usage)) =
            asked(wish, assistant, &request, Some(&work_tree), (&why, None)).await
        else {
            break;
        };
        made.usage += usage;
        if commit.commit == made.commit.commit {
            break;
        }
        made.commit = commit;
        made.summary = proposal.summary;
        keep(wish, &made).await?;
        made.checks = checks::run(wish.context, &made.commit).await?;
    }
    Ok(made)
}

/// What is left of the attempt's allowance after `used`; none when that is nothing.
fn rest(wish: &Wish<'_>, used: Usage) -> Option<Allowance> {
    let whole = Allowance::from(&wish.context.config.limits.attempt);
    let left = allowance(wish).ok()?;
    let rest = Allowance {
        time: whole.time.saturating_sub(std::time::Duration::from_millis(used.milliseconds)),
        tokens: whole.tokens.saturating_sub(used.tokens()).min(left.tokens),
        micro_dollars: whole.micro_dollars.saturating_sub(used.micro_dollars).min(left.micro_dollars),
        steps: whole.steps,
    };
    (!rest.time.is_zero() && rest.tokens > 0 && rest.micro_dollars > 0).then_some(rest)
}

/// What all of them failed with, as one failure. Whether to try again: when one of them may have an answer then.
fn together(mut failed: Vec<(String, Failure)>) -> Failure {
    if failed.iter().all(|(_, failure)| failure.code == NOTHING) && failed.len() != 1 {
        let asked = told(&failed);
        let asked = if asked.is_empty() { "no assistant is configured".to_owned() } else { asked };
        return Failure::permanent(NOTHING, format!("nobody proposed a change ({asked})"))
            .hint("Put a unified diff into a fenced block (```diff) of the issue or of a comment.");
    }
    let weight = |failure: &Failure| match failure.class {
        FailureClass::Transient => 3,
        FailureClass::RateLimited(_) => 2,
        FailureClass::Permanent => u8::from(failure.code != NOTHING),
    };
    let heaviest = (0..failed.len()).max_by_key(|at| weight(&failed[*at].1)).unwrap_or_default();
    if failed.iter().filter(|(_, failure)| failure.code != NOTHING).count() <= 1 {
        return failed.swap_remove(heaviest).1;
    }
    let all = told(&failed);
    let decides = failed.swap_remove(heaviest).1;
    Failure { message: format!("nobody made a change that can be taken ({all})"), ..decides }
}

fn told(failed: &[(String, Failure)]) -> String {
    failed.iter().map(|(name, failure)| format!("{name}: {failure}")).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(failures: &[Failure]) -> Failure {
        together(
            failures.iter().zip('a'..).map(|(failure, name)| (name.to_string(), failure.clone())).collect(),
        )
    }

    #[test]
    fn a_reason_to_try_again_comes_before_all_others() {
        let nothing = Failure::permanent(NOTHING, "It had nothing.");
        let broken = Failure::permanent("patch_does_not_apply", "It does not apply.");
        let down = Failure::transient("unreachable", "It is down.");
        let busy = Failure::rate_limited(Timestamp::from_millis(1), "It is busy.");
        assert_eq!(answers(std::slice::from_ref(&broken)), broken);
        assert_eq!(answers(&[nothing.clone(), broken.clone()]), broken, "who had nothing needs no mention");
        assert!(answers(&[nothing.clone(), nothing.clone()]).is_permanent());
        let several = answers(&[down, broken, busy, nothing]);
        assert_eq!((several.class, several.code.as_str()), (FailureClass::Transient, "unreachable"));
        assert_eq!(
            several.message,
            "nobody made a change that can be taken (a: It is down; b: It does not apply; c: It is busy; d: It had nothing)"
        );
        assert_eq!(answers(&[]).message, "nobody proposed a change (no assistant is configured)");
    }
}

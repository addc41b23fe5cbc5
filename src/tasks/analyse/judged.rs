//! Has an assistant judge what the rules found: asked once, mended once, and otherwise the rules' own verdict stands.
//!
//! Each question is announced before it is asked. Its answer is durable before anything is made of it, so that whoever goes on
//! after a crash pays nothing again. What cannot be asked, afforded or understood holds no analysis up.

use serde::{Deserialize, Serialize};

use crate::config::LabelName;
use crate::domain::caps::Sort;
use crate::domain::circuit::{ALONE, Breaker, LOST};
use crate::domain::effect::EffectKind;
use crate::domain::event::AssistantAnswered;
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::input;
use crate::domain::payload::Payload;
use crate::domain::plan::{ANSWER, Offer};
use crate::domain::receipt;
use crate::domain::spec::{OnDuplicate, TaskRequest};
use crate::domain::untrusted::one_line;
use crate::domain::usage::Usage;
use crate::domain::verdict::{Analysis, Judged};
use crate::report::prompt;
use crate::report::sentence::JUDGES;
use crate::services::assistant::{Assistant, Judgement, Question};
use crate::services::github::Issue;
use crate::tasks::change::{alone, budget};
use crate::tasks::{Announcement, Context, material};

/// How often it is asked: once, and once more to mend its answer.
pub(super) const ROUNDS: u32 = 2;
/// The code of the failure of an answer that is not what was asked for.
const UNUSABLE: &str = "unusable_answer";
/// Attempts of the task in which it is asked; after so many that nobody survived the rules judge alone.
const MOST_ATTEMPTS: u32 = 2;
/// Characters of what kept a judgement from being used.
const WHY: usize = 300;
/// How far the analysis has come when there is an answer, in percent.
const ANSWERED: u8 = 50;

/// The answers that were paid for, in order, until the analysis has ended.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Kept {
    answers: Vec<Given>,
}

/// What came of one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Given {
    /// The answer as it came, its beginning.
    Answer(String),
    /// Why there is none.
    Nothing(String),
}

/// The analysis that asks, when the issue has been left alone for long enough; none when it is time, or nobody is to be asked.
/// Until then what the assistant said of the issue before stands.
pub(super) fn later(context: &Context<'_>, analysis: &mut Analysis) -> Result<Option<TaskRequest>, Failure> {
    let input: input::Analyse = context.input()?;
    let is_quiet = analysis.security.as_ref().is_some_and(|report| report.quiet);
    let Some(settle) = context.config.triage.settles().filter(|_| !input.asks && !is_quiet) else {
        return Ok(None);
    };
    let subject = context.task.spec.subject;
    let state = context.journal.state();
    let before = subject.number().and_then(|number| state.issues.get(&number)?.analysis.clone());
    let is_judged = |before: &Analysis| before.judged.as_ref().is_some_and(|judged| judged.in_vain.is_none());
    if let Some(before) = before.filter(is_judged) {
        let Analysis { issue_type, urgency, labels, missing, duplicate, judged, .. } = before;
        *analysis = Analysis { issue_type, urgency, labels, missing, duplicate, judged, ..analysis.clone() };
    }
    let asks = Payload::of(&input::Analyse { asks: true })
        .map_err(|error| Failure::permanent("bug", error.to_string()))?;
    let reason =
        format!("an assistant judges it when nobody has touched it for {} seconds", settle.as_secs());
    let mut request =
        TaskRequest::new(input::ANALYSE, subject, asks, reason).unique(format!("judge {subject}"));
    request.spec.on_duplicate = OnDuplicate::Replace;
    request.spec.not_before = Some(state.at.plus(settle));
    Ok(Some(request))
}

/// Asks, where the configuration names somebody, and puts what may be taken of the answer among the findings.
///
/// # Errors
/// Only when the log takes nothing more of this task.
pub(super) async fn add(
    context: &Context<'_>,
    issue: &Issue,
    labels: &[String],
    may_ask: bool,
    analysis: &mut Analysis,
) -> Result<(), Failure> {
    let Some(name) = &context.config.triage.assistant else { return Ok(()) };
    // Nothing of a report of a weakness goes anywhere.
    if analysis.security.as_ref().is_some_and(|report| report.quiet) {
        return Ok(());
    }
    let in_vain = |why: &str| {
        let why = format!("{}; the rules' own verdict stands", one_line(why, WHY).trim_end_matches('.'));
        tracing::warn!(assistant = name.as_str(), "{why}");
        Some(Judged { by: name.as_str().to_owned(), in_vain: Some(why), ..Judged::default() })
    };
    let assistants = &context.services.assistants;
    let Some(assistant) = assistants.iter().find(|assistant| assistant.name() == name.as_str()) else {
        analysis.judged = in_vain("no such assistant is configured");
        return Ok(());
    };
    let offer = offer(context, issue, labels, may_ask, analysis);
    let known = material::known(&context.journal.state(), context.config);
    let repository = context.services.repository.clone();
    let mut material = material::gather(context.services, repository, issue, known, None).await?;
    material.analysis = analysis.clone();
    let first = prompt::judge(&material, &offer, prompt::BUDGET).text;
    let mut kept: Kept = context.resume().unwrap_or_default();
    let mut asked = first.clone();
    let mut why = "to judge the issue".to_owned();
    for round in 1..=ROUNDS {
        let given =
            match ask(context, issue, assistant.as_ref(), (round, &why), &asked, &offer, &mut kept).await? {
                Given::Answer(answer) => answer,
                Given::Nothing(failure) => {
                    analysis.judged = in_vain(&failure);
                    return Ok(());
                }
            };
        match offer.read(&given) {
            Ok(plan) => {
                plan.take_over(assistant.name(), &offer, analysis);
                return Ok(());
            }
            Err(faults) => {
                why = told(&faults);
                asked = prompt::judge_again(&first, &given, &faults);
            }
        }
    }
    analysis.judged = in_vain(&why);
    Ok(())
}

/// One question and what came of it, now or in an earlier attempt.
async fn ask(
    context: &Context<'_>,
    issue: &Issue,
    assistant: &dyn Assistant,
    (round, why): (u32, &str),
    prompt: &str,
    offer: &Offer,
    kept: &mut Kept,
) -> Result<Given, Failure> {
    let at = round as usize - 1;
    let known = kept.answers.get(at).cloned();
    let wanted_by = &issue.author.login;
    let step = format!("judge-{round}");
    if known.is_none() && context.is_open(&step) {
        count_lost(context, issue, assistant)?;
        if context.task.attempts > MOST_ATTEMPTS {
            let told = format!("in {MOST_ATTEMPTS} attempts no run lived to record its answer");
            return Ok(Given::Nothing(told));
        }
    }
    if known.is_none()
        && let Some(why) = kept_back(context, assistant, u32::from(!context.is_open(&step)))
    {
        return Ok(Given::Nothing(why));
    }
    let allowance = {
        let state = context.journal.state();
        let run = budget::run_of(&state, &context.task.id);
        budget::allowance(context.config, &state, issue.number, wanted_by, state.at, None, run)
    };
    let allowance = match (&known, allowance) {
        (None, Err(spent)) => return Ok(Given::Nothing(spent.to_string())),
        (_, allowance) => allowance.unwrap_or_default(),
    };
    let announcement = Announcement {
        step: &step,
        kind: EffectKind::Assistant,
        target: context.task.spec.subject.to_string(),
        detail: format!("{JUDGES}{}", assistant.name()),
    };
    let receipt = |given: &Given| receipt::Judged {
        judged_by: assistant.name().to_owned(),
        answered: matches!(given, Given::Answer(_)),
    };
    let found = known.as_ref().map(receipt);
    let _: receipt::Judged = context
        .effect(
            announcement,
            async || Ok(found),
            async || {
                // Another run may have asked as many meanwhile as may be asked, and was before this one in the log.
                let held_back = match kept_back(context, assistant, 0) {
                    Some(why) => Some(why),
                    None => match alone::ask_again(context, assistant.name()).await {
                        Err(failure) if failure.code == ALONE => Some(failure.to_string()),
                        asks => asks.map(|()| None)?,
                    },
                };
                if let Some(why) = held_back {
                    let given = Given::Nothing(why);
                    let receipt = receipt(&given);
                    kept.answers.push(given);
                    return Ok(receipt);
                }
                let question = Question { prompt: prompt.to_owned(), schema: offer.schema(), allowance };
                let Judgement { outcome, usage } = assistant.judge(&question).await;
                let unusable = outcome.as_ref().ok().and_then(|answer| offer.read(answer).err());
                let unusable = unusable.map(|faults| Failure::permanent(UNUSABLE, told(&faults)));
                context.journal.answered(AssistantAnswered {
                    task: context.task.id.clone(),
                    lease: context.task.leases,
                    assistant: assistant.name().to_owned(),
                    wanted_by: wanted_by.clone(),
                    reason: one_line(why, WHY),
                    usage,
                    failure: outcome.as_ref().err().cloned().or(unusable),
                    told: None,
                    judges: true,
                })?;
                let given = match outcome {
                    Ok(answer) => Given::Answer(beginning(answer)),
                    Err(failure) => Given::Nothing(failure.to_string()),
                };
                let receipt = receipt(&given);
                kept.answers.push(given);
                context.keep(ANSWERED, &format!("{} has answered", assistant.name()), kept).await?;
                Ok(receipt)
            },
        )
        .await?;
    let lost = || Given::Nothing("its answer was not kept".to_owned());
    Ok(kept.answers.get(at).cloned().unwrap_or_else(lost))
}

/// Why it is not asked `more` questions: it failed again and again, or was asked as many as may be. None when it may be asked.
fn kept_back(context: &Context<'_>, assistant: &dyn Assistant, more: u32) -> Option<String> {
    let state = context.journal.state();
    if let Some(full) = state.left_alone(&Breaker::assistant(assistant.name()), &context.task, state.at) {
        return Some(full.to_string());
    }
    let run = budget::run_of(&state, &context.task.id);
    let caps = context.config.limits.caps.caps();
    state
        .counts
        .passed(&caps, Sort::Questions, (&context.task, run), more, state.at)
        .map(|reached| reached.to_string())
}

/// An earlier attempt asked, or was about to, and its run was gone before the answer was recorded. It may have been paid for:
/// it counts with all that it was allowed to use. Durable before anything is asked again.
fn count_lost(context: &Context<'_>, issue: &Issue, assistant: &dyn Assistant) -> Result<(), Failure> {
    let wanted_by = &issue.author.login;
    let allowed = {
        let state = context.journal.state();
        let run = budget::run_of(&state, &context.task.id);
        budget::allowance(context.config, &state, issue.number, wanted_by, state.at, None, run)
            .unwrap_or_default()
    };
    let told = "the run ended before its answer was recorded; it counts with all that it was allowed to use";
    context.journal.answered(AssistantAnswered {
        task: context.task.id.clone(),
        lease: context.task.leases,
        assistant: assistant.name().to_owned(),
        wanted_by: wanted_by.clone(),
        reason: "to judge the issue".to_owned(),
        usage: Usage {
            input_tokens: allowed.tokens,
            micro_dollars: allowed.micro_dollars,
            ..Usage::default()
        },
        failure: Some(Failure::transient(LOST, told)),
        told: None,
        judges: true,
    })
}

/// The answers that an analysis has kept on its way, in order; an error says why there was none.
#[must_use]
pub fn answers(checkpoint: &Payload) -> Vec<Result<String, String>> {
    let kept: Kept = checkpoint.read().unwrap_or_default();
    let given = |given| match given {
        Given::Answer(answer) => Ok(answer),
        Given::Nothing(why) => Err(why),
    };
    kept.answers.into_iter().map(given).collect()
}

fn told(faults: &[String]) -> String {
    format!("its answer could not be taken: {}", faults.join("; "))
}

/// What is looked at of an answer, and one byte more by which it is seen to be too long.
fn beginning(mut answer: String) -> String {
    answer.truncate(answer.floor_char_boundary(ANSWER + 1));
    answer
}

/// What the assistant may choose from: what people settled is not among it, and neither is what has a key of its own.
fn offer(
    context: &Context<'_>,
    issue: &Issue,
    labels: &[String],
    may_ask: bool,
    analysis: &Analysis,
) -> Offer {
    let (names, triage) = (&context.config.labels, &context.config.triage);
    let state = context.journal.state();
    let known = state.issues.get(&issue.number);
    let is = |one: &str, other: &str| one.to_lowercase() == other.to_lowercase();
    let own = [&names.needs_info, &names.duplicate, &triage.security.label];
    let own: Vec<&str> = names
        .of_type
        .all()
        .into_iter()
        .chain(names.of_urgency.all())
        .chain(own.into_iter().flatten().map(LabelName::as_str))
        .chain(triage.stale.as_ref().and_then(|stale| stale.label.as_ref()).map(LabelName::as_str))
        .collect();
    let off = known.map(|known| known.labels_taken_off(&issue.labels)).unwrap_or_default();
    let unassigned = known.map(|known| known.unassigned(&issue.assignees)).unwrap_or_default();
    let is_refused = |label: &str| off.iter().any(|name| is(name, label));
    let is_free = |label: &&String| !own.iter().any(|name| is(name, label)) && !is_refused(label);
    let owners = analysis.owners.iter().map(|owner| owner.name.clone());
    let may_be_named = |login: &Login| {
        !login.as_str().contains(['/', '@']) && *login != issue.author.login && !unassigned.contains(login)
    };
    let older = |number: &IssueNumber| *number < issue.number;
    Offer {
        labels: labels.iter().filter(is_free).take(prompt::LABELS).cloned().collect(),
        owners: owners.filter(may_be_named).collect(),
        similar: analysis.similar.iter().map(|similar| similar.number).filter(older).collect(),
        duplicate: triage.duplicate,
        may_ask,
    }
}

//! Each event as one sentence for a person.

use std::collections::BTreeMap;

use crate::domain::count::counted;
use crate::domain::effect::EffectKind;
use crate::domain::event::{Event, TaskAmended};
use crate::domain::id::{EffectId, TaskId};
use crate::domain::input::Learnt;
use crate::domain::room::{Full, Room};
use crate::domain::state::{State, Wait};
use crate::domain::task::Task;
use crate::domain::time::Timestamp;
use crate::domain::trigger::{About, Change, Trigger};
use crate::domain::untrusted::one_line;
use crate::domain::watched::DriveChanged;
use crate::log::Envelope;
use crate::report::{access, receipt, usage};

/// Begins what is announced of an assistant that is asked to judge; its name follows.
pub const JUDGES: &str = "judgement by ";
/// Width of quoted text inside a sentence.
const QUOTE: usize = 80;

/// The event as a sentence without a full stop.
#[must_use]
pub fn of(envelope: &Envelope) -> String {
    match &envelope.recorded.event {
        Event::TriggerReceived(trigger) => received(trigger),
        Event::TriggerRefused(refused) => {
            format!("a payload for `{}` was refused: {}", one_line(&refused.event, QUOTE), refused.reason)
        }
        Event::TriggerHeld(held) => {
            format!("event {} held back: {}", held.trigger, held.reason)
        }
        Event::TriggerSettled(settled) => {
            format!("event {} had waited for a sound configuration, and was decided", settled.trigger)
        }
        Event::TaskEnqueued(enqueued) => {
            let (task, spec) = (short(&enqueued.task), &enqueued.spec);
            format!("task {task} `{}` enqueued: {}", spec.kind, spec.reason)
        }
        Event::TaskAmended(amended) => {
            format!("task {} changed ({}): {}", short(&amended.task), changes(amended), amended.reason)
        }
        Event::TaskProgressed(event) => {
            let task = short(&event.task);
            if let Some(assistant) = &event.tries {
                return format!("task {task} asks {} again", one_line(assistant.as_str(), QUOTE));
            }
            let percent = event.progress.percent.map(|it| format!(" at {it} %")).unwrap_or_default();
            let message = event.progress.message.as_deref().unwrap_or("a checkpoint");
            format!("task {task}{percent}: {}", one_line(message, QUOTE))
        }
        Event::AssistantAnswered(answered) => {
            let (task, name) = (short(&answered.task), one_line(&answered.assistant, QUOTE));
            let spent = usage::told(&answered.usage).map(|spent| format!(" ({spent})")).unwrap_or_default();
            let (did, did_not) = match answered.judges {
                true => ("judged the issue", "gave no judgement"),
                false => ("made a change", "made no change"),
            };
            match &answered.failure {
                None => format!("task {task}: {name} {did}{spent}"),
                Some(failure) => {
                    format!("task {task}: {name} {did_not}{spent}: {}", one_line(&failure.to_string(), QUOTE))
                }
            }
        }
        Event::FactObserved(observed) => format!("{} is so", observed.fact),
        Event::ScheduleSet(set) => {
            let schedule = &set.schedule;
            format!(
                "schedule {} set: `{}` {} ({}), next at {}",
                set.name, schedule.task.kind, schedule.cron, schedule.zone, set.next
            )
        }
        Event::ScheduleRemoved(removed) => format!("schedule {} removed: {}", removed.name, removed.reason),
        Event::ScheduleFired(fired) => {
            let missed = if fired.missed == 0 { String::new() } else { format!(", {} missed", fired.missed) };
            format!(
                "schedule {} came round: {} due{missed}, next at {}",
                fired.name,
                fired.times.len(),
                fired.next
            )
        }
        Event::RepositoryReconciled(reconciled) => {
            let found = counted(reconciled.found as usize, "event", "events");
            format!("looked through all that changed before {}: {found} had not been told", reconciled.until)
        }
        Event::ModelLearned(learned) => {
            let rows = counted(learned.all_rows() as usize, "labelled issue", "labelled issues");
            match learned.sets.is_empty() {
                true => format!("learned from {rows} what issues are (macro F1 {:.3})", learned.macro_f1()),
                false => format!("learned what issues are and belong to: {}", learned.told("labelled issue")),
            }
        }
        Event::DriveRead(read) if read.next.is_none() => {
            format!("changes in Drive are not watched any more ({})", read.feed)
        }
        Event::DriveRead(read) => {
            let changes = counted(read.changes as usize, "change", "changes");
            let learned = match read.learned.len() {
                0 => String::new(),
                count => format!(", {} seen", counted(count, "file", "files")),
            };
            format!("read Drive's feed of changes ({}): {changes}{learned}", read.feed)
        }
        Event::DriveChanged(changed) => {
            format!("in Drive {}", drive_change(changed))
        }
        Event::DriveUsed(used) => {
            let quiet = used.until.map(|until| format!("; Drive asked for quiet until {until}"));
            let sent = counted(used.bytes, "byte", "bytes");
            format!(
                "`automata drive {}` sent {sent} up and used {} units of Drive's quota{}",
                used.action,
                used.units,
                quiet.unwrap_or_default()
            )
        }
        Event::ModelSetAside(set_aside) => {
            format!("what was learned is set aside, the rules judge alone: {}", set_aside.reason)
        }
        Event::TaskClaimed(claimed) => {
            format!("task {} claimed (lease {})", short(&claimed.task), claimed.lease)
        }
        Event::TaskCompleted(done) => match done.output.read() {
            Ok(Learnt { told, .. }) => format!("task {} completed: {told}", short(&done.task)),
            Err(_) => format!("task {} completed", short(&done.task)),
        },
        Event::TaskRetried(retried) => {
            format!(
                "task {} failed for now, again after {}: {}",
                short(&retried.task),
                retried.not_before,
                retried.failure
            )
        }
        Event::TaskFailed(failed) => format!("task {} given up: {}", short(&failed.task), failed.failure),
        Event::TaskReleased(released) => {
            let how = if released.stopped { "given back" } else { "taken back" };
            format!("task {} {how}: {}", short(&released.task), released.reason)
        }
        Event::TaskCancelled(cancelled) => {
            format!("task {} cancelled: {}", short(&cancelled.task), cancelled.reason)
        }
        Event::TaskRevived(revived) => format!("task {} revived: {}", short(&revived.task), revived.reason),
        Event::OutcomeIgnored(ignored) => {
            format!(
                "task {}: a late outcome ({}) of lease {} ignored",
                short(&ignored.task),
                ignored.outcome,
                ignored.lease
            )
        }
        Event::CommandGranted(judged) => {
            format!("{} may say `{}`: {}", judged.actor.login, one_line(&judged.said, QUOTE), judged.reason)
        }
        Event::CommandRefused(judged) => {
            format!(
                "{} may not say `{}`: {}",
                judged.actor.login,
                one_line(&judged.said, QUOTE),
                judged.reason
            )
        }
        Event::AccessGranted(judged) => {
            format!("{} is taken: {}", one_line(&judged.said, QUOTE), judged.reason)
        }
        Event::AccessRefused(judged) => {
            format!("{} is not taken: {}", one_line(&judged.said, QUOTE), judged.reason)
        }
        Event::CommandAnswered(answered) if answered.text.is_empty() => {
            format!("the answer before {} said something new is taken away", answered.asked_by)
        }
        Event::CommandAnswered(answered) => {
            format!("{} is answered: {}", answered.asked_by, one_line(&answered.text, QUOTE))
        }
        Event::SubjectPaused(paused) => format!("paused: {}", one_line(&paused.reason, QUOTE)),
        Event::SubjectResumed(resumed) => format!("resumed: {}", one_line(&resumed.reason, QUOTE)),
        Event::FeaturePaused(changed) => {
            format!("`{}` is paused: {}", changed.feature, one_line(&changed.reason, QUOTE))
        }
        Event::FeatureResumed(changed) => {
            format!("`{}` goes on: {}", changed.feature, one_line(&changed.reason, QUOTE))
        }
        Event::FeatureFellBack(changed) => {
            format!("`{}` only suggests from here on: {}", changed.feature, one_line(&changed.reason, QUOTE))
        }
        Event::FeatureRestored(changed) => {
            format!("`{}` no longer only suggests: {}", changed.feature, one_line(&changed.reason, QUOTE))
        }
        Event::TextForgotten(forgotten) => {
            let whose =
                if forgotten.subjects.is_empty() { "what one person wrote" } else { "all that was written" };
            format!(
                "forgot {whose}: the keys of {} were destroyed",
                counted(forgotten.events, "event", "events")
            )
        }
        Event::Used(used) => access::sentence(used),
        Event::Sealed(sealed) => format!("sealed: {}", sealed.kind),
        Event::EffectIntended(intent) if intent.detail.starts_with(JUDGES) => {
            let whom = one_line(intent.detail.trim_start_matches(JUDGES), QUOTE);
            format!("about to have {whom} judge {}", intent.target)
        }
        Event::EffectIntended(intent) => {
            format!(
                "about to change {} on {}: {}",
                kind(intent.kind),
                intent.target,
                one_line(&intent.detail, QUOTE)
            )
        }
        Event::EffectCompleted(completed) => {
            let how = if completed.adopted { "found done already" } else { "done" };
            let step = effect(&completed.effect);
            format!("{step} {how}: {}", {
                let raw = || completed.receipt.as_str().to_owned();
                one_line(
                    &kind_of(step).map_or_else(raw, |kind| receipt::words(kind, &completed.receipt)),
                    QUOTE,
                )
            })
        }
    }
}

fn changes(amended: &TaskAmended) -> String {
    let priority = amended.priority.map(|priority| format!("priority {}", priority.value()));
    let parts = [
        amended.input.as_ref().map(|_| "another input".to_owned()),
        priority,
        amended.not_before.map(|at| format!("not before {at}")),
        amended.terms.as_ref().map(|_| "other terms".to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Subjects that are named in one sentence.
const NAMED: usize = 5;

/// That events wait for a sound configuration; none when none does.
#[must_use]
pub fn waiting(state: &State) -> Option<String> {
    let count = state.held.len();
    let mut about: Vec<String> = state.held.values().map(|held| held.subject.to_string()).collect();
    about.dedup();
    if about.len() > NAMED {
        about.truncate(NAMED);
        about.push("…".to_owned());
    }
    let wait = counted(count, "event waits", "events wait");
    (count > 0).then(|| {
        format!(
            "{wait} for a sound configuration ({}); the first run that finds one decides what follows.",
            about.join(", ")
        )
    })
}

/// That tasks wait because a service takes no more requests before a time, because something is left alone that failed, or
/// because as much was begun as may be; a sentence for each. `room` is what the configuration allows for each task.
#[must_use]
pub fn throttled(state: &State, now: Timestamp, room: &dyn Fn(&Task) -> Room) -> Vec<String> {
    let (mut services, mut others) = (Vec::new(), BTreeMap::<String, usize>::new());
    for task in state.tasks.pending() {
        match state.waits_in(task, &room(task), now) {
            Some(Wait::Throttled(Full::Service { service, until })) => services.push((until, service)),
            Some(Wait::Throttled(full @ (Full::Capped(_) | Full::Broken { .. }))) => {
                *others.entry(full.to_string()).or_default() += 1;
            }
            _ => {}
        }
    }
    let wait = |count: usize| counted(count, "task waits", "tasks wait");
    let of_service = services.iter().min().map(|(first, service)| {
        let wait = wait(services.len());
        format!("{wait}: {service} takes no more requests before {first}; the first run after that goes on.")
    });
    of_service
        .into_iter()
        .chain(others.iter().map(|(why, count)| format!("{}: {why}.", wait(*count))))
        .collect()
}

/// What happened outside, as a sentence.
#[must_use]
pub fn received(trigger: &Trigger) -> String {
    let who = &trigger.actor.login;
    let action = trigger.action.as_deref().unwrap_or("happened");
    match &trigger.about {
        About::Issue { issue, change } => {
            let what = changed(change.as_ref());
            format!("{who} {action} issue #{}{what}: {}", issue.number, issue.title.one_line(QUOTE))
        }
        About::Comment { issue, comment } => {
            format!("{who} commented on #{}: {}", issue.number, comment.body.one_line(QUOTE))
        }
        About::Pull { pull, change } => {
            let what = changed(change.as_ref());
            format!("{who} {action} pull request #{}{what}: {}", pull.number, pull.title.one_line(QUOTE))
        }
        About::Review { pull, review } => {
            format!("{who} reviewed #{}: {}", pull.number, one_line(&review.state, QUOTE))
        }
        About::ReviewComment { pull, path, .. } => {
            format!("{who} commented on {} of #{}", one_line(path, QUOTE), pull.number)
        }
        About::Label { name, .. } => format!("{who} {action} label {}", one_line(name, QUOTE)),
        About::WorkflowRun { name, conclusion, .. } => {
            let how = conclusion.as_deref().unwrap_or(action);
            format!("workflow {} is {how}", one_line(name, QUOTE))
        }
        About::Release { tag, .. } => {
            let action = trigger.action.as_deref().unwrap_or("changed");
            format!("{who} {action} the release {}", one_line(tag, QUOTE))
        }
        About::Schedule { cron } => format!("the schedule `{}` came round", one_line(cron, QUOTE)),
        About::Dispatch { .. } => format!("{who} started a run by hand"),
        About::RepositoryDispatch { event_type, .. } => {
            format!("{who} dispatched {}", one_line(event_type, QUOTE))
        }
        About::Push { reference, .. } => format!("{who} pushed {}", one_line(reference, QUOTE)),
    }
}

/// What changed in Drive: `docs:plan.md (content) by octo-cat`.
#[must_use]
pub fn drive_change(changed: &DriveChanged) -> String {
    let who = changed.who().map(|who| format!(" by {}", one_line(who, QUOTE)));
    let who = if changed.ours { Some(" by Automata".to_owned()) } else { who };
    format!("{} ({}){}", one_line(&changed.place, QUOTE), changed.words(), who.unwrap_or_default())
}

/// What an action named, in brackets behind the number.
fn changed(change: Option<&Change>) -> String {
    let name = match change {
        Some(Change::Label(name) | Change::Milestone(name) | Change::Type(name) | Change::Field(name)) => {
            name
        }
        Some(Change::Assignee(login)) => login.as_str(),
        None => return String::new(),
    };
    format!(" ({})", one_line(name, QUOTE))
}

/// The first letters of a task's id, enough to tell tasks of one list apart.
#[must_use]
pub fn short(task: &TaskId) -> String {
    task.short()
}

/// What the step of a task changes; none for one that this version does not know.
fn kind_of(step: &str) -> Option<EffectKind> {
    match step {
        "drive_file" => Some(EffectKind::DriveFile),
        step if step.starts_with("drive_file-") => Some(EffectKind::DriveFile),
        "drive_folder" => Some(EffectKind::DriveFolder),
        "drive_shares" => Some(EffectKind::DriveShares),
        "drive_issue" | "drive_issue_text" | "drive_issue_end" => Some(EffectKind::DriveIssue),
        "drive_access" => Some(EffectKind::DriveAccess),
        "drive_item" => Some(EffectKind::DriveItem),
        "drive_links" => Some(EffectKind::DriveLinks),
        "drive_tree" => Some(EffectKind::DriveTree),
        "reaction" => Some(EffectKind::Reaction),
        "program" => Some(EffectKind::Program),
        step if step.starts_with("slack-") => Some(EffectKind::Slack),
        "webhook" => Some(EffectKind::Webhook),
        step if step.starts_with("check_run-") => Some(EffectKind::CheckRun),
        "status" => Some(EffectKind::Comment),
        "labels" => Some(EffectKind::Labels),
        "assignees" => Some(EffectKind::Assignees),
        "branch" => Some(EffectKind::Branch),
        "commit" => Some(EffectKind::Commit),
        "answers" => Some(EffectKind::Answers),
        "base" => Some(EffectKind::Commit),
        "merge" => Some(EffectKind::Merge),
        "merged_branch" => Some(EffectKind::Branch),
        "solved_issue" => Some(EffectKind::Issue),
        step if step.starts_with("handover-") || step.starts_with("judge-") => Some(EffectKind::Assistant),
        "pull_request" => Some(EffectKind::PullRequest),
        "issue" => Some(EffectKind::Issue),
        "reviewers" => Some(EffectKind::Reviewers),
        step if step.starts_with("reviewers-") => Some(EffectKind::Reviewers),
        "field" => Some(EffectKind::Field),
        step if step.starts_with("field-") => Some(EffectKind::Field),
        _ => None,
    }
}

fn effect(id: &EffectId) -> &str {
    id.as_str().rsplit('/').next().unwrap_or_default()
}

const fn kind(kind: EffectKind) -> &'static str {
    match kind {
        EffectKind::Comment => "the comment",
        EffectKind::Labels => "labels",
        EffectKind::Assignees => "assignees",
        EffectKind::Branch => "the branch",
        EffectKind::Commit => "a commit",
        EffectKind::PullRequest => "the pull request",
        EffectKind::Merge => "the merge",
        EffectKind::Answers => "answers in threads",
        EffectKind::DriveFile => "the file in Drive",
        EffectKind::DriveFolder => "the folder in Drive",
        EffectKind::DriveShares => "who has access in Drive",
        EffectKind::DriveIssue => "the issue about something in Drive",
        EffectKind::DriveAccess => "who has access in Drive",
        EffectKind::DriveItem => "something in Drive",
        EffectKind::DriveLinks => "shortcuts in Drive",
        EffectKind::DriveTree => "a folder in Drive",
        EffectKind::Reaction => "the reaction",
        EffectKind::Program => "the plugin's answer",
        EffectKind::Slack => "the message in Slack",
        EffectKind::Webhook => "the webhook",
        EffectKind::CheckRun => "the check",
        EffectKind::Assistant => "who works on it elsewhere",
        EffectKind::Issue => "the issue",
        EffectKind::Reviewers => "reviewers",
        EffectKind::Field => "a field in a project",
    }
}

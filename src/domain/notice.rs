//! What happened, as people and other systems are told of it: which events are worth a word, and in what words.

use serde::{Deserialize, Serialize};

use super::count::counted;
use super::effect::EffectKind;
use super::event::{EffectCompleted, Event, Recorded, TaskCompleted, TaskFailed};
use super::id::{KindName, Login, Sequence};
use super::input;
use super::receipt;
use super::state::State;
use super::subject::Subject;
use super::time::Timestamp;
use super::trigger::{About, Change, Trigger};
use super::untrusted::one_line;
use super::verdict::Analysis;
use super::watched::DriveChanged;

/// Width of what a notice says in words: a sentence or two.
const WORDS: usize = 300;

/// The failure of a task that needs another: what became of that one was told.
const DEPENDENCY_FAILED: &str = "dependency_failed";

/// Something that is worth a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    /// An issue was opened.
    Opened,
    /// An analysis found what it is, or something else than before.
    Triaged,
    /// Somebody was assigned.
    Assigned,
    /// The pull request for it was opened.
    PullRequest,
    /// That pull request got another commit of ours.
    Revised,
    /// Somebody reviewed that pull request.
    Reviewed,
    /// That pull request was merged.
    Merged,
    /// That pull request was closed without being merged.
    Rejected,
    /// The issue was closed.
    Closed,
    /// The issue was opened again.
    Reopened,
    /// A task was given up.
    Failed,
    /// Something in a watched folder in Google Drive is another than it was, and not because of us.
    DriveChanged,
    /// An audit found that access in Google Drive is not as the configuration wants it, or is so in another way.
    DriveRisk,
}

impl Happening {
    /// All of them, in the order in which they come.
    pub const ALL: [Self; 13] = [
        Self::Opened,
        Self::Triaged,
        Self::Assigned,
        Self::PullRequest,
        Self::Revised,
        Self::Reviewed,
        Self::Merged,
        Self::Rejected,
        Self::Closed,
        Self::Reopened,
        Self::Failed,
        Self::DriveChanged,
        Self::DriveRisk,
    ];

    /// Whether only those are told who name it: what happens in Drive happens often, and to whoever has issues in mind it is
    /// noise.
    #[must_use]
    pub const fn is_for_those_who_name_it(self) -> bool {
        matches!(self, Self::DriveChanged | Self::DriveRisk)
    }

    /// The name as configuration and output write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Triaged => "triaged",
            Self::Assigned => "assigned",
            Self::PullRequest => "pull_request",
            Self::Revised => "revised",
            Self::Reviewed => "reviewed",
            Self::Merged => "merged",
            Self::Rejected => "rejected",
            Self::Closed => "closed",
            Self::Reopened => "reopened",
            Self::Failed => "failed",
            Self::DriveChanged => "drive_changed",
            Self::DriveRisk => "drive_risk",
        }
    }
}

/// One thing that happened. All words in it may be a stranger's, each made one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What.
    pub what: Happening,
    /// The event of the log that tells it.
    pub sequence: Sequence,
    /// What it is about: the issue where it has one.
    pub subject: Subject,
    /// When it was recorded.
    pub at: Timestamp,
    /// Who did it; none when it was Automata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Login>,
    /// The kind of the task that was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<KindName>,
    /// The name of the configuration's rule that led to that task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// More about it: a title, who was assigned, a verdict, why something failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The page a person looks at, where it is another than the issue's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The id of that event for other systems: unlike its place in the log no other event ever has it, whatever is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
}

/// What an event tells that is worth a word; `state` is how things stood before it.
#[must_use]
pub fn of(state: &State, recorded: &Recorded) -> Option<Notice> {
    let told = match &recorded.event {
        Event::TriggerReceived(trigger) => of_trigger(state, trigger),
        Event::TaskCompleted(completed) => of_completed(state, completed),
        Event::TaskFailed(failed) => of_failed(state, failed),
        Event::EffectCompleted(done) => of_effect(state, done),
        Event::DriveChanged(changed) => of_drive(changed),
        _ => None,
    }?;
    let Told { what, subject, by, kind, rule, text, url } = told;
    let text = text.map(|text| one_line(&text, WORDS)).filter(|text| !text.is_empty());
    let subject = match subject {
        Subject::Pull(pull) => state.issue_of_pull(pull).map_or(subject, Subject::Issue),
        other => other,
    };
    let stamp = &recorded.stamp;
    let (sequence, at) = (stamp.sequence, stamp.at);
    Some(Notice { what, sequence, subject, at, by, kind, rule, text, url, event: None })
}

/// A notice without its place.
struct Told {
    what: Happening,
    subject: Subject,
    by: Option<Login>,
    kind: Option<KindName>,
    rule: Option<String>,
    text: Option<String>,
    url: Option<String>,
}

impl Told {
    const fn of(what: Happening, subject: Subject) -> Self {
        Self { what, subject, by: None, kind: None, rule: None, text: None, url: None }
    }

    fn by(self, login: &Login) -> Self {
        Self { by: Some(login.clone()), ..self }
    }

    fn text(self, text: impl Into<String>) -> Self {
        Self { text: Some(text.into()), ..self }
    }
}

fn of_trigger(state: &State, trigger: &Trigger) -> Option<Told> {
    let who = &trigger.actor.login;
    let action = trigger.action.as_deref();
    match &trigger.about {
        About::Issue { issue, change } => {
            let told = |what| Some(Told::of(what, trigger.subject).by(who));
            match (action?, change) {
                ("opened", _) => told(Happening::Opened).map(|told| told.text(issue.title.raw())),
                ("closed", _) => told(Happening::Closed),
                ("reopened", _) => told(Happening::Reopened),
                ("assigned", Some(Change::Assignee(login))) => {
                    told(Happening::Assigned).map(|told| told.text(login.as_str()))
                }
                _ => None,
            }
        }
        About::Pull { pull, .. } if action == Some("closed") => {
            let known = &state.issues.get(&state.issue_of_pull(pull.number)?)?.fate.end;
            if known.as_ref().is_some_and(|end| end.merged == pull.merged) {
                // We did it ourselves, or heard of it before: it was told then.
                return None;
            }
            let what = if pull.merged { Happening::Merged } else { Happening::Rejected };
            Some(Told::of(what, trigger.subject).by(who))
        }
        About::Review { pull, review } if action == Some("submitted") => {
            state.issue_of_pull(pull.number)?;
            Some(Told::of(Happening::Reviewed, trigger.subject).by(&review.author.login).text(&review.state))
        }
        _ => None,
    }
}

fn of_completed(state: &State, completed: &TaskCompleted) -> Option<Told> {
    let task = state.tasks.get(&completed.task)?;
    let subject = task.spec.subject;
    match task.spec.kind.as_str() {
        input::ANALYSE => {
            let found: Analysis = completed.output.read().ok()?;
            let known = subject.number().and_then(|number| state.issues.get(&number)?.analysis.as_ref());
            // Every edit is read anew, and most change nothing about what it is.
            if known.is_some_and(|known| gist(known) == gist(&found)) {
                return None;
            }
            Some(Told::of(Happening::Triaged, subject).text(gist(&found)))
        }
        input::FOLLOW => {
            let input::Followed { pull_request, .. } = completed.output.read().ok()?;
            let told = Told::of(Happening::PullRequest, subject).text(format!("#{}", pull_request.number));
            Some(Told { by: pull_request.by, url: Some(pull_request.url), ..told })
        }
        _ => None,
    }
}

/// What changed in Drive, unless we did it.
fn of_drive(changed: &DriveChanged) -> Option<Told> {
    if changed.ours {
        return None;
    }
    let named = changed.who().filter(|_| changed.by.is_none()).map(|name| format!(", by {name}"));
    let text = format!("{} ({}){}", changed.place, changed.words(), named.unwrap_or_default());
    let told = Told::of(Happening::DriveChanged, Subject::Drive(changed.file)).text(text);
    Some(Told { by: changed.by.clone(), url: changed.url.clone(), ..told })
}

/// What an analysis found, in a few words.
fn gist(analysis: &Analysis) -> String {
    if analysis.security.is_some() {
        return "a security report".to_owned();
    }
    let kind = analysis.issue_type.as_ref().map(|found| found.value.name().to_owned());
    let urgency = analysis.urgency.as_ref().map(|found| format!("urgency {}", found.value.name()));
    let duplicate =
        analysis.duplicate.as_ref().map(|found| format!("perhaps a duplicate of #{}", found.value));
    let lacks = (!analysis.missing.is_empty()).then(|| "something is missing in the report".to_owned());
    let parts: Vec<String> = [kind, urgency, duplicate, lacks].into_iter().flatten().collect();
    if parts.is_empty() { "a person should look at it".to_owned() } else { parts.join(", ") }
}

fn of_failed(state: &State, failed: &TaskFailed) -> Option<Told> {
    let task = state.tasks.get(&failed.task)?;
    if input::is_telling(task.spec.kind.as_str()) || failed.failure.code == DEPENDENCY_FAILED {
        return None;
    }
    let hint = failed.failure.hint.as_deref().map(|hint| format!(" {hint}")).unwrap_or_default();
    let told = Told::of(Happening::Failed, task.spec.subject).text(format!("{}.{hint}", failed.failure));
    Some(Told { kind: Some(task.spec.kind.clone()), rule: task.spec.rule.clone(), ..told })
}

fn of_effect(state: &State, done: &EffectCompleted) -> Option<Told> {
    let effect = state.effects.get(&done.effect)?;
    let task = state.tasks.get(&effect.intent.task)?;
    let subject = task.spec.subject;
    if task.spec.kind.as_str() == input::UNDO || effect.receipt.is_some() {
        return None;
    }
    match effect.intent.kind {
        EffectKind::PullRequest => {
            let pull: receipt::PullRequest = done.receipt.read().ok()?;
            let known = subject.number().and_then(|number| state.issues.get(&number)?.pull_request.as_ref());
            if known.is_some_and(|known| known.number == pull.number) {
                return None;
            }
            let told = Told::of(Happening::PullRequest, subject).text(format!("#{}", pull.number));
            Some(Told { url: Some(pull.url), ..told })
        }
        EffectKind::Assignees => {
            let assigned: receipt::Assignees = done.receipt.read().ok()?;
            let names: Vec<&str> = assigned.added.iter().map(Login::as_str).collect();
            (!names.is_empty()).then(|| Told::of(Happening::Assigned, subject).text(names.join(", ")))
        }
        EffectKind::DriveIssue => {
            let kept: receipt::DriveIssue = done.receipt.read().ok()?;
            let told = Told::of(Happening::DriveRisk, Subject::Repository)
                .text(format!("{} not as wanted", counted(kept.findings, "thing is", "things are")));
            (kept.findings > 0).then_some(Told { url: Some(kept.url), ..told })
        }
        EffectKind::Commit if task.spec.kind.as_str() == input::REVISE => {
            Some(Told::of(Happening::Revised, subject))
        }
        EffectKind::Merge => {
            let merged: receipt::Merged = done.receipt.read().ok()?;
            merged.commit.is_some().then(|| Told::of(Happening::Merged, subject))
        }
        EffectKind::Issue => {
            let changed: receipt::Issue = done.receipt.read().ok()?;
            let is_issue = matches!(subject, Subject::Issue(_));
            (changed.closed && is_issue).then(|| Told::of(Happening::Closed, subject))
        }
        _ => None,
    }
}

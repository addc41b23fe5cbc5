//! Task kind `exec`: starts a plugin, and has done what it answers as far as the configuration lets it.
//!
//! The program is started with the issue on its standard input, and in the sandbox of every program. Its answer is checked
//! whole and goes into the log together with the tasks that it leads to; only those change anything on GitHub, each as if a
//! rule had asked for it.

mod program;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Announcement, Context, Done, analyse, as_of};
use crate::config::{Config, PluginRule};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::Login;
use crate::domain::input::{self, Exec, Executed};
use crate::domain::payload::Payload;
use crate::domain::plugin::{Answer, CommentTold, Effect, IssueTold, PROTOCOL, Request};
use crate::domain::receipt;
use crate::domain::spec::{Priority, TaskRequest};
use crate::domain::subject::Subject;
use crate::domain::task::DEFAULT_LEASE;
use crate::domain::untrusted::one_line;
use crate::report::comment::fingerprint;
use crate::services::github::{Comment, Issue};
use crate::services::secrets::Secret;
use crate::services::uses::Noting;

pub use program::{Asked, Said, ask};

/// What plugins are handed, by their names.
pub type Handed = BTreeMap<String, Keys>;

/// What a plugin is handed.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    /// The variables that the configuration names, as far as they are set.
    pub variables: BTreeMap<String, Secret>,
    /// Notes that it is started with them.
    pub noting: Noting,
}

/// The one step of this kind.
const STEP: &str = "program";
/// How far it has come when there is an answer, in percent.
const ANSWERED: u8 = 90;
/// Width of the command line in the log.
const LINE: usize = 200;
/// After everything else about its issue, as every status comment.
const COMMENT_PRIORITY: Priority = Priority::new(40);

/// The answer that was taken, until the task has ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    /// As it came.
    answer: String,
    said: String,
    notes: Vec<String>,
}

/// How long a claim lasts: the slowest plugin may take all of its time.
pub(super) fn lease(config: &Config) -> Duration {
    let longest = config.plugins.values().map(|plugin| plugin.seconds).max().unwrap_or_default();
    DEFAULT_LEASE + Duration::from_secs(longest)
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let number = context.issue()?;
    let exec: Exec = context.input()?;
    let rule =
        context.config.plugins.get(&exec.plugin).ok_or_else(|| unknown(context.config, &exec.plugin))?;
    let github = &context.services.github;
    let Some(issue) = github.issue(number).await? else {
        return Done::note("the issue is gone", Vec::new());
    };
    if !issue.is_pull && analyse::is_quiet_report(context, &issue) {
        return Done::note("it reads like a report of a weakness, which no plugin is shown", Vec::new());
    }
    if as_of::is_exchanged(context, &issue).await? {
        return Done::note(&as_of::told(context), super::comment::refresh(&context.task));
    }
    let comment = match exec.comment {
        Some(id) => match github.comment(id).await? {
            Some(comment) => Some(comment),
            None => return Done::note("the comment is gone", Vec::new()),
        },
        None => None,
    };
    let request = request(context, &exec, rule, &issue, comment);
    let kept: Option<Kept> = context.resume();
    let mut taken = kept.and_then(|kept| {
        let answer = request.offer().read(&kept.answer).ok()?;
        Some((kept, answer))
    });
    let receipt = |answer: &Answer| receipt::Program {
        plugin: exec.plugin.clone(),
        effects: answer.plan.iter().map(Effect::weight).sum(),
    };
    let found = taken.as_ref().map(|(_, answer)| receipt(answer));
    let announcement = Announcement {
        step: STEP,
        kind: EffectKind::Program,
        target: exec.plugin.clone(),
        // Under another configuration, or for another input, it is asked anew.
        detail: format!("{} {}", one_line(&rule.line(), LINE), asked_as(context, &request)),
    };
    let _: receipt::Program = context
        .effect(
            announcement,
            async || Ok(found),
            async || {
                let (said, answer) = start(context, &exec.plugin, rule, &request).await?;
                let kept = Kept { answer: said.answer, said: said.told, notes: said.notes };
                context.checkpoint(ANSWERED, &format!("{} has answered", exec.plugin), &kept)?;
                let receipt = receipt(&answer);
                taken = Some((kept, answer));
                Ok(receipt)
            },
        )
        .await?;
    let Some((kept, answer)) = taken else {
        let told =
            "it has answered already, and the answer was thrown away when the task was given a new input";
        return Err(
            Failure::permanent("plugin_answer_gone", told).hint("Ask it anew: `automata tasks add exec`.")
        );
    };
    finish(context, &exec, &issue, kept, answer)
}

/// A short name for what it is asked and what it may answer.
fn asked_as(context: &Context<'_>, request: &Request) -> String {
    let Request { allowed, limits, .. } = request;
    fingerprint(&format!("{}\n{allowed:?}\n{limits:?}", context.task.spec.input.as_str()))
}

fn unknown(config: &Config, name: &str) -> Failure {
    let known: Vec<&str> = config.plugins.keys().map(String::as_str).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    let told = format!("the configuration has no plugin `{}`", one_line(name, LINE));
    Failure::permanent("plugin_unknown", told)
        .hint(format!("Look at `plugins` in .github/automata.yml; there is {known}."))
}

/// What the plugin is told.
fn request(
    context: &Context<'_>,
    exec: &Exec,
    rule: &PluginRule,
    issue: &Issue,
    comment: Option<Comment>,
) -> Request {
    Request {
        protocol: PROTOCOL,
        plugin: exec.plugin.clone(),
        task: context.task.id.to_string(),
        event: exec.event.clone(),
        repository: context.services.repository.as_ref().map(ToString::to_string),
        subject: context.task.spec.subject.to_string(),
        issue: told(issue),
        comment: comment.map(|comment| CommentTold {
            id: comment.id,
            author: comment.author.login.to_string(),
            body: comment.body,
        }),
        with: exec.with.clone(),
        allowed: rule.allowed(issue.is_pull),
        limits: rule.limits(),
    }
}

fn told(issue: &Issue) -> IssueTold {
    let is_open = issue.state == crate::domain::trigger::OpenState::Open;
    IssueTold {
        number: issue.number.0,
        title: issue.title.clone(),
        body: issue.body.clone(),
        author: issue.author.login.to_string(),
        state: if is_open { "open" } else { "closed" }.to_owned(),
        is_pull: issue.is_pull,
        labels: issue.labels.clone(),
        assignees: issue.assignees.iter().map(ToString::to_string).collect(),
        milestone: issue.milestone.clone(),
        issue_type: issue.issue_type.clone(),
        created_at: issue.created_at.to_string(),
        updated_at: issue.updated_at.to_string(),
        url: issue.url.clone(),
    }
}

/// Starts it in a copy of the default branch, never in what a pull request brings along.
async fn start(
    context: &Context<'_>,
    name: &str,
    rule: &PluginRule,
    request: &Request,
) -> Result<(Said, Answer), Failure> {
    let programs = context.services.programs.as_ref().ok_or_else(|| {
        Failure::permanent("no_programs", "a plugin is configured, and no program can be started here")
            .hint("Run Automata on Linux or macOS, or take the plugin out of the configuration.")
    })?;
    let files = if rule.files { Some(context.services.code.check_out(None).await?) } else { None };
    let nothing = Keys::default();
    let keys = context.services.handed.get(name).unwrap_or(&nothing);
    if !keys.variables.is_empty() {
        keys.noting.note();
    }
    let handed = &keys.variables;
    let folder = files.as_ref().map(crate::services::git::WorkTree::path);
    let asked = Asked { name, rule, handed, folder: folder.as_deref() };
    ask(programs.as_ref(), &asked, &request.offer(), &request.text()).await
}

/// The end of the task, with what follows from the answer.
fn finish(
    context: &Context<'_>,
    exec: &Exec,
    issue: &Issue,
    kept: Kept,
    answer: Answer,
) -> Result<Done, Failure> {
    let subject = context.task.spec.subject;
    let comment = answer.plan.iter().find_map(|effect| match effect {
        Effect::Comment { text } => Some(text.clone()),
        _ => None,
    });
    let before = {
        let state = context.journal.state();
        state.issues.get(&issue.number).and_then(|known| known.plugins.get(&exec.plugin)).cloned()
    };
    let reason = format!("the plugin {} asks for it", exec.plugin);
    let mut follow_ups: Vec<TaskRequest> =
        answer.plan.iter().filter_map(|effect| follow_up(effect, subject, &reason)).collect();
    if comment != before {
        let input = Payload::of(&input::Comment::default()).unwrap_or_default();
        let request = TaskRequest::new(input::COMMENT, subject, input, reason);
        follow_ups.push(request.unique(format!("comment {subject}")).priority(COMMENT_PRIORITY));
    }
    let executed = Executed {
        plugin: exec.plugin.clone(),
        effects: answer.plan.iter().map(Effect::weight).sum(),
        comment,
        message: answer.message.map(|message| one_line(&message, LINE)),
        output: answer.output,
        said: kept.said,
        notes: kept.notes,
    };
    Done::with(&executed, follow_ups)
}

/// The task that does it, which is the one that a rule would ask for.
fn follow_up(effect: &Effect, subject: Subject, reason: &str) -> Option<TaskRequest> {
    let (kind, input, key) = match effect {
        Effect::Label { add, remove } => {
            let key = format!("label {subject} +{} -{}", add.join(","), remove.join(","));
            let input = input::Label { add: add.clone(), remove: remove.clone(), asked_by: None };
            (input::LABEL, Payload::of(&input), key)
        }
        Effect::Assign { logins } => {
            let key = format!("assign {subject} {}", logins.join(","));
            let logins = logins.iter().map(Login::new).collect();
            let input = input::Assign { logins, ..input::Assign::default() };
            (input::ASSIGN, Payload::of(&input), key)
        }
        Effect::Milestone { title } => {
            let input = input::SetMilestone { title: title.clone() };
            (input::SET_MILESTONE, Payload::of(&input), format!("set_milestone {subject}"))
        }
        Effect::Type { name } => {
            let input = input::SetType { name: name.clone() };
            (input::SET_TYPE, Payload::of(&input), format!("set_type {subject}"))
        }
        Effect::State { to } => {
            (input::SET_STATE, Payload::of(&input::SetState { to: *to }), format!("set_state {subject}"))
        }
        Effect::Field { project, name, value } => {
            let place = project.map(|number| format!("{number}/")).unwrap_or_default();
            let key = format!("set_field {subject} {place}{name}");
            let input = input::SetField { project: *project, field: name.clone(), option: value.clone() };
            (input::SET_FIELD, Payload::of(&input), key)
        }
        Effect::Task { kind, input } => {
            let told =
                if input.is_empty() { String::new() } else { format!(" {}", Value::Object(input.clone())) };
            (kind.as_str(), Payload::of(input), format!("{kind} {subject}{told}"))
        }
        // It is said in the status comment, which is brought up to date at the end.
        Effect::Comment { .. } => return None,
    };
    // Inputs are plain structs, which always have a JSON form.
    Some(TaskRequest::new(kind, subject, input.ok()?, reason).unique(key))
}

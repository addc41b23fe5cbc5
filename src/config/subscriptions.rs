//! What follows when tasks end: rules on `task.failed`, `task.completed` and `task.cancelled`.

use super::model::Config;
use super::rule::{Action, Rule};
use super::rules::{COMMENT_PRIORITY, field, filled, rules, texts};
use crate::domain::command::Subscription;
use crate::domain::id::{KindName, Login};
use crate::domain::input::{self, Analyse, Assign, Comment, Implement, Label, SetMilestone, Source};
use crate::domain::payload::Payload;
use crate::domain::spec::{Priority, TaskRequest, TaskSpec};
use crate::domain::subject::Subject;

/// What the configuration wants when tasks end, in the order of the rules, and what it wants told.
#[must_use]
pub fn subscriptions(config: &Config) -> Vec<Subscription> {
    let told = super::telling::subscriptions(config);
    rules(config).iter().flat_map(|(name, rule)| of_rule(name, rule)).chain(told).collect()
}

fn of_rule(name: &str, rule: &Rule) -> Vec<Subscription> {
    let kinds = rule.condition.kind.as_ref().map(|kinds| kinds.as_slice()).unwrap_or_default();
    let kinds: Vec<KindName> = kinds.iter().map(|kind| KindName::new(kind.0.as_str())).collect();
    let endings = rule.on.as_slice().iter().filter_map(super::rule::EventName::ending);
    endings
        .flat_map(|on| {
            let kinds = kinds.clone();
            rule.actions.as_slice().iter().filter_map(move |action| {
                let mut task = task(action, name)?;
                task.rule = rule.name.as_ref().map(|name| name.as_str().to_owned());
                let about = input::scope(task.kind.as_str());
                Some(Subscription { on: on.into(), kinds: kinds.clone(), about, task })
            })
        })
        .collect()
}

/// The task that an action asks for. It will be about whatever the task that ended was about, and its key, which holds
/// for each subject by itself, is then the one that other rules would give it.
fn task(action: &Action, reason: &str) -> Option<TaskSpec> {
    let asked = |kind: &str, input: Result<Payload, _>, key: String| {
        // Inputs are plain structs, which always have a JSON form.
        let input: Payload = input.map_err(|_: crate::domain::payload::WrongShape| ()).ok()?;
        Some(TaskRequest::new(kind, Subject::Repository, input, reason).unique(key))
    };
    let label = |add: Vec<String>, remove: Vec<String>| {
        let key = format!("label +{} -{}", add.join(","), remove.join(","));
        asked(input::LABEL, Payload::of(&Label { add, remove, asked_by: None }), key)
    };
    let plain = |kind: &str, input| asked(kind, input, kind.to_owned());
    let request = match action {
        Action::Analyse => plain(input::ANALYSE, Payload::of(&Analyse::default())),
        Action::Implement => plain(input::IMPLEMENT, Payload::of(&Implement::of(Source::Issue))),
        Action::Comment => plain(input::COMMENT, Payload::of(&Comment::default())),
        Action::Label(labels) => label(texts(labels), Vec::new()),
        Action::Unlabel(labels) => label(Vec::new(), texts(labels)),
        Action::Assign(logins) => {
            let logins: Vec<Login> =
                logins.as_slice().iter().map(|login| Login::new(login.as_str())).collect();
            let names: Vec<&str> = logins.iter().map(Login::as_str).collect();
            let key = format!("assign {}", names.join(","));
            asked(input::ASSIGN, Payload::of(&Assign { logins, ..Assign::default() }), key)
        }
        Action::Milestone(title) => {
            let title = title.as_str().to_owned();
            plain(input::SET_MILESTONE, Payload::of(&SetMilestone { title }))
        }
        Action::Project(choice) => {
            let key = format!("set_field {} {}", choice.number, choice.field.as_str());
            asked(input::SET_FIELD, Payload::of(&field(choice)), key)
        }
        Action::Field(filling) => {
            let key = format!("set_field {}", filling.name.as_str());
            asked(input::SET_FIELD, Payload::of(&filled(filling)), key)
        }
        Action::Exec(exec) => asked(input::EXEC, Payload::of(&exec.input()), exec.key()),
        Action::Task(task) => Some(super::schedule::asked(task, reason.to_owned()).into()),
        // The check lets none of them follow the end of a task.
        Action::Issue(_)
        | Action::Import(_)
        | Action::Folder(_)
        | Action::Attach
        | Action::Share(_)
        | Action::Collect(_) => None,
    }?;
    let priority = if matches!(action, Action::Comment) { COMMENT_PRIORITY } else { Priority::NORMAL };
    Some(request.priority(priority).spec)
}

//! Tasks to enqueue, from the command line or from a file: all that can be checked without looking at the log.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::wanted::{Problem, Wanted};
use super::{contents, text};
use crate::app::failure::Ended;
use crate::cli;
use crate::domain::shape::{WrongInput, read};
use crate::domain::spec::TaskRequest;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;

/// Width of a quoted word.
const QUOTE: usize = 60;

/// A task to enqueue.
pub(super) struct Draft {
    /// Its name in the file.
    pub(super) name: Option<String>,
    /// What to ask for.
    pub(super) request: TaskRequest,
    /// Tasks that must exist, as they were named, and be completed before.
    pub(super) needs: Vec<String>,
    /// What the field that names them is called.
    pub(super) after: String,
}

/// What the command line asks for, checked as far as that goes without the log.
///
/// # Errors
/// The first thing that is wrong, with the option or the field.
pub(super) fn drafts(arguments: &cli::Add, now: Timestamp) -> Result<Vec<Draft>, Ended> {
    match (&arguments.from, &arguments.kind) {
        (Some(path), _) => of_file(path, now),
        (None, kind) => {
            let wanted = of_options(kind.as_deref().unwrap_or_default(), &arguments.one)?;
            let spec = wanted.spec(now).map_err(|problem| wrong_option(&problem))?;
            let after = "--after".to_owned();
            Ok(vec![Draft { name: None, request: spec.into(), needs: wanted.after, after }])
        }
    }
}

/// The one task that options ask for.
///
/// # Errors
/// When JSON in one of them cannot be read.
pub(super) fn of_options(kind: &str, one: &cli::One) -> Result<Wanted, Ended> {
    let input = one.input.as_deref().map(|input| json("--input", input)).transpose()?;
    let hook = |option: &str, hook: &Option<String>| {
        let hook = hook.as_deref().map(|hook| json::<Wanted>(option, hook)).transpose()?;
        Ok::<_, Ended>(hook.map(Box::new))
    };
    Ok(Wanted {
        name: None,
        kind: kind.to_owned(),
        subject: one.subject.clone(),
        input,
        after: one.after.clone(),
        if_lost: one.if_lost.clone(),
        awaits: one.awaits.clone(),
        priority: one.priority,
        not_before: one.not_before.clone(),
        r#in: one.r#in.clone(),
        deadline: one.deadline.clone(),
        unique: one.unique.clone(),
        on_duplicate: one.on_duplicate.clone(),
        idempotency: one.idempotency.clone(),
        concurrency: one.concurrency.clone(),
        max_attempts: one.max_attempts,
        on_success: hook("--on-success", &one.on_success)?,
        on_failure: hook("--on-failure", &one.on_failure)?,
        on_end: hook("--on-end", &one.on_end)?,
        reason: one.reason.clone(),
    })
}

/// JSON behind an option: itself, a file or stdin.
///
/// # Errors
/// When it is none, or has another shape.
pub(super) fn json<T: serde::de::DeserializeOwned>(option: &str, argument: &str) -> Result<T, Ended> {
    read(&text(option, argument)?).map_err(|wrong| {
        let hint = "Write it as JSON in quotes, or name a file: @FILE, or - for stdin.";
        Ended::usage(format!("{option}: {wrong}"), hint)
    })
}

/// The option of a field: `on_success.kind` is `--on-success`, `kind`.
pub(super) fn wrong_option(problem: &Problem) -> Ended {
    let (first, rest) = problem.field.split_once('.').unwrap_or((problem.field.as_str(), ""));
    let option = if first == "kind" { "KIND".to_owned() } else { format!("--{}", first.replace('_', "-")) };
    let rest = if rest.is_empty() { String::new() } else { format!(", `{rest}`") };
    Ended::usage(format!("{option}{rest}: {}", problem.message), problem.hint.clone())
}

fn of_file(path: &Path, now: Timestamp) -> Result<Vec<Draft>, Ended> {
    let file = if path.as_os_str() == "-" { "stdin".to_owned() } else { path.display().to_string() };
    let text = contents("--from", path)?;
    let wrong = |wrong: WrongInput| {
        Ended::usage(
            format!("{file}: {wrong}"),
            "The file is a list of tasks: [{\"name\": \"a\", \"kind\": \"label\", …}]; `automata tasks add --help` names the fields.",
        )
    };
    let is_list = matches!(read::<Value>(&text).map_err(wrong)?, Value::Array(_));
    let wanted: Vec<Wanted> =
        if is_list { read(&text) } else { read(&text).map(|one| vec![one]) }.map_err(wrong)?;
    if wanted.is_empty() {
        return Err(Ended::usage(format!("{file}: there is no task in it"), "Name at least one."));
    }
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, task) in wanted.iter().enumerate() {
        let Some(name) = task.name.as_deref() else { continue };
        let problem = match places.insert(name, place) {
            _ if name.trim().is_empty() => "the name is empty".to_owned(),
            Some(first) => format!("task {} has the same name", first + 1),
            None => continue,
        };
        let label = label(place, task.name.as_deref());
        return Err(Ended::usage(
            format!("{file}, {label}, `name`: {problem}"),
            "Each needs a name of its own, or none.",
        ));
    }
    let mut drafts = Vec::with_capacity(wanted.len());
    for (place, task) in wanted.iter().enumerate() {
        let label = label(place, task.name.as_deref());
        let spec = task.spec(now).map_err(|problem| {
            Ended::usage(format!("{file}, {label}, `{}`: {}", problem.field, problem.message), problem.hint)
        })?;
        let mut request = TaskRequest::from(spec);
        let mut needs = Vec::new();
        for name in &task.after {
            match places.get(name.as_str()) {
                Some(place) => request = request.after(*place),
                None => needs.push(name.clone()),
            }
        }
        let after = format!("{file}, {label}, `after`");
        drafts.push(Draft { name: task.name.clone(), request, needs, after });
    }
    Ok(drafts)
}

/// How a task of a list is called: by its name, else by its place from 1.
pub(super) fn label(place: usize, name: Option<&str>) -> String {
    name.map_or_else(|| format!("task {}", place + 1), |name| format!("task `{}`", one_line(name, QUOTE)))
}

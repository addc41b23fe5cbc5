//! Events of the repository as a whole: labels, pushes, other workflows, the clock, and calls from outside.

use std::collections::BTreeMap;

use serde_json::Value;

use super::document::Document;
use super::happening::{Happening, action, counted, dispatch_type, sender};
use super::identity::Name;
use super::refusal::Fault;
use super::{IntakeContext, facts, shape};
use crate::domain::payload::Payload;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;
use crate::domain::trigger::About;

/// Bytes of a dispatch's data: GitHub allows 65,535 characters, of at most four bytes each.
const DISPATCH_BYTES: usize = 4 * 65_535;
/// Milliseconds of a minute: cron fires at most once in each.
const MINUTE: i64 = 60_000;

pub(super) fn label(
    event: &str,
    document: &Document<'_>,
    context: &IntakeContext,
) -> Result<Happening, Fault> {
    let action = action(document)?;
    let sender = sender(document)?;
    let label: shape::Label = document.required("label")?;
    counted("label.id", label.id)?;
    let name = Name::of(event, Some(&action)).and(format!("label/{}", label.id));
    let identity = match action.as_str() {
        "created" | "deleted" => name,
        // A label has no time: only the run tells a change from the same change made again later.
        _ => name.digest(&[&label.name, &label.color.0, &label.description.0]).run(context, |name, _| name),
    };
    let was = document.optional::<shape::LabelChanges>("changes").map(|changes| changes.name.from);
    let about = About::Label { name: label.name, was };
    Ok(Happening {
        action: Some(action),
        is_guarded: true,
        ..whole(event, identity, about, Some(sender), context)
    })
}

pub(super) fn workflow_run(
    event: &str,
    document: &Document<'_>,
    context: &IntakeContext,
) -> Result<Happening, Fault> {
    let action = action(document)?;
    let sender = sender(document)?;
    let run: shape::WorkflowRun = document.required("workflow_run")?;
    counted("workflow_run.id", run.id)?;
    let identity = Name::of(event, Some(&action))
        .and(format!("run/{}", run.id))
        .and(format!("attempt/{}", run.run_attempt.0.unwrap_or(1)));
    let workflow = document.optional::<shape::Named>("workflow").map(|workflow| workflow.name);
    // A branch of a fork may have the name of one of ours, and a fork that was deleted is named no more.
    let is_ours =
        |head: shape::Repository| head.full_name.eq_ignore_ascii_case(&context.repository.to_string());
    let branch = run.head_branch.0.filter(|_| run.head_repository.0.is_some_and(is_ours));
    let about = About::WorkflowRun {
        id: run.id,
        name: Some(run.name.0).filter(|name| !name.is_empty()).or(workflow).unwrap_or_default(),
        conclusion: run.conclusion.0,
        head: run.head_sha.0,
        branch,
    };
    let whole = whole(event, identity, about, Some(sender), context);
    let at = facts::time(&[&run.updated_at.0]).unwrap_or(context.received_at);
    Ok(Happening { action: Some(action), at, ..whole })
}

pub(super) fn release(
    event: &str,
    document: &Document<'_>,
    context: &IntakeContext,
) -> Result<Happening, Fault> {
    let action = action(document)?;
    let sender = sender(document)?;
    let release: shape::Release = document.required("release")?;
    counted("release.id", release.id)?;
    let name = Name::of(event, Some(&action)).and(format!("release/{}", release.id));
    let identity = match action.as_str() {
        "created" | "deleted" => name,
        // Published, taken back and published again is something new each time.
        _ => name.and(&release.published_at.0).digest(&[&release.tag_name, &release.name.0]),
    };
    let about = About::Release { id: release.id, tag: release.tag_name, name: release.name.0 };
    let at = facts::time(&[&release.published_at.0, &release.created_at.0]).unwrap_or(context.received_at);
    let whole = whole(event, identity, about, Some(sender), context);
    // Made by a workflow as often as by a person, and always on purpose.
    Ok(Happening { action: Some(action), at, ..whole })
}

pub(super) fn schedule(
    event: &str,
    document: &Document<'_>,
    context: &IntakeContext,
) -> Result<Happening, Fault> {
    let cron: String = document.required("schedule")?;
    let identity = Name::of(event, None).and(&cron).run(context, |name, now| {
        name.and(Timestamp::from_millis(now.as_millis().div_euclid(MINUTE) * MINUTE))
    });
    // A schedule has no sender: GitHub's own idea of an actor there is whoever last changed the cron line.
    Ok(whole(event, identity, About::Schedule { cron }, None, context))
}

pub(super) fn dispatch(
    event: &str,
    document: &Document<'_>,
    context: &IntakeContext,
) -> Result<Happening, Fault> {
    let sender = sender(document)?;
    let inputs: BTreeMap<String, Value> = document.optional("inputs").unwrap_or_default();
    let inputs: BTreeMap<String, String> =
        inputs.into_iter().map(|(name, value)| (name, text(value))).collect();
    let size = inputs.iter().map(|(name, value)| name.len() + value.len()).sum();
    within(size, "inputs")?;
    let identity = Name::of(event, None).run(context, |name, now| {
        let texts: Vec<&str> =
            inputs.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect();
        name.digest(&texts).and(now)
    });
    Ok(whole(event, identity, About::Dispatch { inputs }, Some(sender), context))
}

pub(super) fn repository_dispatch(
    event: &str,
    document: &Document<'_>,
    context: &IntakeContext,
) -> Result<Happening, Fault> {
    let event_type = dispatch_type(document)?;
    let sender = sender(document)?;
    // Through a value and not as it came: the log keeps one line for each event, so no line breaks.
    let data: Value = document.optional("client_payload").unwrap_or_default();
    let client_payload = Payload::of(&data)
        .map_err(|error| Fault::new(format!("`client_payload` cannot be kept: {error}")))?;
    within(client_payload.as_str().len(), "client_payload")?;
    let identity = Name::of(event, None)
        .and(&event_type)
        .run(context, |name, now| name.digest(&[client_payload.as_str()]).and(now));
    let about = About::RepositoryDispatch { event_type: event_type.clone(), client_payload };
    Ok(Happening { action: Some(event_type), ..whole(event, identity, about, Some(sender), context) })
}

pub(super) fn push(
    event: &str,
    document: &Document<'_>,
    context: &IntakeContext,
) -> Result<Happening, Fault> {
    let sender = sender(document)?;
    let reference: String = document.required("ref")?;
    let before: String = document.required("before")?;
    let after: String = document.required("after")?;
    let repository: shape::Repository = document.required("repository")?;
    let pushed_at = repository.pushed_at.0.map(text).unwrap_or_default();
    let commit: Option<shape::Commit> = document.optional("head_commit");
    let seconds = pushed_at.parse::<i64>().ok();
    let at = seconds
        .map(|seconds| Timestamp::from_millis(seconds.saturating_mul(1_000)))
        .or_else(|| facts::time(&[&pushed_at]))
        .or_else(|| facts::time(&[&commit.as_ref()?.timestamp]))
        .unwrap_or(context.received_at);
    // Forced pushes can go back and forth between two commits: the time tells them apart.
    let identity = Name::of(event, None).and(&reference).and(&before).and(&after).and(&pushed_at);
    let about = About::Push { reference, before, after };
    Ok(Happening { at, is_guarded: true, ..whole(event, identity, about, Some(sender), context) })
}

/// Something about the repository as a whole, now, that has no action and lets everybody in.
fn whole(
    event: &str,
    identity: Name,
    about: About,
    sender: Option<shape::Account>,
    context: &IntakeContext,
) -> Happening {
    Happening {
        identity: identity.done(),
        event: event.to_owned(),
        action: None,
        at: context.received_at,
        subject: Subject::Repository,
        about,
        sender,
        via: None,
        said: None,
        signature: None,
        is_guarded: false,
    }
}

/// Text as it is; nothing for null; numbers, booleans and the rest as JSON.
fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn within(size: usize, name: &str) -> Result<(), Fault> {
    if size <= DISPATCH_BYTES {
        return Ok(());
    }
    Err(Fault::new(format!("`{name}` has {size} bytes, more than {DISPATCH_BYTES}"))
        .hint("GitHub allows 65,535 characters; send an address where the data can be fetched instead"))
}

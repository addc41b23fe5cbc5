//! Events of issues and pull requests: what people and bots say and do to each other.

use super::document::Document;
use super::happening::{Happening, action, counted, sender};
use super::identity::Name;
use super::marker::Signature;
use super::refusal::Fault;
use super::{IntakeContext, facts, shape};
use crate::domain::id::{IssueNumber, Login};
use crate::domain::subject::Subject;
use crate::domain::trigger::{About, Change};

pub(super) fn issue(
    event: &str,
    document: &Document<'_>,
    context: &IntakeContext,
) -> Result<Happening, Fault> {
    let action = action(document)?;
    let sender = sender(document)?;
    let shape: shape::Issue = document.required("issue")?;
    counted("issue.number", shape.number)?;
    let issue = facts::issue(&shape, context);
    let subject = facts::subject(&issue);
    let change = change(&action, document);
    let name = Name::of(event, Some(&action)).and(subject);
    let identity = match action.as_str() {
        "opened" | "deleted" | "transferred" => name,
        "edited" => {
            update(name, &sender, &shape.updated_at.0, context).digest(&[&shape.title.0, &shape.body.0])
        }
        _ => {
            let name =
                what_changed(name, &action, change.as_ref(), document, (&issue.labels, &issue.assignees));
            update(name, &sender, &shape.updated_at.0, context)
        }
    };
    let at = if action == "opened" { issue.created_at } else { issue.updated_at };
    // Who edits is not who wrote: the App of the issue is the App of this act only when the issue is new.
    let via = if action == "opened" { shape.performed_via_github_app.0 } else { None };
    let said = matches!(action.as_str(), "opened" | "edited").then_some(shape.body.0);
    Ok(Happening {
        identity: identity.done(),
        event: event.to_owned(),
        action: Some(action),
        at,
        subject,
        about: About::Issue { issue, change },
        sender: Some(sender),
        via,
        said,
        signature: None,
        is_guarded: true,
    })
}

pub(super) fn comment(
    event: &str,
    document: &Document<'_>,
    context: &IntakeContext,
) -> Result<Happening, Fault> {
    let action = action(document)?;
    let sender = sender(document)?;
    let shape: shape::Issue = document.required("issue")?;
    counted("issue.number", shape.number)?;
    let comment: shape::Comment = document.required("comment")?;
    counted("comment.id", comment.id)?;
    let issue = facts::issue(&shape, context);
    let signature = Some(Signature::Status(issue.number));
    Ok(Happening {
        identity: comment_name(event, &action, &comment, &sender, &shape.updated_at.0, context).done(),
        event: event.to_owned(),
        at: comment_time(&action, &comment, context),
        subject: facts::subject(&issue),
        about: About::Comment { issue, comment: facts::comment(&comment, context) },
        sender: Some(sender),
        via: (action == "created").then_some(comment.performed_via_github_app.0).flatten(),
        said: (action != "deleted").then_some(comment.body.0),
        signature,
        action: Some(action),
        is_guarded: true,
    })
}

pub(super) fn pull(
    event: &str,
    document: &Document<'_>,
    context: &IntakeContext,
) -> Result<Happening, Fault> {
    let action = action(document)?;
    let sender = sender(document)?;
    let shape = pull_shape(document)?;
    let change = change(&action, document);
    let facts = facts::pull(&shape, context);
    let name = Name::of(event, Some(&action)).and(Subject::Pull(IssueNumber(shape.number)));
    let identity = match action.as_str() {
        "opened" => name,
        "edited" => update(name, &sender, &shape.updated_at.0, context).digest(&[
            &shape.title.0,
            &shape.body.0,
            &shape.base.branch,
        ]),
        "synchronize" => update(name, &sender, &shape.updated_at.0, context).and(&shape.head.sha),
        // Two reviewers are often asked in the same second.
        "review_requested" | "review_request_removed" => {
            let asked = document.optional::<shape::Account>("requested_reviewer").map(|who| who.login);
            let team = document.optional::<shape::Named>("requested_team").map(|team| team.name);
            update(name.and(asked.or(team).unwrap_or_default()), &sender, &shape.updated_at.0, context)
        }
        _ => {
            let name = what_changed(name, &action, change.as_ref(), document, (&facts.labels, &[]));
            update(name, &sender, &shape.updated_at.0, context)
        }
    };
    let times: &[&str] = match action.as_str() {
        "opened" => &[&shape.created_at.0],
        _ => &[&shape.updated_at.0],
    };
    Ok(Happening {
        identity: identity.done(),
        event: event.to_owned(),
        at: facts::time(times).unwrap_or(context.received_at),
        subject: Subject::Pull(facts.number),
        about: About::Pull { pull: facts, change },
        sender: Some(sender),
        via: None,
        said: matches!(action.as_str(), "opened" | "edited").then_some(shape.body.0),
        signature: Some(Signature::PullRequest),
        action: Some(action),
        is_guarded: true,
    })
}

pub(super) fn review(
    event: &str,
    document: &Document<'_>,
    context: &IntakeContext,
) -> Result<Happening, Fault> {
    let action = action(document)?;
    let sender = sender(document)?;
    let pull = pull_shape(document)?;
    let review: shape::Review = document.required("review")?;
    counted("review.id", review.id)?;
    let name = Name::of(event, Some(&action)).and(format!("review/{}", review.id));
    let identity = match action.as_str() {
        "submitted" | "dismissed" => name,
        _ => name.and(&pull.updated_at.0).digest(&[&review.body.0, &review.state.0]),
    };
    let times: &[&str] = match action.as_str() {
        "submitted" => &[&review.submitted_at.0, &pull.updated_at.0],
        _ => &[&pull.updated_at.0],
    };
    Ok(Happening {
        identity: identity.done(),
        event: event.to_owned(),
        at: facts::time(times).unwrap_or(context.received_at),
        subject: Subject::Pull(IssueNumber(pull.number)),
        about: About::Review { pull: facts::pull(&pull, context), review: facts::review(&review, context) },
        sender: Some(sender),
        via: None,
        said: (action != "dismissed").then_some(review.body.0),
        signature: None,
        action: Some(action),
        is_guarded: true,
    })
}

pub(super) fn review_comment(
    event: &str,
    document: &Document<'_>,
    context: &IntakeContext,
) -> Result<Happening, Fault> {
    let action = action(document)?;
    let sender = sender(document)?;
    let pull = pull_shape(document)?;
    let comment: shape::Comment = document.required("comment")?;
    counted("comment.id", comment.id)?;
    Ok(Happening {
        identity: comment_name(event, &action, &comment, &sender, &pull.updated_at.0, context).done(),
        event: event.to_owned(),
        at: comment_time(&action, &comment, context),
        subject: Subject::Pull(IssueNumber(pull.number)),
        about: About::ReviewComment {
            pull: facts::pull(&pull, context),
            comment: facts::comment(&comment, context),
            path: comment.path.0,
            line: comment.line.0,
        },
        sender: Some(sender),
        via: None,
        said: (action != "deleted").then_some(comment.body.0),
        signature: None,
        action: Some(action),
        is_guarded: true,
    })
}

fn pull_shape(document: &Document<'_>) -> Result<shape::Pull, Fault> {
    let pull: shape::Pull = document.required("pull_request")?;
    counted("pull_request.number", pull.number)?;
    Ok(pull)
}

/// What the action names, where it names something that is understood.
fn change(action: &str, document: &Document<'_>) -> Option<Change> {
    let named = |member: &str| document.optional::<shape::Named>(member).map(|named| named.name);
    match action {
        "labeled" | "unlabeled" => named("label").map(Change::Label),
        "assigned" | "unassigned" => {
            document.optional::<shape::Account>("assignee").map(|who| Change::Assignee(Login::new(who.login)))
        }
        "milestoned" | "demilestoned" => {
            document.optional::<shape::Milestone>("milestone").map(|it| Change::Milestone(it.title))
        }
        "typed" | "untyped" => named("type").map(Change::Type),
        // GitHub describes `issue_field`; `field` has been seen as well.
        "field_added" | "field_removed" => named("field").or_else(|| named("issue_field")).map(Change::Field),
        _ => None,
    }
}

/// Members of a payload that do not say what changed, or say it in a form that is read elsewhere.
const SETTING: [&str; 11] = [
    "action",
    "comment",
    "enterprise",
    "installation",
    "issue",
    "number",
    "organization",
    "pull_request",
    "repository",
    "sender",
    "workflow",
];

/// Adds what the action names: times have whole seconds, and several labels are often set in one. Where it is
/// not understood, whatever else the payload holds stands in, and the labels and people that `left` it with.
fn what_changed(
    name: Name,
    action: &str,
    change: Option<&Change>,
    document: &Document<'_>,
    left: (&[String], &[Login]),
) -> Name {
    let others = || document.others(&SETTING).into_iter().flat_map(|(name, value)| [name.to_owned(), value]);
    let names_something = |action: &str| {
        ["label", "assign", "mileston", "typed", "field_"].iter().any(|part| action.contains(part))
    };
    match change {
        Some(Change::Label(text) | Change::Milestone(text) | Change::Type(text)) => name.and(text),
        Some(Change::Assignee(login)) => name.and(login.as_str().to_ascii_lowercase()),
        // The same field may be set twice, to other values.
        Some(Change::Field(text)) => name.and(text).digest(&others().collect::<Vec<_>>()),
        None if names_something(action) => {
            let (labels, people) = left;
            let people = people.iter().map(|login| login.as_str().to_ascii_lowercase());
            name.digest(&others().chain(labels.iter().cloned()).chain(people).collect::<Vec<_>>())
        }
        None => name,
    }
}

/// Adds who did it and when; where GitHub gives no time, the run that tells of it.
fn update(name: Name, sender: &shape::Account, updated_at: &str, context: &IntakeContext) -> Name {
    let name = name.and(sender.login.to_ascii_lowercase());
    match facts::time(&[updated_at]) {
        Some(_) => name.and(updated_at),
        None => name.run(context, Name::and),
    }
}

/// A comment is pinned without being changed, so the time of what it stands on counts as well.
fn comment_name(
    event: &str,
    action: &str,
    comment: &shape::Comment,
    sender: &shape::Account,
    below: &str,
    context: &IntakeContext,
) -> Name {
    let name = Name::of(event, Some(action)).and(format!("comment/{}", comment.id));
    match action {
        "created" | "deleted" => name,
        "edited" => name.and(&comment.updated_at.0).digest(&[&comment.body.0]),
        _ => update(name, sender, below, context),
    }
}

/// A deletion has no time of its own in the payload.
fn comment_time(
    action: &str,
    comment: &shape::Comment,
    context: &IntakeContext,
) -> crate::domain::time::Timestamp {
    let times: &[&str] = match action {
        "created" => &[&comment.created_at.0],
        "deleted" => &[],
        _ => &[&comment.updated_at.0],
    };
    facts::time(times).unwrap_or(context.received_at)
}

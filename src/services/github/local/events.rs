//! What `GITHUB_EVENT_PATH` would hold: the local forge's happenings in the shape of GitHub's payloads.
//!
//! The fields and their nesting are those of the payloads that GitHub delivers; addresses lead to files.

use serde_json::{Value, json};

use super::{Forge, records};
use crate::domain::actor::{Actor, ActorKind, Permission};
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, Login};
use crate::domain::time::Timestamp;
use crate::domain::trigger::OpenState;
use crate::services::github::{Comment, Issue, PullRequest, Review};

/// `issues` with the action `opened`.
///
/// # Errors
/// When the folder cannot be used.
pub fn issue_opened(forge: &Forge, issue: &Issue) -> Result<Value, Failure> {
    issues(forge, "opened", issue, &issue.author, None)
}

/// `issues` with the action `labeled`.
///
/// # Errors
/// When the folder cannot be used.
pub fn issue_labeled(forge: &Forge, issue: &Issue, label: &str, by: &Login) -> Result<Value, Failure> {
    issues(forge, "labeled", issue, &Actor::person(by.as_str()), Some(label))
}

/// `issues` with the action `unlabeled`.
///
/// # Errors
/// When the folder cannot be used.
pub fn issue_unlabeled(forge: &Forge, issue: &Issue, label: &str, by: &Login) -> Result<Value, Failure> {
    issues(forge, "unlabeled", issue, &Actor::person(by.as_str()), Some(label))
}

/// `issues` with the action `closed`.
///
/// # Errors
/// When the folder cannot be used.
pub fn issue_closed(forge: &Forge, issue: &Issue, by: &Login) -> Result<Value, Failure> {
    issues(forge, "closed", issue, &Actor::person(by.as_str()), None)
}

/// `issue_comment` with the action `created`.
///
/// # Errors
/// When the folder cannot be used.
pub fn issue_comment_created(forge: &Forge, issue: &Issue, comment: &Comment) -> Result<Value, Failure> {
    Ok(json!({
        "action": "created",
        "issue": issue_value(forge, issue)?,
        "comment": comment_value(forge, issue, comment, comment.created_at)?,
        "repository": repository(forge),
        "sender": user(&comment.author),
    }))
}

/// `pull_request_review` with the action `submitted`. The forge keeps no commits: `head` and `base` are those of the
/// repository beside it.
///
/// # Errors
/// When the folder cannot be used.
pub fn review_submitted(
    forge: &Forge,
    pull: &PullRequest,
    review: &Review,
    (head, base): (&CommitId, &CommitId),
) -> Result<Value, Failure> {
    let record = forge.present_issue(pull.number)?;
    let home = repository(forge);
    Ok(json!({
        "action": "submitted",
        "review": {
            "id": review.id,
            "node_id": format!("PRR_{}", review.id),
            "user": user(&review.author),
            "body": review.body,
            "state": review.state,
            "html_url": pull.url,
            "commit_id": head.as_str(),
            "submitted_at": review.submitted_at,
            "author_association": association(forge, &review.author)?,
        },
        "pull_request": {
            "id": pull.number.0,
            "node_id": format!("PR_{}", pull.number),
            "number": pull.number,
            "html_url": pull.url,
            "state": if pull.state == OpenState::Open { "open" } else { "closed" },
            "title": pull.title,
            "user": user(&record.author),
            "body": pull.body,
            "draft": pull.draft,
            "merged_at": null,
            "labels": [],
            "head": { "ref": pull.head, "sha": head.as_str(), "repo": home },
            "base": { "ref": pull.base, "sha": base.as_str(), "repo": home },
            "created_at": record.created_at,
            "updated_at": record.updated_at,
        },
        "repository": home,
        "sender": user(&review.author),
    }))
}

pub(super) fn comment_value(
    forge: &Forge,
    issue: &Issue,
    comment: &Comment,
    updated_at: Timestamp,
) -> Result<Value, Failure> {
    Ok(json!({
        "id": comment.id,
        "node_id": format!("IC_{}", comment.id),
        "url": comment.url,
        "html_url": comment.url,
        "issue_url": format!("{}/issues/{}", forge.folder.path("").display(), issue.number),
        "user": user(&comment.author),
        "created_at": comment.created_at,
        "updated_at": updated_at,
        "author_association": association(forge, &comment.author)?,
        "body": comment.body,
        "performed_via_github_app": null,
    }))
}

fn issues(
    forge: &Forge,
    action: &str,
    issue: &Issue,
    sender: &Actor,
    label: Option<&str>,
) -> Result<Value, Failure> {
    let mut event = json!({
        "action": action,
        "issue": issue_value(forge, issue)?,
        "repository": repository(forge),
        "sender": user(sender),
    });
    if let Some(name) = label {
        event["label"] = label_value(&forge.known_labels()?, name);
    }
    Ok(event)
}

pub(super) fn issue_value(forge: &Forge, issue: &Issue) -> Result<Value, Failure> {
    let assignees: Vec<Value> =
        issue.assignees.iter().map(|login| user(&Actor::person(login.as_str()))).collect();
    let known = forge.known_labels()?;
    let open = issue.state == OpenState::Open;
    let mut value = json!({
        "url": issue.url,
        "html_url": issue.url,
        "comments_url": issue.url,
        "id": issue.number.0,
        "node_id": format!("I_{}", issue.number),
        "number": issue.number,
        "title": issue.title,
        "user": user(&issue.author),
        "labels": issue.labels.iter().map(|name| label_value(&known, name)).collect::<Vec<_>>(),
        "state": if open { "open" } else { "closed" },
        "state_reason": if open { Value::Null } else { json!("completed") },
        "locked": false,
        "assignee": assignees.first(),
        "assignees": assignees,
        "milestone": null,
        "comments": forge.comment_records(issue.number)?.len(),
        "created_at": issue.created_at,
        "updated_at": issue.updated_at,
        "closed_at": if open { Value::Null } else { json!(issue.updated_at) },
        "author_association": association(forge, &issue.author)?,
        "active_lock_reason": null,
        "body": if issue.body.is_empty() { Value::Null } else { json!(issue.body) },
        "performed_via_github_app": null,
    });
    if issue.is_pull {
        value["pull_request"] = json!({ "url": issue.url, "html_url": issue.url });
    }
    Ok(value)
}

fn repository(forge: &Forge) -> Value {
    let (name, address) = (&forge.repository.name, format!("file://{}", forge.folder.path("").display()));
    json!({
        "id": id_of(&name.to_string()),
        "node_id": format!("R_{}", id_of(&name.to_string())),
        "name": name.name(),
        "full_name": name.to_string(),
        "private": false,
        "owner": user(&Actor::person(name.owner())),
        "html_url": address,
        "url": address,
        "fork": false,
        "default_branch": forge.repository.default_branch,
        "visibility": "public",
    })
}

fn label_value(known: &[records::Label], name: &str) -> Value {
    let label = known.iter().find(|label| super::same_label(&label.name, name));
    json!({
        "id": id_of(name),
        "node_id": format!("LA_{}", id_of(name)),
        "name": name,
        "color": label.map_or(super::PLAIN_COLOR, |label| &label.color),
        "default": false,
        "description": label.map(|label| &label.description).filter(|text| !text.is_empty()),
    })
}

fn user(actor: &Actor) -> Value {
    let login = actor.login.as_str();
    let id = id_of(&login.to_ascii_lowercase());
    json!({
        "login": login,
        "id": id,
        "node_id": format!("U_{id}"),
        "type": if actor.kind == ActorKind::Person { "User" } else { "Bot" },
        "site_admin": false,
    })
}

/// What GitHub calls people here. It is not the permission; rules ask for that.
fn association(forge: &Forge, actor: &Actor) -> Result<&'static str, Failure> {
    Ok(match forge.permission_of(&actor.login)? {
        Permission::Admin => "OWNER",
        Permission::Triage | Permission::Write | Permission::Maintain => "COLLABORATOR",
        Permission::None | Permission::Read => "NONE",
    })
}

/// A number that stays the same for a name: FNV-1a, cut to 31 bits as every reader of ids takes.
fn id_of(name: &str) -> u64 {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash & 0x7fff_ffff
}

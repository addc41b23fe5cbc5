//! Who may start something, what folds into one, and what is refused.

use serde_json::{Value, json};

use super::*;
use crate::domain::actor::ActorKind;
use crate::domain::trigger::{About, Change};

mod identities;
mod lenience;
mod origins;
mod refusals;

const OURS: &str = "automata-app[bot]";

fn context() -> IntakeContext {
    IntakeContext {
        repository: RepositoryName::parse("octo/repo").unwrap(),
        repository_id: Some(7),
        run: RunId::new("99.1"),
        ourselves: vec![OURS.into(), "maintainer".into()],
        allowed_bots: vec!["dependabot".into()],
        received_at: "2026-11-22T10:00:00Z".parse().unwrap(),
    }
}

fn account(login: &str, kind: &str) -> Value {
    json!({"login": login, "type": kind})
}

fn comment(sender: &Value, body: &str) -> Value {
    json!({
        "action": "created",
        "issue": {"number": 5, "title": "A bug", "user": account("ann", "User")},
        "comment": {"id": 31, "body": body, "user": sender, "created_at": "2026-11-22T09:00:00Z"},
        "sender": sender,
        "repository": {"id": 7, "full_name": "octo/repo"},
    })
}

fn issue(action: &str) -> Value {
    json!({
        "action": action,
        "issue": {"number": 5, "title": "A bug", "body": "It breaks", "updated_at": "2026-11-22T09:00:00Z"},
        "sender": account("ann", "User"),
        "repository": {"id": 7, "full_name": "octo/repo"},
    })
}

fn pull(action: &str) -> Value {
    let side = |name: &str| json!({"ref": name, "sha": "1234", "repo": {"full_name": "octo/repo"}});
    json!({
        "action": action,
        "pull_request": {
            "number": 6, "title": "A change", "body": "It mends", "updated_at": "2026-11-22T09:00:00Z",
            "user": account("ann", "User"), "head": side("mend"), "base": side("main"),
        },
        "sender": account("ann", "User"),
        "repository": {"id": 7, "full_name": "octo/repo"},
    })
}

fn with(mut payload: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    payload.pointer_mut(parent).unwrap()[key] = value;
    payload
}

fn without(mut payload: Value, key: &str) -> Value {
    payload.as_object_mut().unwrap().remove(key);
    payload
}

fn take(event: &str, payload: &Value) -> Intake {
    read(event, payload.to_string().as_bytes(), &context()).unwrap_or_else(|refusal| panic!("{refusal}"))
}

fn trigger(event: &str, payload: &Value) -> Trigger {
    match take(event, payload) {
        Intake::Trigger(trigger) => *trigger,
        Intake::Ignored { reason } => panic!("ignored: {reason}"),
    }
}

fn ignored(event: &str, payload: &Value) -> String {
    match take(event, payload) {
        Intake::Ignored { reason } => reason,
        Intake::Trigger(trigger) => panic!("a trigger: {trigger:?}"),
    }
}

fn identity(event: &str, payload: &Value) -> String {
    trigger(event, payload).identity.to_string()
}

fn refusal(event: &str, payload: impl AsRef<[u8]>) -> String {
    let refusal = read(event, payload.as_ref(), &context()).unwrap_err();
    format!("{} ({})", refusal.reason, refusal.hint)
}

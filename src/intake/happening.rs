//! What a payload tells, before it is judged who is behind it: one reader for each event.

use super::document::Document;
use super::marker::Signature;
use super::refusal::Fault;
use super::shape::{Account, App};
use super::{IntakeContext, conversation, machinery};
use crate::domain::id::TriggerIdentity;
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;
use crate::domain::trigger::About;

/// Characters of an action; GitHub's longest has 22.
const ACTION_LENGTH: usize = 64;
/// Characters of the type of a repository_dispatch, as GitHub limits it.
const DISPATCH_TYPE_LENGTH: usize = 100;

/// What happened.
#[derive(Debug)]
pub(super) struct Happening {
    pub(super) identity: TriggerIdentity,
    pub(super) event: String,
    pub(super) action: Option<String>,
    pub(super) at: Timestamp,
    pub(super) subject: Subject,
    pub(super) about: About,
    /// The account behind it; none for the clock.
    pub(super) sender: Option<Account>,
    /// The App through which the sender did it.
    pub(super) via: Option<App>,
    /// The text that was written by doing it.
    pub(super) said: Option<String>,
    /// How the text would be signed if Automata had written it; none where it writes no such text.
    pub(super) signature: Option<Signature>,
    /// Whether bots are kept out. Dispatches and other workflows' runs are calls on purpose: there bots are welcome.
    pub(super) is_guarded: bool,
}

/// Reads the payload of an event that becomes a trigger.
pub(super) fn read(
    event: &str,
    document: &Document<'_>,
    context: &IntakeContext,
) -> Result<Happening, Fault> {
    match event {
        "issues" => conversation::issue(event, document, context),
        "issue_comment" => conversation::comment(event, document, context),
        "pull_request" | "pull_request_target" => conversation::pull(event, document, context),
        "pull_request_review" => conversation::review(event, document, context),
        "pull_request_review_comment" => conversation::review_comment(event, document, context),
        "label" => machinery::label(event, document, context),
        "workflow_run" => machinery::workflow_run(event, document, context),
        "release" => machinery::release(event, document, context),
        "schedule" => machinery::schedule(event, document, context),
        "workflow_dispatch" => machinery::dispatch(event, document, context),
        "repository_dispatch" => machinery::repository_dispatch(event, document, context),
        "push" => machinery::push(event, document, context),
        other => Err(Fault::new(format!("nobody reads `{other}`"))),
    }
}

/// The action, which GitHub writes in small letters and underscores.
pub(super) fn action(document: &Document<'_>) -> Result<String, Fault> {
    let action: String = document.required("action")?;
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    if action.is_empty() || action.len() > ACTION_LENGTH || !action.bytes().all(is_word) {
        return Err(Fault::new(format!("`action` is `{action}`, which is no action of GitHub's")));
    }
    Ok(action)
}

/// The type of a repository_dispatch, which the caller chose.
pub(super) fn dispatch_type(document: &Document<'_>) -> Result<String, Fault> {
    let kind: String = document.required("action")?;
    if kind.is_empty() || kind.chars().count() > DISPATCH_TYPE_LENGTH || kind.chars().any(char::is_control) {
        return Err(Fault::new(format!(
            "`action` is not an event type of 1 to {DISPATCH_TYPE_LENGTH} characters"
        )));
    }
    Ok(kind)
}

pub(super) fn sender(document: &Document<'_>) -> Result<Account, Fault> {
    document.required("sender")
}

/// A number or an id of GitHub's: they count from 1.
pub(super) fn counted(name: &str, number: u64) -> Result<u64, Fault> {
    if number == 0 { Err(Fault::new(format!("`{name}` is 0, and GitHub counts from 1"))) } else { Ok(number) }
}

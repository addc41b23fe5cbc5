//! Whose token this is. REST's `GET /user` refuses the tokens of Apps; GraphQL's `viewer` answers to all.

use serde_json::json;

use super::exchange::Exchange;
use super::shapes::ViewerAnswer;
use crate::domain::actor::{Actor, ActorKind};
use crate::domain::failure::Failure;
use crate::domain::id::Login;

/// The question; the simulated GitHub knows it by heart.
const QUESTION: &str = "query { viewer { login __typename } }";
/// The account of `GITHUB_TOKEN`.
const ACTIONS_LOGIN: &str = "github-actions[bot]";
/// A GraphQL refusal of a token that belongs to an App.
const FORBIDDEN: &str = "FORBIDDEN";

/// Asks. An App's token that may not even ask this is the workflow's own: other Apps are told their name.
pub(super) async fn ask(exchange: &Exchange, address: &str) -> Result<Actor, Failure> {
    let workflow = || Actor { kind: ActorKind::App, login: Login::new(ACTIONS_LOGIN) };
    let answer = match exchange.ask(address, &json!({ "query": QUESTION })).await {
        Err(failure) if failure.code == "missing_permission" => return Ok(workflow()),
        other => exchange.success(other?, "metadata: read")?,
    };
    let read: ViewerAnswer = answer.json()?;
    if let Some(viewer) = read.data.and_then(|data| data.viewer) {
        return Ok(viewer.into());
    }
    match read.errors.first() {
        Some(error) if error.kind == FORBIDDEN => Ok(workflow()),
        Some(error) => Err(Failure::transient(
            "github_unavailable",
            format!("GitHub does not say whose token this is: {}", error.message),
        )),
        None => Err(Failure::transient("unreadable_answer", "GitHub does not say whose token this is.")),
    }
}

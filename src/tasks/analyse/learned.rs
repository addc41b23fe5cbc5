//! Reads what was learned from people's labels, when something was, or tells why it cannot be used.

use crate::domain::failure::Failure;
use crate::domain::learned::ModelLearned;
use crate::tasks::Services;
use crate::triage::learned::{Taught, digest};

/// What was learned.
#[derive(Default)]
pub(in crate::tasks) struct Learned {
    /// All of it; none when there is nothing that can be used.
    pub(in crate::tasks) model: Option<Taught>,
    /// Why there is none although the log names one, a sentence.
    pub(in crate::tasks) without: Option<String>,
}

/// Reads it. Only a model that the log names is asked for, and only one that is just what the log says is used.
pub(in crate::tasks) async fn read(
    services: &Services,
    named: Option<ModelLearned>,
) -> Result<Learned, Failure> {
    let (Some(named), Some(models)) = (named, &services.models) else {
        return Ok(Learned::default());
    };
    let reason = match models.read(&named.digest).await? {
        None => "it is missing".to_owned(),
        Some(bytes) if digest(&bytes) != named.digest => "it is not what the log says it is".to_owned(),
        Some(bytes) => match Taught::decode(&bytes) {
            Ok(model) => return Ok(Learned { model: Some(model), without: None }),
            Err(unusable) => unusable.to_string(),
        },
    };
    tracing::warn!(
        "what was learned of issue types cannot be used: {reason}; `automata learn` makes it anew"
    );
    let told =
        format!("The rules alone judged: what was learned from labels here cannot be used ({reason}).");
    Ok(Learned { model: None, without: Some(told) })
}

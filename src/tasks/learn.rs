//! Task kind `learn`: learns anew from people's labels what issues are, and takes it in if it is not worse.

use super::{Context, Done, LOST_LEASE, Services};
use crate::config::Config;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::count::counted;
use crate::domain::failure::Failure;
use crate::domain::input;
use crate::domain::learned::{ModelLearned, same};
use crate::domain::state::State;
use crate::services::github::{Issue, IssueQuery};
use crate::services::models::Models;
use crate::triage::learned::{Model, digest};
use crate::triage::training::{self, Lessons};

/// Issues that are looked at, the newest: older ones tell of a repository that was another one. The training itself takes
/// [`crate::triage::learned::MOST_ROWS`] of those with labels.
const MOST_ISSUES: usize = 3_000;

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let input::Learn {} = context.input()?;
    let (in_use, former) = {
        let state = context.journal.state();
        let former = state.learning.former.as_ref().and_then(|former| former.model.clone());
        (state.learned.clone(), former)
    };
    let Some(models) = &context.services.models else { return told(false, "there is no place for models") };
    // Somebody has set it aside since, and who wants it back says so.
    let Some(in_use) = in_use else { return told(false, "nothing that was learned is in use any more") };
    let issues = issues(context.services).await?;
    let lessons = lessons(issues, context.config, &context.journal.state());
    let types = match lessons.types() {
        Ok(types) => types,
        Err(too_little) => return told(false, &too_little),
    };
    let trained = training::train(&lessons, &types);
    let rows = counted(trained.learned.all_rows() as usize, "labelled issue", "labelled issues");
    let of = format!("{rows}, macro F1 {:.3}", trained.learned.macro_f1());
    let model = usable(models.as_ref(), &in_use).await?;
    if trained.learned.digest == in_use.digest {
        if model.is_none() {
            models.keep(&trained.learned.digest, &trained.bytes).await?;
        }
        return told(false, &format!("the labels teach what judges already ({of})"));
    }
    let compared = training::compare(model.as_ref().map(|model| (model, &in_use)), &lessons, &types);
    if let Some(better) = compared.better(trained.learned.macro_f1()) {
        return told(false, &format!("what judged before stays: {better}"));
    }
    // What is thrown away now nobody has named since the one before the last.
    let kept: Vec<&str> =
        [Some(&in_use), former.as_ref()].into_iter().flatten().map(|of| of.digest.as_str()).collect();
    if let Err(failure) = models.tidy(&kept).await {
        tracing::warn!(%failure, "older models could not be thrown away; the next time does");
    }
    models.keep(&trained.learned.digest, &trained.bytes).await?;
    // From here on nothing is awaited: the log names it together with the end of this task, or not at all.
    context
        .journal
        .order(&context.task, &Actor::automata(), Command::Learned(trained.learned))
        .map_err(|reason| Failure::permanent(LOST_LEASE, format!("the model was refused: {reason}")))?;
    told(true, &format!("what was learned anew judges from now on ({of})"))
}

fn told(taken: bool, told: &str) -> Result<Done, Failure> {
    Done::with(&input::Learnt { taken, told: told.to_owned() }, Vec::new())
}

/// The newest issues of the repository, the oldest of them first.
///
/// # Errors
/// When GitHub does not answer.
pub async fn issues(services: &Services) -> Result<Vec<Issue>, Failure> {
    let query = IssueQuery { since: None, open_only: false };
    let mut issues = services.github.issues(&query).await?;
    issues.retain(|issue| !issue.is_pull);
    issues.sort_by_key(|issue| issue.number);
    Ok(issues.split_off(issues.len().saturating_sub(MOST_ISSUES)))
}

/// What people's labels say of them.
#[must_use]
pub fn lessons(issues: Vec<Issue>, config: &Config, state: &State) -> Lessons {
    let types = &config.labels.of_type;
    let mut lessons = Lessons::default();
    for issue in issues {
        let known = state.issues.get(&issue.number);
        let is_ours =
            |label: &str| known.is_some_and(|known| known.our_labels.iter().any(|ours| same(ours, label)));
        lessons.add((issue.title, issue.body), &issue.labels, |of| types.of(of), is_ours);
    }
    lessons
}

/// The model that the log names, if it is there and just what the log says.
///
/// # Errors
/// When the place where models are kept cannot be reached.
pub async fn usable(models: &dyn Models, named: &ModelLearned) -> Result<Option<Model>, Failure> {
    let bytes = models.read(&named.digest).await?.filter(|bytes| digest(bytes) == named.digest);
    Ok(bytes.and_then(|bytes| Model::decode(&bytes).ok()))
}

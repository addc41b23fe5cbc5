//! Task kind `learn`: learns anew from people's labels what issues are, and takes it in if it is not worse.

use super::analyse::knowledge;
use super::{Context, Done, LOST_LEASE, Services};
use crate::config::Config;
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::failure::Failure;
use crate::domain::input;
use crate::domain::learned::ModelLearned;
use crate::domain::state::State;
use crate::services::github::{Issue, IssueQuery};
use crate::services::models::Models;
use crate::triage::Area;
use crate::triage::learned::{Taught, digest};
use crate::triage::training::{self, Lessons, SetLessons, Text};

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
    let model = usable(models.as_ref(), &in_use).await?;
    let areas = areas(context.config);
    let chosen = match training::choose(&lessons, &areas, (model.as_ref(), Some(&in_use)), false) {
        Ok(chosen) => chosen,
        Err(too_little) => return told(false, &too_little),
    };
    let of = chosen.learned.told("labelled issue");
    if chosen.learned.digest == in_use.digest && chosen.is_taken {
        if model.is_none() {
            models.keep(&chosen.learned.digest, &chosen.bytes).await?;
        }
        return told(false, &format!("the labels teach what judges already: {of}"));
    }
    if !chosen.is_taken {
        return told(false, &format!("what judged before stays: {}", chosen.why_not()));
    }
    // What is thrown away now nobody has named since the one before the last.
    let kept: Vec<&str> =
        [Some(&in_use), former.as_ref()].into_iter().flatten().map(|of| of.digest.as_str()).collect();
    if let Err(failure) = models.tidy(&kept).await {
        tracing::warn!(%failure, "older models could not be thrown away; the next time does");
    }
    models.keep(&chosen.learned.digest, &chosen.bytes).await?;
    // From here on nothing is awaited: the log names it together with the end of this task, or not at all.
    context
        .journal
        .order(&context.task, &Actor::automata(), Command::Learned(chosen.learned))
        .map_err(|reason| Failure::permanent(LOST_LEASE, format!("the model was refused: {reason}")))?;
    told(true, &format!("what was learned anew judges from now on: {of}"))
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

/// The sets of labels that the configuration has learned, with nothing learned as yet.
#[must_use]
pub fn sets(config: &Config) -> Vec<SetLessons> {
    knowledge::sets(config).iter().map(|set| SetLessons::new(set)).collect()
}

/// The configured labels for what an issue names: what judges where nothing was learned.
#[must_use]
pub fn areas(config: &Config) -> Vec<Area> {
    knowledge::areas(config)
}

/// What people's labels say of them.
#[must_use]
pub fn lessons(issues: Vec<Issue>, config: &Config, state: &State) -> Lessons {
    let types = &config.labels.of_type;
    let mut lessons = Lessons { sets: sets(config), ..Lessons::default() };
    for issue in issues {
        let known = state.issues.get(&issue.number);
        let is_ours = |label: &str| known.is_some_and(|known| known.chose_label(label));
        lessons.add(Text { title: issue.title, body: issue.body }, &issue.labels, |of| types.of(of), is_ours);
    }
    lessons
}

/// The model that the log names, if it is there and just what the log says.
///
/// # Errors
/// When the place where models are kept cannot be reached.
pub async fn usable(models: &dyn Models, named: &ModelLearned) -> Result<Option<Taught>, Failure> {
    let bytes = models.read(&named.digest).await?.filter(|bytes| digest(bytes) == named.digest);
    Ok(bytes.and_then(|bytes| Taught::decode(&bytes).ok()))
}

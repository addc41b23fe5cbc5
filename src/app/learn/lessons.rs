//! Which labelled issues there are to learn from: of the repository, or of a file.

use std::path::Path;

use serde::Serialize;

use crate::app::failure::Ended;
use crate::app::session::Session;
use crate::app::triage::file;
use crate::app::world::World;
use crate::config::TypeLabels;
use crate::domain::count::counted;
use crate::domain::verdict::IssueType;
use crate::services::github::IssueQuery;

/// Issues that are looked at, the newest: older ones tell of a repository that was another one. The training itself takes
/// [`crate::triage::learned::MOST_ROWS`] of those with labels.
const MOST_ISSUES: usize = 3_000;

/// A labelled issue.
pub(super) struct Lesson {
    pub(super) of: IssueType,
    pub(super) title: String,
    pub(super) body: String,
    /// 0 for this repository, another number for each other.
    pub(super) home: usize,
}

/// Labelled issues, the oldest first, and how many others there were.
#[derive(Default)]
pub(super) struct Lessons {
    pub(super) rows: Vec<Lesson>,
    pub(super) left_out: LeftOut,
}

/// Issues that nothing is learned from.
#[derive(Debug, Default, Serialize)]
pub(super) struct LeftOut {
    /// They have no label of a type.
    untyped: usize,
    /// They have labels of several types.
    several: usize,
    /// Automata put the label there, and nobody touched it since: to learn from one's own word confirms it.
    ours: usize,
}

impl LeftOut {
    /// What there is to say of them.
    pub(super) fn told(&self) -> Vec<String> {
        let told = [
            (self.untyped, "without a label of a type"),
            (self.several, "with labels of several types"),
            (self.ours, "with a label that Automata put there itself"),
        ];
        told.into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, which)| format!("Left out: {} {which}.", counted(count, "issue", "issues")))
            .collect()
    }
}

/// The issues of the repository.
///
/// # Errors
/// When GitHub does not answer.
pub(super) async fn of_forge(world: &World, session: &Session) -> Result<Lessons, Ended> {
    let query = IssueQuery { since: None, open_only: false };
    let mut issues = world.services.github.issues(&query).await?;
    issues.retain(|issue| !issue.is_pull);
    issues.sort_by_key(|issue| issue.number);
    let newest = issues.split_off(issues.len().saturating_sub(MOST_ISSUES));
    let types = &world.config.labels.of_type;
    let state = session.state();
    let mut lessons = Lessons::default();
    for issue in newest {
        let is_ours = |label: &str| {
            let known = state.issues.get(&issue.number);
            known.is_some_and(|known| known.our_labels.iter().any(|ours| same(ours, label)))
        };
        let found: Vec<(IssueType, &str)> = IssueType::ALL
            .into_iter()
            .filter_map(|of| Some((of, types.of(of)?)))
            .filter(|(_, label)| issue.labels.iter().any(|there| same(there, label)))
            .collect();
        match found.as_slice() {
            [] => lessons.left_out.untyped += 1,
            [(_, label)] if is_ours(label) => lessons.left_out.ours += 1,
            [(of, _)] => {
                let of = *of;
                lessons.rows.push(Lesson { of, title: issue.title, body: issue.body, home: 0 });
            }
            _ => lessons.left_out.several += 1,
        }
    }
    Ok(lessons)
}

/// The issues of a file. Where it names repositories and this one among them, the others are siblings; where it does not
/// name this one, all count as its own.
///
/// # Errors
/// When it cannot be used.
pub(super) fn of_file(path: &Path, world: &World) -> Result<Lessons, Ended> {
    let rows = file::rows("--from", path)?;
    let here = world.repository.to_string().to_lowercase();
    let is_own = |repo: &str| repo.is_empty() || repo == here;
    let has_own = rows.iter().any(|row| is_own(&row.repo.to_lowercase()));
    let mut others: Vec<String> = Vec::new();
    let mut lessons = Lessons::default();
    for row in rows {
        let repo = row.repo.to_lowercase();
        let home = match others.iter().position(|other| *other == repo) {
            _ if !has_own || is_own(&repo) => 0,
            Some(known) => known + 1,
            None => {
                others.push(repo);
                others.len()
            }
        };
        match named(&row.label, &world.config.labels.of_type) {
            Some(of) => lessons.rows.push(Lesson { of, title: row.title, body: row.body, home }),
            None => lessons.left_out.untyped += 1,
        }
    }
    Ok(lessons)
}

/// The type that a label stands for, by the configuration or by its own name.
fn named(label: &str, types: &TypeLabels) -> Option<IssueType> {
    let configured =
        IssueType::ALL.into_iter().find(|of| types.of(*of).is_some_and(|name| same(name, label)));
    configured.or_else(|| IssueType::ALL.into_iter().find(|of| same(of.name(), label)))
}

fn same(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}

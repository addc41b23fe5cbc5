//! Labelled issues of a file, to learn from instead of the repository's own.

use std::path::Path;
use std::sync::Arc;

use crate::app::failure::Ended;
use crate::app::triage::file;
use crate::app::world::World;
use crate::config::TypeLabels;
use crate::domain::learned::same;
use crate::domain::verdict::IssueType;
use crate::tasks::learn as learning;
use crate::triage::training::{Lesson, Lessons, Text};

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
    let mut lessons = Lessons { sets: learning::sets(&world.config), ..Lessons::default() };
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
        let labels: Vec<String> = std::iter::once(row.label).chain(row.labels).collect();
        let text = Arc::new(Text { title: row.title, body: row.body });
        if home == 0 {
            lessons.sets.iter_mut().for_each(|set| set.add(&text, &labels, |_| false));
        }
        match labels.iter().find_map(|label| named(label, &world.config.labels.of_type)) {
            Some(of) => lessons.rows.push(Lesson { of, text, home }),
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

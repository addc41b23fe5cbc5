//! Who last touched the code that an issue names, where CODEOWNERS names nobody: a hint, weaker than an owner.

use std::collections::BTreeMap;

use crate::domain::actor::Actor;
use crate::domain::id::Login;
use crate::domain::verdict::{Analysis, Owner};
use crate::services::github::{FileCommit, GitHub};

/// Files asked about; each costs a request.
const FILES: usize = 3;
/// People named for one file.
const PEOPLE: usize = 2;
/// How sure it is that who wrote all of the last commits of a file looks after it: less than any default acts on.
const MOST: f64 = 0.55;
/// The same of somebody who wrote a small part of them.
const LEAST: f64 = 0.3;

/// Adds them to an analysis that has found places and no owners. That they cannot be told now holds nothing up.
pub(in crate::tasks) async fn add(github: &dyn GitHub, analysis: &mut Analysis) {
    if analysis.owners.is_empty() {
        let commits = commits(github, analysis).await;
        name(&commits, analysis);
    }
}

/// The last commits of the files that an analysis found, as far as they can be told now.
pub(in crate::tasks) async fn commits(
    github: &dyn GitHub,
    analysis: &Analysis,
) -> Vec<(String, Vec<FileCommit>)> {
    let mut files: Vec<String> = Vec::new();
    for place in &analysis.places {
        if !files.contains(&place.path) && files.len() < FILES {
            files.push(place.path.clone());
        }
    }
    let mut told = Vec::new();
    for file in files {
        match github.commits_of(&file).await {
            Ok(commits) => told.push((file, commits)),
            Err(failure) => {
                tracing::info!(%failure, "who last touched the code cannot be told now");
                break;
            }
        }
    }
    told
}

/// Names who wrote these commits, where an analysis has found no owners.
pub(in crate::tasks) fn name(commits: &[(String, Vec<FileCommit>)], analysis: &mut Analysis) {
    if !analysis.owners.is_empty() {
        return;
    }
    for (file, commits) in commits {
        let authors: Vec<Actor> = commits.iter().filter_map(|commit| commit.author.clone()).collect();
        for owner in owners(file, &authors) {
            if analysis.owners.iter().all(|known| known.name != owner.name) {
                analysis.owners.push(owner);
            }
        }
    }
}

/// The people with the most of a file's last commits, whoever wrote the newest of them first among equals.
fn owners(file: &str, authors: &[Actor]) -> Vec<Owner> {
    let people: Vec<&Login> =
        authors.iter().filter(|author| author.is_person()).map(|author| &author.login).collect();
    let mut counts: BTreeMap<&Login, (usize, usize)> = BTreeMap::new();
    for (age, login) in people.iter().enumerate() {
        counts.entry(login).or_insert((0, age)).0 += 1;
    }
    let mut ranked: Vec<(&Login, usize, usize)> =
        counts.into_iter().map(|(login, (count, age))| (login, count, age)).collect();
    ranked.sort_by_key(|(_, count, age)| (std::cmp::Reverse(*count), *age));
    let all = people.len();
    ranked
        .into_iter()
        .take(PEOPLE)
        .map(|(login, count, _)| Owner {
            name: login.clone(),
            reason: format!("They wrote {count} of the last {all} commits of `{file}`."),
            confidence: confidence(count, all),
        })
        .collect()
}

#[expect(clippy::cast_precision_loss, reason = "a handful of commits")]
fn confidence(count: usize, all: usize) -> f64 {
    LEAST + (MOST - LEAST) * (count as f64 / all.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wrote_most_comes_first_and_bots_are_nobody() {
        let bot = Actor { kind: crate::domain::actor::ActorKind::Bot, login: Login::new("x[bot]") };
        let authors: Vec<Actor> =
            ["otto", "mona", "mona", "carol"].map(Actor::person).into_iter().chain([bot]).collect();
        let told: Vec<String> = owners("src/a.rs", &authors)
            .iter()
            .map(|owner| format!("{} {:.4}: {}", owner.name, owner.confidence, owner.reason))
            .collect();
        insta::assert_snapshot!(told.join("\n"), @"
        mona 0.4250: They wrote 2 of the last 4 commits of `src/a.rs`.
        otto 0.3625: They wrote 1 of the last 4 commits of `src/a.rs`.
        ");
    }
}

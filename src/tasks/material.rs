//! Gathers what an assistant is told, before any model is asked: the issue, what was said, the code it names and what was
//! done there last, similar issues, the repository's own instructions.

use std::collections::BTreeMap;

use super::Services;
use super::analyse::{knowledge, learned, touched};
use super::as_of::is_since;
use super::rights::Rights;
use crate::config::Config;
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, RepositoryName};
use crate::domain::learned::ModelLearned;
use crate::domain::spec::AsOf;
use crate::domain::state::State;
use crate::domain::verdict::{Analysis, CodePlace};
use crate::report::comment::Marker;
use crate::report::prompt::{CodeLines, GUIDES, Guide, Material, RecentCommits, Said};
use crate::services::git::Code;
use crate::services::github::{Comment, FileCommit, GitHub, Issue};
use crate::triage::{self, IssueText, KnownIssue, RepositoryKnowledge};

/// Comments that are read, the newest ones. A hundred are a page of GitHub's answer and more than a prompt holds.
const COMMENTS: usize = 100;
/// Lines shown before and after a line that the text names.
const AROUND: usize = 12;
/// Lines shown of a file whose name alone is known.
const BEGINNING: usize = 40;
/// Places of which lines are shown.
const PLACES: usize = 8;
/// Subjects of commits that are shown of a file: older ones are history.
const SUBJECTS: usize = 5;
/// Bytes of a guide that are read.
const GUIDE_BYTES: usize = 64 * 1024;

/// What the log knows that an analysis goes by.
#[derive(Debug, Default)]
pub struct Known {
    /// What other issues are about, to compare with.
    others: Vec<KnownIssue>,
    /// Their titles, as far as they are remembered.
    titles: BTreeMap<IssueNumber, String>,
    /// The model that was learned last.
    learned: Option<ModelLearned>,
}

/// What the log knows that an analysis goes by.
#[must_use]
pub fn known(state: &State, config: &Config) -> Known {
    let titles = state.issues.iter().map(|(number, issue)| (*number, issue.title.clone())).collect();
    Known { others: knowledge::others(state, config), titles, learned: state.learned.clone() }
}

/// Gathers all that a prompt about an issue is made of. It only reads, and asks no assistant. `known` is what [`known()`]
/// tells. What others than people with write access wrote or changed since `as_of` is left out.
///
/// # Errors
/// Whatever the forge or the repository fails with for now. A repository without code has issues too.
pub async fn gather(
    services: &Services,
    repository: Option<RepositoryName>,
    issue: &Issue,
    known: Known,
    as_of: Option<&AsOf>,
) -> Result<Material, Failure> {
    let text = IssueText { title: &issue.title, body: &issue.body };
    let (code, github) = (services.code.as_ref(), services.github.as_ref());
    let Known { others, titles, learned } = known;
    let (knowledge, comments, learned) = futures_util::join!(
        knowledge::read_code(code, &text),
        github.comments(issue.number, None),
        learned::read(services, learned)
    );
    let (number, learned) = (Some(issue.number), learned?);
    let knowledge = RepositoryKnowledge { others, number, learned: learned.model, ..knowledge?.0 };
    let mut analysis = triage::analyse(&text, &knowledge);
    if let (Some(without), Some(found)) = (learned.without, &mut analysis.issue_type) {
        found.reasons.push(without);
    }
    let commits = touched::commits(github, &analysis).await;
    touched::name(&commits, &mut analysis);
    let excerpts = analysis
        .places
        .iter()
        .take(PLACES)
        .filter_map(|place| lines_at(place, &knowledge.contents))
        .collect();
    Ok(Material {
        repository,
        number: issue.number,
        title: issue.title.clone(),
        said: said(github, issue, comments?, as_of).await?,
        guides: guides(code, &knowledge.paths).await?,
        titles: titles_of(&analysis, titles),
        commits: commits.into_iter().map(subjects).collect(),
        analysis,
        excerpts,
    })
}

/// The titles of the similar issues.
fn titles_of(analysis: &Analysis, mut known: BTreeMap<IssueNumber, String>) -> BTreeMap<IssueNumber, String> {
    known.retain(|number, _| analysis.similar.iter().any(|similar| similar.number == *number));
    known
}

/// What the last commits of a file say that they did.
fn subjects((path, commits): (String, Vec<FileCommit>)) -> RecentCommits {
    let subjects = commits.into_iter().map(|commit| commit.subject).filter(|subject| !subject.is_empty());
    RecentCommits { path, subjects: subjects.take(SUBJECTS).collect() }
}

/// What was said, without our own status comment.
async fn said(
    github: &dyn GitHub,
    issue: &Issue,
    mut comments: Vec<Comment>,
    as_of: Option<&AsOf>,
) -> Result<Vec<Said>, Failure> {
    comments.retain(|comment| Marker::find(&comment.body, issue.number).is_none());
    comments.drain(..comments.len().saturating_sub(COMMENTS));
    let mut rights = Rights::new(github);
    let mut told = vec![(&issue.author.login, "the issue".to_owned(), &issue.body, false)];
    told.extend(comments.iter().map(|comment| {
        let place = format!("a comment of {}", &comment.created_at.to_string()[..10]);
        (&comment.author.login, place, &comment.body, is_since(comment.updated_at, as_of))
    }));
    // Where there are too many to be asked about, the newest of them are: they say what is so now.
    let people = told.iter().take(1).chain(told.iter().skip(1).rev());
    for (login, ..) in people {
        rights.can_write(login).await?;
    }
    let mut said = Vec::new();
    for (login, place, body, is_since) in told {
        let is_trusted = rights.can_write(login).await?;
        if is_since && !is_trusted {
            continue;
        }
        said.push(Said { author: login.to_string(), place, body: body.clone(), is_trusted });
    }
    Ok(said)
}

/// The repository's own instructions, from its default branch: what a pull request brings along does not count.
async fn guides(code: &dyn Code, paths: &[String]) -> Result<Vec<Guide>, Failure> {
    let mut found: Vec<&str> = Vec::new();
    for guide in GUIDES {
        let places = [guide.to_owned(), format!(".github/{guide}"), format!("docs/{guide}")];
        found.extend(
            places.iter().find_map(|place| paths.iter().find(|path| *path == place)).map(String::as_str),
        );
    }
    let read = if found.is_empty() { Vec::new() } else { code.read(&found).await? };
    let text = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).ok()?;
        Some(text[..text.floor_char_boundary(GUIDE_BYTES)].to_owned())
    };
    let guide = |(path, bytes): (&&str, Option<Vec<u8>>)| {
        Some(Guide { path: (*path).to_owned(), text: text(bytes?)? })
    };
    Ok(found.iter().zip(read).filter_map(guide).collect())
}

/// The lines around a place, or the beginning of its file.
fn lines_at(place: &CodePlace, contents: &BTreeMap<String, String>) -> Option<CodeLines> {
    let content = contents.get(&place.path)?;
    let (first, count) = match place.line.and_then(|line| usize::try_from(line).ok()) {
        Some(line) => {
            let first = line.saturating_sub(AROUND).max(1);
            (first, line + AROUND + 1 - first)
        }
        None => (1, BEGINNING),
    };
    let lines: Vec<String> = content.lines().skip(first - 1).take(count).map(str::to_owned).collect();
    let is_empty = lines.is_empty();
    (!is_empty).then(|| CodeLines { path: place.path.clone(), first: first as u64, lines })
}

//! What a scene left where people look: the reasons of triage, the answer to a command, the threads of a review.

use super::scenes::Shows;
use super::telling::page;
use crate::app::failure::Ended;
use crate::app::session;
use crate::app::world::World;
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::untrusted::one_line;
use crate::domain::verdict::{Analysis, Finding};
use crate::services::github::GitHub;

/// Reasons of a finding that are shown: the first ones weigh most.
const REASONS: usize = 2;
/// Lines of an answer that are shown.
const LINES: usize = 10;
/// Digits of a commit, and of one that is shortened.
const COMMIT: usize = 40;
const SHORT: usize = 8;
/// Width of a line.
const WIDE: usize = 88;

/// A few lines on it; none where there is nothing to show.
pub(super) async fn of(shows: Shows, number: IssueNumber, world: &World) -> Result<Vec<String>, Ended> {
    let github = world.services.github.as_ref();
    Ok(match shows {
        Shows::Nothing => Vec::new(),
        Shows::Reasons => {
            let (state, _) = session::read(world.log()?.as_ref()).await?;
            let analysis = state.issues.get(&number).and_then(|issue| issue.analysis.as_ref());
            let mut lines = analysis.map(reasons).unwrap_or_default();
            lines.extend(refusals(github, number).await?);
            lines
        }
        Shows::Answer => answer(github, number).await?,
        Shows::Threads => threads(github, number).await?,
    })
}

/// What was found, how sure that is, and why.
fn reasons(analysis: &Analysis) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(found) = &analysis.issue_type {
        lines.extend(finding(found.value.name(), found));
    }
    if let Some(found) = &analysis.urgency {
        lines.extend(finding(found.value.name(), found));
    }
    if let Some(owner) = analysis.owners.first() {
        lines.push(one_line(&format!("owner {}: {}", owner.name, owner.reason), WIDE));
    }
    lines
}

fn finding<T>(name: &str, found: &Finding<T>) -> Vec<String> {
    let sure = format!("{name}, {:.0} % sure:", found.confidence.clamp(0.0, 1.0) * 100.0);
    let reasons = found.reasons.iter().take(REASONS).map(|reason| reason.as_str()).collect::<Vec<_>>();
    vec![one_line(&format!("{sure} {}", reasons.join(" ")), WIDE)]
}

/// What the status comment says was not done.
async fn refusals(github: &dyn GitHub, number: IssueNumber) -> Result<Vec<String>, Failure> {
    let told = status_comment(github, number).await?.into_iter();
    let refusals = told.filter_map(|line| Some(line.strip_prefix("- ")?.to_owned()));
    let refusals = refusals.filter(|line| line.starts_with("The change was not made"));
    Ok(refusals.map(|line| one_line(&line, WIDE)).collect())
}

/// The lines of our status comment.
async fn status_comment(github: &dyn GitHub, number: IssueNumber) -> Result<Vec<String>, Failure> {
    let (myself, comments) = (github.myself().await?, github.comments(number, None).await?);
    let ours = comments.into_iter().find(|comment| comment.author.login == myself.login);
    Ok(ours.map(|comment| page(&comment.body)).unwrap_or_default())
}

/// What the status comment answers.
async fn answer(github: &dyn GitHub, number: IssueNumber) -> Result<Vec<String>, Failure> {
    let lines = status_comment(github, number).await?;
    let answer = lines.into_iter().take_while(|line| !line.starts_with("**"));
    Ok(answer.filter(|line| !line.is_empty()).take(LINES).map(|line| one_line(&line, WIDE)).collect())
}

/// What was said in the threads of a pull request, and answered.
async fn threads(github: &dyn GitHub, pull: IssueNumber) -> Result<Vec<String>, Failure> {
    let comments = github.line_comments(pull).await?;
    let said = comments.into_iter().map(|comment| {
        let line = comment.line.map(|line| format!(":{line}")).unwrap_or_default();
        let text = page(&comment.body).join(" ");
        let place =
            if comment.id == comment.thread { format!(" at {}{line}", comment.path) } else { String::new() };
        one_line(&format!("{}{place}: {}", comment.author.login, abbreviated(&text)), WIDE)
    });
    Ok(said.collect())
}

/// A text with its commits shortened, as git shows them.
fn abbreviated(text: &str) -> String {
    let short = |word: &str| {
        let bare = word.trim_end_matches(':');
        let is_commit = bare.len() == COMMIT && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_commit { format!("{}{}", &bare[..SHORT], &word[COMMIT..]) } else { word.to_owned() }
    };
    text.split(' ').map(short).collect::<Vec<_>>().join(" ")
}

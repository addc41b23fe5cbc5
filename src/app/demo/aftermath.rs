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
            analysis.map(reasons).unwrap_or_default()
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

/// What the status comment answers.
async fn answer(github: &dyn GitHub, number: IssueNumber) -> Result<Vec<String>, Failure> {
    let (myself, comments) = (github.myself().await?, github.comments(number, None).await?);
    let ours = comments.into_iter().find(|comment| comment.author.login == myself.login);
    let lines = ours.map(|comment| page(&comment.body)).unwrap_or_default();
    let answer = lines.into_iter().take_while(|line| !line.starts_with("**"));
    Ok(answer.filter(|line| !line.is_empty()).take(LINES).map(|line| one_line(&line, WIDE)).collect())
}

/// What was said in the threads of a pull request, and answered.
async fn threads(github: &dyn GitHub, pull: IssueNumber) -> Result<Vec<String>, Failure> {
    let comments = github.line_comments(pull).await?;
    let said = comments.into_iter().map(|comment| {
        let line = comment.line.map(|line| format!(":{line}")).unwrap_or_default();
        let text = page(&comment.body).join(" ");
        one_line(&format!("{}{line} | {}: {text}", comment.path, comment.author.login), WIDE)
    });
    Ok(said.collect())
}

//! Task kind `drive_issue`: opens an issue about something that changed in Drive, or says it in the one that is open.

use super::{Announcement, Context, Done};
use crate::domain::effect::EffectKind;
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::trigger::OpenState;
use crate::domain::untrusted::one_line;
use crate::domain::{input, receipt};
use crate::report::drive;
use crate::services::github::{Issue, IssueQuery};

/// The step that says it.
const STEP: &str = "drive_issue";
/// Characters of a title that GitHub takes.
const TITLE: usize = 256;

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let wanted: input::DriveIssue = context.input()?;
    let github = &context.services.github;
    let me = github.myself().await?.login;
    let found = open_one(context, &wanted, &me).await?;
    let signature = drive::signature(&context.task.id);
    let is_ours = |issue: &Issue| first_line(&issue.body).contains(&signature);
    let left = |number: IssueNumber, url: String| receipt::DriveIssue {
        number,
        key: wanted.key.to_string(),
        url,
        findings: 0,
    };
    let receipt = match found.filter(|issue| !is_ours(issue)) {
        Some(issue) => {
            let text = drive::again(wanted.key, &wanted.change, &context.task.id);
            let announcement = Announcement {
                step: STEP,
                kind: EffectKind::DriveIssue,
                target: format!("issue/{}", issue.number),
                detail: format!("{}: {}", one_line(&wanted.change.place, TITLE), wanted.change.what),
            };
            context
                .effect(
                    announcement,
                    async || {
                        let said = github.comments(issue.number, None).await?.into_iter();
                        let mut ours = said.filter(|comment| comment.author.login == me);
                        let said = ours.find(|comment| first_line(&comment.body).contains(&signature));
                        Ok(said.map(|comment| left(issue.number, comment.url)))
                    },
                    async || {
                        let comment = github.create_comment(issue.number, &text).await?;
                        Ok(left(issue.number, comment.url))
                    },
                )
                .await?
        }
        None => {
            let title = one_line(&wanted.title, TITLE);
            let text = drive::opening(wanted.key, &wanted.change, &context.task.id);
            let announcement = Announcement {
                step: STEP,
                kind: EffectKind::DriveIssue,
                target: format!("drive/{}", wanted.key),
                detail: title.clone(),
            };
            context
                .effect(
                    announcement,
                    async || {
                        let found = open_one(context, &wanted, &me).await?.filter(is_ours);
                        Ok(found.map(|issue| left(issue.number, issue.url)))
                    },
                    async || {
                        let issue = github.open_issue(&title, &text, &wanted.labels).await?;
                        Ok(left(issue.number, issue.url))
                    },
                )
                .await?
        }
    };
    Done::with(&receipt, Vec::new())
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// The open issue that is kept about it: the one that is known, else one with our mark. What others marked so is not.
async fn open_one(
    context: &Context<'_>,
    wanted: &input::DriveIssue,
    me: &Login,
) -> Result<Option<Issue>, Failure> {
    let github = &context.services.github;
    let marker = drive::marker(wanted.key);
    let is_it = |issue: &Issue| {
        issue.state == OpenState::Open
            && !issue.is_pull
            && issue.author.login == *me
            && first_line(&issue.body).starts_with(&marker)
    };
    let known = context.journal.state().watched.issues.get(wanted.key.as_str()).copied();
    if let Some(number) = known
        && let Some(issue) = github.issue(number).await?.filter(is_it)
    {
        return Ok(Some(issue));
    }
    let open = github.issues(&IssueQuery { since: None, open_only: true }).await?;
    Ok(open.into_iter().filter(is_it).min_by_key(|issue| issue.number))
}

//! From GitHub's shapes to our facts: text is cut to a size, names and times get their types.

use super::IntakeContext;
use super::origin::author;
use super::shape;
use crate::config;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;
use crate::domain::trigger::{CommentFacts, IssueFacts, OpenState, PullFacts, ReviewFacts};
use crate::domain::untrusted::Excerpt;

/// The first text that is a time.
pub(super) fn time(texts: &[&str]) -> Option<Timestamp> {
    texts.iter().find_map(|text| text.parse().ok())
}

fn state(text: &str) -> OpenState {
    if text.eq_ignore_ascii_case("closed") { OpenState::Closed } else { OpenState::Open }
}

fn names(labels: &[shape::Lenient<Option<shape::Named>>]) -> Vec<String> {
    labels.iter().filter_map(|label| label.0.as_ref()).map(|label| label.name.clone()).collect()
}

pub(super) fn issue(issue: &shape::Issue, context: &IntakeContext) -> IssueFacts {
    let created_at = time(&[&issue.created_at.0, &issue.updated_at.0]).unwrap_or(context.received_at);
    IssueFacts {
        number: IssueNumber(issue.number),
        title: Excerpt::title(&issue.title.0),
        body: Excerpt::body(&issue.body.0),
        written: Some(config::text_digest(&issue.title.0, &issue.body.0)),
        author: author(issue.user.0.as_ref(), issue.performed_via_github_app.0.as_ref(), context),
        state: state(&issue.state.0),
        labels: names(&issue.labels.0),
        assignees: issue
            .assignees
            .0
            .iter()
            .filter_map(|one| Some(Login::new(&one.0.as_ref()?.login)))
            .collect(),
        is_pull: issue.pull_request.0.is_some(),
        created_at,
        updated_at: time(&[&issue.updated_at.0]).unwrap_or(created_at),
    }
}

/// The subject of something about this issue, which may be a pull request in an issue's clothes.
pub(super) const fn subject(issue: &IssueFacts) -> Subject {
    if issue.is_pull { Subject::Pull(issue.number) } else { Subject::Issue(issue.number) }
}

pub(super) fn comment(comment: &shape::Comment, context: &IntakeContext) -> CommentFacts {
    CommentFacts {
        id: comment.id,
        author: author(comment.user.0.as_ref(), comment.performed_via_github_app.0.as_ref(), context),
        body: Excerpt::body(&comment.body.0),
        created_at: time(&[&comment.created_at.0, &comment.updated_at.0]).unwrap_or(context.received_at),
    }
}

pub(super) fn pull(pull: &shape::Pull, context: &IntakeContext) -> PullFacts {
    PullFacts {
        number: IssueNumber(pull.number),
        title: Excerpt::title(&pull.title.0),
        body: Excerpt::body(&pull.body.0),
        written: Some(config::text_digest(&pull.title.0, &pull.body.0)),
        author: author(pull.user.0.as_ref(), None, context),
        state: state(&pull.state.0),
        merged: pull.merged.0 || pull.merged_at.0.is_some(),
        draft: pull.draft.0,
        head: pull.head.branch.clone(),
        head_commit: pull.head.sha.clone(),
        base: pull.base.branch.clone(),
        from_fork: from_fork(pull),
        labels: names(&pull.labels.0),
    }
}

/// A head whose repository is unknown may be anybody's, so it counts as a fork.
fn from_fork(pull: &shape::Pull) -> bool {
    match (&pull.head.repo.0, &pull.base.repo.0) {
        (Some(head), Some(base)) => !head.full_name.eq_ignore_ascii_case(&base.full_name),
        _ => true,
    }
}

pub(super) fn review(review: &shape::Review, context: &IntakeContext) -> ReviewFacts {
    ReviewFacts {
        id: review.id,
        author: author(review.user.0.as_ref(), None, context),
        // GitHub writes the state in capitals in some answers and not in others.
        state: review.state.0.to_ascii_lowercase(),
        body: Excerpt::body(&review.body.0),
    }
}

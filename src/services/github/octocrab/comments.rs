//! Comments on issues and pull requests.

use http::Method;
use serde_json::json;

use super::address::with_query;
use super::{Api, ISSUES_READ, ISSUES_WRITE, PAGE, shapes, whole_seconds};
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::time::Timestamp;
use crate::services::github::{Comment, body};

impl Api {
    pub(super) async fn list_comments(
        &self,
        issue: IssueNumber,
        since: Option<Timestamp>,
    ) -> Result<Vec<Comment>, Failure> {
        let since = since.map(whole_seconds);
        let mut pairs = vec![PAGE];
        pairs.extend(since.as_deref().map(|since| ("since", since)));
        let route = with_query(&self.issue_route(issue, &["comments"])?, &pairs);
        let mut comments: Vec<Comment> = self
            .exchange
            .list::<shapes::Comment>(&route, ISSUES_READ)
            .await?
            .into_iter()
            .map(Comment::from)
            .collect();
        comments.sort_by_key(|comment| comment.id);
        comments.dedup_by_key(|comment| comment.id);
        Ok(comments)
    }

    pub(super) async fn read_comment(&self, comment: u64) -> Result<Option<Comment>, Failure> {
        let route = self.route(&["issues", "comments", &comment.to_string()])?;
        let answer = self.exchange.get(&route, ISSUES_READ).await?;
        if answer.is_gone() {
            return Ok(None);
        }
        Ok(Some(self.exchange.success(answer, ISSUES_READ)?.json::<shapes::Comment>()?.into()))
    }

    pub(super) async fn write_comment(&self, issue: IssueNumber, text: &str) -> Result<Comment, Failure> {
        body::check(text)?;
        let route = self.issue_route(issue, &["comments"])?;
        let answer =
            self.exchange.write(Method::POST, &route, Some(&json!({ "body": text })), ISSUES_WRITE).await?;
        Ok(self.exchange.success(answer, ISSUES_WRITE)?.json::<shapes::Comment>()?.into())
    }

    pub(super) async fn rewrite_comment(&self, comment: u64, text: &str) -> Result<Option<Comment>, Failure> {
        body::check(text)?;
        let route = self.route(&["issues", "comments", &comment.to_string()])?;
        let answer =
            self.exchange.write(Method::PATCH, &route, Some(&json!({ "body": text })), ISSUES_WRITE).await?;
        if answer.is_gone() {
            return Ok(None);
        }
        Ok(Some(self.exchange.success(answer, ISSUES_WRITE)?.json::<shapes::Comment>()?.into()))
    }

    pub(super) async fn take_comment_away(&self, comment: u64) -> Result<(), Failure> {
        let route = self.route(&["issues", "comments", &comment.to_string()])?;
        let answer = self.exchange.write(Method::DELETE, &route, None, ISSUES_WRITE).await?;
        if answer.is_gone() {
            return Ok(());
        }
        self.exchange.success(answer, ISSUES_WRITE).map(drop)
    }
}

//! Labels and assignees: added and removed one by one, never set as a whole.

use http::{Method, StatusCode};
use serde_json::json;

use super::address::with_query;
use super::{Api, ISSUES_READ, ISSUES_WRITE, PAGE, refusal, shapes};
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login};
use crate::services::github::{Issue, Label};

impl Api {
    pub(super) async fn list_labels(&self) -> Result<Vec<Label>, Failure> {
        let route = with_query(&self.route(&["labels"])?, &[PAGE]);
        let labels: Vec<shapes::Label> = self.exchange.list(&route, ISSUES_READ).await?;
        Ok(labels.into_iter().map(Label::from).collect())
    }

    pub(super) async fn make_label(&self, label: &Label) -> Result<(), Failure> {
        let new = json!({ "name": label.name, "color": label.color, "description": label.description });
        let answer =
            self.exchange.write(Method::POST, &self.route(&["labels"])?, Some(&new), ISSUES_WRITE).await?;
        let exists = answer.status == StatusCode::UNPROCESSABLE_ENTITY
            && refusal::Words::read(&answer.body).has_code("already_exists");
        if exists {
            return Ok(());
        }
        self.exchange.success(answer, ISSUES_WRITE).map(drop)
    }

    pub(super) async fn put_labels_on(
        &self,
        issue: IssueNumber,
        names: &[String],
    ) -> Result<Vec<String>, Failure> {
        // GitHub refuses an empty list; nothing to add is nothing to write.
        if names.is_empty() {
            return Ok(self.required_issue(issue).await?.labels);
        }
        let route = self.issue_route(issue, &["labels"])?;
        let answer = self
            .exchange
            .write(Method::POST, &route, Some(&json!({ "labels": names })), ISSUES_WRITE)
            .await?;
        let labels: Vec<shapes::Label> = self.exchange.success(answer, ISSUES_WRITE)?.json()?;
        Ok(labels.into_iter().map(|label| label.name).collect())
    }

    pub(super) async fn take_label_off(&self, issue: IssueNumber, name: &str) -> Result<(), Failure> {
        let route = self.issue_route(issue, &["labels", name])?;
        let answer = self.exchange.write(Method::DELETE, &route, None, ISSUES_WRITE).await?;
        if answer.status == StatusCode::NOT_FOUND {
            // No such label on the issue, or no such issue for this token: only the first is no failure.
            return self.required_issue(issue).await.map(drop);
        }
        self.exchange.success(answer, ISSUES_WRITE).map(drop)
    }

    pub(super) async fn assign(&self, issue: IssueNumber, logins: &[Login]) -> Result<Vec<Login>, Failure> {
        if logins.is_empty() {
            return Ok(self.required_issue(issue).await?.assignees);
        }
        let route = self.issue_route(issue, &["assignees"])?;
        let names: Vec<&str> = logins.iter().map(Login::as_str).collect();
        let answer = self
            .exchange
            .write(Method::POST, &route, Some(&json!({ "assignees": names })), ISSUES_WRITE)
            .await?;
        let issue: Issue = self.exchange.success(answer, ISSUES_WRITE)?.json::<shapes::Issue>()?.into();
        Ok(issue.assignees)
    }

    pub(super) async fn unassign(&self, issue: IssueNumber, logins: &[Login]) -> Result<(), Failure> {
        if logins.is_empty() {
            return Ok(());
        }
        let route = self.issue_route(issue, &["assignees"])?;
        let names: Vec<&str> = logins.iter().map(Login::as_str).collect();
        let wanted = json!({ "assignees": names });
        let answer = self.exchange.write(Method::DELETE, &route, Some(&wanted), ISSUES_WRITE).await?;
        self.exchange.success(answer, ISSUES_WRITE).map(drop)
    }
}

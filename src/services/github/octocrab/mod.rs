//! GitHub itself, over its REST API through octocrab: github.com and GitHub Enterprise Server.

mod address;
mod checks;
mod comments;
mod documents;
mod exchange;
mod field_value;
mod graphql;
mod issue_fields;
mod labels;
mod limits;
mod links;
mod logs;
mod making;
mod own_check;
mod planning;
mod projects;
mod pulls;
mod reach;
mod refusal;
mod remembered;
mod reviews;
mod shapes;
mod signing;
mod tending;
mod viewer;
mod wire;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Method, StatusCode};
use octocrab::{AuthState, OctocrabBuilder};
use serde_json::json;
use tokio::sync::OnceCell;

use self::address::{Base, repository_route, with_query};
use self::exchange::Exchange;
use super::{
    Checks, Comment, FailedCheck, FieldBack, FieldSet, FieldValue, FileCommit, GitHub, Issue, IssueQuery,
    Label, LineComment, Listing, Looked, NewPullRequest, Opened, PullRequest, PullState, Reaction,
    Repository, Review, RunState, body,
};
use crate::domain::actor::{Actor, Permission};
use crate::domain::event::ApiBudget;
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, IssueNumber, Login, RepositoryName, RunId};
use crate::domain::reach::Seen;
use crate::domain::time::Timestamp;
use crate::services::clock::Clock;
use crate::services::credential::Credential;

/// The lines under `permissions:` that calls need.
const ISSUES_READ: &str = "issues: read";
const ISSUES_WRITE: &str = "issues: write";
const PULLS_READ: &str = "pull-requests: read";
const PULLS_WRITE: &str = "pull-requests: write";
const CONTENTS_READ: &str = "contents: read";
const CONTENTS_WRITE: &str = "contents: write";
const ACTIONS_READ: &str = "actions: read";
const ACTIONS_WRITE: &str = "actions: write";
const CHECKS_READ: &str = "checks: read";
const CHECKS_WRITE: &str = "checks: write";
const STATUSES_READ: &str = "statuses: read";
/// The most that GitHub puts on a page.
const PAGE: (&str, &str) = ("per_page", "100");

/// Whose API, for which repository, with which token.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The repository worked for.
    pub repository: RepositoryName,
    /// The value of `GITHUB_API_URL`: `https://api.github.com`, or `https://HOST/api/v3`.
    pub api_url: String,
    /// With what it is asked.
    pub credential: Arc<Credential>,
}

/// Where GraphQL questions go, by the value of `GITHUB_API_URL`.
///
/// # Errors
/// Permanent, when it is no address.
pub fn graphql_url(api_url: &str) -> Result<String, Failure> {
    Ok(Base::parse(api_url)?.graphql())
}

/// One repository on GitHub.
pub struct Api {
    repository: RepositoryName,
    exchange: Exchange,
    graphql: String,
    logs: logs::Logs,
    fetcher: making::Fetcher,
    credential: Arc<Credential>,
    protection: signing::Protection,
    myself: OnceCell<Actor>,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("repository", &self.repository).finish_non_exhaustive()
    }
}

impl Api {
    /// Sets everything up; nothing is sent yet. Call it inside a tokio runtime, which octocrab needs for
    /// its queue. `client` brings proxy, certificates and time-outs; it must have a time-out.
    ///
    /// # Errors
    /// Permanent, when the address cannot be used at all.
    pub fn new(setup: &Setup, client: reqwest::Client, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let base = Base::parse(&setup.api_url)?;
        let graphql = base.graphql();
        let credential = &setup.credential;
        let logs = logs::Logs::new(client.clone(), base.clone(), Arc::clone(credential));
        let fetcher = making::Fetcher::new(client.clone(), base.clone(), Arc::clone(credential));
        let wire = wire::Wire { client, base, credential: Arc::clone(credential) };
        let built = OctocrabBuilder::new_empty().with_service(wire).with_auth(AuthState::None).build();
        let octocrab = match built {
            Ok(octocrab) => octocrab,
            Err(never) => match never {},
        };
        Ok(Self {
            repository: setup.repository.clone(),
            exchange: Exchange::new(octocrab, clock),
            graphql,
            logs,
            fetcher,
            credential: Arc::clone(credential),
            protection: signing::Protection::default(),
            myself: OnceCell::new(),
        })
    }

    fn route(&self, segments: &[&str]) -> Result<String, Failure> {
        repository_route(&self.repository, segments)
    }

    fn issue_route(&self, issue: IssueNumber, rest: &[&str]) -> Result<String, Failure> {
        let number = issue.to_string();
        self.route(&[&["issues", number.as_str()], rest].concat())
    }

    pub(super) async fn change_issue(
        &self,
        issue: IssueNumber,
        change: &serde_json::Value,
    ) -> Result<Issue, Failure> {
        let route = self.issue_route(issue, &[])?;
        let answer = self.exchange.write(Method::PATCH, &route, Some(change), ISSUES_WRITE).await?;
        Ok(self.exchange.success(answer, ISSUES_WRITE)?.json::<shapes::Issue>()?.into())
    }

    async fn required_issue(&self, number: IssueNumber) -> Result<Issue, Failure> {
        let answer = self.exchange.get(&self.issue_route(number, &[])?, ISSUES_READ).await?;
        Ok(self.exchange.success(answer, ISSUES_READ)?.json::<shapes::Issue>()?.into())
    }
}

#[async_trait]
impl GitHub for Api {
    async fn myself(&self) -> Result<Actor, Failure> {
        self.myself.get_or_try_init(|| viewer::ask(&self.exchange, &self.graphql)).await.cloned()
    }

    async fn look_around(&self, projects: &[u64]) -> Result<Option<Seen>, Failure> {
        reach::seen(self, projects).await.map(Some)
    }

    async fn repository(&self) -> Result<Repository, Failure> {
        let answer = self.exchange.get(&self.route(&[])?, CONTENTS_READ).await?;
        Ok(self.exchange.success(answer, CONTENTS_READ)?.json::<shapes::Repository>()?.into())
    }

    async fn permission(&self, login: &Login) -> Result<Permission, Failure> {
        let route = self.route(&["collaborators", login.as_str(), "permission"])?;
        let answer = self.exchange.get(&route, CONTENTS_READ).await?;
        // 404 "… is not a user": an App, or an account that is gone.
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(Permission::None);
        }
        Ok(self.exchange.success(answer, CONTENTS_READ)?.json::<shapes::Role>()?.into())
    }

    async fn issue(&self, number: IssueNumber) -> Result<Option<Issue>, Failure> {
        let answer = self.exchange.get(&self.issue_route(number, &[])?, ISSUES_READ).await?;
        if answer.is_gone() {
            return Ok(None);
        }
        let issue: Issue = self.exchange.success(answer, ISSUES_READ)?.json::<shapes::Issue>()?.into();
        // A transferred issue redirects to the other repository's, which has a number of its own.
        Ok(Some(issue).filter(|issue| issue.number == number))
    }

    async fn issues(&self, query: &IssueQuery) -> Result<Vec<Issue>, Failure> {
        let since = query.since.map(whole_seconds);
        // Most recently changed first, then turned round: what changes while we turn pages moves to the
        // front and pushes the rest back, so pages repeat items and pass over none but the one that
        // moved. That one is now newer than all that came: the next look since then finds it.
        let mut pairs = vec![
            ("state", if query.open_only { "open" } else { "all" }),
            ("sort", "updated"),
            ("direction", "desc"),
            PAGE,
        ];
        pairs.extend(since.as_deref().map(|since| ("since", since)));
        let route = with_query(&self.route(&["issues"])?, &pairs);
        let listed: Vec<shapes::Issue> = self.exchange.list(&route, ISSUES_READ).await?;
        let mut issues: BTreeMap<IssueNumber, Issue> = BTreeMap::new();
        for issue in listed.into_iter().map(Issue::from) {
            issues.entry(issue.number).or_insert(issue);
        }
        let mut issues: Vec<Issue> = issues.into_values().collect();
        issues.sort_by_key(|issue| (issue.updated_at, issue.number));
        Ok(issues)
    }

    fn budget(&self) -> Option<ApiBudget> {
        self.exchange.budget()
    }

    async fn documents(&self, listing: Listing) -> Result<Vec<String>, Failure> {
        documents::list(&self.exchange, &self.repository, listing).await
    }

    async fn documents_unless(&self, listing: Listing, known: Option<&str>) -> Result<Looked, Failure> {
        documents::unless(&self.exchange, &self.repository, listing, known).await
    }

    async fn comments(&self, issue: IssueNumber, since: Option<Timestamp>) -> Result<Vec<Comment>, Failure> {
        self.list_comments(issue, since).await
    }

    async fn comment(&self, comment: u64) -> Result<Option<Comment>, Failure> {
        self.read_comment(comment).await
    }

    async fn create_comment(&self, issue: IssueNumber, text: &str) -> Result<Comment, Failure> {
        self.write_comment(issue, text).await
    }

    async fn update_comment(&self, comment: u64, text: &str) -> Result<Option<Comment>, Failure> {
        self.rewrite_comment(comment, text).await
    }

    async fn delete_comment(&self, comment: u64) -> Result<(), Failure> {
        self.take_comment_away(comment).await
    }

    async fn react(&self, comment: u64, reaction: Reaction) -> Result<bool, Failure> {
        let route = self.route(&["issues", "comments", &comment.to_string(), "reactions"])?;
        reviews::react(&self.exchange, &route, reaction, ISSUES_WRITE).await
    }

    async fn react_on_line(&self, comment: u64, reaction: Reaction) -> Result<bool, Failure> {
        let route = self.route(&["pulls", "comments", &comment.to_string(), "reactions"])?;
        reviews::react(&self.exchange, &route, reaction, PULLS_WRITE).await
    }

    async fn labels(&self) -> Result<Vec<Label>, Failure> {
        self.list_labels().await
    }

    async fn create_label(&self, label: &Label) -> Result<(), Failure> {
        self.make_label(label).await
    }

    async fn add_labels(&self, issue: IssueNumber, names: &[String]) -> Result<Vec<String>, Failure> {
        self.put_labels_on(issue, names).await
    }

    async fn remove_label(&self, issue: IssueNumber, name: &str) -> Result<(), Failure> {
        self.take_label_off(issue, name).await
    }

    async fn add_assignees(&self, issue: IssueNumber, logins: &[Login]) -> Result<Vec<Login>, Failure> {
        self.assign(issue, logins).await
    }

    async fn set_issue_type(
        &self,
        issue: IssueNumber,
        name: Option<&str>,
    ) -> Result<Option<String>, Failure> {
        Ok(self.change_issue(issue, &json!({ "type": name })).await?.issue_type)
    }

    async fn set_milestone(
        &self,
        issue: IssueNumber,
        title: Option<&str>,
    ) -> Result<Option<String>, Failure> {
        planning::set_milestone(&self.exchange, &self.repository, issue, title).await
    }

    async fn set_field(&self, issue: IssueNumber, value: &FieldValue) -> Result<FieldSet, Failure> {
        match value.project {
            Some(project) => {
                let place = (&*self.graphql, &self.repository);
                projects::set(&self.exchange, place, issue, project, value).await
            }
            None => issue_fields::set(&self.exchange, &self.repository, issue, value).await,
        }
    }

    async fn set_field_back(
        &self,
        issue: IssueNumber,
        value: &FieldValue,
        before: Option<&str>,
    ) -> Result<FieldBack, Failure> {
        match value.project {
            Some(project) => {
                let place = (&*self.graphql, &self.repository);
                projects::set_back(&self.exchange, place, (issue, project), value, before).await
            }
            None => issue_fields::set_back(&self.exchange, &self.repository, issue, value, before).await,
        }
    }

    async fn commits_of(&self, path: &str) -> Result<Vec<FileCommit>, Failure> {
        planning::commits_of(&self.exchange, &self.repository, path).await
    }

    async fn close_issue(&self, issue: IssueNumber) -> Result<(), Failure> {
        self.change_issue(issue, &json!({ "state": "closed", "state_reason": "not_planned" })).await.map(drop)
    }

    async fn reopen_issue(&self, issue: IssueNumber) -> Result<(), Failure> {
        self.change_issue(issue, &json!({ "state": "open", "state_reason": "reopened" })).await.map(drop)
    }

    async fn remove_assignees(&self, issue: IssueNumber, logins: &[Login]) -> Result<(), Failure> {
        self.unassign(issue, logins).await
    }

    async fn close_pull_request(&self, number: IssueNumber) -> Result<(), Failure> {
        let route = self.route(&["pulls", &number.to_string()])?;
        let wanted = json!({ "state": "closed" });
        let answer = self.exchange.write(Method::PATCH, &route, Some(&wanted), PULLS_WRITE).await?;
        self.exchange.success(answer, PULLS_WRITE).map(drop)
    }

    async fn open_pull_request(&self, new: &NewPullRequest) -> Result<Opened, Failure> {
        body::check(&new.body)?;
        pulls::open(&self.exchange, &self.repository, new).await
    }

    async fn pull_requests_from(&self, head: &str) -> Result<Vec<PullRequest>, Failure> {
        pulls::from_branch(&self.exchange, &self.repository, head, "all").await
    }

    async fn pull_state(&self, number: IssueNumber) -> Result<Option<PullState>, Failure> {
        pulls::state(&self.exchange, &self.repository, number).await
    }

    async fn remove_reviewers(&self, pull: IssueNumber, logins: &[Login]) -> Result<(), Failure> {
        planning::remove(&self.exchange, &self.repository, pull, logins).await
    }

    async fn reviewers(&self, pull: IssueNumber) -> Result<Vec<Login>, Failure> {
        planning::reviewers(&self.exchange, &self.repository, pull).await
    }

    async fn request_reviewers(
        &self,
        pull: IssueNumber,
        logins: &[Login],
    ) -> Result<Option<Vec<Login>>, Failure> {
        planning::request(&self.exchange, &self.repository, pull, logins).await
    }

    async fn reviews(&self, pull: IssueNumber) -> Result<Vec<Review>, Failure> {
        reviews::of(&self.exchange, &self.repository, pull).await
    }

    async fn line_comments(&self, pull: IssueNumber) -> Result<Vec<LineComment>, Failure> {
        reviews::line_comments(&self.exchange, &self.repository, pull).await
    }

    async fn answer_thread(
        &self,
        pull: IssueNumber,
        thread: u64,
        text: &str,
    ) -> Result<Option<u64>, Failure> {
        body::check(text)?;
        reviews::answer(&self.exchange, &self.repository, (pull, thread), text).await
    }

    async fn failed_checks(&self, commit: &CommitId) -> Result<Vec<FailedCheck>, Failure> {
        checks::failed(&self.exchange, &self.logs, &self.repository, commit).await
    }

    async fn checks(&self, commit: &CommitId) -> Result<Checks, Failure> {
        checks::of(&self.exchange, &self.repository, commit).await
    }

    async fn dispatch_workflow(&self, file: &str, reference: &str) -> Result<(), Failure> {
        let route = self.route(&["actions", "workflows", file, "dispatches"])?;
        let wanted = json!({ "ref": reference });
        let answer = self.exchange.write(Method::POST, &route, Some(&wanted), ACTIONS_WRITE).await?;
        self.exchange.success(answer, ACTIONS_WRITE).map(drop)
    }

    async fn run_state(&self, run: &RunId) -> Result<RunState, Failure> {
        let Some((id, attempt)) = run.workflow() else { return Ok(RunState::Unknown) };
        let route = self.route(&["actions", "runs", &id.to_string(), "attempts", &attempt.to_string()])?;
        let answer = self.exchange.get(&route, ACTIONS_READ).await?;
        // Deleted, or of a repository that this token does not see.
        if answer.is_gone() {
            return Ok(RunState::Unknown);
        }
        Ok(self.exchange.success(answer, ACTIONS_READ)?.json::<shapes::WorkflowRun>()?.into())
    }
}

/// GitHub keeps whole seconds; cutting the fraction off asks for a little more, never for less.
fn whole_seconds(time: Timestamp) -> String {
    Timestamp::from_millis(time.as_millis().div_euclid(1_000) * 1_000).to_string()
}

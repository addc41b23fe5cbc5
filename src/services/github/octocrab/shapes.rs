//! GitHub's JSON, only the fields used and lenient about the rest, turned into the port's types.

use serde::Deserialize;

use crate::domain::actor::{Actor, ActorKind, Permission};
use crate::domain::id::{CommitId, IssueNumber, Login};
use crate::domain::time::Timestamp;
use crate::domain::trigger::OpenState;
use crate::services::github as port;

/// The account GitHub shows for people who deleted theirs.
const GHOST: &str = "ghost";

#[derive(Deserialize)]
pub(super) struct User {
    login: String,
    #[serde(rename = "type", default)]
    kind: String,
}

/// Who did it. `via_app`: GitHub names the App through which it was done.
pub(super) fn actor(user: Option<User>, via_app: bool) -> Actor {
    let user = user.unwrap_or_else(|| User { login: GHOST.to_owned(), kind: "User".to_owned() });
    let kind = match user.kind.as_str() {
        _ if via_app => ActorKind::App,
        "User" | "Organization" | "Mannequin" => ActorKind::Person,
        _ => ActorKind::Bot,
    };
    Actor { kind, login: Login::new(user.login) }
}

/// Present and not null, whatever it holds.
#[derive(Default, Deserialize)]
#[serde(from = "Option<serde::de::IgnoredAny>")]
struct Present(bool);

impl From<Option<serde::de::IgnoredAny>> for Present {
    fn from(value: Option<serde::de::IgnoredAny>) -> Self {
        Self(value.is_some())
    }
}

/// A label on an issue: an object, and plain text in old answers.
#[derive(Deserialize)]
#[serde(untagged)]
enum IssueLabel {
    Named { name: String },
    Text(String),
}

#[derive(Deserialize)]
pub(super) struct Issue {
    number: u64,
    title: String,
    body: Option<String>,
    user: Option<User>,
    state: String,
    #[serde(default)]
    labels: Vec<IssueLabel>,
    assignees: Option<Vec<User>>,
    #[serde(default)]
    pull_request: Present,
    #[serde(default)]
    performed_via_github_app: Present,
    created_at: Timestamp,
    updated_at: Timestamp,
    html_url: String,
    #[serde(default)]
    reactions: Option<Reactions>,
    #[serde(default)]
    milestone: Option<Milestone>,
    #[serde(default, rename = "type")]
    issue_type: Option<IssueType>,
}

#[derive(Deserialize)]
struct Reactions {
    #[serde(default)]
    total_count: u64,
}

#[derive(Deserialize)]
struct Milestone {
    title: String,
}

/// One of the organisation's types.
#[derive(Deserialize)]
struct IssueType {
    name: String,
}

fn open_state(state: &str) -> OpenState {
    if state == "open" { OpenState::Open } else { OpenState::Closed }
}

impl From<Issue> for port::Issue {
    fn from(issue: Issue) -> Self {
        Self {
            number: IssueNumber(issue.number),
            title: issue.title,
            body: issue.body.unwrap_or_default(),
            author: actor(issue.user, issue.performed_via_github_app.0),
            state: open_state(&issue.state),
            labels: issue
                .labels
                .into_iter()
                .map(|label| match label {
                    IssueLabel::Named { name } | IssueLabel::Text(name) => name,
                })
                .collect(),
            assignees: issue
                .assignees
                .unwrap_or_default()
                .into_iter()
                .map(|user| Login::new(user.login))
                .collect(),
            is_pull: issue.pull_request.0,
            created_at: issue.created_at,
            updated_at: issue.updated_at,
            url: issue.html_url,
            reactions: issue.reactions.map_or(0, |reactions| reactions.total_count),
            milestone: issue.milestone.map(|milestone| milestone.title),
            issue_type: issue.issue_type.map(|kind| kind.name),
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Comment {
    id: u64,
    user: Option<User>,
    body: Option<String>,
    #[serde(default)]
    performed_via_github_app: Present,
    created_at: Timestamp,
    updated_at: Option<Timestamp>,
    html_url: String,
}

impl From<Comment> for port::Comment {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id,
            author: actor(comment.user, comment.performed_via_github_app.0),
            body: comment.body.unwrap_or_default(),
            created_at: comment.created_at,
            updated_at: comment.updated_at.unwrap_or(comment.created_at),
            url: comment.html_url,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Label {
    pub(super) name: String,
    #[serde(default)]
    color: String,
    description: Option<String>,
}

impl From<Label> for port::Label {
    fn from(label: Label) -> Self {
        Self { name: label.name, color: label.color, description: label.description.unwrap_or_default() }
    }
}

#[derive(Deserialize)]
pub(super) struct Pull {
    number: u64,
    title: String,
    body: Option<String>,
    head: Side,
    base: Side,
    #[serde(default)]
    draft: bool,
    state: String,
    merged_at: Option<Timestamp>,
    html_url: String,
}

#[derive(Deserialize)]
struct Side {
    #[serde(rename = "ref")]
    branch: String,
    sha: String,
    /// Null when the fork is gone.
    repo: Option<RepositoryId>,
}

#[derive(Deserialize)]
struct RepositoryId {
    id: u64,
}

impl Pull {
    /// Whether it comes from `branch` of this repository, not from a branch of that name elsewhere.
    pub(super) fn comes_from(&self, branch: &str) -> bool {
        let id = |side: &Side| side.repo.as_ref().map(|repository| repository.id);
        self.head.branch == branch && id(&self.head).is_some() && id(&self.head) == id(&self.base)
    }
}

impl From<Pull> for port::PullRequest {
    fn from(pull: Pull) -> Self {
        Self {
            number: IssueNumber(pull.number),
            title: pull.title,
            body: pull.body.unwrap_or_default(),
            head: pull.head.branch,
            base: pull.base.branch,
            draft: pull.draft,
            state: open_state(&pull.state),
            merged: pull.merged_at.is_some(),
            url: pull.html_url,
        }
    }
}

impl From<Pull> for port::PullState {
    fn from(pull: Pull) -> Self {
        Self {
            state: open_state(&pull.state),
            merged: pull.merged_at.is_some(),
            head_commit: Some(CommitId::new(pull.head.sha)),
        }
    }
}

/// A page of check runs.
#[derive(Deserialize)]
pub(super) struct CheckRuns {
    pub(super) check_runs: Vec<CheckRun>,
}

#[derive(Deserialize)]
pub(super) struct CheckRun {
    pub(super) id: u64,
    pub(super) name: String,
    status: String,
    conclusion: Option<String>,
    pub(super) output: Option<CheckOutput>,
    app: Option<CheckApp>,
    pub(super) external_id: Option<String>,
}

/// Whose check it is.
#[derive(Deserialize)]
struct CheckApp {
    #[serde(default)]
    slug: String,
}

/// What a check says of itself.
#[derive(Default, Deserialize)]
pub(super) struct CheckOutput {
    pub(super) title: Option<String>,
    pub(super) summary: Option<String>,
    #[serde(default)]
    pub(super) annotations_count: u64,
}

/// What a check noted at a place of the code.
#[derive(Deserialize)]
pub(super) struct Annotation {
    path: String,
    #[serde(default)]
    start_line: u64,
    message: Option<String>,
}

impl Annotation {
    pub(super) fn said(&self) -> String {
        format!("{}:{}: {}", self.path, self.start_line, self.message.as_deref().unwrap_or_default())
    }
}

impl CheckRun {
    /// Whether it is our own, which says what we do and nothing about the commit.
    pub(super) fn is_ours(&self) -> bool {
        let id = self.external_id.as_deref().unwrap_or_default();
        self.name == port::OWN_CHECK && id.starts_with(port::OWN_CHECK_ID)
    }

    /// Whether it is a job of GitHub Actions, which keeps a log.
    pub(super) fn is_job(&self) -> bool {
        self.app.as_ref().is_some_and(|app| app.slug == "github-actions")
    }

    pub(super) fn says(&self) -> port::Checks {
        match (self.status.as_str(), self.conclusion.as_deref()) {
            ("completed", Some("success" | "neutral" | "skipped")) => port::Checks::Green,
            // Failure, cancelled, timed_out, action_required, stale, and whatever comes to be.
            ("completed", _) => port::Checks::Red,
            _ => port::Checks::Pending,
        }
    }
}

/// All commit statuses of a commit in one word; without any the word is `pending`.
#[derive(Deserialize)]
pub(super) struct CombinedStatus {
    state: String,
    total_count: u64,
    #[serde(default)]
    statuses: Vec<CommitStatus>,
}

/// What one service says of a commit.
#[derive(Deserialize)]
struct CommitStatus {
    state: String,
    context: String,
    description: Option<String>,
    target_url: Option<String>,
}

impl CombinedStatus {
    /// Those that are red, with what they say of themselves: a line, and where there is more of it.
    pub(super) fn failed(self) -> impl Iterator<Item = port::FailedCheck> {
        let failed =
            self.statuses.into_iter().filter(|status| matches!(status.state.as_str(), "failure" | "error"));
        failed.map(|status| port::FailedCheck {
            name: status.context,
            said: status.description.into_iter().chain(status.target_url).collect(),
            log: String::new(),
        })
    }

    pub(super) fn says(&self) -> port::Checks {
        match (self.total_count, self.state.as_str()) {
            (0, _) => port::Checks::None,
            (_, "success") => port::Checks::Green,
            (_, "pending") => port::Checks::Pending,
            _ => port::Checks::Red,
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Repository {
    default_branch: String,
    html_url: String,
}

impl From<Repository> for port::Repository {
    fn from(repository: Repository) -> Self {
        Self { default_branch: repository.default_branch, url: repository.html_url }
    }
}

/// What `…/collaborators/{login}/permission` says: `role_name` tells triage and maintain apart, but may
/// name a custom role; `permission` is always one of four words, with those two folded into others.
#[derive(Deserialize)]
pub(super) struct Role {
    #[serde(default)]
    permission: String,
    #[serde(default)]
    role_name: String,
}

impl From<Role> for Permission {
    fn from(role: Role) -> Self {
        let known = |word: &str| match word {
            "admin" => Some(Self::Admin),
            "maintain" => Some(Self::Maintain),
            "write" => Some(Self::Write),
            "triage" => Some(Self::Triage),
            "read" => Some(Self::Read),
            _ => None,
        };
        known(&role.role_name).or_else(|| known(&role.permission)).unwrap_or(Self::None)
    }
}

/// What GitHub concludes of a workflow run that a person has to let run first.
pub(super) const WAITS: &str = "action_required";

#[derive(Deserialize)]
pub(super) struct WorkflowRuns {
    pub(super) workflow_runs: Vec<WorkflowRun>,
}

#[derive(Deserialize)]
pub(super) struct WorkflowRun {
    status: Option<String>,
    #[serde(default)]
    conclusion: Option<String>,
    #[serde(default)]
    head_branch: Option<String>,
}

impl WorkflowRun {
    /// Whether it waits on this branch until a person lets it run.
    pub(super) fn waits(&self, branch: &str) -> bool {
        let is_asked = |word: &Option<String>| word.as_deref() == Some(WAITS);
        self.head_branch.as_deref() == Some(branch) && (is_asked(&self.conclusion) || is_asked(&self.status))
    }
}

impl From<WorkflowRun> for port::RunState {
    fn from(run: WorkflowRun) -> Self {
        match run.status.as_deref() {
            Some("completed") => Self::Ended,
            Some(_) => Self::Alive,
            None => Self::Unknown,
        }
    }
}

/// The answer to `query { viewer { login __typename } }`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ViewerAnswer {
    pub(super) data: Option<ViewerData>,
    pub(super) errors: Vec<QuestionError>,
}

/// Why GraphQL did not answer; its HTTP status is 200 all the same.
#[derive(Deserialize)]
pub(super) struct QuestionError {
    /// `FORBIDDEN`, `RATE_LIMITED` …
    #[serde(rename = "type", default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) message: String,
}

#[derive(Deserialize)]
pub(super) struct ViewerData {
    pub(super) viewer: Option<Viewer>,
}

#[derive(Deserialize)]
pub(super) struct Viewer {
    login: String,
    #[serde(rename = "__typename", default)]
    kind: String,
}

impl From<Viewer> for Actor {
    fn from(viewer: Viewer) -> Self {
        // REST writes an App's login with `[bot]`, GraphQL's Bot type without; nobody else can have brackets.
        let bare = viewer.login.strip_suffix("[bot]");
        if viewer.kind == "Bot" || bare.is_some() {
            let bare = bare.unwrap_or(&viewer.login);
            return Self { kind: ActorKind::App, login: Login::new(format!("{bare}[bot]")) };
        }
        Self::person(viewer.login)
    }
}

//! A forge in memory behind the ports `GitHub` and `Code`: it remembers, and it loses requests and replies.

mod code;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use automata::domain::actor::{Actor, ActorKind, Permission};
use automata::domain::failure::Failure;
use automata::domain::id::{CommitId, IssueNumber, Login, RunId};
use automata::domain::time::Timestamp;
use automata::domain::trigger::OpenState;
use automata::services::clock::Clock;
use automata::services::github::{
    Checks, Comment, FailedCheck, FieldSet, FieldValue, FileCommit, GitHub, Issue, IssueQuery, Label,
    LineComment, Listing, Making, NewPullRequest, Opened, PullRequest, PullState, Reaction, Repository,
    Review, RunState, Tending,
};

use super::dice::{Dice, Fault};
use super::time::Time;

/// The account that runs write as.
pub(super) const US: &str = "github-actions[bot]";

/// What the forge holds.
#[derive(Default)]
pub(super) struct Holdings {
    pub(super) issues: BTreeMap<u64, Issue>,
    pub(super) comments: BTreeMap<u64, (u64, Comment)>,
    pub(super) pulls: BTreeMap<u64, PullRequest>,
    pub(super) branches: BTreeMap<String, CommitId>,
    /// Runs that still live.
    pub(super) alive: BTreeSet<String>,
    /// Commits pushed to the default branch.
    pub(super) pushes: usize,
    numbers: u64,
}

/// The forge, as everybody reaches it.
#[derive(Clone)]
pub(super) struct Forge {
    holdings: Arc<Mutex<Holdings>>,
    dice: Arc<Dice>,
    time: Time,
    /// A rule that is broken on purpose: our own comments are not shown.
    pub(super) hides_comments: bool,
    /// Whether it never answers at all.
    pub(super) is_silent: bool,
}

impl Forge {
    pub(super) fn new(dice: Arc<Dice>, time: Time) -> Self {
        Self { holdings: Arc::default(), dice, time, hides_comments: false, is_silent: false }
    }

    pub(super) fn holdings(&self) -> MutexGuard<'_, Holdings> {
        self.holdings.lock().unwrap()
    }

    pub(super) fn open_issue(&self, author: &str, body: &str) -> Issue {
        let mut holdings = self.holdings();
        holdings.numbers += 1;
        let number = holdings.numbers;
        let now = self.time.now();
        let issue = Issue {
            number: IssueNumber(number),
            title: format!("Crash number {number}"),
            body: body.to_owned(),
            author: Actor::person(author),
            state: OpenState::Open,
            labels: Vec::new(),
            assignees: Vec::new(),
            is_pull: false,
            created_at: now,
            updated_at: now,
            url: format!("https://forge.example/{number}"),
            reactions: 0,
            milestone: None,
            issue_type: None,
        };
        holdings.issues.insert(number, issue.clone());
        issue
    }

    pub(super) fn write_comment(&self, author: Actor, issue: u64, body: &str) -> Comment {
        let mut holdings = self.holdings();
        holdings.numbers += 1;
        let id = holdings.numbers;
        let comment = Comment {
            id,
            author,
            body: body.to_owned(),
            created_at: self.time.now(),
            updated_at: self.time.now(),
            url: format!("https://forge.example/comment/{id}"),
        };
        holdings.comments.insert(id, (issue, comment.clone()));
        comment
    }

    /// One exchange over a network. Requests and replies get lost, and answers take their time.
    async fn exchange<T>(&self, what: &str, act: impl FnOnce(&Self) -> T) -> Result<T, Failure> {
        let lost = || Failure::transient("connection", "The connection broke.");
        if self.is_silent {
            std::future::pending::<()>().await;
        }
        self.dice.hesitate().await;
        if self.dice.below(20) == 0 {
            self.dice.count(Fault::Slow);
            let span = Duration::from_millis(self.dice.below(4_000) as u64);
            self.time.sleep(span).await;
        }
        if self.dice.strikes(Fault::RequestLost, 60) {
            self.dice.tell(format!("    {what}: the request is lost"));
            return Err(lost());
        }
        let answer = act(self);
        self.dice.hesitate().await;
        if self.dice.strikes(Fault::ReplyLost, 60) {
            self.dice.tell(format!("    {what}: done, but the reply is lost"));
            return Err(lost());
        }
        Ok(answer)
    }

    /// An exchange that changes something.
    async fn change<T>(&self, what: String, act: impl FnOnce(&Self) -> T) -> Result<T, Failure> {
        let told = what.clone();
        self.exchange(&what, |forge| {
            forge.dice.tell(format!("    {told}"));
            act(forge)
        })
        .await
    }

    fn myself() -> Actor {
        Actor { kind: ActorKind::Bot, login: Login::new(US) }
    }

    fn base(&self) -> CommitId {
        CommitId::new(format!("base{}", self.holdings().pushes))
    }
}

impl Tending for Forge {}

impl Making for Forge {}

#[async_trait]
impl GitHub for Forge {
    async fn myself(&self) -> Result<Actor, Failure> {
        self.exchange("myself", |_| Self::myself()).await
    }

    async fn repository(&self) -> Result<Repository, Failure> {
        let url = "https://forge.example".to_owned();
        self.exchange("repository", |_| Repository { default_branch: "main".to_owned(), url }).await
    }

    async fn permission(&self, login: &Login) -> Result<Permission, Failure> {
        let writes = *login == Login::new("otto");
        self.exchange("permission", |_| if writes { Permission::Write } else { Permission::Read }).await
    }

    async fn issue(&self, number: IssueNumber) -> Result<Option<Issue>, Failure> {
        self.exchange("issue", |forge| forge.holdings().issues.get(&number.0).cloned()).await
    }

    async fn issues(&self, _query: &IssueQuery) -> Result<Vec<Issue>, Failure> {
        self.exchange("issues", |forge| forge.holdings().issues.values().cloned().collect()).await
    }

    async fn comments(&self, issue: IssueNumber, _since: Option<Timestamp>) -> Result<Vec<Comment>, Failure> {
        self.exchange("comments", |forge| {
            let holdings = forge.holdings();
            let on = holdings.comments.values().filter(|(on, _)| *on == issue.0);
            on.filter(|(_, comment)| !(forge.hides_comments && comment.author.login == Login::new(US)))
                .map(|(_, comment)| comment.clone())
                .collect()
        })
        .await
    }

    async fn comment(&self, id: u64) -> Result<Option<Comment>, Failure> {
        let found = |forge: &Self| forge.holdings().comments.get(&id).map(|(_, comment)| comment.clone());
        self.exchange("comment", found).await
    }

    async fn create_comment(&self, issue: IssueNumber, body: &str) -> Result<Comment, Failure> {
        let write = |forge: &Self| forge.write_comment(Self::myself(), issue.0, body);
        self.change(format!("writes a comment on #{issue}"), write).await
    }

    async fn update_comment(&self, id: u64, body: &str) -> Result<Option<Comment>, Failure> {
        self.change(format!("edits comment {id}"), |forge| {
            let mut holdings = forge.holdings();
            let (_, comment) = holdings.comments.get_mut(&id)?;
            body.clone_into(&mut comment.body);
            Some(comment.clone())
        })
        .await
    }

    async fn delete_comment(&self, id: u64) -> Result<(), Failure> {
        self.change(format!("deletes comment {id}"), |forge| drop(forge.holdings().comments.remove(&id)))
            .await
    }

    async fn react(&self, comment: u64, reaction: Reaction) -> Result<bool, Failure> {
        let known = |forge: &Self| forge.holdings().comments.contains_key(&comment);
        self.change(format!("reacts on {comment} with {}", reaction.content()), known).await
    }

    async fn react_on_line(&self, _: u64, _: Reaction) -> Result<bool, Failure> {
        // Nobody comments on lines here.
        Ok(false)
    }

    async fn labels(&self) -> Result<Vec<Label>, Failure> {
        let label = |name: &str| Label {
            name: name.to_owned(),
            color: "ededed".to_owned(),
            description: String::new(),
        };
        self.exchange("labels", |_| ["bug", "enhancement", "question"].map(label).to_vec()).await
    }

    async fn create_label(&self, _label: &Label) -> Result<(), Failure> {
        self.change("makes a label".to_owned(), |_| ()).await
    }

    async fn add_labels(&self, issue: IssueNumber, names: &[String]) -> Result<Vec<String>, Failure> {
        self.change(format!("labels #{issue}"), |forge| {
            let mut holdings = forge.holdings();
            let labels = &mut holdings.issues.get_mut(&issue.0).unwrap().labels;
            for name in names {
                if !labels.contains(name) {
                    labels.push(name.clone());
                }
            }
            labels.clone()
        })
        .await
    }

    async fn remove_label(&self, issue: IssueNumber, name: &str) -> Result<(), Failure> {
        self.change(format!("unlabels #{issue}"), |forge| {
            let mut holdings = forge.holdings();
            holdings.issues.get_mut(&issue.0).unwrap().labels.retain(|label| label != name);
        })
        .await
    }

    async fn add_assignees(&self, issue: IssueNumber, logins: &[Login]) -> Result<Vec<Login>, Failure> {
        self.change(format!("assigns #{issue}"), |forge| {
            let mut holdings = forge.holdings();
            let assignees = &mut holdings.issues.get_mut(&issue.0).unwrap().assignees;
            assignees.extend(logins.iter().cloned());
            assignees.clone()
        })
        .await
    }

    async fn set_issue_type(
        &self,
        issue: IssueNumber,
        name: Option<&str>,
    ) -> Result<Option<String>, Failure> {
        self.change(format!("types #{issue}"), |forge| {
            forge.holdings().issues.get_mut(&issue.0).unwrap().issue_type = name.map(str::to_owned);
            name.map(str::to_owned)
        })
        .await
    }

    async fn remove_assignees(&self, issue: IssueNumber, logins: &[Login]) -> Result<(), Failure> {
        self.change(format!("unassigns #{issue}"), |forge| {
            let mut holdings = forge.holdings();
            let assignees = &mut holdings.issues.get_mut(&issue.0).unwrap().assignees;
            assignees.retain(|login| !logins.contains(login));
        })
        .await
    }

    async fn set_milestone(
        &self,
        issue: IssueNumber,
        title: Option<&str>,
    ) -> Result<Option<String>, Failure> {
        self.change(format!("plans #{issue}"), |forge| {
            let milestone = title.map(str::to_owned);
            forge.holdings().issues.get_mut(&issue.0).unwrap().milestone.clone_from(&milestone);
            milestone
        })
        .await
    }

    async fn set_field(&self, _: IssueNumber, _: &FieldValue) -> Result<FieldSet, Failure> {
        Ok(FieldSet::Not("there are no projects here".to_owned()))
    }

    async fn commits_of(&self, _: &str) -> Result<Vec<FileCommit>, Failure> {
        Ok(Vec::new())
    }

    async fn reviewers(&self, _: IssueNumber) -> Result<Vec<Login>, Failure> {
        Ok(Vec::new())
    }

    async fn request_reviewers(
        &self,
        _: IssueNumber,
        logins: &[Login],
    ) -> Result<Option<Vec<Login>>, Failure> {
        Ok(Some(logins.to_vec()))
    }

    async fn close_issue(&self, issue: IssueNumber) -> Result<(), Failure> {
        self.change(format!("closes #{issue}"), |forge| {
            forge.holdings().issues.get_mut(&issue.0).unwrap().state = OpenState::Closed;
        })
        .await
    }

    async fn reopen_issue(&self, issue: IssueNumber) -> Result<(), Failure> {
        self.change(format!("reopens #{issue}"), |forge| {
            forge.holdings().issues.get_mut(&issue.0).unwrap().state = OpenState::Open;
        })
        .await
    }

    async fn close_pull_request(&self, number: IssueNumber) -> Result<(), Failure> {
        self.change(format!("closes #{number}"), |forge| {
            forge.holdings().pulls.get_mut(&number.0).unwrap().state = OpenState::Closed;
        })
        .await
    }

    async fn open_pull_request(&self, new: &NewPullRequest) -> Result<Opened, Failure> {
        self.change(format!("opens a pull request from {}", new.head), |forge| {
            let mut holdings = forge.holdings();
            if let Some(open) = holdings.pulls.values().find(|pull| pull.head == new.head) {
                return Opened::Exists(open.clone());
            }
            assert!(holdings.branches.contains_key(&new.head), "a pull request from nowhere");
            holdings.numbers += 1;
            let number = holdings.numbers;
            let pull = PullRequest {
                number: IssueNumber(number),
                title: new.title.clone(),
                body: new.body.clone(),
                head: new.head.clone(),
                base: new.base.clone(),
                draft: new.draft,
                state: OpenState::Open,
                merged: false,
                url: format!("https://forge.example/{number}"),
            };
            holdings.pulls.insert(number, pull.clone());
            Opened::Created(pull)
        })
        .await
    }

    async fn pull_requests_from(&self, head: &str) -> Result<Vec<PullRequest>, Failure> {
        self.exchange("pull requests", |forge| {
            let holdings = forge.holdings();
            holdings.pulls.values().filter(|pull| pull.head == head).cloned().collect()
        })
        .await
    }

    async fn pull_state(&self, number: IssueNumber) -> Result<Option<PullState>, Failure> {
        self.exchange("pull request", |forge| {
            let holdings = forge.holdings();
            let pull = holdings.pulls.get(&number.0)?;
            let head_commit = holdings.branches.get(&pull.head).cloned();
            Some(PullState { state: pull.state, merged: pull.merged, head_commit })
        })
        .await
    }

    async fn documents(&self, _listing: Listing) -> Result<Vec<String>, Failure> {
        self.exchange("list", |_| Vec::new()).await
    }

    async fn reviews(&self, _pull: IssueNumber) -> Result<Vec<Review>, Failure> {
        self.exchange("reviews", |_| Vec::new()).await
    }

    async fn line_comments(&self, _pull: IssueNumber) -> Result<Vec<LineComment>, Failure> {
        self.exchange("comments on lines", |_| Vec::new()).await
    }

    async fn answer_thread(&self, _: IssueNumber, _: u64, _: &str) -> Result<Option<u64>, Failure> {
        self.exchange("answer", |_| None).await
    }

    async fn failed_checks(&self, _commit: &CommitId) -> Result<Vec<FailedCheck>, Failure> {
        self.exchange("failed checks", |_| Vec::new()).await
    }

    async fn checks(&self, _commit: &CommitId) -> Result<Checks, Failure> {
        self.exchange("checks", |_| Checks::None).await
    }

    async fn dispatch_workflow(&self, file: &str, reference: &str) -> Result<(), Failure> {
        self.change(format!("starts {file} on {reference}"), |_| ()).await
    }

    async fn run_state(&self, run: &RunId) -> Result<RunState, Failure> {
        self.exchange("run", |forge| match forge.holdings().alive.contains(run.as_str()) {
            true => RunState::Alive,
            false => RunState::Ended,
        })
        .await
    }
}

//! The local forge as the port sees it: what Automata does, under its own account.

use async_trait::async_trait;

use super::records::{self, Branches};
use super::{Forge, MOST_ASSIGNEES, documents, processes, same_label};
use crate::domain::actor::{Actor, Permission};
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, IssueNumber, Login, RunId};
use crate::domain::time::Timestamp;
use crate::domain::trigger::OpenState;
use crate::services::github::{
    Checks, Comment, FailedCheck, FieldSet, FieldValue, FileCommit, GitHub, Issue, IssueQuery, Label,
    LineComment, Listing, NewPullRequest, Opened, PullRequest, PullState, Reaction, Repository, Review,
    RunState, Tending, body,
};

/// A local forge has no reviews, rules or queues.
impl Tending for Forge {}

#[async_trait]
impl GitHub for Forge {
    async fn myself(&self) -> Result<Actor, Failure> {
        Ok(self.myself.clone())
    }

    async fn repository(&self) -> Result<Repository, Failure> {
        Ok(Repository {
            default_branch: self.repository.default_branch.clone(),
            url: format!("file://{}", self.folder.path("").display()),
        })
    }

    async fn permission(&self, login: &Login) -> Result<Permission, Failure> {
        self.permission_of(login)
    }

    async fn issue(&self, number: IssueNumber) -> Result<Option<Issue>, Failure> {
        Ok(self.issue_record(number)?.map(|record| self.show(&record)))
    }

    async fn issues(&self, query: &IssueQuery) -> Result<Vec<Issue>, Failure> {
        let mut issues: Vec<Issue> = self
            .issue_records()?
            .iter()
            .filter(|record| query.since.is_none_or(|since| record.updated_at >= since))
            .filter(|record| !query.open_only || record.state == OpenState::Open)
            .map(|record| self.show(record))
            .collect();
        issues.sort_by_key(|issue| (issue.updated_at, issue.number));
        Ok(issues)
    }

    async fn documents(&self, listing: Listing) -> Result<Vec<String>, Failure> {
        documents::list(self, listing)
    }

    async fn comments(&self, issue: IssueNumber, since: Option<Timestamp>) -> Result<Vec<Comment>, Failure> {
        self.present_issue(issue)?;
        let comments = self.comment_records(issue)?;
        Ok(comments
            .iter()
            .filter(|(_, record)| since.is_none_or(|since| record.updated_at >= since))
            .map(|(name, record)| record.to_port(&self.folder.path(name)))
            .collect())
    }

    async fn comment(&self, comment: u64) -> Result<Option<Comment>, Failure> {
        let found = self.find_comment(comment)?;
        Ok(found.map(|(name, record)| record.to_port(&self.folder.path(&name))))
    }

    async fn create_comment(&self, issue: IssueNumber, text: &str) -> Result<Comment, Failure> {
        body::check(text)?;
        self.write_comment(&self.folder.hold()?, issue, &self.myself, text, None)
    }

    async fn update_comment(&self, comment: u64, text: &str) -> Result<Option<Comment>, Failure> {
        body::check(text)?;
        let held = self.folder.hold()?;
        let Some((name, mut record)) = self.find_comment(comment)? else { return Ok(None) };
        text.clone_into(&mut record.body);
        record.updated_at = self.now().max(record.updated_at);
        self.folder.write(&held, &name, &record)?;
        Ok(Some(record.to_port(&self.folder.path(&name))))
    }

    async fn delete_comment(&self, comment: u64) -> Result<(), Failure> {
        let held = self.folder.hold()?;
        match self.find_comment(comment)? {
            Some((name, _)) => self.folder.delete(&held, &name),
            None => Ok(()),
        }
    }

    async fn react(&self, comment: u64, reaction: Reaction) -> Result<bool, Failure> {
        let held = self.folder.hold()?;
        let Some((name, mut record)) = self.find_comment(comment)? else { return Ok(false) };
        if !record.reactions.iter().any(|known| known == reaction.content()) {
            record.reactions.push(reaction.content().to_owned());
            self.folder.write(&held, &name, &record)?;
        }
        Ok(true)
    }

    async fn react_on_line(&self, comment: u64, reaction: Reaction) -> Result<bool, Failure> {
        self.react_to_line(comment, reaction)
    }

    async fn labels(&self) -> Result<Vec<Label>, Failure> {
        Ok(self.known_labels()?.into_iter().map(Label::from).collect())
    }

    async fn create_label(&self, label: &Label) -> Result<(), Failure> {
        let held = self.folder.hold()?;
        let mut labels = self.known_labels()?;
        if labels.iter().any(|known| same_label(&known.name, &label.name)) {
            return Ok(());
        }
        let Label { name, color, description } = label.clone();
        labels.push(records::Label { name, color, description });
        self.folder.write(&held, "labels.json", &labels)
    }

    async fn add_labels(&self, issue: IssueNumber, names: &[String]) -> Result<Vec<String>, Failure> {
        Ok(self.put_labels(&self.folder.hold()?, issue, names)?.labels)
    }

    async fn remove_label(&self, issue: IssueNumber, name: &str) -> Result<(), Failure> {
        self.take_label(&self.folder.hold()?, issue, name).map(drop)
    }

    async fn add_assignees(&self, issue: IssueNumber, logins: &[Login]) -> Result<Vec<Login>, Failure> {
        let held = self.folder.hold()?;
        let mut record = self.present_issue(issue)?;
        let commenters: Vec<Login> =
            self.comment_records(issue)?.into_iter().map(|(_, comment)| comment.author.login).collect();
        let before = record.assignees.len();
        for login in logins {
            // As on GitHub: who may push, or wrote on the issue. Others are passed over without a word.
            let may = commenters.contains(login) || self.permission_of(login)?.can_write();
            if may && !record.assignees.contains(login) && record.assignees.len() < MOST_ASSIGNEES {
                record.assignees.push(login.clone());
            }
        }
        let assignees = record.assignees.clone();
        if assignees.len() > before {
            self.keep_changed(&held, record)?;
        }
        Ok(assignees)
    }

    async fn set_issue_type(
        &self,
        issue: IssueNumber,
        name: Option<&str>,
    ) -> Result<Option<String>, Failure> {
        let held = self.folder.hold()?;
        let mut record = self.present_issue(issue)?;
        record.issue_type = name.map(str::to_owned);
        Ok(self.keep_changed(&held, record)?.issue_type)
    }

    async fn set_milestone(
        &self,
        issue: IssueNumber,
        title: Option<&str>,
    ) -> Result<Option<String>, Failure> {
        let held = self.folder.hold()?;
        let mut record = self.present_issue(issue)?;
        // Every milestone that somebody names is there.
        record.milestone = title.map(str::to_owned);
        Ok(self.keep_changed(&held, record)?.milestone)
    }

    async fn set_field(&self, _: IssueNumber, _: &FieldValue) -> Result<FieldSet, Failure> {
        Ok(FieldSet::Not("a local forge has no projects, and no fields".to_owned()))
    }

    async fn commits_of(&self, _: &str) -> Result<Vec<FileCommit>, Failure> {
        Ok(Vec::new())
    }

    async fn close_issue(&self, issue: IssueNumber) -> Result<(), Failure> {
        let held = self.folder.hold()?;
        let mut record = self.present_issue(issue)?;
        record.state = OpenState::Closed;
        self.keep_changed(&held, record).map(drop)
    }

    async fn reopen_issue(&self, issue: IssueNumber) -> Result<(), Failure> {
        self.set_state(issue, OpenState::Open).map(drop)
    }

    async fn remove_assignees(&self, issue: IssueNumber, logins: &[Login]) -> Result<(), Failure> {
        let held = self.folder.hold()?;
        let mut record = self.present_issue(issue)?;
        let before = record.assignees.len();
        record.assignees.retain(|login| !logins.contains(login));
        if record.assignees.len() < before {
            self.keep_changed(&held, record)?;
        }
        Ok(())
    }

    async fn close_pull_request(&self, number: IssueNumber) -> Result<(), Failure> {
        let held = self.folder.hold()?;
        let mut record = self.present_issue(number)?;
        if record.pull.is_some() && record.state == OpenState::Open {
            record.state = OpenState::Closed;
            self.keep_changed(&held, record)?;
        }
        Ok(())
    }

    async fn open_pull_request(&self, new: &NewPullRequest) -> Result<Opened, Failure> {
        body::check(&new.body)?;
        let held = self.folder.hold()?;
        let open = self.pulls_from(&new.head)?;
        if let Some(pull) =
            open.into_iter().find(|pull| pull.base == new.base && pull.state == OpenState::Open)
        {
            return Ok(Opened::Exists(pull));
        }
        let now = self.now();
        let record = records::Issue {
            number: IssueNumber(self.folder.next_issue(&held)?),
            key: None,
            title: new.title.clone(),
            author: self.myself.clone(),
            state: OpenState::Open,
            labels: Vec::new(),
            assignees: Vec::new(),
            issue_type: None,
            milestone: None,
            pull: Some(Branches {
                head: new.head.clone(),
                base: new.base.clone(),
                draft: new.draft,
                merged: false,
                reviewers: Vec::new(),
            }),
            created_at: now,
            updated_at: now,
            body: new.body.clone(),
        };
        self.folder.write(&held, &record.file(), &record)?;
        let pull = record.to_pull(&self.folder.path(&record.file()));
        pull.map(Opened::Created).ok_or_else(|| Failure::permanent("bug", "A pull request has no branches."))
    }

    async fn pull_requests_from(&self, head: &str) -> Result<Vec<PullRequest>, Failure> {
        self.pulls_from(head)
    }

    async fn pull_state(&self, number: IssueNumber) -> Result<Option<PullState>, Failure> {
        Ok(self.issue_record(number)?.and_then(|record| record.to_pull_state()))
    }

    async fn reviewers(&self, pull: IssueNumber) -> Result<Vec<Login>, Failure> {
        Ok(self.present_issue(pull)?.pull.map(|branches| branches.reviewers).unwrap_or_default())
    }

    async fn request_reviewers(
        &self,
        pull: IssueNumber,
        logins: &[Login],
    ) -> Result<Option<Vec<Login>>, Failure> {
        let held = self.folder.hold()?;
        let mut record = self.present_issue(pull)?;
        let branches = record.pull.as_mut().ok_or_else(|| {
            Failure::permanent("not_found", format!("There is no pull request #{pull} here."))
        })?;
        for login in logins {
            if !branches.reviewers.contains(login) {
                branches.reviewers.push(login.clone());
            }
        }
        let asked = branches.reviewers.clone();
        self.keep_changed(&held, record)?;
        Ok(Some(asked))
    }

    async fn remove_reviewers(&self, pull: IssueNumber, logins: &[Login]) -> Result<(), Failure> {
        let held = self.folder.hold()?;
        let mut record = self.present_issue(pull)?;
        if let Some(branches) = &mut record.pull {
            branches.reviewers.retain(|login| !logins.contains(login));
        }
        self.keep_changed(&held, record).map(drop)
    }

    async fn reviews(&self, pull: IssueNumber) -> Result<Vec<Review>, Failure> {
        self.reviews_of(pull)
    }

    async fn line_comments(&self, pull: IssueNumber) -> Result<Vec<LineComment>, Failure> {
        self.lines_of(pull)
    }

    async fn answer_thread(
        &self,
        pull: IssueNumber,
        thread: u64,
        text: &str,
    ) -> Result<Option<u64>, Failure> {
        self.answer_on_line(pull, thread, text)
    }

    async fn failed_checks(&self, _commit: &CommitId) -> Result<Vec<FailedCheck>, Failure> {
        Ok(Vec::new())
    }

    async fn checks(&self, _commit: &CommitId) -> Result<Checks, Failure> {
        Ok(Checks::None)
    }

    async fn dispatch_workflow(&self, _file: &str, _reference: &str) -> Result<(), Failure> {
        Err(Failure::permanent("no_workflows", "A local forge starts no runs.")
            .hint("Run `automata drain` again."))
    }

    async fn run_state(&self, run: &RunId) -> Result<RunState, Failure> {
        Ok(run.local_process().map_or(RunState::Unknown, processes::state))
    }
}

impl Forge {
    /// Pull requests from a branch, newest first.
    fn pulls_from(&self, head: &str) -> Result<Vec<PullRequest>, Failure> {
        let mut pulls: Vec<PullRequest> = self
            .issue_records()?
            .iter()
            .filter_map(|record| record.to_pull(&self.folder.path(&record.file())))
            .filter(|pull| pull.head == head)
            .collect();
        pulls.sort_by_key(|pull| std::cmp::Reverse(pull.number));
        Ok(pulls)
    }
}

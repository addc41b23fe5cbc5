//! What the simulated GitHub holds.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use automata::domain::actor::Permission;
use automata::domain::id::RepositoryName;
use automata::domain::time::Timestamp;

use super::Fault;
use super::planning::Planning;
use super::render::id_of;

/// An issue, and what it has more when it is a pull request.
#[derive(Clone, Debug)]
pub(crate) struct IssueRecord {
    pub(crate) number: u64,
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) author: String,
    pub(crate) open: bool,
    pub(crate) labels: Vec<String>,
    pub(crate) assignees: Vec<String>,
    pub(crate) reactions: u64,
    pub(crate) issue_type: Option<String>,
    pub(crate) state_reason: Option<String>,
    pub(crate) pull: Option<PullRecord>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct PullRecord {
    pub(crate) head: String,
    pub(crate) base: String,
    pub(crate) draft: bool,
    pub(crate) merged: bool,
    /// How often its branch was pushed to since it was opened.
    pub(crate) pushes: u32,
    /// What GitHub calls its merge state, where the story says so.
    pub(crate) merge_state: Option<String>,
    /// Whether it is to be merged as soon as it may be.
    pub(crate) auto_merge: bool,
    /// Whether it is in the merge queue.
    pub(crate) in_queue: bool,
    /// The commit that it became.
    pub(crate) merged_as: Option<String>,
    /// Its last commit when it was merged; a branch may go afterwards.
    pub(crate) merged_at: Option<String>,
}

impl PullRecord {
    /// The last commit of its branch.
    pub(crate) fn head_commit(&self) -> String {
        match self.pushes {
            0 => format!("{:040x}", id_of(&self.head)),
            pushes => format!("{:040x}", id_of(&format!("{}+{pushes}", self.head))),
        }
    }
}

/// A check run.
#[derive(Clone, Debug)]
pub(crate) struct CheckRecord {
    pub(crate) id: u64,
    pub(crate) name: String,
    /// None while it runs.
    pub(crate) conclusion: Option<String>,
    /// What it noted: file, line and text.
    pub(crate) notes: Vec<(String, u64, String)>,
    /// Its maker's name for it, and what it says: a title and a text.
    pub(crate) own: Option<(String, String, String)>,
}

#[derive(Clone, Debug)]
pub(crate) struct CommentRecord {
    pub(crate) id: u64,
    pub(crate) issue: u64,
    pub(crate) author: String,
    pub(crate) body: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// A review of a pull request.
#[derive(Clone, Debug)]
pub(crate) struct ReviewRecord {
    pub(crate) id: u64,
    pub(crate) pull: u64,
    pub(crate) reviewer: String,
    /// `approved`, `changes_requested` or `commented`.
    pub(crate) verdict: String,
    pub(crate) body: String,
    /// The commit that was looked at.
    pub(crate) commit: String,
    pub(crate) submitted_at: Timestamp,
}

/// A comment on a line of a pull request.
#[derive(Clone, Debug)]
pub(crate) struct LineCommentRecord {
    pub(crate) id: u64,
    pub(crate) pull: u64,
    /// The comment that its thread begins with, where that is another.
    pub(crate) answers: Option<u64>,
    pub(crate) author: String,
    pub(crate) path: String,
    pub(crate) line: u64,
    pub(crate) body: String,
    pub(crate) written_at: Timestamp,
}

#[derive(Clone, Debug)]
pub(crate) struct LabelRecord {
    pub(crate) name: String,
    pub(crate) color: String,
    pub(crate) description: String,
}

/// Everything.
pub(crate) struct State {
    pub(crate) name: RepositoryName,
    pub(crate) id: u64,
    pub(crate) default_branch: String,
    pub(crate) began: Timestamp,
    pub(crate) now: Timestamp,
    /// Where this server is reached, with the path before `/repos`.
    pub(crate) base: String,
    /// The account behind the token, and what GraphQL calls its type.
    pub(crate) viewer: (String, String),
    pub(crate) people: BTreeMap<String, Permission>,
    pub(crate) issues: BTreeMap<u64, IssueRecord>,
    pub(crate) comments: BTreeMap<u64, CommentRecord>,
    /// Who reacted how on which comment, in order.
    pub(crate) reactions: Vec<(u64, String, String)>,
    pub(crate) labels: Vec<LabelRecord>,
    pub(crate) reviews: Vec<ReviewRecord>,
    pub(crate) line_comments: Vec<LineCommentRecord>,
    /// Threads that are resolved, by their first comments, with the person who did it; none: an App did.
    pub(crate) resolved: BTreeMap<u64, Option<String>>,
    /// The folder of the real repository behind it, where the story has one.
    pub(crate) repository: Option<std::path::PathBuf>,
    /// Whether the default branch has a merge queue.
    pub(crate) has_queue: bool,
    /// Whether a merge closes the issues that the text of a pull request names.
    pub(crate) keywords_close: bool,
    /// Whether rules ask for signed commits everywhere.
    pub(crate) wants_signatures: bool,
    /// Whether the default branch wants them by the older protection, and whether our token may see that.
    pub(crate) protected_by_signatures: Option<bool>,
    /// The App that asks for tokens.
    pub(crate) apps: super::apps::Apps,
    /// What is told of the token.
    pub(crate) token: super::token::Token,
    /// Logs of jobs.
    pub(crate) logs: BTreeMap<u64, String>,
    /// What was attached and made.
    pub(crate) made: super::making::MadeFiles,
    /// Issue types that the organisation has.
    pub(crate) issue_types: Vec<String>,
    /// What issues are planned for, who is asked for reviews, who wrote which file.
    pub(crate) planning: Planning,
    pub(crate) runs: BTreeMap<(u64, u32), String>,
    /// Branches on which a workflow run waits until somebody approves it.
    pub(crate) unapproved: BTreeSet<String>,
    /// Check runs by commit, the oldest first.
    pub(crate) checks: BTreeMap<String, Vec<CheckRecord>>,
    /// Commits of the repository that a story named.
    pub(crate) real_commits: BTreeSet<String>,
    /// The last state of each context, by commit.
    pub(crate) statuses_on: BTreeMap<String, BTreeMap<String, String>>,
    /// Workflow files, and whether they can be started by hand.
    pub(crate) workflows: BTreeMap<String, bool>,
    /// Which workflow was to be started, and on which branch.
    pub(crate) dispatches: Vec<(String, String)>,
    /// The branches that exist, when the test says which.
    pub(crate) branches: Option<BTreeSet<String>>,
    /// Addresses of next pages that were handed out.
    pub(crate) handed_out: BTreeSet<String>,
    pub(crate) faults: BTreeMap<String, VecDeque<Fault>>,
    pub(crate) journal: Vec<String>,
    pub(crate) statuses: Vec<u16>,
    pub(crate) violations: Vec<String>,
    /// Whether people say secrets in this story.
    pub(crate) people_say_secrets: bool,
    pub(crate) last_number: u64,
    pub(crate) last_comment: u64,
}

impl State {
    /// What a user may do; nothing for who is no user. The repository is public: everybody may look.
    pub(crate) fn permission_of(&self, login: &str) -> Option<Permission> {
        let listed = self.people.iter().find(|(person, _)| person.eq_ignore_ascii_case(login));
        match listed {
            Some((_, permission)) => Some(*permission),
            None if login.ends_with("[bot]") => None,
            None => Some(Permission::Read),
        }
    }

    pub(crate) fn known_label(&self, name: &str) -> Option<&LabelRecord> {
        self.labels.iter().find(|label| label.name.to_lowercase() == name.to_lowercase())
    }

    pub(crate) fn touch(&mut self, number: u64) {
        let now = self.now;
        if let Some(issue) = self.issues.get_mut(&number) {
            issue.updated_at = now;
        }
    }

    pub(crate) fn add_issue(
        &mut self,
        author: &str,
        title: &str,
        body: &str,
        labels: &[&str],
        pull: Option<PullRecord>,
    ) -> u64 {
        self.last_number += 1;
        let number = self.last_number;
        let (created_at, updated_at) = (self.now, self.now);
        self.issues.insert(
            number,
            IssueRecord {
                number,
                title: title.to_owned(),
                body: body.to_owned(),
                author: author.to_owned(),
                open: true,
                labels: Vec::new(),
                assignees: Vec::new(),
                reactions: 0,
                issue_type: None,
                state_reason: None,
                pull,
                created_at,
                updated_at,
            },
        );
        for label in labels {
            self.put_label(number, label);
        }
        number
    }

    pub(crate) fn add_comment(&mut self, author: &str, issue: u64, body: &str) -> u64 {
        self.last_comment += 1;
        let id = self.last_comment;
        let (created_at, updated_at) = (self.now, self.now);
        let (author, body) = (author.to_owned(), body.to_owned());
        self.comments.insert(id, CommentRecord { id, issue, author, body, created_at, updated_at });
        self.touch(issue);
        id
    }

    /// Puts a label on an issue under the repository's spelling; a new one comes into being.
    pub(crate) fn put_label(&mut self, number: u64, name: &str) {
        let name = match self.known_label(name) {
            Some(known) => known.name.clone(),
            None => {
                let (name, color) = (name.to_owned(), "ededed".to_owned());
                self.labels.push(LabelRecord { name: name.clone(), color, description: String::new() });
                name
            }
        };
        let issue = self.issues.get_mut(&number).unwrap();
        if !issue.labels.contains(&name) {
            issue.labels.push(name);
            self.touch(number);
        }
    }

    /// Whether it was there.
    pub(crate) fn take_label(&mut self, number: u64, name: &str) -> bool {
        let issue = self.issues.get_mut(&number).unwrap();
        let before = issue.labels.len();
        issue.labels.retain(|label| label.to_lowercase() != name.to_lowercase());
        let taken = issue.labels.len() < before;
        if taken {
            self.touch(number);
        }
        taken
    }
}

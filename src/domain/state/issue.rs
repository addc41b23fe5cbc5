//! What is so of one issue or pull request.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Fate;
use crate::domain::event::CommandAnswered;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::landmark::Landmark;
use crate::domain::machines::Machines;
use crate::domain::receipt;
use crate::domain::time::Timestamp;
use crate::domain::usage::Usage;
use crate::domain::verdict::Analysis;
use crate::domain::watched::DriveKey;

/// What is known of an issue or pull request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IssueState {
    /// Whether the number belongs to a pull request.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_pull: bool,
    /// Its title, one harmless line.
    pub title: String,
    /// Digest of an issue's text as it was last told to have been written, by which an edit is seen that nobody told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<u32>,
    /// Digest of its title and its whole text as they were told last: see `IssueFacts::written`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
    /// Who opened it.
    pub author: Login,
    /// When it was closed, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Timestamp>,
    /// Whether it is a pull request that was merged, as far as a trigger told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub merged: bool,
    /// When we last heard of it.
    pub updated_at: Timestamp,
    /// What machines did about it since a person did something.
    #[serde(default, skip_serializing_if = "Machines::is_none")]
    pub machines: Machines,
    /// Persons who have approved it since a task waits for that, the last one last. Whether their word counts
    /// is not known here: no trigger tells permissions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<Login>,
    /// Its labels, as we last heard of them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub labels: BTreeSet<String>,
    /// Labels that are there because of us.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub our_labels: BTreeSet<String>,
    /// Labels that a person asked for by a word: they are that person's, whoever put them there.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub asked_labels: BTreeSet<String>,
    /// Labels that a person took off; they are not put back.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refused_labels: BTreeSet<String>,
    /// Of those, the ones that we took off because somebody had what we did taken back, and who that was.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub undone_labels: BTreeMap<String, Login>,
    /// Who is assigned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assignees: Vec<Login>,
    /// Whether a person has set or cleared the issue's type: it stays as they left it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub type_is_theirs: bool,
    /// What was asked of the reporter, once there was something to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// People who are assigned because of us.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub our_assignees: BTreeSet<Login>,
    /// People whom a person unassigned; they are not assigned again.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub refused_assignees: BTreeSet<Login>,
    /// Of those, the ones whom we unassigned because somebody had what we did taken back, and who that was.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub undone_assignees: BTreeMap<Login, Login>,
    /// Why nothing about it is begun, while somebody has paused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<String>,
    /// The issue that it is a duplicate of, as somebody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duplicate_of: Option<IssueNumber>,
    /// What was said in comments and judged, by the comment's id: an edit does not say it again.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub heard: BTreeMap<u64, BTreeSet<String>>,
    /// What people wanted without a word of ours and how it was weighed, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weighed: Vec<String>,
    /// What the last one who asked is answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<CommandAnswered>,
    /// Whether what we had said and done was taken back: nothing of it is shown any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
    /// What people settled themselves, which is not changed again.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub settled: BTreeSet<Aspect>,
    /// What it had because of us once: where it is gone, a person took it away, whether or not we were told.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub had_ours: BTreeSet<Aspect>,
    /// Fields that we set, with the values: each once, and then they are people's.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub fields_set: BTreeSet<String>,
    /// What the last analysis found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub analysis: Option<Analysis>,
    /// Our status comment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_comment: Option<receipt::Comment>,
    /// The pull request for this issue: ours, or that of whoever works on it elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<receipt::PullRequest>,
    /// How that pull request fares.
    #[serde(default, skip_serializing_if = "Fate::is_unknown")]
    pub fate: Fate,
    /// The first messages of its threads in Slack, by their channels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub threads: BTreeMap<String, Thread>,
    /// Our check on its pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub check: Option<receipt::CheckRun>,
    /// Its folder in Drive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<Folder>,
    /// Folders in Drive that it has no more, as long as somebody has access to them because of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<LeftFolder>,
    /// Folders in Drive with what workflow runs for its pull request made, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub collected: Vec<receipt::DriveFolder>,
    /// What assistants used up for it.
    #[serde(default, skip_serializing_if = "Usage::is_nothing")]
    pub usage: Usage,
    /// What plugins say about it in the status comment, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub plugins: BTreeMap<String, String>,
    /// The names of rules of the configuration that led to something about it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub rules: BTreeSet<String>,
    /// What the work on it came past, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub landmarks: Vec<Landmark>,
}

impl IssueState {
    /// Whether a label is there because of us alone: no person asked for it.
    #[must_use]
    pub fn chose_label(&self, label: &str) -> bool {
        let is = |held: &String| held.to_lowercase() == label.to_lowercase();
        self.our_labels.iter().any(is) && !self.asked_labels.iter().any(is)
    }

    /// Remembers what a person asks for about labels, by a word.
    pub(in crate::domain) fn ask_for_labels(&mut self, add: &[String], remove: &[String]) {
        self.forget_asked(remove);
        self.asked_labels.extend(add.iter().cloned());
    }

    /// Forgets that these labels were asked for.
    pub(in crate::domain) fn forget_asked(&mut self, labels: &[String]) {
        let is_meant = |held: &str| labels.iter().any(|label| label.to_lowercase() == held.to_lowercase());
        self.asked_labels.retain(|held| !is_meant(held));
    }

    /// Labels that people took off, where these are `on` it now: those we were told of, and those of ours that are gone.
    #[must_use]
    pub fn labels_taken_off(&self, on: &[String]) -> Vec<String> {
        let is_on = |label: &str| on.iter().any(|held| held.to_lowercase() == label.to_lowercase());
        let gone = self.our_labels.iter().filter(|label| !is_on(label));
        gone.chain(&self.refused_labels).cloned().collect()
    }

    /// People whom people unassigned, where these are `assigned` now: those we were told of, and those of ours that are
    /// gone.
    #[must_use]
    pub fn unassigned(&self, assigned: &[Login]) -> Vec<Login> {
        let gone = self.our_assignees.iter().filter(|login| !assigned.contains(login));
        gone.chain(&self.refused_assignees).cloned().collect()
    }
}

impl super::State {
    /// The hop that what we write next about an issue or a pull request carries.
    #[must_use]
    pub fn hop_about(&self, number: IssueNumber) -> u8 {
        self.issues.get(&number).map_or(1, |issue| issue.machines.next_hop())
    }
}

/// The first message of an issue's thread in Slack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// The message, by its time as Slack names messages.
    pub message: String,
    /// Digest of what it says, by which an unchanged text is recognised without a call.
    pub digest: String,
}

/// The folder of an issue in Drive, and what lies in it because of us.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folder {
    /// Which.
    pub made: receipt::DriveFolder,
    /// What was copied into it, the newest last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub copied: Vec<receipt::DriveFile>,
    /// What shortcuts in it lead to that were made because the issue links to it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub linked: BTreeSet<DriveKey>,
    /// Who has access because of us.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shared: Vec<receipt::Shared>,
    /// What changed in it last, a clause; a stranger's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
}

/// A folder in Drive that was an issue's before it got another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftFolder {
    /// Which.
    pub id: DriveKey,
    /// Who has access to it because of the issue.
    pub shared: Vec<receipt::Shared>,
}

/// How it stands with what a report lacks. It is asked for once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// When it was found missing.
    pub at: Timestamp,
    /// When the reporter answered, or nothing was missing any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered: Option<Timestamp>,
    /// When it was seen that no answer came in the time that was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reminded: Option<Timestamp>,
}

/// A part of an issue or a pull request that people may settle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aspect {
    /// Its title.
    Title,
    /// Whether it is open.
    State,
    /// Whether it is a draft.
    Draft,
    /// What it is planned for.
    Milestone,
    /// Its type.
    Type,
}

//! Issues and pull requests as the log knows them, one row each.

use serde::Serialize;

use crate::domain::id::IssueNumber;
use crate::domain::state::{IssueState, State};

/// An issue or a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IssueRow {
    /// Its number.
    pub number: u64,
    /// Whether it is a pull request.
    pub is_pull: bool,
    /// open, closed or merged.
    pub state: &'static str,
    /// Whether somebody has paused it.
    pub paused: bool,
    /// Its title.
    pub title: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Who is assigned.
    pub assignees: Vec<String>,
    /// What the last analysis found it to be: its type and its urgency.
    pub found: Vec<&'static str>,
    /// The pull request for it.
    pub pull_request: Option<u64>,
}

/// All that are known, by number: what was closed for long has left the state.
#[must_use]
pub fn issue_list(state: &State) -> Vec<IssueRow> {
    state.issues.iter().map(|(number, issue)| row(*number, issue)).collect()
}

fn row(number: IssueNumber, issue: &IssueState) -> IssueRow {
    let analysis = issue.analysis.as_ref();
    let issue_type = analysis.and_then(|found| Some(found.issue_type.as_ref()?.value.name()));
    let urgency = analysis.and_then(|found| Some(found.urgency.as_ref()?.value.name()));
    IssueRow {
        number: number.0,
        is_pull: issue.is_pull,
        state: match issue.closed_at {
            _ if issue.merged => "merged",
            Some(_) => "closed",
            None => "open",
        },
        paused: issue.paused.is_some(),
        title: issue.title.clone(),
        labels: issue.labels.iter().cloned().collect(),
        assignees: issue.assignees.iter().map(ToString::to_string).collect(),
        found: issue_type.into_iter().chain(urgency).collect(),
        pull_request: issue.pull_request.as_ref().map(|pull| pull.number.0),
    }
}

//! What a trigger shows of an issue or a pull request, and how it becomes what is known of it.

use super::TITLE_WIDTH;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::state::{IssueState, State};
use crate::domain::time::Timestamp;
use crate::domain::trigger::{IssueFacts, OpenState, PullFacts, Trigger};
use crate::domain::untrusted::Excerpt;

/// GitHub's name of events about issues.
const ISSUES: &str = "issues";

impl State {
    /// Takes in what a trigger shows of an issue. Tellings can arrive out of order; the newest describes the
    /// present, and among tellings of the same second the last to arrive.
    pub(super) fn see(&mut self, sight: &Sight<'_>, trigger: &Trigger) -> (&mut IssueState, Age) {
        let state = self.issues.entry(sight.number).or_insert_with(|| IssueState::new(sight));
        // Another telling may show a text that nobody has told to be new: that one has still to be found. An edit that was
        // overtaken is no reason to look at the text again.
        if matches!(trigger.action.as_deref(), Some("opened" | "edited")) && trigger.event == ISSUES {
            state.text = sight.text.map(Excerpt::digest);
        }
        state.machines.heed(trigger);
        // What is merged stays merged, whichever telling comes last.
        state.merged |= sight.merged;
        if sight.at < state.updated_at {
            return (state, Age::Overtaken);
        }
        // Within a second only `reopened` opens again: what else was told shows how it was before.
        let opens = sight.at > state.updated_at || trigger.action.as_deref() == Some("reopened");
        state.title = sight.title.one_line(TITLE_WIDTH);
        if sight.written.is_some() {
            state.written = sight.written.cloned();
        }
        state.labels = sight.labels.iter().cloned().collect();
        if let Some(assignees) = sight.assignees {
            state.assignees.clone_from(assignees);
        }
        state.updated_at = sight.at;
        state.closed_at = match sight.open {
            OpenState::Open if opens => None,
            OpenState::Open => state.closed_at,
            OpenState::Closed => state.closed_at.or(Some(sight.at)),
        };
        (state, Age::Newest)
    }
}

/// Whether something newer was told before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    Newest,
    Overtaken,
}

/// What a trigger shows of an issue or a pull request.
pub(super) struct Sight<'a> {
    pub(super) number: IssueNumber,
    pub(super) is_pull: bool,
    pub(super) title: &'a Excerpt,
    /// Its text, where an edit of it counts.
    pub(super) text: Option<&'a Excerpt>,
    /// The digest of its title and its whole text, where it was told.
    pub(super) written: Option<&'a String>,
    pub(super) author: &'a Login,
    pub(super) open: OpenState,
    pub(super) merged: bool,
    /// Who is assigned, where that is shown.
    pub(super) assignees: Option<&'a Vec<Login>>,
    /// Its labels.
    pub(super) labels: &'a [String],
    pub(super) at: Timestamp,
}

impl<'a> Sight<'a> {
    pub(super) const fn of_issue(facts: &'a IssueFacts) -> Self {
        Self {
            number: facts.number,
            is_pull: facts.is_pull,
            title: &facts.title,
            text: if facts.is_pull { None } else { Some(&facts.body) },
            written: facts.written.as_ref(),
            author: &facts.author.login,
            open: facts.state,
            // An issue's clothes do not show it.
            merged: false,
            assignees: Some(&facts.assignees),
            labels: facts.labels.as_slice(),
            at: facts.updated_at,
        }
    }

    pub(super) const fn of_pull(facts: &'a PullFacts, trigger: &Trigger) -> Self {
        Self {
            number: facts.number,
            is_pull: true,
            title: &facts.title,
            text: None,
            written: facts.written.as_ref(),
            author: &facts.author.login,
            open: facts.state,
            merged: facts.merged,
            assignees: None,
            labels: facts.labels.as_slice(),
            at: trigger.at,
        }
    }
}

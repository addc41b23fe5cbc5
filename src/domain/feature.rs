//! What Automata does, feature by feature: the names under which each is turned on, held back, paused and counted.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::input;
use super::spec::TaskSpec;

/// Something that Automata does by itself, which can be turned on little by little.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    /// Reading issues.
    Analyse,
    /// Labels.
    Label,
    /// The organisation's issue types.
    Type,
    /// Assignments.
    Assign,
    /// Asking for what a report lacks.
    Ask,
    /// The label for duplicates.
    Duplicate,
    /// Milestones, projects and fields.
    Plan,
    /// The status comment.
    Comment,
    /// Changes and their pull requests.
    Implement,
    /// Going on with our pull requests.
    Revise,
    /// Asking for reviews.
    Review,
    /// Seeing to our pull requests and merging them.
    Merge,
    /// Slack.
    Slack,
    /// Other systems.
    Webhook,
    /// The check on our pull requests.
    CheckRun,
    /// Google Drive.
    Drive,
    /// Plugins.
    Exec,
}

impl Feature {
    /// All of them, in the order in which they come.
    pub const ALL: [Self; 17] = [
        Self::Analyse,
        Self::Label,
        Self::Type,
        Self::Assign,
        Self::Ask,
        Self::Duplicate,
        Self::Plan,
        Self::Comment,
        Self::Implement,
        Self::Revise,
        Self::Review,
        Self::Merge,
        Self::Slack,
        Self::Webhook,
        Self::CheckRun,
        Self::Drive,
        Self::Exec,
    ];

    /// Name and what it does, a sentence.
    const fn row(self) -> (&'static str, &'static str) {
        match self {
            Self::Analyse => ("analyse", "Reads issues and finds out what they are; learns it from labels."),
            Self::Label => ("label", "Adds and takes off labels."),
            Self::Type => ("type", "Sets the organisation's issue types."),
            Self::Assign => ("assign", "Assigns people."),
            Self::Ask => ("ask", "Labels, reminds and closes reports that lack something."),
            Self::Duplicate => ("duplicate", "Labels an issue that repeats another."),
            Self::Plan => (
                "plan",
                "Sets milestones and fields, and closes or reopens issues where a plugin asks for it.",
            ),
            Self::Comment => {
                ("comment", "Keeps the status comment, and says what another configuration would change.")
            }
            Self::Implement => ("implement", "Asks assistants for changes and opens pull requests."),
            Self::Revise => ("revise", "Goes on with its pull requests after reviews and failed checks."),
            Self::Review => ("review", "Asks people for reviews of its pull requests."),
            Self::Merge => ("merge", "Keeps its pull requests up to date, and merges them."),
            Self::Slack => ("slack", "Tells Slack."),
            Self::Webhook => ("webhook", "Tells other systems."),
            Self::CheckRun => ("check_run", "Shows a check on its pull requests."),
            Self::Drive => ("drive", "Does everything in Google Drive."),
            Self::Exec => ("exec", "Starts plugins; what they ask for belongs to the other features."),
        }
    }

    /// How configuration, words and output write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// What it does, a sentence.
    #[must_use]
    pub const fn about(self) -> &'static str {
        self.row().1
    }

    /// The one of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|feature| feature.name() == name)
    }

    /// The feature that a task belongs to; none: what people ask for directly, and places that do nothing.
    #[must_use]
    pub fn of(spec: &TaskSpec) -> Option<Self> {
        spec.feature.or_else(|| Self::of_kind(spec.kind.as_str()))
    }

    /// The feature that tasks of a kind belong to where they do not say another.
    #[must_use]
    pub fn of_kind(kind: &str) -> Option<Self> {
        Some(match kind {
            input::ANALYSE | input::LEARN => Self::Analyse,
            input::LABEL => Self::Label,
            input::SET_TYPE => Self::Type,
            input::ASSIGN => Self::Assign,
            input::REMIND => Self::Ask,
            input::SET_MILESTONE | input::SET_FIELD | input::SET_STATE => Self::Plan,
            input::COMMENT | input::REHEARSE => Self::Comment,
            input::IMPLEMENT | input::OPEN_PULL_REQUEST | input::FOLLOW => Self::Implement,
            input::REVISE => Self::Revise,
            input::REQUEST_REVIEW => Self::Review,
            input::TEND => Self::Merge,
            input::SLACK => Self::Slack,
            input::WEBHOOK => Self::Webhook,
            input::CHECK_RUN => Self::CheckRun,
            input::EXEC => Self::Exec,
            _ if kind.starts_with("drive_") => Self::Drive,
            _ => return None,
        })
    }

    /// Whether there is something that a person could approve before it is done: a change of theirs, not a word about one.
    #[must_use]
    pub const fn can_be_suggested(self) -> bool {
        !matches!(self, Self::Analyse | Self::Comment | Self::Slack | Self::Webhook | Self::CheckRun)
    }

    /// Whether it changes nothing outside, so that there is nothing to leave out of it.
    #[must_use]
    pub const fn only_reads(self) -> bool {
        matches!(self, Self::Analyse)
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_but_what_people_say_and_what_does_nothing_belongs_to_a_feature() {
        let without: Vec<&str> =
            input::KINDS.iter().copied().filter(|kind| Feature::of_kind(kind).is_none()).collect();
        assert_eq!(without, [input::OBEY, input::UNDO, input::MILESTONE]);
    }

    #[test]
    fn names_are_the_ones_in_the_log() {
        for feature in Feature::ALL {
            assert_eq!(Feature::find(feature.name()), Some(feature));
            assert_eq!(serde_json::to_value(feature).unwrap(), feature.name());
        }
    }
}

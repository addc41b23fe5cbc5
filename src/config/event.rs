//! The events that rules can name: those about an issue or a pull request, those about what was made, and ours.

use super::drive_actions::CHANGED;
use crate::domain::spec::Ending;

/// The name of the moment when an analysis is done. It is ours, not GitHub's.
pub(in crate::config) const ANALYSED: &str = "analysed";

/// The ends of tasks. They are ours as well.
pub(super) const ENDINGS: [(&str, Ending); 3] = [
    ("task.completed", Ending::Completed),
    ("task.failed", Ending::Failed),
    ("task.cancelled", Ending::Cancelled),
];

/// Events and their actions (docs.github.com, "Events that trigger workflows"; facts of November 2026).
pub(super) const EVENTS: [(&str, &[&str]); 8] = [
    (
        "issues",
        &[
            "opened",
            "edited",
            "deleted",
            "transferred",
            "pinned",
            "unpinned",
            "closed",
            "reopened",
            "assigned",
            "unassigned",
            "labeled",
            "unlabeled",
            "locked",
            "unlocked",
            "milestoned",
            "demilestoned",
            "field_added",
            "field_removed",
            "typed",
            "untyped",
        ],
    ),
    ("issue_comment", &["created", "edited", "deleted"]),
    ("pull_request", PULL_ACTIONS),
    ("pull_request_target", PULL_ACTIONS),
    ("pull_request_review", &["submitted", "edited", "dismissed"]),
    ("pull_request_review_comment", &["created", "edited", "deleted"]),
    ("release", &["published"]),
    ("workflow_run", &["completed"]),
];

const PULL_ACTIONS: &[&str] = &[
    "opened",
    "edited",
    "closed",
    "reopened",
    "synchronize",
    "assigned",
    "unassigned",
    "labeled",
    "unlabeled",
    "locked",
    "unlocked",
    "milestoned",
    "demilestoned",
    "converted_to_draft",
    "ready_for_review",
    "review_requested",
    "review_request_removed",
    "auto_merge_enabled",
    "auto_merge_disabled",
    "enqueued",
    "dequeued",
];

/// Every name that `on` takes: an event, an event with an action, [`ANALYSED`], [`CHANGED`] and [`ENDINGS`].
pub(super) fn names() -> Vec<String> {
    let of_event = |(event, actions): &(&str, &[&str])| {
        let with_action: Vec<String> = actions.iter().map(|action| format!("{event}.{action}")).collect();
        std::iter::once((*event).to_owned()).chain(with_action).collect::<Vec<_>>()
    };
    let ours = [ANALYSED, CHANGED].into_iter().chain(ENDINGS.map(|(name, _)| name)).map(str::to_owned);
    EVENTS.iter().flat_map(of_event).chain(ours).collect()
}

//! The actions that events can have, as GitHub lists them.

/// Events with actions, and all that each can have: GitHub's description of its webhooks (OpenAPI `x-webhooks`,
/// November 2026) and docs.github.com, "Events that trigger workflows". What stands in neither is a slip of
/// whoever wrote the payload, or newer than this program.
const ACTIONS: [(&str, &[&str]); 9] = [
    (
        "issues",
        &[
            "assigned",
            "closed",
            "deleted",
            "demilestoned",
            "edited",
            "field_added",
            "field_removed",
            "labeled",
            "locked",
            "milestoned",
            "opened",
            "pinned",
            "reopened",
            "transferred",
            "typed",
            "unassigned",
            "unlabeled",
            "unlocked",
            "unpinned",
            "untyped",
        ],
    ),
    ("issue_comment", &["created", "deleted", "edited", "pinned", "unpinned"]),
    ("pull_request", PULL),
    ("pull_request_target", PULL),
    ("pull_request_review", &["dismissed", "edited", "submitted"]),
    ("pull_request_review_comment", &["created", "deleted", "edited"]),
    ("label", &["created", "deleted", "edited"]),
    ("workflow_run", &["completed", "in_progress", "requested"]),
    ("release", &["created", "deleted", "edited", "prereleased", "published", "released", "unpublished"]),
];

const PULL: &[&str] = &[
    "assigned",
    "auto_merge_disabled",
    "auto_merge_enabled",
    "closed",
    "converted_to_draft",
    "demilestoned",
    "dequeued",
    "edited",
    "enqueued",
    "labeled",
    "locked",
    "milestoned",
    "opened",
    "ready_for_review",
    "reopened",
    "review_request_removed",
    "review_requested",
    "stacked",
    "synchronize",
    "unassigned",
    "unlabeled",
    "unlocked",
];

/// Whether an event can have this action. An event without a list takes any: the type of a
/// `repository_dispatch` is the caller's choice.
#[must_use]
pub fn is_known(event: &str, action: &str) -> bool {
    ACTIONS.iter().find(|(name, _)| *name == event).is_none_or(|(_, actions)| actions.contains(&action))
}

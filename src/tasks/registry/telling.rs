//! The kinds that tell others what happens.

use crate::domain::input;
use crate::domain::task::DEFAULT_LEASE;
use crate::tasks::{Kind, check_run, rehearse, slack, webhook};

/// See [`input::SLACK`].
pub(super) const SLACK: Kind = Kind {
    name: input::SLACK,
    about: "Tells Slack what happened: one thread for each issue, its first message kept up to date.",
    guarantee: "With a bot's token one message for each thing, found again by its metadata; with an incoming webhook at least one.",
    example: "{}",
    changes_outside: true,
    heavy: false,
    writes: 0,
    drive_units: 0,
    lease: |_| DEFAULT_LEASE,
    run: |context| Box::pin(slack::run(context)),
    if_final: |_| Vec::new(),
};

/// See [`input::WEBHOOK`].
pub(super) const WEBHOOK: Kind = Kind {
    name: input::WEBHOOK,
    about: "Tells another system one thing that happened, by a signed call with a CloudEvents body.",
    guarantee: "At least once, with the same `webhook-id` each time, by which the receiver knows it again.",
    example: r#"{"name": "ci", "notice": {"what": "merged", "sequence": 17, "subject": "issue/42", "at": "2026-11-22T10:00:00Z"}}"#,
    changes_outside: true,
    heavy: false,
    writes: 0,
    drive_units: 0,
    lease: |_| DEFAULT_LEASE,
    run: |context| Box::pin(webhook::run(context)),
    if_final: |_| Vec::new(),
};

/// See [`input::CHECK_RUN`].
pub(super) const CHECK_RUN: Kind = Kind {
    name: input::CHECK_RUN,
    about: "Keeps our check on a pull request of ours up to date: what is being done about it, and what came of that.",
    guarantee: "One check for each commit, found again by its id and changed in place; nothing is sent when nothing changed.",
    example: "{}",
    changes_outside: true,
    heavy: false,
    writes: 1,
    drive_units: 0,
    lease: |_| DEFAULT_LEASE,
    run: |context| Box::pin(check_run::run(context)),
    if_final: |_| Vec::new(),
};

/// See [`input::REHEARSE`].
pub(super) const REHEARSE: Kind = Kind {
    name: input::REHEARSE,
    about: "Says on a pull request that changes the configuration what the change would have done, in one comment.",
    guarantee: "One comment, found again by its marker and edited in place; nothing of the pull request is run.",
    example: r#"{"head": "<sha>", "base": "main"}"#,
    changes_outside: true,
    heavy: true,
    writes: 1,
    drive_units: 0,
    lease: |_| DEFAULT_LEASE,
    run: |context| Box::pin(rehearse::run(context)),
    if_final: |_| Vec::new(),
};

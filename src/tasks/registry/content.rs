//! The kinds that put content into Google Drive.

use crate::domain::input;
use crate::domain::task::DEFAULT_LEASE;
use crate::tasks::{Kind, drive_export, drive_put};

/// See [`input::DRIVE_PUT`].
pub(super) const DRIVE_PUT: Kind = Kind {
    name: input::DRIVE_PUT,
    about: "Puts a file of the working copy into a folder in Google Drive, with `replace` into the file of that name that is there, with `convert` as a Google document; a large one in parts.",
    guarantee: "Its id, or where it is converted its upload, is durable before it is made, so there is never a second one; no part that Drive has is sent again.",
    example: r#"{"file": "dist/report.pdf", "folder": "docs:reports"}"#,
    changes_outside: true,
    heavy: false,
    writes: 0,
    drive_units: 1000,
    lease: drive_put::lease,
    run: |context| Box::pin(drive_put::run(context)),
    if_final: |_| Vec::new(),
};

/// See [`input::DRIVE_EXPORT`].
pub(super) const DRIVE_EXPORT: Kind = Kind {
    name: input::DRIVE_EXPORT,
    about: "Keeps a Google document in another format, such as PDF, in a folder in Google Drive; with `replace` in the same file each time.",
    guarantee: "Its id is durable before it is made, so there is never a second one; a document that has not changed since is not exported again.",
    example: r#"{"document": "docs:plans/Plan", "as": "pdf", "to": "docs:pdf", "replace": true}"#,
    changes_outside: true,
    heavy: false,
    writes: 0,
    drive_units: 500,
    lease: |_| DEFAULT_LEASE,
    run: |context| Box::pin(drive_export::run(context)),
    if_final: |_| Vec::new(),
};

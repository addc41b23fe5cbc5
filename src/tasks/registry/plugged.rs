//! The kind that starts plugins, and the one that only they ask for.

use crate::domain::input;
use crate::domain::task::DEFAULT_LEASE;
use crate::tasks::{Kind, exec, set_state};

/// See [`input::EXEC`].
pub(super) const EXEC: Kind = Kind {
    name: input::EXEC,
    about: "Starts a plugin, and has done what it answers as far as the configuration lets it.",
    guarantee: "All of an answer is done or nothing, and what is recorded is not asked for again; a run that is killed before starts the program once more.",
    example: r#"{"plugin": "greeter"}"#,
    changes_outside: true,
    heavy: true,
    writes: 0,
    drive_units: 0,
    lease: exec::lease,
    run: |context| Box::pin(exec::run(context)),
    if_final: |_| Vec::new(),
};

/// See [`input::SET_STATE`].
pub(super) const SET_STATE: Kind = Kind {
    name: input::SET_STATE,
    about: "Closes an issue as not planned or opens it again, unless a person has closed or reopened it.",
    guarantee: "Closing twice is closing once.",
    example: r#"{"to": "closed"}"#,
    changes_outside: true,
    heavy: false,
    writes: 1,
    drive_units: 0,
    lease: |_| DEFAULT_LEASE,
    run: |context| Box::pin(set_state::run(context)),
    if_final: |_| Vec::new(),
};

//! What a machine leaves open that was to be bounded.

/// One bound that could not be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// A whole sentence about it.
    pub told: String,
    /// Whether it opens what bounds are for, files and the network, so that who requires bounds does without the program.
    pub is_wide: bool,
}

impl Gap {
    pub(super) fn wide(told: impl Into<String>) -> Self {
        Self { told: told.into(), is_wide: true }
    }

    pub(super) fn small(told: impl Into<String>) -> Self {
        Self { told: told.into(), is_wide: false }
    }
}

//! What is not as wanted, and what would mend it.

use serde::Serialize;

use super::words::{May, Standing, Who};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// Not as wanted.
    Drift,
    /// Somebody may see or do what they should not.
    Risk,
}

/// What would mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Mend {
    /// Access is given.
    Give {
        /// To whom.
        who: Who,
        /// What.
        may: May,
    },
    /// A grant is changed.
    Change {
        /// Which.
        id: String,
        /// To what.
        may: May,
    },
    /// A grant is taken away.
    Take {
        /// Which.
        id: String,
    },
    /// A person has to.
    ByHand {
        /// What.
        what: String,
    },
    /// Nothing: it is only told.
    Nothing,
}

/// Something that is not as wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub weight: Weight,
    /// One word: `missing`, `too_little`, `too_much`, `extra`, `public`, `outside`, `orphaned`, `unknown`.
    pub kind: &'static str,
    /// What is the matter, one sentence without its full stop.
    pub what: String,
    /// What would mend it.
    pub mend: Mend,
}

impl Finding {
    /// Whether the owner would have to go, which nobody can take away.
    pub(super) fn is_of_owner(&self, real: &[Standing]) -> bool {
        let is_owner = |id: &str| real.iter().any(|one| one.id == id && one.may == Some(May::Owner));
        matches!(&self.mend, Mend::Take { id } if is_owner(id))
    }
}

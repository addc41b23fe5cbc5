//! What was learned from the repository's own labels, as the log tells it: the model itself lies beside the log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A classifier of issue types was trained, and is to be used from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelLearned {
    /// The SHA-256 of the model's bytes, 64 hexadecimal digits. By it the model is found, and one with another is not
    /// used.
    pub digest: String,
    /// The model's size in bytes.
    pub bytes: u64,
    /// How many labelled issues of each type it learned from.
    pub rows: BTreeMap<String, u32>,
    /// How good it was in cross-validation: the mean of the types' F1, in thousandths.
    pub macro_f1_thousandths: u16,
}

/// What was learned is not used any more: the rules judge alone until something is learned again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelSetAside {
    /// Why.
    pub reason: String,
}

impl ModelLearned {
    /// How many labelled issues it learned from.
    #[must_use]
    pub fn all_rows(&self) -> u32 {
        self.rows.values().sum()
    }

    /// The mean of the types' F1, from 0 to 1.
    #[must_use]
    pub fn macro_f1(&self) -> f64 {
        f64::from(self.macro_f1_thousandths) / 1000.0
    }
}

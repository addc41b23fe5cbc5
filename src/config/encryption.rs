//! Whether the log is encrypted, and for whom.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::encryption::{Extent, NotARecipient, Recipient};

/// Whether what stands in the log can be read by everybody who can read the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EncryptionRules {
    /// How much is encrypted. Without this key: `sensitive` when `recipients` names somebody, else `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "EncryptionMode", extend("default" = null))]
    pub mode: Option<EncryptionMode>,
    /// Who can read it: public keys as `age-keygen` prints them, `age1…`. One of them is that of the secret
    /// AUTOMATA_AGE_KEY, by which Automata reads it itself. Whoever is taken off this list cannot read what is recorded from then on.
    #[schemars(inner(length(min = 1, max = 100)))]
    pub recipients: Vec<String>,
    /// The digest of keys that are taken although nothing proves that one of `recipients` made them: only when an error names
    /// it, and somebody knows that these are the right ones. The next run that writes adds the proof; then this can go.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", length(min = 64, max = 64), extend("default" = null))]
    pub trusted_keys: Option<String>,
}

/// How much is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EncryptionMode {
    /// Nothing.
    None,
    /// What people and assistants wrote, addresses and sessions. Types, times, subjects, states, labels and logins stay readable.
    Sensitive,
    /// Everything but types, times and subjects.
    All,
}

impl EncryptionRules {
    /// How much is encrypted.
    #[must_use]
    pub fn extent(&self) -> Extent {
        match self.mode {
            Some(EncryptionMode::None) => Extent::Nothing,
            Some(EncryptionMode::All) => Extent::All,
            Some(EncryptionMode::Sensitive) => Extent::Sensitive,
            None if self.recipients.is_empty() => Extent::Nothing,
            None => Extent::Sensitive,
        }
    }

    /// Who can read it, or why one of them is none, with its place.
    ///
    /// # Errors
    /// The place in the list, and what is wrong there.
    pub fn readers(&self) -> Result<Vec<Recipient>, (usize, NotARecipient)> {
        let parsed = self.recipients.iter().enumerate();
        parsed.map(|(at, text)| Recipient::parse(text).map_err(|error| (at, error))).collect()
    }
}

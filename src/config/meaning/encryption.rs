//! Encryption for people who exist, and for somebody at all.

use std::collections::BTreeSet;

use super::Found;
use crate::config::encryption::EncryptionRules;
use crate::domain::encryption::{NotARecipient, Recipient};

impl Found<'_> {
    pub(super) fn encryption(&mut self, rules: &EncryptionRules) {
        let at = |key: &str| ["state".into(), "encryption".into(), key.into()];
        let mut seen = BTreeSet::new();
        for (index, text) in rules.recipients.iter().enumerate() {
            let path = ["state".into(), "encryption".into(), "recipients".into(), index.into()];
            match Recipient::parse(text) {
                Ok(reader) if !seen.insert(reader.clone()) => {
                    self.add(&path, format!("{reader} is named twice"), None);
                }
                Ok(_) => {}
                Err(error @ NotARecipient::Secret) => {
                    let hint = "make a new key: this one is known to everybody who can read the file now";
                    self.add(&path, error.to_string(), Some(hint));
                }
                Err(error) => self.add(&path, error.to_string(), None),
            }
        }
        if rules.recipients.is_empty() && rules.extent().is_anything() {
            let hint = "name at least the public key of the secret AUTOMATA_AGE_KEY in `recipients`";
            self.add(&at("mode"), "nobody could read it: there are no `recipients`", Some(hint));
        }
    }
}

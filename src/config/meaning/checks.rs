//! Checks whose names tell them apart.

use std::collections::BTreeSet;

use super::Found;
use crate::config::pull_requests::CheckRule;

impl Found<'_> {
    pub(super) fn checks(&mut self, checks: &[CheckRule]) {
        let mut names = BTreeSet::new();
        for (index, check) in checks.iter().enumerate() {
            let at = |key: &str| ["checks".into(), index.into(), key.into()];
            if check.name.trim().is_empty() || check.name.chars().any(char::is_control) {
                self.add(&at("name"), "the name is no line of text", None);
            }
            if !names.insert(check.name.as_str()) {
                self.add(&at("name"), format!("two checks are called `{}`", check.name), None);
            }
            if check.run.trim().is_empty() {
                self.add(&at("run"), "the command is empty", None);
            }
        }
    }
}

//! Names of happenings: a redelivery, a re-run and a second workflow on the same event give the same name.
//!
//! | event | name |
//! |---|---|
//! | `issues` opened, deleted, transferred | action, issue: happens once |
//! | `issues`, `pull_request`, `pull_request_target`, other actions | action, subject, what the action names, actor, time of the update (without one, our workflow run); for edits also a digest of the text, because times have whole seconds; for fields a digest of the value; for pushes the new head |
//! | `pull_request` opened | action, pull request: happens once |
//! | `issue_comment`, `pull_request_review_comment` created, deleted | action, comment: happens once |
//! | … edited | action, comment, time of the update, digest of the text |
//! | … pinned, unpinned | action, comment, actor, time of the update |
//! | `pull_request_review` submitted, dismissed | action, review; else also time of the update and digest of the text |
//! | `label` created, deleted | action, label; else also a digest of the label, and the workflow run |
//! | `workflow_run` | action, that run and its attempt |
//! | `schedule` | the cron line, our workflow run; outside Actions the minute |
//! | `workflow_dispatch`, `repository_dispatch` | our workflow run; outside Actions a digest of the data and the time |
//! | `push` | ref, commits before and after, when the repository was pushed to |
//!
//! The attempt of our own run is never part of a name: re-running a run tells the same thing again.

use super::IntakeContext;
use super::refusal::digest;
use crate::domain::id::TriggerIdentity;
use crate::domain::time::Timestamp;

/// Bytes of a part that are kept as they are; a longer part is told by its digest.
const PART_BYTES: usize = 120;
/// Hexadecimal digits of a digest inside a name: 64 bits, within one subject and second.
const DIGEST_DIGITS: usize = 16;

/// A name in the making: parts with a space between.
#[derive(Debug)]
pub(super) struct Name(String);

impl Name {
    pub(super) fn of(event: &str, action: Option<&str>) -> Self {
        Self(event.to_owned()).suffix(action)
    }

    fn suffix(mut self, action: Option<&str>) -> Self {
        if let Some(action) = action {
            self.0.push('.');
            self.0.push_str(&part(action));
        }
        self
    }

    pub(super) fn and(mut self, text: impl ToString) -> Self {
        self.0.push(' ');
        self.0.push_str(&part(&text.to_string()));
        self
    }

    /// Adds a digest of several texts, each with its length so that they cannot run into each other.
    pub(super) fn digest(self, texts: &[impl AsRef<str>]) -> Self {
        let texts = texts.iter().map(AsRef::as_ref);
        let joined: String = texts.map(|text| format!("{}:{text}", text.len())).collect();
        self.and(&digest(joined.as_bytes())[..DIGEST_DIGITS])
    }

    /// Adds our workflow run, or what stands in for it where there is none.
    pub(super) fn run(
        self,
        context: &IntakeContext,
        otherwise: impl FnOnce(Self, Timestamp) -> Self,
    ) -> Self {
        match context.run.workflow() {
            Some((run, _attempt)) => self.and(format!("run/{run}")),
            None => otherwise(self, context.received_at),
        }
    }

    pub(super) fn done(self) -> TriggerIdentity {
        TriggerIdentity::new(self.0)
    }
}

/// Parts come from strangers too (branch and label names): what is long or not plain is told by its digest.
fn part(text: &str) -> String {
    let plain =
        !text.is_empty() && text.len() <= PART_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic());
    if plain { text.to_owned() } else { format!("~{}", &digest(text.as_bytes())[..DIGEST_DIGITS]) }
}

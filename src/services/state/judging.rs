//! Judging a branch that is not where its witness is: did the log go on, was it set back, or is the witness wrong?
//!
//! Ancestry alone does not tell. An ordinary `git revert` makes a commit on top, and takes events away all the same.
//! So the log at the branch must hold what the witness saw: the same chain's hash after the same event.

use std::collections::BTreeSet;

use super::archive::SEARCHED_FOR_A_TIP;
use super::tip::Tip;
use super::{GitLog, unpoisoned};
use crate::log::{Error, Head};
use crate::services::git::objects::ObjectId;
use crate::services::git::remote::{self, Depth};

/// Why a commit cannot be what the log's witness saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// There is no log in it, or it cannot be read: in words.
    NoLog(String),
    /// The log there began otherwise than the branch's.
    OtherLog,
}

impl GitLog {
    /// Whether the log at `witness` goes on at `branch`.
    pub(super) async fn goes_on(&self, branch: Option<ObjectId>, witness: ObjectId) -> Result<bool, Error> {
        let Some(branch) = branch else { return Ok(false) };
        Ok(self.stands_on(branch, witness).await? && self.holds(branch, witness).await?)
    }

    /// Whether `witness` is in the branch's history. What is needed of that is fetched: so many commits as there are
    /// events between them, and some by other hands.
    async fn stands_on(&self, branch: ObjectId, witness: ObjectId) -> Result<bool, Error> {
        if self.leads_to(branch, witness) {
            return Ok(true);
        }
        let between = match (self.log_at(witness).await?, self.log_at(branch).await?) {
            (Some(left), Some(now)) if now.head.sequence < left.head.sequence => return Ok(false),
            (Some(left), Some(now)) => {
                u32::try_from(now.head.sequence.0 - left.head.sequence.0).unwrap_or(u32::MAX)
            }
            _ => 0,
        };
        let depth = Depth::Last(between.saturating_add(SEARCHED_FOR_A_TIP));
        self.remote.fetch(&self.objects, &[branch], depth).await.map_err(|error| match error {
            remote::Error::Damaged { reason, .. } => self.unusable(branch, reason),
            other => other.into(),
        })?;
        Ok(self.leads_to(branch, witness))
    }

    /// Whether the log at `branch` holds all that the one at `witness` did. Where one of them cannot be read, that is
    /// no reason to say so: whoever reads the branch meets the damage itself.
    async fn holds(&self, branch: ObjectId, witness: ObjectId) -> Result<bool, Error> {
        let (Some(now), Some(left)) = (self.log_at(branch).await?, self.log_at(witness).await?) else {
            return Ok(true);
        };
        if now.head.sequence < left.head.sequence {
            return Ok(false);
        }
        let chain = self.chain_at(&now, left.head.sequence).await?;
        Ok(chain == Some(left.head.chain))
    }

    /// Warns of a commit by another hand on a branch whose log is whole.
    pub(super) async fn warn_of_other_hands(&self, now: &Head) {
        let seen = *unpoisoned(&self.seen);
        let Some((_, witness)) = seen.filter(|seen| !seen.agrees()).and_then(|seen| seen.witness) else {
            return;
        };
        if let Ok(left) = self.tip_at(witness).await
            && left.head.sequence == now.sequence
            // Sealing the tail by hand brings no event either.
            && now.tail > 0
        {
            tracing::warn!(
                "{} has a commit by another hand, which leaves the log as it is; the next append leaves out what it brought",
                self.settings.reference()
            );
        }
    }

    /// Why what `witness` names cannot have been the log at `branch`; none when it may have been.
    pub(super) async fn is_wrong(
        &self,
        branch: Option<ObjectId>,
        witness: ObjectId,
    ) -> Result<Option<Wrong>, Error> {
        let left = match self.tip_at(witness).await {
            Ok(left) => left,
            Err(Error::NotALog(_)) => {
                return Ok(Some(Wrong::NoLog("there is no head.json in it".to_owned())));
            }
            Err(Error::Damaged { reason, .. }) => return Ok(Some(Wrong::NoLog(reason))),
            // A log all the same.
            Err(Error::Newer { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(branch) = branch else { return Ok(None) };
        let Some(now) = self.log_at(branch).await? else { return Ok(None) };
        let beginnings = (self.beginning(&left).await?, self.beginning(&now).await?);
        Ok(match beginnings {
            (Some(left), Some(now)) if left != now => Some(Wrong::OtherLog),
            _ => None,
        })
    }

    /// The log at a commit; none when none can be read there.
    pub(super) async fn log_at(&self, commit: ObjectId) -> Result<Option<Tip>, Error> {
        match self.tip_at(commit).await {
            Ok(tip) => Ok(Some(tip)),
            Err(Error::NotALog(_)) => Ok(None),
            Err(error) if error.is_damage() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether `wanted` is found going back from `commit`, as far as commits are here.
    fn leads_to(&self, commit: ObjectId, wanted: ObjectId) -> bool {
        let (mut open, mut known) = (vec![commit], BTreeSet::new());
        while let Some(commit) = open.pop() {
            if commit == wanted {
                return true;
            }
            if known.insert(commit)
                && let Ok(read) = self.objects.read_commit(commit)
            {
                open.extend(read.parents);
            }
        }
        false
    }
}

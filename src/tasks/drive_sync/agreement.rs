//! What both sides last agreed on, and where that is kept: on this machine where the working copy stays, and beside the log
//! where it is fetched for each run.

use std::collections::BTreeSet;
use std::path::Path;

use super::sides::Sides;
use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::drive::agreed::{self, Agreed};
use crate::drive::sync::{Base, Direction, Plan, remember};
use crate::services::drive::{FileId, Manifest};
use crate::services::models::Models;
use crate::tasks::WorkingCopy;

/// Where it is kept for a pair of folders.
pub struct Agreement<'a> {
    /// This machine's memory.
    pub manifest: Option<&'a Manifest>,
    /// The place beside the log.
    pub beside: Option<&'a dyn Models>,
    /// How the working copy came here.
    pub working_copy: WorkingCopy,
    /// The folder here, as it was named.
    pub folder: &'a Path,
    /// The folder in Drive.
    pub top: &'a FileId,
    /// Which side is the model: only where none is, there is something to remember.
    pub direction: Direction,
}

impl Agreement<'_> {
    /// What was the same on both sides; none where nothing is remembered, so that nothing is to be deleted.
    ///
    /// # Errors
    /// When the place beside the log cannot be reached.
    pub async fn read(&self, sides: &Sides<'_>) -> Result<Option<Base>, Failure> {
        if self.direction != Direction::Both {
            return Ok(Some(Base::new()));
        }
        match (self.working_copy, self.beside) {
            (WorkingCopy::Stays, _) => Ok(self.manifest.and_then(|manifest| manifest.sums(&self.here()))),
            (WorkingCopy::Fetched(Some(at)), Some(beside)) => {
                let pair = self.anywhere();
                let kept = beside.read(&agreed::name(&pair)).await?;
                // What cannot be read is as good as nothing.
                let kept = kept.and_then(|kept| serde_json::from_slice::<Agreed>(&kept).ok());
                Ok(kept.and_then(|kept| kept.base(&pair, at, &sides.here, &sides.drive)))
            }
            (WorkingCopy::Fetched(_), _) => Ok(None),
        }
    }

    /// Keeps what is the same after a plan was carried out, but for what failed.
    ///
    /// # Errors
    /// When it cannot be kept beside the log: done again, the plan finds the rest done.
    pub async fn keep(
        &self,
        sides: &Sides<'_>,
        plan: &Plan,
        base: &Base,
        failed: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        if self.direction != Direction::Both {
            return Ok(());
        }
        let lasts = self.working_copy == WorkingCopy::Stays;
        let next = remember(&sides.here, &sides.drive, base, plan, failed, lasts);
        match (self.working_copy, self.beside) {
            (WorkingCopy::Stays, _) => {
                if let Some(manifest) = self.manifest {
                    manifest.keep_sums(&self.here(), &next, now);
                }
                Ok(())
            }
            (WorkingCopy::Fetched(Some(at)), Some(beside)) => {
                let pair = self.anywhere();
                let kept = serde_json::to_vec(&Agreed::on(&next, &pair, at))
                    .map_err(|error| Failure::permanent("bug", error.to_string()))?;
                beside.keep(&agreed::name(&pair), &kept).await
            }
            (WorkingCopy::Fetched(_), _) => Ok(()),
        }
    }

    /// What names the pair on this machine.
    fn here(&self) -> String {
        let here = std::path::absolute(self.folder).unwrap_or_else(|_| self.folder.to_owned());
        format!("{} {}", here.display(), self.top)
    }

    /// What names it wherever the repository is checked out.
    fn anywhere(&self) -> String {
        format!("{} {}", self.folder.display(), self.top)
    }
}

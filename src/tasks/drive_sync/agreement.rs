//! What both sides last agreed on, what was done in Drive a moment ago, and where that is kept: on this machine where the
//! working copy stays, and beside the log where it is fetched for each run.

use std::collections::BTreeSet;
use std::path::Path;

use super::sides::Sides;
use super::work::CarriedOut;
use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::drive::agreed::{self, Agreed};
use crate::drive::lately::{self, Lately};
use crate::drive::sync::{Base, Direction, Plan, remember};
use crate::services::drive::{File, FileId, LAG, Manifest};
use crate::services::models::Models;
use crate::tasks::WorkingCopy;

const _: () = assert!(lately::LAG.as_secs() == LAG.as_secs(), "lists lag for as long for all");

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
    /// Which side is the model: only where none is, both have to agree on something.
    pub direction: Direction,
}

impl Agreement<'_> {
    /// What was done in Drive a moment ago.
    ///
    /// # Errors
    /// When the place beside the log cannot be reached.
    pub async fn lately(&self, now: Timestamp) -> Result<Lately, Failure> {
        let mut all = self.manifest.and_then(Manifest::lately::<Lately>).unwrap_or_default();
        if let Some(kept) = self.kept().await? {
            all.add(kept.lately(&self.anywhere(), now));
        }
        Ok(all.fresh(now))
    }

    /// What was the same on both sides; none where nothing is remembered, so that nothing is to be deleted.
    ///
    /// # Errors
    /// When the place beside the log cannot be reached.
    pub async fn read(&self, sides: &Sides<'_>) -> Result<Option<Base>, Failure> {
        if self.direction != Direction::Both {
            return Ok(Some(Base::new()));
        }
        match self.working_copy {
            WorkingCopy::Stays => Ok(self.manifest.and_then(|manifest| manifest.sums(&self.here()))),
            WorkingCopy::Fetched(Some(at)) => {
                let kept = self.kept().await?;
                Ok(kept.and_then(|kept| kept.base(&self.anywhere(), at, &sides.here, &sides.drive)))
            }
            WorkingCopy::Fetched(None) => Ok(None),
        }
    }

    /// Keeps what is the same after a plan was carried out, but for what failed or was left as it is; and what was done.
    ///
    /// # Errors
    /// When it cannot be kept beside the log: done again, the plan finds the rest done.
    pub async fn keep(
        &self,
        sides: &Sides<'_>,
        plan: &Plan,
        base: &Base,
        came: &CarriedOut,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let mut lately = sides.lately.clone();
        lately.add(came.lately.clone().dated(now));
        let lately = lately.fresh(now);
        if let Some(manifest) = self.manifest {
            keep_lately(manifest, lately.clone(), now);
        }
        let is_undone = came.failed.iter().chain(&came.left).map(|left| left.path.clone());
        let undone: BTreeSet<String> = is_undone.collect();
        let lasts = self.working_copy == WorkingCopy::Stays;
        let next = remember(&sides.here, &sides.drive, base, plan, &undone, &came.sums, lasts);
        match (self.working_copy, self.direction) {
            (WorkingCopy::Stays, Direction::Both) => {
                if let Some(manifest) = self.manifest {
                    manifest.keep_sums(&self.here(), &next, now);
                }
                Ok(())
            }
            (WorkingCopy::Stays, _) => Ok(()),
            (WorkingCopy::Fetched(Some(at)), Direction::Both) => {
                let agreed = Agreed::on(&next, &self.anywhere(), at);
                self.keep_beside(agreed, self.below(sides, lately)).await
            }
            (WorkingCopy::Fetched(_), _) => {
                let agreed = self.kept().await?.unwrap_or_default();
                let kept = self.keep_beside(agreed, self.below(sides, lately)).await;
                // What was done is done, and lists show it before long.
                if let Err(error) = kept {
                    tracing::warn!(%error, "what was done in Drive a moment ago cannot be kept beside the log");
                }
                Ok(())
            }
        }
    }

    /// Only what was done below this folder in Drive.
    fn below(&self, sides: &Sides<'_>, lately: Lately) -> Lately {
        let folders = sides.files.values().filter(|file| file.is_folder());
        let folders: BTreeSet<&str> =
            folders.map(|file| file.id.as_str()).chain([self.top.as_str()]).collect();
        lately.below(&folders)
    }

    async fn keep_beside(&self, agreed: Agreed, lately: Lately) -> Result<(), Failure> {
        let Some(beside) = self.beside else { return Ok(()) };
        let pair = self.anywhere();
        let is_nothing = agreed == Agreed::default() && lately.is_empty();
        let next = agreed.with(&pair, lately);
        if is_nothing || self.kept().await?.as_ref() == Some(&next) {
            return Ok(());
        }
        let kept = serde_json::to_vec(&next).map_err(|error| Failure::permanent("bug", error.to_string()))?;
        beside.keep(&agreed::name(&pair), &kept).await
    }

    /// What is kept beside the log, where that is the place for it. What cannot be read is as good as nothing.
    async fn kept(&self) -> Result<Option<Agreed>, Failure> {
        let (WorkingCopy::Fetched(_), Some(beside)) = (self.working_copy, self.beside) else {
            return Ok(None);
        };
        let kept = beside.read(&agreed::name(&self.anywhere())).await?;
        Ok(kept.and_then(|kept| serde_json::from_slice(&kept).ok()))
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

/// Notes that a file was just given content, for the next one who looks at a list.
pub fn note_written(manifest: &Manifest, file: &File, now: Timestamp) {
    let (Some(parent), Some(md5)) = (&file.parent, &file.checksums.md5) else { return };
    let mut lately = Lately::default();
    lately.written(file.id.as_str(), parent.as_str(), md5, now);
    keep_lately(manifest, lately, now);
}

/// Keeps it beside what another program may have kept meanwhile.
fn keep_lately(manifest: &Manifest, lately: Lately, now: Timestamp) {
    let known = manifest.lately::<Lately>();
    if known.is_none() && lately.is_empty() {
        return;
    }
    let mut all = known.unwrap_or_default().fresh(now);
    all.add(lately);
    manifest.keep_lately(&all, now);
}

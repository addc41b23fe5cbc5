//! What is kept beside the log, sealed as the log is.

use std::sync::Arc;

use super::{World, no_temporary};
use crate::app::failure::Ended;
use crate::services::git::remote::Remote;
use crate::services::models::Models;
use crate::services::models::git::GitModels;
use crate::services::seal::keyring::AtWork;

/// Where it is kept what was learned.
///
/// # Errors
/// When there is no room for temporary files.
pub(super) fn learned(remote: &Arc<dyn Remote>, at_work: &Arc<AtWork>) -> Result<Arc<dyn Models>, Ended> {
    let kept = GitModels::new(Arc::clone(remote), Arc::clone(at_work));
    Ok(Arc::new(kept.map_err(|error| no_temporary(&error))?))
}

impl World {
    /// Where it is kept beside the log what folders that are in step with Drive last agreed on.
    pub(in crate::app) fn synced(&self) -> Option<Arc<dyn Models>> {
        let kept = GitModels::synced(Arc::clone(&self.remote), Arc::clone(&self.at_work));
        kept.inspect_err(|error| tracing::warn!(%error, "what folders in step agree on cannot be kept"))
            .ok()
            .map(|kept| {
                let kept: Arc<dyn Models> = Arc::new(kept);
                kept
            })
    }
}

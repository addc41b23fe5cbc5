//! What a doctor looks at: the adapters as they are, before the configuration is read.

use std::sync::Arc;

use super::World;
use crate::services::git::remote::Remote;
use crate::services::github::GitHub;

impl World {
    /// The forge, and the repository as git reaches it.
    pub(in crate::app) fn reached(&self) -> (Arc<dyn GitHub>, Arc<dyn Remote>) {
        (Arc::clone(&self.services.github), Arc::clone(&self.remote))
    }

    /// Whether there is a key that may open the log.
    pub(in crate::app) const fn has_keys(&self) -> bool {
        !self.identities.is_empty()
    }
}

//! Large uploads that commands began: the address of each is kept on this machine, sealed, so that the same command goes
//! on with it after it was cut off.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::failure::Failure;
use crate::services::clock::Clock;
use crate::services::drive::UploadSession;
use crate::services::drive::manifest::Manifest;
use crate::services::entropy::Entropy;
use crate::services::seal::Seal;
use crate::tasks::Files;
use crate::tasks::drive_sync::Sessions;

/// Where they are kept. Without a folder, or with credentials that hold no lasting secret, an upload begins anew.
pub(super) struct Uploads {
    manifest: Option<Manifest>,
    seal: Option<Arc<Seal>>,
    entropy: Arc<Entropy>,
    clock: Arc<dyn Clock>,
}

impl Uploads {
    pub(super) fn of(files: &Files, clock: &Arc<dyn Clock>) -> Self {
        let (manifest, seal) = (files.manifest.clone(), files.seal.clone());
        Self { manifest, seal, entropy: Arc::clone(&files.entropy), clock: Arc::clone(clock) }
    }

    /// Keeps the session of an upload that was begun.
    pub(super) fn began(&self, upload: &str, session: &UploadSession) {
        let (Some(manifest), Some(seal)) = (&self.manifest, &self.seal) else { return };
        if let Some(sealed) = session.sealed(seal, upload, &self.entropy) {
            manifest.keep_session(upload, &sealed, self.clock.now());
        }
    }
}

#[async_trait(?Send)]
impl Sessions for Uploads {
    fn kept(&self, upload: &str) -> Option<UploadSession> {
        let sealed = self.manifest.as_ref()?.session(upload, self.clock.now())?;
        UploadSession::opened(&sealed, self.seal.as_deref()?, upload)
    }

    async fn keep(&self, begun: &BTreeMap<String, UploadSession>) -> Result<(), Failure> {
        begun.iter().for_each(|(upload, session)| self.began(upload, session));
        Ok(())
    }

    fn ended(&self, upload: &str) {
        if let Some(manifest) = &self.manifest {
            manifest.drop_session(upload, self.clock.now());
        }
    }
}

//! The port to what was learned: bytes by their digest, which the log names.

pub mod git;

use async_trait::async_trait;

use crate::domain::failure::Failure;

/// The folder of the refs that hold what was learned; no log can lie there.
pub const FOLDER: &str = "refs/automata/models";

/// Keeps what was learned, beside the log: a run that only reads the log does not fetch it.
#[async_trait]
pub trait Models: Send + Sync {
    /// The bytes that are kept under `digest`; none when there are none. They may have been damaged: whoever uses them
    /// checks the digest. Asked again for the same, a run is given what it was given first.
    ///
    /// # Errors
    /// When the place where they are kept cannot be reached.
    async fn read(&self, digest: &str) -> Result<Option<Vec<u8>>, Failure>;

    /// Keeps bytes under their digest; comes back when they are durable. What is there already, if something is, makes
    /// way.
    ///
    /// # Errors
    /// When the place cannot be reached, or may not be written.
    async fn keep(&self, digest: &str, bytes: &[u8]) -> Result<(), Failure>;

    /// Throws away all but what is kept under these digests.
    ///
    /// # Errors
    /// As [`Models::keep`]; some may be gone then.
    async fn tidy(&self, kept: &[&str]) -> Result<(), Failure>;
}

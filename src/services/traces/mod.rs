//! The port to tracing systems: they are told what took how long, and nothing waits for them.

pub mod otlp;

use async_trait::async_trait;

use crate::domain::failure::Failure;
use crate::domain::span::Trace;

/// Takes traces.
#[async_trait]
pub trait Traces: Send + Sync {
    /// Hands a trace over, at most once.
    ///
    /// # Errors
    /// When it was not taken, which must fail no work.
    async fn export(&self, trace: &Trace) -> Result<(), Failure>;
}

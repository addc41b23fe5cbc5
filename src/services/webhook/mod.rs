//! The port to other systems that want to know what happens: one signed call for each event. One adapter, over HTTP.

mod addresses;
pub mod http;
mod signature;

use async_trait::async_trait;

use crate::domain::failure::Failure;

/// A call about to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// The webhook's name in the configuration.
    pub name: &'a str,
    /// The event's id, the same whenever it is sent.
    pub id: &'a str,
    /// The body: a `CloudEvents` 1.0 event in the structured JSON form.
    pub body: &'a str,
}

/// Other systems. Failures are classed at this boundary.
#[async_trait]
pub trait Webhooks: Send + Sync {
    /// Sends an event and gives the status of the answer, which is a success.
    ///
    /// # Errors
    /// Transient when nobody answered, or with a status that may pass; permanent when the receiver refuses the event, its
    /// address may not be called, or nothing is known of it.
    async fn send(&self, call: &Call<'_>) -> Result<u16, Failure>;
}

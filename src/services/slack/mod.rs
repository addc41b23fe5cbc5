//! The port to Slack: what Automata asks of a workspace, in plain types. One file for each adapter.

pub mod bot;
pub mod incoming;
mod pace;
mod refusal;

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde_json::Value;

use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;

/// The code of the failure to answer in a thread that is gone.
pub const GONE_THREAD: &str = "slack_thread";

/// The code of the failure to find out whether a message is there.
pub const LOST_MESSAGE: &str = "slack_lost";

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// For notifications, and wherever blocks are not shown.
    pub text: String,
    /// The blocks (docs.slack.dev/reference/block-kit): 50 at most.
    pub blocks: Vec<Value>,
}

/// A message about to be posted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Post<'a> {
    /// The channel, by its id.
    pub channel: &'a str,
    /// The first message of the thread that it goes into; none for one that begins a thread.
    pub thread: Option<&'a str>,
    /// Whether it shows in the channel although it stands in a thread.
    pub broadcast: bool,
    /// What it says.
    pub message: &'a Message,
    /// The effect that it is, by which it is found again.
    pub effect: &'a str,
}

/// Where a message stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The channel, by its id.
    pub channel: String,
    /// The message, by its time as Slack names messages; none where an incoming webhook took it.
    pub message: Option<String>,
}

/// Who we are in a workspace, and what we may do there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The bot's name.
    pub bot: String,
    /// The workspace's.
    pub team: String,
    /// The scopes of the token; none when Slack named none.
    pub scopes: Option<BTreeSet<String>>,
}

/// A workspace. Failures are classed at this boundary: [`Failure`] says whether to try again and when.
#[async_trait]
pub trait Slack: Send + Sync {
    /// Whether messages can be edited, put into threads and found again. Otherwise each is posted at least once.
    fn can_edit(&self) -> bool;

    /// Who we are there; none where nothing can be asked without posting.
    async fn account(&self) -> Result<Option<Account>, Failure> {
        Ok(None)
    }

    /// Whether a message to a channel could be sent within a wait that a run sits out: asked before it is announced.
    ///
    /// # Errors
    /// Until when to wait.
    fn expect(&self, _channel: &str) -> Result<(), Failure> {
        Ok(())
    }

    /// Posts a message.
    async fn post(&self, post: &Post<'_>) -> Result<Posted, Failure>;

    /// Replaces what a message says; false when it is gone or not ours.
    async fn edit(&self, channel: &str, message: &str, says: &Message) -> Result<bool, Failure>;

    /// The message that is this effect, posted at or after `since`; in a thread when one is named. None when it was never posted.
    ///
    /// # Errors
    /// With [`LOST_MESSAGE`] when there is too much to look through.
    async fn find(
        &self,
        channel: &str,
        thread: Option<&str>,
        effect: &str,
        since: Timestamp,
    ) -> Result<Option<Posted>, Failure>;
}

//! Who is told in a rehearsal: nobody. What would go out is taken as sent, and counted from the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;

use crate::config::Config;
use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::services::slack::{Message, Post, Posted, Slack};
use crate::services::webhook::{Call, Webhooks};
use crate::tasks::Outlets;

/// What any receiver would answer.
const TAKEN: u16 = 200;

/// Outlets that lead nowhere. Whether the secrets are there that real ones need is not looked at.
pub(super) fn of(config: &Config, page: &str) -> Outlets {
    let slack = config.slack.is_on().then(|| {
        let can_edit = config.slack.webhook.is_none();
        Arc::new(Silent { can_edit, posts: AtomicU64::new(0) }) as Arc<dyn Slack>
    });
    let webhooks = (!config.webhooks.is_empty()).then(|| Arc::new(Nowhere) as Arc<dyn Webhooks>);
    Outlets { page: page.to_owned(), slack, webhooks }
}

/// A workspace that takes everything and shows nothing.
struct Silent {
    can_edit: bool,
    posts: AtomicU64,
}

#[async_trait]
impl Slack for Silent {
    fn can_edit(&self) -> bool {
        self.can_edit
    }

    async fn post(&self, post: &Post<'_>) -> Result<Posted, Failure> {
        let place = self.posts.fetch_add(1, Ordering::Relaxed);
        let message = self.can_edit.then(|| format!("1.{place:06}"));
        Ok(Posted { channel: post.channel.to_owned(), message })
    }

    async fn edit(&self, _: &str, _: &str, _: &Message) -> Result<bool, Failure> {
        Ok(true)
    }

    async fn find(&self, _: &str, _: Option<&str>, _: &str, _: Timestamp) -> Result<Option<Posted>, Failure> {
        Ok(None)
    }
}

/// Receivers that are never called.
struct Nowhere;

#[async_trait]
impl Webhooks for Nowhere {
    async fn send(&self, _: &Call<'_>) -> Result<u16, Failure> {
        Ok(TAKEN)
    }
}

//! Webhooks over HTTP: signed, to public addresses only unless the configuration says otherwise, and no redirect is followed.

use std::collections::BTreeMap;
use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use ring::hmac;

use super::addresses::{NotPublic, PublicOnly, is_public};
use super::{Call, Webhooks, signature};
use crate::domain::failure::Failure;
use crate::domain::used::CredentialKind;
use crate::services::clock::Clock;
use crate::services::http::{self as shared, Client};
use crate::services::secrets::Secret;
use crate::services::uses::Uses;

/// How long a receiver may take: it is to write the event down and to work later.
const TIME: Duration = Duration::from_secs(20);
/// The wait where a receiver says that we are too fast and not for how long; and the longest that we believe.
const WAITS: (Duration, Duration) = (Duration::from_mins(1), Duration::from_hours(1));

/// A receiver as the configuration names it.
#[derive(Clone, Debug)]
pub struct Receiver {
    /// Where it listens.
    pub url: String,
    /// The secret; none when its variable is not set.
    pub secret: Option<Secret>,
    /// The environment variable that holds the secret, for messages.
    pub variable: String,
    /// Whether it may lie on this machine or in a private network.
    pub private: bool,
}

/// All receivers, by their names in the configuration.
pub struct Http {
    receivers: BTreeMap<String, Receiver>,
    public: Client,
    any: Client,
    clock: Arc<dyn Clock>,
    uses: Uses,
}

impl Http {
    /// Nothing is sent yet.
    ///
    /// # Errors
    /// When there can be no client.
    pub fn new(
        receivers: BTreeMap<String, Receiver>,
        settings: &shared::Settings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, shared::Error> {
        let settings = shared::Settings { follow_redirects: false, total: TIME, ..settings.clone() };
        let any = shared::client(&settings)?;
        let public = shared::resolving(&settings, PublicOnly)?;
        Ok(Self { receivers, public, any, clock, uses: Uses::default() })
    }

    /// The use of secrets is noted here.
    #[must_use]
    pub fn noting(self, uses: Uses) -> Self {
        Self { uses, ..self }
    }

    fn client(&self, name: &str, receiver: &Receiver) -> Result<&Client, Failure> {
        if receiver.private {
            return Ok(&self.any);
        }
        let url = reqwest::Url::parse(&receiver.url).map_err(|_| {
            Failure::permanent("webhook_address", format!("the webhook {name} has no address"))
        })?;
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        match host.parse::<IpAddr>() {
            Ok(address) if !is_public(address) => Err(not_public(name)),
            _ => Ok(&self.public),
        }
    }
}

fn not_public(name: &str) -> Failure {
    let told =
        format!("the webhook {name} lies on this machine or in a private network, which may not be called");
    Failure::permanent("webhook_address", told).hint(
        "If it is meant to, add `private: true` to it in the configuration; also where a proxy lies there.",
    )
}

fn key(name: &str, receiver: &Receiver) -> Result<hmac::Key, Failure> {
    let variable = &receiver.variable;
    let Some(secret) = &receiver.secret else {
        return Err(Failure::permanent(
            "webhook_secret",
            format!("the secret of the webhook {name} is not set"),
        )
        .hint(format!("Hand {variable} in under `env:` of the step.")));
    };
    signature::key(secret).ok_or_else(|| {
        Failure::permanent(
            "webhook_secret",
            format!("the secret of the webhook {name} is too short, or no Base64"),
        )
        .hint(format!("Put at least 16 bytes into {variable}: `whsec_` and Base64, or any text."))
    })
}

#[async_trait]
impl Webhooks for Http {
    async fn send(&self, call: &Call<'_>) -> Result<u16, Failure> {
        let name = call.name;
        let receiver = self.receivers.get(name).ok_or_else(|| {
            Failure::permanent(
                "webhook_unknown",
                format!("the configuration knows no webhook {name} any more"),
            )
        })?;
        let (client, key) = (self.client(name, receiver)?, key(name, receiver)?);
        self.uses.of(CredentialKind::Webhook, name).note();
        let now = self.clock.now();
        let seconds = now.as_millis().div_euclid(1_000);
        let sent = client
            .post(&receiver.url)
            .header(CONTENT_TYPE, "application/cloudevents+json; charset=utf-8")
            .header("webhook-id", call.id)
            .header("webhook-timestamp", seconds.to_string())
            .header("webhook-signature", signature::sign(&key, call.id, seconds, call.body))
            .body(call.body.to_owned())
            .send()
            .await;
        let response = sent.map_err(|error| unanswered(name, &error))?;
        let status = response.status();
        let told = format!("the webhook {name} answered {status}");
        match status.as_u16() {
            code @ 200..=299 => Ok(code),
            429 | 503 if status == 429 || response.headers().contains_key(RETRY_AFTER) => {
                let named = response.headers().get(RETRY_AFTER);
                let named = named.and_then(|value| value.to_str().ok()?.trim().parse().ok());
                let wait = named.map_or(WAITS.0, Duration::from_secs).min(WAITS.1);
                Err(Failure::rate_limited(now.plus(wait), told))
            }
            408 | 425 | 500..=599 => Err(Failure::transient("webhook_unavailable", told)),
            300..=399 => Err(Failure::permanent("webhook_moved", told)
                .hint("Redirects are not followed: write the address that it leads to.")),
            _ => Err(Failure::permanent("webhook_refused", told)
                .hint("Look at what the receiver says of it, then `automata tasks revive` the task.")),
        }
    }
}

fn unanswered(name: &str, error: &reqwest::Error) -> Failure {
    let mut causes = std::iter::successors(error.source(), |error| (*error).source());
    if causes.any(|cause| cause.is::<NotPublic>()) {
        return not_public(name);
    }
    let what = if error.is_timeout() {
        "did not answer in time"
    } else if error.is_connect() {
        "cannot be reached"
    } else {
        "broke the connection off"
    };
    Failure::transient("webhook_unreachable", format!("the webhook {name} {what}"))
}

//! Connects to those who are told what happens: Slack, and other systems. Nothing is sent yet.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::environment::Variables;
use crate::config::{Config, SlackRules};
use crate::domain::used::CredentialKind;
use crate::services::clock::Clock;
use crate::services::http::{self, Settings};
use crate::services::slack::{Slack, bot::Bot, incoming::Incoming};
use crate::services::uses::Uses;
use crate::services::webhook::Webhooks;
use crate::services::webhook::http::{Http, Receiver};
use crate::tasks::Outlets;

/// How long Slack may take for an answer.
const TIME: std::time::Duration = std::time::Duration::from_secs(30);

/// Those that the configuration names and that there are secrets for. What is missing is told by the tasks that need it.
pub(super) fn of(
    config: &Config,
    page: &str,
    variables: &Variables,
    settings: &Settings,
    clock: &Arc<dyn Clock>,
    uses: &Uses,
) -> Outlets {
    // Credentials are not carried along by redirects.
    let settings = Settings { follow_redirects: false, total: TIME, ..settings.clone() };
    let slack =
        if config.slack.is_on() { slack(&config.slack, variables, &settings, clock, uses) } else { None };
    let webhooks =
        if config.webhooks.is_empty() { None } else { webhooks(config, variables, &settings, clock, uses) };
    Outlets { page: page.to_owned(), slack, webhooks }
}

fn slack(
    rules: &SlackRules,
    variables: &Variables,
    settings: &Settings,
    clock: &Arc<dyn Clock>,
    uses: &Uses,
) -> Option<Arc<dyn Slack>> {
    let client =
        http::client(settings).inspect_err(|error| tracing::warn!(%error, "Slack cannot be reached")).ok()?;
    let variable = rules.token.as_str();
    if let Some(token) = variables.get(variable) {
        let bot = Bot::new(client, rules.url.as_str(), token, variable, Arc::clone(clock));
        let bot =
            bot.inspect_err(|_| tracing::warn!("Slack cannot be told: {variable} holds no token")).ok()?;
        return Some(Arc::new(bot.noting(uses.of(CredentialKind::Slack, variable))));
    }
    let variable = rules.webhook.as_ref()?.as_str();
    let url = variables.get(variable)?;
    if !http::is_address(url.expose()) {
        tracing::warn!("Slack cannot be told: {variable} holds no address");
        return None;
    }
    let incoming = Incoming::new(client, url.clone(), variable, Arc::clone(clock));
    Some(Arc::new(incoming.noting(uses.of(CredentialKind::Slack, variable))))
}

fn webhooks(
    config: &Config,
    variables: &Variables,
    settings: &Settings,
    clock: &Arc<dyn Clock>,
    uses: &Uses,
) -> Option<Arc<dyn Webhooks>> {
    let receivers: BTreeMap<String, Receiver> = config
        .webhooks
        .iter()
        .map(|(name, rule)| {
            let variable = rule.secret.as_str().to_owned();
            let (url, secret) = (rule.url.as_str().to_owned(), variables.get(&variable).cloned());
            (name.clone(), Receiver { url, secret, variable, private: rule.private })
        })
        .collect();
    let made = Http::new(receivers, settings, Arc::clone(clock));
    let made = made.inspect_err(|error| tracing::warn!(%error, "no webhook can be called")).ok()?;
    Some(Arc::new(made.noting(uses.clone())))
}

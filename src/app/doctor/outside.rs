//! Whether Slack, other systems and Google Drive can be told what the configuration wants told and kept there.

use std::sync::Arc;

use super::super::drive;
use super::super::environment::Environment;
use super::super::failure::Ended;
use super::super::outlets;
use super::super::world::http_settings;
use super::Findings;
use crate::config::{Config, DriveRules};
use crate::report::doctor::{Finding, Standing};
use crate::services::clock::{Clock, SystemClock};
use crate::services::slack::Account;
use crate::services::uses::Uses;

const SLACK: &str = "Slack";
const WEBHOOKS: &str = "Webhooks";
const DRIVE: &str = "Google Drive";
/// Scopes without which nothing is posted, and without which a message whose answer was lost is not found again.
const POSTS: &str = "chat:write";
const FINDS: [&str; 2] = ["channels:history", "groups:history"];

/// Looks at all of them, as far as the configuration names them.
pub(super) async fn look(findings: &mut Findings, config: &Config, environment: &Environment) {
    if config.slack.is_on() {
        slack(findings, config, environment).await;
    }
    for (name, rule) in &config.webhooks {
        let variable = rule.secret.as_str();
        let finding = match environment.variables.get(variable) {
            Some(_) => {
                Finding::new(WEBHOOKS, name, Standing::Good, format!("{variable} is set; nothing was sent"))
            }
            None => Finding::new(WEBHOOKS, name, Standing::Missing, format!("{variable} is not set")).change(
                format!("Hand it in under `env:` of the step: `{variable}: ${{{{ secrets.{variable} }}}}`."),
            ),
        };
        findings.add(finding);
    }
    if config.drive != DriveRules::default() {
        in_drive(findings, config, environment).await;
    }
}

async fn slack(findings: &mut Findings, config: &Config, environment: &Environment) {
    let rules = &config.slack;
    let settings = match http_settings(environment) {
        Ok(settings) => settings,
        Err(ended) => return findings.failed(SLACK, "connection", &ended),
    };
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let variables = &environment.variables;
    let outlets = outlets::of(config, "", variables, &settings, &clock, &Uses::default());
    let token = rules.token.as_str();
    let webhook = rules.webhook.as_ref().map(|variable| variable.as_str());
    let order = match webhook {
        Some(webhook) => format!("the bot's token in {token}, then the incoming webhook in {webhook}"),
        None => format!("the bot's token in {token}"),
    };
    findings.tell(SLACK, "looked for", Standing::Note, order);
    let Some(slack) = outlets.slack else {
        let told = "there is neither a token nor a webhook that can be used";
        let change = format!(
            "Hand in the bot's token under `env:` of the step: `{token}: ${{{{ secrets.{token} }}}}`, or name the variable of an incoming webhook in `slack.webhook`."
        );
        return findings.add(Finding::new(SLACK, "credential", Standing::Missing, told).change(change));
    };
    match slack.account().await {
        Ok(Some(account)) => bot(findings, &account, token),
        Ok(None) => {
            let told = "an incoming webhook: whether it works cannot be seen without posting";
            findings.tell(SLACK, "credential", Standing::Unseen, told);
        }
        Err(failure) => findings.failed(SLACK, "credential", &Ended::from(failure)),
    }
}

fn bot(findings: &mut Findings, account: &Account, variable: &str) {
    let told = format!("the token in {variable}, {} in {}", account.bot, account.team);
    findings.tell(SLACK, "credential", Standing::Good, told);
    let Some(scopes) = &account.scopes else {
        return findings.tell(SLACK, "scopes", Standing::Unseen, "Slack does not name them");
    };
    let how = "Add it to the app under \"OAuth & Permissions\", and install the app again.";
    let has = |scope: &str| scopes.contains(scope);
    let posts = match has(POSTS) {
        true => Finding::new(SLACK, POSTS, Standing::Good, "posts and edits"),
        false => Finding::new(SLACK, POSTS, Standing::Missing, "without it nothing is posted").change(how),
    };
    findings.add(posts);
    let histories = FINDS.join(" or ");
    let told = "what was posted is found again, so that nothing is said twice";
    let finds = match FINDS.into_iter().any(has) {
        true => Finding::new(SLACK, histories, Standing::Good, told),
        false => {
            let change = format!("{how} The second is for private channels.");
            Finding::new(SLACK, histories, Standing::Missing, format!("needed so that {told}")).change(change)
        }
    };
    findings.add(finds);
}

async fn in_drive(findings: &mut Findings, config: &Config, environment: &Environment) {
    let (known, found) = match drive::examined(&config.drive, environment).await {
        Ok(found) => found,
        Err(ended) => return findings.failed(DRIVE, "credential", &ended),
    };
    let lines = found.as_ref().map(drive::Examined::lines).unwrap_or_default();
    for line in known.into_iter().chain(lines) {
        let (what, told) = line.split_once(": ").unwrap_or((&line, ""));
        findings.tell(DRIVE, what, Standing::Good, told);
    }
    let found = match found {
        Ok(found) => found,
        Err(ended) => return findings.failed(DRIVE, "account", &ended),
    };
    for (name, told, is_there) in found.folders() {
        let state = if is_there { Standing::Good } else { Standing::Missing };
        findings.tell(DRIVE, format!("folder {name}"), state, told);
    }
    for advice in found.advice() {
        findings.tell(DRIVE, "advice", Standing::Note, advice.as_str());
    }
}

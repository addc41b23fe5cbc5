//! Who is told what happens, one clause each.

use std::fmt::Write as _;

use super::{all, either};
use crate::config::model::Config;
use crate::config::telling::{HappeningName, RouteRule, SlackRules, WebhookRule};

pub(super) fn told(config: &Config) -> Vec<String> {
    let mut clauses = if config.slack.is_on() { slack(&config.slack) } else { Vec::new() };
    clauses.extend(config.webhooks.iter().map(|(name, rule)| webhook(name, rule)));
    if config.pull_requests.check_run {
        clauses.push("a check on its pull requests says what is being done about them".to_owned());
    }
    clauses
}

fn slack(rules: &SlackRules) -> Vec<String> {
    let token = rules.token.as_str();
    let mut clauses = vec![match &rules.webhook {
        Some(webhook) => format!(
            "Slack, with the bot's token in {token} or else by the incoming webhook in {}, which has one channel and no threads",
            webhook.as_str()
        ),
        None => format!("Slack, with the bot's token in {token}: one thread for each issue in a channel"),
    }];
    clauses.extend(rules.routes.iter().map(|route| self::route(route, &rules.zone)));
    let rest = if rules.routes.is_empty() { "everything" } else { "whatever no route takes" };
    match (&rules.channel, rules.routes.is_empty()) {
        (Some(channel), _) => clauses.push(format!("{} in Slack: {rest}", channel.as_str())),
        (None, false) => clauses.push(format!("nobody in Slack: {rest}")),
        (None, true) => {}
    }
    if let Some(quiet) = &rules.quiet {
        let weekends = if quiet.weekends { ", and on Saturdays and Sundays" } else { "" };
        clauses.push(format!(
            "nothing goes to Slack from {} to {}{weekends} ({}), except about what is critical: it goes out afterwards",
            quiet.from, quiet.to, rules.zone
        ));
    }
    clauses
}

fn route(route: &RouteRule, zone: &str) -> String {
    let what = route.on.as_ref().map_or_else(
        || "everything but what happens in Google Drive".to_owned(),
        |on| all(on, |name: &HappeningName| format!("`{}`", name.0.name())),
    );
    let conditions = [
        route.issue_type.as_ref().map(|it| format!("it is a {}", either(it, |it| it.0.name().to_owned()))),
        route
            .urgency
            .as_ref()
            .map(|it| format!("its urgency is {}", either(it, |it| it.0.name().to_owned()))),
        route
            .label
            .as_ref()
            .map(|it| format!("it has the label {}", either(it, |it| format!("`{}`", it.as_str())))),
        route
            .rule
            .as_ref()
            .map(|it| format!("the rule {} led to it", either(it, |it| format!("`{}`", it.as_str())))),
        route.kind.as_ref().map(|it| format!("its kind is {}", either(it, |it| format!("`{}`", it.0)))),
    ];
    let conditions: Vec<String> = conditions.into_iter().flatten().collect();
    let mut clause = format!("{} in Slack: {what}", route.channel.as_str());
    if !conditions.is_empty() {
        let _ = write!(clause, ", if {}", conditions.join(" and "));
    }
    if !route.mention.is_empty() {
        let people: Vec<&str> = route.mention.iter().map(|login| login.as_str()).collect();
        let _ = write!(clause, "; {} called by name", are(&people));
    }
    if let Some(digest) = &route.digest {
        let _ = write!(clause, "; gathered, and sent as one message at `{}` ({zone})", digest.as_str());
    }
    clause
}

fn are(people: &[&str]) -> String {
    let verb = if people.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", people.join(", "))
}

fn webhook(name: &str, rule: &WebhookRule) -> String {
    let what = rule.on.as_ref().map_or_else(
        || "everything but what happens in Google Drive".to_owned(),
        |on| all(on, |name: &HappeningName| format!("`{}`", name.0.name())),
    );
    let place = if rule.private { ", which may lie in a private network" } else { "" };
    format!(
        "the webhook `{name}` at {}{place}: {what}, signed with the secret in {}",
        rule.url.as_str(),
        rule.secret.as_str()
    )
}

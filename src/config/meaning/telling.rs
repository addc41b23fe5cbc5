//! Who is told: channels by their ids, people whom Slack knows, hours that are hours, addresses that may be called.

use super::Found;
use crate::config::assistants::VariableName;
use crate::config::check::suggestion;
use crate::config::model::Config;
use crate::config::rule::OneOrMany;
use crate::config::telling::{HappeningName, QuietRule, RouteRule, clock};
use crate::config::tree::Step;
use crate::domain::notice::Happening;
use crate::queue::recurring::{Timetable, Unusable, zones};

/// Characters that Slack's ids have at least and at most, the letter before them included.
const ID: std::ops::RangeInclusive<usize> = 9..=15;

impl Found<'_> {
    pub(super) fn telling(&mut self, config: &Config) {
        let slack = &config.slack;
        let at = |keys: &[Step]| -> Vec<Step> { [&["slack".into()], keys].concat() };
        self.variable(&slack.token, &at(&["token".into()]), &["xoxb-", "xoxp-"]);
        if let Some(webhook) = &slack.webhook {
            self.variable(webhook, &at(&["webhook".into()]), &["http"]);
        }
        self.address(slack.url.as_str(), &at(&["url".into()]));
        if let Some(channel) = &slack.channel {
            self.channel(channel.as_str(), &at(&["channel".into()]));
        }
        for (index, route) in slack.routes.iter().enumerate() {
            self.route(config, route, index);
        }
        for (login, member) in &slack.people {
            let path = at(&["people".into(), login.as_str().into()]);
            self.login(login, &path);
            if !is_id(member.as_str(), "UW") {
                let told = format!("`{}` is no member's id", member.as_str());
                self.add(&path, told, Some("in Slack open their profile and choose \"Copy member ID\": U…"));
            }
        }
        if let Some(quiet) = &slack.quiet {
            self.quiet(quiet);
        }
        if let Err(Unusable::Zone(zone)) = Timetable::read("0 0 * * *", &slack.zone) {
            let zones = zones();
            let known: Vec<&str> = zones.iter().map(String::as_str).collect();
            let hint = suggestion(&zone, &known).unwrap_or_else(|| {
                "write a name of the IANA database, such as Europe/Paris or UTC".to_owned()
            });
            self.add(&at(&["zone".into()]), format!("there is no time zone `{zone}`"), Some(&hint));
        }
        self.webhooks(config);
    }

    fn route(&mut self, config: &Config, route: &RouteRule, index: usize) {
        let at = |keys: &[Step]| -> Vec<Step> {
            [&["slack".into(), "routes".into(), index.into()], keys].concat()
        };
        self.channel(route.channel.as_str(), &at(&["channel".into()]));
        let only_failed =
            |on: &OneOrMany<HappeningName>| on.as_slice().iter().all(|name| name.0 == Happening::Failed);
        if route.kind.is_some() && !route.on.as_ref().is_some_and(only_failed) {
            self.add(
                &at(&["kind".into()]),
                "`kind` is known of tasks that failed only",
                Some("add `on: failed` to the route"),
            );
        }
        let rules = config.rules.iter().flatten().filter_map(|rule| rule.name.as_ref());
        let known: Vec<&str> = rules.map(|name| name.as_str()).collect();
        for name in route.rule.iter().flat_map(OneOrMany::as_slice) {
            if !known.contains(&name.as_str()) {
                let hint = suggestion(name.as_str(), &known)
                    .unwrap_or_else(|| format!("add `name: {}` to the rule that is meant", name.as_str()));
                let told = format!("no rule is called `{}`", name.as_str());
                self.add(&at(&["rule".into()]), told, Some(&hint));
            }
        }
        for (place, login) in route.mention.iter().enumerate() {
            if config.slack.member(login.as_str()).is_none() {
                let known: Vec<&str> = config.slack.people.keys().map(String::as_str).collect();
                let hint = suggestion(login.as_str(), &known)
                    .unwrap_or_else(|| format!("add `{}: U…` to `slack.people`", login.as_str()));
                let told = format!("nobody knows who `{}` is in Slack", login.as_str());
                self.add(&at(&["mention".into(), place.into()]), told, Some(&hint));
            }
        }
        if let Some(digest) = &route.digest {
            match Timetable::read(digest.as_str(), &config.slack.zone) {
                Ok(_) | Err(Unusable::Zone(_)) => {}
                Err(error) => {
                    self.add(&at(&["digest".into()]), error.to_string(), Some(error.hint()));
                }
            }
        }
    }

    fn quiet(&mut self, quiet: &QuietRule) {
        for (key, time) in [("from", &quiet.from), ("to", &quiet.to)] {
            if clock(time).is_none() {
                let path = ["slack".into(), "quiet".into(), key.into()];
                self.add(&path, format!("`{time}` is no time of the day"), Some("write it as `22:00`"));
            }
        }
        if clock(&quiet.from).is_some() && clock(&quiet.from) == clock(&quiet.to) {
            let path = ["slack".into(), "quiet".into(), "to".into()];
            self.add(&path, "quiet hours that end when they begin are none", None);
        }
    }

    fn webhooks(&mut self, config: &Config) {
        for (name, rule) in &config.webhooks {
            let at = |keys: &[&str]| -> Vec<Step> {
                ["webhooks", name.as_str()].iter().chain(keys).map(|key| Step::from(*key)).collect()
            };
            let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            if name.is_empty() || name.len() > 50 || !is_word {
                self.add(
                    &at(&[]),
                    "this is no name for a webhook",
                    Some("use up to 50 letters, digits, `-` and `_`"),
                );
            }
            self.address(rule.url.as_str(), &at(&["url"]));
            if rule.url.as_str().starts_with("http://") && !rule.private {
                let hint = "write `https://`, or add `private: true` for one in your own network";
                self.add(
                    &at(&["url"]),
                    "what is sent over `http://` can be read by anybody on the way",
                    Some(hint),
                );
            }
            self.variable(&rule.secret, &at(&["secret"]), &["whsec_"]);
        }
    }

    fn channel(&mut self, channel: &str, path: &[Step]) {
        if !is_id(channel, "CG") {
            let hint = "in Slack open the channel's details; its id stands at the bottom: C…";
            self.add(path, format!("`{channel}` is no channel's id"), Some(hint));
        }
    }

    fn address(&mut self, url: &str, path: &[Step]) {
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
        if host.is_empty() || host.starts_with('/') || host.contains(char::is_whitespace) {
            self.add(path, format!("`{url}` is no address"), Some("it begins with `https://`"));
        } else if host.split('/').next().is_some_and(|host| host.contains('@')) {
            self.add(path, "an address with a name and a password in it would be seen by everybody", None);
        }
    }

    /// The configuration is public: a secret that stands in it is lost.
    fn variable(&mut self, name: &VariableName, path: &[Step], secrets: &[&str]) {
        let name = name.as_str();
        let is_secret = secrets.iter().any(|prefix| name.starts_with(prefix));
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if is_secret {
            let hint = "replace it in Slack or wherever it is from, keep the new one as a secret, and write the name of the \
                        variable here";
            self.add(path, "this is the secret itself, and everybody can read it here", Some(hint));
        } else if !is_name {
            self.add(
                path,
                "this is no name of an environment variable",
                Some("write it as `SLACK_BOT_TOKEN`"),
            );
        }
    }
}

/// Whether a text can be one of Slack's ids that begins with one of these letters.
fn is_id(text: &str, letters: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    ID.contains(&text.len()) && text.starts_with(|c| letters.contains(c)) && text.bytes().all(fits)
}

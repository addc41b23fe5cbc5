//! Who is told what happens: Slack, and other systems by webhooks.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::assistants::{Url, VariableName};
use super::model::Config;
use super::rule::{
    CronText, LabelName, LoginName, OneOrMany, RuleName, TaskKind, TypeName, UrgencyName, Words,
};
use crate::domain::command::{Occasion, Subscription};
use crate::domain::id::Login;
use crate::domain::input::{self, CheckRun, Slack};
use crate::domain::notice::{Happening, Notice};
use crate::domain::payload::Payload;
use crate::domain::spec::{Priority, TaskRequest, TaskSpec};
use crate::domain::state::IssueState;
use crate::domain::subject::{Scope, Subject};
use crate::domain::time::Timestamp;
use crate::domain::verdict::Urgency;
use crate::queue::recurring::Timetable;

/// What is told goes after the work it tells of, status comments included.
const TOLD_PRIORITY: Priority = Priority::new(30);
/// When a weekend begins and ends, as cron expressions.
const WEEKEND: (&str, &str) = ("0 0 * * SAT", "0 0 * * MON");
/// A night, the weekend behind it and the night behind that.
const MOST_IN_A_ROW: usize = 3;

/// Slack: where what is told. One thread for each issue, its first message kept up to date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SlackRules {
    /// The environment variable that holds the bot's token, `xoxb-…`. Its scopes: `chat:write`, `channels:history` and, for
    /// private channels, `groups:history`.
    pub token: VariableName,
    /// The environment variable that holds the address of an incoming webhook, for a workspace without a bot; null for none.
    /// It posts and can neither edit nor look, so that a message is posted at least once, without threads.
    pub webhook: Option<VariableName>,
    /// The part of the address before `/chat.postMessage`, for a proxy or a test.
    pub url: Url,
    /// The channel for whatever no route sends elsewhere, by its id: `C0123456789`; null for none.
    pub channel: Option<Words>,
    /// What goes where: a notice goes to every route that takes it.
    pub routes: Vec<RouteRule>,
    /// Members of the workspace, by their logins on GitHub: `{mona: U0123456789}`.
    pub people: BTreeMap<String, Words>,
    /// When nothing is sent, except about what is critical; null for never. It is sent when the hours are over.
    pub quiet: Option<QuietRule>,
    /// By whose clocks quiet hours and digests go, a name of the IANA database: `Europe/Paris`.
    #[schemars(length(min = 1, max = 100))]
    pub zone: String,
}

impl Default for SlackRules {
    fn default() -> Self {
        Self {
            token: "SLACK_BOT_TOKEN".into(),
            webhook: None,
            url: "https://slack.com/api".into(),
            channel: None,
            routes: Vec::new(),
            people: BTreeMap::new(),
            quiet: None,
            zone: "UTC".to_owned(),
        }
    }
}

/// Which notices go to a channel. What is not named is not looked at; all that is named must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RouteRule {
    /// The channel, by its id: `C0123456789`.
    pub channel: Words,
    /// What happened. What happens in Google Drive goes only to routes that name it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<HappeningName>")]
    pub on: Option<OneOrMany<HappeningName>>,
    /// What type the analysis found.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<TypeName>")]
    pub issue_type: Option<OneOrMany<TypeName>>,
    /// How urgent the analysis found it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<UrgencyName>")]
    pub urgency: Option<OneOrMany<UrgencyName>>,
    /// A label it has; GitHub is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<LabelName>")]
    pub label: Option<OneOrMany<LabelName>>,
    /// The name of a rule of the configuration that led to something about the issue; of what failed, to that task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<RuleName>")]
    pub rule: Option<OneOrMany<RuleName>>,
    /// Which kind of task failed. Only with `on: failed`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<TaskKind>")]
    pub kind: Option<OneOrMany<TaskKind>>,
    /// People who are called to it, by their logins; `slack.people` says who they are in Slack.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mention: Vec<LoginName>,
    /// When all that gathered goes out as one message, a cron expression: `0 9 * * MON-FRI`. Without it everything goes out at
    /// once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "CronText")]
    pub digest: Option<CronText>,
}

/// Hours in which nothing is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietRule {
    /// When they begin: `22:00`.
    #[schemars(length(min = 4, max = 5))]
    pub from: String,
    /// When they end: `07:00`.
    #[schemars(length(min = 4, max = 5))]
    pub to: String,
    /// Whether Saturdays and Sundays are quiet as well.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub weekends: bool,
}

/// Another system that is told by a signed call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookRule {
    /// Where it listens, with `https://`.
    pub url: Url,
    /// The environment variable that holds the secret by which calls are signed; `whsec_` and Base64, or any text.
    pub secret: VariableName,
    /// What it is told of; without it everything but what happens in Google Drive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "OneOrMany<HappeningName>")]
    pub on: Option<OneOrMany<HappeningName>>,
    /// Whether it may lie on this machine or in a private network. Otherwise such addresses are refused.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
}

/// Something that people and other systems are told of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HappeningName(pub Happening);

impl JsonSchema for HappeningName {
    fn schema_name() -> Cow<'static, str> {
        "HappeningName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "enum": Happening::ALL.map(Happening::name),
            "description": "Something that people and other systems are told of.",
        })
    }
}

impl SlackRules {
    /// Whether anything is to be told at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.channel.is_some() || !self.routes.is_empty() || self.webhook.is_some()
    }

    /// Whether a route looks at labels, which only GitHub knows.
    #[must_use]
    pub fn looks_at_labels(&self) -> bool {
        self.routes.iter().any(|route| route.label.is_some())
    }

    /// The routes that take a notice. `issue` is what is known of what it is about, and `labels` what it has.
    #[must_use]
    pub fn routes_of(
        &self,
        notice: &Notice,
        issue: Option<&IssueState>,
        labels: &[String],
    ) -> Vec<&RouteRule> {
        self.routes.iter().filter(|route| route.takes(notice, issue, labels)).collect()
    }

    /// A member of the workspace, by a login on GitHub in any case of letters.
    #[must_use]
    pub fn member(&self, login: &str) -> Option<&str> {
        let same = |name: &&String| Login::new(name.as_str()) == Login::new(login);
        self.people.iter().find(|(name, _)| same(name)).map(|(_, member)| member.as_str())
    }

    /// Until when nothing is sent, when `now` lies in quiet hours.
    #[must_use]
    pub fn quiet_until(&self, now: Timestamp) -> Option<Timestamp> {
        let rule = self.quiet.as_ref()?;
        let next = |cron: &str, at| Timetable::read(cron, &self.zone).ok()?.after(at).next();
        // Between two beginnings there is one end: when the end comes first, it has begun.
        let ends = |(begin, end): (&str, &str), at| {
            let (begin, end) = (next(begin, at)?, next(end, at)?);
            (end < begin).then_some(end)
        };
        let (from, to) = rule.crons()?;
        let is_over = |at| {
            let weekend = if rule.weekends { ends(WEEKEND, at) } else { None };
            weekend.or_else(|| ends((&from, &to), at))
        };
        // Where one ends the other may go on: an evening before a weekend, and the night that follows it.
        let mut until = is_over(now)?;
        for _ in 0..MOST_IN_A_ROW {
            match is_over(until) {
                Some(later) => until = later,
                None => break,
            }
        }
        Some(until)
    }

    /// When the digest of a channel goes out that gathers now.
    #[must_use]
    pub fn digest_at(&self, cron: &CronText, now: Timestamp) -> Option<Timestamp> {
        Timetable::read(cron.as_str(), &self.zone).ok()?.after(now).next()
    }
}

impl RouteRule {
    fn takes(&self, notice: &Notice, issue: Option<&IssueState>, labels: &[String]) -> bool {
        let analysis = issue.and_then(|issue| issue.analysis.as_ref());
        let issue_type = analysis.and_then(|found| found.issue_type.as_ref()).map(|found| found.value);
        let urgency = urgency(issue);
        let has = |label: &LabelName| labels.iter().any(|held| super::rules::same(held, label.as_str()));
        let led = |rule: &RuleName| match notice.what {
            Happening::Failed => notice.rule.as_deref() == Some(rule.as_str()),
            _ => issue.is_some_and(|issue| issue.rules.contains(rule.as_str())),
        };
        let is_meant = match &self.on {
            Some(names) => names.as_slice().iter().any(|name| name.0 == notice.what),
            None => !notice.what.is_for_those_who_name_it(),
        };
        is_meant
            && super::rules::any(self.issue_type.as_ref(), |name| Some(name.0) == issue_type)
            && super::rules::any(self.urgency.as_ref(), |name| Some(name.0) == urgency)
            && super::rules::any(self.label.as_ref(), has)
            && super::rules::any(self.rule.as_ref(), led)
            && super::rules::any(self.kind.as_ref(), |kind| {
                notice.kind.as_ref().is_some_and(|failed| failed.as_str() == kind.0)
            })
    }
}

/// How urgent an issue was found.
#[must_use]
pub fn urgency(issue: Option<&IssueState>) -> Option<Urgency> {
    Some(issue?.analysis.as_ref()?.urgency.as_ref()?.value)
}

impl QuietRule {
    /// When the hours of each day begin and end, as cron expressions; none when a time is none.
    pub(super) fn crons(&self) -> Option<(String, String)> {
        let cron = |time: &str| {
            let (hour, minute) = clock(time)?;
            Some(format!("{minute} {hour} * * *"))
        };
        Some((cron(&self.from)?, cron(&self.to)?))
    }
}

/// A time of the day, `7:30` or `07:30`.
pub(super) fn clock(time: &str) -> Option<(u8, u8)> {
    let (hour, minute) = time.split_once(':')?;
    let is_number = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !is_number(hour, 2) || minute.len() != 2 || !is_number(minute, 2) {
        return None;
    }
    let (hour, minute): (u8, u8) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some((hour, minute))
}

/// What the configuration wants told, and to whom.
#[must_use]
pub(super) fn subscriptions(config: &Config) -> Vec<Subscription> {
    let mut wanted = Vec::new();
    if config.slack.is_on() {
        // Of everything: what no channel wants to hear still changes the first message of a thread.
        let reason = "`slack` of the configuration";
        let named = config.slack.routes.iter().filter_map(|route| route.on.as_ref());
        let named: Vec<Happening> = named.flat_map(OneOrMany::as_slice).map(|name| name.0).collect();
        let is_wanted = |what: &Happening| !what.is_for_those_who_name_it() || named.contains(what);
        let which = Happening::ALL.into_iter().filter(is_wanted).collect();
        wanted.extend(subscription(input::SLACK, Occasion::Told(which), &Slack::default(), reason));
    }
    for (name, rule) in &config.webhooks {
        let which = rule.on.iter().flat_map(|names| names.as_slice()).map(|name| name.0).collect();
        let reason = format!("the webhook {name} of the configuration");
        let input = serde_json::json!({ "name": name });
        wanted.extend(subscription(input::WEBHOOK, Occasion::Told(which), &input, &reason));
    }
    if config.pull_requests.check_run {
        let reason = "`pull_requests.check_run` of the configuration";
        wanted.extend(subscription(input::CHECK_RUN, Occasion::Tended, &CheckRun {}, reason));
    }
    wanted
}

fn subscription<T: Serialize>(kind: &str, on: Occasion, input: &T, reason: &str) -> Option<Subscription> {
    let input = Payload::of(input).ok()?;
    let request = TaskRequest::new(kind, Subject::Repository, input, reason).priority(TOLD_PRIORITY);
    let on_duplicate = crate::domain::spec::OnDuplicate::Coalesce;
    let task = TaskSpec { on_duplicate, ..request.spec };
    Some(Subscription { on, kinds: Vec::new(), about: Scope::Everything, task })
}

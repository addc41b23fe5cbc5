//! Task kind `slack`: tells Slack what happened, in one thread for each issue.

mod deliver;
mod root;

pub use root::THREAD;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Context, Done, LOST_LEASE, told_before};
use crate::config::{self, SlackRules};
use crate::domain::actor::Actor;
use crate::domain::command::Command;
use crate::domain::count::counted;
use crate::domain::failure::Failure;
use crate::domain::id::IssueNumber;
use crate::domain::input;
use crate::domain::notice::Notice;
use crate::domain::payload::Payload;
use crate::domain::spec::{OnDuplicate, TaskRequest};
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;
use crate::domain::verdict::Urgency;
use crate::services::slack::Slack;

/// What goes to a channel.
#[derive(Default)]
struct Parcel {
    notices: Vec<Notice>,
    /// Members who are called by name.
    mentions: Vec<String>,
}

/// Where everything goes that an incoming webhook takes: it knows its own channel.
const INCOMING: &str = "incoming";

/// That what goes into digests was handed on: an attempt that fails afterwards is not to do it again.
#[derive(Deserialize, Serialize)]
struct Gathered {
    digests: usize,
}

pub(super) async fn run(context: &Context<'_>) -> Result<Done, Failure> {
    let ended = tell(context).await;
    told_before::or_noted(context, ended)
}

/// Has the digests gather what is theirs before anything is sent: a channel that does not work keeps none of it back.
fn gather(context: &Context<'_>, digests: Vec<TaskRequest>) -> Result<(), Failure> {
    if digests.is_empty() || context.resume::<Gathered>().is_some() {
        return Ok(());
    }
    let gathered = Gathered { digests: digests.len() };
    let ordered = context.journal.order(&context.task, &Actor::automata(), Command::Show(digests));
    ordered.map_err(|reason| {
        Failure::transient("not_gathered", format!("a digest does not gather: {reason}"))
    })?;
    context.checkpoint(1, "the digests have what is theirs", &gathered)
}

async fn tell(context: &Context<'_>) -> Result<Done, Failure> {
    let input: input::Slack = context.input()?;
    let rules = &context.config.slack;
    if !rules.is_on() {
        return Done::note("the configuration wants nothing told any more", Vec::new());
    }
    let slack = context.services.outlets.slack.clone().ok_or_else(|| unset(rules))?;
    if let Some(later) = quiet(context, &input)? {
        return Ok(later);
    }
    if let Some(channel) = input.digest.clone() {
        let parcel = Parcel { notices: input.notices.clone(), mentions: Vec::new() };
        deliver::outside_threads(context, &slack, &channel, &parcel, input.left_out).await?;
        return Done::note("the digest went out", Vec::new());
    }
    let (parcels, gathered) = sorted(context, &input).await?;
    gather(context, gathered)?;
    let parcels = if slack.can_edit() { parcels } else { together(parcels) };
    let number = context.task.spec.subject.number().filter(|_| slack.can_edit());
    // A channel that does not take it keeps nobody else from being told.
    let (mut told, mut trouble) = (0, None);
    let mut note = |ended: Result<bool, Failure>| match ended {
        Ok(is_told) => {
            told += usize::from(is_told);
            Ok(())
        }
        Err(lost) if lost.code == LOST_LEASE => Err(lost),
        Err(failure) => {
            trouble.get_or_insert(failure);
            Ok(())
        }
    };
    for (channel, parcel) in &parcels {
        note(match number {
            Some(number) => in_thread(context, &slack, number, channel, parcel, input.left_out).await,
            None => deliver::outside_threads(context, &slack, channel, parcel, input.left_out).await,
        })?;
    }
    if let Some(number) = number {
        for channel in root::elsewhere(context, number, parcels.keys()) {
            note(root::edited(context, &slack, number, &channel).await)?;
        }
    }
    if let Some(failure) = trouble {
        return Err(failure);
    }
    let note = match told {
        0 => "Slack says so already, or nobody wants to know".to_owned(),
        count => format!("told in {}", counted(count, "channel", "channels")),
    };
    Done::note(&note, Vec::new())
}

/// One thread for the issue: its first message as things stand, and below it what happened.
async fn in_thread(
    context: &Context<'_>,
    slack: &Arc<dyn Slack>,
    number: IssueNumber,
    channel: &str,
    parcel: &Parcel,
    left_out: usize,
) -> Result<bool, Failure> {
    let (thread, is_new, changed) = root::standing(context, slack, number, channel).await?;
    // The first message says these things itself; who is called by name is called below it.
    let is_shown = |notice: &&Notice| is_new && parcel.mentions.is_empty() && root::shows(notice.what);
    let notices: Vec<Notice> = parcel.notices.iter().filter(|notice| !is_shown(notice)).cloned().collect();
    let below = Parcel { notices, mentions: parcel.mentions.clone() };
    let answered = deliver::in_thread(context, slack, channel, &thread, &below, left_out).await?;
    Ok(is_new || changed || answered)
}

/// What goes to which channel now, and the requests for what goes into digests.
async fn sorted(
    context: &Context<'_>,
    input: &input::Slack,
) -> Result<(BTreeMap<String, Parcel>, Vec<TaskRequest>), Failure> {
    let rules = &context.config.slack;
    let labels = match context.task.spec.subject.number().filter(|_| rules.looks_at_labels()) {
        Some(number) => context.services.github.issue(number).await?.map(|issue| issue.labels),
        None => None,
    };
    let labels = labels.unwrap_or_default();
    let state = context.journal.state();
    let issue = context.task.spec.subject.number().and_then(|number| state.issues.get(&number));
    let mut parcels: BTreeMap<String, Parcel> = BTreeMap::new();
    let mut digests: BTreeMap<String, (Timestamp, Vec<Notice>)> = BTreeMap::new();
    for notice in &input.notices {
        let routes = rules.routes_of(notice, issue, &labels);
        let default = rules.channel.as_ref().map(|channel| channel.as_str()).or_else(|| {
            // An incoming webhook without any routes takes everything.
            (rules.webhook.is_some() && rules.routes.is_empty()).then_some(INCOMING)
        });
        let is_named_only = notice.what.is_for_those_who_name_it();
        if let Some(channel) = default.filter(|_| routes.is_empty() && !is_named_only) {
            parcels.entry(channel.to_owned()).or_default().take(notice, &[]);
        }
        for route in routes {
            let due = route.digest.as_ref().and_then(|cron| rules.digest_at(cron, state.at));
            let channel = route.channel.as_str().to_owned();
            match due {
                Some(due) => digests.entry(channel).or_insert((due, Vec::new())).1.push(notice.clone()),
                None => {
                    let called = route.mention.iter().filter_map(|login| rules.member(login.as_str()));
                    let called: Vec<String> = called.map(crate::report::slack::mention).collect();
                    parcels.entry(channel).or_default().take(notice, &called);
                }
            }
        }
    }
    let digests = digests.into_iter().map(|(channel, (due, notices))| digest(&channel, due, notices));
    Ok((parcels, digests.collect::<Result<_, _>>()?))
}

impl Parcel {
    fn take(&mut self, notice: &Notice, mentions: &[String]) {
        if !self.notices.contains(notice) {
            self.notices.push(notice.clone());
        }
        for mention in mentions {
            if !self.mentions.contains(mention) {
                self.mentions.push(mention.clone());
            }
        }
    }
}

/// An incoming webhook has one channel, whatever the routes say.
fn together(parcels: BTreeMap<String, Parcel>) -> BTreeMap<String, Parcel> {
    let mut all = Parcel::default();
    for parcel in parcels.into_values() {
        for notice in &parcel.notices {
            all.take(notice, &parcel.mentions);
        }
    }
    all.notices.sort_by_key(|notice| notice.sequence);
    if all.notices.is_empty() { BTreeMap::new() } else { BTreeMap::from([(INCOMING.to_owned(), all)]) }
}

/// The request that adds notices to a channel's digest.
fn digest(channel: &str, due: Timestamp, notices: Vec<Notice>) -> Result<TaskRequest, Failure> {
    let slack = input::Slack { notices, left_out: 0, digest: Some(channel.to_owned()) };
    let key = format!("slack digest {channel}");
    request(Subject::Repository, &slack, key, due, format!("the digest for {channel}"))
}

/// In quiet hours: the same again when they are over.
fn quiet(context: &Context<'_>, input: &input::Slack) -> Result<Option<Done>, Failure> {
    let subject = context.task.spec.subject;
    let (until, is_critical) = {
        let state = context.journal.state();
        let issue = subject.number().and_then(|number| state.issues.get(&number));
        let is_critical = config::urgency(issue) == Some(Urgency::Critical);
        (context.config.slack.quiet_until(state.at), is_critical)
    };
    let Some(until) = until.filter(|_| !is_critical && !input.notices.is_empty()) else { return Ok(None) };
    let key = match &input.digest {
        Some(channel) => format!("slack digest {channel}"),
        None => format!("slack {subject}"),
    };
    let later = request(subject, input, key, until, "the quiet hours are over then".to_owned())?;
    Done::note(&format!("these are quiet hours; it is told at {until}"), vec![later]).map(Some)
}

/// A request for later, which joins one that waits already.
fn request(
    subject: Subject,
    input: &input::Slack,
    key: String,
    due: Timestamp,
    reason: String,
) -> Result<TaskRequest, Failure> {
    let payload = Payload::of(input).map_err(|error| Failure::permanent("bug", error.to_string()))?;
    let mut request = TaskRequest::new(input::SLACK, subject, payload, reason).unique(key.clone());
    request.spec.not_before = Some(due);
    request.spec.on_duplicate = OnDuplicate::Coalesce;
    request.spec.concurrency = Some(key);
    request.spec.quiet = true;
    Ok(request)
}

fn unset(rules: &SlackRules) -> Failure {
    let variable = rules.token.as_str();
    let other =
        rules.webhook.as_ref().map(|webhook| format!(", or {}", webhook.as_str())).unwrap_or_default();
    Failure::permanent("slack_unset", format!("{variable} is not set{other}, so nobody can be told in Slack"))
        .hint(format!("Hand it in under `env:` of the step: `{variable}: ${{{{ secrets.{variable} }}}}`."))
}

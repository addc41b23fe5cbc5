//! Whatever a story did outside can be asked about: for each effect, `why` leads back to what happened first.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use automata::domain::effect::EffectKind;
use automata::domain::event::{EffectCompleted, Event};
use automata::domain::id::Sequence;
use automata::domain::receipt;
use automata::domain::room::Room;
use automata::domain::state::State;
use automata::log::{Envelope, EventLog as _};
use automata::report::why::{Present, Reasoned};
use automata::services::clock::SystemClock;
use automata::services::git::local_remote::LocalRemote;
use automata::services::state::{GitLog, Settings};
use automata::views::search::{Search, Topic};
use automata::views::timeline::Timeline;

/// Asks why, of every effect in the log of this repository.
pub(crate) fn every_effect_has_its_reasons(repository: &Path) {
    let repository = repository.to_owned();
    // A story's own runtime is at its end, and cannot be waited in.
    let asked = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let events = runtime.block_on(history(repository));
        ask(&events);
    });
    if let Err(panic) = asked.join() {
        std::panic::resume_unwind(panic);
    }
}

async fn history(repository: PathBuf) -> Vec<Envelope> {
    let remote = LocalRemote::open(&repository, Arc::new(SystemClock)).unwrap();
    let log = GitLog::new(Arc::new(remote), Settings::on(Settings::DEFAULT_BRANCH).unwrap()).unwrap();
    let mut events = Vec::new();
    // Some stories are about logs that cannot be read.
    let read = log.history(Sequence(1), &mut |envelope| events.push(envelope)).await;
    if read.is_err() {
        events.clear();
    }
    events
}

fn ask(events: &[Envelope]) {
    let state = State::default();
    let now = events.last().map(|last| last.recorded.stamp.at).unwrap_or_default();
    let present = Present { state: &state, now, room: &|_| Room::default() };
    let mut asked: BTreeMap<Topic, Vec<Reasoned>> = BTreeMap::new();
    for (place, done) in receipts(events) {
        let receipt = format!("receipt at event {place}, ");
        for topic in visible(events, done) {
            let changes = asked.entry(topic.clone()).or_insert_with(|| changes(&present, events, &topic));
            let is_told = changes.iter().any(|change| {
                let begins = |with: &str| change.because.iter().any(|because| because.starts_with(with));
                begins("task ") && begins("event ") && begins(&receipt)
            });
            assert!(is_told, "why is there {}, asked by {topic:?}? {changes:#?}", done.effect);
        }
    }
}

/// Receipts, the first of each effect, with their places in the log.
fn receipts(events: &[Envelope]) -> Vec<(Sequence, &EffectCompleted)> {
    let mut seen = BTreeSet::new();
    let receipts = events.iter().filter_map(|envelope| match &envelope.recorded.event {
        Event::EffectCompleted(done) => Some((envelope.recorded.stamp.sequence, done)),
        _ => None,
    });
    receipts.filter(|(_, done)| seen.insert(done.effect.clone())).collect()
}

fn changes(present: &Present<'_>, events: &[Envelope], topic: &Topic) -> Vec<Reasoned> {
    if let Topic::Number(number) = topic {
        return present.explain(*number, Timeline::whole(*number, events).events()).changes;
    }
    let mut search = Search::new(topic.clone());
    events.iter().for_each(|envelope| search.offer(envelope));
    let meant = search.found();
    let picked: Vec<Envelope> = events.iter().filter(|envelope| meant.takes(envelope)).cloned().collect();
    let answer = present.explain_topic(topic, &meant, &picked);
    answer.map(|answer| answer.changes).unwrap_or_default()
}

/// What a person who sees the effect would type: the number, the address, the label, the login, the branch; and its id.
fn visible(events: &[Envelope], done: &EffectCompleted) -> Vec<Topic> {
    let mut topics = vec![Topic::Name(done.effect.to_string())];
    let intent = events.iter().find_map(|envelope| match &envelope.recorded.event {
        Event::EffectIntended(intent) if intent.effect == done.effect => {
            Some((envelope.recorded.stamp.subject, intent))
        }
        _ => None,
    });
    let Some((subject, intent)) = intent else { return topics };
    let mut names: Vec<String> = Vec::new();
    let receipt = &done.receipt;
    match intent.kind {
        EffectKind::Labels => {
            let labels: receipt::Labels = receipt.read().unwrap_or_default();
            names.extend(labels.added.into_iter().chain(labels.removed));
        }
        EffectKind::Assignees | EffectKind::Assistant => {
            let people: receipt::Assignees = receipt.read().unwrap_or_default();
            names.extend(people.added.iter().chain(&people.removed).map(ToString::to_string));
        }
        EffectKind::Reviewers => {
            let people: receipt::Reviewers = receipt.read().unwrap_or_default();
            names.extend(people.asked.iter().chain(&people.removed).map(ToString::to_string));
        }
        EffectKind::Comment => {
            if let Ok(Some(comment)) = receipt.read::<Option<receipt::Comment>>() {
                topics.push(Topic::Comment(comment.id));
                names.push(comment.url);
            }
        }
        EffectKind::Branch | EffectKind::Commit => {
            names.extend(receipt.read::<receipt::Branch>().map(|pushed| pushed.branch));
        }
        EffectKind::PullRequest => {
            if let Ok(pull) = receipt.read::<receipt::PullRequest>() {
                topics.push(Topic::Number(pull.number));
                names.extend([pull.url, pull.branch]);
            }
            topics.extend(receipt.read::<receipt::Closed>().map(|closed| Topic::Number(closed.closed)));
        }
        EffectKind::DriveIssue => {
            topics.extend(receipt.read::<receipt::DriveIssue>().map(|issue| Topic::Number(issue.number)));
        }
        EffectKind::Reaction => {
            topics
                .extend(receipt.read::<receipt::Reaction>().map(|reaction| Topic::Comment(reaction.comment)));
        }
        _ => {}
    }
    // What was as wanted already is no change of the issue.
    let is_change = intent.kind != EffectKind::Field
        || receipt
            .read()
            .is_ok_and(|field: receipt::Field| field.set.is_some() || field.taken_back.is_some());
    topics.extend(subject.number().filter(|_| is_change).map(Topic::Number));
    topics.extend(names.iter().filter_map(|name| Topic::parse(name)));
    topics
}

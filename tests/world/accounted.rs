//! Whatever a story did outside can be asked about: for each effect, `why` leads back to what happened first.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use automata::domain::event::Event;
use automata::domain::id::Sequence;
use automata::domain::room::Room;
use automata::domain::state::State;
use automata::log::{Envelope, EventLog as _};
use automata::report::why::Present;
use automata::services::clock::SystemClock;
use automata::services::git::local_remote::LocalRemote;
use automata::services::state::{GitLog, Settings};
use automata::views::search::{Search, Topic};

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
    for envelope in events {
        let Event::EffectCompleted(done) = &envelope.recorded.event else { continue };
        let topic = Topic::Name(done.effect.to_string());
        let mut search = Search::new(topic.clone());
        events.iter().for_each(|envelope| search.offer(envelope));
        let meant = search.found();
        let picked: Vec<Envelope> = events.iter().filter(|envelope| meant.takes(envelope)).cloned().collect();
        let answer = present.explain_topic(&topic, &meant, &picked);
        let changes = answer.map(|answer| answer.changes).unwrap_or_default();
        let is_told = changes.iter().any(|change| {
            let begins = |with: &str| change.because.iter().any(|because| because.starts_with(with));
            begins("task ") && begins("event ") && begins("receipt at event ")
        });
        assert!(is_told, "why is there {}? {changes:#?}", done.effect);
    }
}

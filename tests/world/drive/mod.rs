//! A stateful Google Drive on loopback, with the places that give tokens, that checks every request against
//! Google's own description.
//!
//! A request that the description does not allow is refused, written down, and fails the test when the world ends;
//! so does bad luck that was planned and never met. What it cannot show: Google's real quotas and consistency, mail
//! that arrives, the policies of organisations.

mod address;
mod batch;
mod call;
mod changes;
mod description;
mod desk;
mod downloads;
mod drives;
pub(crate) mod fault;
mod fields;
mod files;
mod hands;
pub(crate) mod jwt;
mod looks;
mod multipart;
mod permissions;
mod query;
mod render;
mod reply;
mod rights;
mod state;
mod tests;
mod tokens;
mod uploads;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use automata::services::clock::Clock;
use axum::extract::Request;
use axum::response::Response;
use futures_util::StreamExt as _;
use tokio::sync::Notify;

use self::desk::Incoming;
use self::reply::Outcome;
use self::state::State;
use crate::world::github::clock::VirtualClock;
use crate::world::served::{self, Served};

pub(crate) use self::fault::Fault;
pub(crate) use self::tokens::{AUDIENCE, SERVICE_ACCOUNT};

/// Storage of a person: 15 GB.
const STORAGE: u64 = 15_000_000_000;
/// Bytes that an account may upload in a day: 750 GB.
const BYTES_PER_DAY: u64 = 750_000_000_000;

/// The simulated Google.
pub(crate) struct DriveWorld {
    state: Arc<Mutex<State>>,
    time: Arc<dyn Clock>,
    url: String,
    server: Option<Served>,
    /// Rings when a request begins to wait for an answer that never comes.
    hung: Arc<Notify>,
}

impl DriveWorld {
    /// Starts it with a clock of its own that nobody moves.
    pub(crate) fn start() -> Self {
        Self::start_by(Arc::new(VirtualClock::default()))
    }

    /// Starts it by this clock: the story's own, or the machine's for a story with processes.
    pub(crate) fn start_by(time: Arc<dyn Clock>) -> Self {
        let (place, url) = served::place();
        let state = Arc::new(Mutex::new(State {
            now: time.now(),
            base: url.clone(),
            items: BTreeMap::new(),
            drives: BTreeMap::new(),
            roots: BTreeMap::new(),
            groups: BTreeMap::new(),
            changes: Vec::new(),
            sessions: BTreeMap::new(),
            tokens: BTreeMap::new(),
            access: tokens::Access::default(),
            reserved: std::collections::BTreeSet::new(),
            operations: BTreeMap::new(),
            plans: fault::Plans::default(),
            lists_lag: false,
            stale: BTreeMap::new(),
            units_per_minute: None,
            units: BTreeMap::new(),
            bytes_per_day: BYTES_PER_DAY,
            uploaded: BTreeMap::new(),
            storage: STORAGE,
            sent_again: 0,
            received: 0,
            not_kept: 0,
            permission_writes: BTreeMap::new(),
            mails: Vec::new(),
            journal: Vec::new(),
            violations: Vec::new(),
            counter: 0,
            exports: 0,
        }));
        let (shared, ticking) = (Arc::clone(&state), Arc::clone(&time));
        let hung: Arc<Notify> = Arc::default();
        let ring = Arc::clone(&hung);
        let server = Served::at(place, move |request: Request| {
            answer(Arc::clone(&shared), Arc::clone(&ticking), Arc::clone(&ring), request)
        });
        Self { state, time, url, server: Some(server), hung }
    }

    /// Where everything of Google is reached: the API below `/drive/v3`, uploads below `/upload/drive/v3`, batches at
    /// `/batch/drive/v3`, tokens at `/token`, the token service at `/v1/token`, credentials of service accounts below
    /// `/v1/projects/-/serviceAccounts/`, GitHub's identity tokens at `/oidc`.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Comes back when a request waits for an answer that never comes.
    pub(crate) async fn hangs(&self) {
        self.hung.notified().await;
    }

    /// Plans bad luck for the next call of an operation, by Google's name without `drive.`: `files.list`. Some calls
    /// have a name of their own as well: `files.get.media`, `revisions.get.media`, `files.create.media`, `….multipart`
    /// and `….resumable` (the beginning), `upload.chunk`, `upload.status`, `batch`, `download`, `token`, `oidc`, `sts`,
    /// `impersonate`, `sign`. Planned twice, it strikes twice, one call after the other.
    pub(crate) fn plan(&self, operation: &str, fault: Fault) {
        self.plan_after(operation, 0, fault);
    }

    /// As [`DriveWorld::plan`], after so many calls that go well.
    pub(crate) fn plan_after(&self, operation: &str, passing: u32, fault: Fault) {
        self.at_now().plans.add(operation, passing, fault);
    }

    /// Every request, in order: method, path, query decoded, and the body where it is JSON, else its range or size.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.at_now().journal.clone()
    }

    /// Forgets the requests so far.
    pub(crate) fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut self.at_now().journal)
    }

    /// Takes out what was out of order, for a test that means it to be.
    pub(crate) fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.at_now().violations)
    }

    /// Fails when something was out of order, or planned bad luck was never met.
    pub(crate) fn assert_clean(&self) {
        let mut state = self.at_now();
        let (violations, left) = (std::mem::take(&mut state.violations), state.plans.left());
        drop(state);
        assert!(violations.is_empty(), "Google would not have this:\n{}", violations.join("\n"));
        assert!(left.is_empty(), "planned bad luck was never met: {}", left.join("\n"));
    }

    fn at_now(&self) -> std::sync::MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap();
        state.now = self.time.now();
        state
    }
}

impl Drop for DriveWorld {
    fn drop(&mut self) {
        // What it does last is judged as well.
        drop(self.server.take());
        if !std::thread::panicking() {
            self.assert_clean();
        }
    }
}

async fn answer(
    state: Arc<Mutex<State>>,
    time: Arc<dyn Clock>,
    hung: Arc<Notify>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut pieces = body.into_data_stream();
    let (mut body, mut whole) = (Vec::new(), true);
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(piece) => body.extend_from_slice(&piece),
            Err(_) => {
                whole = false;
                break;
            }
        }
    }
    let incoming = Incoming {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body,
        whole,
    };
    let begun = begin_sharing(&state, &incoming);
    if begun.is_some() {
        // Time for a second call that somebody sends without waiting for the first.
        for _ in 0..500 {
            tokio::task::yield_now().await;
        }
    }
    let outcome = {
        let mut state = state.lock().unwrap();
        state.now = time.now();
        if let Some((file, before)) = begun {
            *state.permission_writes.get_mut(&file).unwrap() -= 1;
            // Of changes at the same time only the last one counts.
            if let Some(item) = state.items.get_mut(&file) {
                item.grants = before;
            }
        }
        state.take_in(&incoming)
    };
    match outcome {
        Outcome::Reply(reply) => reply.into_response(),
        // Ends this connection's task, and with it the connection, without a word.
        Outcome::Drop => std::panic::resume_unwind(Box::new("dropped on purpose")),
        Outcome::Hang => {
            hung.notify_one();
            std::future::pending().await
        }
    }
}

/// A change of permissions begins: which file's, and what they are.
fn begin_sharing(state: &Mutex<State>, incoming: &Incoming) -> Option<(String, Vec<state::Grant>)> {
    let file = incoming.shared_file()?.to_owned();
    let mut state = state.lock().unwrap();
    let before = state.items.get(&file)?.grants.clone();
    let writes = state.permission_writes.entry(file.clone()).or_default();
    *writes += 1;
    if *writes > 1 {
        state.violations.push(format!("the permissions of {file} are changed by two calls at once"));
    }
    Some((file, before))
}

//! A stateful GitHub on loopback that checks every request against GitHub's own description.
//!
//! A request that GitHub's description does not allow is refused, written down, and fails the test when the
//! world ends; so does bad luck that was planned and never met.

mod again;
mod apps;
mod checks;
pub(crate) mod clock;
mod description;
mod desk;
mod graphql;
mod issue_fields;
mod making;
mod merging;
mod operations;
mod people;
mod planning;
mod pulls;
mod reactions;
mod render;
mod reply;
mod reviews;
mod state;
mod token;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use automata::domain::id::RepositoryName;
use automata::domain::time::Timestamp;
use automata::services::clock::Clock;
use axum::extract::Request;
use axum::response::Response;
use tokio::sync::Notify;

pub(crate) use self::apps::APP;
pub(crate) use self::description::pairs;

use self::clock::VirtualClock;
use self::desk::Incoming;
use self::reply::Outcome;
use self::state::State;
use super::served::{self, Served};

/// The token that this GitHub takes.
pub(crate) const TOKEN: &str = "ghs_simulated";

/// Bad luck, planned for one call.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// The connection ends before anything happened.
    LoseRequest,
    /// It happened, and the connection ended before the answer.
    LoseReply,
    /// No answer ever comes.
    Hang,
    /// Nothing happened and this is the status: 500, 502, 409 …
    Status(u16),
    /// A secondary limit; `retry_after` in seconds.
    TooFast { retry_after: Option<u64> },
    /// The hour's calls are spent; seconds until there are new ones.
    HourSpent { resets_in: u64 },
    /// It happens, and was the last call of the hour.
    LastCallOfTheHour { resets_in: u64 },
    /// The token lacks a permission; what `x-accepted-github-permissions` says.
    NotPermitted { accepted: Option<&'static str> },
    /// It happens, and names another server's address as the next page.
    LeadAway,
    /// It happens, and right after it somebody comments on this issue.
    Meanwhile { comment_on: u64 },
}

/// The simulated GitHub with one repository, `acme/widgets`.
pub(crate) struct GitHubWorld {
    state: Arc<Mutex<State>>,
    clock: Arc<VirtualClock>,
    time: Arc<dyn Clock>,
    api_url: String,
    server: Option<Served>,
    /// Rings when a request begins to wait for an answer that never comes.
    hung: Arc<Notify>,
}

impl GitHubWorld {
    /// Starts it as github.com.
    pub(crate) async fn start() -> Self {
        let clock = Arc::new(VirtualClock::default());
        Self::serve("", Arc::clone(&clock), clock)
    }

    /// Starts it as github.com by another clock than its own: the machine's, for a story with processes.
    pub(crate) async fn start_by(time: Arc<dyn Clock>) -> Self {
        Self::serve("", Arc::default(), time)
    }

    /// Comes back when a request waits for an answer that never comes.
    pub(crate) async fn hangs(&self) {
        self.hung.notified().await;
    }

    /// Starts it as a GitHub Enterprise Server.
    pub(crate) async fn start_enterprise() -> Self {
        let clock = Arc::new(VirtualClock::default());
        Self::serve("/api/v3", Arc::clone(&clock), clock)
    }

    fn serve(prefix: &str, clock: Arc<VirtualClock>, time: Arc<dyn Clock>) -> Self {
        let (place, url) = served::place();
        let api_url = format!("{url}{prefix}");
        let state = Arc::new(Mutex::new(State {
            name: RepositoryName::parse("acme/widgets").unwrap(),
            id: 186_853_002,
            default_branch: "main".to_owned(),
            began: whole_seconds(time.now()),
            now: whole_seconds(time.now()),
            base: api_url.clone(),
            viewer: ("github-actions[bot]".to_owned(), "Bot".to_owned()),
            people: BTreeMap::new(),
            issues: BTreeMap::new(),
            comments: BTreeMap::new(),
            reactions: Vec::new(),
            labels: Vec::new(),
            reviews: Vec::new(),
            line_comments: Vec::new(),
            resolved: std::collections::BTreeMap::new(),
            repository: None,
            has_queue: false,
            keywords_close: true,
            wants_signatures: false,
            apps: apps::Apps::default(),
            token: token::Token::default(),
            protected_by_signatures: None,
            logs: BTreeMap::new(),
            made: making::MadeFiles::default(),
            issue_types: Vec::new(),
            planning: planning::Planning::default(),
            runs: BTreeMap::new(),
            unapproved: std::collections::BTreeSet::new(),
            checks: BTreeMap::new(),
            real_commits: std::collections::BTreeSet::new(),
            statuses_on: BTreeMap::new(),
            workflows: BTreeMap::new(),
            dispatches: Vec::new(),
            branches: None,
            handed_out: std::collections::BTreeSet::new(),
            faults: BTreeMap::new(),
            journal: Vec::new(),
            statuses: Vec::new(),
            violations: Vec::new(),
            people_say_secrets: false,
            last_number: 0,
            last_comment: 0,
        }));
        let (shared, ticking) = (Arc::clone(&state), Arc::clone(&time));
        let hung: Arc<Notify> = Arc::default();
        let ring = Arc::clone(&hung);
        let server = Served::at(place, move |request: Request| {
            answer(Arc::clone(&shared), Arc::clone(&ticking), Arc::clone(&ring), request)
        });
        Self { state, clock, time, api_url, server: Some(server), hung }
    }

    /// What stands in `GITHUB_API_URL`.
    pub(crate) fn api_url(&self) -> &str {
        &self.api_url
    }

    /// The clock that this world goes by, unless it was started by another.
    pub(crate) fn clock(&self) -> Arc<VirtualClock> {
        Arc::clone(&self.clock)
    }

    /// Plans bad luck for the next call of an operation (GitHub's name for it: `issues/create-comment`;
    /// `graphql`). Planned twice, it strikes twice.
    pub(crate) fn plan(&self, operation: &str, fault: Fault) {
        self.at_now().faults.entry(operation.to_owned()).or_default().push_back(fault);
    }

    /// Every request, in order: method, address and body.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.at_now().journal.clone()
    }

    /// The requests that were to change something.
    pub(crate) fn writes(&self) -> Vec<String> {
        let read = |line: &String| line.starts_with("GET ") || line.contains("/graphql ");
        self.requests().into_iter().filter(|line| !read(line)).collect()
    }

    /// The status of each answer, in order; 0 where none was given.
    pub(crate) fn statuses(&self) -> Vec<u16> {
        self.at_now().statuses.clone()
    }

    /// From now on people say secrets, which are theirs to say.
    pub(crate) fn people_say_secrets(&self) {
        self.at_now().people_say_secrets = true;
    }

    /// Takes out what was out of order, for a test that means it to be.
    pub(crate) fn take_violations(&self) -> Vec<String> {
        std::mem::take(&mut self.at_now().violations)
    }

    /// Fails when something was out of order, or planned bad luck was never met.
    pub(crate) fn assert_clean(&self) {
        let mut state = self.at_now();
        let violations = std::mem::take(&mut state.violations);
        let unmet = std::mem::take(&mut state.faults);
        drop(state);
        assert!(violations.is_empty(), "GitHub would not have this:\n{}", violations.join("\n"));
        let unmet: Vec<_> = unmet.into_iter().filter(|(_, faults)| !faults.is_empty()).collect();
        assert!(unmet.is_empty(), "planned bad luck was never met: {unmet:?}");
    }

    fn at_now(&self) -> std::sync::MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap();
        state.now = whole_seconds(self.time.now());
        state
    }
}

impl Drop for GitHubWorld {
    fn drop(&mut self) {
        // What it does last is judged as well.
        drop(self.server.take());
        if !std::thread::panicking() {
            self.assert_clean();
        }
    }
}

/// GitHub keeps whole seconds.
fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_millis(time.as_millis() / 1_000 * 1_000)
}

async fn answer(
    state: Arc<Mutex<State>>,
    time: Arc<dyn Clock>,
    hung: Arc<Notify>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let incoming = Incoming {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let outcome = {
        let mut state = state.lock().unwrap();
        state.now = whole_seconds(time.now());
        state.take_in(&incoming)
    };
    match outcome {
        Outcome::Reply(reply) => reply.into_response(),
        Outcome::Drop => reply::dropped(),
        Outcome::Hang => {
            hung.notify_one();
            std::future::pending().await
        }
    }
}

//! One call and its answer: limits before, classing after, repeats where they are safe, and no byte
//! fetched twice when nothing changed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::{ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use http::{Method, StatusCode, Uri};
use octocrab::Octocrab;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::limits::{Intent, Limits};
use super::remembered::Remembered;
use super::{links, refusal};
use crate::domain::event::ApiBudget;
use crate::domain::failure::{Failure, FailureClass};
use crate::services::clock::Clock;

/// Waits before the second and the third try of a read. The queue's own retry, with its jitter, follows
/// when all three fail, so these only bridge a hiccup.
const WAITS_BETWEEN_READS: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];
/// Pages of one listing before we take it for a circle: a hundred thousand items.
const MOST_PAGES: usize = 1_000;

/// What GitHub answered, where the call may want to look at the status itself.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    /// Whether there is nothing (any more) at the address.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self.status, StatusCode::NOT_FOUND | StatusCode::GONE)
    }

    /// The body of a success.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.body).map_err(|error| {
            Failure::transient("unreadable_answer", format!("GitHub's answer cannot be read: {error}"))
        })
    }
}

/// Speaks with GitHub.
pub(super) struct Exchange {
    octocrab: Octocrab,
    limits: Limits,
    remembered: Remembered,
    clock: Arc<dyn Clock>,
    budget: Mutex<Option<ApiBudget>>,
}

impl Exchange {
    pub(super) fn new(octocrab: Octocrab, clock: Arc<dyn Clock>) -> Self {
        let limits = Limits::new(Arc::clone(&clock));
        Self { octocrab, limits, remembered: Remembered::default(), clock, budget: Mutex::default() }
    }

    /// What is left of the hour, as the last answer told.
    pub(super) fn budget(&self) -> Option<ApiBudget> {
        *self.budget.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads. Comes back with 2xx, 404, 410 and 422; anything else is a failure. Tried up to three times.
    pub(super) async fn get(&self, route: &str, needs: &str) -> Result<Answer, Failure> {
        self.patiently(|| self.once(Method::GET, route, None, needs, Intent::Read)).await
    }

    /// The same, unless the answer is as it was when it had this tag: then it is 304, and costs nothing.
    pub(super) async fn get_unless(
        &self,
        route: &str,
        needs: &str,
        known: Option<&str>,
    ) -> Result<Answer, Failure> {
        let known = known.and_then(|tag| HeaderValue::from_str(tag).ok());
        self.patiently(|| self.asked(Method::GET, route, None, needs, (Intent::Read, known.as_ref()))).await
    }

    /// Asks GraphQL, where questions are POSTs: repeated like any read.
    pub(super) async fn ask(&self, address: &str, question: &Value) -> Result<Answer, Failure> {
        self.patiently(|| self.once(Method::POST, address, Some(question), "metadata: read", Intent::Read))
            .await
    }

    /// Writes, once: whether a write that got no answer happened is for the caller to find out.
    pub(super) async fn write(
        &self,
        method: Method,
        route: &str,
        body: Option<&Value>,
        needs: &str,
    ) -> Result<Answer, Failure> {
        self.once(method, route, body, needs, Intent::Write).await
    }

    /// Waits for its turn before a call that is made elsewhere.
    pub(super) async fn admit(&self) -> Result<(), Failure> {
        self.limits.admit(Intent::Read).await
    }

    /// The time.
    pub(super) fn now(&self) -> crate::domain::time::Timestamp {
        self.clock.now()
    }

    /// Reads a whole listing.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        route: &str,
        needs: &str,
    ) -> Result<Vec<T>, Failure> {
        let pages: Vec<Vec<T>> = self.pages(route, needs).await?;
        Ok(pages.into_iter().flatten().collect())
    }

    /// Reads all pages of a listing, following `rel="next"` as it is: it leads to `/repositories/{id}/…`.
    pub(super) async fn pages<P: DeserializeOwned>(
        &self,
        route: &str,
        needs: &str,
    ) -> Result<Vec<P>, Failure> {
        let mut pages = Vec::new();
        let mut address = route.to_owned();
        for _ in 0..MOST_PAGES {
            let answer = self.success(self.get(&address, needs).await?, needs)?;
            pages.push(answer.json()?);
            match links::next(&answer.headers) {
                Some(next) => address = next,
                None => return Ok(pages),
            }
        }
        Err(Failure::permanent("endless_listing", format!("GitHub's listing {route} does not end.")))
    }

    /// Passes a success on; a status that the call has no meaning for becomes its failure.
    pub(super) fn success(&self, answer: Answer, needs: &str) -> Result<Answer, Failure> {
        if answer.status.is_success() { Ok(answer) } else { Err(self.refused(&answer, needs)) }
    }

    /// The failure that an answer is.
    pub(super) fn refused(&self, answer: &Answer, needs: &str) -> Failure {
        let words = refusal::Words::read(&answer.body);
        refusal::failure(answer.status, &answer.headers, &words, needs, self.clock.now())
    }

    /// Repeats a read after a hiccup, and after a wait that GitHub asked for when it is short (the gate
    /// sits it out).
    async fn patiently<F, Fut>(&self, attempt: F) -> Result<Answer, Failure>
    where
        F: Fn() -> Fut,
        Fut: Future<Output = Result<Answer, Failure>>,
    {
        for wait in WAITS_BETWEEN_READS {
            match attempt().await {
                Err(failure) if failure.class == FailureClass::Transient => self.clock.sleep(wait).await,
                Err(Failure { class: FailureClass::RateLimited(until), .. })
                    if until.since(self.clock.now()) <= super::limits::PATIENCE => {}
                settled => return settled,
            }
        }
        attempt().await
    }

    async fn once(
        &self,
        method: Method,
        route: &str,
        body: Option<&Value>,
        needs: &str,
        intent: Intent,
    ) -> Result<Answer, Failure> {
        self.asked(method, route, body, needs, (intent, None)).await
    }

    /// One call. `seen` is the tag of an answer that an earlier run has seen.
    async fn asked(
        &self,
        method: Method,
        route: &str,
        body: Option<&Value>,
        needs: &str,
        (intent, seen): (Intent, Option<&HeaderValue>),
    ) -> Result<Answer, Failure> {
        self.limits.admit(intent).await?;
        let known = if method == Method::GET { self.remembered.recall(route) } else { None };
        let tag = known.as_ref().map(|known| &known.etag).or(seen);
        let answer = self.call(method.clone(), route, body, tag).await?;
        tracing::debug!(%method, route, status = answer.status.as_u16(), "GitHub");
        self.heed(&answer);
        if let Some(known) = known
            && answer.status == StatusCode::NOT_MODIFIED
        {
            return Ok(known.answer);
        }
        match answer.status.as_u16() {
            200..=299 => {
                if method == Method::GET
                    && let Some(etag) = answer.headers.get(ETAG)
                {
                    self.remembered.keep(route, etag, &answer);
                }
                Ok(answer)
            }
            304 if seen.is_some() => Ok(answer),
            404 | 410 | 422 => Ok(answer),
            // What GitHub says to a merge that cannot be, and to one of another commit.
            405 | 409 if method == Method::PUT => Ok(answer),
            _ => Err(self.refused(&answer, needs)),
        }
    }

    /// Takes GitHub's word on how fast we may go, from any answer.
    fn heed(&self, answer: &Answer) {
        let now = self.clock.now();
        let number = |name: &str| answer.headers.get(name)?.to_str().ok()?.parse::<u64>().ok();
        let words = if answer.status.is_success() {
            refusal::Words::default()
        } else {
            refusal::Words::read(&answer.body)
        };
        let asked = refusal::quiet_until(answer.status, &answer.headers, &words, now);
        // The last call of the hour succeeded: the next would not. GraphQL keeps its own account.
        let core = answer.headers.get("x-ratelimit-resource").is_none_or(|resource| resource == "core");
        let left = number("x-ratelimit-remaining").filter(|_| core);
        if let (Some(left), Some(limit)) = (left, number("x-ratelimit-limit")) {
            *self.budget.lock().unwrap_or_else(PoisonError::into_inner) = Some(ApiBudget { left, limit });
        }
        let spent = left
            .filter(|left| *left == 0)
            .and(number("x-ratelimit-reset"))
            .map(|seconds| refusal::reset_time(seconds, now));
        if let Some(until) = asked.or(spent) {
            self.limits.be_quiet_until(until);
        }
    }

    async fn call(
        &self,
        method: Method,
        route: &str,
        body: Option<&Value>,
        known: Option<&HeaderValue>,
    ) -> Result<Answer, Failure> {
        let uri: Uri = route
            .parse()
            .map_err(|_| Failure::permanent("foreign_address", "GitHub named an address that is none."))?;
        let conditions = known.map(|etag| HeaderMap::from_iter([(IF_NONE_MATCH, etag.clone())]));
        let sent = match method {
            Method::GET => self.octocrab._get_with_headers(uri, conditions).await,
            Method::POST => self.octocrab._post(uri, body).await,
            Method::PATCH => self.octocrab._patch(uri, body).await,
            Method::PUT => self.octocrab._put(uri, body).await,
            _ => self.octocrab._delete(uri, body).await,
        };
        let response = sent.map_err(|error| unanswered(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = self.octocrab.body_to_string(response).await.map_err(|error| unanswered(&error))?;
        Ok(Answer { status, headers, body })
    }
}

/// No answer came, or only a part of one. The innermost cause is the one that tells a person something.
fn unanswered(error: &(dyn std::error::Error + 'static)) -> Failure {
    let causes: Vec<&(dyn std::error::Error + 'static)> =
        std::iter::successors(Some(error), |error| error.source()).collect();
    if causes.iter().any(|cause| cause.is::<super::wire::Elsewhere>()) {
        return Failure::permanent("foreign_address", "GitHub named a next page on another server.")
            .hint("Set `GITHUB_API_URL` to the address by which the server names itself.");
    }
    if let Some(failure) = causes.iter().find_map(|cause| cause.downcast_ref::<Failure>()) {
        return failure.clone();
    }
    let timed_out = causes
        .iter()
        .any(|cause| cause.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_timeout));
    let innermost = causes.last().map(ToString::to_string).unwrap_or_default();
    let innermost = crate::domain::untrusted::one_line(&innermost, 200);
    if timed_out {
        Failure::transient("github_timeout", format!("GitHub did not answer in time: {innermost}"))
    } else {
        Failure::transient("github_unreachable", format!("The connection to GitHub failed: {innermost}"))
    }
}

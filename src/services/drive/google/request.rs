//! One way for all requests: token, quota, one renewal on 401, waits with jitter where another try may help.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use hyper::body::Bytes;
use reqwest::{Response, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::auth::Tokens;
use super::endpoints::Endpoints;
use super::line::{Carried, carried};
use super::pace::{Cost, PATIENCE, Pace};
use super::refusal;
use crate::services::clock::Clock;
use crate::services::drive::Used;
use crate::services::drive::error::{Class, Error, Reason};
use crate::services::drive::id::FileId;
use crate::services::entropy::Entropy;
use crate::services::http::Client;

/// How often a call is tried in all. With the waits below this outlives the hiccups of a minute; what lasts longer
/// is for the queue.
pub(super) const TRIES: u32 = 5;
/// The wait before the second try, at most; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// No wait is longer: Google's guide on errors names 32 or 64 seconds.
const LONGEST_WAIT: Duration = Duration::from_secs(32);
/// Bytes of a refusal that are read.
const REFUSAL_BYTES: usize = 64 * 1024;
/// Bytes of an answer that are read into memory: a page of a thousand files with all that we ask for has under four
/// million.
const ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// What goes along with a request.
#[derive(Clone, Debug)]
pub(super) enum Body {
    /// Nothing.
    None,
    /// A document.
    Json(Value),
    /// Bytes of a type.
    Raw(HeaderValue, Bytes),
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Body,
    cost: Cost,
    is_slow: bool,
    may_repeat: bool,
}

impl Ask {
    /// A request to one of our addresses, whose segments are checked ids and fixed words.
    pub(super) fn new(method: Method, address: &str, cost: Cost) -> Result<Self, Error> {
        let url = Url::parse(address)
            .map_err(|error| Error::new(Reason::BadRequest, format!("`{address}` is no address: {error}")))?;
        // Reads, and writes that say how something is to be, can be done twice.
        let may_repeat = method != Method::POST;
        let (headers, body) = (HeaderMap::new(), Body::None);
        Ok(Self { method, url, headers, body, cost, is_slow: false, may_repeat })
    }

    pub(super) fn query(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.url.query_pairs_mut().append_pair(name, value.as_ref());
        self
    }

    pub(super) fn json(mut self, body: Value) -> Self {
        self.body = Body::Json(body);
        self
    }

    pub(super) fn raw(mut self, mime: &str, bytes: Vec<u8>) -> Result<Self, Error> {
        let mime = HeaderValue::try_from(mime)
            .map_err(|_| Error::new(Reason::BadRequest, "the type of the content is none"))?;
        self.body = Body::Raw(mime, bytes.into());
        Ok(self)
    }

    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub(super) const fn method(&self) -> &Method {
        &self.method
    }

    /// The address without its server.
    pub(super) fn path(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }

    pub(super) const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(super) const fn cost(&self) -> Cost {
        self.cost
    }

    pub(super) const fn may_repeat(&self) -> bool {
        self.may_repeat
    }

    pub(super) const fn body(&self) -> &Body {
        &self.body
    }

    /// Allows the time that content takes.
    pub(super) const fn slow(mut self) -> Self {
        self.is_slow = true;
        self
    }

    /// Says that doing it twice comes to the same.
    pub(super) const fn repeatable(mut self, may_repeat: bool) -> Self {
        self.may_repeat = may_repeat;
        self
    }
}

/// An answer, whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        parsed(&self.body)
    }
}

/// A document of Drive's.
pub(super) fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| refusal::nonsense(&error.to_string()))
}

/// A try that did not succeed.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) error: Error,
    /// Whether Drive has certainly not done it.
    pub(super) not_done: bool,
}

impl Failed {
    pub(super) fn lost(error: &reqwest::Error) -> Self {
        Self { error: refusal::unanswered(error), not_done: error.is_connect() }
    }
}

/// How long requests may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    /// Without content.
    pub(super) call: Duration,
    /// Of content that does not move.
    pub(super) still: Duration,
    /// With a part of some.
    pub(super) part: Duration,
}

/// The way to Drive for one account.
pub(super) struct Exchange {
    client: Client,
    tokens: Tokens,
    pub(super) endpoints: Endpoints,
    pace: Pace,
    times: Times,
    clock: Arc<dyn Clock>,
    entropy: Arc<Entropy>,
    /// Files shared by an old link want the link's key besides their id. Drive tells it with the file.
    keys: Mutex<BTreeMap<FileId, String>>,
}

impl Exchange {
    pub(super) fn new(
        client: Client,
        tokens: Tokens,
        endpoints: Endpoints,
        units: u32,
        times: Times,
        clock: Arc<dyn Clock>,
        entropy: Arc<Entropy>,
    ) -> Self {
        let pace = Pace::new(units, Arc::clone(&clock));
        Self { client, tokens, endpoints, pace, times, clock, entropy, keys: Mutex::default() }
    }

    /// A request to `path` below the API, such as `files/ID`.
    pub(super) fn ask(&self, method: Method, path: &str, cost: Cost) -> Result<Ask, Error> {
        Ask::new(method, &self.endpoints.api(path), cost)
    }

    /// Remembers the key that Drive told for a file.
    pub(super) fn learn_key(&self, id: &FileId, key: Option<&str>) {
        let is_key = |key: &&str| {
            !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        if let Some(key) = key.filter(is_key) {
            let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
            keys.insert(id.clone(), key.to_owned());
        }
    }

    /// Says which file a request is about, for what it needs besides the id.
    pub(super) fn about(&self, ask: Ask, id: &FileId) -> Ask {
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        match keys.get(id).and_then(|key| HeaderValue::try_from(format!("{id}/{key}")).ok()) {
            // <https://developers.google.com/workspace/drive/api/guides/resource-keys>
            Some(value) => ask.header(HeaderName::from_static("x-goog-drive-resource-keys"), value),
            None => ask,
        }
    }

    /// Sends a request, again where that may help, and reads the answer.
    pub(super) async fn send(&self, ask: &Ask) -> Result<Answer, Error> {
        let mut tries = 0;
        loop {
            match self.send_once(ask).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => self.before_another(&mut tries, ask.may_repeat, failed).await?,
            }
        }
    }

    /// Sends a request, and reads the answer. Whether another try may help is for the caller to see.
    pub(super) async fn send_once(&self, ask: &Ask) -> Result<Answer, Failed> {
        let response = self.attempt(ask).await?;
        let headers = response.headers().clone();
        let body = self.answered(response).await?;
        Ok(Answer { headers, body })
    }

    /// Comes back when it is time for another try; gives the error where that cannot help, or did not often enough.
    pub(super) async fn before_another(
        &self,
        tries: &mut u32,
        may_repeat: bool,
        failed: Failed,
    ) -> Result<(), Error> {
        *tries += 1;
        let may_help = failed.error.may_pass() && (may_repeat || failed.not_done);
        if may_help && *tries < TRIES && self.pause(&failed.error, *tries).await {
            Ok(())
        } else {
            Err(failed.error)
        }
    }

    /// Waits before try number `tries` + 1. False when Drive asked for more patience than we have.
    pub(super) async fn pause(&self, error: &Error, tries: u32) -> bool {
        if let Class::RateLimited(Some(until)) = error.class {
            let wait = until.since(self.clock.now());
            if wait > PATIENCE {
                return false;
            }
            self.clock.sleep(wait).await;
        }
        let longest = (FIRST_WAIT * 2_u32.pow(tries.saturating_sub(1).min(10))).min(LONGEST_WAIT);
        self.clock.sleep(longest.mul_f64(self.entropy.fraction())).await;
        true
    }

    /// Sends a request once, and once more with a new token when the first is not accepted. A status of 308, which
    /// resumable uploads answer with, is no error.
    pub(super) async fn attempt(&self, ask: &Ask) -> Result<Response, Failed> {
        let known = |error| Failed { error, not_done: true };
        self.pace.admit(ask.cost).await.map_err(known)?;
        let token = self.tokens.token().await.map_err(known)?;
        let response = self.dispatch(ask, &token).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return self.judged(response).await;
        }
        let token = self.tokens.instead_of(&token).await.map_err(known)?;
        let response = self.dispatch(ask, &token).await?;
        self.judged(response).await
    }

    async fn dispatch(
        &self,
        ask: &Ask,
        token: &crate::services::secrets::Secret,
    ) -> Result<Response, Failed> {
        let bearer = token.bearer().map_err(|_| Failed {
            error: Error::new(Reason::BadCredentials, "the token that was handed out is no token"),
            not_done: true,
        })?;
        let request = self
            .client
            .request(ask.method.clone(), ask.url.clone())
            .headers(ask.headers.clone())
            .header(http::header::AUTHORIZATION, bearer)
            .timeout(if ask.is_slow { self.times.part } else { self.times.call });
        let request = match &ask.body {
            // Google's front ends refuse a POST that does not say how long it is.
            Body::None if ask.method == Method::GET || ask.method == Method::DELETE => request,
            Body::None => request.header(http::header::CONTENT_LENGTH, 0),
            Body::Json(body) => {
                request.header(CONTENT_TYPE, "application/json; charset=UTF-8").body(body.to_string())
            }
            Body::Raw(mime, bytes) if ask.is_slow => {
                let (content, moved) = Carried::of(bytes.clone());
                let request = request
                    .header(CONTENT_TYPE, mime.clone())
                    .header(http::header::CONTENT_LENGTH, bytes.len())
                    .body(reqwest::Body::wrap(content));
                return self.in_motion(carried(request.send(), &moved, self.times.still)).await;
            }
            Body::Raw(mime, bytes) => request.header(CONTENT_TYPE, mime.clone()).body(bytes.clone()),
        };
        if ask.is_slow {
            return self.in_motion(tokio::time::timeout(self.times.still, request.send())).await;
        }
        request.send().await.map_err(|error| Failed::lost(&error))
    }

    /// What came, unless nothing moved for too long.
    async fn in_motion<T, Still>(
        &self,
        moving: impl Future<Output = Result<Result<T, reqwest::Error>, Still>>,
    ) -> Result<T, Failed> {
        match moving.await {
            Ok(came) => came.map_err(|error| Failed::lost(&error)),
            Err(_) => Err(Failed { error: refusal::silent(), not_done: false }),
        }
    }

    /// The next piece of content; none at its end.
    pub(super) async fn piece(&self, response: &mut Response) -> Result<Option<Bytes>, Failed> {
        self.in_motion(tokio::time::timeout(self.times.still, response.chunk())).await
    }

    /// The answer where it is none of refusal.
    async fn judged(&self, response: Response) -> Result<Response, Failed> {
        let status = response.status();
        if status.is_success() || status == StatusCode::PERMANENT_REDIRECT {
            return Ok(response);
        }
        let headers = response.headers().clone();
        // A refusal whose words are lost on the way is still a refusal.
        let body = self.whole(response, REFUSAL_BYTES).await.unwrap_or_default();
        let error = refusal::error(status, &headers, &body, self.clock.now());
        Err(self.refused(error))
    }

    /// The body of an answer.
    pub(super) async fn answered(&self, response: Response) -> Result<Vec<u8>, Failed> {
        self.whole(response, ANSWER_BYTES).await
    }

    /// The body of an answer, as far as `most` bytes.
    async fn whole(&self, mut response: Response, most: usize) -> Result<Vec<u8>, Failed> {
        let mut body = Vec::new();
        while let Some(piece) = self.piece(&mut response).await? {
            if body.len() + piece.len() > most {
                let error =
                    Error::new(Reason::TooLarge, format!("Drive's answer has more than {most} bytes"));
                return Err(Failed { error, not_done: false });
            }
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }

    /// A refusal, having taken to heart what it says about our speed.
    pub(super) fn refused(&self, error: Error) -> Failed {
        if let Class::RateLimited(Some(until)) = error.class {
            self.pace.be_quiet_until(until);
        }
        let not_done = matches!(error.class, Class::RateLimited(_));
        Failed { error, not_done }
    }

    /// Takes down content that Drive has.
    pub(super) fn sent(&self, bytes: u64) {
        self.pace.sent(bytes);
    }

    /// What went through so far.
    pub(super) fn used(&self) -> Used {
        self.pace.used()
    }

    /// What time it is, for what has to be told from an answer.
    pub(super) fn now(&self) -> crate::domain::time::Timestamp {
        self.clock.now()
    }

    /// Random bits, for what must not occur in content.
    pub(super) fn bits(&self) -> u64 {
        self.entropy.bits()
    }
}

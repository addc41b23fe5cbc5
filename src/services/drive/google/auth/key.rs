//! Tokens for a service account's key, by the flow of `yup-oauth2`, which signs the claim.
//!
//! The flow brings a client of its own that knows no proxy, no certificates and no time-outs of ours, and forgets
//! the status of a refusal. So it is given a connector whose connections end in this process: what it sends is
//! handed to the client that all services share, and what comes back is remembered for the error.

use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderMap, Request, Response, StatusCode, Uri};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::{TokioExecutor, TokioIo};
use reqwest::Url;
use tokio::io::DuplexStream;
use yup_oauth2::authenticator::Authenticator;
use yup_oauth2::{CustomHyperClientBuilder, ServiceAccountAuthenticator, ServiceAccountKey};

use super::super::endpoints::trusted;
use super::super::refusal;
use super::bad;
use super::grants::Token;
use super::step::Step;
use crate::domain::time::Timestamp;
use crate::services::drive::error::Error;
use crate::services::http::Client;
use crate::services::secrets::Secret;

/// The life of a token: Google's rule for claims of an hour. The flow tells its end by a clock that is not ours.
const LIFE: Duration = Duration::from_hours(1);
/// Bytes between the flow and us: a claim and a token have about two thousand each.
const PIPE: usize = 16 * 1024;

/// A service account's key.
pub(super) struct Key {
    flow: Authenticator<Bridge>,
    seen: Seen,
}

impl Key {
    /// `subject` is the user to act for.
    pub(super) async fn new(
        key: ServiceAccountKey,
        subject: Option<&str>,
        client: Client,
        time: Duration,
    ) -> Result<Self, Error> {
        let seen = Seen::default();
        let bridge = Bridge { client, to: trusted("token_uri", &key.token_uri)?, time, seen: seen.clone() };
        let client = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(bridge);
        let flow = ServiceAccountAuthenticator::with_client(key, CustomHyperClientBuilder::from(client));
        let flow = match subject {
            Some(subject) => flow.subject(subject),
            None => flow,
        };
        // Its error says which step failed, and nothing of the key.
        let flow = flow.build().await;
        let flow = flow.map_err(|_| {
            bad("`private_key` of the credentials is no RSA key")
                .hint("Hand in the file as Google made it; line ends inside the key count.")
        })?;
        Ok(Self { flow, seen })
    }

    pub(super) async fn token(&self, scope: &str, now: Timestamp) -> Result<Token, Error> {
        self.seen.put(None);
        // Ours decides when a token is too old, so the one that the flow keeps is passed over.
        let scopes = [scope];
        let fetched = self.flow.force_refreshed_token(&scopes).await;
        match (fetched.ok().and_then(|token| token.token().map(Secret::new)), self.seen.take()) {
            (Some(token), Some(Answer::Came(status, ..))) if status.is_success() => {
                Ok(Token { token, lives: LIFE })
            }
            (_, Some(Answer::Came(status, headers, body))) if !status.is_success() => {
                Err(Step::Key.refused(status, &headers, &body, now))
            }
            (_, Some(Answer::Lost(error))) => Err(error),
            _ => Err(bad(format!("{} came to no token", Step::Key.name()))),
        }
    }
}

/// What came back last.
enum Answer {
    Came(StatusCode, HeaderMap, Vec<u8>),
    Lost(Error),
}

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Option<Answer>>>);

impl Seen {
    fn put(&self, answer: Option<Answer>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    fn take(&self) -> Option<Answer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Connects the flow to our client.
#[derive(Clone)]
struct Bridge {
    client: Client,
    to: Url,
    time: Duration,
    seen: Seen,
}

impl tower::Service<Uri> for Bridge {
    type Response = Pipe;
    type Error = io::Error;
    type Future = Ready<io::Result<Pipe>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let (theirs, ours) = tokio::io::duplex(PIPE);
        let bridge = self.clone();
        let answering = service_fn(move |request| {
            let bridge = bridge.clone();
            async move { bridge.pass_on(request).await }
        });
        // It ends with the connection, which the flow drops.
        drop(tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(ours), answering)));
        ready(Ok(Pipe(TokioIo::new(theirs))))
    }
}

impl Bridge {
    async fn pass_on(&self, request: Request<Incoming>) -> io::Result<Response<String>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let answer = self.ask(&head, body.to_vec()).await;
        let passed = match &answer {
            Answer::Came(status, _, body) => {
                Response::builder().status(*status).body(String::from_utf8_lossy(body).into_owned())
            }
            Answer::Lost(_) => Response::builder().status(StatusCode::BAD_GATEWAY).body(String::new()),
        };
        self.seen.put(Some(answer));
        passed.map_err(io::Error::other)
    }

    async fn ask(&self, head: &http::request::Parts, body: Vec<u8>) -> Answer {
        let mut request = self.client.post(self.to.clone()).timeout(self.time).body(body);
        if let Some(mime) = head.headers.get(http::header::CONTENT_TYPE) {
            request = request.header(http::header::CONTENT_TYPE, mime.clone());
        }
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return Answer::Lost(Step::Key.named(refusal::unanswered(&error))),
        };
        let (status, headers) = (answer.status(), answer.headers().clone());
        match answer.bytes().await {
            Ok(body) => Answer::Came(status, headers, body.to_vec()),
            Err(error) => Answer::Lost(Step::Key.named(refusal::unanswered(&error))),
        }
    }
}

/// The flow's end of a connection.
struct Pipe(TokioIo<DuplexStream>);

impl Connection for Pipe {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Pipe {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl Write for Pipe {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

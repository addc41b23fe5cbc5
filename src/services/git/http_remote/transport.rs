//! The requests themselves: credentials, retries where they are safe, and what a status means.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::StatusCode;
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, Url};

use super::super::pktline::{self, Packet};
use super::super::remote::Error;
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::untrusted::one_line;
use crate::services::clock::Clock;
use crate::services::credential::Credential;

/// How often a read is tried in all: two hiccups in a row are bad luck, three are an outage.
const READ_TRIES: u32 = 3;
/// The wait before the second try; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// The longest wait that a server may ask of us before we give up instead.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// Bytes from which a request is compressed: below, gzip's own frame eats what it saves.
const COMPRESS_FROM: usize = 1_024;

/// What a request wants to do, for the hint when it may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// A request that did not succeed.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    pub(super) error: Error,
    /// Whether the same request may succeed later.
    pub(super) may_pass: bool,
    /// Whether the server may want to be asked differently: a 4xx that is no refusal.
    pub(super) was_misasked: bool,
    wait: Option<Duration>,
}

pub(super) struct Transport {
    pub(super) client: reqwest::Client,
    pub(super) url: String,
    pub(super) credential: Option<Arc<Credential>>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Transport {
    /// The server's advertisement for a service, and the repository's address after redirects.
    pub(super) async fn info_refs(&self, service: &str, access: Access) -> Result<(String, Vec<u8>), Error> {
        self.read(
            access,
            |transport| transport.get_info_refs(service),
            async |response, transport| {
                let base = transport.base_after(response.url())?;
                Ok((base, body(response).await?))
            },
        )
        .await
    }

    /// The first line of the advertisement of `git-receive-pack`, which names what the server can do. The rest
    /// lists every ref of the repository, and is left unread.
    pub(super) async fn receive_capabilities(&self) -> Result<(String, Vec<String>), Error> {
        let request = |transport: &Self| transport.get_info_refs("git-receive-pack");
        self.read(Access::Write, request, async |mut response, transport| {
            let base = transport.base_after(response.url())?;
            let mut read = Vec::new();
            loop {
                if let Some(capabilities) = capabilities(&read)? {
                    return Ok((base, capabilities));
                }
                match response.chunk().await.map_err(|error| lost(&error))? {
                    Some(chunk) => read.extend_from_slice(&chunk),
                    None => {
                        return Err(Failed::broken("the server's list of refs ends too early".to_owned()));
                    }
                }
            }
        })
        .await
    }

    pub(super) async fn upload_pack(&self, base: &str, is_v2: bool, body: Vec<u8>) -> Result<Vec<u8>, Error> {
        let (body, is_compressed) = compress(body)?;
        let request = |transport: &Self| {
            let request = transport.post(base, "git-upload-pack").body(body.clone());
            let request = if is_compressed { request.header(CONTENT_ENCODING, "gzip") } else { request };
            if is_v2 { request.header("Git-Protocol", "version=2") } else { request }
        };
        self.read(Access::Read, request, async |response, _| self::body(response).await).await
    }

    /// Sends a push once. It is never repeated blindly: the answer may be lost and the push done.
    pub(super) async fn receive_pack(&self, base: &str, body: Vec<u8>) -> Result<Vec<u8>, Failed> {
        let request = self.post(base, "git-receive-pack").body(body);
        self::body(self.send(request, Access::Write).await?).await
    }

    /// Waits before try number `tries` + 1.
    pub(super) async fn pause(&self, tries: u32) {
        self.clock.sleep(FIRST_WAIT * 2_u32.pow(tries.saturating_sub(1).min(6))).await;
    }

    /// Sends a request that changes nothing, again when that may help.
    async fn read<T>(
        &self,
        access: Access,
        request: impl Fn(&Self) -> RequestBuilder,
        answer: impl AsyncFn(Response, &Self) -> Result<T, Failed>,
    ) -> Result<T, Error> {
        let mut tries = 1;
        loop {
            let result = match self.send(request(self), access).await {
                Ok(response) => answer(response, self).await,
                Err(failed) => Err(failed),
            };
            match result {
                Ok(read) => return Ok(read),
                Err(failed) if !failed.may_pass || tries == READ_TRIES => return Err(failed.error),
                Err(failed) => match failed.wait {
                    Some(wait) if wait > LONGEST_WAIT => return Err(failed.error),
                    Some(wait) => self.clock.sleep(wait).await,
                    None => self.pause(tries).await,
                },
            }
            tries += 1;
        }
    }

    fn get_info_refs(&self, service: &str) -> RequestBuilder {
        let request = self.client.get(format!("{}/info/refs?service={service}", self.url));
        if service == "git-upload-pack" { request.header("Git-Protocol", "version=2") } else { request }
    }

    fn post(&self, base: &str, service: &str) -> RequestBuilder {
        self.client
            .post(format!("{base}/{service}"))
            .header(CONTENT_TYPE, format!("application/x-{service}-request"))
            .header(ACCEPT, format!("application/x-{service}-result"))
    }

    async fn send(&self, request: RequestBuilder, access: Access) -> Result<Response, Failed> {
        let request = match &self.credential {
            Some(credential) => {
                let token = credential.token().await.map_err(no_token)?;
                request.basic_auth("x-access-token", Some(token.expose()))
            }
            None => request,
        };
        let response = request.send().await.map_err(|error| lost(&error))?;
        if response.status().is_success() { Ok(response) } else { Err(refused(response, access).await) }
    }

    /// Where the repository is when `info/refs` was found at `found`. Another host is not believed, since our
    /// credentials are not for it.
    fn base_after(&self, found: &Url) -> Result<String, Failed> {
        let asked =
            Url::parse(&self.url).map_err(|error| Failed::broken(format!("{}: {error}", self.url)))?;
        if found.origin() != asked.origin() {
            let other = found.host_str().unwrap_or("elsewhere").to_owned();
            return Err(Failed::broken(format!("the repository has moved to another host, {other}")));
        }
        let mut base = found.clone();
        base.set_query(None);
        Ok(base.as_str().strip_suffix("/info/refs").unwrap_or(&self.url).to_owned())
    }
}

impl Failed {
    /// Something was sent, and what came of it is not known.
    pub(super) fn lost(error: Error) -> Self {
        Self { error, may_pass: true, was_misasked: false, wait: None }
    }

    fn broken(reason: String) -> Self {
        Self { error: Error::Broken(reason), may_pass: false, was_misasked: false, wait: None }
    }
}

impl From<pktline::Error> for Failed {
    fn from(error: pktline::Error) -> Self {
        Self::broken(error.to_string())
    }
}

async fn body(response: Response) -> Result<Vec<u8>, Failed> {
    Ok(response.bytes().await.map_err(|error| lost(&error))?.into())
}

/// No answer, or not a whole one.
fn lost(error: &reqwest::Error) -> Failed {
    // The outer error only names the address; the reason stands in its innermost source.
    let mut reason: &dyn std::error::Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    let host = error.url().and_then(Url::host_str).unwrap_or("the server").to_owned();
    let told = format!("{host} did not answer: {reason}");
    Failed::lost(Error::Unreachable(told))
}

/// Nobody to ask the server as: GitHub gave its App no token.
fn no_token(failure: Failure) -> Failed {
    if failure.class == FailureClass::Transient {
        return Failed::lost(Error::Unreachable(failure.to_string()));
    }
    let hint = failure.hint.clone().unwrap_or_default();
    let error = Error::Denied { reason: failure.to_string(), hint };
    Failed { error, may_pass: false, was_misasked: false, wait: None }
}

async fn refused(response: Response, access: Access) -> Failed {
    let status = response.status();
    let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let host = response.url().host_str().unwrap_or("the server").to_owned();
    let is_text = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/plain"));
    let said = if is_text { response.text().await.unwrap_or_default() } else { String::new() };
    let said = one_line(&said, 200);
    let told = match said.as_str() {
        "" => format!("{host} answered {status}"),
        said => format!("{host} answered {status}: {said}"),
    };
    let (right, verb) = match access {
        Access::Read => ("contents: read", "read"),
        Access::Write => ("contents: write", "write to"),
    };
    let denied = |hint: String| Failed {
        error: Error::Denied { reason: told.clone(), hint },
        may_pass: false,
        was_misasked: false,
        wait: None,
    };
    match status {
        StatusCode::UNAUTHORIZED => denied(format!(
            "Hand in a token that is valid now and has the permission `{right}` for this repository."
        )),
        StatusCode::FORBIDDEN => denied(format!(
            "The token may not {verb} this repository: add `{right}` to the `permissions` of the workflow's job."
        )),
        StatusCode::NOT_FOUND => denied(format!(
            "Either there is no such repository, or the token may not see it: it needs `{right}`."
        )),
        _ => Failed {
            may_pass: status.is_server_error()
                || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT),
            was_misasked: status.is_client_error(),
            wait: seconds.map(Duration::from_secs),
            error: if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS {
                Error::Broken(told)
            } else {
                Error::Unreachable(told)
            },
        },
    }
}

/// The capabilities of a protocol 0 advertisement, once enough of it was read.
fn capabilities(read: &[u8]) -> Result<Option<Vec<String>>, pktline::Error> {
    let mut rest = read;
    while let Some((packet, after)) = pktline::split(rest)? {
        rest = after;
        let Packet::Data(line) = packet else { continue };
        if let Some(told) = line.strip_prefix(b"ERR ") {
            return Err(pktline::Error::Fatal(pktline::text(told)));
        }
        if let Some(nul) = line.iter().position(|byte| *byte == 0) {
            let list = pktline::text(&line[nul + 1..]);
            return Ok(Some(list.split(' ').map(str::to_owned).collect()));
        }
    }
    Ok(None)
}

fn compress(body: Vec<u8>) -> Result<(Vec<u8>, bool), Error> {
    if body.len() < COMPRESS_FROM {
        return Ok((body, false));
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let compressed = encoder.write_all(&body).and_then(|()| encoder.finish());
    compressed.map(|body| (body, true)).map_err(|error| Error::Broken(error.to_string()))
}

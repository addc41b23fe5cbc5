//! A web server for whoever sits at this machine: on the loopback address alone, for requests that name it.
//!
//! A page of somebody else in the same browser could have its own name lead to this address (DNS rebinding) and read what
//! is served here. Its requests carry its name, and are refused.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

/// Connections at once: a browser opens six.
const CONNECTIONS: usize = 32;
/// How long a connection may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is served at a path.
#[derive(Clone, Debug)]
pub struct Served {
    /// Its type: `text/html; charset=utf-8`.
    pub mime: &'static str,
    /// The content.
    pub body: Bytes,
    /// Its `Content-Security-Policy`.
    pub policy: String,
}

/// A server that has a port and serves nothing yet.
#[derive(Debug)]
pub struct Loopback {
    listener: TcpListener,
    port: u16,
}

impl Loopback {
    /// Takes a port; 0 for one that is free.
    ///
    /// # Errors
    /// When the port is taken, or may not be.
    pub async fn bind(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// The address for a browser.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Serves until it is dropped. `answer` gives what is at a path, none where there is nothing, and an error as a
    /// sentence for whoever looks.
    pub async fn serve<F>(self, answer: F) -> Infallible
    where
        F: AsyncFn(&str) -> Result<Option<Served>, String>,
    {
        let (port, answer) = (self.port, &answer);
        let mut open = FuturesUnordered::new();
        loop {
            tokio::select! {
                accepted = self.listener.accept(), if open.len() < CONNECTIONS => {
                    // Whoever went away again meanwhile is no concern of ours.
                    let Ok((stream, _)) = accepted else { continue };
                    open.push(async move {
                        let service = service_fn(move |request: Request<Incoming>| async move {
                            Ok::<_, Infallible>(respond(&request, port, answer).await)
                        });
                        let mut server = http1::Builder::new();
                        server.timer(TokioTimer::new()).header_read_timeout(PATIENCE).keep_alive(false);
                        let _ = server.serve_connection(TokioIo::new(stream), service).await;
                    });
                }
                Some(()) = open.next() => {}
            }
        }
    }
}

async fn respond<F>(request: &Request<Incoming>, port: u16, answer: &F) -> Response<Full<Bytes>>
where
    F: AsyncFn(&str) -> Result<Option<Served>, String>,
{
    if !is_for_us(request.headers(), port) {
        return plain(StatusCode::MISDIRECTED_REQUEST, "This address serves 127.0.0.1 alone.");
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "There is only something to read here.");
        refused.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    match answer(request.uri().path()).await {
        Ok(Some(served)) => {
            let body = if request.method() == Method::HEAD { Bytes::new() } else { served.body };
            respond_with(StatusCode::OK, served.mime, body, &served.policy)
        }
        Ok(None) => plain(StatusCode::NOT_FOUND, "There is nothing at this path."),
        Err(reason) => plain(StatusCode::SERVICE_UNAVAILABLE, &reason),
    }
}

/// Whether a request names the address that we serve.
fn is_for_us(headers: &HeaderMap, port: u16) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    ["127.0.0.1", "localhost"].iter().any(|name| host.as_bytes() == format!("{name}:{port}").as_bytes())
}

fn plain(status: StatusCode, text: &str) -> Response<Full<Bytes>> {
    respond_with(status, "text/plain; charset=utf-8", Bytes::from(format!("{text}\n")), "default-src 'none'")
}

fn respond_with(status: StatusCode, mime: &'static str, body: Bytes, policy: &str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    let fixed = [
        (CONTENT_TYPE, mime),
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    let headers = response.headers_mut();
    headers.extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(hosts: &[&str]) -> HeaderMap {
        hosts.iter().map(|host| (HOST, HeaderValue::from_str(host).unwrap())).collect()
    }

    #[test]
    fn only_requests_that_name_this_address_are_for_us() {
        for host in ["127.0.0.1:8080", "localhost:8080"] {
            assert!(is_for_us(&named(&[host]), 8080), "{host}");
        }
        let others: [&[&str]; 6] = [
            &[],
            &["127.0.0.1"],
            &["127.0.0.1:8081"],
            &["evil.example:8080"],
            &["127.0.0.1:8080.evil.example"],
            &["127.0.0.1:8080", "evil.example"],
        ];
        for hosts in others {
            // A map that is collected keeps the last of several.
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(HOST, HeaderValue::from_str(host).unwrap());
            }
            assert!(!is_for_us(&headers, 8080), "{hosts:?}");
        }
    }
}

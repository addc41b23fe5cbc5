//! A way to the simulated Drive that takes a while for each request, counts them, and is taken for Google itself by
//! programs whose endpoint cannot be set: as a proxy that ends their TLS with a certificate of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use hyper_util::rt::TokioIo;
use reqwest::Client;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

/// Bytes of a request at most: more than a part of an upload.
const MOST: usize = 128 * 1024 * 1024;
/// Where Google is.
const GOOGLE: &str = "https://www.googleapis.com";

/// See the file's first line.
pub(crate) struct Relay {
    /// Where it is reached without a proxy.
    pub(crate) plain: String,
    /// Where it is reached as a proxy.
    pub(crate) proxy: String,
    asked: Arc<AtomicUsize>,
}

/// A certificate that says it is Google's, and its key.
pub(crate) struct Certificate {
    /// The certificate, for whoever is to believe it.
    pub(crate) file: PathBuf,
    key: PathBuf,
}

impl Certificate {
    /// Made by `openssl`; none where there is none.
    pub(crate) fn made(folder: &Path) -> Option<Self> {
        let made = Self { file: folder.join("google.pem"), key: folder.join("google.key") };
        let names = "subjectAltName=DNS:www.googleapis.com,DNS:oauth2.googleapis.com";
        let status = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=www.googleapis.com",
            ])
            .args(["-addext", names, "-keyout"])
            .arg(&made.key)
            .arg("-out")
            .arg(&made.file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success()).then_some(made)
    }

    fn acceptor(&self) -> TlsAcceptor {
        let chain = vec![CertificateDer::from_pem_file(&self.file).unwrap()];
        let key = PrivateKeyDer::from_pem_file(&self.key).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

impl Relay {
    /// To the Drive at `to`; each request takes `latency` longer.
    pub(crate) async fn start(to: &str, latency: Duration, certificate: &Certificate) -> Self {
        // Of several that were begun, the first has set it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (plain, proxy) = (bound().await, bound().await);
        let url = |listener: &TcpListener| format!("http://{}", listener.local_addr().unwrap());
        let (plain_url, proxy_url) = (url(&plain), url(&proxy));
        let asked: Arc<AtomicUsize> = Arc::default();
        let way = |shown: &str| {
            let client = Client::builder().no_proxy().no_gzip().build().unwrap();
            let (to, shown, asked) = (to.to_owned(), shown.to_owned(), Arc::clone(&asked));
            Router::new().fallback(move |request: Request| {
                let (client, to, shown) = (client.clone(), to.clone(), shown.clone());
                asked.fetch_add(1, Ordering::Relaxed);
                async move {
                    tokio::time::sleep(latency).await;
                    hand_over(&client, &to, &shown, request).await
                }
            })
        };
        let router = way(&plain_url);
        tokio::spawn(async move { axum::serve(plain, router).await });
        let (router, acceptor) = (way(GOOGLE), certificate.acceptor());
        tokio::spawn(async move {
            while let Ok((stream, _)) = proxy.accept().await {
                let (router, acceptor) = (router.clone(), acceptor.clone());
                tokio::spawn(async move { as_google(stream, &acceptor, router).await });
            }
        });
        Self { plain: plain_url, proxy: proxy_url, asked }
    }

    /// Requests since the last time that this was asked.
    pub(crate) fn requests(&self) -> usize {
        self.asked.swap(0, Ordering::Relaxed)
    }
}

async fn bound() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

/// Passes a request on, and the answer back. Addresses in it lead this way again.
async fn hand_over(client: &Client, to: &str, shown: &str, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let url = format!("{to}{}", parts.uri.path_and_query().map_or("/", |path| path.as_str()));
    let body = axum::body::to_bytes(body, MOST).await.unwrap();
    let mut headers = parts.headers;
    for own in ["host", "connection", "transfer-encoding", "content-length"] {
        headers.remove(own);
    }
    let answer = client.request(parts.method, url).headers(headers).body(body).send().await;
    // Whoever was hung up on is hung up on here too.
    let answer = answer.unwrap_or_else(|error| panic!("the Drive hung up: {error}"));
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        let text = value.to_str().unwrap_or_default();
        match name.as_str() {
            "connection" | "transfer-encoding" | "content-length" => {}
            "location" => response = response.header(name, text.replace(to, shown)),
            _ => response = response.header(name, value),
        }
    }
    response.body(Body::from(answer.bytes().await.unwrap())).unwrap()
}

/// Serves one connection through `CONNECT`.
async fn as_google(mut stream: TcpStream, acceptor: &TlsAcceptor, router: Router) {
    let mut asked = Vec::new();
    while !asked.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => asked.push(byte),
            Err(_) => return,
        }
    }
    if stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.is_err() {
        return;
    }
    // Whoever goes away in the middle, or is killed, ends the connection and nothing else.
    let Ok(stream) = acceptor.accept(stream).await else { return };
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        router.clone().oneshot(request.map(Body::new))
    });
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

//! A real `git http-backend` on loopback, with a token check and switches for bad luck.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::response::Response;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinHandle;

use automata::services::http;

use super::planted;
use super::repository::{BareRepository, hermetic};

/// Bad luck that is still to come.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// Pushes whose connection breaks before git sees them.
    pub(crate) cut_before: usize,
    /// Pushes whose connection breaks after git did them.
    pub(crate) cut_after: usize,
    /// Requests of any sort that are answered with 500.
    pub(crate) fail: usize,
    /// Whether `Git-Protocol` is ignored, so that only protocol 0 is spoken.
    pub(crate) no_protocol_two: bool,
    /// Whether the token may look and not push, which GitHub says to whoever asks for the refs to push.
    pub(crate) read_only: bool,
    /// Whether a push without the list of refs read before is refused with 400.
    pub(crate) wants_advertisement: bool,
}

/// What went over the wire; bodies only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) requests: usize,
    pub(crate) pushes: usize,
    pub(crate) bytes_in: usize,
    pub(crate) bytes_out: usize,
}

impl Traffic {
    /// All bytes, both ways.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes_in + self.bytes_out
    }
}

struct Inside {
    /// The program; by the name `git http-backend` it would be one process more for each request.
    backend: PathBuf,
    root: String,
    /// The header that every request must have.
    authorization: Option<String>,
    faults: Mutex<Faults>,
    traffic: Mutex<Traffic>,
    /// The next push takes it and waits for a permit.
    gate: Mutex<Option<Arc<Semaphore>>>,
    arrived: Notify,
    /// The next push takes it when git has done it, and waits for a permit before it answers.
    answer_gate: Mutex<Option<Arc<Semaphore>>>,
    answered: Notify,
}

/// The server and its one repository; both end with the value.
pub(crate) struct GitServer {
    pub(crate) repository: BareRepository,
    inside: Arc<Inside>,
    url: String,
    serving: JoinHandle<()>,
    /// Whether people say secrets in this story, which are kept as all that they say.
    pub(crate) people_say_secrets: AtomicBool,
}

impl Drop for GitServer {
    fn drop(&mut self) {
        self.serving.abort();
        if !std::thread::panicking() && !self.people_say_secrets.load(Ordering::Relaxed) {
            planted::are_in_no_object(&self.repository);
        }
    }
}

impl GitServer {
    /// Serves an empty repository to everybody.
    pub(crate) async fn start() -> Self {
        Self::serve(None).await
    }

    /// Serves an empty repository to those who have the token.
    pub(crate) async fn with_token(token: &str) -> Self {
        Self::serve(Some(token.to_owned())).await
    }

    async fn serve(token: Option<String>) -> Self {
        let repository = BareRepository::new();
        let inside = Arc::new(Inside {
            backend: Path::new(repository.git(&["--exec-path"]).trim()).join("git-http-backend"),
            root: repository.parent().to_str().unwrap().to_owned(),
            authorization: token.as_deref().map(authorization),
            faults: Mutex::default(),
            traffic: Mutex::default(),
            gate: Mutex::default(),
            arrived: Notify::new(),
            answer_gate: Mutex::default(),
            answered: Notify::new(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/repository.git", listener.local_addr().unwrap());
        let router =
            Router::new().fallback(answer).layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&inside));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { repository, inside, url, serving, people_say_secrets: false.into() }
    }

    /// The repository's address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Prepares bad luck.
    pub(crate) fn faults(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.inside.faults.lock().unwrap());
    }

    /// What went over the wire since the last call.
    pub(crate) fn take_traffic(&self) -> Traffic {
        std::mem::take(&mut self.inside.traffic.lock().unwrap())
    }

    /// The next push waits before git sees it, until the gate is opened; later ones pass.
    pub(crate) fn hold_next_push(&self) -> Gate {
        let gate = Arc::new(Semaphore::new(0));
        *self.inside.gate.lock().unwrap() = Some(Arc::clone(&gate));
        Gate(gate)
    }

    /// The next push is done, but its answer waits until the gate is opened; later ones pass.
    pub(crate) fn hold_next_answer(&self) -> Gate {
        let gate = Arc::new(Semaphore::new(0));
        *self.inside.answer_gate.lock().unwrap() = Some(Arc::clone(&gate));
        Gate(gate)
    }

    /// Comes back when git has done a push whose answer waits.
    pub(crate) async fn answer_waits(&self) {
        self.inside.answered.notified().await;
    }

    /// Comes back when a push has arrived and waits.
    pub(crate) async fn push_waits(&self) {
        self.inside.arrived.notified().await;
    }
}

/// What a held push waits at.
pub(crate) struct Gate(Arc<Semaphore>);

impl Gate {
    /// Lets the push go on.
    pub(crate) fn open(&self) {
        self.0.add_permits(1);
    }
}

/// The header that git's own client would send, made by a stock HTTP client.
fn authorization(token: &str) -> String {
    let settings = http::Settings { proxy_from_environment: false, ..http::Settings::default() };
    let request = http::client(&settings).unwrap().get("http://x").basic_auth("x-access-token", Some(token));
    request.build().unwrap().headers()["authorization"].to_str().unwrap().to_owned()
}

fn status(code: u16, told: &str) -> Response {
    Response::builder()
        .status(code)
        .header("Content-Type", "text/plain")
        .body(Body::from(told.to_owned()))
        .unwrap()
}

/// An answer that breaks off.
fn cut() -> Response {
    let broken = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("cut")) });
    Response::new(Body::from_stream(broken))
}

fn take(count: &mut usize) -> bool {
    let is_due = *count > 0;
    *count = count.saturating_sub(1);
    is_due
}

async fn answer(State(inside): State<Arc<Inside>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let is_push = parts.uri.path().ends_with("/git-receive-pack");
    let asks_for_refs_to_push =
        parts.uri.query().is_some_and(|query| query.ends_with("service=git-receive-pack"));
    {
        let mut traffic = inside.traffic.lock().unwrap();
        traffic.requests += 1;
        traffic.pushes += usize::from(is_push);
        traffic.bytes_in += body.len();
    }
    let header = |name: &str| {
        parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    if inside.authorization.as_ref().is_some_and(|expected| header("authorization") != *expected) {
        return status(401, "Bad credentials");
    }
    let gate = if is_push { inside.gate.lock().unwrap().take() } else { None };
    if let Some(gate) = gate {
        inside.arrived.notify_one();
        let _ = gate.acquire().await.unwrap();
    }
    let (breaks_after, ignores_protocol) = {
        let mut faults = inside.faults.lock().unwrap();
        if faults.read_only && (is_push || asks_for_refs_to_push) {
            return status(403, "Write access to repository not granted.");
        }
        if take(&mut faults.fail) {
            return status(500, "Internal server error");
        }
        if is_push && take(&mut faults.cut_before) {
            return cut();
        }
        if asks_for_refs_to_push {
            faults.wants_advertisement = false;
        }
        if is_push && faults.wants_advertisement {
            return status(400, "Ask for the refs first");
        }
        (is_push && take(&mut faults.cut_after), faults.no_protocol_two)
    };
    let protocol = if ignores_protocol { String::new() } else { header("git-protocol") };
    let mut command = tokio::process::Command::from(hermetic(&inside.backend));
    let mut child = command
        .env("GIT_PROJECT_ROOT", &inside.root)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REQUEST_METHOD", parts.method.as_str())
        .env("PATH_INFO", parts.uri.path())
        .env("QUERY_STRING", parts.uri.query().unwrap_or_default())
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("GIT_PROTOCOL", protocol)
        .env("REMOTE_ADDR", "127.0.0.1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let writing = tokio::spawn(async move {
        // git may answer, and end, before it has read everything.
        let _ = input.write_all(&body).await;
    });
    let output = child.wait_with_output().await.unwrap();
    writing.await.unwrap();
    if breaks_after {
        return cut();
    }
    let gate = if is_push { inside.answer_gate.lock().unwrap().take() } else { None };
    if let Some(gate) = gate {
        inside.answered.notify_one();
        let _ = gate.acquire().await.unwrap();
    }
    let response = parse_cgi(&output.stdout);
    inside.traffic.lock().unwrap().bytes_out += response.1;
    response.0
}

fn parse_cgi(output: &[u8]) -> (Response, usize) {
    let end = output.windows(4).position(|window| window == b"\r\n\r\n").expect("headers");
    let mut response = Response::builder();
    for line in std::str::from_utf8(&output[..end]).unwrap().lines() {
        let (name, value) = line.split_once(": ").unwrap();
        response = match name {
            "Status" => response.status(value.split(' ').next().unwrap().parse::<u16>().unwrap()),
            _ => response.header(name, value),
        };
    }
    let body = output[end + 4..].to_vec();
    let length = body.len();
    (response.body(Body::from(body)).unwrap(), length)
}

//! The places where a log is kept, and what the suite writes into them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use automata::domain::actor::Actor;
use automata::domain::encryption::{self, Extent};
use automata::domain::event::{Event, Recorded, Stamp, TriggerRefused};
use automata::domain::id::{IssueNumber, RunId, Sequence};
use automata::domain::subject::Subject;
use automata::domain::time::Timestamp;
use automata::log::{Append, Envelope, Error, EventLog, Head, MemoryLog, SNAPSHOT_EVERY, Snapshot};
use automata::services::clock::{Clock, SystemClock};
use automata::services::credential::Credential;
use automata::services::entropy::Entropy;
use automata::services::git::http_remote::HttpRemote;
use automata::services::git::local_remote::LocalRemote;
use automata::services::git::remote::Remote;
use automata::services::http;
use automata::services::seal::age::Identity;
use automata::services::secrets::Secret;
use automata::services::state::{GitLog, Sealing, Settings};

use crate::world::git_server::GitServer;
use crate::world::repository::BareRepository;

/// A place where a log is kept.
pub(crate) enum Home {
    Memory(Arc<MemoryLog>),
    Local(BareRepository),
    Http(Box<GitServer>),
    /// The same as [`Home::Local`], with all of it sealed.
    Sealed(BareRepository),
    /// The same over HTTP.
    SealedHttp(Box<GitServer>),
}

/// A clock on which waiting takes no time.
pub(crate) struct NoWaiting;

#[async_trait]
impl Clock for NoWaiting {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(0)
    }

    async fn sleep(&self, _: Duration) {
        tokio::task::yield_now().await;
    }
}

impl Home {
    pub(crate) fn memory() -> Self {
        Self::Memory(Arc::new(MemoryLog::new()))
    }

    pub(crate) fn local() -> Self {
        Self::Local(BareRepository::new())
    }

    pub(crate) fn sealed() -> Self {
        Self::Sealed(BareRepository::new())
    }

    pub(crate) async fn sealed_http() -> Self {
        Self::SealedHttp(Box::new(GitServer::start().await))
    }

    pub(crate) async fn http() -> Self {
        Self::Http(Box::new(GitServer::start().await))
    }

    pub(crate) async fn http_protocol_zero() -> Self {
        let server = GitServer::start().await;
        server.faults(|faults| faults.no_protocol_two = true);
        Self::Http(Box::new(server))
    }

    pub(crate) async fn http_with(key: &str, value: &str) -> Self {
        let server = GitServer::start().await;
        server.repository.config(key, value);
        Self::Http(Box::new(server))
    }

    /// A writer as another process would be: it shares nothing with the others but the place.
    pub(crate) fn writer(&self) -> Arc<dyn EventLog> {
        match self {
            Self::Memory(log) => Arc::clone(log) as Arc<dyn EventLog>,
            Self::Local(repository) => local_writer(repository),
            Self::Sealed(repository) => Arc::new(sealed_writer(repository, Extent::All)),
            Self::SealedHttp(server) => Arc::new(sealed(http_remote(server.url(), None), Extent::Sensitive)),
            Self::Http(server) => Arc::new(git_log(http_remote(server.url(), None))),
        }
    }

    /// The repository, where there is one.
    pub(crate) fn repository(&self) -> Option<&BareRepository> {
        match self {
            Self::Memory(_) => None,
            Self::Local(repository) | Self::Sealed(repository) => Some(repository),
            Self::Http(server) | Self::SealedHttp(server) => Some(&server.repository),
        }
    }
}

/// A writer that reaches the repository by its path.
pub(crate) fn local_writer(repository: &BareRepository) -> Arc<dyn EventLog> {
    // Only a lock that somebody else holds makes this clock wait.
    let remote = LocalRemote::open(&repository.path(), Arc::new(SystemClock)).unwrap();
    Arc::new(git_log(Arc::new(remote)))
}

/// A reader of such a log without a key.
pub(crate) fn keyless_reader(repository: &BareRepository) -> GitLog {
    let remote = LocalRemote::open(&repository.path(), Arc::new(SystemClock)).unwrap();
    git_log(Arc::new(remote)).with_sealing(Sealing {
        identities: Vec::new(),
        repository: None,
        entropy: Arc::new(Entropy::System),
        is_only_looking: true,
        is_tracing: false,
        at_work: Arc::default(),
    })
}

/// A writer that seals so much of it, and has the key.
pub(crate) fn sealed_writer(repository: &BareRepository, extent: Extent) -> GitLog {
    let remote = LocalRemote::open(&repository.path(), Arc::new(SystemClock)).unwrap();
    sealed(Arc::new(remote), extent)
}

/// A writer with one reader's key, where there are several.
pub(crate) fn sealed_writer_as(repository: &BareRepository, who: u8, readers: &[u8]) -> GitLog {
    let remote = LocalRemote::open(&repository.path(), Arc::new(SystemClock)).unwrap();
    sealed_as(Arc::new(remote), Extent::Sensitive, who, readers)
}

fn sealed(remote: Arc<dyn Remote>, extent: Extent) -> GitLog {
    sealed_as(remote, extent, 1, &[1])
}

fn sealed_as(remote: Arc<dyn Remote>, extent: Extent, who: u8, readers: &[u8]) -> GitLog {
    let identities = |who: u8| {
        let secret = encryption::encode(&[who; 32], encryption::IDENTITY).to_ascii_uppercase();
        Identity::all(&automata::services::secrets::Secret::new(secret)).unwrap()
    };
    let readers =
        readers.iter().flat_map(|who| identities(*who)).map(|one| one.recipient().clone()).collect();
    let identities = identities(who);
    let entropy = Arc::new(Entropy::System);
    let log = git_log(remote).with_sealing(Sealing {
        identities,
        repository: Some(7),
        entropy,
        is_only_looking: false,
        is_tracing: false,
        at_work: Arc::default(),
    });
    log.seal_as(Some(extent), readers);
    log
}

pub(crate) fn http_remote(url: &str, token: Option<&str>) -> Arc<dyn Remote> {
    let settings = http::Settings { proxy_from_environment: false, ..http::Settings::default() };
    let client = http::client(&settings).unwrap();
    let given = |token| Arc::new(Credential::given(Secret::new(token)).unwrap());
    Arc::new(HttpRemote::new(client, url, token.map(given), Arc::new(NoWaiting)))
}

pub(crate) fn git_log(remote: Arc<dyn Remote>) -> GitLog {
    GitLog::new(remote, Settings::on(Settings::DEFAULT_BRANCH).unwrap()).unwrap()
}

/// Some events after `head`, told apart by `who`.
pub(crate) fn events(head: &Head, who: &str, count: usize) -> Vec<Envelope> {
    (1..=count as u64)
        .map(|place| {
            let sequence = head.sequence.plus(place);
            Envelope {
                id: format!("{who}-{place}"),
                recorded: Recorded {
                    stamp: Stamp {
                        sequence,
                        subject: Subject::Issue(IssueNumber(42)),
                        at: Timestamp::from_millis(1_795_348_800_000),
                        actor: Actor::person("octo-cat"),
                        run: RunId::new("77.1"),
                        cause: None,
                        correlation: Some(Sequence(1)),
                    },
                    event: Event::TriggerRefused(TriggerRefused {
                        event: "issues".to_owned(),
                        reason: format!("an \"odd\" thing\n number {place} of {who}\u{2028}"),
                        bytes: 1_024,
                        digest: "c0ffee".repeat(10),
                    }),
                },
            }
        })
        .collect()
}

pub(crate) fn batch<'a>(events: &'a [Envelope], snapshot: Option<&'a Snapshot>) -> Append<'a> {
    Append { events, message: "Record what happened", snapshot }
}

/// The suite's fold: the ids of all events, one in a line.
pub(crate) async fn folded(log: &dyn EventLog) -> Result<(Head, Vec<String>), Error> {
    let loaded = log.load().await?;
    let mut ids: Vec<String> = match &loaded.snapshot {
        Some(snapshot) => {
            assert_eq!(snapshot.fold, 7);
            assert_eq!(snapshot.files[0].0, "ids.txt");
            String::from_utf8(snapshot.files[0].1.clone()).unwrap().lines().map(str::to_owned).collect()
        }
        None => Vec::new(),
    };
    ids.extend(loaded.tail.into_iter().map(|event| event.id));
    assert_eq!(ids.len() as u64, loaded.head.sequence.0, "snapshot and tail hold every event once");
    Ok((loaded.head, ids))
}

pub(crate) fn snapshot(head: &Head, ids: &[String]) -> Snapshot {
    let text = ids.iter().map(|id| format!("{id}\n")).collect::<String>();
    Snapshot { sequence: head.sequence, fold: 7, files: vec![("ids.txt".to_owned(), text.into_bytes())] }
}

/// Loads and appends until it works, with a snapshot when one is due.
pub(crate) async fn append_patiently(log: &dyn EventLog, who: &str, count: usize) -> Head {
    for _ in 0..2_000 {
        let (head, ids) = folded(log).await.unwrap();
        let due = (head.tail >= SNAPSHOT_EVERY).then(|| snapshot(&head, &ids));
        let events = events(&head, who, count);
        match log.append(&head, &batch(&events, due.as_ref())).await {
            Ok(head) => return head,
            Err(Error::Conflict) => {}
            Err(other) => panic!("{other}"),
        }
    }
    panic!("{who} never won the race");
}

/// Every id of the log's whole history.
pub(crate) async fn history(log: &dyn EventLog, first: u64) -> Result<Vec<String>, Error> {
    let mut ids = Vec::new();
    log.history(Sequence(first), &mut |event| ids.push(event.id)).await?;
    Ok(ids)
}

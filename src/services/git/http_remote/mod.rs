//! A repository behind git's smart HTTP: protocol 2 where the server speaks it, else the first one.
//!
//! ```text
//! refs         GET  info/refs?service=git-upload-pack   once: which protocol; in protocol 0 the refs too
//!              POST git-upload-pack                     ls-refs with the prefixes
//! fetch        POST git-upload-pack                     fetch, depth 1, without the contents of files
//! fetch_blobs  POST git-upload-pack                     all wanted contents in one request
//! fetch_whole  POST git-upload-pack                     fetch, depth 1, less what a known commit holds
//! push         POST git-receive-pack                    old and new target of each ref, and the pack
//! ```
//! <https://git-scm.com/docs/http-protocol>, <https://git-scm.com/docs/protocol-v2>.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::OnceCell;

use super::objects::{ObjectId, Objects};
use super::remote::{Depth, Error, Outcome, Push, Remote, RemoteRef};
use crate::services::clock::Clock;
use crate::services::credential::Credential;
use advertisement::{Advertisement, Protocol};
use transport::{Access, Transport};

mod advertisement;
mod fetch;
mod receive;
mod transport;

/// What we tell the server about us; servers keep it in their logs.
const AGENT: &str = concat!("agent=automata/", env!("CARGO_PKG_VERSION"));

/// A repository behind smart HTTP.
pub struct HttpRemote {
    transport: Transport,
    known: OnceCell<Known>,
    /// Whether it moves several refs or none.
    atomic: OnceCell<bool>,
}

/// What the server said about itself once.
#[derive(Clone, Debug)]
struct Known {
    /// The repository's address after redirects.
    base: String,
    protocol: Protocol,
}

impl HttpRemote {
    /// The repository at `url`: `https://github.com/owner/name`, with or without `.git`.
    ///
    /// Its token goes as the password of `x-access-token`, as GitHub wants it. Reads that fail in a way that
    /// may pass are tried again, waiting on `clock`.
    #[must_use]
    pub fn new(
        client: reqwest::Client,
        url: &str,
        credential: Option<Arc<Credential>>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let transport = Transport { client, url: url.trim_end_matches('/').to_owned(), credential, clock };
        Self { transport, known: OnceCell::new(), atomic: OnceCell::new() }
    }

    /// Asks what the server speaks. In protocol 0 the answer holds all refs as well.
    async fn advertisement(&self) -> Result<(String, Advertisement), Error> {
        let (base, answer) = self.transport.info_refs("git-upload-pack", Access::Read).await?;
        Ok((base, advertisement::parse(&answer)?))
    }

    async fn known(&self) -> Result<&Known, Error> {
        self.known
            .get_or_try_init(async || {
                let (base, advertisement) = self.advertisement().await?;
                Ok(Known { base, protocol: advertisement.protocol })
            })
            .await
    }

    async fn upload_pack(&self, body: Vec<u8>) -> Result<Vec<u8>, Error> {
        let known = self.known().await?;
        let is_v2 = matches!(known.protocol, Protocol::Two { .. });
        self.transport.upload_pack(&known.base, is_v2, body).await
    }

    async fn fetch_wanted(
        &self,
        objects: &Objects,
        wanted: &[ObjectId],
        known: Option<ObjectId>,
        depth: Depth,
        contents: fetch::Contents,
    ) -> Result<(), Error> {
        let protocol = &self.known().await?.protocol;
        let request = fetch::Request { wanted, known, depth, contents };
        let answer = self.upload_pack(request.body(protocol)).await?;
        let pack = fetch::pack(protocol, depth, &answer)?;
        Ok(objects.take_pack(&pack)?)
    }
}

#[async_trait]
impl Remote for HttpRemote {
    async fn refs(&self, prefixes: &[&str]) -> Result<Vec<RemoteRef>, Error> {
        let mut advertised = None;
        let known = self.known.get_or_try_init(async || {
            let (base, advertisement) = self.advertisement().await?;
            advertised = Some(advertisement.refs);
            Ok::<_, Error>(Known { base, protocol: advertisement.protocol })
        });
        let mut refs = match known.await?.protocol {
            Protocol::Two { .. } => self.list(prefixes).await?,
            Protocol::Zero { .. } => match advertised {
                Some(refs) => refs,
                None => self.advertisement().await?.1.refs,
            },
        };
        refs.retain(|found| prefixes.iter().any(|prefix| found.name.starts_with(prefix)));
        refs.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(refs)
    }

    async fn fetch(&self, objects: &Objects, commits: &[ObjectId], depth: Depth) -> Result<(), Error> {
        let contents = self.known().await?.protocol.contents();
        self.fetch_wanted(objects, commits, None, depth, contents).await
    }

    async fn fetch_whole(
        &self,
        objects: &Objects,
        commit: ObjectId,
        known: Option<ObjectId>,
    ) -> Result<(), Error> {
        self.fetch_wanted(objects, &[commit], known, Depth::Tip, fetch::Contents::All).await
    }

    async fn fetch_blobs(&self, objects: &Objects, blobs: &[ObjectId]) -> Result<(), Error> {
        let mut missing: Vec<ObjectId> = blobs.iter().copied().filter(|id| !objects.has(*id)).collect();
        missing.sort_unstable();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        self.fetch_wanted(objects, &missing, None, Depth::History, fetch::Contents::All).await
    }

    async fn moves_together(&self) -> Result<bool, Error> {
        self.knows_atomic().await
    }

    async fn push(&self, objects: &Objects, push: &Push) -> Result<Vec<Outcome>, Error> {
        self.push_refs(objects, push).await
    }
}

impl HttpRemote {
    async fn list(&self, prefixes: &[&str]) -> Result<Vec<RemoteRef>, Error> {
        let answer = self.upload_pack(advertisement::list_request(prefixes)).await?;
        advertisement::parse_list(&answer)
    }
}

impl From<super::pktline::Error> for Error {
    fn from(error: super::pktline::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

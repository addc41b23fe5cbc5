//! Content on its way down: by ranges, some at a time, resumed where an earlier try ended, checked at the end.

use std::path::{Path, PathBuf};

use futures_util::{StreamExt as _, stream};
use http::header::{ACCEPT_ENCODING, CONTENT_RANGE, RANGE};
use http::{HeaderValue, Method, StatusCode};
use tokio::fs::OpenOptions;
use tokio::io::AsyncWriteExt as _;

use super::content::{local, sums, verified};
use super::files::everywhere;
use super::pace::DOWNLOAD;
use super::refusal::nonsense;
use super::request::{Ask, Exchange, Failed};
use super::{changes, files};
use crate::services::drive::error::{Error, Reason};
use crate::services::drive::file::{Checksums, File};
use crate::services::drive::id::{FileId, RevisionId};
use crate::services::drive::transfer::{Bytes, Content, Downloaded, Progress, Wanted};
use crate::services::folder;

/// Bytes of a part at most where several are fetched at once: all of them are in memory.
const SHARED_PART: u64 = 8 * 1024 * 1024;
/// Parts fetched at once at most. More of them are slowed down by Drive.
const MOST_AT_ONCE: u8 = 8;

/// What a failure of Drive's own may mean for an export.
const TOO_LARGE_PERHAPS: &str = "If it stays so, the document may be too large: Drive exports at most 10 MB. Split it, or \
                                 choose a smaller format such as text/plain.";

/// What is fetched: its address, and what it should come to.
struct Source<'a> {
    exchange: &'a Exchange,
    id: &'a FileId,
    revision: Option<&'a RevisionId>,
    accept_abuse: bool,
    size: u64,
    sums: Checksums,
    /// Changes with the content, so that parts of two states never meet.
    state: String,
}

impl<'a> Source<'a> {
    async fn find(
        exchange: &'a Exchange,
        id: &'a FileId,
        wanted: &'a Wanted,
        known: Option<&File>,
    ) -> Result<Self, Error> {
        let accept_abuse = wanted.accept_abuse;
        let none = |mime: &str| {
            Error::new(
                Reason::NotDownloadable,
                format!("{id} is of the type {mime}, which has no content to download"),
            )
        };
        if let Some(revision) = &wanted.revision {
            let about = changes::revision(exchange, id, revision).await?;
            let size = about.size.ok_or_else(|| none(&about.mime))?;
            let sums = Checksums { md5: about.md5, ..Checksums::default() };
            let state = revision.to_string();
            return Ok(Self { exchange, id, revision: Some(revision), accept_abuse, size, sums, state });
        }
        let file = match known {
            Some(known) => known.clone(),
            None => files::file(exchange, id).await?,
        };
        let size = file.size.filter(|_| file.has_content()).ok_or_else(|| none(&file.mime))?;
        let state = file.revision.map_or_else(|| format!("v{}", file.version), String::from);
        Ok(Self { exchange, id, revision: None, accept_abuse, size, sums: file.checksums, state })
    }

    fn ask(&self) -> Result<Ask, Error> {
        let ask = match self.revision {
            Some(revision) => self.exchange.ask(
                Method::GET,
                &format!("files/{}/revisions/{revision}", self.id),
                DOWNLOAD,
            )?,
            None => everywhere(self.exchange.ask(Method::GET, &format!("files/{}", self.id), DOWNLOAD)?),
        };
        // Packed bytes could not be counted by ranges.
        let ask = ask.header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let ask = ask.query("alt", "media").slow();
        let ask = if self.accept_abuse { ask.query("acknowledgeAbuse", "true") } else { ask };
        Ok(self.exchange.about(ask, self.id))
    }

    /// The bytes from `from` on, `count` of them; fewer where no more came, and why.
    async fn part(&self, from: u64, count: u64) -> (Vec<u8>, Result<(), Error>) {
        let mut bytes = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
        let ended = self.fill(from, count, &mut bytes).await;
        if ended.as_ref().is_err_and(|error| !error.may_pass()) {
            bytes.clear();
        }
        (bytes, ended)
    }

    async fn fill(&self, from: u64, count: u64, bytes: &mut Vec<u8>) -> Result<(), Error> {
        let (mut tries, mut furthest) = (0, 0);
        loop {
            let Err(failed) = self.part_once(from, count, bytes).await else { return Ok(()) };
            // What came is kept, and as long as more comes there is another try.
            if bytes.len() > furthest {
                (tries, furthest) = (0, bytes.len());
            }
            if furthest as u64 == count && failed.error.may_pass() {
                return Ok(());
            }
            self.exchange.before_another(&mut tries, true, failed).await?;
        }
    }

    /// Asks for what `bytes` lacks of a part.
    async fn part_once(&self, from: u64, count: u64, bytes: &mut Vec<u8>) -> Result<(), Failed> {
        let (begin, end) = (from + bytes.len() as u64, from + count);
        let range = HeaderValue::try_from(format!("bytes={begin}-{}", end.saturating_sub(1)));
        let range = range.map_err(|_| self.exchange.refused(nonsense("a range")))?;
        let ask = self.ask().map_err(|error| self.exchange.refused(error))?.header(RANGE, range);
        let mut response = self.exchange.attempt(&ask).await?;
        let wrong = |what: &str| self.exchange.refused(nonsense(what));
        let begins =
            response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok()).map(|range| {
                range
                    .trim_start_matches("bytes")
                    .trim()
                    .split('-')
                    .next()
                    .and_then(|first| first.parse::<u64>().ok())
            });
        match (response.status(), begins) {
            (StatusCode::PARTIAL_CONTENT, Some(Some(first))) if first == begin => {}
            // The whole instead of a part, which is the same where the part is the whole.
            (StatusCode::OK, _) if from == 0 && count == self.size => bytes.clear(),
            _ => return Err(wrong("another part than was asked for")),
        }
        while let Some(piece) = self.exchange.piece(&mut response).await? {
            if (bytes.len() + piece.len()) as u64 > count {
                return Err(wrong("more bytes than were asked for"));
            }
            bytes.extend_from_slice(&piece);
        }
        if (bytes.len() as u64) < count {
            return Err(self
                .exchange
                .refused(Error::new(Reason::Unreachable, "Drive broke off in the middle of a part")));
        }
        Ok(())
    }
}

pub(super) async fn read(exchange: &Exchange, id: &FileId, most: u64) -> Result<Vec<u8>, Error> {
    let wanted = Wanted::default();
    let source = Source::find(exchange, id, &wanted, None).await?;
    if source.size > most {
        return Err(Error::new(
            Reason::TooLarge,
            format!("{id} has {} bytes, more than {most}", source.size),
        ));
    }
    let mut bytes = Vec::new();
    if source.size > 0 {
        source.fill(0, source.size, &mut bytes).await?;
    }
    let content = Content { mime: String::new(), bytes: Bytes::Memory(bytes) };
    verified(&sums(&content).await?, &source.sums)?;
    match content.bytes {
        Bytes::Memory(bytes) => Ok(bytes),
        Bytes::File(_) => Ok(Vec::new()),
    }
}

pub(super) async fn to_file(
    exchange: &Exchange,
    part: u64,
    id: &FileId,
    wanted: &Wanted,
    to: &Path,
    progress: &dyn Progress,
) -> Result<Downloaded, Error> {
    // Without a checksum nothing would tell that it is another one by now.
    let known = wanted.known.as_ref().filter(|file| file.id == *id && file.checksums != Checksums::default());
    if known.is_some() {
        let source = Source::find(exchange, id, wanted, known).await?;
        match whole(&source, part, wanted, to, progress).await {
            Err(error) if is_another(&error) => {}
            ended => return ended,
        }
    }
    let source = Source::find(exchange, id, wanted, None).await?;
    whole(&source, part, wanted, to, progress).await
}

/// Whether what came does not fit to what was known.
fn is_another(error: &Error) -> bool {
    matches!(error.reason, Reason::ChecksumMismatch | Reason::Nonsense)
        || error.status == Some(StatusCode::RANGE_NOT_SATISFIABLE.as_u16())
}

async fn whole(
    source: &Source<'_>,
    part: u64,
    wanted: &Wanted,
    to: &Path,
    progress: &dyn Progress,
) -> Result<Downloaded, Error> {
    let partial = beside(to, &source.state);
    let resumed_at = match fetch(source, part, wanted.at_once, &partial, progress).await {
        Ok(resumed_at) => resumed_at,
        Err(error) => {
            // Nothing came that another try could go on from.
            if tokio::fs::metadata(&partial).await.is_ok_and(|about| about.len() == 0) {
                tokio::fs::remove_file(&partial).await.map_err(|error| local(&error, &partial))?;
            }
            return Err(error);
        }
    };
    let content = Content { mime: String::new(), bytes: Bytes::File(partial.clone()) };
    let checksums = sums(&content).await?;
    let verified = match verified(&checksums, &source.sums) {
        Ok(verified) => verified,
        Err(error) => {
            // Going on with it would fail again and again.
            tokio::fs::remove_file(&partial).await.map_err(|error| local(&error, &partial))?;
            return Err(error);
        }
    };
    // Who may read and run what is written over stays.
    if let Ok(before) = tokio::fs::metadata(to).await {
        let set = tokio::fs::set_permissions(&partial, before.permissions()).await;
        set.map_err(|error| local(&error, &partial))?;
    }
    tokio::fs::rename(&partial, to).await.map_err(|error| local(&error, to))?;
    Ok(Downloaded { size: source.size, resumed_at, verified, checksums })
}

/// Fetches what the file at `partial` lacks, and gives how much it had.
async fn fetch(
    source: &Source<'_>,
    part: u64,
    at_once: u8,
    partial: &Path,
    progress: &dyn Progress,
) -> Result<u64, Error> {
    let failed = |error| local(&error, partial);
    let mut file = OpenOptions::new().create(true).append(true).open(partial).await.map_err(failed)?;
    let mut has = file.metadata().await.map_err(failed)?.len();
    if has > source.size {
        file.set_len(0).await.map_err(failed)?;
        has = 0;
    }
    let at_once = at_once.clamp(1, MOST_AT_ONCE);
    let part = if at_once == 1 { part.max(1) } else { part.clamp(1, SHARED_PART) };
    let parts = (0..(source.size - has).div_ceil(part)).map(|place| has + place * part);
    let fetches = parts.map(|from| source.part(from, part.min(source.size - from)));
    // In their order, so that what is there is always a beginning.
    let mut fetched = stream::iter(fetches).buffered(usize::from(at_once));
    let mut done = has;
    loop {
        if !progress.at(done, source.size) {
            return Err(Error::new(Reason::Stopped, format!("stopped at byte {done} of {}", source.size)));
        }
        let Some((bytes, ended)) = fetched.next().await else { break };
        file.write_all(&bytes).await.map_err(failed)?;
        file.flush().await.map_err(failed)?;
        ended?;
        done += bytes.len() as u64;
    }
    file.sync_all().await.map_err(failed)?;
    Ok(has)
}

/// Where parts are kept until they are whole: under a name that no sync takes for a file's.
fn beside(to: &Path, state: &str) -> PathBuf {
    let name = to.file_name().map_or_else(Default::default, |name| name.to_string_lossy());
    let state: String = state.chars().rev().take(24).collect();
    to.with_file_name(folder::unfinished(&name, &state))
}

pub(super) async fn export(exchange: &Exchange, id: &FileId, mime: &str) -> Result<Vec<u8>, Error> {
    let ask =
        exchange.ask(Method::GET, &format!("files/{id}/export"), DOWNLOAD)?.query("mimeType", mime).slow();
    let answer = exchange.send(&exchange.about(ask, id)).await;
    // Beside its own word for it, Drive meets exports that are too large with trouble that never ends.
    let answer = answer.map_err(|error| match error.status {
        Some(500..) => error.hint(TOO_LARGE_PERHAPS),
        _ => error,
    });
    Ok(answer?.body)
}

//! Content on its way up: at once while it is small, else by a resumable session.
//!
//! Source: <https://developers.google.com/workspace/drive/api/guides/manage-uploads>. The engine is ours because the
//! crate's one skips a part after a 5xx and does not read what Drive says it has.

use google_drive3::api;
use http::header::{CONTENT_RANGE, LOCATION, RANGE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::content;
use super::files::{changed, created, everywhere, learned};
use super::line::{GRAIN, Line};
use super::pace::EDIT;
use super::request::{Ask, Body, Exchange, Failed, parsed};
use super::{body, refusal, shapes};
use crate::services::drive::MOST_AT_ONCE;
use crate::services::drive::error::{Class, Error, Reason};
use crate::services::drive::file::{Created, File};
use crate::services::drive::id::FileId;
use crate::services::drive::mark;
use crate::services::drive::transfer::{Bytes, Content, Progress, UploadEnd, UploadSession, UploadTarget};
use crate::services::secrets::Secret;

/// How often in a row a part may fail before the queue has to try again later.
const STUMBLES: u32 = 5;
/// Bytes of a file in Drive at most: 5 TB (`maxSize` in the description of the API).
const LARGEST: u64 = 5_497_558_138_880;

/// The request that an upload begins with, in one of its forms: its metadata is the body.
fn opening(exchange: &Exchange, target: &UploadTarget, form: &str, content: &str) -> Result<Ask, Error> {
    let request = |method, path: &str| {
        let ask = Ask::new(method, &exchange.endpoints.upload(path), EDIT)?;
        Ok::<Ask, Error>(everywhere(ask).query("uploadType", form))
    };
    match target {
        UploadTarget::New(new) => {
            let ask = request(Method::POST, "files")?;
            let marked = mark::on_new(new, content);
            let ask =
                ask.query("fields", shapes::FILE).json(body::new_file(&marked)?).repeatable(new.id.is_some());
            Ok(if new.keep_revision { ask.query("keepRevisionForever", "true") } else { ask })
        }
        UploadTarget::Content(id, update) => {
            let ask = request(Method::PATCH, &format!("files/{id}"))?;
            Ok(exchange.about(changed(ask, &mark::on_content(update, content))?, id))
        }
    }
}

const fn drawn(target: &UploadTarget) -> Option<&FileId> {
    match target {
        UploadTarget::New(new) => new.id.as_ref(),
        UploadTarget::Content(..) => None,
    }
}

/// Metadata and bytes in one request of two parts.
pub(super) async fn at_once(
    exchange: &Exchange,
    target: &UploadTarget,
    content: &Content,
) -> Result<Created, Error> {
    let total = content::size(content).await?;
    if total > MOST_AT_ONCE {
        return Err(Error::new(Reason::TooLarge, format!("{total} bytes are too many for one request")));
    }
    let bytes = content::range(content, 0, total).await?;
    let ask = opening(exchange, target, "multipart", &mark::of_bytes(&bytes))?;
    let ask = related(exchange, ask, &content.mime, &bytes)?.slow();
    let made = created(exchange, exchange.send(&ask).await, drawn(target)).await?;
    exchange.sent(total);
    // What was read is what was sent, whatever somebody writes to the file meanwhile.
    let sent = Content { mime: content.mime.clone(), bytes: Bytes::Memory(bytes) };
    checked(&sent, None, total, made).await
}

/// The body of two parts: what the file is called, and what is in it.
fn related(exchange: &Exchange, ask: Ask, mime: &str, bytes: &[u8]) -> Result<Ask, Error> {
    let metadata = match ask.body() {
        Body::Json(metadata) => metadata.to_string(),
        _ => "{}".to_owned(),
    };
    // A line feed in the type would begin another header.
    HeaderValue::try_from(mime)
        .map_err(|_| Error::new(Reason::BadRequest, "the type of the content is none"))?;
    let boundary = format!("automata_{:016x}{:016x}", exchange.bits(), exchange.bits());
    let mut whole = format!(
        "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{metadata}\r\n\
         --{boundary}\r\nContent-Type: {mime}\r\n\r\n"
    )
    .into_bytes();
    whole.extend_from_slice(bytes);
    whole.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    ask.raw(&format!("multipart/related; boundary={boundary}"), whole)
}

/// Opens a session. Its address comes in a header, and is never shown.
pub(super) async fn begin(
    exchange: &Exchange,
    target: &UploadTarget,
    content: &Content,
) -> Result<UploadSession, Error> {
    let total = content::size(content).await?;
    if total > LARGEST {
        return Err(Error::new(
            Reason::TooLarge,
            format!("{total} bytes are more than a file in Drive may have"),
        ));
    }
    let mime = HeaderValue::try_from(&content.mime)
        .map_err(|_| Error::new(Reason::BadRequest, "the type of the content is none"))?;
    let ask = opening(exchange, target, "resumable", &mark::of_size(total))?
        .header(HeaderName::from_static("x-upload-content-type"), mime)
        .header(HeaderName::from_static("x-upload-content-length"), HeaderValue::from(total))
        // A second session for the same file does no harm; without its end it makes none.
        .repeatable(true);
    let answer = exchange.send(&ask).await?;
    let address = answer.headers.get(LOCATION).and_then(|address| address.to_str().ok());
    let address = address.ok_or_else(|| refusal::nonsense("an upload session without its address"))?;
    exchange.endpoints.check_session(address)?;
    Ok(UploadSession { address: Secret::new(address), total, id: drawn(target).cloned() })
}

/// How far a session has come.
enum At {
    /// Drive has this many bytes.
    Byte(u64),
    /// It has all, and made the file.
    Done(Box<File>),
    /// It knows the session no more.
    Expired,
}

/// Asks, believes what it hears, sends what is missing, until the file is there.
pub(super) async fn go_on(
    exchange: &Exchange,
    line: &Line,
    session: &UploadSession,
    content: &Content,
    progress: &dyn Progress,
) -> Result<UploadEnd, Error> {
    exchange.endpoints.check_session(session.address.expose())?;
    let total = session.total;
    if content::size(content).await? != total {
        return Err(Error::new(Reason::LocalFile, "the file has another size than when its upload began")
            .hint("Begin a new upload with the file as it is now."));
    }
    let mut summing = content::Summing::begin(content);
    let mut at = status(exchange, session).await?;
    let mut stumbles = 0;
    loop {
        let sent = match at {
            At::Done(file) => return done(session, content, summing.as_mut(), *file).await,
            At::Expired => return expired(exchange, session, content).await,
            At::Byte(sent) => sent,
        };
        if !progress.at(sent, total) {
            return Ok(UploadEnd::Stopped { sent });
        }
        // A part ends at a multiple of the grain, also after Drive kept an odd number of bytes.
        let end = ((sent + line.part()) / GRAIN * GRAIN).min(total);
        let count = end.saturating_sub(sent);
        let bytes = content::range(content, sent, count).await?;
        let began = exchange.now();
        at = match send_part(exchange, session, sent, bytes).await {
            Ok(At::Byte(after)) if after > sent => {
                stumbles = 0;
                line.took(count, exchange.now().since(began));
                At::Byte(after)
            }
            Ok(At::Byte(after)) => {
                stumbled(exchange, &mut stumbles, refusal::nonsense("it takes no bytes")).await?;
                At::Byte(after)
            }
            Ok(end) => end,
            Err(failed) => {
                if failed.error.reason == Reason::Unreachable {
                    line.lost(count);
                }
                stumbled(exchange, &mut stumbles, failed.error).await?;
                // Whatever went wrong, what Drive has is asked rather than guessed.
                match status(exchange, session).await? {
                    At::Byte(after) if after > sent => {
                        stumbles = 0;
                        At::Byte(after)
                    }
                    at => at,
                }
            }
        };
    }
}

/// Waits after a part that failed, unless that is hopeless or has been so too often.
async fn stumbled(exchange: &Exchange, stumbles: &mut u32, error: Error) -> Result<(), Error> {
    *stumbles += 1;
    let may_pass = error.may_pass() || error.reason == Reason::Nonsense;
    if !may_pass || *stumbles == STUMBLES || !exchange.pause(&error, *stumbles).await {
        return Err(error);
    }
    Ok(())
}

/// Asks how far it has come, again where that may help.
async fn status(exchange: &Exchange, session: &UploadSession) -> Result<At, Error> {
    let mut tries = 0;
    loop {
        let range = format!("bytes */{}", session.total);
        match put(exchange, session, range, Vec::new()).await {
            Ok(at) => return Ok(at),
            Err(failed) => exchange.before_another(&mut tries, true, failed).await?,
        }
    }
}

async fn send_part(
    exchange: &Exchange,
    session: &UploadSession,
    from: u64,
    bytes: Vec<u8>,
) -> Result<At, Failed> {
    let range = match bytes.len() as u64 {
        // Nothing at all has no first and no last byte.
        0 => format!("bytes */{}", session.total),
        count => format!("bytes {from}-{}/{}", from + count - 1, session.total),
    };
    put(exchange, session, range, bytes).await
}

async fn put(
    exchange: &Exchange,
    session: &UploadSession,
    range: String,
    bytes: Vec<u8>,
) -> Result<At, Failed> {
    let bad = |what: &str| exchange.refused(refusal::nonsense(what));
    let address = session.address.expose();
    let ask = Ask::new(Method::PUT, address, EDIT).map_err(|_| bad("the address of an upload session"))?;
    let range = HeaderValue::try_from(range).map_err(|_| bad("a range"))?;
    let ask = ask.header(CONTENT_RANGE, range).slow();
    let sent = bytes.len() as u64;
    let ask = if bytes.is_empty() {
        ask
    } else {
        ask.raw("application/octet-stream", bytes).map_err(|error| exchange.refused(error))?
    };
    let response = match exchange.attempt(&ask).await {
        Ok(response) => response,
        Err(failed) => return if is_over(&failed.error) { Ok(At::Expired) } else { Err(failed) },
    };
    exchange.sent(sent);
    if response.status() == StatusCode::PERMANENT_REDIRECT {
        let has = received(response.headers()).map_err(|error| exchange.refused(error))?;
        if has > session.total {
            return Err(bad("it has more bytes than there are"));
        }
        return Ok(At::Byte(has));
    }
    let body = exchange.answered(response).await?;
    let file = parsed::<api::File>(&body).and_then(|file| learned(exchange, file));
    file.map(|file| At::Done(Box::new(file))).map_err(|error| exchange.refused(error))
}

/// "For any 4xx errors (including 403) during a resumable upload, restart the upload", but for those that are about
/// our speed or our token, or that a new session would meet as well.
fn is_over(error: &Error) -> bool {
    let is_refusal = error.status.is_some_and(|status| (400..500).contains(&status));
    is_refusal
        && error.class == Class::Permanent
        && matches!(error.reason, Reason::NotFound | Reason::BadRequest | Reason::Other | Reason::Exists)
}

/// How many bytes Drive has, by the header of its 308: `bytes=0-42` are 43, no header is none.
fn received(headers: &HeaderMap) -> Result<u64, Error> {
    let Some(range) = headers.get(RANGE) else { return Ok(0) };
    let last = range.to_str().ok().and_then(|range| {
        let range = range.trim().strip_prefix("bytes")?.trim_start_matches(['=', ' ']);
        range.strip_prefix("0-")?.parse::<u64>().ok()
    });
    last.map(|last| last + 1).ok_or_else(|| refusal::nonsense("the range of an upload"))
}

async fn done(
    session: &UploadSession,
    content: &Content,
    summing: Option<&mut content::Summing>,
    file: File,
) -> Result<UploadEnd, Error> {
    let made = checked(content, summing, session.total, Created::New(file)).await?;
    Ok(UploadEnd::Done(Box::new(made)))
}

/// A session that is over may have ended well: its answer was lost, or another process finished it.
async fn expired(
    exchange: &Exchange,
    session: &UploadSession,
    content: &Content,
) -> Result<UploadEnd, Error> {
    let Some(id) = &session.id else { return Ok(UploadEnd::Expired) };
    match super::files::file(exchange, id).await {
        Ok(file) => {
            let made = checked(content, None, session.total, Created::Before(file)).await?;
            Ok(UploadEnd::Done(Box::new(made)))
        }
        Err(error) if error.is_missing() => Ok(UploadEnd::Expired),
        Err(error) => Err(error),
    }
}

/// Compares what Drive has with what was sent. What it converted to its own formats has no sum, and another size.
async fn checked(
    content: &Content,
    summing: Option<&mut content::Summing>,
    total: u64,
    made: Created,
) -> Result<Created, Error> {
    let (Created::New(file) | Created::Before(file)) = &made;
    if file.has_content() && file.size.is_some_and(|size| size != total) {
        return Err(Error::new(
            Reason::ChecksumMismatch,
            format!("{total} bytes were sent, and Drive has {}", file.size.unwrap_or_default()),
        ));
    }
    if file.checksums != crate::services::drive::file::Checksums::default() {
        let sums = match summing {
            Some(summing) => summing.end().await?,
            None => content::sums(content).await?,
        };
        content::verified(&sums, &file.checksums)?;
    }
    Ok(made)
}

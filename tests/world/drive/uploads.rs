//! Content that comes in: simple, in several parts, and in sessions that can be gone on with.

use std::time::Duration;

use serde_json::{Value, json};

use super::call::Call;
use super::description::Parameters;
use super::fault::Fault;
use super::multipart;
use super::reply::{Outcome, Reply};
use super::state::{Session, State};

/// What a chunk that is not the last is a multiple of.
const GRAIN: u64 = 256 * 1024;
/// Bytes that may come in one request without a session.
const SMALL: usize = 5 * 1024 * 1024;
/// How long a session lives.
const SESSION_LIVES: Duration = Duration::from_secs(7 * 86_400);

/// A piece of content as it came.
pub(crate) struct Piece<'a> {
    pub(crate) session: &'a str,
    /// The `Content-Range` header.
    pub(crate) range: &'a str,
    pub(crate) bytes: &'a [u8],
    /// Whether the connection held until its end.
    pub(crate) whole: bool,
}

/// Which bytes (none: only a question), and of how many.
type Said = (Option<(u64, u64)>, Option<u64>);

/// What a `Content-Range` says.
fn range_of(text: &str) -> Option<Said> {
    let (span, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let total = if total == "*" { None } else { Some(total.parse().ok()?) };
    if span == "*" {
        return Some((None, total));
    }
    let (first, last) = span.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((Some((first, last)), total))
}

impl State {
    /// The metadata and the content of an upload in one request.
    pub(crate) fn unpack(
        &mut self,
        kind: &str,
        content_type: &str,
        body: &[u8],
    ) -> Result<(Value, Vec<u8>, String), Reply> {
        if body.len() > SMALL {
            self.violations.push("more than 5 MB in one request: that is what sessions are for".to_owned());
        }
        if kind == "media" {
            return Ok((json!({}), body.to_vec(), content_type.to_owned()));
        }
        let malformed = || Reply::refusal(400, "badContent", "Malformed multipart body.");
        if !content_type.starts_with("multipart/related") {
            return Err(malformed());
        }
        let parts = multipart::boundary(content_type).and_then(|boundary| multipart::parts(body, boundary));
        let Some([metadata, media]) = parts.as_deref() else { return Err(malformed()) };
        if !metadata.header("content-type").starts_with("application/json") {
            return Err(malformed());
        }
        let said = serde_json::from_slice(&metadata.body).map_err(|_| malformed())?;
        Ok((said, media.body.clone(), media.header("content-type").to_owned()))
    }

    /// Opens a session; the content comes later.
    pub(crate) fn begin_upload(
        &mut self,
        call: &Call<'_>,
        mime: &str,
        total: Option<u64>,
    ) -> Result<Reply, Reply> {
        let file = call.path.get("fileId").cloned();
        match &file {
            None => {
                self.may_create(call, total.unwrap_or(1))?;
            }
            Some(id) => {
                let item = self.seen_as(id, call)?;
                self.allow(&item, call, "canEdit")?;
                self.may_keep(call.account, item.drive.is_none(), total.unwrap_or(1))?;
            }
        }
        let id = self.fresh("AHmUCI", 60);
        let below = file.as_ref().map_or_else(String::new, |id| format!("/{id}"));
        let address =
            format!("{}/upload/drive/v3/files{below}?uploadType=resumable&upload_id={id}", self.base);
        let session = Session {
            account: call.account.to_owned(),
            file,
            metadata: call.body.clone(),
            query: call.query.to_vec(),
            mime: mime.to_owned(),
            total,
            kept: Vec::new(),
            began: self.now,
            done: None,
        };
        self.sessions.insert(id, session);
        Ok(Reply::empty(200).header("location", address))
    }

    /// Takes a piece, or answers how far the session is.
    pub(crate) fn take_piece(&mut self, piece: &Piece<'_>) -> Outcome {
        let question = piece.range.starts_with("bytes */") && piece.bytes.is_empty();
        let fault = self.plans.strike(&[if question { "upload.status" } else { "upload.chunk" }]);
        if let Some(fault) = &fault
            && let Some(outcome) = Self::instead(fault)
        {
            return outcome;
        }
        if matches!(fault, Some(Fault::ForgetSession)) {
            self.sessions.remove(piece.session);
        }
        let now = self.now;
        let Some(session) = self.sessions.get_mut(piece.session) else {
            return Outcome::Reply(Reply::not_found("Upload session", "upload_id"));
        };
        if now.since(session.began) > SESSION_LIVES {
            self.sessions.remove(piece.session);
            return Outcome::Reply(Reply::not_found("Upload session", "upload_id"));
        }
        if let Some(done) = session.done.clone() {
            let account = session.account.clone();
            let shown = self.items.get(&done).map(|item| self.file(item, &account));
            return Outcome::Reply(shown.map_or_else(|| Reply::not_found("File", &done), Reply::ok));
        }
        if matches!(fault, Some(Fault::ForgetBytes)) {
            session.kept.clear();
            return Outcome::Reply(Reply::empty(308));
        }
        let whole = piece.bytes.len() as u64;
        let read = if piece.range.is_empty() {
            Some((whole.checked_sub(1).map(|last| (0, last)), Some(whole)))
        } else {
            range_of(piece.range)
        };
        let Some((span, total)) = read else {
            self.violations.push(format!("`{}` is no Content-Range", piece.range));
            return Outcome::Reply(Reply::refusal(
                400,
                "badRequest",
                "Failed to parse Content-Range header.",
            ));
        };
        session.total = total.or(session.total);
        if let Some(span) = span
            && let Some(refusal) = self.keep(piece, span, fault.as_ref())
        {
            return refusal;
        }
        let session = &self.sessions[piece.session];
        let kept = session.kept.len() as u64;
        let outcome = if session.total == Some(kept) {
            self.finish(piece.session)
        } else {
            let reply = Reply::empty(308);
            if kept > 0 { reply.header("range", format!("bytes=0-{}", kept - 1)) } else { reply }
        };
        match fault {
            Some(Fault::LoseReply) => Outcome::Drop,
            _ => Outcome::Reply(outcome),
        }
    }

    /// Keeps what is new of a piece.
    fn keep(
        &mut self,
        piece: &Piece<'_>,
        (first, last): (u64, u64),
        fault: Option<&Fault>,
    ) -> Option<Outcome> {
        let session = self.sessions.get_mut(piece.session)?;
        let kept = session.kept.len() as u64;
        let arrived = piece.bytes.len() as u64;
        self.received += arrived;
        self.sent_again += kept.saturating_sub(first).min(arrived);
        if first > kept {
            let words = format!(
                "Invalid request.  According to the Content-Range header, the upload offset is {first} byte(s), which exceeds already uploaded size of {kept} byte(s)."
            );
            return Some(Outcome::Reply(Reply::refusal(503, "backendError", &words)));
        }
        let is_last = session.total == Some(last + 1);
        if piece.whole && arrived != last - first + 1 {
            self.violations.push(format!("{} came with {arrived} bytes", piece.range));
            return Some(Outcome::Reply(Reply::refusal(
                400,
                "badRequest",
                "The Content-Range does not match the content.",
            )));
        }
        if !is_last && (last + 1) % GRAIN != 0 {
            self.violations
                .push(format!("a chunk that is not the last ends at {last}, no multiple of 256 KiB"));
        }
        let fresh = &piece.bytes[usize::try_from((kept - first).min(arrived)).unwrap()..];
        let fresh_bytes = fresh.len() as u64;
        let most = match fault {
            Some(Fault::KeepOnly(bytes) | Fault::KeepOnlyThenFail(bytes)) => (*bytes).min(fresh_bytes),
            // Where the connection broke, whole grains are kept.
            _ if !piece.whole => {
                (kept + fresh_bytes) / GRAIN * GRAIN - kept.min((kept + fresh_bytes) / GRAIN * GRAIN)
            }
            _ => fresh_bytes,
        };
        self.not_kept += fresh_bytes - most;
        session.kept.extend_from_slice(&fresh[..usize::try_from(most).unwrap()]);
        if !piece.whole {
            return Some(Outcome::Drop);
        }
        let failed = matches!(fault, Some(Fault::KeepOnlyThenFail(_)));
        failed.then(|| Outcome::Reply(Reply::refusal(503, "backendError", "Backend Error")))
    }

    fn finish(&mut self, id: &str) -> Reply {
        let session = self.sessions[id].clone();
        let mut path = Parameters::new();
        let operation = match &session.file {
            Some(file) => {
                path.insert("fileId".to_owned(), file.clone());
                "files.update"
            }
            None => "files.create",
        };
        let (query, body) = (&session.query[..], &session.metadata);
        let call =
            Call { operation, path: &path, query, body, account: &session.account, range: None, keys: "" };
        let content = Some((&session.kept[..], session.mime.as_str()));
        let made =
            if session.file.is_some() { self.update(&call, content) } else { self.create(&call, content) };
        match made {
            Ok(reply) => {
                let made = reply.json().and_then(|file| file["id"].as_str()).map(str::to_owned);
                self.sessions.get_mut(id).unwrap().done = made;
                reply
            }
            Err(refusal) => {
                self.sessions.remove(id);
                refusal
            }
        }
    }
}

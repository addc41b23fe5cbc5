//! Content that goes out: ranges, exports with their limit, operations for what takes longer; and revisions.

use serde_json::json;

use super::call::Call;
use super::render::is_blob;
use super::reply::{Carried, Reply};
use super::state::{Item, NATIVE, State};

/// Bytes that an export may have.
const EXPORT_LIMIT: usize = 10 * 1024 * 1024;

/// What Google's own documents can become, by the end of their type.
pub(crate) const FORMATS: &[(&str, &[&str])] = &[
    (
        "document",
        &[
            "text/markdown",
            "text/plain",
            "text/html",
            "application/pdf",
            "application/rtf",
            "application/zip",
            "application/epub+zip",
            "application/vnd.oasis.opendocument.text",
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ],
    ),
    (
        "spreadsheet",
        &[
            "text/csv",
            "text/tab-separated-values",
            "application/pdf",
            "application/zip",
            "application/vnd.oasis.opendocument.spreadsheet",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ],
    ),
    (
        "presentation",
        &[
            "application/pdf",
            "text/plain",
            "application/vnd.oasis.opendocument.presentation",
            "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        ],
    ),
];

/// A document in another format: text stays as it is, everything else has a sign before it. No two PDFs of the same document
/// are the same bytes.
fn exported(text: &str, mime: &str, time: u64) -> Vec<u8> {
    match mime {
        "application/pdf" => format!("%PDF-1.{}\n{text}", time % 10).into_bytes(),
        mime if mime.starts_with("text/") => text.as_bytes().to_vec(),
        _ => format!("PK\u{3}\u{4}{text}").into_bytes(),
    }
}

/// The bytes that a `Range` header asks for.
fn span(range: &str, length: usize) -> Option<Option<(usize, usize)>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let end = length.checked_sub(1);
    let span = match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), Ok(last)) => Some((first, last)),
        (Ok(first), Err(_)) if last.is_empty() => end.map(|end| (first, end)),
        (Err(_), Ok(count)) if first.is_empty() => end.map(|end| ((end + 1).saturating_sub(count), end)),
        _ => return None,
    };
    Some(span.filter(|(first, _)| *first < length).map(|(first, last)| (first, last.min(length - 1))))
}

fn partly(bytes: &[u8], mime: &str, range: Option<&str>) -> Reply {
    let whole = || Reply::with(200, Carried::Bytes(bytes.to_vec(), mime.to_owned()));
    match range.and_then(|range| span(range, bytes.len())) {
        None => whole(),
        Some(None) => Reply::refusal(416, "requestedRangeNotSatisfiable", "Request range not satisfiable")
            .header("content-range", format!("bytes */{}", bytes.len())),
        Some(Some((first, last))) => {
            Reply::with(206, Carried::Bytes(bytes[first..=last].to_vec(), mime.to_owned()))
                .header("content-range", format!("bytes {first}-{last}/{}", bytes.len()))
        }
    }
}

impl State {
    pub(crate) fn download(&mut self, item: &Item, call: &Call<'_>) -> Result<Reply, Reply> {
        self.may_download(item, call)?;
        let content = item.content().unwrap();
        Ok(partly(&content.bytes, &item.mime, call.range))
    }

    fn may_download(&self, item: &Item, call: &Call<'_>) -> Result<(), Reply> {
        if !is_blob(&item.mime) || item.content().is_none() {
            let words =
                "Only files with binary content can be downloaded. Use Export with Docs Editors files.";
            return Err(Reply::refusal(403, "fileNotDownloadable", words));
        }
        self.allow(item, call, "canDownload")?;
        if item.abusive && !call.flag("acknowledgeAbuse") {
            let words = "This file has been identified as malware or spam and cannot be downloaded.";
            return Err(Reply::refusal(403, "cannotDownloadAbusiveFile", words));
        }
        Ok(())
    }

    /// The text of a document and whether it can become that.
    fn exportable(&self, item: &Item, mime: &str) -> Result<String, Reply> {
        let Some(text) = &item.text else {
            return Err(Reply::refusal(403, "fileNotExportable", "Export only supports Docs Editors files."));
        };
        let kind = item.mime.strip_prefix(NATIVE).unwrap_or_default();
        let known = FORMATS.iter().any(|(name, formats)| *name == kind && formats.contains(&mime));
        if !known {
            return Err(Reply::refusal(400, "badRequest", "The requested conversion is not supported."));
        }
        Ok(text.clone())
    }

    pub(crate) fn export(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let item = self.seen_anywhere(call)?;
        let mime = call.query("mimeType").unwrap_or_default();
        let text = self.exportable(&item, mime)?;
        self.allow(&item, call, "canDownload")?;
        if text.len() > EXPORT_LIMIT {
            let words = "This file is too large to be exported.";
            return Err(Reply::refusal(403, "exportSizeLimitExceeded", words));
        }
        self.exports += 1;
        Ok(Reply::with(200, Carried::Bytes(exported(&text, mime, self.exports), mime.to_owned())))
    }

    /// As [`State::seen`] for the calls that know no `supportsAllDrives`.
    fn seen_anywhere(&mut self, call: &Call<'_>) -> Result<Item, Reply> {
        let id = self.meant(&call.path["fileId"], call.account);
        let seen = self.items.get(&id).filter(|_| self.sees(&id, call.account));
        seen.cloned().ok_or_else(|| Reply::not_found("File", &id))
    }

    /// A download that takes its time.
    pub(crate) fn begin_download(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let item = self.seen_anywhere(call)?;
        let mime = call.query("mimeType").unwrap_or_default();
        if item.text.is_some() {
            self.exportable(&item, mime)?;
        } else {
            self.may_download(&item, call)?;
        }
        let name = self.fresh("op", 40);
        self.operations.insert(name.clone(), (item.id, mime.to_owned(), 0));
        Ok(Reply::ok(json!({ "name": name, "done": false, "metadata": {} })))
    }

    pub(crate) fn operation(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let name = &call.path["name"];
        let base = self.base.clone();
        let Some((_, _, asked)) = self.operations.get_mut(name) else {
            return Err(Reply::not_found("Operation", name));
        };
        *asked += 1;
        if *asked < 2 {
            return Ok(Reply::ok(json!({ "name": name, "done": false })));
        }
        let response = json!({
            "@type": "type.googleapis.com/google.apps.drive.v3.DownloadFileResponse",
            "downloadUri": format!("{base}/download/{name}"), "partialDownloadAllowed": true,
        });
        Ok(Reply::ok(json!({ "name": name, "done": true, "response": response })))
    }

    /// What an operation came to.
    pub(crate) fn fetch(&mut self, name: &str, range: Option<&str>) -> Reply {
        let found = self.operations.get(name).and_then(|(id, mime, _)| Some((self.items.get(id)?, mime)));
        let Some((item, mime)) = found else { return Reply::not_found("Operation", name) };
        match (&item.text, item.content()) {
            (Some(text), _) => partly(&exported(text, mime, 0), mime, range),
            (None, Some(content)) => partly(&content.bytes, &item.mime, range),
            (None, None) => Reply::not_found("Content", name),
        }
    }

    pub(crate) fn revisions(&mut self, call: &Call<'_>) -> Result<Reply, Reply> {
        let item = self.seen_anywhere(call)?;
        self.allow(&item, call, "canReadRevisions")?;
        let Some(wanted) = call.path.get("revisionId") else {
            let (page, next) = call.page(item.revisions.clone(), 200, 1_000)?;
            let shown: Vec<_> =
                page.iter().map(|revision| self.revision(&item, revision, call.account)).collect();
            let mut answer = json!({ "kind": "drive#revisionList", "revisions": shown });
            if let Some(next) = next {
                answer["nextPageToken"] = json!(next);
            }
            return Ok(Reply::ok(answer));
        };
        let wanted = if wanted == "head" { item.revisions.last().map(|last| &last.id) } else { Some(wanted) };
        let at = item.revisions.iter().position(|revision| Some(&revision.id) == wanted);
        let Some(at) = at else { return Err(Reply::refusal(404, "revisionNotFound", "Revision not found.")) };
        match call.operation {
            "revisions.get" if call.wants_media() => {
                if item.abusive && !call.flag("acknowledgeAbuse") {
                    let words = "This file has been identified as malware or spam and cannot be downloaded.";
                    return Err(Reply::refusal(403, "cannotDownloadAbusiveFile", words));
                }
                Ok(partly(&item.revisions[at].content.bytes, &item.revisions[at].mime, call.range))
            }
            "revisions.get" => Ok(Reply::ok(self.revision(&item, &item.revisions[at], call.account))),
            "revisions.update" => {
                let kept = item.revisions.iter().filter(|revision| revision.keep).count();
                if call.body["keepForever"] == true && !item.revisions[at].keep && kept >= 200 {
                    let words = "Only 200 revisions of a file can be kept forever.";
                    return Err(Reply::refusal(403, "tooManyKeptRevisions", words));
                }
                let there = &mut self.items.get_mut(&item.id).unwrap().revisions[at];
                there.keep = call.body["keepForever"].as_bool().unwrap_or(there.keep);
                let revision = there.clone();
                Ok(Reply::ok(self.revision(&item, &revision, call.account)))
            }
            _ if item.revisions.len() == 1 => {
                Err(Reply::refusal(400, "badRequest", "The last revision cannot be deleted."))
            }
            _ => {
                self.items.get_mut(&item.id).unwrap().revisions.remove(at);
                Ok(Reply::empty(204))
            }
        }
    }
}

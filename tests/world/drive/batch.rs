//! Many calls in one request: `multipart/mixed`, each part its own outcome.

use std::collections::BTreeSet;

use super::desk::Incoming;
use super::multipart;
use super::reply::{Carried, Outcome, Reply};
use super::state::State;

/// Calls that one request may have.
const MOST: usize = 100;

impl State {
    /// Takes the calls of a batch in, one after the other.
    pub(crate) fn batch(&mut self, incoming: &Incoming) -> Reply {
        let content_type = incoming.header("content-type");
        let boundary =
            multipart::boundary(content_type).filter(|_| content_type.starts_with("multipart/mixed"));
        let Some(parts) = boundary.and_then(|boundary| multipart::parts(&incoming.body, boundary)) else {
            self.violations.push("the batch is not in order".to_owned());
            return Reply::refusal(400, "badRequest", "Failed to parse batch request.");
        };
        if parts.is_empty() || parts.len() > MOST {
            self.violations.push(format!("a batch of {} calls", parts.len()));
            return Reply::refusal(400, "badRequest", "The batch request has too many calls, or none.");
        }
        let mut shared = BTreeSet::new();
        let mut answers = Vec::new();
        for part in &parts {
            let id = part.header("content-id").trim_matches(['<', '>']).to_owned();
            let reply = match inner(&part.body, incoming) {
                Some(call) => {
                    if let Some(file) = call.shared_file()
                        && !shared.insert(file.to_owned())
                    {
                        self.violations.push(format!("one batch changes the permissions of {file} twice"));
                    }
                    self.one_of_batch(&call)
                }
                None => {
                    self.violations.push("a part of the batch is no request".to_owned());
                    Reply::refusal(400, "badRequest", "Failed to parse a call of the batch.")
                }
            };
            answers.push((id, reply));
        }
        // Google says that the order of the answers means nothing.
        answers.reverse();
        let boundary = "batch_simulated";
        let mut body = Vec::new();
        for (id, reply) in answers {
            let (bytes, mime) = match reply.carried {
                Carried::Nothing => (Vec::new(), String::new()),
                Carried::Json(value) => {
                    (value.to_string().into_bytes(), "application/json; charset=UTF-8".to_owned())
                }
                Carried::Bytes(bytes, mime) => (bytes, mime),
            };
            let mut head = format!(
                "--{boundary}\r\nContent-Type: application/http\r\nContent-ID: <response-{id}>\r\n\r\nHTTP/1.1 {} {}\r\nContent-Length: {}\r\n",
                reply.status,
                if reply.status < 300 { "OK" } else { "Error" },
                bytes.len()
            );
            for (name, value) in reply.headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            if !mime.is_empty() {
                head.push_str(&format!("Content-Type: {mime}\r\n"));
            }
            head.push_str("\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(&bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        Reply::with(200, Carried::Bytes(body, format!("multipart/mixed; boundary={boundary}")))
    }

    fn one_of_batch(&mut self, call: &Incoming) -> Reply {
        let media = call.path.starts_with("/upload/")
            || call.path.starts_with("/resumable/")
            || call.path.ends_with("/export")
            || call.query.contains("alt=media");
        if media || call.path.len() + call.query.len() > 8_000 {
            self.violations.push(format!("{} does not belong into a batch", call.path));
        }
        match self.api(call) {
            Outcome::Reply(reply) => reply,
            // A call inside a batch has no connection of its own.
            Outcome::Drop | Outcome::Hang => Reply::refusal(503, "backendError", "Backend Error"),
        }
    }
}

/// A request inside a part; without a token of its own it has the batch's.
fn inner(text: &[u8], outer: &Incoming) -> Option<Incoming> {
    let end = text.windows(2).position(|window| window == b"\r\n")?;
    let line = std::str::from_utf8(&text[..end]).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?, words.next()?);
    let part = multipart::headed(&text[end + 2..])?;
    let mut headers = outer.headers.clone();
    headers.remove("content-type");
    for (name, value) in &part.headers {
        let name = axum::http::HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.insert(name, value.parse().ok()?);
    }
    // Both forms of the target are taken: a path, and a whole address.
    let target = target.strip_prefix("https://www.googleapis.com").unwrap_or(target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    Some(Incoming {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: part.body,
        whole: true,
    })
}

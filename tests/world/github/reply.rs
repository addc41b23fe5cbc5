//! What the simulated GitHub answers: statuses, words and pages as GitHub has them.

use axum::body::{Body, Bytes};
use axum::response::Response;
use serde_json::{Value, json};

/// An answer before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Value,
}

/// What comes of a request.
pub(crate) enum Outcome {
    Reply(Reply),
    /// The connection ends without an answer.
    Drop,
    /// No answer ever comes.
    Hang,
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Self {
        Self::with(200, body)
    }

    pub(crate) fn with(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    /// A refusal with GitHub's words.
    pub(crate) fn refusal(status: u16, message: &str) -> Self {
        let body = json!({
            "message": message,
            "documentation_url": "https://docs.github.com/rest",
            "status": status.to_string(),
        });
        Self::with(status, body)
    }

    pub(crate) fn not_found() -> Self {
        Self::refusal(404, "Not Found")
    }

    /// `422 Validation Failed` with one reason.
    pub(crate) fn invalid(reason: Value) -> Self {
        let mut reply = Self::refusal(422, "Validation Failed");
        reply.body["errors"] = json!([reason]);
        reply
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Bodies of answers have a tag, and an unchanged body is not sent again.
    pub(crate) fn tagged(self, known: Option<&str>) -> Self {
        use std::hash::{DefaultHasher, Hash, Hasher};
        if self.status != 200 {
            return self;
        }
        let mut hasher = DefaultHasher::new();
        self.body.to_string().hash(&mut hasher);
        let tag = format!("W/\"{:016x}\"", hasher.finish());
        let same = known == Some(tag.as_str());
        let reply = if same { Self { status: 304, body: Value::Null, ..self } } else { self };
        reply.header("etag", tag)
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        let body = if self.body.is_null() {
            Body::empty()
        } else if let Value::String(text) = self.body {
            // A log.
            Body::from(text)
        } else {
            response = response.header("content-type", "application/json; charset=utf-8");
            Body::from(self.body.to_string())
        };
        response.body(body).unwrap()
    }
}

/// An answer whose body breaks off at once: the server ends the connection.
pub(crate) fn dropped() -> Response {
    let broken = futures_util::stream::once(async {
        Err::<Bytes, _>(std::io::Error::new(std::io::ErrorKind::ConnectionReset, "dropped on purpose"))
    });
    Response::new(Body::from_stream(broken))
}

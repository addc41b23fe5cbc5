//! What the simulated Google answers: statuses, reasons and words as Google has them.

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};

/// What an answer carries.
#[derive(Clone, Debug)]
pub(crate) enum Carried {
    Nothing,
    Json(Value),
    Bytes(Vec<u8>, String),
}

/// An answer before it is sent.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) carried: Carried,
    /// The connection ends after so many bytes of content.
    pub(crate) cut: Option<usize>,
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
        Self::with(200, Carried::Json(body))
    }

    pub(crate) fn empty(status: u16) -> Self {
        Self::with(status, Carried::Nothing)
    }

    pub(crate) fn with(status: u16, carried: Carried) -> Self {
        Self { status, headers: Vec::new(), carried, cut: None }
    }

    /// A refusal in the form of all of Google's older interfaces.
    pub(crate) fn refusal(status: u16, reason: &str, message: &str) -> Self {
        Self::refusals(status, &[reason], message)
    }

    /// A refusal for several reasons.
    pub(crate) fn refusals(status: u16, reasons: &[&str], message: &str) -> Self {
        let domain = |reason: &str| match reason {
            "userRateLimitExceeded" | "rateLimitExceeded" | "dailyLimitExceeded" => "usageLimits",
            _ => "global",
        };
        let errors: Vec<Value> = reasons
            .iter()
            .map(|reason| json!({ "domain": domain(reason), "reason": reason, "message": message }))
            .collect();
        Self::with(
            status,
            Carried::Json(json!({ "error": { "code": status, "message": message, "errors": errors } })),
        )
    }

    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        Self::refusal(404, "notFound", &format!("{what} not found: {id}."))
    }

    /// A value in the address or the body that will not do.
    pub(crate) fn invalid(message: &str) -> Self {
        Self::refusal(400, "invalid", message)
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// What a person would be shown.
    pub(crate) fn html(status: u16) -> Self {
        let page = format!(
            "<!DOCTYPE html><html lang=en><title>Error {status}</title><p>That’s an error. Try again in 30 seconds."
        );
        Self::with(status, Carried::Bytes(page.into_bytes(), "text/html; charset=UTF-8".to_owned()))
    }

    pub(crate) fn json(&self) -> Option<&Value> {
        if let Carried::Json(body) = &self.carried { Some(body) } else { None }
    }

    pub(crate) fn into_response(self) -> Response {
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        let (bytes, mime) = match self.carried {
            Carried::Nothing => return response.header("content-length", "0").body(Body::empty()).unwrap(),
            Carried::Json(body) => {
                (body.to_string().into_bytes(), "application/json; charset=UTF-8".to_owned())
            }
            Carried::Bytes(bytes, mime) => (bytes, mime),
        };
        response = response.header("content-type", mime);
        let Some(kept) = self.cut else { return response.body(Body::from(bytes)).unwrap() };
        let first = stream::iter([Ok(Bytes::copy_from_slice(&bytes[..kept.min(bytes.len())]))]);
        let broken = stream::once(async {
            // What comes before it goes out before it.
            tokio::task::yield_now().await;
            Err(std::io::Error::new(std::io::ErrorKind::ConnectionReset, "cut on purpose"))
        });
        response.header("content-length", bytes.len()).body(Body::from_stream(first.chain(broken))).unwrap()
    }
}

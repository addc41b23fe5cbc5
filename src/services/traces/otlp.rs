//! OTLP over HTTP with JSON: <https://opentelemetry.io/docs/specs/otlp/#otlphttp>.

use std::fmt::Write as _;
use std::time::Duration;

use async_trait::async_trait;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::Traces;
use crate::domain::failure::Failure;
use crate::domain::span::{Span, Trace};
use crate::services::http::Client;
use crate::services::secrets::Secret;

/// How long a collector may take: it stands beside what it collects from, and the run is over.
const TIME: Duration = Duration::from_secs(5);
/// A span inside of one process (`SPAN_KIND_INTERNAL` of the protocol).
const INTERNAL: u8 = 1;
/// `STATUS_CODE_ERROR` of the protocol.
const ERROR: u8 = 2;
/// What stands where a secret was.
const MASK: &str = "***";

/// A collector.
pub struct Otlp {
    client: Client,
    url: String,
    headers: HeaderMap,
    service: String,
    secrets: Vec<Secret>,
}

/// Where a collector is, as OpenTelemetry's variables say it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `OTEL_EXPORTER_OTLP_ENDPOINT`: `/v1/traces` follows.
    pub endpoint: Option<String>,
    /// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`: the whole address, which wins.
    pub traces_endpoint: Option<String>,
    /// `OTEL_EXPORTER_OTLP_HEADERS`: `key=value`, with commas between.
    pub headers: Option<Secret>,
    /// `OTEL_SERVICE_NAME`.
    pub service: Option<String>,
}

impl Settings {
    /// The address that traces go to; none where none is set.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        let whole = || Some(format!("{}/v1/traces", self.endpoint.as_ref()?.trim_end_matches('/')));
        self.traces_endpoint.clone().or_else(whole)
    }
}

impl Otlp {
    /// A collector where the settings name one. `secrets` are masked wherever they stand in what is sent.
    ///
    /// # Errors
    /// When the headers are none.
    pub fn new(client: Client, settings: &Settings, secrets: Vec<Secret>) -> Result<Option<Self>, Failure> {
        let Some(url) = settings.url() else { return Ok(None) };
        let mut headers = HeaderMap::new();
        let text = settings.headers.as_ref().map(Secret::expose).unwrap_or_default();
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or_else(wrong_headers)?;
            let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| wrong_headers())?;
            let mut value = HeaderValue::from_str(&decoded(value.trim())).map_err(|_| wrong_headers())?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let service = settings.service.clone().unwrap_or_else(|| "automata".to_owned());
        Ok(Some(Self { client, url, headers, service, secrets }))
    }

    fn body(&self, trace: &Trace) -> String {
        let resource = [attribute("service.name", &self.service)];
        let spans: Vec<Value> = trace.spans.iter().map(|span| span_json(&trace.id, span)).collect();
        let scope = json!({ "name": "automata", "version": env!("CARGO_PKG_VERSION") });
        let told = json!({ "resourceSpans": [{
            "resource": { "attributes": resource },
            "scopeSpans": [{ "scope": scope, "spans": spans }],
        }] });
        let secrets = self.secrets.iter().map(Secret::expose).filter(|secret| !secret.is_empty());
        secrets.fold(told.to_string(), |body, secret| body.replace(secret, MASK))
    }
}

fn wrong_headers() -> Failure {
    Failure::permanent("otlp_headers", "OTEL_EXPORTER_OTLP_HEADERS cannot be read")
        .hint("Write it as `name=value`, with commas between.")
}

/// Values are percent-encoded, as in the baggage header (W3C Baggage, section 3.3.1).
fn decoded(value: &str) -> String {
    let (mut plain, bytes, mut at) = (Vec::new(), value.as_bytes(), 0);
    while let Some(byte) = bytes.get(at) {
        let code = value.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code.filter(|_| *byte == b'%') {
            Some(code) => {
                plain.push(code);
                at += 3;
            }
            None => {
                plain.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).into_owned()
}

fn attribute(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

/// Ids are hexadecimal in OTLP's JSON, other than in the JSON of protocol buffers.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn span_json(trace: &[u8], span: &Span) -> Value {
    // Nanoseconds as text: they do not fit a number of JSON's.
    let nanoseconds = |time: crate::domain::time::Timestamp| format!("{}000000", time.as_millis());
    let attributes: Vec<Value> = span.attributes.iter().map(|(name, value)| attribute(name, value)).collect();
    let mut told = json!({
        "traceId": hex(trace),
        "spanId": hex(&span.id),
        "name": span.name,
        "kind": INTERNAL,
        "startTimeUnixNano": nanoseconds(span.begin),
        "endTimeUnixNano": nanoseconds(span.end),
        "attributes": attributes,
    });
    if let Some(parent) = &span.parent {
        told["parentSpanId"] = hex(parent).into();
    }
    if let Some(failure) = &span.failure {
        told["status"] = json!({ "code": ERROR, "message": failure });
    }
    told
}

#[async_trait]
impl Traces for Otlp {
    async fn export(&self, trace: &Trace) -> Result<(), Failure> {
        let sent = self
            .client
            .post(&self.url)
            .headers(self.headers.clone())
            .header(CONTENT_TYPE, "application/json")
            .timeout(TIME)
            .body(self.body(trace))
            .send()
            .await;
        match sent {
            Ok(response) if response.status().is_success() => Ok(()),
            Ok(response) => Err(Failure::transient(
                "otlp_refused",
                format!("the collector of traces answered {}", response.status()),
            )),
            Err(error) => {
                let what = if error.is_timeout() { "does not answer in time" } else { "cannot be reached" };
                Err(Failure::transient("otlp_unreachable", format!("the collector of traces {what}")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::services::http;

    fn otlp(settings: &Settings) -> Result<Option<Otlp>, Failure> {
        let client = http::client(&http::Settings::default()).unwrap();
        Otlp::new(client, settings, vec![Secret::new("made-up-token")])
    }

    #[test]
    fn the_address_is_made_as_opentelemetry_says() {
        let at = |endpoint: Option<&str>, whole: Option<&str>| {
            let text = |text: &str| text.to_owned();
            Settings { endpoint: endpoint.map(text), traces_endpoint: whole.map(text), ..Settings::default() }
                .url()
        };
        assert_eq!(at(None, None), None);
        assert_eq!(at(Some("http://c:4318/"), None).unwrap(), "http://c:4318/v1/traces");
        assert_eq!(at(Some("http://c:4318"), Some("http://d/x")).unwrap(), "http://d/x");
    }

    #[test]
    fn headers_are_read_and_what_is_none_is_told() {
        let with = |headers: &str| {
            let endpoint = Some("http://c".to_owned());
            otlp(&Settings { endpoint, headers: Some(Secret::new(headers)), ..Settings::default() })
        };
        let read = with("api-key=a%20b, x=1").unwrap().unwrap();
        assert_eq!(
            (&read.headers["api-key"], &read.headers["x"]),
            (&"a b".parse().unwrap(), &"1".parse().unwrap())
        );
        assert!(with("nonsense").is_err());
    }

    #[test]
    fn secrets_are_masked() {
        let time = Timestamp::from_millis(1_000);
        let failure = Some("the token made-up-token is over".to_owned());
        let span = Span {
            id: [1; 8],
            parent: None,
            name: "run".to_owned(),
            begin: time,
            end: time,
            attributes: vec![("automata.run", "1.1".to_owned())],
            failure,
        };
        let settings = Settings { endpoint: Some("http://c".to_owned()), ..Settings::default() };
        let body = otlp(&settings).unwrap().unwrap().body(&Trace { id: [2; 16], spans: vec![span] });
        assert!(!body.contains("made-up-token") && body.contains("the token *** is over"), "{body}");
    }
}

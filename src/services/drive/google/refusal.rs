//! What an answer of Drive's that is no success means: the one place where a status, its headers and its words
//! become an error.

use std::time::Duration;

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;
use crate::services::drive::error::{Class, Error, Reason};

/// Characters of Drive's words that an error carries; some pages of HTML come instead of JSON.
const SENTENCE: usize = 400;
/// The longest wait that is believed; a wrong header must not park work for years.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// The body of a refusal. Google has two forms: that of its APIs, and that of OAuth.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Body {
    error: Words,
    error_description: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Words {
    Api {
        #[serde(default)]
        message: String,
        #[serde(default)]
        errors: Vec<Detail>,
        #[serde(default)]
        details: Vec<Detail>,
    },
    OAuth(String),
    Unknown(IgnoredAny),
}

impl Default for Words {
    fn default() -> Self {
        Self::OAuth(String::new())
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Detail {
    reason: String,
}

/// The error that a refusal is.
pub(super) fn error(status: StatusCode, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Error {
    let (reasons, told) = words(body);
    let reason = reasons
        .iter()
        .filter_map(|word| Reason::of_word(word))
        // The general ones stand beside the telling one at times, and before it.
        .min_by_key(|reason| is_general(*reason))
        .unwrap_or_else(|| of_status(status));
    let reason = refined(reason, &told);
    let told = match (told.is_empty(), reasons.first()) {
        (false, _) => told,
        (true, Some(word)) => one_line(word, SENTENCE),
        (true, None) => "no reason given".to_owned(),
    };
    let message = match reason {
        Reason::Unavailable | Reason::Nonsense | Reason::Other => {
            format!("Drive answered {}: {told}", status.as_u16())
        }
        _ => format!("Drive refused: {told}"),
    };
    let mut error = Error::new(reason, message.trim_end_matches('.')).status(status.as_u16());
    if let (Class::RateLimited(_), Some(wait)) = (error.class, retry_after(headers, now)) {
        let until = now.plus(wait);
        error.class = Class::RateLimited(Some(until));
        return error.hint(format!("Drive asks for no more of this before {until}."));
    }
    error
}

/// The words for the reason, in the order in which Drive gives them, and its sentence for people.
fn words(body: &[u8]) -> (Vec<String>, String) {
    let Ok(body) = serde_json::from_slice::<Body>(body) else {
        // A page of HTML: its title tells a person more than its style sheet.
        let text = String::from_utf8_lossy(body);
        let title = text.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next());
        return (Vec::new(), one_line(title.unwrap_or_default(), SENTENCE));
    };
    match body.error {
        Words::Api { message, errors, details } => {
            let reasons = errors.into_iter().chain(details).map(|detail| detail.reason);
            (reasons.filter(|word| !word.is_empty()).collect(), one_line(&message, SENTENCE))
        }
        Words::OAuth(word) if word.is_empty() => (Vec::new(), String::new()),
        Words::OAuth(word) => {
            let told = one_line(&format!("{word}: {}", body.error_description), SENTENCE);
            (vec![word], told.trim_end_matches([':', ' ']).to_owned())
        }
        Words::Unknown(_) => (Vec::new(), String::new()),
    }
}

const fn is_general(reason: Reason) -> bool {
    matches!(reason, Reason::NotAllowed | Reason::BadRequest)
}

/// Two of Drive's reasons mean two things each, told apart by its sentence alone.
fn refined(reason: Reason, told: &str) -> Reason {
    let told = told.to_ascii_lowercase();
    match reason {
        Reason::SharingRefused if told.contains("sharing succeeded") => Reason::SharedWithoutMail,
        Reason::NotFound if told.starts_with("permission not found") => Reason::PermissionNotFound,
        _ => reason,
    }
}

fn of_status(status: StatusCode) -> Reason {
    match status.as_u16() {
        400 | 412 | 416 => Reason::BadRequest,
        401 => Reason::NotAuthorized,
        403 => Reason::NotAllowed,
        404 | 410 => Reason::NotFound,
        409 => Reason::Exists,
        413 => Reason::TooLarge,
        429 => Reason::RateLimit,
        408 | 500..=599 => Reason::Unavailable,
        200..=399 => Reason::Nonsense,
        _ => Reason::Other,
    }
}

/// How long Drive asks us to wait, which its documents do not promise and proxies before it do.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let named = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = match named.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => date(named)?.since(now),
    };
    Some(wait.min(LONGEST_WAIT))
}

/// A time as HTTP writes it, `Sun, 06 Nov 1994 08:49:37 GMT`: <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>. The two forms
/// that are obsolete there are not read.
fn date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.strip_suffix(" GMT")?.split_once(", ")?;
    let [day, month, year, time] = rest.split(' ').collect::<Vec<_>>()[..] else { return None };
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    format!("{year}-{month:02}-{day}T{time}Z").parse().ok()
}

/// No answer came, or only a part of one. An address in it could hold a session, so it is left out.
pub(super) fn unanswered(error: &reqwest::Error) -> Error {
    if error.is_timeout() {
        return silent();
    }
    if !error.is_connect() {
        return Error::new(Reason::Unreachable, "Drive broke off in the middle of its answer");
    }
    let innermost =
        std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source())
            .last()
            .map(ToString::to_string)
            .unwrap_or_default();
    unreached(&innermost)
}

/// There was nobody to ask, or nobody who is known to be Drive.
fn unreached(why: &str) -> Error {
    let error =
        Error::new(Reason::Unreachable, format!("Drive could not be reached: {}", one_line(why, 200)));
    // As rustls calls it. A proxy that reads along answers with a certificate of its own.
    if why.contains("UnknownIssuer") {
        return error.hint(
            "Nobody known here vouches for the certificate that came: if it is a proxy's, or your own endpoint's, name a \
             PEM file with its authority in AUTOMATA_CA_FILE.",
        );
    }
    error
}

/// Nothing moved any more.
pub(super) fn silent() -> Error {
    Error::new(Reason::Unreachable, "Drive did not answer in time")
}

/// What came is no answer of Drive's.
pub(super) fn nonsense(what: &str) -> Error {
    Error::new(Reason::Nonsense, format!("what came is no answer of Drive's: {}", one_line(what, 200)))
}

#[cfg(test)]
mod tests;

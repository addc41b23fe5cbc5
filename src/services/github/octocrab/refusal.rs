//! What GitHub's refusals mean: the one place where a status, its headers and its words become a failure.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;

/// How long to wait where GitHub says that we are too fast and not for how long: "at least one minute".
const UNNAMED_WAIT: Duration = Duration::from_mins(1);
/// The longest wait we believe: primary limits reset hourly, and a wrong clock must not park work for years.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// The shortest wait: our clock may run ahead of GitHub's and see its reset in the past.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// The body of a refusal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Words {
    pub(super) message: String,
    pub(super) errors: Vec<Detail>,
}

/// One reason of a 422; GitHub sends objects, and plain text in old corners.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Detail {
    Named {
        #[serde(default)]
        resource: String,
        #[serde(default)]
        field: String,
        #[serde(default)]
        code: String,
        message: Option<String>,
    },
    Text(String),
    Other(serde::de::IgnoredAny),
}

impl Words {
    pub(super) fn read(body: &str) -> Self {
        serde_json::from_str(body).unwrap_or_default()
    }

    /// Whether one of the reasons has this code, such as `already_exists`.
    pub(super) fn has_code(&self, wanted: &str) -> bool {
        self.errors.iter().any(|detail| matches!(detail, Detail::Named { code, .. } if code == wanted))
    }

    /// The message with its reasons, on one line.
    fn sentence(&self) -> String {
        let reasons: Vec<String> = self
            .errors
            .iter()
            .filter_map(|detail| match detail {
                Detail::Named { message: Some(message), .. } => Some(message.clone()),
                Detail::Named { resource, field, code, .. } => {
                    Some([resource, field, code].map(String::as_str).join(" ").trim().to_owned())
                }
                Detail::Text(text) => Some(text.clone()),
                Detail::Other(_) => None,
            })
            .filter(|reason| !reason.is_empty())
            .collect();
        let mut whole =
            if self.message.is_empty() { "no reason given".to_owned() } else { self.message.clone() };
        if !reasons.is_empty() {
            whole = format!("{whole}: {}", reasons.join("; "));
        }
        crate::domain::untrusted::one_line(&whole, SENTENCE_CHARS)
    }
}

/// Characters of GitHub's words that a failure carries; some pages of HTML come instead of JSON.
const SENTENCE_CHARS: usize = 400;

/// Until when GitHub wants quiet, when this answer says so.
pub(super) fn quiet_until(
    status: StatusCode,
    headers: &HeaderMap,
    words: &Words,
    now: Timestamp,
) -> Option<Timestamp> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    let spent = number("x-ratelimit-remaining") == Some(0);
    let limited = status == StatusCode::TOO_MANY_REQUESTS
        || (status == StatusCode::FORBIDDEN
            && (spent || headers.contains_key("retry-after") || speaks_of_limits(&words.message)));
    if !limited {
        return None;
    }
    let until = number("retry-after")
        .map(|seconds| now.plus(Duration::from_secs(seconds)))
        .or_else(|| number("x-ratelimit-reset").filter(|_| spent).map(|seconds| reset_time(seconds, now)))
        .unwrap_or_else(|| now.plus(UNNAMED_WAIT));
    Some(until.clamp(now.plus(SHORTEST_WAIT), now.plus(LONGEST_WAIT)))
}

/// Some secondary limits come as a bare 403, told from a missing permission by their words alone.
fn speaks_of_limits(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("rate limit") || message.contains("abuse detection")
}

/// `x-ratelimit-reset` counts seconds since 1970.
pub(super) fn reset_time(seconds: u64, now: Timestamp) -> Timestamp {
    let named = i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX);
    Timestamp::from_millis(named).min(now.plus(LONGEST_WAIT))
}

/// The failure that a refusal is, for a call that needs the permission `needs` (`issues: write`).
pub(super) fn failure(
    status: StatusCode,
    headers: &HeaderMap,
    words: &Words,
    needs: &str,
    now: Timestamp,
) -> Failure {
    let said = words.sentence();
    if let Some(until) = quiet_until(status, headers, words, now) {
        return Failure::rate_limited(until, format!("GitHub asked us to wait until {until}: {said}"));
    }
    match status.as_u16() {
        401 => Failure::permanent("bad_credentials", format!("GitHub does not accept the token: {said}"))
            .hint("A workflow's token ends with its run; another token may have expired or been revoked."),
        403 if said.contains("GitHub Actions is not permitted to create or approve pull requests") => {
            Failure::permanent("pull_requests_not_allowed", said).hint(
                "Turn on \"Allow GitHub Actions to create and approve pull requests\" under Settings, Actions, \
                 General, or hand in the token of a GitHub App.",
            )
        }
        403 => Failure::permanent("missing_permission", format!("GitHub does not allow this call: {said}"))
            .hint(permission_hint(headers, needs)),
        404 => Failure::permanent("not_found", format!("GitHub does not find it: {said}")).hint(format!(
            "It is gone, or the token may not see it: {}",
            permission_hint(headers, needs)
        )),
        410 => Failure::permanent("gone", format!("It is gone for good: {said}"))
            .hint("The issue was deleted, or issues are turned off in the repository's settings."),
        409 => Failure::transient("conflict", format!("Something changed at the same moment: {said}")),
        422 => Failure::permanent("refused", format!("GitHub refused what we sent: {said}")),
        408 | 500..=599 => {
            Failure::transient("github_unavailable", format!("GitHub answered {status}: {said}"))
        }
        300..=399 => Failure::permanent("moved", "GitHub says that this repository or issue has moved.")
            .hint("Run Automata under the repository's present name."),
        _ => Failure::permanent("unexpected_answer", format!("GitHub answered {status}: {said}")),
    }
}

/// Names the line to add under `permissions:`. GitHub tells what a call would take in
/// `x-accepted-github-permissions`: alternatives parted by `;`, each a list of `name=level`.
fn permission_hint(headers: &HeaderMap, needs: &str) -> String {
    let accepted = headers.get("x-accepted-github-permissions").and_then(|value| value.to_str().ok());
    let alternatives: Vec<String> = accepted
        .unwrap_or_default()
        .split(';')
        .map(|alternative| {
            let lines: Vec<String> = alternative
                .split(',')
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, level)| format!("`{}: {}`", name.trim().replace('_', "-"), level.trim()))
                .collect();
            lines.join(" and ")
        })
        .filter(|lines| !lines.is_empty())
        .collect();
    let ours = format!("`{needs}`");
    let lines = if alternatives.is_empty() || alternatives.contains(&ours) {
        ours
    } else {
        alternatives.join(" or ")
    };
    format!("Add {lines} under `permissions:` in the workflow.")
}

#[cfg(test)]
mod tests;

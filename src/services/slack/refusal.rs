//! What Slack's refusals mean: the one place where a status, its headers and its words become a failure.
//!
//! The words are those of docs.slack.dev/reference/methods/chat.postMessage and its neighbours.

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::domain::failure::Failure;
use crate::domain::time::Timestamp;
use crate::domain::untrusted::one_line;

/// How long to wait where Slack says that we are too fast and not for how long.
const UNNAMED_WAIT: Duration = Duration::from_secs(30);
/// The longest wait we believe.
const LONGEST_WAIT: Duration = Duration::from_hours(1);
/// Characters of a foreign word that are shown.
const WORD: usize = 100;

/// Until when Slack wants quiet, when this answer says so.
pub(super) fn quiet_until(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Option<Timestamp> {
    if status != StatusCode::TOO_MANY_REQUESTS {
        return None;
    }
    let named = headers.get("retry-after").and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let wait = named.map_or(UNNAMED_WAIT, Duration::from_secs);
    Some(now.plus(wait.clamp(Duration::from_secs(1), LONGEST_WAIT)))
}

/// The failure that an answer of the Web API with `ok: false` is. `needed` is the scope that it names.
pub(super) fn of_word(
    word: &str,
    needed: Option<&str>,
    variable: &str,
    channel: &str,
    now: Timestamp,
) -> Failure {
    let word = one_line(word, WORD);
    let permanent = |code: &str, told: &str, hint: String| {
        Failure::permanent(code, format!("{told} ({word})")).hint(hint)
    };
    match word.as_str() {
        "ratelimited" | "rate_limited" | "message_limit_exceeded" => {
            let until = now.plus(UNNAMED_WAIT);
            Failure::rate_limited(until, format!("Slack asked us to wait until {until}"))
        }
        "invalid_auth" | "not_authed" | "token_revoked" | "token_expired" | "account_inactive"
        | "not_allowed_token_type" | "no_permission" | "org_login_required" | "access_denied" => permanent(
            "slack_credentials",
            "Slack does not accept the token",
            format!("Put the bot's token, `xoxb-…`, into {variable}: it stands under \"OAuth & Permissions\" of the app."),
        ),
        "missing_scope" => {
            let needed = one_line(needed.unwrap_or("chat:write, channels:history"), WORD);
            permanent(
                "slack_scope",
                "the bot may not do this in Slack",
                format!("Add the scope {needed} to the app under \"OAuth & Permissions\" and install it again."),
            )
        }
        "channel_not_found" | "not_in_channel" | "is_archived" | "restricted_action"
        | "restricted_action_read_only_channel" | "restricted_action_thread_only_channel" => permanent(
            "slack_channel",
            &format!("Slack does not let the bot write into the channel {channel}"),
            "Invite the bot with `/invite @name`, and look at the channel's id in `slack` of the configuration.".to_owned(),
        ),
        "thread_not_found" | "cannot_reply_to_message" => {
            Failure::permanent(super::GONE_THREAD, "the thread in Slack is gone")
        }
        "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" | "team_added_to_org" => {
            Failure::transient("slack_unavailable", format!("Slack could not do it just now ({word})"))
        }
        _ => Failure::permanent("slack_refused", format!("Slack refused what we sent ({word})")),
    }
}

/// The failure of a status that is no success.
pub(super) fn of_status(status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Failure {
    if let Some(until) = quiet_until(status, headers, now) {
        return Failure::rate_limited(until, format!("Slack asked us to wait until {until}"));
    }
    match status.as_u16() {
        408 | 500..=599 => Failure::transient("slack_unavailable", format!("Slack answered {status}")),
        _ => Failure::permanent("slack_refused", format!("Slack answered {status}")).hint(
            "Look at `slack.url` of the configuration, and at what stands between this machine and Slack.",
        ),
    }
}

/// No answer came. The address may be a secret and is left out.
pub(super) fn unanswered(error: &reqwest::Error) -> Failure {
    let what = if error.is_timeout() {
        "Slack did not answer in time"
    } else if error.is_connect() {
        "there is no connection to Slack"
    } else {
        "the connection to Slack broke off"
    };
    Failure::transient("slack_unreachable", what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_whether_to_try_again_and_what_to_do() {
        let now = Timestamp::from_millis(0);
        let told = |word: &str| {
            let failure = of_word(word, Some("channels:history"), "SLACK_BOT_TOKEN", "C1", now);
            format!(
                "{:?} {}: {failure}. {}",
                failure.class,
                failure.code,
                failure.hint.as_deref().unwrap_or_default()
            )
        };
        insta::assert_snapshot!(
            ["invalid_auth", "missing_scope", "not_in_channel", "fatal_error", "ratelimited", "msg_blocks_too_long"].map(told).join("\n"),
            @r#"
    Permanent slack_credentials: Slack does not accept the token (invalid_auth). Put the bot's token, `xoxb-…`, into SLACK_BOT_TOKEN: it stands under "OAuth & Permissions" of the app.
    Permanent slack_scope: the bot may not do this in Slack (missing_scope). Add the scope channels:history to the app under "OAuth & Permissions" and install it again.
    Permanent slack_channel: Slack does not let the bot write into the channel C1 (not_in_channel). Invite the bot with `/invite @name`, and look at the channel's id in `slack` of the configuration.
    Transient slack_unavailable: Slack could not do it just now (fatal_error). 
    RateLimited(Timestamp(30000)) rate_limited: Slack asked us to wait until 1970-01-01T00:00:30Z. 
    Permanent slack_refused: Slack refused what we sent (msg_blocks_too_long).
    "#
        );
    }

    #[test]
    fn a_wait_that_slack_names_is_believed_within_reason() {
        let now = Timestamp::from_millis(0);
        let wait = |value: &str| {
            let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, value.parse().unwrap())]);
            quiet_until(StatusCode::TOO_MANY_REQUESTS, &headers, now).map(|until| until.since(now).as_secs())
        };
        assert_eq!(
            [wait("7"), wait("0"), wait("999999"), wait("soon")],
            [Some(7), Some(1), Some(3_600), Some(30)]
        );
        assert_eq!(quiet_until(StatusCode::OK, &HeaderMap::new(), now), None);
    }
}

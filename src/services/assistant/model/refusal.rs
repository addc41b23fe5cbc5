//! What a model provider's refusals mean: the one place where a status, its headers and its words become trouble.

use std::time::Duration;

use http::HeaderMap;
use http::header::RETRY_AFTER;
use serde_json::Value;

use super::conversation::Trouble;
use crate::domain::circuit::CUT;
use crate::domain::failure::Failure;
use crate::domain::untrusted::one_line;

/// Characters of a provider's words that a failure carries.
const WORDS: usize = 300;
/// The longest wait that is believed; a mistaken header must not park work for years.
const LONGEST_WAIT: Duration = Duration::from_hours(24);

/// Whom we talk to, for messages.
#[derive(Clone, Debug)]
pub(super) struct Whom {
    /// The assistant's name in the configuration.
    pub(super) name: String,
    /// The model.
    pub(super) model: String,
    /// The environment variable that holds the key.
    pub(super) key: Option<String>,
}

/// The provider's own words, of a body or of an event in a stream: `{"error": {"type", "code", "message"}}` nearly
/// everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// `context_length_exceeded`, `overloaded_error`: the code, or else the type.
    pub(super) code: String,
    /// A status inside the body, where the stream had begun before things went wrong.
    pub(super) status: Option<u16>,
    /// A sentence, not to be trusted with markup or length.
    pub(super) message: String,
}

impl Words {
    pub(super) fn read(body: &str) -> Self {
        match serde_json::from_str::<Value>(body) {
            Ok(body) => Self::of(&body),
            Err(_) => Self { message: one_line(body, WORDS), ..Self::default() },
        }
    }

    pub(super) fn of(body: &Value) -> Self {
        // Google's compatible endpoint wraps the object into a list.
        let body = body.get(0).unwrap_or(body);
        let error = body.get("error").unwrap_or(body);
        let text = |name: &str| error.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let status = ["code", "status", "status_code"].iter().find_map(|name| {
            let number = error.get(name)?;
            let number = number.as_u64().or_else(|| number.as_str()?.parse().ok())?;
            u16::try_from(number).ok().filter(|status| (400..600).contains(status))
        });
        let message =
            text("message").or_else(|| error.as_str()).or_else(|| text("detail")).unwrap_or_default();
        Self {
            code: text("code").or_else(|| text("type")).unwrap_or_default().to_owned(),
            status,
            message: one_line(message, WORDS),
        }
    }

    fn told(&self) -> String {
        match (self.message.as_str(), self.code.as_str()) {
            ("", "") => "no reason given".to_owned(),
            ("", code) => code.to_owned(),
            (message, _) => message.trim_end_matches('.').to_owned(),
        }
    }

    /// Whether the conversation is too long for the model. The codes of OpenAI and of llama.cpp; the words of
    /// Anthropic, of vLLM and of whoever copied OpenAI's sentence without its code.
    fn is_too_long(&self) -> bool {
        let message = self.message.to_ascii_lowercase();
        ["context_length_exceeded", "exceed_context_size_error", "request_too_large"]
            .contains(&self.code.as_str())
            || ["prompt is too long", "maximum context length", "context window", "too many input tokens"]
                .iter()
                .any(|words| message.contains(words))
    }
}

/// What a refusal means.
pub(super) fn trouble(status: u16, headers: &HeaderMap, words: &Words, whom: &Whom) -> Trouble {
    let Whom { name, model, key } = whom;
    let told = words.told();
    let is_spent =
        ["insufficient_quota", "billing_error", "insufficient_balance"].contains(&words.code.as_str());
    match status {
        // What stands beside it may repeat a part of the key, so it is not told.
        401 | 403 => Trouble::Final(
            Failure::permanent("model_access_denied", format!("`{name}` does not accept our key (status {status})"))
                .hint(match key {
                    Some(key) => format!("Look at the secret behind the environment variable {key}, and whether its account may use the model {model}."),
                    None => "It wants a key: name the environment variable that holds it as `key` of this assistant.".to_owned(),
                }),
        ),
        402 => Trouble::Final(spent(name, &told, key.as_ref())),
        429 if is_spent => Trouble::Final(spent(name, &told, key.as_ref())),
        413 => Trouble::TooLong(told),
        400 | 422 if words.is_too_long() => Trouble::TooLong(told),
        404 => Trouble::Final(
            Failure::permanent("model_not_found", format!("`{name}` does not know the model {model}, or not this address: {told}"))
                .hint("Look at `model` and `url` of this assistant in .github/automata.yml."),
        ),
        300..=399 => Trouble::Final(
            Failure::permanent("model_moved", format!("`{name}` sends us to another address (status {status})"))
                .hint("Keys are not carried elsewhere: set `url` of this assistant to where the endpoint is now."),
        ),
        408 | 409 | 425 | 429 | 500..=599 => Trouble::Busy(
            Failure::transient("model_busy", format!("`{name}` cannot answer now (status {status}): {told}")),
            retry_after(headers),
        ),
        _ if ["content_filter", "content_policy_violation"].contains(&words.code.as_str()) => {
            Trouble::Final(refused(name, &told))
        }
        _ => Trouble::Final(
            Failure::permanent("model_refused_request", format!("`{name}` refuses the request (status {status}): {told}"))
                .hint(format!("See whether the model {model} can call tools, and look at this assistant's settings in .github/automata.yml.")),
        ),
    }
}

/// What an error means that comes in the middle of a stream, where the status was 200.
pub(super) fn in_stream(words: &Words, whom: &Whom) -> Trouble {
    // The types of Anthropic, <https://platform.claude.com/docs/en/api/errors>, and OpenAI's `server_error`.
    let status = words.status.unwrap_or(match words.code.as_str() {
        "authentication_error" | "permission_error" => 403,
        "invalid_request_error" => 400,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" | "rate_limit_exceeded" => 429,
        "overloaded_error" => 529,
        _ => 500,
    });
    trouble(status, &HeaderMap::new(), words, whom)
}

/// The model, or a filter, declined to answer.
pub(super) fn refused(name: &str, told: &str) -> Failure {
    Failure::permanent("model_declined", format!("`{name}` declines to work on this: {told}"))
        .hint("Give the issue to a person, or name another assistant after this one.")
}

/// The connection did not hold.
pub(super) fn lost(name: &str, what: &str) -> Trouble {
    Trouble::Busy(
        Failure::transient("model_unreachable", format!("`{name}` could not be reached: {what}")),
        None,
    )
}

/// The stream ended before the answer did.
pub(super) fn cut(name: &str) -> Trouble {
    Trouble::Busy(Failure::transient(CUT, format!("the answer of `{name}` broke off in the middle")), None)
}

/// What came is no answer.
pub(super) fn nonsense(name: &str, what: &str) -> Trouble {
    Trouble::Final(
        Failure::permanent(
            "model_nonsense",
            format!("`{name}` answers with something that is no answer: {what}"),
        )
        .hint("Look at `url` of this assistant in .github/automata.yml."),
    )
}

fn spent(name: &str, told: &str, key: Option<&String>) -> Failure {
    let account = key.map_or_else(|| "its account".to_owned(), |key| format!("the account behind {key}"));
    Failure::permanent("model_account_spent", format!("the account of `{name}` has no credit left: {told}"))
        .hint(format!("Add credit to {account}, or name another assistant."))
}

/// How long the provider asks us to wait. `retry-after` counts seconds; its form as a date is not used by any of them.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: f64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok().map(|wait| wait.min(LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(status: u16, body: &Value) -> Trouble {
        let whom = Whom { name: "openai".into(), model: "m-1".into(), key: Some("OPENAI_API_KEY".into()) };
        trouble(status, &HeaderMap::new(), &Words::read(&body.to_string()), &whom)
    }

    fn code(trouble: &Trouble) -> &str {
        match trouble {
            Trouble::TooLong(_) => "too long",
            Trouble::Busy(failure, _) | Trouble::Final(failure) => &failure.code,
        }
    }

    #[test]
    fn a_key_that_is_not_accepted_is_not_repeated_and_its_variable_is_named() {
        let body = json!({ "error": { "message": "Incorrect API key provided: sk-abc**xyz", "code": "invalid_api_key" } });
        insta::assert_debug_snapshot!(of(401, &body), @r#"
        Final(
            Failure {
                class: Permanent,
                code: "model_access_denied",
                message: "`openai` does not accept our key (status 401)",
                hint: Some(
                    "Look at the secret behind the environment variable OPENAI_API_KEY, and whether its account may use the model m-1.",
                ),
            },
        )
        "#);
    }

    #[test]
    fn every_provider_says_in_its_own_words_that_the_conversation_is_too_long() {
        for (status, body) in [
            (
                400,
                json!({ "error": { "code": "context_length_exceeded", "message": "This model's maximum …" } }),
            ),
            (
                400,
                json!({ "type": "error", "error": { "type": "invalid_request_error", "message": "prompt is too long: 200001 tokens > 200000 maximum" } }),
            ),
            (
                400,
                json!({ "object": "error", "message": "This model's maximum context length is 4096 tokens." }),
            ),
            (
                400,
                json!({ "error": { "code": 400, "type": "exceed_context_size_error", "message": "the request exceeds the available context size" } }),
            ),
            (
                413,
                json!({ "type": "error", "error": { "type": "request_too_large", "message": "Request exceeds the maximum size" } }),
            ),
        ] {
            assert_eq!(code(&of(status, &body)), "too long", "{body}");
        }
    }

    #[test]
    fn what_may_pass_is_told_from_what_will_not() {
        let empty = json!({});
        for (status, expected) in [
            (400, "model_refused_request"),
            (402, "model_account_spent"),
            (404, "model_not_found"),
            (307, "model_moved"),
            (408, "model_busy"),
            (429, "model_busy"),
            (500, "model_busy"),
            (529, "model_busy"),
        ] {
            assert_eq!(code(&of(status, &empty)), expected, "{status}");
        }
        let quota = json!({ "error": { "type": "insufficient_quota", "code": "insufficient_quota", "message": "You exceeded your current quota." } });
        assert_eq!(code(&of(429, &quota)), "model_account_spent");
        let filter =
            json!({ "error": { "code": "content_filter", "message": "The prompt triggered a policy." } });
        assert_eq!(code(&of(400, &filter)), "model_declined");
    }

    #[test]
    fn a_stranger_page_instead_of_json_is_cut_to_a_line() {
        let words = Words::read(&format!("<html>\n<b>502</b>\u{202e}{}", "x".repeat(1_000)));
        assert!(words.message.starts_with("<html> <b>502</b>xx"), "{}", words.message);
        assert_eq!(words.message.chars().count(), WORDS);
    }
}

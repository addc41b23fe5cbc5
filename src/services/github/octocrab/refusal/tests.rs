//! Refusals as GitHub sends them, and what we make of them.

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_795_341_600_000);

fn seen(status: u16, headers: &[(&'static str, &str)], body: &str) -> String {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap()))
        .collect();
    let status = StatusCode::from_u16(status).unwrap();
    let failure = failure(status, &headers, &Words::read(body), "issues: write", NOW);
    let class = match failure.class {
        crate::domain::failure::FailureClass::RateLimited(until) => format!("wait {:?}", until.since(NOW)),
        class => format!("{class:?}"),
    };
    format!("{class} | {} | {} | {}", failure.code, failure.message, failure.hint.unwrap_or_default())
}

#[test]
fn waits_come_from_the_header_that_names_them() {
    let secondary = r#"{"message":"You have exceeded a secondary rate limit."}"#;
    let reset = (NOW.as_millis() / 1_000 + 600).to_string();
    let spent = [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset.as_str())];
    let not_spent = [("x-ratelimit-remaining", "17"), ("x-ratelimit-reset", reset.as_str())];
    insta::assert_snapshot!([
        seen(429, &[("retry-after", "30")], secondary),
        seen(403, &[("retry-after", "7")], secondary),
        seen(403, &spent, r#"{"message":"API rate limit exceeded for installation."}"#),
        seen(429, &spent, "{}"),
        seen(403, &not_spent, secondary),
        seen(429, &[("retry-after", "99999999999999")], "{}"),
        seen(429, &[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT")], "{}"),
    ].join("\n"), @"");
}

#[test]
fn a_missing_permission_names_its_line() {
    let integration = r#"{"message":"Resource not accessible by integration","status":"403"}"#;
    let accepts = |value: &str| seen(403, &[("x-accepted-github-permissions", value)], integration);
    insta::assert_snapshot!([
        seen(403, &[], integration),
        accepts("issues=write; pull_requests=write"),
        accepts("pull_requests=write,contents=read"),
        accepts("administration=read; metadata=read"),
        accepts("nonsense"),
        seen(403, &[], r#"{"message":"GitHub Actions is not permitted to create or approve pull requests."}"#),
    ].join("\n"), @"");
}

#[test]
fn other_refusals_carry_githubs_words() {
    insta::assert_snapshot!([
        seen(401, &[], r#"{"message":"Bad credentials"}"#),
        seen(404, &[], r#"{"message":"Not Found"}"#),
        seen(410, &[], r#"{"message":"This issue was deleted"}"#),
        seen(422, &[], r#"{"message":"Validation Failed","errors":[{"resource":"Label","field":"name","code":"invalid"},{"code":"custom","message":"No commits between main and fix"},"plain",7]}"#),
        seen(409, &[], "{}"),
        seen(502, &[], "<html>\u{1b}[31mUnicorn!</html>"),
        seen(301, &[], r#"{"message":"Moved Permanently"}"#),
        seen(418, &[], ""),
    ].join("\n"), @"");
}

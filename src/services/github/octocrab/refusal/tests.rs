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
    ].join("\n"), @"
    wait 30s | rate_limited | GitHub asked us to wait until 2026-11-22T10:00:30Z: You have exceeded a secondary rate limit. | 
    wait 7s | rate_limited | GitHub asked us to wait until 2026-11-22T10:00:07Z: You have exceeded a secondary rate limit. | 
    wait 600s | rate_limited | GitHub asked us to wait until 2026-11-22T10:10:00Z: API rate limit exceeded for installation. | 
    wait 600s | rate_limited | GitHub asked us to wait until 2026-11-22T10:10:00Z: no reason given | 
    wait 60s | rate_limited | GitHub asked us to wait until 2026-11-22T10:01:00Z: You have exceeded a secondary rate limit. | 
    wait 86400s | rate_limited | GitHub asked us to wait until 2026-11-23T10:00:00Z: no reason given | 
    wait 60s | rate_limited | GitHub asked us to wait until 2026-11-22T10:01:00Z: no reason given |
    ");
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
    ].join("\n"), @r#"
    Permanent | missing_permission | GitHub does not allow this call: Resource not accessible by integration | Add `issues: write` under `permissions:` in the workflow.
    Permanent | missing_permission | GitHub does not allow this call: Resource not accessible by integration | Add `issues: write` under `permissions:` in the workflow.
    Permanent | missing_permission | GitHub does not allow this call: Resource not accessible by integration | Add `pull-requests: write` and `contents: read` under `permissions:` in the workflow.
    Permanent | missing_permission | GitHub does not allow this call: Resource not accessible by integration | Add `administration: read` or `metadata: read` under `permissions:` in the workflow.
    Permanent | missing_permission | GitHub does not allow this call: Resource not accessible by integration | Add `issues: write` under `permissions:` in the workflow.
    Permanent | pull_requests_not_allowed | GitHub Actions is not permitted to create or approve pull requests. | Turn on "Allow GitHub Actions to create and approve pull requests" under Settings, Actions, General, or hand in the token of a GitHub App.
    "#);
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
    ].join("\n"), @"
    Permanent | bad_credentials | GitHub does not accept the token: Bad credentials | A workflow's token ends with its run; another token may have expired or been revoked.
    Permanent | not_found | GitHub does not find it: Not Found | It is gone, or the token may not see it: Add `issues: write` under `permissions:` in the workflow.
    Permanent | gone | It is gone for good: This issue was deleted | The issue was deleted, or issues are turned off in the repository's settings.
    Permanent | refused | GitHub refused what we sent: Validation Failed: Label name invalid; No commits between main and fix; plain | 
    Transient | conflict | Something changed at the same moment: no reason given | 
    Transient | github_unavailable | GitHub answered 502 Bad Gateway: no reason given | 
    Permanent | moved | GitHub says that this repository or issue has moved. | Run Automata under the repository's present name.
    Permanent | unexpected_answer | GitHub answered 418 I'm a teapot: no reason given |
    ");
}

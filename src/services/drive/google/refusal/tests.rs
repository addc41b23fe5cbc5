//! Unit tests of what an answer means that is no success.

use serde_json::json;

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_000_000);

fn of(status: u16, body: &str) -> Error {
    error(StatusCode::from_u16(status).unwrap(), &HeaderMap::new(), body.as_bytes(), NOW)
}

fn api(status: u16, message: &str, reasons: &[&str]) -> Error {
    let errors: Vec<_> =
        reasons.iter().map(|reason| json!({ "domain": "global", "reason": reason })).collect();
    of(status, &json!({ "error": { "code": status, "message": message, "errors": errors } }).to_string())
}

#[test]
fn the_reason_counts_wherever_it_stands() {
    assert_eq!(api(403, "x", &["forbidden", "userRateLimitExceeded"]).reason, Reason::RateLimit);
    assert_eq!(api(403, "x", &["somethingNew", "storageQuotaExceeded"]).reason, Reason::StorageFull);
    assert_eq!(api(403, "x", &["insufficientFilePermissions"]).reason, Reason::NotAllowed);
    assert_eq!(api(403, "x", &[]).reason, Reason::NotAllowed);
}

#[test]
fn a_scope_that_is_too_small_is_told_from_a_role_that_is() {
    let body = json!({ "error": { "code": 403, "message": "Request had insufficient authentication scopes.",
        "errors": [{ "reason": "forbidden" }],
        "details": [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT" }] } });
    insta::assert_debug_snapshot!(of(403, &body.to_string()), @r#"
    Error {
        reason: ScopeTooSmall,
        class: Auth,
        status: Some(
            403,
        ),
        message: "Drive refused: Request had insufficient authentication scopes",
        hint: Some(
            "Grant the scope https://www.googleapis.com/auth/drive: at the OAuth client's consent, or under domain-wide delegation in the admin console.",
        ),
    }
    "#);
}

#[test]
fn sharing_that_was_done_without_its_mail_is_told_from_sharing_that_was_refused() {
    let mail = "Bad Request. User message: \"Sharing succeeded, but the notification email was not correctly delivered.\"";
    assert_eq!(api(400, mail, &["invalidSharingRequest"]).reason, Reason::SharedWithoutMail);
    let refused =
        api(400, "Bad Request. User message: \"ACL change not allowed.\"", &["invalidSharingRequest"]);
    assert_eq!(refused.reason, Reason::SharingRefused);
}

#[test]
fn a_missing_grant_is_told_from_a_missing_file() {
    assert_eq!(api(404, "Permission not found: 12.", &["notFound"]).reason, Reason::PermissionNotFound);
    assert_eq!(api(404, "File not found: abc.", &["notFound"]).reason, Reason::NotFound);
}

#[test]
fn pages_of_html_and_nothing_at_all_are_understood() {
    let page = "<html><head><title>502 Bad Gateway</title><style>body{}</style></head><body>x</body></html>";
    insta::assert_snapshot!(of(502, page), @"Drive answered 502: 502 Bad Gateway");
    insta::assert_snapshot!(of(503, ""), @"Drive answered 503: no reason given");
    insta::assert_snapshot!(of(302, "[1,2]"), @"Drive answered 302: no reason given");
    assert_eq!(of(502, page).class, Class::Transient);
    assert_eq!(of(429, "").class, Class::RateLimited(None));
}

#[test]
fn a_certificate_that_nobody_vouches_for_says_where_to_name_who_does() {
    let told = unreached("invalid peer certificate: UnknownIssuer");
    assert!(told.hint.unwrap().contains("AUTOMATA_CA_FILE") && told.class == Class::Transient);
    assert_eq!(unreached("Connection refused (os error 111)").hint, None);
}

#[test]
fn a_person_is_told_when_drive_wants_to_be_asked_again() {
    let headers = HeaderMap::from_iter([(RETRY_AFTER, "3600".parse().unwrap())]);
    let error = error(StatusCode::TOO_MANY_REQUESTS, &headers, b"", NOW);
    insta::assert_snapshot!(error.hint.unwrap(), @"Drive asks for no more of this before 1970-01-01T01:16:40Z.");
    assert!(api(403, "x", &["userRateLimitExceeded"]).hint.unwrap().contains("in a minute"));
    assert!(api(503, "x", &["backendError"]).hint.is_some() && api(400, "x", &["badRequest"]).hint.is_some());
}

#[test]
fn oauth_has_its_own_form() {
    let body = json!({ "error": "invalid_grant", "error_description": "Token has been expired or revoked." });
    let error = of(400, &body.to_string());
    assert_eq!((error.reason, error.class), (Reason::GrantOver, Class::Auth));
    insta::assert_snapshot!(error, @"Drive refused: invalid_grant: Token has been expired or revoked");
}

#[test]
fn a_wait_that_was_named_is_kept_to_and_a_wrong_one_is_not() {
    let limited = |seconds: &str| {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, seconds.parse().unwrap())]);
        error(StatusCode::TOO_MANY_REQUESTS, &headers, b"", NOW).class
    };
    assert_eq!(limited("7"), Class::RateLimited(Some(NOW.plus(Duration::from_secs(7)))));
    assert_eq!(limited("99999999999"), Class::RateLimited(Some(NOW.plus(LONGEST_WAIT))));
    assert_eq!(limited("soon"), Class::RateLimited(None));
    let far = NOW.plus(LONGEST_WAIT);
    let soon = Class::RateLimited(Some(Timestamp::from_millis(1_060_000)));
    assert_eq!(limited("Thu, 01 Jan 1970 00:17:40 GMT"), soon);
    assert_eq!(limited("Thu, 01 Jan 1970 00:00:00 GMT"), Class::RateLimited(Some(NOW)), "it is over");
    assert_eq!(limited("Sun, 06 Nov 2094 08:49:37 GMT"), Class::RateLimited(Some(far)));
    assert_eq!(date("Sun, 06 Nov 1994 08:49:37 GMT"), "1994-11-06T08:49:37Z".parse().ok());
    for none in [
        "06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 99 Nov 1994 08:49:37 GMT",
    ] {
        assert_eq!(limited(none), Class::RateLimited(None), "{none}");
    }
}

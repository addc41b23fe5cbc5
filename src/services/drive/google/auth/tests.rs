//! Unit tests of what credentials are understood, and of what is said about those that are not.

use serde_json::json;

use super::*;

fn said(text: &str) -> String {
    let error = Credential::read(text).map(|_| ()).unwrap_err();
    assert_eq!(error.reason, Reason::BadCredentials);
    error.message
}

#[test]
fn each_fault_is_named_and_nothing_of_the_file_is_repeated() {
    let key = "-----BEGIN PRIVATE KEY-----\nSECRET\n-----END PRIVATE KEY-----\n";
    let of = |file: serde_json::Value| said(&file.to_string());
    let user = json!({ "type": "authorized_user", "client_id": "c", "client_secret": "SECRET", "refresh_token": "SECRET" });
    let target = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com:generateAccessToken";
    let told = [
        said(" \n"),
        said("SECRET"),
        said("{ \"private_key\": \"SECRET\", }"),
        of(json!({ "private_key": "SECRET" })),
        of(json!({ "type": "gdch_service_account", "private_key": "SECRET" })),
        of(json!({ "type": "impersonated_service_account", "service_account_impersonation_url": "SECRET" })),
        of(json!({ "type": "impersonated_service_account", "source_credentials": user,
            "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/x:generateIdToken" })),
        of(
            json!({ "type": "impersonated_service_account", "source_credentials": user, "delegates": ["../SECRET"],
            "service_account_impersonation_url": target }),
        ),
        of(json!({ "type": "impersonated_service_account", "service_account_impersonation_url": target,
            "source_credentials": { "type": "authorized_user", "client_id": "SECRET" } })),
        of(json!({ "installed": { "client_secret": "SECRET" } })),
        of(json!({ "type": "service_account", "private_key": key })),
        of(json!({ "type": "service_account", "client_email": "", "private_key": key })),
        of(json!({ "type": "service_account", "client_email": "a@example.org", "private_key": 7 })),
        of(json!({ "type": "service_account", "client_email": "a@example.org", "private_key": "SECRET" })),
        of(json!({ "type": "service_account", "client_email": "a@example.org", "private_key": key,
            "token_uri": "http://example.org/SECRET" })),
        of(json!({ "type": "authorized_user", "client_id": "x", "client_secret": "SECRET" })),
        of(json!({ "type": "external_account", "audience": "x" })),
        of(json!({ "type": "external_account", "audience": "x", "credential_source": { "executable": {} } })),
    ];
    assert!(!told.join(" ").contains("SECRET"), "{told:#?}");
    insta::assert_snapshot!(told.join("\n"), @"
    the credentials for Drive are empty
    they are neither JSON nor the path of a file that is there
    the credentials for Drive are no JSON (line 1, column 28)
    the credentials for Drive lack `type`
    credentials of the type `gdch_service_account` are not known
    the credentials lack `source_credentials`
    `service_account_impersonation_url` of the credentials does not end with `…:generateAccessToken`
    one of `delegates` is no service account
    the credentials lack `client_secret`
    this is an OAuth client, not the credentials of somebody
    the credentials lack `client_email`
    `client_email` of the credentials is empty
    `private_key` of the credentials is no text
    `private_key` of the credentials is no key in PEM: it begins with -----BEGIN PRIVATE KEY-----
    the token_uri of the credentials begins with something else than https://
    the credentials lack `refresh_token`
    the credentials lack `credential_source`
    `credential_source` of the credentials has neither `url` nor `file`
    ");
}

#[test]
fn what_gcloud_and_forms_write_is_understood_in_every_wrapping() {
    let file = json!({ "type": "authorized_user", "client_id": "c", "client_secret": "SECRET", "refresh_token": "SECRET" });
    let packed = base64::engine::general_purpose::STANDARD.encode(file.to_string());
    let (first, second) = packed.split_at(40);
    for text in
        [file.to_string(), format!("\u{feff}{file}\n"), packed.clone(), format!("{first}\n{second}\n")]
    {
        let credential = Credential::read(&text).unwrap();
        assert_eq!(credential.sort(), Sort::User);
        insta::allow_duplicates! {
            insta::assert_snapshot!(format!("{credential:?}"), @"Credential { sort: User, .. }");
        }
    }
}

#[test]
fn a_key_whose_line_ends_were_written_out_is_mended() {
    let file = json!({ "type": "service_account", "client_email": "robot@p.iam.gserviceaccount.com",
        "private_key": "-----BEGIN PRIVATE KEY-----\\nAA\\n-----END PRIVATE KEY-----\\n" });
    let credential = Credential::read(&file.to_string()).unwrap();
    assert_eq!(credential.account(), Some("robot@p.iam.gserviceaccount.com"));
    match credential.0 {
        Kind::ServiceAccount(key) => assert_eq!(key.private_key.lines().count(), 3),
        _ => panic!("another sort"),
    }
}

#[test]
fn the_file_of_googles_own_action_is_understood() {
    let file = json!({
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/g",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {
            "url": "https://pipelines.actions.githubusercontent.com/x?api-version=2.0&audience=y",
            "headers": { "Authorization": "Bearer SECRET" },
            "format": { "type": "json", "subject_token_field_name": "value" }
        },
        "service_account_impersonation_url":
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com:generateAccessToken"
    });
    let credential = Credential::read(&file.to_string()).unwrap();
    assert_eq!(credential.sort(), Sort::ActsAsServiceAccount);
    assert_eq!(credential.account(), Some("robot@p.iam.gserviceaccount.com"));
}

#[test]
fn what_gcloud_writes_for_impersonation_is_understood() {
    let file = json!({
        "type": "impersonated_service_account",
        "delegates": ["between@p.iam.gserviceaccount.com", "projects/-/serviceAccounts/last@p.iam.gserviceaccount.com"],
        "service_account_impersonation_url":
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/robot@p.iam.gserviceaccount.com:generateAccessToken",
        "source_credentials": { "type": "authorized_user", "client_id": "c", "client_secret": "SECRET",
            "refresh_token": "SECRET that only this user has" }
    });
    let credential = Credential::read(&file.to_string()).unwrap();
    assert_eq!(credential.sort(), Sort::ActsAsServiceAccount);
    assert_eq!(credential.account(), Some("robot@p.iam.gserviceaccount.com"));
    assert!(credential.seal("uploads").is_some(), "the user's secret lasts");
    match credential.0 {
        Kind::Impersonated(impersonated) => assert_eq!(
            impersonated.target.delegates,
            [
                "projects/-/serviceAccounts/between@p.iam.gserviceaccount.com",
                "projects/-/serviceAccounts/last@p.iam.gserviceaccount.com"
            ]
        ),
        _ => panic!("another sort"),
    }
}

#[test]
fn an_account_is_the_same_in_every_copy_of_its_credentials() {
    let federation = |request: &str, account: &str| {
        Credential::read(
            &json!({
                "type": "external_account", "audience": "//iam.googleapis.com/x", "subject_token_type": "jwt",
                "token_url": "https://sts.googleapis.com/v1/token",
                "credential_source": {
                    "url": format!("https://actions.example/{request}"),
                    "headers": { "Authorization": format!("Bearer {request}") },
                },
                "service_account_impersonation_url":
                    format!("https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{account}:generateAccessToken"),
            })
            .to_string(),
        )
        .unwrap()
        .identity()
    };
    let one = federation("job-1", "bot@acme.example");
    assert_eq!(one, federation("job-2", "bot@acme.example"));
    assert_ne!(one, federation("job-1", "other@acme.example"));
}

#[test]
fn what_was_read_is_wiped_with_all_that_it_holds() {
    let mut file = json!({ "a": "secret", "b": [{ "c": "secret" }, 1, null], "d": true });
    wipe(&mut file);
    assert_eq!(file, json!({ "a": "", "b": [{ "c": "" }, 1, null], "d": true }));
}

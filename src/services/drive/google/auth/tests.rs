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
    let told = [
        said(" \n"),
        said("SECRET"),
        said("{ \"private_key\": \"SECRET\", }"),
        of(json!({ "private_key": "SECRET" })),
        of(json!({ "type": "impersonated_service_account" })),
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
    the credentials for Drive are no JSON (line 1, column 1)
    the credentials for Drive are no JSON (line 1, column 28)
    the credentials for Drive lack `type`
    credentials of the type `impersonated_service_account` are not known
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
fn a_workflow_that_may_not_show_who_it_is_is_told_so() {
    let of = |provider: &str, account: Option<&str>, url: &str| {
        let workflow = Workflow {
            provider: provider.to_owned(),
            service_account: account.map(ToOwned::to_owned),
            request_url: url.to_owned(),
            request_token: Secret::new("SECRET"),
        };
        Credential::workflow(&workflow, &Endpoints::default())
    };
    let provider = "projects/1/locations/global/workloadIdentityPools/p/providers/g";
    assert_eq!(of(provider, None, "https://x.example/?a=b").unwrap().sort(), Sort::Federated);
    let error = of(provider, None, "").unwrap_err();
    insta::assert_snapshot!(format!("{error}. {}", error.hint.clone().unwrap_or_default()), @"GitHub hands this workflow no identity. Add `id-token: write` under `permissions:`.");
    assert!(of("my-provider", None, "https://x.example/").is_err());
    assert!(of(provider, Some("a@b/../c"), "https://x.example/").is_err());
}

#[test]
fn a_setting_is_the_credentials_or_the_path_of_their_file() {
    let file = json!({ "type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "SECRET" });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("credentials.json");
    std::fs::write(&path, file.to_string()).unwrap();
    let packed = base64::engine::general_purpose::STANDARD.encode(file.to_string());
    for setting in [file.to_string(), packed, path.display().to_string()] {
        assert_eq!(Credential::of_setting(&setting).unwrap().sort(), Sort::User);
    }
    let missing = Credential::of_setting("no/such/file.json").unwrap_err();
    assert!(missing.message.contains("no/such/file.json"), "{missing}");
    let torn = Credential::of_setting("\"private_key\": \"SECRET\"").unwrap_err();
    assert!(!torn.message.contains("SECRET"));
}

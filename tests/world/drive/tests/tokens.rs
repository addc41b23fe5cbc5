//! Where tokens come from, and what runs out.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{Caller, MONA, reason, told};
use crate::world::drive::{AUDIENCE, DriveWorld, SERVICE_ACCOUNT, jwt};

#[tokio::test]
async fn a_service_account_has_tokens_for_its_key_but_no_storage() {
    let world = DriveWorld::start();
    let mut robot = Caller::of(&world, SERVICE_ACCOUNT);
    let now = 1_795_341_600;
    let claims = |subject: Option<&str>| {
        let mut claims = json!({
            "iss": SERVICE_ACCOUNT, "aud": format!("{}/token", world.url()), "iat": now, "exp": now + 3_600,
            "scope": "https://www.googleapis.com/auth/drive",
        });
        if let Some(subject) = subject {
            claims["sub"] = json!(subject);
        }
        jwt::signed(&claims)
    };
    let ask = async |assertion: String| {
        let form =
            format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={assertion}");
        let request = robot.client.post(format!("{}/token", world.url()));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        told(request.send().await.unwrap()).await
    };
    let (status, given) = ask(claims(None)).await;
    assert_eq!(status, 200);
    assert_eq!(ask(claims(Some(MONA))).await.1["error"], "unauthorized_client");
    world.delegate("acme.example");
    let (_, delegated) = ask(claims(Some(MONA))).await;
    assert_eq!(ask("a.b.c".to_owned()).await.1["error"], "invalid_grant");
    robot.token = given["access_token"].as_str().unwrap().to_owned();
    let upload = async |caller: &Caller<'_>| {
        let request = caller.request(Method::POST, "/upload/drive/v3/files?uploadType=media");
        told(request.header("content-type", "text/plain").body("x").send().await.unwrap()).await
    };
    assert_eq!(reason(&upload(&robot).await), (403, "storageQuotaExceeded"));
    robot.token = delegated["access_token"].as_str().unwrap().to_owned();
    assert_eq!(upload(&robot).await.0, 200);
    world.expire_tokens();
    assert_eq!(reason(&upload(&robot).await), (401, "authError"));
}

#[tokio::test]
async fn an_identity_of_github_becomes_a_service_account_while_it_is_fresh() {
    let clock = std::sync::Arc::new(crate::world::github::clock::VirtualClock::default());
    let world = DriveWorld::start_by(std::sync::Arc::clone(&clock) as _);
    let caller = Caller::of(&world, MONA);
    let identity = async || {
        let request =
            caller.client.get(format!("{}/oidc?audience=automata", world.url())).bearer_auth("request-token");
        told(request.send().await.unwrap()).await.1["value"].as_str().unwrap().to_owned()
    };
    let exchange = async |token: &str| {
        let body = json!({
            "grantType": "urn:ietf:params:oauth:grant-type:token-exchange", "audience": AUDIENCE,
            "requestedTokenType": "urn:ietf:params:oauth:token-type:access_token",
            "subjectTokenType": "urn:ietf:params:oauth:token-type:jwt", "subjectToken": token,
            "scope": "https://www.googleapis.com/auth/cloud-platform",
        });
        told(caller.client.post(format!("{}/v1/token", world.url())).json(&body).send().await.unwrap()).await
    };
    let stale = identity().await;
    clock.advance(Duration::from_secs(301));
    assert_eq!(exchange(&stale).await.1["error"], "invalid_grant");
    let (_, federated) = exchange(&identity().await).await;
    let become_one = async |method: &str, body: Value| {
        let path = format!("{}/v1/projects/-/serviceAccounts/{SERVICE_ACCOUNT}:{method}", world.url());
        let request = caller.client.post(path).bearer_auth(federated["access_token"].as_str().unwrap());
        told(request.json(&body).send().await.unwrap()).await
    };
    let (status, given) = become_one(
        "generateAccessToken",
        json!({ "scope": ["https://www.googleapis.com/auth/drive"], "lifetime": "600s" }),
    )
    .await;
    assert_eq!((status, given["accessToken"].is_string()), (200, true));
    let (_, signed) = become_one("signJwt", json!({ "payload": "{\"iss\":\"x\"}" })).await;
    assert_eq!(jwt::verified(signed["signedJwt"].as_str().unwrap()).unwrap()["iss"], "x");
    world.forbid_impersonation();
    assert_eq!(become_one("signJwt", json!({ "payload": "{}" })).await.0, 403);
}

#[tokio::test]
async fn quotas_run_out() {
    let world = DriveWorld::start();
    let mona = Caller::of(&world, MONA);
    world.bound_units(205);
    assert_eq!(mona.get("/drive/v3/files").await.0, 200);
    assert_eq!(mona.get("/drive/v3/files").await.0, 200);
    assert_eq!(mona.get("/drive/v3/files/root").await.0, 200);
    assert_eq!(reason(&mona.get("/drive/v3/files").await), (403, "userRateLimitExceeded"));
}

//! Every sort of credentials comes to a token, which nobody sees.

use std::sync::Arc;
use std::time::Duration;

use automata::services::clock::SystemClock;
use automata::services::drive::google::Credential;
use automata::services::drive::room::{self, Storage};
use automata::services::drive::{Class, Drive, Reason};

use super::stage::{MONA, Stage, api};
use crate::world::drive::{DriveWorld, Fault, SERVICE_ACCOUNT};

async fn who(drive: &impl Drive) -> String {
    drive.about().await.unwrap().me.email.unwrap()
}

#[tokio::test]
async fn a_key_acts_as_its_service_account_and_for_users_of_an_organisation_that_agreed() {
    // The crate that signs the claim reads the machine's clock.
    let world = DriveWorld::start_by(Arc::new(SystemClock));
    world.delegate("acme.example");
    let key = || Credential::read(&world.service_account_json()).unwrap();
    let robot = api(&world, key(), None, Arc::new(SystemClock)).await.unwrap();
    assert_eq!(who(&robot).await, SERVICE_ACCOUNT);
    who(&robot).await;
    assert_eq!(world.count("POST /token"), 1, "the second call has the first one's token");
    let for_mona = api(&world, key(), Some(MONA), Arc::new(SystemClock)).await.unwrap();
    assert_eq!(who(&for_mona).await, MONA);
    let stranger = api(&world, key(), Some("x@other.example"), Arc::new(SystemClock)).await.unwrap();
    let error = stranger.about().await.unwrap_err();
    assert_eq!((error.class, error.status), (Class::Auth, Some(401)));
    insta::assert_snapshot!(error, @"Google's exchange of the service account's key: unauthorized_client: Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the scopes requested");
    assert!(error.hint.unwrap().contains("domain-wide delegation"));
}

#[tokio::test]
async fn a_key_that_google_no_longer_knows_is_told_with_googles_own_words() {
    let stage = Stage::new().await;
    // The story's clock is not the machine's, so the claim is out of its time.
    let robot = stage.with(&stage.world.service_account_json(), None).await.unwrap();
    let error = robot.about().await.unwrap_err();
    assert_eq!((error.reason, error.class), (Reason::GrantOver, Class::Auth));
    assert!(error.message.contains("short-lived token"), "{error}");
    assert!(error.hint.unwrap().contains("clock"));
}

#[tokio::test]
async fn a_key_is_no_key_unless_it_can_sign() {
    let stage = Stage::new().await;
    let file = stage.world.service_account_json();
    let (before, _) = file.split_at(file.find("BEGIN").unwrap());
    let broken = format!(
        "{before}BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----\\n\",\
        \"client_email\":\"a@p.iam.gserviceaccount.com\",\"type\":\"service_account\"}}"
    );
    let error = stage.with(&broken, None).await.unwrap_err();
    insta::assert_snapshot!(error, @"`private_key` of the credentials is no RSA key");
}

#[tokio::test]
async fn a_token_is_replaced_before_it_ends_and_once_when_it_is_not_accepted() {
    let stage = Stage::new().await;
    stage.world.tokens_live(Duration::from_mins(20));
    let mona = stage.with(&stage.world.authorized_user_json(MONA), None).await.unwrap();
    assert_eq!(who(&mona).await, MONA);
    stage.clock.advance(Duration::from_mins(14));
    who(&mona).await;
    assert_eq!(stage.world.count("POST /token"), 1);
    stage.clock.advance(Duration::from_mins(1));
    who(&mona).await;
    assert_eq!(stage.world.count("POST /token"), 2, "five minutes before its end");
    stage.world.expire_tokens();
    stage.world.take_requests();
    who(&mona).await;
    assert_eq!((stage.world.count("POST /token"), stage.world.count("GET /drive/v3/about")), (1, 2));
    stage.world.expire_tokens();
    stage.world.revoke_refresh_tokens();
    stage.world.take_requests();
    let error = mona.about().await.unwrap_err();
    assert_eq!((error.reason, error.class), (Reason::GrantOver, Class::Auth));
    assert_eq!(stage.world.count("POST /token"), 1, "what is over is not asked for again");
}

#[tokio::test]
async fn of_many_calls_at_once_one_fetches_the_token() {
    let stage = Stage::new().await;
    let mona = stage.with(&stage.world.authorized_user_json(MONA), None).await.unwrap();
    let calls = (0..16).map(|_| mona.about());
    for about in futures_util::future::join_all(calls).await {
        about.unwrap();
    }
    assert_eq!(stage.world.count("POST /token"), 1);
    stage.world.expire_tokens();
    let calls = (0..16).map(|_| mona.about());
    for about in futures_util::future::join_all(calls).await {
        about.unwrap();
    }
    assert_eq!(stage.world.count("POST /token"), 2, "sixteen were refused, one fetched another");
}

#[tokio::test]
async fn githubs_identity_is_fetched_anew_for_each_exchange() {
    let stage = Stage::new().await;
    let file = stage.world.external_account_json(Some(SERVICE_ACCOUNT));
    let robot = stage.with(&file, None).await.unwrap();
    assert_eq!(who(&robot).await, SERVICE_ACCOUNT);
    stage.clock.advance(Duration::from_mins(58));
    assert_eq!(who(&robot).await, SERVICE_ACCOUNT);
    assert_eq!((stage.world.count("GET /oidc"), stage.world.count("POST /v1/token")), (2, 2));
}

#[tokio::test]
async fn who_may_act_as_a_service_account_does_whatever_they_are_themselves() {
    let world = DriveWorld::start_by(Arc::new(SystemClock));
    world.delegate("acme.example");
    let between = ["between@acme-docs.iam.gserviceaccount.com"];
    let sources = [
        world.authorized_user_json(MONA),
        world.service_account_json(),
        world.external_account_json(None),
        world.external_account_json(Some(SERVICE_ACCOUNT)),
    ];
    for (place, source) in sources.iter().enumerate() {
        // Who comes from elsewhere by way of one service account has no delegates for that.
        let through: &[&str] = if place == 3 { &[] } else { &between };
        world.become_through(through);
        let file = world.impersonated_json(source, through);
        let as_itself =
            api(&world, Credential::read(&file).unwrap(), None, Arc::new(SystemClock)).await.unwrap();
        assert_eq!(who(&as_itself).await, SERVICE_ACCOUNT, "source {place}");
        let for_mona =
            api(&world, Credential::read(&file).unwrap(), Some(MONA), Arc::new(SystemClock)).await.unwrap();
        assert_eq!(who(&for_mona).await, MONA, "source {place}");
    }
    world.become_through(&between);
    let alone = Credential::read(&world.impersonated_json(&sources[0], &[])).unwrap();
    let refused = api(&world, alone, None, Arc::new(SystemClock)).await.unwrap();
    let error = refused.about().await.unwrap_err();
    assert_eq!((error.class, error.status), (Class::Auth, Some(403)));
    insta::assert_snapshot!(error, @"acting as the service account: Permission 'iam.serviceAccounts.getAccessToken' denied on resource (or it may not exist)");
    assert!(error.hint.unwrap().contains("Service Account Token Creator"));
}

#[tokio::test]
async fn a_workflow_acts_for_a_user_without_any_key() {
    let stage = Stage::new().await;
    stage.world.delegate("acme.example");
    let file = stage.world.external_account_json(Some(SERVICE_ACCOUNT));
    let for_mona = stage.with(&file, Some(MONA)).await.unwrap();
    assert_eq!(who(&for_mona).await, MONA);
    stage.world.forbid_impersonation();
    let refused = stage.with(&file, Some(MONA)).await.unwrap();
    let error = refused.about().await.unwrap_err();
    assert_eq!(error.class, Class::Auth);
    insta::assert_snapshot!(error, @"signing as the service account: Permission 'iam.serviceAccounts.signJwt' denied on resource (or it may not exist)");
    assert!(error.hint.unwrap().contains("Service Account Token Creator"));
}

#[tokio::test]
async fn each_step_of_a_sign_in_says_what_it_takes() {
    let stage = Stage::new().await;
    let federated = stage.world.external_account_json(Some(SERVICE_ACCOUNT));
    let user = stage.world.authorized_user_json(MONA);
    let condition = "The given credential is rejected by the attribute condition.";
    let cases = [
        (&federated, "sts", Fault::OAuth(400, "unauthorized_client", condition)),
        (&federated, "sts", Fault::OAuth(400, "invalid_grant", "The audience in ID Token does not match")),
        (&federated, "sts", Fault::OAuth(400, "invalid_target", "The target service indicated is invalid")),
        (&federated, "oidc", Fault::Reason(403, "forbidden")),
        (&user, "token", Fault::OAuth(401, "unauthorized_client", "Unauthorized")),
    ];
    let mut said = String::new();
    for (file, call, fault) in cases {
        stage.world.plan(call, fault);
        let error = stage.with(file, None).await.unwrap().about().await.unwrap_err();
        assert_eq!((error.reason, error.class), (Reason::BadCredentials, Class::Auth), "{error}");
        said.push_str(&format!("{error}\n  {}\n", error.hint.as_deref().unwrap_or_default()));
    }
    // GitHub's own form of a refusal.
    let elsewhere = federated.replace("request-token", "of-a-job-that-is-over");
    let error = stage.with(&elsewhere, None).await.unwrap().about().await.unwrap_err();
    said.push_str(&format!("{error}\n  {}\n", error.hint.as_deref().unwrap_or_default()));
    insta::assert_snapshot!(said, @"
    Google's exchange of the workload's identity: unauthorized_client: The given credential is rejected by the attribute condition
      The provider's attribute condition does not let this workload in: compare it, in the workload identity provider's settings, with the repository, the branch and the owner of this run.
    Google's exchange of the workload's identity: invalid_grant: The audience in ID Token does not match
      Google does not take the identity: look at the provider's issuer and at its allowed audiences, and make the credentials in the same job, because the identity lives for minutes.
    Google's exchange of the workload's identity: invalid_target: The target service indicated is invalid
      Look at the workload identity provider: its name in the credentials, and that it is turned on.
    GitHub's identity for this run: Simulated: forbidden
      GitHub tells a job's identity only where the workflow says `permissions: id-token: write`, and only while that job runs: make the credentials in the same job.
    Google's exchange of the refresh token: unauthorized_client: Unauthorized
      The refresh token was given to another OAuth client: hand in the client id and the secret that it was made with.
    GitHub's identity for this run: unauthorized
      GitHub tells a job's identity only where the workflow says `permissions: id-token: write`, and only while that job runs: make the credentials in the same job.
    ");
}

#[tokio::test]
async fn who_cannot_act_for_others_is_told_before_anything_is_sent() {
    let stage = Stage::new().await;
    let user = stage.world.authorized_user_json(MONA);
    let federated = stage.world.external_account_json(None);
    for file in [user, federated] {
        let error = stage.with(&file, Some("otto@acme.example")).await.unwrap_err();
        assert_eq!(error.reason, Reason::BadCredentials);
    }
    assert_eq!(stage.world.requests(), [""; 0]);
}

#[tokio::test]
async fn a_sign_in_that_stumbles_is_tried_again() {
    let stage = Stage::new().await;
    let mona = stage.with(&stage.world.authorized_user_json(MONA), None).await.unwrap();
    stage.world.plan("token", Fault::Html(502));
    stage.world.plan("token", Fault::LoseRequest);
    assert_eq!(who(&mona).await, MONA);
}

#[tokio::test]
async fn nothing_that_can_be_printed_holds_a_secret() {
    let stage = Stage::new().await;
    let user = stage.world.authorized_user_json(MONA);
    let refresh = serde_json::from_str::<serde_json::Value>(&user).unwrap()["refresh_token"].to_string();
    let access = stage.world.token_for(MONA);
    let credential = Credential::read(&user).unwrap();
    let drive = stage.with(&user, None).await.unwrap();
    stage.world.revoke_refresh_tokens();
    let error = drive.about().await.unwrap_err();
    let acting = Credential::read(&stage.world.impersonated_json(&user, &[])).unwrap();
    let printed = format!("{credential:?} {drive:?} {error:?} {error} {acting:?}");
    for secret in [refresh.trim_matches('"'), &access, "made-up"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[tokio::test]
async fn whose_storage_an_upload_takes_is_known_before_it_begins() {
    let stage = Stage::new().await;
    let robot = stage.with(&stage.world.external_account_json(Some(SERVICE_ACCOUNT)), None).await.unwrap();
    let monas = stage.world.folder(MONA, &stage.world.root_of(MONA), "for the robot");
    stage.world.share(&monas, "user", SERVICE_ACCOUNT, "writer");
    let team = stage.world.make_drive("Acme", &[(MONA, "organizer"), (SERVICE_ACCOUNT, "reader")]);
    let folder = async |drive: &dyn Drive, id: &str| drive.file(&super::stage::id(id)).await.unwrap();

    let about = robot.about().await.unwrap();
    let error = room::check(&about, &folder(&robot, &monas).await, 1).unwrap_err();
    assert_eq!((error.reason, error.class), (Reason::StorageFull, Class::Quota));
    assert!(error.hint.unwrap().contains("shared drive"));
    let error = room::check(&about, &folder(&robot, &team).await, 1).unwrap_err();
    assert_eq!(error.reason, Reason::NotAllowed, "a reader puts nothing there");
    stage.world.share(&team, "user", SERVICE_ACCOUNT, "fileOrganizer");
    let room = room::check(&about, &folder(&robot, &team).await, u64::MAX).unwrap();
    assert!(matches!(room, Storage::SharedDrive(_)));

    stage.world.bound_storage(1_000);
    let about = stage.drive.about().await.unwrap();
    let folder = folder(&stage.drive, &monas).await;
    assert_eq!(room::check(&about, &folder, 1_000), Ok(Storage::Own { left: Some(1_000) }));
    assert_eq!(room::check(&about, &folder, 1_001).unwrap_err().reason, Reason::StorageFull);
}

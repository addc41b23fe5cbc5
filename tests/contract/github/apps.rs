//! An App that gets its tokens itself.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use automata::domain::failure::FailureClass;
use automata::services::credential::{App, Credential, Setup};
use automata::services::github::GitHub as _;
use automata::services::github::octocrab::Api;
use automata::services::secrets::Secret;

use super::stage::{acme_widgets, api_with, client};
use crate::world::drive::jwt;
use crate::world::github::{APP, Fault, GitHubWorld, TOKEN};

/// Where GitHub is asked for a token.
const ASKED: &str = "POST /app/installations/4711/access_tokens";

/// The API as an App asks it, and the tokens that were told to whoever masks them.
fn api_as_app(world: &GitHubWorld, id: &str) -> (Api, Arc<Mutex<Vec<String>>>) {
    let (app, told) = app_at(world, id);
    (api_with(world, client(), Credential::App(Box::new(app))), told)
}

fn app_at(world: &GitHubWorld, id: &str) -> (App, Arc<Mutex<Vec<String>>>) {
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let masked = Arc::clone(&told);
    let setup = Setup {
        id: id.to_owned(),
        // As a form keeps it that knows no lines.
        key: Secret::new(jwt::KEY.trim().replace('\n', "\\n")),
        repository: acme_widgets(),
        api_url: world.api_url().to_owned(),
        got: Box::new(move |token| masked.lock().unwrap().push(token.expose().to_owned())),
    };
    (App::new(setup, client(), world.clock()).unwrap(), told)
}

fn tokens_asked_for(world: &GitHubWorld) -> usize {
    world.requests().iter().filter(|line| line.starts_with(ASKED)).count()
}

#[tokio::test]
async fn it_works_with_a_token_for_this_repository_and_gets_another_before_that_ends() {
    let world = GitHubWorld::start().await;
    world.installs_app(false);
    let (api, told) = api_as_app(&world, APP);
    assert_eq!(tokens_asked_for(&world), 0, "nothing is asked for before it is needed");
    for minutes in [0, 20, 25] {
        world.clock().advance(Duration::from_secs(minutes * 60));
        api.repository().await.unwrap();
    }
    assert_eq!(tokens_asked_for(&world), 1, "for three quarters of an hour one is enough");
    world.clock().advance(Duration::from_secs(10 * 60));
    let (one, other) = tokio::join!(api.repository(), api.labels());
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(tokens_asked_for(&world), 2, "two that need it at once share it");
    assert_eq!(*told.lock().unwrap(), [TOKEN.to_owned(), format!("{TOKEN}_2")]);
    let asked = world.requests().into_iter().find(|line| line.starts_with(ASKED)).unwrap();
    assert!(asked.ends_with(r#""repositories":["widgets"]}"#), "{asked}");
}

#[tokio::test]
async fn it_asks_for_what_is_needed_of_what_its_installation_may_do() {
    let world = GitHubWorld::start().await;
    world.installs_app(false);
    world.installation_may(&[
        ("administration", "write"),
        ("contents", "write"),
        ("issues", "read"),
        ("metadata", "read"),
        ("organization_projects", "admin"),
        ("pull_requests", "write"),
        ("secrets", "write"),
        ("workflows", "write"),
    ]);
    api_as_app(&world, APP).0.repository().await.unwrap();
    insta::assert_snapshot!(serde_json::Value::from(world.permissions_asked_for()), @r#"[{"administration":"read","contents":"write","issues":"read","metadata":"read","organization_projects":"write","pull_requests":"write"}]"#);
}

#[tokio::test]
async fn where_github_refuses_that_any_token_for_the_repository_is_better_than_none() {
    let world = GitHubWorld::start().await;
    world.installs_app(false);
    world.plan("apps/create-installation-access-token", Fault::Status(422));
    api_as_app(&world, APP).0.repository().await.unwrap();
    assert_eq!(world.permissions_asked_for(), [serde_json::Value::Null]);
    assert_eq!(tokens_asked_for(&world), 2);
}

#[tokio::test]
async fn a_token_that_was_given_back_is_none_any_more_and_one_that_was_handed_in_is_kept() {
    let world = GitHubWorld::start().await;
    world.installs_app(false);
    let (app, told) = app_at(&world, APP);
    let app = Credential::App(Box::new(app));
    app.give_back().await;
    assert_eq!(given_back(&world), 0, "there is none yet");
    let first = app.token().await.unwrap();
    app.give_back().await;
    app.give_back().await;
    assert_eq!(given_back(&world), 1);
    world.plan("apps/revoke-installation-access-token", Fault::Status(502));
    app.token().await.unwrap();
    app.give_back().await;
    assert_eq!(
        (given_back(&world), told.lock().unwrap().len()),
        (2, 2),
        "it is tried, and no more than that"
    );
    Credential::given(first).unwrap().give_back().await;
    assert_eq!(given_back(&world), 2);
}

fn given_back(world: &GitHubWorld) -> usize {
    world.requests().iter().filter(|line| line.starts_with("DELETE /installation/token")).count()
}

#[tokio::test]
async fn why_github_gives_it_none_is_told_with_what_to_do() {
    let world = GitHubWorld::start().await;
    let mut said = Vec::new();
    for (id, is_suspended) in [(APP, None), ("Iv23liAnother", Some(false)), (APP, Some(true))] {
        if let Some(is_suspended) = is_suspended {
            world.installs_app(is_suspended);
        }
        let failure = api_as_app(&world, id).0.repository().await.unwrap_err();
        said.push(format!("{} | {failure} | {}", failure.code, failure.hint.as_deref().unwrap_or("-")));
    }
    insta::assert_snapshot!(said.join("\n"), @"
    app_not_installed | The App Iv23liMadeUpForTests is not installed on acme/widgets: Not Found | Install it on the repository: in the App's settings, under Install App.
    bad_credentials | GitHub does not take the private key for the App Iv23liAnother: 'Issuer' claim ('iss') must be an Integer or a client id | Look whether id and key are of the same App, whether the key was deleted, and whether this machine's clock is right.
    app_refused | GitHub gives the App Iv23liMadeUpForTests no token for acme/widgets: This installation has been suspended | Look whether its installation is suspended, and which repositories it was given.
    ");
}

#[tokio::test]
async fn a_hiccup_of_githubs_costs_a_moment() {
    let world = GitHubWorld::start().await;
    world.installs_app(false);
    world.plan("apps/get-repo-installation", Fault::Status(502));
    world.plan("apps/create-installation-access-token", Fault::LoseReply);
    api_as_app(&world, APP).0.repository().await.unwrap();
}

#[tokio::test]
async fn a_limit_is_no_refusal() {
    let world = GitHubWorld::start().await;
    world.installs_app(false);
    world.plan("apps/create-installation-access-token", Fault::TooFast { retry_after: Some(1) });
    world.plan("apps/create-installation-access-token", Fault::HourSpent { resets_in: 1 });
    api_as_app(&world, APP).0.repository().await.unwrap();
    // One that does not end is waited for by the next run.
    world.clock().advance(Duration::from_secs(3_600));
    // A read is tried three times, and so is each time what it needs a token for.
    for _ in 0..9 {
        world.plan("apps/create-installation-access-token", Fault::HourSpent { resets_in: 600 });
    }
    let (api, _) = api_as_app(&world, APP);
    let failure = api.repository().await.unwrap_err();
    assert_eq!(failure.class, FailureClass::Transient, "{failure}");
}

#[test]
fn what_is_no_key_is_told_at_once() {
    for (key, told) in [
        ("made up", "it is no PEM"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
            "it is no RSA key that can be used",
        ),
    ] {
        let setup = Setup {
            id: APP.to_owned(),
            key: Secret::new(key),
            repository: acme_widgets(),
            api_url: "https://api.github.com".to_owned(),
            got: Box::new(|_| {}),
        };
        let clock = Arc::new(crate::world::github::clock::VirtualClock::default());
        let failure = App::new(setup, client(), clock).map(drop).unwrap_err();
        assert!(failure.to_string().contains(told), "{failure}");
    }
}

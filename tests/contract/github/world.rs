//! The simulated GitHub itself: a fake that accepts what GitHub would refuse proves nothing.

use automata::domain::actor::Permission;
use automata::domain::time::Timestamp;
use automata::services::clock::{Clock as _, SystemClock};
use serde_json::Value;

use super::stage::client;
use crate::world::github::{Fault, GitHubWorld, TOKEN};

async fn send(world: &GitHubWorld, method: &str, path: &str, body: Option<&str>) -> (u16, Value) {
    let mut request = client()
        .request(method.parse().unwrap(), format!("{}{path}", world.api_url()))
        .header("accept", "application/vnd.github+json")
        .header("x-github-api-version", "2022-11-28")
        .header("user-agent", "a test")
        .header("authorization", format!("Bearer {TOKEN}"));
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body.to_owned());
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
}

#[tokio::test]
async fn what_the_description_does_not_allow_is_refused_and_noted() {
    let world = GitHubWorld::start().await;
    world.open_issue("maria", "one", "", &[]);
    let repository = "/repos/acme/widgets";
    for (method, path, body) in [
        ("GET", "/issues/1/secrets", None),
        ("PUT", "/issues/1", None),
        ("GET", "/issues?sort=colour", None),
        ("GET", "/issues?since=yesterday", None),
        ("GET", "/issues?pages=2", None),
        ("GET", "/issues/one", None),
        ("GET", "/issues/1", Some("{}")),
        ("POST", "/issues/1/comments", None),
        ("POST", "/issues/1/comments", Some("{\"text\":\"x\"}")),
        ("POST", "/issues/1/comments", Some("{\"body\":\"x\",\"author\":\"me\"}")),
        ("POST", "/issues/1/comments", Some("{\"body\":null}")),
        ("POST", "/issues/1/labels", Some("{\"labels\":[]}")),
        ("POST", "/issues/1/labels", Some("{\"labels\":\"bug\"}")),
        ("POST", "/pulls", Some("{\"title\":\"x\",\"head\":\"fix\"}")),
        ("GET", "/pulls/one", None),
        ("GET", "/commits/abc/check-runs?filter=newest", None),
        ("GET", "/commits/abc/status?state=success", None),
        ("POST", "/actions/workflows/automata.yml/dispatches", Some("{\"branch\":\"main\"}")),
        ("POST", "/actions/workflows/automata.yml/dispatches", None),
    ] {
        let (status, _) = send(&world, method, &format!("{repository}{path}"), body).await;
        assert!((404..=422).contains(&status), "{method} {path} {body:?}: {status}");
        assert_eq!(world.take_violations().len(), 1, "{method} {path} {body:?}");
    }
    send(&world, "GET", "/repositories/186853002/issues?page=2", None).await;
    assert_eq!(world.take_violations().len(), 1, "next pages are handed out, not made up");
    send(&world, "POST", "/graphql", Some("{\"query\":\"query { x }\"}")).await;
    assert_eq!(world.take_violations().len(), 1);
}

#[tokio::test]
async fn headers_that_github_asks_for_are_asked_for() {
    let world = GitHubWorld::start().await;
    let bare = client().get(format!("{}/repos/acme/widgets", world.api_url())).send().await.unwrap();
    assert_eq!(bare.status().as_u16(), 403);
    insta::assert_snapshot!(world.take_violations().join("\n"), @"
    GET /repos/acme/widgets: the header accept is not application/vnd.github+json
    GET /repos/acme/widgets: the header x-github-api-version is not 2022-11-28
    GET /repos/acme/widgets: there is no user agent
    ");
}

#[tokio::test]
async fn its_own_answers_are_what_the_description_promises() {
    let world = GitHubWorld::start().await;
    world.set_permission("maria", Permission::Triage);
    world.make_label("bug", "d73a4a", "Broken");
    let issue = world.open_issue("maria", "one", "text", &["bug"]);
    let pull = world.open_pull("maria", "A fix", "fix", "main");
    world.comment("github-actions[bot]", issue, "hello");
    world.set_run(7, 1, "completed");
    world.check(pull, "test", Some("success"));
    world.check(pull, "lint", None);
    world.set_status(pull, "coverage", "pending");
    let head = world.head_of(pull);
    world.merge(pull);
    world.close(issue);
    let asked = [
        "",
        "/issues?state=all",
        "/issues/1",
        "/issues/2",
        "/issues/1/comments",
        "/labels",
        "/pulls?state=all&head=acme%3Afix",
        "/collaborators/maria/permission",
        "/actions/runs/7/attempts/1",
        "/pulls/2",
        &format!("/commits/{head}/check-runs?filter=all"),
        &format!("/commits/{head}/status"),
    ];
    for path in asked {
        let (status, body) = send(&world, "GET", &format!("/repos/acme/widgets{path}"), None).await;
        assert_eq!(status, 200, "{path}");
        assert!(!body.is_null(), "{path}");
    }
    assert_eq!(world.pulls(), ["#2 merged fix -> main: A fix"]);
    world.assert_clean();
}

#[tokio::test]
async fn what_people_do_there_is_seen_and_delivered() {
    let world = GitHubWorld::start().await;
    let issue = world.open_issue("joe", "It breaks", "", &["bug"]);
    let labeled = world.label_as("maria", issue, "crash");
    let unlabeled = world.remove_label_as("maria", issue, "BUG");
    let comment = world.comment("maria", issue, "/fix");
    let commented = world.event_payload_commented(comment);
    world.close(issue);
    let closed = world.event_payload_closed(issue, "maria");
    let opened = world.event_payload_opened(issue);
    let line = |event: &Value| {
        let text = |path: &str| event.pointer(path).and_then(Value::as_str).unwrap_or("-").to_owned();
        [
            text("/action"),
            text("/issue/title"),
            text("/issue/user/login"),
            text("/issue/state"),
            text("/label/name"),
            text("/comment/body"),
            text("/sender/login"),
            text("/repository/full_name"),
        ]
        .join(" | ")
    };
    insta::assert_snapshot!([opened, labeled, unlabeled, commented, closed].iter().map(line).collect::<Vec<_>>().join("\n"), @"
    opened | It breaks | joe | closed | - | - | joe | acme/widgets
    labeled | It breaks | joe | open | crash | - | maria | acme/widgets
    unlabeled | It breaks | joe | open | bug | - | maria | acme/widgets
    created | It breaks | joe | open | - | /fix | maria | acme/widgets
    closed | It breaks | joe | closed | - | - | maria | acme/widgets
    ");
    assert_eq!(world.labels_of(issue), ["crash"]);
    assert_eq!(world.assignees_of(issue), Vec::<String>::new());
    world.delete_comment(comment);
    assert_eq!(world.comments_of(issue), vec![]);
    assert_eq!(world.writes(), Vec::<String>::new(), "people do not go through the API");
}

#[tokio::test]
async fn it_may_go_by_the_machines_clock() {
    let before = SystemClock.now();
    let world = GitHubWorld::start_by(std::sync::Arc::new(SystemClock)).await;
    let issue = world.open_issue("joe", "It breaks", "", &[]);
    let opened = world.event_payload_opened(issue);
    let created: Timestamp = serde_json::from_value(opened["issue"]["created_at"].clone()).unwrap();
    assert!(created.plus(std::time::Duration::from_secs(1)) > before && created <= SystemClock.now());
}

#[test]
fn bad_luck_that_is_never_met_fails_the_test() {
    let ended = std::thread::spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let world = runtime.block_on(GitHubWorld::start());
        world.plan("issues/get", Fault::Status(500));
        world.assert_clean();
    });
    assert!(ended.join().is_err());
}

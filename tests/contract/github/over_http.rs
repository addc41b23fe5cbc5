//! What only the adapter over HTTP has to get right: addresses, pages, repeats, refusals.

use automata::domain::actor::{ActorKind, Permission};
use automata::domain::failure::{Failure, FailureClass};
use automata::domain::id::{IssueNumber, RunId};
use automata::services::credential::Credential;
use automata::services::github::octocrab::Api;
use automata::services::github::{GitHub, IssueQuery, Label, NewPullRequest, RunState};
use automata::services::secrets::Secret;

use super::stage::{api_over, client, impatient_client};
use crate::world::github::{Fault, GitHubWorld, TOKEN};

const FIRST: IssueNumber = IssueNumber(1);

async fn world_with_an_issue() -> (GitHubWorld, Api) {
    let world = GitHubWorld::start().await;
    world.open_issue("maria", "It breaks", "", &["bug"]);
    let api = api_over(&world, client(), TOKEN);
    (world, api)
}

fn told(failure: &Failure) -> String {
    let hint = failure.hint.as_deref().unwrap_or("");
    format!("{:?} {}: {} {hint}", failure.class, failure.code, failure.message)
}

fn fix() -> NewPullRequest {
    let text = |text: &str| text.to_owned();
    NewPullRequest { title: text("Fix"), body: text("x"), head: text("fix"), base: text("main"), draft: true }
}

#[tokio::test]
async fn one_visit_makes_these_requests() {
    let (world, api) = world_with_an_issue().await;
    let issue = api.issue(FIRST).await.unwrap().unwrap();
    api.permission(&issue.author.login).await.unwrap();
    api.add_labels(FIRST, &["area/ui".into()]).await.unwrap();
    api.remove_label(FIRST, "area/ui").await.unwrap();
    api.add_assignees(FIRST, &["maria".into()]).await.unwrap();
    let comment = api.create_comment(FIRST, "Thanks").await.unwrap();
    api.update_comment(comment.id, "Thank you").await.unwrap();
    api.comments(FIRST, Some(issue.created_at)).await.unwrap();
    api.open_pull_request(&fix()).await.unwrap();
    api.pull_requests_from("fix").await.unwrap();
    insta::assert_snapshot!(world.requests().join("\n"), @r#"
    GET /repos/acme/widgets/issues/1
    GET /repos/acme/widgets/collaborators/maria/permission
    POST /repos/acme/widgets/issues/1/labels {"labels":["area/ui"]}
    DELETE /repos/acme/widgets/issues/1/labels/area%2Fui
    POST /repos/acme/widgets/issues/1/assignees {"assignees":["maria"]}
    POST /repos/acme/widgets/issues/1/comments {"body":"Thanks"}
    PATCH /repos/acme/widgets/issues/comments/1 {"body":"Thank you"}
    GET /repos/acme/widgets/issues/1/comments?per_page=100&since=2026-11-22T10%3A00%3A00Z
    POST /repos/acme/widgets/pulls {"base":"main","body":"x","draft":true,"head":"fix","title":"Fix"}
    GET /repos/acme/widgets/pulls?state=all&head=acme%3Afix&sort=created&direction=desc&per_page=100
    "#);
}

#[tokio::test]
async fn the_path_of_an_enterprise_server_is_kept_on_every_page() {
    let world = GitHubWorld::start_enterprise().await;
    let api = api_over(&world, client(), TOKEN);
    for n in 0..101 {
        world.open_issue("maria", &format!("issue {n}"), "", &[]);
    }
    assert_eq!(api.issues(&IssueQuery::default()).await.unwrap().len(), 101);
    assert_eq!(api.myself().await.unwrap().login.as_str(), "github-actions[bot]");
    insta::assert_snapshot!(world.requests().join("\n"), @r#"
    GET /api/v3/repos/acme/widgets/issues?state=all&sort=updated&direction=desc&per_page=100
    GET /api/v3/repositories/186853002/issues?state=all&sort=updated&direction=desc&per_page=100&page=2
    POST /api/graphql {"query":"query { viewer { login __typename } }"}
    "#);
}

#[tokio::test]
async fn pages_are_followed_to_the_end() {
    let (world, api) = world_with_an_issue().await;
    for n in 0..250 {
        world.comment("maria", 1, &format!("comment {n}"));
        world.make_label(&format!("label {n}"), "ededed", "");
    }
    let comments = api.comments(FIRST, None).await.unwrap();
    assert_eq!(comments.len(), 250);
    assert!(comments.windows(2).all(|pair| pair[0].id < pair[1].id));
    assert_eq!(api.labels().await.unwrap().len(), 251);
    assert_eq!(world.requests().len(), 6);
}

#[tokio::test]
async fn what_changes_while_pages_are_turned_takes_nobody_elses_place() {
    let (world, api) = world_with_an_issue().await;
    for n in 2..=150 {
        world.open_issue("maria", &format!("issue {n}"), "", &[]);
    }
    world.clock().advance(std::time::Duration::from_secs(60));
    world.plan("issues/list-for-repo", Fault::Meanwhile { comment_on: 7 });
    let listed = api.issues(&IssueQuery::default()).await.unwrap();
    let missing: Vec<u64> = (1..=150).filter(|n| !listed.iter().any(|issue| issue.number.0 == *n)).collect();
    assert_eq!(missing, [7], "the one that moved to a page already read");
    let since = listed.last().map(|issue| issue.updated_at);
    let next = api.issues(&IssueQuery { since, open_only: false }).await.unwrap();
    assert_eq!(next.last().unwrap().number, IssueNumber(7), "the next look finds it");
}

#[tokio::test]
async fn the_token_does_not_follow_a_link_to_another_server() {
    let (world, api) = world_with_an_issue().await;
    world.plan("issues/list-for-repo", Fault::LeadAway);
    let failure = api.issues(&IssueQuery::default()).await.unwrap_err();
    insta::assert_snapshot!(told(&failure), @"Permanent foreign_address: GitHub named a next page on another server. Set `GITHUB_API_URL` to the address by which the server names itself.");
    assert_eq!(world.requests().len(), 1);
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let (world, api) = world_with_an_issue().await;
    let first = api.issue(FIRST).await.unwrap();
    assert_eq!(api.issue(FIRST).await.unwrap(), first);
    world.label_as("maria", 1, "docs");
    let changed = api.issue(FIRST).await.unwrap().unwrap();
    assert_eq!(changed.labels, ["bug", "docs"]);
    for n in 0..150 {
        world.comment("maria", 1, &format!("comment {n}"));
    }
    let comments = api.comments(FIRST, None).await.unwrap();
    assert_eq!(api.comments(FIRST, None).await.unwrap(), comments, "both pages, from memory");
    assert_eq!(world.statuses(), [200, 304, 200, 200, 200, 304, 304]);
}

#[tokio::test]
async fn a_read_is_tried_three_times_and_a_write_once() {
    let (world, api) = world_with_an_issue().await;
    world.plan("issues/get", Fault::Status(502));
    world.plan("issues/get", Fault::LoseRequest);
    assert!(api.issue(FIRST).await.unwrap().is_some());
    for _ in 0..3 {
        world.plan("issues/get", Fault::Status(500));
    }
    let failure = api.issue(FIRST).await.unwrap_err();
    assert_eq!((failure.class, failure.code.as_str()), (FailureClass::Transient, "github_unavailable"));
    assert_eq!(world.requests().len(), 6);
    assert_eq!(format!("{:?}", world.clock().waits()), "[500ms, 2s, 500ms, 2s]");

    world.plan("issues/create-comment", Fault::Status(500));
    assert_eq!(api.create_comment(FIRST, "x").await.unwrap_err().class, FailureClass::Transient);
    world.plan("issues/create-comment", Fault::LoseRequest);
    assert_eq!(api.create_comment(FIRST, "x").await.unwrap_err().code, "github_unreachable");
    assert_eq!((world.requests().len(), world.comments_of(1)), (8, vec![]));
}

#[tokio::test]
async fn a_lost_answer_is_transient_and_what_happened_can_be_seen() {
    let (world, api) = world_with_an_issue().await;
    world.plan("issues/create-comment", Fault::LoseReply);
    let failure = api.create_comment(FIRST, "hello").await.unwrap_err();
    assert_eq!((failure.class, failure.code.as_str()), (FailureClass::Transient, "github_unreachable"));
    let comments = api.comments(FIRST, None).await.unwrap();
    assert_eq!(comments.iter().map(|comment| comment.body.as_str()).collect::<Vec<_>>(), ["hello"]);
}

#[tokio::test]
async fn silence_ends_at_the_clients_time_out() {
    let (world, _) = world_with_an_issue().await;
    let api = api_over(&world, impatient_client(), TOKEN);
    world.plan("issues/create-comment", Fault::Hang);
    let failure = api.create_comment(FIRST, "x").await.unwrap_err();
    assert_eq!((failure.class, failure.code.as_str()), (FailureClass::Transient, "github_timeout"));
    // A server that is not there at all.
    let address = world.api_url().to_owned();
    drop(world);
    let failure = api.issue(FIRST).await.unwrap_err();
    assert_eq!(
        (failure.class, failure.code.as_str()),
        (FailureClass::Transient, "github_unreachable"),
        "{address}"
    );
}

#[tokio::test]
async fn a_missing_permission_names_the_line_to_add() {
    let (world, api) = world_with_an_issue().await;
    let label = Label { name: "x".into(), color: "ededed".into(), description: String::new() };
    let mut seen = Vec::new();
    let mut note = |failure: Failure| seen.push(told(&failure));
    world.plan(
        "issues/add-labels",
        Fault::NotPermitted { accepted: Some("issues=write; pull_requests=write") },
    );
    note(api.add_labels(FIRST, &["x".into()]).await.unwrap_err());
    world.plan("issues/create-label", Fault::NotPermitted { accepted: None });
    note(api.create_label(&label).await.unwrap_err());
    world.plan("pulls/create", Fault::NotPermitted { accepted: Some("pull_requests=write,contents=read") });
    note(api.open_pull_request(&fix()).await.unwrap_err());
    world.plan("actions/get-workflow-run-attempt", Fault::NotPermitted { accepted: None });
    note(api.run_state(&RunId::new("7.1")).await.unwrap_err());
    insta::assert_snapshot!(seen.join("\n"), @"
    Permanent missing_permission: GitHub does not allow this call: Resource not accessible by integration Add `issues: write` under `permissions:` in the workflow.
    Permanent missing_permission: GitHub does not allow this call: Resource not accessible by integration Add `issues: write` under `permissions:` in the workflow.
    Permanent missing_permission: GitHub does not allow this call: Resource not accessible by integration Add `pull-requests: write` and `contents: read` under `permissions:` in the workflow.
    Permanent missing_permission: GitHub does not allow this call: Resource not accessible by integration Add `actions: read` under `permissions:` in the workflow.
    ");
}

#[tokio::test]
async fn a_wrong_token_is_for_good_and_never_shown() {
    let (world, _) = world_with_an_issue().await;
    let api = api_over(&world, client(), "ghs_wrong");
    let failure = api.issue(FIRST).await.unwrap_err();
    assert!(!format!("{failure:?} {api:?}").contains("ghs_wrong"));
    insta::assert_snapshot!(told(&failure), @"Permanent bad_credentials: GitHub does not accept the token: Bad credentials A workflow's token ends with its run; another token may have expired or been revoked.");
    assert_eq!(world.requests().len(), 1, "it is not tried again");
}

#[tokio::test]
async fn a_pull_request_that_github_refuses_says_why() {
    let (world, api) = world_with_an_issue().await;
    world.set_branches(&["main", "fix"]);
    let gone = NewPullRequest { head: "gone".into(), ..fix() };
    let empty = NewPullRequest { head: "main".into(), ..fix() };
    let seen = [
        told(&api.open_pull_request(&gone).await.unwrap_err()),
        told(&api.open_pull_request(&empty).await.unwrap_err()),
    ];
    insta::assert_snapshot!(seen.join("\n"), @"
    Permanent refused: GitHub refused what we sent: Validation Failed: PullRequest head invalid 
    Permanent refused: GitHub refused what we sent: Validation Failed: No commits between main and main
    ");
    assert!(api.open_pull_request(&fix()).await.is_ok());
}

#[tokio::test]
async fn a_label_that_github_refuses_says_why() {
    let (world, api) = world_with_an_issue().await;
    let long = "x".repeat(51);
    insta::assert_snapshot!(told(&api.add_labels(FIRST, &[long]).await.unwrap_err()), @"Permanent refused: GitHub refused what we sent: Validation Failed: Label name invalid");
    assert_eq!(world.labels_of(1), ["bug"]);
}

#[tokio::test]
async fn no_name_can_become_another_address() {
    let (world, api) = world_with_an_issue().await;
    for name in ["", ".", ".."] {
        assert_eq!(api.remove_label(FIRST, name).await.unwrap_err().code, "unusable_name");
    }
    assert_eq!(api.permission(&"..".into()).await.unwrap_err().code, "unusable_name");
    assert_eq!(world.requests(), Vec::<String>::new());
    world.set_permission("maria", Permission::Admin);
    let permission = api.permission(&"x/../maria".into()).await.unwrap();
    assert_eq!(permission, Permission::Read, "one odd login, not maria");
    assert_eq!(world.requests(), ["GET /repos/acme/widgets/collaborators/x%2F..%2Fmaria/permission"]);
}

#[tokio::test]
async fn a_deleted_issue_is_gone() {
    let (world, api) = world_with_an_issue().await;
    world.delete_issue(1);
    assert_eq!(api.issue(FIRST).await, Ok(None));
    assert_eq!(api.create_comment(FIRST, "x").await.unwrap_err().code, "gone");
    world.plan("repos/get", Fault::Status(301));
    assert_eq!(api.repository().await.unwrap_err().code, "moved");
}

#[tokio::test]
async fn workflow_runs_are_alive_until_completed() {
    let (world, api) = world_with_an_issue().await;
    for (attempt, status, state) in [
        (1, "queued", RunState::Alive),
        (2, "in_progress", RunState::Alive),
        (3, "completed", RunState::Ended),
    ] {
        world.set_run(77, attempt, status);
        assert_eq!(api.run_state(&RunId::new(format!("77.{attempt}"))).await, Ok(state));
    }
    assert_eq!(api.run_state(&RunId::new("local-7-abc")).await, Ok(RunState::Unknown));
    assert_eq!(world.requests().len(), 3, "a local process is not asked of GitHub");
}

#[tokio::test]
async fn our_own_name_is_asked_once() {
    let (world, _) = world_with_an_issue().await;
    let mut seen = Vec::new();
    for (login, kind) in [("github-actions[bot]", "Bot"), ("automata", "Bot"), ("octocat", "User")] {
        world.set_viewer(login, kind);
        let api = api_over(&world, client(), TOKEN);
        let myself = api.myself().await.unwrap();
        assert_eq!(api.myself().await.unwrap(), myself);
        seen.push((myself.login.as_str().to_owned(), myself.kind));
    }
    assert_eq!(
        seen,
        [
            ("github-actions[bot]".to_owned(), ActorKind::App),
            ("automata[bot]".to_owned(), ActorKind::App),
            ("octocat".to_owned(), ActorKind::Person),
        ]
    );
    assert_eq!(world.requests().len(), 3);
}

#[tokio::test]
async fn a_token_that_may_not_ask_its_name_is_the_workflows_own() {
    let (world, api) = world_with_an_issue().await;
    for _ in 0..3 {
        world.plan("graphql", Fault::Status(502));
    }
    assert_eq!(api.myself().await.unwrap_err().class, FailureClass::Transient, "an outage is no answer");
    world.plan("graphql", Fault::NotPermitted { accepted: None });
    assert_eq!(api.myself().await.unwrap().login.as_str(), "github-actions[bot]");
    assert_eq!(world.requests().len(), 4);
}

#[test]
fn a_token_that_cannot_be_one_is_refused_before_anything_is_sent() {
    for token in ["", " \n", "two\nlines"] {
        let refused = Credential::given(Secret::new(token)).map(drop).map_err(|failure| failure.code);
        assert_eq!(refused, Err("bad_credentials".to_owned()), "{token:?}");
    }
}

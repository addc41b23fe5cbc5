//! Checks and workflows over HTTP: what is green, and what is missing when GitHub does not say.

use automata::domain::failure::Failure;
use automata::domain::id::{CommitId, IssueNumber};
use automata::services::github::octocrab::Api;
use automata::services::github::{CheckState, Checks, GitHub, Tending as _, WrittenCheck};

use super::stage::{api_over, client};
use crate::world::github::{Fault, GitHubWorld, TOKEN};

const PULL: IssueNumber = IssueNumber(1);

async fn world_with_a_pull() -> (GitHubWorld, Api) {
    let world = GitHubWorld::start().await;
    assert_eq!(world.open_pull("maria", "A fix", "fix", "main"), PULL.0);
    let api = api_over(&world, client(), TOKEN);
    (world, api)
}

/// What the checks of the pull request's last commit say.
async fn checks(api: &Api) -> Checks {
    let pull = api.pull_state(PULL).await.unwrap().unwrap();
    api.checks(&pull.head_commit.unwrap()).await.unwrap()
}

#[tokio::test]
async fn all_must_be_there_ended_and_well() {
    let (world, api) = world_with_a_pull().await;
    assert_eq!(checks(&api).await, Checks::None);
    world.check(1, "test", Some("success"));
    world.check(1, "docs", Some("skipped"));
    world.check(1, "size", Some("neutral"));
    assert_eq!(checks(&api).await, Checks::Green, "without any status");
    world.set_status(1, "coverage", "pending");
    assert_eq!(checks(&api).await, Checks::Pending);
    world.set_status(1, "coverage", "success");
    assert_eq!(checks(&api).await, Checks::Green);
    world.check(1, "lint", None);
    assert_eq!(checks(&api).await, Checks::Pending);
    for conclusion in ["failure", "cancelled", "timed_out", "action_required"] {
        world.check(1, "lint", Some(conclusion));
        assert_eq!(checks(&api).await, Checks::Red, "{conclusion}");
    }
    world.check(1, "lint", Some("success"));
    assert_eq!(checks(&api).await, Checks::Green, "what ran again counts as it went the last time");
    for said in ["failure", "error"] {
        world.set_status(1, "coverage", said);
        assert_eq!(checks(&api).await, Checks::Red, "{said}");
    }
}

#[tokio::test]
async fn a_status_alone_is_enough() {
    let (world, api) = world_with_a_pull().await;
    world.set_status(1, "coverage", "success");
    assert_eq!(checks(&api).await, Checks::Green);
}

#[tokio::test]
async fn only_the_last_commit_counts() {
    let (world, api) = world_with_a_pull().await;
    world.check(1, "test", Some("success"));
    let before = CommitId::new(world.head_of(1));
    world.push_to(1);
    assert_eq!(checks(&api).await, Checks::None, "nobody has looked at it yet");
    assert_eq!(api.checks(&before).await, Ok(Checks::Green));
}

#[tokio::test]
async fn one_red_check_on_the_last_page_is_found() {
    let (world, api) = world_with_a_pull().await;
    for n in 0..250 {
        world.check(1, &format!("test {n}"), Some("success"));
    }
    assert_eq!(checks(&api).await, Checks::Green);
    world.check(1, "the last", Some("failure"));
    assert_eq!(checks(&api).await, Checks::Red);
    let head = world.head_of(1);
    let asked: Vec<String> = world
        .requests()
        .iter()
        .map(|line| line.replace(&head, "HEAD").replace("/repos/acme/widgets", ""))
        .collect();
    insta::assert_snapshot!(asked[..5].join("\n"), @"
    GET /pulls/1
    GET /commits/HEAD/check-runs?filter=latest&per_page=100
    GET /repositories/186853002/commits/HEAD/check-runs?filter=latest&per_page=100&page=2
    GET /repositories/186853002/commits/HEAD/check-runs?filter=latest&per_page=100&page=3
    GET /commits/HEAD/status?per_page=100
    ");
    assert_eq!(asked.len(), 9, "a red check settles it without the statuses");
}

#[tokio::test]
async fn a_missing_permission_names_the_line_to_add() {
    let (world, api) = world_with_a_pull().await;
    world.set_workflow("automata.yml", true);
    let commit = CommitId::new(world.head_of(1));
    let mut seen = Vec::new();
    let mut note = |failure: Failure| seen.push(format!("{}: {}", failure.code, failure.hint.unwrap()));
    for accepted in [None, Some("checks=read")] {
        world.plan("checks/list-for-ref", Fault::NotPermitted { accepted });
        note(api.checks(&commit).await.unwrap_err());
    }
    world.plan("repos/get-combined-status-for-ref", Fault::NotPermitted { accepted: None });
    note(api.checks(&commit).await.unwrap_err());
    world.plan("pulls/get", Fault::NotPermitted { accepted: None });
    note(api.pull_state(PULL).await.unwrap_err());
    world.plan("actions/create-workflow-dispatch", Fault::NotPermitted { accepted: None });
    note(api.dispatch_workflow("automata.yml", "main").await.unwrap_err());
    insta::assert_snapshot!(seen.join("\n"), @"
    missing_permission: Add `checks: read` under `permissions:` in the workflow.
    missing_permission: Add `checks: read` under `permissions:` in the workflow.
    missing_permission: Add `statuses: read` under `permissions:` in the workflow.
    missing_permission: Add `pull-requests: read` under `permissions:` in the workflow.
    missing_permission: Add `actions: write` under `permissions:` in the workflow.
    ");
    assert_eq!(world.dispatches(), [""; 0]);
}

#[tokio::test]
async fn a_workflow_is_started_once_on_the_branch_that_was_named() {
    let (world, api) = world_with_a_pull().await;
    world.set_branches(&["main", "a/b"]);
    world.set_workflow("automata.yml", true);
    world.set_workflow("ci.yml", false);
    api.dispatch_workflow("automata.yml", "main").await.unwrap();
    api.dispatch_workflow("automata.yml", "a/b").await.unwrap();
    assert_eq!(world.dispatches(), ["automata.yml on main", "automata.yml on a/b"]);
    world.plan("actions/create-workflow-dispatch", Fault::Status(502));
    let mut seen = Vec::new();
    for (file, branch) in
        [("automata.yml", "main"), ("ci.yml", "main"), ("automata.yml", "gone"), ("../x.yml", "main")]
    {
        let failure = api.dispatch_workflow(file, branch).await.unwrap_err();
        seen.push(format!("{:?} {}: {}", failure.class, failure.code, failure.message));
    }
    insta::assert_snapshot!(seen.join("\n"), @"
    Transient github_unavailable: GitHub answered 502 Bad Gateway: Server Error
    Permanent refused: GitHub refused what we sent: Workflow does not have 'workflow_dispatch' trigger
    Permanent refused: GitHub refused what we sent: No ref found for: gone
    Permanent not_found: GitHub does not find it: Not Found
    ");
    assert_eq!(world.dispatches().len(), 2);
    assert!(world.requests().iter().any(|line| line.contains("/workflows/..%2Fx.yml/")), "one odd file name");
}

#[tokio::test]
async fn our_own_check_is_made_changed_and_found_and_nobody_waits_for_it() {
    let (world, api) = world_with_a_pull().await;
    let commit = api.pull_state(PULL).await.unwrap().unwrap().head_commit.unwrap();
    let mut check = WrittenCheck {
        external_id: "automata:pull/1".to_owned(),
        state: CheckState::InProgress,
        title: "Revising".to_owned(),
        summary: "x".repeat(70_000),
    };
    assert_eq!(api.own_check(&commit, &check.external_id).await.unwrap(), None);
    let id = api.create_check(&commit, &check).await.unwrap();
    assert_eq!(checks(&api).await, Checks::None, "our own says nothing about the commit");
    check.state = CheckState::Failure;
    assert_eq!(api.change_check(id, &check).await.unwrap(), Some(id));
    assert_eq!(checks(&api).await, Checks::None);
    assert!(api.failed_checks(&commit).await.unwrap().is_empty());
    world.check(1, "Automata", Some("failure"));
    assert_eq!(checks(&api).await, Checks::Red, "another's of the same name counts");
    assert_eq!(api.own_check(&commit, "automata:pull/7").await.unwrap(), None);
    assert_eq!(api.change_check(id + 1_000, &check).await.unwrap(), None);
}

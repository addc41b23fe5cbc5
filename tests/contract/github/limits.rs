//! Staying inside GitHub's limits, by a clock that takes no time.

use std::time::Duration;

use automata::domain::event::ApiBudget;
use automata::domain::failure::FailureClass;
use automata::domain::id::IssueNumber;
use automata::services::clock::Clock as _;
use automata::services::github::GitHub;
use automata::services::github::octocrab::Api;

use super::stage::{api_over, client};
use crate::world::github::{Fault, GitHubWorld, TOKEN};

const FIRST: IssueNumber = IssueNumber(1);

async fn world_with_an_issue() -> (GitHubWorld, Api) {
    let world = GitHubWorld::start().await;
    world.open_issue("maria", "It breaks", "", &[]);
    let api = api_over(&world, client(), TOKEN);
    (world, api)
}

/// How long the failure asks to wait.
fn wait(world: &GitHubWorld, failure: &automata::domain::failure::Failure) -> Duration {
    let FailureClass::RateLimited(until) = failure.class else { panic!("{failure:?}") };
    until.since(world.clock().now())
}

#[tokio::test]
async fn a_limit_is_handed_back_and_nothing_is_sent_until_then() {
    let (world, api) = world_with_an_issue().await;
    world.plan("issues/create-comment", Fault::TooFast { retry_after: Some(120) });
    let failure = api.create_comment(FIRST, "x").await.unwrap_err();
    assert_eq!(wait(&world, &failure), Duration::from_secs(120));
    world.clock().advance(Duration::from_secs(60));
    let failure = api.issue(FIRST).await.unwrap_err();
    assert_eq!(wait(&world, &failure), Duration::from_secs(60));
    assert_eq!(world.requests().len(), 1, "we kept quiet");
    world.clock().advance(Duration::from_secs(60));
    assert!(api.create_comment(FIRST, "x").await.is_ok());
}

#[tokio::test]
async fn a_limit_without_a_time_is_a_minute() {
    let (world, api) = world_with_an_issue().await;
    world.plan("issues/get", Fault::TooFast { retry_after: None });
    let failure = api.issue(FIRST).await.unwrap_err();
    assert_eq!(wait(&world, &failure), Duration::from_mins(1));
}

#[tokio::test]
async fn a_read_sits_out_a_short_wait_and_a_write_after_it_too() {
    let (world, api) = world_with_an_issue().await;
    world.plan("issues/get", Fault::TooFast { retry_after: Some(5) });
    assert!(api.issue(FIRST).await.unwrap().is_some());
    assert_eq!(world.clock().waits(), [Duration::from_secs(5)]);
    world.plan("issues/create-comment", Fault::TooFast { retry_after: Some(7) });
    assert_eq!(api.create_comment(FIRST, "x").await.unwrap_err().code, "rate_limited");
    assert!(api.create_comment(FIRST, "x").await.is_ok());
    assert_eq!(world.clock().waits()[1..], [Duration::from_secs(7)]);
}

#[tokio::test]
async fn when_the_hour_is_spent_we_wait_for_the_next() {
    let (world, api) = world_with_an_issue().await;
    world.plan("issues/get", Fault::HourSpent { resets_in: 1_800 });
    let failure = api.issue(FIRST).await.unwrap_err();
    assert_eq!(wait(&world, &failure), Duration::from_secs(1_800));
    world.clock().advance(Duration::from_secs(1_800));

    assert_eq!(api.budget(), None, "nobody has told");
    world.plan("issues/get", Fault::LastCallOfTheHour { resets_in: 600 });
    assert!(api.issue(FIRST).await.unwrap().is_some(), "this one was still good");
    assert_eq!(api.budget(), Some(ApiBudget { left: 0, limit: 5_000 }));
    let failure = api.issue(FIRST).await.unwrap_err();
    assert_eq!(wait(&world, &failure), Duration::from_secs(600));
    assert_eq!(world.requests().len(), 2);
}

#[tokio::test]
async fn writes_keep_to_eighty_a_minute_and_five_hundred_an_hour() {
    let (world, api) = world_with_an_issue().await;
    for n in 0..80 {
        api.create_comment(FIRST, &n.to_string()).await.unwrap();
    }
    let failure = api.create_comment(FIRST, "one too many").await.unwrap_err();
    assert_eq!(wait(&world, &failure), Duration::from_mins(1));
    assert!(api.issue(FIRST).await.is_ok(), "reads are free");
    // Within fifteen seconds of a free place the call waits itself.
    world.clock().advance(Duration::from_secs(50));
    api.create_comment(FIRST, "waited").await.unwrap();
    assert_eq!(world.clock().waits(), [Duration::from_secs(10)]);
    for n in 81..500 {
        world.clock().advance(Duration::from_secs(1));
        api.create_comment(FIRST, &n.to_string()).await.unwrap();
    }
    let failure = api.create_comment(FIRST, "one too many").await.unwrap_err();
    assert!(wait(&world, &failure) > Duration::from_mins(50));
    assert_eq!(world.comments_of(1).len(), 500);
}

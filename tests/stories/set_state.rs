//! Task kind `set_state`: an issue is closed or opened again once, and what people do with it is theirs.

use super::texts::{CRASH, TRACE};
use crate::world::github::Fault;
use crate::world::stage::Stage;

/// Nothing follows from events: all that happens was asked for by hand.
const QUIET: &str = "rules: []\n";

#[tokio::test]
async fn it_is_closed_opened_again_and_left_alone_where_it_is_so_already() {
    let stage = Stage::configured(QUIET).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    for (to, is_open) in [("open", true), ("closed", false), ("closed", false), ("open", true)] {
        stage.works_on("set_state", issue, &format!(r#"{{"to": "{to}"}}"#)).await;
        assert_eq!(stage.github.is_open(issue), is_open);
    }
    assert_eq!(stage.writes().len(), 2, "{:?}", stage.writes());
    let known = stage.state().await.issues.get(&automata::domain::id::IssueNumber(issue)).cloned().unwrap();
    assert_eq!(known.closed_at, None);
}

#[tokio::test]
async fn when_the_answer_is_lost_it_is_looked_whether_it_is_so() {
    let stage = Stage::configured(QUIET).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.github.plan("issues/update", Fault::LoseReply);
    stage.works_on("set_state", issue, r#"{"to": "closed"}"#).await;
    assert!(!stage.github.is_open(issue));
    stage.drain_later().await;
    assert_eq!(stage.tasks().await.get("set_state completed"), Some(&1));
    assert_eq!(stage.writes().len(), 1, "{:?}", stage.writes());
}

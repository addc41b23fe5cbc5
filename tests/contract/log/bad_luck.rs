//! What happens when the connection, the server or another writer gets in the way.

use std::sync::Arc;

use async_trait::async_trait;
use automata::log::verification::verify;
use automata::log::{Error, EventLog as _, Head};
use automata::services::git::objects::{ObjectId, Objects};
use automata::services::git::remote::{self, Depth, Outcome, Push, Remote, RemoteRef};
use automata::services::state::GitLog;

use super::home::{Home, append_patiently, batch, events, folded, git_log, history, http_remote, snapshot};
use crate::world::git_server::GitServer;

async fn server_with_one_event() -> (GitServer, Head) {
    let server = GitServer::start().await;
    let log = git_log(http_remote(server.url(), None));
    let head = append_patiently(&log, "base", 1).await;
    server.take_traffic();
    (server, head)
}

#[tokio::test]
async fn a_connection_cut_before_git_saw_the_push_is_tried_again() {
    let (server, head) = server_with_one_event().await;
    let log = git_log(http_remote(server.url(), None));
    server.faults(|faults| faults.cut_before = 2);
    log.append(&head, &batch(&events(&head, "late", 1), None)).await.unwrap();
    assert_eq!(history(&log, 1).await.unwrap(), ["base-1", "late-1"]);
    assert_eq!(server.take_traffic().pushes, 3);
}

#[tokio::test]
async fn a_push_that_never_arrives_is_given_up_and_writes_nothing() {
    let (server, head) = server_with_one_event().await;
    let log = git_log(http_remote(server.url(), None));
    server.faults(|faults| faults.cut_before = 3);
    let result = log.append(&head, &batch(&events(&head, "never", 1), None)).await;
    assert!(matches!(result, Err(Error::Unreachable(_))), "{result:?}");
    assert_eq!(log.load().await.unwrap().head, head);
}

#[tokio::test]
async fn a_lost_answer_is_settled_and_nothing_is_written_twice() {
    let (server, head) = server_with_one_event().await;
    let log = git_log(http_remote(server.url(), None));
    server.faults(|faults| faults.cut_after = 1);
    let head = log.append(&head, &batch(&events(&head, "ours", 2), None)).await.unwrap();
    assert_eq!(server.take_traffic().pushes, 1, "where the ref stands tells that it is done");
    assert_eq!(log.load().await.unwrap().head, head);
    assert_eq!(history(&log, 1).await.unwrap(), ["base-1", "ours-1", "ours-2"]);
}

#[tokio::test]
async fn a_lost_answer_is_settled_even_when_others_wrote_on_top() {
    for sealed_by_others in [false, true] {
        let (server, base) = server_with_one_event().await;
        let remote = http_remote(server.url(), None);
        let lost = git_log(Arc::new(LosesItsAnswer {
            inner: remote,
            meanwhile: git_log(http_remote(server.url(), None)),
            seals: sealed_by_others,
        }));
        let head = lost.append(&base, &batch(&events(&base, "ours", 1), None)).await.unwrap();
        assert_eq!(head.sequence.0, 2);
        assert_eq!(history(&lost, 1).await.unwrap(), ["base-1", "ours-1", "theirs-1"]);
    }
}

/// A remote that does every push, lets somebody else append on top, and then forgets what it did.
struct LosesItsAnswer {
    inner: Arc<dyn Remote>,
    meanwhile: GitLog,
    seals: bool,
}

#[async_trait]
impl Remote for LosesItsAnswer {
    async fn refs(&self, prefixes: &[&str]) -> Result<Vec<RemoteRef>, remote::Error> {
        self.inner.refs(prefixes).await
    }

    async fn fetch(
        &self,
        objects: &Objects,
        commits: &[ObjectId],
        depth: Depth,
    ) -> Result<(), remote::Error> {
        self.inner.fetch(objects, commits, depth).await
    }

    async fn fetch_blobs(&self, objects: &Objects, blobs: &[ObjectId]) -> Result<(), remote::Error> {
        self.inner.fetch_blobs(objects, blobs).await
    }

    async fn push(&self, objects: &Objects, push: &Push) -> Result<Vec<Outcome>, remote::Error> {
        self.inner.push(objects, push).await?;
        let (head, ids) = folded(&self.meanwhile).await.unwrap();
        let due = self.seals.then(|| snapshot(&head, &ids));
        self.meanwhile.append(&head, &batch(&events(&head, "theirs", 1), due.as_ref())).await.unwrap();
        Ok(vec![Outcome::Unsettled("the answer was lost".to_owned())])
    }
}

#[tokio::test]
async fn a_server_that_fails_now_and_then_is_asked_again() {
    let (server, head) = server_with_one_event().await;
    server.faults(|faults| faults.fail = 2);
    let log = git_log(http_remote(server.url(), None));
    assert_eq!(log.load().await.unwrap().head, head);
    server.faults(|faults| faults.fail = 2);
    log.append(&head, &batch(&events(&head, "more", 1), None)).await.unwrap();
    server.faults(|faults| faults.fail = 100);
    assert!(matches!(log.load().await, Err(Error::Unreachable(_))));
}

#[tokio::test]
async fn a_slow_writer_loses_to_a_quick_one_and_is_told() {
    let (server, head) = server_with_one_event().await;
    let (slow, quick) = (http_remote(server.url(), None), http_remote(server.url(), None));
    let (slow, quick) = (git_log(slow), git_log(quick));
    let gate = server.hold_next_push();
    let base = head.clone();
    let waiting = tokio::spawn(async move {
        let result = slow.append(&base, &batch(&events(&base, "slow", 1), None)).await;
        (slow, result)
    });
    server.push_waits().await;
    quick.append(&head, &batch(&events(&head, "quick", 1), None)).await.unwrap();
    gate.open();
    let (slow, result) = waiting.await.unwrap();
    assert_eq!(result, Err(Error::Conflict));
    append_patiently(&slow, "slow", 1).await;
    assert_eq!(history(&quick, 1).await.unwrap(), ["base-1", "quick-1", "slow-1"]);
}

#[tokio::test]
async fn a_server_that_wants_its_list_of_refs_read_first_gets_its_way() {
    let (server, head) = server_with_one_event().await;
    server.faults(|faults| faults.wants_advertisement = true);
    let log = git_log(http_remote(server.url(), None));
    log.append(&head, &batch(&events(&head, "polite", 1), None)).await.unwrap();
    assert_eq!(history(&log, 1).await.unwrap(), ["base-1", "polite-1"]);
}

#[tokio::test]
async fn a_token_is_asked_for_and_a_wrong_one_says_what_is_needed() {
    let server = GitServer::with_token("right").await;
    let log = git_log(http_remote(server.url(), Some("right")));
    append_patiently(&log, "a", 1).await;
    for wrong in [None, Some("wrong")] {
        let log = git_log(http_remote(server.url(), wrong));
        let Err(Error::Denied { reason, hint }) = log.load().await else { panic!("let in") };
        insta::allow_duplicates! {
            insta::assert_snapshot!(reason, @"127.0.0.1 answered 401 Unauthorized: Bad credentials");
            insta::assert_snapshot!(hint, @"Hand in a token that is valid now and has the permission `contents: read` for this repository.");
        }
    }
}

#[tokio::test]
async fn a_token_that_may_only_read_learns_which_permission_is_missing() {
    let (server, head) = server_with_one_event().await;
    server.repository.config("http.receivepack", "false");
    let log = git_log(http_remote(server.url(), None));
    let Err(Error::Denied { hint, .. }) = log.append(&head, &batch(&events(&head, "a", 1), None)).await
    else {
        panic!("let in")
    };
    insta::assert_snapshot!(hint, @"The token may not write to this repository: add `contents: write` to the `permissions` of the workflow's job.");
}

#[tokio::test]
async fn a_branch_that_a_hook_protects_is_no_lost_race() {
    use std::os::unix::fs::PermissionsExt as _;
    let (server, head) = server_with_one_event().await;
    let hook = server.repository.path().join("hooks/pre-receive");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho 'GH013: Repository rule violations found' >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    let log = git_log(http_remote(server.url(), None));
    let Err(Error::Denied { reason, hint }) = log.append(&head, &batch(&events(&head, "a", 1), None)).await
    else {
        panic!("let in")
    };
    insta::assert_snapshot!(reason, @"the remote forbids the push: refs/heads/automata-state: pre-receive hook declined (GH013: Repository rule violations found)");
    assert!(hint.contains("refs/heads/automata-state-archive"), "{hint}");
}

#[tokio::test]
async fn a_seal_that_died_between_its_two_pushes_leaves_nothing_behind_that_hurts() {
    for seals_before in [0, 1] {
        let home = Home::http_with("receive.advertiseAtomic", "false").await;
        let repository = home.repository().unwrap();
        let log = home.writer();
        append_patiently(&*log, "a", 1).await;
        let sealing = async |who: &str| {
            let (head, ids) = folded(&*log).await.unwrap();
            let due = snapshot(&head, &ids);
            log.append(&head, &batch(&events(&head, who, 1), Some(&due))).await.unwrap();
        };
        for _ in 0..seals_before {
            sealing("early").await;
        }
        // The archive's push is done, the state branch's is not.
        let state = repository.git(&["rev-parse", "automata-state"]);
        sealing("dead").await;
        repository.git(&["update-ref", "refs/heads/automata-state", state.trim()]);
        repository.git(&["update-ref", "refs/automata/witness-after/automata-state", state.trim()]);
        assert!(verify(&*log).await.unwrap().is_sound());
        append_patiently(&*log, "b", 1).await;
        sealing("c").await;
        let all = history(&*home.writer(), 1).await.unwrap();
        let expected: &[&str] =
            if seals_before == 0 { &["a-1", "b-1", "c-1"] } else { &["a-1", "early-1", "b-1", "c-1"] };
        assert_eq!(all, expected);
        assert!(verify(&*log).await.unwrap().is_sound());
        let parents = repository.git(&["log", "-1", "--format=%P", "automata-state-archive"]);
        assert_eq!(parents.split_whitespace().count(), 2, "the dead commit is the second parent");
    }
}

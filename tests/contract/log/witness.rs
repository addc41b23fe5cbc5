//! The witness of the state branch: what it notices, and how it keeps out of everybody's way.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use automata::log::verification::verify;
use automata::log::{Error, EventLog, Head};
use automata::services::git::objects::{ObjectId, Objects};
use automata::services::git::remote::{self, Depth, Outcome, Push, Remote, RemoteRef};

use super::home::{Home, append_patiently, batch, events, folded, git_log, history, http_remote, snapshot};
use crate::world::git_server::GitServer;
use crate::world::repository::BareRepository;

const BRANCH: &str = "refs/heads/automata-state";
const WITNESS: &str = "refs/automata/witness/automata-state";
/// Where a server moves one ref after the other.
const AFTER: &str = "refs/automata/witness-after/automata-state";

/// Every place with refs, and the name of the witness there.
async fn homes() -> Vec<(Home, &'static str)> {
    vec![
        (Home::local(), WITNESS),
        (Home::http().await, WITNESS),
        (Home::http_protocol_zero().await, WITNESS),
        (Home::http_with("uploadpack.allowFilter", "false").await, WITNESS),
        (Home::http_with("receive.advertiseAtomic", "false").await, AFTER),
    ]
}

fn at(repository: &BareRepository, name: &str) -> String {
    repository.git(&["rev-parse", "--verify", name]).trim().to_owned()
}

async fn append(log: &dyn EventLog, who: &str, seals: bool) -> Result<Head, Error> {
    let (head, ids) = folded(log).await?;
    let due = seals.then(|| snapshot(&head, &ids));
    log.append(&head, &batch(&events(&head, who, 1), due.as_ref())).await
}

#[tokio::test]
async fn it_moves_with_every_append_also_the_first_and_one_that_seals() {
    for (home, witness) in homes().await {
        let repository = home.repository().unwrap();
        for (who, seals) in [("a", false), ("b", false), ("c", true), ("d", false)] {
            append(&*home.writer(), who, seals).await.unwrap();
            assert_eq!(at(repository, BRANCH), at(repository, witness), "{who}");
        }
        let refs = repository.git(&["for-each-ref", "--format=%(refname)", "refs/automata"]);
        assert_eq!(refs.trim(), witness);
    }
}

#[tokio::test]
async fn a_branch_that_is_not_where_it_was_left_is_noticed_everywhere_and_all_events_are_still_read() {
    for (home, witness) in homes().await {
        let repository = home.repository().unwrap();
        for (who, seals) in [("a", false), ("b", true), ("c", false), ("d", false)] {
            append(&*home.writer(), who, seals).await.unwrap();
        }
        let tree = at(repository, "automata-state^{tree}");
        let amended = repository.git(&["commit-tree", &tree, "-p", "automata-state~1", "-m", "Amended"]);
        let foreign = repository.git(&["commit-tree", &tree, "-m", "Rewritten"]);
        let left = at(repository, BRANCH);
        for set_back in [
            &["update-ref", BRANCH, "automata-state~1"][..],
            &["update-ref", BRANCH, "automata-state~3"],
            &["update-ref", BRANCH, amended.trim()],
            &["update-ref", BRANCH, foreign.trim()],
            &["update-ref", "-d", BRANCH],
        ] {
            repository.git(set_back);
            let refs = repository.git(&["for-each-ref"]);
            let log = home.writer();
            let Err(error @ Error::SetBack { .. }) = log.load().await else { panic!("{set_back:?}") };
            assert!(error.to_string().contains(&format!("{witness} saw it at {}", &left[..12])), "{error}");
            let found = verify(&*log).await.unwrap();
            assert_eq!((found.events, found.damage), (4, Some(error.clone())));
            let known = repository.git(&["for-each-ref", "--format=%(objectname)", BRANCH]);
            let token = Some(known.trim().to_owned()).filter(|known| !known.is_empty());
            let head = Head { token, ..Head::EMPTY };
            let written = home.writer().append(&head, &batch(&events(&head, "x", 1), None)).await;
            assert_eq!(written, Err(error), "who appends without having read is told as well");
            assert_eq!(repository.git(&["for-each-ref"]), refs, "nothing is written");
            repository.git(&["update-ref", BRANCH, &left]);
        }
        append(&*home.writer(), "e", false).await.unwrap();
        assert_eq!(history(&*home.writer(), 1).await.unwrap(), ["a-1", "b-1", "c-1", "d-1", "e-1"]);
    }
}

#[tokio::test]
async fn one_that_stayed_behind_or_is_missing_is_no_alarm_and_is_moved_on() {
    for (home, witness) in homes().await {
        let repository = home.repository().unwrap();
        for who in ["a", "b", "c", "d"] {
            append(&*home.writer(), who, who == "c").await.unwrap();
        }
        for behind in [
            &["update-ref", witness, "automata-state~1"][..],
            &["update-ref", witness, "automata-state~3"],
            &["update-ref", "-d", witness],
        ] {
            repository.git(behind);
            assert!(verify(&*home.writer()).await.unwrap().is_sound(), "{behind:?}");
            append(&*home.writer(), "x", false).await.unwrap();
            assert_eq!(at(repository, BRANCH), at(repository, witness));
        }
    }
}

#[tokio::test]
async fn one_that_stayed_far_behind_is_found_all_the_same() {
    let server = GitServer::start().await;
    let log = git_log(http_remote(server.url(), None));
    append_patiently(&log, "first", 1).await;
    let first = at(&server.repository, BRANCH);
    for place in 0..40 {
        append_patiently(&log, &format!("w{place}"), 1).await;
    }
    server.repository.git(&["update-ref", WITNESS, &first]);
    assert_eq!(git_log(http_remote(server.url(), None)).load().await.unwrap().head.sequence.0, 41);
}

#[tokio::test]
async fn an_append_after_a_read_costs_no_request_more() {
    let home = Home::http().await;
    let Home::Http(server) = &home else { unreachable!() };
    append(&*home.writer(), "a", false).await.unwrap();
    let log = home.writer();
    let (head, ids) = folded(&*log).await.unwrap();
    server.take_traffic();
    let head = log.append(&head, &batch(&events(&head, "b", 1), None)).await.unwrap();
    assert_eq!(server.take_traffic().requests, 1);
    let due = snapshot(&head, &[ids, vec!["b-1".to_owned()]].concat());
    log.append(&head, &batch(&events(&head, "c", 1), Some(&due))).await.unwrap();
    assert_eq!(server.take_traffic().requests, 2, "one of them asks where the archive is");
}

#[tokio::test]
async fn whoever_accepts_the_loss_while_we_work_wins_and_we_read_again() {
    let home = Home::http().await;
    let log = home.writer();
    append(&*log, "a", false).await.unwrap();
    let (head, _) = folded(&*log).await.unwrap();
    home.repository().unwrap().git(&["update-ref", "-d", WITNESS]);
    assert_eq!(log.append(&head, &batch(&events(&head, "b", 1), None)).await, Err(Error::Conflict));
    append(&*log, "b", false).await.unwrap();
    assert_eq!(history(&*log, 1).await.unwrap(), ["a-1", "b-1"]);
}

/// A remote whose lists of refs show a push half-done now and then.
struct ListsHalfAPush {
    inner: Arc<dyn Remote>,
    /// What the next lists show instead of the branch.
    shown: Mutex<Vec<ObjectId>>,
}

#[async_trait]
impl Remote for ListsHalfAPush {
    async fn refs(&self, prefixes: &[&str]) -> Result<Vec<RemoteRef>, remote::Error> {
        let mut refs = self.inner.refs(prefixes).await?;
        if let (Some(branch), Some(shown)) =
            (refs.iter_mut().find(|found| found.name == BRANCH), self.shown.lock().unwrap().pop())
        {
            branch.target = shown;
        }
        Ok(refs)
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
        self.inner.push(objects, push).await
    }
}

#[tokio::test]
async fn a_list_made_while_a_push_was_under_way_is_not_believed() {
    let home = Home::http().await;
    let Home::Http(server) = &home else { unreachable!() };
    let mut commits: Vec<ObjectId> = Vec::new();
    for who in ["a", "b", "c"] {
        append(&*home.writer(), who, false).await.unwrap();
        commits.push(at(&server.repository, BRANCH).parse().unwrap());
    }
    let listing = |shown: &[ObjectId]| {
        let inner = http_remote(server.url(), None);
        git_log(Arc::new(ListsHalfAPush { inner, shown: Mutex::new(shown.to_vec()) }))
    };
    assert_eq!(listing(&commits[1..2]).load().await.unwrap().head.sequence.0, 3);
    assert_eq!(listing(&commits[..2]).load().await.unwrap().head.sequence.0, 3, "two pushes, two lists");
    let same_twice = listing(&[commits[1], commits[1]]).load().await;
    assert!(matches!(same_twice, Err(Error::SetBack { .. })), "{same_twice:?}");
}

#[tokio::test]
async fn a_server_that_forgot_how_to_move_two_refs_at_once_leaves_no_false_witness() {
    let home = Home::http().await;
    let Home::Http(server) = &home else { unreachable!() };
    append(&*home.writer(), "a", false).await.unwrap();
    server.repository.config("receive.advertiseAtomic", "false");
    let (slow, quick) = (home.writer(), home.writer());
    let base = slow.load().await.unwrap().head;
    // The other's witness is not moved yet when ours is tried.
    append(&*quick, "b", false).await.unwrap();
    server.repository.git(&["update-ref", WITNESS, "automata-state~1"]);
    assert_eq!(slow.append(&base, &batch(&events(&base, "lost", 1), None)).await, Err(Error::Conflict));
    assert_eq!(at(&server.repository, WITNESS), at(&server.repository, "automata-state~1"));
    append(&*slow, "c", false).await.unwrap();
    assert_eq!(history(&*home.writer(), 1).await.unwrap(), ["a-1", "b-1", "c-1"]);
}

//! Commits that others put on top of the state branch, and witnesses that others moved: what goes on, and what stops.

use automata::log::verification::verify;
use automata::log::{Error, Head};

use super::home::{Home, batch, events, folded, history, snapshot};
use crate::world::repository::BareRepository;

const BRANCH: &str = "refs/heads/automata-state";
const WITNESS: &str = "refs/automata/witness/automata-state";

/// Appends of `who` one after the other; those with a `!` seal the tail before them.
async fn written(home: &Home, who: &[&str]) {
    for who in who {
        let log = home.writer();
        let (head, ids) = folded(&*log).await.unwrap();
        let due = who.ends_with('!').then(|| snapshot(&head, &ids));
        log.append(&head, &batch(&events(&head, who, 1), due.as_ref())).await.unwrap();
    }
}

fn at(repository: &BareRepository, name: &str) -> String {
    repository.git(&["rev-parse", "--verify", name]).trim().to_owned()
}

/// An ordinary commit on top of the branch with the folders of an older one, as `git revert` makes it.
fn revert(repository: &BareRepository, to: &str) {
    let tree = at(repository, &format!("{to}^{{tree}}"));
    let commit = repository.git(&["commit-tree", &tree, "-p", BRANCH, "-m", "Revert"]);
    repository.git(&["update-ref", BRANCH, commit.trim()]);
}

async fn is_set_back(home: &Home) {
    let repository = home.repository().unwrap();
    let refs = repository.git(&["for-each-ref"]);
    let error = home.writer().load().await.unwrap_err();
    assert!(matches!(error, Error::SetBack { .. }), "{error}");
    let head = Head { token: Some(at(repository, BRANCH)), ..Head::EMPTY };
    let written = home.writer().append(&head, &batch(&events(&head, "x", 1), None)).await;
    assert_eq!(written, Err(error.clone()), "who appends without having read is told as well");
    assert_eq!(verify(&*home.writer()).await.unwrap().damage, Some(error));
    assert_eq!(repository.git(&["for-each-ref"]), refs, "nothing is written");
}

#[tokio::test]
async fn a_log_reverted_by_a_commit_on_top_is_set_back() {
    for home in [Home::local(), Home::http().await] {
        let repository = home.repository().unwrap();
        written(&home, &["a", "b", "c!", "d", "e"]).await;
        let good = at(repository, BRANCH);
        for to in ["automata-state~1", "automata-state~2", "automata-state~3", "automata-state~4"] {
            revert(repository, to);
            is_set_back(&home).await;
            assert_eq!(verify(&*home.writer()).await.unwrap().events, 5, "all that was is shown");
            repository.git(&["update-ref", BRANCH, &good]);
        }
    }
}

#[tokio::test]
async fn a_log_that_went_on_from_a_revert_is_set_back_however_long_it_has_become() {
    for home in [Home::local(), Home::http().await] {
        let repository = home.repository().unwrap();
        written(&home, &["a", "b", "c", "d"]).await;
        let left = at(repository, WITNESS);
        revert(repository, "automata-state~2");
        // A program without witnesses goes on, and numbers events anew.
        repository.git(&["update-ref", "-d", WITNESS]);
        written(&home, &["e", "f"]).await;
        for more in [&[][..], &["g", "h"], &["i!", "j"]] {
            repository.git(&["update-ref", "-d", WITNESS]);
            written(&home, more).await;
            repository.git(&["update-ref", WITNESS, &left]);
            is_set_back(&home).await;
        }
    }
}

#[tokio::test]
async fn a_witness_from_before_the_archive_was_written_is_found_in_it() {
    for home in [Home::local(), Home::http().await] {
        let repository = home.repository().unwrap();
        written(&home, &["a", "b", "c", "d!", "e", "f!", "g"]).await;
        for behind in 1..=6 {
            repository.git(&["update-ref", WITNESS, &format!("automata-state~{behind}")]);
            assert!(verify(&*home.writer()).await.unwrap().is_sound(), "{behind}");
        }
    }
}

#[tokio::test]
async fn a_commit_that_leaves_the_log_as_it_is_is_no_alarm_and_the_next_append_leaves_its_files_out() {
    for home in [Home::local(), Home::http().await] {
        let repository = home.repository().unwrap();
        written(&home, &["a", "b!", "c"]).await;
        repository.commit_file("automata-state", "foo.txt", Some(b"foo\n"));
        let foreign = at(repository, BRANCH);
        assert!(verify(&*home.writer()).await.unwrap().is_sound());
        written(&home, &["d"]).await;
        assert_eq!(history(&*home.writer(), 1).await.unwrap(), ["a-1", "b!-1", "c-1", "d-1"]);
        assert_eq!(at(repository, BRANCH), at(repository, WITNESS));
        assert_eq!(at(repository, "automata-state~1"), foreign, "it stays in the history");
        assert_eq!(repository.git(&["ls-tree", "automata-state", "foo.txt"]), "");
    }
}

#[tokio::test]
async fn a_witness_that_holds_no_log_or_another_one_is_wrong_and_not_the_branch() {
    for home in [Home::local(), Home::http().await] {
        let repository = home.repository().unwrap();
        written(&home, &["x", "y"]).await;
        let other = at(repository, BRANCH);
        repository.git(&["update-ref", "-d", BRANCH]);
        repository.git(&["update-ref", "-d", WITNESS]);
        written(&home, &["a", "b", "c"]).await;
        let tree = repository.git_with(&["mktree"], b"");
        let code = repository.git(&["commit-tree", tree.trim(), "-m", "Begin"]);
        let blob = repository.git_with(&["hash-object", "-w", "--stdin"], b"no commit");
        for wrong in [other.trim(), code.trim(), blob.trim()] {
            std::fs::write(repository.path().join(WITNESS), format!("{wrong}\n")).unwrap();
            let refs = repository.git(&["for-each-ref"]);
            let Err(Error::SetBack { told, ways_out }) = home.writer().load().await else {
                panic!("{wrong}");
            };
            assert!(told.contains("cannot be the log's witness"), "{told}");
            let is_log = wrong == other.trim();
            assert_eq!(ways_out.len(), if is_log { 2 } else { 1 }, "{ways_out:?}");
            assert!(!ways_out[0].contains("--force"), "{ways_out:?}");
            let found = verify(&*home.writer()).await.unwrap();
            assert_eq!(found.events, 3, "what is on the branch is shown");
            let head = Head { token: Some(at(repository, BRANCH)), ..Head::EMPTY };
            assert_eq!(
                home.writer().append(&head, &batch(&events(&head, "x", 1), None)).await.err(),
                found.damage
            );
            assert_eq!(repository.git(&["for-each-ref"]), refs, "nothing is written");
        }
        repository.git(&["update-ref", "-d", WITNESS]);
        written(&home, &["d"]).await;
        assert_eq!(history(&*home.writer(), 1).await.unwrap(), ["a-1", "b-1", "c-1", "d-1"]);
    }
}

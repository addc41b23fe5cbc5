//! What reading, patching and pushing code does, whether the repository is a path or a server.

use std::sync::Arc;

use automata::domain::time::Timestamp;
use automata::services::clock::SystemClock;
use automata::services::git::code::GitCode;
use automata::services::git::local_remote::LocalRemote;
use automata::services::git::{Code, CommitSheet, PatchLimits, Pushed};

use crate::contract::log::home::http_remote;
use crate::world::git_server::GitServer;
use crate::world::repository::BareRepository;

/// A repository with a few files, an executable, a link and two commits.
fn fill(repository: &BareRepository) {
    let blob = |content: &str| {
        repository.git_with(&["hash-object", "-w", "--stdin"], content.as_bytes()).trim().to_owned()
    };
    let tree = |text: String| repository.git_with(&["mktree"], text.as_bytes()).trim().to_owned();
    let commit = |main: &str, parent: Option<&str>| {
        let src = tree(format!("100644 blob {}\tmain.rs\n", blob(main)));
        let root = tree(format!(
            "100644 blob {}\tREADME.md\n120000 blob {}\tlink\n100755 blob {}\trun.sh\n040000 tree {src}\tsrc\n",
            blob("# Hello\n"),
            blob("README.md"),
            blob("#!/bin/sh\n")
        ));
        let parents = parent.map_or(vec![], |parent| vec!["-p", parent]);
        let arguments = [&["commit-tree", root.as_str(), "-m", "Change"], parents.as_slice()].concat();
        repository.git(&arguments).trim().to_owned()
    };
    let first = commit("one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n", None);
    let second = commit("zero\none\ntwo\nTHREE\nfour\nfive\nsix\nseven\neight\n", Some(&first));
    repository.git(&["update-ref", "refs/heads/main", &second]);
}

enum Place {
    Local(BareRepository),
    Http(Box<GitServer>),
}

impl Place {
    fn local() -> Self {
        let repository = BareRepository::new();
        fill(&repository);
        Self::Local(repository)
    }

    async fn http(no_protocol_two: bool) -> Self {
        let server = GitServer::start().await;
        fill(&server.repository);
        server.faults(|faults| faults.no_protocol_two = no_protocol_two);
        Self::Http(Box::new(server))
    }

    fn repository(&self) -> &BareRepository {
        match self {
            Self::Local(repository) => repository,
            Self::Http(server) => &server.repository,
        }
    }

    fn code(&self) -> GitCode {
        match self {
            Self::Local(repository) => {
                let remote = LocalRemote::open(&repository.path(), Arc::new(SystemClock)).unwrap();
                GitCode::new(Arc::new(remote), None).unwrap()
            }
            Self::Http(server) => GitCode::new(http_remote(server.url(), None), None).unwrap(),
        }
    }
}

macro_rules! everywhere {
    ($($promise:ident),* $(,)?) => {
        mod local_path { $( #[tokio::test] async fn $promise() { super::$promise(&super::Place::local()).await; } )* }
        mod http { $( #[tokio::test] async fn $promise() { super::$promise(&super::Place::http(false).await).await; } )* }
        mod http_protocol_zero { $( #[tokio::test] async fn $promise() { super::$promise(&super::Place::http(true).await).await; } )* }
    };
}

everywhere!(
    the_default_branch_is_listed_and_read,
    a_patch_becomes_a_commit_that_is_pushed_by_compare_and_swap,
    an_empty_repository_is_told,
);

fn limits() -> PatchLimits {
    PatchLimits { protected: vec![], files: 10, lines: 100, bytes: 10_000, binary_bytes: 0 }
}

fn sheet() -> CommitSheet {
    CommitSheet {
        message: "Say it louder".to_owned(),
        author: ("Octo Cat".to_owned(), "octo@example.org".to_owned()),
        at: Timestamp::from_millis(1_795_348_800_000),
    }
}

const PATCH: &str = "\
diff --git a/src/main.rs b/src/main.rs
--- a/src/main.rs
+++ b/src/main.rs
@@ -7,3 +7,3 @@
 six
-seven
+SEVEN
 eight
";

async fn the_default_branch_is_listed_and_read(place: &Place) {
    let code = place.code();
    let tip = code.default_tip().await.unwrap();
    assert_eq!(tip.branch, "main");
    assert_eq!(tip.commit.as_str(), place.repository().git(&["rev-parse", "main"]).trim());
    let files: Vec<_> =
        code.files().await.unwrap().into_iter().map(|file| (file.path, file.is_regular)).collect();
    let expected = [("README.md", true), ("link", false), ("run.sh", true), ("src/main.rs", true)];
    assert_eq!(files, expected.map(|(path, regular)| (path.to_owned(), regular)));
    let read = code.read(&["run.sh", "link", "nothing", "README.md"]).await.unwrap();
    assert_eq!(read, [Some(b"#!/bin/sh\n".to_vec()), None, None, Some(b"# Hello\n".to_vec())]);
}

async fn a_patch_becomes_a_commit_that_is_pushed_by_compare_and_swap(place: &Place) {
    let code = place.code();
    let proposed = code.commit_patch(PATCH, &limits(), &sheet()).await.unwrap();
    assert_eq!((proposed.files.as_slice(), proposed.merged), (["src/main.rs".to_owned()].as_slice(), false));
    let name = "automata/issue-1-louder";
    assert_eq!(code.branch(name).await.unwrap(), None);
    assert_eq!(code.push_branch(name, None, &proposed.commit).await.unwrap(), Pushed::Done);
    assert_eq!(code.branch(name).await.unwrap().as_ref(), Some(&proposed.commit));
    let diff = place.repository().git(&["diff", "--stat", "main", name]);
    assert!(diff.contains("1 file changed, 1 insertion(+), 1 deletion(-)"), "{diff}");
    assert_eq!(place.repository().git(&["fsck", "--strict", "--no-dangling"]), "");
    // Another run, the same patch: the same commit, already there.
    let again = place.code();
    let same = again.commit_patch(PATCH, &limits(), &sheet()).await.unwrap();
    assert_eq!(same.commit, proposed.commit);
    assert_eq!(again.push_branch(name, None, &same.commit).await.unwrap(), Pushed::Done);
    // Somebody moved the branch.
    place.repository().git(&["update-ref", &format!("refs/heads/{name}"), "main"]);
    let main = again.default_tip().await.unwrap().commit;
    let outcome = again.push_branch(name, Some(&proposed.commit), &main).await.unwrap();
    assert_eq!(outcome, Pushed::Done, "it is there already");
    let outcome = again.push_branch(name, Some(&proposed.commit), &same.commit).await.unwrap();
    assert_eq!(outcome, Pushed::Conflict(Some(main.clone())));
    assert_eq!(again.push_branch(name, Some(&main), &same.commit).await.unwrap(), Pushed::Done);
    // It is deleted only where it was left.
    assert_eq!(again.delete_branch(name, &main).await.unwrap(), Pushed::Conflict(Some(same.commit.clone())));
    for _ in 0..2 {
        assert_eq!(again.delete_branch(name, &same.commit).await.unwrap(), Pushed::Done);
        assert_eq!(again.branch(name).await.unwrap(), None);
    }
}

async fn an_empty_repository_is_told(place: &Place) {
    place.repository().git(&["update-ref", "-d", "refs/heads/main"]);
    let failure = place.code().default_tip().await.unwrap_err();
    assert_eq!(failure.code, "repository_empty");
}

#[tokio::test]
async fn a_patch_for_an_older_version_is_merged_by_the_short_name_in_its_index_line() {
    let place = Place::http(false).await;
    let older = place.repository().git(&["rev-parse", "--short=7", "main~1:src/main.rs"]);
    // Made on the first commit: its context says `three`, which the branch has changed to `THREE`.
    let patch = format!(
        "diff --git a/src/main.rs b/src/main.rs\nindex {}..1234567 100644\n--- a/src/main.rs\n+++ b/src/main.rs\n\
         @@ -3,6 +3,6 @@ two\n three\n four\n five\n-six\n+SIX\n seven\n eight\n",
        older.trim()
    );
    let proposed = place.code().commit_patch(&patch, &limits(), &sheet()).await.unwrap();
    assert!(proposed.merged);
}

#[tokio::test]
async fn contents_are_fetched_together_and_only_when_they_are_read() {
    let place = Place::http(false).await;
    let Place::Http(server) = &place else { unreachable!() };
    let code = place.code();
    code.files().await.unwrap();
    let listing = server.take_traffic();
    assert_eq!(listing.requests, 3, "what it speaks, where the branch is, its folders");
    code.read(&["README.md", "src/main.rs", "run.sh"]).await.unwrap();
    code.read(&["README.md"]).await.unwrap();
    assert_eq!(server.take_traffic().requests, 1);
}

#[tokio::test]
async fn a_branch_name_that_git_forbids_is_never_sent() {
    let place = Place::local();
    assert_eq!(place.code().branch("a..b").await.unwrap_err().code, "branch_name");
}

//! Work trees: what is checked out is what stands in the commit, and what is taken in is what git would add.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use automata::domain::failure::Failure;
use automata::domain::time::Timestamp;
use automata::services::clock::SystemClock;
use automata::services::git::code::GitCode;
use automata::services::git::local_remote::LocalRemote;
use automata::services::git::{Code, CommitSheet, PatchLimits, ProposedCommit, Pushed, WorkTree};
use insta::assert_snapshot;

use crate::contract::log::home::http_remote;
use crate::world::git_server::GitServer;
use crate::world::repository::{BareRepository, hermetic_git};

/// A submodule's commit, which nobody here has.
const ELSEWHERE: &str = "0123456789012345678901234567890123456789";
/// What git LFS leaves in the repository.
const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";

/// A repository with everything that a careless check-out breaks.
fn fill(repository: &BareRepository) {
    let mut stream = b"commit refs/heads/main\ncommitter Somebody <somebody@example.org> 1795341600 +0000\ndata 5\nBegin\n".to_vec();
    let mut file = |mode: &str, path: &str, content: &[u8]| {
        stream.extend(format!("M {mode} inline {path}\ndata {}\n", content.len()).bytes());
        stream.extend(content);
        stream.push(b'\n');
    };
    file("100644", "README.md", b"# Hello\r\nworld\r\n");
    file("100755", "run.sh", b"#!/bin/sh\n");
    file("120000", "link", b"README.md");
    file("120000", "away", b"/etc/hostname");
    file("100644", ".gitattributes", b"*.md text eol=lf\n*.bin filter=lfs diff=lfs merge=lfs -text\n");
    file("100644", ".gitignore", b"target/\n*.log\n");
    file("100644", "kept.log", b"tracked although it is ignored\n");
    file("100644", "large.bin", POINTER.as_bytes());
    file("100644", "src/main.rs", b"one\ntwo\nthree\n");
    file("100644", "\"caf\\351\"", b"a name that is no text\n");
    stream.extend(format!("M 160000 {ELSEWHERE} lib\n").bytes());
    repository.git_with(&["fast-import", "--quiet"], &stream);
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

    /// What a commit that was pushed changes, as git shows it.
    async fn pushed(&self, code: &GitCode, commit: &ProposedCommit) -> String {
        assert_eq!(code.push_branch("change", None, &commit.commit).await.unwrap(), Pushed::Done);
        assert_eq!(self.repository().git(&["fsck", "--strict", "--no-dangling"]), "");
        self.repository().git(&["diff", "--raw", "--no-renames", "--abbrev=4", "main", "change"])
    }
}

fn limits() -> PatchLimits {
    let protected = vec![".github/**".to_owned(), ".gitmodules".to_owned()];
    PatchLimits { protected, files: 10, lines: 100, bytes: 10_000, binary_bytes: 100 }
}

fn sheet() -> CommitSheet {
    CommitSheet {
        message: "Say it louder".to_owned(),
        author: ("Octo Cat".to_owned(), "octo@example.org".to_owned()),
        at: Timestamp::from_millis(1_795_348_800_000),
    }
}

fn git_in(folder: &Path, arguments: &[&str]) -> String {
    let output = hermetic_git().current_dir(folder).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

async fn what_stands_in_the_commit_stands_in_the_folder(place: &Place) {
    let code = place.code();
    let tree = code.check_out(None).await.unwrap();
    let folder = tree.path();
    assert_eq!(tree.base().as_str(), place.repository().git(&["rev-parse", "main"]).trim());
    let read = |name: &str| String::from_utf8(fs::read(folder.join(name)).unwrap()).unwrap();
    assert_eq!(read("README.md"), "# Hello\r\nworld\r\n", "the attributes would have made it LF");
    assert_eq!(read("large.bin"), POINTER);
    assert_eq!(fs::read_link(folder.join("link")).unwrap(), Path::new("README.md"));
    assert!(fs::metadata(folder.join("run.sh")).unwrap().permissions().mode() & 0o100 != 0);
    assert!(fs::metadata(folder.join("src/main.rs")).unwrap().permissions().mode() & 0o111 == 0);
    assert_eq!(fs::read_dir(folder.join("lib")).unwrap().count(), 0, "a submodule is an empty folder");
    // Programs that ask git find a clean repository without a way to anywhere.
    assert_eq!(git_in(&folder, &["status", "--porcelain"]), "");
    assert_eq!(git_in(&folder, &["remote"]), "");
    assert_eq!(git_in(&folder, &["log", "--format=%s"]), "The files as they were found\n");
    git_in(&folder, &["add", "--all"]);
    assert_eq!(git_in(&folder, &["status", "--porcelain"]), "", "adding everything changes nothing");
    let failure = code.commit_folder(&tree, &limits(), &sheet()).await.unwrap_err();
    assert_eq!(failure.code, "patch_changes_nothing");
    drop(tree);
    assert!(!folder.exists());
}

async fn what_git_would_add_becomes_the_commit(place: &Place) {
    let code = place.code();
    let tree = code.check_out(None).await.unwrap();
    let folder = tree.path();
    fs::write(folder.join("src/main.rs"), "one\nTWO\nthree\n").unwrap();
    fs::write(folder.join("README.md"), "# Hello\r\nWorld\r\n").unwrap();
    fs::create_dir_all(folder.join("target/debug")).unwrap();
    fs::write(folder.join("target/debug/output"), "built").unwrap();
    fs::write(folder.join("noise.log"), "noise").unwrap();
    fs::write(folder.join("kept.log"), "changed although it is ignored\n").unwrap();
    fs::create_dir_all(folder.join("new/deep")).unwrap();
    fs::write(folder.join("new/deep/tool"), "#!/bin/sh\necho\n").unwrap();
    fs::set_permissions(folder.join("new/deep/tool"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("../src/main.rs", folder.join("new/main")).unwrap();
    fs::remove_file(folder.join("run.sh")).unwrap();
    fs::remove_dir(folder.join("lib")).unwrap();
    // Whatever somebody does to the small repository has no part in it.
    git_in(&folder, &["commit", "--quiet", "--all", "--message=Work"]);
    fs::write(folder.join(".git/info/exclude"), "src/\n").unwrap();
    let commit = code.commit_folder(&tree, &limits(), &sheet()).await.unwrap();
    assert_eq!((commit.added, commit.removed), (6, 4));
    assert_eq!(commit.files, ["README.md", "kept.log", "new/deep/tool", "new/main", "run.sh", "src/main.rs"]);
    let pushed = place.pushed(&code, &commit).await;
    insta::allow_duplicates! {
        assert_snapshot!(pushed, @"
    :100644 100644 2e25 85e8 M	README.md
    :100644 100644 7f70 aad1 M	kept.log
    :000000 100755 0000 82a7 A	new/deep/tool
    :000000 120000 0000 0c8d A	new/main
    :100755 000000 1a24 0000 D	run.sh
    :100644 100644 4cb2 ddc8 M	src/main.rs
    ");
    }
    let again = place.code();
    assert_eq!(again.check_out(Some(&commit.commit)).await.unwrap().base(), &commit.commit);
    let same = code.commit_folder(&tree, &limits(), &sheet()).await.unwrap();
    assert_eq!(same, commit, "the same files make the same commit");
}

async fn a_commit_from_a_folder_can_be_said_as_a_patch(place: &Place) {
    let code = place.code();
    let tree = code.check_out(None).await.unwrap();
    fs::write(tree.path().join("src/main.rs"), "one\nTWO\nthree").unwrap();
    fs::write(tree.path().join("README.md"), "# Hello\r\nWorld\r\n").unwrap();
    fs::write(tree.path().join("new.txt"), "new\n").unwrap();
    fs::remove_file(tree.path().join("run.sh")).unwrap();
    let commit = code.commit_folder(&tree, &limits(), &sheet()).await.unwrap();
    let patch = code.as_patch(&commit).await.unwrap().unwrap();
    let other = place.code().commit_patch(&patch, &limits(), &sheet()).await.unwrap();
    assert_eq!(other.commit, commit.commit);
    fs::write(tree.path().join("picture"), [0, 1, 2, 3]).unwrap();
    let commit = code.commit_folder(&tree, &limits(), &sheet()).await.unwrap();
    assert_eq!(code.as_patch(&commit).await.unwrap(), None, "no text says it");
}

macro_rules! everywhere {
    ($($promise:ident),* $(,)?) => {
        mod local_path { $( #[tokio::test] async fn $promise() { super::$promise(&super::Place::local()).await; } )* }
        mod http {
            async fn place(no_protocol_two: bool) -> super::Place {
                let server = super::GitServer::start().await;
                super::fill(&server.repository);
                server.faults(|faults| faults.no_protocol_two = no_protocol_two);
                super::Place::Http(Box::new(server))
            }
            $( #[tokio::test] async fn $promise() {
                super::$promise(&place(false).await).await;
                super::$promise(&place(true).await).await;
            } )*
        }
    };
}

everywhere!(
    what_stands_in_the_commit_stands_in_the_folder,
    what_git_would_add_becomes_the_commit,
    a_commit_from_a_folder_can_be_said_as_a_patch,
);

/// What is said of a change that this makes in a folder.
async fn refusal(change: impl FnOnce(&Path)) -> String {
    let place = Place::local();
    let code = place.code();
    let tree: WorkTree = code.check_out(None).await.unwrap();
    change(&tree.path());
    let told = |failure: Failure| format!("{}: {}", failure.code, failure.message);
    code.commit_folder(&tree, &limits(), &sheet()).await.map_or_else(told, |commit| commit.files.join(" "))
}

#[tokio::test]
async fn what_no_change_may_do_is_refused_by_its_name() {
    let write = |name: &'static str, content: Vec<u8>| {
        move |folder: &Path| {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    };
    let token = ["gh", "p_", "a8Fk29dLmQ4xZ7vBa8Fk29dLmQ4xZ7vBa8Fk29dL"].concat();
    let mut told = vec![
        refusal(write(".github/workflows/ci.yml", b"on: push\n".to_vec())).await,
        refusal(write(".gitmodules", b"[submodule]\n".to_vec())).await,
        refusal(write("settings", format!("first\nTOKEN={token}\n").into_bytes())).await,
        refusal(write("picture", vec![0; 101])).await,
        refusal(write("long", "line\n".repeat(101).into_bytes())).await,
        refusal(write("wide", vec![b'x'; 10_001])).await,
        refusal(write("huge", vec![b'x'; 100_000])).await,
        refusal(write(".GIT/config", b"[core]\n".to_vec())).await,
    ];
    let link = |target: &'static str| move |folder: &Path| symlink(target, folder.join("src/way")).unwrap();
    for target in ["/etc/passwd", "../../outside", "../.git/config", "../away", "../src/../../outside"] {
        told.push(refusal(link(target)).await);
    }
    told.push(
        refusal(|folder| {
            fs::remove_dir(folder.join("lib")).unwrap();
            fs::write(folder.join("lib"), "no folder").unwrap();
        })
        .await,
    );
    told.push(
        refusal(|folder| (0..11).for_each(|n| fs::write(folder.join(format!("file{n}")), "x\n").unwrap()))
            .await,
    );
    assert_snapshot!(told.join("\n"), @"
    patch_protected_path: The change touches `.github/workflows/ci.yml`, which is protected by `.github/**`.
    patch_protected_path: The change touches `.gitmodules`, which is protected by `.gitmodules`.
    secret_in_change: The change adds what looks like a GitHub token to `settings`, in line 2.
    binary_too_large: The change holds the binary file `picture` of 101 bytes; the limit is 100.
    patch_too_large: The change has 101 changed lines; the limit is 100.
    patch_too_large: The change has 10001 bytes in one file; the limit is 10000.
    patch_too_large: The change has 100000 bytes in one file; the limit is 10000.
    patch_escapes_tree: The change names `.GIT`: a submodule brings in another repository.
    patch_escapes_tree: The change names `src/way`: it is a symbolic link that leads out of the repository.
    patch_escapes_tree: The change names `src/way`: it is a symbolic link that leads out of the repository.
    patch_escapes_tree: The change names `src/way`: it is a symbolic link that leads out of the repository.
    patch_escapes_tree: The change names `src/way`: it is a symbolic link that leads out of the repository.
    patch_escapes_tree: The change names `src/way`: it is a symbolic link that leads out of the repository.
    patch_escapes_tree: The change names `lib`: it takes the place of a submodule.
    patch_too_large: The change has 11 files; the limit is 10.
    ");
    assert_eq!(refusal(link("../README.md")).await, "src/way");
    assert_eq!(refusal(write("picture", vec![0; 100])).await, "picture");
}

#[tokio::test]
async fn pipes_are_passed_over_and_a_folder_may_take_the_place_of_a_file() {
    let told = refusal(|folder| {
        assert!(Command::new("mkfifo").arg(folder.join("pipe")).status().unwrap().success());
        fs::remove_file(folder.join("run.sh")).unwrap();
        fs::create_dir_all(folder.join("run.sh/.git")).unwrap();
        fs::write(folder.join("run.sh/.git/config"), "what another repository keeps for itself\n").unwrap();
        fs::write(folder.join("run.sh/inner"), "x\n").unwrap();
    })
    .await;
    assert_eq!(told, "run.sh run.sh/inner");
}

#[tokio::test]
async fn nobody_waits_for_a_pipe_that_has_the_name_of_rules() {
    for (place, link) in [("", None), ("src", None), ("new", None), ("", Some("pipe"))] {
        let told = refusal(|folder| {
            let folder = folder.join(place);
            fs::create_dir_all(&folder).unwrap();
            let rules = folder.join(".gitignore");
            let _ = fs::remove_file(&rules);
            let pipe = link.map_or_else(|| rules.clone(), |name| folder.join(name));
            assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
            if let Some(name) = link {
                symlink(name, &rules).unwrap();
            }
            fs::write(folder.join("something"), "x\n").unwrap();
        })
        .await;
        assert!(told.contains(".gitignore`: it is no file"), "{place}: {told}");
    }
}

#[tokio::test]
async fn a_patch_that_adds_a_credential_is_refused_and_what_tools_made_is_noted() {
    let place = Place::local();
    let patch = |name: &str, line: &str| format!("--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n+{line}\n");
    let key = ["AK", "IA", "Q3XB7ZK9LM2Q3XB7"].concat();
    let refused = place.code().commit_patch(&patch("env", &key), &limits(), &sheet()).await.unwrap_err();
    assert_snapshot!(refused.to_string(), @"The patch adds what looks like an AWS access key to `env`, in line 1");
    assert!(!refused.to_string().contains(&key));
    let noted = place.code().commit_patch(&patch("Cargo.lock", "# made"), &limits(), &sheet()).await.unwrap();
    assert_eq!(noted.generated, ["Cargo.lock"]);
}

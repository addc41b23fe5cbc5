//! Unified diffs: one that is taken changes what it may and nothing else, all others are refused with a reason.

use automata::domain::id::CommitId;
use automata::domain::time::Timestamp;
use automata::services::git::patch::{commit_patch, pre_image_blobs, touched_paths};
use automata::services::git::{CommitSheet, PatchLimits};
use git2::{Oid, Repository, Signature};

use super::{Target, outcome, text};

/// What the patches are made for.
const FILES: [(&str, &str); 3] = [
    ("src/parser.rs", "fn parse(line: &str) -> usize {\n    let at = line.find('=').unwrap();\n    at\n}\n"),
    ("README.md", "# widgets\n\nOne.\nTwo.\nThree.\n"),
    ("windows.txt", "one\r\ntwo\r\nthree\r\n"),
];

const SEEDS: [&str; 7] = [
    "--- a/src/parser.rs\n+++ b/src/parser.rs\n@@ -1,4 +1,4 @@\n fn parse(line: &str) -> usize {\n-    let at = line.find('=').unwrap();\n+    let at = line.find('=').unwrap_or(line.len());\n     at\n }\n",
    "diff --git a/new.txt b/new.txt\nnew file mode 100755\nindex 0000000..ce01362\n--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+hello\n\\ No newline at end of file\n",
    "diff --git a/README.md b/OTHER.md\nsimilarity index 90%\nrename from README.md\nrename to OTHER.md\n--- a/README.md\n+++ b/OTHER.md\n@@ -3,3 +3,3 @@\n One.\n-Two.\n+2.\n Three.\n",
    "diff --git a/windows.txt b/windows.txt\ndeleted file mode 100644\n--- a/windows.txt\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-one\r\n-two\r\n-three\r\n",
    "diff --git a/src/parser.rs b/src/parser.rs\nold mode 100644\nnew mode 100755\n",
    "diff --git \"a/\\303\\244 b.txt\" \"b/\\303\\244 b.txt\"\nnew file mode 100644\n--- /dev/null\n+++ \"b/\\303\\244 b.txt\"\n@@ -0,0 +1 @@\n+x\n",
    "diff --git a/.github/workflows/x.yml b/.github/workflows/x.yml\nnew file mode 120000\n--- /dev/null\n+++ b/.github/workflows/x.yml\n@@ -0,0 +1 @@\n+../../../etc/passwd\n",
];

fn limits() -> PatchLimits {
    PatchLimits {
        protected: [".github/**", ".gitmodules", "**/CODEOWNERS"].map(str::to_owned).to_vec(),
        files: 10,
        lines: 500,
        bytes: 60_000,
        binary_bytes: 0,
    }
}

/// A repository with one commit of the files.
fn repository() -> (tempfile::TempDir, Repository, Oid) {
    let folder = tempfile::tempdir().unwrap();
    let repository = Repository::init_bare(folder.path()).unwrap();
    let mut index = git2::Index::new().unwrap();
    for (path, content) in FILES {
        let zero = git2::IndexTime::new(0, 0);
        index
            .add(&git2::IndexEntry {
                ctime: zero,
                mtime: zero,
                dev: 0,
                ino: 0,
                mode: 0o100_644,
                uid: 0,
                gid: 0,
                file_size: 0,
                id: repository.blob(content.as_bytes()).unwrap(),
                flags: 0,
                flags_extended: 0,
                path: path.as_bytes().to_vec(),
            })
            .unwrap();
    }
    let tree = index.write_tree_to(&repository).unwrap();
    let who = Signature::new("mona", "mona@example.org", &git2::Time::new(0, 0)).unwrap();
    let base = {
        let tree = repository.find_tree(tree).unwrap();
        repository.commit(None, &who, &who, "first", &tree, &[]).unwrap()
    };
    (folder, repository, base)
}

/// The paths that a commit changes.
fn changed(repository: &Repository, base: Oid, commit: &CommitId) -> Vec<String> {
    let tree = |id: Oid| repository.find_commit(id).unwrap().tree().unwrap();
    let commit = Oid::from_str(commit.as_str()).unwrap();
    let diff = repository.diff_tree_to_tree(Some(&tree(base)), Some(&tree(commit)), None).unwrap();
    let mut paths = Vec::new();
    for delta in diff.deltas() {
        for file in [delta.old_file(), delta.new_file()] {
            let mode = u32::from(file.mode());
            assert!(!file.exists() || matches!(mode, 0o100_644 | 0o100_755), "{mode:o} at {:?}", file.path());
            paths.extend(file.path().map(|path| path.to_str().expect("UTF-8").to_owned()));
        }
    }
    paths
}

#[test]
fn no_patch_breaks_the_reader_or_changes_what_it_may_not() {
    let (_folder, repository, base) = repository();
    let (on, limits) = (CommitId::new(base.to_string()), limits());
    let sheet = CommitSheet {
        message: "Try it\n".to_owned(),
        author: ("Automata".to_owned(), "automata@example.org".to_owned()),
        at: Timestamp::from_millis(1_795_342_800_000),
    };
    let words = [
        "diff --git a/",
        " b/",
        "--- a/",
        "+++ b/",
        "/dev/null",
        "@@ -1,4 +1,4 @@\n",
        "@@ -0,0 +1,4294967296 @@\n",
        "\n+",
        "\n-",
        "\n ",
        "new file mode 100644\n",
        "new file mode 120000\n",
        "new file mode 160000\n",
        "rename from ",
        "rename to ",
        "copy from ",
        "index 0000000..ce01362\n",
        "../",
        ".git/",
        "GIT~1/",
        ".github/",
        "\\303\\244",
        "\"",
        "\\ No newline at end of file\n",
        "GIT binary patch\n",
        "Binary files a/x and b/x differ\n",
        "\t1970-01-01",
    ];
    let seeds = SEEDS.map(|seed| seed.as_bytes().to_vec()).to_vec();
    Target { name: "patches", seeds, words: &words }.fuzz(|input| {
        let patch = text(input);
        let (touched, blobs) = (touched_paths(&patch), pre_image_blobs(&patch));
        assert!(touched.len() + blobs.len() <= patch.len());
        let made = commit_patch(&repository, &on, &patch, &limits, &sheet);
        if let Ok(made) = &made {
            let changed = changed(&repository, base, &made.commit);
            assert!(!changed.is_empty() && made.files.len() <= limits.files);
            assert!(made.added + made.removed <= limits.lines);
            for path in &changed {
                assert!(made.files.contains(path), "{path} is changed and not named: {:?}", made.files);
                let lower = path.to_lowercase();
                let is_protected =
                    lower.starts_with(".github/") || lower == ".gitmodules" || lower.ends_with("codeowners");
                let leads_away = path
                    .split('/')
                    .any(|part| matches!(part, "" | "." | "..") || part.eq_ignore_ascii_case(".git"));
                assert!(!is_protected && !leads_away, "{path}");
            }
        }
        if let Err(failure) = &made {
            assert!(failure.to_string().len() <= 2_048, "{failure}");
        }
        outcome(&made, |made| made.added + made.removed)
    });
}

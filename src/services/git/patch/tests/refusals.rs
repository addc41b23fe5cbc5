//! What no patch may do, and how the refusal reads.

use insta::assert_snapshot;

use super::super::commit_patch;
use super::world::{World, limits, sheet};
use crate::services::git::PatchLimits;

fn world() -> World {
    World::with(&[
        ("src/main.rs", b"fn main() {}\n"),
        (".github/workflows/ci.yml", b"on: push\n"),
        ("link@", b"src"),
        ("docs/CODEOWNERS", b"* @ada\n"),
    ])
}

/// The refusals of some patches, a line each.
fn refusals(patches: &[&str]) -> String {
    let world = world();
    patches
        .iter()
        .map(|patch| match world.apply(patch) {
            Ok(made) => format!("applied: {:?}\n", made.files),
            Err(failure) => {
                assert!(failure.is_permanent() && failure.hint.is_some(), "{failure:?}");
                format!("{}: {}\n", failure.code, failure.message)
            }
        })
        .collect()
}

fn new_file(path: &str) -> String {
    format!("--- /dev/null\n+++ {path}\n@@ -0,0 +1 @@\n+evil\n")
}

fn refusals_of_new_files(paths: &[&str]) -> String {
    let patches: Vec<String> = paths.iter().map(|path| new_file(path)).collect();
    refusals(&patches.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn no_path_leads_out_of_the_tree() {
    assert_snapshot!(refusals_of_new_files(&[
        "b/../../etc/passwd",
        "b/src/../../x",
        "/etc/passwd",
        "b//etc/passwd",
        "b/src//x",
        "b/./x",
        "b/src\\..\\x",
        "C:/windows/x",
        "b/.git/hooks/pre-commit",
        "b/sub/.GIT/config",
        "b/.g\u{200c}it/config",
        "b/git~1/config",
        "b/.git . /config",
        "b/.git::$INDEX_ALLOCATION/config",
        "b/src/ma\u{202e}in.rs",
        "\"b/a\\nb\"",
        "b/link/x",
        "b/link",
        "b/src/main.rs/x",
        "b/src",
        "b/.gitignore",
        "b/.github.md",
    ]), @r#"
    patch_escapes_tree: The patch names `b/../../etc/passwd`: it leads through `.` or `..`.
    patch_escapes_tree: The patch names `b/src/../../x`: it leads through `.` or `..`.
    patch_escapes_tree: The patch names `/etc/passwd`: it is absolute.
    patch_escapes_tree: The patch names `b//etc/passwd`: it has an empty part.
    patch_escapes_tree: The patch names `b/src//x`: it has an empty part.
    patch_escapes_tree: The patch names `b/./x`: it leads through `.` or `..`.
    patch_escapes_tree: The patch names `b/src\..\x`: a backslash parts folders on some machines.
    patch_escapes_tree: The patch names `C:/windows/x`: it is absolute.
    patch_escapes_tree: The patch names `b/.git/hooks/pre-commit`: it leads into git's own folder.
    patch_escapes_tree: The patch names `b/sub/.GIT/config`: it leads into git's own folder.
    patch_escapes_tree: The patch names `b/.git/config`: it leads into git's own folder.
    patch_escapes_tree: The patch names `b/git~1/config`: it leads into git's own folder.
    patch_escapes_tree: The patch names `b/.git . /config`: it leads into git's own folder.
    patch_escapes_tree: The patch names `b/.git::$INDEX_ALLOCATION/config`: it leads into git's own folder.
    patch_escapes_tree: The patch names `b/src/main.rs`: it holds characters that cannot be seen.
    patch_escapes_tree: The patch names `b/a b`: it holds characters that cannot be seen.
    patch_escapes_tree: The patch names `link/x`: `link` is a symbolic link.
    patch_escapes_tree: The patch names `link`: `link` is a symbolic link.
    patch_does_not_apply: The patch does not apply: `src/main.rs/x` cannot be a file, because of `src/main.rs` on the default branch.
    patch_does_not_apply: The patch does not apply: `src` cannot be a file, because of `src` on the default branch.
    applied: [".gitignore"]
    applied: [".github.md"]
    "#);
}

#[test]
fn protected_paths_are_left_alone_on_either_side_and_in_any_case() {
    assert_snapshot!(refusals(&[
        &new_file("b/.GitHub/workflows/evil.yml"),
        "--- a/.github/workflows/ci.yml\n+++ /dev/null\n@@ -1 +0,0 @@\n-on: push\n",
        "diff --git a/docs/CODEOWNERS b/docs/OWNERS\nsimilarity index 100%\nrename from docs/CODEOWNERS\nrename to docs/OWNERS\n",
        "diff --git a/src/main.rs b/.github/x\nsimilarity index 100%\ncopy from src/main.rs\ncopy to .github/x\n",
        "diff --git a/.github/workflows/ci.yml b/.github/workflows/ci.yml\nold mode 100644\nnew mode 100755\n",
        &new_file("b/.github"),
    ]), @r"
    patch_protected_path: The patch touches `.GitHub/workflows/evil.yml`, which is protected by `.github/**`.
    patch_protected_path: The patch touches `.github/workflows/ci.yml`, which is protected by `.github/**`.
    patch_protected_path: The patch touches `docs/CODEOWNERS`, which is protected by `**/CODEOWNERS`.
    patch_protected_path: The patch touches `.github/x`, which is protected by `.github/**`.
    patch_protected_path: The patch touches `.github/workflows/ci.yml`, which is protected by `.github/**`.
    patch_protected_path: The patch touches `.github`, which is protected by `.github/**`.
    ");
}

#[test]
fn only_regular_files_of_text_are_changed() {
    assert_snapshot!(refusals(&[
        "diff --git a/x b/x\nnew file mode 120000\nindex 0000000..1234567\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+/etc/passwd\n\\ No newline at end of file\n",
        "diff --git a/x b/x\nnew file mode 160000\nindex 0000000..1234567\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+Subproject commit 0123456789012345678901234567890123456789\n",
        "diff --git a/link b/link\nindex 1234567..2345678 120000\n--- a/link\n+++ b/link\n@@ -1 +1 @@\n-src\n+/etc\n",
        "--- a/link\n+++ b/link\n@@ -1 +1 @@\n-src\n\\ No newline at end of file\n+/etc\n",
        "diff --git a/x.png b/x.png\nnew file mode 100644\nindex 0000000..1234567\nBinary files /dev/null and b/x.png differ\n",
        "diff --git a/x.png b/x.png\nnew file mode 100644\nindex 0000000..1234567\nGIT binary patch\nliteral 3\nKc${NkU}69O4FLcF\n",
        "diff --git a/x b/x\nnew file mode 100777\n",
    ]), @r"
    patch_escapes_tree: The patch names `x`: a symbolic link may point anywhere.
    patch_escapes_tree: The patch names `x`: a submodule brings in another repository.
    patch_escapes_tree: The patch names `link`: a symbolic link may point anywhere.
    patch_escapes_tree: The patch names `link`: `link` is a symbolic link.
    patch_unreadable: The patch changes a binary file, which is not supported: `a/x.png b/x.png`.
    patch_unreadable: The patch changes a binary file, which is not supported: `a/x.png b/x.png`.
    patch_unreadable: The patch gives a file the mode `100777`, which git does not know.
    ");
}

#[test]
fn what_is_no_patch_is_said_so() {
    assert_snapshot!(refusals(&[
        "",
        "rm -rf /",
        "-old\n+new\n",
        "@@ -1 +1 @@\n-old\n+new\n",
        "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n one\n-two\n",
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n+two\n+three\n",
        "--- a/x\n+++ b/x\n@@ -1,99999999999999999999 +1 @@\n-one\n",
        "--- a/x\n+++ b/x\n@@ -1 +1 @@\n*one\n",
        "--- a/x\n+++ b/y/z\n@@ -1 +1 @@\n-one\n+two\n",
        "--- /dev/null\n+++ /dev/null\n@@ -1 +1 @@\n-one\n+two\n",
        "diff --git a/x b/x\n--- a/x\n",
        "diff --git a/x b/x\nnew file mode 100644\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n+two\n",
        "diff --git a/x b/y\nrename from x\nrename to y\n--- a/x\n+++ b/z\n@@ -1 +1 @@\n-one\n+two\n",
        "--- \"a/\\377\"\n+++ \"b/\\377\"\n@@ -1 +1 @@\n-one\n+two\n",
    ]), @r#"
    patch_unreadable: The patch holds no file: there is no `diff --git` and no `---`/`+++` pair in it.
    patch_unreadable: The patch holds no file: there is no `diff --git` and no `---`/`+++` pair in it.
    patch_unreadable: The patch holds no file: there is no `diff --git` and no `---`/`+++` pair in it.
    patch_unreadable: Line 1 of the patch begins a hunk that belongs to no file.
    patch_unreadable: The hunk at line 3 of the patch has fewer lines than its header counts (line 6).
    patch_unreadable: The hunk at line 3 of the patch has more lines than its header counts (line 6).
    patch_unreadable: Line 3 of the patch begins a hunk, but its numbers cannot be read.
    patch_unreadable: The hunk at line 3 of the patch has fewer lines than its header counts (line 4).
    patch_unreadable: The patch names two different files, `a/x` and `b/y/z`, without saying that one is renamed.
    patch_unreadable: The patch has a part that names no file on either side.
    patch_unreadable: Line 3 of the patch should begin with `+++`, after the `---` before it.
    patch_unreadable: The patch makes the new file `x`, and yet speaks of lines it had before.
    patch_unreadable: The patch's headers about `a/x b/y` contradict each other.
    patch_unreadable: The patch has a name that is not UTF-8: "a/\377".
    "#);
}

#[test]
fn what_does_not_fit_names_the_file_and_the_hunk() {
    assert_snapshot!(refusals(&[
        "--- a/gone.rs\n+++ b/gone.rs\n@@ -1 +1 @@\n-one\n+two\n",
        "--- a/src/main.rs\n+++ b/src/main.rs\n@@ -1 +1 @@\n-fn other() {}\n+fn main() { run() }\n",
        "diff --git a/src/main.rs b/src/main.rs\nindex 0123456789..2345678901 100644\n--- a/src/main.rs\n+++ b/src/main.rs\n@@ -1 +1 @@\n-fn other() {}\n+fn main() { run() }\n",
        &new_file("b/src/main.rs"),
        "--- a/src/main.rs\n+++ /dev/null\n@@ -1 +0,0 @@\n-fn other() {}\n",
        "diff --git a/src/main.rs b/src/main.rs\ndeleted file mode 100644\n",
    ]), @r"
    patch_does_not_apply: The patch does not apply: there is no file `gone.rs` on the default branch.
    patch_does_not_apply: The patch does not apply: in `src/main.rs`, hunk 1 of 1 (`@@ -1,1 +1,1 @@`, line 3 of the patch): the lines it expects are not there, and the patch does not say which version it was made for.
    patch_does_not_apply: The patch does not apply: in `src/main.rs`, hunk 1 of 1 (`@@ -1,1 +1,1 @@`, line 5 of the patch): the lines it expects are not there, and the version the patch was made for is not at hand.
    patch_does_not_apply: The patch does not apply: it makes the new file `src/main.rs`, which is there already with other content.
    patch_does_not_apply: The patch does not apply: in `src/main.rs`, hunk 1 of 1 (`@@ -1,1 +0,0 @@`, line 3 of the patch): the lines it expects are not there, and the patch does not say which version it was made for.
    patch_does_not_apply: The patch does not apply: it deletes `src/main.rs`, which has more lines than the patch takes away.
    ");
}

#[test]
fn a_patch_is_no_larger_than_allowed() {
    let world = world();
    let refusal = |limits: &PatchLimits| {
        let patch = [new_file("b/x"), new_file("b/y")].concat();
        commit_patch(&world.repository, &world.base, &patch, limits, &sheet()).unwrap_err().to_string()
    };
    assert_snapshot!(refusal(&PatchLimits { bytes: 20, ..limits() }), @"The patch has 84 bytes; the limit is 20");
    assert_snapshot!(refusal(&PatchLimits { files: 1, ..limits() }), @"The patch has 2 files; the limit is 1");
    assert_snapshot!(refusal(&PatchLimits { lines: 1, ..limits() }), @"The patch has 2 changed lines; the limit is 1");
}

#[test]
fn an_empty_change_is_no_commit() {
    assert_snapshot!(refusals(&[
        "diff --git a/src/main.rs b/src/main.rs\nold mode 100755\nnew mode 100644\n",
        "--- a/src/main.rs\n+++ b/src/main.rs\n@@ -1 +1 @@\n-fn main() {}\n+fn main() {}\n",
    ]), @r"
    patch_changes_nothing: The patch changes nothing: the default branch already is what the patch makes of it.
    patch_changes_nothing: The patch changes nothing: the default branch already is what the patch makes of it.
    ");
}

//! What a patch becomes: commits, merges, series, the many ways a diff is written.

use insta::assert_snapshot;

use super::super::{pre_image_blobs, touched_paths};
use super::world::World;

const MAIN: &[u8] = b"fn main() {\n    let n = 1;\n    println!(\"{n}\");\n}\n";

const FIX: &str = "\
diff --git a/src/main.rs b/src/main.rs
index 8d0b1a2..7e1f3c4 100644
--- a/src/main.rs
+++ b/src/main.rs
@@ -1,4 +1,4 @@
 fn main() {
-    let n = 1;
+    let n = 2;
     println!(\"{n}\");
 }
";

#[test]
fn a_patch_becomes_a_commit_that_is_the_same_each_time() {
    let world = World::with(&[("src/main.rs", MAIN), ("README.md", b"# Demo\n")]);
    let first = world.apply(FIX).unwrap();
    assert_eq!(world.apply(FIX).unwrap(), first);
    assert_eq!((first.added, first.removed, first.merged), (1, 1, false));
    assert_eq!(first.files, ["src/main.rs"]);
    assert_eq!(first.base, world.base);
    let shown = world.git(&["cat-file", "-p", first.commit.as_str()], "");
    assert_snapshot!(shown.replace(world.base.as_str(), "<base>"), @r"
    tree 81e8c4c197ef8c775dd7f373321af5f77590a0cd
    parent <base>
    author Automata <automata@example.org> 1795342800 +0000
    committer Automata <automata@example.org> 1795342800 +0000

    Fix the crash

    Closes #7
    ");
    assert_snapshot!(world.git(&["diff", world.base.as_str(), first.commit.as_str()], ""), @r#"
    diff --git a/src/main.rs b/src/main.rs
    index 7c62994..524796f 100644
    --- a/src/main.rs
    +++ b/src/main.rs
    @@ -1,4 +1,4 @@
     fn main() {
    -    let n = 1;
    +    let n = 2;
         println!("{n}");
     }
    "#);
}

#[test]
fn a_change_is_the_same_change_wherever_it_stands_and_another_where_a_letter_differs() {
    let lines = |beginning: &str| format!("{beginning}1\n2\n3\n4\n5\n6\n7\n8\n9\n").into_bytes();
    let middle = "--- a/l\n+++ b/l\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n";
    let mut world = World::with(&[("src/main.rs", MAIN), ("b", b"1\n"), ("l", &lines(""))]);
    let first = world.apply(FIX).unwrap();
    assert_eq!(first.digest.len(), 32);
    let indented = world.apply(&FIX.replace("+    let", "+\tlet")).unwrap();
    assert_ne!(indented.digest, first.digest, "white space may be what it is about");
    let elsewhere = world.apply("--- a/b\n+++ b/b\n@@ -1 +1 @@\n-1\n+2\n").unwrap();
    assert_ne!(elsewhere.digest, first.digest);
    let here = world.apply(middle).unwrap();
    world.moves_on(&[("src/main.rs", MAIN), ("b", b"3\n"), ("l", &lines("More above.\n\n"))]);
    for (patch, before) in [(FIX, first), (middle, here)] {
        let again = world.apply(patch).unwrap();
        assert_ne!(again.commit, before.commit);
        assert_eq!(again.digest, before.digest);
    }
}

#[test]
fn neither_a_reference_nor_a_file_is_touched() {
    let world = World::with(&[("src/main.rs", MAIN)]);
    world.apply(FIX).unwrap();
    assert_eq!(world.git(&["for-each-ref"], ""), "");
    assert!(!world.path().join("src").exists());
}

#[test]
fn a_hunk_is_found_where_the_lines_moved_to() {
    let moved = [b"// A new head.\n// It is long.\n\n".as_slice(), MAIN, b"\nfn other() {}\n"].concat();
    let world = World::with(&[("src/main.rs", &moved)]);
    // The hunk begins at line 1, so by git's rule it has to stand there.
    assert_eq!(world.apply(FIX).unwrap_err().code, "patch_does_not_apply");
    let inner = "--- a/src/main.rs\n+++ b/src/main.rs\n@@ -2,2 +2,2 @@\n-    let n = 1;\n+    let n = 2;\n     println!(\"{n}\");\n";
    let made = world.apply(inner).unwrap();
    assert!(world.file(&made.commit, "src/main.rs").unwrap().contains("let n = 2;"));
}

#[test]
fn a_patch_for_an_older_version_is_merged() {
    let old = b"one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n";
    let mut world = World::with(&[("list.txt", old)]);
    let patch = world.diff_to(&[("list.txt", b"one\ntwo\nthree\nfour\nfive\nsix\nSEVEN\neight\n")], &[]);
    world.moves_on(&[("list.txt", b"one\ntwo\nthree\nFOUR\nfive\nsix\nseven\neight\n")]);
    assert_eq!(world.tree_by_git(&patch), None, "git would need --3way as well");
    let made = world.apply(&patch).unwrap();
    assert!(made.merged);
    assert_eq!(
        world.file(&made.commit, "list.txt").unwrap(),
        "one\ntwo\nthree\nFOUR\nfive\nsix\nSEVEN\neight\n"
    );
}

#[test]
fn a_merge_that_would_have_to_guess_is_refused() {
    let mut world = World::with(&[("list.txt", b"one\ntwo\nthree\n")]);
    let patch = world.diff_to(&[("list.txt", b"one\nTWO\nthree\n")], &[]);
    world.moves_on(&[("list.txt", b"one\n2\nthree\n")]);
    let failure = world.apply(&patch).unwrap_err();
    assert_eq!(failure.code, "patch_does_not_apply");
    assert_snapshot!(failure.message, @"The patch does not apply: in `list.txt`, hunk 1 of 1 (`@@ -1,3 +1,3 @@`, line 5 of the patch): the lines it expects were changed in another way since.");
}

#[test]
fn a_patch_that_was_applied_already_changes_nothing() {
    let mut world = World::with(&[("list.txt", b"one\ntwo\nthree\n")]);
    let patch = world.diff_to(&[("list.txt", b"one\nTWO\nthree\n"), ("new.txt", b"new\n")], &[]);
    world.moves_on(&[("list.txt", b"one\nTWO\nthree\n"), ("new.txt", b"new\n")]);
    assert_eq!(world.apply(&patch).unwrap_err().code, "patch_changes_nothing");
    // Without the index line there is no older version to merge with, but people are told.
    let bare: String =
        patch.lines().filter(|line| !line.starts_with("index ")).map(|line| format!("{line}\n")).collect();
    assert_snapshot!(world.apply(&bare).unwrap_err().message, @"The patch does not apply: in `list.txt`, hunk 1 of 1 (`@@ -1,3 +1,3 @@`, line 4 of the patch): its lines are there already, as if the patch had been applied before.");
}

#[test]
fn files_come_go_move_and_change_their_mode() {
    let world = World::with(&[
        ("gone/only.txt", b"bye\n"),
        ("a.txt", b"first\n"),
        ("b.txt", b"second\n"),
        ("run.sh", b"#!/bin/sh\n"),
        ("long.txt", b"1\n2\n3\n4\n5\n6\n7\n8\n9\n"),
        ("was-a-file", b"x\n"),
    ]);
    let patch = world.diff_to(
        &[
            ("a.txt", b"second\n"),
            ("b.txt", b"first\n"),
            ("run.sh*", b"#!/bin/sh\n"),
            ("moved/long.txt", b"1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            ("caf\u{e9} & \"co\".txt", b"no newline"),
            ("empty", b""),
            ("was-a-file/now-a-folder", b"x\n"),
        ],
        &["-M", "-B"],
    );
    let made = world.apply(&patch).unwrap();
    assert_eq!(Some(world.tree(&made.commit)), world.tree_by_git(&patch));
    assert_snapshot!(world.listing(&made.commit), @r#"
    100644 blob e019be006cf33489e2d0177a3837a2384eddebc5	a.txt
    100644 blob 9c59e24b8393179a5d712de4f990178df5734d99	b.txt
    100644 blob 20cbb4d89224e1ed724b7feaf5c4f4479e25212a	"caf\303\251 & \"co\".txt"
    100644 blob e69de29bb2d1d6434b8b29ae775ad8c2e48c5391	empty
    100644 blob 4c5701d775286e43e9f53ee570f38b6070b09616	moved/long.txt
    100755 blob 1a2485251c33a70432394c93fb89330ef214bfc9	run.sh
    100644 blob 587be6b4c3f93f93c489c0111bba5596147a26cb	was-a-file/now-a-folder
    "#);
    assert_snapshot!(made.files.join("\n"), @r#"
    a.txt
    b.txt
    café & "co".txt
    empty
    gone/only.txt
    long.txt
    moved/long.txt
    run.sh
    was-a-file
    was-a-file/now-a-folder
    "#);
}

#[test]
fn plain_diffs_are_read_with_and_without_prefixes() {
    let world = World::with(&[("src/main.rs", MAIN), ("old.txt", b"old\n"), ("b/deep.txt", b"x\n")]);
    let hunk =
        "@@ -1,4 +1,4 @@\n fn main() {\n-    let n = 1;\n+    let n = 2;\n     println!(\"{n}\");\n }\n";
    let expected = world.tree(&world.apply(FIX).unwrap().commit);
    for header in [
        "--- a/src/main.rs\n+++ b/src/main.rs\n",
        "--- src/main.rs\n+++ src/main.rs\n",
        "--- src/main.rs.orig\t2026-11-22 10:00:00.000000000 +0100\n+++ src/main.rs\t2026-11-22 10:01:00 +0100\n",
        "Index: src/main.rs\n====\n--- old/src/main.rs\n+++ new/src/main.rs\n",
        "diff --git src/main.rs src/main.rs\n--- src/main.rs\n+++ src/main.rs\n",
        "diff --git i/src/main.rs w/src/main.rs\n--- i/src/main.rs\n+++ w/src/main.rs\n",
    ] {
        let made = world.apply(&format!("{header}{hunk}")).unwrap();
        assert_eq!(world.tree(&made.commit), expected, "{header}");
    }
    let made = world
        .apply("--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+new\n--- old.txt\n+++ /dev/null\n@@ -1 +0,0 @@\n-old\n--- b/deep.txt\n+++ b/deep.txt\n@@ -1 +1 @@\n-x\n+y\n")
        .unwrap();
    assert_eq!(made.files, ["b/deep.txt", "new.txt", "old.txt"]);
    let made = world
        .apply("--- x/made.txt\t1970-01-01 00:00:00.000000000 +0000\n+++ x/made.txt\t2026-11-22 10:01:00 +0100\n@@ -0,0 +1 @@\n+new\n")
        .unwrap();
    assert_eq!(made.files, ["x/made.txt"]);
}

#[test]
fn a_series_of_mails_is_applied_in_its_order() {
    let world = World::with(&[("src/main.rs", MAIN)]);
    let mail = |number: usize, diff: &str| {
        format!(
            "From 0123456789012345678901234567890123456789 Mon Sep 17 00:00:00 2001\nFrom: Ada <ada@example.org>\n\
             Date: Sun, 22 Nov 2026 10:00:00 +0000\nSubject: [PATCH {number}/3] Something\n\nWhy it is so.\n- a point\n---\n \
             src/main.rs | 2 +-\n 1 file changed, 1 insertion(+), 1 deletion(-)\n\n{diff}-- \n2.47.3\n\n"
        )
    };
    let second = FIX.replace("let n = 2;", "let n = 3;").replace("let n = 1;", "let n = 2;");
    let third = "diff --git a/src/main.rs b/src/other.rs\nsimilarity index 100%\nrename from src/main.rs\nrename to src/other.rs\n";
    let made = world.apply(&[mail(1, FIX), mail(2, &second), mail(3, third)].concat()).unwrap();
    assert_eq!(made.files, ["src/main.rs", "src/other.rs"]);
    assert!(world.file(&made.commit, "src/other.rs").unwrap().contains("let n = 3;"));
    assert_eq!(world.file(&made.commit, "src/main.rs"), None);
    // The same without the mail around it: coming back to a file begins the next diff.
    let bare = world.apply(&[FIX, &second, third].concat()).unwrap();
    assert_eq!(world.tree(&bare.commit), world.tree(&made.commit));
}

#[test]
fn line_ends_lost_on_the_way_through_a_web_page_are_restored() {
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let unix = World::with(&[("src/main.rs", MAIN)]);
    let made = unix.apply(&crlf(FIX)).unwrap();
    assert_eq!(unix.tree(&made.commit), unix.tree(&unix.apply(FIX).unwrap().commit));

    let dos = World::with(&[("src/main.rs", crlf(std::str::from_utf8(MAIN).unwrap()).as_bytes())]);
    let made = dos.apply(&crlf(FIX)).unwrap();
    assert!(dos.file(&made.commit, "src/main.rs").unwrap().contains("    let n = 2;\r\n    println"));
    // A diff that came through untouched has CR LF in its content only.
    let content_only = dos.diff_to(
        &[("src/main.rs", b"fn main() {\r\n    let n = 2;\r\n    println!(\"{n}\");\r\n}\r\n")],
        &[],
    );
    assert_eq!(dos.tree(&dos.apply(&content_only).unwrap().commit), dos.tree(&made.commit));
}

#[test]
fn what_has_to_be_fetched_is_told_beforehand() {
    let patch = format!(
        "{FIX}diff --git a/x b/y\nsimilarity index 90%\nrename from x\nrename to y\nindex 1234567..0 100644\n--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n"
    );
    assert_eq!(touched_paths(&patch), ["src/main.rs", "x", "y"]);
    assert_eq!(pre_image_blobs(&patch), ["8d0b1a2", "1234567"]);
    assert!(touched_paths("no patch").is_empty());
}

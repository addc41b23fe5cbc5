//! `sync`: what it leaves alone, with all below, and folders that it refuses.

use super::{MONA, OTTO, Terminal};

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_nor_below_a_name_that_leads_elsewhere_whatever_is_left_out() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    for folder in ["link", "../outside", ".git"] {
        let folder = at.world.folder(MONA, &docs, folder);
        at.world.file(MONA, &folder, "x.md", b"theirs");
    }
    at.write("outside/x.md", b"mine");
    at.write("here/.git/config", b"mine");
    std::os::unix::fs::symlink("../outside", at.path().join("here/link")).unwrap();
    for more in [&["--down", "--delete"][..], &["--down", "--only", "*.md"], &["--both", "--only", "*.md"]] {
        at.run(&[&["sync", "here", "docs"], more].concat()).well();
        assert_eq!(std::fs::read(at.path().join("outside/x.md")).unwrap(), b"mine", "{more:?}");
        assert!(!at.path().join("here/.git/x.md").exists(), "{more:?}");
    }
    insta::assert_snapshot!(at.told(&["sync", "here", "docs", "--down", "--only", "*.md"]), @r"
    exit code 0
    -- stderr
    left alone: ..\/outside: its name has characters that no file's name may have everywhere
    left alone: .git: git takes a folder of that name for a repository, with programs to run
    left alone: link: it is a link
    0 files are the same; there is nothing to do.
    ");
}

#[test]
fn of_two_folders_of_one_name_neither_is_written_into_nor_anything_thrown_away_in_them() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    let twins = ["x.md", "y.md"].map(|name| {
        let twin = at.world.folder(MONA, &docs, "a");
        at.world.file(MONA, &twin, name, b"theirs");
        twin
    });
    at.world.document(MONA, &docs, "notes", "document", "# Notes");
    for path in ["here/a/x.md", "here/a/z.md", "here/notes/x.md", "here/b.md"] {
        at.write(path, b"mine");
    }
    insta::assert_snapshot!(at.told(&["sync", "here", "docs", "--delete", "--only", "*.md"]), @"
    exit code 0
    -- stdout
    upload b.md
    -- stderr
    left alone: a: several things in Drive have this name: rename or remove all but one of them, by their ids
    left alone: notes: it is a Google document, which has no bytes: `automata drive export` fetches it, and a rule with `import` brings its text into the repository
    0 files are the same; 1 of 1 thing done.
    ");
    insta::assert_snapshot!(at.told(&["sync", "here", "docs", "--delete"]), @"
    exit code 0
    -- stderr
    left alone: a: several things in Drive have this name: rename or remove all but one of them, by their ids
    left alone: notes: it is a Google document, which has no bytes: `automata drive export` fetches it, and a rule with `import` brings its text into the repository
    1 file is the same; there is nothing to do.
    ");
    insta::assert_snapshot!(at.told(&["sync", "here", "docs", "--down", "--delete"]), @"
    exit code 0
    -- stderr
    left alone: a: several things in Drive have this name: rename or remove all but one of them, by their ids
    left alone: notes: it is a Google document, which has no bytes: `automata drive export` fetches it, and a rule with `import` brings its text into the repository
    1 file is the same; there is nothing to do.
    ");
    assert!(at.path().join("here/a/z.md").exists());
    assert_eq!(twins.map(|twin| at.world.tree(&twin).join(" ")), ["x.md 6 bytes", "y.md 6 bytes"]);
}

#[test]
fn what_cannot_be_seen_is_not_gone() {
    let at = Terminal::new();
    let docs = at.world.folder(OTTO, &at.world.root_of(OTTO), "docs");
    at.world.share(&docs, "user", MONA, "writer");
    let board = at.world.folder(OTTO, &docs, "board");
    at.world.file(OTTO, &board, "plan.md", b"plan");
    at.world.file(OTTO, &docs, "a.md", b"a");
    std::fs::create_dir(at.path().join("here")).unwrap();
    let place = format!("id:{docs}");
    at.remembers(&["sync", "here", &place, "--both"]).well();
    at.world.limit_access(&board);
    at.write("here/board/mine.md", b"mine");
    for direction in ["--down", "--both"] {
        let told = at.remembers(&["sync", "here", &place, direction, "--delete"]);
        insta::allow_duplicates! {
            insta::assert_snapshot!(told.told(), @"
            exit code 0
            -- stderr
            left alone: board: the account may not see what is in this folder
            1 file is the same; there is nothing to do.
            ");
        }
        assert_eq!(std::fs::read(at.path().join("here/board/plan.md")).unwrap(), b"plan");
        assert!(at.path().join("here/board/mine.md").exists());
    }
    at.remembers(&["sync", "here", &place, "--delete"]).well();
    assert_eq!(at.world.tree(&board), ["plan.md 4 bytes"]);
}

#[test]
fn a_folder_in_the_trash_is_not_taken_for_an_empty_one() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    at.world.file(MONA, &docs, "a.md", b"a");
    at.write("here/a.md", b"a");
    at.world.trash(&docs);
    for direction in [&[][..], &["--down"], &["--both"]] {
        let place = format!("id:{docs}");
        let ran = at.run(&[&["sync", "here", &place, "--delete"], direction].concat());
        assert!(ran.told().contains("trash"), "{}", ran.told());
        assert_ne!(ran.code, Some(0));
        assert!(at.path().join("here/a.md").exists());
    }
}

#[cfg(unix)]
#[test]
fn a_rule_keeps_no_folder_in_step_that_a_link_leads_to() {
    let at = Terminal::configured("sync:\n  guides: {path: here, drive: docs}");
    at.world.folder(MONA, &at.root, "docs");
    at.write("elsewhere/secret.txt", b"secret");
    std::os::unix::fs::symlink("elsewhere", at.path().join("here")).unwrap();
    insta::assert_snapshot!(at.told(&["sync", "guides"]), @"
    exit code 2
    -- stderr
    error: `here` leads through a link
    hint: Nothing was done. Name the folder by its own path in the working copy.
    ");
    // What somebody types is theirs to name.
    at.run(&["sync", "here", "docs"]).well();
}

#[test]
fn what_is_left_out_is_neither_copied_nor_deleted() {
    let at = Terminal::configured(
        "sync:\n  guides: {path: here, drive: docs, delete: true, except: [.env, node_modules]}",
    );
    let docs = at.world.folder(MONA, &at.root, "docs");
    let old = at.world.folder(MONA, &docs, "old");
    at.world.file(MONA, &old, "a.md", b"gone here");
    at.world.file(MONA, &old, ".env", b"theirs");
    for path in ["a.md", "a.png", ".env", "node_modules/x/y.js", "deep/b.md"] {
        at.write(&format!("here/{path}"), path.as_bytes());
    }
    insta::assert_snapshot!(at.told(&["sync", "guides", "--only", "*.md", "--only", "old"]), @"
    exit code 0
    -- stdout
    make deep/ in Drive
    upload a.md
    upload deep/b.md
    remove old/a.md in Drive
    -- stderr
    0 files are the same; 4 of 4 things done.
    ");
    assert_eq!(
        at.world.tree(&docs),
        [
            "a.md 4 bytes",
            "deep/",
            "deep/b.md 9 bytes",
            "old/",
            "old/.env 6 bytes",
            "old/a.md 9 bytes (trashed)"
        ]
    );
    insta::assert_snapshot!(at.told(&["sync", "guides", "--down", "--delete", "--except", "*.png", "--dry-run"]), @"
    exit code 0
    -- stdout
    would make old/ here
    -- stderr
    2 files are the same; 1 thing would be done.
    ");
    insta::assert_snapshot!(at.told(&["sync", "guides", "--only", "a["]), @"
    exit code 2
    -- stderr
    error: `a[` is not a pattern: unclosed character class; missing ']'
    hint: Write it like *.md, docs/*.md or docs/**/*.md.
    ");
}

//! `sync`, and what somebody does on either side while it is at work: that stays, and is told.

use super::{MONA, OTTO, Terminal};
use crate::world::drive::Fault;

impl Terminal {
    /// A folder of mona's that otto may write into.
    fn shared(&self) -> String {
        let docs = self.world.folder(MONA, &self.root, "docs");
        self.world.share(&docs, "user", OTTO, "writer");
        docs
    }
}

fn puts(folder: &str, name: &str) -> Fault {
    Fault::MeanwhilePut(OTTO.to_owned(), folder.to_owned(), name.to_owned(), "theirs".to_owned())
}

fn writes(file: &str) -> Fault {
    Fault::MeanwhileWritten(OTTO.to_owned(), file.to_owned(), "theirs".to_owned())
}

#[test]
fn a_folder_that_somebody_puts_something_into_stays_with_it() {
    let at = Terminal::new();
    let docs = at.shared();
    let old = at.world.folder(MONA, &docs, "old");
    let sub = at.world.folder(MONA, &old, "sub");
    let empty = at.world.folder(MONA, &docs, "empty");
    for (folder, name) in [(&old, "a.md"), (&sub, "b.md")] {
        at.world.file(MONA, folder, name, b"old");
    }
    at.write("here/c.md", b"new");
    // After all was listed, and before anything goes.
    at.world.plan("files.create.multipart", puts(&old, "theirs.md"));
    insta::assert_snapshot!(at.told(&["sync", "here", "docs", "--delete"]), @"
    exit code 0
    -- stdout
    upload c.md
    remove old/a.md in Drive
    remove old/sub/b.md in Drive
    remove old/sub in Drive
    remove empty in Drive
    -- stderr
    left alone: old: `theirs.md` is in it, which is not to go
    0 files are the same; 5 of 6 things done.
    ");
    assert_eq!(
        at.world.tree(&old),
        ["a.md 3 bytes (trashed)", "sub/ (trashed)", "sub/b.md 3 bytes (trashed)", "theirs.md 6 bytes"]
    );
    assert!(at.world.tree(&docs).contains(&"empty/ (trashed)".to_owned()), "{empty}");
}

#[test]
fn a_file_that_somebody_writes_does_not_go() {
    // After it was listed, and after it was asked whether it is still as it was.
    for operation in ["files.create.multipart", "batch"] {
        let at = Terminal::new();
        let docs = at.shared();
        let old = at.world.file(MONA, &docs, "old.md", b"old");
        at.world.file(MONA, &docs, "older.md", b"old");
        at.write("here/c.md", b"new");
        at.world.plan(operation, writes(&old));
        insta::allow_duplicates! {
            insta::assert_snapshot!(at.told(&["sync", "here", "docs", "--delete"]), @"
            exit code 0
            -- stdout
            upload c.md
            remove older.md in Drive
            -- stderr
            left alone: old.md: it was changed in Drive a moment ago; the next sync sees that
            0 files are the same; 2 of 3 things done.
            ");
        }
        assert_eq!(
            at.world.tree(&docs),
            ["c.md 3 bytes", "old.md 6 bytes", "older.md 3 bytes (trashed)"],
            "{operation}"
        );
    }
}

#[test]
fn what_comes_back_here_stays_in_drive_as_well() {
    let at = Terminal::new();
    let docs = at.shared();
    at.world.file(MONA, &docs, "old.md", b"old");
    at.write("here/c.md", b"new");
    let back = Fault::MeanwhileHere(at.path().join("here/old.md"), "back".to_owned());
    at.world.plan("files.create.multipart", back);
    insta::assert_snapshot!(at.told(&["sync", "here", "docs", "--delete"]), @"
    exit code 0
    -- stdout
    upload c.md
    -- stderr
    left alone: old.md: it was changed here a moment ago; the next sync sees that
    0 files are the same; 1 of 2 things done.
    ");
    assert_eq!(at.world.tree(&docs), ["c.md 3 bytes", "old.md 3 bytes"]);
}

#[test]
fn what_somebody_writes_here_neither_goes_nor_is_written_over() {
    let at = Terminal::new();
    let docs = at.shared();
    at.world.file(MONA, &docs, "a.md", b"from Drive");
    at.world.file(MONA, &docs, "b.md", b"from Drive");
    at.write("here/old/x.md", b"old");
    at.write("here/old/.git/config", b"nobody's");
    at.write("here/gone.md", b"old");
    at.write("here/b.md", b"mine");
    // As long as before: only when it was written tells.
    at.world.plan("files.get.media", Fault::MeanwhileHere(at.path().join("here/gone.md"), "new".to_owned()));
    at.world.plan("files.get.media", Fault::MeanwhileHere(at.path().join("here/old/y.md"), "new".to_owned()));
    insta::assert_snapshot!(at.told(&["sync", "here", "docs", "--down", "--delete"]), @"
    exit code 0
    -- stdout
    fetch a.md
    fetch b.md
    remove old/x.md here
    -- stderr
    left alone: gone.md: it was changed here a moment ago; the next sync sees that
    left alone: old: `y.md` is in it, which is not to go
    0 files are the same; 3 of 5 things done.
    ");
    assert_eq!(std::fs::read(at.path().join("here/gone.md")).unwrap(), b"new");
    assert!(at.path().join("here/old/y.md").exists() && !at.path().join("here/old/x.md").exists());
    // What comes while its content is under way is not written over either.
    at.world.file(MONA, &docs, "late.md", b"from Drive");
    at.world.plan("files.get.media", Fault::MeanwhileHere(at.path().join("here/late.md"), "mine".to_owned()));
    insta::assert_snapshot!(at.told(&["sync", "here", "docs", "--down"]), @"
    exit code 3
    -- stdout
    fetch late.md
    -- stderr
    failed: late.md: it was changed here a moment ago; the next sync sees that
    2 files are the same; 0 of 1 thing done.
    ");
    assert_eq!(std::fs::read(at.path().join("here/late.md")).unwrap(), b"mine");
}

#[test]
fn a_file_that_is_written_while_it_goes_up_is_no_conflict_the_next_time() {
    let at = Terminal::new();
    let docs = at.shared();
    let both = ["sync", "here", "docs", "--both"];
    at.write("here/a.md", b"one");
    at.remembers(&both).well();
    at.write("here/a.md", b"two");
    at.world.plan(
        "files.update.multipart",
        Fault::MeanwhileHere(at.path().join("here/a.md"), "three".to_owned()),
    );
    at.remembers(&both).well();
    insta::assert_snapshot!(at.remembers(&both).told(), @"
    exit code 0
    -- stdout
    upload a.md
    -- stderr
    0 files are the same; 1 of 1 thing done.
    ");
    assert_eq!(at.world.tree(&docs), ["a.md 5 bytes"]);
}

#[test]
fn a_file_that_somebody_writes_while_it_comes_down_is_no_conflict_the_next_time() {
    let at = Terminal::new();
    let docs = at.shared();
    std::fs::create_dir(at.path().join("here")).unwrap();
    let both = ["sync", "here", "docs", "--both"];
    let id = at.world.file(MONA, &docs, "a.md", b"one");
    let pad = at.world.file(MONA, &docs, "b.md", b"pad");
    // After all was listed, and before it is fetched.
    at.world.plan_after("files.list", 1, writes(&id));
    at.remembers(&both).well();
    assert_eq!(std::fs::read(at.path().join("here/a.md")).unwrap(), b"theirs");
    at.world.write(MONA, &id, b"then");
    at.world.write(MONA, &pad, b"then");
    insta::assert_snapshot!(at.remembers(&both).told(), @"
    exit code 0
    -- stdout
    fetch a.md
    fetch b.md
    -- stderr
    0 files are the same; 2 of 2 things done.
    ");
}

//! `sync` while lists lag: what was written a moment ago is neither taken for somebody else's change nor for a deletion.

use super::{MONA, Terminal};
use crate::world::drive::Fault;

const BOTH: [&str; 5] = ["sync", "here", "docs", "--both", "--delete"];

impl Terminal {
    /// A folder that is in step, with these files.
    fn in_step(&self, names: &[&str]) -> String {
        let docs = self.world.folder(MONA, &self.root, "docs");
        names.iter().for_each(|name| self.write(&format!("here/{name}"), b"one"));
        self.remembers(&BOTH).well();
        docs
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join("here").join(name)).unwrap()
    }
}

#[test]
fn what_was_written_a_moment_ago_is_no_change_of_somebody_else() {
    let at = Terminal::new();
    let docs = at.in_step(&["a.md", "b.md", "c.md"]);
    at.world.lists_lag();
    at.write("here/a.md", b"three");
    at.remembers(&BOTH).well();
    let nothing = at.remembers(&BOTH).well();
    assert!(nothing.stderr.contains("3 files are the same; there is nothing to do"), "{}", nothing.told());
    at.write("here/a.md", b"seven");
    insta::assert_snapshot!(at.remembers(&BOTH).told(), @"
    exit code 0
    -- stdout
    upload a.md
    -- stderr
    2 files are the same; 1 of 1 thing done.
    ");
    // What somebody wrote on top of it is theirs.
    let a = at.world.named(&docs, "a.md").remove(0);
    at.world.write(MONA, &a, b"theirs");
    insta::assert_snapshot!(at.remembers(&BOTH).told(), @"
    exit code 0
    -- stdout
    fetch a.md
    -- stderr
    2 files are the same; 1 of 1 thing done.
    ");
    assert_eq!(at.read("a.md"), "theirs");
    at.world.lists_catch_up();
    at.world.take_requests();
    let caught_up = at.remembers(&BOTH).well();
    assert!(
        caught_up.stderr.contains("3 files are the same; there is nothing to do"),
        "{}",
        caught_up.told()
    );
    assert_eq!(at.world.tree(&docs), ["a.md 6 bytes", "b.md 3 bytes", "c.md 3 bytes"]);
    let asked = at.world.requests().into_iter().filter(|line| line.contains("/batch/"));
    assert_eq!(asked.count(), 0, "lists tell it by now");
}

#[test]
fn what_put_wrote_a_moment_ago_counts_as_well() {
    let at = Terminal::new();
    at.in_step(&["a.md"]);
    at.world.lists_lag();
    at.write("here/a.md", b"three");
    at.remembers(&["put", "here/a.md", "docs"]).well();
    let nothing = at.remembers(&BOTH).well();
    assert!(nothing.stderr.contains("1 file is the same; there is nothing to do"), "{}", nothing.told());
    assert_eq!(at.read("a.md"), "three");
}

#[test]
fn what_was_thrown_away_a_moment_ago_does_not_come_back() {
    let at = Terminal::new();
    let docs = at.in_step(&["a.md", "old/b.md", "old/c.md"]);
    at.world.lists_lag();
    std::fs::remove_dir_all(at.path().join("here/old")).unwrap();
    at.remembers(&BOTH).well();
    let nothing = at.remembers(&BOTH).well();
    assert!(nothing.stderr.contains("1 file is the same; there is nothing to do"), "{}", nothing.told());
    assert!(!at.path().join("here/old").exists());
    // What somebody takes out of the trash is there again.
    let old = at.world.named(&docs, "old").remove(0);
    at.world.untrash(&old);
    let b = at.world.named(&old, "b.md").remove(0);
    at.world.untrash(&b);
    at.remembers(&BOTH).well();
    assert_eq!(at.read("old/b.md"), "one");
    assert!(!at.path().join("here/old/c.md").exists());
}

#[test]
fn killed_before_it_heard_that_it_was_written_it_finds_it_there() {
    let at = Terminal::new();
    let docs = at.in_step(&["a.md", "b.md"]);
    at.world.lists_lag();
    at.write("here/a.md", b"three");
    at.write("here/b.md", b"three");
    at.killed_at("files.update.multipart", 1, &BOTH);
    at.remembers(&BOTH).well();
    assert_eq!(at.world.tree(&docs), ["a.md 5 bytes", "b.md 5 bytes"]);
    at.world.plan("files.update.multipart", Fault::LoseReply);
    at.write("here/a.md", b"four");
    at.remembers(&BOTH).well();
    at.world.lists_catch_up();
    let nothing = at.remembers(&BOTH).well();
    assert!(nothing.stderr.contains("2 files are the same; there is nothing to do"), "{}", nothing.told());
}

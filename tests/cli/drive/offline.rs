//! What was seen answers while Drive is away: with its age, and without taking it for the present.

use super::{MONA, OTTO, Terminal};
use crate::cli::program::Ran;
use crate::world::drive::Fault;

/// Tries of a call before it is given up.
const TRIES: usize = 5;

impl Terminal {
    /// As [`Terminal::remembers`], while nobody answers one sort of call.
    fn away(&self, operation: &str, arguments: &[&str]) -> Ran {
        (0..TRIES).for_each(|_| self.world.plan(operation, Fault::Html(503)));
        self.remembers(arguments)
    }
}

#[test]
fn everything_known_of_a_file_is_shown_from_memory_with_its_age() {
    let at = Terminal::new();
    let plan = at.world.file(MONA, &at.root, "plan.txt", b"plan");
    let place = format!("id:{plan}");
    let seen = at.remembers(&["info", &place]).well();
    let away = at.away("files.get", &["info", &place]);
    assert_eq!((away.code, &away.stdout), (Some(0), &seen.stdout));
    insta::assert_snapshot!(away.told_of(&[(&plan, "ID")]).split_once("-- stderr").unwrap().1, @"warning: Drive cannot be reached; this is as it was seen at TIME, less than a minute ago");
    // What never was seen is not made up.
    let other = at.world.file(MONA, &at.root, "other.txt", b"other");
    insta::assert_snapshot!(at.away("files.get", &["info", &format!("id:{other}")]).told(), @"
    exit code 3
    -- stderr
    gave up for now: Drive answered 503: Error 503
    hint: This is trouble of Google's own; https://www.google.com/appsstatus tells how long it lasts.
    hint: Nothing was half-written. Run it again, or wait for the next run.
    ");
}

#[test]
fn a_sync_tells_from_memory_what_it_would_do_and_does_nothing() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    at.world.file(MONA, &docs, "same.txt", b"same");
    at.world.file(MONA, &docs, "old.txt", b"old");
    at.write("docs/same.txt", b"same");
    at.write("docs/old.txt", b"new");
    at.write("docs/added.txt", b"added");
    let place = format!("id:{docs}");
    at.remembers(&["sync", "docs", &place, "--dry-run"]).well();
    insta::assert_snapshot!(at.away("files.list", &["sync", "docs", &place, "--dry-run"]).told(), @"
    exit code 0
    -- stdout
    would upload added.txt
    would upload old.txt
    -- stderr
    1 file is the same; 2 things would be done.
    warning: Drive cannot be reached; this is as it was seen at TIME, less than a minute ago
    ");
    insta::assert_snapshot!(at.away("files.list", &["sync", "docs", &place]).told(), @"
    exit code 3
    -- stderr
    gave up for now: Drive answered 503: Error 503
    hint: Nothing was done. --dry-run tells what there would be to do as far as that is remembered. Run it again when Drive answers.
    ");
    assert_eq!(at.world.tree(&docs), ["old.txt 3 bytes", "same.txt 4 bytes"]);
}

#[test]
fn what_changes_something_or_hands_it_out_is_not_looked_for_in_memory() {
    let commands: [&[&str]; 15] = [
        &["rm", "old.txt"],
        &["rm", "old.txt", "--for-good"],
        &["put", "old.txt", "/"],
        &["put", "old.txt", "/", "--name", "fresh.txt"],
        &["mv", "old.txt", "new.txt"],
        &["mv", "other.txt", "docs"],
        &["cp", "old.txt", "new.txt"],
        &["cp", "old.txt", "docs", "--shortcut"],
        &["mkdir", "docs/new"],
        &["share", "old.txt", "--with", OTTO],
        &["unshare", "old.txt", "--from", OTTO],
        &["transfer", "old.txt", "--to", OTTO],
        &["pin", "old.txt"],
        &["get", "old.txt", "got.txt"],
        &["perms", "old.txt"],
    ];
    // Each waits for as long as the tries take.
    std::thread::scope(|scope| {
        for command in commands {
            scope.spawn(move || {
                let at = Terminal::new();
                at.write("old.txt", b"new content");
                let old = at.world.file(MONA, &at.root, "old.txt", b"old");
                at.world.file(MONA, &at.root, "other.txt", b"other");
                let docs = at.world.folder(MONA, &at.root, "docs");
                at.world.share(&old, "user", OTTO, "writer");
                at.remembers(&["ls", "/"]).well();
                // Somebody gives the names another meaning, and then lists fail where all else answers.
                at.world.rename(&old, "IMPORTANT.txt");
                at.world.rename(&docs, "public");
                let (before, grants) = (at.world.tree(&at.root), at.world.grants(&old));
                let away = at.away("files.list", command);
                assert_eq!(away.code, Some(3), "{command:?}: {}", away.told());
                assert_eq!(at.world.tree(&at.root), before, "{command:?}");
                assert_eq!(at.world.grants(&old), grants, "{command:?}");
                let requests = at.world.requests();
                let changes =
                    requests.iter().filter(|line| !line.starts_with("GET") && line.contains("/drive/v3"));
                assert_eq!(changes.count(), 0, "{command:?}: {requests:#?}");
            });
        }
    });
}

//! `sync`: folders kept in step; what is the same costs nothing, and what goes is guarded.

use super::{MONA, Terminal};
use crate::world::drive::Fault;

#[test]
fn a_thousand_files_go_up_and_the_second_time_costs_only_the_listing() {
    let at = Terminal::new();
    at.world.folder(MONA, &at.root, "docs");
    for file in 0..1_000 {
        at.write(&format!("here/{}/{file}.txt", file % 4), format!("file {file}").as_bytes());
    }
    let first = at.json(&["sync", "here", "docs"]);
    assert_eq!((&first["done"], &first["unchanged"]), (&1_004.into(), &0.into()), "{}", first["failed"]);
    at.world.take_requests();
    let second = at.json(&["sync", "here", "docs"]);
    assert_eq!((&second["steps"], &second["unchanged"]), (&serde_json::json!([]), &1_000.into()));
    let requests = at.world.requests();
    let lists = requests.iter().filter(|line| line.starts_with("GET /drive/v3/files?")).count();
    // The token, the topmost folder, the way to the folder, and a list for it and each of the four below.
    assert_eq!((lists, requests.len()), (6, 8), "{requests:#?}");
}

#[test]
fn one_side_becomes_as_the_other_is_and_deletions_are_guarded() {
    let at = Terminal::configured("limits: {deletions: 1}");
    let docs = at.world.folder(MONA, &at.root, "docs");
    at.world.file(MONA, &docs, "old 1.txt", b"x");
    at.world.file(MONA, &docs, "old 2.txt", b"x");
    let changed = at.world.file(MONA, &docs, "changed.txt", b"before");
    at.world.document(MONA, &docs, "Notes", "document", "# Notes");
    at.write("here/changed.txt", b"after");
    at.write("here/new/a.txt", b"new");
    insta::assert_snapshot!(at.told(&["sync", "here", "docs", "--delete"]), @"
    exit code 1
    -- stderr
    failed: 2 files would be deleted, and 1 may be: old 1.txt, old 2.txt
    hint: Nothing was done. If they are to go: --most-deletions COUNT. If not, look whether the right folders are named; --dry-run shows all that would be done.
    ");
    assert_eq!(at.world.content(&changed), b"before", "nothing was done");
    // Who asks what would go is shown all of it, and told that it is too much.
    insta::assert_snapshot!(at.told(&["sync", "here", "docs", "--delete", "--dry-run"]), @"
    exit code 1
    -- stdout
    would make new/ in Drive
    would upload changed.txt
    would upload new/a.txt
    would remove old 1.txt in Drive
    would remove old 2.txt in Drive
    -- stderr
    left alone: Notes: it is a Google document, which has no bytes: `automata drive export` fetches it, and a rule with `import` brings its text into the repository
    0 files are the same; 5 things would be done.
    failed: 2 files would be deleted, and 1 may be: old 1.txt, old 2.txt
    hint: Nothing was done. If they are to go: --most-deletions COUNT. If not, look whether the right folders are named.
    ");
    insta::assert_snapshot!(at.told(&["sync", "here", "docs", "--delete", "--most-deletions", "2", "--dry-run"]), @"
    exit code 0
    -- stdout
    would make new/ in Drive
    would upload changed.txt
    would upload new/a.txt
    would remove old 1.txt in Drive
    would remove old 2.txt in Drive
    -- stderr
    left alone: Notes: it is a Google document, which has no bytes: `automata drive export` fetches it, and a rule with `import` brings its text into the repository
    0 files are the same; 5 things would be done.
    ");
    assert_eq!(at.world.tree(&docs).len(), 4);
    insta::assert_snapshot!(at.told(&["sync", "here", "docs", "--delete", "--most-deletions", "2"]), @"
    exit code 0
    -- stdout
    make new/ in Drive
    upload changed.txt
    upload new/a.txt
    remove old 1.txt in Drive
    remove old 2.txt in Drive
    -- stderr
    left alone: Notes: it is a Google document, which has no bytes: `automata drive export` fetches it, and a rule with `import` brings its text into the repository
    0 files are the same; 5 of 5 things done.
    ");
    assert_eq!(
        at.world.tree(&docs),
        [
            "Notes application/vnd.google-apps.document",
            "changed.txt 5 bytes",
            "new/",
            "new/a.txt 3 bytes",
            "old 1.txt 1 bytes (trashed)",
            "old 2.txt 1 bytes (trashed)"
        ]
    );
    assert_eq!(at.world.revisions(&changed), 2);
}

#[test]
fn a_folder_comes_down_and_names_that_lead_elsewhere_stay_in_drive() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    let inner = at.world.folder(MONA, &docs, "guides");
    at.world.file(MONA, &inner, "a.txt", b"hello");
    at.world.file(MONA, &docs, "../evil.txt", b"x");
    at.world.file(MONA, &docs, "twin", b"1");
    at.world.file(MONA, &docs, "twin", b"2");
    at.write("here/mine.txt", b"mine");
    #[cfg(unix)]
    std::os::unix::fs::symlink("/", at.path().join("here/link")).unwrap();
    insta::assert_snapshot!(at.told(&["sync", "here", "docs", "--down", "--delete"]), @r"
    exit code 0
    -- stdout
    make guides/ here
    fetch guides/a.txt
    remove mine.txt here
    -- stderr
    left alone: ..\/evil.txt: its name has characters that no file's name may have everywhere
    left alone: link: it is a link
    left alone: twin: several things in Drive have this name: rename or remove all but one of them, by their ids
    0 files are the same; 3 of 3 things done.
    ");
    assert_eq!(std::fs::read(at.path().join("here/guides/a.txt")).unwrap(), b"hello");
    assert!(!at.path().join("here/mine.txt").exists() && !at.path().join("evil.txt").exists());
}

#[test]
fn a_sync_of_the_configuration_survives_lost_answers_and_makes_nothing_twice() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    at.configure(&format!("folders: {{docs: {docs}}}\nsync:\n  guides: {{path: here, drive: \"docs:\"}}"));
    for file in 0..5 {
        at.write(&format!("here/{file}.txt"), format!("{file}").as_bytes());
    }
    at.world.plan("files.create.multipart", Fault::LoseReply);
    at.world.plan("files.create.multipart", Fault::Reason(429, "rateLimitExceeded"));
    at.run(&["sync", "guides"]).well();
    assert_eq!(at.world.tree(&docs).len(), 5);
    at.world.lists_lag();
    at.write("here/late.txt", b"x");
    at.run(&["sync", "guides"]).well();
    at.world.lists_catch_up();
    assert_eq!(at.json(&["sync", "guides"])["unchanged"], 6);
}

#[test]
fn killed_in_the_middle_of_a_large_file_the_same_sync_goes_on_with_it() {
    let at = Terminal::configured("limits: {part_kib: 256}");
    at.world.folder(MONA, &at.root, "docs");
    let large = vec![7; 6 * 1024 * 1024];
    at.write("here/more/large.bin", &large);
    at.write("here/small.txt", b"small");
    at.killed_at("upload.chunk", 5, &["sync", "here", "docs"]);
    at.world.take_requests();
    at.remembers(&["sync", "here", "docs"]).well();
    let docs = at.world.named(&at.root, "docs").remove(0);
    assert_eq!(at.world.tree(&docs), ["more/", "more/large.bin 6291456 bytes", "small.txt 5 bytes"]);
    assert_eq!((at.world.sent_again(), at.world.received()), (0, 6 * 1024 * 1024));
    let begun = |line: &&String| line.contains("uploadType=resumable") && !line.starts_with("PUT");
    assert_eq!(at.world.requests().iter().filter(begun).count(), 0, "{:#?}", at.world.requests());
    assert_eq!(at.sessions(), [""; 0]);
}

#[test]
fn where_nothing_is_remembered_nothing_is_deleted_on_either_side_and_that_is_said() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    at.world.file(MONA, &docs, "theirs.txt", b"theirs");
    at.world.file(MONA, &docs, "both.txt", b"theirs");
    at.write("here/mine.txt", b"mine");
    at.write("here/both.txt", b"mine");
    insta::assert_snapshot!(at.told(&["sync", "here", "docs", "--both", "--delete"]), @"
    exit code 0
    -- stdout
    call both.txt here both (conflict 918b81).txt
    upload both (conflict 918b81).txt
    fetch both.txt
    upload mine.txt
    fetch theirs.txt
    -- stderr
    Nothing is remembered of these two folders: nothing is deleted, and of what differs both are kept.
    conflict: both.txt: it changed here and in Drive; what was here is kept as both (conflict 918b81).txt
    0 files are the same; 5 of 5 things done.
    ");
    assert_eq!(at.world.tree(&docs).len(), 4);
    // What is remembered lets a deletion be one; a memory that was lost does not.
    let sync = ["sync", "here", "docs", "--both", "--delete"];
    at.remembers(&sync).well();
    std::fs::remove_file(at.path().join("here/mine.txt")).unwrap();
    let known = at.remembers(&sync).well();
    assert!(known.stdout.contains("remove mine.txt in Drive") && !known.stderr.contains("remembered"));
    std::fs::remove_file(at.path().join("here/theirs.txt")).unwrap();
    std::fs::remove_dir_all(at.path().join("cache")).unwrap();
    let lost = at.remembers(&sync).well();
    assert!(lost.stderr.contains("Nothing is remembered of these two folders"), "{}", lost.stderr);
    assert!(lost.stdout.contains("fetch theirs.txt"), "{}", lost.stdout);
}

#[test]
fn a_name_that_the_configuration_does_not_have_is_told() {
    let at = Terminal::new();
    insta::assert_snapshot!(at.told(&["sync", "guides"]), @"
    exit code 2
    -- stderr
    error: there is no `guides` under `drive.sync`
    hint: Say which folder in Drive: automata drive sync FOLDER PLACE
    ");
}

#[test]
fn what_is_not_wholly_fetched_is_nobodys_file() {
    for direction in ["--down", "--both"] {
        let at = Terminal::configured("limits: {part_kib: 256}");
        let docs = at.world.folder(MONA, &at.root, "docs");
        let large: Vec<u8> = (0..1_000_000_u32).map(|at| u8::try_from(at % 253).unwrap()).collect();
        at.world.file(MONA, &docs, "large.bin", &large);
        std::fs::create_dir(at.path().join("here")).unwrap();
        let command = ["sync", "here", "docs", direction, "--delete"];
        at.killed_at("files.get.media", 2, &command);
        let half = std::fs::read_dir(at.path().join("here")).unwrap().count();
        assert_eq!(half, 1, "a part of it is there");
        insta::allow_duplicates! {
            insta::assert_snapshot!(at.remembers(&["sync", "here", "docs"]).told(), @"
            exit code 0
            -- stderr
            0 files are the same; there is nothing to do.
            ");
        }
        at.remembers(&command).well();
        assert_eq!(std::fs::read(at.path().join("here/large.bin")).unwrap(), large);
        assert_eq!(std::fs::read_dir(at.path().join("here")).unwrap().count(), 1);
        assert_eq!(at.world.tree(&docs), ["large.bin 1000000 bytes"]);
    }
}

#[test]
fn files_keep_their_times_and_each_that_comes_down_costs_one_request() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    at.write("here/old.txt", b"old");
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(978_307_200);
    let set = |path: &str| {
        std::fs::File::options()
            .write(true)
            .open(at.path().join(path))
            .unwrap()
            .set_modified(long_ago)
            .unwrap();
    };
    set("here/old.txt");
    at.run(&["sync", "here", "docs"]).well();
    let shown = |name: &str| {
        let all = at.json(&["ls", "docs"]);
        let file = all.as_array().unwrap().iter().find(|file| file["name"] == name).unwrap();
        file["modified_at"].clone()
    };
    assert_eq!(shown("old.txt"), "2001-01-01T00:00:00Z");
    at.write("put.txt", b"put");
    set("put.txt");
    at.run(&["put", "put.txt", "docs"]).well();
    assert_eq!(shown("put.txt"), "2001-01-01T00:00:00Z");
    (0..5).for_each(|number| drop(at.world.file(MONA, &docs, &format!("{number}.txt"), b"new")));
    std::fs::create_dir(at.path().join("down")).unwrap();
    at.world.take_requests();
    at.run(&["sync", "down", "docs", "--down"]).well();
    let requests = at.world.take_requests();
    let of_content = requests.iter().filter(|line| line.contains("alt=media")).count();
    let asked = requests.iter().filter(|line| line.starts_with("GET")).count();
    // The top folder by its name, and the list; then each file once.
    assert_eq!((of_content, asked), (7, 7 + 3), "{requests:#?}");
    at.run(&["get", "docs/put.txt", "got.txt"]).well();
    for path in ["down/old.txt", "down/put.txt", "got.txt"] {
        assert_eq!(std::fs::metadata(at.path().join(path)).unwrap().modified().unwrap(), long_ago, "{path}");
    }
}

#[test]
fn what_has_other_content_since_the_list_comes_as_it_is_now() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    at.world.file(MONA, &docs, "a.txt", b"as listed");
    std::fs::create_dir(at.path().join("here")).unwrap();
    at.world.plan("files.get.media", Fault::Damage);
    at.run(&["sync", "here", "docs", "--down"]).well();
    assert_eq!(std::fs::read(at.path().join("here/a.txt")).unwrap(), b"as listed");
}

#[test]
fn a_file_comes_down_however_long_its_name_is() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    let name = format!("{}.md", "\u{6f22}".repeat(78));
    at.world.file(MONA, &docs, &name, b"long");
    std::fs::create_dir(at.path().join("here")).unwrap();
    at.run(&["sync", "here", "docs", "--down"]).well();
    assert_eq!(std::fs::read(at.path().join("here").join(&name)).unwrap(), b"long");
    at.run(&["get", &format!("docs/{name}")]).well();
    assert_eq!(std::fs::read(at.path().join(&name)).unwrap(), b"long");
}

#[test]
fn while_lists_lag_a_second_sync_makes_and_sends_nothing_again() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    for path in ["here/a.md", "here/b.md", "here/d/c.md"] {
        at.write(path, b"one");
    }
    at.world.lists_lag();
    at.remembers(&["sync", "here", "docs"]).well();
    at.world.take_requests();
    let again = at.remembers(&["sync", "here", "docs"]).well();
    assert!(again.stderr.contains("3 files are the same; there is nothing to do"), "{}", again.stderr);
    let sent = at.world.take_requests().iter().filter(|line| line.contains("/upload/")).count();
    assert_eq!(sent, 0);
    // What was made by `put` counts as well, new content goes into the same file, and what somebody threw away is made anew.
    at.write("e.md", b"put");
    at.write("here/e.md", b"put");
    at.remembers(&["put", "e.md", "docs"]).well();
    at.write("here/a.md", b"two");
    let b = at.world.named(&docs, "b.md").remove(0);
    at.world.trash(&b);
    insta::assert_snapshot!(at.remembers(&["sync", "here", "docs"]).well().told(), @"
    exit code 0
    -- stdout
    upload a.md
    upload b.md
    -- stderr
    2 files are the same; 2 of 2 things done.
    ");
    at.remembers(&["put", "here/a.md", "docs"]).well();
    at.world.lists_catch_up();
    insta::assert_snapshot!(at.world.tree(&docs).join("\n"), @"
    a.md 3 bytes
    b.md 3 bytes
    b.md 3 bytes (trashed)
    d/
    d/c.md 3 bytes
    e.md 3 bytes
    ");
}

#[test]
fn where_nothing_is_to_be_done_only_lists_are_asked_for() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    let shared = at.world.make_drive("Team", &[(MONA, "organizer")]);
    let inner = at.world.folder(MONA, &shared, "inner");
    for (folder, lists) in [(&docs, 1), (&shared, 2), (&inner, 2)] {
        at.configure(&format!("folders: {{docs: {folder}}}"));
        at.write("here/a.md", b"a");
        at.remembers(&["sync", "here", "docs:"]).well();
        at.world.take_requests();
        let again = at.remembers(&["sync", "here", "docs:"]).well();
        assert!(again.stderr.contains("1 file is the same"), "{}", again.stderr);
        let requests = at.world.requests();
        let asked = requests.iter().filter(|line| line.starts_with("GET /drive/v3/files?")).count();
        assert_eq!((asked, requests.len()), (lists, lists + 1), "{requests:#?}");
    }
}

#[test]
fn a_file_that_was_written_since_its_upload_was_cut_off_begins_anew() {
    let at = Terminal::configured("limits: {part_kib: 256}");
    at.world.folder(MONA, &at.root, "docs");
    let size = 6 * 1024 * 1024;
    at.write("here/large.bin", &vec![7; size]);
    let path = at.path().join("here/large.bin");
    let time = std::fs::metadata(&path).unwrap().modified().unwrap();
    for command in [&["sync", "here", "docs"][..], &["put", "here/large.bin", "docs"]] {
        at.killed_at("upload.chunk", 5, command);
        // As long as before, and with the time that it had before.
        let other = vec![u8::try_from(command.len()).unwrap(); size];
        std::fs::write(&path, &other).unwrap();
        std::fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        at.remembers(command).well();
        let docs = at.world.named(&at.root, "docs").remove(0);
        let [id] = &at.world.named(&docs, "large.bin")[..] else { panic!("one file") };
        assert!(at.world.content(id) == other, "{command:?}");
        std::fs::write(&path, vec![9; size]).unwrap();
    }
}

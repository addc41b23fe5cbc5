//! Task kind `drive_sync`: folders of the configuration are kept in step by runs, whoever is killed when.

use super::drive_scene::{MONA, Scene, wait_until_it_hangs};
use crate::world::drive::Fault;

const GUIDES: &str = "sync:\n  guides: {path: guides, drive: \"docs:\", direction: DIRECTION, delete: true}";

fn scene(direction: &str) -> Scene {
    Scene::configured(&GUIDES.replace("DIRECTION", direction))
}

impl Scene {
    fn write(&self, name: &str, text: &str) {
        let path = self.path().join("guides").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join("guides").join(name)).unwrap()
    }

    fn syncs(&self) -> String {
        let task = self.run(&["tasks", "add", "drive_sync", "--input", r#"{"name": "guides"}"#]).well();
        self.run(&["drain"]).well();
        self.status(task.stdout.trim())
    }
}

#[test]
fn a_folder_goes_up_and_the_second_time_costs_only_the_listing() {
    let scene = scene("up");
    (0..1_000).for_each(|file| scene.write(&format!("{}/{file}.txt", file % 4), &format!("file {file}")));
    let first = scene.syncs();
    assert!(first.contains("1004 things done, 0 files the same"), "{first}");
    scene.world.take_requests();
    let second = scene.syncs();
    assert!(second.contains("0 things done, 1000 files the same"), "{second}");
    let requests = scene.world.requests();
    // The token, the folder, and a list for it and each of the four below.
    assert_eq!(requests.len(), 7, "{requests:#?}");
}

#[test]
fn killed_in_the_middle_it_goes_on_and_makes_nothing_twice() {
    for passing in [0, 3, 9] {
        let scene = scene("up");
        (0..10).for_each(|file| scene.write(&format!("{file}.txt"), "x"));
        scene.run(&["tasks", "add", "drive_sync", "--input", r#"{"name": "guides"}"#]).well();
        scene.world.plan_after("files.create.multipart", passing, Fault::Hang);
        let mut child = scene.program(&["drain"]).begin();
        wait_until_it_hangs(&scene.world);
        child.kill().unwrap();
        child.wait().unwrap();
        // What was made a moment ago is in no list yet.
        scene.world.lists_lag();
        scene.drains();
        assert_eq!(scene.world.tree(&scene.docs).len(), 10, "after {passing}");
    }
}

#[test]
fn both_sides_take_over_what_changed_and_of_a_conflict_both_are_kept() {
    let scene = scene("both");
    std::fs::create_dir(scene.path().join("guides")).unwrap();
    let ids = ["a.txt", "both.md", "gone.txt", "kept.txt"]
        .map(|name| scene.world.file(MONA, &scene.docs, name, b"first"));
    scene.syncs();
    assert_eq!(scene.read("both.md"), "first");
    scene.write("a.txt", "mine");
    scene.write("both.md", "mine");
    scene.world.write(MONA, &ids[1], b"theirs");
    std::fs::remove_file(scene.path().join("guides/gone.txt")).unwrap();
    std::fs::remove_file(scene.path().join("guides/kept.txt")).unwrap();
    scene.world.write(MONA, &ids[3], b"theirs");
    let shown = scene.syncs();
    insta::assert_snapshot!(scene.world.tree(&scene.docs).join("\n"), @"
    a.txt 4 bytes
    both (conflict 918b81).md 4 bytes
    both.md 6 bytes
    gone.txt 5 bytes (trashed)
    kept.txt 6 bytes
    ");
    assert_eq!(scene.world.content(&ids[0]), b"mine");
    assert_eq!((scene.read("both.md"), scene.read("kept.txt")), ("theirs".to_owned(), "theirs".to_owned()));
    assert!(shown.contains("both.md"), "{shown}");
    let again = scene.syncs();
    assert!(again.contains("0 things done"), "{again}");
}

#[test]
fn more_deletions_than_may_be_are_refused_and_nothing_is_done() {
    let scene = Scene::configured(&format!("{}\n", GUIDES.replace("DIRECTION", "up")));
    (0..60).for_each(|file| drop(scene.world.file(MONA, &scene.docs, &format!("{file}.txt"), b"x")));
    scene.write("one.txt", "x");
    scene.run(&["tasks", "add", "drive_sync", "--input", r#"{"name": "guides"}"#]).well();
    scene.run(&["drain"]);
    let failed = scene.run(&["tasks", "list", "--status", "failed"]).well().stdout;
    assert!(failed.contains("60 files would be deleted, and 50 may be"), "{failed}");
    assert_eq!(scene.world.tree(&scene.docs).len(), 60);
}

#[test]
fn what_a_sync_did_in_a_watched_folder_leads_to_nothing_whoever_s_account_it_was() {
    let watch = "watch: {folders: [docs], every: 0m}";
    let scene = Scene::configured(&format!("{}\n{watch}", GUIDES.replace("DIRECTION", "up")));
    let large = "x".repeat(6 * 1024 * 1024);
    scene.write("old.md", "old");
    scene.write("large.md", &large);
    scene.write("more/plan.md", "one");
    scene.run(&["drain"]).well();
    scene.syncs();
    scene.run(&["drain"]).well();
    std::fs::remove_file(scene.path().join("guides/old.md")).unwrap();
    scene.write("more/plan.md", "two");
    scene.write("large.md", &format!("{large}!"));
    scene.syncs();
    scene.run(&["drain"]).well();
    scene.run(&["drive", "mkdir", "docs:by/hand", "--unrecorded"]).well();
    scene.run(&["drain"]).well();
    let log = scene.run(&["log", "-n", "0", "--format", "json"]).well().stdout;
    let changes = |log: &str| log.lines().filter(|line| line.contains("drive.changed")).count();
    let ours = |log: &str| {
        log.lines().filter(|line| line.contains("drive.changed") && line.contains(r#""ours":true"#)).count()
    };
    assert_eq!((changes(&log), ours(&log)), (9, 9), "{log}");
    // What mona does at the browser is hers, also to what we put there.
    let more = scene.world.named(&scene.docs, "more").remove(0);
    let plan = scene.world.named(&more, "plan.md").remove(0);
    scene.world.write(MONA, &plan, b"three");
    scene.run(&["drain"]).well();
    let log = scene.run(&["log", "-n", "0", "--format", "json"]).well().stdout;
    assert_eq!((changes(&log), ours(&log)), (10, 9), "{log}");
}

#[test]
fn killed_after_its_ids_were_drawn_twice_while_lists_lag_it_makes_nothing_twice() {
    let scene = scene("up");
    (0..1_200).for_each(|file| scene.write(&format!("{file}.txt"), "x"));
    scene.world.lists_lag();
    scene.run(&["tasks", "add", "drive_sync", "--input", r#"{"name": "guides"}"#]).well();
    scene.world.plan_after("files.create.multipart", 1_100, Fault::Hang);
    let mut child = scene.program(&["drain"]).begin();
    wait_until_it_hangs(&scene.world);
    child.kill().unwrap();
    child.wait().unwrap();
    scene.drains();
    scene.world.lists_catch_up();
    assert_eq!(scene.world.tree(&scene.docs).len(), 1_200);
}

//! Task kind `drive_sync`: folders of the configuration are kept in step by runs, whoever is killed when.

use super::drive_scene::{LARGE, MONA, Scene, wait_until_it_hangs};
use crate::world::drive::Fault;

const GUIDES: &str = "sync:\n  guides: {path: guides, drive: \"docs:\", direction: DIRECTION, delete: true}";

pub(super) fn scene(direction: &str) -> Scene {
    Scene::configured(&GUIDES.replace("DIRECTION", direction))
}

impl Scene {
    pub(super) fn write(&self, name: &str, text: &str) {
        let path = self.path().join("guides").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(super) fn read(&self, name: &str) -> String {
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
    // The token, and a list for the folder and each of the four below.
    assert_eq!(requests.len(), 6, "{requests:#?}");
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
fn killed_between_any_two_parts_of_a_large_file_it_goes_on_and_sends_nothing_again() {
    let parts = LARGE.div_ceil(256 * 1024);
    for (sent, replaced) in [(0, false), (1, true), (parts / 2, false), (parts - 1, false), (parts - 1, true)]
    {
        let scene = scene("up");
        let text = "large ".repeat(LARGE / 6);
        scene.write("more/large.txt", &text);
        scene.write("small.txt", "small");
        let more = scene.world.folder(MONA, &scene.docs, "more");
        let old = replaced.then(|| scene.world.file(MONA, &more, "large.txt", b"as it was"));
        let task = scene.run(&["tasks", "add", "drive_sync", "--input", r#"{"name": "guides"}"#]).well();
        scene.world.plan_after("upload.chunk", u32::try_from(sent).unwrap(), Fault::Hang);
        let mut child = scene.program(&["drain"]).begin();
        wait_until_it_hangs(&scene.world);
        child.kill().unwrap();
        child.wait().unwrap();
        // What was made a moment ago is in no list yet.
        scene.world.lists_lag();
        scene.drains();
        scene.world.lists_catch_up();
        let [id] = &scene.world.named(&more, "large.txt")[..] else { panic!("one file") };
        assert!(old.is_none_or(|old| old == *id));
        assert!(scene.world.content(id) == text.as_bytes());
        assert_eq!(scene.world.named(&scene.docs, "small.txt").len(), 1);
        assert_eq!(
            (scene.world.sent_again(), scene.world.received()),
            (0, text.len() as u64),
            "{sent} parts"
        );
        let begun = scene
            .world
            .requests()
            .into_iter()
            .filter(|line| line.contains("uploadType=resumable") && !line.starts_with("PUT"));
        assert_eq!(begun.count(), 1, "{:#?}", scene.world.requests());
        let log = scene.run(&["log", "-n", "0", "--format", "json"]).well().stdout;
        assert!(!log.contains("upload_id"), "whoever reads the log cannot write the file");
        assert!(scene.status(task.stdout.trim()).contains("completed"));
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

impl Scene {
    /// What becomes of a sync that is refused.
    fn refused(&self) -> String {
        self.run(&["tasks", "add", "drive_sync", "--input", r#"{"name": "guides"}"#]).well();
        self.run(&["drain"]);
        self.run(&["tasks", "list", "--status", "failed"]).well().stdout
    }
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_stays_here() {
    let link = |scene: &Scene, to: &str, at: &str| {
        std::os::unix::fs::symlink(scene.path().join(to), scene.path().join(at)).unwrap();
    };
    for (path, at) in [("guides", "guides"), ("all/guides", "all")] {
        let scene = Scene::configured(
            &GUIDES.replace("DIRECTION", "up").replace("path: guides", &format!("path: {path}")),
        );
        std::fs::create_dir_all(scene.path().join("elsewhere/guides")).unwrap();
        std::fs::write(scene.path().join("elsewhere/guides/id_rsa"), "secret").unwrap();
        std::fs::write(scene.path().join("elsewhere/id_rsa"), "secret").unwrap();
        link(&scene, "elsewhere", at);
        let failed = scene.refused();
        assert!(failed.contains("leads through a link"), "{failed}");
        assert_eq!(scene.world.tree(&scene.docs), [""; 0]);
    }
}

#[test]
fn a_folder_in_the_trash_is_not_taken_for_an_empty_one() {
    for direction in ["up", "down", "both"] {
        let scene = scene(direction);
        scene.world.file(MONA, &scene.docs, "a.txt", b"a");
        scene.write("a.txt", "a");
        scene.write("b.txt", "b");
        scene.world.trash(&scene.docs);
        let failed = scene.refused();
        assert!(failed.contains("trash"), "{failed}");
        assert_eq!((scene.read("a.txt"), scene.world.named(&scene.docs, "b.txt").len()), ("a".to_owned(), 0));
    }
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

impl Scene {
    pub(super) fn git(&self, arguments: &[&str]) {
        let mut git = std::process::Command::new("git");
        git.args(["-c", "user.name=mona", "-c", "user.email=mona@acme.example"]).args(arguments);
        let ended = git.current_dir(self.path()).output().unwrap();
        assert!(ended.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
    }

    /// Commits the folder as it is, at this hour of the day.
    pub(super) fn commits(&self, hour: u8) {
        self.git(&["add", "-A", "guides", ".github"]);
        let date = format!("2026-11-22T{hour:02}:00:00Z");
        let mut git = std::process::Command::new("git");
        git.args(["-c", "user.name=mona", "-c", "user.email=mona@acme.example", "commit", "-qm", "guides"]);
        git.env("GIT_COMMITTER_DATE", &date).current_dir(self.path());
        assert!(git.status().unwrap().success());
    }

    /// What a runner does that has nothing: it fetches the folder at this commit of the default branch, and syncs.
    pub(super) fn runner_syncs(&self, commit: &str) -> String {
        self.git(&["push", "-qf", "repository.git", &format!("{commit}^{{commit}}:refs/heads/main")]);
        self.runner_at(commit)
    }

    /// The same with a commit that may be any.
    fn runner_at(&self, commit: &str) -> String {
        for gone in ["guides", "cache"] {
            drop(std::fs::remove_dir_all(self.path().join(gone)));
        }
        self.git(&["checkout", "-qf", "--detach", commit]);
        let runs = |arguments: &[&str]| self.program(arguments).set("GITHUB_ACTIONS", "true").run().well();
        let task = runs(&["tasks", "add", "drive_sync", "--input", r#"{"name": "guides"}"#]);
        runs(&["drain"]);
        self.status(task.stdout.trim())
    }
}

#[test]
fn a_fresh_runner_tells_what_was_deleted_from_what_is_new() {
    let scene = scene("both");
    scene.git(&["init", "-q"]);
    scene.write("a.txt", "a");
    scene.write("b.txt", "b");
    scene.commits(10);
    scene.git(&["tag", "first"]);
    let first = scene.runner_syncs("first");
    assert!(first.contains("nothing was remembered and so nothing deleted"), "{first}");
    let [b] = &scene.world.named(&scene.docs, "b.txt")[..] else { panic!("one file") };
    scene.world.trash(b);
    scene.world.file(MONA, &scene.docs, "c.txt", b"c");
    // Nobody commits what came of the first one, and so the second finds the same to do and takes nothing back.
    for _ in 0..2 {
        let shown = scene.runner_syncs("first");
        assert!(shown.contains("2 things done, 1 file the same") && !shown.contains("remembered"), "{shown}");
        assert!(!scene.path().join("guides/b.txt").exists());
        assert_eq!(scene.read("c.txt"), "c");
        assert_eq!(
            scene.world.tree(&scene.docs),
            ["a.txt 1 bytes", "b.txt 1 bytes (trashed)", "c.txt 1 bytes"]
        );
    }
    scene.commits(11);
    scene.git(&["tag", "second"]);
    let shown = scene.runner_syncs("second");
    assert!(shown.contains("0 things done, 2 files the same"), "{shown}");
    std::fs::remove_file(scene.path().join("guides/a.txt")).unwrap();
    scene.commits(12);
    scene.git(&["tag", "third"]);
    scene.runner_syncs("third");
    let after = ["a.txt 1 bytes (trashed)", "b.txt 1 bytes (trashed)", "c.txt 1 bytes"];
    assert_eq!(scene.world.tree(&scene.docs), after);
    // What a pull request brings nobody merged, and what it takes away is still there. An older commit is no better.
    scene.git(&["checkout", "-qf", "--detach", "third"]);
    scene.write("draft.txt", "not merged");
    std::fs::remove_file(scene.path().join("guides/c.txt")).unwrap();
    scene.commits(13);
    scene.git(&["tag", "proposed"]);
    let told = scene.runner_at("proposed");
    assert!(told.contains("the working copy is at") && told.contains("the default branch"), "{told}");
    assert_eq!(scene.world.tree(&scene.docs), after);
}

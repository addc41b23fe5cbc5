//! Task kind `drive_put`: a file goes up once, and what Drive has is not sent again, whoever is killed when.

use std::path::Path;

use automata::domain::time::Timestamp;
use automata::services::git::playground;
use tempfile::TempDir;

use crate::cli::program::{Program, Ran};
use crate::world::drive::{DriveWorld, Fault};

const MONA: &str = "mona@acme.example";
/// Bytes of a part: the smallest that Google takes.
const PART: usize = 256 * 1024;
/// More than goes in one request: 21 parts.
const LARGE: usize = 5 * 1024 * 1024 + 100;

/// A repository with a log of its own beside a Drive.
struct Scene {
    world: DriveWorld,
    folder: TempDir,
    credentials: String,
    docs: String,
}

impl Scene {
    fn new() -> Self {
        let clock = std::sync::Arc::new(automata::services::clock::SystemClock);
        let world = DriveWorld::start_by(clock);
        let credentials = world.authorized_user_json(MONA);
        let docs = world.folder(MONA, &world.root_of(MONA), "docs");
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "drive:\n  url: {}\n  folders: {{docs: {docs}}}\n  limits: {{part_kib: 256}}\n",
            world.url()
        );
        let files = [("README.md", "# widgets\n"), (".github/automata.yml", config.as_str())];
        let time: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        playground::seed(&folder.path().join("repository.git"), &files, time).unwrap();
        let scene = Self { world, folder, credentials, docs };
        let content: Vec<u8> = (0..LARGE).map(|at| u8::try_from(at % 251).unwrap()).collect();
        std::fs::write(scene.path().join("large.bin"), content).unwrap();
        std::fs::write(scene.path().join("small.txt"), "small").unwrap();
        scene
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn program(&self, arguments: &[&str]) -> Program {
        let program = Program::on(self.path(), arguments).inside(self.path());
        program.set("GOOGLE_CREDENTIALS", &self.credentials).set("NO_PROXY", "127.0.0.1")
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.program(arguments).run()
    }

    fn wants(&self, file: &str) -> String {
        let input = format!(r#"{{"file": "{file}", "folder": "docs:"}}"#);
        self.run(&["tasks", "add", "drive_put", "--input", &input]).well().stdout.trim().to_owned()
    }

    /// Works through the queue until nothing is left to be done, at most so many times.
    fn drains(&self) {
        for _ in 0..4 {
            let ran = self.run(&["drain"]).well();
            if ran.stdout.contains("1 task completed") {
                return;
            }
        }
        panic!("it does not end: {}", self.run(&["status"]).stdout);
    }

    fn status(&self, task: &str) -> String {
        self.run(&["tasks", "show", task]).well().stdout
    }
}

#[test]
fn a_file_is_put_into_its_folder_and_the_log_says_where_it_lies() {
    let scene = Scene::new();
    let task = scene.wants("small.txt");
    scene.drains();
    assert_eq!(scene.world.tree(&scene.docs), ["small.txt 5 bytes"]);
    let shown = scene.status(&task);
    assert!(shown.contains("completed") && shown.contains("small.txt"), "{shown}");
}

#[test]
fn a_lost_answer_makes_no_second_file() {
    let scene = Scene::new();
    scene.wants("small.txt");
    scene.world.plan("files.create.multipart", Fault::LoseReply);
    scene.drains();
    assert_eq!(scene.world.tree(&scene.docs), ["small.txt 5 bytes"]);
}

#[test]
fn killed_between_any_two_parts_it_goes_on_and_sends_nothing_again() {
    let parts = LARGE.div_ceil(PART);
    for sent in [0, 1, 2, parts / 2, parts - 1] {
        let scene = Scene::new();
        let task = scene.wants("large.bin");
        scene.world.plan_after("upload.chunk", u32::try_from(sent).unwrap(), Fault::Hang);
        let mut child = scene.program(&["drain"]).begin();
        wait_until_it_hangs(&scene.world);
        child.kill().unwrap();
        child.wait().unwrap();
        scene.drains();
        let [id] = &scene.world.named(&scene.docs, "large.bin")[..] else { panic!("one file") };
        assert!(scene.world.content(id) == std::fs::read(scene.path().join("large.bin")).unwrap());
        assert_eq!(scene.world.sent_again(), 0, "after {sent} parts");
        // What was hung up on had not been taken; all else came once.
        assert_eq!(scene.world.received(), LARGE as u64, "after {sent} parts");
        let begun = scene
            .world
            .requests()
            .iter()
            .filter(|line| {
                line.contains("uploadType=resumable fields")
                    || (line.starts_with("POST /upload") && line.contains("uploadType=resumable"))
            })
            .count();
        assert_eq!(begun, 1, "one session: {:#?}", scene.world.requests());
        let log = scene.run(&["log", "-n", "0", "--format", "json"]).well().stdout;
        assert!(!log.contains("upload_id"), "whoever reads the log cannot write the file");
        assert!(scene.status(&task).contains("completed"));
    }
}

#[test]
fn what_cannot_work_is_given_up_with_the_way_out() {
    let scene = Scene::new();
    for (file, folder) in [
        ("../secret", "docs:"),
        ("nowhere.txt", "docs:"),
        ("small.txt", "docs:nowhere"),
        ("small.txt", "id:.."),
    ] {
        let input = format!(r#"{{"file": "{file}", "folder": "{folder}"}}"#);
        scene.run(&["tasks", "add", "drive_put", "--input", &input]).well();
    }
    scene.run(&["drain"]);
    let failed = scene.run(&["tasks", "list", "--status", "failed"]).told();
    insta::assert_snapshot!(failed, @"
    exit code 0
    -- stdout
    STATUS  KIND       SUBJECT     ATTEMPTS  PRIORITY  TASK            DETAIL
    failed  drive_put  repository  1/6       50        ID1.1  `../secret` leads out of the working copy
    failed  drive_put  repository  1/6       50        ID2.1  `nowhere.txt` cannot be read: No such file or directory (os error 2)
    failed  drive_put  repository  1/6       50        ID3.1  there is no folder `nowhere` in `docs`
    failed  drive_put  repository  1/6       50        ID4.1  `id:..` names no place in Drive: ids have letters, digits, `-` and `_` only
    ");
    assert_eq!(scene.world.tree(&scene.docs), [""; 0]);
}

fn wait_until_it_hangs(world: &DriveWorld) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(world.hangs());
}

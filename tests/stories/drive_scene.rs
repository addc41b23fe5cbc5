//! A repository with a log of its own beside a Drive, for the stories about both.

use std::path::Path;

use automata::domain::time::Timestamp;
use automata::services::git::playground;
use tempfile::TempDir;

use crate::cli::program::{Program, Ran};
use crate::world::drive::DriveWorld;

pub(super) const MONA: &str = "mona@acme.example";
pub(super) const OTHER: &str = "otto@acme.example";
/// More than goes in one request: 21 parts.
pub(super) const LARGE: usize = 5 * 1024 * 1024 + 100;

/// A repository with a log of its own beside a Drive.
pub(super) struct Scene {
    pub(super) world: DriveWorld,
    folder: TempDir,
    pub(super) credentials: String,
    pub(super) docs: String,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self::configured("")
    }

    /// With these lines under `drive:`.
    pub(super) fn configured(lines: &str) -> Self {
        let clock = std::sync::Arc::new(automata::services::clock::SystemClock);
        let world = DriveWorld::start_by(clock);
        let credentials = world.authorized_user_json(MONA);
        let docs = world.folder(MONA, &world.root_of(MONA), "docs");
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "drive:\n  url: {}\n  folders: {{docs: {docs}}}\n  limits: {{part_kib: 256}}\n{}",
            world.url(),
            lines.lines().map(|line| format!("  {line}\n")).collect::<String>()
        );
        let files = [("README.md", "# widgets\n"), (".github/automata.yml", config.as_str())];
        // What commands read in the working copy is what runs read on the default branch.
        std::fs::create_dir(folder.path().join(".github")).unwrap();
        std::fs::write(folder.path().join(".github/automata.yml"), &config).unwrap();
        let time: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        playground::seed(&folder.path().join("repository.git"), &files, time).unwrap();
        let scene = Self { world, folder, credentials, docs };
        let content: Vec<u8> = (0..LARGE).map(|at| u8::try_from(at % 251).unwrap()).collect();
        std::fs::write(scene.path().join("large.bin"), content).unwrap();
        std::fs::write(scene.path().join("small.txt"), "small").unwrap();
        scene
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn program(&self, arguments: &[&str]) -> Program {
        let program = Program::on(self.path(), arguments).inside(self.path());
        program
            .set("GOOGLE_CREDENTIALS", &self.credentials)
            .set("NO_PROXY", "127.0.0.1")
            .set("USER", "mona")
            .set("AUTOMATA_CACHE", self.path().join("cache"))
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Ran {
        self.program(arguments).run()
    }

    pub(super) fn wants(&self, file: &str) -> String {
        let input = format!(r#"{{"file": "{file}", "folder": "docs:"}}"#);
        self.run(&["tasks", "add", "drive_put", "--input", &input]).well().stdout.trim().to_owned()
    }

    /// Works through the queue until nothing is left to be done, at most so many times.
    pub(super) fn drains(&self) {
        for _ in 0..4 {
            let ran = self.run(&["drain"]).well();
            if ran.stdout.contains("1 task completed") {
                return;
            }
        }
        panic!("it does not end: {}", self.run(&["status"]).stdout);
    }

    pub(super) fn status(&self, task: &str) -> String {
        self.run(&["tasks", "show", task]).well().stdout
    }
}

pub(super) fn wait_until_it_hangs(world: &DriveWorld) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(world.hangs());
}

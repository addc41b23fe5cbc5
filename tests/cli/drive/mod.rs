//! `automata drive` as people use it, over a simulated Google.

mod access;
mod changing;
mod content;
mod lag;
mod left_alone;
mod looking;
mod meanwhile;
mod offline;
mod order;
mod sync;
mod wrong;

use std::path::Path;

use tempfile::TempDir;

use super::program::{Program, Ran};
use crate::world::drive::{DriveWorld, Fault};

const MONA: &str = "mona@acme.example";
const OTTO: &str = "otto@acme.example";

/// Mona at her terminal, in a folder of her own.
struct Terminal {
    world: DriveWorld,
    folder: TempDir,
    credentials: String,
    /// The topmost folder of her drive.
    root: String,
}

impl Terminal {
    fn new() -> Self {
        Self::configured("")
    }

    /// With these lines under `drive:`.
    fn configured(lines: &str) -> Self {
        let world = DriveWorld::start();
        let (credentials, root) = (world.authorized_user_json(MONA), world.root_of(MONA));
        let terminal = Self { world, folder: tempfile::tempdir().unwrap(), credentials, root };
        terminal.configure(lines);
        terminal
    }

    fn configure(&self, lines: &str) {
        let lines: String = lines.lines().map(|line| format!("  {line}\n")).collect();
        let text = format!("drive:\n  url: {}\n{lines}", self.world.url());
        std::fs::create_dir_all(self.path().join(".github")).unwrap();
        std::fs::write(self.path().join(".github/automata.yml"), text).unwrap();
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn program(&self, arguments: &[&str]) -> Program {
        let program = Program::new(&[&["drive"], arguments].concat()).inside(self.path());
        program.set("GOOGLE_CREDENTIALS", &self.credentials).set("NO_PROXY", "127.0.0.1")
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.program(arguments).run()
    }

    /// What it says.
    fn told(&self, arguments: &[&str]) -> String {
        self.run(arguments).told_of(&[(self.path().to_str().unwrap(), "DIR"), (self.world.url(), "URL")])
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        self.run(&[arguments, &["--format", "json"]].concat()).well().json()
    }

    /// With a memory between two commands.
    fn remembers(&self, arguments: &[&str]) -> Ran {
        self.program(arguments).set("AUTOMATA_CACHE", self.path().join("cache")).run()
    }

    /// As [`Terminal::remembers`], killed after so many calls of an operation.
    fn killed_at(&self, operation: &str, passing: usize, arguments: &[&str]) {
        self.world.plan_after(operation, u32::try_from(passing).unwrap(), Fault::Hang);
        let program = self.program(arguments).set("AUTOMATA_CACHE", self.path().join("cache"));
        let mut child = program.begin();
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(self.world.hangs());
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// What is kept of uploads that were begun.
    fn sessions(&self) -> Vec<String> {
        let account =
            std::fs::read_dir(self.path().join("cache/drive")).into_iter().flatten().next().unwrap();
        let kept = std::fs::read_dir(account.unwrap().path()).unwrap().map(|entry| entry.unwrap().path());
        let kept = kept.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("u-"));
        kept.map(|path| path.display().to_string()).collect()
    }

    /// There is one file of that name, with this content, and no byte of it was sent twice.
    fn has_once(&self, name: &str, content: &[u8]) {
        let [id] = &self.world.named(&self.root, name)[..] else { panic!("one file") };
        assert!(self.world.content(id) == content, "{name}");
        assert_eq!(self.world.sent_again(), 0, "{:#?}", self.world.requests());
    }

    fn write(&self, name: &str, content: &[u8]) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
}

//! A local forge with a little code, where issues are opened and the program takes their events in.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use automata::domain::actor::{Actor, ActorKind};
use automata::domain::id::{Login, RepositoryName};
use automata::domain::time::Timestamp;
use automata::services::clock::{Clock as _, SystemClock};
use automata::services::git::playground;
use automata::services::github::local::{Forge, NewIssue, events};
use serde_json::Value;
use tempfile::TempDir;

use super::program::{Program, Ran, file};

/// A local forge; gone with the value.
pub(crate) struct LocalForge {
    folder: TempDir,
    forge: Forge,
}

impl LocalForge {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SystemClock);
        let files = [("README.md", "# widgets\n"), ("src/main.rs", "fn main() {}\n")];
        playground::seed(&folder.path().join("repository.git"), &files, clock.now()).unwrap();
        let name = RepositoryName::parse("acme/widgets").unwrap();
        let myself = Actor { kind: ActorKind::Bot, login: Login::new("automata[bot]") };
        let forge = Forge::open(&folder.path().join("forge"), &name, "main", myself, clock).unwrap();
        Self { folder, forge }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn forge(&self) -> &Forge {
        &self.forge
    }

    /// Somebody opens an issue; gives the file with the event's payload.
    pub(crate) fn opens(&self, author: &str, title: &str, body: &str) -> PathBuf {
        let new = NewIssue {
            key: title.to_owned(),
            author: Login::new(author),
            title: title.to_owned(),
            body: body.to_owned(),
            labels: Vec::new(),
        };
        let issue = self.forge.open_issue(&new).unwrap();
        let payload = events::issue_opened(&self.forge, &issue).unwrap();
        file(self.path(), &format!("event-{}.json", issue.number), payload.to_string().as_bytes())
    }

    /// The program on this forge.
    pub(crate) fn program(&self, arguments: &[&str]) -> Program {
        Program::on(self.path(), arguments)
    }

    /// What it says, with this folder called DIR.
    pub(crate) fn told(&self, arguments: &[&str]) -> String {
        self.named(&self.program(arguments).run())
    }

    pub(crate) fn named(&self, ran: &Ran) -> String {
        ran.told_of(&[(self.path().to_str().unwrap(), "DIR")])
    }

    /// Takes an event in.
    pub(crate) fn take_in(&self, payload: &Path) -> Ran {
        self.taking_in(payload).run()
    }

    pub(crate) fn taking_in(&self, payload: &Path) -> Program {
        self.program(&["run", "--event", "issues", "--payload", payload.to_str().unwrap()])
    }

    /// Somebody puts a file on the default branch.
    pub(crate) fn commits(&self, path: &str, content: &str) {
        let worktree = tempfile::tempdir().unwrap();
        let at = worktree.path().to_str().unwrap().to_owned();
        self.git(&["worktree", "add", "--quiet", "--force", &at, "main"]);
        let file = worktree.path().join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, content).unwrap();
        self.git(&["-C", &at, "add", "--all"]);
        self.git(&["-C", &at, "commit", "--quiet", "-m", "Change by hand"]);
        self.git(&["worktree", "remove", "--force", &at]);
    }

    /// Runs git in the bare repository, and gives what it prints.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        String::from_utf8(self.git_bytes(arguments)).unwrap()
    }

    /// The same, of what is no text.
    pub(crate) fn git_bytes(&self, arguments: &[&str]) -> Vec<u8> {
        let mut git = crate::world::repository::hermetic_git();
        let output = git.current_dir(self.path().join("repository.git")).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    /// Runs git in the bare repository with something on its standard input, and gives what it prints.
    pub(crate) fn git_with(&self, arguments: &[&str], input: &[u8]) -> String {
        let mut git = crate::world::repository::hermetic_git();
        git.current_dir(self.path().join("repository.git")).args(arguments);
        git.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = git.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// How many issues there are.
    pub(crate) fn issues(&self) -> usize {
        std::fs::read_dir(self.path().join("forge/issues")).map_or(0, Iterator::count)
    }

    /// Enqueues a task by hand; gives its id.
    pub(crate) fn adds(&self, arguments: &[&str]) -> String {
        let ran = self.program(&[&["tasks", "add"], arguments].concat()).run().well();
        ran.stdout.trim_end().to_owned()
    }

    /// The last event of the log.
    pub(crate) fn sequence(&self) -> u64 {
        let listed = self.program(&["status", "--format", "json"]).run().well().json();
        listed["sequence"].as_u64().unwrap()
    }

    /// How often anything was appended to the log.
    pub(crate) fn appends(&self) -> u64 {
        self.git(&["rev-list", "--count", "automata-state"]).trim().parse().unwrap()
    }

    /// Whether no task is about to be tried again while a story looks at it. The waits are drawn at random, from no
    /// time at all to half a minute: a story that needs them to last begins anew until they do.
    pub(crate) fn retries_are_far(&self) -> bool {
        let soon = SystemClock.now().plus(Duration::from_secs(12));
        let log = self.program(&["log", "-n", "0", "--format", "json"]).run().well();
        let events = log.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut retried = events.filter(|event| event["type"] == "task.retried");
        retried
            .all(|event| event["data"]["not_before"].as_str().unwrap().parse::<Timestamp>().unwrap() > soon)
    }

    /// The repository has these labels.
    pub(crate) fn labelled(&self, names: &[&str]) {
        self.forge.show_labels(names.iter().copied(), None).unwrap();
    }

    /// From here on, whoever looks at the labels fails.
    pub(crate) fn loses_its_labels(&self) {
        let labels = self.path().join("forge/labels.json");
        let _ = std::fs::remove_file(&labels);
        std::fs::create_dir(labels).unwrap();
    }

    /// Looking at labels works again.
    pub(crate) fn finds_its_labels(&self) {
        std::fs::remove_dir(self.path().join("forge/labels.json")).unwrap();
    }
}

//! A runner of GitHub Actions: its environment and files around the program, GitHub and git on loopback.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use automata::domain::actor::Permission;
use automata::services::clock::SystemClock;
use serde_json::Value;
use tempfile::TempDir;

use super::program::{Program, Ran, file};
use crate::world::git_server::GitServer;
use crate::world::github::{GitHubWorld, TOKEN};

/// Everything a workflow run of `acme/widgets` has around it. mona maintains.
pub(crate) struct Runner {
    pub(crate) github: GitHubWorld,
    pub(crate) git: GitServer,
    home: TempDir,
    runs: Cell<u64>,
}

/// One workflow run: the program as the action calls it, and the files that it is given.
pub(crate) struct Step {
    pub(crate) program: Program,
    folder: PathBuf,
}

impl Runner {
    pub(crate) async fn start() -> Self {
        let github = GitHubWorld::start_by(Arc::new(SystemClock)).await;
        let git = GitServer::with_token(TOKEN).await;
        let owner = git.repository.parent().join("acme");
        std::fs::create_dir(&owner).unwrap();
        std::os::unix::fs::symlink("../repository.git", owner.join("widgets.git")).unwrap();
        let parser = git.repository.git_with(&["hash-object", "-w", "--stdin"], b"fn parse() {}\n");
        let tree = format!("100644 blob {}\tparser.rs\n", parser.trim());
        let tree = git.repository.git_with(&["mktree"], tree.as_bytes());
        let root = git.repository.git(&["commit-tree", tree.trim(), "-m", "Begin"]);
        git.repository.git(&["update-ref", "refs/heads/main", root.trim()]);
        github.set_permission("mona", Permission::Maintain);
        Self { github, git, home: tempfile::tempdir().unwrap(), runs: Cell::new(0) }
    }

    /// A step of a fresh workflow run with this event; the environment is a real runner's, its addresses
    /// ours.
    pub(crate) fn step(&self, event: &str, payload: &Value) -> Step {
        self.step_with(event, payload.to_string().as_bytes())
    }

    pub(crate) fn step_with(&self, event: &str, payload: &[u8]) -> Step {
        self.runs.set(self.runs.get() + 1);
        let run = 9_000 + self.runs.get();
        self.github.set_run(run, 1, "in_progress");
        let folder = self.home.path().join(run.to_string());
        std::fs::create_dir(&folder).unwrap();
        let payload = file(&folder, "event.json", payload);
        let server = self.git.url().trim_end_matches("/repository.git");
        let program = Program::new(&["run"])
            .inside(&folder)
            .set("CI", "true")
            .set("GITHUB_ACTIONS", "true")
            .set("GITHUB_API_URL", self.github.api_url())
            .set("GITHUB_SERVER_URL", server)
            .set("GITHUB_REPOSITORY", "acme/widgets")
            .set("GITHUB_REPOSITORY_ID", "186853002")
            .set("GITHUB_REPOSITORY_OWNER", "acme")
            .set("GITHUB_RUN_ID", run.to_string())
            .set("GITHUB_RUN_ATTEMPT", "1")
            .set("GITHUB_EVENT_NAME", event)
            .set("GITHUB_EVENT_PATH", payload)
            .set("GITHUB_STEP_SUMMARY", file(&folder, "summary.md", b"### An earlier step\n\n"))
            .set("GITHUB_OUTPUT", file(&folder, "outputs", b"earlier=1\n"))
            .set("GITHUB_ENV", file(&folder, "env", b""))
            .set("GITHUB_PATH", file(&folder, "path", b""))
            .set("GITHUB_WORKSPACE", &folder)
            .set("GITHUB_ACTOR", "carol")
            .set("GITHUB_REF", "refs/heads/main")
            .set("GITHUB_SHA", "f02c2442f9cbc6fc5a14576dfeba6585adb43dd3")
            .set("GITHUB_TOKEN", TOKEN)
            .set("AUTOMATA_TOKEN", "")
            .set("RUNNER_OS", "Linux")
            .set("RUNNER_ARCH", "X64")
            .set("RUNNER_TEMP", &folder);
        Step { program, folder }
    }

    /// Puts a file on the default branch.
    pub(crate) fn puts(&self, path: &str, content: &str) {
        let stream = format!(
            "commit refs/heads/main\ncommitter Somebody <somebody@example.org> 1795341600 +0000\ndata 0\n\
             from refs/heads/main^0\nM 100644 inline {path}\ndata {}\n{content}\n",
            content.len()
        );
        self.git.repository.git_with(&["fast-import", "--quiet"], stream.as_bytes());
    }

    /// GitHub says that every workflow run so far is over.
    pub(crate) fn all_runs_ended(&self) {
        for run in 9_001..=9_000 + self.runs.get() {
            self.github.set_run(run, 1, "completed");
        }
    }

    /// What it said, addresses called by names.
    pub(crate) fn named(&self, ran: &Ran) -> String {
        let server = self.git.url().trim_end_matches("/repository.git");
        let home = self.home.path().to_str().unwrap();
        ran.told_of(&[(self.github.api_url(), "API"), (server, "SERVER"), (home, "TEMP")])
    }

    /// Every event on the state branch, as the program prints it.
    pub(crate) fn log(&self) -> Vec<Value> {
        let step = self.step("push", &Value::Null).program;
        let ran = step.with(&["log", "--last", "0", "--format", "json"]).run().well();
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// From now on people say secrets, which are kept as all that they say.
    pub(crate) fn people_say_secrets(&self) {
        self.github.people_say_secrets();
        self.git.people_say_secrets.store(true, std::sync::atomic::Ordering::Relaxed);
    }

    /// Whether the text stands in any object of the repository.
    pub(crate) fn keeps(&self, text: &str) -> bool {
        let objects = self.git.repository.git(&[
            "cat-file",
            "--batch-all-objects",
            "--batch-check=%(objecttype) %(objectname)",
        ]);
        objects.lines().any(|line| {
            let (kind, name) = line.split_once(' ').unwrap();
            kind != "tree" && self.git.repository.git(&["cat-file", kind, name]).contains(text)
        })
    }
}

impl Step {
    pub(crate) fn run(&self) -> Ran {
        self.program.run()
    }

    pub(crate) fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap()
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }
}

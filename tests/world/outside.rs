//! An outside that is cheap enough to be made hundreds of times: the simulated GitHub over HTTP, and a real
//! repository on this machine.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use automata::app::{Ended, Environment, Given, Report, World, take_in};
use automata::domain::actor::Permission;
use automata::domain::time::Timestamp;
use automata::log::EventLog;
use automata::services::clock::Clock;
use automata::services::entropy::Entropy;
use automata::services::git::code::GitCode;
use automata::services::git::local_remote::LocalRemote;
use automata::services::git::playground;
use automata::services::secrets::Secret;
use serde_json::Value;
use tempfile::TempDir;

use super::github::clock::VirtualClock;
use super::github::{GitHubWorld, TOKEN};

/// The default branch.
pub(crate) const FILES: &[(&str, &str)] = &[
    ("CODEOWNERS", "* @mona\n/src/parser.rs @otto\n"),
    ("README.md", "# widgets\n"),
    ("src/main.rs", "mod parser;\n\nfn main() {\n    parser::parse(\"a=1\");\n}\n"),
    ("src/parser.rs", "fn parse(line: &str) -> usize {\n    let at = line.find('=').unwrap();\n    at\n}\n"),
];

/// Labels that the repository has.
const LABELS: &[&str] =
    &["bug", "enhancement", "question", "documentation", "priority: high", "priority: critical"];

/// The outside.
pub(crate) struct Outside {
    pub(crate) github: GitHubWorld,
    folder: TempDir,
    clock: Arc<dyn Clock>,
    entropy: Arc<Entropy>,
    runs: Cell<u64>,
}

/// The world's clock. Waiting takes no time, but lingering for tasks that still work (whole seconds, two and more)
/// never ends: here all tasks are quick, and what belongs together is to go out together. Whoever lost a race waits for
/// a part of seconds.
pub(crate) struct NoLinger(pub(crate) Arc<VirtualClock>);

#[async_trait]
impl Clock for NoLinger {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn sleep(&self, span: Duration) {
        if span >= Duration::from_secs(2) && span.subsec_nanos() == 0 {
            std::future::pending::<()>().await;
        }
        self.0.sleep(span).await;
    }
}

impl Outside {
    /// A repository `acme/widgets` with some code, a configuration, labels, and people: mona maintains, otto
    /// writes. `seed` is for the ids that runs draw.
    pub(crate) async fn new(config: &str, seed: u64) -> Self {
        let github = GitHubWorld::start().await;
        for label in LABELS {
            github.make_label(label, "ededed", "");
        }
        github.set_permission("mona", Permission::Maintain);
        github.set_permission("otto", Permission::Write);
        let folder = tempfile::Builder::new().prefix("automata-outside-").tempdir().unwrap();
        let clock: Arc<dyn Clock> = Arc::new(NoLinger(github.clock()));
        let mut files = FILES.to_vec();
        if !config.is_empty() {
            files.push((".github/automata.yml", config));
        }
        let outside = Self {
            github,
            folder,
            clock: Arc::clone(&clock),
            entropy: Arc::new(Entropy::seeded(seed)),
            runs: Cell::new(0),
        };
        playground::seed(&outside.repository(), &files, clock.now()).unwrap();
        outside
    }

    /// The bare repository's folder.
    pub(crate) fn repository(&self) -> PathBuf {
        self.folder.path().join("repository.git")
    }

    /// The branches besides the default one, and their commits.
    pub(crate) fn branches(&self) -> Vec<(String, String)> {
        let repository = git2::Repository::open(self.repository()).unwrap();
        let mut branches: Vec<(String, String)> = repository
            .references_glob("refs/heads/*")
            .unwrap()
            .map(|found| {
                let found = found.unwrap();
                (found.shorthand().unwrap().to_owned(), found.target().unwrap().to_string())
            })
            .filter(|(name, _)| name != "main")
            .collect();
        branches.sort();
        branches
    }

    /// Puts a branch at a commit of another outside's repository.
    pub(crate) fn adopt_branch(&self, other: &Path, name: &str, commit: &str) {
        copy_objects(&other.join("objects"), &self.repository().join("objects"));
        let repository = git2::Repository::open(self.repository()).unwrap();
        let commit = git2::Oid::from_str(commit).unwrap();
        repository.reference(&format!("refs/heads/{name}"), commit, true, "adopted").unwrap();
    }

    /// Somebody pushes a file to the default branch.
    pub(crate) fn main_moves_on(&self, path: &str, content: &str) {
        let repository = git2::Repository::open(self.repository()).unwrap();
        let parent = repository.find_reference("refs/heads/main").unwrap().peel_to_commit().unwrap();
        let mut update = git2::build::TreeUpdateBuilder::new();
        update.upsert(path, repository.blob(content.as_bytes()).unwrap(), git2::FileMode::Blob);
        let tree = update.create_updated(&repository, &parent.tree().unwrap()).unwrap();
        let tree = repository.find_tree(tree).unwrap();
        let who = git2::Signature::new("Mona", "mona@example.org", &git2::Time::new(0, 0)).unwrap();
        repository.commit(Some("refs/heads/main"), &who, &who, "Move on", &tree, &[&parent]).unwrap();
    }

    /// The number of the run that began last.
    pub(crate) fn last_run(&self) -> u64 {
        9_000 + self.runs.get()
    }

    /// A run has been here and is gone.
    pub(crate) fn a_run_was_lost(&self) {
        self.runs.set(self.runs.get() + 1);
    }

    /// GitHub says of all runs so far that they have ended.
    pub(crate) fn all_runs_ended(&self) {
        for run in 1..=self.runs.get() {
            self.github.set_run(9_000 + run, 1, "completed");
        }
    }

    /// A fresh run's adapters, with the log kept in `log`.
    pub(crate) async fn world(&self, log: Arc<dyn EventLog>) -> Result<World, Ended> {
        self.runs.set(self.runs.get() + 1);
        let environment = Environment {
            inside_actions: true,
            repository: Some("acme/widgets".to_owned()),
            api_url: Some(self.github.api_url().to_owned()),
            // Never asked: the code is read on this machine, and the log is handed in.
            server_url: Some("http://127.0.0.1:9".to_owned()),
            token: Some(Secret::new(TOKEN)),
            run_id: Some(self.last_run().to_string()),
            run_attempt: Some("1".to_owned()),
            ..Environment::default()
        };
        let mut world =
            World::github(&environment, Arc::clone(&self.clock), Arc::clone(&self.entropy))?.keeping(log);
        let remote = LocalRemote::open(&self.repository(), Arc::clone(&self.clock)).unwrap();
        world.services.code = Arc::new(GitCode::new(Arc::new(remote), Some("main".to_owned()))?);
        world.configured().await
    }

    /// A run that takes in this event; none only works through the queue.
    pub(crate) async fn run(
        &self,
        log: Arc<dyn EventLog>,
        event: Option<&(&str, Value)>,
    ) -> Result<Report, Ended> {
        let given = event.map(|(event, payload)| Given {
            event: (*event).to_owned(),
            payload: payload.to_string().into_bytes(),
        });
        take_in(&self.world(log).await?, given.as_ref()).await
    }
}

fn copy_objects(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).unwrap();
        if path.is_dir() {
            std::fs::create_dir_all(to.join(&name)).unwrap();
            copy_objects(&path, &to.join(&name));
        } else if !to.join(&name).exists() {
            std::fs::copy(&path, to.join(&name)).unwrap();
        }
    }
}

//! A whole outside for a story: a simulated GitHub, real git behind real HTTP, and runs of the action's code.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use automata::app::{Ended, Environment, Given, Report, World, read, take_in};
use automata::domain::id::Sequence;
use automata::domain::state::State;
use automata::domain::time::Timestamp;
use automata::log::{Envelope, EventLog};
use automata::services::clock::Clock;
use automata::services::entropy::Entropy;
use automata::services::secrets::Secret;
use serde_json::Value;

use super::git_server::GitServer;
use super::github::clock::VirtualClock;
use super::github::{GitHubWorld, TOKEN};

/// The default branch when a story begins.
const FILES: &[(&str, &str)] = &[
    ("README.md", "# widgets\n"),
    ("CODEOWNERS", "* @mona\n/src/parser.rs @otto\n"),
    ("src/parser.rs", "fn parse(line: &str) -> usize {\n    let at = line.find('=').unwrap();\n    at\n}\n"),
    ("src/main.rs", "mod parser;\n\nfn main() {\n    parser::parse(\"a=1\");\n}\n"),
];

/// Labels that the repository has.
const LABELS: &[&str] =
    &["bug", "enhancement", "question", "documentation", "priority: high", "priority: critical"];

/// A whole outside.
pub(crate) struct Stage {
    pub(crate) github: GitHubWorld,
    pub(crate) git: GitServer,
    clock: Arc<StageClock>,
    entropy: Arc<Entropy>,
    runs: Cell<u64>,
}

/// The world's clock. Waiting after a lost race takes no time; lingering for tasks that still work (two
/// seconds and more) never ends, because all tasks of a story are quick.
struct StageClock(Arc<VirtualClock>);

#[async_trait]
impl Clock for StageClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    async fn sleep(&self, span: Duration) {
        if span >= Duration::from_secs(2) {
            std::future::pending::<()>().await;
        }
        self.0.sleep(span).await;
    }
}

impl Stage {
    /// A repository `acme/widgets` with some code, labels, and people: mona maintains, otto writes.
    pub(crate) async fn start() -> Self {
        use automata::domain::actor::Permission;
        let github = GitHubWorld::start().await;
        let git = GitServer::with_token(TOKEN).await;
        let owner = git.repository.parent().join("acme");
        std::fs::create_dir(&owner).unwrap();
        std::os::unix::fs::symlink("../repository.git", owner.join("widgets.git")).unwrap();
        let empty = git.repository.git_with(&["mktree"], b"");
        let root = git.repository.git(&["commit-tree", empty.trim(), "-m", "Begin"]);
        git.repository.git(&["update-ref", "refs/heads/main", root.trim()]);
        for label in LABELS {
            github.make_label(label, "ededed", "");
        }
        github.set_permission("mona", Permission::Maintain);
        github.set_permission("otto", Permission::Write);
        let clock = Arc::new(StageClock(github.clock()));
        let stage = Self { github, git, clock, entropy: Arc::new(Entropy::seeded(1)), runs: Cell::new(0) };
        for (path, content) in FILES {
            stage.put_file(path, content);
        }
        stage
    }

    /// Puts a file on the default branch.
    pub(crate) fn put_file(&self, path: &str, content: &str) {
        if let Some((folder, _)) = path.split_once('/')
            && self.git.repository.git(&["ls-tree", "main", folder]).is_empty()
        {
            // `commit_file` wants the folder to be there.
            let blob = self.git.repository.git_with(&["hash-object", "-w", "--stdin"], b"");
            let inner = format!("100644 blob {}\t.keep\n", blob.trim());
            let inner = self.git.repository.git_with(&["mktree"], inner.as_bytes());
            let entries = self.git.repository.git(&["ls-tree", "main"]);
            let entries = format!("{entries}040000 tree {}\t{folder}\n", inner.trim());
            let tree = self.git.repository.git_with(&["mktree"], entries.as_bytes());
            let commit =
                self.git.repository.git(&["commit-tree", tree.trim(), "-p", "main", "-m", "Make a folder"]);
            self.git.repository.git(&["update-ref", "refs/heads/main", commit.trim()]);
        }
        self.git.repository.commit_file("main", path, Some(content.as_bytes()));
    }

    /// Lets time pass.
    pub(crate) fn lets_pass(&self, span: Duration) {
        self.github.clock().advance(span);
    }

    /// What the runner's environment says; each call is another workflow run.
    pub(crate) fn environment(&self) -> Environment {
        self.runs.set(self.runs.get() + 1);
        let server = self.git.url().trim_end_matches("/repository.git");
        Environment {
            inside_actions: true,
            repository: Some("acme/widgets".to_owned()),
            api_url: Some(self.github.api_url().to_owned()),
            server_url: Some(server.to_owned()),
            token: Some(Secret::new(TOKEN)),
            run_id: Some((9_000 + self.runs.get()).to_string()),
            run_attempt: Some("1".to_owned()),
            ..Environment::default()
        }
    }

    /// A fresh run's adapters.
    pub(crate) async fn world(&self) -> Result<World, Ended> {
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as Arc<dyn Clock>;
        World::github(&self.environment(), clock, Arc::clone(&self.entropy))?.configured().await
    }

    /// A run that takes in this event.
    pub(crate) async fn run(&self, event: &str, payload: &Value) -> Result<Report, Ended> {
        let given = Given { event: event.to_owned(), payload: payload.to_string().into_bytes() };
        take_in(&self.world().await?, Some(&given)).await
    }

    /// Somebody opens an issue, and a run takes the event in.
    pub(crate) async fn opens(&self, author: &str, title: &str, body: &str) -> (u64, Report) {
        let issue = self.github.open_issue(author, title, body, &[]);
        let payload = self.github.event_payload_opened(issue);
        (issue, self.run("issues", &payload).await.unwrap())
    }

    /// Somebody comments, and a run takes the event in.
    pub(crate) async fn comments(&self, author: &str, issue: u64, body: &str) -> Report {
        let comment = self.github.comment(author, issue, body);
        let payload = self.github.event_payload_commented(comment);
        self.run("issue_comment", &payload).await.unwrap()
    }

    /// A run without an event.
    pub(crate) async fn drain(&self) -> Report {
        take_in(&self.world().await.unwrap(), None).await.unwrap()
    }

    /// The present state, as a fresh reader sees it.
    pub(crate) async fn state(&self) -> State {
        let world = self.world().await.unwrap();
        read(world.log().unwrap().as_ref()).await.unwrap().0
    }

    /// Everything that was ever recorded.
    pub(crate) async fn history(&self) -> Vec<Envelope> {
        let mut events = Vec::new();
        let log = self.world().await.unwrap().log().unwrap();
        log.history(Sequence(1), &mut |envelope| events.push(envelope)).await.unwrap();
        events
    }
}

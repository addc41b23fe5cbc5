//! The real program, killed at every durability point: while a push waits, and when it is done but unanswered.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use automata::app::read;
use automata::domain::actor::Permission;
use automata::domain::state::State;
use automata::services::clock::{Clock, SystemClock};
use automata::services::git::local_remote::LocalRemote;
use automata::services::git::playground;
use automata::services::state::{GitLog, Settings};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::golden::PATCH;
use crate::world::git_server::GitServer;
use crate::world::github::{GitHubWorld, TOKEN};
use crate::world::outside::FILES;

/// Processes that follow a killed one, at most: one takes the work back and finishes it.
const MOST_RUNS: u64 = 4;

/// The world around the processes.
struct Scene {
    github: GitHubWorld,
    git: GitServer,
    folder: TempDir,
}

/// When the process dies.
#[derive(Clone, Copy, Debug)]
enum Side {
    /// Its push has arrived, and git has not seen it.
    Before,
    /// git has done its push, and it has not heard so.
    After,
}

impl Scene {
    /// An issue with a patch was opened.
    async fn new() -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let github = GitHubWorld::start_by(Arc::clone(&clock)).await;
        github.make_label("bug", "ededed", "");
        github.set_permission("otto", Permission::Write);
        let git = GitServer::with_token(TOKEN).await;
        let owner = git.repository.parent().join("acme");
        std::fs::create_dir(&owner).unwrap();
        std::os::unix::fs::symlink("../repository.git", owner.join("widgets.git")).unwrap();
        playground::seed(&git.repository.path(), FILES, clock.now()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let issue = github.open_issue("otto", "Crash without an equals sign", PATCH, &[]);
        let payload = github.event_payload_opened(issue).to_string();
        std::fs::write(folder.path().join("event.json"), payload).unwrap();
        Self { github, git, folder }
    }

    fn payload(&self) -> PathBuf {
        self.folder.path().join("event.json")
    }

    /// The program as a step of workflow run `run` would start it.
    fn start(&self, run: u64) -> Child {
        let server = self.git.url().trim_end_matches("/repository.git");
        Command::new(env!("CARGO_BIN_EXE_automata"))
            .env_clear()
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_REPOSITORY", "acme/widgets")
            .env("GITHUB_API_URL", self.github.api_url())
            .env("GITHUB_SERVER_URL", server)
            .env("GITHUB_TOKEN", TOKEN)
            .env("GITHUB_EVENT_NAME", "issues")
            .env("GITHUB_EVENT_PATH", self.payload())
            .env("GITHUB_RUN_ID", run.to_string())
            .env("GITHUB_RUN_ATTEMPT", "1")
            .env("TMPDIR", self.folder.path())
            .arg("run")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap()
    }

    /// Kills the first process at its push of this number. `false` when it has fewer and ended by itself.
    async fn kill_at(&self, number: usize, side: Side) -> bool {
        let mut gate = self.git.hold_next_push();
        let mut child = self.start(1);
        for push in 1.. {
            tokio::select! {
                biased;
                () = self.git.push_waits() => {}
                ended = child.wait() => {
                    assert!(ended.unwrap().success());
                    return false;
                }
            }
            if push == number {
                break;
            }
            let next = self.git.hold_next_push();
            gate.open();
            gate = next;
        }
        if matches!(side, Side::After) {
            let _held = self.git.hold_next_answer();
            gate.open();
            self.git.answer_waits().await;
        }
        child.kill().await.unwrap();
        true
    }

    async fn state(&self) -> State {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let remote = LocalRemote::open(&self.git.repository.path(), clock).unwrap();
        let log = GitLog::new(Arc::new(remote), Settings::on(Settings::DEFAULT_BRANCH).unwrap()).unwrap();
        read(&log).await.unwrap().0
    }

    /// GitHub starts run after run, until nothing is left to do.
    async fn finish(&self, from: u64) {
        for run in from..from + MOST_RUNS {
            self.github.set_run(run - 1, 1, "completed");
            let output = self.start(run).wait_with_output().await.unwrap();
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "run {run}: {told}{}", String::from_utf8_lossy(&output.stdout));
            if self.state().await.tasks.values().all(|task| task.status.is_final()) {
                return;
            }
        }
        panic!("after {MOST_RUNS} runs there is still work: {:#?}", self.state().await.tasks);
    }

    async fn assert_done_once(&self, when: &str) {
        let state = self.state().await;
        let ours: Vec<_> = self
            .github
            .comments_of(1)
            .into_iter()
            .filter(|(author, _)| author == "github-actions[bot]")
            .collect();
        assert_eq!(ours.len(), 1, "{when}: {ours:#?}");
        assert!(ours[0].1.contains("Pull request: #2"), "{when}: {}", ours[0].1);
        assert_eq!(self.github.pulls().len(), 1, "{when}");
        assert_eq!(self.github.labels_of(1), ["bug"], "{when}");
        let branches = self.git.repository.git(&["for-each-ref", "--format=%(refname:short)", "refs/heads"]);
        let branches: Vec<&str> = branches.lines().collect();
        assert_eq!(
            branches,
            ["automata-state", "automata/issue-1-crash-without-an-equals-sign", "main"],
            "{when}"
        );
        assert!(
            state.effects.values().all(|effect| effect.receipt.is_some()),
            "{when}: {:#?}",
            state.effects
        );
        assert!(state.tasks.values().all(|task| task.status.name() == "completed"), "{when}");
        assert_eq!(state.triggers.len(), 1, "{when}");
    }
}

async fn kill_everywhere(side: Side) {
    for number in 1.. {
        let scene = Scene::new().await;
        let when = format!("killed at push {number}, {side:?}");
        let killed = scene.kill_at(number, side).await;
        if killed {
            scene.finish(2).await;
        }
        scene.assert_done_once(&when).await;
        if !killed {
            assert!(number > 3, "only {} pushes", number - 1);
            return;
        }
    }
}

#[tokio::test]
async fn a_process_killed_while_a_push_waits_is_made_up_for() {
    kill_everywhere(Side::Before).await;
}

#[tokio::test]
async fn a_process_killed_before_it_hears_of_its_push_is_made_up_for() {
    kill_everywhere(Side::After).await;
}

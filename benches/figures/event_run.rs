//! A whole `issues.opened` run as a process, beside the git command line doing its two state updates alone.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use automata::domain::actor::Permission;
use automata::log::SNAPSHOT_EVERY;
use automata::services::clock::{Clock as _, SystemClock};
use tokio::process::Command;

use crate::history::Chronicle;
use crate::measure::{Row, kilobytes, median, millis, ratio, timed_async};
use crate::program::{binary, megabytes};
use crate::world::git_server::{GitServer, Traffic};
use crate::world::github::{GitHubWorld, TOKEN};
use crate::world::repository::hermetic_git;

/// Rounds whose medians count. Each appends twice, so that no round seals a tail.
const ROUNDS: usize = 15;
/// The most that a run may take, in parts of what git takes.
const REACH: f64 = 0.5;
/// The most memory that a plain run may have, in bytes.
const MEMORY: usize = 40_000_000;

const FILES: &[(&str, &str)] = &[
    ("README.md", "# widgets\n"),
    ("CODEOWNERS", "* @mona\n/parser.rs @otto\n"),
    ("parser.rs", "fn parse(line: &str) -> usize {\n    let at = line.find('=').unwrap();\n    at\n}\n"),
];

/// The state branch that the git command line works on: the same commit, left to itself.
const BRANCH_OF_GIT: &str = "state-by-git";

pub(crate) async fn figures() -> Vec<Row> {
    let git = GitServer::start().await;
    let github = stage(&git).await;
    let folder = tempfile::tempdir().unwrap();
    // Not timed: it warms up.
    let memory = event_run(&git, &github, folder.path(), 0, true).await.1;
    let mut ours = Vec::new();
    let mut theirs: Vec<[Duration; 3]> = Vec::new();
    let mut traffic = [Traffic::default(); 2];
    let mut calls = 0;
    for round in 1..=ROUNDS {
        git.take_traffic();
        let before = github.requests().len();
        ours.push(event_run(&git, &github, folder.path(), round, false).await.0);
        traffic[0] = git.take_traffic();
        calls = github.requests().len() - before;
        // A runner begins with an empty folder.
        let clone = folder.path().join(format!("clone-{round}"));
        std::fs::create_dir(&clone).unwrap();
        in_clone(&clone, &["init", "--quiet"]).await;
        in_clone(&clone, &["remote", "add", "origin", git.url()]).await;
        let first = update_by_git(&clone, 2 * round).await;
        let second = update_by_git(&clone, 2 * round + 1).await;
        theirs.push(std::array::from_fn(|part| first[part] + second[part]));
        traffic[1] = git.take_traffic();
    }
    assert_eq!(traffic[0].pushes, 2, "a plain issue costs two pushes");
    rows(ours, &theirs, memory, traffic, calls)
}

/// A repository with some code, labels, and a log with five hundred open issues.
async fn stage(git: &GitServer) -> GitHubWorld {
    let repository = &git.repository;
    let owner = repository.parent().join("acme");
    std::fs::create_dir(&owner).unwrap();
    std::os::unix::fs::symlink("../repository.git", owner.join("widgets.git")).unwrap();
    let empty = repository.git_with(&["mktree"], b"");
    let root = repository.git(&["commit-tree", empty.trim(), "-m", "Begin"]);
    repository.git(&["update-ref", "refs/heads/main", root.trim()]);
    for (path, content) in FILES {
        repository.commit_file("main", path, Some(content.as_bytes()));
    }
    // A short tail, so that all rounds have room in it.
    Chronicle::written(repository, 1_000, SNAPSHOT_EVERY - 1).await;
    repository.git(&["repack", "-adq"]);
    repository.git(&["branch", BRANCH_OF_GIT, "automata-state"]);
    let github = GitHubWorld::start_by(Arc::new(SystemClock)).await;
    for label in ["bug", "enhancement", "question", "documentation", "priority: high"] {
        github.make_label(label, "ededed", "");
    }
    github.set_permission("mona", Permission::Maintain);
    // Numbers that the log does not know yet.
    for _ in 0..OLDER_ISSUES {
        github.open_issue("octo-cat", "An older issue", "", &[]);
    }
    github
}

/// Issues that were there before.
const OLDER_ISSUES: usize = 700;

/// One run of the action's program: its time and, when it is watched, its peak memory in bytes.
async fn event_run(
    git: &GitServer,
    github: &GitHubWorld,
    folder: &Path,
    round: usize,
    is_watched: bool,
) -> (Duration, Option<usize>) {
    let body = format!(
        "Since the upgrade number {round} it crashes:\n\n```\nthread 'main' panicked at parser.rs:2:31:\ncalled \
         `Option::unwrap()` on a `None` value\n```\n\nI expected an error message instead of a panic."
    );
    let issue = github.open_issue("octo-cat", "Crash when a line has no equals sign", &body, &[]);
    let payload = folder.join("event.json");
    std::fs::write(&payload, github.event_payload_opened(issue).to_string()).unwrap();
    let server = git.url().trim_end_matches("/repository.git");
    let mut command = Command::new(binary());
    command
        .arg("run")
        .env_clear()
        .env("GITHUB_REPOSITORY", "acme/widgets")
        .env("GITHUB_API_URL", github.api_url())
        .env("GITHUB_SERVER_URL", server)
        .env("GITHUB_TOKEN", TOKEN)
        .env("GITHUB_RUN_ID", (9_000 + round).to_string())
        .env("GITHUB_RUN_ATTEMPT", "1")
        .env("GITHUB_EVENT_NAME", "issues")
        .env("GITHUB_EVENT_PATH", &payload)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let (time, (output, peak)) = timed_async(async {
        let child = command.spawn().unwrap();
        let process = child.id().filter(|_| is_watched);
        let (output, peak) = futures_util::join!(child.wait_with_output(), peak_memory(process));
        (output.unwrap(), peak)
    })
    .await;
    let (told, warned) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && told.starts_with("recorded: "), "{told}{warned}");
    assert!(github.labels_of(issue).contains(&"bug".to_owned()), "{told}{warned}");
    assert_eq!(github.comments_of(issue).len(), 1, "{told}{warned}");
    (time, peak)
}

/// The most memory that a process ever had, in bytes, looked at until it ends.
async fn peak_memory(process: Option<u32>) -> Option<usize> {
    let process = process?;
    let mut peak = None;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        // A process that has ended has no memory.
        let Some(line) = line else { return peak };
        peak = line.trim().strip_suffix(" kB").and_then(|kilobytes| kilobytes.parse::<usize>().ok());
        peak = peak.map(|kilobytes| kilobytes * 1_024);
        SystemClock.sleep(Duration::from_millis(1)).await;
    }
}

/// One state update as a person would script it: fetch, commit, push. The time of each.
async fn update_by_git(clone: &Path, number: usize) -> [Duration; 3] {
    let reference = format!("refs/heads/{BRANCH_OF_GIT}");
    let (fetched, ()) =
        timed_async(in_clone(clone, &["fetch", "--quiet", "--depth", "1", "origin", &reference])).await;
    let (committed, ()) = timed_async(async {
        in_clone(clone, &["checkout", "--quiet", "-B", "state", "FETCH_HEAD"]).await;
        let lines = "{\"v\":1,\"type\":\"task.claimed\",\"subject\":\"issue/42\"}\n".repeat(EVENTS_OF_GIT);
        std::fs::write(clone.join(format!("tail/9{number:011}.jsonl")), lines).unwrap();
        in_clone(clone, &["add", "tail"]).await;
        in_clone(clone, &["commit", "--quiet", "--message", "Record what happened"]).await;
    })
    .await;
    let (pushed, ()) =
        timed_async(in_clone(clone, &["push", "--quiet", "origin", &format!("state:{reference}")])).await;
    [fetched, committed, pushed]
}

/// Lines in each file that git commits, about as many as a run writes at once.
const EVENTS_OF_GIT: usize = 8;

async fn in_clone(clone: &Path, arguments: &[&str]) {
    let mut command = Command::from(hermetic_git());
    let output = command.current_dir(clone).args(arguments).stdin(Stdio::null()).output().await;
    let output = output.unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn rows(
    ours: Vec<Duration>,
    theirs: &[[Duration; 3]],
    memory: Option<usize>,
    traffic: [Traffic; 2],
    calls: usize,
) -> Vec<Row> {
    let part = |part: usize| millis(median(theirs.iter().map(|parts| parts[part]).collect()));
    let theirs_whole = median(theirs.iter().map(|parts| parts.iter().sum::<Duration>()).collect());
    let ours = median(ours);
    let reached = ratio(ours, theirs_whole);
    let mut rows = vec![
        Row::goal(
            "issues.opened run / git's two state updates",
            format!("{reached:.2}"),
            format!("<= {REACH}"),
            reached <= REACH,
        ),
        Row::detail(
            "the run: read, decide, append, label, comment, append",
            format!(
                "{}, {} git requests ({}), {calls} calls of GitHub",
                millis(ours),
                traffic[0].requests,
                kilobytes(traffic[0].bytes()),
            ),
        ),
        Row::detail(
            "git: fetch --depth 1, checkout + add + commit, push; twice",
            format!(
                "{} ({} + {} + {}), {} git requests ({})",
                millis(theirs_whole),
                part(0),
                part(1),
                part(2),
                traffic[1].requests,
                kilobytes(traffic[1].bytes()),
            ),
        ),
    ];
    rows.extend(memory.map(|peak| {
        Row::goal(
            "peak memory of that run",
            megabytes(peak),
            format!("< {}", megabytes(MEMORY)),
            peak < MEMORY,
        )
    }));
    rows
}

//! Many runs that append at once, beside the same runs one after another.

use std::sync::Arc;
use std::time::Duration;

use automata::app::Session;
use automata::domain::command::Command;
use automata::domain::event::{Event, TriggerRefused};
use automata::domain::id::{RunId, Sequence};
use automata::log::{EventLog, SNAPSHOT_EVERY};
use automata::services::clock::SystemClock;
use automata::services::entropy::Entropy;
use futures_util::future::join_all;

use crate::history::{Chronicle, git_log};
use crate::measure::{Row, median, millis, ratio, timed_async};
use crate::wire::remote;
use crate::world::git_server::{GitServer, Traffic};

/// Runs that append.
const RUNS: usize = 32;
/// Rounds whose medians count.
const ROUNDS: usize = 3;
/// The state branch.
const BRANCH: &str = "refs/heads/automata-state";
/// Its witness, without which setting the branch back would be noticed.
const WITNESS: &str = "refs/automata/witness/automata-state";
/// How much longer than one after another the last of them may take.
const REACH: f64 = 2.0;

pub(crate) async fn figures() -> Vec<Row> {
    let server = GitServer::start().await;
    // A short tail, so that a whole round has room in it.
    let chronicle = Chronicle::written(&server.repository, 1_000, SNAPSHOT_EVERY - 1).await;
    server.repository.git(&["repack", "-adq"]);
    let begin = chronicle.head.token.unwrap();
    let begins = || {
        for name in [BRANCH, WITNESS] {
            server.repository.git(&["update-ref", name, &begin]);
        }
    };
    let (mut at_once, mut in_turn, mut traffic) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        begins();
        let logs = logs(&server);
        let (time, ()) = timed_async(async {
            for (place, log) in logs.into_iter().enumerate() {
                run(log, format!("turn-{round}-{place}")).await;
            }
        })
        .await;
        in_turn.push(time);
        assert_eq!(runs_recorded(&server).await, RUNS, "every run's event is there");
        begins();
        let logs = self::logs(&server);
        server.take_traffic();
        let (time, _) = timed_async(join_all(
            logs.into_iter().enumerate().map(|(place, log)| run(log, format!("crowd-{round}-{place}"))),
        ))
        .await;
        at_once.push(time);
        traffic.push(server.take_traffic());
        assert_eq!(runs_recorded(&server).await, RUNS, "every run's event is there");
    }
    rows(median(at_once), median(in_turn), &traffic)
}

/// How many runs wrote their event. Reading the history checks sequence and chain.
async fn runs_recorded(server: &GitServer) -> usize {
    let mut seen = std::collections::BTreeSet::new();
    let mut note = |envelope: automata::log::Envelope| {
        if let Event::TriggerRefused(refused) = envelope.recorded.event {
            assert!(seen.insert(refused.digest), "nothing is there twice");
        }
    };
    let log = git_log(remote(server, "/repository.git"));
    log.history(Sequence(1), &mut note).await.unwrap();
    seen.len()
}

fn logs(server: &GitServer) -> Vec<Arc<dyn EventLog>> {
    let log = || Arc::new(git_log(remote(server, "/repository.git"))) as Arc<dyn EventLog>;
    (0..RUNS).map(|_| log()).collect()
}

/// One run: reads the log, decides, appends until it is durable.
async fn run(log: Arc<dyn EventLog>, name: String) {
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(Entropy::System));
    let session = Session::open(log, clock, entropy, RunId::new(name.as_str())).await;
    let session = session.unwrap();
    let refused = TriggerRefused {
        event: "issues".to_owned(),
        reason: "a payload that makes no sense".to_owned(),
        bytes: 2,
        digest: name.clone(),
    };
    session.submit(Command::RefuseTrigger(refused)).unwrap();
    session.flush().await.unwrap();
}

fn rows(at_once: Duration, in_turn: Duration, traffic: &[Traffic]) -> Vec<Row> {
    let reached = ratio(at_once, in_turn);
    let pushes = median(traffic.iter().map(|traffic| traffic.pushes).collect());
    let requests = median(traffic.iter().map(|traffic| traffic.requests).collect());
    vec![
        Row::goal(
            format!("{RUNS} runs at once / one after another"),
            format!("{reached:.2}"),
            format!("<= {REACH}"),
            reached <= REACH,
        ),
        Row::detail(
            "the last one done; one after another",
            format!("{} with {pushes} pushes in {requests} requests; {}", millis(at_once), millis(in_turn)),
        ),
    ]
}

//! What a fresh read and one append cost on the wire and in time, at every length of the log.

use std::sync::Arc;
use std::time::Duration;

use automata::log::{Append, EventLog as _, SNAPSHOT_EVERY};
use automata::services::clock::SystemClock;
use automata::services::git::http_remote::HttpRemote;
use automata::services::git::remote::Remote;
use automata::services::http;
use automata::views;

use crate::history::{Chronicle, Life, git_log, message};
use crate::measure::{Row, kilobytes, median, millis, timed_async};
use crate::world::git_server::{GitServer, Traffic};

/// Fresh reads whose median counts.
const READS: usize = 9;
/// What a fresh read and an append may cost, in bytes.
const READ_BYTES: usize = 200_000;
const APPEND_BYTES: usize = 8_000;
/// How much more the dearest length may cost than the cheapest.
const SAME: f64 = 1.2;

struct Cost {
    events: u64,
    read: Traffic,
    read_time: Duration,
    append: Traffic,
    append_time: Duration,
    seal: Traffic,
}

pub(crate) async fn figures(with_million: bool) -> Vec<Row> {
    let mut lengths = vec![1_000, 10_000, 100_000];
    lengths.extend(with_million.then_some(1_000_000));
    let mut costs = Vec::new();
    for length in lengths {
        costs.push(cost(length).await);
    }
    rows(&costs)
}

/// A way to the server as another process would have it.
pub(crate) fn remote(server: &GitServer, path: &str) -> Arc<dyn Remote> {
    let settings = http::Settings { proxy_from_environment: false, ..http::Settings::default() };
    let client = http::client(&settings).unwrap();
    let url = server.url().replace("/repository.git", path);
    Arc::new(HttpRemote::new(client, &url, None, Arc::new(SystemClock)))
}

async fn cost(length: u64) -> Cost {
    let server = GitServer::start().await;
    let mut chronicle = Chronicle::written(&server.repository, length).await;
    // As a server keeps it: packed now and then, not in a hundred thousand loose files.
    server.repository.git(&["repack", "-adq"]);
    let mut times = Vec::new();
    let mut read = Traffic::default();
    for _ in 0..READS {
        let log = git_log(remote(&server, "/repository.git"));
        server.take_traffic();
        let (time, loaded) = timed_async(log.load()).await;
        read = server.take_traffic();
        let loaded = loaded.unwrap();
        let state = views::present(&loaded).unwrap();
        assert_eq!(state, chronicle.life.state, "a fresh reader sees what the writer saw");
        times.push(time);
    }
    let mut measured = Vec::new();
    let log = git_log(remote(&server, "/repository.git"));
    let mut head = log.load().await.unwrap().head;
    for _ in 0..2 {
        let due = head.tail >= SNAPSHOT_EVERY;
        let snapshot = due.then(|| views::snapshot::write(&chronicle.life.state).ok()).flatten();
        Life::moves(&mut chronicle.life);
        let events = chronicle.life.told();
        let batch = Append { events: &events, message: &message(&events), snapshot: snapshot.as_ref() };
        server.take_traffic();
        let (time, appended) = timed_async(log.append(&head, &batch)).await;
        head = appended.unwrap();
        measured.push((server.take_traffic(), time));
    }
    let events = head.sequence.0;
    let [(append, append_time), (seal, _)] = [measured[0], measured[1]];
    Cost { events, read, read_time: median(times), append, append_time, seal }
}

fn rows(costs: &[Cost]) -> Vec<Row> {
    let mut rows = Vec::new();
    let dearest = |pick: fn(&Cost) -> usize| costs.iter().map(pick).max().unwrap_or_default();
    let spread = |pick: fn(&Cost) -> usize| {
        #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
        let spread = dearest(pick) as f64 / costs.iter().map(pick).min().unwrap_or(1).max(1) as f64;
        spread
    };
    let (read, append) = (|cost: &Cost| cost.read.bytes(), |cost: &Cost| cost.append.bytes());
    for (what, pick, most) in [
        ("fresh read, dearest length", read as fn(&Cost) -> usize, READ_BYTES),
        ("one append, dearest length", append, APPEND_BYTES),
    ] {
        let dearest = dearest(pick);
        let reach = format!("<= {}", kilobytes(most));
        rows.push(Row::goal(what, kilobytes(dearest), reach, dearest <= most));
    }
    for (what, pick) in [
        ("fresh read, dearest / cheapest", read as fn(&Cost) -> usize),
        ("one append, dearest / cheapest", append),
    ] {
        rows.push(Row::goal(
            what,
            format!("{:.2}", spread(pick)),
            format!("<= {SAME}"),
            spread(pick) <= SAME,
        ));
    }
    for cost in costs {
        rows.push(Row::detail(
            format!("{} events: fresh read", cost.events),
            format!(
                "{} in {}, {} requests",
                kilobytes(cost.read.bytes()),
                millis(cost.read_time),
                cost.read.requests
            ),
        ));
        rows.push(Row::detail(
            format!("{} events: append; one that seals", cost.events),
            format!(
                "{} in {}, {} requests; {}, {} requests",
                kilobytes(cost.append.bytes()),
                millis(cost.append_time),
                cost.append.requests,
                kilobytes(cost.seal.bytes()),
                cost.seal.requests,
            ),
        ));
    }
    rows
}

//! What a fresh read and one append cost on the wire and in time, at every length of the log.

use std::sync::Arc;
use std::time::Duration;

use automata::log::{Append, EventLog as _, Head, SNAPSHOT_EVERY};
use automata::services::clock::SystemClock;
use automata::services::git::http_remote::HttpRemote;
use automata::services::git::remote::Remote;
use automata::services::http;
use automata::services::state::GitLog;
use automata::views;

use crate::history::{Chronicle, Life, git_log, message};
use crate::measure::{Row, kilobytes, median, millis, timed_async};
use crate::world::git_server::{GitServer, Traffic};

/// Fresh reads whose median counts.
const READS: usize = 9;
/// Appends whose mean counts.
const APPENDS: usize = 12;
/// What a fresh read and an append may cost, in bytes.
const READ_BYTES: usize = 200_000;
const APPEND_BYTES: usize = 8_000;
/// How much more the dearest length may cost than the cheapest.
const SAME: f64 = 1.2;

struct Cost {
    events: u64,
    read: Traffic,
    read_time: Duration,
    /// The mean of some appends, and the dearest of them.
    append_bytes: usize,
    dearest_append: usize,
    append_time: Duration,
    append_requests: usize,
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
    let mut chronicle = Chronicle::written(&server.repository, length, APPENDS).await;
    // As a server keeps it: packed now and then, not in a hundred thousand loose files.
    server.repository.git(&["repack", "-adq"]);
    let log = git_log(remote(&server, "/repository.git"));
    let mut head = log.load().await.unwrap().head;
    let mut appends = Vec::new();
    for _ in 0..APPENDS {
        appends.push(append(&server, &log, &mut head, &mut chronicle.life).await);
    }
    // The tail is as long as tails get.
    let mut reads = Vec::new();
    let mut read = Traffic::default();
    for _ in 0..READS {
        let log = git_log(remote(&server, "/repository.git"));
        server.take_traffic();
        let (time, loaded) = timed_async(log.load()).await;
        read = server.take_traffic();
        let state = views::present(&loaded.unwrap()).unwrap();
        assert_eq!(state, chronicle.life.state, "a fresh reader sees what the writer saw");
        reads.push(time);
    }
    let events = head.sequence.0;
    let (seal, _) = append(&server, &log, &mut head, &mut chronicle.life).await;
    assert_eq!(head.tail, 1, "the tail was sealed");
    let bytes: Vec<usize> = appends.iter().map(|(traffic, _)| traffic.bytes()).collect();
    Cost {
        events,
        read,
        read_time: median(reads),
        append_bytes: bytes.iter().sum::<usize>() / APPENDS,
        dearest_append: bytes.into_iter().max().unwrap_or_default(),
        append_time: median(appends.iter().map(|(_, time)| *time).collect()),
        append_requests: appends.iter().map(|(traffic, _)| traffic.requests).max().unwrap_or_default(),
        seal,
    }
}

/// One append as a run makes it, with a snapshot when one is due.
async fn append(server: &GitServer, log: &GitLog, head: &mut Head, life: &mut Life) -> (Traffic, Duration) {
    let due = head.tail >= SNAPSHOT_EVERY;
    let snapshot = due.then(|| views::snapshot::write(&life.state).unwrap());
    life.moves();
    let events = life.told();
    let batch = Append { events: &events, message: &message(&events), snapshot: snapshot.as_ref() };
    server.take_traffic();
    let (time, appended) = timed_async(log.append(head, &batch)).await;
    *head = appended.unwrap();
    (server.take_traffic(), time)
}

fn rows(costs: &[Cost]) -> Vec<Row> {
    let dearest = |pick: fn(&Cost) -> usize| costs.iter().map(pick).max().unwrap_or_default();
    // A log of a thousand events is too short for five hundred issues to be analysed: its state is smaller.
    let whole = || costs.iter().filter(|cost| cost.events > 2_000);
    #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
    let spread = |pick: fn(&Cost) -> usize| {
        let least = whole().map(pick).min().unwrap_or_default();
        whole().map(pick).max().unwrap_or_default() as f64 / least as f64
    };
    let read: fn(&Cost) -> usize = |cost| cost.read.bytes();
    let appended: fn(&Cost) -> usize = |cost| cost.append_bytes;
    let (read_bytes, append_bytes) = (dearest(read), dearest(|cost| cost.dearest_append));
    let mut rows = vec![
        Row::goal(
            "fresh read, at the dearest length",
            kilobytes(read_bytes),
            format!("<= {}", kilobytes(READ_BYTES)),
            read_bytes <= READ_BYTES,
        ),
        Row::goal(
            "one append, the dearest of all",
            kilobytes(append_bytes),
            format!("<= {}", kilobytes(APPEND_BYTES)),
            append_bytes <= APPEND_BYTES,
        ),
    ];
    for (what, spread) in [("fresh read", spread(read)), ("one append", spread(appended))] {
        rows.push(Row::goal(
            format!("{what}, dearest / cheapest length from 10,000 events on"),
            format!("{spread:.2}"),
            format!("<= {SAME}"),
            spread <= SAME,
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
                "{} in {}, {} request; {}, {} requests",
                kilobytes(cost.append_bytes),
                millis(cost.append_time),
                cost.append_requests,
                kilobytes(cost.seal.bytes()),
                cost.seal.requests,
            ),
        ));
    }
    rows
}

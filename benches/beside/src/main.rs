//! Another embedded queue, apalis with SQLite, doing the no-op work that `cargo bench -- queue` gives to Automata.
//!
//! Prints two numbers, in microseconds: how long it took to enqueue as many tasks as the argument says, and how
//! long a worker then took until the last of them was recorded as done. The database is a file with a write-ahead
//! log and `synchronous=FULL`, so that a commit has reached the disk when it returns; tasks are fetched and pushed
//! by hundreds, as Automata claims and records them.

use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use apalis::prelude::*;
use apalis_sqlite::{Config, SqliteStorage};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

/// Tasks in one transaction.
const BATCH: usize = 100;
/// How often it is looked whether everything is recorded.
const LOOK: Duration = Duration::from_millis(2);

type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

fn main() -> ExitCode {
    let count = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(measure(count)));
    match result {
        Ok((enqueued, worked)) => {
            println!("{} {}", enqueued.as_micros(), worked.as_micros());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(count: usize) -> Fallible<(Duration, Duration)> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite://{}", folder.path().join("queue.db").display());
    let options = SqliteConnectOptions::from_str(&url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
    SqliteStorage::setup(&pool).await?;
    let mut backend: SqliteStorage<usize> =
        SqliteStorage::new(&pool).with_config(Config::default().batch_size(BATCH));

    let began = Instant::now();
    for first in (0..count).step_by(BATCH) {
        let batch = (first..count.min(first + BATCH)).map(|task| TaskBuilder::new(task).build());
        backend.push_all(&mut futures_util::stream::iter(batch)).await?;
    }
    let enqueued = began.elapsed();

    let began = Instant::now();
    let worked = Arc::new(AtomicUsize::new(0));
    let count_one = Arc::clone(&worked);
    let worker = WorkerBuilder::new("worker").backend(backend).build(move |_task: usize| {
        count_one.fetch_add(1, Ordering::Relaxed);
        std::future::ready(Ok::<(), BoxDynError>(()))
    });
    let recorded = async {
        loop {
            tokio::time::sleep(LOOK).await;
            // Cheap until the work is done; only then is the database asked.
            if worked.load(Ordering::Relaxed) >= count {
                let done: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM Jobs WHERE status = 'Done'")
                    .fetch_one(&pool)
                    .await?;
                if usize::try_from(done).is_ok_and(|done| done >= count) {
                    return Fallible::Ok(began.elapsed());
                }
            }
        }
    };
    tokio::select! {
        ended = worker.run() => {
            ended?;
            Err("the worker ended before its work".into())
        }
        recorded = recorded => Ok((enqueued, recorded?)),
    }
}

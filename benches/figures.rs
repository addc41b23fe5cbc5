//! The figures that the project promises, as ratios taken in one run: `cargo bench`, or `cargo bench -- wire`
//! for one part (`run`, `wire`, `fold`, `crowd`, `queue`, `program`, `drive`).
//!
//! Whatever is compared is measured in turns on the same machine within the same minute, and the medians
//! count. The word `million` adds logs of a million events, which take some minutes to write; `gigabyte` makes the large
//! file for Drive one of 1 GiB. `drive` is only taken when it is asked for, and compares with rclone where that is on the PATH.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a figure that cannot be taken ends the program and says why"
)]

#[path = "figures/crowd.rs"]
mod crowd;
#[path = "figures/drive.rs"]
mod drive;
#[path = "figures/event_run.rs"]
mod event_run;
#[path = "figures/fold.rs"]
mod fold;
#[path = "figures/history.rs"]
mod history;
#[path = "figures/machine.rs"]
mod machine;
#[path = "figures/measure.rs"]
mod measure;
#[path = "figures/program.rs"]
mod program;
#[path = "figures/prose.rs"]
mod prose;
#[path = "figures/queue.rs"]
mod queue;
#[path = "figures/relay.rs"]
mod relay;
#[path = "figures/wire.rs"]
mod wire;
#[path = "figures/world.rs"]
mod world;

use std::process::ExitCode;

use automata::report::terminal::{Terminal, table};
use measure::Row;

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let terminal = Terminal::new(true, false);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            terminal.note(&format!("the asynchronous runtime does not start: {error}"));
            return ExitCode::FAILURE;
        }
    };
    if let [word, count] = asked.as_slice()
        && word == queue::ALONE
    {
        let peak = runtime.block_on(queue::alone(count.parse().unwrap()));
        terminal.data(&peak.to_string());
        return ExitCode::SUCCESS;
    }
    for line in machine::describe() {
        terminal.data(&line);
    }
    let with_million = asked.iter().any(|word| word == "million");
    let parts: Vec<&String> =
        asked.iter().filter(|word| !matches!(word.as_str(), "million" | "gigabyte")).collect();
    let with_gigabyte = asked.iter().any(|word| word == "gigabyte");
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|word| *word == part);
    let mut rows = vec![Row::heading()];
    runtime.block_on(async {
        if wanted("program") {
            rows.extend(program::figures());
        }
        if wanted("run") {
            rows.extend(event_run::figures().await);
        }
        if wanted("wire") {
            rows.extend(wire::figures(with_million).await);
        }
        if wanted("fold") {
            rows.extend(fold::figures(with_million));
        }
        if wanted("crowd") {
            rows.extend(crowd::figures().await);
        }
        if wanted("queue") {
            rows.extend(queue::figures().await);
        }
        if parts.iter().any(|word| *word == "drive") {
            rows.extend(drive::figures(with_gigabyte).await);
        }
    });
    let cells: Vec<Vec<String>> = rows.into_iter().map(Row::cells).collect();
    for line in table(&cells) {
        terminal.data(&line);
    }
    ExitCode::SUCCESS
}

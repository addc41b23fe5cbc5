//! The program itself: its size, how long it takes to start, and the memory of a plain run.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::measure::{Row, median, millis, timed};

/// Starts whose median counts.
const STARTS: usize = 51;
/// What the shipped binary may have, in bytes.
const BYTES: usize = 15_000_000;
/// What it may have compressed, in bytes.
const COMPRESSED_BYTES: usize = 7_000_000;
/// What a start may take, in milliseconds.
const START_MILLIS: f64 = 5.0;

/// The release build, which `cargo bench` makes.
pub(crate) fn binary() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_automata"))
}

pub(crate) fn figures() -> Vec<Row> {
    let release = binary();
    // `dist` is built on request only: it takes long.
    let dist = release.parent().and_then(Path::parent).map(|target| target.join("dist/automata"));
    let dist = dist.filter(|path| path.exists());
    let mut rows = sizes("release", &release, dist.is_none());
    if let Some(dist) = &dist {
        rows.extend(sizes("dist", dist, true));
    }
    let shipped = dist.unwrap_or(release);
    let times = (0..STARTS).map(|_| timed(|| start(&shipped)).0).collect();
    let start = median(times);
    rows.push(Row::goal(
        "`--version`, start to end",
        millis(start),
        format!("< {START_MILLIS} ms"),
        start.as_secs_f64() * 1e3 < START_MILLIS,
    ));
    rows
}

fn start(binary: &Path) {
    let status = Command::new(binary).arg("--version").stdout(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "it starts");
}

/// The file's size, plain and as a download. Only the shipped build has goals to reach.
fn sizes(build: &str, path: &Path, is_shipped: bool) -> Vec<Row> {
    let content = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    let compressed = encoder.write_all(&content).and_then(|()| encoder.finish());
    let compressed = compressed.unwrap().len();
    let sizes = [("binary", content.len(), BYTES), ("binary, gzip", compressed, COMPRESSED_BYTES)];
    let row = |(what, size, most): (&str, usize, usize)| {
        let (what, measured) = (format!("{build} {what}"), megabytes(size));
        if is_shipped {
            Row::goal(what, measured, format!("<= {}", megabytes(most)), size <= most)
        } else {
            Row::detail(what, measured)
        }
    };
    sizes.into_iter().map(row).collect()
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
pub(crate) fn megabytes(bytes: usize) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

//! The port to other programs: one is started with nothing that it was not given, kept within bounds, and ended with all its children.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;

use crate::domain::failure::Failure;
use crate::services::secrets::Secret;

pub use capture::Output;
pub use fence::Fence;
pub use room::Room;

mod capture;
pub mod confinement;
#[cfg(target_os = "linux")]
mod descendants;
mod fence;
#[cfg(target_os = "linux")]
mod filter;
#[cfg(unix)]
mod gap;
#[cfg(unix)]
mod group;
#[cfg(unix)]
pub mod keeper;
#[cfg(target_os = "linux")]
mod landlock;
#[cfg(unix)]
pub mod local;
#[cfg(target_os = "linux")]
mod memory;
pub(in crate::services) mod room;
#[cfg(unix)]
mod sockets;
#[cfg(unix)]
pub mod stub;

/// The code of the permanent failure when there is no such program.
pub const MISSING: &str = "program_missing";
/// The code of the permanent failure when bounds are required that this machine cannot set.
pub const UNBOUNDED: &str = "program_unbounded";

/// What is to be started, and how far it may go.
#[derive(Clone, Debug)]
pub struct Order {
    /// The program, by its name in PATH or as a path (from `folder`), and its arguments. No shell reads them.
    pub program: Vec<String>,
    /// Where it is started. It may write there.
    pub folder: PathBuf,
    /// Environment variables that it gets besides PATH, HOME, TMPDIR and a few without meaning.
    pub environment: BTreeMap<String, Secret>,
    /// Its standard input.
    pub stdin: Vec<u8>,
    /// How long it may take.
    pub time: Duration,
    /// How much of the machine it may take.
    pub limits: Limits,
    /// Whether it may use the network.
    pub network: bool,
    /// Files and folders that it may read besides the system's own.
    pub readable: Vec<PathBuf>,
    /// Whether it is not started where its files, or the network that it is refused, cannot be bounded. A [`Fence`] sets it for
    /// all programs of a run.
    pub required: bool,
}

/// How much of the machine a program and each of its children may take: each for itself, so that a program with ten children may
/// take eleven times as much. What bounds them together is `together_bytes`, `processes`, and the time that the program has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Seconds of a processor.
    pub cpu_seconds: u64,
    /// Bytes of memory, of its data; address space that is only set aside does not count.
    pub memory_bytes: u64,
    /// Bytes that it and all that came of it may hold in memory together, shared memory included, on Linux. It is looked at
    /// four times a second, so that they can have more for a moment; they are ended for it then.
    pub together_bytes: Option<u64>,
    /// Bytes of the largest file that it may write.
    pub file_bytes: u64,
    /// Processes and threads that its user may have in all. For root no system counts them.
    pub processes: u64,
}

impl Default for Limits {
    /// An hour, 8 GiB, 2 GiB, 4,096: more than a build on a hosted runner (16 GB of memory) takes, and less than
    /// what would take the runner down.
    fn default() -> Self {
        Self {
            cpu_seconds: 3600,
            memory_bytes: 8 << 30,
            together_bytes: None,
            file_bytes: 2 << 30,
            processes: 4096,
        }
    }
}

/// How a program came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
    /// It took too long and was ended.
    TimedOut,
    /// It held more memory than it may, with all that came of it, and was ended.
    Outgrown,
}

/// A program that has come to its end, with all its children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How.
    pub exit: Exit,
    /// What it wrote to standard output.
    pub stdout: Output,
    /// What it wrote to standard error.
    pub stderr: Output,
    /// Which bounds this machine could not set, whole sentences.
    pub notes: Vec<String>,
}

/// Starts programs.
#[async_trait]
pub trait Programs: Send + Sync {
    /// Starts a program and waits for its end. Whoever drops the future ends it, with all its children.
    ///
    /// # Errors
    /// A permanent failure with the code [`MISSING`] when there is no such program, or one that says why it could
    /// not be started. A program that fails by itself is no failure.
    async fn run(&self, order: &Order, room: &Room) -> Result<Ended, Failure>;
}

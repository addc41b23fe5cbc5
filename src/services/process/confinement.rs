//! What the keeper and the stub are told before the program starts: plain data, handed on as one argument.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The bounds that the stub sets on itself, and what the keeper needs to start it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// The process that started it and ends with it.
    pub parent: u32,
    /// Our own program.
    pub stub: PathBuf,
    /// The file that takes what could not be done and how it ended, one [`Note`] a line.
    pub notes: PathBuf,
    /// The program's HOME, by which its processes are known.
    pub home: PathBuf,
    /// Files and folders that may be read and run.
    pub readable: Vec<PathBuf>,
    /// Folders that may be written too.
    pub writable: Vec<PathBuf>,
    /// Whether the network may be used.
    pub network: bool,
    /// Sockets of services that do more for a user than a program may.
    pub services: Vec<PathBuf>,
    /// Seconds of a processor.
    pub cpu_seconds: u64,
    /// Bytes of data in memory.
    pub memory_bytes: u64,
    /// Bytes in memory of the program and all that came of it.
    pub together_bytes: Option<u64>,
    /// Bytes of the largest file.
    pub file_bytes: u64,
    /// Processes of the user.
    pub processes: u64,
    /// Whether nothing is started where a bound of files or of the network cannot be set.
    pub required: bool,
}

/// What the keeper and the stub have to tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// A bound that could not be set, a whole sentence.
    Unbounded(String),
    /// The program could not be started: the system's reason.
    NotStarted(String),
    /// The program was not started, because bounds are required that this machine cannot set: whole sentences.
    Refused(String),
    /// The program and what came of it held more memory than they may, and are ended for that.
    Outgrown,
    /// The program ended with this code, and all its children are gone.
    Ended(i32),
    /// The program was ended by this signal, and all its children are gone.
    Killed(i32),
}

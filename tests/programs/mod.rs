//! Other programs that we start: real ones, within real bounds.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use automata::services::clock::{Clock, SystemClock};
use automata::services::process::local::Local;
use automata::services::process::{Ended, Exit, Limits, Order, Programs as _, Room};
use automata::services::secrets::Secret;

mod assistants;
mod bounds;
mod ends;
mod starts;

/// A work folder and what is needed to start programs in it.
struct Bench {
    folder: tempfile::TempDir,
    room: Room,
}

impl Bench {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), room: Room::new().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    /// A script for the shell.
    fn script(&self, text: &str) -> Order {
        self.order(&["sh", "-c", text])
    }

    fn order(&self, program: &[&str]) -> Order {
        Order {
            program: program.iter().map(|&word| word.to_owned()).collect(),
            folder: self.path(),
            environment: BTreeMap::new(),
            stdin: Vec::new(),
            time: Duration::from_secs(300),
            limits: Limits::default(),
            network: true,
            readable: Vec::new(),
            required: false,
        }
    }

    async fn run(&self, order: &Order) -> Ended {
        programs(Arc::new(SystemClock)).run(order, &self.room).await.unwrap()
    }

    /// What `order` wrote to standard output, with the folders named.
    fn named(&self, text: &str) -> String {
        let room = self.room.home().parent().unwrap().to_str().unwrap().to_owned();
        text.replace(&room, "ROOM").replace(self.path().to_str().unwrap(), "FOLDER")
    }

    fn executable(&self, name: &str, text: &str) {
        let file = self.path().join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }
}

fn programs(clock: Arc<dyn Clock>) -> Local {
    programs_in(path(), clock)
}

fn programs_in(path: std::ffi::OsString, clock: Arc<dyn Clock>) -> Local {
    Local::new(PathBuf::from(env!("CARGO_BIN_EXE_automata")), path, clock)
}

/// The PATH of whoever runs the tests.
#[expect(clippy::disallowed_methods, reason = "programs are looked for where the machine has them")]
fn path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// Whether this machine bounds files. Where it does not, the story says so and stops.
fn has_bounds(ended: &Ended) -> bool {
    let unbounded = ended.notes.iter().any(|note| note.contains("no Landlock"));
    if unbounded {
        eprintln!("not looked at on this machine: {:?}", ended.notes);
    }
    !unbounded
}

fn make_fifo(file: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(file).status().unwrap().success());
}

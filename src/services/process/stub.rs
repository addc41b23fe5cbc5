//! The stub: this program started once more, which sets bounds on itself and then becomes the program that is wanted.
//!
//! Setting bounds between fork and exec would be the other way, and cannot be done without `unsafe`.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::confinement::{Confinement, Note};

/// The exit code of a stub that could not become its program, as `env(1)` and shells have it.
pub const NOT_STARTED: u8 = 126;

/// Sets the bounds and becomes the program. Comes back only when that failed, with the reason; it is in the notes
/// then, too.
///
/// Has to be called before there is a second thread.
#[must_use]
pub fn become_program(confinement: &str, program: &[OsString]) -> String {
    let confinement: Confinement = match serde_json::from_str(confinement) {
        Ok(confinement) => confinement,
        Err(error) => return format!("the bounds cannot be read: {error}"),
    };
    // Closed when the program takes over; until then it can be written to, whatever the bounds are.
    let mut notes = match File::options().append(true).open(&confinement.notes) {
        Ok(notes) => notes,
        Err(error) => return format!("the notes cannot be written: {error}"),
    };
    let reason = match bounded(&confinement) {
        Ok(unbounded) => {
            for note in unbounded {
                tell(&mut notes, &Note::Unbounded(note));
            }
            let Some((name, arguments)) = program.split_first() else {
                return "no program is named".to_owned();
            };
            Command::new(name).args(arguments).exec().to_string()
        }
        Err(reason) => reason,
    };
    tell(&mut notes, &Note::NotStarted(reason.clone()));
    reason
}

fn tell(notes: &mut File, note: &Note) {
    if let Ok(line) = serde_json::to_string(note) {
        // Nobody is left to be told that nobody can be told.
        let _ = writeln!(notes, "{line}");
    }
}

/// Sets every bound that can be set, and gives sentences about those that cannot.
fn bounded(confinement: &Confinement) -> Result<Vec<String>, String> {
    let mut notes = Vec::new();
    resources(confinement)?;
    #[cfg(target_os = "linux")]
    {
        own(confinement)?;
        let has_own_network = !confinement.network && super::landlock::own_network().is_ok();
        notes.extend(super::landlock::bound(confinement, has_own_network)?);
    }
    #[cfg(not(target_os = "linux"))]
    {
        notes.push(
            "This system has no Landlock: what the assistant may read and write was not bounded.".to_owned(),
        );
        if !confinement.network {
            notes.push("This system cannot refuse a program the network.".to_owned());
        }
    }
    Ok(notes)
}

/// Limits that cannot be raised again. One that is lower already stays.
fn resources(confinement: &Confinement) -> Result<(), String> {
    let limits = [
        (Resource::Cpu, confinement.cpu_seconds),
        (Resource::Data, confinement.memory_bytes),
        (Resource::Fsize, confinement.file_bytes),
        (Resource::Nproc, confinement.processes),
        // A memory image would hold keys.
        (Resource::Core, 0),
    ];
    for (resource, wanted) in limits {
        let most = rustix::process::getrlimit(resource).maximum.map_or(wanted, |most| most.min(wanted));
        let limit = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, limit).map_err(|error| format!("a limit of resources cannot be set: {error}"))?;
    }
    Ok(())
}

/// Ends with the process that started it, and never gains what that one does not have (`sudo`).
#[cfg(target_os = "linux")]
fn own(confinement: &Confinement) -> Result<(), String> {
    let told = |error: rustix::io::Errno| format!("the bounds of a child cannot be set: {error}");
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL)).map_err(told)?;
    // It may have ended before the signal was asked for.
    let parent = rustix::process::getppid().map(|parent| parent.as_raw_nonzero().get());
    if parent.and_then(|parent| u32::try_from(parent).ok()) != Some(confinement.parent) {
        return Err("the process that wanted it has ended".to_owned());
    }
    rustix::thread::set_no_new_privs(true).map_err(told)
}

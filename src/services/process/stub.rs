//! The stub: this program started once more by its [keeper](super::keeper), which sets bounds on itself and then becomes the
//! program that is wanted.
//!
//! Setting bounds between fork and exec would be the other way, and cannot be done without `unsafe`.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::process::Command;

use rustix::process::{Resource, Rlimit, setrlimit};

use super::confinement::{Confinement, Note};
use super::gap::Gap;

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
    let mut notes = match notes(&confinement) {
        Ok(notes) => notes,
        Err(reason) => return reason,
    };
    // The keeper and the run hold it open. From here on no program can empty it, or put something else in its place.
    if let Err(error) = std::fs::remove_file(&confinement.notes) {
        return format!("the notes cannot be kept from the program: {error}");
    }
    let reason = match bounded(&confinement) {
        Ok(gaps) => {
            let wide: Vec<&str> =
                gaps.iter().filter(|gap| gap.is_wide).map(|gap| gap.told.as_str()).collect();
            if confinement.required && !wide.is_empty() {
                let reason = wide.join(" ");
                tell(&mut notes, &Note::Refused(reason.clone()));
                return reason;
            }
            for gap in gaps {
                tell(&mut notes, &Note::Unbounded(gap.told));
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

/// The notes. They are closed when the program takes over; until then they can be written to, whatever the bounds are.
pub(super) fn notes(confinement: &Confinement) -> Result<File, String> {
    File::options()
        .append(true)
        .open(&confinement.notes)
        .map_err(|error| format!("the notes cannot be written: {error}"))
}

pub(super) fn tell(notes: &mut File, note: &Note) {
    if let Ok(line) = serde_json::to_string(note) {
        // Nobody is left to be told that nobody can be told.
        let _ = writeln!(notes, "{line}");
    }
}

/// Sets every bound that can be set, and gives sentences about those that cannot.
fn bounded(confinement: &Confinement) -> Result<Vec<Gap>, String> {
    let mut gaps = Vec::new();
    resources(confinement)?;
    #[cfg(target_os = "linux")]
    {
        own(confinement)?;
        let has_own_network = !confinement.network && super::landlock::own_network().is_ok();
        powerless()?;
        gaps.extend(super::landlock::bound(confinement, has_own_network)?);
        // Within the bounds, so that it is what the program can do. Whoever gives a program the network gives it those.
        gaps.extend(super::sockets::noted(&confinement.services).map(Gap::small));
    }
    #[cfg(not(target_os = "linux"))]
    {
        gaps.push(Gap::wide(
            "This system has no Landlock: what a program may read and write was not bounded.",
        ));
        if !confinement.network {
            gaps.push(Gap::wide("This system cannot refuse a program the network."));
        }
        if confinement.together_bytes.is_some() {
            gaps.push(Gap::small(
                "This system does not tell what processes hold in memory together: each may have all that they may have.",
            ));
        }
    }
    Ok(gaps)
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
    is_child_of(confinement.parent)?;
    rustix::thread::set_no_new_privs(true).map_err(told)
}

/// Whoever started this may have ended before the signal for that was asked for.
#[cfg(target_os = "linux")]
pub(super) fn is_child_of(parent: u32) -> Result<(), String> {
    let found = rustix::process::getppid().map(|found| found.as_raw_nonzero().get());
    let is_there = found.and_then(|found| u32::try_from(found).ok()) == Some(parent);
    if is_there { Ok(()) } else { Err("the process that wanted it has ended".to_owned()) }
}

/// Gives up what root may do beyond its files: somebody who may debug or trace can read the environment of any process.
/// In containers programs run as root.
#[cfg(target_os = "linux")]
fn powerless() -> Result<(), String> {
    use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities};
    let kept = CapabilitySet::CHOWN
        | CapabilitySet::DAC_OVERRIDE
        | CapabilitySet::FOWNER
        | CapabilitySet::FSETID
        | CapabilitySet::SETGID
        | CapabilitySet::SETUID;
    let lowered = |held: CapabilitySets| CapabilitySets {
        effective: held.effective & kept,
        permitted: held.permitted & kept,
        inheritable: CapabilitySet::empty(),
    };
    capabilities(None)
        .and_then(|held| set_capabilities(None, lowered(held)))
        .map_err(|error| format!("what root may do cannot be given up: {error}"))
}

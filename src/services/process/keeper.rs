//! The keeper: this program started once more, which starts the program that is wanted and stays until that and
//! everything that came of it has ended. A process that leaves its parent, its group and its environment behind, as daemons do,
//! becomes the keeper's child (a subreaper's, prctl(2)), and so it is found whatever it makes of itself.

use std::ffi::OsString;
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::process::Command;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, WaitStatus, kill_process_group, wait};
use tokio::signal::unix::{SignalKind, signal};

use super::confinement::{Confinement, Note};
use super::stub;
use crate::services::clock::{Clock as _, SystemClock};

/// The subcommand of our own program that is the keeper; with `--kept` it is what the keeper starts.
pub const NAME: &str = "sandbox";

/// How often it is looked at what they hold in memory.
const TICK: Duration = Duration::from_millis(250);
/// How often in succession that has to be too much: a process that is about to become another program is seen with its parent's
/// memory for a moment, as vfork(2) has it.
const TOO_MUCH: u32 = 2;

/// Looks in vain for somebody who is there, as is seen by nobody having ended: the next would see no more.
const LOOKS: usize = 1_000;

/// Starts the program within its bounds and waits for its end, and for that of all that it started. How it ended is in the
/// notes.
///
/// Asked to end (SIGTERM), it asks the program to. Told to (SIGHUP, SIGINT, or the end of whoever started it), it ends the
/// program with all that it started.
///
/// # Errors
/// Why nothing was started; it is in the notes too, where these can be written.
pub fn keep(confinement: &str, program: &[OsString]) -> Result<(), String> {
    let confinement: Confinement =
        serde_json::from_str(confinement).map_err(|error| format!("the bounds cannot be read: {error}"))?;
    let mut notes = stub::notes(&confinement)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(kept(&confinement, program, &mut notes)),
        Err(error) => Err(error.to_string()),
    };
    match ended {
        Ok(note) => {
            stub::tell(&mut notes, &note);
            Ok(())
        }
        Err(reason) => {
            stub::tell(&mut notes, &Note::NotStarted(reason.clone()));
            Err(reason)
        }
    }
}

async fn kept(confinement: &Confinement, program: &[OsString], notes: &mut File) -> Result<Note, String> {
    let told = |error: std::io::Error| format!("signals cannot be heard: {error}");
    let mut children = signal(SignalKind::child()).map_err(told)?;
    let mut asked = signal(SignalKind::terminate()).map_err(told)?;
    let mut over = signal(SignalKind::hangup()).map_err(told)?;
    let mut interrupted = signal(SignalKind::interrupt()).map_err(told)?;
    for note in adopt(confinement)? {
        stub::tell(notes, &note);
    }
    let mut family = Family::new(start(confinement, program)?);
    let_go_of_its_streams();
    let clock = SystemClock;
    let (mut look, mut seen) = (clock.sleep(TICK), 0);
    loop {
        tokio::select! {
            () = &mut look, if confinement.together_bytes.is_some() => {
                look = clock.sleep(TICK);
                seen = if has_outgrown(confinement) { seen + 1 } else { 0 };
                if seen == TOO_MUCH {
                    stub::tell(notes, &Note::Outgrown);
                    break;
                }
            }
            _ = children.recv() => {
                family.reap();
                if family.exit.is_some() {
                    break;
                }
            }
            _ = asked.recv() => family.ask_to_end(),
            _ = over.recv() => break,
            _ = interrupted.recv() => break,
        }
    }
    if !family.end() {
        let note = "Something that the program started could not be ended: it may have outlived its time.";
        stub::tell(notes, &Note::Unbounded(note.to_owned()));
    }
    Ok(family.told())
}

/// Whether they hold more memory together than they may.
#[cfg(target_os = "linux")]
fn has_outgrown(confinement: &Confinement) -> bool {
    confinement.together_bytes.is_some_and(super::memory::is_more_than)
}

#[cfg(not(target_os = "linux"))]
fn has_outgrown(_: &Confinement) -> bool {
    false
}

/// Takes care of every descendant that loses its parent, and hides from them what this process knows.
#[cfg(target_os = "linux")]
fn adopt(confinement: &Confinement) -> Result<Vec<Note>, String> {
    use rustix::process::{
        DumpableBehavior, getpid, set_child_subreaper, set_dumpable_behavior, set_parent_process_death_signal,
    };
    let told = |error: rustix::io::Errno| format!("its keeper cannot be made: {error}");
    set_parent_process_death_signal(Some(Signal::HUP)).map_err(told)?;
    stub::is_child_of(confinement.parent)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(told)?;
    Ok(set_child_subreaper(Some(getpid())).err().map(unkept).into_iter().collect())
}

#[cfg(target_os = "linux")]
fn unkept(error: rustix::io::Errno) -> Note {
    Note::Unbounded(format!(
        "This system does not hand on children that lost their parent ({error}): one that means to can outlive its time."
    ))
}

#[cfg(not(target_os = "linux"))]
fn adopt(_: &Confinement) -> Result<Vec<Note>, String> {
    let note = "This system does not hand on children that lost their parent: one that means to can outlive its time.";
    Ok(vec![Note::Unbounded(note.to_owned())])
}

/// Starts the stub, in a group of its own.
fn start(confinement: &Confinement, program: &[OsString]) -> Result<Pid, String> {
    let bounds = Confinement { parent: std::process::id(), ..confinement.clone() };
    let bounds = serde_json::to_string(&bounds).map_err(|error| error.to_string())?;
    let mut command = Command::new(&confinement.stub);
    command.args([NAME, "--kept", "--bounds", &bounds, "--"]).args(program);
    command.env("HOME", &confinement.home).process_group(0);
    // Whoever it is reaped by is told of its end: `Family`.
    let child = command.spawn().map_err(|error| error.to_string())?;
    i32::try_from(child.id()).ok().and_then(Pid::from_raw).ok_or_else(|| "it has no number".to_owned())
}

/// Whoever reads what the program writes, or writes what it reads, is to see when it closes that.
fn let_go_of_its_streams() {
    if let Ok(nothing) = File::options().read(true).write(true).open("/dev/null") {
        let _ = rustix::stdio::dup2_stdin(&nothing);
        let _ = rustix::stdio::dup2_stdout(&nothing);
        let _ = rustix::stdio::dup2_stderr(&nothing);
    }
}

/// The program and all that came of it.
struct Family {
    first: Pid,
    /// How the first of them ended.
    exit: Option<WaitStatus>,
}

impl Family {
    const fn new(first: Pid) -> Self {
        Self { first, exit: None }
    }

    /// Takes in who has ended; gives whether there is anybody left.
    fn reap(&mut self) -> bool {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((ended, status))) => self.note(ended, status),
                Ok(None) | Err(rustix::io::Errno::INTR) => return true,
                Err(_) => return false,
            }
        }
    }

    fn note(&mut self, ended: Pid, status: WaitStatus) {
        if ended == self.first && (status.exited() || status.signaled()) {
            self.exit = Some(status);
        }
    }

    fn ask_to_end(&self) {
        // Its number is its own until it is reaped.
        if self.exit.is_none() {
            let _ = kill_process_group(self.first, Signal::TERM);
        }
    }

    /// Ends all of them; gives whether nobody is left.
    fn end(&mut self) -> bool {
        #[cfg(not(target_os = "linux"))]
        let _ = kill_process_group(self.first, Signal::KILL);
        let mut in_vain = 0;
        while self.reap() {
            if in_vain == LOOKS {
                return false;
            }
            if self.exit.is_none() {
                let _ = kill_process_group(self.first, Signal::KILL);
            }
            #[cfg(target_os = "linux")]
            let are_there = super::descendants::end() > 0;
            #[cfg(not(target_os = "linux"))]
            let are_there = self.exit.is_none();
            if !are_there {
                in_vain += 1;
                std::thread::yield_now();
            } else if let Ok(Some((ended, status))) = wait(WaitOptions::empty()) {
                // One that was killed, or that one's parent.
                self.note(ended, status);
            }
        }
        true
    }

    fn told(&self) -> Note {
        let code = self.exit.and_then(WaitStatus::exit_status);
        let signal = self.exit.and_then(WaitStatus::terminating_signal);
        code.map_or_else(|| Note::Killed(signal.unwrap_or(Signal::KILL.as_raw())), Note::Ended)
    }
}

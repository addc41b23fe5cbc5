//! A program with all its children, which are ended together: by the keeper, see [`keeper`](super::keeper).

use std::sync::atomic::{AtomicBool, Ordering};

use rustix::process::{Pid, Signal};

/// The processes that came of one program. They are ended with the value.
pub(super) struct Group {
    keeper: Keeper,
    /// Whether the keeper has ended, whose number may be another's then.
    is_over: AtomicBool,
    /// What the environment of each of them has, unless it changed that, and of nobody else's.
    #[cfg(target_os = "linux")]
    mark: Vec<u8>,
}

impl Group {
    /// What `keeper` started. Its home tells its processes from all others where the keeper was ended by force.
    pub(super) fn new(keeper: Option<u32>, home: &std::path::Path) -> Self {
        #[cfg(not(target_os = "linux"))]
        let _ = home;
        Self {
            keeper: Keeper::new(keeper.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw)),
            is_over: AtomicBool::new(false),
            #[cfg(target_os = "linux")]
            mark: format!("HOME={}", home.display()).into_bytes(),
        }
    }

    /// Has the program asked to end.
    pub(super) fn ask_to_end(&self) {
        self.tell(Signal::TERM);
    }

    /// Has all of them ended. It is done when the keeper ends.
    pub(super) fn have_ended(&self) {
        self.tell(Signal::HUP);
        // One of them may have stopped it.
        self.tell(Signal::CONT);
    }

    /// Ends those that a keeper left behind which was ended by force.
    pub(super) fn keeper_ended(&self) {
        self.is_over.store(true, Ordering::Relaxed);
        #[cfg(target_os = "linux")]
        marked::end(&self.mark);
    }

    fn tell(&self, signal: Signal) {
        if !self.is_over.load(Ordering::Relaxed) {
            self.keeper.tell(signal);
        }
    }
}

/// Ends the processes whose home this is: what a killed run started and could not end.
pub(super) fn end_those_at(home: &std::path::Path) {
    Group::new(None, home).keeper_ended();
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.is_over.load(Ordering::Relaxed) {
            self.have_ended();
            self.keeper.wait();
            self.keeper_ended();
        }
    }
}

/// The keeper, by a descriptor that never comes to mean another process.
#[cfg(target_os = "linux")]
struct Keeper {
    id: Option<Pid>,
    process: Option<std::os::fd::OwnedFd>,
}

#[cfg(target_os = "linux")]
impl Keeper {
    /// Seconds that ending all of them may take where nothing else can be done meanwhile.
    const PATIENCE: i64 = 10;

    fn new(id: Option<Pid>) -> Self {
        use rustix::process::{PidfdFlags, pidfd_open};
        Self { id, process: id.and_then(|id| pidfd_open(id, PidfdFlags::empty()).ok()) }
    }

    fn tell(&self, signal: Signal) {
        // It may have ended.
        let _ = match (&self.process, self.id) {
            (Some(process), _) => rustix::process::pidfd_send_signal(process, signal),
            (None, Some(id)) => rustix::process::kill_process(id, signal),
            (None, None) => Ok(()),
        };
    }

    fn wait(&self) {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        if let Some(process) = &self.process {
            let _ = poll(
                &mut [PollFd::new(process, PollFlags::IN)],
                Some(&Timespec { tv_sec: Self::PATIENCE, tv_nsec: 0 }),
            );
        }
    }
}

/// The keeper, by its number.
#[cfg(not(target_os = "linux"))]
struct Keeper(Option<Pid>);

#[cfg(not(target_os = "linux"))]
impl Keeper {
    const fn new(id: Option<Pid>) -> Self {
        Self(id)
    }

    fn tell(&self, signal: Signal) {
        if let Some(id) = self.0 {
            // It may have ended.
            let _ = rustix::process::kill_process(id, signal);
        }
    }

    /// It ends them by itself.
    const fn wait(&self) {}
}

/// Processes that nobody keeps any more, found by their environment.
#[cfg(target_os = "linux")]
mod marked {
    use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

    /// Looks taken until none is left: a process that was killed takes a moment to be gone, and one that was just
    /// being made may be seen only by the next look.
    const LOOKS: usize = 1_000;

    pub(super) fn end(mark: &[u8]) {
        for _ in 0..LOOKS {
            if !end_those_there(mark) {
                return;
            }
            std::thread::yield_now();
        }
    }

    /// Whether there was any.
    fn end_those_there(mark: &[u8]) -> bool {
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        ids.filter_map(Pid::from_raw).filter(|id| is_marked(*id, mark) && kill(*id, mark)).count() > 0
    }

    fn kill(id: Pid, mark: &[u8]) -> bool {
        // Its number may be another's by now; what the descriptor means stays the same.
        let Ok(process) = pidfd_open(id, PidfdFlags::empty()) else { return false };
        is_marked(id, mark) && pidfd_send_signal(process, Signal::KILL).is_ok()
    }

    /// Of a process that has ended and of another user's nothing can be read.
    fn is_marked(id: Pid, mark: &[u8]) -> bool {
        let environment = std::fs::read(format!("/proc/{}/environ", id.as_raw_nonzero()));
        environment.is_ok_and(|environment| environment.split(|byte| *byte == 0).any(|one| one == mark))
    }
}

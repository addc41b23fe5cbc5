//! A program with all its children, which are ended together.

use rustix::process::{Pid, Signal, kill_process_group};

/// The processes that came of one program. They are ended with the value.
pub(super) struct Group {
    leader: Option<Pid>,
    /// What the environment of each of them has, and of nobody else's.
    #[cfg(target_os = "linux")]
    mark: Vec<u8>,
}

impl Group {
    /// The group that `leader` began. Its home tells its processes from all others, also those that left the group.
    pub(super) fn new(leader: Option<u32>, home: &std::path::Path) -> Self {
        let leader = leader.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        #[cfg(not(target_os = "linux"))]
        let _ = home;
        Self {
            leader,
            #[cfg(target_os = "linux")]
            mark: format!("HOME={}", home.display()).into_bytes(),
        }
    }

    /// Asks all of them to end.
    pub(super) fn ask_to_end(&self) {
        if let Some(leader) = self.leader {
            // None of them may be left.
            let _ = kill_process_group(leader, Signal::TERM);
        }
    }

    /// Ends all of them.
    pub(super) fn end(&self) {
        if let Some(leader) = self.leader {
            let _ = kill_process_group(leader, Signal::KILL);
        }
        #[cfg(target_os = "linux")]
        marked::end(&self.mark);
    }
}

/// Ends the processes whose home this is: what a killed run started and could not end.
pub(super) fn end_those_at(home: &std::path::Path) {
    Group::new(None, home).end();
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

/// Processes that left the group, as daemons do, found by their environment.
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

//! What this process's descendants hold in memory together, by `/proc`.

use std::fs;

use super::descendants;

/// Whether they hold more than this.
///
/// What is resident of each is read first, which costs little and counts what they share as often as they do. Only where that
/// is too much each is asked for its part of what it shares, which the kernel has to add up.
pub(super) fn is_more_than(most: u64) -> bool {
    let processes = descendants::ids();
    let sum = |read: fn(i32) -> u64| processes.iter().map(|id| read(*id)).fold(0, u64::saturating_add);
    sum(resident) > most && sum(part) > most
}

/// What is resident of a process, of shared memory all of it.
fn resident(id: i32) -> u64 {
    first(id, "status", "VmRSS:").unwrap_or_default()
}

/// Its part: of memory that is shared by two, half. One that does not let itself be looked into has all of it.
fn part(id: i32) -> u64 {
    first(id, "smaps_rollup", "Pss:").unwrap_or_else(|| resident(id))
}

/// The figure behind a name in a file of the process's. One whose first thread has ended shows it with its others only.
fn first(id: i32, file: &str, name: &str) -> Option<u64> {
    let read = |path: String| bytes_in(&fs::read_to_string(path).ok()?, name);
    read(format!("/proc/{id}/{file}")).or_else(|| {
        let threads = fs::read_dir(format!("/proc/{id}/task")).ok()?.flatten();
        threads.filter_map(|thread| read(format!("{}/{file}", thread.path().display()))).max()
    })
}

/// `VmRSS:      1234 kB`, proc_pid_status(5) and proc_pid_smaps(5).
fn bytes_in(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kilobytes.saturating_mul(1024))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_as_the_kernel_writes_them() {
        let status = "Name:\tsh\nVmHWM:\t    2000 kB\nVmRSS:\t    1500 kB\nRssShmem:\t       4 kB\n";
        assert_eq!(bytes_in(status, "VmRSS:"), Some(1500 * 1024));
        assert_eq!(bytes_in("Pss:                 210 kB\nPss_Dirty: 3 kB\n", "Pss:"), Some(210 * 1024));
        assert_eq!(bytes_in("Name:\tsh\nState:\tZ (zombie)\n", "VmRSS:"), None);
    }
}

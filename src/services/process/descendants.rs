//! The processes that came of this one, by `/proc`.

use std::collections::{BTreeMap, BTreeSet};
use std::os::fd::OwnedFd;

use rustix::process::{Pid, PidfdFlags, Signal, getpid, pidfd_open, pidfd_send_signal};

/// Ends all of them that are there now, and gives how many were. More may be made meanwhile.
pub(super) fn end() -> usize {
    let descendants = descendants(&alive().collect(), getpid().as_raw_nonzero().get());
    let held: Vec<OwnedFd> = descendants.iter().filter_map(|(id, parent)| hold(*id, *parent)).collect();
    // First none of them goes on: a parent would see its child end, and do what comes then.
    for signal in [Signal::STOP, Signal::KILL] {
        for process in &held {
            let _ = pidfd_send_signal(process, signal);
        }
    }
    descendants.len()
}

/// All of them that are there now.
pub(super) fn ids() -> Vec<i32> {
    descendants(&alive().collect(), getpid().as_raw_nonzero().get()).into_keys().collect()
}

/// Those of these processes and their parents that came of `first`.
fn descendants(parents: &BTreeMap<i32, i32>, first: i32) -> BTreeMap<i32, i32> {
    let (mut family, mut found) = (BTreeSet::from([first]), BTreeMap::new());
    loop {
        let is_next = |(id, parent): &(&i32, &i32)| family.contains(*parent) && !family.contains(*id);
        let next: Vec<(i32, i32)> =
            parents.iter().filter(is_next).map(|(id, parent)| (*id, *parent)).collect();
        if next.is_empty() {
            return found;
        }
        family.extend(next.iter().map(|(id, _)| *id));
        found.extend(next);
    }
}

/// The process, unless it lost that parent.
fn hold(id: i32, parent: i32) -> Option<OwnedFd> {
    // Its number may be another's by now; what the descriptor means stays the same. Whoever lost the parent meanwhile is
    // found by the next look.
    let process = pidfd_open(Pid::from_raw(id)?, PidfdFlags::empty()).ok()?;
    (parent_of(id) == Some(parent)).then_some(process)
}

/// Every process that has not ended, with its parent.
fn alive() -> impl Iterator<Item = (i32, i32)> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter_map(|id| Some((id, parent_of(id)?)))
}

fn parent_of(id: i32) -> Option<i32> {
    parent_in(&String::from_utf8_lossy(&std::fs::read(format!("/proc/{id}/stat")).ok()?))
}

/// Where the number of threads stands behind the parent: fields 20 and 4 of proc_pid_stat(5).
const THREADS_AFTER_PARENT: usize = 15;

/// The parent of a process that has not ended: `12 (any name) S 7 …`, proc_pid_stat(5). One whose first thread has ended is
/// shown as a zombie too, while others of its threads live and go on making children.
fn parent_in(line: &str) -> Option<i32> {
    let mut fields = line.get(line.rfind(')')? + 1..)?.split_ascii_whitespace();
    let (state, parent) = (fields.next()?, fields.next()?);
    let threads: u32 =
        fields.nth(THREADS_AFTER_PARENT).and_then(|count| count.parse().ok()).unwrap_or_default();
    let has_ended = state == "X" || (state == "Z" && threads <= 1);
    parent.parse().ok().filter(|_| !has_ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_of_children_are_found_and_nobody_elses() {
        let parents = BTreeMap::from([(1, 0), (5, 9), (7, 1), (8, 7), (9, 7), (10, 1), (11, 10)]);
        assert_eq!(descendants(&parents, 7).into_keys().collect::<Vec<_>>(), [5, 8, 9]);
        assert_eq!(descendants(&parents, 11).len(), 0);
    }

    #[test]
    fn no_name_of_a_process_hides_its_parent() {
        assert_eq!(parent_in("12 (sh) S 7 12 12 0"), Some(7));
        assert_eq!(parent_in("12 (a) Z 1 (b) R 7 12"), Some(7));
        assert_eq!(parent_in("12 (sh) Z 7 12 12 0"), None);
        let zombie = |threads: u32| format!("12 (sh) Z 7 12 12 0 -1 4 0 0 0 0 0 0 0 0 20 0 {threads} 0 5");
        assert_eq!(parent_in(&zombie(1)), None);
        assert_eq!(parent_in(&zombie(2)), Some(7), "a thread of it lives");
        assert_eq!(parent_in("nothing"), None);
    }
}

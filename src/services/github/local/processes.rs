//! Whether another process of this machine still works.

use std::path::Path;

use crate::services::github::RunState;

/// Looks it up in `/proc`; without one (not Linux) nobody can tell. A process that ended and was not yet
/// collected by its parent has ended. A number that was given to a new process looks alive: then the
/// lease's deadline decides.
pub(super) fn state(process: u32) -> RunState {
    state_in(Path::new("/proc"), process)
}

fn state_in(proc: &Path, process: u32) -> RunState {
    if !proc.join("self/stat").exists() {
        return RunState::Unknown;
    }
    // `pid (name) S …`: the name may hold brackets and spaces itself, so the last bracket counts.
    let stat = std::fs::read_to_string(proc.join(process.to_string()).join("stat"));
    let letter = stat.ok().and_then(|stat| stat.rsplit_once(')')?.1.trim_start().chars().next());
    match letter {
        None | Some('Z' | 'X' | 'x') => RunState::Ended,
        Some(_) => RunState::Alive,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_alive_until_it_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let process = |id: &str, stat: &str| {
            std::fs::create_dir_all(folder.path().join(id)).unwrap();
            std::fs::write(folder.path().join(id).join("stat"), stat).unwrap();
        };
        assert_eq!(state_in(folder.path(), 7), RunState::Unknown, "no /proc at all");
        process("self", "1 (x) R 0");
        process("7", "7 (auto) mata) S 1 7");
        process("8", "8 (automata) Z 1 8");
        assert_eq!(
            [7, 8, 9].map(|id| state_in(folder.path(), id)),
            [RunState::Alive, RunState::Ended, RunState::Ended]
        );
    }
}

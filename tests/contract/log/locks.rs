//! Locks of refs that killed processes leave in a repository on this machine.

use std::fs::{File, FileTimes};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use automata::log::{Error, EventLog as _};
use automata::services::git::local_remote::LocalRemote;
use automata::services::state::GitLog;

use super::home::{NoWaiting, append_patiently, batch, events, git_log, history};
use crate::world::repository::BareRepository;

const LOCKS: [&str; 2] = ["refs/heads/automata-state.lock", "refs/automata/witness/automata-state.lock"];

fn writer(repository: &BareRepository) -> GitLog {
    git_log(Arc::new(LocalRemote::open(&repository.path(), Arc::new(NoWaiting)).unwrap()))
}

/// What a process leaves that was killed so many seconds ago.
fn left_behind(repository: &BareRepository, name: &str, seconds: u64) -> PathBuf {
    let path = repository.path().join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let file = File::create_new(&path).unwrap();
    let then = file.metadata().unwrap().modified().unwrap() - Duration::from_secs(seconds);
    file.set_times(FileTimes::new().set_modified(then)).unwrap();
    path
}

fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

#[tokio::test]
async fn locks_that_a_killed_run_left_behind_are_removed_and_the_next_run_goes_on() {
    let repository = BareRepository::new();
    for (who, names) in [("a", &LOCKS[..]), ("b", &LOCKS[..1]), ("c", &LOCKS[1..])] {
        let locks: Vec<PathBuf> = names.iter().map(|name| left_behind(&repository, name, 90)).collect();
        append_patiently(&writer(&repository), who, 1).await;
        assert!(!locks.iter().any(|lock| is_there(lock)), "{who}");
    }
    assert_eq!(history(&writer(&repository), 1).await.unwrap(), ["a-1", "b-1", "c-1"]);
}

#[tokio::test]
async fn a_young_lock_may_be_somebodys_and_stays_and_the_error_names_the_file() {
    let repository = BareRepository::new();
    append_patiently(&writer(&repository), "a", 1).await;
    for (name, other) in [(LOCKS[0], LOCKS[1]), (LOCKS[1], LOCKS[0])] {
        let lock = left_behind(&repository, name, 5);
        let also = left_behind(&repository, other, 90);
        let log = writer(&repository);
        let head = log.load().await.unwrap().head;
        let error = log.append(&head, &batch(&events(&head, "b", 1), None)).await.unwrap_err();
        let Error::Unreachable(told) = &error else { panic!("{error}") };
        let path = std::fs::canonicalize(&lock).unwrap();
        assert!(told.contains(&format!("`rm {}`", path.display())), "{told}");
        assert!(is_there(&lock));
        std::fs::remove_file(lock).unwrap();
        let _ = std::fs::remove_file(also);
    }
    append_patiently(&writer(&repository), "c", 1).await;
    assert_eq!(history(&writer(&repository), 1).await.unwrap(), ["a-1", "c-1"]);
}

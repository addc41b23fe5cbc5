//! `status --watch`: the queue for as long as somebody looks.

use std::io::{BufRead as _, BufReader};
use std::process::Command;

use super::forge::LocalForge;

#[test]
fn the_queue_is_told_again_when_the_log_has_moved_on_and_ctrl_c_ends_it_well() {
    let forge = LocalForge::new();
    let payload = forge.opens("carol", "How do I read the list from a file?", "Nothing in the README.");
    let mut watching = forge.program(&["status", "--watch"]).begin();
    let mut told = BufReader::new(watching.stdout.take().unwrap()).lines();
    let mut next = || told.next().expect("a line").unwrap();
    let first = next();
    assert!(first.ends_with("0 completed, 0 failed, 0 pending, 0 running (event 0)"), "{first}");
    forge.take_in(&payload).well();
    let second = next();
    assert!(!second.ends_with("(event 0)"), "{second}");
    let interrupted = Command::new("kill").args(["-INT", &watching.id().to_string()]).status().unwrap();
    assert!(interrupted.success());
    assert_eq!(watching.wait().unwrap().code(), Some(0));
}

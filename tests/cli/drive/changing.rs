//! `watch`, `revisions`, `pin`, `diff`: what changes, and what was.

use super::{MONA, OTTO, Terminal};
use crate::world::drive::Fault;

#[test]
fn what_changes_in_a_folder_is_told_as_it_happens() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    let plan = at.world.file(MONA, &docs, "plan.txt", b"one");
    // Somebody is let in right after it was seen how everything is.
    at.world.plan("permissions.list", Fault::MeanwhileShared(plan, OTTO.into(), "reader".into()));
    insta::assert_snapshot!(at.told(&["watch", "docs", "--every", "0", "--polls", "2"]), @"");
}

#[test]
fn the_states_of_a_file_are_listed_kept_and_compared() {
    let at = Terminal::new();
    let plan = at.world.file(MONA, &at.root, "plan.txt", b"one\nsame\n");
    at.world.write(OTTO, &plan, b"two\nsame\n");
    insta::assert_snapshot!(at.told(&["revisions", "plan.txt"]), @"");
    insta::assert_snapshot!(at.told(&["diff", "plan.txt"]), @"");
    let revisions = at.json(&["revisions", "plan.txt"]);
    let first = revisions[0]["id"].as_str().unwrap();
    assert_eq!(at.json(&["pin", "plan.txt", first])["kept"], true);
    assert_eq!(at.json(&["revisions", "plan.txt"])[0]["kept"], true);
    assert_eq!(at.json(&["pin", "plan.txt", first, "--off"])["kept"], false);
    assert_eq!(at.json(&["diff", "plan.txt", "--from", first, "--to", first])["same"], true);
}

#[test]
fn what_cannot_be_compared_is_told() {
    let at = Terminal::new();
    at.world.file(MONA, &at.root, "plan.txt", b"one");
    at.world.document(MONA, &at.root, "Notes", "document", "# Notes");
    insta::assert_snapshot!(at.told(&["diff", "plan.txt"]), @"");
    insta::assert_snapshot!(at.told(&["diff", "plan.txt", "--from", "../x"]), @"");
    insta::assert_snapshot!(at.told(&["diff", "Notes"]), @"");
}

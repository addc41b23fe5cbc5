//! `watch`, `revisions`, `pin`, `diff`: what changes, and what was.

use super::{MONA, OTTO, Terminal};
use crate::world::drive::Fault;

#[test]
fn what_changes_in_a_folder_is_told_as_it_happens() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    let plan = at.world.file(MONA, &docs, "plan.txt", b"one");
    // Somebody is let in right after it was seen how everything is.
    at.world.plan_after("permissions.list", 1, Fault::MeanwhileShared(plan, OTTO.into(), "reader".into()));
    insta::assert_snapshot!(at.told(&["watch", "docs", "--every", "0", "--polls", "2"]), @"
    exit code 0
    -- stdout
    TIME  plan.txt (permissions) by mona
    -- stderr
    watching 2 files and folders; end with Ctrl-C
    ");
}

#[test]
fn what_comes_along_with_a_folder_that_moves_in_is_told_too() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    let plans = at.world.folder(MONA, &at.root, "plans");
    let deep = at.world.folder(MONA, &plans, "deep");
    at.world.file(MONA, &deep, "plan.txt", b"one");
    at.world.plan_after("permissions.list", 0, Fault::MeanwhileMoved(plans, docs));
    insta::assert_snapshot!(at.told(&["watch", "docs", "--every", "0", "--polls", "2"]), @"
    exit code 0
    -- stdout
    TIME  plans (added) by mona
    TIME  plans/deep (added) by mona
    TIME  plans/deep/plan.txt (added) by mona
    -- stderr
    watching 1 file or folder; end with Ctrl-C
    ");
}

#[test]
fn the_states_of_a_file_are_listed_kept_and_compared() {
    let at = Terminal::new();
    let plan = at.world.file(MONA, &at.root, "plan.txt", b"one\nsame\n");
    at.world.write(OTTO, &plan, b"two\nsame\n");
    insta::assert_snapshot!(at.told(&["revisions", "plan.txt"]), @"
    exit code 0
    -- stdout
    WHEN                  SIZE  BY                 ID
    TIME  9     mona@acme.example  0Byr9MYhkYKSvTIG8enr-5k3fcPiwq34BLMfnbzVeuDFoowGAWiy
    TIME  9     otto@acme.example  0BMMwCPweS6GpKc166CGUlPfTblI4iSoDEQvrz1wBQWLPPrEcxWd
    ");
    insta::assert_snapshot!(at.told(&["diff", "plan.txt"]), @"
    exit code 0
    -- stdout
    --- plan.txt@0Byr9MYhkYKSvTIG8enr-5k3fcPiwq34BLMfnbzVeuDFoowGAWiy TIME
    +++ plan.txt@0BMMwCPweS6GpKc166CGUlPfTblI4iSoDEQvrz1wBQWLPPrEcxWd TIME
    @@ -1,2 +1,2 @@
    -one
    +two
     same
    ");
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
    insta::assert_snapshot!(at.told(&["diff", "plan.txt"]), @"
    exit code 1
    -- stderr
    failed: there are not so many revisions
    hint: `automata drive revisions` lists them. Drive deletes those that are not pinned, 30 days after newer content came.
    ");
    insta::assert_snapshot!(at.told(&["diff", "plan.txt", "--from", "../x"]), @"
    exit code 2
    -- stderr
    error: `../x` is not the id of a revision: letters, digits, `-` and `_` only, at most 128 of them
    hint: `automata drive revisions` tells the ids.
    ");
    insta::assert_snapshot!(at.told(&["diff", "Notes"]), @"
    exit code 2
    -- stderr
    error: Drive hands out the earlier states of its own documents to browsers only
    hint: Open it and choose File, Version history. `automata drive export` fetches it as it is now.
    ");
}

//! `mkdir`, `mv`, `cp`, `rm`, `restore`: things are put in order, and nothing is made twice.

use super::{MONA, OTTO, Terminal};
use crate::world::drive::Fault;

#[test]
fn things_are_made_moved_copied_thrown_away_and_taken_back() {
    let at = Terminal::new();
    insta::assert_snapshot!(at.told(&["mkdir", "plans/2026/spring"]), @"
    exit code 0
    -- stdout
    1YyDSLf7j4Ivp4aXIMMRK1eytTCGmY-V8
    -- stderr
    `spring` was made.
    ");
    insta::assert_snapshot!(at.told(&["mkdir", "plans/2026"]), @"
    exit code 0
    -- stdout
    1MMwCPweS6GpKc166CGUlPfTblI4iSoDE
    -- stderr
    `2026` is there already.
    ");
    at.world.file(MONA, &at.root, "a.txt", b"x");
    at.run(&["mv", "a.txt", "plans/2026"]).well();
    at.run(&["mv", "plans/2026/a.txt", "plans/b.txt"]).well();
    at.run(&["cp", "plans/b.txt", "plans/2026"]).well();
    at.run(&["rm", "plans/2026/spring"]).well();
    assert_eq!(
        at.world.tree(&at.root),
        [
            "plans/",
            "plans/2026/",
            "plans/2026/b.txt 1 bytes",
            "plans/2026/spring/ (trashed)",
            "plans/b.txt 1 bytes"
        ]
    );
    insta::assert_snapshot!(at.told(&["restore", "plans/2026/spring"]), @"
    exit code 0
    -- stdout
    1YyDSLf7j4Ivp4aXIMMRK1eytTCGmY-V8
    -- stderr
    `spring` was taken out of the trash.
    ");
    insta::assert_snapshot!(at.told(&["rm", "/"]), @"
    exit code 2
    -- stderr
    error: `My Drive` is the topmost folder of a drive
    hint: Name what is in it.
    ");
    at.run(&["rm", "plans/2026", "--for-good"]).well();
    assert_eq!(at.world.tree(&at.root), ["plans/", "plans/b.txt 1 bytes"]);
}

#[test]
fn of_several_things_with_one_name_none_is_taken_until_its_id_is_named() {
    let at = Terminal::new();
    at.world.file(MONA, &at.root, "twin", b"1");
    let second = at.world.file(MONA, &at.root, "twin", b"22");
    insta::assert_snapshot!(at.told(&["rm", "twin"]), @"
    exit code 2
    -- stderr
    error: 2 things in one folder are called `twin`: id:1kLn7t2CggwTOZVPr6vIfUt-ziwKEUdME, id:1MMwCPweS6GpKc166CGUlPfTblI4iSoDE
    hint: Name the one that is meant by its id.
    ");
    at.run(&["rm", &format!("id:{second}")]).well();
    assert_eq!(at.world.tree(&at.root).iter().filter(|line| line.contains("trashed")).count(), 1);
    at.run(&["rm", "twin"]).well();
}

#[test]
fn nothing_goes_into_a_folder_under_a_name_that_something_else_has_there() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    let there = at.world.file(MONA, &docs, "a.txt", b"1");
    let sub = at.world.folder(MONA, &docs, "sub");
    at.world.file(MONA, &sub, "a.txt", b"2");
    let before = at.world.tree(&at.root);
    for command in [
        &["cp", "docs/a.txt", "docs"][..],
        &["mv", "docs/sub/a.txt", "docs"],
        &["cp", "docs/sub/a.txt", "docs", "--shortcut"],
    ] {
        assert_eq!(at.run(command).code, Some(2), "{command:?}");
    }
    insta::assert_snapshot!(at.run(&["mv", "docs/sub/a.txt", "docs"]).told_of(&[(&there, "THERE")]), @"
    exit code 2
    -- stderr
    error: `a.txt` is there already in `docs`
    hint: Write another name behind the folder, or put what is there (id:THERE) into the trash first.
    ");
    assert_eq!(at.world.tree(&at.root), before);
    // What is there already is there.
    at.run(&["mv", "docs/a.txt", "docs"]).well();
    at.run(&["mv", "docs/sub/a.txt", "docs/b.txt"]).well();
    assert_eq!(at.world.tree(&docs), ["a.txt 1 bytes", "b.txt 1 bytes", "sub/"]);
}

#[test]
fn an_answer_that_was_lost_makes_no_second_folder() {
    let at = Terminal::new();
    at.world.plan("files.create", Fault::LoseReply);
    at.run(&["mkdir", "once"]).well();
    at.world.plan("files.copy", Fault::LoseReply);
    at.world.file(MONA, &at.root, "a", b"x");
    at.run(&["cp", "a", "b"]).well();
    assert_eq!(at.world.tree(&at.root), ["a 1 bytes", "b 1 bytes", "once/"]);
}

#[test]
fn a_shortcut_leads_to_a_file_or_a_folder_and_is_made_once() {
    let at = Terminal::new();
    let plan = at.world.file(MONA, &at.root, "plan.txt", b"plan");
    at.world.folder(MONA, &at.root, "links");
    at.world.plan("files.create", Fault::LoseReply);
    at.run(&["cp", "plan.txt", "links", "--shortcut"]).well();
    at.run(&["cp", "links", "links/back", "--shortcut"]).well();
    insta::assert_snapshot!(at.run(&["ls", "links"]).told_of(&[(&plan, "PLAN")]), @"
    exit code 0
    -- stdout
    SIZE      CHANGED               ID                                 NAME
    shortcut  TIME  1_flX4lnZCwlv-oAkom9FzjoBBM_ek5Hv  back -> id:1MMwCPweS6GpKc166CGUlPfTblI4iSoDE
    shortcut  TIME  1kXBxmGhR62b2elsqBMP7ZGXceyBx-5Lr  plan.txt -> id:PLAN
    ");
    insta::assert_snapshot!(at.told(&["cp", "links", "copy"]), @"
    exit code 2
    -- stderr
    error: `links` is a folder, and Drive copies files only
    hint: Make a shortcut to it with --shortcut; or fetch it with `automata drive sync --down` and upload it again with `automata drive sync`.
    ");
}

#[test]
fn a_folder_in_the_trash_is_no_place_but_to_look_at_and_to_restore() {
    let at = Terminal::new();
    let docs = at.world.folder(MONA, &at.root, "docs");
    let file = at.world.file(MONA, &docs, "a.md", b"a");
    at.configure(&format!("folders: {{docs: {docs}}}"));
    at.world.file(MONA, &at.root, "x.md", b"x");
    at.write("w/a.md", b"a");
    at.write("b.md", b"b");
    at.world.trash(&docs);
    insta::assert_snapshot!(at.run(&["put", "b.md", "docs:"]).told_of(&[(&docs, "ID")]), @"
    exit code 1
    -- stderr
    failed: `docs` (id:ID) is in the trash
    hint: Take it out first: `automata drive restore`; what was put there with a folder above comes out with that.
    ");
    let in_it = format!("id:{file}");
    for arguments in [
        &["sync", "w", "docs:", "--down", "--delete"][..],
        &["sync", "w", "docs:"],
        &["mkdir", "docs:new"],
        &["mv", "x.md", "docs:"],
        &["cp", "x.md", "docs:"],
        &["ls", "docs:"],
        &["get", &in_it],
        &["share", &in_it, "--with", OTTO],
        &["watch", "docs:", "--polls", "0"],
    ] {
        let ran = at.run(arguments);
        assert!(
            ran.code == Some(1) && ran.stderr.contains("is in the trash"),
            "{arguments:?}: {}",
            ran.stderr
        );
    }
    assert!(at.path().join("w/a.md").is_file(), "nothing was taken away here");
    assert_eq!(at.world.tree(&docs), ["a.md 1 bytes"]);
    at.run(&["info", "docs:"]).well();
    assert!(at.run(&["ls", "--trashed", "docs:"]).well().stdout.contains("a.md"));
    at.run(&["restore", "docs:"]).well();
    at.run(&["put", "b.md", "docs:"]).well();
    at.world.trash(&docs);
    at.run(&["rm", "docs:", "--for-good"]).well();
    assert!(!at.world.exists(&docs));
}

#[test]
fn a_folder_that_is_not_for_the_account_to_see_is_not_taken_for_an_empty_one() {
    let at = Terminal::new();
    let team = at.world.make_drive("Team", &[(OTTO, "organizer"), (MONA, "writer")]);
    let docs = at.world.folder(OTTO, &team, "docs");
    let plans = at.world.folder(OTTO, &docs, "plans");
    at.world.file(OTTO, &plans, "a.md", b"a");
    at.world.shut_out(&plans, MONA);
    at.write("a.md", b"other");
    insta::assert_snapshot!(at.told(&["ls", "drive:Team/docs", "--recursive"]), @"
    exit code 0
    -- stdout
    SIZE    CHANGED               ID                                 NAME
    folder  TIME  1MMwCPweS6GpKc166CGUlPfTblI4iSoDE  plans/
    -- stderr
    warning: this account does not see what is in `plans`
    ");
    insta::assert_snapshot!(at.told(&["put", "a.md", "drive:Team/docs/plans"]), @"
    exit code 1
    -- stderr
    failed: this account does not see what is in `plans`
    hint: Access to the folder is limited to those who are named at it: let the account in there that `automata drive doctor` names.
    ");
    insta::assert_snapshot!(at.told(&["ls", "drive:Team/docs/plans"]), @"
    exit code 1
    -- stderr
    failed: this account does not see what is in `plans`
    hint: Access to the folder is limited to those who are named at it: let the account in there that `automata drive doctor` names.
    ");
    assert_eq!(at.world.named(&plans, "a.md").len(), 1);
}

//! Task kind `drive_organise`: what is to be done in Drive waits in the log while Drive is away, in order, and what
//! somebody changed meanwhile is found before anything is sent.

use super::drive_scene::{MONA, Scene, wait_until_it_hangs};
use crate::world::drive::Fault;

/// Tries of a call before it is given up.
const TRIES: usize = 5;

impl Scene {
    /// Drive answers none of the next calls of this sort.
    fn goes_away(&self, operation: &str) {
        (0..TRIES).for_each(|_| self.world.plan(operation, Fault::Html(503)));
    }
}

#[test]
fn things_are_put_in_order_through_the_log() {
    let scene = Scene::new();
    scene.world.file(MONA, &scene.docs, "a.txt", b"a");
    scene.run(&["drive", "mkdir", "docs:new/deep"]).well();
    scene.run(&["drive", "mv", "docs:a.txt", "docs:new/deep/b.txt"]).well();
    scene.run(&["drive", "cp", "docs:new/deep/b.txt", "docs:new"]).well();
    scene.run(&["drive", "mv", "docs:new/b.txt", "docs:new/c.txt"]).well();
    insta::assert_snapshot!(scene.run(&["drive", "rm", "docs:new/deep/b.txt"]).told(), @"
    exit code 0
    -- stdout
    1yr9MYhkYKSvTIG8enr-5k3fcPiwq34BL
    -- stderr
    `b.txt` is in the trash; `automata drive restore id:1yr9MYhkYKSvTIG8enr-5k3fcPiwq34BL` takes it out again.
    ");
    assert_eq!(
        scene.world.tree(&scene.docs),
        ["new/", "new/c.txt 1 bytes", "new/deep/", "new/deep/b.txt 1 bytes (trashed)"]
    );
    scene.run(&["drive", "restore", "docs:new/deep/b.txt"]).well();
    scene.run(&["drive", "rm", "docs:new/deep", "--for-good"]).well();
    assert_eq!(scene.world.tree(&scene.docs), ["new/", "new/c.txt 1 bytes"]);
    let tasks = scene.run(&["tasks", "list", "--status", "completed"]).well().stdout;
    assert_eq!(tasks.matches("drive_organise").count(), 7, "{tasks}");
}

#[test]
fn killed_after_it_was_made_and_before_that_was_known_nothing_is_made_twice() {
    for (command, operation) in [
        (["drive", "mkdir", "docs:new", "-v"], "files.create"),
        (["drive", "cp", "docs:a.txt", "docs:b.txt"], "files.copy"),
    ] {
        let scene = Scene::new();
        scene.world.file(MONA, &scene.docs, "a.txt", b"a");
        // It happened, its answer was lost, and the next question hangs.
        scene.world.plan(operation, Fault::LoseReply);
        scene.world.plan(operation, Fault::Hang);
        let mut child = scene.program(&command).begin();
        wait_until_it_hangs(&scene.world);
        child.kill().unwrap();
        child.wait().unwrap();
        scene.world.lists_lag();
        scene.drains();
        assert_eq!(scene.world.tree(&scene.docs).len(), 2, "{command:?}");
    }
}

#[test]
fn while_drive_is_away_what_is_asked_for_waits_in_order_and_what_was_seen_answers() {
    let scene = Scene::new();
    let file = scene.world.file(MONA, &scene.docs, "a.txt", b"a");
    scene.run(&["drive", "ls", "docs:"]).well();
    scene.goes_away("files.get");
    let away = scene.run(&["drive", "ls", "docs:"]);
    assert_eq!(away.code, Some(0), "{}", away.stderr);
    assert!(
        away.stdout.contains("a.txt")
            && away.stderr.contains("Drive cannot be reached; this is as it was seen"),
        "{}",
        away.told()
    );
    scene.goes_away("files.get");
    scene.goes_away("files.get");
    scene.goes_away("about.get");
    let waits = scene.run(&["drive", "mv", "docs:a.txt", "docs:b.txt"]);
    insta::assert_snapshot!(waits.told(), @"
    exit code 3
    -- stderr
    warning: Drive cannot be reached; this is as it was seen at TIME, less than a minute ago
    gave up for now: it is not done yet: Drive cannot be reached: Drive answered 503: Error 503
    hint: It is in the log as task ID1.1, and done by the next run that can; the same command again changes nothing about that.
    ");
    assert_eq!(waits.code, Some(3));
    // A second name for it cannot be meant while the first waits.
    scene.goes_away("files.get");
    insta::assert_snapshot!(scene.run(&["drive", "mv", &format!("id:{file}"), "docs:c.txt"]).told(), @"
    exit code 2
    -- stderr
    warning: Drive cannot be reached; this is as it was seen at TIME, less than a minute ago
    error: something else is to be done to it first: it is to be renamed otherwise (task ID1.1)
    hint: Let that be done, or call it off: automata tasks cancel ID1.1
    ");
    // Nothing is asked of Drive for a minute, and a command says so.
    insta::assert_snapshot!(scene.run(&["drive", "mkdir", "docs:new"]).told(), @"
    exit code 3
    -- stderr
    gave up for now: it is not done yet: Drive could not be reached, or asked for quiet, and is asked again at TIME
    hint: It is in the log as task ID1.1, and done by the next run that can; the same command again changes nothing about that.
    ");
    assert_eq!(scene.world.tree(&scene.docs), ["a.txt 1 bytes"]);
}

#[test]
fn what_somebody_changed_meanwhile_is_left_alone() {
    let scene = Scene::new();
    let (a, b) = (
        scene.world.file(MONA, &scene.docs, "a.txt", b"a"),
        scene.world.file(MONA, &scene.docs, "b.txt", b"b"),
    );
    let seen = |name: &str, content: &str| {
        format!(r#"{{"name": "{name}", "parent": "{}", "content": "{content}"}}"#, scene.docs)
    };
    let wants = |file: &str, action: &str, seen: &str| {
        let input = format!(r#"{{"file": "{file}", "action": {action}, "seen": {seen}}}"#);
        scene.run(&["tasks", "add", "drive_organise", "--input", &input]).well();
    };
    wants(&a, r#"{"do": "rename", "to": "new.txt"}"#, &seen("a.txt", "0cc175b9c0f1b6a831c399e269772661"));
    wants(&b, r#"{"do": "trash"}"#, &seen("b.txt", "92eb5ffee6ae2fec3ad71c777531578f"));
    scene.world.rename(&a, "theirs.txt");
    scene.world.write(MONA, &b, b"written since");
    scene.run(&["drain"]);
    assert_eq!(scene.world.tree(&scene.docs), ["b.txt 13 bytes", "theirs.txt 1 bytes"]);
    insta::assert_snapshot!(scene.run(&["tasks", "list", "--status", "failed"]).told(), @"
    exit code 0
    -- stdout
    STATUS  KIND            SUBJECT     ATTEMPTS  PRIORITY  TASK            DETAIL
    failed  drive_organise  repository  1/6       50        ID1.1  `1yr9MYhkYKSvTIG8enr-5k3fcPiwq34BL` is not as it was when this was asked for: it was renamed to `theirs.txt`
    failed  drive_organise  repository  1/6       50        ID2.1  `1YyDSLf7j4Ivp4aXIMMRK1eytTCGmY-V8` is not as it was when this was asked for: its content was changed
    ");
}

#[test]
fn what_is_asked_of_one_file_is_done_in_the_order_it_was_asked() {
    let scene = Scene::new();
    let file = scene.world.file(MONA, &scene.docs, "a.txt", b"a");
    let archive = scene.world.folder(MONA, &scene.docs, "archive");
    let input = |action: &str| format!(r#"{{"file": "{file}", "action": {action}}}"#);
    for (priority, action) in [
        ("10", r#"{"do": "rename", "to": "b.txt"}"#.to_owned()),
        ("90", format!(r#"{{"do": "move", "to": "{archive}"}}"#)),
        ("50", r#"{"do": "trash"}"#.to_owned()),
    ] {
        scene
            .run(&["tasks", "add", "drive_organise", "--priority", priority, "--input", &input(&action)])
            .well();
    }
    scene.run(&["drain"]).well();
    let changes: Vec<String> =
        scene.world.requests().into_iter().filter(|line| line.starts_with("PATCH")).collect();
    assert_eq!(changes.len(), 3, "{changes:#?}");
    assert!(
        changes[0].contains("b.txt") && changes[1].contains("addParents") && changes[2].contains("trashed"),
        "{changes:#?}"
    );
}

const OTTO: &str = "otto@acme.example";

#[test]
fn what_was_found_in_memory_is_compared_before_anything_is_sent() {
    let commands: [&[&str]; 9] = [
        &["rm", "docs:old.txt"],
        &["rm", "docs:old.txt", "--for-good"],
        &["mv", "docs:old.txt", "docs:new.txt"],
        &["mv", "docs:other.txt", "docs:archive"],
        &["cp", "docs:old.txt", "docs:new.txt"],
        &["cp", "docs:other.txt", "docs:archive", "--shortcut"],
        &["mkdir", "docs:archive/new"],
        &["share", "docs:old.txt", "--with", OTTO],
        &["transfer", "docs:old.txt", "--to", OTTO],
    ];
    // Each waits for as long as the tries take.
    std::thread::scope(|scope| {
        for command in commands {
            scope.spawn(move || {
                let scene = Scene::new();
                let old = scene.world.file(MONA, &scene.docs, "old.txt", b"old");
                scene.world.file(MONA, &scene.docs, "other.txt", b"other");
                let archive = scene.world.folder(MONA, &scene.docs, "archive");
                scene.run(&["drive", "ls", "docs:"]).well();
                // Somebody gives the names another meaning, and then lists fail where all else answers.
                scene.world.rename(&old, "IMPORTANT.txt");
                scene.world.rename(&archive, "public");
                let (before, grants) = (scene.world.tree(&scene.docs), scene.world.grants(&old));
                scene.goes_away("files.list");
                let ran = scene.run(&[&["drive"], command].concat());
                assert_eq!(ran.code, Some(1), "{command:?}: {}", ran.told());
                assert!(
                    ran.stderr.contains("is not as it was when this was asked for: it was renamed to"),
                    "{}",
                    ran.told()
                );
                assert_eq!(scene.world.tree(&scene.docs), before, "{command:?}");
                assert_eq!(scene.world.grants(&old), grants, "{command:?}");
            });
        }
        // Where nobody has changed anything it is done, and looked at again in Drive itself.
        scope.spawn(|| {
            let scene = Scene::new();
            scene.world.file(MONA, &scene.docs, "old.txt", b"old");
            scene.run(&["drive", "ls", "docs:"]).well();
            scene.goes_away("files.list");
            let ran = scene.run(&["drive", "rm", "docs:old.txt"]).well();
            assert!(!ran.stderr.contains("cannot be reached"), "{}", ran.told());
            assert_eq!(scene.world.tree(&scene.docs), ["old.txt 3 bytes (trashed)"]);
            // That there is nothing to do is for Drive itself to say.
            scene.run(&["drive", "mkdir", "docs:new"]).well();
            scene.run(&["drive", "ls", "docs:"]).well();
            let new = scene.world.named(&scene.docs, "new").remove(0);
            scene.world.rename(&new, "theirs");
            scene.goes_away("files.list");
            let ran = scene.run(&["drive", "mkdir", "docs:new"]);
            assert_eq!(ran.code, Some(3), "{}", ran.told());
        });
    });
}

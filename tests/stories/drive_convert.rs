//! Task kind `drive_put` with `convert` and `replace`: which document or file gets the content, and that none is made twice.

use super::drive_put::PART;
use super::drive_scene::{LARGE, MONA, Scene, wait_until_it_hangs};
use crate::world::drive::{Fault, SERVICE_ACCOUNT};

fn put(scene: &Scene, input: &str) -> String {
    scene.run(&["tasks", "add", "drive_put", "--input", input]).well().stdout.trim().to_owned()
}

/// What is sent to Drive from here on.
fn sent_by(scene: &Scene, work: impl FnOnce()) -> usize {
    scene.world.take_requests();
    work();
    scene.world.requests().iter().filter(|line| line.contains("/upload/")).count()
}

#[test]
fn a_file_becomes_a_document_which_gets_new_content_only_when_the_file_is_another() {
    let scene = Scene::new();
    let input = r#"{"file": "small.txt", "folder": "docs:", "name": "Notes", "replace": true, "convert": "document"}"#;
    put(&scene, input);
    scene.drains();
    assert_eq!(scene.world.tree(&scene.docs), ["Notes application/vnd.google-apps.document"]);
    let [notes] = &scene.world.named(&scene.docs, "Notes")[..] else { panic!("one document") };
    assert_eq!(scene.world.text(notes), "small");
    // What people write stays until the file is another; then the same document gets it.
    scene.world.write(MONA, notes, b"small, and a word of Mona's");
    let again = || {
        let task = put(&scene, input);
        scene.drains();
        task
    };
    assert_eq!(sent_by(&scene, || drop(again())), 0, "{:#?}", scene.world.requests());
    std::fs::write(scene.path().join("small.txt"), "larger").unwrap();
    again();
    assert_eq!(scene.world.text(notes), "larger");
    assert_eq!(scene.world.named(&scene.docs, "Notes").len(), 1);
    // Without `replace` each task makes another one.
    put(&scene, r#"{"file": "small.txt", "folder": "docs:", "name": "Notes", "convert": "document"}"#);
    scene.drains();
    assert_eq!(scene.world.named(&scene.docs, "Notes").len(), 2);
}

#[test]
fn a_file_goes_only_onto_what_takes_its_content() {
    let scene = Scene::new();
    let notes = scene.world.document(MONA, &scene.docs, "Notes", "document", "# Notes");
    scene.world.file(MONA, &scene.docs, "sums.csv", b"1,2");
    scene.world.folder(MONA, &scene.docs, "folder");
    scene.world.shortcut(MONA, &scene.docs, "way", &notes);
    for (name, convert) in [
        ("Notes", r#", "convert": "spreadsheet""#),
        ("Notes", ""),
        ("sums.csv", r#", "convert": "spreadsheet""#),
        ("folder", ""),
        ("folder", r#", "convert": "document""#),
        ("way", ""),
    ] {
        put(
            &scene,
            &format!(
                r#"{{"file": "small.txt", "folder": "docs:", "name": "{name}", "replace": true{convert}}}"#
            ),
        );
    }
    scene.run(&["drain"]);
    let failed = scene.run(&["tasks", "list", "--status", "failed"]).told();
    insta::assert_snapshot!(failed, @"
    exit code 0
    -- stdout
    STATUS  KIND       SUBJECT     ATTEMPTS  PRIORITY  TASK            DETAIL
    failed  drive_put  repository  1/6       50        ID1.1  `Notes` is there, and no spreadsheet
    failed  drive_put  repository  1/6       50        ID2.1  `Notes` is a Google document there, which holds no bytes to write over
    failed  drive_put  repository  1/6       50        ID3.1  `sums.csv` is there, and no spreadsheet
    failed  drive_put  repository  1/6       50        ID4.1  `folder` is a folder there
    failed  drive_put  repository  1/6       50        ID5.1  `folder` is a folder there
    failed  drive_put  repository  1/6       50        ID6.1  `way` is a shortcut there, which holds no bytes to write over
    ");
    assert!(!scene.world.requests().iter().any(|line| line.contains("/upload/")));
    put(&scene, r#"{"file": "small.txt", "folder": "docs:", "convert": "presentation"}"#);
    scene.drains();
    let wrong = r#"{"file": "small.txt", "folder": "docs:", "convert": "slides"}"#;
    let ran = scene.run(&["tasks", "add", "drive_put", "--input", wrong]);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(ran.stderr, @r#"
    error: --input, `convert`: unknown variant `slides`, expected one of `document`, `spreadsheet`, `presentation`
    hint: `drive_put` tasks take, for example: {"file": "dist/report.pdf", "folder": "docs:reports"}
    "#);
}

#[test]
fn killed_after_it_was_converted_and_before_that_was_known_there_is_one_document() {
    for name in ["small.txt", "large.txt"] {
        let scene = Scene::new();
        std::fs::write(scene.path().join("large.txt"), vec![b'x'; LARGE]).unwrap();
        let task = put(
            &scene,
            &format!(r#"{{"file": "{name}", "folder": "docs:", "name": "Notes", "convert": "document"}}"#),
        );
        let parts = if name == "small.txt" { 1 } else { LARGE.div_ceil(PART) };
        // Lists tell nothing of it; the session of the upload does.
        scene.world.lists_lag();
        scene.world.plan_after("upload.chunk", u32::try_from(parts - 1).unwrap(), Fault::LoseReply);
        scene.world.plan_after("upload.status", 1, Fault::Hang);
        let mut child = scene.program(&["drain"]).begin();
        wait_until_it_hangs(&scene.world);
        child.kill().unwrap();
        child.wait().unwrap();
        scene.drains();
        let [notes] = &scene.world.named(&scene.docs, "Notes")[..] else { panic!("one document: {name}") };
        assert_eq!(
            scene.world.text(notes).len(),
            std::fs::metadata(scene.path().join(name)).unwrap().len() as usize
        );
        assert_eq!(scene.world.sent_again(), 0);
        assert!(scene.status(&task).contains("completed"));
    }
}

#[test]
fn where_no_session_can_be_kept_the_mark_on_the_document_tells_that_it_is_there() {
    let mut scene = Scene::new();
    let team = scene.world.make_drive("Team", &[(MONA, "organizer"), (SERVICE_ACCOUNT, "fileOrganizer")]);
    // Two runs share no secret here that could close the session's address.
    scene.credentials = scene.world.external_account_json(Some(SERVICE_ACCOUNT));
    let task = put(
        &scene,
        &format!(r#"{{"file": "small.txt", "folder": "id:{team}", "name": "Notes", "convert": "document"}}"#),
    );
    scene.world.plan("upload.chunk", Fault::LoseReply);
    scene.world.plan_after("upload.status", 1, Fault::Hang);
    let mut child = scene.program(&["drain"]).begin();
    wait_until_it_hangs(&scene.world);
    child.kill().unwrap();
    child.wait().unwrap();
    scene.drains();
    assert_eq!(scene.world.named(&team, "Notes").len(), 1);
    assert!(scene.status(&task).contains("completed"));
}

#[test]
fn a_file_that_goes_while_it_gets_new_content_is_made_anew() {
    for convert in ["", r#", "convert": "document""#] {
        let scene = Scene::new();
        let input = format!(
            r#"{{"file": "small.txt", "folder": "docs:", "name": "Notes", "replace": true{convert}}}"#
        );
        put(&scene, &input);
        scene.drains();
        std::fs::write(scene.path().join("small.txt"), "another").unwrap();
        let task = put(&scene, &input);
        scene.world.plan("files.update.multipart", Fault::Reason(404, "notFound"));
        scene.run(&["drain"]);
        scene.world.trash(&scene.world.named(&scene.docs, "Notes")[0]);
        scene.run(&["tasks", "retry", &task]).well();
        scene.drains();
        let live: Vec<String> = scene
            .world
            .named(&scene.docs, "Notes")
            .into_iter()
            .filter(|id| !scene.world.is_trashed(id))
            .collect();
        assert_eq!(live.len(), 1, "{}", scene.status(&task));
        assert!(scene.status(&task).contains("completed"));
    }
}

#[test]
fn an_upload_into_what_was_thrown_away_meanwhile_is_not_gone_on_with() {
    for convert in ["", r#", "convert": "document""#] {
        let scene = Scene::new();
        std::fs::write(scene.path().join("large.txt"), vec![b'x'; LARGE]).unwrap();
        let old = if convert.is_empty() {
            scene.world.file(MONA, &scene.docs, "Notes", b"old")
        } else {
            scene.world.document(MONA, &scene.docs, "Notes", "document", "old")
        };
        let input = format!(
            r#"{{"file": "large.txt", "folder": "docs:", "name": "Notes", "replace": true{convert}}}"#
        );
        let task = put(&scene, &input);
        scene.world.plan_after("upload.chunk", 2, Fault::Hang);
        let mut child = scene.program(&["drain"]).begin();
        wait_until_it_hangs(&scene.world);
        child.kill().unwrap();
        child.wait().unwrap();
        scene.world.trash(&old);
        scene.drains();
        let is_live = |id: &&String| !scene.world.is_trashed(id);
        let there = scene.world.named(&scene.docs, "Notes");
        let [live] = &there.iter().filter(is_live).collect::<Vec<_>>()[..] else { panic!("{there:?}") };
        assert_eq!(scene.world.content(live).len() + scene.world.text(live).len(), LARGE);
        assert_eq!(scene.world.content(&old).len() + scene.world.text(&old).len(), 3);
        assert!(scene.status(&task).contains("completed"));
    }
}

//! Task kind `drive_put`: a file goes up once, and what Drive has is not sent again, whoever is killed when.

use super::drive_scene::{LARGE, Scene, wait_until_it_hangs};
use crate::world::drive::Fault;

/// Bytes of a part: the smallest that Google takes.
const PART: usize = 256 * 1024;

#[test]
fn a_file_is_put_into_its_folder_and_the_log_says_where_it_lies() {
    let scene = Scene::new();
    let task = scene.wants("small.txt");
    scene.drains();
    assert_eq!(scene.world.tree(&scene.docs), ["small.txt 5 bytes"]);
    let shown = scene.status(&task);
    assert!(shown.contains("completed") && shown.contains("small.txt"), "{shown}");
}

#[test]
fn a_lost_answer_makes_no_second_file() {
    let scene = Scene::new();
    scene.wants("small.txt");
    scene.world.plan("files.create.multipart", Fault::LoseReply);
    scene.drains();
    assert_eq!(scene.world.tree(&scene.docs), ["small.txt 5 bytes"]);
}

#[test]
fn killed_between_any_two_parts_it_goes_on_and_sends_nothing_again() {
    let parts = LARGE.div_ceil(PART);
    for sent in [0, 1, 2, parts / 2, parts - 1] {
        let scene = Scene::new();
        let task = scene.wants("large.bin");
        scene.world.plan_after("upload.chunk", u32::try_from(sent).unwrap(), Fault::Hang);
        let mut child = scene.program(&["drain"]).begin();
        wait_until_it_hangs(&scene.world);
        child.kill().unwrap();
        child.wait().unwrap();
        scene.drains();
        let [id] = &scene.world.named(&scene.docs, "large.bin")[..] else { panic!("one file") };
        assert!(scene.world.content(id) == std::fs::read(scene.path().join("large.bin")).unwrap());
        assert_eq!(scene.world.sent_again(), 0, "after {sent} parts");
        // What was hung up on had not been taken; all else came once.
        assert_eq!(scene.world.received(), LARGE as u64, "after {sent} parts");
        let begun = scene
            .world
            .requests()
            .iter()
            .filter(|line| {
                line.contains("uploadType=resumable fields")
                    || (line.starts_with("POST /upload") && line.contains("uploadType=resumable"))
            })
            .count();
        assert_eq!(begun, 1, "one session: {:#?}", scene.world.requests());
        let log = scene.run(&["log", "-n", "0", "--format", "json"]).well().stdout;
        assert!(!log.contains("upload_id"), "whoever reads the log cannot write the file");
        assert!(scene.status(&task).contains("completed"));
    }
}

#[test]
fn what_cannot_work_is_given_up_with_the_way_out() {
    let scene = Scene::new();
    // What a pull request can bring along.
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("secret.txt"), "not for everybody").unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), scene.path().join("linked")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("secret.txt"), scene.path().join("link.txt")).unwrap();
    for (file, folder) in [
        ("linked/secret.txt", "docs:"),
        ("link.txt", "docs:"),
        ("../secret", "docs:"),
        ("nowhere.txt", "docs:"),
        ("small.txt", "docs:nowhere"),
        ("small.txt", "id:.."),
    ] {
        let input = format!(r#"{{"file": "{file}", "folder": "{folder}"}}"#);
        scene.run(&["tasks", "add", "drive_put", "--input", &input]).well();
    }
    scene.run(&["drain"]);
    let failed = scene.run(&["tasks", "list", "--status", "failed"]).told();
    insta::assert_snapshot!(failed, @"
    exit code 0
    -- stdout
    STATUS  KIND       SUBJECT     ATTEMPTS  PRIORITY  TASK            DETAIL
    failed  drive_put  repository  1/6       50        ID1.1  `linked/secret.txt` leads through a link
    failed  drive_put  repository  1/6       50        ID2.1  `link.txt` is no file
    failed  drive_put  repository  1/6       50        ID3.1  `../secret` leads out of the working copy
    failed  drive_put  repository  1/6       50        ID4.1  `nowhere.txt` cannot be read: No such file or directory (os error 2)
    failed  drive_put  repository  1/6       50        ID5.1  there is no folder `nowhere` in `docs`
    failed  drive_put  repository  1/6       50        ID6.1  `id:..` names no place in Drive: ids have letters, digits, `-` and `_` only
    ");
    assert_eq!(scene.world.tree(&scene.docs), [""; 0]);
}

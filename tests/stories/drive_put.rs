//! Task kind `drive_put`: a file goes up once, and what Drive has is not sent again, whoever is killed when.

use std::sync::Arc;

use automata::app::Session;
use automata::domain::allowance::DriveUsed;
use automata::domain::command::Command;
use automata::domain::id::RunId;
use automata::services::clock::{Clock, SystemClock};
use automata::services::entropy::Entropy;
use automata::services::git::local_remote::LocalRemote;
use automata::services::state::{GitLog, Settings};

use super::drive_scene::{LARGE, MONA, Scene, wait_until_it_hangs};
use crate::world::drive::{Fault, SERVICE_ACCOUNT};

/// Bytes of a part: the smallest that Google takes.
pub(super) const PART: usize = 256 * 1024;

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

#[test]
fn that_nobody_has_storage_for_it_is_found_before_anything_is_sent() {
    let mut scene = Scene::new();
    scene.world.share(&scene.docs, "user", SERVICE_ACCOUNT, "writer");
    scene.credentials = scene.world.authorized_user_json(SERVICE_ACCOUNT);
    let task = scene.wants("small.txt");
    scene.run(&["drain"]);
    let shown = scene.status(&task);
    assert!(
        shown.contains("owns no storage") && shown.contains("Choose a folder in a shared drive"),
        "{shown}"
    );
    let sent = |line: &String| line.contains("upload") || line.contains("generateIds");
    assert!(!scene.world.requests().iter().any(sent), "{:#?}", scene.world.requests());
}

#[test]
fn a_file_that_changed_after_its_upload_came_through_is_sent_as_it_is_now() {
    for large in [false, true] {
        let scene = Scene::new();
        let name = if large { "large.bin" } else { "small.txt" };
        let call = if large { "upload.chunk" } else { "files.create.multipart" };
        let parts = if large { LARGE.div_ceil(PART) - 1 } else { 0 };
        let task = scene.wants(name);
        // It came through, and the run died before it heard of that.
        scene.world.plan_after(call, u32::try_from(parts).unwrap(), Fault::LoseReply);
        // Then it asks how that went.
        scene.world.plan_after(if large { "upload.status" } else { "files.get" }, 1, Fault::Hang);
        let mut child = scene.program(&["drain"]).begin();
        wait_until_it_hangs(&scene.world);
        child.kill().unwrap();
        child.wait().unwrap();
        let now: Vec<u8> = if large { vec![7; LARGE + 3] } else { b"rebuilt".to_vec() };
        std::fs::write(scene.path().join(name), &now).unwrap();
        scene.drains();
        let [id] = &scene.world.named(&scene.docs, name)[..] else { panic!("one file") };
        assert!(scene.world.content(id) == now, "{name}");
        assert!(scene.status(&task).contains("completed"));
    }
}

#[test]
fn put_again_and_again_it_stays_one_file_and_what_is_the_same_is_not_sent() {
    let scene = Scene::new();
    let again = || {
        let input = r#"{"file": "small.txt", "folder": "docs:", "replace": true}"#;
        let task =
            scene.run(&["tasks", "add", "drive_put", "--input", input]).well().stdout.trim().to_owned();
        scene.drains();
        task
    };
    // What somebody made by hand is taken for it, and so is our own before any list shows it.
    let by_hand = scene.world.file(MONA, &scene.docs, "small.txt", b"by hand");
    again();
    assert_eq!(scene.world.content(&by_hand), b"small");
    scene.world.delete(&by_hand);
    scene.world.lists_lag();
    again();
    std::fs::write(scene.path().join("small.txt"), "the next day").unwrap();
    again();
    scene.world.take_requests();
    again();
    assert!(
        !scene.world.requests().iter().any(|line| line.contains("upload")),
        "{:#?}",
        scene.world.requests()
    );
    scene.world.lists_catch_up();
    let [id] = &scene.world.named(&scene.docs, "small.txt")[..] else { panic!("one file") };
    assert_eq!((scene.world.content(id), scene.world.revisions(id)), (b"the next day".to_vec(), 2));
    // Without it there is another one of the name, and of several none is taken.
    scene.world.file(MONA, &scene.docs, "other.txt", b"x");
    scene.world.file(MONA, &scene.docs, "other.txt", b"y");
    std::fs::write(scene.path().join("other.txt"), "z").unwrap();
    let input = r#"{"file": "other.txt", "folder": "docs:", "replace": true}"#;
    let task = scene.run(&["tasks", "add", "drive_put", "--input", input]).well().stdout.trim().to_owned();
    scene.run(&["drain"]);
    assert!(
        scene.status(&task).contains("several files are called `other.txt` there"),
        "{}",
        scene.status(&task)
    );
}

#[test]
fn what_a_command_sends_counts_in_the_log_unless_it_is_left_out() {
    let scene = Scene::new();
    let used = || {
        let log = scene.run(&["log", "-n", "0", "--format", "json"]).well().stdout;
        let lines = log.lines().filter(|line| line.contains("drive.used"));
        lines.map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<serde_json::Value>>()
    };
    scene.run(&["drive", "put", "small.txt", "docs:", "--unrecorded"]).well();
    assert_eq!(used(), [serde_json::Value::Null; 0]);
    scene.run(&["drive", "put", "large.bin", "docs:"]).well();
    let [event] = &used()[..] else { panic!("one event: {:#?}", used()) };
    assert_eq!((&event["data"]["action"], &event["data"]["bytes"]), (&"put".into(), &LARGE.into()));
    assert_eq!(event["actor"]["login"], "mona");
    assert!(event["data"]["units"].as_u64().unwrap() > 21 * 50, "{event}");
    std::fs::create_dir(scene.path().join("guides")).unwrap();
    std::fs::write(scene.path().join("guides/a.txt"), "a").unwrap();
    scene.run(&["drive", "sync", "guides", "docs:"]).well();
    assert_eq!(used()[1]["data"]["bytes"], 1);
    // A look that nobody else can feel costs no push.
    scene.run(&["drive", "sync", "guides", "docs:"]).well();
    scene.run(&["drive", "sync", "guides", "docs:", "--dry-run"]).well();
    assert_eq!(used().len(), 2);
    let shown = scene.run(&["log", "-n", "0"]).well().stdout;
    assert!(shown.contains("`automata drive put` sent 5242980 bytes up and used"), "{shown}");
}

/// A command of somebody's sent so much today.
fn sent(scene: &Scene, bytes: u64) {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let remote = LocalRemote::open(&scene.path().join("repository.git"), Arc::clone(&clock)).unwrap();
    let settings = Settings::on(Settings::DEFAULT_BRANCH).unwrap();
    let log = Arc::new(GitLog::new(Arc::new(remote), settings).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let entropy = Arc::new(Entropy::seeded(7));
        let session = Session::open(log, clock, entropy, RunId::new("1.1")).await.unwrap();
        let used = DriveUsed { action: "put".to_owned(), bytes, ..DriveUsed::default() };
        session.submit(Command::CountDrive(used)).unwrap();
        session.flush().await.unwrap();
    });
}

#[test]
fn by_hand_too_no_more_is_sent_than_drive_takes_in_a_day() {
    let scene = Scene::new();
    sent(&scene, 749_999_999_998);
    let ran = scene.run(&["drive", "put", "small.txt", "docs:"]);
    assert_eq!(ran.code, Some(3), "it may be run again: {}", ran.stderr);
    let told = "5 bytes are more than Drive takes of one account in a day, with what was sent already";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert!(ran.stderr.contains("Nothing was sent. Run it again at "), "{}", ran.stderr);
    assert_eq!(scene.world.named(&scene.docs, "small.txt"), [""; 0]);
    // What still fits is sent, and whoever knows better may.
    std::fs::write(scene.path().join("tiny.txt"), "ok").unwrap();
    scene.run(&["drive", "put", "tiny.txt", "docs:"]).well();
    scene.run(&["drive", "put", "small.txt", "docs:", "--unrecorded"]).well();
    assert_eq!(scene.world.named(&scene.docs, "small.txt").len(), 1);
}

#[test]
fn what_is_wrong_with_credentials_is_told_to_the_task_that_needs_them() {
    let scene = Scene::new();
    let told = |credentials: &str| {
        let task = scene.wants("small.txt");
        scene.program(&["drain"]).set("GOOGLE_CREDENTIALS", credentials).run();
        let shown = scene.status(&task);
        shown.lines().find(|line| line.starts_with("failure")).unwrap_or_default().to_owned()
    };
    insta::assert_snapshot!(told(r#"{"type": "service_account"}"#), @"failure   the credentials in GOOGLE_CREDENTIALS cannot be used: the credentials lack `private_key` (drive_bad_credentials)");
    insta::assert_snapshot!(told("/nowhere/key.json"), @"failure   the credentials in GOOGLE_CREDENTIALS cannot be used: they are neither JSON nor the path of a file that is there (drive_bad_credentials)");
    insta::assert_snapshot!(told(""), @"failure   there are no credentials for Google Drive (no_drive)");
    assert_eq!(scene.world.requests(), [""; 0]);
}

//! Lines that are slow or break off again and again: as long as content moves there is another try, and what moved is
//! kept.

use automata::services::drive::google;
use automata::services::drive::transfer::Bytes;
use automata::services::drive::{Content, Drive, Reason, UploadEnd, UploadTarget, Wanted};
use automata::services::http;

use super::stage::{GRAIN, Stage, bytes};
use crate::world::drive::Fault;

fn content(bytes: Vec<u8>) -> Content {
    Content { mime: "image/png".into(), bytes: Bytes::Memory(bytes) }
}

#[test]
fn the_time_that_content_takes_to_be_sent_is_no_silence() {
    let settings = google::http_settings(&http::Settings::default());
    assert_eq!((settings.silence, settings.follow_redirects), (None, false));
}

#[tokio::test]
async fn an_upload_goes_on_as_long_as_each_try_brings_it_further() {
    let stage = Stage::new().await;
    let sent = content(bytes(4 * GRAIN));
    let new = stage.new_file("big.png").await;
    let session = stage.drive.begin_upload(&UploadTarget::New(new), &sent).await.unwrap();
    for _ in 0..9 {
        stage.world.plan("upload.chunk", Fault::KeepOnlyThenFail(90_000));
    }
    let end = stage.drive.continue_upload(&session, &sent, &()).await.unwrap();
    let UploadEnd::Done(made) = end else { panic!("{end:?}") };
    assert!(stage.world.content(&made.file().id.to_string()) == bytes(4 * GRAIN));
    assert_eq!(stage.world.sent_again(), 0);
}

#[tokio::test]
async fn an_upload_that_comes_no_further_is_given_up() {
    let stage = Stage::new().await;
    let sent = content(bytes(4 * GRAIN));
    let new = stage.new_file("big.png").await;
    let session = stage.drive.begin_upload(&UploadTarget::New(new), &sent).await.unwrap();
    for _ in 0..5 {
        stage.world.plan("upload.chunk", Fault::KeepOnlyThenFail(0));
    }
    let error = stage.drive.continue_upload(&session, &sent, &()).await.unwrap_err();
    assert_eq!(error.reason, Reason::Unavailable);
}

#[tokio::test]
async fn content_that_stands_still_is_sent_again_and_no_other_wait_is_that_short() {
    let stage = Stage::new().await;
    let hasty = stage.hasty().await;
    let sent = content(bytes(2 * GRAIN));
    let new = stage.new_file("big.png").await;
    let session = hasty.begin_upload(&UploadTarget::New(new), &sent).await.unwrap();
    stage.world.plan_after("upload.chunk", 1, Fault::Hang);
    let end = hasty.continue_upload(&session, &sent, &()).await.unwrap();
    assert!(matches!(end, UploadEnd::Done(_)), "{end:?}");
    let folder = tempfile::tempdir().unwrap();
    let file = stage.has("a.bin", &bytes(1_000));
    stage.world.plan("files.get.media", Fault::Hang);
    hasty.download(&file, &Wanted::default(), &folder.path().join("a.bin"), &()).await.unwrap();
}

#[tokio::test]
async fn a_download_keeps_what_came_of_a_part_and_goes_on_from_there() {
    let stage = Stage::new().await;
    let file = stage.has("a.bin", &bytes(GRAIN));
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("a.bin");
    for _ in 0..8 {
        stage.world.plan("files.get.media", Fault::CutContent(30_000));
    }
    stage.drive.download(&file, &Wanted::default(), &to, &()).await.unwrap();
    assert!(std::fs::read(&to).unwrap() == bytes(GRAIN));
}

#[tokio::test]
async fn a_download_that_was_given_up_in_a_part_goes_on_in_it_another_time() {
    let stage = Stage::new().await;
    let file = stage.has("a.bin", &bytes(2 * GRAIN));
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("a.bin");
    stage.world.plan("files.get.media", Fault::CutContent(50_000));
    for _ in 0..4 {
        stage.world.plan("files.get.media", Fault::Reason(503, "backendError"));
    }
    let error = stage.drive.download(&file, &Wanted::default(), &to, &()).await.unwrap_err();
    assert_eq!(error.reason, Reason::Unavailable);
    let got = stage.drive.download(&file, &Wanted::default(), &to, &()).await.unwrap();
    assert_eq!(got.resumed_at, 50_000);
    assert!(std::fs::read(&to).unwrap() == bytes(2 * GRAIN));
}

#[cfg(unix)]
#[tokio::test]
async fn who_may_run_what_is_written_over_stays_and_a_refusal_leaves_nothing() {
    use std::os::unix::fs::PermissionsExt as _;

    let stage = Stage::new().await;
    let file = stage.has("a.sh", b"new");
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("a.sh");
    std::fs::write(&to, b"old").unwrap();
    std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o755)).unwrap();
    stage.world.plan("files.get.media", Fault::Reason(403, "downloadQuotaExceeded"));
    stage.drive.download(&file, &Wanted::default(), &to, &()).await.unwrap_err();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    stage.drive.download(&file, &Wanted::default(), &to, &()).await.unwrap();
    let mode = std::fs::metadata(&to).unwrap().permissions().mode() & 0o777;
    assert_eq!((std::fs::read(&to).unwrap(), mode), (b"new".to_vec(), 0o755));
}

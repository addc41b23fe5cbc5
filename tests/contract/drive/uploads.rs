//! Content on its way up: whatever goes wrong, one file, the right bytes, and none sent again that Drive has.

use std::sync::atomic::{AtomicU64, Ordering};

use automata::services::drive::transfer::Bytes;
use automata::services::drive::{
    Content, Created, Drive, File, FileUpdate, NewFile, Progress, Reason, UploadEnd, UploadSession,
    UploadTarget,
};
use automata::services::secrets::Secret;

use super::stage::{GRAIN, Stage, bytes};
use crate::world::drive::Fault;

fn content(bytes: Vec<u8>) -> Content {
    Content { mime: "image/png".into(), bytes: Bytes::Memory(bytes) }
}

/// Stops when so many bytes are safe.
struct StopAt(u64);

impl Progress for StopAt {
    fn at(&self, done: u64, _: u64) -> bool {
        done < self.0
    }
}

/// Remembers how far it came.
#[derive(Default)]
struct Watching(AtomicU64);

impl Progress for Watching {
    fn at(&self, done: u64, total: u64) -> bool {
        assert!(self.0.swap(done, Ordering::Relaxed) <= done && done <= total);
        true
    }
}

fn file(end: UploadEnd) -> File {
    match end {
        UploadEnd::Done(made) => made.file(),
        other => panic!("{other:?}"),
    }
}

async fn begun(stage: &Stage, content: &Content) -> (NewFile, UploadSession) {
    let new = stage.new_file("big.png").await;
    let session = stage.drive.begin_upload(&UploadTarget::New(new.clone()), content).await.unwrap();
    (new, session)
}

#[tokio::test]
async fn a_small_file_goes_up_in_one_request_and_once() {
    let stage = Stage::new().await;
    let new = stage.new_file("a.png").await;
    stage.world.plan("files.create.multipart", Fault::LoseReply);
    let sent = content(b"\r\n--automata\r\n".to_vec());
    let made = stage.drive.upload_at_once(&UploadTarget::New(new), &sent).await.unwrap();
    assert!(matches!(made, Created::Before(_)));
    let made = made.file();
    assert_eq!(
        (made.mime.as_str(), stage.world.content(&made.id.to_string())),
        ("image/png", b"\r\n--automata\r\n".to_vec())
    );
    assert_eq!(stage.tree(), ["a.png 14 bytes"]);
    let target = UploadTarget::Content(made.id.clone(), FileUpdate::default());
    stage.drive.upload_at_once(&target, &content(b"new".to_vec())).await.unwrap();
    assert_eq!(stage.world.content(&made.id.to_string()), b"new");
    let too_much = stage.drive.upload_at_once(&target, &content(vec![0; 6 << 20])).await.unwrap_err();
    assert_eq!(too_much.reason, Reason::TooLarge);
}

#[tokio::test]
async fn every_fault_on_the_way_is_gone_through() {
    for fault in [
        Fault::Reason(503, "backendError"),
        Fault::LoseRequest,
        Fault::LoseReply,
        Fault::KeepOnly(100_000),
        Fault::KeepOnlyThenFail(100_000),
        Fault::Html(502),
        Fault::Reasons(403, &["forbidden", "userRateLimitExceeded"]),
        Fault::RetryAfter { status: 429, reason: "rateLimitExceeded", seconds: 3 },
    ] {
        for after in [0, 1, 3] {
            let stage = Stage::new().await;
            let sent = content(bytes(3 * GRAIN + 77_777));
            let (new, session) = begun(&stage, &sent).await;
            stage.world.plan_after("upload.chunk", after, fault.clone());
            let watching = Watching::default();
            let made = file(stage.drive.continue_upload(&session, &sent, &watching).await.unwrap());
            assert_eq!(Some(&made.id), new.id.as_ref());
            // Whatever was kept is not sent again.
            let needed = (3 * GRAIN + 77_777) as u64 + stage.world.not_kept();
            assert_eq!(stage.world.received(), needed, "{fault:?} after {after}");
            assert_eq!(
                stage.world.content(&made.id.to_string()),
                bytes(3 * GRAIN + 77_777),
                "{fault:?} {after}"
            );
            assert_eq!(stage.world.sent_again(), 0, "{fault:?} {after}");
            assert_eq!(stage.tree().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_drive_that_forgets_is_believed() {
    let stage = Stage::new().await;
    let sent = content(bytes(2 * GRAIN));
    let (_, session) = begun(&stage, &sent).await;
    stage.world.plan_after("upload.chunk", 1, Fault::ForgetBytes);
    let made = file(stage.drive.continue_upload(&session, &sent, &()).await.unwrap());
    assert_eq!(stage.world.content(&made.id.to_string()), bytes(2 * GRAIN));
}

#[tokio::test]
async fn another_process_goes_on_where_one_was_killed() {
    for parts in 0..4 {
        let stage = Stage::new().await;
        let total = 3 * GRAIN + 5;
        let sent = content(bytes(total));
        let (_, session) = begun(&stage, &sent).await;
        let stop = StopAt((parts * GRAIN) as u64);
        let stopped = stage.drive.continue_upload(&session, &sent, &stop).await.unwrap();
        assert_eq!(stopped, UploadEnd::Stopped { sent: stop.0 });
        let other = stage.another().await;
        let made = file(other.continue_upload(&session, &sent, &()).await.unwrap());
        assert_eq!(stage.world.content(&made.id.to_string()), bytes(total));
        assert_eq!((stage.world.received(), stage.world.sent_again()), (total as u64, 0));
        // A third one comes too late, and finds the file.
        let late = file(stage.another().await.continue_upload(&session, &sent, &()).await.unwrap());
        assert_eq!(late.id, made.id);
        assert_eq!(stage.tree().len(), 1);
    }
}

#[tokio::test]
async fn a_session_that_is_gone_is_begun_again_unless_the_file_is_there() {
    let stage = Stage::new().await;
    let sent = content(bytes(2 * GRAIN));
    let (new, session) = begun(&stage, &sent).await;
    stage.world.plan_after("upload.chunk", 1, Fault::ForgetSession);
    assert_eq!(stage.drive.continue_upload(&session, &sent, &()).await.unwrap(), UploadEnd::Expired);
    let second = stage.drive.begin_upload(&UploadTarget::New(new), &sent).await.unwrap();
    let made = file(stage.drive.continue_upload(&second, &sent, &()).await.unwrap());
    // The first one's address leads nowhere, and its file is there.
    let end = stage.drive.continue_upload(&session, &sent, &()).await.unwrap();
    assert!(matches!(&end, UploadEnd::Done(made) if matches!(**made, Created::Before(_))));
    assert_eq!(file(end).id, made.id);
    assert_eq!(stage.tree().len(), 1);
}

#[tokio::test]
async fn a_token_that_ends_in_the_middle_is_replaced() {
    let stage = Stage::new().await;
    let mona = stage.with(&stage.world.authorized_user_json(super::stage::MONA), None).await.unwrap();
    let sent = content(bytes(2 * GRAIN));
    let (_, session) = begun(&stage, &sent).await;
    stage.world.plan_after("upload.chunk", 1, Fault::Reason(401, "authError"));
    file(mona.continue_upload(&session, &sent, &()).await.unwrap());
    assert_eq!(stage.world.sent_again(), 0);
}

#[tokio::test]
async fn nothing_is_a_file_too() {
    let stage = Stage::new().await;
    let sent = content(Vec::new());
    let (_, session) = begun(&stage, &sent).await;
    let made = file(stage.drive.continue_upload(&session, &sent, &()).await.unwrap());
    assert_eq!(made.size, Some(0));
}

#[tokio::test]
async fn new_content_of_a_file_keeps_its_id() {
    let stage = Stage::new().await;
    let old = stage.has("a.txt", b"old");
    let local = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(local.path(), bytes(GRAIN + 1)).unwrap();
    let sent = Content { mime: "text/plain".into(), bytes: Bytes::File(local.path().to_owned()) };
    let target = UploadTarget::Content(old.clone(), FileUpdate::rename("b.txt"));
    let session = stage.drive.begin_upload(&target, &sent).await.unwrap();
    let made = file(stage.drive.continue_upload(&session, &sent, &()).await.unwrap());
    assert_eq!((made.id, made.name.as_str()), (old.clone(), "b.txt"));
    assert_eq!(stage.world.revisions(&old.to_string()), 2);
    std::fs::write(local.path(), b"shorter").unwrap();
    let session = stage.drive.begin_upload(&target, &sent).await.unwrap();
    std::fs::write(local.path(), b"another").unwrap();
    std::fs::write(local.path(), b"longer than that").unwrap();
    let error = stage.drive.continue_upload(&session, &sent, &()).await.unwrap_err();
    assert_eq!(error.reason, Reason::LocalFile);
}

#[tokio::test]
async fn an_address_of_a_session_is_never_shown_and_never_elsewhere() {
    let stage = Stage::new().await;
    let sent = content(bytes(10));
    let (_, session) = begun(&stage, &sent).await;
    assert!(!format!("{session:?}").contains("upload_id"));
    stage.world.plan("upload.status", Fault::LoseRequest);
    for _ in 0..4 {
        stage.world.plan("upload.status", Fault::LoseRequest);
    }
    let error = stage.drive.continue_upload(&session, &sent, &()).await.unwrap_err();
    assert!(!format!("{error:?} {error}").contains("upload_id"));
    let elsewhere = UploadSession { address: Secret::new("https://evil.example/upload"), ..session };
    let error = stage.drive.continue_upload(&elsewhere, &sent, &()).await.unwrap_err();
    assert_eq!(error.reason, Reason::Nonsense);
}

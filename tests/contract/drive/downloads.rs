//! Content on its way down: in parts, resumed, checked; and documents in other formats.

use std::path::{Path, PathBuf};
use std::sync::Mutex;

use automata::services::drive::{Drive, Progress, Reason, Verification, Wanted};

use super::stage::{GRAIN, MONA, OTTO, Stage, bytes, id};
use crate::world::drive::Fault;

/// Stops when so many bytes are safe.
struct StopAt(u64);

impl Progress for StopAt {
    fn at(&self, done: u64, _: u64) -> bool {
        done < self.0
    }
}

/// All that it hears.
#[derive(Default)]
struct Heard(Mutex<Vec<u64>>);

impl Progress for Heard {
    fn at(&self, done: u64, _: u64) -> bool {
        self.0.lock().unwrap().push(done);
        true
    }
}

fn parts_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_some_and(|end| end == "part")).collect()
}

#[tokio::test]
async fn a_file_comes_down_in_parts_some_at_a_time_and_is_checked() {
    let stage = Stage::new().await;
    let file = stage.has("a.bin", &bytes(4 * GRAIN + 9));
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("a.bin");
    let heard = Heard::default();
    let wanted = Wanted { at_once: 3, ..Wanted::default() };
    let got = stage.drive.download(&file, &wanted, &to, &heard).await.unwrap();
    assert_eq!((got.size, got.resumed_at, got.verified), ((4 * GRAIN + 9) as u64, 0, Verification::Sha256));
    assert_eq!(std::fs::read(&to).unwrap(), bytes(4 * GRAIN + 9));
    assert_eq!(heard.0.lock().unwrap().len(), 6);
    assert!(parts_in(folder.path()).is_empty());
}

#[tokio::test]
async fn a_download_that_stopped_goes_on_in_another_process() {
    let stage = Stage::new().await;
    let file = stage.has("a.bin", &bytes(3 * GRAIN));
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("a.bin");
    let stopped =
        stage.drive.download(&file, &Wanted::default(), &to, &StopAt(GRAIN as u64)).await.unwrap_err();
    assert_eq!((stopped.reason, to.exists()), (Reason::Stopped, false));
    stage.world.plan("files.get.media", Fault::CutContent(1_000));
    stage.world.plan("files.get.media", Fault::Reason(503, "backendError"));
    let got = stage.another().await.download(&file, &Wanted::default(), &to, &()).await.unwrap();
    assert_eq!(got.resumed_at, GRAIN as u64);
    assert_eq!(std::fs::read(&to).unwrap(), bytes(3 * GRAIN));
}

#[tokio::test]
async fn parts_of_two_states_never_meet() {
    let stage = Stage::new().await;
    let file = stage.has("a.bin", &bytes(2 * GRAIN));
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("a.bin");
    stage.drive.download(&file, &Wanted::default(), &to, &StopAt(GRAIN as u64)).await.unwrap_err();
    let other: Vec<u8> = bytes(2 * GRAIN).into_iter().rev().collect();
    stage.world.write(MONA, &file.to_string(), &other);
    let got = stage.drive.download(&file, &Wanted::default(), &to, &()).await.unwrap();
    assert_eq!((got.resumed_at, std::fs::read(&to).unwrap()), (0, other));
}

#[tokio::test]
async fn what_comes_damaged_is_thrown_away() {
    let stage = Stage::new().await;
    let file = stage.has("a.bin", &bytes(1_000));
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("a.bin");
    stage.world.plan("files.get.media", Fault::Damage);
    let error = stage.drive.download(&file, &Wanted::default(), &to, &()).await.unwrap_err();
    assert_eq!((error.reason, error.may_pass()), (Reason::ChecksumMismatch, true));
    assert!(!to.exists() && parts_in(folder.path()).is_empty());
    stage.world.forget_sha(&file.to_string());
    let got = stage.drive.download(&file, &Wanted::default(), &to, &()).await.unwrap();
    assert_eq!(got.verified, Verification::Md5);
}

#[tokio::test]
async fn small_and_empty_files_are_read_into_memory() {
    let stage = Stage::new().await;
    let (small, empty) = (stage.has("a", b"hello"), stage.has("b", b""));
    assert_eq!(stage.drive.read(&small, 5).await.unwrap(), b"hello");
    assert_eq!(stage.drive.read(&empty, 5).await.unwrap(), b"");
    stage.world.take_requests();
    assert_eq!(stage.drive.read(&small, 4).await.unwrap_err().reason, Reason::TooLarge);
    assert_eq!(stage.world.requests().len(), 1, "its size is known before its bytes are fetched");
}

#[tokio::test]
async fn an_earlier_state_can_be_fetched() {
    let stage = Stage::new().await;
    let file = stage.has("a", b"one");
    stage.world.write(MONA, &file.to_string(), b"two!");
    let revisions = stage.drive.revisions(&file).await.unwrap();
    assert_eq!(revisions.len(), 2);
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("a");
    let wanted = Wanted { revision: Some(revisions[0].id.clone()), ..Wanted::default() };
    let got = stage.drive.download(&file, &wanted, &to, &()).await.unwrap();
    assert_eq!((std::fs::read(&to).unwrap(), got.verified), (b"one".to_vec(), Verification::Md5));
    let kept = stage.drive.keep_revision(&file, &revisions[0].id, true).await.unwrap();
    assert!(kept.kept && stage.drive.revision(&file, &kept.id).await.unwrap().kept);
}

#[tokio::test]
async fn malware_is_fetched_only_by_who_says_so() {
    let stage = Stage::new().await;
    let file = stage.has("a", b"virus");
    stage.world.call_abusive(&file.to_string());
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("a");
    let error = stage.drive.download(&file, &Wanted::default(), &to, &()).await.unwrap_err();
    assert_eq!(error.reason, Reason::Abusive);
    let wanted = Wanted { accept_abuse: true, ..Wanted::default() };
    stage.drive.download(&file, &wanted, &to, &()).await.unwrap();
}

#[tokio::test]
async fn a_document_is_exported_and_not_downloaded() {
    let stage = Stage::new().await;
    let root = stage.world.root_of(MONA);
    let document = id(&stage.world.document(MONA, &root, "Plan", "document", "# Plan"));
    let error = stage.drive.read(&document, 10).await.unwrap_err();
    assert_eq!(error.reason, Reason::NotDownloadable);
    let text = stage.drive.export(&document, "text/markdown").await.unwrap();
    assert!(String::from_utf8(text).unwrap().contains("Plan"));
    stage.world.plan("files.export", Fault::Reason(403, "exportSizeLimitExceeded"));
    let error = stage.drive.export(&document, "application/pdf").await.unwrap_err();
    assert!(error.hint.unwrap().contains("10 MB"));
    // What is too large meets trouble without a word for it, too.
    for _ in 0..5 {
        stage.world.plan("files.export", Fault::Reason(500, "internalError"));
    }
    let error = stage.drive.export(&document, "application/pdf").await.unwrap_err();
    assert!(error.may_pass() && error.hint.unwrap().contains("10 MB"));
    let file = id(&stage.world.file(OTTO, &stage.world.root_of(OTTO), "x", b"x"));
    assert!(stage.drive.export(&file, "text/plain").await.unwrap_err().is_missing());
}

//! What happened, by the feed of each corpus.

use automata::services::drive::{Change, Changed, Corpus, Drive, DriveId};

use super::stage::{MONA, OTTO, Stage, id};

fn told(changes: &[Change]) -> String {
    let line = |change: &Change| match &change.what {
        Changed::File(file) if file.trashed => format!("{} (in the trash)", file.name),
        Changed::File(file) => file.name.clone(),
        Changed::FileGone(_) => "a file is gone".to_owned(),
        Changed::Drive(drive) => format!("drive {}", drive.name),
        Changed::DriveGone(_) => "a drive is gone".to_owned(),
    };
    changes.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_feed_tells_what_changed_since_a_token_and_gives_the_next() {
    let stage = Stage::new().await;
    let start = stage.drive.change_start(&Corpus::User).await.unwrap();
    let quiet = stage.drive.changes(&Corpus::User, &start).await.unwrap();
    assert!(quiet.changes.is_empty() && !quiet.more);
    let (kept, trashed, gone) =
        (stage.has("kept", b"k"), stage.has("trashed", b"t"), stage.has("gone", b"g"));
    stage.world.rename(&kept.to_string(), "renamed");
    stage.world.trash(&trashed.to_string());
    stage.world.delete(&gone.to_string());
    let page = stage.drive.changes(&Corpus::User, &quiet.next).await.unwrap();
    insta::assert_snapshot!(told(&page.changes), @"
    renamed
    trashed (in the trash)
    a file is gone
    ");
    assert!(page.changes.iter().all(|change| change.at.is_some()));
    let after = stage.drive.changes(&Corpus::User, &page.next).await.unwrap();
    assert!(after.changes.is_empty(), "nothing is told twice");
}

#[tokio::test]
async fn a_shared_drive_has_its_own_feed_and_lost_access_is_a_change() {
    let stage = Stage::new().await;
    let drive = stage.world.make_drive("Acme", &[(OTTO, "organizer"), (MONA, "reader")]);
    let corpus = Corpus::Drive(DriveId::parse(&drive).unwrap());
    let start = stage.drive.change_start(&corpus).await.unwrap();
    stage.world.file(OTTO, &drive, "report", b"r");
    let page = stage.drive.changes(&corpus, &start).await.unwrap();
    insta::assert_snapshot!(told(&page.changes), @"report");

    let theirs = id(&stage.world.file(OTTO, &stage.world.root_of(OTTO), "theirs", b"x"));
    stage.world.share(&theirs.to_string(), "user", MONA, "reader");
    let start = stage.drive.change_start(&Corpus::User).await.unwrap();
    stage.world.unshare(&theirs.to_string(), MONA);
    let page = stage.drive.changes(&Corpus::User, &start).await.unwrap();
    insta::assert_snapshot!(told(&page.changes), @"a file is gone");
    assert_eq!(page.changes[0].what, Changed::FileGone(theirs));
}

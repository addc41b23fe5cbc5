//! Files and folders: made once, found by typed terms, moved, put away.

use automata::services::drive::{
    Created, Drive, FileId, FileUpdate, Listing, NewFile, Order, PageToken, Query, Reason, Term,
};

use super::stage::{MONA, OTTO, Stage, id};
use crate::world::drive::Fault;

async fn names(drive: &impl Drive, listing: &Listing) -> Vec<String> {
    let (mut names, mut page) = (Vec::new(), None::<PageToken>);
    loop {
        let found = drive.list(listing, page.as_ref()).await.unwrap();
        names.extend(found.items.into_iter().map(|file| file.name));
        page = found.next;
        if page.is_none() {
            return names;
        }
    }
}

#[tokio::test]
async fn a_folder_whose_answer_was_lost_is_made_once() {
    let stage = Stage::new().await;
    let ids = stage.drive.generate_ids(1).await.unwrap();
    let folder = NewFile::folder(ids[0].clone(), "reports", stage.root());
    stage.world.plan("files.create", Fault::LoseReply);
    let made = stage.drive.create(&folder).await.unwrap();
    assert!(matches!(made, Created::Before(_)), "{made:?}");
    let again = stage.drive.create(&folder).await.unwrap();
    assert_eq!(again.file().id, ids[0]);
    assert_eq!(stage.tree(), ["reports/"]);
}

#[tokio::test]
async fn what_is_made_without_an_id_is_not_made_again_blindly() {
    let stage = Stage::new().await;
    stage.world.plan("files.create", Fault::LoseReply);
    let note = NewFile { name: Some("note".into()), parent: Some(stage.root()), ..NewFile::default() };
    let error = stage.drive.create(&note).await.unwrap_err();
    assert_eq!(error.reason, Reason::Unreachable);
    assert_eq!(stage.tree().len(), 1);
}

#[tokio::test]
async fn a_shortcut_a_copy_and_a_move() {
    let stage = Stage::new().await;
    let file = stage.has("plan.txt", b"plan");
    let folder = id(&stage.world.folder(MONA, &stage.world.root_of(MONA), "docs"));
    let shortcut = stage.drive.generate_shortcut_id().await.unwrap();
    let shortcut = NewFile::shortcut(shortcut, "to the plan", folder.clone(), file.clone());
    let shortcut = stage.drive.create(&shortcut).await.unwrap().file();
    assert_eq!(shortcut.shortcut_to.as_ref(), Some(&file));
    let copy = NewFile { parent: Some(folder.clone()), ..stage.new_file("copy.txt").await };
    stage.world.plan("files.copy", Fault::LoseReply);
    stage.drive.copy(&file, &copy).await.unwrap();
    let moved = FileUpdate {
        name: Some("old plan.txt".into()),
        ..FileUpdate::move_to(Some(stage.root()), folder.clone())
    };
    let moved = stage.drive.update(&file, &moved).await.unwrap();
    assert_eq!(moved.parent, Some(folder.clone()));
    // Done again, after its answer was lost in another run, it comes to the same.
    let again = stage.drive.update(&file, &FileUpdate::move_to(Some(folder.clone()), folder)).await.unwrap();
    assert_eq!(again.parent, moved.parent);
    insta::assert_snapshot!(stage.tree().join("\n"), @"
    docs/
    docs/copy.txt 4 bytes
    docs/old plan.txt 4 bytes
    docs/to the plan -> old plan.txt
    ");
}

#[tokio::test]
async fn into_the_trash_and_out_and_away() {
    let stage = Stage::new().await;
    let file = stage.has("a.txt", b"a");
    assert!(stage.drive.update(&file, &FileUpdate::trash(true)).await.unwrap().trashed);
    assert!(!stage.drive.update(&file, &FileUpdate::trash(false)).await.unwrap().trashed);
    stage.world.plan("files.delete", Fault::LoseReply);
    stage.drive.delete(&file).await.unwrap();
    stage.drive.delete(&file).await.unwrap();
    assert_eq!(stage.tree(), [""; 0]);
    assert_eq!(stage.drive.delete(&FileId::root()).await.unwrap_err().reason, Reason::BadRequest);
}

#[tokio::test]
async fn our_own_properties_are_written_found_and_cleared() {
    let stage = Stage::new().await;
    let mut new = stage.new_file("a.txt").await;
    new.app_properties.insert("automata".into(), "it's/1".into());
    let made = stage.drive.create(&new).await.unwrap().file();
    let ours = Listing::of(Query::all([Term::AppProperty("automata".into(), "it's/1".into())]), None);
    assert_eq!(names(&stage.drive, &ours).await, ["a.txt"]);
    let mut update = FileUpdate::default();
    update.app_properties.insert("automata".into(), None);
    let cleared = stage.drive.update(&made.id, &update).await.unwrap();
    assert!(!cleared.app_properties.contains_key("automata"), "{cleared:?}");
    assert_eq!(names(&stage.drive, &ours).await, [""; 0]);
}

#[tokio::test]
async fn a_list_comes_in_pages_and_names_are_exact() {
    let stage = Stage::new().await;
    for place in 0..7 {
        stage.has(&format!("{place}.txt"), b"x");
    }
    let listing = Listing {
        page_size: Some(3),
        order: Order::Name,
        ..Listing::of(Query::children(stage.root()), None)
    };
    let all = names(&stage.drive, &listing).await;
    assert_eq!(all.join(" "), "0.txt 1.txt 2.txt 3.txt 4.txt 5.txt 6.txt");
    assert_eq!(stage.world.count("GET /drive/v3/files?"), 3);
    stage.has("Draft", b"x");
    stage.has("draft", b"x");
    let draft = Listing::of(Query::child(stage.root(), "draft", false), None);
    assert_eq!(names(&stage.drive, &draft).await, ["draft"], "Drive finds both");
}

#[tokio::test]
async fn a_name_that_looks_like_a_query_is_only_a_name() {
    let stage = Stage::new().await;
    let trick = r"x' or name contains 'a\";
    stage.has("passwords", b"x");
    stage.has(trick, b"x");
    let listing = Listing::of(Query::child(stage.root(), trick, false), None);
    assert_eq!(names(&stage.drive, &listing).await, [trick]);
}

#[tokio::test]
async fn what_is_in_a_shared_drive_is_worked_with_like_the_rest() {
    let stage = Stage::new().await;
    let drive = stage.world.make_drive("Acme", &[(OTTO, "organizer"), (MONA, "fileOrganizer")]);
    stage.world.file(OTTO, &drive, "theirs.txt", b"t");
    let shared = stage.drive.shared_drives().await.unwrap();
    assert_eq!(shared.len(), 1);
    assert!(shared[0].can_add && shared[0].name == "Acme");
    assert_eq!(stage.drive.shared_drive(&shared[0].id).await.unwrap(), shared[0]);
    let top = shared[0].id.folder();
    let new = NewFile { parent: Some(top.clone()), ..stage.new_file("ours.txt").await };
    let made = stage.drive.create(&new).await.unwrap().file();
    assert_eq!(made.drive.as_ref(), Some(&shared[0].id));
    assert!(made.owners.is_empty());
    let listing =
        Listing { order: Order::Name, ..Listing::of(Query::children(top), Some(shared[0].id.clone())) };
    assert_eq!(names(&stage.drive, &listing).await, ["ours.txt", "theirs.txt"]);
    let everywhere =
        Listing { everywhere: true, ..Listing::of(Query::all([Term::NameIs("ours.txt".into())]), None) };
    assert_eq!(names(&stage.drive, &everywhere).await, ["ours.txt"]);
    stage.drive.update(&made.id, &FileUpdate::trash(true)).await.unwrap();
    assert!(stage.world.is_trashed(&made.id.to_string()));
}

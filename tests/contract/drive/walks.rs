//! Many lists as one: trees of folders, and paths of names.

use automata::services::drive::walk::{self, Led, Tree};
use automata::services::drive::{Drive, FileId, Reason};

use super::stage::{MONA, OTTO, Stage, id};

fn told(tree: &Tree) -> String {
    tree.entries.iter().map(|placed| placed.path.join("/")).collect::<Vec<_>>().join("\n")
}

fn path(names: &str) -> Vec<String> {
    names.split('/').map(ToOwned::to_owned).collect()
}

#[tokio::test]
async fn a_tree_is_listed_folder_by_folder_without_what_is_in_the_trash() {
    let stage = Stage::new().await;
    let root = stage.world.root_of(MONA);
    let docs = stage.world.folder(MONA, &root, "docs");
    let deep = stage.world.folder(MONA, &docs, "deep");
    stage.world.file(MONA, &deep, "c.txt", b"c");
    stage.world.file(MONA, &docs, "b.txt", b"b");
    let old = stage.world.file(MONA, &docs, "old.txt", b"o");
    stage.world.trash(&old);
    stage.world.shortcut(MONA, &docs, "round and round", &root);
    let top = stage.drive.file(&FileId::root()).await.unwrap();
    let tree = walk::tree(&stage.drive, &top, 1_000, false).await.unwrap();
    insta::assert_snapshot!(told(&tree), @"
    docs
    docs/b.txt
    docs/deep
    docs/deep/c.txt
    docs/round and round
    ");
    assert!(!tree.incomplete);
    assert_eq!(stage.world.count("GET /drive/v3/files?"), 3);
    let cut = walk::tree(&stage.drive, &top, 2, false).await.unwrap();
    assert!(cut.incomplete && cut.entries.len() == 2);
}

#[tokio::test]
async fn a_whole_shared_drive_costs_one_list() {
    let stage = Stage::new().await;
    let drive = stage.world.make_drive("Acme", &[(OTTO, "organizer"), (MONA, "reader")]);
    for folder in ["a", "b", "c"] {
        let folder = stage.world.folder(OTTO, &drive, folder);
        stage.world.file(OTTO, &folder, "x.txt", b"x");
    }
    let top = stage.drive.file(&id(&drive)).await.unwrap();
    let tree = walk::tree(&stage.drive, &top, 1_000, false).await.unwrap();
    insta::assert_snapshot!(told(&tree), @"
    a
    a/x.txt
    b
    b/x.txt
    c
    c/x.txt
    ");
    assert_eq!(stage.world.count("GET /drive/v3/files?"), 1);
}

#[tokio::test]
async fn a_path_leads_to_one_thing_or_says_where_it_does_not() {
    let stage = Stage::new().await;
    let root = stage.world.root_of(MONA);
    let docs = stage.world.folder(MONA, &root, "docs");
    let plan = stage.world.file(MONA, &docs, "plan.txt", b"p");
    let top = stage.drive.file(&FileId::root()).await.unwrap();
    let follow = async |names: &str| walk::follow(&stage.drive, &top, &path(names)).await.unwrap();
    assert!(matches!(follow("docs/plan.txt").await, Led::To(file) if file.id == id(&plan)));
    assert!(matches!(follow("docs/new/x").await, Led::Missing { at: 1, last } if last.id == id(&docs)));
    assert!(matches!(follow("docs/plan.txt/x").await, Led::Missing { at: 1, .. }), "a file holds nothing");
    stage.world.file(MONA, &docs, "plan.txt", b"another");
    assert!(matches!(follow("docs/plan.txt").await, Led::Several { at: 1, files } if files.len() == 2));
    let theirs = stage.drive.file(&id(&stage.world.root_of(OTTO))).await.unwrap_err();
    assert_eq!(theirs.reason, Reason::NotFound);
}

#[tokio::test]
async fn what_is_in_a_folder_that_is_not_for_us_to_see_is_not_taken_for_nothing() {
    let stage = Stage::new().await;
    let team = stage.world.make_drive("Acme", &[(OTTO, "organizer"), (MONA, "writer")]);
    let docs = stage.world.folder(OTTO, &team, "docs");
    let plans = stage.world.folder(OTTO, &docs, "plans");
    stage.world.file(OTTO, &plans, "a.md", b"a");
    stage.world.file(OTTO, &docs, "b.md", b"b");
    stage.world.shut_out(&plans, MONA);
    let seen = stage.drive.file(&id(&plans)).await.unwrap();
    for top in [&team, &docs] {
        let top = stage.drive.file(&id(top)).await.unwrap();
        let tree = walk::tree(&stage.drive, &top, 1_000, false).await.unwrap();
        assert!(!told(&tree).contains("a.md"), "{}", told(&tree));
        assert!(tree.incomplete && !tree.cut, "{tree:#?}");
        assert_eq!(tree.unlisted.last().and_then(|path| path.last()).map(String::as_str), Some("plans"));
    }
    let tree = walk::tree(&stage.drive, &seen, 1_000, false).await.unwrap();
    assert!(tree.incomplete && tree.unlisted == [Vec::<String>::new()], "{tree:#?}");
    let refused = [
        walk::children(&stage.drive, &seen, 10, false).await.unwrap_err(),
        walk::follow(&stage.drive, &seen, &path("a.md")).await.unwrap_err(),
    ];
    for error in refused {
        assert_eq!(error.reason, Reason::Unlistable);
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"this account does not see what is in `plans`");
        }
    }
}

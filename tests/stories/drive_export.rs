//! Task kind `drive_export`: a document is kept in another format in one file, and costs nothing while it does not change.

use std::time::Duration;

use super::drive_scene::{MONA, Scene, wait_until_it_hangs};
use crate::world::documents::{Documents, OTTO};
use crate::world::drive::Fault;

/// A PDF of the plan, kept in one file.
const NIGHTLY: &str = r#"{"document": "docs:Plan", "as": "pdf", "to": "docs:", "replace": true}"#;

fn add(scene: &Scene, input: &str) -> String {
    scene.run(&["tasks", "add", "drive_export", "--input", input]).well().stdout.trim().to_owned()
}

fn exports(scene: &Scene) -> usize {
    scene.world.requests().iter().filter(|line| line.contains("/export")).count()
}

fn uploads(scene: &Scene) -> usize {
    scene.world.requests().iter().filter(|line| line.contains("/upload/")).count()
}

#[test]
fn a_nightly_copy_stays_one_file_and_an_unchanged_document_is_not_exported() {
    let scene = Scene::new();
    let plan = scene.world.document(MONA, &scene.docs, "Plan", "document", "One.");
    let nightly = || {
        scene.world.take_requests();
        let task = add(&scene, NIGHTLY);
        scene.drains();
        task
    };
    // What is new is not in lists for a while.
    scene.world.lists_lag();
    nightly();
    assert_eq!((exports(&scene), uploads(&scene)), (1, 1));
    let [copy] = &scene.world.named(&scene.docs, "Plan.pdf")[..] else { panic!("one file") };
    assert_eq!(scene.world.content(copy), b"%PDF-1.1\nOne.");
    // A PDF of the same document is other bytes each time, so that it is the document which is compared.
    let task = nightly();
    assert_eq!((exports(&scene), uploads(&scene)), (0, 0), "{:#?}", scene.world.requests());
    assert!(scene.status(&task).contains("`Plan` has not changed since `Plan.pdf` was made of it"));
    // By the next night they show what changed.
    scene.world.lists_catch_up();
    scene.world.write(MONA, &plan, b"Two.");
    nightly();
    assert_eq!((exports(&scene), uploads(&scene)), (1, 1));
    assert_eq!(scene.world.content(copy), b"%PDF-1.2\nTwo.");
    // What somebody made of the copy is made anew, and what they threw away too.
    scene.world.write(MONA, copy, b"scribbled over");
    nightly();
    assert_eq!(scene.world.content(copy), b"%PDF-1.3\nTwo.");
    assert_eq!(scene.world.named(&scene.docs, "Plan.pdf").len(), 1);
    scene.world.trash(copy);
    nightly();
    assert_eq!(scene.world.named(&scene.docs, "Plan.pdf").len(), 2);
    // Another format is another file; text that is the same is not sent again.
    let text = r#"{"document": "docs:Plan", "as": "md", "to": "docs:", "name": "plan", "replace": true}"#;
    scene.world.lists_catch_up();
    let by_hand = scene.world.file(MONA, &scene.docs, "plan", b"Two.");
    scene.world.take_requests();
    add(&scene, text);
    scene.drains();
    assert_eq!((exports(&scene), uploads(&scene)), (1, 0), "{:#?}", scene.world.requests());
    assert_eq!(scene.world.revisions(&by_hand), 1);
    add(&scene, text);
    scene.drains();
    assert_eq!(exports(&scene), 1);
}

#[test]
fn killed_after_it_went_up_and_before_that_was_known_there_is_one_copy() {
    for (replace, changes) in [(false, false), (true, false), (false, true)] {
        let scene = Scene::new();
        let plan = scene.world.document(MONA, &scene.docs, "Plan", "document", "One.");
        let task = add(&scene, &NIGHTLY.replace("true", if replace { "true" } else { "false" }));
        scene.world.plan("files.create.multipart", Fault::LoseReply);
        // It hears that there is one of that id, and dies while it asks which.
        scene.world.plan_after("files.get", 2, Fault::Hang);
        let mut child = scene.program(&["drain"]).begin();
        wait_until_it_hangs(&scene.world);
        child.kill().unwrap();
        child.wait().unwrap();
        if changes {
            scene.world.write(MONA, &plan, b"Two.");
        }
        scene.world.take_requests();
        scene.drains();
        let [copy] = &scene.world.named(&scene.docs, "Plan.pdf")[..] else { panic!("one file") };
        let (content, again) =
            if changes { (&b"%PDF-1.2\nTwo."[..], 1) } else { (&b"%PDF-1.1\nOne."[..], 0) };
        assert_eq!((scene.world.content(copy), exports(&scene)), (content.to_vec(), again));
        assert!(scene.status(&task).contains("completed"));
    }
}

#[test]
fn what_cannot_be_exported_is_given_up_with_the_way_out_and_nothing_is_announced() {
    let scene = Scene::new();
    scene.world.document(MONA, &scene.docs, "Plan", "document", "One.");
    scene.world.file(MONA, &scene.docs, "logo.png", b"png");
    let large = "x".repeat(11 << 20);
    scene.world.document(MONA, &scene.docs, "Large", "document", &large);
    for name in ["Twice", "Twice"] {
        scene.world.document(MONA, &scene.docs, name, "document", "x");
    }
    for name in ["Plan.docx", "Plan.docx"] {
        scene.world.file(MONA, &scene.docs, name, b"x");
    }
    scene.world.folder(MONA, &scene.docs, "Plan.html");
    let gone = scene.world.document(MONA, &scene.docs, "Gone", "document", "x");
    scene.world.trash(&gone);
    let locked = scene.world.document(
        super::drive_scene::OTHER,
        &scene.world.root_of(super::drive_scene::OTHER),
        "Locked",
        "document",
        "x",
    );
    scene.world.share(&locked, "user", MONA, "reader");
    scene.world.forbid_fetching(&locked);
    let asked = [
        ("docs:logo.png", "pdf", "docs:"),
        ("docs:", "pdf", "docs:"),
        ("docs:Plan", "csv", "docs:"),
        ("docs:Large", "pdf", "docs:"),
        ("docs:Twice", "pdf", "docs:"),
        ("docs:Plan", "docx", "docs:"),
        ("docs:Plan", "html", "docs:"),
        ("docs:nowhere", "pdf", "docs:"),
        ("docs:Plan", "pdf", "docs:nowhere"),
        (&format!("id:{gone}"), "pdf", "docs:"),
        (&format!("id:{locked}"), "pdf", "docs:"),
    ];
    let tasks = asked.map(|(document, format, to)| {
        add(
            &scene,
            &format!(r#"{{"document": "{document}", "as": "{format}", "to": "{to}", "replace": true}}"#),
        )
    });
    scene.run(&["drain"]);
    let told: Vec<String> = tasks
        .iter()
        .map(|task| {
            let shown = scene.status(task);
            let of = |key: &str| {
                shown.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default().trim().to_owned()
            };
            format!("{}\n  {}", of("failure"), of("hint"))
        })
        .collect();
    insta::assert_snapshot!(told.join("\n").replace(&gone, "GONE"), @"
    `logo.png` is no Google document, but text/plain (bad_document)
      What has bytes of its own is copied as it is: `automata drive cp`.
    `docs` is a folder (bad_document)
      Name one of the documents in it.
    `Plan` is a Google document, and does not become csv (bad_document)
      There are md, txt, html, pdf, docx and odt: name one with `as`.
    `Large` is not exported: Drive refused: This file is too large to be exported (drive_export_too_large)
      Drive exports at most 10 MB: split the document, or choose a smaller format such as text/plain.
    several things are called `Twice` (bad_place)
      Name it by its id.
    several files are called `Plan.docx` there (drive_several)
      Remove or rename all but the one that is to get new content, by their ids.
    `Plan.html` is a folder there (drive_in_the_way)
      Take another `name`.
    there is no `nowhere` in `docs` (bad_place)
      Look with `automata drive ls`; what was put there by hand may take a while to be found by its name: by its id it is at once.
    there is no folder `nowhere` in `docs` (bad_place)
      Make it with `automata drive mkdir`.
    `Gone` (id:GONE) is in the trash (drive_in_trash)
      Take it out first: `automata drive restore`; what was put there with a folder above comes out with that.
    this account may not fetch `Locked` (drive_download_forbidden)
      The owner has turned off downloading, printing and copying for those who only read.
    ");
    let log = scene.run(&["log", "-n", "0", "--format", "json"]).well().stdout;
    assert!(!log.contains("effect.intended"), "{log}");
    assert_eq!(uploads(&scene), 0);
}

#[test]
fn two_documents_of_one_name_take_no_turns_in_one_copy() {
    let scene = Scene::new();
    let below = scene.world.folder(MONA, &scene.docs, "below");
    scene.world.document(MONA, &scene.docs, "Plan", "document", "One.");
    scene.world.document(MONA, &below, "Plan", "document", "Other.");
    add(&scene, NIGHTLY);
    scene.drains();
    let other = add(&scene, &NIGHTLY.replace("docs:Plan", "docs:below/Plan"));
    scene.run(&["drain"]);
    assert!(scene.status(&other).contains("`Plan.pdf` there is the copy of another document"));
    let [copy] = &scene.world.named(&scene.docs, "Plan.pdf")[..] else { panic!("one file") };
    assert_eq!(scene.world.content(copy), b"%PDF-1.1\nOne.");
}

#[test]
fn a_document_that_goes_between_the_look_and_the_export_is_no_failure() {
    let scene = Scene::new();
    scene.world.document(MONA, &scene.docs, "Plan", "document", "One.");
    let task = add(&scene, NIGHTLY);
    scene.world.plan("files.export", Fault::Reason(404, "notFound"));
    scene.drains();
    assert!(scene.status(&task).contains("it is gone"), "{}", scene.status(&task));
    assert_eq!(scene.world.named(&scene.docs, "Plan.pdf"), [""; 0]);
    // A copy that goes in the same moment is made anew.
    add(&scene, NIGHTLY);
    scene.drains();
    let plan = scene.world.named(&scene.docs, "Plan").remove(0);
    scene.world.write(MONA, &plan, b"Two.");
    let task = add(&scene, NIGHTLY);
    scene.world.plan("files.update.multipart", Fault::Reason(404, "notFound"));
    scene.run(&["drain"]);
    scene.world.delete(&scene.world.named(&scene.docs, "Plan.pdf")[0]);
    scene.run(&["tasks", "retry", &task]).well();
    scene.drains();
    let [copy] = &scene.world.named(&scene.docs, "Plan.pdf")[..] else { panic!("one file") };
    assert!(scene.world.content(copy).ends_with(b"Two."));
}

#[tokio::test]
async fn a_rule_keeps_a_copy_of_each_document_that_changes_and_the_copy_leads_to_nothing() {
    let at = Documents::configured(
        "rules:\n  - on: drive.changed\n    do:\n      task: {kind: drive_export, input: {as: pdf, to: 'docs:', replace: true}}\n",
    )
    .await;
    at.looks().await;
    let plan = at.drive.document(OTTO, &at.docs, "Plan: 2026/27", "document", "One.");
    at.drive.file(OTTO, &at.docs, "logo.png", b"png");
    for text in ["One.", "Two."] {
        at.drive.write(OTTO, &plan, text.as_bytes());
        for _ in 0..3 {
            at.looks().await;
        }
        let [copy] = &at.drive.named(&at.docs, "Plan- 2026-27.pdf")[..] else { panic!("one file") };
        assert!(at.drive.content(copy).ends_with(text.as_bytes()));
        at.stage.lets_pass(Duration::from_secs(60));
    }
    assert_eq!(at.troubles().await, [""; 0]);
    // Two for the document and one for the picture, of which nothing is made.
    assert_eq!(at.stage.tasks().await, [("drive_export completed".to_owned(), 3)].into());
}

//! Task kind `drive_sync` on runners that have nothing but a checkout, while Drive's lists lag behind what the last run did.

use super::drive_scene::{MONA, Scene};
use super::drive_sync::scene;

/// A runner's folder with these files, committed.
fn runner(direction: &str, names: &[&str]) -> Scene {
    let scene = scene(direction);
    scene.git(&["init", "-q"]);
    names.iter().for_each(|name| scene.write(name, "one"));
    scene.commits(10);
    scene.git(&["tag", "first"]);
    scene
}

impl Scene {
    /// Commits what is there, and syncs it.
    fn next(&self, hour: u8) -> String {
        let name = format!("at-{hour}");
        self.commits(hour);
        self.git(&["tag", &name]);
        self.runner_syncs(&name)
    }

    fn has(&self, name: &str) -> bool {
        self.path().join("guides").join(name).exists()
    }
}

#[test]
fn what_the_last_run_put_there_and_no_list_shows_is_not_taken_for_deleted() {
    let scene = runner("both", &["a.md"]);
    scene.runner_syncs("first");
    scene.world.lists_lag();
    scene.write("new/b.md", "one");
    assert!(scene.next(11).contains("2 things done"));
    let after = ["a.md 3 bytes", "new/", "new/b.md 3 bytes"];
    assert_eq!(scene.world.tree(&scene.docs), after);
    for _ in 0..2 {
        let shown = scene.runner_syncs("at-11");
        assert!(shown.contains("0 things done, 2 files the same"), "{shown}");
        assert!(scene.has("new/b.md"));
        assert_eq!(scene.world.tree(&scene.docs), after);
    }
    // What somebody throws away is gone all the same, whether a list ever showed it or not.
    let new = scene.world.named(&scene.docs, "new").remove(0);
    scene.world.trash(&scene.world.named(&new, "b.md").remove(0));
    let shown = scene.runner_syncs("at-11");
    assert!(shown.contains("1 thing done") && !scene.has("new/b.md") && scene.has("a.md"), "{shown}");
}

#[test]
fn what_the_last_run_put_there_is_not_put_there_again() {
    let scene = runner("up", &["a.md", "new/b.md"]);
    scene.world.lists_lag();
    scene.runner_syncs("first");
    scene.world.take_requests();
    let shown = scene.runner_syncs("first");
    assert!(shown.contains("0 things done, 2 files the same"), "{shown}");
    let sent = scene.world.requests().into_iter().filter(|line| line.contains("/upload/"));
    assert_eq!(sent.count(), 0);
    scene.world.lists_catch_up();
    assert_eq!(scene.world.tree(&scene.docs), ["a.md 3 bytes", "new/", "new/b.md 3 bytes"]);
    scene.world.take_requests();
    let shown = scene.runner_syncs("first");
    assert!(shown.contains("0 things done, 2 files the same"), "{shown}");
    // The token, and a list for each of the two folders.
    assert_eq!(scene.world.requests().len(), 3, "{:#?}", scene.world.requests());
}

#[test]
fn what_the_last_run_wrote_and_threw_away_is_no_change_of_somebody_else() {
    let scene = runner("both", &["a.md", "b.md", "old/c.md"]);
    scene.runner_syncs("first");
    scene.runner_syncs("first");
    scene.world.lists_lag();
    scene.write("a.md", "three");
    std::fs::remove_dir_all(scene.path().join("guides/old")).unwrap();
    scene.next(11);
    let after = ["a.md 5 bytes", "b.md 3 bytes", "old/ (trashed)", "old/c.md 3 bytes (trashed)"];
    assert_eq!(scene.world.tree(&scene.docs), after);
    let shown = scene.runner_syncs("at-11");
    assert!(shown.contains("0 things done, 2 files the same"), "{shown}");
    scene.write("a.md", "four");
    let shown = scene.next(12);
    assert!(shown.contains("1 thing done") && !shown.contains("conflict"), "{shown}");
    let a = scene.world.named(&scene.docs, "a.md").remove(0);
    assert_eq!(scene.world.content(&a), b"four");
    // What somebody writes on top of it is theirs.
    scene.world.write(MONA, &a, b"theirs");
    let shown = scene.runner_syncs("at-12");
    assert!(shown.contains("1 thing done") && !shown.contains("conflict"), "{shown}");
    assert_eq!(scene.read("a.md"), "theirs");
    assert!(!scene.has("old/c.md"));
}

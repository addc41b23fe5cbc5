//! What changes in watched folders becomes events: each once, saying what is different.

use insta::assert_snapshot;

use super::drive_away::{asks, organise};
use crate::world::documents::{Documents, MONA, OTTO};
use crate::world::drive::{Fault, SERVICE_ACCOUNT};

#[tokio::test]
async fn a_change_says_what_is_different_and_is_recorded_once() {
    let at = Documents::configured("").await;
    let plans = at.drive.folder(MONA, &at.docs, "plans");
    let plan = at.drive.file(MONA, &plans, "a/b.md", b"one");
    let notes = at.drive.document(OTTO, &at.docs, "Notes", "document", "# Notes\n");
    let other = at.drive.folder(MONA, &at.team, "elsewhere");
    at.looks().await;
    assert_snapshot!(at.changes().await, @"");

    at.stage.lets_pass(std::time::Duration::from_secs(5));
    at.drive.write(OTTO, &plan, b"two");
    at.drive.rename(&plan, "c.md");
    at.drive.share(&notes, "anyone", "", "reader");
    at.drive.file(MONA, &other, "not watched.txt", b"x");
    at.drive.file(OTTO, &at.docs, "new.txt", b"x");
    at.looks().await;
    at.looks().await;
    assert_snapshot!(at.changes().await, @"
    docs:plans/c.md (content, renamed) by otto
    docs:Notes (permissions) by otto
    docs:new.txt (added) by otto
    ");

    at.drive.trash(&plan);
    at.looks().await;
    at.drive.untrash(&plan);
    at.looks().await;
    at.drive.move_to(&notes, &other);
    at.drive.delete(&plan);
    at.looks().await;
    assert_snapshot!(at.changes().await, @"
    docs:plans/c.md (content, renamed) by otto
    docs:Notes (permissions) by otto
    docs:new.txt (added) by otto
    docs:plans/c.md (trashed) by otto
    docs:plans/c.md (restored) by otto
    docs:Notes (moved) by otto
    docs:plans/c.md (removed)
    ");
    let state = at.stage.state().await;
    let known: Vec<&str> = state.watched.files.values().map(|seen| seen.name.as_str()).collect();
    assert!(!known.contains(&"Notes") && known.contains(&"plans"), "{known:?}");
    let subject = format!("drive/{plan}");
    let events = at.stage.history().await;
    let of_plan = events.iter().filter(|event| event.recorded.stamp.subject.to_string() == subject).count();
    assert_eq!(of_plan, 4, "each change is one event about the file");
}

#[tokio::test]
async fn two_runs_that_read_the_same_feed_record_it_once() {
    let at = Documents::configured("").await;
    at.looks().await;
    at.drive.file(OTTO, &at.docs, "new.txt", b"x");
    at.stage.lets_pass(std::time::Duration::from_secs(3_600));
    tokio::join!(at.stage.drain(), at.stage.drain());
    assert_snapshot!(at.changes().await, @"docs:new.txt (added) by otto");
}

#[tokio::test]
async fn a_drive_that_does_not_answer_holds_nothing_up_and_loses_nothing() {
    let at = Documents::configured("").await;
    at.looks().await;
    at.drive.file(OTTO, &at.docs, "new.txt", b"x");
    at.drive.plan("changes.list", Fault::Reason(403, "insufficientFilePermissions"));
    let report = at.looks().await;
    assert!(!report.failed(), "{report:?}");
    at.looks().await;
    assert_snapshot!(at.changes().await, @"docs:new.txt (added) by otto");
}

#[tokio::test]
async fn where_the_feed_was_lost_all_is_compared_anew() {
    let at = Documents::configured("").await;
    let gone = at.drive.file(OTTO, &at.docs, "gone.txt", b"x");
    at.looks().await;
    at.drive.file(OTTO, &at.docs, "new.txt", b"x");
    at.drive.delete(&gone);
    at.drive.plan("changes.list", Fault::Words(400, "invalid", "Invalid Value"));
    at.looks().await;
    at.looks().await;
    assert_snapshot!(at.changes().await, @"
    docs:gone.txt (removed)
    docs:new.txt (added)
    ");
}

#[tokio::test]
async fn a_folder_that_comes_in_brings_what_is_in_it() {
    let at = Documents::configured("").await;
    let other = at.drive.folder(MONA, &at.team, "elsewhere");
    at.drive.file(MONA, &other, "inside.txt", b"x");
    at.looks().await;
    at.drive.move_to(&other, &at.docs);
    at.looks().await;
    assert_snapshot!(at.changes().await, @"
    docs:elsewhere (added) by mona
    docs:elsewhere/inside.txt (added) by mona
    ");
    at.drive.move_to(&other, &at.team);
    at.looks().await;
    assert_snapshot!(at.changes().await, @"
    docs:elsewhere (added) by mona
    docs:elsewhere/inside.txt (added) by mona
    docs:elsewhere (moved) by mona
    ");
    let state = at.stage.state().await;
    assert_eq!(state.watched.files.len(), 1, "only the watched folder is left");
}

#[tokio::test]
async fn what_is_watched_no_more_is_forgotten() {
    let at = Documents::configured("").await;
    at.drive.file(OTTO, &at.docs, "a.txt", b"x");
    at.looks().await;
    at.stage.put_file(".github/automata.yml", "mode: act\n");
    at.looks().await;
    assert!(at.stage.state().await.watched.is_empty());
}

#[tokio::test]
async fn a_quiet_drive_costs_no_push() {
    let at = Documents::configured("").await;
    // Twice: what no event of GitHub's told is looked for once, too.
    at.looks().await;
    at.looks().await;
    let pushes = |report: &automata::app::Report| report.tally.pushes;
    assert_eq!(pushes(&at.looks().await), 0);
    assert_eq!(pushes(&at.looks().await), 0);
}

#[tokio::test]
async fn of_a_folder_that_cannot_be_seen_whole_nothing_is_called_removed() {
    let at = Documents::configured("").await;
    for name in ["a.txt", "b.txt", "c.txt"] {
        at.drive.file(OTTO, &at.docs, name, b"x");
    }
    at.looks().await;
    // From now on the folder holds more than one look takes in.
    at.stage.put_file(
        ".github/automata.yml",
        &format!("drive:\n  folders: {{docs: {}}}\n  watch: {{folders: [docs], files: 2}}\n", at.docs),
    );
    at.drive.plan("changes.list", Fault::Words(400, "invalid", "Invalid Value"));
    at.looks().await;
    assert_snapshot!(at.changes().await, @"");
    assert_eq!(at.stage.state().await.watched.files.len(), 4, "all that was known still is");
}

const ISSUES: &str = "rules:\n  - on: drive.changed\n    do:\n      issue: {title: '{place}'}\n";

/// Something is asked of a run, as by hand.
async fn organises(at: &Documents, file: &str, action: serde_json::Value) {
    asks(at, vec![organise(file, &action)]).await;
    at.stage.drain().await;
}

#[tokio::test]
async fn what_we_do_with_a_persons_account_leads_to_nothing_and_what_they_do_does() {
    use serde_json::json;
    let at = Documents::configured(ISSUES).await;
    at.stage.lends_as(&at.drive, MONA).await;
    let plan = at.drive.file(MONA, &at.docs, "plan.md", b"one");
    let old = at.drive.file(MONA, &at.docs, "old.md", b"two");
    let other = at.drive.folder(MONA, &at.docs, "other");
    at.looks().await;
    organises(&at, &plan, json!({ "do": "rename", "to": "the plan.md" })).await;
    organises(&at, &plan, json!({ "do": "move", "to": other })).await;
    organises(&at, &plan, json!({ "do": "copy", "to": at.docs, "name": "copy.md" })).await;
    organises(&at, &at.docs, json!({ "do": "make_folders", "names": ["a", "b"] })).await;
    organises(&at, &old, json!({ "do": "trash" })).await;
    at.looks().await;
    organises(&at, &old, json!({ "do": "delete" })).await;
    at.looks().await;
    let told = at.changes().await;
    assert_snapshot!(told, @"
    docs:other/the plan.md (renamed, moved) by Automata
    docs:copy.md (added) by Automata
    docs:a (added) by Automata
    docs:a/b (added) by Automata
    docs:old.md (trashed) by Automata
    docs:old.md (removed) by Automata
    ");
    assert_eq!(at.stage.github.last_issue(), 0, "nothing follows from what we did");
    // The same person at the browser.
    at.drive.rename(&plan, "my plan.md");
    at.looks().await;
    assert_eq!(at.stage.github.last_issue(), 1);
    at.drive.write(MONA, &plan, b"more");
    at.drive.trash(&plan);
    at.looks().await;
    assert_snapshot!(at.changes().await.strip_prefix(&told).unwrap().trim(), @"
    docs:other/my plan.md (renamed) by mona
    docs:other/my plan.md (trashed, content) by mona
    ");
}

/// A folder in the account's own drive, watched beside the one in the shared drive.
fn watches_two(at: &Documents, more: &str) -> String {
    let own = at.drive.folder(MONA, &at.drive.root_of(MONA), "own");
    at.drive.share(&own, "user", SERVICE_ACCOUNT, "writer");
    let yaml = format!(
        "drive:\n  folders: {{docs: {}, own: {own}, more: {more}}}\n  people: {{mona: {MONA}, otto: {OTTO}}}\n  watch: {{folders: [docs, own{}]}}\n",
        at.docs,
        if more == "0AnyIdThatNobodyEverSaw" { ", more" } else { "" }
    );
    at.stage.put_file(".github/automata.yml", &yaml);
    own
}

#[tokio::test]
async fn a_feed_that_is_lost_silences_no_other_and_the_summary_says_so() {
    let at = Documents::configured("").await;
    let own = watches_two(&at, &at.docs.clone());
    at.looks().await;
    at.drive.unshare(&at.team, SERVICE_ACCOUNT);
    at.drive.file(MONA, &own, "new.txt", b"x");
    let report = at.looks().await;
    assert_snapshot!(report.notes.join("\n"), @"
    Drive: 1 change: own:new.txt (added) by mona
    Drive: the changes of the shared drive with `docs:` cannot be read: Drive refused: Shared drive not found: 0AtgvQY-tOeP3MKXuXn. Share the file or folder with the account that `automata drive doctor` names, or make that account a member of the shared drive.
    ");
    assert_snapshot!(at.changes().await, @"own:new.txt (added) by mona");
    at.drive.file(OTTO, &at.docs, "meanwhile.txt", b"x");
    at.drive.share(&at.team, "user", SERVICE_ACCOUNT, "fileOrganizer");
    at.looks().await;
    assert!(at.changes().await.contains("docs:meanwhile.txt (added)"), "{}", at.changes().await);
}

#[tokio::test]
async fn a_folder_that_cannot_be_seen_is_told_and_the_others_are_watched() {
    let at = Documents::configured("").await;
    let own = watches_two(&at, "0AnyIdThatNobodyEverSaw");
    at.looks().await;
    at.drive.file(MONA, &own, "new.txt", b"x");
    let report = at.looks().await;
    assert_snapshot!(report.notes.join("\n"), @"
    Drive: 1 change: own:new.txt (added) by mona
    Drive: `more:` cannot be watched: Drive refused: File not found: 0AnyIdThatNobodyEverSaw. Share the file or folder with the account that `automata drive doctor` names, or make that account a member of the shared drive.
    ");
    assert_snapshot!(at.changes().await, @"own:new.txt (added) by mona");
}

/// As often as a call is tried before it is given up.
const TRIES: u32 = 5;

#[tokio::test]
async fn a_feed_that_google_fails_at_for_long_holds_no_other_up_and_is_read_when_it_can_be() {
    for fault in [Fault::Reason(500, "backendError"), Fault::Html(503), Fault::LoseRequest] {
        let at = Documents::configured("").await;
        let own = watches_two(&at, &at.docs.clone());
        at.looks().await;
        at.drive.file(MONA, &own, "new.txt", b"x");
        at.drive.file(OTTO, &at.docs, "late.txt", b"x");
        // The feed of the shared drive is read first.
        (0..TRIES).for_each(|_| at.drive.plan("changes.list", fault.clone()));
        let report = at.looks().await;
        assert!(!report.failed(), "{report:?}");
        let notes = report.notes.join("\n");
        assert!(notes.contains("own:new.txt (added) by mona"), "{notes}");
        assert!(
            notes.contains("the changes of the shared drive with `docs:` cannot be read now: "),
            "{notes}"
        );
        assert!(notes.ends_with("The next run tries again."), "{notes}");
        let report = at.stage.drain().await;
        assert!(report.notes.join("\n").contains("docs:late.txt (added) by otto"), "{report:?}");
        assert_eq!(at.changes().await, "own:new.txt (added) by mona\ndocs:late.txt (added) by otto");
    }
}

#[tokio::test]
async fn a_folder_that_google_fails_at_is_watched_when_it_can_be_and_the_others_are_meanwhile() {
    let at = Documents::configured("").await;
    watches_two(&at, &at.docs.clone());
    (0..TRIES).for_each(|_| at.drive.plan("files.get", Fault::Html(503)));
    let report = at.looks().await;
    let notes = report.notes.join("\n");
    assert!(
        notes.contains("cannot be watched now: ") && notes.contains("The next run tries again."),
        "{notes}"
    );
    assert_eq!(at.stage.state().await.watched.feeds.len(), 1);
    at.stage.drain().await;
    assert_eq!(at.stage.state().await.watched.feeds.len(), 2);
}

#[tokio::test]
async fn a_drive_that_is_away_as_a_whole_is_asked_once_and_told_of_no_feed() {
    let at = Documents::configured("").await;
    watches_two(&at, &at.docs.clone());
    at.looks().await;
    at.stage.lets_pass(std::time::Duration::from_secs(20 * 60));
    (0..TRIES).for_each(|_| at.drive.plan("about.get", Fault::Html(503)));
    let report = at.stage.drain().await;
    assert!(!report.notes.join("\n").contains("cannot be read"), "{report:?}");
}

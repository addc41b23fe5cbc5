//! `automata state rollback`: what was decided since is taken back, what happened since stays known.

use serde_json::Value;

use super::damage::written;
use super::forge::LocalForge;
use super::program::plain;
use super::runner::Runner;

fn told(forge: &LocalForge, arguments: &[&str]) -> String {
    plain(&forge.told(&[&["state", "rollback"], arguments].concat()))
}

fn json(forge: &LocalForge, arguments: &[&str]) -> Value {
    let arguments = [&["state", "rollback"], arguments, &["--format", "json"]].concat();
    forge.program(&arguments).run().well().json()
}

fn statuses(forge: &LocalForge) -> Vec<(String, String)> {
    let listed = forge.program(&["tasks", "list", "-n", "0", "--format", "json"]).run().well().json();
    let tasks = listed["tasks"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    tasks.map(|task| (text(&task["task"]), text(&task["status"]))).collect()
}

fn status(forge: &LocalForge, task: &str) -> String {
    statuses(forge).into_iter().find(|(id, _)| id == task).unwrap().1
}

#[test]
fn tasks_and_schedules_of_the_time_since_are_taken_back_and_those_of_before_stay() {
    let forge = written();
    let early =
        forge.adds(&["label", "--subject", "issue/1", "--input", "{\"add\":[\"bug\"]}", "--in", "2h"]);
    let daily = ["--cron", "0 7 * * MON", "--subject", "issue/1"];
    forge.program(&[&["tasks", "add", "analyse", "--name", "before"], &daily[..]].concat()).run().well();
    let to = forge.sequence();
    let late = forge.adds(&["label", "--subject", "issue/2", "--input", "{\"add\":[\"bug\"]}", "--in", "2h"]);
    let after = forge.adds(&["analyse", "--subject", "issue/2", "--after", &late]);
    forge.program(&[&["tasks", "add", "analyse", "--name", "after"], &daily[..]].concat()).run().well();
    forge.program(&["tasks", "unschedule", "before"]).run().well();
    let head = forge.sequence();
    let number = to.to_string();
    insta::assert_snapshot!(told(&forge, &["--to", &number, "--dry-run"]), @"
    exit code 0
    -- stdout
    would be cancelled: task ID1.1 `label` on issue/2
    would be cancelled: task ID2.1 `analyse` on issue/2
    would be as it was: schedule after
    would be as it was: schedule before
    -- stderr
    nothing was changed; `automata state rollback --to 20 --apply HASH1` does just that
    ");
    assert_eq!(forge.sequence(), head, "nothing was changed");
    let appends = forge.appends();
    let done = json(&forge, &["--to", &number]);
    assert_eq!(done["cancelled"].as_array().unwrap().len(), 2, "{done}");
    assert_eq!(forge.appends(), appends + 1, "all of it or nothing");
    assert_eq!(
        [&early, &late, &after].map(|task| status(&forge, task)),
        ["pending", "cancelled", "cancelled"]
    );
    let schedules = forge.program(&["tasks", "schedules", "--format", "json"]).run().well().json();
    let names: Vec<&str> =
        schedules["schedules"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["before"]);
    forge.program(&["verify"]).run().well();
    let head = forge.sequence();
    insta::assert_snapshot!(told(&forge, &["--to", &number]), @"
    exit code 0
    -- stdout
    nothing that was decided after event 20 still lies ahead, so that nothing was recorded
    ");
    let nothing = json(&forge, &["--to", &number]);
    assert_eq!((&nothing["rolled_back"], &nothing["recorded"]), (&false.into(), &0.into()), "{nothing}");
    assert_eq!(forge.sequence(), head, "there is nothing left to take back");
    let log = forge.program(&["log"]).run().well().stdout;
    assert!(log.contains(&format!("rolled the log back to event {to}")), "{log}");
}

#[test]
fn a_plan_is_applied_as_long_as_it_is_still_the_same() {
    let forge = written();
    let to = forge.sequence().to_string();
    let first =
        forge.adds(&["label", "--subject", "issue/2", "--input", "{\"add\":[\"bug\"]}", "--in", "2h"]);
    let plan = forge.program(&["state", "rollback", "--to", &to, "--plan"]).run().well();
    assert!(plan.stderr.contains("would be cancelled"), "{}", plan.stderr);
    let digest = plan.stdout.trim().to_owned();
    let head = forge.sequence();
    let second =
        forge.adds(&["label", "--subject", "issue/1", "--input", "{\"add\":[\"ui\"]}", "--in", "2h"]);
    let late = forge.program(&["state", "rollback", "--to", &to, "--apply", &digest]).run();
    assert_eq!(late.code, Some(3), "{}", late.stderr);
    assert!(
        late.stderr.contains("the situation is not what was planned for: the plan is"),
        "{}",
        late.stderr
    );
    assert_eq!(status(&forge, &second), "pending");
    assert!(forge.sequence() > head);
    let now = json(&forge, &["--to", &to, "--dry-run"])["plan"].as_str().unwrap().to_owned();
    assert_ne!(now, digest);
    let done = json(&forge, &["--to", &to, "--apply", &now]);
    assert_eq!((&done["plan"], &done["rolled_back"]), (&now.into(), &true.into()), "{done}");
    assert_eq!([&first, &second].map(|task| status(&forge, task)), ["cancelled", "cancelled"]);
}

#[test]
fn what_was_done_outside_is_listed_and_undone_when_that_is_wanted() {
    let forge = LocalForge::new();
    forge.take_in(&forge.opens("carol", "How do I read the list from a file?", "")).well();
    let to = forge.sequence().to_string();
    forge.take_in(&forge.opens("carol", "Where are the prices?", "")).well();
    insta::assert_snapshot!(told(&forge, &["--to", &to, "--dry-run"]), @"
    exit code 0
    -- stdout
    nothing that was decided after event 9 still lies ahead, so that nothing would be recorded
    done since: event 17 comment file://DIR/forge/comments/0002/0002.json
    -- stderr
    1 thing that was done outside can be undone: say --undo, or `automata undo` for one of them
    nothing was changed; `automata state rollback --to 9 --apply HASH1` does just that
    ");
    let done = json(&forge, &["--to", &to, "--undo"]);
    let undo = done["undo"].as_array().unwrap();
    assert_eq!(undo.len(), 1, "{done}");
    forge.program(&["drain"]).run().well();
    assert_eq!(status(&forge, undo[0].as_str().unwrap()), "completed");
    let again = json(&forge, &["--to", &to, "--dry-run"]);
    let since = again["done_since"].as_array().unwrap();
    assert!(since.iter().all(|done| done["can_be_undone"] == false), "{again}");
    // The event is known, and is not taken in again.
    let payload = forge.path().join("event-2.json");
    let ran =
        forge.program(&["run", "--event", "issues", "--payload", payload.to_str().unwrap()]).run().well();
    assert!(
        ran.stdout.contains("duplicate") || ran.stderr.contains("duplicate"),
        "{}{}",
        ran.stdout,
        ran.stderr
    );
    forge.program(&["verify"]).run().well();
}

#[test]
fn an_event_that_is_not_there_yet_is_refused_and_event_zero_takes_all_of_it_back() {
    let forge = written();
    insta::assert_snapshot!(told(&forge, &["--to", "19"]), @"
    exit code 2
    -- stderr
    error: the log ends with event 18
    hint: Name an earlier event; `automata log` shows them.
    ");
    let task = forge.adds(&["analyse", "--subject", "issue/2", "--in", "2h"]);
    json(&forge, &["--to", "0"]);
    assert_eq!(status(&forge, &task), "cancelled");
    forge.program(&["verify"]).run().well();
}

#[tokio::test(flavor = "multi_thread")]
async fn brakes_on_a_feature_and_on_everything_are_as_they_were() {
    let runner = Runner::start().await;
    let issue = runner.github.open_issue("alice", "Where are the prices?", "", &[]);
    runner.step("issues", &runner.github.event_payload_opened(issue)).run().well();
    let looks = runner.step("push", &Value::Null).program.set("GITHUB_ACTIONS", "");
    let features = || looks.with(&["features", "--format", "json"]).run().well().json();
    let says = |said: &str| {
        let comment = runner.github.comment("mona", issue, &format!("/automata {said}"));
        runner.step("issue_comment", &runner.github.event_payload_commented(comment)).run().well();
        features()["sequence"].to_string()
    };
    let now = |name: &str| {
        let told = features();
        let rows = told["features"].as_array().unwrap();
        rows.iter().find(|row| row["feature"] == name).unwrap()["now"].clone()
    };
    let to = says("pause label");
    assert_eq!(now("label"), "paused");
    says("resume label");
    says("pause assign");
    says("pause everything");
    let back = |more: &[&str]| looks.with(&[&["state", "rollback", "--to", &to], more].concat()).run().well();
    let told = plain(&back(&["--dry-run"]).stdout);
    let lines: Vec<&str> = told.lines().filter(|line| line.contains("as it was")).collect();
    assert_eq!(
        lines,
        [
            "would be as it was: whether everything is paused",
            "would be as it was: how far feature label goes",
            "would be as it was: how far feature assign goes",
        ]
    );
    assert_ne!(features()["paused"], Value::Null, "nothing was changed");
    back(&[]);
    assert_eq!((now("label"), now("assign")), ("paused".into(), "act".into()));
    assert_eq!(features()["paused"], Value::Null);
    looks.with(&["verify"]).run().well();
}

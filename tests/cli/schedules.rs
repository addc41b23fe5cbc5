//! `tasks add --cron`, `tasks schedules`, `tasks unschedule`: what comes again and again, set and removed by hand.

use super::forge::LocalForge;
use super::program::plain;

/// A label for issue 1 every morning at seven in Berlin.
const MORNING: [&str; 13] = [
    "tasks",
    "add",
    "label",
    "--subject",
    "issue/1",
    "--input",
    r#"{"add": ["bug"]}"#,
    "--cron",
    "0 7 * * *",
    "--zone",
    "Europe/Berlin",
    "--name",
    "morning",
];

/// What the log says of schedules, and by whom.
fn told(forge: &LocalForge) -> String {
    let log = forge.program(&["log", "-n", "0", "--format", "json"]).run().well();
    let events = log.stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let about = events.filter(|event| event["type"].as_str().unwrap().starts_with("schedule."));
    about
        .map(|event| format!("{} {} {}\n", event["type"], event["actor"], event["data"]["schedule"]))
        .collect()
}

#[test]
fn a_task_comes_again_and_again_until_somebody_takes_it_away() {
    let forge = LocalForge::new();
    forge.opens("carol", "How do I read the list from a file?", "");
    let more = ["--jitter", "10m", "--catch-up", "none", "--priority", "80"];
    let add = [&MORNING[..], &more].concat();
    let added = forge.program(&add).set("USER", "mona").run();
    insta::assert_snapshot!(forge.named(&added), @"");
    insta::assert_snapshot!(told(&forge), @"");
    insta::assert_snapshot!(forge.told(&["tasks", "schedules"]), @"");
    let listed = forge.program(&["tasks", "schedules", "--format", "json"]).run().well().json();
    insta::assert_snapshot!(plain(&listed.to_string()), @"");
    insta::assert_snapshot!(forge.told(&["drain"]), @"");

    // The very same is set already; another one of that name is not set over it.
    let before = forge.sequence();
    let again = forge.program(&[&add[..], &["--format", "json"]].concat()).run().well().json();
    assert_eq!((again["schedule"].as_str(), again["existing"].as_bool()), (Some("morning"), Some(true)));
    insta::assert_snapshot!(forge.told(&MORNING), @"");
    assert_eq!(forge.sequence(), before);

    insta::assert_snapshot!(forge.told(&["tasks", "unschedule", "morning", "evening"]), @"");
    assert_eq!(forge.sequence(), before);
    let removed = forge.told(&["tasks", "unschedule", "morning", "--reason", "nobody needs it"]);
    insta::assert_snapshot!(removed, @"");
    insta::assert_snapshot!(forge.told(&["tasks", "schedules"]), @"");
    insta::assert_snapshot!(forge.told(&["log", "-n", "1"]), @"");
}

#[test]
fn what_the_configuration_has_is_changed_there() {
    let forge = LocalForge::new();
    forge.opens("carol", "How do I read the list from a file?", "");
    let configured = "rules: []\nschedules:\n  morning:\n    cron: 0 7 * * *\n    do: { kind: milestone }\n";
    forge.commits(".github/automata.yml", configured);
    insta::assert_snapshot!(forge.told(&MORNING), @"");
    assert_eq!(forge.sequence(), 0, "also before any run has set it");
    forge.program(&["drain"]).run().well();
    insta::assert_snapshot!(forge.told(&["tasks", "unschedule", "morning"]), @"");
    assert_eq!(forge.sequence(), 1);
}

#[test]
fn what_is_wrong_is_named_and_nothing_is_appended() {
    let forge = LocalForge::new();
    let comment = ["tasks", "add", "comment", "--subject", "issue/1"];
    let slips: [&[&str]; 18] = [
        &["--cron", "0 25 * * *", "--name", "a"],
        &["--cron", "every day", "--name", "a"],
        &["--cron", "0 0 30 2 *", "--name", "a"],
        &["--cron", "", "--name", "a"],
        &["--cron", "0 7 * * *", "--zone", "Europe/Berln", "--name", "a"],
        &["--cron", "0 7 * * *", "--zone", "", "--name", "a"],
        &["--cron", "0 7 * * *", "--jitter", "soon", "--name", "a"],
        &["--cron", "0 7 * * *", "--jitter", "25h", "--name", "a"],
        &["--cron", "0 7 * * *", "--catch-up", "some", "--name", "a"],
        &["--cron", "0 7 * * *", "--name", "every morning"],
        &["--cron", "0 7 * * *", "--name", ""],
        &["--cron", "0 7 * * *"],
        &["--name", "a"],
        &["--zone", "UTC"],
        &["--cron", "0 7 * * *", "--name", "a", "--in", "2h"],
        &["--cron", "0 7 * * *", "--name", "a", "--idempotency", "once"],
        &["--cron", "0 7 * * *", "--name", "a", "--priority", "101"],
        &["--cron", "0 7 * * *", "--name", "a", "--from", "-"],
    ];
    let mut told = String::new();
    for slip in slips {
        let ran = forge.program(&[&comment, slip].concat()).run();
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{slip:?}");
        told.push_str(&ran.stderr);
    }
    assert_eq!(forge.sequence(), 0);
    insta::assert_snapshot!(plain(&told), @"");
}

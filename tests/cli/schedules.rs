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
    insta::assert_snapshot!(forge.named(&added), @"
    exit code 0
    -- stdout
    morning
    -- stderr
    schedule `morning`: next at TIME
    ");
    insta::assert_snapshot!(told(&forge), @r#""schedule.set" {"kind":"person","login":"mona"} {"catch_up":"none","cron":"0 7 * * *","jitter":600,"set_by":"hand","task":{"input":{"add":["bug"]},"kind":"label","max_attempts":6,"priority":80,"reason":"schedule `morning` (0 7 * * * Europe/Berlin)","subject":"issue/1","unique":"schedule morning"},"zone":"Europe/Berlin"}"#);
    insta::assert_snapshot!(forge.told(&["tasks", "schedules"]), @"
    exit code 0
    -- stdout
    NAME     CRON       ZONE           KIND   SUBJECT  SET BY  LAST   NEXT
    morning  0 7 * * *  Europe/Berlin  label  issue/1  hand    never  TIME
    ");
    let listed = forge.program(&["tasks", "schedules", "--format", "json"]).run().well().json();
    insta::assert_snapshot!(plain(&listed.to_string()), @r#"{"schedules":[{"catch_up":"none","cron":"0 7 * * *","input":{"add":["bug"]},"jitter":600,"kind":"label","last":null,"name":"morning","next":"TIME","set_by":"hand","subject":"issue/1","zone":"Europe/Berlin"}],"sequence":1}"#);
    insta::assert_snapshot!(forge.told(&["drain"]), @"
    exit code 0
    -- stdout
    drained: worked through the queue
    0 tasks completed, 0 changes outside, 0 pushes to the log
    ");

    // The very same is set already; another one of that name is not set over it.
    let before = forge.sequence();
    let again = forge.program(&[&add[..], &["--format", "json"]].concat()).run().well().json();
    assert_eq!((again["schedule"].as_str(), again["existing"].as_bool()), (Some("morning"), Some(true)));
    insta::assert_snapshot!(forge.told(&MORNING), @"
    exit code 2
    -- stderr
    error: --name: there is another schedule `morning`
    hint: `automata tasks unschedule morning` takes it away; `automata tasks schedules` lists them.
    ");
    assert_eq!(forge.sequence(), before);

    insta::assert_snapshot!(forge.told(&["tasks", "unschedule", "morning", "evening"]), @"
    exit code 2
    -- stderr
    error: NAME: there is no schedule `evening`
    hint: `automata tasks schedules` lists them.
    ");
    assert_eq!(forge.sequence(), before);
    let removed = forge.told(&["tasks", "unschedule", "morning", "--reason", "nobody needs it"]);
    insta::assert_snapshot!(removed, @"
    exit code 0
    -- stdout
    morning
    ");
    insta::assert_snapshot!(forge.told(&["tasks", "schedules"]), @"
    exit code 0
    -- stderr
    Nothing comes again and again.
    ");
    insta::assert_snapshot!(forge.told(&["log", "-n", "1"]), @"
    exit code 0
    -- stdout
    EVENT  WHEN                      ABOUT       WHAT HAPPENED
    2      TIME  repository  schedule morning removed: nobody needs it
    ");
}

#[test]
fn what_the_configuration_has_is_changed_there() {
    let forge = LocalForge::new();
    forge.opens("carol", "How do I read the list from a file?", "");
    let configured = "rules: []\nschedules:\n  morning:\n    cron: 0 7 * * *\n    do: { kind: milestone }\n";
    forge.commits(".github/automata.yml", configured);
    insta::assert_snapshot!(forge.told(&MORNING), @"
    exit code 2
    -- stderr
    error: --name: the configuration has a schedule `morning`
    hint: Change it in `schedules` of .github/automata.yml, or take another name.
    ");
    assert_eq!(forge.sequence(), 0, "also before any run has set it");
    forge.program(&["drain"]).run().well();
    insta::assert_snapshot!(forge.told(&["tasks", "unschedule", "morning"]), @"
    exit code 2
    -- stderr
    error: NAME: the configuration has the schedule `morning`, and it would come back
    hint: Take it out of `schedules` in .github/automata.yml: the next run removes it.
    ");
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
    insta::assert_snapshot!(plain(&told), @"
    error: --cron: `0 25 * * *` is not a cron expression: the hour `25` is out of range
    hint: It goes from 0 to 23
    error: --cron: `every day` is not a cron expression: it has 2 fields
    hint: Write five: minute, hour, day of the month, month, weekday; there are no seconds and no years
    error: --cron: `0 0 30 2 *` never comes
    hint: No month that it names has such a day
    error: --cron: `` is not a cron expression: it is empty
    hint: Write five: minute, hour, day of the month, month, weekday; there are no seconds and no years
    error: --zone: there is no time zone `Europe/Berln`
    hint: Did you mean `Europe/Berlin`?
    error: --zone: there is no time zone ``
    hint: Write a name of the IANA database, such as Europe/Paris or UTC
    error: --jitter: `soon` is not a span of time
    hint: For example: 90s, 15m, 2h
    error: --jitter: `25h` is more than a day
    hint: Say 24h or less.
    error: --catch-up: `some` is none of all, last or none
    hint: Say all, last or none.
    error: --name: `every morning` is no name for a schedule
    hint: Use up to 50 letters, digits, `-`, `_` and `.`.
    error: --name: `` is no name for a schedule
    hint: Use up to 50 letters, digits, `-`, `_` and `.`.
    error: the following required arguments were not provided:
      --name <NAME>

    Usage: automata tasks add --cron <EXPRESSION> --name <NAME> --subject <SUBJECT> <KIND>

    For more information, try '--help'.
    error: the following required arguments were not provided:
      --cron <EXPRESSION>

    Usage: automata tasks add --name <NAME> --cron <EXPRESSION> --subject <SUBJECT> <KIND>

    For more information, try '--help'.
    error: the following required arguments were not provided:
      --name <NAME>
      --cron <EXPRESSION>

    Usage: automata tasks add --name <NAME> --cron <EXPRESSION> --subject <SUBJECT> --zone <ZONE> <KIND>

    For more information, try '--help'.
    error: the argument '--cron <EXPRESSION>' cannot be used with '--in <SPAN>'

    Usage: automata tasks add --subject <SUBJECT> --cron <EXPRESSION> --name <NAME> <KIND>

    For more information, try '--help'.
    error: the argument '--cron <EXPRESSION>' cannot be used with '--idempotency <KEY>'

    Usage: automata tasks add --subject <SUBJECT> --cron <EXPRESSION> --name <NAME> <KIND>

    For more information, try '--help'.
    error: --priority: 101 is more than 100
    hint: Priorities go from 0 (whenever) to 100 (now).
    error: the argument '[KIND]' cannot be used with '--from <FILE>'

    Usage: automata tasks add --subject <SUBJECT> --cron <EXPRESSION> --name <NAME> <KIND>

    For more information, try '--help'.
    ");
}

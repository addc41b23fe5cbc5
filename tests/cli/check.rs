//! `check`: what the configuration means, or what is wrong with it and where.

use super::forge::LocalForge;
use super::program::{Program, file};

#[test]
fn check_explains_the_defaults_when_there_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let told = Program::new(&["check"]).inside(folder.path()).run().told();
    insta::assert_snapshot!(told, @"
    exit code 0
    -- stdout
    There is no .github/automata.yml, so the defaults hold:

    It acts: labels, comments, assigns, pushes, opens pull requests.
    The log is kept on refs/heads/automata-state.

    Rules:
    - built-in rule: an issue that was opened, reopened or edited is analysed
        on issues.opened or issues.reopened or issues.edited
        if it is open
        then analyse the issue
    - built-in rule: a patch in a new issue or comment is tried
        on issues.opened or issue_comment.created
        if it is open
        if a patch stands in it
        then ask the assistants for a change and open a pull request

    After every analysis:
    - findings less than 0.6 sure lead to nothing
    - one label for the type, where the repository has it: `bug`, `enhancement`, `question`, `documentation`
    - one label for the urgency, where the repository has it: `priority: low`, `priority: high`, `priority: critical`
    - owners by CODEOWNERS are named, not assigned
    - a report of a weakness is not analysed in public: it is told where to report it
    - what required fields of an issue form lack is asked for once, in the status comment
    - it is compared with open issues, and with closed ones for 30d after that
    - where `automata learn` has learned types, they are learned anew when people have corrected 20 of them
    - the status comment shows what is sure enough, with up to 3 similar issues

    Asked for a change: patch.

    What becomes of a change:
    - a draft pull request
    - a review by a writer that asks for changes leads to a revision, up to 5 times
    - people merge it
    No change may touch .github/**, CODEOWNERS, docs/CODEOWNERS, .gitmodules, **/.gitattributes, .lfsconfig.
    Bots that are listened to: none.

    In comments, on lines that begin with `/automata`:
    - anyone: help, status, why
    - triage or more: run, assign, unassign, priority, label, duplicate
    - write or more: implement, revise, retry, cancel, approve, reject, undo, stop, pause, resume
    ");
}

#[test]
fn check_says_that_a_file_without_rules_does_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".github")).unwrap();
    file(folder.path(), ".github/automata.yml", b"rules: []\n");
    insta::assert_snapshot!(Program::new(&["check"]).inside(folder.path()).run().told(), @"
    exit code 0
    -- stdout
    .github/automata.yml is in order. What it means:

    It acts: labels, comments, assigns, pushes, opens pull requests.
    The log is kept on refs/heads/automata-state.

    Rules:
    - none: events are recorded, and nothing is done on any of them
      (leave the key `rules` out to have the built-in rules)

    Asked for a change: patch.

    What becomes of a change:
    - a draft pull request
    - a review by a writer that asks for changes leads to a revision, up to 5 times
    - people merge it
    No change may touch .github/**, CODEOWNERS, docs/CODEOWNERS, .gitmodules, **/.gitattributes, .lfsconfig.
    Bots that are listened to: none.

    In comments, on lines that begin with `/automata`:
    - anyone: help, status, why
    - triage or more: run, assign, unassign, priority, label, duplicate
    - write or more: implement, revise, retry, cancel, approve, reject, undo, stop, pause, resume
    ");
}

#[test]
fn check_explains_who_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".github")).unwrap();
    let yaml = "rules: []
slack:
  channel: C0GENERAL
  people: { mona: U0MONA0001 }
  routes:
    - { channel: C0ALERTS01, type: bug, urgency: [high, critical], mention: [mona] }
    - { channel: C0ALERTS02, on: [opened, merged], label: security, digest: 0 9 * * MON-FRI }
  quiet: { from: '19:00', to: '08:00', weekends: true }
  zone: Europe/Berlin
webhooks:
  ci: { url: 'https://ci.example.com/events', secret: CI_SECRET, on: [merged, failed] }
pull_requests: { check_run: true }
";
    file(folder.path(), ".github/automata.yml", yaml.as_bytes());
    let told = Program::new(&["check"]).inside(folder.path()).run().told();
    let told: Vec<&str> = told
        .lines()
        .skip_while(|line| !line.contains("Who is told"))
        .take_while(|line| !line.is_empty())
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    Who is told what happens:
    - Slack, with the bot's token in SLACK_BOT_TOKEN: one thread for each issue in a channel
    - C0ALERTS01 in Slack: everything but what happens in Google Drive, if it is a bug and its urgency is high or critical; mona is called by name
    - C0ALERTS02 in Slack: `opened`, `merged`, if it has the label `security`; gathered, and sent as one message at `0 9 * * MON-FRI` (Europe/Berlin)
    - C0GENERAL in Slack: whatever no route takes
    - nothing goes to Slack from 19:00 to 08:00, and on Saturdays and Sundays (Europe/Berlin), except about what is critical: it goes out afterwards
    - the webhook `ci` at https://ci.example.com/events: `merged`, `failed`, signed with the secret in CI_SECRET
    - a check on its pull requests says what is being done about them
    No change may touch .github/**, CODEOWNERS, docs/CODEOWNERS, .gitmodules, **/.gitattributes, .lfsconfig.
    Bots that are listened to: none.
    ");
}

#[test]
fn check_explains_what_a_file_means() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".github")).unwrap();
    let yaml = "mode: observe\nstate:\n  branch: refs/automata/state\nassistants: []\nrules:\n  - on: issues.opened\n    if:\n      title_contains: [crash]\n    do: [analyse]\n";
    file(folder.path(), ".github/automata.yml", yaml.as_bytes());
    insta::assert_snapshot!(Program::new(&["check"]).inside(folder.path()).run().told(), @"
    exit code 0
    -- stdout
    .github/automata.yml is in order. What it means:

    It observes: everything is decided and recorded, nothing is changed outside.
    The log is kept on refs/automata/state.

    Rules:
    - rule 1 (`issues.opened`)
        on issues.opened
        if its title contains `crash`
        then analyse the issue

    After every analysis:
    - findings less than 0.6 sure lead to nothing
    - one label for the type, where the repository has it: `bug`, `enhancement`, `question`, `documentation`
    - one label for the urgency, where the repository has it: `priority: low`, `priority: high`, `priority: critical`
    - owners by CODEOWNERS are named, not assigned
    - a report of a weakness is not analysed in public: it is told where to report it
    - what required fields of an issue form lack is asked for once, in the status comment
    - it is compared with open issues, and with closed ones for 30d after that
    - where `automata learn` has learned types, they are learned anew when people have corrected 20 of them
    - the status comment shows what is sure enough, with up to 3 similar issues

    Asked for a change: nobody.
    No change may touch .github/**, CODEOWNERS, docs/CODEOWNERS, .gitmodules, **/.gitattributes, .lfsconfig.
    Bots that are listened to: none.

    In comments, on lines that begin with `/automata`:
    - anyone: help, status, why
    - triage or more: run, assign, unassign, priority, label, duplicate
    - write or more: implement, revise, retry, cancel, approve, reject, undo, stop, pause, resume
    ");
    let ran = Program::new(&["check", "--format", "json"]).inside(folder.path()).run().well();
    assert_eq!(ran.json()["mode"], "observe");
}

#[test]
fn check_explains_schedules_and_names_their_next_times() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = "rules: [{ on: task.failed, if: { kind: label }, do: comment }]\nschedules:\n  sweep:\n    cron: 0 3 L * *\n    zone: Asia/Tokyo\n    jitter: 60\n    catch_up: none\n    do: { kind: label, subject: pull/7, input: { add: [stale] } }\n";
    file(folder.path(), "a.yml", yaml.as_bytes());
    let told = Program::new(&["check", "a.yml"]).inside(folder.path()).run().told();
    let next = told.lines().find_map(|line| line.strip_prefix("    next ")).expect("times");
    let times: Vec<jiff::Timestamp> = next.split(", ").map(|time| time.parse().expect(time)).collect();
    assert!(times.len() == 3 && times.is_sorted(), "{next}");
    assert!(next.split(", ").all(|time| time.ends_with("T03:00:00+09:00")), "{next}");
    insta::assert_snapshot!(told.replace(next, "(three times)"), @r#"
    exit code 0
    -- stdout
    a.yml is in order. What it means:

    It acts: labels, comments, assigns, pushes, opens pull requests.
    The log is kept on refs/heads/automata-state.

    Rules:
    - rule 1 (`task.failed`)
        on task.failed
        if its kind is `label`
        then bring the status comment up to date

    No rule leads to an analysis, so no type, urgency or owner is ever found.

    What follows the end of a task is about the same issue or pull request, and its own end leads to nothing.

    Schedules, seen to by whatever run comes along:
    - sweep
        at `0 3 L * *` in Asia/Tokyo, put off by up to 60 seconds each time
        then `label` about pull/7 with {"add":["stale"]}, at priority 50
        of missed times the last of them has its task if it is at most seven hours late
        next (three times)

    Asked for a change: patch.

    What becomes of a change:
    - a draft pull request
    - a review by a writer that asks for changes leads to a revision, up to 5 times
    - people merge it
    No change may touch .github/**, CODEOWNERS, docs/CODEOWNERS, .gitmodules, **/.gitattributes, .lfsconfig.
    Bots that are listened to: none.

    In comments, on lines that begin with `/automata`:
    - anyone: help, status, why
    - triage or more: run, assign, unassign, priority, label, duplicate
    - write or more: implement, revise, retry, cancel, approve, reject, undo, stop, pause, resume
    "#);
}

#[test]
fn check_names_line_and_column_and_guesses_what_was_meant() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = "mode: acting\nlimitz: {}\nrules:\n  - on: issues.opend\n    do: [analyse]\n";
    file(folder.path(), "a.yml", yaml.as_bytes());
    let check = |arguments: &[&str]| Program::new(arguments).inside(folder.path());
    insta::assert_snapshot!(check(&["check", "a.yml"]).run().told(), @r"
    exit code 2
    -- stderr
    error: a.yml:1:7: mode: `acting` is not known here; did you mean `act`?
    error: a.yml:2:1: limitz: there is no such key; did you mean `limits`?
    error: a.yml:4:9: rules[0].on: `issues.opend` is not known here; did you mean `issues.opened`?
    hint: `automata check --schema` prints what may stand in it, for editors and for people.
    ");
    insta::assert_snapshot!(check(&["check", "a.yml", "--format", "json"]).run().stdout, @r#"{"problems":[{"column":7,"hint":"did you mean `act`?","line":1,"message":"`acting` is not known here","path":"mode"},{"column":1,"hint":"did you mean `limits`?","line":2,"message":"there is no such key","path":"limitz"},{"column":9,"hint":"did you mean `issues.opened`?","line":4,"message":"`issues.opend` is not known here","path":"rules[0].on"}]}"#);
    let inside_actions = check(&["check", "a.yml"]).set("GITHUB_ACTIONS", "true").run();
    assert!(
        inside_actions.stderr.contains("\n::error file=a.yml,line=2,col=1::"),
        "{}",
        inside_actions.stderr
    );
    file(folder.path(), "b.yml", b"labels:\n  bug: [x\n");
    insta::assert_snapshot!(check(&["check", "b.yml"]).run().told(), @r"
    exit code 2
    -- stderr
    error: b.yml:2:8: unclosed bracket '['
    hint: `automata check --schema` prints what may stand in it, for editors and for people.
    ");
    insta::assert_snapshot!(check(&["check", "c.yml"]).run().told(), @r"
    exit code 2
    -- stderr
    error: c.yml cannot be read: No such file or directory (os error 2)
    hint: Name the file, for example: automata check .github/automata.yml
    ");
}

#[test]
fn check_prints_the_schema_that_is_published() {
    let published = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("automata.schema.json"),
    )
    .unwrap();
    assert_eq!(Program::new(&["check", "--schema"]).run().well().stdout, published);
}

#[test]
fn check_prints_the_schema_on_one_line_for_programs() {
    let ran = Program::new(&["check", "--schema", "--format", "json"]).run().well();
    assert_eq!(ran.stdout.lines().count(), 1);
    let published = Program::new(&["check", "--schema"]).run().well().json();
    assert_eq!(ran.json(), published);
}

#[test]
fn check_quotes_hidden_characters_as_escapes() {
    let folder = tempfile::tempdir().unwrap();
    let yaml = "state:\n  branch: \"a\\nb\"\npull_requests:\n  branch: \"x\\r\\ny-\\u202E{number}\"\n";
    file(folder.path(), "a.yml", yaml.as_bytes());
    insta::assert_snapshot!(Program::new(&["check", "a.yml"]).inside(folder.path()).run().told(), @r"
    exit code 2
    -- stderr
    error: a.yml:2:11: state.branch: `a\nb` is not a branch name: it contains a space, a control character or one of `~^:?*[\`
    error: a.yml:4:11: pull_requests.branch: it makes `x\r\ny-\u{202e}18446744073709551615`, which is not a branch name: it contains a space, a control character or one of `~^:?*[\`
    hint: `automata check --schema` prints what may stand in it, for editors and for people.
    ");
}

#[test]
fn check_says_which_action_is_a_plain_word() {
    let folder = tempfile::tempdir().unwrap();
    file(
        folder.path(),
        "a.yml",
        b"rules:\n  - on: issues.opened\n    do: [{comment: hi}, {analyse: }, {labl: x}]\n",
    );
    insta::assert_snapshot!(Program::new(&["check", "a.yml"]).inside(folder.path()).run().told(), @r"
    exit code 2
    -- stderr
    error: a.yml:3:11: rules[0].do[0]: `comment` takes no value; write the plain word `comment`
    error: a.yml:3:26: rules[0].do[1]: `analyse` takes no value; write the plain word `analyse`
    error: a.yml:3:39: rules[0].do[2].labl: there is no such key; did you mean `label`?
    hint: `automata check --schema` prints what may stand in it, for editors and for people.
    ");
}

#[test]
fn check_reads_the_default_branch_of_a_local_forge_and_not_the_folder_it_stands_in() {
    let forge = LocalForge::new();
    let here = tempfile::tempdir().unwrap();
    std::fs::create_dir(here.path().join(".github")).unwrap();
    let working = file(here.path(), ".github/automata.yml", b"mode: act\n");
    let check = |arguments: &[&str]| forge.program(arguments).inside(here.path());
    let first = |told: String| told.lines().take(3).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(first(check(&["check"]).run().told()), @r"
    exit code 0
    -- stdout
    There is no .github/automata.yml on the default branch, so the defaults hold:
    ");
    forge.commits(".github/automata.yml", "mode: acting\n");
    insta::assert_snapshot!(check(&["check"]).run().told(), @r"
    exit code 2
    -- stderr
    error: .github/automata.yml:1:7: mode: `acting` is not known here; did you mean `act`?
    hint: This is the file on the default branch; `automata check FILE` checks one that is not committed yet.
    hint: `automata check --schema` prints what may stand in it, for editors and for people.
    ");
    forge.commits(".github/automata.yml", "mode: observe\n");
    insta::assert_snapshot!(first(check(&["check"]).run().told()), @r"
    exit code 0
    -- stdout
    .github/automata.yml on the default branch is in order. What it means:
    ");
    assert_eq!(check(&["check", "--format", "json"]).run().well().json()["mode"], "observe");
    let named = check(&["check", working.to_str().unwrap(), "--format", "json"]).run().well();
    assert_eq!(named.json()["mode"], "act", "a file that is named is the one that is checked");
}

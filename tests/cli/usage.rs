//! Missing settings, slips of the hand and what is printed where.

use super::forge::LocalForge;
use super::program::Program;

#[test]
fn a_missing_setting_is_named_with_the_way_out() {
    insta::assert_snapshot!(Program::new(&["run"]).run().told(), @r"
    exit code 2
    -- stderr
    error: there is no event to take in
    hint: Inside Actions GITHUB_EVENT_NAME names it; by hand use --event NAME --payload FILE, or `automata drain`.
    ");
    insta::assert_snapshot!(Program::new(&["status"]).run().told(), @r"
    exit code 2
    -- stderr
    error: GITHUB_REPOSITORY is not set
    hint: GitHub Actions sets it; outside of a workflow set it yourself or use --forge local.
    ");
    let named = |arguments: &[&str]| Program::new(arguments).set("GITHUB_REPOSITORY", "acme/widgets");
    insta::assert_snapshot!(named(&["status"]).run().told(), @r"
    exit code 2
    -- stderr
    error: there is no token
    hint: Give the action `token: ${{ github.token }}`; by hand set AUTOMATA_TOKEN.
    ");
    insta::assert_snapshot!(named(&["status", "--format", "json"]).run().told(), @r#"
    exit code 2
    -- stdout
    {"error":{"exit_code":2,"hints":["Give the action `token: ${{ github.token }}`; by hand set AUTOMATA_TOKEN."],"kind":"usage","message":"there is no token"}}
    -- stderr
    error: there is no token
    hint: Give the action `token: ${{ github.token }}`; by hand set AUTOMATA_TOKEN.
    "#);
    insta::assert_snapshot!(Program::new(&["status"]).set("GITHUB_REPOSITORY", "widgets").run().told(), @r"
    exit code 2
    -- stderr
    error: `widgets` is not a repository: write it as owner/name
    hint: Look at GITHUB_REPOSITORY.
    ");
    let with_roots = named(&["status"]).set("GITHUB_TOKEN", "t").set("SSL_CERT_FILE", "/nowhere.pem");
    insta::assert_snapshot!(with_roots.run().told(), @r"
    exit code 2
    -- stderr
    error: the certificates cannot be read: No such file or directory (os error 2)
    hint: AUTOMATA_CA_FILE (or SSL_CERT_FILE) names a PEM file.
    ");
}

#[test]
fn a_setting_that_cannot_work_is_no_reason_to_run_again() {
    let on_github = |name: &str, value: &str| {
        let program =
            Program::new(&["status"]).set("GITHUB_REPOSITORY", "acme/widgets").set("GITHUB_TOKEN", "t");
        program.set(name, value).run().told()
    };
    insta::assert_snapshot!(on_github("GITHUB_API_URL", "nonsense"), @"
    exit code 2
    -- stderr
    error: `nonsense` is not the address of a GitHub API
    hint: Use https://api.github.com, or https://HOST/api/v3 for GitHub Enterprise Server.
    ");
    insta::assert_snapshot!(on_github("GITHUB_SERVER_URL", "nonsense"), @"
    exit code 2
    -- stderr
    error: `nonsense` is not the address of a GitHub server
    hint: Set GITHUB_SERVER_URL to https://github.com, or to https://HOST for GitHub Enterprise Server.
    ");
    insta::assert_snapshot!(on_github("TMPDIR", "/nowhere/at/all"), @r#"
    exit code 2
    -- stderr
    error: temporary files cannot be made in /nowhere/at/all: No such file or directory (os error 2)
    hint: Set TMPDIR to a folder that can be written and has room.
    "#);
    let forge = LocalForge::new();
    let ran = forge.program(&["status"]).set("TMPDIR", "/dev/null/x").run();
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
}

#[test]
fn a_local_forge_needs_its_folder() {
    insta::assert_snapshot!(Program::new(&["--forge", "local", "status"]).run().told(), @r"
    exit code 2
    -- stderr
    error: the following required arguments were not provided:
      --directory <DIR>

    Usage: automata --forge <FORGE> --directory <DIR> <COMMAND>

    For more information, try '--help'.
    ");
    let folder = tempfile::tempdir().unwrap();
    let told =
        Program::on(folder.path(), &["status"]).run().told_of(&[(folder.path().to_str().unwrap(), "DIR")]);
    insta::assert_snapshot!(told, @"
    exit code 2
    -- stderr
    error: DIR/repository.git cannot be opened as a git repository: failed to resolve path 'DIR/repository.git': No such file or directory
    hint: Make one with `automata demo --keep DIR`.
    ");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "looking makes nothing");
}

#[test]
fn an_unknown_command_is_met_with_the_nearest_one() {
    insta::assert_snapshot!(Program::new(&["statsu"]).run().told(), @"
    exit code 2
    -- stderr
    error: unrecognized subcommand 'statsu'

      tip: some similar subcommands exist: 'tasks', 'state', 'status'

    Usage: automata [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn a_wrong_command_line_is_one_json_object_for_whoever_wants_json() {
    let told = |line: &str| {
        let arguments: Vec<&str> = line.split(' ').collect();
        let ran = Program::new(&arguments).run();
        assert_eq!((ran.code, ran.stdout.lines().count()), (Some(2), 1), "{line}: {}", ran.stdout);
        assert!(ran.stderr.contains("error: ") || ran.stderr.contains("Usage"), "{line}: {}", ran.stderr);
        let error = ran.json()["error"].clone();
        assert_eq!((error["kind"].as_str(), error["exit_code"].as_u64()), (Some("usage"), Some(2)));
        format!("{line}: {} {}\n", error["message"], error["hints"])
    };
    let lines = [
        "frob --format json",
        "status --frob --format=json",
        "--format json log -n x",
        "why --format json",
        "tasks --format json",
        "status --json --format json",
    ];
    insta::assert_snapshot!(lines.map(told).concat(), @r#"
    frob --format json: "unrecognized subcommand 'frob'" ["Usage: automata [OPTIONS] <COMMAND>","For more information, try '--help'."]
    status --frob --format=json: "unexpected argument '--frob' found" ["Usage: automata status [OPTIONS]","For more information, try '--help'."]
    --format json log -n x: "invalid value 'x' for '--last <COUNT>': invalid digit found in string" ["For more information, try '--help'."]
    why --format json: "the following required arguments were not provided: <WHAT>" ["Usage: automata why --format <FORMAT> <WHAT> [NAME]","For more information, try '--help'."]
    tasks --format json: "'automata tasks' requires a subcommand but one was not provided [subcommands: list, show, add, schedules, unschedule, cancel, retry, revive, prioritise, graph, help]" ["Usage: automata tasks [OPTIONS] <COMMAND>","For more information, try '--help'."]
    status --json --format json: "unexpected argument '--json' found" ["Usage: automata status [OPTIONS]","For more information, try '--help'.","Write `--format json` to have JSON."]
    "#);
    for line in [&["frob"][..], &["frob", "--format", "text"], &["frob", "--", "--format=json"]] {
        assert_eq!(Program::new(line).run().stdout, "", "{line:?}");
    }
}

#[test]
fn an_option_of_other_programs_is_answered_with_ours() {
    let ran = Program::new(&["status", "--json"]).run();
    insta::assert_snapshot!(ran.told(), @r"
    exit code 2
    -- stderr
    error: unexpected argument '--json' found

    Usage: automata status [OPTIONS]

    For more information, try '--help'.

    hint: Write `--format json` to have JSON.
    ");
    let ran = Program::new(&["--directory", "shopping", "status"]).run();
    insta::assert_snapshot!(ran.told(), @r"
    exit code 2
    -- stderr
    error: --directory names the folder of a local forge, and the forge is GitHub
    hint: Add `--forge local`, or leave --directory out.
    ");
}

#[test]
fn addresses_of_a_folder_named_from_here_lead_there_from_anywhere() {
    let forge = super::forge::LocalForge::new();
    let payload = forge.opens("carol", "How do I read the list from a file?", "Is there a way?");
    let (above, name) = (forge.path().parent().unwrap(), forge.path().file_name().unwrap());
    let arguments = ["run", "--event", "issues", "--payload", payload.to_str().unwrap()];
    let summary = forge.path().join("summary.md");
    let ran = Program::on(std::path::Path::new(name), &arguments)
        .inside(above)
        .set("GITHUB_STEP_SUMMARY", &summary)
        .run()
        .well();
    let address = format!("file://{}/forge/comments/", forge.path().display());
    let listed = Program::on(std::path::Path::new(name), &["log"]).inside(above).run().well().stdout;
    assert!(listed.contains(&address), "{listed}");
    let summary = std::fs::read_to_string(summary).unwrap();
    assert!(summary.replace('\\', "").contains(&address), "{summary}{}", ran.stderr);
}

#[test]
fn a_filter_that_is_not_understood_is_passed_over_aloud() {
    let folder = tempfile::tempdir().unwrap();
    let ran = Program::new(&["check"]).inside(folder.path()).set("AUTOMATA_LOG", "automata=loud=er").run();
    insta::assert_snapshot!(ran.stderr, @r#"warning: AUTOMATA_LOG is not understood, and passed over: error parsing level filter: expected one of "off", "error", "warn", "info", "debug", "trace", or a number 0-5"#);
    assert_eq!(ran.code, Some(0));
}

#[test]
fn colour_is_for_terminals_alone() {
    let folder = tempfile::tempdir().unwrap();
    let ran = Program::new(&["check"]).inside(folder.path()).set("TERM", "xterm-256color").run();
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'));
}

#[test]
fn whoever_is_logged_in_stands_in_the_log_also_where_no_variable_says_so() {
    let forge = LocalForge::new();
    forge.opens("ada", "It crashes", "");
    let add = forge.program(&["tasks", "add", "analyse", "--subject", "issue/1"]).set("USER", "");
    add.run().well();
    let log = forge.program(&["log", "--format", "json"]).run().well().json();
    let told = std::process::Command::new("id").arg("-un").output().unwrap();
    assert_eq!(log["actor"]["login"], String::from_utf8(told.stdout).unwrap().trim());
}

#[test]
fn numbers_begin_at_1() {
    let forge = LocalForge::new();
    let told = |line: &str| {
        let ran = forge.program(&line.split(' ').collect::<Vec<_>>()).run();
        assert_eq!(ran.code, Some(2), "{line}");
        format!("{line}: {}", ran.stderr.lines().next().unwrap())
    };
    let lines = [
        "tasks add analyse --subject issue/0",
        "tasks add milestone --awaits merged:0",
        "log --subject pull/0",
        "why 0",
        "prompt #0",
    ];
    insta::assert_snapshot!(lines.map(told).join("\n"), @"
    tasks add analyse --subject issue/0: error: --subject: `issue/0` is not a subject: write issue/42, pull/7, drive/ID or repository
    tasks add milestone --awaits merged:0: error: --awaits: `merged:0` is nothing to wait for: write merged:7, checks:7, approved:42 or closed:42
    log --subject pull/0: error: `pull/0` is not a subject: write issue/42, pull/7, drive/ID or repository
    why 0: error: `0` is nothing that can be asked about
    prompt #0: error: `#0` is not an issue's number
    ");
    assert_eq!(forge.git(&["for-each-ref", "refs/heads/automata-state"]), "", "nothing was appended");
}

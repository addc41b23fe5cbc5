//! Help, version, missing settings and `check`: what a person meets first.

use super::program::{Program, file};

#[test]
fn without_a_command_it_shows_what_there_is() {
    insta::assert_snapshot!(Program::new(&[]).run().told(), @r"
    exit code 2
    -- stderr
    A repository's memory and hands: an event-sourced task queue on a state branch that triages issues
    and opens pull requests

    Usage: automata [OPTIONS] <COMMAND>

    Commands:
      run     Take in one event, then work through the queue. This is what the action calls
      drain   Work through the queue without a new event
      status  Show the queue
      log     Show the log, newest last
      show    Show one task, issue or event with everything about it
      why     Tell why an issue looks as it does, from the event to the receipt
      verify  Recompute the log's chain from the first event on
      check   Check the configuration and explain what it does
      demo    Show the main job on a small repository and a local forge in a temporary folder
      help    Print this message or the help of the given subcommand(s)

    Options:
          --forge <FORGE>    The forge to work with: `github` (settings from the environment, as GitHub
                             Actions gives them) or `local` (a folder with `repository.git` and
                             `forge/`, as `demo` makes one) [default: github] [possible values: github,
                             local]
          --directory <DIR>  The local forge's folder
          --format <FORMAT>  How to print data [default: text] [possible values: text, json]
      -v, --verbose...       Tell more on stderr; twice for everything
      -h, --help             Print help (see more with '--help')
      -V, --version          Print version
    ");
    insta::assert_snapshot!(Program::new(&["--version"]).run().told(), @r"
    exit code 0
    -- stdout
    automata 0.1.0
    ");
    insta::assert_snapshot!(Program::new(&["--help"]).run().told(), @r#"
    exit code 0
    -- stdout
    A repository's memory and hands: an event-sourced task queue on a state branch that triages issues
    and opens pull requests

    Usage: automata [OPTIONS] <COMMAND>

    Commands:
      run     Take in one event, then work through the queue. This is what the action calls
      drain   Work through the queue without a new event
      status  Show the queue
      log     Show the log, newest last
      show    Show one task, issue or event with everything about it
      why     Tell why an issue looks as it does, from the event to the receipt
      verify  Recompute the log's chain from the first event on
      check   Check the configuration and explain what it does
      demo    Show the main job on a small repository and a local forge in a temporary folder
      help    Print this message or the help of the given subcommand(s)

    Options:
          --forge <FORGE>
              The forge to work with: `github` (settings from the environment, as GitHub Actions gives
              them) or `local` (a folder with `repository.git` and `forge/`, as `demo` makes one)

              Possible values:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

          --directory <DIR>
              The local forge's folder

          --format <FORMAT>
              How to print data

              Possible values:
              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

      -v, --verbose...
              Tell more on stderr; twice for everything

      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Exit codes:
      0   done, or nothing to do
      1   work failed for good, or the log is damaged
      2   the command line, the configuration or the payload is wrong
      3   gave up on conflicts or an unreachable service; nothing is half-written, run it again
      70  a bug

    Data goes to stdout, everything else to stderr. With `--format json` an error is one more JSON value
    on
    stdout: {"error": {"kind", "exit_code", "message", "hints"}}; kinds are work, usage, again and bug.
    "#);
}

#[test]
fn every_command_says_what_it_takes_and_what_its_json_looks_like() {
    let mut told = String::new();
    for command in ["run", "drain", "status", "log", "show", "why", "verify", "check", "demo"] {
        let help = Program::new(&[command, "--help"]).run().well();
        // The options of every command stand in the help of the program.
        let of_all = ["--forge", "--directory", "--format", "--verbose", "--help", "--version"];
        let mut is_own = true;
        told.push_str(&format!("# {command}\n"));
        for line in help.stdout.lines() {
            if line.trim_start().starts_with('-') && !line.starts_with("              ") {
                is_own = !of_all.iter().any(|option| line.contains(option));
            } else if !line.is_empty() && !line.starts_with(' ') {
                is_own = true;
            }
            if is_own {
                told.push_str(&format!("{line}\n"));
            }
        }
    }
    insta::assert_snapshot!(told, @r"
    # run
    Take in one event, then work through the queue. This is what the action calls.

    Inside GitHub Actions it also writes the job summary and the outputs.

    Usage: automata run [OPTIONS]

    Options:
          --event <NAME>
              The event's name; `GITHUB_EVENT_NAME` otherwise

              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

          --payload <FILE>
              The file with the event's JSON; `GITHUB_EVENT_PATH` otherwise

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

    JSON: one object {outcome, headline, issue, pull_request, tally, sequence, warnings}; `outcome` is
    recorded,
    duplicate, ignored or drained, `tally` counts {completed, retried, failed, effects, pushes}.
    # drain
    Work through the queue without a new event

    Usage: automata drain [OPTIONS]

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

    JSON: one object {outcome, headline, issue, pull_request, tally, sequence, warnings}; `outcome` is
    recorded,
    duplicate, ignored or drained, `tally` counts {completed, retried, failed, effects, pushes}.
    # status
    Show the queue

    Usage: automata status [OPTIONS]

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

    JSON: one object {sequence, counts, tasks}; `counts` by status, `tasks` is a list of {task, kind,
    subject,
    status, detail, attempts, max_attempts, reason}.
    # log
    Show the log, newest last

    Usage: automata log [OPTIONS]

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

      -n, --last <COUNT>
              Only the last so many events; 0 for all
              
              [default: 50]

          --subject <SUBJECT>
              Only events about this subject: `issue/42`, `pull/7`, `repository`

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

    JSON: one event a line, as the state branch keeps it but without `prev`: {seq, id, type, v, subject,
    at, actor,
    cause, correlation, run, data}.
    # show
    Show one task, issue or event with everything about it

    Usage: automata show [OPTIONS] <WHAT>

    Arguments:
      <WHAT>
              A task's id or its beginning, `issue/42`, or an event's number

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

    JSON: {task, effects} for a task, {issue, tasks} for an issue, the line of `log` for an event. The
    text form is
    the same, spread out.
    # why
    Tell why an issue looks as it does, from the event to the receipt

    Usage: automata why [OPTIONS] <ISSUE>

    Arguments:
      <ISSUE>
              The issue's number; `#42` and `issue/42` will do too

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

    JSON: one object {issue, findings, changes, silence, story}; the first three are lists of {what,
    because},
    `story` is a list of sentences.
    # verify
    Recompute the log's chain from the first event on

    Usage: automata verify [OPTIONS]

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

    JSON: one object {sound, reference, events, chain, problems, hints}. The exit code is 1 when
    something is wrong.
    # check
    Check the configuration and explain what it does

    Usage: automata check [OPTIONS] [FILE]

    Arguments:
      [FILE]
              The configuration file; the working copy's `.github/automata.yml` otherwise

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

          --schema
              Print the configuration's JSON Schema instead

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

    JSON: what the configuration means, or {problems}, a list of {path, line, column, message, hint}.
    # demo
    Show the main job on a small repository and a local forge in a temporary folder

    Usage: automata demo [OPTIONS]

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

          --keep <DIR>
              Keep everything in this folder instead of a temporary one; the same folder again continues
              there

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

    JSON: one object {directory, runs}; `runs` is a list of {scene, run}, `run` as of `automata run`.
    ");
}

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
    insta::assert_snapshot!(told, @r"
    exit code 2
    -- stderr
    error: DIR/repository.git cannot be opened as a git repository: failed to resolve path 'DIR/repository.git': No such file or directory
    hint: Make one with `automata demo --keep DIR`.
    ");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "looking makes nothing");
}

#[test]
fn an_unknown_command_is_met_with_the_nearest_one() {
    insta::assert_snapshot!(Program::new(&["statsu"]).run().told(), @r"
    exit code 2
    -- stderr
    error: unrecognized subcommand 'statsu'

      tip: a similar subcommand exists: 'status'

    Usage: automata [OPTIONS] <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn a_filter_that_is_not_understood_is_passed_over_aloud() {
    let folder = tempfile::tempdir().unwrap();
    let ran = Program::new(&["check"]).inside(folder.path()).set("AUTOMATA_LOG", "automata=loud=er").run();
    insta::assert_snapshot!(ran.stderr, @r#"warning: AUTOMATA_LOG is not understood, and passed over: error parsing level filter: expected one of "off", "error", "warn", "info", "debug", "trace", or a number 0-5"#);
    assert_eq!(ran.code, Some(0));
}

#[test]
fn check_explains_the_defaults_when_there_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let told = Program::new(&["check"]).inside(folder.path()).run().told();
    insta::assert_snapshot!(told, @r"
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
    - built-in rule: a comment that begins with `/automata implement` asks for a change
        on issue_comment.created
        if the comment begins with `/automata implement`
        then ask the assistants for a change and open a pull request

    After every analysis:
    - findings less than 0.6 sure lead to nothing
    - one label for the type, where the repository has it: `bug`, `enhancement`, `question`, `documentation`
    - one label for the urgency, where the repository has it: `priority: low`, `priority: high`, `priority: critical`
    - owners by CODEOWNERS are named, not assigned
    - the status comment shows it all, with up to 3 similar issues

    Asked for a change: patch.
    No change may touch .github/**, CODEOWNERS, docs/CODEOWNERS.
    Bots that are listened to: none.
    ");
}

#[test]
fn check_explains_what_a_file_means() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join(".github")).unwrap();
    let yaml = "mode: observe\nstate:\n  branch: refs/automata/state\nassistants: []\nrules:\n  - on: issues.opened\n    if:\n      title_contains: [crash]\n    do: [analyse]\n";
    file(folder.path(), ".github/automata.yml", yaml.as_bytes());
    insta::assert_snapshot!(Program::new(&["check"]).inside(folder.path()).run().told(), @r"
    exit code 2
    -- stderr
    error: .github/automata.yml:6:5: rules[0].name: there is no such key; there are `do`, `if`, `on`
    error: .github/automata.yml:9:7: rules[0].if.title: there is no such key; did you mean `title_contains`?
    hint: `automata check --schema` prints what may stand in it, for editors and for people.
    ");
    let ran = Program::new(&["check", "--format", "json"]).inside(folder.path()).run().well();
    assert_eq!(ran.json()["mode"], "observe");
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
fn colour_is_for_terminals_alone() {
    let folder = tempfile::tempdir().unwrap();
    let ran = Program::new(&["check"]).inside(folder.path()).set("TERM", "xterm-256color").run();
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'));
}

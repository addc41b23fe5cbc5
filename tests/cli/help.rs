//! Help: what there is and what each command takes.

use super::program::Program;

#[test]
fn without_a_command_it_shows_what_there_is() {
    insta::assert_snapshot!(Program::new(&[]).run().told(), @"
    exit code 2
    -- stderr
    A repository's memory and hands: an event-sourced task queue on a state branch that triages issues
    and opens pull requests

    Usage: automata [OPTIONS] <COMMAND>

    Commands:
      run     Take in one event, then work through the queue. This is what the action calls
      drain   Work through the queue without a new event
      plan    Show what would be claimed now, and what the others wait for
      tasks   List, show, enqueue and change tasks
      status  Show the queue
      log     Show the log, newest last
      show    Show one task, issue or event with everything about it
      why     Tell why an issue looks as it does, from the event to the receipt
      undo    Take back what Automata did and nobody touched since: about an issue, in a run, by a task,
              or one effect
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
      plan    Show what would be claimed now, and what the others wait for
      tasks   List, show, enqueue and change tasks
      status  Show the queue
      log     Show the log, newest last
      show    Show one task, issue or event with everything about it
      why     Tell why an issue looks as it does, from the event to the receipt
      undo    Take back what Automata did and nobody touched since: about an issue, in a run, by a task,
              or one effect
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
      1   work failed for good, the log is damaged, or the output could not be written
      2   the command line, the configuration or the payload is wrong
      3   gave up on conflicts or an unreachable service; nothing is half-written, run it again
      70  a bug

    Data goes to stdout, everything else to stderr. With `--format json` an error is one more JSON value
    on stdout: {"error": {"kind", "exit_code", "message", "hints"}}; kinds are work, usage, again and
    bug.
    "#);
}

/// What the help of each of these commands says of that command alone.
pub(super) fn own_help(commands: &[&str]) -> String {
    let mut told = String::new();
    for command in commands {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let help = Program::new(&words).run().well();
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
    told
}

#[test]
fn every_command_says_what_it_takes_and_what_its_json_looks_like() {
    let told = own_help(&["run", "drain", "status", "log", "show", "why", "verify", "check", "demo"]);
    insta::assert_snapshot!(told, @"
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
    recorded, duplicate, ignored or drained, `tally` counts {completed, retried, failed, effects,
    pushes, settled}. When time ran out with work left there are `successor` (started or left) and
    `notes` as well.
    # drain
    Work through the queue without a new event

    Usage: automata drain [OPTIONS]

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

          --shard <I/N>
              Only this part of the queue, `0/3` to `2/3`: an entry of the matrix that `plan --matrix`
              prints

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

    JSON: one object {outcome, headline, issue, pull_request, tally, sequence, warnings}; `outcome` is
    recorded, duplicate, ignored or drained, `tally` counts {completed, retried, failed, effects,
    pushes, settled}. When time ran out with work left there are `successor` (started or left) and
    `notes` as well.
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

    JSON: one object {sequence, counts, held, tasks}; `counts` by status, `tasks` is a list of {task,
    kind, subject, status, wait, detail, priority, attempts, max_attempts, reason}, `held` one of
    {event, subject, since, reason}; `wait` is null, or what a pending task waits for: ready (its turn),
    scheduled, retrying, blocked, awaiting, paused or throttled.
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
    at, actor, cause, correlation, run, data}.
    # show
    Show one task, issue or event with everything about it

    Usage: automata show [OPTIONS] <WHAT>

    Arguments:
      <WHAT>
              A task's id or its beginning, an issue as `#42` or `issue/42`, or an event's number

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

    JSON: {task, effects} for a task, {issue, tasks} for an issue, the line of `log` for an event. The
    text form is the same, spread out below a title.
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
    because}, `story` is a list of sentences.
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

    JSON: one object {sound, reference, witness, events, chain, problems, hints}; `witness` is
    {reference, commit, level}, or null where there is none. The exit code is 1 when something is wrong.
    # check
    Check the configuration and explain what it does

    Usage: automata check [OPTIONS] [FILE]

    Arguments:
      [FILE]
              The configuration file; otherwise the working copy's `.github/automata.yml`, or with
              `--forge local` the one on the default branch

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

//! Help: what there is and what each command takes.

use super::program::Program;

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
      plan    Show what would be claimed now, and what the others wait for
      tasks   List, show, enqueue and change tasks
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
      plan    Show what would be claimed now, and what the others wait for
      tasks   List, show, enqueue and change tasks
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
      1   work failed for good, the log is damaged, or the output could not be written
      2   the command line, the configuration or the payload is wrong
      3   gave up on conflicts or an unreachable service; nothing is half-written, run it again
      70  a bug

    Data goes to stdout, everything else to stderr. With `--format json` an error is one more JSON value
    on stdout: {"error": {"kind", "exit_code", "message", "hints"}}; kinds are work, usage, again and
    bug.
    "#);
}

#[test]
fn every_command_says_what_it_takes_and_what_its_json_looks_like() {
    let mut told = String::new();
    for command in [
        "run",
        "drain",
        "plan",
        "tasks list",
        "tasks show",
        "tasks add",
        "tasks cancel",
        "tasks retry",
        "tasks revive",
        "tasks prioritise",
        "tasks graph",
        "status",
        "log",
        "show",
        "why",
        "verify",
        "check",
        "demo",
    ] {
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
    insta::assert_snapshot!(told, @r#"
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
    # plan
    Show what would be claimed now, and what the others wait for

    Usage: automata plan [OPTIONS]

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

          --matrix
              Print a matrix for several runners instead

          --shards <N>
              Shards of the matrix at most

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

    JSON: one object {sequence, claims, waits, next_due}; `claims` and `waits` as `tasks` of `automata
    status`, `next_due` is when the next task that only waits for a time may run.

    With `--matrix`: {"include": [{"shard": "0/3"}, …]} on one line for `strategy.matrix`, as many
    shards as --shards allows and as there is work for. There is at least one, so that the workflow is
    valid and tasks of a killed run are taken back. Inside GitHub Actions the outputs `matrix` and
    `ready` (tasks that could be claimed now) are set too: `if: needs.plan.outputs.ready != '0'` saves
    the runner.
    # tasks list
    List tasks, unfinished ones first

    Usage: automata tasks list [OPTIONS]

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

          --status <STATUS>
              Only tasks with one of these statuses

              Possible values:
              - pending:   Waits
              - running:   Somebody works on it
              - completed: Done
              - failed:    Given up
              - cancelled: Called off

          --kind <KIND>
              Only tasks of one of these kinds

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

          --subject <SUBJECT>
              Only tasks about this subject: `issue/42`, `pull/7`, `repository`

          --wait <WAIT>
              Only pending tasks that wait for one of these

              Possible values:
              - ready:     Its turn, and nothing else
              - scheduled: The time it is planned for
              - retrying:  The time of its next attempt
              - blocked:   Other tasks
              - awaiting:  Something outside
              - throttled: Room under the limits

      -n, --first <COUNT>
              Only the first so many; 0 for all
              
              [default: 50]

    JSON: one object {sequence, matching, tasks}; `tasks` as of `automata status`, `matching` counts
    them without `-n`.
    # tasks show
    Show one task with everything about it

    Usage: automata tasks show [OPTIONS] <TASK>

    Arguments:
      <TASK>
              The task's id or its beginning

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

    JSON: one object {task, wait, effects, needed_by, events}; `task` as of `automata show`, `wait` what
    a pending task waits for, `needed_by` a list of ids, `events` a list of lines of `automata log`.
    # tasks add
    Enqueue a task, or those of a file

    Usage: automata tasks add [OPTIONS] [KIND]

    Arguments:
      [KIND]
              The kind of task; the README lists them

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

          --from <FILE>
              Enqueue the tasks of this JSON file (`-` for stdin), all of them or none

          --subject <SUBJECT>
              What it is about: `issue/42`, `pull/7` or `repository`

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

          --input <JSON>
              What the kind needs to know, as JSON; `@FILE` reads a file, `-` stdin

          --after <TASK>...
              Tasks that must be completed before

          --if-lost <FATE>
              What becomes of it when one of them fails or is cancelled: `fail`, `skip` or `continue`

          --awaits <FACT>...
              What must be so outside before: `merged:7`, `checks:7`, `approved:42`, `closed:42`

          --priority <N>
              Who goes first, from 0 to 100; 50 if nothing is said

          --not-before <TIME>
              Not before then, such as 2026-11-22T10:00:00Z

          --in <SPAN>
              Not before this much time has passed, such as `90s`, `15m`, `2h`, `1d12h`

          --deadline <TIME>
              It fails if it has not begun by then

          --unique <KEY>
              Among pending tasks there is one with this key

          --on-duplicate <FATE>
              What becomes of this one when there is one already: `drop` (the other stands for both),
              `replace` (the other gets this one's input, priority and time) or `coalesce` (the other
              keeps its place and gets this one's input)

          --idempotency <KEY>
              A task with this key is enqueued once and never again

          --concurrency <KEY>
              Tasks with this key share a limit of how many run at once; one unless `limits.keys` says
              otherwise

          --max-attempts <N>
              Attempts it gets; 6 if nothing is said

          --on-success <JSON>
              A task to enqueue when it is completed, as JSON: {"kind", "input", …}, about the same
              subject unless it names one

          --on-failure <JSON>
              A task to enqueue when it has failed for good

          --on-end <JSON>
              A task to enqueue however it ends

          --reason <TEXT>
              Why it exists, one sentence

    A file holds a list of tasks, or one: {"name", "kind", "subject", "input", "after", "if_lost",
    "awaits", "priority", "not_before", "in", "deadline", "unique", "on_duplicate", "idempotency",
    "concurrency", "max_attempts", "on_success", "on_failure", "on_end", "reason"}, with the meaning of
    the options; only `kind` must be there. `after` names tasks of the file, or tasks that exist. All of
    them are enqueued, or none.

    JSON: a list of {name, task, existing}; `existing` when an earlier task stands for this one.
    # tasks cancel
    Call tasks off, also running ones

    Usage: automata tasks cancel [OPTIONS] [TASK]...

    Arguments:
      [TASK]...
              The tasks' ids or their beginnings

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

          --status <STATUS>
              Only tasks with one of these statuses

              Possible values:
              - pending:   Waits
              - running:   Somebody works on it
              - completed: Done
              - failed:    Given up
              - cancelled: Called off

          --kind <KIND>
              Only tasks of one of these kinds

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

          --subject <SUBJECT>
              Only tasks about this subject: `issue/42`, `pull/7`, `repository`

          --wait <WAIT>
              Only pending tasks that wait for one of these

              Possible values:
              - ready:     Its turn, and nothing else
              - scheduled: The time it is planned for
              - retrying:  The time of its next attempt
              - blocked:   Other tasks
              - awaiting:  Something outside
              - throttled: Room under the limits

          --yes
              Do it to all that the options pick; without it they are only listed

          --reason <TEXT>
              Why, one sentence

    JSON: one object {would, done, also, refused}; `done` and `also` (what ended or came back with them)
    are lists of {task, status}, `refused` is a list of {task, error}, `would` is a list of ids that
    --yes would change. The exit code is 2 when something was refused; what was done stays done.
    # tasks retry
    Let tasks run now that wait for a time, or have failed

    Usage: automata tasks retry [OPTIONS] [TASK]...

    Arguments:
      [TASK]...
              The tasks' ids or their beginnings

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

          --status <STATUS>
              Only tasks with one of these statuses

              Possible values:
              - pending:   Waits
              - running:   Somebody works on it
              - completed: Done
              - failed:    Given up
              - cancelled: Called off

          --kind <KIND>
              Only tasks of one of these kinds

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

          --subject <SUBJECT>
              Only tasks about this subject: `issue/42`, `pull/7`, `repository`

          --wait <WAIT>
              Only pending tasks that wait for one of these

              Possible values:
              - ready:     Its turn, and nothing else
              - scheduled: The time it is planned for
              - retrying:  The time of its next attempt
              - blocked:   Other tasks
              - awaiting:  Something outside
              - throttled: Room under the limits

          --yes
              Do it to all that the options pick; without it they are only listed

          --reason <TEXT>
              Why, one sentence

    JSON: one object {would, done, also, refused}; `done` and `also` (what ended or came back with them)
    are lists of {task, status}, `refused` is a list of {task, error}, `would` is a list of ids that
    --yes would change. The exit code is 2 when something was refused; what was done stays done.
    # tasks revive
    Give failed tasks another chance, and with them those that failed because of them

    Usage: automata tasks revive [OPTIONS] [TASK]...

    Arguments:
      [TASK]...
              The tasks' ids or their beginnings

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

          --status <STATUS>
              Only tasks with one of these statuses

              Possible values:
              - pending:   Waits
              - running:   Somebody works on it
              - completed: Done
              - failed:    Given up
              - cancelled: Called off

          --kind <KIND>
              Only tasks of one of these kinds

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

          --subject <SUBJECT>
              Only tasks about this subject: `issue/42`, `pull/7`, `repository`

          --wait <WAIT>
              Only pending tasks that wait for one of these

              Possible values:
              - ready:     Its turn, and nothing else
              - scheduled: The time it is planned for
              - retrying:  The time of its next attempt
              - blocked:   Other tasks
              - awaiting:  Something outside
              - throttled: Room under the limits

          --yes
              Do it to all that the options pick; without it they are only listed

          --input <JSON>
              Another input than they had, as JSON; `@FILE` reads a file, `-` stdin

          --reason <TEXT>
              Why, one sentence

    JSON: one object {would, done, also, refused}; `done` and `also` (what ended or came back with them)
    are lists of {task, status}, `refused` is a list of {task, error}, `would` is a list of ids that
    --yes would change. The exit code is 2 when something was refused; what was done stays done.
    # tasks prioritise
    Let pending tasks go earlier or later

    Usage: automata tasks prioritise [OPTIONS] <TASK>... <PRIORITY>

    Arguments:
      <TASK>...
              The tasks' ids or their beginnings

      <PRIORITY>
              Who goes first, from 0 to 100

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

          --reason <TEXT>
              Why, one sentence

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

    JSON: one object {would, done, also, refused}; `done` and `also` (what ended or came back with them)
    are lists of {task, status}, `refused` is a list of {task, error}, `would` is a list of ids that
    --yes would change. The exit code is 2 when something was refused; what was done stays done.
    # tasks graph
    Show which unfinished task needs which, as a tree or for Mermaid

    Usage: automata tasks graph [OPTIONS] [TASK]

    Arguments:
      [TASK]
              Only this task, what it needs and what needs it

    Options:
              - github: github.com or a GitHub Enterprise Server
              - local:  Plain files beside a bare repository
              
              [default: github]

          --mermaid
              Print a Mermaid diagram, as GitHub shows it in a code block `mermaid`

              - text: For people
              - json: For programs: JSON, one value on a line
              
              [default: text]

    JSON: one object {tasks, edges}; `tasks` as of `automata status`, `edges` is a list of {from, to}:
    `to` needs `from`.
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
    scheduled, retrying, blocked, awaiting or throttled.
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
    "#);
}

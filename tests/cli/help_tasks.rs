//! Help of the commands about tasks: what each takes.

use super::help::own_help;

#[test]
fn every_command_about_tasks_says_what_it_takes_and_what_its_json_looks_like() {
    let told = own_help(&[
        "plan",
        "tasks list",
        "tasks show",
        "tasks add",
        "tasks schedules",
        "tasks unschedule",
        "tasks cancel",
        "tasks retry",
        "tasks revive",
        "tasks prioritise",
        "tasks graph",
    ]);
    insta::assert_snapshot!(told, @r#"
    # plan
    Show what would be claimed now, and what the others wait for

    Usage: automata plan [OPTIONS]

    Options:
          --matrix
              Print a matrix for several runners instead

          --shards <N>
              Shards of the matrix at most

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
              - paused:    Somebody to say `/automata resume` about what it is about
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
    JSON: one object {task, wait, effects, needed_by, events}; `task` as of `automata show`, `wait` what
    a pending task waits for, `needed_by` a list of ids, `events` a list of lines of `automata log`.
    # tasks add
    Enqueue a task, or those of a file, or set one that comes again and again

    Usage: automata tasks add [OPTIONS] [KIND]

    Arguments:
      [KIND]
              The kind of task; docs/tasks.md lists them

    Options:
          --from <FILE>
              Enqueue the tasks of this JSON file (`-` for stdin), all of them or none

          --subject <SUBJECT>
              What it is about: `issue/42`, `pull/7` or `repository`

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
              It joins the pending task of its kind, about the same subject, with this key, unless it
              waits for more than that one

          --on-duplicate <FATE>
              What becomes of this one when there is one already: `drop` (the other stands for both; if
              nothing is said), `replace` (the other becomes what this one is, and still waits for
              whatever it waited for) or `coalesce` (the other keeps its time and gets this one's input,
              and its time and priority when that is sooner or higher)

          --idempotency <KEY>
              A task with this key is enqueued once, for as long as the key is remembered: 31 days, and
              a thousand newer keys

          --concurrency <KEY>
              Tasks with this key share a limit of how many run at once; one unless `limits.keys` says
              otherwise

          --max-attempts <N>
              Attempts it gets, from 1 to 100; 6 if nothing is said

          --on-success <JSON>
              A task to enqueue when it is completed, as JSON: {"kind", "input", …}, about the same
              subject unless it names one

          --on-failure <JSON>
              A task to enqueue when it has failed for good

          --on-end <JSON>
              A task to enqueue however it ends

          --reason <TEXT>
              Why it exists, one sentence

          --cron <EXPRESSION>
              Enqueue one again and again: minute, hour, day of the month, month and weekday, such as `0
              9 * * MON-FRI`

          --zone <ZONE>
              By whose clocks, a name of the IANA database such as `Europe/Paris`; UTC if nothing is
              said

          --jitter <SPAN>
              How much each time is put off at most, drawn anew each time, such as `10m`

          --catch-up <FATE>
              What becomes of times that passed while no run came along: `all`, `last` (if nothing is
              said) or `none`

          --name <NAME>
              What the schedule is called

    A file holds a list of tasks, or one: {"name", "kind", "subject", "input", "after", "if_lost",
    "awaits", "priority", "not_before", "in", "deadline", "unique", "on_duplicate", "idempotency",
    "concurrency", "max_attempts", "on_success", "on_failure", "on_end", "reason"}, with the meaning of
    the options; only `kind` must be there. `after` names tasks of the file, or tasks that exist. All of
    them are enqueued, or none.

    JSON: a list of {name, task, existing}; `existing` when an earlier task stands for this one. With
    `--cron` one object {schedule, next, existing}; `existing` when the very same is set already.
    # tasks schedules
    List what comes again and again, and when next

    Usage: automata tasks schedules [OPTIONS]

    Options:
    JSON: one object {sequence, schedules}; `schedules` is a list of {name, cron, zone, jitter,
    catch_up, set_by, kind, subject, input, next, last}, `jitter` in seconds, `set_by` is configuration
    or hand.
    # tasks unschedule
    Have something come no more that was set by hand; what it enqueued before stays

    Usage: automata tasks unschedule [OPTIONS] <NAME>...

    Arguments:
      <NAME>...
              The schedules' names

    Options:
          --reason <TEXT>
              Why, one sentence

    JSON: one object {removed}, a list of names.
    # tasks cancel
    Call tasks off, also running ones

    Usage: automata tasks cancel [OPTIONS] [TASK]...

    Arguments:
      [TASK]...
              The tasks' ids or their beginnings

    Options:
          --status <STATUS> (as above)
          --kind <KIND> (as above)
          --subject <SUBJECT> (as above)
          --wait <WAIT> (as above)
          --yes
              Do it to all that the options pick; without it they are only listed

          --reason <TEXT> (as above)
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
          --status <STATUS> (as above)
          --kind <KIND> (as above)
          --subject <SUBJECT> (as above)
          --wait <WAIT> (as above)
          --yes (as above)
          --reason <TEXT> (as above)
    JSON: one object {would, done, also, refused}; `done` and `also` (what ended or came back with them)
    are lists of {task, status}, `refused` is a list of {task, error}, `would` is a list of ids that
    --yes would change. The exit code is 2 when something was refused; what was done stays done.
    # tasks revive
    Give failed or cancelled tasks another chance, and with them those that failed or were skipped
    because of them

    Usage: automata tasks revive [OPTIONS] [TASK]...

    Arguments:
      [TASK]...
              The tasks' ids or their beginnings

    Options:
          --status <STATUS> (as above)
          --kind <KIND> (as above)
          --subject <SUBJECT> (as above)
          --wait <WAIT> (as above)
          --yes (as above)
          --input <JSON>
              Another input than they had, as JSON; `@FILE` reads a file, `-` stdin

          --reason <TEXT> (as above)
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
          --reason <TEXT> (as above)
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
          --mermaid
              Print a Mermaid diagram, as GitHub shows it in a code block `mermaid`

    JSON: one object {tasks, edges}; `tasks` as of `automata status`, `edges` is a list of {from, to}:
    `to` needs `from`.
    "#);
}

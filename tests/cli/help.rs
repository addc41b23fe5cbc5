//! Help: what there is and what each command takes.

use std::collections::BTreeSet;

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
      run        Take in one event, then work through the queue. This is what the action calls
      drain      Work through the queue without a new event
      reconcile  Look for what happened and no event told, and record it
      learn      Learn from labelled issues what an issue is; the analysis goes by it from then on
      plan       Show what would be claimed now, and what the others wait for
      tasks      List, show, enqueue and change tasks
      features   Show how far each feature goes, what came of it, and what people took back
      status     Show the queue
      log        Show the log, newest last
      access     Show who had access to what: words that people said, credentials, keys of the log
      replay     Show the queue, issues and pull requests as they were at some place in the log
      rehearse   Tell what another configuration would have done with what happened
      metrics    Count what happened, how long it took and what it cost, over the whole log
      dashboard  Write the dashboard, a page that shows all of it, or serve it to this machine
      show       Show one task, issue or event with everything about it
      why        Tell why something is as it is, from the event to the receipt
      prompt     Show what an assistant would be told about an issue
      undo       Take back what Automata did and nobody touched since: about an issue, in a run, by a
                 task, or one effect
      forget     Destroy the keys of what was written about an issue, or by somebody, so that nobody can
                 read it any more
      state      Export, import, compact, repair or roll back the log as a whole
      verify     Recompute the log's chain from the first event on
      check      Check the configuration and explain what it does
      doctor     Tell which credentials are used, what each may do, and whether that is all that the
                 configuration needs
      drive      Work with Google Drive: look, fetch, upload, share, keep in step
      triage     Measure the analysis of issues
      plugin     Try plugins, and show what they are told and may answer
      demo       Show the main job on a small repository and a local forge in a temporary folder
      help       Print this message or the help of the given subcommand(s)

    Options:
          --forge <FORGE>    The forge to work with: `github` (settings from the environment, as GitHub
                             Actions gives them) or `local` (a folder with `repository.git` and
                             `forge/`, as `demo` makes one) [default: github] [possible values: github,
                             local]
          --directory <DIR>  The local forge's folder
          --format <FORMAT>  How to print data [default: text] [possible values: text, json, markdown]
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
      run        Take in one event, then work through the queue. This is what the action calls
      drain      Work through the queue without a new event
      reconcile  Look for what happened and no event told, and record it
      learn      Learn from labelled issues what an issue is; the analysis goes by it from then on
      plan       Show what would be claimed now, and what the others wait for
      tasks      List, show, enqueue and change tasks
      features   Show how far each feature goes, what came of it, and what people took back
      status     Show the queue
      log        Show the log, newest last
      access     Show who had access to what: words that people said, credentials, keys of the log
      replay     Show the queue, issues and pull requests as they were at some place in the log
      rehearse   Tell what another configuration would have done with what happened
      metrics    Count what happened, how long it took and what it cost, over the whole log
      dashboard  Write the dashboard, a page that shows all of it, or serve it to this machine
      show       Show one task, issue or event with everything about it
      why        Tell why something is as it is, from the event to the receipt
      prompt     Show what an assistant would be told about an issue
      undo       Take back what Automata did and nobody touched since: about an issue, in a run, by a
                 task, or one effect
      forget     Destroy the keys of what was written about an issue, or by somebody, so that nobody can
                 read it any more
      state      Export, import, compact, repair or roll back the log as a whole
      verify     Recompute the log's chain from the first event on
      check      Check the configuration and explain what it does
      doctor     Tell which credentials are used, what each may do, and whether that is all that the
                 configuration needs
      drive      Work with Google Drive: look, fetch, upload, share, keep in step
      triage     Measure the analysis of issues
      plugin     Try plugins, and show what they are told and may answer
      demo       Show the main job on a small repository and a local forge in a temporary folder
      help       Print this message or the help of the given subcommand(s)

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
              - text:     For people
              - json:     For programs: JSON, one value on a line
              - markdown: For a comment: Markdown. Only `rehearse` has it
              
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

/// What the help of each of these commands says of that command alone; an option that several have is told once.
pub(super) fn own_help(commands: &[&str]) -> String {
    // The options of every command stand in the help of the program.
    let of_all = Program::new(&["--help"]).run().well();
    let mut known: BTreeSet<String> = paragraphs(&of_all.stdout).collect();
    let mut told = String::new();
    for command in commands {
        let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        told.push_str(&format!("# {command}\n"));
        for paragraph in paragraphs(&Program::new(&words).run().well().stdout) {
            if !paragraph.starts_with("  ") {
                told.push_str(&paragraph);
            } else if !known.contains(&paragraph) {
                told.push_str(&paragraph);
                known.insert(paragraph);
            } else if !of_all.stdout.contains(&paragraph) {
                let option = paragraph.lines().next().unwrap_or_default();
                told.push_str(&format!("{option} (as above)\n"));
            }
        }
    }
    told
}

/// The parts of a help text: each option with all that is said of it, and what stands between them.
fn paragraphs(help: &str) -> impl Iterator<Item = String> {
    let mut paragraphs = vec![String::new()];
    for line in help.lines() {
        let indent = line.len() - line.trim_start().len();
        let begins = !line.is_empty() && (indent == 0 || (indent <= OPTION_INDENT && line.contains('-')));
        if begins {
            paragraphs.push(String::new());
        }
        if let Some(last) = paragraphs.last_mut() {
            last.push_str(line);
            last.push('\n');
        }
    }
    paragraphs.into_iter()
}

/// Columns before the name of an option that has no short form.
const OPTION_INDENT: usize = 6;

#[test]
fn every_command_says_what_it_takes_and_what_its_json_looks_like() {
    let told = own_help(&[
        "run",
        "drain",
        "reconcile",
        "learn",
        "status",
        "log",
        "show",
        "why",
        "prompt",
        "verify",
        "check",
        "triage eval",
        "demo",
    ]);
    insta::assert_snapshot!(told, @"
    # run
    Take in one event, then work through the queue. This is what the action calls.

    Inside GitHub Actions it also writes the job summary and the outputs.

    Usage: automata run [OPTIONS]

    Options:
          --event <NAME>
              The event's name; `GITHUB_EVENT_NAME` otherwise

          --payload <FILE>
              The file with the event's JSON; `GITHUB_EVENT_PATH` otherwise

    JSON: one object {outcome, headline, issue, pull_request, tally, sequence, warnings}; `outcome` is
    recorded, duplicate, ignored, drained or stopped (told to stop with `left` tasks left), `tally`
    counts {completed, retried, failed, effects, pushes, settled}. When time ran out with work left
    there are `successor` (started or left) and `notes` as well.
    # drain
    Work through the queue without a new event

    Usage: automata drain [OPTIONS]

    Options:
          --shard <I/N>
              Only this part of the queue, `0/3` to `2/3`: an entry of the matrix that `plan --matrix`
              prints

    JSON: one object {outcome, headline, issue, pull_request, tally, sequence, warnings}; `outcome` is
    recorded, duplicate, ignored, drained or stopped (told to stop with `left` tasks left), `tally`
    counts {completed, retried, failed, effects, pushes, settled}. When time ran out with work left
    there are `successor` (started or left) and `notes` as well.
    # reconcile
    Look for what happened and no event told, and record it.

    GitHub loses events in outages, and cancels runs that wait for too long. Every run looks through the
    last minutes or hours by itself; by hand, one can look back as far as one likes.

    Usage: automata reconcile [OPTIONS]

    Options:
          --since <WHEN>
              Since when: a time such as 2026-11-22T10:00:00Z, or how long ago, such as `90m`, `12h`,
              `30d`. Otherwise where the last look left off

          --dry-run
              Only say what would be recorded

    JSON: one object {found, until, recorded}; `found` is a list of sentences, `until` the time before
    which everything is in the log (null when it was no time to look yet). What is recorded is worked on
    by the next run, or by `automata drain`.
    # learn
    Learn from labelled issues what an issue is; the analysis goes by it from then on.

    Takes the issues of the repository that have just one of the type labels, put there by a person, or
    those of a file. Run it again whenever people have labelled or corrected more: it learns anew from
    what the labels are then.

    Usage: automata learn [OPTIONS]

    Options:
          --from <FILE>
              A file of labelled issues instead of those of the repository: CSV with the columns `label`
              and `title`, and perhaps `body`, `repo` and `labels`, or one JSON object with such fields
              a line. Issues of other repositories count as weaker evidence

          --dry-run
              Only say what would be learned, and how good it is

          --even-if-worse
              Keep what was learned even if what judges now, the rules or the model in use, is better at
              the same issues

          --back
              Go back to what judged before the last change: the model before, or the rules alone. Once
              more takes that back

          --rules
              Set aside what was learned: the rules judge alone until something is learned again

    JSON: one object {rows, siblings, left_out, macro_f1, classes, compared, types_left, sets, bytes,
    digest, before, recorded}; `rows` counts issues by type, `left_out` by reason, `classes` is a list
    of {class, precision, recall, f1, rows}, `compared` is {rules, in_use}, the macro F1 of what judges
    now (`in_use` is null where no model does), `types_left` why types are not taken, or null, `sets`
    has an object for each of triage.learn_sets {set, rows, too_few, several, ours, macro_f1, classes,
    by_rules, by_model, left}, `left` as `types_left`, `before` is the event data of the model that was
    in use, or null, `recorded` whether the log names this one now. With --back and --rules: one object
    {before, now}, each such event data, or null where the rules judge alone.
    # status
    Show the queue

    Usage: automata status [OPTIONS]

    Options:
          --watch
              Go on showing it, anew whenever the log has moved on, until Ctrl-C. Looked at every ten
              seconds by one small request: runs push no more often. Off a terminal a line each time,
              with `--format json` an object

    JSON: one object {sequence, counts, held, tasks}; `counts` by status, `tasks` is a list of {task,
    kind, subject, status, wait, detail, priority, attempts, max_attempts, reason}, `held` one of
    {event, subject, since, reason}; `wait` is null, or what a pending task waits for: ready (its turn),
    scheduled, retrying, blocked, awaiting, paused or throttled.
    # log
    Show the log, newest last

    Usage: automata log [OPTIONS]

    Options:
      -n, --last <COUNT>
              Only the last so many events; 0 for all
              
              [default: 50]

          --subject <SUBJECT>
              Only events about this subject: `issue/42`, `pull/7`, `repository`

    JSON: one event a line, as the state branch keeps it but without `prev`: {seq, id, type, v, subject,
    at, actor, cause, correlation, run, data}.
    # show
    Show one task, issue or event with everything about it

    Usage: automata show [OPTIONS] <WHAT>

    Arguments:
      <WHAT>
              A task's id or its beginning, an issue as `#42` or `issue/42`, or an event's number

    Options:
    JSON: {task, effects} for a task, {issue, tasks} for an issue, the line of `log` for an event. The
    text form is the same, spread out below a title.
    # why
    Tell why something is as it is, from the event to the receipt

    Usage: automata why [OPTIONS] <WHAT> [NAME]

    Arguments:
      <WHAT>
              An issue or pull request as `42`, `#42` or its address; a comment's address; a task, an
              effect, a run, a label, a login, a branch

      [NAME]
              Only what names this: a label, a login, a branch

    Options:
    JSON: one object {about, issue, findings, changes, silence, story}; `issue` is there for an issue or
    a pull request, `spending` where assistants were asked; findings, changes and silence are lists of
    {what, because}, `story` is a list of sentences.
    # prompt
    Show what an assistant would be told about an issue.

    Nobody is asked and nothing is changed.

    Usage: automata prompt [OPTIONS] <ISSUE>

    Arguments:
      <ISSUE>
              The issue's number; `#42` and `issue/42` will do too

    Options:
          --budget <CHARACTERS>
              Characters that it may have; the least important is left out first

    JSON: one object {issue, text, left_out, hidden}; `left_out` names what had no room, `hidden` counts
    passages that no reader of the page sees and that were taken out.
    # verify
    Recompute the log's chain from the first event on

    Usage: automata verify [OPTIONS]

    Options:
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
          --schema
              Print the configuration's JSON Schema instead

    JSON: what the configuration means, or {problems}, a list of {path, line, column, message, hint}.
    # triage eval
    Learn from labelled issues, judge others, and tell how often the verdict was right.

    A file is CSV with the columns `label` and `title`, and perhaps `body`, `repo`, `labels` and others,
    in any order; or one JSON object with such fields a line. Nothing is asked of GitHub and nothing is
    kept.

    Usage: automata triage eval [OPTIONS] --train <FILE>

    Options:
          --train <FILE>
              The labelled issues to learn from

          --test <FILE>
              The labelled issues to judge; without it those of --train, each by a classifier that has
              not seen it

          --folds <N>
              Parts of the cross-validation that stands in for --test: each is judged by what was
              learned from the others
              
              [default: 5]

          --by <BY>
              Learn for each repository on its own; what others have labelled counts as weaker evidence

              Possible values:
              - repo: Repositories, by the column `repo`

          --set <GLOB>
              Judge a set of labels, as `triage.learn_sets` names them: of an issue's labels (columns
              `labels` and `label`) the one that this glob matches counts. Issues with none of them, or
              with several, are left out, and so are labels with fewer than ten issues, as `learn` does

    JSON: one object {mean_macro_f1, mean_accuracy, repositories}; `repositories` is a list of {repo,
    rows, accuracy, macro_f1, classes}, `classes` one of {class, precision, recall, f1, rows}. Without
    `--by repo` there is one entry, and its `repo` is null.
    # demo
    Show the main job on a small repository and a local forge in a temporary folder

    Usage: automata demo [OPTIONS]

    Options:
          --keep <DIR>
              Keep everything in this folder instead of a temporary one; the same folder again continues
              there

    JSON: one object {directory, runs}; `runs` is a list of {scene, run}, `run` as of `automata run`.
    ");
}

//! `automata run` as the action calls it on a runner.

use super::program::plain;
use super::runner::Runner;
use crate::world::drive::jwt;
use crate::world::github::{APP, TOKEN};

/// A maintainer's patch, whose pull request the next steps of a workflow want to know.
const PATCH: &str =
    "```diff\n--- a/parser.rs\n+++ b/parser.rs\n@@ -1 +1 @@\n-fn parse() {}\n+fn parse() -> u8 { 1 }\n```";

/// The text with the cells of its tables that say how long something took called SPAN.
fn untimed(text: &str) -> String {
    let is_span = |cell: &str| {
        let number = cell
            .strip_suffix(" ms")
            .or_else(|| cell.strip_suffix(" min"))
            .or_else(|| cell.strip_suffix(" s"));
        number.is_some_and(|number| number.parse::<f64>().is_ok())
    };
    let named = |line: &str| {
        let cells = line.split(" | ").map(|cell| if is_span(cell) { "SPAN" } else { cell });
        cells.collect::<Vec<_>>().join(" | ")
    };
    text.lines().map(named).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issue_is_taken_in_and_the_runner_is_told() {
    let runner = Runner::start().await;
    let issue = runner.github.open_issue("carol", "How do I read a list?", "I found nothing.", &[]);
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    insta::assert_snapshot!(runner.named(&step.run()), @r"
    exit code 0
    -- stdout
    recorded: carol opened issue #1: How do I read a list?
    2 tasks completed, 1 change outside, 2 pushes to the log
    -- stderr
    ::add-mask::ghs_simulated
    ::group::What was recorded
    EVENT  WHEN                      ABOUT    WHAT HAPPENED
    1      TIME  issue/1  carol opened issue #1: How do I read a list?
    2      TIME  issue/1  task ID1.1 `analyse` enqueued: built-in rule: an issue that was opened, reopened or edited is analysed
    3      TIME  issue/1  task ID1.1 claimed (lease 1)
    4      TIME  issue/1  task ID1.1 completed
    5      TIME  issue/1  task ID2.1 `comment` enqueued: the analysis is shown in the status comment
    6      TIME  issue/1  task ID2.1 claimed (lease 1)
    7      TIME  issue/1  about to change the comment on issue/1: HASH1
    8      TIME  issue/1  status done: https://github.com/acme/widgets/issues/1#issuecomment-1
    9      TIME  issue/1  task ID2.1 completed
    ::endgroup::
    ");
    insta::assert_snapshot!(step.file("outputs"), @r"
    earlier=1
    outcome=recorded
    issue=1
    pull-request-url=
    tasks-completed=2
    tasks-failed=0
    tokens=0
    dollars=0.000000
    sequence=9
    ");
    insta::assert_snapshot!(untimed(&plain(&step.file("summary.md")).replace('\u{2060}', "")), @r"
    ### An earlier step

    ### Automata: carol opened issue &#35;1: How do I read a list?

    2 tasks completed, 1 change outside, 2 pushes to the log

    | task | about | state | took | why |
    |---|---|---|---|---|
    | analyse | issue/1 | completed | SPAN | built-in rule: an issue that was opened, reopened or edited is analysed |
    | comment | issue/1 | completed | SPAN | the analysis is shown in the status comment |

    <details><summary>Timeline: 9 events from TIME on</summary>

    | # | after | about | what happened |
    |---|---|---|---|
    | 1 | SPAN | issue/1 | carol opened issue &#35;1: How do I read a list? |
    | 2 | SPAN | issue/1 | task ID1.1 \`analyse\` enqueued: built-in rule: an issue that was opened, reopened or edited is analysed |
    | 3 | SPAN | issue/1 | task ID1.1 claimed \(lease 1\) |
    | 4 | SPAN | issue/1 | task ID1.1 completed |
    | 5 | SPAN | issue/1 | task ID2.1 \`comment\` enqueued: the analysis is shown in the status comment |
    | 6 | SPAN | issue/1 | task ID2.1 claimed \(lease 1\) |
    | 7 | SPAN | issue/1 | about to change the comment on issue/1: HASH1 |
    | 8 | SPAN | issue/1 | status done: https://github.com/acme/widgets/issues/1&#35;issuecomment-1 |
    | 9 | SPAN | issue/1 | task ID2.1 completed |

    </details>
    ");
    assert_eq!(step.file("env") + &step.file("path"), "", "nothing is handed on that nobody asked for");
    assert_eq!(runner.github.comments_of(issue).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pull_request_is_an_output() {
    let runner = Runner::start().await;
    let issue = runner.github.open_issue("mona", "The parser gives nothing", PATCH, &[]);
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    let ran = step.run().well();
    assert_eq!(runner.github.pulls().len(), 1);
    let url = ran.stdout.lines().find_map(|line| line.strip_prefix("pull request: ")).unwrap();
    let outputs = step.file("outputs");
    assert!(outputs.contains(&format!("\npull-request-url={url}\n")), "{outputs}");
    assert!(outputs.contains("\ntasks-failed=0\n"), "{outputs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_masked_and_found_nowhere_else() {
    let runner = Runner::start().await;
    let issue = runner.github.open_issue("mona", "The parser gives nothing", PATCH, &[]);
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    let ran = step.program.set_all(&[("AUTOMATA_LOG", "trace")]).run().well();
    let mask = format!("::add-mask::{TOKEN}");
    let first = ran.stderr.lines().next().unwrap();
    assert_eq!(first, mask, "the mask comes before anything that it could be needed for");
    let rest = ran.stderr.replacen(&mask, "", 1);
    for text in [&ran.stdout, &rest, &step.file("outputs"), &step.file("summary.md")] {
        assert!(!text.contains(TOKEN), "{text}");
    }
    assert!(rest.contains("TRACE"), "everything was told, and still not the token");
    assert!(!runner.keeps(TOKEN));
    assert!(runner.keeps("trigger.received"), "the look into the objects finds what is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_gets_its_token_itself_and_goes_before_a_token_that_was_handed_in() {
    let runner = Runner::start().await;
    runner.github.installs_app(false);
    let issue = runner.github.open_issue("carol", "How do I read a list?", "I do not see it.", &[]);
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    let app =
        [("GITHUB_TOKEN", "ghs_another"), ("AUTOMATA_APP_ID", APP), ("AUTOMATA_APP_PRIVATE_KEY", jwt::KEY)];
    let ran = step.program.set_all(&app).run().well();
    assert_eq!(runner.github.comments_of(issue).len(), 1);
    let mask = format!("::add-mask::{TOKEN}\n");
    assert_eq!(ran.stderr.matches(&mask).count(), 1, "{}", ran.stderr);
    let middle = jwt::KEY.lines().nth(3).unwrap();
    let (masks, rest): (Vec<&str>, Vec<&str>) =
        ran.stderr.lines().partition(|line| line.starts_with("::add-mask::"));
    assert!(masks.iter().any(|mask| mask.ends_with(middle)), "its own key is masked, too");
    assert!(!format!("{}{}", ran.stdout, rest.join("\n")).contains(middle));

    let last = runner.github.requests().pop().unwrap();
    assert!(last.starts_with("DELETE /installation/token"), "at the end it is given back: {last}");

    let failing = runner.step("issues", &serde_json::json!({ "action": "opened" }));
    assert_ne!(failing.program.set_all(&app).run().code, Some(0));
    let looking = step.program.set_all(&app).with(&["status"]).run().well();
    assert!(looking.stderr.contains("::add-mask::"), "{}", looking.stderr);
    let requests = runner.github.requests();
    let count = |begin: &str| requests.iter().filter(|line| line.starts_with(begin)).count();
    assert_eq!(count("DELETE /installation/token"), count("POST /app/installations/"), "{requests:#?}");

    let half = runner.step("issues", &runner.github.event_payload_opened(issue));
    let ran = half.program.set("AUTOMATA_APP_ID", APP).run();
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("there is an App's id and no private key"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mask_is_printed_outside_of_a_workflow() {
    let runner = Runner::start().await;
    let step = runner.step("push", &serde_json::Value::Null);
    let ran = step.program.with(&["status"]).set("GITHUB_ACTIONS", "").run().well();
    assert!(!format!("{}{}", ran.stdout, ran.stderr).contains(TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stranger_wrote_is_no_command_to_the_runner() {
    let runner = Runner::start().await;
    let title = "##[stop-commands]x ::error::y %0A::set-output name=z::z";
    let body =
        "```diff\n--- a/##[add-mask]e\n+++ b/##[add-mask]e\n@@ -1 +1 @@\n-a\n+b\n```\n::stop-commands::q";
    let issue = runner.github.open_issue("mona", title, body, &[]);
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    let ran = step.program.set_all(&[("AUTOMATA_LOG", "debug")]).run();
    assert_eq!(ran.code, Some(1), "the patch fits nothing: {}", ran.stderr);
    let known = ["::add-mask::", "::group::", "::endgroup::", "::error title=Automata::"];
    for line in ran.stdout.lines().chain(ran.stderr.lines()) {
        let is_ours = known.iter().any(|command| line.starts_with(command));
        assert!(is_ours || !line.trim_start().starts_with("::"), "{line}");
        assert!(is_ours || !line.contains("##["), "{line}");
    }
    assert!(ran.stdout.contains("## [stop-commands]x"), "{}", ran.stdout);
    assert!(ran.stderr.contains("::error title=Automata::"), "{}", ran.stderr);
    let log = step.program.with(&["log", "--format", "json"]).run().well();
    assert!(!log.stdout.contains("##["));
    assert!(log.stdout.lines().any(|line| {
        serde_json::from_str::<serde_json::Value>(line).unwrap().to_string().contains("##[stop-commands]x")
    }));
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_fails_for_good_fails_the_step_and_says_why() {
    let runner = Runner::start().await;
    let protected = PATCH.replace("parser.rs", "CODEOWNERS");
    let issue = runner.github.open_issue("mona", "The parser gives nothing", &protected, &[]);
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    let ran = step.run();
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(step.file("outputs").contains("\ntasks-failed=1\n"));
    let annotations: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with("::error")).collect();
    insta::assert_snapshot!(plain(&annotations.join("\n")), @"::error title=Automata::issue/1: task ID1.2 given up: The patch touches `CODEOWNERS`, which is protected by `CODEOWNERS`. Leave that file out of the patch, and change it in a pull request of your own.");
    assert!(step.file("summary.md").contains("> **Note:**"), "{}", step.file("summary.md"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_our_own_is_ignored_without_a_push() {
    let runner = Runner::start().await;
    let issue = runner.github.open_issue("alice", "A report", "", &[]);
    let step = runner.step("issues", &runner.github.label_as("github-actions[bot]", issue, "bug"));
    insta::assert_snapshot!(runner.named(&step.run()), @r"
    exit code 0
    -- stdout
    ignored: Automata did this itself, as `github-actions[bot]`
    -- stderr
    ::add-mask::ghs_simulated
    ");
    assert!(step.file("outputs").contains("\noutcome=ignored\n"));
    assert_eq!(runner.git.take_traffic().pushes, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_stops_the_work_and_keeps_the_event_where_the_log_is() {
    let runner = Runner::start().await;
    let tree = runner.git.repository.git(&["ls-tree", "main"]);
    let yaml = b"state:\n  branch: refs/automata/memory\nmode: acting\n";
    let blob = runner.git.repository.git_with(&["hash-object", "-w", "--stdin"], yaml);
    let inner = format!("100644 blob {}\tautomata.yml\n", blob.trim());
    let inner = runner.git.repository.git_with(&["mktree"], inner.as_bytes());
    let tree = format!("{tree}040000 tree {}\t.github\n", inner.trim());
    let tree = runner.git.repository.git_with(&["mktree"], tree.as_bytes());
    let commit = runner.git.repository.git(&["commit-tree", tree.trim(), "-p", "main", "-m", "Configure"]);
    runner.git.repository.git(&["update-ref", "refs/heads/main", commit.trim()]);
    let issue = runner.github.open_issue("carol", "How do I read a list?", "I found nothing.", &[]);
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    insta::assert_snapshot!(runner.named(&step.run()), @r"
    exit code 2
    -- stdout
    recorded: carol opened issue #1: How do I read a list?; it waits for a sound configuration
    0 tasks completed, 0 changes outside, 1 push to the log
    -- stderr
    ::add-mask::ghs_simulated
    ::group::What was recorded
    EVENT  WHEN                      ABOUT    WHAT HAPPENED
    1      TIME  issue/1  carol opened issue #1: How do I read a list?
    2      TIME  issue/1  event 1 held back: .github/automata.yml:3:7: mode: `acting` is not known here; did you mean `act`?
    ::endgroup::
    ::error title=Automata::.github/automata.yml:3:7: mode: `acting` is not known here; did you mean `act`?
    ::error title=Automata::1 event waits for a sound configuration (issue/1); the first run that finds one decides what follows.
    ");
    assert!(runner.github.comments_of(issue).is_empty() && runner.github.labels_of(issue).is_empty());
    let refs = runner.git.repository.git(&["for-each-ref", "--format=%(refname)"]);
    let expected = "refs/automata/memory\nrefs/automata/witness/refs/automata/memory\nrefs/heads/main\n";
    assert_eq!(refs, expected, "a slip elsewhere does not move the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_means_run_it_again() {
    let runner = Runner::start().await;
    let issue = runner.github.open_issue("carol", "How do I read a list?", "I found nothing.", &[]);
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    let refs = runner.git.repository.git(&["for-each-ref"]);
    let nobody = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let ran = step.program.set_all(&[("GITHUB_SERVER_URL", nobody.as_str())]).run();
    insta::assert_snapshot!(runner.named(&ran).replace(&nobody, "NOBODY"), @r"
    exit code 3
    -- stderr
    ::add-mask::ghs_simulated
    gave up for now: The repository could not be reached: 127.0.0.1 did not answer: Connection refused (os error 111)
    hint: Nothing was half-written. Run it again, or wait for the next run.
    ::error title=Automata::The repository could not be reached: 127.0.0.1 did not answer: Connection refused (os error 111)%0ANothing was half-written. Run it again, or wait for the next run.
    ");
    insta::assert_snapshot!(step.file("summary.md"), @r"
    ### An earlier step

    ### Automata: gave up for now

    The repository could not be reached: 127.0.0.1 did not answer: Connection refused \(os error 111\)

    - Nothing was half-written. Run it again, or wait for the next run.
    ");
    assert_eq!(step.file("outputs"), "earlier=1\n");
    assert_eq!(runner.git.repository.git(&["for-each-ref"]), refs, "nothing is half-written");
    assert!(runner.github.requests().iter().all(|line| line.starts_with("GET ")));
    // The same event, when the server is back, is taken in as if nothing had been.
    step.run().well();
    assert_eq!(runner.github.comments_of(issue).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_only_fails_means_run_it_again() {
    let runner = Runner::start().await;
    runner.git.faults(|faults| faults.fail = usize::MAX);
    let issue = runner.github.open_issue("carol", "How do I read a list?", "I found nothing.", &[]);
    let ran = runner.step("issues", &runner.github.event_payload_opened(issue)).run();
    insta::assert_snapshot!(runner.named(&ran), @r"
    exit code 3
    -- stderr
    ::add-mask::ghs_simulated
    gave up for now: The repository could not be reached: 127.0.0.1 answered 500 Internal Server Error: Internal server error
    hint: Nothing was half-written. Run it again, or wait for the next run.
    ::error title=Automata::The repository could not be reached: 127.0.0.1 answered 500 Internal Server Error: Internal server error%0ANothing was half-written. Run it again, or wait for the next run.
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_taken_is_a_matter_of_settings() {
    let runner = Runner::start().await;
    let step = runner.step("push", &serde_json::Value::Null);
    let ran = step.program.with(&["status"]).set("GITHUB_TOKEN", "another").run();
    insta::assert_snapshot!(runner.named(&ran), @r"
    exit code 2
    -- stderr
    ::add-mask::another
    error: the log may not be read or written: 127.0.0.1 answered 401 Unauthorized: Bad credentials
    hint: Hand in a token that is valid now and has the permission `contents: read` for this repository.
    ::error title=Automata::the log may not be read or written: 127.0.0.1 answered 401 Unauthorized: Bad credentials%0AHand in a token that is valid now and has the permission `contents: read` for this repository.
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn outputs_that_cannot_be_written_are_not_passed_over() {
    let runner = Runner::start().await;
    let issue = runner.github.open_issue("carol", "How do I read a list?", "I found nothing.", &[]);
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    let folder = step.folder().to_str().unwrap();
    let ran = step.program.set_all(&[("GITHUB_OUTPUT", folder), ("GITHUB_STEP_SUMMARY", folder)]).run();
    assert_eq!(ran.code, Some(2));
    let told: Vec<&str> = ran.stderr.lines().filter(|line| line.contains("cannot be written")).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    warning: the job summary cannot be written: Is a directory (os error 21)
    error: the outputs cannot be written: Is a directory (os error 21)
    ::error title=Automata::the outputs cannot be written: Is a directory (os error 21)%0AEverything was recorded. Look at GITHUB_OUTPUT.
    warning: the job summary cannot be written: Is a directory (os error 21)
    ");
    assert_eq!(runner.github.comments_of(issue).len(), 1, "the work is done all the same");
}

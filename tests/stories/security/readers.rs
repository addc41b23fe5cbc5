//! Whoever reads the state branch of a public repository: what is there for them, and what is not.

use serde_json::json;

use crate::cli::runner::Runner;
use crate::world::github::TOKEN;
use crate::world::stage::search_path;

/// A key that the assistant is given, and gives away wherever it can. Of a shape that nobody knows.
const KEY: &str = "made-up-key-of-the-assistant-7714";
/// A variable of the step that nobody is to have.
const OTHER: &str = "made-up-secret-of-the-step-2203";

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_the_repository_finds_no_secret_of_a_run_in_it() {
    let runner = Runner::start().await;
    let script = "echo \"key $MY_KEY and $OTHER\" >&2; echo mended > parser.rs; \
                  echo \"{\\\"summary\\\": \\\"used $MY_KEY $OTHER\\\"}\" > \"$AUTOMATA_REPORT\"; [ ! -e fails ]";
    let config = json!({
        "assistants": [{ "command": { "name": "leaky", "run": ["sh", "-c", script], "environment": ["MY_KEY"] } }],
        "checks": [{ "name": "shows", "run": "env; false" }],
        "pull_requests": { "repairs": 0 },
    });
    runner.puts(".github/automata.yml", &config.to_string());
    for title in ["The parser gives nothing", "The parser gives too much"] {
        let issue = runner.github.open_issue("mona", title, "It crashes in parser.rs.", &[]);
        let asked = runner.github.comment("mona", issue, "/automata implement");
        let step = runner.step("issue_comment", &runner.github.event_payload_commented(asked));
        let secrets = [("MY_KEY", KEY), ("OTHER", OTHER), ("AUTOMATA_LOG", "trace")];
        let ran = step.program.set_all(&secrets).set("PATH", search_path().unwrap()).run();
        // The runner is told what to mask before anything else.
        let told: Vec<&str> = ran.stderr.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
        let texts = [ran.stdout.as_str(), &told.join("\n"), &step.file("outputs"), &step.file("summary.md")];
        for secret in [KEY, OTHER] {
            assert!(!texts.iter().any(|text| text.contains(secret)), "{secret} in {texts:#?}");
        }
        assert!(runner.keeps("used [secret]"), "the story tells what it means to: {}", ran.stderr);
        // The next one fails, and its last words are told.
        runner.puts("fails", "");
    }
    for secret in [KEY, OTHER, TOKEN] {
        assert!(!runner.keeps(secret), "{secret}");
        assert!(!runner.github.requests().iter().any(|request| request.contains(secret)), "{secret}");
    }
}

//! What is told on stderr while work goes on: what each line is about, and that no secret is in it.

use serde_json::Value;

use super::forge::LocalForge;
use super::program::plain;
use super::runner::Runner;
use crate::world::drive::jwt;
use crate::world::github::{APP, TOKEN};

fn lines(stderr: &str) -> Vec<Value> {
    let is_command = |line: &&str| line.starts_with("::");
    stderr
        .lines()
        .filter(|line| !is_command(line))
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn as_json_each_line_says_its_run_its_issue_and_its_task() {
    let runner = Runner::start().await;
    let issue = runner.github.open_issue("carol", "How do I read a list?", "I found nothing.", &[]);
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    let json = [("AUTOMATA_LOG", "automata=debug"), ("AUTOMATA_LOG_FORMAT", "json")];
    let told = lines(&step.program.set_all(&json).run().well().stderr);
    assert!(told.iter().all(|line| line["run"] == "9001.1"), "{told:#?}");
    for line in &told {
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
        assert!(
            line["level"].is_string() && line["target"].is_string() && line["message"].is_string(),
            "{line}"
        );
        assert!(line["fields"].is_object(), "{line}");
    }
    let of = |kind: &str| told.iter().filter(|line| line["kind"] == kind).collect::<Vec<_>>();
    let commented = of("comment");
    assert!(!commented.is_empty(), "{told:#?}");
    for line in commented {
        assert_eq!(line["issue"], 1, "{line}");
        assert!(line["task"].as_str().unwrap().ends_with(".1"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn as_text_too() {
    let runner = Runner::start().await;
    let issue = runner.github.open_issue("carol", "How do I read a list?", "I found nothing.", &[]);
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    let told = step.program.set_all(&[("AUTOMATA_LOG", "automata=debug")]).run().well().stderr;
    let line = told.lines().find(|line| line.contains("kind=comment")).expect("a line of the task");
    let line = plain(line);
    assert!(line.starts_with("DEBUG run{run=9001.1}:task{task=ID1.1 kind=comment issue=1}: "), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_secrets_are_in_no_line_of_either_shape_and_in_no_error() {
    let middle = jwt::KEY.lines().nth(3).unwrap();
    for format in ["text", "json"] {
        let runner = Runner::start().await;
        runner.github.installs_app(false);
        runner.people_say_secrets();
        let issue = runner.github.open_issue("carol", "How do I read a list?", TOKEN, &[]);
        let step = runner.step("issues", &runner.github.event_payload_opened(issue));
        let app = [
            ("GITHUB_TOKEN", "ghs_another"),
            ("AUTOMATA_APP_ID", APP),
            ("AUTOMATA_APP_PRIVATE_KEY", jwt::KEY),
            ("AUTOMATA_LOG", "trace"),
            ("AUTOMATA_LOG_FORMAT", format),
        ];
        let ran = step.program.set_all(&app).run().well();
        let told: Vec<&str> = ran.stderr.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
        for secret in [TOKEN, middle] {
            assert!(!told.iter().any(|line| line.contains(secret)), "{format}: {secret}");
        }
        assert!(told.len() > 20, "everything was told: {told:#?}");
    }
    // An error that quotes a secret: the payload's path is the token itself.
    let runner = Runner::start().await;
    for format in ["text", "json"] {
        let step = runner.step("issues", &Value::Null);
        let path = format!("/nowhere/{TOKEN}");
        let wrong = [("GITHUB_EVENT_PATH", path.as_str()), ("AUTOMATA_LOG_FORMAT", format)];
        let ran = step.program.with(&["run", "--format", "json"]).set_all(&wrong).run();
        assert_eq!(ran.code, Some(2));
        let told: String = ran
            .stderr
            .lines()
            .filter(|line| !line.starts_with("::add-mask::"))
            .collect::<Vec<_>>()
            .join("\n");
        assert!(told.contains("***") && ran.stdout.contains("***"), "{told}{}", ran.stdout);
        assert!(!told.contains(TOKEN) && !ran.stdout.contains(TOKEN), "{told}{}", ran.stdout);
    }
}

#[test]
fn errors_are_lines_as_well_and_a_shape_that_is_not_known_is_passed_over() {
    let forge = LocalForge::new();
    let ran = forge.program(&["log", "--subject", "moon/1"]).set("AUTOMATA_LOG_FORMAT", "json").run();
    assert_eq!(ran.code, Some(2));
    let told = lines(&ran.stderr);
    assert_eq!(told[0]["level"], "ERROR");
    assert!(told[0]["message"].as_str().unwrap().starts_with("error: "), "{told:#?}");
    assert!(told[0]["run"].as_str().unwrap().starts_with("local-"), "{told:#?}");
    let ran = forge.program(&["status"]).set("AUTOMATA_LOG_FORMAT", "yaml").run().well();
    assert_eq!(ran.stderr, "warning: AUTOMATA_LOG_FORMAT is neither `text` nor `json`, and passed over\n");
}

//! Assistants that are programs, by scripts that behave as those programs do.

use std::fmt::Write as _;

use automata::domain::id::IssueNumber;
use automata::services::assistant::command::presets::{PRESETS, preset};
use automata::services::assistant::command::{Command, Recipe};
use automata::services::assistant::{Allowance, Answer, Assistant as _, Change, Request};

use super::*;

/// Takes down how it was called, does its work, and says what its program would.
const SCRIPT: &str = r#"#!/bin/sh
for word in "$0" "$@"; do echo "$word"; done > called
if [ -n "$AUTOMATA_PROMPT" ]; then cp "$AUTOMATA_PROMPT" by-file; fi
cat > by-stdin
env | grep 'KEY\|TOKEN' | sort > keys
echo changed > changed.txt
touch .aider.chat.history.md
"#;

/// What each program prints at the end of its work.
const CLAUDE: &str = r#"{"type":"result","subtype":"success","is_error":false,"num_turns":4,"result":"Fixed the crash.","session_id":"s","total_cost_usd":0.0421,"usage":{"input_tokens":12,"cache_creation_input_tokens":3000,"cache_read_input_tokens":9000,"output_tokens":450}}"#;
const CODEX: &str = r#"{"type":"thread.started","thread_id":"t"}
{"type":"item.completed","item":{"id":"item_0","type":"reasoning","text":"Hm."}}
{"type":"item.completed","item":{"id":"item_1","type":"agent_message","text":"Fixed the crash."}}
{"type":"turn.completed","usage":{"input_tokens":24763,"cached_input_tokens":24448,"output_tokens":122}}"#;
const GEMINI: &str = r#"Loaded cached credentials.
{
  "response": "Fixed the crash.",
  "stats": { "models": {
    "pro": { "tokens": { "prompt": 2400, "candidates": 20, "total": 2500, "cached": 0, "thoughts": 80, "tool": 0 } },
    "flash": { "tokens": { "prompt": 100, "candidates": 5, "total": 105, "cached": 0, "thoughts": 0, "tool": 0 } }
  } }
}"#;
const COPILOT: &str = "Fixed the crash.\n\nTotal usage est: 1 Premium request";
const OPENCODE: &str = r#"{"type":"step_start","part":{"type":"step-start"}}
{"type":"text","part":{"type":"text","text":"Fixed the crash."}}
{"type":"step_finish","part":{"type":"step-finish","tokens":{"input":11087,"output":145,"reasoning":5,"cache":{"write":0,"read":13}},"cost":0.0070147}}
{"type":"step_finish","part":{"type":"step-finish","tokens":{"input":100,"output":1,"reasoning":0,"cache":{"write":0,"read":0}},"cost":0.001}}"#;
const AIDER: &str = "Applied edit to changed.txt\nTokens: 2.3k sent, 512 received. Cost: $0.0071 message, $0.0071 session.\nTokens: 1k sent, 8 received. Cost: $0.0010 message, $0.0081 session.";

fn printed(name: &str) -> &'static str {
    match name {
        "claude-code" => CLAUDE,
        "codex" => CODEX,
        "gemini" => GEMINI,
        "copilot" => COPILOT,
        "opencode" => OPENCODE,
        "aider" => AIDER,
        other => panic!("{other} has no script"),
    }
}

/// A work folder, and a folder in PATH with programs.
struct Shop {
    work: tempfile::TempDir,
    programs: tempfile::TempDir,
}

impl Shop {
    fn new() -> Self {
        Self { work: tempfile::tempdir().unwrap(), programs: tempfile::tempdir().unwrap() }
    }

    fn program(&self, name: &str, script: &str) {
        let file = self.programs.path().join(name);
        fs::write(&file, script).unwrap();
        fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    async fn ask(&self, recipe: Recipe, variables: &[(&str, &str)]) -> Answer {
        let mut places = vec![self.programs.path().to_owned()];
        places.extend(std::env::split_paths(&path()));
        let local = programs_in(std::env::join_paths(places).unwrap(), Arc::new(SystemClock));
        let set = variables.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
        let assistant = Command::new(recipe, set, Arc::new(local), Arc::new(SystemClock));
        assert!(assistant.needs_folder());
        let request = Request {
            issue: IssueNumber(7),
            title: "Crash".to_owned(),
            texts: Vec::new(),
            searched: String::new(),
            prompt: "Solve issue 7.\n".to_owned(),
            folder: Some(self.work.path().to_owned()),
            allowance: Allowance::default(),
        };
        assistant.propose(&request).await
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.work.path().join(name)).unwrap_or_default()
    }
}

fn told(answer: &Answer) -> String {
    let usage = answer.usage;
    let used = format!(
        "{} in, {} out, {} micro-dollars",
        usage.input_tokens, usage.output_tokens, usage.micro_dollars
    );
    match &answer.outcome {
        Ok(proposal) => {
            assert_eq!(proposal.change, Change::Folder);
            let summary = proposal.summary.split(" This ").next().unwrap_or_default();
            format!("{summary} ({used})")
        }
        Err(failure) => {
            let hint = failure.hint.as_deref().unwrap_or("-");
            format!("{:?} {}: {} / {hint} ({used})", failure.class, failure.code, failure.message)
        }
    }
}

/// The name of the room's folder is drawn at random.
fn without_rooms(text: &str) -> String {
    let mut named = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("automata-run-") {
        let before = rest[..at].rfind(|c: char| c.is_whitespace() || c == '=').map_or(0, |space| space + 1);
        named.push_str(&rest[..before]);
        named.push_str("ROOM");
        rest = &rest[at + "automata-run-".len() + 12..];
    }
    named + rest
}

#[tokio::test]
async fn every_program_is_called_as_it_wants_to_be_and_its_answer_is_read() {
    let mut said = String::new();
    for known in &PRESETS {
        let shop = Shop::new();
        let script = format!("{SCRIPT}cat <<'EOF'\n{}\nEOF\n", printed(known.name));
        shop.program(known.program[0], &script);
        let keys: Vec<(&str, &str)> = known.keys.iter().map(|(here, _)| (*here, "made-up-key")).collect();
        let answer = shop.ask(Recipe::of(known, known.name, Some("large"), None), &keys).await;
        let called = without_rooms(&shop.file("called"));
        let words: Vec<&str> = called
            .lines()
            .map(|word| {
                word.rsplit_once("/")
                    .map_or(word, |(_, name)| if word.starts_with('/') { name } else { word })
            })
            .collect();
        writeln!(said, "{}: {}", known.name, words.join(" | ")).unwrap();
        writeln!(said, "  keys {}", shop.file("keys").trim().replace('\n', ", ")).unwrap();
        writeln!(said, "  says {}", told(&answer)).unwrap();
        assert_eq!(shop.file("changed.txt"), "changed\n");
        assert_eq!(shop.file("by-file"), "Solve issue 7.\n");
        assert_eq!(shop.file("by-stdin"), if known.by_stdin { "Solve issue 7.\n" } else { "" });
        assert_eq!(shop.work.path().join(".aider.chat.history.md").exists(), known.litter.is_none());
    }
    insta::assert_snapshot!(said, @"
    claude-code: claude | -p | --output-format | json | --max-turns | 60 | --permission-mode | acceptEdits | --allowedTools | Bash,Edit,Glob,Grep,MultiEdit,Read,Write | --model | large
      keys ANTHROPIC_API_KEY=made-up-key
      says Fixed the crash. (12012 in, 450 out, 42100 micro-dollars)
    codex: codex | exec | --json | --skip-git-repo-check | --sandbox | workspace-write | --model | large | -
      keys CODEX_API_KEY=made-up-key
      says Fixed the crash. (24763 in, 122 out, 0 micro-dollars)
    gemini: gemini | --output-format | json | --approval-mode | yolo | --model | large
      keys GEMINI_API_KEY=made-up-key
      says Fixed the crash. (2500 in, 105 out, 0 micro-dollars)
    copilot: copilot | -p | Do what the file ROOM/exchange/prompt.md says, in the current folder. | --add-dir | ROOM/exchange | --allow-all-tools | --no-ask-user | --no-color | --model | large
      keys COPILOT_GITHUB_TOKEN=made-up-key
      says Changed by copilot. (0 in, 0 out, 0 micro-dollars)
    opencode: opencode | run | --format | json | --model | large
      keys ANTHROPIC_API_KEY=made-up-key, GEMINI_API_KEY=made-up-key, OPENAI_API_KEY=made-up-key, OPENCODE_API_KEY=made-up-key, OPENROUTER_API_KEY=made-up-key
      says Fixed the crash. (11200 in, 151 out, 8015 micro-dollars)
    aider: aider | --message-file | ROOM/exchange/prompt.md | --yes-always | --no-auto-commits | --no-dirty-commits | --no-gitignore | --no-pretty | --no-stream | --no-check-update | --no-show-model-warnings | --analytics-disable | --model | large
      keys ANTHROPIC_API_KEY=made-up-key, GEMINI_API_KEY=made-up-key, OPENAI_API_KEY=made-up-key, OPENROUTER_API_KEY=made-up-key
      says Changed by aider. (3300 in, 520 out, 8100 micro-dollars)
    ");
}

#[tokio::test]
async fn a_program_that_is_not_there_or_has_no_key_leaves_it_to_the_next() {
    let shop = Shop::new();
    let recipe = || Recipe::of(preset("codex").unwrap(), "codex", None, None);
    let mut said = vec![told(&shop.ask(recipe(), &[]).await)];
    said.push(told(&shop.ask(recipe(), &[("OPENAI_API_KEY", "made-up-key")]).await));
    insta::assert_snapshot!(said.join("\n"), @"
    Permanent assistant_key_missing: The assistant `codex` has no key: CODEX_API_KEY or OPENAI_API_KEY is not set. / Put the key into a secret of the repository, and hand it to the step with `env:`. (0 in, 0 out, 0 micro-dollars)
    Permanent assistant_missing: The assistant `codex` is not there: there is no program `codex` here. / Install it in a step before: `npm install -g @openai/codex`. (0 in, 0 out, 0 micro-dollars)
    ");
}

#[tokio::test]
async fn a_key_by_another_name_reaches_the_program_by_the_one_that_it_knows() {
    let shop = Shop::new();
    shop.program("codex", SCRIPT);
    let recipe = Recipe::of(preset("codex").unwrap(), "codex", None, Some("OUR_KEY"));
    let answer = shop.ask(recipe, &[("OUR_KEY", "made-up-key"), ("GITHUB_TOKEN", "made-up-token")]).await;
    assert!(answer.outcome.is_ok(), "{answer:?}");
    assert_eq!(shop.file("keys"), "CODEX_API_KEY=made-up-key\n");
}

fn mine(words: &[&str], by_stdin: bool, variables: &[&str]) -> Recipe {
    let program = words.iter().map(|&word| word.to_owned()).collect();
    Recipe::any("mine", program, by_stdin, variables, true)
}

#[tokio::test]
async fn any_program_may_report_what_it_did_and_what_that_cost() {
    let shop = Shop::new();
    let script = r#"echo hi > new.txt; cp "$1" given
echo '{"summary":"Made a file\u202e.","input_tokens":10,"output_tokens":2,"cost_usd":0.5}' > "$AUTOMATA_REPORT""#;
    let answer = shop.ask(mine(&["sh", "-c", script, "sh", "{prompt}"], false, &[]), &[]).await;
    assert_eq!(told(&answer), "Made a file\\u{202e}. (10 in, 2 out, 500000 micro-dollars)");
    assert_eq!((shop.file("new.txt").as_str(), shop.file("given").as_str()), ("hi\n", "Solve issue 7.\n"));
}

#[tokio::test]
async fn a_report_that_is_no_file_is_none_and_nobody_waits_for_it() {
    for left in ["mkfifo", "ln -s /dev/zero", "ln -s /etc/hostname", "mkdir"] {
        let shop = Shop::new();
        let script = format!("echo hi > new.txt; {left} \"$AUTOMATA_REPORT\"");
        let answer = shop.ask(mine(&["sh", "-c", &script], true, &[]), &[]).await;
        assert_eq!(told(&answer), "Changed by mine. (0 in, 0 out, 0 micro-dollars)", "{left}");
    }
}

#[tokio::test]
async fn a_program_that_fails_is_told_by_its_last_words_without_its_keys() {
    let shop = Shop::new();
    let mut said = String::new();
    for (script, variables) in [
        ("echo working; echo \"bad key $MY_KEY\" >&2; exit 1", [("MY_KEY", "made-up-key")].as_slice()),
        ("for i in $(seq 20); do echo \"line $i\"; done; exit 75", &[]),
        ("kill -9 $$", &[]),
    ] {
        let names: Vec<&str> = variables.iter().map(|(name, _)| *name).collect();
        let answer = shop.ask(mine(&["sh", "-c", script], true, &names), variables).await;
        writeln!(said, "{}\n", told(&answer)).unwrap();
    }
    insta::assert_snapshot!(said, @"
    Permanent assistant_failed: The assistant `mine` ended with exit code 1. Its last words:
    bad key [secret] / - (0 in, 0 out, 0 micro-dollars)

    Transient assistant_busy: The assistant `mine` says to try again later. Its last words:
    line 6
    line 7
    line 8
    line 9
    line 10
    line 11
    line 12
    line 13
    line 14
    line 15
    line 16
    line 17
    line 18
    line 19
    line 20 / - (0 in, 0 out, 0 micro-dollars)

    Transient assistant_killed: The assistant `mine` was ended by signal 9. / - (0 in, 0 out, 0 micro-dollars)
    ");
}

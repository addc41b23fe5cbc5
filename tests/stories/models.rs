//! Stories of assistants that are a model: what they change, where they are stopped, what they cost.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use automata::domain::failure::{Failure, FailureClass};
use automata::domain::id::IssueNumber;
use automata::services::assistant::model::{Check, Checks, Model, Prices, Settings, http_settings};
use automata::services::assistant::{
    Allowance, Answer, Assistant, Change, Judgement, NO_JUDGE, NOTHING, Question, Request,
};
use automata::services::clock::{Clock, SystemClock};
use automata::services::http;
use automata::services::process::local::Local;
use automata::services::secrets::Secret;
use serde_json::json;
use tempfile::TempDir;

use crate::world::github::clock::VirtualClock;
use crate::world::model::{Dialect, KEY, MODEL, ModelWorld, Say, TOKENS, call};
use crate::world::stage::search_path;

const BUGGY: &str = "pub fn half(n: u32) -> u32 {\n    n / 3\n}\n";
const FIXED: &str = "pub fn half(n: u32) -> u32 {\n    n / 2\n}\n";

/// A repository's folder, a scripted model, and a clock.
struct Stage {
    folder: TempDir,
    model: ModelWorld,
    clock: Arc<VirtualClock>,
    allowance: Allowance,
    prices: Option<Prices>,
    dialect: Dialect,
    /// What `sh -c` runs when the model wants to know whether its change is sound.
    check: Option<&'static str>,
}

impl Stage {
    fn with(dialect: Dialect, script: Vec<Say>) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir_all(folder.path().join("work/src")).unwrap();
        std::fs::write(folder.path().join("work/src/half.rs"), BUGGY).unwrap();
        std::fs::write(folder.path().join("outside.txt"), "not yours\n").unwrap();
        Self {
            folder,
            model: ModelWorld::start(dialect, script),
            clock: Arc::default(),
            allowance: Allowance::default(),
            prices: None,
            dialect,
            check: None,
        }
    }

    fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    fn code(&self) -> String {
        std::fs::read_to_string(self.work().join("src/half.rs")).unwrap()
    }

    /// The check that it may run, where the story gives it one.
    fn checks(&self) -> Option<Checks> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let path = search_path().unwrap_or_default();
        let programs = Arc::new(Local::new(env!("CARGO_BIN_EXE_automata").into(), path, clock));
        let check = |run: &&str| Check {
            name: "half".to_owned(),
            run: (*run).to_owned(),
            time: Duration::from_secs(60),
            network: false,
        };
        Checks::new(programs, self.check.iter().map(check).collect())
    }

    async fn ask(&self) -> Answer {
        self.ask_by(Arc::clone(&self.clock) as Arc<dyn Clock>, KEY).await
    }

    /// Asks for a judgement instead of a change.
    async fn judges(&self) -> Judgement {
        let assistant = self.assistant(Arc::clone(&self.clock) as Arc<dyn Clock>, KEY);
        let schema = json!({ "type": "object", "properties": { "is": { "enum": ["bug", "wish"] } } });
        let question = Question { prompt: "half(4) is 1.".to_owned(), schema, allowance: self.allowance };
        let judgement = assistant.judge(&question).await;
        self.model.assert_played();
        judgement
    }

    async fn ask_by(&self, clock: Arc<dyn Clock>, key: &str) -> Answer {
        let assistant = self.assistant(clock, key);
        let request = Request {
            issue: IssueNumber(7),
            title: "half(4) is 1".to_owned(),
            texts: Vec::new(),
            searched: String::new(),
            prompt: "Make half(4) give 2.".to_owned(),
            folder: Some(self.work()),
            allowance: self.allowance,
        };
        let answer = assistant.propose(&request).await;
        self.model.assert_played();
        answer
    }

    fn assistant(&self, clock: Arc<dyn Clock>, key: &str) -> Box<dyn Assistant> {
        let base = http::Settings { proxy_from_environment: false, ..http::Settings::default() };
        let client = http::client(&http_settings(&base)).unwrap();
        let is_anthropic = self.dialect == Dialect::Anthropic;
        let settings = Settings {
            name: if is_anthropic { "anthropic" } else { "openai" }.to_owned(),
            model: MODEL.to_owned(),
            url: Some(if is_anthropic { self.model.url.clone() } else { format!("{}/v1/", self.model.url) }),
            key: Some("MODEL_KEY".to_owned()),
            prices: self.prices,
            most_output: None,
        };
        let key = Some(Secret::new(key));
        let checks = self.checks();
        if is_anthropic {
            Box::new(Model::anthropic(settings, key, client, clock).unwrap().with_checks(checks))
        } else {
            Box::new(Model::openai(settings, key, client, clock).unwrap().with_checks(checks))
        }
    }
}

fn fix() -> Say {
    call("edit", json!({ "path": "src/half.rs", "old": "n / 3", "new": "n / 2" }))
}

fn finish() -> Say {
    call("finish", json!({ "summary": "Divides by two." }))
}

fn failure(answer: Answer) -> Failure {
    answer.outcome.unwrap_err()
}

#[tokio::test]
async fn a_bug_is_fixed_in_three_calls_by_every_dialect() {
    for dialect in Dialect::ALL {
        let look = Say::Calls(vec![
            ("search", json!({ "text": "n /" }).to_string()),
            ("read", json!({ "path": "src/half.rs" }).to_string()),
        ]);
        let stage = Stage::with(dialect, vec![look, fix(), finish()]);
        let answer = stage.ask().await;
        let proposal = answer.outcome.unwrap();
        assert_eq!(proposal.change, Change::Folder);
        assert_eq!(proposal.summary, "Divides by two.");
        assert_eq!(stage.code(), FIXED);
        match dialect {
            Dialect::Poor => assert!(answer.usage.tokens() > 1_000, "guessed: {:?}", answer.usage),
            _ => {
                assert_eq!(
                    (answer.usage.input_tokens, answer.usage.output_tokens),
                    (3 * TOKENS.0, 3 * TOKENS.1)
                );
            }
        }
        assert_eq!(answer.usage.micro_dollars, 0, "without prices money is not counted");
        assert_eq!(stage.model.last_results(), ["`src/half.rs` is changed at line 2."], "{dialect:?}");
    }
}

#[tokio::test]
async fn arguments_that_are_no_json_are_told_back_and_the_model_goes_on() {
    for dialect in Dialect::ALL {
        let broken = Say::Calls(vec![("edit", r#"{"path": "src/half.rs", "old": "n"#.to_owned())]);
        let stage =
            Stage::with(dialect, vec![broken, Say::Calls(vec![("bash", "{}".to_owned())]), fix(), finish()]);
        stage.ask().await.outcome.unwrap();
        assert_eq!(stage.code(), FIXED);
        let said = stage.model.requests()[1]["messages"].to_string();
        assert!(said.contains("Error: the arguments of `edit` cannot be read"), "{said}");
        assert!(stage.model.requests()[2]["messages"].to_string().contains("there is no tool `bash`"));
    }
}

#[tokio::test]
async fn no_call_reaches_outside_of_the_folder() {
    for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
        let escape = |path: &str| ("read", json!({ "path": path }).to_string());
        let write = |path: &str| ("write", json!({ "path": path, "text": "mine" }).to_string());
        let calls = vec![
            escape("../outside.txt"),
            escape("/etc/passwd"),
            escape("link"),
            write("../new.txt"),
            write("link/../../new.txt"),
            ("edit", json!({ "path": "link", "old": "not", "new": "all" }).to_string()),
        ];
        let give_up = call("decline", json!({ "reason": "I cannot get out." }));
        let stage = Stage::with(dialect, vec![Say::Calls(calls), give_up]);
        #[cfg(unix)]
        std::os::unix::fs::symlink("../outside.txt", stage.work().join("link")).unwrap();
        let failure = failure(stage.ask().await);
        assert_eq!(failure.code, NOTHING);
        for result in stage.model.last_results() {
            assert!(result.starts_with("Error: ") && !result.contains("not yours"), "{result}");
        }
        assert!(!stage.folder.path().join("new.txt").exists());
        assert_eq!(std::fs::read_to_string(stage.folder.path().join("outside.txt")).unwrap(), "not yours\n");
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_is_asked_for_again_and_then_given_up_for_now() {
    for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
        let once = Stage::with(dialect, vec![Say::Breaks, fix(), Say::FailsInStream, finish()]);
        once.ask().await.outcome.unwrap();
        assert_eq!(once.code(), FIXED);
        assert_eq!(once.clock.waits(), [Duration::from_secs(2); 2]);

        let always = Stage::with(dialect, vec![Say::Breaks; 4]);
        let answer = always.ask().await;
        assert_eq!(answer.usage.milliseconds, 14_000, "it waited 2, 4 and 8 seconds");
        let failure = failure(answer);
        assert_eq!((failure.class, failure.code.as_str()), (FailureClass::Transient, "model_stream_cut"));
    }
}

#[tokio::test]
async fn a_busy_model_is_waited_for_as_long_as_it_says_and_not_longer_than_makes_sense() {
    let busy =
        |status, header| Say::Status(status, header, r#"{"error": {"message": "Slow down."}}"#.to_owned());
    for dialect in Dialect::ALL {
        let soon = vec![busy(429, "retry-after: 7\r\n"), busy(529, ""), fix(), finish()];
        let stage = Stage::with(dialect, soon);
        stage.ask().await.outcome.unwrap();
        assert_eq!(stage.clock.waits(), [7, 4].map(Duration::from_secs));

        let later = Stage::with(dialect, vec![busy(429, "retry-after: 3600\r\n")]);
        let begun = later.clock.now();
        let failure = failure(later.ask().await);
        assert_eq!(failure.class, FailureClass::RateLimited(begun.plus(Duration::from_secs(3_600))));
        assert!(later.clock.waits().is_empty());
    }
}

#[tokio::test]
async fn each_limit_stops_the_work_and_is_named() {
    let look = || call("list", json!({}));
    let tokens = TOKENS.0 + TOKENS.1;
    for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
        let mut steps = Stage::with(dialect, vec![look(); 3]);
        steps.allowance.steps = 3;
        let out = failure(steps.ask().await);
        assert_eq!((out.code.as_str(), out.is_permanent()), ("out_of_steps", true));
        assert!(out.message.ends_with("came to no end within its limit of 3 steps"), "{}", out.message);
        let last = steps.model.last_results().remove(0);
        assert!(last.ends_with("[You have 1 more answer: come to the end and call `finish`.]"), "{last}");

        let mut used = Stage::with(dialect, vec![look(); 2]);
        used.allowance.tokens = 2 * tokens - 1;
        let answer = used.ask().await;
        assert_eq!(answer.usage.tokens(), 2 * tokens);
        let out = failure(answer);
        assert_eq!(out.code, "out_of_tokens");
        assert!(out.message.contains(&format!("{} tokens", 2 * tokens - 1)), "{}", out.message);

        // 900 of the tokens sent come from Anthropic's cache, at a tenth.
        let (each, asked) =
            if dialect == Dialect::Anthropic { (1_000 + 900 + 5_000, 2) } else { (15_000, 1) };
        let mut money = Stage::with(dialect, vec![look(); asked]);
        money.prices = Some(Prices { input: 10_000_000, output: 100_000_000 });
        money.allowance.micro_dollars = 10_000;
        let answer = money.ask().await;
        assert_eq!(answer.usage.micro_dollars, each * u64::try_from(asked).unwrap());
        let out = failure(answer);
        assert_eq!(out.code, "out_of_money");
        assert!(out.message.contains("its limit of 0.01 dollars"), "{}", out.message);

        let mut time = Stage::with(dialect, vec![fix(), Say::Hangs]);
        time.allowance.time = Duration::from_millis(400);
        let out = failure(time.ask_by(Arc::new(SystemClock), KEY).await);
        assert_eq!(out.code, "out_of_time", "{out:?}");
    }
}

#[tokio::test]
async fn a_model_that_only_talks_is_reminded_once() {
    for dialect in Dialect::ALL {
        let talks = Stage::with(dialect, vec![Say::Text("I would divide by two."), Say::Text("Really.")]);
        let out = failure(talks.ask().await);
        assert_eq!(out.code, NOTHING);
        assert!(out.message.ends_with("made no change and ended with: Really."), "{}", out.message);
        assert!(talks.model.requests()[1]["messages"].to_string().contains("You called no tool."));

        let works =
            Stage::with(dialect, vec![fix(), Say::CutOff("So now"), Say::Text("It divides by two now.")]);
        let proposal = works.ask().await.outcome.unwrap();
        assert_eq!(proposal.summary, "It divides by two now.");
        assert!(works.model.requests()[2]["messages"].to_string().contains("Your answer was cut off"));
    }
}

#[tokio::test]
async fn a_change_that_was_not_made_is_not_finished() {
    for dialect in Dialect::ALL {
        let failing = ("edit", json!({ "path": "src/half.rs", "old": "n / 9", "new": "" }).to_string());
        let done = ("finish", json!({ "summary": "Done." }).to_string());
        let fixing = ("edit", json!({ "path": "src/half.rs", "old": "n / 3", "new": "n / 2" }).to_string());
        let script = vec![
            finish(),
            Say::Calls(vec![failing, done.clone()]),
            call("decline", json!({ "wrong": 1 })),
            Say::Calls(vec![fixing, done]),
        ];
        let stage = Stage::with(dialect, script);
        assert_eq!(stage.ask().await.outcome.unwrap().summary, "Done.");
        let said = stage.model.requests()[3]["messages"].to_string();
        assert!(said.contains("no file was changed"), "{said}");
        assert!(said.contains("the arguments of `decline` cannot be read"), "{said}");
    }
}

#[tokio::test]
async fn a_model_that_sees_no_change_to_make_says_so() {
    for dialect in Dialect::ALL {
        let reason = "The report is about another project.\nSorry!";
        let stage = Stage::with(dialect, vec![call("decline", json!({ "reason": reason }))]);
        let out = failure(stage.ask().await);
        assert_eq!((out.code.as_str(), out.is_permanent()), (NOTHING, true));
        assert!(out.message.ends_with("proposes no change: The report is about another project. Sorry!"));
        let refused = Stage::with(dialect, vec![Say::Refuses]);
        assert_eq!(failure(refused.ask().await).code, "model_declined");
    }
}

#[tokio::test]
async fn a_conversation_that_grew_too_long_loses_its_oldest_results_once() {
    let too_long = || {
        let body = r#"{"error": {"type": "invalid_request_error", "message": "prompt is too long: 9 tokens > 8 maximum"}}"#;
        Say::Status(400, "", body.to_owned())
    };
    let read = || call("read", json!({ "path": "src/long.rs" }));
    for dialect in Dialect::ALL {
        let script = vec![read(), read(), read(), read(), too_long(), fix(), finish()];
        let stage = Stage::with(dialect, script);
        std::fs::write(stage.work().join("src/long.rs"), "// a long line\n".repeat(50)).unwrap();
        stage.ask().await.outcome.unwrap();
        let dropped =
            |at: usize| stage.model.requests()[at].to_string().matches("This result was dropped").count();
        assert_eq!((dropped(4), dropped(5)), (0, 1));

        let hopeless = Stage::with(dialect, vec![read(), too_long()]);
        let out = failure(hopeless.ask().await);
        assert_eq!((out.code.as_str(), out.is_permanent()), ("context_too_long", true));
    }
}

#[tokio::test]
async fn a_key_is_shown_to_nobody_but_its_model() {
    for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
        let denied = format!(r#"{{"error": {{"message": "Incorrect API key provided: {KEY}."}}}}"#);
        for (status, headers) in [(401, ""), (400, ""), (307, "location: http://127.0.0.1:9/elsewhere\r\n")] {
            let stage = Stage::with(dialect, vec![Say::Status(status, headers, denied.clone())]);
            let out = failure(stage.ask().await);
            assert!(out.is_permanent());
            assert!(!format!("{out:?}").contains(KEY), "{out:?}");
            assert!(status != 401 || out.hint.as_ref().unwrap().contains("variable MODEL_KEY"), "{out:?}");
            assert!(status != 307 || out.code == "model_moved", "{out:?}");
        }
    }
}

#[tokio::test]
async fn what_is_no_model_at_all_is_told() {
    for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
        let page = Say::Status(200, "", "<html>Welcome!</html>".to_owned());
        let stage = Stage::with(dialect, vec![page]);
        let out = failure(stage.ask().await);
        assert_eq!((out.code.as_str(), out.is_permanent()), ("model_nonsense", true));
    }
}

/// A check that fails until the file divides by two, prints more than anybody reads, and leaves something behind.
const HALF: &str = "touch built; seq 1 9000; grep -q 'n / 2' src/half.rs";

fn check() -> Say {
    call("check", json!({ "name": "half" }))
}

#[tokio::test]
async fn a_model_runs_the_allowed_checks_on_a_copy_and_reads_the_end_of_what_they_print() {
    for dialect in [Dialect::OpenAi, Dialect::Anthropic] {
        let mut stage = Stage::with(dialect, vec![check(), fix(), check(), finish()]);
        stage.check = Some(HALF);
        stage.ask().await.outcome.unwrap();
        assert_eq!(stage.code(), FIXED);
        assert!(!stage.work().join("built").exists(), "what a check builds is no part of the change");
        let told = stage.model.last_results().remove(0);
        assert!(told.starts_with("The check `half` passed.\n"), "{told:.200}");
        assert!(told.ends_with("8999\n9000") && told.len() < 9_000, "{} bytes", told.len());
    }
}

#[tokio::test]
async fn a_check_that_is_not_allowed_or_asked_for_too_often_is_not_run() {
    let mut script = vec![call("check", json!({ "name": "rm -rf /" }))];
    script.extend((0..10).map(|_| check()));
    script.extend([fix(), finish()]);
    let mut stage = Stage::with(Dialect::OpenAi, script);
    stage.check = Some("exit 3");
    stage.ask().await.outcome.unwrap();
    let told = stage.model.results();
    assert_eq!(told[0], "Error: there is no such check; there are: half");
    assert_eq!(told[1], "The check `half` failed and ended with 3.");
    assert_eq!(told[10], "Error: not run: 10 checks are the most; finish with what you have");
    let without = Stage::with(Dialect::OpenAi, vec![check(), fix(), finish()]);
    without.ask().await.outcome.unwrap();
    assert!(without.model.results()[0].contains("there is no tool `check`"));
}

#[tokio::test]
async fn a_model_that_judges_is_given_a_form_and_no_tool_by_every_dialect() {
    for dialect in Dialect::ALL {
        let stage = Stage::with(dialect, vec![call("answer", json!({ "is": "bug" }))]);
        let judgement = stage.judges().await;
        assert_eq!(judgement.outcome.unwrap().replace(' ', ""), r#"{"is":"bug"}"#);
        assert!(judgement.usage.tokens() > 0);
        let tools = stage.model.requests()[0]["tools"].to_string();
        assert!(tools.contains(r#""enum":["bug","wish"]"#) && !tools.contains("edit"), "{tools}");

        let talks = Stage::with(dialect, vec![Say::Breaks, Say::Text("It is a bug.")]);
        assert_eq!(talks.judges().await.outcome.unwrap(), "It is a bug.");
        let refuses = Stage::with(dialect, vec![Say::Refuses]);
        assert_eq!(refuses.judges().await.outcome.unwrap_err().code, "model_declined");
        let mut poor = Stage::with(dialect, Vec::new());
        poor.allowance.tokens = 0;
        assert_eq!(poor.judges().await.outcome.unwrap_err().code, "out_of_tokens");
    }
    let question = Question { prompt: String::new(), schema: json!({}), allowance: Allowance::default() };
    let patch = automata::services::assistant::patch::Patch.judge(&question).await;
    assert_eq!(patch.outcome.unwrap_err().code, NO_JUDGE);
}

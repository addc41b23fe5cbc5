//! `access`: words that were granted or refused, credentials that were used, keys of the log that were opened and changed.

use automata::domain::encryption::{IDENTITY, encode};
use automata::services::seal::age::Identity;
use automata::services::secrets::Secret;

use super::forge::LocalForge;
use super::program::Program;
use super::runner::Runner;
use crate::world::drive::{DriveWorld, jwt};
use crate::world::github::{APP, TOKEN};
use crate::world::model::{Dialect, KEY, MODEL, ModelWorld, Say};
use crate::world::receiver::{Receiver, SECRET};
use crate::world::slack::{self, SlackWorld};

/// A made-up key and whom it stands for.
fn key(who: u8) -> (String, String) {
    let secret = encode(&[who; 32], IDENTITY).to_ascii_uppercase();
    let recipient = Identity::all(&Secret::new(&secret)).unwrap()[0].recipient().to_string();
    (secret, recipient)
}

/// Works as the App.
fn as_app(program: &Program) -> Program {
    let app = [("GITHUB_TOKEN", ""), ("AUTOMATA_APP_ID", APP), ("AUTOMATA_APP_PRIVATE_KEY", jwt::KEY)];
    program.set_all(&app)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_had_access_to_what_is_listed_and_filtered() {
    let runner = Runner::start().await;
    runner.github.installs_app(false);
    let issue = runner.github.open_issue("carol", "How do I read a list?", "I do not see it.", &[]);
    let opened = runner.step("issues", &runner.github.event_payload_opened(issue));
    as_app(&opened.program).run().well();
    for (who, text) in [("mallory", "/automata implement"), ("mona", "/automata label +question")] {
        let comment = runner.github.comment(who, issue, text);
        let step = runner.step("issue_comment", &runner.github.event_payload_commented(comment));
        step.program.run();
    }
    let looks = |arguments: &[&str]| {
        let step = runner.step("push", &serde_json::Value::Null).program;
        step.with(&[&["access"], arguments].concat()).set("GITHUB_ACTIONS", "").run().well()
    };
    let told = looks(&[]).stdout;
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 4, "{told}");
    let has = |words: &[&str]| lines.iter().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(has(&["WHEN", "WHO", "WHAT", "ABOUT", "DECISION", "REASON"]), "{told}");
    assert!(
        has(&["automata", &format!("github-app {APP}"), "repository", "used", "for the run itself"]),
        "{told}"
    );
    let why = "`implement` needs write access to this repository, and mallory has";
    assert!(has(&["mallory", "`implement`", "issue/1", "refused", why]), "{told}");
    assert!(
        has(&["mona", "`label +question`", "issue/1", "granted", "mona has the maintain role"]),
        "{told}"
    );
    let count =
        |arguments: &[&str]| looks(&[arguments, &["--format", "json"]].concat()).stdout.lines().count();
    assert_eq!(count(&["--refused"]), 1);
    assert_eq!(count(&["--granted"]), 1);
    assert_eq!(count(&["--granted", "--refused"]), 2);
    assert_eq!(count(&["--actor", "@Mallory"]), 1);
    assert_eq!(count(&["--issue", "#1"]), 2);
    assert_eq!(count(&["--issue", "7"]), 0);
    assert_eq!(count(&["--credential", "github-app"]), 1, "once for its run, and no other used it");
    assert_eq!(count(&["--credential", APP, "-n", "1"]), 1);
    assert_eq!(count(&["--credential", "drive"]), 0);
    assert_eq!(count(&["--since", "1h"]), 3);
    let wrong = runner.step("push", &serde_json::Value::Null).program;
    let wrong = wrong.with(&["access", "--since", "yesterday"]).run();
    assert_eq!(wrong.code, Some(2), "{}", wrong.stderr);
    assert!(!runner.keeps(TOKEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workflows_own_token_is_no_news() {
    let runner = Runner::start().await;
    let issue = runner.github.open_issue("carol", "How do I read a list?", "I do not see it.", &[]);
    runner.step("issues", &runner.github.event_payload_opened(issue)).run().well();
    assert!(!runner.log().iter().any(|event| event["type"] == "credential.used"));
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_drive_a_webhook_and_an_assistant_are_not_used_unseen() {
    let runner = Runner::start().await;
    let slack = SlackWorld::start(runner.github.clock(), &["C0GENERAL"]);
    let drive = DriveWorld::start();
    let model = ModelWorld::start(Dialect::OpenAi, vec![Say::Text("I do not know."); 2]);
    let receiver = Receiver::start();
    let owner = "mona@acme.example";
    let docs = drive.folder(owner, &drive.root_of(owner), "docs");
    let config = format!(
        "slack: {{url: \"{}\", channel: C0GENERAL}}\n\
         drive: {{url: \"{}\", folders: {{docs: {docs}}}}}\n\
         webhooks: {{audit: {{url: \"{}\", secret: AUDIT_SECRET, private: true}}}}\n\
         assistants: [{{openai: {{model: {MODEL}, url: \"{}/v1\", key: MODEL_KEY}}}}]\n\
         rules:\n- on: issues.opened\n  do: [{{folder: {{in: \"docs:\", name: \"{{number}}\"}}}}, implement]\n",
        slack.api_url(),
        drive.url(),
        receiver.url,
        model.url,
    );
    runner.puts(".github/automata.yml", &config);
    let issue = runner.github.open_issue("mona", "It crashes", "It crashes with an empty list.", &[]);
    let google = drive.authorized_user_json(owner);
    let secrets = [
        ("SLACK_BOT_TOKEN", slack::TOKEN),
        ("GOOGLE_CREDENTIALS", google.as_str()),
        ("AUDIT_SECRET", SECRET),
        ("MODEL_KEY", KEY),
        ("NO_PROXY", "127.0.0.1"),
    ];
    let step = runner.step("issues", &runner.github.event_payload_opened(issue));
    let ran = step.program.set_all(&secrets).run();
    let looks = runner.step("push", &serde_json::Value::Null).program.set("GITHUB_ACTIONS", "");
    let used: Vec<(String, String, bool)> = looks
        .with(&["access", "--format", "json"])
        .run()
        .well()
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|line| line["decision"] == "used")
        .map(|line| {
            let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            (text("credential"), text("name"), line["task"].is_string())
        })
        .collect();
    for (credential, name) in [
        ("slack", "SLACK_BOT_TOKEN"),
        ("drive", "GOOGLE_CREDENTIALS"),
        ("webhook", "audit"),
        ("assistant-key", "openai"),
    ] {
        let wanted = (credential.to_owned(), name.to_owned(), true);
        let count = used.iter().filter(|used| **used == wanted).count();
        assert_eq!(
            count, 1,
            "{credential}, once and with the task that needed it: {used:?}\n{}{}",
            ran.stdout, ran.stderr
        );
        let told = looks.with(&["access", "--credential", credential]).run().well().stdout;
        assert!(told.contains(name), "{told}");
    }
    // The receiver, the channel, the folder and the model really were used.
    assert!(!slack.messages("C0GENERAL").is_empty() && !model.requests().is_empty());
    assert_eq!(drive.folders(&docs).len(), 1);
    for (name, secret) in &secrets[..4] {
        assert!(!runner.keeps(secret), "{name}");
    }
}

#[test]
fn the_keys_of_the_log_are_opened_and_changed_in_sight_of_everybody() {
    let forge = LocalForge::new();
    let encrypts = |readers: &[u8]| {
        let readers: Vec<String> = readers.iter().map(|who| key(*who).1).collect();
        let config =
            format!("state:\n  encryption:\n    mode: sensitive\n    recipients: [{}]\n", readers.join(", "));
        forge.commits(".github/automata.yml", &config);
    };
    let takes_in = |title: &str, keys: &[u8]| {
        let payload = forge.opens("carol", title, "Zanzibar writes nothing.");
        let keys: Vec<String> = keys.iter().map(|who| key(*who).0).collect();
        forge.taking_in(&payload).set("AUTOMATA_AGE_KEY", keys.join("\n")).run().well();
    };
    encrypts(&[1]);
    takes_in("One", &[1]);
    takes_in("Two", &[1]);
    encrypts(&[2]);
    takes_in("Three", &[1, 2]);
    forge.program(&["forget", "--issue", "1"]).set("AUTOMATA_AGE_KEY", key(2).0).run().well();
    // Without any key: that they were used is nobody's secret.
    let told = forge.told(&["access"]);
    let short = |who: u8| key(who).1.chars().take(12).collect::<String>();
    let expected = [
        ("changed", format!("what people write is encrypted, {} added", short(1))),
        ("opened", format!("with the key of {}", short(1))),
        ("changed", format!("what people write is encrypted, {} added, {} removed", short(2), short(1))),
        ("opened", format!("with the key of {}", short(2))),
        ("destroyed", "held was forgotten".to_owned()),
    ];
    for (decision, reason) in expected {
        let is_it = |line: &str| {
            line.contains(decision) && line.ends_with(&reason) && line.contains("the log's keys")
        };
        assert!(told.lines().any(is_it), "{decision} {reason}: {told}");
    }
    let told = forge.program(&["access", "--format", "json"]).run().well();
    let by: Vec<String> = told
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|line| line["decision"] == "opened")
        .map(|line| line["by"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(by, [key(1).1, key(1).1, key(2).1]);
}

#[test]
fn whoever_only_looks_records_nothing() {
    let forge = LocalForge::new();
    let readers = key(1).1;
    let config = format!("state:\n  encryption:\n    mode: sensitive\n    recipients: [{readers}]\n");
    forge.commits(".github/automata.yml", &config);
    let payload = forge.opens("carol", "One", "two");
    forge.taking_in(&payload).set("AUTOMATA_AGE_KEY", key(1).0).run().well();
    let before = forge.appends();
    for command in [&["log"][..], &["status"], &["access"], &["why", "1"]] {
        forge.program(command).set("AUTOMATA_AGE_KEY", key(1).0).run().well();
    }
    assert_eq!(forge.appends(), before);
}

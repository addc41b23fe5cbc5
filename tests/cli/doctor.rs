//! `doctor`: which credentials are used, what each may do, what the configuration needs more. Nothing is changed by it.

use automata::domain::encryption::{IDENTITY, encode};
use automata::services::seal::age::Identity;
use automata::services::secrets::Secret;

use super::forge::LocalForge;
use super::program::{Program, Ran};
use super::runner::Runner;
use crate::world::drive::{DriveWorld, jwt};
use crate::world::github::{APP, Fault, TOKEN};
use crate::world::slack::{self, SlackWorld};

const CONFIG: &str = ".github/automata.yml";

/// Asks the doctor on this runner.
fn asked(runner: &Runner, with: &[(&str, &str)]) -> Ran {
    program(runner, with).run()
}

fn program(runner: &Runner, with: &[(&str, &str)]) -> Program {
    let step = runner.step("push", &serde_json::Value::Null).program;
    step.with(&["doctor"]).set("GITHUB_ACTIONS", "").set("NO_PROXY", "127.0.0.1").set_all(with)
}

/// Nothing on GitHub was changed by it.
fn changed_nothing(runner: &Runner) {
    let writes: Vec<String> = runner.github.writes();
    let writes: Vec<&String> = writes
        .iter()
        .filter(|line| !line.contains("/access_tokens") && !line.starts_with("DELETE /installation/token"))
        .collect();
    assert!(writes.is_empty(), "{writes:#?}");
    assert_eq!(runner.git.take_traffic().pushes, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workflows_own_token_is_told_with_the_order_and_what_only_using_it_would_tell() {
    let runner = Runner::start().await;
    runner.github.tells_budget(990, 1_000);
    let ran = asked(&runner, &[]);
    insta::assert_snapshot!(runner.named(&ran), @r#"
    exit code 0
    -- stdout
    GitHub
      note     looked for as number 1, an App (AUTOMATA_APP_ID with AUTOMATA_APP_PRIVATE_KEY or _FILE): not there
      note     looked for as number 2, AUTOMATA_TOKEN: not there
      note     looked for as number 3, GITHUB_TOKEN: used: the first of the three that is there
      ok       credential: the workflow's own token, acts as github-actions[bot]
      note     requests: 990 of 1000 are left of this hour
      ok       `contents: write`: for the log on its branch; implement, revise
      unseen   `issues: write`: for label, ask, comment: GitHub does not say whether it is allowed
               Where it is not: Add `issues: write` under `permissions:` in the workflow.
      unseen   `pull-requests: write`: for implement, revise: GitHub does not say whether it is allowed
               Where it is not: Add `pull-requests: write` under `permissions:` in the workflow.
      ok       `checks: read`: for revise
      ok       `issues: read`: for finding what no event told
      ok       `pull-requests: read`: for finding what no event told
      ok       `actions: read`: for whether another run is still alive, and the logs of failed checks
      note     starting workflows: what the workflow's own token does starts none; checks of the pull requests that it opens wait for somebody with write access to approve them
               Work as an App (`app-id`, `app-private-key`) or with a person's token, or approve them by hand.
      unseen   opening pull requests: "Allow GitHub Actions to create and approve pull requests" cannot be seen with this token
               It stands under Settings, Actions, General, and has to be on.
    The log
      ok       automata-state: there is none yet; the first run begins it
      note     keys: nothing is to be sealed
    Assistants
      ok       patch: needs nothing
    Nothing is known to be missing; 3 could not be seen without using it.
    "#);
    changed_nothing(&runner);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_apps_installation_is_known_exactly_and_each_missing_permission_is_named() {
    let runner = Runner::start().await;
    runner.github.installs_app(false);
    runner.github.installation_may(&[("contents", "write"), ("issues", "read"), ("metadata", "read")]);
    runner.puts(
        CONFIG,
        "features: {comment: {mode: observe}, assign: {mode: off}}\npull_requests: {check_run: true}\n",
    );
    let app =
        [("AUTOMATA_APP_ID", APP), ("AUTOMATA_APP_PRIVATE_KEY", jwt::KEY), ("AUTOMATA_TOKEN", "ghp_left")];
    let ran = asked(&runner, &app);
    assert_eq!(ran.code, Some(2));
    insta::assert_snapshot!(runner.named(&ran), @"
    exit code 2
    -- stdout
    GitHub
      note     looked for as number 1, an App (AUTOMATA_APP_ID with AUTOMATA_APP_PRIVATE_KEY or _FILE): used: the first of the three that is there
      note     looked for as number 2, AUTOMATA_TOKEN: there, and not used: another one comes first
      note     looked for as number 3, GITHUB_TOKEN: there, and not used: another one comes first
      ok       credential: an App, acts as github-actions[bot]
      note     permissions of the installation: contents: write, issues: read, metadata: read
      ok       `contents: write`: for the log on its branch; implement, revise
      missing  `issues: write`: needed for label, ask: the App's installation has `issues: read`
               Give the App `Issues: Read and write` in its settings, under Permissions & events, and have whoever installed it accept that.
      missing  `pull-requests: write`: needed for implement, revise: the App's installation has nothing of `pull_requests`
               Give the App `Pull requests: Read and write` in its settings, under Permissions & events, and have whoever installed it accept that.
      ok       `checks: read`: for revise
      missing  `checks: write`: needed for check_run: the App's installation has nothing of `checks`
               Give the App `Checks: Read and write` in its settings, under Permissions & events, and have whoever installed it accept that.
      ok       `issues: read`: for finding what no event told
      ok       `pull-requests: read`: for finding what no event told
      ok       `actions: read`: for whether another run is still alive, and the logs of failed checks
      ok       starting workflows: what it does starts workflows as a person's work does
    The log
      ok       automata-state: there is none yet; the first run begins it
      note     keys: nothing is to be sealed
    Assistants
      ok       patch: needs nothing
    3 things that the configuration needs are missing.
    ");
    changed_nothing(&runner);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    let middle = jwt::KEY.lines().nth(3).unwrap();
    assert!(!said.contains(TOKEN) && !said.contains(middle) && !said.contains("ghp_left"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_may_do_all_of_it_is_enough() {
    let runner = Runner::start().await;
    runner.github.installs_app(false);
    runner
        .github
        .installation_may(&["contents", "issues", "pull_requests", "checks"].map(|name| (name, "write")));
    runner.puts(CONFIG, "pull_requests: {check_run: true}\n");
    let ran = asked(&runner, &[("AUTOMATA_APP_ID", APP), ("AUTOMATA_APP_PRIVATE_KEY", jwt::KEY)]).well();
    assert!(ran.stdout.ends_with("All that the configuration needs is there.\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("ok       starting workflows"), "{}", ran.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_looked_at_or_pushed_to_is_found_before_a_run_does() {
    let runner = Runner::start().await;
    runner.git.faults(|faults| faults.read_only = true);
    runner.github.plan("pulls/list", Fault::NotPermitted { accepted: Some("pull_requests=read") });
    let ran = asked(&runner, &[]);
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    for line in [
        "missing  `contents: write`: needed for the log on its branch; implement, revise: 127.0.0.1 answered 403 Forbidden: Write access to repository not granted.",
        "Add `contents: write` under `permissions:` in the workflow.",
        "missing  `pull-requests: write`: needed for implement, revise: GitHub does not allow this call: Resource not accessible by integration",
        "Add `pull-requests: write` under `permissions:` in the workflow.",
    ] {
        assert!(ran.stdout.contains(line), "{line}\n{}", ran.stdout);
    }
    runner.git.faults(|faults| faults.read_only = false);
    changed_nothing(&runner);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_token_is_judged_by_its_scopes_and_by_who_the_person_is() {
    let runner = Runner::start().await;
    let token = format!("ghp_{}", "a1B2".repeat(9));
    runner.github.set_viewer("mona", "User");
    let told = |scopes, role| {
        runner.github.takes_persons_token(&token, scopes, role);
        asked(&runner, &[("AUTOMATA_TOKEN", &token)])
    };
    // The git server of this world knows the workflow's token alone: contents are judged there.
    let has = |ran: &Ran, line: &str| assert!(ran.stdout.contains(line), "{line}\n{}", ran.stdout);
    let good = told(Some("repo, workflow"), "push");
    has(&good, "ok       credential: a person's classic token, acts as mona");
    has(&good, "ok       `issues: write`: for label");
    has(&good, "ok       starting workflows");
    let little = told(Some("read:org"), "push");
    has(
        &little,
        "missing  `issues: write`: needed for label, ask, comment: the token has read:org, and not the scope `repo`",
    );
    has(&little, "Give the token the scope `repo`");
    let reader = told(Some("repo"), "pull");
    has(&reader, "mona has only read access to the repository");
    assert_eq!(reader.code, Some(2));
    assert!(!format!("{}{}{}", good.stdout, little.stdout, reader.stdout).contains(&token));
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_github_does_not_take_are_no_mystery() {
    let runner = Runner::start().await;
    let wrong = asked(&runner, &[("AUTOMATA_TOKEN", "ghs_another")]);
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong.stdout.contains("missing  credential: GitHub does not accept the token: Bad credentials"),
        "{}",
        wrong.stdout
    );
    let none = asked(&runner, &[("GITHUB_TOKEN", "")]);
    assert_eq!(none.code, Some(2));
    assert!(none.stdout.contains("missing  credential: there is no token"), "{}", none.stdout);
    assert!(none.stdout.contains("looked for as number 3, GITHUB_TOKEN: not there"), "{}", none.stdout);
    let half = asked(&runner, &[("AUTOMATA_APP_ID", APP)]);
    assert!(
        half.stdout.contains("missing  credential: there is an App's id and no private key"),
        "{}",
        half.stdout
    );
    let foreign = asked(&runner, &[("AUTOMATA_APP_ID", APP), ("AUTOMATA_APP_PRIVATE_KEY", jwt::KEY)]);
    assert!(foreign.stdout.contains("is not installed on acme/widgets"), "{}", foreign.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_github_is_away_nothing_is_called_missing_and_it_may_be_asked_again() {
    let runner = Runner::start().await;
    for _ in 0..3 {
        runner.github.plan("repos/get", Fault::Status(502));
    }
    let ran = asked(&runner, &[]);
    assert_eq!(ran.code, Some(3), "{}", ran.stdout);
    assert!(ran.stdout.contains("unseen   credential: GitHub answered 502"), "{}", ran.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_need_more_than_a_workflows_token() {
    let runner = Runner::start().await;
    runner.github.make_project_field(3, "Status", "SINGLE_SELECT", &["Ready"]);
    let rule = "rules: [{on: issues.opened, do: [{project: {number: 3, field: Status, option: Ready}}]}]\n";
    runner.puts(CONFIG, rule);
    let seen = asked(&runner, &[]);
    assert!(seen.stdout.contains("ok       `projects: write`: for plan"), "{}", seen.stdout);
    runner.github.hide_projects();
    let hidden = asked(&runner, &[]);
    assert_eq!(hidden.code, Some(2));
    let why = "missing  `projects: write`: needed for plan: there is no project 3, or it may not be seen";
    assert!(hidden.stdout.contains(why), "{}", hidden.stdout);
    assert!(
        hidden.stdout.contains("Nothing under `permissions:` leads to projects: work as an App"),
        "{}",
        hidden.stdout
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn slack_drive_webhooks_assistants_and_plugins_are_looked_at_and_nobody_is_paid() {
    let runner = Runner::start().await;
    let slack = SlackWorld::start(runner.github.clock(), &["C0GENERAL"]);
    let drive = DriveWorld::start();
    let mona = "mona@acme.example";
    let folder = drive.folder(mona, &drive.root_of(mona), "docs");
    let config = format!(
        "slack: {{url: \"{}\", channel: C0GENERAL}}\n\
         drive: {{url: \"{}\", folders: {{docs: {folder}, gone: 1GoneGoneGone}}}}\n\
         webhooks: {{audit: {{url: \"https://audit.example/in\", secret: AUDIT_SECRET}}}}\n\
         plugins: {{area: {{run: [sh, area.sh]}}, other: {{run: [nowhere-to-be-found]}}}}\n\
         assistants:\n- patch\n- codex\n- anthropic: {{model: m, key: MY_KEY}}\n- copilot-cloud: {{key: AGENT_TOKEN}}\n",
        slack.api_url(),
        drive.url(),
    );
    runner.puts(CONFIG, &config);
    let google = drive.authorized_user_json(mona);
    let secrets = [
        ("SLACK_BOT_TOKEN", slack::TOKEN),
        ("GOOGLE_CREDENTIALS", &google),
        ("AUDIT_SECRET", "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ="),
        ("MY_KEY", "sk-ant-hidden-hidden"),
        ("AGENT_TOKEN", "ghs_hidden-hidden"),
        ("PATH", "/usr/bin:/bin"),
    ];
    let ran = asked(&runner, &secrets);
    assert_eq!(ran.code, Some(2));
    let from = ran.stdout.find("Slack").unwrap();
    let told = ran.stdout[from..].replace(&folder, "FOLDER");
    insta::assert_snapshot!(told, @"
    Slack
      note     looked for: the bot's token in SLACK_BOT_TOKEN
      ok       credential: the token in SLACK_BOT_TOKEN, automata in Acme
      ok       chat:write: posts and edits
      ok       channels:history or groups:history: what was posted is found again, so that nothing is said twice
    Webhooks
      ok       audit: AUDIT_SECRET is set; nothing was sent
    Google Drive
      ok       credentials: GOOGLE_CREDENTIALS
      ok       account: mona@acme.example
      ok       storage: 0 of 15000000000 bytes are in use
      ok       folder docs: `docs`, to read and to write; what is put there takes the storage of mona@acme.example
      missing  folder gone: not there, or not for this account to see
      note     advice: Share the folder `gone` (1GoneGoneGone) with mona@acme.example, or correct its id in `drive.folders`.
    Assistants
      ok       patch: needs nothing
      missing  codex: `codex` is in no folder of PATH
               Install it in a step before: `npm install -g @openai/codex`.
      missing  codex: its key is missing: none of CODEX_API_KEY, OPENAI_API_KEY is set
               Hand it in under `env:` of the step: `CODEX_API_KEY: ${{ secrets.CODEX_API_KEY }}`.
      ok       anthropic: its key is in MY_KEY; whether it is a good one, only asking would tell
      missing  copilot-cloud: AGENT_TOKEN holds no person's token, and GitHub lets nobody else assign its agent
               Put the token of a person who may use the agent there.
    Plugins
      ok       area: `sh` is /usr/bin/sh
      missing  other: `nowhere-to-be-found` is in no folder of PATH
               Install it in a step before.
    5 things that the configuration needs are missing.
    ");
    assert_eq!(slack.calls(), ["auth.test"]);
    for (_, secret) in &secrets[..5] {
        assert!(!ran.stdout.contains(secret) && !ran.stderr.contains(secret));
    }
    slack.has_scopes("channels:history");
    let told = asked(&runner, &secrets).stdout;
    assert!(told.contains("missing  chat:write: without it nothing is posted"), "{told}");
    let told = asked(&runner, &[("SLACK_BOT_TOKEN", "xoxb-another")]).stdout;
    assert!(told.contains("missing  credential: Slack does not accept the token (invalid_auth)"), "{told}");
    assert!(told.contains("missing  credential: there are no credentials for Drive"), "{told}");
    assert!(told.contains("missing  audit: AUDIT_SECRET is not set"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incoming_webhook_cannot_be_tried_without_posting() {
    let runner = Runner::start().await;
    let slack = SlackWorld::start(runner.github.clock(), &["C0GENERAL"]);
    runner.puts(CONFIG, "slack: {webhook: SLACK_HOOK}\n");
    let ran = asked(&runner, &[("SLACK_HOOK", &slack.incoming_url())]).well();
    let why = "unseen   credential: an incoming webhook: whether it works cannot be seen without posting";
    assert!(ran.stdout.contains(why), "{}", ran.stdout);
    assert!(slack.calls().is_empty());
}

/// A made-up key and whom it stands for.
fn key(who: u8) -> (String, String) {
    let secret = encode(&[who; 32], IDENTITY).to_ascii_uppercase();
    let recipient = Identity::all(&Secret::new(&secret)).unwrap()[0].recipient().to_string();
    (secret, recipient)
}

#[test]
fn whether_the_keys_open_the_log_is_told_before_a_run_stops_at_it() {
    let forge = LocalForge::new();
    let (own, readers) = key(1);
    let config = format!("state:\n  encryption:\n    mode: sensitive\n    recipients: [{readers}]\n");
    forge.commits(CONFIG, &config);
    let keyless = forge.program(&["doctor"]).run();
    assert_eq!(keyless.code, Some(2));
    assert!(
        keyless
            .stdout
            .contains("missing  keys: the log is to be sealed, and there is no key to read it with later"),
        "{}",
        keyless.stdout
    );
    let payload = forge.opens("carol", "One", "two");
    forge.taking_in(&payload).set("AUTOMATA_AGE_KEY", &own).run().well();
    let told = |keys: &str| forge.program(&["doctor"]).set("AUTOMATA_AGE_KEY", keys).run();
    let opened = told(&own).well();
    assert!(
        opened.stdout.contains("ok       keys: AUTOMATA_AGE_KEY or AUTOMATA_AGE_KEY_FILE opens"),
        "{}",
        opened.stdout
    );
    assert!(!opened.stdout.contains(&own) && !opened.stderr.contains(&own));
    let (foreign, _) = key(2);
    let shut = told(&foreign);
    assert_eq!(shut.code, Some(2));
    assert!(shut.stdout.contains("missing  keys: "), "{}", shut.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_read_it_as_json_and_a_file_may_be_judged_before_it_counts() {
    let runner = Runner::start().await;
    let told = program(&runner, &[]).with(&["doctor", "--format", "json"]).run().well().json();
    assert_eq!((&told["sufficient"], &told["reachable"]), (&true.into(), &true.into()));
    let of = |what: &str| {
        let findings = told["findings"].as_array().unwrap();
        findings
            .iter()
            .find(|finding| finding["what"] == what)
            .unwrap_or_else(|| panic!("{what}: {told}"))
            .clone()
    };
    assert_eq!(of("`contents: write`")["state"], "good");
    assert_eq!(of("`issues: write`")["state"], "unseen");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("next.yml");
    std::fs::write(&file, "slack: {channel: C0GENERAL}\n").unwrap();
    let next = program(&runner, &[]).with(&["doctor", "--config", file.to_str().unwrap()]).run();
    assert_eq!(next.code, Some(2));
    assert!(
        next.stdout.contains("there is neither a token nor a webhook that can be used"),
        "{}",
        next.stdout
    );
    std::fs::write(&file, "mode: acting\n").unwrap();
    let wrong = program(&runner, &[]).with(&["doctor", "--config", file.to_str().unwrap()]).run();
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stdout.contains("mode: `acting` is not known here"), "{}", wrong.stdout);
}

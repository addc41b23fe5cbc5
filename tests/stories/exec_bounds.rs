//! What a plugin is kept within: its time, its memory, and no secret of ours.

use insta::assert_snapshot;

use super::exec::{GREETS, RULES, end, stage, starts, used};
use super::texts::{CRASH, TRACE};
use crate::world::github::TOKEN;

#[tokio::test]
async fn a_plugin_has_no_token_and_no_variable_that_it_was_not_given() {
    let script = r#"echo "the key is $GREETER_KEY" >&2
names=$(env | cut -d= -f1 | grep -v '^PWD$\|^OLDPWD$\|^SHLVL$\|^_$' | sort | tr '\n' ' ')
git="$(cat .git/config 2>/dev/null | grep -c 'remote\|extraheader')"
echo "{\"protocol\": 1, \"message\": \"$names\", \"output\": [$git], \"plan\": [{\"effect\": \"comment\", \"text\": \"$GREETER_KEY\"}]}""#;
    let rules = RULES.replace("    may:", "    environment: [GREETER_KEY]\n    may:");
    let stage = stage(&rules, script).await;
    stage.sets("GREETER_KEY", "made-up-key");
    stage.sets("GITHUB_TOKEN", TOKEN);
    stage.sets("OTHER_KEY", "another-made-up-key");
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    let used: Vec<String> = stage.history().await.iter().filter_map(used).collect();
    assert_eq!(used, ["plugin-key greeter"], "that it was handed a key is an event");
    assert_snapshot!(end(&stage).await, @r#"{"plugin":"greeter","effects":1,"comment":"[secret]","message":"GREETER_KEY HOME LANG NO_COLOR PATH TERM TMPDIR","output":[0],"said":"the key is [secret]"}"#);
    let comment = stage.status_comment(issue);
    assert!(comment.contains("secret") && !comment.contains("made-up"), "{comment}");
    for envelope in stage.history().await {
        let line = format!("{:?}", envelope.recorded);
        assert!(!line.contains(TOKEN) && !line.contains("made-up"), "{line}");
    }
}

#[tokio::test]
async fn a_plugin_that_takes_too_long_is_ended_with_all_that_it_started() {
    let script = "sleep 97531.25 &\n(trap '' TERM; sleep 97531.25) &\nwait\n";
    let stage = stage(&RULES.replace("    may:", "    seconds: 1\n    may:"), script).await;
    stage.opens("alice", CRASH, TRACE).await;
    assert_snapshot!(end(&stage).await, @"plugin_out_of_time: the plugin `greeter` was not done within 1 s and was ended");
    let processes = std::process::Command::new("ps").args(["-e", "-o", "args"]).output().unwrap();
    assert!(!String::from_utf8_lossy(&processes.stdout).contains("sleep 97531.25"));
}

#[tokio::test]
async fn a_plugin_that_is_handed_nothing_uses_no_credential() {
    let stage = stage(RULES, GREETS).await;
    stage.sets("OTHER_KEY", "another-made-up-key");
    stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.history().await.iter().filter_map(used).count(), 0);
}

#[tokio::test]
async fn none_is_handed_our_token_under_any_name_and_nothing_is_begun_until_that_is_mended() {
    let rules = RULES.replace("    may:", "    environment: [GH_TOKEN]\n    may:");
    let stage = stage(&rules, "touch started").await;
    stage.sets("GH_TOKEN", TOKEN);
    let world = stage.world().await.unwrap();
    assert_snapshot!(world.problems.join("\n"), @".github/automata.yml: plugins.greeter.environment: `GH_TOKEN` holds the token that Automata works with, which is not handed to plugins: they read what strangers write; give it a key of its own, that may do no more than it needs");
    stage.opens("alice", CRASH, TRACE).await;
    assert_eq!((stage.writes(), starts(&stage).await), (Vec::new(), 0));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_plugin_that_takes_more_memory_with_its_children_than_it_may_is_ended_and_told() {
    let script = "mkfifo never; exec python3 -c \"
import os
os.fork(), os.fork()
part = bytearray(b'x' * (40 << 20))
open('never').read()\"";
    let stage = stage(&RULES.replace("    may:", "    megabytes: 100\n    may:"), script).await;
    let (_, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_snapshot!(end(&stage).await, @"plugin_out_of_memory: the plugin `greeter` used more than 100 MB of memory and was ended");
    assert_snapshot!(report.warnings.join("\n"), @"issue/1: task 5f1p0.1 given up: the plugin `greeter` used more than 100 MB of memory and was ended. Mend it, see that `automata plugin check greeter` is content, then `automata tasks revive` the task.");
    assert_eq!((stage.writes(), starts(&stage).await), (Vec::new(), 1));
}

#[tokio::test]
async fn that_its_bounds_could_not_be_set_is_in_its_output_and_the_run_warns_of_it() {
    let stage = stage(RULES, GREETS).await;
    stage.cannot_bound("This kernel has no Landlock: what a program may read and write was not bounded.");
    let (_, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_snapshot!(report.warnings.join("\n"), @"This kernel has no Landlock: what a program may read and write was not bounded.");
    assert!(end(&stage).await.contains("\"notes\":[\"This kernel has no Landlock"), "{}", end(&stage).await);
}

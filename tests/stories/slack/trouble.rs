//! Bad luck: a run that is killed, a lost answer, a Slack that is down, too busy, or does not know us.

use std::time::Duration;

use insta::assert_snapshot;

use super::{ALL, GENERAL, telling};
use crate::stories::texts::{CRASH, TRACE, WISH, WISH_TEXT};
use crate::world::slack::{Fault, SlackWorld};
use crate::world::stage::Stage;

#[tokio::test]
async fn killed_at_any_push_it_says_everything_once() {
    for push in 1..=3 {
        let (stage, slack) = telling(ALL).await;
        let issue = stage.github.open_issue("alice", CRASH, TRACE, &[]);
        let payload = stage.github.event_payload_opened(issue);
        if push < 3 {
            stage.run_killed_at_push(push, "issues", &payload).await;
        } else {
            stage.run("issues", &payload).await.unwrap();
        }
        stage.github.set_run(stage.last_run(), 1, "completed");
        stage.lets_pass(Duration::from_secs(7_200));
        stage.run("issues", &payload).await.unwrap();
        stage.drain_later().await;
        assert_eq!(slack.messages(GENERAL).len(), 1, "killed at push {push}: {}", slack.shows(GENERAL));
        assert!(stage.tasks().await.keys().all(|task| !task.contains("slack failed")));
    }
}

#[tokio::test]
async fn killed_between_a_word_in_the_thread_and_its_receipt_it_says_it_once() {
    let (stage, slack) = telling(ALL).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(Duration::from_secs(60));
    stage.github.close(issue);
    let closed = stage.github.event_payload_closed(issue, "otto");
    stage.run_killed_at_push(2, "issues", &closed).await;
    let said = slack.shows(GENERAL);
    stage.github.set_run(stage.last_run(), 1, "completed");
    // Meanwhile more happened, which joins what waits.
    stage.lets_pass(Duration::from_secs(7_200));
    stage.github.reopen(issue);
    stage.run("issues", &stage.github.event_payload_reopened(issue, "otto")).await.unwrap();
    stage.drain_later().await;
    assert_snapshot!(said, @"
    #1 Crash on a line without an equals sign
    *State*
    closed
    *Type*
    bug
    *Urgency*
    high
    <https://github.example/acme/widgets/issues/1|acme/widgets#1> · opened by alice (edited once)
    ");
    assert_snapshot!(slack.shows(GENERAL), @"
    #1 Crash on a line without an equals sign
    *State*
    open
    *Type*
    bug
    *Urgency*
    high
    <https://github.example/acme/widgets/issues/1|acme/widgets#1> · opened by alice (edited 2 times)
      > otto closed it
      > otto opened it again
    ");
}

#[tokio::test]
async fn a_lost_answer_is_found_again_by_its_metadata_in_a_busy_channel() {
    let (stage, slack) = telling(ALL).await;
    slack.plan("chat.postMessage", Fault::LoseReply);
    let (_, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!((report.tally.retried, report.failed()), (1, false));
    for _ in 0..3 {
        stage.lets_pass(Duration::from_secs(2));
        stage.opens("bob", WISH, WISH_TEXT).await;
    }
    stage.drain_later().await;
    let first = slack.messages(GENERAL).iter().filter(|message| message.text.contains("#1 ")).count();
    assert_eq!(first, 1, "{}", slack.shows(GENERAL));
    assert!(slack.calls().contains(&"conversations.history".to_owned()));
}

#[tokio::test]
async fn what_cannot_be_looked_for_any_more_is_not_said_again_but_told_to_be_lost() {
    let (stage, slack) = telling(ALL).await;
    slack.plan("chat.postMessage", Fault::LoseReply);
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    // A page has two messages here, and twenty are looked at.
    slack.talks(GENERAL, 60);
    let report = stage.drain_later().await;
    assert!(!report.failed());
    assert_snapshot!(report.warnings.join("\n"), @"issue/1: task 5f1p0.2 given up: whether the message is in the channel C0GENERAL cannot be found out: too much was said since. Look there; what is missing is to be told by hand, and what happens next is told as always.");
    let said =
        |what: &str| slack.messages(GENERAL).iter().filter(|message| message.text.contains(what)).count();
    assert_eq!(said("#1 "), 1);
    stage.lets_pass(Duration::from_secs(60));
    stage.github.close(issue);
    stage.run("issues", &stage.github.event_payload_closed(issue, "otto")).await.unwrap();
    assert_eq!(said("otto closed it"), 1, "what happens next is told as always");
}

#[tokio::test]
async fn a_slack_that_is_down_fails_nothing_and_is_told_when_it_is_back() {
    let (stage, slack) = telling(ALL).await;
    for _ in 0..6 {
        slack.plan("chat.postMessage", Fault::Status(503));
    }
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert!(!report.failed());
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    for _ in 0..6 {
        assert!(!stage.drain_later().await.failed(), "given up or not, the work has not failed");
    }
    assert_eq!(stage.tasks().await.get("slack failed"), Some(&1), "a dead letter that can be revived");
    // What happens next is told in a thread of its own as always.
    stage.lets_pass(Duration::from_secs(60));
    stage.github.close(issue);
    stage.run("issues", &stage.github.event_payload_closed(issue, "otto")).await.unwrap();
    assert_snapshot!(slack.shows(GENERAL), @"
    #1 Crash on a line without an equals sign
    *State*
    closed
    *Type*
    bug
    *Urgency*
    high
    <https://github.example/acme/widgets/issues/1|acme/widgets#1> · opened by alice
      > otto closed it
    ");
}

#[tokio::test]
async fn a_channel_that_takes_nothing_keeps_no_other_from_being_told() {
    let routes = "  routes:\n  - { channel: C0ALERTS00 }\n  - { channel: C0GENERAL }\n";
    let (stage, slack) = telling(routes).await;
    let (_, report) = stage.opens("alice", CRASH, TRACE).await;
    assert!(!report.failed());
    assert_snapshot!(report.warnings.join("\n"), @"issue/1: task 5f1p0.2 given up: Slack does not let the bot write into the channel C0ALERTS00 (channel_not_found). Invite the bot with `/invite @name`, and look at the channel's id in `slack` of the configuration.");
    assert_eq!(slack.messages(GENERAL).len(), 1);
}

#[tokio::test]
async fn a_channel_that_takes_nothing_keeps_no_digest_from_gathering() {
    let routes = "  routes:\n  - { channel: C0ALERTS00 }\n  - { channel: C0GENERAL, digest: '0 12 * * *' }\n";
    let (stage, slack) = telling(routes).await;
    stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(stage.tasks().await.get("slack failed"), Some(&1));
    stage.lets_pass(Duration::from_secs(3 * 3_600));
    stage.drain().await;
    assert_eq!(slack.shows(GENERAL).matches("alice opened it").count(), 1, "{}", slack.shows(GENERAL));

    // One that is down for a while has the digest gather once, however often it is tried.
    let routes = routes.replace("C0ALERTS00", "C0ALERTS01");
    let (stage, slack) = telling(&routes).await;
    for _ in 0..3 {
        slack.plan("chat.postMessage", Fault::Status(503));
    }
    stage.opens("alice", CRASH, TRACE).await;
    for _ in 0..3 {
        stage.drain_later().await;
    }
    stage.lets_pass(Duration::from_secs(3 * 3_600));
    stage.drain().await;
    assert_eq!(slack.shows(GENERAL).matches("alice opened it").count(), 1, "{}", slack.shows(GENERAL));
}

#[tokio::test]
async fn what_was_said_in_the_channel_because_its_thread_was_gone_is_found_there() {
    let (stage, slack) = telling("  channel: C0GENERAL\n  people: { mona: U0MONA0001 }\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(Duration::from_secs(60));
    stage.github.close(issue);
    slack.plan("chat.postMessage", Fault::Word("thread_not_found"));
    slack.plan("chat.postMessage", Fault::LoseReply);
    stage.run("issues", &stage.github.event_payload_closed(issue, "otto")).await.unwrap();
    stage.drain_later().await;
    stage.drain_later().await;
    assert_eq!(slack.shows(GENERAL).matches("otto closed it").count(), 1, "{}", slack.shows(GENERAL));
}

#[tokio::test]
async fn a_task_that_was_given_up_may_have_begun_the_thread_all_the_same() {
    let (stage, slack) = telling(ALL).await;
    for _ in 0..6 {
        slack.plan("conversations.history", Fault::Status(500));
    }
    slack.plan("chat.postMessage", Fault::LoseReply);
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    for _ in 0..6 {
        stage.drain_later().await;
    }
    assert_eq!(stage.tasks().await.get("slack failed"), Some(&1));
    // The last of the six strikes whoever looks first.
    stage.github.close(issue);
    stage.run("issues", &stage.github.event_payload_closed(issue, "otto")).await.unwrap();
    stage.drain_later().await;
    let roots = slack.messages(GENERAL).iter().filter(|message| message.thread.is_none()).count();
    assert_eq!(roots, 1, "{}", slack.shows(GENERAL));
}

#[tokio::test]
async fn a_burst_goes_out_one_message_a_second_and_leaves_nothing_behind() {
    let (stage, slack) = telling(ALL).await;
    stage.opens("alice", WISH, WISH_TEXT).await;
    stage.lets_pass(Duration::from_secs(3_600));
    // GitHub is down, and nobody tells of these.
    for number in 0..12 {
        stage.github.open_issue("alice", &format!("{CRASH} ({number})"), TRACE, &[]);
    }
    stage.lets_pass(Duration::from_secs(3_600));
    let report = stage.drain().await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(slack.messages(GENERAL).len(), 13, "{}", slack.shows(GENERAL));
    let looked = slack.calls().iter().filter(|call| call.starts_with("conversations.")).count();
    assert_eq!(looked, 0, "nothing was looked for that was never sent");
    assert_eq!(stage.tasks().await.get("slack completed"), Some(&13));
}

#[tokio::test]
async fn a_wait_that_slack_asks_for_counts_as_no_attempt() {
    let (stage, slack) = telling(ALL).await;
    for _ in 0..8 {
        slack.plan("chat.postMessage", Fault::TooFast(30));
    }
    stage.opens("alice", CRASH, TRACE).await;
    for _ in 0..8 {
        stage.lets_pass(Duration::from_secs(31));
        stage.drain().await;
    }
    assert_eq!(slack.messages(GENERAL).len(), 1);
}

#[tokio::test]
async fn a_wrong_token_is_told_once_and_with_what_to_do() {
    let (stage, slack) = telling(ALL).await;
    stage.sets("SLACK_BOT_TOKEN", "xoxb-revoked");
    let (_, report) = stage.opens("alice", CRASH, TRACE).await;
    assert!(!report.failed());
    assert_snapshot!(report.warnings.join("\n"), @r#"issue/1: task 5f1p0.2 given up: Slack does not accept the token (invalid_auth). Put the bot's token, `xoxb-…`, into SLACK_BOT_TOKEN: it stands under "OAuth & Permissions" of the app."#);
    let (_, report) = stage.opens("bob", WISH, WISH_TEXT).await;
    assert_eq!(report.warnings, [""; 0], "once is enough");
    assert_eq!(stage.tasks().await.get("slack failed"), Some(&1));
    // The right one mends it, without a word.
    stage.sets("SLACK_BOT_TOKEN", crate::world::slack::TOKEN);
    stage.opens("bob", "A third issue", TRACE).await;
    assert_eq!(slack.messages(GENERAL).len(), 1);
}

#[tokio::test]
async fn a_channel_that_the_bot_is_not_in_is_named_with_what_to_do() {
    let (stage, slack) = telling(ALL).await;
    slack.plan("chat.postMessage", Fault::Word("not_in_channel"));
    let (_, report) = stage.opens("alice", CRASH, TRACE).await;
    assert!(!report.failed());
    assert_snapshot!(report.warnings.join("\n"), @"issue/1: task 5f1p0.2 given up: Slack does not let the bot write into the channel C0GENERAL (not_in_channel). Invite the bot with `/invite @name`, and look at the channel's id in `slack` of the configuration.");
}

#[tokio::test]
async fn without_a_token_the_hint_names_the_variable() {
    let stage = Stage::configured("slack: { channel: C0GENERAL }\n").await;
    let (_, report) = stage.opens("alice", CRASH, TRACE).await;
    assert!(!report.failed());
    assert_snapshot!(report.warnings.join("\n"), @"issue/1: task 5f1p0.2 given up: SLACK_BOT_TOKEN is not set, so nobody can be told in Slack. Hand it in under `env:` of the step: `SLACK_BOT_TOKEN: ${{ secrets.SLACK_BOT_TOKEN }}`.");
}

#[tokio::test]
async fn a_thread_that_somebody_deleted_begins_anew() {
    let (stage, slack) = telling(ALL).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    slack.clears(GENERAL);
    stage.lets_pass(Duration::from_secs(60));
    stage.github.close(issue);
    stage.run("issues", &stage.github.event_payload_closed(issue, "otto")).await.unwrap();
    assert_eq!(slack.messages(GENERAL).len(), 2, "{}", slack.shows(GENERAL));
}

#[tokio::test]
async fn an_incoming_webhook_posts_what_happened_at_least_once() {
    let stage = Stage::start().await;
    let slack = SlackWorld::start(stage.github.clock(), &[GENERAL]);
    stage.put_file(".github/automata.yml", "slack: { webhook: SLACK_WEBHOOK_URL }\n");
    stage.sets("SLACK_WEBHOOK_URL", &slack.incoming_url());
    slack.plan("incoming", Fault::LoseReply);
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.drain_later().await;
    assert_eq!(slack.messages(GENERAL).len(), 2, "nobody can look whether the first one came");
    stage.lets_pass(Duration::from_secs(60));
    stage.github.close(issue);
    stage.run("issues", &stage.github.event_payload_closed(issue, "otto")).await.unwrap();
    let last = slack.messages(GENERAL).pop().unwrap();
    assert_snapshot!(last.shown(), @"
    *<https://github.example/acme/widgets/issues/1|#1>* Crash on a line without an equals sign
    • otto closed it
    ");
    let written = format!("{:?}", stage.history().await);
    assert!(!written.contains("/services/"), "its address is a secret");
}

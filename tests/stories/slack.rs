//! Task kind `slack`: one thread for each issue, kept up to date, and nothing said twice.

mod routes;
mod trouble;

use std::time::Duration;

use insta::assert_snapshot;

use super::texts::{CRASH, MENDED, TRACE};
use crate::world::github::Fault as GitHubFault;
use crate::world::slack::{SlackWorld, TOKEN};
use crate::world::stage::Stage;

/// The channel that everything goes to.
const GENERAL: &str = "C0GENERAL";
/// Another.
const ALERTS: &str = "C0ALERTS01";

/// A stage whose configuration tells this Slack, and its token is set. `more` goes below `slack:`.
async fn telling(more: &str) -> (Stage, SlackWorld) {
    let stage = Stage::start().await;
    let slack = SlackWorld::start(stage.github.clock(), &[GENERAL, ALERTS]);
    let yaml = format!("slack:\n  url: {}\n{more}", slack.api_url());
    stage.put_file(".github/automata.yml", &yaml);
    stage.sets("SLACK_BOT_TOKEN", TOKEN);
    (stage, slack)
}

const ALL: &str = "  channel: C0GENERAL\n";

#[tokio::test]
async fn an_issue_has_one_thread_whose_first_message_follows_its_state() {
    let (stage, slack) = telling("  channel: C0GENERAL\n  people: { mona: U0MONA0001 }\n").await;
    let (issue, report) = stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(report.warnings, [""; 0]);
    assert_snapshot!(slack.shows(GENERAL), @"
    #1 Crash on a line without an equals sign
    *State*
    open
    *Type*
    bug
    *Urgency*
    high
    *Pull request*
    <https://github.com/acme/widgets/pull/2|#2> open
    <https://github.example/acme/widgets/issues/1|acme/widgets#1> · opened by mona (edited once)
      > Automata opened the pull request <https://github.com/acme/widgets/pull/2|#2>
    ");
    stage.lets_pass(Duration::from_secs(60));
    stage.github.merge(2);
    let merged = stage.github.event_payload_pull("closed", 2, "otto");
    stage.run("pull_request", &merged).await.unwrap();
    stage.lets_pass(Duration::from_secs(60));
    stage.github.close(issue);
    let closed = stage.github.event_payload_closed(issue, "otto");
    stage.run("issues", &closed).await.unwrap();
    assert_snapshot!(slack.shows(GENERAL), @"
    #1 Crash on a line without an equals sign
    *State*
    closed
    *Type*
    bug
    *Urgency*
    high
    *Pull request*
    <https://github.com/acme/widgets/pull/2|#2> merged
    <https://github.example/acme/widgets/issues/1|acme/widgets#1> · opened by mona (edited 3 times)
      > Automata opened the pull request <https://github.com/acme/widgets/pull/2|#2>
      > otto merged the pull request
      > otto closed it
    ");
}

#[tokio::test]
async fn the_first_message_follows_what_is_worth_no_word() {
    let (stage, slack) = telling(ALL).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.comments("mona", issue, "/automata assign @otto").await;
    let said = slack.messages(GENERAL).len();
    stage.lets_pass(Duration::from_secs(60));
    stage.comments("mona", issue, "/automata unassign @otto").await;
    assert!(!slack.shows(GENERAL).contains("*Assigned*"), "{}", slack.shows(GENERAL));
    stage.comments("mona", issue, "/automata pause").await;
    assert!(slack.shows(GENERAL).contains("*State*\npaused"), "{}", slack.shows(GENERAL));
    stage.edits("alice", issue, "Crash on any line", TRACE).await;
    assert!(slack.shows(GENERAL).starts_with("#1 Crash on any line\n"), "{}", slack.shows(GENERAL));
    stage.comments("mona", issue, "/automata resume").await;
    assert!(slack.shows(GENERAL).contains("*State*\nopen"), "{}", slack.shows(GENERAL));
    assert_eq!(slack.messages(GENERAL).len(), said, "nobody's telephone rang: {}", slack.shows(GENERAL));
    let calls = slack.calls();
    stage.comments("alice", issue, "Any news?").await;
    assert_eq!(slack.calls(), calls, "nothing that it shows is another");
}

#[tokio::test]
async fn what_was_taken_back_is_shown_no_more() {
    let (stage, slack) = telling(ALL).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    assert!(slack.shows(GENERAL).contains("*Type*"), "{}", slack.shows(GENERAL));
    stage.lets_pass(Duration::from_secs(60));
    stage.comments("mona", issue, "/automata undo").await;
    assert!(!slack.shows(GENERAL).contains("*Type*"), "{}", slack.shows(GENERAL));
}

#[tokio::test]
async fn what_was_given_up_and_went_well_afterwards_is_no_trouble_any_more() {
    let (stage, slack) = telling(ALL).await;
    let stale = MENDED.replace("find('=')", "find('?')");
    let (issue, _) = stage.opens("mona", CRASH, &stale).await;
    stage.comments("mona", issue, &format!("/automata implement\n{stale}")).await;
    assert!(slack.shows(GENERAL).contains(":warning:"), "{}", slack.shows(GENERAL));
    stage.lets_pass(Duration::from_secs(60));
    stage.comments("mona", issue, MENDED).await;
    let first = slack.shows(GENERAL).split("github.example").next().unwrap_or_default().to_owned();
    assert!(!first.contains(":warning:"), "{}", slack.shows(GENERAL));
}

#[tokio::test]
async fn what_nobody_told_and_is_found_later_is_said_of_nobody_and_once() {
    let (stage, slack) = telling(ALL).await;
    let (issue, _) = stage.opens("mona", CRASH, MENDED).await;
    let hour = Duration::from_secs(3_600);
    stage.lets_pass(hour);
    stage.run("pull_request_review", &stage.github.review(2, "otto", "commented", "Hm.")).await.unwrap();
    stage.lets_pass(hour);
    stage.github.merge(2);
    stage.github.close(issue);
    stage.lets_pass(hour);
    stage.drain().await;
    // Its own event comes late.
    let merged = stage.github.event_payload_pull("closed", 2, "otto");
    stage.run("pull_request", &merged).await.unwrap();
    let shows = slack.shows(GENERAL);
    assert!(!shows.contains("ghost"), "{shows}");
    assert_eq!(shows.matches("the pull request was merged").count(), 1, "{shows}");
    assert_eq!(shows.matches("merged the pull request").count(), 0, "{shows}");
    assert_eq!(shows.matches("> it was closed").count(), 1, "{shows}");
}

#[tokio::test]
async fn what_automata_merged_is_told_once_although_it_is_found_again() {
    let yaml = "  channel: C0GENERAL\npull_requests: { mode: ready, merge: {} }\n";
    let (stage, slack) = telling(yaml).await;
    stage.opens("mona", CRASH, MENDED).await;
    stage.github.check(2, "build", Some("success"));
    stage.lets_pass(Duration::from_secs(60));
    stage.run("pull_request_review", &stage.github.review(2, "otto", "commented", "Hm.")).await.unwrap();
    stage.lets_pass(Duration::from_secs(60));
    stage.run("pull_request_review", &stage.github.review(2, "otto", "approved", "Fine.")).await.unwrap();
    for _ in 0..2 {
        stage.lets_pass(Duration::from_secs(3_600));
        stage.drain().await;
    }
    let shows = slack.shows(GENERAL);
    let count =
        shows.matches("merged the pull request").count() + shows.matches("request was merged").count();
    assert_eq!(count, 1, "{shows}");
}

#[tokio::test]
async fn what_is_found_at_once_is_one_message_and_costs_no_push_more() {
    let (stage, slack) = telling(ALL).await;
    let (_, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(report.tally.pushes, 2, "a plain issue event costs two pushes");
    let posts = slack.calls();
    assert_eq!(posts.iter().filter(|call| *call == "chat.postMessage").count(), 1, "{posts:?}");
    assert_eq!(slack.messages(GENERAL).len(), 1);
    // An edit that changes nothing about what the issue is makes nobody's telephone ring.
    stage.edits("alice", 1, CRASH, &format!("{TRACE}\nPlease help.")).await;
    assert_eq!(slack.calls(), posts);
}

#[tokio::test]
async fn what_was_given_up_is_seen_in_the_channel_too() {
    let (stage, slack) =
        telling(&format!("{ALL}rules:\n- {{ on: issues.opened, do: [analyse, implement] }}\n")).await;
    let (_, report) = stage.opens("mona", CRASH, &MENDED.replace("find('=')", "find('?')")).await;
    assert!(report.failed());
    assert_snapshot!(slack.shows(GENERAL), @"
    #1 Crash on a line without an equals sign
    *State*
    open
    *Type*
    bug
    *Urgency*
    high
    :warning: *implement* was given up: The patch does not apply: in `src/parser.rs`, hunk 1 of 1 (`@@ -1,4 +1,4 @@`, line 4 of the patch): the lines it expects are not there, and the patch does not say which version it was made for. Bring the change up to the default branch, make the patch again and post it in a new comment.
    <https://github.example/acme/widgets/issues/1|acme/widgets#1> · opened by mona
      > :warning: *implement* was given up: The patch does not apply: in `src/parser.rs`, hunk 1 of 1 (`@@ -1,4 +1,4 @@`, line 4 of the patch): the lines it expects are not there, and the patch does not say which version it was made for. Bring the change up to the default branch, make the patch again and post it in a new comment. (also in the channel)
    ");
}

#[tokio::test]
async fn a_strangers_words_call_nobody_and_open_nothing() {
    let (stage, slack) = telling(ALL).await;
    let title = "<!channel> *bold* <https://evil.example|click> `x` & @here https://evil.example/";
    stage.opens("mallory", title, &"long ".repeat(2_000)).await;
    let message = &slack.messages(GENERAL)[0];
    let raw = format!("{}\n{}", message.text, serde_json::Value::from(message.blocks.clone()));
    // The header alone has it as it is, and a header is plain text.
    assert_eq!(raw.matches("<!channel>").count(), 1, "{raw}");
    assert_snapshot!(message.text.replace('\u{2060}', "~"), @"#1 &lt;!channel&gt; ~*~bold~*~ &lt;https:~//evil.example|click&gt; ~`~x~`~ &amp; @here https:~//evil.example/ (State: open, Urgency: normal)");
    assert_eq!(message.blocks[0]["text"]["type"], "plain_text", "a title is never markup");
}

#[tokio::test]
async fn two_things_at_once_wait_for_each_other_and_for_the_channel() {
    let (stage, slack) = telling(ALL).await;
    let first = stage.github.open_issue("alice", CRASH, TRACE, &[]);
    let second = stage.github.open_issue("bob", "Another crash", TRACE, &[]);
    stage.github.plan("issues/add-labels", GitHubFault::Status(502));
    for issue in [first, second] {
        let payload = stage.github.event_payload_opened(issue);
        stage.run("issues", &payload).await.unwrap();
    }
    stage.drain_later().await;
    let roots = slack.messages(GENERAL).iter().filter(|message| message.thread.is_none()).count();
    assert_eq!(roots, 2);
}

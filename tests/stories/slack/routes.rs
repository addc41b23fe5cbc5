//! Who gets to know what: routes, quiet hours, digests, and nobody.

use std::time::Duration;

use insta::assert_snapshot;

use super::{ALERTS, GENERAL, telling};
use crate::stories::texts::{CRASH, MENDED, TRACE, WISH, WISH_TEXT};

const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn a_route_takes_what_it_names_and_the_channel_takes_the_rest() {
    let routes = "  channel: C0GENERAL
  people: { mona: U0MONA0001 }
  routes:
  - { channel: C0ALERTS01, type: bug, on: [opened, triaged], mention: [mona] }
";
    let (stage, slack) = telling(routes).await;
    stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(HOUR);
    stage.opens("alice", WISH, WISH_TEXT).await;
    assert_snapshot!(slack.shows(ALERTS), @"
    #1 Crash on a line without an equals sign
    *State*
    open
    *Type*
    bug
    *Urgency*
    high
    <https://github.example/acme/widgets/issues/1|acme/widgets#1> · opened by alice
      > <@U0MONA0001>
        alice opened it: Crash on a line without an equals sign
        it was read: bug, urgency high
    ");
    assert_snapshot!(slack.shows(GENERAL), @"
    #2 Feature request: read from standard input
    *State*
    open
    *Type*
    feature
    *Urgency*
    normal
    <https://github.example/acme/widgets/issues/2|acme/widgets#2> · opened by alice
    ");
}

#[tokio::test]
async fn a_label_on_github_decides_where_a_route_looks_for_one() {
    let routes = "  routes:\n  - { channel: C0ALERTS01, label: Security }\n";
    let (stage, slack) = telling(routes).await;
    let issue = stage.github.open_issue("alice", CRASH, TRACE, &["security"]);
    stage.run("issues", &stage.github.event_payload_opened(issue)).await.unwrap();
    let other = stage.github.open_issue("alice", WISH, WISH_TEXT, &[]);
    stage.run("issues", &stage.github.event_payload_opened(other)).await.unwrap();
    assert_eq!((slack.messages(ALERTS).len(), slack.messages(GENERAL).len()), (1, 0));
}

#[tokio::test]
async fn a_route_takes_what_a_rule_led_to_and_all_that_happens_to_the_same_issue() {
    let yaml = "  channel: C0GENERAL
  routes:
  - { channel: C0ALERTS01, rule: parser }
rules:
- name: parser
  on: issues.opened
  if: { title_contains: crash }
  do: analyse
- on: issues.opened
  if: { title_contains: feature }
  do: analyse
";
    let (stage, slack) = telling(yaml).await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(HOUR);
    stage.opens("alice", WISH, WISH_TEXT).await;
    stage.lets_pass(HOUR);
    stage.github.close(issue);
    stage.run("issues", &stage.github.event_payload_closed(issue, "mona")).await.unwrap();
    let (alerts, general) = (slack.shows(ALERTS), slack.shows(GENERAL));
    assert!(alerts.contains(CRASH) && alerts.contains("> mona closed it"), "{alerts}");
    assert!(general.contains(WISH) && !general.contains(CRASH), "{general}");
    assert!(stage.why(issue).await.contains("rule parser (`issues.opened`)"), "{}", stage.why(issue).await);
}

#[tokio::test]
async fn what_failed_goes_where_the_rule_is_told_that_led_to_it() {
    let yaml = "  channel: C0GENERAL
  routes:
  - { channel: C0ALERTS01, rule: tries, on: failed }
rules:
- { on: issues.opened, do: analyse }
- { name: tries, on: issues.opened, do: implement }
";
    let (stage, slack) = telling(yaml).await;
    let stale = MENDED.replace("let at = line.find('=').unwrap();", "let at = gone();");
    stage.opens("mona", CRASH, &format!("{TRACE}\n{stale}")).await;
    assert!(slack.shows(ALERTS).contains("*implement* was given up"), "{}", slack.shows(ALERTS));
    assert_eq!(
        slack.messages(GENERAL).len(),
        1,
        "its thread's first message alone: {}",
        slack.shows(GENERAL)
    );
}

#[tokio::test]
async fn in_quiet_hours_all_waits_and_goes_out_together() {
    // Stories begin at 10:00 UTC.
    let (stage, slack) = telling("  channel: C0GENERAL\n  quiet: { from: '09:00', to: '12:30' }\n").await;
    let (issue, report) = stage.opens("alice", WISH, WISH_TEXT).await;
    assert_eq!(report.warnings, [""; 0], "to wait is nothing that a person should look at");
    stage.lets_pass(HOUR);
    stage.github.close(issue);
    stage.run("issues", &stage.github.event_payload_closed(issue, "mona")).await.unwrap();
    assert_eq!(slack.messages(GENERAL).len(), 0);
    stage.lets_pass(2 * HOUR);
    stage.drain().await;
    assert_snapshot!(slack.shows(GENERAL), @"
    #1 Feature request: read from standard input
    *State*
    closed
    *Type*
    feature
    *Urgency*
    normal
    <https://github.example/acme/widgets/issues/1|acme/widgets#1> · opened by alice
      > mona closed it
    ");
}

#[tokio::test]
async fn what_becomes_critical_in_quiet_hours_is_told_at_once() {
    let (stage, slack) = telling("  channel: C0GENERAL\n  quiet: { from: '09:00', to: '12:30' }\n").await;
    stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(slack.messages(GENERAL).len(), 0, "it is urgent, and can wait");
    stage.lets_pass(HOUR / 60);
    let worse = format!("{TRACE}\nWe lose data: production is down and all customers are affected.");
    stage.edits("alice", 1, "Data loss: crash on a line without an equals sign", &worse).await;
    let shows = slack.shows(GENERAL);
    assert!(shows.contains("critical"), "{shows}");
}

#[tokio::test]
async fn a_digest_gathers_until_its_time() {
    let digest = "  routes:\n  - { channel: C0GENERAL, digest: '0 9 * * *' }\n  zone: Europe/Paris\n";
    let (stage, slack) = telling(digest).await;
    stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(HOUR);
    stage.opens("bob", WISH, WISH_TEXT).await;
    assert_eq!(slack.messages(GENERAL).len(), 0);
    stage.lets_pass(22 * HOUR);
    stage.drain().await;
    assert_snapshot!(slack.shows(GENERAL), @"
    *<https://github.example/acme/widgets/issues/1|#1>* Crash on a line without an equals sign
    • alice opened it: Crash on a line without an equals sign
    • it was read: bug, urgency high
    *<https://github.example/acme/widgets/issues/2|#2>* Feature request: read from standard input
    • bob opened it: Feature request: read from standard input
    • it was read: feature, urgency normal
    ");
    stage.drain_later().await;
    assert_eq!(slack.messages(GENERAL).len(), 1);
}

#[tokio::test]
async fn without_a_word_about_slack_nothing_is_asked_for() {
    let (stage, slack) = telling("").await;
    stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(slack.calls(), [""; 0]);
    assert!(stage.tasks().await.keys().all(|task| !task.starts_with("slack")));
}

#[tokio::test]
async fn what_changes_in_drive_goes_to_the_route_that_names_it_in_one_message() {
    use crate::world::documents::{Documents, MONA, OTTO};
    use crate::world::slack::{SlackWorld, TOKEN};
    let at = Documents::configured("").await;
    let slack = SlackWorld::start(at.stage.github.clock(), &[GENERAL, ALERTS]);
    at.configure(&format!(
        "slack:\n  url: {}\n  channel: C0GENERAL\n  people: {{ mona: U0MONA0001 }}\n  routes:\n  - {{ channel: C0ALERTS01, on: drive_changed }}\n",
        slack.api_url()
    ));
    at.stage.sets("SLACK_BOT_TOKEN", TOKEN);
    at.looks().await;
    at.drive.file(OTTO, &at.docs, "a plan.md", b"x");
    at.drive.file(MONA, &at.docs, "b <!channel>.md", b"x");
    at.looks().await;
    assert_snapshot!(slack.shows(ALERTS), @"
    *drive/1YyDSLf7j4Ivp4aXIMMRK1eytTCGmY-V8*
    • otto changed <https://drive.google.com/file/d/1YyDSLf7j4Ivp4aXIMMRK1eytTCGmY-V8/view|docs:a plan.md (added)> in Google Drive
    *drive/1xlPa9IVtUm5AtCL73BrcZz7AmWvAvk9j*
    • <@U0MONA0001> changed <https://drive.google.com/file/d/1xlPa9IVtUm5AtCL73BrcZz7AmWvAvk9j/view|docs:b &lt;!channel&gt;.md (added)> in Google Drive
    ");
    assert_eq!(slack.shows(GENERAL), "");
}

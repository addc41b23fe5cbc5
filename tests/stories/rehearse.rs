//! Task kind `rehearse`: a pull request that changes the configuration says what the change would have done.

use std::time::Duration;

use automata::app::Report;
use insta::assert_snapshot;

use super::texts::{CRASH, TRACE};
use crate::world::stage::Stage;

const PATH: &str = ".github/automata.yml";

/// A repository in which two issues were opened.
async fn past() -> Stage {
    let stage = Stage::configured("mode: act\n").await;
    stage.opens("alice", CRASH, TRACE).await;
    stage.opens("carol", "How do I read the list from a file?", "Nothing in the README tells.").await;
    stage.lets_pass(Duration::from_secs(60));
    stage
}

/// Somebody opens a pull request with this configuration.
async fn proposes(stage: &Stage, author: &str, yaml: &str) -> (u64, Report) {
    stage.git.repository.git(&["branch", "--force", "proposal", "main"]);
    stage.put_files("proposal", &[(PATH, yaml)]);
    let pull = stage.github.open_pull(author, "Other rules", "proposal", "main");
    let event = stage.github.event_payload_pull("opened", pull, author);
    (pull, stage.run("pull_request_target", &event).await.unwrap())
}

/// Pushes to it.
async fn pushes(stage: &Stage, pull: u64, author: &str, yaml: &str) -> Report {
    stage.lets_pass(Duration::from_secs(60));
    stage.put_files("proposal", &[(PATH, yaml)]);
    let event = stage.github.event_payload_pull("synchronize", pull, author);
    stage.run("pull_request_target", &event).await.unwrap()
}

fn said(stage: &Stage, pull: u64) -> Vec<String> {
    stage.github.comments_of(pull).into_iter().map(|(_, body)| body).collect()
}

#[tokio::test]
async fn a_pull_request_that_changes_the_configuration_says_what_it_would_have_done() {
    let stage = past().await;
    let (pull, report) =
        proposes(&stage, "mallory", "labels: { create: true, type: { bug: defect } }\n").await;
    assert_eq!(report.warnings, [""; 0]);
    assert_snapshot!(said(&stage, pull).join("\n---\n"), @"
    <!-- automata:rehearsal pull/3 hop=1 -->
    ### What this change of `.github/automata.yml` would have done

    **2 differences over 2 events since 2026-10-23T00:00:00Z**

    | about | what | now | changed |
    |---|---|--:|--:|
    | issue/1 | label +bug | 1 | 0 |
    | issue/1 | label +defect | 0 | 1 |

    | in all | now | changed |
    |---|--:|--:|
    | labels | 3 | 3 |
    | comments | 2 | 2 |

    <sub>What happened in the last month, decided again under both configurations on a forge that nobody sees. Nothing of this pull request was run, and no assistant was asked.</sub>
    ");
    pushes(&stage, pull, "mallory", "mode: act\nrules: []\n").await;
    let edited = said(&stage, pull);
    assert_eq!(edited.len(), 1, "one comment, edited in place");
    assert!(edited[0].contains("status comment written | 1 | 0"), "{}", edited[0]);
    pushes(&stage, pull, "mallory", "mode: act\n").await;
    assert!(said(&stage, pull)[0].contains("does not change the configuration any more"));
}

#[tokio::test]
async fn one_that_leaves_it_alone_is_not_commented_on_though_the_file_has_changed_since_on_the_default_branch()
 {
    let stage = past().await;
    stage.git.repository.git(&["branch", "proposal", "main"]);
    stage.put_files("proposal", &[("README.md", "# more widgets\n")]);
    stage.put_file(PATH, "mode: act\nlabels: { create: true }\n");
    let pull = stage.github.open_pull("mallory", "Better words", "proposal", "main");
    let event = stage.github.event_payload_pull("opened", pull, "mallory");
    let report = stage.run("pull_request_target", &event).await.unwrap();
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(said(&stage, pull), [""; 0]);
}

#[tokio::test]
async fn a_strangers_configuration_is_text_and_nothing_of_it_is_run_or_asked() {
    let stage = past().await;
    let hostile = "checks: [{ name: x, run: 'touch /tmp/owned', minutes: 1 }]\n\
        assistants: [{ openai: { name: evil, model: m, key: MODEL_KEY, url: 'http://127.0.0.1:9/v1' } }]\n\
        triage: { assistant: evil }\n\
        limits: { budget: { day_tokens: 1000 } }\n\
        rules:\n  - { on: issues.opened, do: [analyse, { label: '@everyone | <!-- x --> closes #1' }] }\n\
        labels: { create: true }\n";
    let (pull, report) = proposes(&stage, "mallory", hostile).await;
    assert_eq!(report.warnings, [""; 0]);
    assert_snapshot!(said(&stage, pull).join("\n---\n"), @r"
    <!-- automata:rehearsal pull/3 hop=1 -->
    ### What this change of `.github/automata.yml` would have done

    **4 differences over 2 events since 2026-10-23T00:00:00Z**

    | about | what | now | changed |
    |---|---|--:|--:|
    | issue/1 | label +&#64;everyone \| &lt;\!-- x --&gt; closes &#35;1 | 0 | 1 |
    | issue/1 | judgement by evil | 0 | 1 |
    | issue/2 | label +&#64;everyone \| &lt;\!-- x --&gt; closes &#35;1 | 0 | 1 |
    | issue/2 | judgement by evil | 0 | 1 |

    | in all | now | changed |
    |---|--:|--:|
    | labels | 3 | 5 |
    | comments | 2 | 2 |
    | questions to assistants | 0 | 2 |
    | cost of assistants | $0.00 | $0.00 (2 would be asked, 2 at a price that nothing tells) |

    <sub>What happened in the last month, decided again under both configurations on a forge that nobody sees. Nothing of this pull request was run, and no assistant was asked.</sub>
    ");
}

#[tokio::test]
async fn one_that_cannot_be_used_is_told_so() {
    let stage = past().await;
    let (pull, _) = proposes(&stage, "mona", "mode: dream\nlabels: [bug]\n").await;
    assert_snapshot!(said(&stage, pull).join("\n---\n"), @r"
    <!-- automata:rehearsal pull/3 hop=1 -->
    ### What this change of `.github/automata.yml` would have done

    **This configuration cannot be used.** As long as it stands so, events are recorded and nothing is done about them.

    - 1:7: mode: \`dream\` is not known here; there are \`act\`, \`observe\`
    - 2:9: labels: a map of keys is expected here, not a list

    <sub>What happened in the last month, decided again under both configurations on a forge that nobody sees. Nothing of this pull request was run, and no assistant was asked.</sub>
    ");
}

#[tokio::test]
async fn a_run_that_is_killed_after_the_comment_leaves_one() {
    let stage = past().await;
    stage.git.repository.git(&["branch", "--force", "proposal", "main"]);
    stage.put_files("proposal", &[(PATH, "labels: { create: true, type: { bug: defect } }\n")]);
    let pull = stage.github.open_pull("mona", "Other rules", "proposal", "main");
    let event = stage.github.event_payload_pull("opened", pull, "mona");
    stage.run_killed_at_push(2, "pull_request_target", &event).await;
    stage.drain_later().await;
    stage.drain_later().await;
    assert_eq!(said(&stage, pull).len(), 1);
}

#[tokio::test]
async fn without_the_key_there_is_none() {
    let stage = Stage::configured("pull_requests: { rehearse: false }\n").await;
    let (pull, _) = proposes(&stage, "mona", "mode: observe\n").await;
    assert_eq!(said(&stage, pull), [""; 0]);
}

#[tokio::test]
async fn caps_hold_in_a_rehearsal_as_they_would_have() {
    let stage = past().await;
    let (pull, report) =
        proposes(&stage, "mona", "mode: act\nlimits: { caps: { day: { comments: 1 } } }\n").await;
    assert_eq!(report.warnings, [""; 0]);
    let told = said(&stage, pull).join("\n---\n");
    let rows: Vec<&str> = told.lines().filter(|line| line.starts_with("| ")).collect();
    assert_snapshot!(rows.join("\n"), @"
    | about | what | now | changed |
    | issue/2 | status comment written | 1 | 0 |
    | in all | now | changed |
    | labels | 3 | 3 |
    | comments | 2 | 1 |
    ");
}

/// What is said of these configurations, as rows.
async fn rows(stage: &Stage, yaml: &str) -> String {
    let (pull, report) = proposes(stage, "mona", yaml).await;
    assert_eq!(report.warnings, [""; 0]);
    let told = said(stage, pull).join("\n---\n");
    told.lines().filter(|line| line.starts_with("| ")).collect::<Vec<_>>().join("\n")
}

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 3_600);

#[tokio::test]
async fn time_passes_in_a_rehearsal_so_that_an_issue_is_judged_when_it_is_left_alone() {
    let stage = Stage::configured("mode: act\n").await;
    stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(MINUTE);
    stage.edits("alice", 1, CRASH, &format!("{TRACE}\nIt is on Linux.")).await;
    stage.lets_pass(20 * MINUTE);
    stage.edits("alice", 1, CRASH, &format!("{TRACE}\nIt is on Linux, and on macOS.")).await;
    stage.lets_pass(20 * MINUTE);
    let judge = "assistants: [{ openai: { name: judge, model: m, key: MODEL_KEY, url: 'http://127.0.0.1:9/v1' } }]\n\
        limits: { budget: { day_tokens: 100000 } }\n";
    let at_once = rows(&stage, &format!("{judge}triage: {{ assistant: judge, settle: null }}\n")).await;
    assert!(at_once.contains("| judgement by judge | 0 | 3 |"), "{at_once}");
    let settled = rows(&stage, &format!("{judge}triage: {{ assistant: judge, settle: 10m }}\n")).await;
    assert!(settled.contains("| judgement by judge | 0 | 2 |"), "{settled}");
}

#[tokio::test]
async fn schedules_come_due_between_what_happened() {
    let stage = Stage::configured("mode: act\n").await;
    stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(5 * DAY);
    stage.opens("carol", "How do I read the list from a file?", "Nothing in the README tells.").await;
    let nightly = "schedules: { nightly: { cron: '0 3 * * *', do: { kind: learn } } }\n";
    let told = rows(&stage, nightly).await;
    assert!(told.contains("| task learn | 0 | 5 |"), "{told}");
}

#[tokio::test]
async fn quiet_hours_pass_in_a_rehearsal() {
    // Stories begin at 10:00 UTC.
    let stage = Stage::configured("mode: act\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(10 * MINUTE);
    stage.github.close(issue);
    stage.run("issues", &stage.github.event_payload_closed(issue, "mona")).await.unwrap();
    stage.lets_pass(DAY);
    let slack = |more: &str| format!("slack: {{ url: 'http://127.0.0.1:9', channel: C0GENERAL{more} }}\n");
    assert_snapshot!(rows(&stage, &slack("")).await, @"
    | about | what | now | changed |
    | issue/1 | edit of the thread in C0GENERAL | 0 | 1 |
    | issue/1 | message to C0GENERAL | 0 | 1 |
    | issue/1 | thread in C0GENERAL | 0 | 1 |
    | in all | now | changed |
    | labels | 2 | 2 |
    | comments | 1 | 1 |
    | messages to Slack and others | 0 | 3 |
    ");
    assert_snapshot!(rows(&stage, &slack(", quiet: { from: '09:00', to: '12:30' }")).await, @"
    | about | what | now | changed |
    | issue/1 | message to C0GENERAL | 0 | 1 |
    | issue/1 | thread in C0GENERAL | 0 | 1 |
    | in all | now | changed |
    | labels | 2 | 2 |
    | comments | 1 | 1 |
    | messages to Slack and others | 0 | 2 |
    | other tasks | 1 | 1 |
    ");
}

#[tokio::test]
async fn answers_by_a_reaction_are_counted_as_such() {
    let stage = past().await;
    stage.comments("mona", 1, "/automata label +question").await;
    let told = rows(&stage, "mode: observe\n").await;
    assert!(told.contains("reaction ") && told.contains("| reactions | "), "{told}");
    assert!(!told.contains("task +1") && !told.contains("task eyes"), "{told}");
}

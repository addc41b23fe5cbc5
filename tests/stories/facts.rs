//! Tasks that wait for something outside: it is seen when it is so, and until then costs next to nothing.

use automata::app::{Report, Session};
use automata::domain::command::Command;
use automata::domain::id::IssueNumber;
use automata::domain::input;
use automata::domain::payload::Payload;
use automata::domain::spec::TaskRequest;
use automata::domain::subject::Subject;

use super::texts::{CRASH, QUESTION, QUESTION_TEXT, TRACE};
use crate::world::github::Fault;
use crate::world::stage::Stage;

/// Somebody wants `number` labelled once all of this is so.
fn labelled(number: u64, label: &str, awaits: &[&str]) -> TaskRequest {
    let input =
        Payload::of(&input::Label { add: vec![label.to_owned()], remove: Vec::new(), asked_by: None })
            .unwrap();
    let subject = Subject::Issue(IssueNumber(number));
    let mut request = TaskRequest::new(input::LABEL, subject, input, "somebody wants it");
    request.spec.awaits = awaits.iter().map(|fact| fact.parse().unwrap()).collect();
    request
}

async fn enqueue(stage: &Stage, requests: Vec<TaskRequest>) {
    let world = stage.world().await.unwrap();
    let (clock, entropy, run) = (world.clock.clone(), world.entropy.clone(), world.run.clone());
    let session = Session::open(world.log().unwrap(), clock, entropy, run).await.unwrap();
    session.submit(Command::Enqueue(requests)).unwrap();
    session.flush().await.unwrap();
}

async fn label_once(stage: &Stage, number: u64, label: &str, awaits: &[&str]) {
    enqueue(stage, vec![labelled(number, label, awaits)]).await;
}

/// A story with pull request 1.
async fn with_a_pull() -> Stage {
    let stage = Stage::start().await;
    assert_eq!(stage.github.open_pull("otto", "Stop the crash", "fix", "main"), 1);
    stage
}

/// Something happens to pull request 1, and a run takes the event in.
async fn pull_event(stage: &Stage, action: &str) -> Report {
    let payload = stage.github.event_payload_pull(action, 1, "mona");
    stage.run("pull_request", &payload).await.unwrap()
}

/// The questions asked since there were `before` of them.
fn asked_since(stage: &Stage, before: usize) -> Vec<String> {
    let requests = stage.github.requests().split_off(before);
    requests.iter().map(|line| line.replace("/repos/acme/widgets", "")).collect()
}

#[tokio::test]
async fn what_waits_for_a_merge_runs_in_the_run_that_the_merge_starts() {
    let stage = with_a_pull().await;
    label_once(&stage, 1, "bug", &["merged:1"]).await;
    stage.drain().await;
    assert_eq!(stage.github.labels_of(1), [""; 0]);
    assert_eq!(stage.tasks().await["label pending"], 1);

    stage.github.merge(1);
    let before = stage.github.requests().len();
    let report = pull_event(&stage, "closed").await;
    assert_eq!((report.tally.completed, stage.github.labels_of(1)), (1, vec!["bug".to_owned()]));
    let asked = asked_since(&stage, before);
    assert!(!asked.iter().any(|line| line.contains("/pulls")), "the event says it: {asked:?}");
    assert!(stage.told().await.iter().any(|line| line.contains("merged:1")));
}

#[tokio::test]
async fn a_merge_that_nobody_told_is_seen_by_a_run_without_an_event() {
    let stage = with_a_pull().await;
    label_once(&stage, 1, "bug", &["merged:1", "closed:1"]).await;
    stage.github.merge(1);
    let before = stage.github.requests().len();
    stage.drain().await;
    assert_eq!(stage.github.labels_of(1), ["bug"]);
    assert_eq!(asked_since(&stage, before)[0], "GET /pulls/1", "one question for both");
}

#[tokio::test]
async fn a_pull_request_that_is_closed_unmerged_is_closed_and_no_more() {
    let stage = with_a_pull().await;
    label_once(&stage, 1, "bug", &["merged:1"]).await;
    label_once(&stage, 1, "question", &["closed:1"]).await;
    stage.github.close(1);
    pull_event(&stage, "closed").await;
    stage.drain().await;
    assert_eq!(stage.github.labels_of(1), ["question"]);
}

#[tokio::test]
async fn what_waits_for_checks_runs_when_they_are_green_and_not_before() {
    let stage = with_a_pull().await;
    label_once(&stage, 1, "bug", &["checks:1"]).await;
    let labels = async || {
        stage.drain().await;
        stage.github.labels_of(1)
    };
    assert_eq!(labels().await, [""; 0], "there are none yet");
    stage.github.check(1, "test", None);
    assert_eq!(labels().await, [""; 0]);
    stage.github.check(1, "test", Some("failure"));
    assert_eq!(labels().await, [""; 0]);
    stage.github.check(1, "test", Some("success"));
    stage.github.set_status(1, "coverage", "pending");
    assert_eq!(labels().await, [""; 0]);
    stage.github.set_status(1, "coverage", "success");
    stage.github.push_to(1);
    assert_eq!(labels().await, [""; 0], "they were another commit's");
    stage.github.check(1, "test", Some("success"));
    assert_eq!(labels().await, ["bug"]);
}

#[tokio::test]
async fn a_strangers_approval_changes_nothing_and_a_maintainers_does() {
    let stage = with_a_pull().await;
    label_once(&stage, 1, "bug", &["approved:1"]).await;
    stage.comments("stranger", 1, "/automata approve").await;
    stage.comments("mona", 1, "Shall we /automata approve it?").await;
    let review = stage.github.review(1, "reader", "approved", "");
    stage.run("pull_request_review", &review).await.unwrap();
    stage.drain().await;
    assert_eq!(stage.github.labels_of(1), [""; 0]);
    let report = stage.comments("mona", 1, "/automata approve\n").await;
    assert_eq!((report.tally.completed, stage.github.labels_of(1)), (3, vec!["bug".to_owned()]));
}

#[tokio::test]
async fn what_waits_for_an_approval_is_called_off_by_a_maintainers_no() {
    let stage = with_a_pull().await;
    label_once(&stage, 1, "bug", &["approved:1"]).await;
    stage.comments("stranger", 1, "/automata reject").await;
    assert_eq!(stage.tasks().await["label pending"], 1);
    stage.comments("otto", 1, "/automata reject").await;
    assert_eq!(stage.tasks().await["label cancelled"], 1);
    stage.comments("otto", 1, "/automata approve").await;
    assert!(stage.status_comment(1).contains("Nothing waits here for an approval."));
}

#[tokio::test]
async fn a_review_by_somebody_who_may_write_is_an_approval() {
    let stage = with_a_pull().await;
    label_once(&stage, 1, "bug", &["approved:1"]).await;
    for (verdict, labels) in [("commented", vec![]), ("approved", vec!["bug".to_owned()])] {
        let mut review = stage.github.review(1, "otto", verdict, "");
        // Each review has an id of its own.
        review["review"]["id"] = verdict.len().into();
        stage.run("pull_request_review", &review).await.unwrap();
        assert_eq!(stage.github.labels_of(1), labels, "{verdict}");
    }
}

#[tokio::test]
async fn an_approval_that_could_not_be_judged_is_judged_by_the_next_run() {
    let stage = with_a_pull().await;
    label_once(&stage, 1, "bug", &["approved:1"]).await;
    for _ in 0..3 {
        stage.github.plan("repos/get-collaborator-permission-level", Fault::Status(502));
    }
    let report = stage.comments("mona", 1, "/automata approve").await;
    assert_eq!((report.failed(), report.warnings.len()), (false, 1));
    assert_eq!(stage.github.labels_of(1), [""; 0]);
    stage.drain_later().await;
    assert_eq!(stage.github.labels_of(1), ["bug"]);
}

#[tokio::test]
async fn an_issue_that_closes_lets_go_what_waits_for_it() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    label_once(&stage, issue, "documentation", &[&format!("closed:{issue}")]).await;
    let before = stage.github.requests().len();
    stage.comments("carol", issue, "I found it.").await;
    assert_eq!(asked_since(&stage, before), [""; 0], "the comment shows that the issue is open");
    stage.drain().await;
    assert!(!stage.github.labels_of(issue).contains(&"documentation".to_owned()));

    stage.lets_pass(std::time::Duration::from_secs(60));
    stage.github.close(issue);
    let closed = stage.github.event_payload_closed(issue, "carol");
    stage.run("issues", &closed).await.unwrap();
    assert!(stage.github.labels_of(issue).contains(&"documentation".to_owned()));

    // What the log knows already is seen by any run.
    label_once(&stage, issue, "bug", &[&format!("closed:{issue}")]).await;
    stage.opens("dora", QUESTION, QUESTION_TEXT).await;
    assert!(stage.github.labels_of(issue).contains(&"bug".to_owned()));
}

#[tokio::test]
async fn an_issue_that_is_gone_is_not_taken_for_closed() {
    let stage = Stage::start().await;
    let issue = stage.github.open_issue("carol", QUESTION, QUESTION_TEXT, &[]);
    let other = stage.github.open_issue("carol", CRASH, TRACE, &[]);
    label_once(&stage, other, "bug", &[&format!("closed:{issue}")]).await;
    label_once(&stage, other, "question", &["closed:99"]).await;
    stage.github.delete_issue(issue);
    stage.drain().await;
    assert_eq!(stage.github.labels_of(other), [""; 0]);
}

#[tokio::test]
async fn an_event_asks_about_its_own_number_only_and_a_schedule_about_thirty() {
    let stage = with_a_pull().await;
    let elsewhere = (101..140).map(|number| labelled(1, "bug", &[&format!("checks:{number}")]));
    enqueue(&stage, elsewhere.chain([labelled(1, "bug", &["checks:1"])]).collect()).await;
    let pulls = |asked: Vec<String>| asked.iter().filter(|line| line.contains("/pulls/")).count();
    let before = stage.github.requests().len();
    stage.opens("carol", QUESTION, QUESTION_TEXT).await;
    assert_eq!(pulls(asked_since(&stage, before)), 0);
    let before = stage.github.requests().len();
    pull_event(&stage, "synchronize").await;
    assert_eq!(pulls(asked_since(&stage, before)), 1);
    let before = stage.github.requests().len();
    let mut tick = stage.github.event_payload_pull("x", 1, "mona");
    tick["schedule"] = "23 */6 * * *".into();
    stage.run("schedule", &tick).await.unwrap();
    assert_eq!(pulls(asked_since(&stage, before)), 30);
}

#[tokio::test]
async fn waiting_takes_no_worker() {
    let stage = Stage::configured("limits: {tasks_at_once: 1}\n").await;
    stage.github.open_pull("otto", "Stop the crash", "fix", "main");
    enqueue(&stage, vec![labelled(1, "bug", &["merged:1"]); 5]).await;
    let (issue, report) = stage.opens("alice", CRASH, TRACE).await;
    assert_eq!(report.tally.completed, 3, "{:?}", report.warnings);
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    assert_eq!(stage.tasks().await["label pending"], 5);
}

#[tokio::test]
async fn while_github_does_not_answer_waiting_goes_on() {
    let stage = with_a_pull().await;
    let second = stage.github.open_pull("otto", "Another", "other", "main");
    label_once(&stage, 1, "bug", &["merged:1"]).await;
    label_once(&stage, 1, "question", &[&format!("merged:{second}")]).await;
    stage.github.merge(1);
    stage.github.merge(second);
    for _ in 0..3 {
        stage.github.plan("pulls/get", Fault::Status(503));
    }
    let before = stage.github.requests().len();
    let report = stage.drain().await;
    assert_eq!((report.failed(), report.warnings, stage.github.labels_of(1).len()), (false, Vec::new(), 0));
    assert_eq!(asked_since(&stage, before).len(), 3, "the other is not asked about");
    stage.drain().await;
    assert_eq!(stage.github.labels_of(1), ["bug", "question"]);
}

#[tokio::test]
async fn a_missing_permission_hides_only_what_it_is_for() {
    let stage = with_a_pull().await;
    label_once(&stage, 1, "bug", &["checks:1"]).await;
    label_once(&stage, 1, "question", &["merged:1"]).await;
    stage.github.merge(1);
    stage.github.plan("checks/list-for-ref", Fault::NotPermitted { accepted: None });
    let report = stage.drain().await;
    assert!(!report.failed());
    assert_eq!(stage.github.labels_of(1), ["question"]);
}

#[tokio::test]
async fn while_nothing_is_waited_for_nobody_is_asked() {
    let stage = with_a_pull().await;
    stage.drain().await;
    pull_event(&stage, "synchronize").await;
    assert_eq!(stage.github.requests(), [""; 0]);
}

//! Task kind `follow`: an agent that works elsewhere is handed the issue once, and its pull request is linked and watched.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use automata::domain::failure::Failure;
use automata::domain::id::{IssueNumber, Login};
use automata::domain::usage::Usage;
use automata::services::assistant::{Answer, Answers, Assistant, Change, Proposal, Request};
use insta::assert_snapshot;

use super::attempts::{Scripted, mends};
use super::texts::{CRASH, TRACE};
use crate::world::stage::Stage;

/// An agent that can be assigned, and counts how often it was.
#[derive(Default)]
struct Agent {
    assignments: AtomicUsize,
    refuses: bool,
}

#[async_trait]
impl Assistant for Agent {
    fn name(&self) -> &str {
        "copilot-cloud"
    }

    fn needs_folder(&self) -> bool {
        false
    }

    async fn propose(&self, _: &Request) -> Answer {
        let change = Change::Elsewhere {
            who: Login::new("copilot-swe-agent"),
            is_assigned: self.assignments.load(Ordering::SeqCst) > 0,
            agent: Some(vec![Login::new("copilot-swe-agent"), Login::new("Copilot")]),
        };
        let summary = "GitHub's own agent works on it, and opens a pull request itself.".to_owned();
        let outcome = Ok(Proposal { change, summary });
        Answer { outcome, usage: Usage::default(), answers: Answers::new() }
    }

    async fn take_on(&self, _: IssueNumber) -> Result<(), Failure> {
        if self.refuses {
            return Err(Failure::permanent("copilot_denied", "GitHub does not let it be assigned"));
        }
        self.assignments.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    async fn has_taken_on(&self, _: IssueNumber) -> Result<bool, Failure> {
        Ok(self.assignments.load(Ordering::SeqCst) > 0)
    }
}

/// Issue 1, for which the agent was asked.
async fn handed_over(agent: &Arc<Agent>) -> Stage {
    let stage = Stage::start().await;
    *stage.assistants.borrow_mut() = vec![agent.clone()];
    stage.opens("alice", CRASH, TRACE).await;
    stage.comments("mona", 1, "/automata implement").await;
    stage.github.assign_as("mona", 1, "Copilot");
    stage
}

/// The agent opens pull request 2; whether a run hears of it.
async fn opens_its_pull(stage: &Stage, is_told: bool) {
    stage.lets_pass(Duration::from_secs(60));
    let pull = stage.github.open_pull("Copilot", "Fix the crash", "copilot/fix-1", "main");
    stage.github.edit_as("Copilot", pull, "Fix the crash", "Fixes #1");
    if is_told {
        let event = stage.github.event_payload_pull("opened", pull, "Copilot");
        stage.run("pull_request", &event).await.unwrap();
    }
}

#[tokio::test]
async fn an_agent_is_assigned_after_its_assignment_is_durable_and_only_once() {
    let agent: Arc<Agent> = Arc::default();
    let stage = Stage::start().await;
    *stage.assistants.borrow_mut() = vec![agent.clone()];
    stage.opens("alice", CRASH, TRACE).await;
    for push in 2..5 {
        let stage = Stage::start().await;
        let agent: Arc<Agent> = Arc::default();
        *stage.assistants.borrow_mut() = vec![agent.clone()];
        stage.opens("alice", CRASH, TRACE).await;
        stage.lets_pass(Duration::from_secs(1));
        let comment = stage.github.comment("mona", 1, "/automata implement");
        let event = stage.github.event_payload_commented(comment);
        stage.run_killed_at_push(push, "issue_comment", &event).await;
        let announced = stage.told().await.iter().any(|line| line.contains("who works on it elsewhere"));
        assert!(announced || agent.assignments.load(Ordering::SeqCst) == 0, "killed at push {push}");
        stage.github.set_run(stage.last_run(), 1, "completed");
        stage.drain_later().await;
        assert_eq!(agent.assignments.load(Ordering::SeqCst), 1, "killed at push {push}");
    }
}

#[tokio::test]
async fn one_that_refuses_is_told_and_the_next_one_is_asked() {
    let stage = Stage::start().await;
    let agent = Arc::new(Agent { refuses: true, ..Agent::default() });
    let helper = Scripted::new("helper", mends);
    *stage.assistants.borrow_mut() = vec![agent, helper.clone()];
    stage.opens("alice", CRASH, TRACE).await;
    stage.comments("mona", 1, "/automata implement").await;
    assert_eq!((helper.asked(), stage.pushed_branches().len()), (1, 1));
    let told = stage.told().await;
    assert!(told.iter().any(|line| line.contains("copilot-cloud made no change")), "{told:#?}");
}

#[tokio::test]
async fn its_pull_request_is_linked_when_a_run_hears_of_it_and_when_none_does() {
    for is_told in [true, false] {
        let stage = handed_over(&Arc::default()).await;
        opens_its_pull(&stage, is_told).await;
        if !is_told {
            stage.drain_later().await;
        }
        assert!(
            stage.status_comment(1).contains("Pull request: #2 by Copilot\n"),
            "{is_told}: {}",
            stage.status_comment(1)
        );
    }
}

/// The lines of issue 1's status comment about workflow runs that wait.
fn waiting(stage: &Stage) -> Vec<String> {
    let comment = stage.status_comment(1);
    comment.lines().filter(|line| line.contains("wait for approval")).map(str::to_owned).collect()
}

#[tokio::test]
async fn that_its_workflow_runs_wait_for_a_person_is_said_once_and_what_to_do() {
    // They wait when its pull request is found, after a while, or an event tells of them.
    for when in ["at once", "later", "told"] {
        let stage = handed_over(&Arc::default()).await;
        if when == "at once" {
            stage.github.run_waits_on("copilot/fix-1");
        }
        opens_its_pull(&stage, true).await;
        if when == "later" {
            assert_eq!(waiting(&stage), [""; 0]);
            stage.drain_later().await;
            assert_eq!(waiting(&stage), [""; 0], "it looked in vain once");
            stage.github.run_waits_on("copilot/fix-1");
            stage.drain_later().await;
        }
        if when == "told" {
            let event = stage.github.event_payload_run_waits(77, "copilot/fix-1");
            stage.run("workflow_run", &event).await.unwrap();
        }
        let [line] = <[String; 1]>::try_from(waiting(&stage)).expect(when);
        insta::allow_duplicates! {
            assert_snapshot!(line, @"- The workflow runs of #2 wait for approval: somebody with write access looks at what they would run and presses “Approve and run workflows” there, after each push of the agent. An administrator can spare everybody that in the repository's settings under Copilot, Coding agent: [what it means](https://github.blog/changelog/2026-03-13-optionally-skip-approval-for-copilot-coding-agent-actions-workflows).");
        }
        // It waits again at each push: nothing more is said of it, and nothing written.
        let (comment, writes) = (stage.status_comment(1), stage.writes().len());
        for id in [78, 79] {
            stage.lets_pass(Duration::from_secs(60));
            let event = stage.github.event_payload_run_waits(id, "copilot/fix-1");
            stage.run("workflow_run", &event).await.unwrap();
        }
        for _ in 0..6 {
            stage.drain_later().await;
        }
        assert_eq!((stage.status_comment(1), stage.writes().len()), (comment, writes), "{when}");
        assert_eq!(stage.tasks().await.get("follow pending"), None, "{when}");
        // When the pull request is closed there is nothing to approve.
        stage.github.close(2);
        let event = stage.github.event_payload_pull("closed", 2, "mona");
        stage.run("pull_request", &event).await.unwrap();
        assert_eq!(waiting(&stage), [""; 0]);
    }
}

#[tokio::test]
async fn runs_that_wait_on_other_branches_are_nobodys_business_here() {
    let stage = handed_over(&Arc::default()).await;
    opens_its_pull(&stage, true).await;
    let event = stage.github.event_payload_run_waits(77, "somebody/else");
    stage.run("workflow_run", &event).await.unwrap();
    assert_eq!(waiting(&stage), [""; 0]);
}

#[tokio::test]
async fn its_pull_request_is_not_ours_to_revise_or_to_merge_and_its_end_ends_the_attempt() {
    let stage = handed_over(&Arc::default()).await;
    stage.put_file(".github/automata.yml", "pull_requests: { merge: {} }\n");
    opens_its_pull(&stage, true).await;
    // A review is shown, and nothing else follows from it.
    let tasks = async || {
        let mut tasks = stage.tasks().await;
        tasks.retain(|task, _| !task.starts_with("comment "));
        tasks
    };
    let before = tasks().await;
    for verdict in ["changes_requested", "approved"] {
        stage.lets_pass(Duration::from_secs(60));
        let event = stage.github.review(2, "mona", verdict, "");
        stage.run("pull_request_review", &event).await.unwrap();
    }
    assert_eq!(tasks().await, before);
    stage.lets_pass(Duration::from_secs(60));
    stage.github.close(2);
    let event = stage.github.event_payload_pull("closed", 2, "mona");
    stage.run("pull_request", &event).await.unwrap();
    assert_snapshot!(stage.status_comment(1).lines().find(|line| line.starts_with("Pull request")).unwrap(), @"Pull request: #2 by Copilot, closed by mona without being merged; a next attempt is told why");
    let helper = Scripted::new("helper", mends);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    stage.comments("mona", 1, "/automata implement").await;
    let prompt = helper.prompts.lock().unwrap()[0].clone();
    assert!(prompt.contains("pull request 2, was closed by mona"), "{prompt}");
}

#[tokio::test]
async fn an_agent_that_opens_nothing_is_given_up_after_a_while_and_that_is_told() {
    let stage = handed_over(&Arc::default()).await;
    for _ in 0..16 {
        stage.lets_pass(Duration::from_secs(25 * 3_600));
        stage.drain().await;
    }
    assert_eq!(stage.tasks().await.get("follow pending"), None);
    let told = stage.status_comment(1);
    assert!(
        told.contains("copilot-cloud has opened no pull request in a week. `/automata implement`"),
        "{told}"
    );
}

#[tokio::test]
async fn the_next_one_is_asked_when_an_agent_has_opened_nothing() {
    let stage = handed_over(&Arc::default()).await;
    let helper = Scripted::new("helper", mends);
    stage.assistants.borrow_mut().push(helper.clone());
    for _ in 0..16 {
        stage.lets_pass(Duration::from_secs(25 * 3_600));
        stage.drain().await;
    }
    assert_eq!(helper.asked(), 1, "{}", stage.status_comment(1));
    assert_eq!(stage.pushed_branches().len(), 1);
    let told = stage.status_comment(1);
    assert!(told.contains("Pull request: #2\n"), "{told}");
}

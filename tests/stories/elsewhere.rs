//! Stories of assistants who work elsewhere: a person, and GitHub's own agent.

use std::sync::Arc;

use automata::domain::failure::{Failure, FailureClass};
use automata::domain::id::{IssueNumber, Login, RepositoryName};
use automata::services::assistant::copilot_cloud::{CopilotCloud, Settings};
use automata::services::assistant::person::Person;
use automata::services::assistant::{Allowance, Assistant, Change, Proposal, Request};
use automata::services::clock::Clock;
use automata::services::http;
use automata::services::secrets::Secret;
use serde_json::json;

use super::texts::{CRASH, TRACE};
use crate::world::agent_desk::{AgentDesk, Desk, TOKEN};
use crate::world::github::clock::VirtualClock;
use crate::world::stage::Stage;

fn request() -> Request {
    Request {
        issue: IssueNumber(7),
        title: "Crash".to_owned(),
        texts: Vec::new(),
        searched: String::new(),
        prompt: "Mend it.".to_owned(),
        folder: None,
        allowance: Allowance::default(),
    }
}

fn agent_at(desk: &AgentDesk) -> CopilotCloud {
    let settings = Settings {
        repository: RepositoryName::parse("acme/widgets").unwrap(),
        graphql_url: desk.url.clone(),
        key: "COPILOT_TOKEN".to_owned(),
    };
    let base = http::Settings { proxy_from_environment: false, ..http::Settings::default() };
    let client = http::client(&base).unwrap();
    let clock: Arc<VirtualClock> = Arc::default();
    let agent = CopilotCloud::new(settings, &Secret::new(TOKEN), client, clock).unwrap();
    assert!(!agent.needs_folder());
    agent
}

/// Looks, and hands the issue over.
async fn assigned_at(desk: &AgentDesk) -> Result<Proposal, Failure> {
    let agent = agent_at(desk);
    let before = desk.desk.lock().unwrap().mutations;
    let proposal = agent.propose(&request()).await.outcome?;
    assert_eq!(desk.desk.lock().unwrap().mutations, before, "looking changes nothing");
    agent.take_on(IssueNumber(7)).await?;
    assert!(agent.has_taken_on(IssueNumber(7)).await?);
    Ok(proposal)
}

async fn refused(desk: Desk) -> Failure {
    assigned_at(&AgentDesk::open(desk)).await.unwrap_err()
}

fn told(failure: &Failure) -> String {
    format!("{}: {failure}.\n{}", failure.code, failure.hint.as_deref().unwrap_or_default())
}

#[tokio::test]
async fn a_person_is_named_and_nothing_is_done_in_their_stead() {
    let grace = Person::new(Login::new("grace"));
    let proposal = grace.propose(&request()).await.outcome.unwrap();
    assert_eq!(
        proposal.change,
        Change::Elsewhere { who: Login::new("grace"), is_assigned: false, agent: None }
    );
    assert_eq!((grace.name(), proposal.summary.as_str()), ("grace", "grace is asked to look at it."));
}

#[tokio::test]
async fn the_agent_is_assigned_once_and_nobody_else_is_taken_off() {
    let desk = AgentDesk::open(Desk::default());
    for was_assigned in [false, true] {
        let proposal = assigned_at(&desk).await.unwrap();
        let Change::Elsewhere { who, is_assigned, agent } = proposal.change else { panic!("no change here") };
        assert_eq!((who, is_assigned), (Login::new("copilot-swe-agent"), was_assigned));
        assert!(agent.unwrap().contains(&Login::new("Copilot")));
    }
    let desk = desk.desk.lock().unwrap();
    assert_eq!(desk.assigned, ["grace", "copilot-swe-agent"]);
    assert_eq!(desk.mutations, 1);
}

#[tokio::test]
async fn an_agent_that_is_not_offered_is_explained() {
    let people_only = || vec![("ada", "U_1")];
    let app = Desk { viewer: "github-actions[bot]", offered: people_only(), ..Desk::default() };
    insta::assert_snapshot!(told(&refused(app).await), @"
    copilot_needs_a_person: the token of copilot-cloud belongs to the App github-actions[bot], and GitHub lets only people assign its agent.
    Put the token of a person who has Copilot into the secret behind COPILOT_TOKEN. A fine-grained token in COPILOT_TOKEN needs read access to metadata and write access to actions, contents, issues and pull requests; a classic one needs `repo`.
    ");
    let person = Desk { offered: people_only(), ..Desk::default() };
    insta::assert_snapshot!(told(&refused(person).await), @"
    copilot_not_offered: GitHub does not offer its agent to ada in acme/widgets.
    The owner of the token in COPILOT_TOKEN needs a Copilot plan with the coding agent, and the repository's owner must allow it in the settings under Copilot, Coding agent.
    ");
    let deaf = Desk { is_deaf: true, ..Desk::default() };
    insta::assert_snapshot!(told(&refused(deaf).await), @"
    copilot_not_assigned: GitHub took the assignment of its agent to issue 7 without a word, and it is not assigned.
    Assign Copilot by hand once: GitHub then says what keeps it from working here.
    ");
    let gone = Desk { has_issue: false, ..Desk::default() };
    assert_eq!(refused(gone).await.code, "issue_gone");
}

#[tokio::test]
async fn what_github_refuses_is_told_in_its_own_words_and_what_passes_is_tried_again() {
    let instead = |status, headers, body| Desk { instead: vec![(status, headers, body)], ..Desk::default() };
    let errors = json!({ "data": null, "errors": [{ "type": "FORBIDDEN", "message": "Resource not accessible by personal access token" }] });
    insta::assert_snapshot!(told(&refused(instead(200, "", errors)).await), @"
    copilot_denied: GitHub does not let copilot-cloud assign its agent: Resource not accessible by personal access token.
    A fine-grained token in COPILOT_TOKEN needs read access to metadata and write access to actions, contents, issues and pull requests; a classic one needs `repo`.
    ");
    let bad = refused(instead(401, "", json!({ "message": "Bad credentials" }))).await;
    assert!(bad.is_permanent() && bad.hint.as_ref().unwrap().contains("COPILOT_TOKEN"), "{bad:?}");
    let unseen =
        refused(instead(200, "", json!({ "data": { "viewer": { "login": "ada" }, "repository": null } })))
            .await;
    assert_eq!(unseen.code, "copilot_denied");
    assert_eq!(refused(instead(502, "", json!({}))).await.class, FailureClass::Transient);
    let slow =
        refused(instead(403, "retry-after: 60\r\n", json!({ "message": "secondary rate limit" }))).await;
    let until = VirtualClock::default().now().plus(std::time::Duration::from_mins(1));
    assert_eq!(slow.class, FailureClass::RateLimited(until));
    let not_json = refused(instead(200, "", json!("nonsense"))).await;
    assert_eq!(not_json.class, FailureClass::Transient);
}

#[tokio::test]
async fn a_person_in_the_list_is_assigned_and_the_work_is_theirs() {
    let stage = Stage::configured("assistants: [patch, {person: otto}]\n").await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.comments("mona", issue, "/automata implement").await;
    stage.drain_later().await;
    assert_eq!(stage.github.assignees_of(issue), ["otto"]);
    assert_eq!(stage.pushed_branches(), [""; 0], "nothing is pushed");
    let told = stage.told().await;
    let answered: Vec<&String> = told.iter().filter(|line| line.contains("otto")).collect();
    insta::assert_debug_snapshot!(answered, @r#"
    [
        "task crzxf.2 `assign` enqueued: otto is asked: mona said `implement`",
        "about to change assignees on issue/1: otto",
        "assignees done: +otto",
    ]
    "#);
}

//! The desk at GitHub where its own agent is assigned: GraphQL over real HTTP, with people, an agent and one issue.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

use super::graphql;
use super::model::Answer;
use super::model::wire::{self, Request};

/// The token that this desk takes.
pub(crate) const TOKEN: &str = "github_pat_simulated";

/// What the desk knows, and how it behaves.
#[derive(Debug)]
pub(crate) struct Desk {
    /// Whose token it is.
    pub(crate) viewer: &'static str,
    /// Who can be assigned, with ids.
    pub(crate) offered: Vec<(&'static str, &'static str)>,
    /// Who is assigned.
    pub(crate) assigned: Vec<String>,
    /// Takes assignments and does nothing.
    pub(crate) is_deaf: bool,
    /// Whether it has issue 7.
    pub(crate) has_issue: bool,
    /// The next answers instead of its own: status, headers, body.
    pub(crate) instead: Vec<(u16, &'static str, Value)>,
    /// Assignments asked for.
    pub(crate) mutations: usize,
    /// What was out of order; fails the story at its end.
    pub(crate) violations: Vec<String>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            viewer: "ada",
            offered: vec![("copilot-swe-agent", "BOT_1"), ("ada", "U_1")],
            assigned: vec!["grace".to_owned()],
            is_deaf: false,
            has_issue: true,
            instead: Vec::new(),
            mutations: 0,
            violations: Vec::new(),
        }
    }
}

/// A desk at work.
pub(crate) struct AgentDesk {
    pub(crate) url: String,
    pub(crate) desk: Arc<Mutex<Desk>>,
}

impl AgentDesk {
    /// Opens it, on a thread of its own that ends with the test.
    pub(crate) fn open(desk: Desk) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/graphql", listener.local_addr().unwrap());
        let desk = Arc::new(Mutex::new(desk));
        let kept = Arc::clone(&desk);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let Some(request) = wire::read(&mut connection) else { continue };
                let answer = kept.lock().unwrap().answer(&request);
                wire::write(&mut connection, &answer);
            }
        });
        Self { url, desk }
    }
}

impl Drop for AgentDesk {
    fn drop(&mut self) {
        if !thread::panicking() {
            let desk = self.desk.lock().unwrap();
            assert!(desk.violations.is_empty(), "{:#?}", desk.violations);
            assert!(desk.instead.is_empty(), "not played: {:?}", desk.instead);
        }
    }
}

impl Desk {
    fn expect(&mut self, holds: bool, what: &str) {
        if !holds {
            self.violations.push(what.to_owned());
        }
    }

    fn answer(&mut self, request: &Request) -> Answer {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let query = body["query"].as_str().unwrap();
        self.expect(request.line == "POST /graphql", &request.line);
        self.expect(request.header("authorization") == format!("Bearer {TOKEN}"), "no token");
        self.expect(
            request.header("graphql-features").contains("issues_copilot_assignment_api_support"),
            "no preview",
        );
        self.expect(!request.header("user-agent").is_empty(), "no user agent");
        let (_, wrong) = graphql::judge(query, &body["variables"]);
        self.expect(wrong.is_empty(), &wrong.join("; "));
        if !self.instead.is_empty() {
            let (status, headers, body) = self.instead.remove(0);
            let mut answer = Answer::json(status, body.to_string());
            answer.headers.push_str(headers);
            return answer;
        }
        let variables = &body["variables"];
        let data = if query.starts_with("mutation") {
            self.mutations += 1;
            let is_meant = *variables == json!({ "issue": "I_7", "agent": "BOT_1", "repository": "R_1" });
            self.expect(is_meant && query.contains("addAssigneesToAssignable"), "a strange assignment");
            if !self.is_deaf {
                self.assigned.push("copilot-swe-agent".to_owned());
            }
            json!({ "addAssigneesToAssignable": { "assignable": { "assignedActors": self.actors() } } })
        } else {
            let is_meant = *variables == json!({ "owner": "acme", "name": "widgets", "number": 7 });
            self.expect(is_meant && query.contains("capabilities: [CAN_BE_ASSIGNED]"), "a strange question");
            let offered: Vec<Value> =
                self.offered.iter().map(|(login, id)| json!({ "login": login, "id": id })).collect();
            let issue = self.has_issue.then(|| json!({ "id": "I_7", "assignedActors": self.actors() }));
            json!({
                "viewer": { "login": self.viewer },
                "repository": { "id": "R_1", "suggestedActors": { "nodes": offered }, "issue": issue },
            })
        };
        let wrong = graphql::misfits(query, &data);
        self.expect(wrong.is_empty(), &wrong.join("; "));
        Answer::json(200, json!({ "data": data }).to_string())
    }

    fn actors(&self) -> Value {
        let nodes: Vec<Value> = self.assigned.iter().map(|login| json!({ "login": login })).collect();
        json!({ "nodes": nodes })
    }
}

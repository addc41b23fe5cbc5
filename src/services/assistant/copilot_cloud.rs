//! GitHub's own agent in the cloud: it is assigned the issue, and opens a pull request itself.
//!
//! Only a token of a person may assign it: GitHub refuses those of Apps, and so a workflow's own. The rules:
//! <https://docs.github.com/en/copilot/how-tos/use-copilot-agents/cloud-agent/use-cloud-agent-via-the-api>.

mod answer;

use std::time::Duration;

use async_trait::async_trait;
use http::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

use self::answer::{Assigned, Known, Reply};
use super::{Answer, Answers, Assistant, Change, Proposal, Request};
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, Login, RepositoryName};
use crate::domain::untrusted::one_line;
use crate::domain::usage::Usage;
use crate::services::clock::Clock;
use crate::services::http::Client;
use crate::services::secrets::Secret;

/// What it is called in the configuration.
const NAME: &str = "copilot-cloud";
/// The agent's login among those who can be assigned.
const AGENT: &str = "copilot-swe-agent";
/// Other logins under which it shows up once it is assigned.
const AGENT_NAMES: [&str; 3] = [AGENT, "copilot-swe-agent[bot]", "Copilot"];
/// The preview features that the assignment needs, as GitHub's page says.
const FEATURES: &str = "issues_copilot_assignment_api_support,coding_agent_model_selection";
/// How long GitHub may take for an answer; it gives up on a request after ten seconds itself.
const TIME: Duration = Duration::from_secs(30);
/// Bytes of an answer that are read: a hundred people and some words.
const ANSWER_BYTES: usize = 1024 * 1024;
/// Characters of GitHub's words that a failure carries.
const WORDS: usize = 300;

/// Who can be assigned, and who is.
const PROBE: &str = "\
query Assignable($owner: String!, $name: String!, $number: Int!) {
  viewer { login }
  repository(owner: $owner, name: $name) {
    id
    suggestedActors(capabilities: [CAN_BE_ASSIGNED], first: 100) { nodes { login ... on Bot { id } } }
    issue(number: $number) { id assignedActors(first: 100) { nodes { ... on Actor { login } } } }
  }
}";

/// Assigns one more, and leaves the others.
const ASSIGN: &str = "\
mutation Assign($issue: ID!, $agent: ID!, $repository: ID!) {
  addAssigneesToAssignable(input: {
    assignableId: $issue, assigneeIds: [$agent], agentAssignment: { targetRepositoryId: $repository }
  }) {
    assignable { ... on Issue { assignedActors(first: 100) { nodes { ... on Actor { login } } } } }
  }
}";

/// Where the agent is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The repository.
    pub repository: RepositoryName,
    /// Where GraphQL questions go: `https://api.github.com/graphql`, `https://HOST/api/graphql` on Enterprise Server.
    pub graphql_url: String,
    /// The environment variable that holds the token, for messages.
    pub key: String,
}

/// How it stands with the agent and an issue.
enum Place {
    /// It is assigned.
    Assigned,
    /// It can be, under these names of GraphQL.
    Offered { issue: String, agent: String, repository: String },
}

/// GitHub's agent.
pub struct CopilotCloud {
    settings: Settings,
    headers: HeaderMap,
    client: Client,
    clock: std::sync::Arc<dyn Clock>,
}

impl CopilotCloud {
    /// Nothing is asked of anybody yet. `token` is a person's.
    ///
    /// # Errors
    /// When the token has characters that no header may have.
    pub fn new(
        settings: Settings,
        token: &Secret,
        client: Client,
        clock: std::sync::Arc<dyn Clock>,
    ) -> Result<Self, http::header::InvalidHeaderValue> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, token.bearer()?);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert("graphql-features", HeaderValue::from_static(FEATURES));
        Ok(Self { settings, headers, client, clock })
    }

    /// Asks how it stands with the agent and the issue; changes nothing.
    async fn look(&self, number: IssueNumber) -> Result<Place, Failure> {
        let Settings { repository, .. } = &self.settings;
        let variables = json!({ "owner": repository.owner(), "name": repository.name(), "number": number.0 });
        let known: Known = self.ask(PROBE, &variables).await?;
        let viewer = known.viewer.map(|viewer| viewer.login).unwrap_or_default();
        let Some(found) = known.repository else { return Err(self.unseen(&viewer)) };
        let Some(issue) = found.issue else {
            return Err(Failure::permanent("issue_gone", format!("there is no issue {number} for {NAME}")));
        };
        if issue.assigned_actors.has(&AGENT_NAMES) {
            return Ok(Place::Assigned);
        }
        let Some(agent) = found.suggested_actors.id_of(AGENT) else { return Err(self.not_offered(&viewer)) };
        Ok(Place::Offered { issue: issue.id, agent: agent.to_owned(), repository: found.id })
    }

    async fn ask<T: serde::de::DeserializeOwned>(
        &self,
        query: &str,
        variables: &Value,
    ) -> Result<T, Failure> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let request = self
            .client
            .post(&self.settings.graphql_url)
            .headers(self.headers.clone())
            .timeout(TIME)
            .body(body);
        let lost = |_| Failure::transient("github_unreachable", format!("GitHub did not answer {NAME}"));
        let mut response = request.send().await.map_err(lost)?;
        let mut text = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(lost)? {
            text.extend_from_slice(&piece);
            if text.len() > ANSWER_BYTES {
                return Err(Failure::transient(
                    "unreadable_answer",
                    format!("GitHub's answer to {NAME} does not end"),
                ));
            }
        }
        if !response.status().is_success() {
            return Err(self.refused(response.status(), response.headers(), &text));
        }
        let reply: Reply<T> = serde_json::from_slice(&text).map_err(|error| {
            Failure::transient(
                "unreadable_answer",
                format!("GitHub's answer to {NAME} cannot be read: {error}"),
            )
        })?;
        match (reply.errors.first(), reply.data) {
            (None, Some(data)) => Ok(data),
            (Some(error), _) if error.kind == "RATE_LIMITED" => Err(Failure::rate_limited(
                self.clock.now().plus(Duration::from_mins(1)),
                format!("GitHub wants {NAME} to wait"),
            )),
            (Some(error), _) => Err(self.denied(&one_line(&error.message, WORDS))),
            (None, None) => {
                Err(Failure::transient("unreadable_answer", format!("GitHub's answer to {NAME} is empty")))
            }
        }
    }

    fn refused(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
        let message = serde_json::from_slice::<Value>(body).ok();
        let message = message.as_ref().and_then(|body| body["message"].as_str()).unwrap_or("no reason given");
        let message = one_line(message, WORDS);
        let wait = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        match (status, wait) {
            (StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS, Some(seconds)) => {
                let until = self.clock.now().plus(Duration::from_secs(seconds));
                Failure::rate_limited(until, format!("GitHub wants {NAME} to wait: {message}"))
            }
            (StatusCode::UNAUTHORIZED, _) => {
                Failure::permanent("copilot_denied", format!("GitHub does not accept the token of {NAME}"))
                    .hint(format!(
                        "Put a valid token of a person into the secret behind {}.",
                        self.settings.key
                    ))
            }
            (status, _) if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Failure::transient(
                    "github_unavailable",
                    format!("GitHub cannot answer {NAME} now ({status})"),
                )
            }
            _ => self.denied(&message),
        }
    }

    fn denied(&self, message: &str) -> Failure {
        let message = message.trim_end_matches('.');
        Failure::permanent(
            "copilot_denied",
            format!("GitHub does not let {NAME} assign its agent: {message}"),
        )
        .hint(self.needed())
    }

    fn unseen(&self, viewer: &str) -> Failure {
        let repository = &self.settings.repository;
        let message =
            format!("the token of {NAME}, which belongs to {}, does not see {repository}", whose(viewer));
        Failure::permanent("copilot_denied", message).hint(self.needed())
    }

    /// Why the agent is not among those who can be assigned.
    fn not_offered(&self, viewer: &str) -> Failure {
        let Settings { repository, key, .. } = &self.settings;
        if viewer.ends_with("[bot]") {
            let message = format!(
                "the token of {NAME} belongs to the App {viewer}, and GitHub lets only people assign its agent"
            );
            return Failure::permanent("copilot_needs_a_person", message).hint(format!(
                "Put the token of a person who has Copilot into the secret behind {key}. {}",
                self.needed()
            ));
        }
        let message = format!("GitHub does not offer its agent to {} in {repository}", whose(viewer));
        Failure::permanent("copilot_not_offered", message).hint(format!(
            "The owner of the token in {key} needs a Copilot plan with the coding agent, and the repository's owner must allow it in \
             the settings under Copilot, Coding agent."
        ))
    }

    fn needed(&self) -> String {
        format!(
            "A fine-grained token in {} needs read access to metadata and write access to actions, contents, issues and pull requests; \
             a classic one needs `repo`.",
            self.settings.key
        )
    }
}

fn whose(viewer: &str) -> String {
    if viewer.is_empty() { "nobody that it names".to_owned() } else { one_line(viewer, WORDS) }
}

#[async_trait]
impl Assistant for CopilotCloud {
    fn name(&self) -> &str {
        NAME
    }

    fn needs_folder(&self) -> bool {
        false
    }

    /// Only looks whether it can be had: assigning is an effect, which the task announces before.
    async fn propose(&self, request: &Request) -> Answer {
        let began = self.clock.now();
        let outcome = self.look(request.issue).await.map(|place| Proposal {
            change: Change::Elsewhere {
                who: Login::new(AGENT),
                is_assigned: matches!(place, Place::Assigned),
                agent: Some(AGENT_NAMES.map(Login::new).to_vec()),
            },
            summary: "GitHub's own agent works on it, and opens a pull request itself.".to_owned(),
        });
        let milliseconds = u64::try_from(self.clock.now().since(began).as_millis()).unwrap_or(u64::MAX);
        let usage = Usage { milliseconds, ..Usage::default() };
        Answer { outcome, usage, answers: Answers::new() }
    }

    /// Looks first: whoever is assigned already, by an earlier attempt or by a person, is not assigned again.
    async fn take_on(&self, number: IssueNumber) -> Result<(), Failure> {
        let Place::Offered { issue, agent, repository } = self.look(number).await? else { return Ok(()) };
        let variables = json!({ "issue": issue, "agent": agent, "repository": repository });
        let assigned: Assigned = self.ask(ASSIGN, &variables).await?;
        if assigned.has(&AGENT_NAMES) {
            return Ok(());
        }
        Err(Failure::permanent(
            "copilot_not_assigned",
            format!("GitHub took the assignment of its agent to issue {number} without a word, and it is not assigned"),
        )
        .hint("Assign Copilot by hand once: GitHub then says what keeps it from working here."))
    }

    async fn has_taken_on(&self, number: IssueNumber) -> Result<bool, Failure> {
        self.look(number).await.map(|place| matches!(place, Place::Assigned))
    }
}

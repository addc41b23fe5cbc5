//! Fields of an issue in a project (projects v2), which only GraphQL knows.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::exchange::Exchange;
use super::field_value::{self, same};
use super::shapes::QuestionError;
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, RepositoryName};
use crate::domain::untrusted::one_line;
use crate::services::github::{FieldSet, FieldValue};

/// What the token needs.
const NEEDS: &str = "project: write (the workflow's own token never has it)";
/// Characters of GitHub's reasons that are told.
const TOLD: usize = 200;

/// The issue, and the project with its fields.
const FIND: &str = "query ProjectField($owner: String!, $name: String!, $issue: Int!, $project: Int!) {
  repository(owner: $owner, name: $name) {
    issue(number: $issue) { id }
    owner { ... on ProjectV2Owner { projectV2(number: $project) { id fields(first: 100) {
      nodes {
        ... on ProjectV2SingleSelectField { id name dataType options { id name } }
        ... on ProjectV2IterationField { id name dataType configuration { iterations { id title } } }
        ... on ProjectV2Field { id name dataType }
      }
    } } } }
  }
}";
/// Puts the issue into the project; the answer is the item, also when it is there already.
const ADD: &str = "mutation AddToProject($project: ID!, $issue: ID!) {
  addProjectV2ItemById(input: { projectId: $project, contentId: $issue }) { item { id } }
}";
/// Sets a field.
const SET: &str =
    "mutation SetInProject($project: ID!, $item: ID!, $field: ID!, $value: ProjectV2FieldValue!) {
  updateProjectV2ItemFieldValue(input: {
    projectId: $project, itemId: $item, fieldId: $field, value: $value
  }) { projectV2Item { id } }
}";

#[derive(Deserialize)]
struct Answered<T> {
    data: Option<T>,
    #[serde(default)]
    errors: Vec<QuestionError>,
}

#[derive(Deserialize)]
struct Found {
    repository: Option<Repository>,
}

#[derive(Deserialize)]
struct Repository {
    issue: Option<Node>,
    owner: Option<Owner>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
}

#[derive(Deserialize)]
struct Owner {
    #[serde(rename = "projectV2")]
    project: Option<Project>,
}

#[derive(Deserialize)]
struct Project {
    id: String,
    fields: Fields,
}

#[derive(Deserialize)]
struct Fields {
    /// Fields of sorts that are not known have none of these members.
    nodes: Vec<Field>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Field {
    id: String,
    name: String,
    data_type: String,
    options: Vec<Choice>,
    configuration: Option<Configuration>,
}

#[derive(Deserialize)]
struct Configuration {
    /// Those that are not over.
    iterations: Vec<Iteration>,
}

#[derive(Deserialize)]
struct Iteration {
    id: String,
    title: String,
}

impl Field {
    /// The value as this sort of field takes it, or why it is none.
    fn value(&self, text: &str) -> Result<Value, String> {
        let name = &self.name;
        match self.data_type.as_str() {
            "TEXT" => Ok(json!({ "text": text })),
            "NUMBER" => field_value::number(name, text).map(|number| json!({ "number": number })),
            "DATE" => field_value::date(name, text).map(|date| json!({ "date": date })),
            "SINGLE_SELECT" => {
                let found = self.options.iter().find(|option| same(&option.name, text));
                let value = found.map(|option| json!({ "singleSelectOptionId": option.id }));
                value.ok_or_else(|| format!("the field `{name}` has no option `{text}`"))
            }
            "ITERATION" => {
                let mut iterations = self.configuration.iter().flat_map(|known| &known.iterations);
                let found = iterations.find(|iteration| same(&iteration.title, text));
                let value = found.map(|iteration| json!({ "iterationId": iteration.id }));
                value.ok_or_else(|| {
                    format!("the field `{name}` has no iteration `{text}` that is going on or to come")
                })
            }
            other => Err(format!(
                "the field `{name}` is of the sort {}, which Automata cannot set",
                other.to_lowercase()
            )),
        }
    }
}

#[derive(Deserialize)]
struct Choice {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Added {
    #[serde(rename = "addProjectV2ItemById")]
    added: Option<Item>,
}

#[derive(Deserialize)]
struct Item {
    item: Option<Node>,
}

/// Sets it, or says why that cannot be.
pub(super) async fn set(
    exchange: &Exchange,
    (address, repository): (&str, &RepositoryName),
    issue: IssueNumber,
    project_number: u64,
    value: &FieldValue,
) -> Result<FieldSet, Failure> {
    let variables = json!({
        "owner": repository.owner(), "name": repository.name(), "issue": issue.0, "project": project_number,
    });
    let question = json!({ "query": FIND, "variables": variables });
    let answer = match exchange.ask(address, &question).await {
        Err(failure) if failure.code == "missing_permission" => return Ok(forbidden()),
        answer => exchange.success(answer?, NEEDS)?.json::<Answered<Found>>()?,
    };
    let found = match told(answer)? {
        Ok(found) => found.repository,
        Err(why) => return Ok(why),
    };
    let Some((issue, owner)) = found.and_then(|found| found.issue.zip(found.owner)) else {
        return Ok(FieldSet::Not("the issue is not to be seen".to_owned()));
    };
    let Some(project) = owner.project else {
        let missing = format!(
            "{} has no project {project_number}, or the token may not see it: it needs {NEEDS}",
            repository.owner()
        );
        return Ok(FieldSet::Not(missing));
    };
    let Some(field) = project.fields.nodes.iter().find(|field| same(&field.name, &value.field)) else {
        return Ok(FieldSet::Not(format!("project {project_number} has no field `{}`", value.field)));
    };
    let value = match field.value(&value.option) {
        Ok(value) => value,
        Err(why) => return Ok(FieldSet::Not(why)),
    };
    let added = json!({ "query": ADD, "variables": { "project": project.id, "issue": issue.id } });
    let added = match change::<Added>(exchange, address, &added).await? {
        Ok(added) => added.added.and_then(|added| added.item),
        Err(why) => return Ok(why),
    };
    let item = added.ok_or_else(|| Failure::transient("unreadable_answer", "GitHub names no item."))?;
    let set = json!({ "query": SET, "variables": {
        "project": project.id, "item": item.id, "field": field.id, "value": value,
    } });
    Ok(match change::<Value>(exchange, address, &set).await? {
        Ok(_) => FieldSet::Done,
        Err(why) => why,
    })
}

async fn change<T: serde::de::DeserializeOwned>(
    exchange: &Exchange,
    address: &str,
    mutation: &Value,
) -> Result<Result<T, FieldSet>, Failure> {
    match exchange.write(Method::POST, address, Some(mutation), NEEDS).await {
        Err(failure) if failure.code == "missing_permission" => Ok(Err(forbidden())),
        answer => told(exchange.success(answer?, NEEDS)?.json()?),
    }
}

/// What was answered; a refusal for good is no failure, because no other attempt would fare better.
fn told<T>(answer: Answered<T>) -> Result<Result<T, FieldSet>, Failure> {
    let first = answer.errors.first();
    match (first.map(|error| error.kind.as_str()), answer.data) {
        (Some("FORBIDDEN" | "INSUFFICIENT_SCOPES"), _) => Ok(Err(forbidden())),
        // Of an owner that is a user, GitHub says NOT_FOUND of the organisation's part, and answers the rest.
        (None | Some("NOT_FOUND"), Some(data)) => Ok(Ok(data)),
        (Some("RATE_LIMITED" | ""), _) | (None, None) => {
            let message = first.map(|error| one_line(&error.message, TOLD)).unwrap_or_default();
            Err(Failure::transient("github_unavailable", format!("GitHub does not say: {message}")))
        }
        (Some(_), _) => {
            let message = first.map(|error| one_line(&error.message, TOLD)).unwrap_or_default();
            Ok(Err(FieldSet::Not(format!("GitHub refuses it: {message}"))))
        }
    }
}

fn forbidden() -> FieldSet {
    FieldSet::Not(format!("the token may not change projects: it needs {NEEDS}"))
}

//! Fields of an issue in a project (projects v2), which only GraphQL knows.

use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::exchange::{Answer, Exchange};
use super::field_value::{self, same};
use super::shapes::QuestionError;
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, RepositoryName};
use crate::domain::untrusted::one_line;
use crate::services::github::{FieldBack, FieldSet, FieldValue};

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
const ADD: &str = "mutation AddToProject($project: ID!, $issue: ID!, $field: String!) {
  addProjectV2ItemById(input: { projectId: $project, contentId: $issue }) { item { id
    fieldValueByName(name: $field) {
      ... on ProjectV2ItemFieldSingleSelectValue { name }
      ... on ProjectV2ItemFieldTextValue { text }
      ... on ProjectV2ItemFieldNumberValue { number }
      ... on ProjectV2ItemFieldDateValue { date }
      ... on ProjectV2ItemFieldIterationValue { title }
    }
  } }
}";
/// What an issue has in a field of the projects that it is in.
const LOOK: &str = "query ProjectValue($owner: String!, $name: String!, $issue: Int!, $field: String!) {
  repository(owner: $owner, name: $name) { issue(number: $issue) { projectItems(first: 100) { nodes {
    id project { number }
    fieldValueByName(name: $field) {
      ... on ProjectV2ItemFieldSingleSelectValue { name }
      ... on ProjectV2ItemFieldTextValue { text }
      ... on ProjectV2ItemFieldNumberValue { number }
      ... on ProjectV2ItemFieldDateValue { date }
      ... on ProjectV2ItemFieldIterationValue { title }
    }
  } } } }
}";
/// Empties a field.
const CLEAR: &str = "mutation ClearInProject($project: ID!, $item: ID!, $field: ID!) {
  clearProjectV2ItemFieldValue(input: { projectId: $project, itemId: $item, fieldId: $field }) {
    projectV2Item { id }
  }
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
    item: Option<Placed>,
}

/// An issue in a project.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Placed {
    id: String,
    #[serde(default)]
    project: Option<Numbered>,
    #[serde(default)]
    field_value_by_name: Option<Has>,
}

#[derive(Deserialize)]
struct Numbered {
    number: u64,
}

/// What it has in a field; a value of a sort that is not asked for has none of these members.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Has {
    name: Option<String>,
    text: Option<String>,
    number: Option<f64>,
    date: Option<String>,
    title: Option<String>,
}

impl Placed {
    fn value(self) -> Option<String> {
        let Has { name, text, number, date, title } = self.field_value_by_name?;
        name.or(text).or(date).or(title).or_else(|| number.map(|number| number.to_string()))
    }
}

#[derive(Deserialize)]
struct Looked {
    repository: Option<Standing>,
}

#[derive(Deserialize)]
struct Standing {
    issue: Option<InProjects>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InProjects {
    project_items: Items,
}

#[derive(Deserialize)]
struct Items {
    nodes: Vec<Option<Placed>>,
}

/// A field of a project, an issue, and the value as the field takes it.
struct Target {
    project: String,
    issue: String,
    field: String,
    value: Value,
}

/// Sets it, or says why that cannot be.
pub(super) async fn set(
    exchange: &Exchange,
    (address, repository): (&str, &RepositoryName),
    issue: IssueNumber,
    project_number: u64,
    value: &FieldValue,
) -> Result<FieldSet, Failure> {
    let place = (issue, project_number);
    let target = match find(exchange, (address, repository), place, &value.field, &value.option).await? {
        Ok(target) => target,
        Err(why) => return Ok(FieldSet::Not(why)),
    };
    let added = json!({ "query": ADD, "variables": {
        "project": target.project, "issue": target.issue, "field": value.field,
    } });
    let added = match change::<Added>(exchange, address, &added).await? {
        Ok(added) => added.added.and_then(|added| added.item),
        Err(why) => return Ok(FieldSet::Not(why)),
    };
    let item = added.ok_or_else(|| Failure::transient("unreadable_answer", "GitHub names no item."))?;
    let set = target.set(&item.id);
    let before = item.value();
    Ok(match change::<Value>(exchange, address, &set).await? {
        Ok(_) => FieldSet::Done { before },
        Err(why) => FieldSet::Not(why),
    })
}

/// Gives it back what it had before, where it still has the value. The issue stays in the project.
pub(super) async fn set_back(
    exchange: &Exchange,
    (address, repository): (&str, &RepositoryName),
    (issue, project_number): (IssueNumber, u64),
    value: &FieldValue,
    before: Option<&str>,
) -> Result<FieldBack, Failure> {
    let (here, place) = ((address, repository), (issue, project_number));
    // A project that the token may not see looks like one that the issue is not in.
    let ours = match find(exchange, here, place, &value.field, &value.option).await? {
        Ok(target) => target,
        Err(why) => return Ok(FieldBack::Not(why)),
    };
    let variables = json!({
        "owner": repository.owner(), "name": repository.name(), "issue": issue.0, "field": value.field,
    });
    let looked =
        match ask::<Looked>(exchange, address, &json!({ "query": LOOK, "variables": variables })).await? {
            Ok(looked) => looked.repository.and_then(|found| found.issue),
            Err(why) => return Ok(FieldBack::Not(why)),
        };
    let items = looked.into_iter().flat_map(|issue| issue.project_items.nodes).flatten();
    let is_there =
        |item: &Placed| item.project.as_ref().is_some_and(|project| project.number == project_number);
    // Who took it out of the project has settled it.
    let Some(item) = items.into_iter().find(is_there) else { return Ok(FieldBack::Touched) };
    let (id, now) = (item.id.clone(), item.value());
    let is = |wanted: &str| {
        now.as_deref().is_some_and(|now| {
            same(now, wanted) || now.parse::<f64>().is_ok_and(|now| wanted.parse() == Ok(now))
        })
    };
    if before.map_or(now.is_none(), is) {
        return Ok(FieldBack::Done);
    }
    if !is(&value.option) {
        return Ok(FieldBack::Touched);
    }
    let back = match before {
        None => ours.clear(&id),
        Some(before) => match find(exchange, here, place, &value.field, before).await? {
            Ok(target) => target.set(&id),
            Err(why) => return Ok(FieldBack::Not(why)),
        },
    };
    Ok(match change::<Value>(exchange, address, &back).await? {
        Ok(_) => FieldBack::Done,
        Err(why) => FieldBack::Not(why),
    })
}

impl Target {
    fn set(&self, item: &str) -> Value {
        json!({ "query": SET, "variables": {
            "project": self.project, "item": item, "field": self.field, "value": self.value,
        } })
    }

    fn clear(&self, item: &str) -> Value {
        json!({ "query": CLEAR, "variables": { "project": self.project, "item": item, "field": self.field } })
    }
}

/// Looks it all up, or says why that cannot be.
async fn find(
    exchange: &Exchange,
    (address, repository): (&str, &RepositoryName),
    (issue, project_number): (IssueNumber, u64),
    field: &str,
    option: &str,
) -> Result<Result<Target, String>, Failure> {
    let variables = json!({
        "owner": repository.owner(), "name": repository.name(), "issue": issue.0, "project": project_number,
    });
    let found =
        match ask::<Found>(exchange, address, &json!({ "query": FIND, "variables": variables })).await? {
            Ok(found) => found.repository,
            Err(why) => return Ok(Err(why)),
        };
    let Some((issue, owner)) = found.and_then(|found| found.issue.zip(found.owner)) else {
        return Ok(Err("the issue is not to be seen".to_owned()));
    };
    let Some(project) = owner.project else {
        return Ok(Err(format!(
            "{} has no project {project_number}, or the token may not see it: it needs {NEEDS}",
            repository.owner()
        )));
    };
    let Some(known) = project.fields.nodes.iter().find(|known| same(&known.name, field)) else {
        return Ok(Err(format!("project {project_number} has no field `{field}`")));
    };
    Ok(known.value(option).map(|value| Target {
        project: project.id.clone(),
        issue: issue.id,
        field: known.id.clone(),
        value,
    }))
}

async fn ask<T: DeserializeOwned>(
    exchange: &Exchange,
    address: &str,
    question: &Value,
) -> Result<Result<T, String>, Failure> {
    heard(exchange, exchange.ask(address, question).await)
}

async fn change<T: DeserializeOwned>(
    exchange: &Exchange,
    address: &str,
    mutation: &Value,
) -> Result<Result<T, String>, Failure> {
    heard(exchange, exchange.write(Method::POST, address, Some(mutation), NEEDS).await)
}

/// What came back.
fn heard<T: DeserializeOwned>(
    exchange: &Exchange,
    answer: Result<Answer, Failure>,
) -> Result<Result<T, String>, Failure> {
    match answer {
        Err(failure) if failure.code == "missing_permission" => Ok(Err(forbidden())),
        answer => told(exchange.success(answer?, NEEDS)?.json()?),
    }
}

/// What was answered; a refusal for good is no failure, because no other attempt would fare better.
fn told<T>(answer: Answered<T>) -> Result<Result<T, String>, Failure> {
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
            Ok(Err(format!("GitHub refuses it: {message}")))
        }
    }
}

fn forbidden() -> String {
    format!("the token may not change projects: it needs {NEEDS}")
}

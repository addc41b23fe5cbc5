//! Fields that an organisation gave all its issues:
//! <https://docs.github.com/rest/issues/issue-field-values>. A repository of a person has none.

use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::address::{repository_route, with_query};
use super::exchange::Exchange;
use super::field_value::{self, same};
use super::{ISSUES_READ, ISSUES_WRITE, PAGE};
use crate::domain::failure::Failure;
use crate::domain::id::{IssueNumber, RepositoryName};
use crate::services::github::{FieldSet, FieldValue};

/// What the token needs to see which fields there are.
const NEEDS: &str = "organization issue fields: read (the workflow's own token never has it)";

#[derive(Deserialize)]
struct Field {
    id: u64,
    name: String,
    data_type: String,
    #[serde(default)]
    options: Option<Vec<Choice>>,
}

#[derive(Deserialize)]
struct Choice {
    name: String,
}

/// What an issue has.
#[derive(Deserialize)]
struct Held {
    issue_field_id: u64,
    #[serde(default)]
    value: Value,
    #[serde(default)]
    single_select_option: Option<Choice>,
}

/// Sets it, or says why that cannot be. Another value than the wanted one is somebody else's, and left.
pub(super) async fn set(
    exchange: &Exchange,
    repository: &RepositoryName,
    issue: IssueNumber,
    wanted: &FieldValue,
) -> Result<FieldSet, Failure> {
    // GitHub lists all of them on one page.
    let fields = format!("/orgs/{}/issue-fields", repository.owner());
    let answer = match exchange.get(&fields, NEEDS).await {
        Err(failure) if failure.code == "missing_permission" => return Ok(unseen(repository)),
        answer => answer?,
    };
    if answer.is_gone() {
        return Ok(unseen(repository));
    }
    let fields: Vec<Field> = exchange.success(answer, NEEDS)?.json()?;
    let Some(field) = fields.iter().find(|field| same(&field.name, &wanted.field)) else {
        let missing = format!("{} has no field `{}` for its issues", repository.owner(), wanted.field);
        return Ok(FieldSet::Not(missing));
    };
    let value = match value(field, &wanted.option) {
        Ok(value) => value,
        Err(why) => return Ok(FieldSet::Not(why)),
    };
    let values = repository_route(repository, &["issues", &issue.to_string(), "issue-field-values"])?;
    let held: Vec<Held> = exchange.list(&with_query(&values, &[PAGE]), ISSUES_READ).await?;
    if let Some(held) = held.into_iter().find(|held| held.issue_field_id == field.id) {
        let held = held.single_select_option.map_or(held.value, |option| json!(option.name));
        let is_so = held == value || held.as_f64().is_some_and(|held| Some(held) == value.as_f64());
        let theirs = || FieldSet::Not(format!("the field `{}` has the value {held} already", field.name));
        return Ok(if is_so { FieldSet::Done } else { theirs() });
    }
    let body = json!({ "issue_field_values": [{ "field_id": field.id, "value": value }] });
    let answer = exchange.write(Method::POST, &values, Some(&body), ISSUES_WRITE).await?;
    exchange.success(answer, ISSUES_WRITE)?;
    Ok(FieldSet::Done)
}

/// The value as this sort of field has it.
fn value(field: &Field, text: &str) -> Result<Value, String> {
    let name = &field.name;
    match field.data_type.as_str() {
        "text" => Ok(json!(text)),
        "number" => field_value::number(name, text).map(|number| json!(number)),
        "date" => field_value::date(name, text).map(|date| json!(date)),
        "single_select" => {
            let options = field.options.iter().flatten();
            let found = options.into_iter().find(|option| same(&option.name, text));
            found
                .map(|option| json!(option.name))
                .ok_or_else(|| format!("the field `{name}` has no option `{text}`"))
        }
        other => Err(format!("the field `{name}` is of the sort {other}, which Automata cannot set")),
    }
}

fn unseen(repository: &RepositoryName) -> FieldSet {
    let owner = repository.owner();
    FieldSet::Not(format!(
        "{owner} has no fields for issues, or the token may not see them: it needs {NEEDS}"
    ))
}

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
use crate::services::github::{FieldBack, FieldSet, FieldValue};

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
    let (field, value) = match find(exchange, repository, wanted).await? {
        Ok(found) => found,
        Err(why) => return Ok(FieldSet::Not(why)),
    };
    if let Some(held) = held(exchange, repository, issue, &field).await? {
        let before = Some(wanted.option.clone());
        let theirs = || FieldSet::Not(format!("the field `{}` has the value {held} already", field.name));
        return Ok(if is_same(&held, &value) { FieldSet::Done { before } } else { theirs() });
    }
    let body = json!({ "issue_field_values": [{ "field_id": field.id, "value": value }] });
    let answer = exchange.write(Method::POST, &values(repository, issue)?, Some(&body), ISSUES_WRITE).await?;
    exchange.success(answer, ISSUES_WRITE)?;
    Ok(FieldSet::Done { before: None })
}

/// Empties it again, where it still has the value. It was empty before, or it would not have been set.
pub(super) async fn set_back(
    exchange: &Exchange,
    repository: &RepositoryName,
    issue: IssueNumber,
    ours: &FieldValue,
    before: Option<&str>,
) -> Result<FieldBack, Failure> {
    let (field, value) = match find(exchange, repository, ours).await? {
        Ok(found) => found,
        Err(why) => return Ok(FieldBack::Not(why)),
    };
    let Some(held) = held(exchange, repository, issue, &field).await? else {
        return Ok(if before.is_none() { FieldBack::Done } else { FieldBack::Touched });
    };
    if !is_same(&held, &value) {
        return Ok(FieldBack::Touched);
    }
    if before.is_some() {
        return Ok(FieldBack::Done);
    }
    let field = field.id.to_string();
    let number = issue.to_string();
    let route = repository_route(repository, &["issues", &number, "issue-field-values", &field])?;
    let answer = exchange.write(Method::DELETE, &route, None, ISSUES_WRITE).await?;
    // Gone is as good as taken away.
    if answer.is_gone() {
        Ok(FieldBack::Done)
    } else {
        exchange.success(answer, ISSUES_WRITE).map(|_| FieldBack::Done)
    }
}

/// The field, and the value as it has it; or why there is none.
async fn find(
    exchange: &Exchange,
    repository: &RepositoryName,
    wanted: &FieldValue,
) -> Result<Result<(Field, Value), String>, Failure> {
    // GitHub lists all of them on one page.
    let fields = format!("/orgs/{}/issue-fields", repository.owner());
    let answer = match exchange.get(&fields, NEEDS).await {
        Err(failure) if failure.code == "missing_permission" => return Ok(Err(unseen(repository))),
        answer => answer?,
    };
    if answer.is_gone() {
        return Ok(Err(unseen(repository)));
    }
    let fields: Vec<Field> = exchange.success(answer, NEEDS)?.json()?;
    let Some(field) = fields.into_iter().find(|field| same(&field.name, &wanted.field)) else {
        return Ok(Err(format!("{} has no field `{}` for its issues", repository.owner(), wanted.field)));
    };
    Ok(value(&field, &wanted.option).map(|value| (field, value)))
}

/// What an issue has in a field.
async fn held(
    exchange: &Exchange,
    repository: &RepositoryName,
    issue: IssueNumber,
    field: &Field,
) -> Result<Option<Value>, Failure> {
    let route = with_query(&values(repository, issue)?, &[PAGE]);
    let held: Vec<Held> = exchange.list(&route, ISSUES_READ).await?;
    let held = held.into_iter().find(|held| held.issue_field_id == field.id);
    Ok(held.map(|held| held.single_select_option.map_or(held.value, |option| json!(option.name))))
}

fn values(repository: &RepositoryName, issue: IssueNumber) -> Result<String, Failure> {
    repository_route(repository, &["issues", &issue.to_string(), "issue-field-values"])
}

fn is_same(held: &Value, value: &Value) -> bool {
    held == value || held.as_f64().is_some_and(|held| Some(held) == value.as_f64())
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

fn unseen(repository: &RepositoryName) -> String {
    let owner = repository.owner();
    format!("{owner} has no fields for issues, or the token may not see them: it needs {NEEDS}")
}

//! Fields that an organisation gave all its issues, on the simulated GitHub.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::GitHubWorld;
use super::operations::Request;
use super::reply::Reply;
use super::state::State;

/// The fields, and what issues have.
#[derive(Default)]
pub(crate) struct IssueFields {
    /// Name, sort and options.
    fields: Vec<(String, String, Vec<String>)>,
    /// Values by issue and field, a field's id being its place from 1.
    values: BTreeMap<(u64, u64), Value>,
}

impl GitHubWorld {
    /// The organisation has a field; before the first one the token sees none.
    pub(crate) fn make_issue_field(&self, name: &str, sort: &str, options: &[&str]) {
        let options = options.iter().map(|&option| option.to_owned()).collect();
        self.at_now().planning.issue_fields.fields.push((name.to_owned(), sort.to_owned(), options));
    }

    /// What an issue has in a field; null for nothing.
    pub(crate) fn issue_field(&self, issue: u64, field: u64) -> Value {
        self.at_now().planning.issue_fields.values.get(&(issue, field)).cloned().unwrap_or_default()
    }

    /// A person fills a field, or empties it.
    pub(crate) fn fill_as_a_person(&self, issue: u64, field: u64, value: Option<Value>) {
        let values = &mut self.at_now().planning.issue_fields.values;
        match value {
            Some(value) => values.insert((issue, field), value),
            None => values.remove(&(issue, field)),
        };
    }
}

impl State {
    pub(super) fn list_issue_fields(&self, organisation: &str) -> Reply {
        let fields = &self.planning.issue_fields.fields;
        if organisation != self.name.owner() || fields.is_empty() {
            return Reply::not_found();
        }
        let shown = (1_u64..).zip(fields).map(|(id, (name, sort, options))| {
            let options = (1..).zip(options).map(|(id, name): (u64, _)| json!({ "id": id, "name": name }));
            let options = (sort == "single_select").then(|| options.collect::<Vec<Value>>());
            json!({
                "id": id, "node_id": format!("IF_{id}"), "name": name, "data_type": sort,
                "visibility": "all", "options": options,
            })
        });
        Reply::ok(shown.collect())
    }

    pub(super) fn list_issue_field_values(&mut self, request: &Request<'_>) -> Reply {
        let values = self.issue_field_values(request.number("issue_number"));
        self.page_of(request, values)
    }

    pub(super) fn add_issue_field_values(&mut self, request: &Request<'_>) -> Reply {
        let issue = request.number("issue_number");
        for given in request.body["issue_field_values"].as_array().into_iter().flatten() {
            let (id, value) = (given["field_id"].as_u64().unwrap_or_default(), &given["value"]);
            let fields = &mut self.planning.issue_fields;
            let place = usize::try_from(id).unwrap().checked_sub(1);
            let Some((_, sort, options)) = place.and_then(|place| fields.fields.get(place)) else {
                return Reply::refusal(422, "Unknown field");
            };
            let fits = match sort.as_str() {
                "single_select" => {
                    value.as_str().is_some_and(|value| options.iter().any(|known| known == value))
                }
                "number" => value.is_number(),
                _ => value.is_string(),
            };
            if !fits {
                return Reply::refusal(422, "The value does not fit the field");
            }
            fields.values.insert((issue, id), value.clone());
        }
        Reply::ok(self.issue_field_values(issue).into())
    }

    pub(super) fn delete_issue_field_value(&mut self, request: &Request<'_>) -> Reply {
        let place = (request.number("issue_number"), request.number("issue_field_id"));
        match self.planning.issue_fields.values.remove(&place) {
            Some(_) => Reply::with(204, Value::Null),
            None => Reply::not_found(),
        }
    }

    fn issue_field_values(&self, issue: u64) -> Vec<Value> {
        let fields = &self.planning.issue_fields;
        let of_issue = fields.values.iter().filter(|((number, _), _)| *number == issue);
        let shown = of_issue.map(|((_, id), value)| {
            let (name, sort, _) = &fields.fields[usize::try_from(*id).unwrap() - 1];
            let option =
                (sort == "single_select").then(|| json!({ "id": 1, "name": value, "color": "gray" }));
            json!({
                "issue_field_id": id, "issue_field_name": name, "node_id": format!("IFV_{id}"),
                "data_type": sort, "value": value, "single_select_option": option,
            })
        });
        shown.collect()
    }
}

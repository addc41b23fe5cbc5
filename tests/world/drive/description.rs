//! Google's own description of the Drive API, as a judge of requests and of our answers.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::address::decoded;

/// Where an operation lies besides its own path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// `/drive/v3/…`
    Plain,
    /// `/upload/drive/v3/…` or `/resumable/upload/drive/v3/…`: content comes along.
    Upload,
}

/// One method of the API.
pub(crate) struct Operation {
    /// Google's name for it without `drive.`: `files.create`.
    pub(crate) id: String,
    method: String,
    template: Vec<String>,
    parameters: Map<String, Value>,
    request: Option<String>,
    response: Option<String>,
    /// Scopes of which a token needs one, without the address before them.
    pub(crate) scopes: Vec<String>,
    download: bool,
    upload: bool,
}

/// The parts of a path that stand for something, decoded.
pub(crate) type Parameters = BTreeMap<String, String>;

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT
        .get_or_init(|| serde_json::from_str(include_str!("../../fixtures/contracts/drive.v3.json")).unwrap())
}

fn operations() -> &'static [Operation] {
    static OPERATIONS: OnceLock<Vec<Operation>> = OnceLock::new();
    OPERATIONS.get_or_init(|| {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let methods = document()["methods"].as_object().unwrap();
        let mut operations: Vec<Operation> = methods
            .iter()
            .map(|(id, method)| Operation {
                id: id.clone(),
                method: text(&method["method"]).unwrap(),
                template: method["path"].as_str().unwrap().split('/').map(str::to_owned).collect(),
                parameters: method["parameters"].as_object().unwrap().clone(),
                request: text(&method["request"]),
                response: text(&method["response"]),
                scopes: method["scopes"].as_array().unwrap().iter().filter_map(text).collect(),
                download: method["download"] == true,
                upload: method["upload"].is_object(),
            })
            .collect();
        // `files/generateIds` is no file with that id: what is spelled out comes first.
        operations
            .sort_by_key(|operation| operation.template.iter().filter(|part| part.starts_with('{')).count());
        operations
    })
}

/// The operation of a request by its path below the API's own, with its path's parameters.
pub(crate) fn find(method: &str, path: &str, entrance: Entrance) -> Option<(&'static Operation, Parameters)> {
    let segments: Vec<&str> = path.split('/').collect();
    operations()
        .iter()
        .filter(|operation| operation.method == method)
        .filter(|operation| entrance == Entrance::Plain || operation.upload)
        .find_map(|operation| Some((operation, parameters(&operation.template, &segments)?)))
}

fn parameters(template: &[String], segments: &[&str]) -> Option<Parameters> {
    if template.len() != segments.len() {
        return None;
    }
    let mut parameters = Parameters::new();
    for (wanted, segment) in template.iter().zip(segments) {
        match wanted.strip_prefix('{') {
            Some(rest) => {
                // `{proposalId}:resolve` has words behind the parameter.
                let (name, behind) = rest.split_once('}')?;
                let value = segment.strip_suffix(behind)?;
                if value.is_empty() {
                    return None;
                }
                parameters.insert(name.to_owned(), decoded(value));
            }
            None if wanted == segment => {}
            None => return None,
        }
    }
    Some(parameters)
}

impl Operation {
    /// What is wrong with a request.
    pub(crate) fn check_request(
        &self,
        path: &Parameters,
        query: &[(String, String)],
        body: Option<&Value>,
        entrance: Entrance,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        let everywhere = document()["parameters"].as_object().unwrap();
        for (name, text) in query {
            let known = self.parameters.get(name).filter(|known| known["location"] == "query");
            match known.or_else(|| everywhere.get(name)) {
                Some(known) => wrong.extend(fits(known, name, text)),
                // The address of an upload session.
                None if entrance == Entrance::Upload && name == "upload_id" => {}
                None => wrong.push(format!("{} knows no query parameter {name}", self.id)),
            }
        }
        for (name, known) in &self.parameters {
            let there = path.contains_key(name) || query.iter().any(|(given, _)| given == name);
            if known["required"] == true && !there {
                wrong.push(format!("{} needs the parameter {name}", self.id));
            }
        }
        for (at, (name, _)) in query.iter().enumerate() {
            if query[..at].iter().any(|(earlier, _)| earlier == name) {
                wrong.push(format!("the query parameter {name} is there twice"));
            }
        }
        let wants_media = query.iter().any(|(name, value)| name == "alt" && value == "media");
        if wants_media && !self.download {
            wrong.push(format!("{} gives no content", self.id));
        }
        match (&self.request, body) {
            (Some(schema), Some(body)) => check(schema, body, "body", true, &mut wrong),
            (None, Some(_)) => wrong.push(format!("{} takes no body", self.id)),
            (_, None) => {}
        }
        wrong
    }

    /// What is wrong with an answer of ours.
    pub(crate) fn check_answer(&self, body: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        match &self.response {
            Some(schema) => check(schema, body, "answer", false, &mut wrong),
            None if body.is_null() => {}
            None => wrong.push(format!("{} answers nothing", self.id)),
        }
        wrong
    }
}

/// Whether text in an address fits its description.
fn fits(known: &Value, name: &str, text: &str) -> Option<String> {
    let fits = match known["type"].as_str() {
        Some("boolean") => matches!(text, "true" | "false"),
        Some("integer") => text.parse::<i64>().is_ok_and(|number| {
            let bound = |name: &str| known[name].as_str().and_then(|bound| bound.parse::<i64>().ok());
            bound("minimum").is_none_or(|least| number >= least)
                && bound("maximum").is_none_or(|most| number <= most)
        }),
        _ => known["enum"].as_array().is_none_or(|values| values.iter().any(|value| value == text)),
    };
    (!fits).then(|| format!("{name}={text} does not fit {known}"))
}

/// Checks a value against a schema by its name. `sent`: what only Google writes may not be in it.
fn check(schema: &str, value: &Value, place: &str, sent: bool, wrong: &mut Vec<String>) {
    let known = &document()["schemas"][schema];
    // The document has these two for read-only, and no permission can be made without them.
    let exempt: &[&str] = if schema == "Permission" { &["emailAddress", "domain"] } else { &[] };
    check_object(known, exempt, value, place, sent, wrong);
}

fn check_object(
    known: &Value,
    exempt: &[&str],
    value: &Value,
    place: &str,
    sent: bool,
    wrong: &mut Vec<String>,
) {
    let Some(fields) = value.as_object() else {
        wrong.push(format!("{place} is no object: {value}"));
        return;
    };
    for (name, value) in fields {
        let place = format!("{place}.{name}");
        match known["properties"].get(name).or_else(|| known.get("additionalProperties")) {
            None => wrong.push(format!("{place} is not in the description")),
            Some(property) if sent && property["readOnly"] == true && !exempt.contains(&name.as_str()) => {
                wrong.push(format!("{place} is for Google alone to write"));
            }
            Some(property) => check_property(property, value, &place, sent, wrong),
        }
    }
}

fn check_property(property: &Value, value: &Value, place: &str, sent: bool, wrong: &mut Vec<String>) {
    if let Some(schema) = property["$ref"].as_str() {
        return check(schema, value, place, sent, wrong);
    }
    // `null` clears a value where one is sent.
    if sent && value.is_null() {
        return;
    }
    let fits = match property["type"].as_str().unwrap_or("any") {
        "string" => value.as_str().is_some_and(|text| is_of_format(property, text)),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "array" => {
            for (at, item) in value.as_array().into_iter().flatten().enumerate() {
                check_property(&property["items"], item, &format!("{place}[{at}]"), sent, wrong);
            }
            value.is_array()
        }
        "object" => return check_object(property, &[], value, place, sent, wrong),
        _ => true,
    };
    if !fits {
        wrong.push(format!("{place} has another type: {value}"));
    }
}

fn is_of_format(property: &Value, text: &str) -> bool {
    match property["format"].as_str() {
        Some("int64") => text.parse::<i64>().is_ok(),
        Some("date-time" | "google-datetime") => text.parse::<automata::domain::time::Timestamp>().is_ok(),
        _ => true,
    }
}

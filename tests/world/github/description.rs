//! GitHub's own description of its REST API, as a judge of requests and of our answers.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

/// One operation of the API.
pub(crate) struct Operation {
    /// GitHub's name for it: `issues/create-comment`.
    pub(crate) id: String,
    method: String,
    template: Vec<String>,
    path: BTreeMap<String, Judge>,
    query: BTreeMap<String, Judge>,
    body: Option<Judge>,
    answers: BTreeMap<u16, Judge>,
}

/// What a part of a request or an answer must look like. Made ready when it is first asked: a test asks few of them,
/// and each holds everything that they share.
struct Judge {
    schema: Value,
    ready: OnceLock<Validator>,
}

impl Judge {
    fn new(schema: &Value) -> Self {
        Self { schema: schema.clone(), ready: OnceLock::new() }
    }

    fn ready(&self) -> &Validator {
        self.ready.get_or_init(|| {
            jsonschema::options()
                .with_draft(jsonschema::Draft::Draft4)
                .should_validate_formats(true)
                .build(&json!({ "allOf": [self.schema], "components": description()["components"] }))
                .unwrap()
        })
    }

    fn complaints(&self, what: &str, value: &Value) -> Vec<String> {
        let errors = self.ready().iter_errors(value);
        errors.map(|error| format!("{what} {}: {error}", error.instance_path())).collect()
    }
}

/// The parts of a path that stand for something, decoded.
pub(crate) type Parameters = BTreeMap<String, String>;

fn description() -> &'static Value {
    static DESCRIPTION: OnceLock<Value> = OnceLock::new();
    DESCRIPTION.get_or_init(|| {
        serde_json::from_str(include_str!("../../fixtures/contracts/github-rest.json")).unwrap()
    })
}

/// All operations that Automata uses.
pub(crate) fn operations() -> &'static [Operation] {
    static OPERATIONS: OnceLock<Vec<Operation>> = OnceLock::new();
    OPERATIONS.get_or_init(|| {
        let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
        let mut operations = Vec::new();
        for (path, methods) in object(&description()["paths"]) {
            for (method, operation) in object(&methods) {
                let each = |name: &str| -> BTreeMap<String, Judge> {
                    let schemas: Map<String, Value> = object(&operation[name]);
                    schemas.into_iter().map(|(name, schema)| (name, Judge::new(&schema))).collect()
                };
                operations.push(Operation {
                    id: operation["operationId"].as_str().unwrap().to_owned(),
                    method: method.to_uppercase(),
                    template: path.split('/').map(str::to_owned).collect(),
                    path: each("path"),
                    query: each("query"),
                    body: operation.get("body").map(Judge::new),
                    answers: object(&operation["responses"])
                        .iter()
                        .filter(|(_, schema)| !schema.is_null())
                        .map(|(status, schema)| (status.parse().unwrap(), Judge::new(schema)))
                        .collect(),
                });
            }
        }
        operations
    })
}

/// The operation of a request, with its path's parameters.
pub(crate) fn find(method: &str, path: &str) -> Option<(&'static Operation, Parameters)> {
    let segments: Vec<&str> = path.split('/').collect();
    operations().iter().filter(|operation| operation.method == method).find_map(|operation| {
        if operation.template.len() != segments.len() {
            return None;
        }
        let mut parameters = Parameters::new();
        for (wanted, segment) in operation.template.iter().zip(&segments) {
            match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => {
                    parameters.insert(name.to_owned(), decoded(segment));
                }
                None if wanted == segment => {}
                None => return None,
            }
        }
        Some((operation, parameters))
    })
}

impl Operation {
    /// What is wrong with a request.
    pub(crate) fn check_request(
        &self,
        path: &Parameters,
        query: &[(String, String)],
        body: Option<&Value>,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        for (name, text) in path {
            wrong.extend(self.path.get(name).map_or_else(Vec::new, |judge| either(judge, name, text)));
        }
        for (name, text) in query {
            match self.query.get(name) {
                Some(judge) => wrong.extend(either(judge, name, text)),
                None => wrong.push(format!("the query parameter {name} is not in the description")),
            }
        }
        match (&self.body, body) {
            (Some(judge), Some(body)) => wrong.extend(judge.complaints("body", body)),
            (Some(_), None) => wrong.push("there is no body".to_owned()),
            (None, Some(_)) => wrong.push("there is a body where none belongs".to_owned()),
            (None, None) => {}
        }
        wrong
    }

    /// What is wrong with an answer of ours.
    pub(crate) fn check_answer(&self, status: u16, body: &Value) -> Vec<String> {
        self.answers.get(&status).map_or_else(Vec::new, |judge| judge.complaints("answer", body))
    }
}

/// Text in an address has no type: it fits when it fits as text, as a number or as a truth value.
fn either(judge: &Judge, name: &str, text: &str) -> Vec<String> {
    let typed: Option<Value> = serde_json::from_str(text).ok().filter(|value: &Value| !value.is_string());
    let as_text = judge.complaints(name, &json!(text));
    if as_text.is_empty() || typed.is_some_and(|typed| judge.ready().is_valid(&typed)) {
        Vec::new()
    } else {
        as_text
    }
}

/// Undoes percent-encoding.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The pairs of a query, decoded.
pub(crate) fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

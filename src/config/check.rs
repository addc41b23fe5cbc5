//! Values against the published schema, with words for people: every problem at once, each with its line.
//!
//! It knows the keywords that the schema uses; a test fails when the schema begins to use another.

use serde_json::{Map, Value as Json};

use super::problem::Problem;
use super::tree::{Node, Step, Value};

/// Keywords that are looked at, or that say nothing about validity.
#[cfg(test)]
pub(super) const KEYWORDS: [&str; 21] = [
    "$schema",
    "$defs",
    "$ref",
    "title",
    "description",
    "default",
    "format",
    "type",
    "enum",
    "const",
    "properties",
    "additionalProperties",
    "required",
    "items",
    "anyOf",
    "oneOf",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
];

/// How alike two words must be (Jaro-Winkler, from 0 to 1) for one to be taken for a slip of the other.
const LIKENESS: f64 = 0.8;
/// Numbers from here on are whole, and too large for any number that is kept.
const HUGE: f64 = 9e18;
/// What is said to be the most where the schema says nothing: the whole numbers that JSON keeps everywhere.
const MOST_WHOLE: f64 = 9_007_199_254_740_991.0;
/// Values that are listed in a message; of more, only the nearest is named.
const LISTED: usize = 48;

/// All problems of `tree`.
pub(super) fn against(root: &Json, tree: &Node) -> Vec<Problem> {
    let mut checker = Checker { root, path: Vec::new(), problems: Vec::new() };
    checker.node(root, tree);
    checker.problems
}

struct Checker<'a> {
    root: &'a Json,
    path: Vec<Step>,
    problems: Vec<Problem>,
}

impl<'a> Checker<'a> {
    fn node(&mut self, schema: &'a Json, node: &Node) {
        let schema = self.resolved(schema);
        let choices = self.choices(schema);
        if !choices.is_empty() {
            return self.one_of(&choices, node);
        }
        if let Value::Number(number) = &node.value
            && number.as_f64().is_some_and(|number| number.abs() >= HUGE)
            && types(schema).is_some_and(|types| types.iter().any(|kind| kind == "integer"))
        {
            return self.number(schema, node, number.as_f64().unwrap_or(f64::NAN));
        }
        if let Some(types) = types(schema).filter(|types| !types.iter().any(|kind| is_a(kind, &node.value))) {
            return self.wrong_type(&types, node);
        }
        match &node.value {
            Value::Map(members) => self.map(schema, node, members),
            Value::List(items) => self.list(schema, node, items),
            Value::Text(text) => self.text(schema, node, text),
            Value::Number(number) => self.number(schema, node, number.as_f64().unwrap_or(f64::NAN)),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn resolved(&self, mut schema: &'a Json) -> &'a Json {
        while let Some(target) =
            schema["$ref"].as_str().and_then(|name| self.root.pointer(name.strip_prefix('#')?))
        {
            schema = target;
        }
        schema
    }

    /// What stands in `anyOf` and `oneOf`, with choices inside choices drawn up.
    fn choices(&self, schema: &'a Json) -> Vec<&'a Json> {
        let list = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array());
        list.into_iter()
            .flatten()
            .flat_map(|choice| {
                let choice = self.resolved(choice);
                let inner = self.choices(choice);
                if inner.is_empty() { vec![choice] } else { inner }
            })
            .collect()
    }

    /// Follows the choice that the value is meant for: the one of its type, and among maps the one with its key.
    fn one_of(&mut self, choices: &[&'a Json], node: &Node) {
        let of_type: Vec<&Json> = choices
            .iter()
            .copied()
            .filter(|choice| {
                types(choice).is_none_or(|types| types.iter().any(|kind| is_a(kind, &node.value)))
            })
            .collect();
        match (&node.value, of_type.as_slice()) {
            (_, []) => {
                let mut expected: Vec<String> =
                    choices.iter().filter_map(|choice| types(choice)).flatten().collect();
                expected.dedup();
                self.wrong_type(&expected, node);
            }
            (_, [only]) => self.node(only, node),
            (Value::Text(text), several) => {
                let words: Vec<&str> = several.iter().flat_map(|choice| allowed(choice)).collect();
                let with_values: Vec<&str> = choices.iter().flat_map(|choice| keys(choice)).collect();
                if words.contains(&text.as_str()) {
                    // Some words take a value and need none.
                } else if with_values.contains(&text.as_str()) {
                    let problem = self.problem(node, format!("`{text}` needs a value"));
                    self.problems.push(problem.hint(format!("write `{text}: …`")));
                } else {
                    let more = with_values.into_iter().filter(|name| !words.contains(name));
                    let known: Vec<&str> = words.iter().copied().chain(more).collect();
                    self.unknown_value(node, text, &known, None);
                }
            }
            (Value::Map(members), several) => {
                let known: Vec<&str> = several.iter().flat_map(|choice| keys(choice)).collect();
                let meant = members.iter().filter_map(|(key, _)| key.text()).find(|key| known.contains(key));
                let words: Vec<&str> = choices.iter().flat_map(|choice| allowed(choice)).collect();
                let word = members.iter().find(|(key, _)| key.text().is_some_and(|key| words.contains(&key)));
                match meant.and_then(|key| several.iter().find(|choice| keys(choice).contains(&key))) {
                    Some(choice) => self.node(choice, node),
                    None if let Some((key, _)) = word => {
                        let word = key.text().unwrap_or_default();
                        let problem = self.problem(key, format!("`{word}` takes no value"));
                        self.problems.push(problem.hint(format!("write the plain word `{word}`")));
                    }
                    None => {
                        let before = self.problems.len();
                        self.unknown_keys(node, members, &known);
                        // Where plain words will do, they belong to what there is.
                        for problem in self.problems.iter_mut().skip(before).filter(|_| !words.is_empty()) {
                            let listed = problem.hint.as_mut().filter(|hint| hint.starts_with("there are "));
                            if let Some(hint) = listed {
                                hint.push_str(&format!(", and the plain words {}", quoted(&words)));
                            }
                        }
                    }
                }
            }
            (_, several) => self.node(several[0], node),
        }
    }

    fn map(&mut self, schema: &'a Json, node: &Node, members: &[(Node, Node)]) {
        let Some(properties) = schema["properties"].as_object() else {
            return self.free_keys(&schema["additionalProperties"], members);
        };
        let known: Vec<&str> = properties.keys().map(String::as_str).collect();
        for (key, value) in members {
            match key.text().and_then(|name| Some((name, properties.get(name)?))) {
                Some((name, property)) => {
                    self.path.push(name.into());
                    self.node(property, value);
                    self.path.pop();
                }
                None => self.unknown_key(key, &known),
            }
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str) {
            if !members.iter().any(|(key, _)| key.text() == Some(name)) {
                let problem = self.problem(node, format!("`{name}` is missing"));
                let hint = properties[name]["description"].as_str().map(first_sentence);
                self.problems.push(match hint {
                    Some(hint) => problem.hint(format!("`{name}`: {hint}")),
                    None => problem,
                });
            }
        }
    }

    /// A map with keys of the writer's choice, all values of one shape.
    fn free_keys(&mut self, schema: &'a Json, members: &[(Node, Node)]) {
        for (key, value) in members {
            if let Some(name) = key.text() {
                self.path.push(Step::Key(crate::domain::untrusted::one_line(name, 80)));
                self.node(schema, value);
                self.path.pop();
            } else {
                let message = format!("a key must be text, not {}", value_name(&key.value));
                self.problems.push(self.problem(key, message));
            }
        }
    }

    fn list(&mut self, schema: &'a Json, node: &Node, items: &[Node]) {
        if schema["minItems"].as_u64().is_some_and(|least| (items.len() as u64) < least) {
            let problem = self.problem(node, "the list is empty");
            self.problems.push(problem.hint("name at least one value, or take the key out"));
        }
        for (index, item) in items.iter().enumerate() {
            self.path.push(index.into());
            self.node(&schema["items"], item);
            self.path.pop();
        }
    }

    fn text(&mut self, schema: &'a Json, node: &Node, text: &str) {
        let allowed = allowed(schema);
        if !allowed.is_empty() && !allowed.contains(&text) {
            self.unknown_value(node, text, &allowed, schema["description"].as_str());
        }
        let length = text.chars().count() as u64;
        if schema["minLength"].as_u64().is_some_and(|least| length < least) {
            let problem = self.problem(node, "the text is empty");
            self.problems.push(problem.hint("leave the key out to keep the default"));
        }
        if let Some(most) = schema["maxLength"].as_u64().filter(|most| length > *most) {
            let problem = self
                .problem(node, format!("the text has {length} characters, and at most {most} are allowed"));
            self.problems.push(problem);
        }
    }

    fn number(&mut self, schema: &'a Json, node: &Node, number: f64) {
        let (least, most) = (schema["minimum"].as_f64(), schema["maximum"].as_f64());
        let most = most.or_else(|| (number.abs() >= HUGE).then_some(MOST_WHOLE));
        if least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most) {
            return;
        }
        let allowed = match (least, most) {
            (Some(least), Some(most)) if least >= most => format!("only {least} is allowed"),
            (Some(least), Some(most)) => format!("{least} to {most} is allowed"),
            (Some(least), None) => format!("at least {least} is allowed"),
            (None, most) => format!("at most {} is allowed", most.unwrap_or_default()),
        };
        let problem = self.problem(node, format!("{number} is out of range: {allowed}"));
        self.problems.push(problem);
    }

    fn wrong_type(&mut self, expected: &[String], node: &Node) {
        let names: Vec<&str> = expected.iter().map(|kind| type_name(kind)).collect();
        let expected_text = |text: &str| expected.iter().any(|kind| kind == text);
        let hint = match &node.value {
            Value::Null => Some("leave the key out to keep the default"),
            Value::Number(_) | Value::Bool(_) if expected_text("string") => {
                Some("put it in quotes to make it text")
            }
            Value::Text(text)
                if text.parse::<f64>().is_ok() && (expected_text("integer") || expected_text("number")) =>
            {
                Some("take the quotes off")
            }
            Value::Text(text)
                if expected_text("boolean") && matches!(text.as_str(), "yes" | "no" | "on" | "off") =>
            {
                Some("write true or false")
            }
            Value::Text(_) if expected_text("array") => Some("put it in brackets to make it a list of one"),
            _ => None,
        };
        let message = format!("{} is expected here, not {}", names.join(" or "), value_name(&node.value));
        let problem = self.problem(node, message);
        self.problems.push(match hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        });
    }

    /// Where there are too many values to list them, the schema's own description has to do.
    fn unknown_value(&mut self, node: &Node, text: &str, allowed: &[&str], description: Option<&str>) {
        let shown = crate::domain::untrusted::one_line(text, 80);
        let problem = self.problem(node, format!("`{shown}` is not known here"));
        self.problems.push(match suggestion(text, allowed).or_else(|| description.map(str::to_owned)) {
            Some(hint) => problem.hint(hint),
            None => problem,
        });
    }

    fn unknown_keys(&mut self, node: &Node, members: &[(Node, Node)], known: &[&str]) {
        if members.is_empty() {
            let problem = self.problem(node, "this is empty");
            return self.problems.push(problem.hint(format!("it takes {}", quoted(known))));
        }
        for (key, _) in members {
            self.unknown_key(key, known);
        }
    }

    fn unknown_key(&mut self, key: &Node, known: &[&str]) {
        let Some(name) = key.text() else {
            let problem = self.problem(key, format!("a key must be text, not {}", value_name(&key.value)));
            return self.problems.push(problem);
        };
        let shown = crate::domain::untrusted::one_line(name, 80);
        self.path.push(Step::Key(shown));
        let problem = self.problem(key, "there is no such key");
        self.path.pop();
        let former = FORMER.iter().find(|(former, now, _)| *former == name && known.contains(now));
        let hint = former.map(|(_, _, hint)| (*hint).to_owned()).or_else(|| suggestion(name, known));
        self.problems.push(match hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        });
    }

    fn problem(&self, node: &Node, message: impl Into<String>) -> Problem {
        Problem::new(&self.path, node.line, node.column, message)
    }
}

/// The type or types that a schema allows; none when it does not say.
fn types(schema: &Json) -> Option<Vec<String>> {
    match &schema["type"] {
        Json::String(one) => Some(vec![one.clone()]),
        Json::Array(several) => Some(several.iter().filter_map(Json::as_str).map(str::to_owned).collect()),
        _ => None,
    }
}

fn is_a(kind: &str, value: &Value) -> bool {
    match (kind, value) {
        ("null", Value::Null)
        | ("boolean", Value::Bool(_))
        | ("number", Value::Number(_))
        | ("string", Value::Text(_))
        | ("array", Value::List(_))
        | ("object", Value::Map(_)) => true,
        ("integer", Value::Number(number)) => number.is_i64() || number.is_u64(),
        _ => false,
    }
}

fn type_name(kind: &str) -> &str {
    match kind {
        "null" => "nothing",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        "string" => "text",
        "array" => "a list",
        "object" => "a map of keys",
        other => other,
    }
}

fn value_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a fraction",
        Value::Number(_) => "a number",
        Value::Text(_) => "text",
        Value::List(_) => "a list",
        Value::Map(_) => "a map of keys",
    }
}

/// The texts that a schema allows; none when it allows any.
fn allowed(schema: &Json) -> Vec<&str> {
    let listed = schema["enum"].as_array().into_iter().flatten();
    listed.chain(schema.get("const")).filter_map(Json::as_str).collect()
}

fn keys(schema: &Json) -> Vec<&str> {
    schema["properties"].as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect()
}

/// Keys that there were, each with the one beside it that replaced it, and what to write now.
const FORMER: [(&str, &str, &str); 1] =
    [("draft", "repairs", "write `mode: draft` for `draft: true`, and `mode: ready` for `draft: false`")];

/// `did you mean …`, or what there is.
#[must_use]
pub fn suggestion(given: &str, known: &[&str]) -> Option<String> {
    let given = given.to_lowercase();
    let nearest = known
        .iter()
        .map(|name| (strsim::jaro_winkler(&given, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    match nearest {
        Some((_, name)) => Some(format!("did you mean `{name}`?")),
        None if known.is_empty() => None,
        None if known.len() <= LISTED => Some(format!("there are {}", quoted(known))),
        None => None,
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}

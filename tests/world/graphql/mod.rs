//! GitHub's GraphQL schema as a judge of documents, of their variables and of our answers (spec of October 2021, section 5).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use graphql_parser::query::{Definition, OperationDefinition, Selection, SelectionSet, TypeCondition};
use graphql_parser::query::{Type, Value as Literal, VariableDefinition};
use graphql_parser::schema::{self, TypeDefinition};
use serde_json::Value;

type Kind = Type<'static, String>;
type Inputs = BTreeMap<String, (Kind, bool)>;

/// A type of the schema.
enum Known {
    Scalar,
    Enum(Vec<String>),
    Input(Inputs),
    /// Fields with their arguments and types. Of an interface and a union also who stands behind it.
    Object {
        fields: BTreeMap<String, (Inputs, Kind)>,
        members: Vec<String>,
    },
}

fn known() -> &'static BTreeMap<String, Known> {
    static SCHEMA: OnceLock<BTreeMap<String, Known>> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let text = include_str!("../../fixtures/contracts/github.graphql");
        let document = schema::parse_schema::<String>(text).unwrap().into_static();
        let mut known: BTreeMap<String, Known> =
            ["String", "Int", "Boolean", "ID", "Float"].map(|name| (name.to_owned(), Known::Scalar)).into();
        let mut implemented: Vec<(String, String)> = Vec::new();
        for definition in document.definitions {
            let schema::Definition::TypeDefinition(definition) = definition else { panic!("only types") };
            let (name, found) = match definition {
                TypeDefinition::Scalar(scalar) => (scalar.name, Known::Scalar),
                TypeDefinition::Enum(of) => {
                    (of.name, Known::Enum(of.values.into_iter().map(|value| value.name).collect()))
                }
                TypeDefinition::InputObject(input) => (input.name, Known::Input(inputs(input.fields))),
                TypeDefinition::Object(object) => {
                    let behind = object.implements_interfaces.iter();
                    implemented.extend(behind.map(|name| (name.clone(), object.name.clone())));
                    (object.name, Known::Object { fields: fields(object.fields), members: Vec::new() })
                }
                TypeDefinition::Interface(interface) => {
                    (interface.name, Known::Object { fields: fields(interface.fields), members: Vec::new() })
                }
                TypeDefinition::Union(union) => {
                    (union.name, Known::Object { fields: BTreeMap::new(), members: union.types })
                }
            };
            known.insert(name, found);
        }
        for (interface, object) in implemented {
            let Some(Known::Object { members, .. }) = known.get_mut(&interface) else {
                panic!("{interface}")
            };
            members.push(object);
        }
        known
    })
}

fn inputs(values: Vec<schema::InputValue<'static, String>>) -> Inputs {
    let input = |value: schema::InputValue<'static, String>| {
        (value.name, (value.value_type, value.default_value.is_some()))
    };
    values.into_iter().map(input).collect()
}

fn fields(fields: Vec<schema::Field<'static, String>>) -> BTreeMap<String, (Inputs, Kind)> {
    fields.into_iter().map(|field| (field.name, (inputs(field.arguments), field.field_type))).collect()
}

/// The name of the one operation of a document, and what GitHub would refuse about it and its variables.
pub(crate) fn judge(document: &str, variables: &Value) -> (String, Vec<String>) {
    let mut judge = Judge::default();
    let read = match graphql_parser::parse_query::<String>(document) {
        Ok(read) => read.into_static(),
        Err(error) => return (String::new(), vec![format!("the document cannot be read: {error}")]),
    };
    let [Definition::Operation(operation)] = read.definitions.as_slice() else {
        return (String::new(), vec!["the document is not one operation".to_owned()]);
    };
    let (root, name, definitions, set) = match operation {
        OperationDefinition::SelectionSet(set) => ("Query", None, &Vec::new(), set),
        OperationDefinition::Query(query) => {
            ("Query", query.name.clone(), &query.variable_definitions, &query.selection_set)
        }
        OperationDefinition::Mutation(mutation) => {
            ("Mutation", mutation.name.clone(), &mutation.variable_definitions, &mutation.selection_set)
        }
        OperationDefinition::Subscription(_) => return (String::new(), vec!["a subscription".to_owned()]),
    };
    judge.declare(definitions, variables);
    judge.select(root, set);
    judge.unused();
    (name.unwrap_or_default(), judge.complaints)
}

/// What is wrong with an answer of ours to a document that is in order.
pub(crate) fn misfits(document: &str, data: &Value) -> Vec<String> {
    let read = graphql_parser::parse_query::<String>(document).unwrap().into_static();
    let Some(Definition::Operation(operation)) = read.definitions.first() else { return Vec::new() };
    let (root, set) = match operation {
        OperationDefinition::SelectionSet(set) => ("Query", set),
        OperationDefinition::Query(query) => ("Query", &query.selection_set),
        OperationDefinition::Mutation(mutation) => ("Mutation", &mutation.selection_set),
        OperationDefinition::Subscription(_) => return Vec::new(),
    };
    let mut wrong = Vec::new();
    fits(root, set, data, &mut wrong);
    wrong
}

fn fits(on: &str, set: &SelectionSet<'static, String>, data: &Value, wrong: &mut Vec<String>) {
    let Some(Known::Object { fields, .. }) = known().get(on) else { return };
    for selection in &set.items {
        let Selection::Field(field) = selection else { continue };
        if field.name == "__typename" {
            continue;
        }
        let Some((_, kind)) = fields.get(&field.name) else { continue };
        let key = field.alias.as_ref().unwrap_or(&field.name);
        match data.get(key) {
            None => wrong.push(format!("the answer lacks {on}.{key}")),
            Some(value) => fits_kind(kind, &field.selection_set, value, &format!("{on}.{key}"), wrong),
        }
    }
}

fn fits_kind(
    kind: &Kind,
    set: &SelectionSet<'static, String>,
    value: &Value,
    at: &str,
    wrong: &mut Vec<String>,
) {
    match kind {
        Type::NonNullType(_) if value.is_null() => wrong.push(format!("{at} is never null")),
        Type::NonNullType(inner) => fits_kind(inner, set, value, at, wrong),
        _ if value.is_null() => {}
        Type::ListType(inner) => match value.as_array() {
            Some(items) => items.iter().for_each(|item| fits_kind(inner, set, item, at, wrong)),
            None => wrong.push(format!("{at} is a list")),
        },
        Type::NamedType(name) => match known().get(name) {
            Some(Known::Object { .. }) if value.is_object() => fits(name, set, value, wrong),
            Some(Known::Object { .. }) => wrong.push(format!("{at} is an object")),
            Some(Known::Enum(values)) if !values.iter().any(|known| value == known.as_str()) => {
                wrong.push(format!("{at} is never {value}"));
            }
            _ => {}
        },
    }
}

#[derive(Default)]
struct Judge {
    variables: BTreeMap<String, (Kind, bool)>,
    used: Vec<String>,
    complaints: Vec<String>,
}

impl Judge {
    fn complain(&mut self, what: String) {
        self.complaints.push(what);
    }

    fn declare(&mut self, definitions: &[VariableDefinition<'static, String>], given: &Value) {
        let empty = serde_json::Map::new();
        let given = given.as_object().unwrap_or(&empty);
        for definition in definitions {
            let has_default = definition.default_value.is_some();
            match given.get(&definition.name) {
                None if matches!(definition.var_type, Type::NonNullType(_)) && !has_default => {
                    self.complain(format!("variable ${} is not given", definition.name));
                }
                None => {}
                Some(value) => self.value(&definition.var_type, value, &format!("${}", definition.name)),
            }
            self.variables.insert(definition.name.clone(), (definition.var_type.clone(), has_default));
        }
        for name in given.keys().filter(|name| !definitions.iter().any(|known| known.name == **name)) {
            self.complain(format!("variable ${name} is not declared"));
        }
    }

    fn unused(&mut self) {
        let unused: Vec<String> =
            self.variables.keys().filter(|name| !self.used.contains(name)).cloned().collect();
        unused.into_iter().for_each(|name| self.complain(format!("variable ${name} is not used")));
    }

    /// A value of JSON where one of this type belongs.
    fn value(&mut self, kind: &Kind, value: &Value, at: &str) {
        match kind {
            Type::NonNullType(_) if value.is_null() => self.complain(format!("{at} must not be null")),
            Type::NonNullType(inner) => self.value(inner, value, at),
            _ if value.is_null() => {}
            Type::ListType(inner) => match value.as_array() {
                Some(items) => items.iter().for_each(|item| self.value(inner, item, at)),
                None => self.complain(format!("{at} must be a list")),
            },
            Type::NamedType(name) => match known().get(name) {
                None => self.complain(format!("{at} has the unknown type {name}")),
                Some(Known::Object { .. }) => self.complain(format!("{name} is no input")),
                Some(Known::Enum(values)) => {
                    if !values.iter().any(|known| value == known.as_str()) {
                        self.complain(format!("{at} is {value}, which is no {name}"));
                    }
                }
                Some(Known::Input(inputs)) => {
                    let empty = serde_json::Map::new();
                    let object = value.as_object().unwrap_or(&empty);
                    if !value.is_object() {
                        self.complain(format!("{at} must be an object"));
                    }
                    for (field, inner) in object {
                        match inputs.get(field) {
                            Some((kind, _)) => self.value(kind, inner, &format!("{at}.{field}")),
                            None => self.complain(format!("{name} has no field {field}")),
                        }
                    }
                    let lacks = |(field, (kind, has_default)): (&String, &(Kind, bool))| {
                        let needed = matches!(kind, Type::NonNullType(_)) && !has_default;
                        (needed && !object.contains_key(field)).then(|| format!("{at} lacks {field}"))
                    };
                    let lacking: Vec<String> = inputs.iter().filter_map(lacks).collect();
                    self.complaints.extend(lacking);
                }
                Some(Known::Scalar) => {
                    let fits = match name.as_str() {
                        "Int" => value.is_i64() || value.is_u64(),
                        "Boolean" => value.is_boolean(),
                        "Float" => value.is_number(),
                        _ => value.is_string(),
                    };
                    if !fits {
                        self.complain(format!("{at} is {value}, which is no {name}"));
                    }
                }
            },
        }
    }

    fn literal(&mut self, kind: &Kind, value: &Literal<'static, String>, at: &str) {
        match value {
            Literal::Variable(name) => {
                self.used.push(name.clone());
                match self.variables.get(name) {
                    None => self.complain(format!("variable ${name} is not declared")),
                    Some((declared, has_default)) if !flows(declared, kind, *has_default) => {
                        self.complain(format!("${name} is a {declared}, and {at} wants a {kind}"));
                    }
                    Some(_) => {}
                }
            }
            Literal::Object(object) => {
                let Type::NamedType(name) = bare(kind) else {
                    return self.complain(format!("{at} is no object"));
                };
                let Some(Known::Input(inputs)) = known().get(name) else {
                    return self.complain(format!("{at} is no object"));
                };
                for (field, value) in object {
                    match inputs.get(field) {
                        Some((kind, _)) => self.literal(kind, value, &format!("{at}.{field}")),
                        None => self.complain(format!("{name} has no field {field}")),
                    }
                }
                for (field, (kind, has_default)) in inputs {
                    if matches!(kind, Type::NonNullType(_)) && !has_default && !object.contains_key(field) {
                        self.complain(format!("{at} lacks {field}"));
                    }
                }
            }
            Literal::List(items) => match bare(kind) {
                Type::ListType(inner) => items.iter().for_each(|item| self.literal(inner, item, at)),
                _ => self.complain(format!("{at} is no list")),
            },
            Literal::Enum(word) => self.value(kind, &Value::from(word.as_str()), at),
            Literal::String(text) => self.value(kind, &Value::from(text.as_str()), at),
            Literal::Int(number) => self.value(kind, &Value::from(number.as_i64()), at),
            Literal::Boolean(yes) => self.value(kind, &Value::from(*yes), at),
            Literal::Float(number) => self.value(kind, &Value::from(*number), at),
            Literal::Null => self.value(kind, &Value::Null, at),
        }
    }

    fn select(&mut self, on: &str, set: &SelectionSet<'static, String>) {
        let Some(Known::Object { fields, members }) = known().get(on) else {
            return self.complain(format!("{on} has no fields"));
        };
        for selection in &set.items {
            match selection {
                Selection::FragmentSpread(spread) => {
                    self.complain(format!("there is no fragment {}", spread.fragment_name));
                }
                Selection::InlineFragment(fragment) => {
                    let to = match &fragment.type_condition {
                        Some(TypeCondition::On(name)) => name.as_str(),
                        None => on,
                    };
                    if !meet(on, members, to) {
                        self.complain(format!("no {on} is ever a {to}"));
                    }
                    self.select(to, &fragment.selection_set);
                }
                Selection::Field(field) if field.name == "__typename" => {}
                Selection::Field(field) => {
                    let Some((inputs, kind)) = fields.get(&field.name) else {
                        self.complain(format!("{on} has no field {}", field.name));
                        continue;
                    };
                    let at = format!("{on}.{}", field.name);
                    for (name, value) in &field.arguments {
                        match inputs.get(name) {
                            Some((kind, _)) => self.literal(kind, value, &format!("{at}({name})")),
                            None => self.complain(format!("{at} takes no {name}")),
                        }
                    }
                    for (name, (kind, has_default)) in inputs {
                        let given = field.arguments.iter().any(|(given, _)| given == name);
                        if matches!(kind, Type::NonNullType(_)) && !has_default && !given {
                            self.complain(format!("{at} needs {name}"));
                        }
                    }
                    let mut inner = bare(kind);
                    while let Type::ListType(items) = inner {
                        inner = bare(items);
                    }
                    let Type::NamedType(name) = inner else { continue };
                    match (
                        matches!(known()[name], Known::Object { .. }),
                        field.selection_set.items.is_empty(),
                    ) {
                        (true, false) => self.select(name, &field.selection_set),
                        (true, true) => self.complain(format!("{at} needs a choice of fields")),
                        (false, false) => self.complain(format!("{at} has no fields")),
                        (false, true) => {}
                    }
                }
            }
        }
    }
}

/// Without what says that it is never null.
fn bare(kind: &Kind) -> &Kind {
    if let Type::NonNullType(inner) = kind { bare(inner) } else { kind }
}

/// Whether a variable of one type may stand where another is wanted (section 5.8.5).
fn flows(from: &Kind, to: &Kind, has_default: bool) -> bool {
    match (from, to) {
        (Type::NonNullType(from), Type::NonNullType(to)) => flows(from, to, false),
        (from, Type::NonNullType(to)) => has_default && flows(from, to, false),
        (Type::NonNullType(from), to) => flows(from, to, false),
        (Type::ListType(from), Type::ListType(to)) => flows(from, to, false),
        (from, to) => from == to,
    }
}

/// Whether something can be both.
fn meet(on: &str, members: &[String], to: &str) -> bool {
    let Some(Known::Object { members: others, .. }) = known().get(to) else { return false };
    let mine: Vec<&str> =
        if members.is_empty() { vec![on] } else { members.iter().map(String::as_str).collect() };
    let theirs: Vec<&str> =
        if others.is_empty() { vec![to] } else { others.iter().map(String::as_str).collect() };
    mine.iter().any(|name| theirs.contains(name))
}

#[cfg(test)]
mod tests;

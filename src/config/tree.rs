//! YAML as values that know where they stand. Anchors work within tight limits; a key may stand only once.

use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::options::DuplicateKeyPolicy;
use serde_saphyr::{Options, Spanned};

use super::problem::Problem;

/// Bytes of a configuration: some hundred times what anybody needs.
const CONFIG_BYTES: usize = 256 * 1024;
/// Values in a configuration, aliases expanded.
const CONFIG_NODES: usize = 20_000;
/// Levels of lists and maps; the schema has six.
const CONFIG_DEPTH: usize = 32;

/// A value and where it stands, line and column from 1.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) value: Value,
    pub(super) line: u64,
    pub(super) column: u64,
}

/// What YAML can say.
#[derive(Debug)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Node>),
    /// Keys with their places, in the order of the file.
    Map(Vec<(Node, Node)>),
}

/// One step down the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

impl Step {
    pub(super) fn show(&self, is_first: bool) -> String {
        match self {
            Self::Key(key) if is_first => key.clone(),
            Self::Key(key) => format!(".{key}"),
            Self::Index(index) => format!("[{index}]"),
        }
    }
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

impl Node {
    /// The text, when it is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn child(&self, step: &Step) -> Option<&Self> {
        match (&self.value, step) {
            (Value::Map(members), Step::Key(key)) => {
                members.iter().find(|(held, _)| held.text() == Some(key)).map(|(_, value)| value)
            }
            (Value::List(items), Step::Index(index)) => items.get(*index),
            _ => None,
        }
    }

    /// The value at `path`, or the last one on the way there.
    pub(super) fn nearest(&self, path: &[Step]) -> &Self {
        match path.split_first().and_then(|(step, rest)| Some((self.child(step)?, rest))) {
            Some((child, rest)) => child.nearest(rest),
            None => self,
        }
    }

    /// The same without places. Keys are text by then: the schema was checked.
    pub(super) fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(truth) => (*truth).into(),
            Value::Number(number) => number.clone().into(),
            Value::Text(text) => text.as_str().into(),
            Value::List(items) => items.iter().map(Self::to_json).collect(),
            Value::Map(members) => members
                .iter()
                .filter_map(|(key, value)| Some((key.text()?.to_owned(), value.to_json())))
                .collect(),
        }
    }
}

/// Reads YAML text.
pub(super) fn read(yaml: &str) -> Result<Node, Problem> {
    if yaml.len() > CONFIG_BYTES {
        let message = format!("the file has {} bytes, more than {CONFIG_BYTES}", yaml.len());
        return Err(Problem::new(&[], 0, 0, message));
    }
    serde_saphyr::from_str_with_options::<Spanned<Value>>(yaml, options()).map(Node::from).map_err(|error| {
        let place = error.location();
        let (line, column) = place.map_or((0, 0), |place| (place.line(), place.column()));
        let problem = Problem::new(&[], line, column, plain(&error));
        if line > 0 { problem } else { problem.hint("nothing of the file was used") }
    })
}

fn options() -> Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: CONFIG_DEPTH,
            max_nodes: CONFIG_NODES,
            max_events: 4 * CONFIG_NODES,
            max_recorded_anchor_events: CONFIG_NODES,
            max_aliases: 200,
            max_anchors: 100,
            max_documents: 1,
            max_total_scalar_bytes: CONFIG_BYTES,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: CONFIG_NODES,
            max_replay_stack_depth: 8,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        // `on` and `no` are words here, as in YAML 1.2.
        strict_booleans: true,
        // A tag asks for something that nothing here knows of.
        reject_unsupported_tags: true,
        with_snippet: false,
        emit_comments: false,
    }
}

/// What is wrong, without the place, which stands in the problem already.
fn plain(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::Error;
    match error.without_snippet() {
        Error::AliasError { error, .. } => plain(error),
        Error::Budget { breach: BudgetBreach::Documents { .. }, .. } => {
            "a second document begins here".to_owned()
        }
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => {
            format!("lists and maps are nested deeper than {CONFIG_DEPTH} levels")
        }
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => {
            "the file, with its anchors written out, is larger than any configuration".to_owned()
        }
        Error::UnsupportedTag { tag, .. } => {
            let tag = crate::domain::untrusted::one_line(tag, 80);
            format!("the tag `{tag}` is not known here; write the value without it")
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("`{}` stands here a second time", crate::domain::untrusted::one_line(key, 80))
        }
        // The library's own words, of which the first line says what and the rest shows where.
        other => {
            let text = other.to_string();
            let text = text.lines().next().unwrap_or_default();
            text.split_once(" at line ").map_or(text, |(message, _)| message).to_owned()
        }
    }
}

impl From<Spanned<Value>> for Node {
    fn from(spanned: Spanned<Value>) -> Self {
        let place = spanned.referenced;
        Self { value: spanned.value, line: place.line(), column: place.column() }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<Value, E> {
        serde_json::Number::from_f64(number)
            .map(Value::Number)
            .ok_or_else(|| E::custom("infinity and NaN are no numbers here"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element::<Spanned<Value>>()? {
            items.push(item.into());
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<Value>, Spanned<Value>>()? {
            members.push((key.into(), value.into()));
        }
        Ok(Value::Map(members))
    }
}

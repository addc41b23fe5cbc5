//! Whether an input has exactly the shape that its kind reads: for what people hand in, where a slip of the hand must
//! not pass for an option that was left out. What the log keeps is read leniently.

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::payload::Payload;

/// Data that has another shape than its reader expects.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", place(.field))]
pub struct WrongInput {
    /// The field that is wrong, `source.id` inside of another; empty for the whole.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

fn place(field: &str) -> String {
    if field.is_empty() { String::new() } else { format!("`{field}`: ") }
}

/// Whether the input can be read as `T`, and holds nothing that `T` would pass over.
pub(super) fn accepts<T: DeserializeOwned>(input: &Payload) -> Result<(), WrongInput> {
    let value: Value = read(input.as_str())?;
    read::<T>(input.as_str())?;
    let mut fields = Vec::new();
    collect(&value, String::new(), "", &mut fields);
    let passed_over = fields.into_iter().find(|(pointer, _)| !is_read::<T>(&value, pointer));
    passed_over
        .map_or(Ok(()), |(_, field)| Err(WrongInput { field, message: "there is no such field".to_owned() }))
}

/// Reads JSON, and names the field that is wrong.
///
/// # Errors
/// What is wrong, and where.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, WrongInput> {
    serde_json::from_str(text).map_err(|error| {
        if !error.is_data() {
            return WrongInput { field: String::new(), message: format!("not JSON: {error}") };
        }
        // One field a line: the line of the error leads to the field.
        let spread =
            serde_json::from_str::<Value>(text).and_then(|value| serde_json::to_string_pretty(&value));
        let spread = spread.unwrap_or_default();
        let error = serde_json::from_str::<T>(&spread).err().unwrap_or(error);
        // What is read twice, to find the variant of an enum, has no line of its own.
        let at_line = Some(field_at(&spread, error.line())).filter(|field| !field.is_empty());
        let field = at_line.or_else(|| blamed::<T>(text)).unwrap_or_default();
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        WrongInput { field, message }
    })
}

/// The field without which something else would be wrong, or nothing.
fn blamed<T: DeserializeOwned>(text: &str) -> Option<String> {
    let value: serde_json::Map<String, Value> = serde_json::from_str(text).ok()?;
    let problem = |value: &serde_json::Map<String, Value>| {
        serde_json::from_value::<T>(Value::Object(value.clone())).err().map(|error| error.to_string())
    };
    let before = problem(&value);
    value
        .keys()
        .find(|key| {
            let mut without = value.clone();
            without.remove(key.as_str());
            problem(&without) != before
        })
        .cloned()
}

/// Each field of objects at any depth: as a JSON pointer, and as people write it.
fn collect(value: &Value, pointer: String, name: &str, fields: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let escaped = key.replace('~', "~0").replace('/', "~1");
                let pointer = format!("{pointer}/{escaped}");
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                fields.push((pointer.clone(), name.clone()));
                collect(value, pointer, &name, fields);
            }
        }
        Value::Array(elements) => {
            for (place, value) in elements.iter().enumerate() {
                collect(value, format!("{pointer}/{place}"), &format!("{name}[{place}]"), fields);
            }
        }
        _ => {}
    }
}

/// Whether `T` looks at the field: put something there that no type takes, and see whether it is noticed.
fn is_read<T: DeserializeOwned>(value: &Value, pointer: &str) -> bool {
    // A struct takes no number, a number no object.
    [serde_json::json!(-0.5), serde_json::json!({ "": {} })].into_iter().any(|odd| {
        let mut value = value.clone();
        let Some(field) = value.pointer_mut(pointer) else { return false };
        *field = odd;
        serde_json::from_value::<T>(value).is_err()
    })
}

/// The field on this line (from 1) of JSON that was spread out, two spaces for each level.
fn field_at(spread: &str, line: usize) -> String {
    let mut path: Vec<String> = Vec::new();
    for text in spread.lines().take(line) {
        let level = (text.len() - text.trim_start().len()) / 2;
        let text = text.trim_start();
        let key = text.starts_with('"').then(|| {
            let mut texts = serde_json::Deserializer::from_str(text).into_iter::<String>();
            let key = texts.next()?.ok()?;
            text[texts.byte_offset()..].starts_with(':').then_some(key)
        });
        if text.starts_with([']', '}']) {
            path.truncate(level);
        } else if level > 0 {
            // Elements of a list have no key: they count.
            let before = path.get(level - 1).and_then(|name| name.strip_prefix('[')?.strip_suffix(']'));
            let before = before.and_then(|place| place.parse::<usize>().ok());
            let counted = || format!("[{}]", before.map_or(0, |place| place + 1));
            path.truncate(level - 1);
            path.push(key.flatten().unwrap_or_else(counted));
        }
    }
    path.join(".").replace(".[", "[")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::input;

    fn refused<T: DeserializeOwned>(input: Value) -> String {
        let payload = Payload::of(&input).unwrap();
        accepts::<T>(&payload).expect_err("a wrong input").to_string()
    }

    #[test]
    fn what_has_the_shape_is_taken() {
        let is_label = |input: Value| accepts::<input::Label>(&Payload::of(&input).unwrap());
        for input in [json!({}), json!({"add": []}), json!({"add": ["bug"], "remove": ["x", "y"]})] {
            assert_eq!(is_label(input.clone()), Ok(()), "{input}");
        }
        let issue = Payload::of(&json!({"source": {"kind": "issue"}})).unwrap();
        assert_eq!(accepts::<input::Implement>(&issue), Ok(()));
        let comment = Payload::of(&json!({"source": {"kind": "comment", "id": 7}})).unwrap();
        assert_eq!(accepts::<input::Implement>(&comment), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_field() {
        let told = [
            refused::<input::Label>(json!({"ad": []})),
            refused::<input::Label>(json!({"add": "bug"})),
            refused::<input::Label>(json!({"remove": ["a"], "add": ["bug", "a: b", 7]})),
            refused::<input::Label>(Value::Null),
            refused::<input::Assign>(json!({})),
            refused::<input::Comment>(json!({"text": "hello"})),
            refused::<input::Implement>(json!({"source": {"kind": "comment", "id": "7"}})),
            refused::<input::Implement>(json!({"source": {"kind": "issue", "id": 7}})),
            refused::<input::Implement>(json!({"source": {"kind": "mail"}})),
        ];
        insta::assert_snapshot!(told.join("\n"), @r#"
        `ad`: there is no such field
        `add`: invalid type: string "bug", expected a sequence
        `add[2]`: invalid type: integer `7`, expected a string
        invalid type: null, expected struct Label
        missing field `logins`
        `text`: there is no such field
        `source`: invalid type: string "7", expected u64
        `source.id`: there is no such field
        `source.kind`: unknown variant `mail`, expected one of `issue`, `comment`, `line`, `review`
        "#);
        let error = read::<Value>("{\"add\": [").expect_err("no JSON");
        assert_eq!(error.to_string(), "not JSON: EOF while parsing a list at line 1 column 9");
    }
}

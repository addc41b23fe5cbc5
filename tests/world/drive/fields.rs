//! Partial answers: what `fields=files(id,name),nextPageToken` leaves of a value.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Names that are wanted, each with what is wanted of it; `*` is everything.
#[derive(Debug, Default)]
pub(crate) struct Mask(BTreeMap<String, Option<Mask>>);

impl Mask {
    /// Reads `a,b/c,d(e,f)`; none when it is no such list.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let mask = Self::list(&mut rest)?;
        rest.is_empty().then_some(mask)
    }

    fn list(rest: &mut &str) -> Option<Self> {
        let mut mask = Self::default();
        loop {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '*').unwrap_or(rest.len());
            let name = &rest[..end];
            if name.is_empty() {
                return None;
            }
            *rest = &rest[end..];
            let inner = if let Some(below) = rest.strip_prefix('(') {
                *rest = below;
                let inner = Self::list(rest)?;
                *rest = rest.strip_prefix(')')?;
                Some(inner)
            } else if let Some(below) = rest.strip_prefix('/') {
                *rest = below;
                Some(Self::one(rest)?)
            } else {
                None
            };
            mask.add(name, inner);
            match rest.strip_prefix(',') {
                Some(more) => *rest = more,
                None => return Some(mask),
            }
        }
    }

    /// One name behind a slash, up to the comma.
    fn one(rest: &mut &str) -> Option<Self> {
        let mut depth = 0_u32;
        let end = rest
            .find(|c: char| {
                match c {
                    '(' => depth += 1,
                    ')' if depth > 0 => depth -= 1,
                    ',' | ')' if depth == 0 => return true,
                    _ => {}
                }
                false
            })
            .unwrap_or(rest.len());
        let mask = Self::parse(&rest[..end])?;
        *rest = &rest[end..];
        Some(mask)
    }

    fn add(&mut self, name: &str, inner: Option<Self>) {
        match (self.0.get_mut(name), inner) {
            (Some(Some(known)), Some(inner)) => known.0.extend(inner.0),
            (Some(known), None) => *known = None,
            (Some(None), Some(_)) => {}
            (None, inner) => {
                self.0.insert(name.to_owned(), inner);
            }
        }
    }

    /// What it leaves of a value.
    pub(crate) fn of(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => Value::Array(items.iter().map(|item| self.of(item)).collect()),
            Value::Object(fields) => {
                let mut left = Map::new();
                for (name, value) in fields {
                    match self.0.get(name).or_else(|| self.0.get("*")) {
                        Some(None) => left.insert(name.clone(), value.clone()),
                        Some(Some(inner)) => left.insert(name.clone(), inner.of(value)),
                        None => None,
                    };
                }
                Value::Object(left)
            }
            plain => plain.clone(),
        }
    }
}

#[test]
fn a_mask_leaves_what_it_names() {
    let value = serde_json::json!({
        "kind": "x", "nextPageToken": "t",
        "files": [{ "id": "1", "name": "a", "owners": [{ "emailAddress": "m", "kind": "u" }] }],
    });
    let left = |mask: &str| Mask::parse(mask).map(|mask| mask.of(&value).to_string());
    assert_eq!(left("nextPageToken,files(id)").unwrap(), r#"{"files":[{"id":"1"}],"nextPageToken":"t"}"#);
    assert_eq!(left("files/id").unwrap(), r#"{"files":[{"id":"1"}]}"#);
    assert_eq!(
        left("files(id,owners(emailAddress))").unwrap(),
        left("files(id,owners/emailAddress)").unwrap()
    );
    assert_eq!(left("*").unwrap(), value.to_string());
    for nonsense in ["", "files(", "files(id", "a,,b", "files)"] {
        assert!(left(nonsense).is_none(), "{nonsense}");
    }
}

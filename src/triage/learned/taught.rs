//! All that was learned of a repository, as one file: what issues are, and of each set of labels which one they have.
//!
//! Without sets it is the model of types as [`codec`](super::codec) has it. With sets it is
//!
//! ```text
//! {"format":3,"parts":[{"set":null,"bytes":N},{"set":"area: *","bytes":M},…]}\n
//! the parts in this order, each a model as it stands alone; the one without a set is that of types
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::codec::{FORMAT, Unusable};
use super::model::Model;

/// The version of the form with parts.
const FORMAT_OF_PARTS: u32 = 3;
/// Parts that there are at most; more are damage.
const MOST_PARTS: usize = 64;

/// What was learned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Taught {
    /// Which type an issue has; none where there was too little to learn it from.
    pub types: Option<Model>,
    /// By set (a glob of labels), which of its labels an issue has.
    pub sets: BTreeMap<String, Model>,
}

#[derive(Serialize, Deserialize)]
struct Heading {
    format: u32,
    parts: Vec<Part>,
}

#[derive(Serialize, Deserialize)]
struct Part {
    set: Option<String>,
    bytes: usize,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

impl Taught {
    /// As bytes. The same models give the same bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        if let (Some(types), true) = (&self.types, self.sets.is_empty()) {
            return types.encode();
        }
        let types = self.types.iter().map(|model| (None, model.encode()));
        let sets = self.sets.iter().map(|(set, model)| (Some(set.clone()), model.encode()));
        let parts: Vec<(Option<String>, Vec<u8>)> = types.chain(sets).collect();
        let heading = Heading {
            format: FORMAT_OF_PARTS,
            parts: parts.iter().map(|(set, part)| Part { set: set.clone(), bytes: part.len() }).collect(),
        };
        let mut bytes = serde_json::to_vec(&heading).unwrap_or_default();
        bytes.push(b'\n');
        parts.iter().for_each(|(_, part)| bytes.extend_from_slice(part));
        bytes
    }

    /// What [`Taught::encode`] gave these bytes for.
    ///
    /// # Errors
    /// [`Unusable`]; no bytes whatever make it fail otherwise.
    pub fn decode(bytes: &[u8]) -> Result<Self, Unusable> {
        let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(Unusable::Damaged)?;
        let Format { format } = serde_json::from_slice(&bytes[..end]).map_err(|_| Unusable::Damaged)?;
        match format {
            FORMAT => return Ok(Self { types: Some(Model::decode(bytes)?), sets: BTreeMap::new() }),
            FORMAT_OF_PARTS => {}
            other => return Err(Unusable::OtherFormat(other)),
        }
        let heading: Heading = serde_json::from_slice(&bytes[..end]).map_err(|_| Unusable::Damaged)?;
        if heading.parts.len() > MOST_PARTS {
            return Err(Unusable::Damaged);
        }
        let (mut taught, mut rest) = (Self::default(), &bytes[end + 1..]);
        for Part { set, bytes } in heading.parts {
            let (part, others) = rest.split_at_checked(bytes).ok_or(Unusable::Damaged)?;
            rest = others;
            let model = Model::decode(part)?;
            match set {
                None => taught.types = Some(model),
                Some(set) => drop(taught.sets.insert(set, model)),
            }
        }
        if rest.is_empty() { Ok(taught) } else { Err(Unusable::Damaged) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::learned::{Example, train};
    use crate::triage::text::IssueText;

    fn model(names: [&str; 2]) -> Model {
        let names = names.map(str::to_owned);
        let example = |class: usize, title: &str| Example::read(&IssueText { title, body: "" }, class, 0);
        let examples =
            [example(0, "red red"), example(0, "red"), example(1, "blue"), example(1, "blue blue")];
        train(&names, 0, &examples.iter().collect::<Vec<_>>()).model
    }

    #[test]
    fn types_alone_stand_as_they_always_did() {
        let types = model(["bug", "feature"]);
        let taught = Taught { types: Some(types.clone()), ..Taught::default() };
        assert_eq!(taught.encode(), types.encode());
        assert_eq!(Taught::decode(&types.encode()), Ok(taught));
    }

    #[test]
    fn sets_come_back_with_types_and_without() {
        let sets = BTreeMap::from([
            ("area: *".to_owned(), model(["area: a", "area: b"])),
            ("platform/*".to_owned(), model(["platform/mac", "platform/linux"])),
        ]);
        for types in [None, Some(model(["bug", "feature"]))] {
            let taught = Taught { types, sets: sets.clone() };
            assert_eq!(Taught::decode(&taught.encode()), Ok(taught));
        }
        assert_eq!(Taught::decode(&Taught::default().encode()), Ok(Taught::default()));
    }

    #[test]
    fn what_is_cut_off_longer_or_newer_is_not_used() {
        let taught = Taught { types: None, sets: [("a*".to_owned(), model(["a1", "a2"]))].into() };
        let bytes = taught.encode();
        for end in 0..bytes.len() {
            assert!(Taught::decode(&bytes[..end]).is_err(), "{end}");
        }
        assert_eq!(Taught::decode(&[&bytes[..], b"x"].concat()), Err(Unusable::Damaged));
        assert_eq!(Taught::decode(b"{\"format\":4}\n"), Err(Unusable::OtherFormat(4)));
        let greedy = b"{\"format\":3,\"parts\":[{\"set\":null,\"bytes\":18446744073709551615}]}\n";
        assert_eq!(Taught::decode(greedy), Err(Unusable::Damaged));
    }
}

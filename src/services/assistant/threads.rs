//! What an assistant says in the threads of a review.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What is said in the threads of a review, by the number that the prompt gives each.
pub type Answers = BTreeMap<u64, Answered>;

/// Threads that an assistant can answer; what it says in more is passed over.
const MOST_ANSWERS: usize = 100;

/// What is said in one thread: `"text"` or `{"text": "...", "fixed": true}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Answered {
    /// What is said.
    pub text: String,
    /// Whether it was done what the thread asks for, as the assistant says; none: it does not say.
    pub fixed: Option<bool>,
}

/// The two ways to write it.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Plain(String),
    Said {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fixed: Option<bool>,
    },
}

impl From<Written> for Answered {
    fn from(written: Written) -> Self {
        match written {
            Written::Plain(text) => Self { text, fixed: None },
            Written::Said { text, fixed } => Self { text, fixed },
        }
    }
}

impl From<Answered> for Written {
    fn from(Answered { text, fixed }: Answered) -> Self {
        if fixed.is_none() { Self::Plain(text) } else { Self::Said { text, fixed } }
    }
}

/// The JSON Schema of one answer.
#[must_use]
pub fn schema() -> Value {
    let text = json!({ "type": "string", "description": "One or two sentences" });
    let fixed = json!({
        "type": "boolean",
        "description": "Whether the files now do what the thread asks for",
    });
    let said = json!({
        "type": "object", "properties": { "text": text, "fixed": fixed }, "required": ["text"],
    });
    json!({ "anyOf": [text, said] })
}

/// The answers as somebody wrote them: what is named by no number, and what says nothing, is passed over.
#[must_use]
pub fn answers(written: BTreeMap<String, Value>) -> Answers {
    let read = |(thread, said): (String, Value)| {
        let said: Answered = serde_json::from_value(said).ok()?;
        Some((thread.trim().parse().ok()?, said)).filter(|(_, said)| !said.text.trim().is_empty())
    };
    written.into_iter().filter_map(read).take(MOST_ANSWERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_text_or_says_whether_it_was_fixed() {
        let written = json!({
            "1": "Plain.", " 2 ": { "text": "Done.", "fixed": true }, "3": { "text": "No.", "fixed": false },
            "4": { "text": "Hm." }, "5": { "fixed": true }, "6": { "text": " ", "fixed": true }, "x": "Lost.",
            "7": { "text": "Odd.", "fixed": "yes" }, "8": 8, "9": null,
        });
        let read = answers(serde_json::from_value(written).unwrap());
        let told: Vec<String> =
            read.iter().map(|(id, said)| format!("{id} {:?} {}", said.fixed, said.text)).collect();
        assert_eq!(told, ["1 None Plain.", "2 Some(true) Done.", "3 Some(false) No.", "4 None Hm."]);
        let kept = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Answers>(&kept).unwrap(), read, "{kept}");
        assert!(kept.contains(r#""1":"Plain.""#), "as it was kept before: {kept}");
    }
}

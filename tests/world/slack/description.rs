//! Slack's own types and Block Kit's limits, as a judge of messages.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

/// The judges of `chat.postMessage`, `chat.update` and incoming webhooks.
fn judges() -> &'static [(&'static str, Validator)] {
    static JUDGES: OnceLock<Vec<(&'static str, Validator)>> = OnceLock::new();
    JUDGES.get_or_init(|| {
        let text = include_str!("../../fixtures/contracts/slack.json");
        let types: Value = serde_json::from_str(text).unwrap();
        let judge = |name: &str| {
            jsonschema::options().with_draft(jsonschema::Draft::Draft7).build(&types[name]).unwrap()
        };
        vec![
            ("chat.postMessage", judge("PostMessage")),
            ("chat.update", judge("UpdateMessage")),
            ("incoming", judge("WebhookMessage")),
        ]
    })
}

/// What is wrong with a message.
pub(crate) fn complaints(method: &str, body: &Value) -> Vec<String> {
    let (_, judge) = judges().iter().find(|(name, _)| *name == method).expect("a method that posts");
    let mut wrong: Vec<String> =
        judge.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    wrong.extend(limits(body));
    wrong
}

/// The limits of docs.slack.dev/reference/block-kit, which the types do not say.
fn limits(body: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut most = |what: &str, count: usize, limit: usize| {
        if count > limit {
            wrong.push(format!("{what}: {count} of {limit}"));
        }
    };
    let chars = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    let empty = Vec::new();
    let blocks = body["blocks"].as_array().unwrap_or(&empty);
    most("blocks", blocks.len(), 50);
    most("characters of the text", chars(&body["text"]), 4_000);
    let mut blank = usize::from(chars(&body["text"]) == 0);
    for block in blocks {
        let text = chars(&block["text"]["text"]);
        match block["type"].as_str() {
            Some("header") => most("characters of a header", text, 150),
            Some("section") => {
                most("characters of a section", text, 3_000);
                let fields = block["fields"].as_array().unwrap_or(&empty);
                most("fields", fields.len(), 10);
                fields.iter().for_each(|field| most("characters of a field", chars(&field["text"]), 2_000));
                blank += usize::from(text == 0 && fields.is_empty());
            }
            Some("context") => {
                let elements = block["elements"].as_array().unwrap_or(&empty);
                most("elements", elements.len(), 10);
                elements.iter().for_each(|one| most("characters of an element", chars(&one["text"]), 2_000));
            }
            _ => {}
        }
    }
    if blank > 0 {
        wrong.push("a text is empty".to_owned());
    }
    wrong
}

//! What is taken of an answer, what is not, and what is said about it.

use proptest::prelude::*;

use super::*;
use crate::domain::verdict::Analysis;

fn offer() -> Offer {
    Offer {
        labels: vec!["area: parser".to_owned(), "regression".to_owned()],
        owners: vec![Login::new("mona")],
        similar: vec![IssueNumber(3)],
        duplicate: Some(0.8),
        may_ask: true,
    }
}

fn faults(answer: &Value) -> String {
    offer().read(&answer.to_string()).unwrap_err().join("\n")
}

#[test]
fn an_answer_of_the_asked_shape_is_taken_also_with_words_around_it() {
    let effects = json!([
        { "do": "type", "type": "bug", "sure": 0.9, "reason": "It crashes." },
        { "do": "urgency", "urgency": "high", "sure": 0.7, "reason": "For everybody." },
        { "do": "label", "label": "regression", "sure": 0.8, "reason": "1.2 was fine." },
        { "do": "ask", "what": "the version", "reason": "It is not told." },
        { "do": "assign", "login": "mona", "sure": 0.9, "reason": "She wrote it." },
        { "do": "duplicate", "of": 3, "sure": 0.9, "reason": "The same trace." },
        { "do": "comment", "text": "A workaround is to quote the value." },
    ]);
    let plan = offer().read(&format!("```json\n{}\n```", json!({ "effects": effects }))).unwrap();
    assert_eq!(serde_json::to_value(&plan).unwrap()["effects"], effects);
    assert_eq!(offer().read(r#"{"effects": []}"#).unwrap(), Plan::default());
}

#[test]
fn what_is_not_allowed_not_on_offer_or_too_much_is_named() {
    let label = |label: &str| json!({ "do": "label", "label": label, "sure": 1, "reason": "So." });
    insta::assert_snapshot!(faults(&json!({ "effects": [
        { "do": "close", "reason": "Spam." },
        label("admin"),
        { "do": "assign", "login": "mallory", "sure": 1, "reason": "Me." },
        { "do": "duplicate", "of": 4, "sure": 1, "reason": "The same." },
        { "do": "type", "type": "spam", "sure": 1, "reason": "So." },
        { "do": "urgency", "urgency": "low", "sure": 7, "reason": "So." },
        { "do": "comment", "text": "x".repeat(601) },
        { "do": "ask", "what": " ", "reason": "So.", "also": 1 },
    ] })), @"
    effect 1: unknown variant `close`, expected one of `type`, `urgency`, `label`, `ask`, `assign`, `duplicate`, `comment`
    effect 2: the label `admin` is not on offer
    effect 3: `mallory` is none of those who may be named
    effect 4: #4 is none of the similar issues that were shown
    effect 5: unknown variant `spam`, expected one of `bug`, `feature`, `question`, `documentation`
    effect 6: `sure` is 7 and goes from 0 to 1
    effect 7: `text` has 601 characters; 600 are the most
    effect 8: unknown field `also`, expected `what` or `reason`
    ");
    insta::assert_snapshot!(faults(&json!({ "effects": vec![label("regression"); 13] })), @"
    there are 13 effects; 12 are the most
    effect 2: the same `label` stands there twice
    effect 3: the same `label` stands there twice
    effect 4: the same `label` stands there twice
    effect 5: the same `label` stands there twice
    effect 6: the same `label` stands there twice
    effect 7: the same `label` stands there twice
    effect 8: the same `label` stands there twice
    ");
    insta::assert_snapshot!(offer().read("I would call it a bug.").unwrap_err().join("\n"), @"the answer is no JSON of the asked shape: expected value at line 1 column 1");
    insta::assert_snapshot!(offer().read(&"x".repeat(9_000)).unwrap_err().join("\n"), @"the answer has 9000 bytes; 8192 are the most");
}

#[test]
fn the_schema_names_what_is_on_offer_and_nothing_else() {
    let schema = offer().schema();
    let kinds = |schema: &Value| -> Vec<String> {
        let kinds = schema.pointer("/properties/effects/items/oneOf").unwrap().as_array().unwrap();
        kinds.iter().map(|kind| kind["properties"]["do"]["const"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds(&schema), ["type", "urgency", "label", "ask", "assign", "duplicate", "comment"]);
    let found =
        |name: &str| schema.pointer(&format!("/properties/effects/items/oneOf/{name}")).unwrap().clone();
    assert_eq!(found("0/properties/type/enum"), json!(["bug", "feature", "question", "documentation"]));
    assert_eq!(found("1/properties/urgency/enum"), json!(["low", "normal", "high", "critical"]));
    assert_eq!(found("2/properties/label/enum"), json!(["area: parser", "regression"]));
    assert_eq!(found("4/properties/login/enum"), json!(["mona"]));
    assert_eq!(found("5/properties/of/enum"), json!([3]));
    assert_eq!(found("6/properties/text/maxLength"), json!(600));
    assert!(!schema.to_string().contains("$ref"), "{schema}");
    assert_eq!(kinds(&Offer::default().schema()), ["type", "urgency", "comment"]);
}

proptest! {
    /// Whatever is taken is within its bounds, and no text breaks the reader.
    #[test]
    fn what_is_taken_was_on_offer(answer in "(\\{\"effects\": ?\\[|\\]\\}|\\{\"do\": ?\"(label|ask|assign|close)\"|,|\"label\": ?\"(regression|admin)\"|\"sure\": ?[0-9]|\"reason\": ?\"x\"|\\}|\\PC){0,12}") {
        if let Ok(plan) = offer().read(&answer) {
            let is_refused = |effect: &Effect| matches!(effect, Effect::Label { label, .. } if label == "admin");
            prop_assert!(!plan.effects.iter().any(is_refused));
            let mut analysis = Analysis::default();
            plan.take_over("x", &offer(), &mut analysis);
        }
    }
}

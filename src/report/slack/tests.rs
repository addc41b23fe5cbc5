//! What Slack shows stays within Block Kit's limits, whoever wrote what.

use proptest::prelude::*;

use super::*;
use crate::domain::id::{KindName, Login, Sequence};
use crate::domain::story::{ISSUE, Story, opened};
use crate::domain::time::Timestamp;

/// Texts of the worst sort: what becomes longer when it is escaped, what ends markup, what is long.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "[&<>*_`~|@!:/ a-z]{0,400}",
        Just("&".repeat(5_000)),
        Just("https://www.".repeat(200)),
        ".{0,300}",
    ]
}

fn notice() -> impl Strategy<Value = Notice> {
    (proptest::sample::select(Happening::ALL.to_vec()), hostile(), hostile(), 1_u64..100, proptest::bool::ANY)
        .prop_map(|(what, text, by, sequence, is_ours)| Notice {
            what,
            sequence: Sequence(sequence),
            subject: ISSUE,
            at: Timestamp::from_millis(0),
            by: (!is_ours).then(|| Login::new(by)),
            kind: (what == Happening::Failed).then(|| KindName::new("implement")),
            rule: None,
            text: Some(one_line(&text, 300)),
            url: is_ours.then(|| "https://github.com/acme/widgets/pull/7".to_owned()),
        })
}

/// The limits of docs.slack.dev/reference/block-kit.
fn within(text: &Text) {
    let chars = |value: &Value| value.as_str().map_or(0, |text| text.chars().count());
    assert!(text.blocks.len() <= 50 && !text.text.is_empty() && text.text.chars().count() <= 4_000);
    for block in &text.blocks {
        match block["type"].as_str() {
            Some("header") => assert!(chars(&block["text"]["text"]) <= 150),
            Some("section") => {
                assert!(chars(&block["text"]["text"]) <= 3_000);
                let fields = block["fields"].as_array().cloned().unwrap_or_default();
                assert!(fields.len() <= 10);
                assert!(fields.iter().all(|field| chars(&field["text"]) <= 2_000), "{fields:?}");
            }
            _ => {
                let elements = block["elements"].as_array().unwrap();
                assert!(elements.len() <= 10 && elements.iter().all(|one| chars(&one["text"]) <= 2_000));
            }
        }
    }
}

proptest! {
    #[test]
    fn every_message_is_within_the_limits(
        notices in proptest::collection::vec(notice(), 1..60), title in hostile(), author in hostile(), left_out in 0_usize..3
    ) {
        let mut story = Story::new();
        story.told(opened("telling", story.now));
        let mut state = story.state;
        let issue = state.issues.values_mut().next().unwrap();
        (issue.title, issue.author) = (one_line(&title, 100), Login::new(&author));
        issue.assignees = vec![Login::new(&author); 20];
        let rules = SlackRules::default();
        let scene = Scene { rules: &rules, page: "https://github.com/acme/widgets", state: &state };
        let number = ISSUE.number().unwrap();
        let called = vec!["<@U0123456789>".to_owned(); 5];
        for text in [scene.root(number), scene.happened(&notices, left_out, &called), scene.gathered(&notices, left_out, &[])] {
            within(&text);
        }
    }

    #[test]
    fn nothing_that_a_stranger_writes_opens_markup(text in hostile()) {
        let safe = escaped(&text, 400);
        prop_assert!(!safe.contains(['<', '>']) && !safe.contains("://"));
        prop_assert!(safe.split('&').skip(1).all(|rest| ["amp;", "lt;", "gt;"].iter().any(|end| rest.starts_with(end))));
    }
}

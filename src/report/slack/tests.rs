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
            event: None,
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

fn pull_request(sequence: u64, issue: u64, url: Option<String>) -> Notice {
    Notice {
        what: Happening::PullRequest,
        sequence: Sequence(sequence),
        subject: Subject::Issue(IssueNumber(issue)),
        at: Timestamp::from_millis(0),
        by: Some(Login::new("mona")),
        kind: None,
        rule: None,
        text: Some("#9".to_owned()),
        url,
        event: None,
    }
}

#[test]
fn what_gathered_comes_in_the_order_in_which_things_began_and_is_counted_without_its_headings() {
    let state = State::default();
    let rules = SlackRules::default();
    let scene = Scene { rules: &rules, page: "https://github.com/acme/widgets", state: &state };
    let notices = [pull_request(1, 7, None), pull_request(2, 3, None), pull_request(3, 7, None)];
    let text = scene.gathered(&notices, 2, &[]);
    let shown = text.blocks[0]["text"]["text"].as_str().unwrap_or_default();
    let about: Vec<&str> = shown.lines().filter(|line| line.starts_with('*')).collect();
    assert_eq!(about.len(), 2, "{shown}");
    assert!(about[0].contains("#7") && about[1].contains("#3"), "{shown}");
    assert!(text.text.ends_with("(and 5 more)"), "three notices and two that were left out: {}", text.text);
    // More than a message holds: what is left out are notices, not lines.
    let many: Vec<Notice> = (1..=4_000).map(|sequence| pull_request(sequence, sequence, None)).collect();
    let text = scene.gathered(&many, 0, &[]);
    within(&text);
    let shown: usize = text
        .blocks
        .iter()
        .filter_map(|block| block["text"]["text"].as_str())
        .map(|text| text.matches('•').count())
        .sum();
    let left = text.blocks.last().unwrap()["elements"][0]["text"].as_str().unwrap();
    assert_eq!(left, format!("{} more are left out; `automata log` tells all.", 4_000 - shown));
}

#[test]
fn an_address_that_is_too_long_is_no_link_rather_than_half_of_one() {
    let state = State::default();
    let rules = SlackRules::default();
    let scene = Scene { rules: &rules, page: "https://github.com/acme/widgets", state: &state };
    let url = format!("https://evil.example/{}", "&".repeat(4_000));
    let text = scene.happened(&[pull_request(1, 7, Some(url))], 0, &[]);
    assert_eq!(text.blocks[0]["text"]["text"], "mona opened the pull request #9");
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

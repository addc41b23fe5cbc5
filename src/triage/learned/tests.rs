//! Stories of learning: what is learned, what it says, and how it is kept.

use proptest::prelude::*;

use super::*;
use crate::triage::text::IssueText;

const CLASSES: [&str; 3] = ["bug", "feature", "question"];

fn classes() -> Vec<String> {
    CLASSES.iter().map(|class| (*class).to_owned()).collect()
}

/// A small repository's issues: twelve of each class, in words that overlap.
fn examples() -> Vec<Example> {
    let things = [
        "parser", "cache", "editor", "server", "client", "printer", "queue", "index", "shell", "menu",
        "table", "log",
    ];
    let mut examples = Vec::new();
    for thing in things {
        let issues = [
            (format!("The {thing} crashes on start"), "It crashes with an error.\n```\npanicked at 3\n```"),
            (format!("Add a dark {thing}"), "It would be nice to have. Please add it."),
            (format!("How do I open the {thing}?"), "I am trying to open it. Is there a way?"),
        ];
        for (class, (title, body)) in issues.iter().enumerate() {
            examples.push(Example::read(&IssueText { title, body }, class, 0));
        }
    }
    examples
}

fn learned() -> Learned {
    train(&classes(), 0, &examples().iter().collect::<Vec<_>>())
}

fn judged(title: &str, body: &str) -> Judgement {
    learned().model.judge(&IssueText { title, body })
}

#[test]
fn issues_of_a_sort_that_was_labelled_are_recognised_and_the_words_are_named() {
    let told = |title: &str, body: &str| {
        let judgement = judged(title, body);
        let words: Vec<&str> = judgement.telling.iter().map(Telling::text).collect();
        let sure = judgement.probabilities[judgement.class];
        format!("{} {} {words:?}", CLASSES[judgement.class], if sure > 0.6 { "surely" } else { "perhaps" })
    };
    let all = [
        told("The window crashes", "It crashes with an error."),
        told("Add a window", "It would be nice to have."),
        told("How do I open a window?", "Is there a way?"),
    ];
    insta::assert_snapshot!(all.join("\n"), @r#"
    bug surely ["error", "crashes"]
    feature surely ["would", "nice", "add"]
    question surely ["way", "how", "open"]
    "#);
}

#[test]
fn leaving_one_out_tells_how_good_it_is() {
    let left_out = learned().left_out;
    assert_eq!(left_out.rows(), 36);
    assert!(left_out.macro_f1() > 0.9, "{left_out:?}");
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    assert_eq!(learned().model.encode(), learned().model.encode());
}

#[test]
fn a_class_without_examples_is_never_said() {
    let mut classes = classes();
    classes.push("documentation".to_owned());
    let model = train(&classes, 0, &examples().iter().collect::<Vec<_>>()).model;
    let judgement = model.judge(&IssueText { title: "Typo in the docs", body: "" });
    assert!(judgement.class < 3 && judgement.probabilities[3] < 1e-12, "{judgement:?}");
}

#[test]
fn a_repository_without_examples_learns_from_its_siblings() {
    let model = train(&classes(), 7, &examples().iter().collect::<Vec<_>>()).model;
    assert_eq!(model.rows(), 0);
    let judgement = model.judge(&IssueText { title: "It crashes on start", body: "error" });
    assert_eq!(judgement.probabilities.len(), 3);
}

#[test]
fn a_stored_model_says_what_it_said_before() {
    let model = learned().model;
    assert_eq!(Model::decode(&model.encode()), Ok(model));
}

#[test]
fn a_model_of_another_format_is_told_from_a_damaged_one() {
    let bytes = learned().model.encode();
    let newer = String::from_utf8_lossy(&bytes).replacen("\"format\":2", "\"format\":3", 1);
    assert_eq!(Model::decode(newer.as_bytes()), Err(Unusable::OtherFormat(3)));
    assert_eq!(Model::decode(b""), Err(Unusable::Damaged));
    assert_eq!(Model::decode(b"{\"format\":2}\n"), Err(Unusable::Damaged));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_changed_or_cut_model_is_refused(at in 0.0..1.0_f64, bit in 0_u8..8, cut in any::<bool>()) {
        let mut bytes = stored();
        let at = (at * bytes.len() as f64) as usize;
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1 << bit;
        }
        prop_assert!(Model::decode(&bytes).is_err());
    }

    #[test]
    fn no_bytes_make_reading_fail_otherwise(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut heading = b"{\"format\":2,\"classes\":[\"a\"],\"shares\":[1],\"sharpness\":1,\"rows\":1,\"scales\":[1],\"features\":9}\n".to_vec();
        heading.extend(&bytes);
        prop_assert!(Model::decode(&heading).is_err());
        prop_assert!(Model::decode(&bytes).is_err());
    }

    #[test]
    fn any_issue_is_judged(title in "\\PC{0,40}", body in "(### |```|\\?|crash|add |\\PC|\n){0,60}") {
        let model = Model::decode(&stored()).unwrap();
        let judgement = model.judge(&IssueText { title: &title, body: &body });
        prop_assert!((judgement.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        prop_assert!(judgement.class < 3);
    }
}

/// The bytes of the small repository's model, made once.
fn stored() -> Vec<u8> {
    static STORED: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
    STORED.get_or_init(|| learned().model.encode()).clone()
}

//! `learn` with `triage.learn_sets`: which label of a set an issue has is learned as types are.

use automata::domain::id::{IssueNumber, Login};
use automata::services::github::GitHub as _;
use automata::services::github::local::events;
use serde_json::{Value, json};

use super::forge::LocalForge;
use super::labelled::{self, MACHINES};
use super::program::{Program, file};

const CONFIGURATION: &str = "triage:\n  learn_sets: [\"area: *\", platform/*]\nlabels:\n  also:\n  - { label: \"area: oven\", words: [oven] }\n";

/// Labelled issues: a dozen about dials, a dozen about belts, and a few about ovens; of platforms too few.
fn labelled() -> Vec<(Vec<&'static str>, String, &'static str)> {
    let mut issues = Vec::new();
    for thing in MACHINES {
        issues.push((
            vec!["bug", "area: dial"],
            format!("The dial of the {thing} sticks"),
            "The needle of the dial points nowhere.",
        ));
        issues.push((
            vec!["enhancement", "area: belt"],
            format!("A longer belt for the {thing}"),
            "The leather of the belt slips from the wheel.",
        ));
    }
    issues.push((vec!["area: oven", "platform/mac"], "The oven is cold".to_owned(), "It does not heat."));
    issues.push((vec!["area: dial", "area: belt"], "Dial and belt".to_owned(), "Both."));
    issues
}

fn with_labels() -> LocalForge {
    let forge = LocalForge::new();
    forge.commits(".github/automata.yml", CONFIGURATION);
    for (labels, title, body) in labelled() {
        forge.forge().open_issue(&labelled::issue(title, body, &labels)).unwrap();
    }
    forge
}

/// The labels that the last analysis found, each with its confidence and its reasons.
fn found(forge: &LocalForge) -> Value {
    let number = format!("#{}", forge.issues());
    let shown = forge.program(&["show", &number, "--format", "json"]).run().well().json();
    shown["issue"]["analysis"]["labels"].clone()
}

fn labels(forge: &LocalForge, number: u64) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let issue = runtime.block_on(forge.forge().issue(IssueNumber(number))).unwrap().unwrap();
    issue.labels
}

fn opens(forge: &LocalForge, title: &str, body: &str) -> u64 {
    let opened = forge.opens("dave", title, body);
    forge.take_in(&opened).well();
    forge.issues() as u64
}

#[test]
fn each_set_is_learned_told_and_judged_with_reasons() {
    let forge = with_labels();
    let before = opens(&forge, "A dial without a needle", "The dial points nowhere.");
    assert_eq!(found(&forge), json!(null), "nothing was learned yet");
    insta::assert_snapshot!(forge.told(&["learn"]), @"
    exit code 0
    -- stdout
             issues  precision  recall     F1
    bug          12      1.000   1.000  1.000
    feature      12      1.000   1.000  1.000
    macro F1 1.000 by cross-validation in 5 parts
    macro F1 0.000 by the rules alone, on the same issues

    `area: *`: 24 issues with just one of its labels
                issues  precision  recall     F1
    area: belt      12      1.000   1.000  1.000
    area: dial      12      1.000   1.000  1.000
    macro F1 1.000, each judged by what was learned from the others
    macro F1 0.000 by the words of labels.also alone, on the same issues

    `platform/*`: 0 issues with just one of its labels
    -- stderr
    `area: *`: not learned, with fewer than 10 issues or too many labels before them: area: oven 1.
    `area: *`: left out: 1 issue with several of its labels, 0 with one that Automata put there itself.
    `platform/*`: not learned, with fewer than 10 issues or too many labels before them: platform/mac 1.
    `platform/*` is judged as before: two labels with 10 issues each are needed, and it has none.
    Left out: 3 issues without a label of a type.
    Until now the rules judged alone.
    The model (6 KB) is kept, and the next analysis goes by it.
    ");
    let number = opens(&forge, "The belt slips", "Its leather slips from the wheel of the anvil.");
    insta::assert_snapshot!(found(&forge).to_string(), @r#"[{"confidence":0.98,"label":"area: belt","reasons":["Learned from 24 labelled issues here: it says “wheel”, “leather”, “slips”, “belt”, as do those that people call `area: belt`."]}]"#);
    assert_eq!(labels(&forge, number), ["enhancement", "area: belt"]);
    assert!(!labels(&forge, before).iter().any(|label| label.starts_with("area")));
    // What the configuration's own words say is surer than what is learned of other things, and there is one label of the set.
    let number = opens(&forge, "Oven", "The oven is cold.");
    let areas: Vec<String> =
        labels(&forge, number).into_iter().filter(|label| label.starts_with("area")).collect();
    assert_eq!(areas, ["area: oven"]);
    let why = forge.program(&["why", &forge.issues().to_string()]).run().well().stdout;
    assert!(why.contains("it belongs to `area: oven`"), "{why}");
    let status = forge.program(&["status"]).run().well().stdout;
    let learned = status.lines().find(|line| line.contains("learned from")).unwrap_or_default().to_owned();
    insta::assert_snapshot!(learned, @"types are learned from 24 labelled issues (macro F1 1.000), `area: *` from 24 labelled issues (macro F1 1.000); 0 of 20 corrections until they are learned anew");
    let log = forge.program(&["log", "-n", "0"]).run().well().stdout;
    let told = log.lines().find(|line| line.contains("learned what")).unwrap_or_default().to_owned();
    insta::assert_snapshot!(told.split_once("learned").map(|(_, told)| told).unwrap_or_default(), @" what issues are and belong to: 24 labelled issues (macro F1 1.000), `area: *` from 24 labelled issues (macro F1…");
    let verified = forge.program(&["verify"]).run().well();
    assert!(verified.stdout.contains("sound"), "{}", verified.stdout);
}

#[test]
fn a_label_of_the_set_that_a_person_set_or_took_off_stays_as_they_left_it() {
    let forge = with_labels();
    forge.program(&["learn"]).run().well();
    let number = opens(&forge, "The belt slips", "Its leather slips from the wheel.");
    assert!(labels(&forge, number).contains(&"area: belt".to_owned()));
    // Somebody knows better.
    let issue = forge.forge().take_label_off(IssueNumber(number), "area: belt").unwrap();
    tells(
        &forge,
        &events::issue_unlabeled(forge.forge(), &issue, "area: belt", &Login::new("maria")).unwrap(),
    );
    again(&forge, number);
    assert!(!labels(&forge, number).iter().any(|label| label.starts_with("area")), "it is not put back");
    let issue = forge.forge().put_label(IssueNumber(number), "area: dial").unwrap();
    tells(&forge, &events::issue_labeled(forge.forge(), &issue, "area: dial", &Login::new("maria")).unwrap());
    again(&forge, number);
    let areas: Vec<String> =
        labels(&forge, number).into_iter().filter(|label| label.starts_with("area")).collect();
    assert_eq!(areas, ["area: dial"]);
}

#[test]
fn what_is_not_sure_enough_leads_to_nothing() {
    let forge = with_labels();
    let sure = CONFIGURATION.replace("triage:\n", "triage:\n  confidence: 0.99\n");
    forge.commits(".github/automata.yml", &sure);
    forge.program(&["learn"]).run().well();
    let number = opens(&forge, "The belt slips", "Its leather slips from the wheel.");
    assert_eq!(found(&forge)[0]["label"], "area: belt");
    assert!(!labels(&forge, number).iter().any(|label| label.starts_with("area")));
}

#[test]
fn sets_alone_can_be_learned_and_a_file_may_name_all_labels_of_an_issue() {
    let forge = LocalForge::new();
    forge.commits(".github/automata.yml", CONFIGURATION);
    let mut lines = String::new();
    for (labels, title, body) in labelled() {
        let labels: Vec<&str> = labels.into_iter().filter(|label| label.contains(':')).collect();
        lines.push_str(&json!({ "labels": labels, "title": title, "body": body }).to_string());
        lines.push('\n');
    }
    let from = file(forge.path(), "labelled.jsonl", lines.as_bytes());
    let from = from.to_str().unwrap();
    insta::assert_snapshot!(forge.told(&["learn", "--from", from]), @"
    exit code 0
    -- stdout

    `area: *`: 24 issues with just one of its labels
                issues  precision  recall     F1
    area: belt      12      1.000   1.000  1.000
    area: dial      12      1.000   1.000  1.000
    macro F1 1.000, each judged by what was learned from the others
    macro F1 0.000 by the words of labels.also alone, on the same issues

    `platform/*`: 0 issues with just one of its labels
    -- stderr
    `area: *`: not learned, with fewer than 10 issues or too many labels before them: area: oven 1.
    `area: *`: left out: 1 issue with several of its labels, 0 with one that Automata put there itself.
    `platform/*` is judged as before: two labels with 10 issues each are needed, and it has none.
    Left out: 26 issues without a label of a type.
    Types are judged as before: there is too little to learn from: 0 bug, 0 feature, 0 question, 0 documentation.
    Until now the rules judged alone.
    The model (3 KB) is kept, and the next analysis goes by it.
    ");
    opens(&forge, "The belt slips", "Its leather slips from the wheel of the anvil.");
    assert_eq!(found(&forge)[0]["label"], "area: belt");
    // The same again changes nothing.
    let appends = forge.appends();
    let again = forge.program(&["learn", "--from", from]).run().well();
    assert!(again.stderr.contains("The model is the one that is in use already."), "{}", again.stderr);
    assert_eq!(forge.appends(), appends);
    let back = forge.told(&["learn", "--back"]);
    assert!(back.contains("the rules judge alone"), "{back}");
    insta::assert_snapshot!(Program::new(&["triage", "eval", "--set", "area: *", "--train", from]).run().told(), @"
    exit code 0
    -- stdout
    all repositories together (24 issues)
                  precision  recall     F1  issues
      area: belt      1.000   1.000  1.000      12
      area: dial      1.000   1.000  1.000      12
      macro                          1.000
    mean macro F1 1.000, mean accuracy 1.000
    ");
    let none = Program::new(&["triage", "eval", "--set", "colour: *", "--train", from]).run().told();
    insta::assert_snapshot!(none, @"
    exit code 2
    -- stderr
    error: --train: no issue has just one label that `colour: *` matches
    hint: Labels stand in the columns `labels` and `label`.
    ");
}

#[test]
fn a_set_that_is_learned_worse_than_before_stays_as_it_was() {
    let forge = with_labels();
    forge.program(&["learn"]).run().well();
    let mut lines = String::new();
    for (at, (labels, title, body)) in labelled().into_iter().enumerate() {
        // Dealt at random: nothing can be learned of it.
        let labels: Vec<&str> = labels
            .into_iter()
            .map(|label| match (label, at % 4) {
                ("area: dial", 0 | 1) => "area: belt",
                ("area: belt", 0 | 1) => "area: dial",
                _ => label,
            })
            .collect();
        lines.push_str(
            &json!({ "labels": labels, "title": title, "body": format!("{body} {at}") }).to_string(),
        );
        lines.push('\n');
    }
    let from = file(forge.path(), "labelled.jsonl", lines.as_bytes());
    let told = forge.told(&["learn", "--from", from.to_str().unwrap()]);
    assert!(
        told.contains("`area: *` is judged as before: the model in use judges these issues better"),
        "{told}"
    );
    opens(&forge, "The belt slips", "Its leather slips from the wheel of the anvil.");
    assert_eq!(found(&forge)[0]["label"], "area: belt");
}

fn tells(forge: &LocalForge, payload: &Value) {
    forge.take_in(&file(forge.path(), "event.json", payload.to_string().as_bytes())).well();
}

/// It is analysed once more.
fn again(forge: &LocalForge, number: u64) {
    forge.adds(&["analyse", "--subject", &format!("issue/{number}")]);
    forge.program(&["drain"]).run().well();
}

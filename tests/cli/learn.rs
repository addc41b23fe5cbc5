//! `learn`: what people's labels say is learned, kept, and what the next analysis goes by.

use std::path::{Path, PathBuf};

use automata::domain::id::{IssueNumber, Login};
use automata::services::github::local::events;
use serde_json::{Value, json};

use super::forge::LocalForge;
use super::labelled::{self, MACHINES};
use super::program::file;

fn wobbles(machine: &str) -> (String, String) {
    (format!("Why does the needle wobble on the {machine}?"), "The needle wobbles and wobbles.".to_owned())
}

fn dial(machine: &str) -> (String, String) {
    (format!("A wider dial for the {machine}"), "The dial is narrow, a wider dial reads better.".to_owned())
}

/// A file in which people have labelled such issues, without those about the last `but` machines.
pub(super) fn labelled(folder: &Path, but: usize) -> PathBuf {
    let mut lines = String::new();
    for machine in &MACHINES[..MACHINES.len() - but] {
        for (label, (title, body)) in [("bug", wobbles(machine)), ("enhancement", dial(machine))] {
            lines.push_str(&json!({ "label": label, "title": title, "body": body }).to_string());
            lines.push('\n');
        }
    }
    lines.push_str("{\"label\": \"wontfix\", \"title\": \"Paint it green\"}\n");
    file(folder, "labelled.jsonl", lines.as_bytes())
}

/// What the analysis says of an issue's type.
fn type_of(forge: &LocalForge, issue: u64) -> Value {
    let log = forge.program(&["log", "-n", "0", "--format", "json"]).run().well();
    let events: Vec<Value> = log.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let subject = format!("issue/{issue}");
    let found = events.iter().filter(|event| event["subject"] == subject.as_str());
    let mut found =
        found.map(|event| &event["data"]["output"]["issue_type"]).filter(|found| found.is_object());
    found.next_back().unwrap().clone()
}

fn asks(forge: &LocalForge, title: &str) -> String {
    let payload = forge.opens("carol", title, "The needle wobbles a lot.");
    let ran = forge.take_in(&payload).well();
    forge.named(&ran)
}

/// The refs that hold what was learned.
pub(super) fn models(forge: &LocalForge) -> Vec<String> {
    let refs = forge.git(&["for-each-ref", "--format=%(refname)", "refs/automata/models"]);
    refs.lines().map(str::to_owned).collect()
}

#[test]
fn what_the_rules_misjudge_is_judged_by_what_people_have_labelled() {
    let forge = LocalForge::new();
    asks(&forge, "Why does the needle wobble on the anvil?");
    assert_eq!(type_of(&forge, 1)["value"], "question", "the rules take it for one");
    let file = labelled(forge.path(), 0);
    let learn = ["learn", "--from", file.to_str().unwrap()];
    insta::assert_snapshot!(forge.told(&[&learn[..], &["--dry-run"]].concat()), @"
    exit code 0
    -- stdout
             issues  precision  recall     F1
    bug          12      1.000   1.000  1.000
    feature      12      1.000   1.000  1.000
    macro F1 1.000 by cross-validation in 5 parts
    macro F1 0.000 by the rules alone, on the same issues
    -- stderr
    Left out: 1 issue without a label of a type.
    Until now the rules judged alone.
    Nothing was kept. The model would have 4 KB.
    ");
    assert_eq!(models(&forge).len(), 0);
    insta::assert_snapshot!(forge.told(&learn), @"
    exit code 0
    -- stdout
             issues  precision  recall     F1
    bug          12      1.000   1.000  1.000
    feature      12      1.000   1.000  1.000
    macro F1 1.000 by cross-validation in 5 parts
    macro F1 0.000 by the rules alone, on the same issues
    -- stderr
    Left out: 1 issue without a label of a type.
    Until now the rules judged alone.
    The model (4 KB) is kept, and the next analysis goes by it.
    ");
    asks(&forge, "Why does the needle wobble on the bellows?");
    insta::assert_snapshot!(type_of(&forge, 2), @r#"{"confidence":0.98,"reasons":["Learned from 24 labelled issues here: it says “wobbles”, “needle”, “why”, “wobble”, as do those that people call bug."],"value":"bug"}"#);
    let verified = forge.program(&["verify"]).run().well();
    assert!(verified.stdout.contains("sound"), "{}", verified.stdout);
    let log = forge.program(&["log", "-n", "0"]).run().well().stdout;
    assert!(log.contains("learned from 24 labelled issues what issues are"), "{log}");
}

#[test]
fn the_same_labels_change_nothing_and_the_model_before_the_last_is_thrown_away() {
    let forge = LocalForge::new();
    let learn = |but: usize| {
        let file = labelled(forge.path(), but);
        forge.program(&["learn", "--from", file.to_str().unwrap()]).run().well()
    };
    learn(0);
    let (appends, first) = (forge.appends(), models(&forge));
    let again = learn(0);
    assert!(again.stderr.contains("The model is the one that is in use already."), "{}", again.stderr);
    assert_eq!((forge.appends(), models(&forge)), (appends, first.clone()));
    assert!(learn(1).stderr.contains("The model in use until now: 24 issues"));
    assert_eq!(models(&forge).len(), 2, "a run that began earlier still asks for the first");
    learn(2);
    assert_eq!(models(&forge).len(), 2);
    assert!(!models(&forge).contains(&first[0]));
}

#[test]
fn a_model_that_is_gone_or_another_leaves_the_rules_alone_and_that_is_said() {
    let forge = LocalForge::new();
    let file = labelled(forge.path(), 0);
    let learn = ["learn", "--from", file.to_str().unwrap()];
    forge.program(&learn).run().well();
    let [reference] = <[String; 1]>::try_from(models(&forge)).unwrap();
    // Somebody's hand.
    forge.git(&["update-ref", &reference, "main"]);
    asks(&forge, "Why does the needle wobble on the anvil?");
    insta::assert_snapshot!(type_of(&forge, 1), @r#"{"confidence":0.86,"reasons":["The title says “why”.","The title is a question.","The rules alone judged: what was learned from labels here cannot be used (it is missing)."],"value":"question"}"#);
    // As the commit of a model, with other bytes in it.
    forge.commits("type", "{\"format\":1}\nno weights");
    forge.git(&["update-ref", &reference, "main"]);
    insta::assert_snapshot!(asks(&forge, "Why does the needle wobble on the bellows?"), @"
    exit code 0
    -- stdout
    recorded: carol opened issue #2: Why does the needle wobble on the bellows?
    2 tasks completed, 1 change outside, 2 pushes to the log
    -- stderr
     WARN run{run=RUN1}:task{task=ID1.1 kind=analyse issue=2}: what was learned of issue types cannot be used: it is not what the log says it is; `automata learn` makes it anew
    ");
    insta::assert_snapshot!(type_of(&forge, 2), @r#"{"confidence":0.86,"reasons":["The title says “why”.","The title is a question.","The rules alone judged: what was learned from labels here cannot be used (it is not what the log says it is)."],"value":"question"}"#);
    insta::assert_snapshot!(forge.told(&["why", "2"]), @"
    exit code 0
    -- stdout
    issue #2

    Found:
    - it is a question (86% sure)
        because the title says “why”.
        because the title is a question.
        because the rules alone judged: what was learned from labels here cannot be used (it is not what the log says it is).
    - its urgency is normal (50% sure)
        because nothing says that it is urgent, or that it is not.
    - it is like #1
        because both say needl, wobbl, lot

    Done:
    - the status comment was written
        because task ID1.1 `comment`: the analysis is shown in the status comment
        because it follows from task ID2.1 `analyse`: built-in rule: an issue that was opened, reopened or edited is analysed
        because event 11 TIME carol opened issue #2: Why does the needle wobble on the bellows?
        because receipt at event 18, done: file://DIR/forge/comments/0002/0002.json

    Not done:
    - label `question` is not set
        because the repository had no such label when the issue was analysed; with `labels.create` it would be made

    Story:
      11 TIME carol opened issue #2: Why does the needle wobble on the bellows?
      12 TIME task ID2.1 `analyse` enqueued: built-in rule: an issue that was opened, reopened or edited is analysed
      13 TIME task ID2.1 claimed (lease 1)
      14 TIME task ID2.1 completed
      15 TIME task ID1.1 `comment` enqueued: the analysis is shown in the status comment
      16 TIME task ID1.1 claimed (lease 1)
      17 TIME about to change the comment on issue/2: HASH1
      18 TIME status done: file://DIR/forge/comments/0002/0002.json
      19 TIME task ID1.1 completed
    ");
    // To learn again mends it.
    forge.program(&learn).run().well();
    asks(&forge, "Why does the needle wobble on the furnace?");
    assert_eq!(type_of(&forge, 3)["value"], "bug");
}

/// A file of issues that the rules know by their words, with labels dealt at random.
fn mislabelled(folder: &Path) -> PathBuf {
    let mut lines = String::new();
    for (at, machine) in MACHINES.iter().enumerate() {
        for (right, other, title, body) in [
            ("bug", "enhancement", format!("Crash in the {machine}"), "It crashes with an error."),
            (
                "enhancement",
                "bug",
                format!("Feature request: a quieter {machine}"),
                "It would be nice to have.",
            ),
        ] {
            // A third of them is wrong, so that nothing can be learned that is better than the rules.
            let label = if at % 3 == 0 { other } else { right };
            lines.push_str(&json!({ "label": label, "title": title, "body": body }).to_string());
            lines.push('\n');
        }
    }
    file(folder, "mislabelled.jsonl", lines.as_bytes())
}

#[test]
fn what_judges_worse_than_what_judges_now_is_not_taken_unless_somebody_says_so() {
    let forge = LocalForge::new();
    let good = labelled(forge.path(), 0);
    forge.program(&["learn", "--from", good.to_str().unwrap()]).run().well();
    let (appends, kept) = (forge.appends(), models(&forge));
    let bad = mislabelled(forge.path());
    let learn = ["learn", "--from", bad.to_str().unwrap()];
    insta::assert_snapshot!(forge.told(&learn), @"
    exit code 1
    -- stdout
             issues  precision  recall     F1
    bug          12      0.500   0.500  0.500
    feature      12      0.500   0.500  0.500
    macro F1 0.500 by cross-validation in 5 parts
    macro F1 0.667 by the rules alone, on the same issues
    macro F1 0.333 by the model in use
    -- stderr
    The model in use until now: 24 issues, macro F1 1.000.
    Nothing was kept. The model would have 3 KB.
    failed: the rules alone judge these issues better than what was learned: macro F1 0.667 against 0.500; nothing was kept
    hint: More issues of each type, and labels that people agree on, make it better.
    hint: `--even-if-worse` takes it all the same.
    ");
    assert_eq!((forge.appends(), models(&forge)), (appends, kept));
    insta::assert_snapshot!(forge.told(&[&learn[..], &["--dry-run"]].concat()), @"
    exit code 0
    -- stdout
             issues  precision  recall     F1
    bug          12      0.500   0.500  0.500
    feature      12      0.500   0.500  0.500
    macro F1 0.500 by cross-validation in 5 parts
    macro F1 0.667 by the rules alone, on the same issues
    macro F1 0.333 by the model in use
    -- stderr
    The model in use until now: 24 issues, macro F1 1.000.
    Nothing was kept. The model would have 3 KB.
    It would be refused: the rules alone judge these issues better than what was learned: macro F1 0.667 against 0.500.
    ");
    insta::assert_snapshot!(forge.told(&[&learn[..], &["--even-if-worse"]].concat()), @"
    exit code 0
    -- stdout
             issues  precision  recall     F1
    bug          12      0.500   0.500  0.500
    feature      12      0.500   0.500  0.500
    macro F1 0.500 by cross-validation in 5 parts
    macro F1 0.667 by the rules alone, on the same issues
    macro F1 0.333 by the model in use
    -- stderr
    The model in use until now: 24 issues, macro F1 1.000.
    The model (3 KB) is kept, and the next analysis goes by it.
    ");
    // It was a mistake.
    insta::assert_snapshot!(forge.told(&["learn", "--back"]), @"
    exit code 0
    -- stderr
    From the next analysis on the model from 24 issues (macro F1 1.000) judges.
    Before: the model from 24 issues (macro F1 0.500) judges. `automata learn --back` goes back there.
    ");
    asks(&forge, "Why does the needle wobble on the bellows?");
    assert_eq!(type_of(&forge, 1)["value"], "bug", "as the first model says");
}

#[test]
fn there_is_a_way_back_to_the_rules_and_to_the_model_before() {
    let forge = LocalForge::new();
    insta::assert_snapshot!(forge.told(&["learn", "--back"]), @"
    exit code 2
    -- stderr
    error: nothing was ever learned here, so there is nothing to go back from
    hint: `automata learn --dry-run` tells what would be learned.
    ");
    let file = labelled(forge.path(), 0);
    forge.program(&["learn", "--from", file.to_str().unwrap()]).run().well();
    insta::assert_snapshot!(forge.told(&["learn", "--rules"]), @"
    exit code 0
    -- stderr
    From the next analysis on the rules judge alone.
    Before: the model from 24 issues (macro F1 1.000) judges. `automata learn --back` goes back there.
    ");
    asks(&forge, "Why does the needle wobble on the anvil?");
    assert_eq!(type_of(&forge, 1)["value"], "question", "as the rules have it");
    insta::assert_snapshot!(forge.told(&["learn", "--rules"]), @"
    exit code 0
    -- stderr
    Nothing changed: the rules judge alone already.
    ");
    insta::assert_snapshot!(forge.told(&["learn", "--back", "--format", "json"]), @r#"
    exit code 0
    -- stdout
    {"before":null,"now":{"digest":"HASH1","bytes":3151,"rows":{"bug":12,"feature":12},"macro_f1_thousandths":1000}}
    "#);
    asks(&forge, "Why does the needle wobble on the bellows?");
    assert_eq!(type_of(&forge, 2)["value"], "bug", "as it was learned");
    forge.program(&["learn", "--back"]).run().well();
    asks(&forge, "Why does the needle wobble on the furnace?");
    assert_eq!(type_of(&forge, 3)["value"], "question", "once more takes it back");
    let verified = forge.program(&["verify"]).run().well();
    assert!(verified.stdout.contains("sound"), "{}", verified.stdout);
    let log = forge.program(&["log", "-n", "0"]).run().well().stdout;
    assert!(log.contains("what was learned is set aside"), "{log}");
}

#[test]
fn people_correct_what_automata_labelled_and_the_next_time_that_is_learned() {
    let forge = LocalForge::new();
    let mut opened = 0;
    for machine in MACHINES {
        for (label, (title, body)) in [("bug", wobbles(machine)), ("enhancement", dial(machine))] {
            forge.forge().open_issue(&labelled::issue(title, &body, &[label])).unwrap();
            opened += 1;
        }
    }
    insta::assert_snapshot!(forge.told(&["learn", "--format", "json"]), @r#"
    exit code 0
    -- stdout
    {"rows":{"bug":12,"feature":12},"siblings":0,"left_out":{"untyped":0,"several":0,"ours":0},"macro_f1":1.0,"classes":[{"class":"bug","precision":1.0,"recall":1.0,"f1":1.0,"rows":12},{"class":"feature","precision":1.0,"recall":1.0,"f1":1.0,"rows":12}],"compared":{"rules":0.0,"in_use":null},"types_left":null,"sets":[],"bytes":3151,"digest":"HASH1","before":null,"recorded":true}
    "#);
    // Automata labels one itself: its own word is no lesson.
    asks(&forge, "Why does the needle wobble on the anvil?");
    let (number, learn) = (IssueNumber(opened + 1), ["learn", "--dry-run", "--format", "json"]);
    let issue = forge.program(&["show", &format!("#{}", opened + 1), "--format", "json"]).run().well().json();
    assert_eq!(issue["issue"]["our_labels"], json!(["bug"]), "{issue}");
    let told = forge.program(&learn).run().well().json();
    assert_eq!((&told["rows"]["bug"], &told["left_out"]["ours"]), (&json!(12), &json!(1)));
    // Somebody knows better.
    let by = Login::new("maria");
    let issue = forge.forge().take_label_off(number, "bug").unwrap();
    let payload = events::issue_unlabeled(forge.forge(), &issue, "bug", &by).unwrap();
    forge.take_in(&file(forge.path(), "off.json", payload.to_string().as_bytes())).well();
    forge.forge().put_label(number, "enhancement").unwrap();
    let told = forge.program(&learn).run().well().json();
    assert_eq!((&told["rows"]["enhancement"], &told["rows"]["feature"]), (&Value::Null, &json!(13)));
    assert_eq!(told["left_out"]["ours"], 0);
}

#[test]
fn where_there_is_too_little_to_learn_from_that_is_said_and_nothing_is_kept() {
    let forge = LocalForge::new();
    insta::assert_snapshot!(forge.told(&["learn"]), @"
    exit code 2
    -- stderr
    error: there is too little to learn from: 0 bug, 0 feature, 0 question, 0 documentation
    hint: Two types need 10 issues each that people have labelled with just one of them. Which label stands for which type says the configuration (labels.type); `--from FILE` takes labelled issues from elsewhere.
    ");
    let file = labelled(forge.path(), 3);
    insta::assert_snapshot!(forge.told(&["learn", "--from", file.to_str().unwrap()]), @"
    exit code 2
    -- stderr
    error: there is too little to learn from: 9 bug, 9 feature, 0 question, 0 documentation
    hint: Two types need 10 issues each that people have labelled with just one of them. Which label stands for which type says the configuration (labels.type); `--from FILE` takes labelled issues from elsewhere.
    ");
    insta::assert_snapshot!(forge.told(&["learn", "--from", "nowhere.csv"]), @"
    exit code 2
    -- stderr
    error: --from: nowhere.csv cannot be read: No such file or directory (os error 2)
    hint: Name a file of labelled issues, CSV or one JSON object a line.
    ");
    assert_eq!(models(&forge).len(), 0);
}

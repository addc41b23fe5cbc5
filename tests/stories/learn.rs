//! Task kind `learn`: when people have corrected enough of what was learned, it is learned anew, and taken in if it is not worse.

use automata::domain::id::{IssueNumber, Login};
use automata::services::github::local::events;
use serde_json::Value;

use crate::cli::forge::LocalForge;
use crate::cli::labelled::{self, MACHINES};
use crate::cli::program::file;

/// A forge where people labelled a dozen bugs and a dozen wishes, from which types were learned.
fn learned(configuration: &str) -> LocalForge {
    let forge = LocalForge::new();
    forge.commits(".github/automata.yml", configuration);
    for machine in MACHINES {
        for (label, title, body) in [
            (
                "bug",
                format!("Why does the needle wobble on the {machine}?"),
                "The needle wobbles and wobbles.",
            ),
            (
                "enhancement",
                format!("A wider dial for the {machine}"),
                "The dial is narrow, a wider dial reads better.",
            ),
        ] {
            opens_labelled(&forge, label, title, body);
        }
    }
    forge.program(&["learn"]).run().well();
    forge
}

/// Somebody opened an issue long ago, and it was labelled.
fn opens_labelled(forge: &LocalForge, label: &str, title: String, body: &str) {
    forge.forge().open_issue(&labelled::issue(title, body, &[label])).unwrap();
}

/// Somebody opens an issue that reads like a bug, and Automata calls it one; maria says that it is a wish.
fn corrects(forge: &LocalForge, title: &str, body: &str) -> String {
    let opened = forge.opens("carol", title, body);
    forge.take_in(&opened).well();
    assert_eq!(found(forge), "bug");
    let number = IssueNumber(forge.issues() as u64);
    let by = Login::new("maria");
    let issue = forge.forge().take_label_off(number, "bug").unwrap();
    assert!(!issue.labels.iter().any(|label| label == "bug"));
    tells(forge, &events::issue_unlabeled(forge.forge(), &issue, "bug", &by).unwrap());
    let issue = forge.forge().put_label(number, "enhancement").unwrap();
    tells(forge, &events::issue_labeled(forge.forge(), &issue, "enhancement", &by).unwrap())
}

fn tells(forge: &LocalForge, payload: &Value) -> String {
    let ran = forge.take_in(&file(forge.path(), "event.json", payload.to_string().as_bytes())).well();
    forge.named(&ran)
}

/// A page of the handbook: as many words about needles as a bug has, and some of its own.
fn page(forge: &LocalForge, machine: &str) -> String {
    corrects(
        forge,
        &format!("Why does the needle wobble: a handbook page on the {machine}"),
        "The handbook page explains how the needle wobbles and wobbles.",
    )
}

/// What the analysis says that an issue is.
fn found(forge: &LocalForge) -> String {
    let number = format!("#{}", forge.issues());
    let shown = forge.program(&["show", &number, "--format", "json"]).run().well().json();
    shown["issue"]["analysis"]["issue_type"]["value"].as_str().unwrap().to_owned()
}

/// The lines of the log that are about learning.
fn told(forge: &LocalForge) -> String {
    let log = forge.program(&["log", "-n", "0"]).run().well().stdout;
    let said = |line: &&str| ["learn", "judges", "judged"].iter().any(|word| line.contains(word));
    let lines = log.lines().filter(said).filter_map(|line| line.split_once("repository  "));
    lines.map(|(_, said)| hidden(said.trim())).collect::<Vec<_>>().join("\n")
}

/// Without the ids of tasks, which are drawn.
fn hidden(line: &str) -> String {
    let mut words: Vec<&str> = line.split(' ').collect();
    if words.first() == Some(&"task") {
        words[1] = "ID";
    }
    words.join(" ")
}

fn status(forge: &LocalForge) -> String {
    let shown = forge.program(&["status", "--format", "json"]).run().well().json();
    let told = shown["learned"].as_str().unwrap_or("nothing").to_owned();
    // The time is the machine's.
    match told.split_once("; last, at ") {
        Some((before, last)) => format!("{before}; last, at TIME{}", &last[last.find(": ").unwrap()..]),
        None => told,
    }
}

#[test]
fn what_people_corrected_often_enough_is_learned_by_itself_and_judges_from_then_on() {
    let forge = learned("triage: { learn_after: 5 }\n");
    for machine in &MACHINES[..4] {
        page(&forge, machine);
    }
    insta::assert_snapshot!(status(&forge), @"types are learned from 24 labelled issues (macro F1 1.000); 4 of 5 corrections until they are learned anew");
    page(&forge, MACHINES[4]);
    insta::assert_snapshot!(told(&forge), @"
    learned from 24 labelled issues what issues are (macro F1 1.000)
    task ID `learn` enqueued: people corrected 5 types that were found since something was learned last
    learned from 29 labelled issues what issues are (macro F1 1.000)
    task ID completed: what was learned anew judges from now on: 29 labelled issues (macro F1 1.000)
    ");
    insta::assert_snapshot!(status(&forge), @"types are learned from 29 labelled issues (macro F1 1.000); 0 of 5 corrections until they are learned anew; last, at TIME: what was learned anew judges from now on: 29 labelled issues (macro F1 1.000)");
    let opened = forge.opens(
        "carol",
        "Why does the needle wobble: a handbook page on the anvil",
        "The handbook page explains it.",
    );
    forge.take_in(&opened).well();
    assert_eq!(found(&forge), "feature");
    // What came of it is told with its reasons.
    let shown = forge.program(&["status", "--format", "json"]).run().well().json();
    let tasks = shown["tasks"].as_array().unwrap();
    let task = tasks.iter().find(|task| task["kind"] == "learn").unwrap()["task"].as_str().unwrap();
    insta::assert_snapshot!(forge.told(&["why", task]), @"
    exit code 0
    -- stdout
    task ID1.1

    Done:
    - task ID1.1 `learn` changed nothing outside
        because task ID1.1 `learn`: people corrected 5 types that were found since something was learned last
        because event 107 TIME task ID1.1 `learn` enqueued: people corrected 5 types that were found since something was learned last

    Story:
      107 TIME task ID1.1 `learn` enqueued: people corrected 5 types that were found since something was learned last
      108 TIME task ID1.1 claimed (lease 1)
      110 TIME task ID1.1 completed: what was learned anew judges from now on: 29 labelled issues (macro F1 1.000)
    ");
    // There is a way back, and it knows what judged before.
    let back = forge.program(&["learn", "--back"]).run().well();
    assert!(back.stderr.contains("the model from 24 issues"), "{}", back.stderr);
    let verified = forge.program(&["verify"]).run().well();
    assert!(verified.stdout.contains("sound"), "{}", verified.stdout);
}

#[test]
fn what_is_learned_anew_and_is_worse_is_not_taken_and_is_not_tried_again_at_once() {
    let forge = LocalForge::new();
    forge.commits(".github/automata.yml", "triage: { learn_after: 3 }\n");
    // What the rules know by its words, and a third of it labelled the other way round: nothing better can be learned.
    for (at, machine) in MACHINES.iter().enumerate() {
        let labels = if at % 3 == 0 { ["enhancement", "bug"] } else { ["bug", "enhancement"] };
        opens_labelled(&forge, labels[0], format!("Crash in the {machine}"), "It crashes with an error.");
        opens_labelled(
            &forge,
            labels[1],
            format!("Feature request: a quieter {machine}"),
            "It would be nice to have.",
        );
    }
    forge.program(&["learn", "--even-if-worse"]).run().well();
    for machine in &MACHINES[..3] {
        corrects(&forge, &format!("Crash in the old {machine}"), "It crashes with an error.");
    }
    let told = told(&forge);
    let last = told.lines().last().unwrap();
    assert!(last.contains("what judged before stays: the rules alone judge these issues better"), "{told}");
    assert!(status(&forge).contains("; 0 of 3 corrections"), "{}", status(&forge));
    assert!(status(&forge).contains("; last, at TIME: what judged before stays"), "{}", status(&forge));
    let before = forge.appends();
    forge.program(&["drain"]).run().well();
    assert_eq!(forge.appends(), before, "it is not tried again before as many corrections have come");
}

#[test]
fn nothing_is_learned_by_itself_where_nobody_wants_it() {
    let forge = learned("triage: { learn_after: null }\n");
    for machine in &MACHINES[..2] {
        page(&forge, machine);
    }
    insta::assert_snapshot!(status(&forge), @"types are learned from 24 labelled issues (macro F1 1.000); 2 corrections since");
    assert!(!told(&forge).contains("`learn`"));
    // The same where nothing is learned.
    forge.program(&["learn", "--rules"]).run().well();
    forge.commits(".github/automata.yml", "triage: { learn_after: 1 }\n");
    let opened = forge.opens("carol", "Crash in the anvil", "It crashes with an error.");
    forge.take_in(&opened).well();
    let number = IssueNumber(forge.issues() as u64);
    let issue = forge.forge().put_label(number, "enhancement").unwrap();
    tells(
        &forge,
        &events::issue_labeled(forge.forge(), &issue, "enhancement", &Login::new("maria")).unwrap(),
    );
    assert_eq!(status(&forge), "nothing");
    assert!(!told(&forge).contains("`learn`"));
}

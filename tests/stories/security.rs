//! Reports of weaknesses: recognised, told where they belong, and nothing about them shown.

mod assistants;
mod readers;

use insta::assert_snapshot;

use super::texts::MENDED;
use crate::world::stage::Stage;

const TITLE: &str = "Remote code execution through crafted lists";
const REPORT: &str = "\
An attacker who sends `frobnicate=1` gets a shell, see src/parser.rs:2 and `parse`. Proof of concept:

```
frobnicate=$(id)
```
";

#[tokio::test]
async fn a_report_of_a_weakness_gets_a_pointer_to_the_policy_and_nothing_else() {
    let stage = Stage::configured("triage: {security: {label: security}}\n").await;
    stage.put_file("SECURITY.md", "Write to us in private.\n");
    stage.github.make_label("security", "ff0000", "");
    let (issue, report) = stage.opens("alice", TITLE, REPORT).await;
    assert!(!report.failed(), "{:?}", report.warnings);
    assert_eq!(stage.github.labels_of(issue), ["security", "priority: critical"]);
    let comment = stage.status_comment(issue).replace(stage.github.api_url(), "API");
    assert_snapshot!(comment, @"
    This reads like a report of a weakness that others could use. Nothing about it is analysed or shown here.

    Please do what the [security policy](https://github.com/acme/widgets/blob/main/SECURITY.md) says, or make [a private report](https://github.com/acme/widgets/security/advisories/new), and write no more details here.

    <sub>Kept up to date by Automata. A label or assignment that a person changes stays as they left it.</sub>
    ");
    for word in ["frobnicate", "parser", "otto", "shell", "crafted"] {
        assert!(!comment.contains(word), "{word}");
        assert!(
            !stage.state().await.issues.values().any(|known| format!("{:?}", known.analysis).contains(word)),
            "{word}"
        );
    }
    let (writes, pushes) = (stage.writes(), stage.git.take_traffic().pushes);
    assert_eq!(pushes, 2);
    // An edit that changes nothing about that says nothing new.
    stage.edits("alice", issue, TITLE, &format!("{REPORT}\nPlease hurry.")).await;
    assert_eq!(stage.writes(), writes);
}

#[tokio::test]
async fn later_issues_are_not_told_that_they_are_like_it_and_a_patch_in_it_is_not_tried() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("mona", "SQL injection in the parser", MENDED).await;
    assert_eq!(stage.pushed_branches(), [""; 0]);
    assert!(stage.why(issue).await.contains("a report of a weakness is not worked on in public"));
    assert!(stage.status_comment(issue).starts_with("This reads like a report of a weakness"));
    let (other, _) =
        stage.opens("bob", "Crash in the parser of lists", "The parser of lists crashes on injection.").await;
    assert!(!stage.status_comment(other).contains("Similar issues"), "{}", stage.status_comment(other));
}

#[tokio::test]
async fn a_person_who_takes_the_label_off_has_it_analysed_like_any_other() {
    let stage = Stage::configured("triage: {security: {label: security}}\n").await;
    stage.github.make_label("security", "ff0000", "");
    let (issue, _) = stage.opens("alice", TITLE, REPORT).await;
    stage.unlabels("mona", issue, "security").await;
    stage.edits("alice", issue, TITLE, REPORT).await;
    assert!(stage.status_comment(issue).contains("src/parser.rs:2"), "{}", stage.status_comment(issue));
    assert!(!stage.github.labels_of(issue).contains(&"security".to_owned()));
}

#[tokio::test]
async fn who_wants_it_in_the_open_has_the_pointer_above_the_analysis() {
    let stage = Stage::configured("triage: {security: {quiet: false}}\n").await;
    let (issue, _) = stage.opens("alice", TITLE, REPORT).await;
    let comment = stage.status_comment(issue);
    assert!(comment.contains("/security/advisories/new") && comment.contains("src/parser.rs:2"), "{comment}");
}

#[tokio::test]
async fn words_that_only_sound_like_it_change_nothing() {
    let stage = Stage::start().await;
    let (issue, _) = stage
        .opens("bob", "Add a more secure default", "It would be nice to have dependency injection.")
        .await;
    assert_eq!(stage.github.labels_of(issue), ["enhancement"]);
    assert!(!stage.status_comment(issue).contains("weakness"));
}

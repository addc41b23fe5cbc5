//! Checks: a change is tried out in a folder of its own before anybody is asked to look at it.

use std::fs;
use std::path::Path;

use automata::domain::failure::Failure;
use insta::assert_snapshot;

use super::attempts::{MENDED_FILE, Scripted, mends};
use super::texts::{BRANCH, CRASH, MENDED};
use crate::world::stage::Stage;

/// A check that passes when the crash is mended, and one that always does.
const CHECKS: &str = "pull_requests: { mode: ready }\nchecks:\n  - { name: mended, run: 'cat src/parser.rs; grep -q unwrap_or src/parser.rs' }\n  - { name: clean, run: 'test -z \"$(git status --porcelain)\" && test -z \"$AUTOMATA_TOKEN$GITHUB_TOKEN\"' }\n";

fn body(stage: &Stage) -> String {
    let opened = stage.github.requests().into_iter().find(|line| line.contains("/pulls {")).unwrap();
    let sent: serde_json::Value = serde_json::from_str(opened.split_once("/pulls ").unwrap().1).unwrap();
    sent["body"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_patch_that_passes_is_ready_and_says_so() {
    let stage = Stage::configured(CHECKS).await;
    stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(stage.github.pulls(), [format!("#2 open {BRANCH} -> main: {CRASH}")]);
    let body = body(&stage);
    assert!(body.contains("| mended | passed |\n| clean | passed |\n"), "{body}");
}

#[tokio::test]
async fn a_patch_that_fails_is_a_draft_whatever_the_configuration_says() {
    let stage = Stage::configured(&CHECKS.replace("unwrap_or", "expect")).await;
    stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(stage.github.pulls(), [format!("#2 open draft {BRANCH} -> main: {CRASH}")]);
    let body = body(&stage);
    let told = body.split_once("## Checks").unwrap().1.split_once("This was opened").unwrap().0;
    assert_snapshot!(told, @"
    | check | result |
    |---|---|
    | mended | **failed** |
    | clean | passed |

    The last lines of mended:

    ```text
    fn parse(line: &str) -> usize {
        let at = line.find('=').unwrap_or(0);
        at
    }
    It ended with 1.
    ```
    ");
    assert!(body.starts_with("Closes #1\n\n**Checks of this change failed, see below."), "{body}");
}

/// Breaks it in another way first, and mends it when it is asked to repair that.
fn needs_two_goes(folder: &Path, before: usize) -> Result<&'static str, Failure> {
    if before == 0 {
        fs::write(folder.join("src/parser.rs"), "fn parse() {}\n").unwrap();
        return Ok("Removes the crash.");
    }
    assert_eq!(fs::read_to_string(folder.join("src/parser.rs")).unwrap(), "fn parse() {}\n");
    mends(folder, before)
}

fn never_gets_it(folder: &Path, before: usize) -> Result<&'static str, Failure> {
    fs::write(folder.join("src/parser.rs"), format!("fn parse() {{}} // {before}\n")).unwrap();
    Ok("Tries.")
}

#[tokio::test]
async fn an_assistant_repairs_what_a_check_found() {
    let stage = Stage::configured(CHECKS).await;
    let helper = Scripted::new("helper", needs_two_goes);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    stage.comments("mona", issue, "/automata implement").await;
    assert_eq!(helper.asked(), 2);
    let prompts = helper.prompts.lock().unwrap().clone();
    assert!(prompts[1].contains("## mended\n") && prompts[1].contains("fn parse() {}"), "{}", prompts[1]);
    assert_eq!(stage.file(BRANCH, "src/parser.rs"), MENDED_FILE);
    assert_eq!(stage.github.pulls(), [format!("#2 open {BRANCH} -> main: {CRASH}")]);
    assert_eq!(stage.git.repository.git(&["rev-list", "--count", &format!("main..{BRANCH}")]).trim(), "1");
}

#[tokio::test]
async fn repairs_end_at_their_limit_and_leave_a_draft() {
    let stage = Stage::configured(CHECKS).await;
    let helper = Scripted::new("helper", never_gets_it);
    *stage.assistants.borrow_mut() = vec![helper.clone()];
    let (issue, _) = stage.opens("mona", CRASH, "It crashes.").await;
    stage.comments("mona", issue, "/automata implement").await;
    assert_eq!(helper.asked(), 3, "once, and two repairs");
    assert_eq!(stage.github.pulls(), [format!("#2 open draft {BRANCH} -> main: {CRASH}")]);
    let told = stage.told().await;
    assert_eq!(told.iter().filter(|line| line.contains("helper made a change")).count(), 3);
}

#[tokio::test]
async fn a_branch_alone_is_linked_in_the_comment_and_none_asks_nobody() {
    let stage = Stage::configured("pull_requests: { mode: branch }\n").await;
    let (issue, _) = stage.opens("mona", CRASH, MENDED).await;
    assert_eq!((stage.pushed_branches().len(), stage.github.pulls().len()), (1, 0));
    let comment = stage.status_comment(issue);
    assert!(comment.contains(&format!("- The change is on branch {BRANCH}.")), "{comment}");
    let stage = Stage::configured("pull_requests: { mode: none }\n").await;
    let (issue, _) = stage.opens("mona", CRASH, MENDED).await;
    assert_eq!((stage.pushed_branches().len(), stage.github.pulls().len()), (0, 0));
    assert!(stage.status_comment(issue).contains("so nobody is asked for a change"));
}

#[tokio::test]
async fn the_repositorys_template_and_labels_are_heeded() {
    let stage = Stage::configured("pull_requests: { labels: [bug] }\n").await;
    stage.put_file(".github/pull_request_template.md", "- [ ] I have read the rules\n");
    stage.opens("mona", CRASH, MENDED).await;
    let body = body(&stage);
    let (text, marker) = body.trim_end().rsplit_once("\n\n").unwrap();
    assert!(
        text.ends_with("\n---\n\n- [ ] I have read the rules") && marker.starts_with("<!-- automata:"),
        "{body}"
    );
    assert_eq!(stage.github.labels_of(2), ["bug"]);
}

//! Task kind `implement`: a maintainer's patch becomes a branch that really holds it.

use std::time::Duration;

use automata::app::Outcome;
use insta::assert_snapshot;

use super::texts::{BRANCH, CRASH, MENDED, MENDED_LINE, TRACE, fenced};
use crate::world::stage::Stage;

#[tokio::test]
async fn a_maintainers_patch_in_the_issue_is_pushed_and_a_draft_opened() {
    let stage = Stage::start().await;
    let (issue, report) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert!(stage.file(BRANCH, "src/parser.rs").contains(MENDED_LINE));
    assert!(!stage.file("main", "src/parser.rs").contains(MENDED_LINE));
    assert_eq!(stage.github.pulls(), [format!("#2 open draft {BRANCH} -> main: {CRASH}")]);
    assert_eq!(report.pull_request.as_deref(), Some("https://github.com/acme/widgets/pull/2"));
    let commit = stage.git.repository.git(&["log", "-1", "--format=%an <%ae> %aI%n%B", BRANCH]);
    assert_snapshot!(commit, @r#"
    automata <automata@users.noreply.github.com> 2026-11-22T10:00:00Z
    Crash on a line without an equals sign (#1)

    Applies the patch of mona in the issue.

    Co-authored-by: mona <mona@users.noreply.github.com>
    "#);
    assert_eq!(stage.git.repository.git(&["rev-list", "--count", &format!("main..{BRANCH}")]).trim(), "1");
    assert!(stage.status_comment(issue).contains("Pull request: #2"));
}

#[tokio::test]
async fn a_patch_in_a_comment_is_taken_and_the_same_event_again_makes_no_second_one() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    let comment = stage.github.comment("otto", issue, MENDED);
    let payload = stage.github.event_payload_commented(comment);
    stage.run("issue_comment", &payload).await.unwrap();
    let again = stage.run("issue_comment", &payload).await.unwrap();
    assert_eq!(again.outcome, Outcome::Duplicate);
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert_eq!(stage.github.pulls().len(), 1);
    assert!(stage.file(BRANCH, "src/parser.rs").contains(MENDED_LINE));
    assert!(stage.status_comment(issue).contains("Pull request: #2"));
}

#[tokio::test]
async fn the_same_patch_posted_again_makes_no_second_pull_request_and_the_first_is_named() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    // By somebody else, with other words around it, and after the default branch has moved on.
    let moved_on = format!("{}\n// That is all.\n", stage.file("main", "src/parser.rs"));
    stage.put_file("src/parser.rs", &moved_on);
    let report = stage.comments("otto", issue, &format!("What about this?\n\n{MENDED}")).await;
    assert_eq!((report.warnings.len(), report.failed()), (0, false), "{report:?}");
    stage.comments("mona", issue, &format!("As otto says.\n\n{MENDED}")).await;
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert_eq!(stage.github.pulls(), [format!("#2 open draft {BRANCH} -> main: {CRASH}")]);
    let comment = stage.status_comment(issue);
    let said: Vec<&str> = comment.lines().filter(|line| line.contains("The change")).collect();
    assert_snapshot!(said.join("\n"), @"- The change was not made: #2 has this change already.");
    // A month later nobody remembers the tasks, and it is still the same change.
    stage.lets_pass(Duration::from_secs(30 * 24 * 3600));
    stage.comments("otto", issue, MENDED).await;
    assert_eq!(stage.github.pulls().len(), 1);
}

#[tokio::test]
async fn the_same_patch_in_another_issue_makes_no_second_pull_request_and_leads_to_the_first() {
    let stage = Stage::start().await;
    stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    let (other, _) = stage.opens("otto", "It stops", &format!("It stops at once.\n\n{MENDED}")).await;
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert_eq!(stage.github.pulls(), [format!("#2 open draft {BRANCH} -> main: {CRASH}")]);
    let comment = stage.status_comment(other);
    let said: Vec<&str> = comment.lines().filter(|line| line.contains("The change")).collect();
    assert_snapshot!(said.join("\n"), @"- The change was not made: #2, which is for #1, has this change already.");
    // Once somebody has settled the first it may be tried there.
    stage.github.close(2);
    stage.comments("otto", other, MENDED).await;
    assert_eq!(stage.github.pulls().len(), 2, "{:?}", stage.github.pulls());
}

#[tokio::test]
async fn the_same_patch_in_two_issues_that_one_run_takes_up_makes_one_pull_request() {
    let stage = Stage::start().await;
    stage.opens("dave", "How do I turn it off?", "I cannot find out how.").await;
    let mut numbers = Vec::new();
    for title in [CRASH, "It stops"] {
        numbers.push(stage.github.open_issue("mona", title, &format!("{TRACE}\n{MENDED}"), &[]));
    }
    // Nobody told of them: one look finds both, and their tasks are worked at side by side.
    stage.drain_later().await;
    let pulls = stage.github.pulls();
    assert_eq!(pulls.len(), 1, "{pulls:?}");
    let told = |number: &&u64| stage.status_comment(**number).contains("this change");
    assert_eq!(numbers.iter().filter(told).count(), 1);
}

#[tokio::test]
async fn the_same_patch_may_be_tried_again_once_its_pull_request_was_closed() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    stage.github.close(2);
    stage.comments("otto", issue, MENDED).await;
    let pulls = stage.github.pulls();
    assert_eq!(pulls.len(), 2, "{pulls:?}");
    assert!(pulls[1].starts_with("#3 open draft"), "{pulls:?}");
}

#[tokio::test]
async fn another_patch_for_the_same_issue_is_another_change() {
    let stage = Stage::configured(
        "rules:\n  - on: [issues.opened, issues.edited]\n    if: { has_patch: true }\n    do: implement\n",
    )
    .await;
    let (issue, _) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    // The words around it are others.
    stage.edits("mona", issue, CRASH, &format!("{TRACE}\nMends it:\n{MENDED}")).await;
    assert_eq!(stage.github.pulls().len(), 1);
    stage
        .edits("mona", issue, CRASH, &format!("{TRACE}\n{}", MENDED.replace("unwrap_or(0)", "unwrap_or(1)")))
        .await;
    assert_eq!(stage.github.pulls().len(), 2, "{:?}", stage.github.pulls());
}

#[tokio::test]
async fn a_patch_pasted_on_windows_or_into_a_list_is_taken_as_well() {
    let stage = Stage::start().await;
    let pasted = MENDED.replace('\n', "\r\n");
    stage.opens("mona", CRASH, &pasted).await;
    let listed = format!(
        "1. Try this:\n{}",
        MENDED.lines().skip(2).map(|line| format!("   {line}\n")).collect::<String>()
    );
    let other = Stage::start().await;
    other.opens("mona", "Another crash", &listed).await;
    for stage in [stage, other] {
        let [branch] = <[String; 1]>::try_from(stage.pushed_branches()).unwrap();
        assert!(stage.file(&branch, "src/parser.rs").contains(MENDED_LINE), "{branch}");
    }
}

#[tokio::test]
async fn a_strangers_patch_is_not_acted_on_and_the_comment_says_why() {
    let stage = Stage::start().await;
    let (issue, report) = stage.opens("mallory", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    assert!(!report.failed());
    assert_eq!(stage.pushed_branches(), [""; 0]);
    assert_eq!(stage.github.pulls(), [""; 0]);
    let comment = stage.status_comment(issue);
    let said = comment.lines().find(|line| line.contains("The change")).unwrap_or_default();
    assert_snapshot!(said, @"- The change was not made: mallory has no write access, so what they wrote is not acted on; somebody who has can repeat it in a comment.");
}

#[tokio::test]
async fn the_command_of_a_maintainer_takes_the_patch_of_the_issue_once_more() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    stage.github.close(2);
    stage.comments("otto", issue, "/automata implement").await;
    assert_eq!(stage.pushed_branches(), [BRANCH], "the same patch makes the same commit, whoever asks");
    assert_eq!(
        stage.github.pulls(),
        [format!("#2 closed {BRANCH} -> main: {CRASH}"), format!("#3 open draft {BRANCH} -> main: {CRASH}")]
    );
}

#[tokio::test]
async fn the_command_of_a_stranger_starts_nothing() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("mona", CRASH, &format!("{TRACE}\n{MENDED}")).await;
    stage.github.close(2);
    stage.comments("mallory", issue, "/automata implement").await;
    assert_eq!(stage.github.pulls().len(), 1, "a maintainer closed it, and a stranger cannot overrule that");
    assert!(stage.status_comment(issue).contains("mallory has read access"));
}

#[tokio::test]
async fn the_command_without_any_patch_says_what_to_do() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("mallory", CRASH, MENDED).await;
    let report = stage.comments("mona", issue, "/automata implement").await;
    assert!(report.failed());
    assert_eq!(stage.pushed_branches(), [""; 0]);
    let comment = stage.status_comment(issue);
    let said: Vec<&str> = comment.lines().filter(|line| line.contains("The change")).collect();
    assert_snapshot!(said.join("\n"), @r"
    - The change was not made: mallory has no write access, so what they wrote is not acted on; somebody who has can repeat it in a comment.
    - The change could not be made: Nobody with write access has posted a patch for issue 1. Looked at the issue's text, at 1 comment before the one that asks, and at that one; what mallory posted does not count without write access. Post a comment with the output of \`git diff\` in a \`\`\`diff fence.
    ");
}

#[tokio::test]
async fn a_patch_for_an_older_version_is_merged() {
    let stage = Stage::start().await;
    let lines = |changed: &[(usize, &str)]| -> String {
        let line = |n: usize| {
            let new = changed.iter().find(|(at, _)| *at == n).map_or("", |(_, text)| text);
            format!("line {n}{new}\n")
        };
        (1..=9).map(line).collect()
    };
    stage.put_file("list.txt", &lines(&[]));
    let old = stage.git.repository.git(&["rev-parse", "main:list.txt"]);
    stage.put_file("list.txt", &lines(&[(3, " of another change")]));
    let patch = format!(
        "diff --git a/list.txt b/list.txt\nindex {}..1111111 100644\n--- a/list.txt\n+++ b/list.txt\n@@ -3,5 +3,5 @@\n line 3\n line 4\n line 5\n-line 6\n+line 6 mended\n line 7\n",
        &old[..12]
    );
    let (_, report) = stage.opens("mona", "List", &fenced(&patch)).await;
    assert_eq!(report.warnings, [""; 0]);
    let merged = lines(&[(3, " of another change"), (6, " mended")]);
    assert_eq!(stage.file("automata/issue-1-list", "list.txt"), merged);
    let opened =
        stage.github.requests().into_iter().find(|line| line.starts_with("POST") && line.contains("/pulls"));
    assert!(opened.unwrap().contains("the two were merged without a conflict"));
}

//! `/automata implement`, and which blocks count as a patch without it.

use insta::assert_snapshot;

use super::texts::{BRANCH, CRASH, MENDED, MENDED_LINE, TRACE, fenced};
use crate::world::stage::Stage;

/// What people write to show what they mean.
const SKETCH: &str = "Like this:\n\n```diff\n- let at = line.find('=').unwrap();\n+ let at = 0;\n```\n";

fn about_the_change(stage: &Stage, issue: u64) -> String {
    let comment = stage.status_comment(issue);
    comment.lines().filter(|line| line.contains("The change")).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn the_command_alone_takes_the_newest_patch_of_a_maintainer_in_the_comments() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.github.comment(
        "otto",
        issue,
        &fenced("--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-# widgets\n+# old\n"),
    );
    stage.github.comment("otto", issue, MENDED);
    stage.github.comment(
        "mallory",
        issue,
        &fenced("--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-# widgets\n+# pwned\n"),
    );
    stage.github.comment("otto", issue, "Any news?");
    let report = stage.comments("mona", issue, "/automata implement").await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(stage.pushed_branches(), [BRANCH]);
    assert!(stage.file(BRANCH, "src/parser.rs").contains(MENDED_LINE));
    assert_eq!(stage.file(BRANCH, "README.md"), "# widgets\n");
}

#[tokio::test]
async fn the_command_finds_the_patch_behind_a_hundred_comments() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.github.comment("otto", issue, MENDED);
    for number in 0..120 {
        stage.github.comment("alice", issue, &format!("Me too, {number}."));
    }
    let report = stage.comments("mona", issue, "/automata implement").await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(stage.pushed_branches(), [BRANCH]);
}

#[tokio::test]
async fn the_command_that_finds_nothing_says_what_it_looked_at() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.github.comment("mallory", issue, MENDED);
    stage.github.comment("mona", issue, SKETCH);
    let report = stage.comments("mona", issue, "/automata implement").await;
    assert!(report.failed());
    assert_eq!(stage.pushed_branches(), [""; 0]);
    assert_snapshot!(about_the_change(&stage, issue), @r"- The change could not be made: Nobody with write access has posted a patch for issue 1. Looked at the issue's text, at 3 comments before the one that asks, and at that one; what mallory posted does not count without write access; a block of mona is no unified diff, which has lines with \`---\`, \`+++\` and \`&#64;&#64;\`. Post a comment with the output of \`git diff\` in a \`\`\`diff fence.");
}

#[tokio::test]
async fn a_sketch_of_a_change_is_no_patch_and_nothing_is_said_about_it() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("mona", CRASH, &format!("{TRACE}\n{SKETCH}")).await;
    let report = stage.comments("mona", issue, SKETCH).await;
    assert!(!report.failed());
    assert_eq!(stage.tasks().await.keys().filter(|task| task.starts_with("implement")).count(), 0);
    assert_eq!(about_the_change(&stage, issue), "");
}

#[tokio::test]
async fn a_patch_that_nobody_sees_as_one_is_none() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", CRASH, TRACE).await;
    let indented: String = MENDED.lines().map(|line| format!("    {line}\n")).collect();
    for hidden in [indented, format!("<!--\n{MENDED}\n-->\n")] {
        stage.comments("mona", issue, &format!("As before.\n\n{hidden}")).await;
    }
    assert_eq!(stage.tasks().await.keys().filter(|task| task.starts_with("implement")).count(), 0);
}

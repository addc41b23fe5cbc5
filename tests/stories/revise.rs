//! Task kind `revise`: a review of our pull request is answered by a commit on top of its branch.

use automata::app::Report;
use insta::assert_snapshot;

use super::texts::{BRANCH, CRASH, MENDED};
use crate::world::stage::Stage;

/// A program that does what the review asks for when its prompt says so, and else leaves everything as it is.
const PROGRAM: &str = r#"assistants:
  - patch
  - command:
      name: helper
      run:
        - sh
        - -c
        - |
          echo '{"summary": "Says what it does."}' > "$AUTOMATA_REPORT"
          grep -q 'Say what it does' {prompt} || exit 0
          { echo "// Parses a line."; cat src/parser.rs; } > new && mv new src/parser.rs
"#;

/// Pull request 2 of issue 1, by a maintainer's patch.
async fn with_our_pull(yaml: &str) -> Stage {
    let stage = Stage::configured(yaml).await;
    stage.opens("mona", CRASH, MENDED).await;
    assert_eq!(stage.github.pulls().len(), 1);
    stage
}

/// Somebody reviews pull request 2, and a run takes the event in.
async fn reviews(stage: &Stage, who: &str, verdict: &str, body: &str) -> Report {
    stage.lets_pass(std::time::Duration::from_secs(60));
    let event = stage.github.review(2, who, verdict, body);
    stage.run("pull_request_review", &event).await.unwrap()
}

fn commits(stage: &Stage) -> String {
    stage.git.repository.git(&["log", "--format=%an: %s", &format!("main..{BRANCH}")])
}

#[tokio::test]
async fn a_review_is_answered_by_a_commit_on_top_and_once_in_each_thread() {
    let stage = with_our_pull(PROGRAM).await;
    let before = stage.git.repository.git(&["rev-parse", BRANCH]);
    stage.github.comment_on_line(2, "otto", ("src/parser.rs", 1), "Say what it does.");
    stage.github.comment_on_line(2, "otto", ("README.md", 1), "And here?");
    let report = reviews(&stage, "otto", "changes_requested", "Nearly.").await;
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(stage.git.repository.git(&["rev-parse", &format!("{BRANCH}^")]), before, "never by force");
    assert!(stage.file(BRANCH, "src/parser.rs").starts_with("// Parses a line.\n"));
    let tip = stage.git.repository.git(&["rev-parse", BRANCH]);
    let told = |text: String| text.replace(tip.trim(), "TIP");
    assert_snapshot!(commits(&stage), @"");
    let threads = [stage.github.thread(1), stage.github.thread(2)].concat();
    assert_snapshot!(told(threads.join("\n")), @"");
    assert_snapshot!(told(stage.status_comment(2)), @"");
}

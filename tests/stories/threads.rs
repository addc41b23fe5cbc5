//! What becomes of the threads of a review, by what the assistant says of each and by what it changed.

use insta::assert_snapshot;

use super::revise::{asks, line, reviews, with_our_pull};
use super::texts::BRANCH;

/// A program that writes a line before the first, with these answers for the threads, by the words in them.
fn answering(answers: &[(&str, &str)]) -> String {
    let mut script = "list=''\n".to_owned();
    for (word, answer) in answers {
        script.push_str(&format!(
            "thread=$(awk '/^## Thread [0-9]+:/ {{ id=$3 }} /{word}/ {{ print id }}' \"$AUTOMATA_PROMPT\" | tail -n 1 | tr -d :)\n\
             list=\"$list${{list:+, }}\\\"$thread\\\": \"'{answer}'\n"
        ));
    }
    script.push_str(
        "echo \"{\\\"summary\\\": \\\"Says what it does.\\\", \\\"answers\\\": {$list}}\" > \"$AUTOMATA_REPORT\"\n\
         { echo '// Parses a line.'; cat src/parser.rs; } > new && mv new src/parser.rs\n",
    );
    script
}

#[tokio::test]
async fn a_thread_that_is_said_to_be_fixed_is_closed_where_its_lines_were_changed_and_nowhere_else() {
    let stage = with_our_pull("").await;
    let long = "// A line.\n".repeat(40);
    let parser = stage.file(BRANCH, "src/parser.rs");
    stage.put_files(BRANCH, &[("src/parser.rs", &format!("{parser}{long}"))]);
    asks(
        &stage,
        &answering(&[
            ("words of it", r#"{"text": "It has words now.", "fixed": true}"#),
            ("far below", r#"{"text": "It has words, too.", "fixed": true}"#),
            ("And here", r#"{"text": "It is better now.", "fixed": true}"#),
            ("a slice", r#"{"text": "It need not.", "fixed": false}"#),
            ("or not", r#""Perhaps.""#),
        ]),
    );
    let fixed = line(&stage, "otto", "src/parser.rs", "Mind the words of it.");
    let far = stage.github.comment_on_line(2, "otto", ("src/parser.rs", 30), "Words far below.");
    let far = far["comment"]["id"].as_u64().unwrap();
    let elsewhere = line(&stage, "otto", "README.md", "And here?");
    let declined = line(&stage, "otto", "src/parser.rs", "Take a slice.");
    let unsaid = line(&stage, "otto", "src/parser.rs", "Rename it, or not.");
    reviews(&stage, "otto", "changes_requested", "").await;
    let tip = stage.git.repository.git(&["rev-parse", BRANCH]);
    let threads = [fixed, far, elsewhere, declined, unsaid].map(|id| stage.github.thread(id));
    assert_snapshot!(threads.concat().join("\n").replace(tip.trim(), "TIP"), @"
    otto: Mind the words of it.
    github-actions[bot]: Changed in TIP: It has words now.
    otto: Words far below.
    github-actions[bot]: This file was changed in TIP: It has words, too.
    otto: And here?
    github-actions[bot]: This file is left as it is: It is better now.
    otto: Take a slice.
    github-actions[bot]: This file was changed in TIP: It need not.
    otto: Rename it, or not.
    github-actions[bot]: This file was changed in TIP: Perhaps.
    ");
    assert_eq!(stage.github.resolved(), [fixed]);
}

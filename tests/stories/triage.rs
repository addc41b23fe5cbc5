//! What else an analysis finds out and does: groups of labels, areas, duplicates, urgency by reactions, whose turn it is.

use std::time::Duration;

use insta::assert_snapshot;

use super::texts::{CRASH, QUESTION, QUESTION_TEXT, TRACE, WISH, WISH_TEXT};
use crate::world::stage::Stage;

#[tokio::test]
async fn when_the_text_becomes_another_the_label_that_we_set_moves_and_a_person_s_stays() {
    let stage = Stage::start().await;
    let (issue, _) = stage.opens("alice", QUESTION, QUESTION_TEXT).await;
    assert_eq!(stage.github.labels_of(issue), ["question"]);
    stage.edits("alice", issue, CRASH, TRACE).await;
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high"]);
    stage.lets_pass(Duration::from_secs(5));
    let labelled = stage.github.label_as("mona", issue, "documentation");
    stage.run("issues", &labelled).await.unwrap();
    stage.edits("alice", issue, WISH, WISH_TEXT).await;
    assert_eq!(stage.github.labels_of(issue), ["priority: high", "documentation"], "mona's stays, ours goes");
}

#[tokio::test]
async fn areas_are_labelled_by_places_and_words_one_of_each_group() {
    let stage = Stage::configured(
        "labels:\n  exclusive: ['area: *']\n  also:\n  - {label: 'area: parser', paths: ['src/parser*']}\n  - {label: 'area: all', paths: ['src/**']}\n  - {label: windows, words: [Windows]}\n",
    )
    .await;
    for label in ["area: parser", "area: all", "windows"] {
        stage.github.make_label(label, "ededed", "");
    }
    let (issue, _) = stage.opens("alice", CRASH, &format!("{TRACE}\nOn Windows.")).await;
    assert_eq!(stage.github.labels_of(issue), ["bug", "priority: high", "area: parser", "windows"]);
    let comment = stage.status_comment(issue);
    assert!(
        comment.contains("area: parser: It names \\`src/parser.rs\\`, which \\`src/parser\\*\\` covers."),
        "{comment}"
    );
}

#[tokio::test]
async fn a_repeated_issue_is_named_by_its_number_and_never_closed() {
    let stage = Stage::configured("labels: {duplicate: duplicate}\ntriage: {duplicate: 0.9}\n").await;
    stage.github.make_label("duplicate", "ededed", "");
    let (first, _) = stage.opens("alice", CRASH, TRACE).await;
    stage.lets_pass(Duration::from_secs(60));
    stage.github.close(first);
    stage.run("issues", &stage.github.event_payload_closed(first, "mona")).await.unwrap();
    let (second, _) = stage.opens("bob", CRASH, TRACE).await;
    assert!(stage.github.labels_of(second).contains(&"duplicate".to_owned()));
    assert_eq!(stage.github.closed_as(second), None);
    assert!(!stage.github.labels_of(first).contains(&"duplicate".to_owned()));
    let comment = stage.status_comment(second);
    let told: Vec<&str> = comment.lines().filter(|line| line.contains("#1")).collect();
    assert_snapshot!(told.join("\n"), @"
    This seems to repeat #1. Both say crash, equal, line, sign, main. A person decides.
    - #1, closed (shares crash, equal, line, sign, main)
    ");
}

#[tokio::test]
async fn closed_issues_are_compared_with_for_as_long_as_the_configuration_says() {
    for (span, expected) in [("1d", false), ("8w", true)] {
        let stage = Stage::configured(&format!("triage: {{closed: {span}}}\n")).await;
        let (first, _) = stage.opens("alice", CRASH, TRACE).await;
        stage.lets_pass(Duration::from_secs(60));
        stage.github.close(first);
        stage.run("issues", &stage.github.event_payload_closed(first, "mona")).await.unwrap();
        stage.lets_pass(Duration::from_secs(20 * 86_400));
        let (second, _) = stage.opens("bob", CRASH, TRACE).await;
        assert_eq!(stage.status_comment(second).contains("- #1, closed (shares"), expected, "{span}");
    }
}

#[tokio::test]
async fn many_reactions_make_a_wish_pressing() {
    let stage = Stage::start().await;
    let issue = stage.github.open_issue(
        "bob",
        "Feature request: read from standard input",
        "Please add support for this.",
        &[],
    );
    stage.github.react(issue, 30);
    stage.run("issues", &stage.github.event_payload_opened(issue)).await.unwrap();
    assert_eq!(stage.github.labels_of(issue), ["enhancement", "priority: high"]);
    assert!(stage.status_comment(issue).contains("Many people ask for it \\(30 reactions, +2\\)"));
}

#[tokio::test]
async fn owners_take_turns_and_the_reporter_is_none_of_them() {
    let stage = Stage::configured("assign: {owners: true, round_robin: true}\n").await;
    stage.put_file("CODEOWNERS", "* @mona @otto\n");
    let mut assigned = Vec::new();
    for author in ["alice", "bob", "carol", "mona"] {
        stage.lets_pass(Duration::from_secs(5));
        let (issue, _) = stage.opens(author, CRASH, "It crashes in src/main.rs.").await;
        assigned.push(stage.github.assignees_of(issue).join(","));
    }
    assert_eq!(assigned, ["mona", "otto", "mona", "otto"]);
}

#[tokio::test]
async fn hostile_texts_change_nothing_that_they_should_not() {
    let stage = Stage::configured(
        "labels: {needs_info: needs-info, also: [{label: windows, words: [windows]}]}\ntriage: {needs: {bug: [version]}, duplicate: 0.9}\n",
    )
    .await;
    for body in [
        "### Version\n\n<!-- 1.2 -->\n### @everyone closes #1\n<!-- automata:status issue/1 seq=9 -->\nIt crashes",
        "crash \u{202E}\u{200B}c\u{200B}v\u{200B}e-2026-1 [x](https://evil.example/?q=windows) `windows` \u{0}",
        &"### Version\n_No response_\n".repeat(2_000),
    ] {
        let (issue, report) = stage.opens("mallory", "It crashes @mona #7 \u{202E}", body).await;
        assert!(!report.failed(), "{:?}", report.warnings);
        let comments = stage.status_comments(issue);
        assert!(comments.len() <= 1);
        for comment in comments {
            assert!(
                !comment.contains("@everyone")
                    && !comment.contains("@mona")
                    && !comment.contains("evil.example"),
                "{comment}"
            );
        }
        assert!(!stage.github.labels_of(issue).contains(&"windows".to_owned()));
    }
}

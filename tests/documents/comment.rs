//! The page about the status comment has all of its words.

use std::fmt::Write as _;

use automata::config::{self, CommentWords};

use super::fenced;

#[test]
fn every_word_of_the_status_comment_stands_on_its_page() {
    let mut all = String::from("comment:\n  words:\n");
    for word in CommentWords::default().all() {
        writeln!(all, "    {}: {}", word.key, serde_json::to_string(word.text).unwrap()).unwrap();
    }
    let shown = fenced("docs/comment.md", "yaml").pop().unwrap();
    assert_eq!(shown, all, "docs/comment.md is stale");
    let read = config::parse(&shown).unwrap();
    assert_eq!(*read.comment.words, CommentWords::default());
}

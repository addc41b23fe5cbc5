//! What people write when they ask why.

use super::*;

fn number(number: u64) -> Option<Topic> {
    Some(Topic::Number(IssueNumber(number)))
}

#[test]
fn issues_are_named_in_every_usual_way() {
    for text in [
        "42",
        " #42 ",
        "issue/42",
        "pull/42",
        "https://github.com/o/r/issues/42",
        "https://github.com/o/r/pull/42/files?w=1",
    ] {
        assert_eq!(Topic::parse(text), number(42), "{text}");
    }
    for text in ["", "0", "-1", "#", "#x", "issue/", "issue/x", "pull/0", "comment/x"] {
        assert_eq!(Topic::parse(text), None, "{text}");
    }
}

#[test]
fn an_address_leads_to_the_comment_that_it_shows() {
    for fragment in ["issuecomment-5", "discussion_r5", "pullrequestreview-5"] {
        let address = format!("https://ghe.example.com/o/r/pull/42#{fragment}");
        assert_eq!(Topic::parse(&address), Some(Topic::Comment(5)), "{address}");
    }
    assert_eq!(Topic::parse("comment/5"), Some(Topic::Comment(5)));
    assert_eq!(Topic::parse("https://github.com/o/r/issues/42#top"), number(42));
}

#[test]
fn everything_else_is_a_name() {
    for (text, name) in
        [("bug", "bug"), ("@alice", "alice"), ("7zq3m.1", "7zq3m.1"), ("file:///x.json", "file:///x.json")]
    {
        assert_eq!(Topic::parse(text), Some(Topic::Name(name.to_owned())), "{text}");
    }
    assert_eq!(Topic::parse("repository"), Some(Topic::Subject(Subject::Repository)));
}

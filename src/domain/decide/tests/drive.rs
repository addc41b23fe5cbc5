//! A feed of changes in Drive is read once, whoever reads it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::command::{Command, Rejection};
use crate::domain::id::Login;
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::story::{Story, told};
use crate::domain::subject::Subject;
use crate::domain::watched::{Aspect, DriveChanged, DriveKey, DriveRead, Seen};

fn item() -> DriveKey {
    "1plan".parse().unwrap()
}

fn seen(content: &str) -> Seen {
    Seen {
        name: "Plan".into(),
        parent: Some("root".into()),
        content: Some(content.into()),
        ..Seen::default()
    }
}

fn read(feed: &str, since: Option<&str>, next: &str, now: Option<Seen>) -> Command {
    let root: DriveKey = "root".parse().unwrap();
    let learned = if since.is_none() { BTreeMap::from([(item(), seen("1"))]) } else { BTreeMap::new() };
    let read = DriveRead {
        feed: feed.to_owned(),
        next: Some(next.to_owned()),
        roots: BTreeSet::from([root]),
        learned,
        changes: 0,
    };
    let changed = now.map(|now| DriveChanged {
        file: item(),
        at: None,
        what: vec![Aspect::Content],
        now: Some(now),
        was: None,
        place: "docs:Plan".into(),
        by: Some(Login::new("mona")),
        name: String::new(),
        url: None,
        ours: false,
    });
    let request = TaskRequest::new("drive_import", Subject::Drive(item()), Payload::default(), "a rule");
    let changes = changed.into_iter().map(|changed| (changed, vec![request.clone()])).collect();
    Command::ReadDrive { since: since.map(str::to_owned), read: Box::new(read), changes }
}

#[test]
fn a_feed_is_read_once_whoever_is_faster() {
    let mut story = Story::new();
    story.must(&read("user", None, "1", None));
    let events = story.must(&read("user", Some("1"), "2", Some(seen("2"))));
    insta::assert_snapshot!(told(&events), @"");
    let late = story.submit(&read("user", Some("1"), "2", Some(seen("2"))));
    assert_eq!(late, Err(Rejection::FeedMoved("user".into())));
    assert_eq!(story.state.watched.files[&item()], seen("2"));
}

#[test]
fn what_another_feed_told_before_is_left_out() {
    let mut story = Story::new();
    story.must(&read("user", None, "1", None));
    story.must(&read("team", None, "7", None));
    story.must(&read("user", Some("1"), "2", Some(seen("2"))));
    let events = story.must(&read("team", Some("7"), "8", Some(seen("2"))));
    insta::assert_snapshot!(told(&events), @"");
}

//! What a feed tells, and what is made of it.

use proptest::prelude::*;

use super::*;
use crate::domain::watched::DriveRead;

fn item(id: &str) -> DriveKey {
    id.parse().unwrap()
}

fn seen(name: &str, parent: &str) -> Seen {
    let (content, grants) = (Some("1".into()), Some("g".into()));
    Seen { name: name.into(), parent: Some(parent.into()), content, grants, ..Seen::default() }
}

fn told(id: &str, now: Option<Seen>) -> Told {
    Told {
        item: item(id),
        at: None,
        now,
        is_folder: id.starts_with('d'),
        by: None,
        name: String::new(),
        url: None,
        ours: false,
        left: BTreeSet::new(),
    }
}

fn names() -> BTreeMap<DriveKey, String> {
    BTreeMap::from([(item("root"), "docs".to_owned())])
}

/// `docs:` with `plans/a.md`.
fn watched() -> Watched {
    let learned = [("root", seen("Docs", "top")), ("dir", seen("plans", "root")), ("a", seen("a.md", "dir"))];
    let learned = learned.into_iter().map(|(id, seen)| (item(id), seen)).collect();
    let feed = "user".to_owned();
    let read = DriveRead { feed, next: Some("1".into()), roots: [item("root")].into(), learned, changes: 0 };
    let mut state = crate::domain::state::State::default();
    apply(&mut state, crate::domain::event::Event::DriveRead(Box::new(read)));
    state.watched
}

fn apply(state: &mut crate::domain::state::State, event: crate::domain::event::Event) {
    use crate::domain::event::{Recorded, Stamp};
    let stamp = Stamp {
        sequence: state.sequence.next(),
        subject: crate::domain::subject::Subject::Repository,
        at: Timestamp::default(),
        actor: crate::domain::actor::Actor::automata(),
        run: crate::domain::id::RunId::new("1.1"),
        cause: None,
        correlation: None,
    };
    state.apply(&Recorded { stamp, event }).unwrap();
}

fn lines(followed: &Followed) -> String {
    let changes = followed.changes.iter().map(|changed| {
        let gone = if changed.now.is_none() { ", gone" } else { "" };
        format!("{} {}{gone}", changed.place, changed.words())
    });
    let learned = followed.learned.keys().map(|item| format!("learned {item}"));
    let folders = followed.new_folders.iter().map(|item| format!("new folder {item}"));
    changes.chain(learned).chain(folders).collect::<Vec<_>>().join("\n")
}

#[test]
fn only_what_lies_or_lay_in_a_watched_folder_counts() {
    let changed = |seen: Seen| Some(Seen { content: Some("2".into()), ..seen });
    let list = [
        told("a", changed(seen("b.md", "dir"))),
        told("elsewhere", changed(seen("x", "top"))),
        told("new", Some(seen("new/1.md", "d2"))),
        told("d2", Some(seen("more", "dir"))),
        told("gone", None),
        told("root", Some(Seen { grants: Some("h".into()), ..seen("Docs", "top") })),
    ];
    insta::assert_snapshot!(lines(&follow(&watched(), &names(), &list)), @r"
    docs:plans/b.md content, renamed
    docs:plans/more/new\/1.md added
    docs:plans/more added
    docs: permissions
    new folder d2
    ");
    assert_eq!(of_interest(&watched(), &[item("root")].into(), &list), ["a", "d2", "new", "root"].map(item));
}

#[test]
fn what_leaves_is_told_where_it_was() {
    let list = [told("a", None)];
    insta::assert_snapshot!(lines(&follow(&watched(), &names(), &list)), @"docs:plans/a.md removed, gone");
    let list = [told("dir", Some(seen("plans", "top")))];
    insta::assert_snapshot!(lines(&follow(&watched(), &names(), &list)), @"docs:plans moved, gone");
}

#[test]
fn what_nobody_compares_is_no_change_and_who_has_access_is_learned() {
    let list = [told("a", Some(seen("a.md", "dir")))];
    assert_eq!(follow(&watched(), &names(), &list), Followed::default());
    let mut before = watched();
    before.files.get_mut(&item("a")).unwrap().grants = None;
    insta::assert_snapshot!(lines(&follow(&before, &names(), &list)), @"learned a");
}

#[test]
fn a_folder_that_went_and_came_back_between_two_looks_keeps_what_is_in_it() {
    let list =
        [told("a", Some(Seen { content: Some("2".into()), ..seen("a.md", "dir") })), told("dir", None)];
    let back = [told("dir", Some(seen("plans", "root")))];
    insta::assert_snapshot!(lines(&follow(&watched(), &names(), &[&list[..], &back[..]].concat())), @"docs:plans/a.md content");
}

proptest! {
    #[test]
    fn told_twice_is_told_once(steps in prop::collection::vec((0..4_usize, 0..4_usize, 0..3_u8), 0..8)) {
        let ids = ["a", "b", "dir", "d2"];
        let parents = ["root", "dir", "top", "d2"];
        let list: Vec<Told> = steps.into_iter().map(|(id, parent, content)| {
            let now = (content > 0).then(|| Seen { content: Some(content.to_string()), ..seen("x", parents[parent]) });
            told(ids[id], now.filter(|_| parents[parent] != ids[id]))
        }).collect();
        let mut state = crate::domain::state::State { watched: watched(), ..Default::default() };
        let first = follow(&state.watched, &names(), &list);
        for changed in first.changes {
            apply(&mut state, crate::domain::event::Event::DriveChanged(Box::new(changed)));
        }
        prop_assert_eq!(follow(&state.watched, &names(), &list).changes, Vec::new());
    }
}

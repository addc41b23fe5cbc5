//! Stories of caps: what a day, a run, an issue and a person have of each sort.

use super::*;
use crate::domain::command::{Command, Rejection};
use crate::domain::id::ServiceName;
use crate::domain::room::{Full, Room};
use crate::domain::spending::{Bucket, Spend};
use crate::domain::story::{DAY, MINUTE, Story, request_on};

const fn most(comments: u32) -> Most {
    Most {
        comments: Some(comments),
        pull_requests: None,
        attempts: None,
        questions: None,
        plugins: None,
        calls: None,
    }
}

/// Enqueues a comment on an issue and tries to take it.
fn comment(story: &mut Story, issue: u64, caps: Caps, run: &str) -> Result<(), String> {
    take(story, "comment", issue, Room { caps: caps.into(), run: Some(RunId::new(run)), ..Room::default() })
}

fn take(story: &mut Story, kind: &str, issue: u64, room: Room) -> Result<(), String> {
    let tasks = story.enqueue(vec![request_on(kind, issue)]);
    let until = story.now.plus(15 * MINUTE);
    let claim = Command::Claim { task: tasks[0].clone(), until, room };
    match story.submit(&claim) {
        Ok(_) => {
            let lease = story.task(&tasks[0]).leases;
            story.complete(&tasks[0], lease);
            Ok(())
        }
        Err(Rejection::NoRoom { full: full @ Full::Capped(_), .. }) => Err(full.to_string()),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn an_issue_gets_so_many_comments_in_a_day_and_others_theirs() {
    let (mut story, caps) = (Story::new(), Caps { issue: most(2), ..Caps::default() });
    assert_eq!(comment(&mut story, 7, caps, "1.1"), Ok(()));
    assert_eq!(comment(&mut story, 7, caps, "1.1"), Ok(()));
    insta::assert_snapshot!(comment(&mut story, 7, caps, "1.1").unwrap_err(), @"comments are capped at 2 about #7 in a day (`limits.caps.issue.comments`), and more begin after 2026-11-23T00:00:00Z");
    assert_eq!(comment(&mut story, 8, caps, "1.1"), Ok(()), "another issue");
    story.later(DAY);
    assert_eq!(comment(&mut story, 7, caps, "1.1"), Ok(()), "another day");
}

#[test]
fn a_day_and_a_run_have_so_many_whatever_they_are_about() {
    let mut story = Story::new();
    let caps = Caps { day: most(3), run: most(2), ..Caps::default() };
    assert_eq!(comment(&mut story, 1, caps, "1.1"), Ok(()));
    assert_eq!(comment(&mut story, 2, caps, "1.1"), Ok(()));
    insta::assert_snapshot!(comment(&mut story, 3, caps, "1.1").unwrap_err(), @"comments are capped at 2 in one run (`limits.caps.run.comments`), and more begin in the next run");
    story.run("2.1");
    assert_eq!(comment(&mut story, 4, caps, "2.1"), Ok(()));
    insta::assert_snapshot!(comment(&mut story, 5, caps, "2.1").unwrap_err(), @"comments are capped at 3 in a day (`limits.caps.day.comments`), and more begin after 2026-11-23T00:00:00Z");
}

#[test]
fn whatever_writes_a_comment_is_charged_for_it() {
    for kind in ["rehearse", "drive_issue"] {
        let (mut story, caps) = (Story::new(), Caps { day: most(1), ..Caps::default() });
        let room = || Room { caps: caps.into(), ..Room::default() };
        assert_eq!(take(&mut story, kind, 1, room()), Ok(()), "{kind}");
        take(&mut story, "comment", 2, room()).unwrap_err();
    }
}

#[test]
fn a_cap_of_nothing_lets_nothing_begin_and_other_kinds_go_on() {
    let (mut story, caps) = (Story::new(), Caps { day: most(0), ..Caps::default() });
    comment(&mut story, 1, caps, "1.1").unwrap_err();
    let room = Room { caps: caps.into(), ..Room::default() };
    assert_eq!(take(&mut story, "label", 1, room), Ok(()));
}

#[test]
fn requests_are_counted_as_the_tasks_announce_them_and_one_that_is_too_large_goes_first() {
    let mut story = Story::new();
    let calls = Most { calls: Some(10), ..Most::default() };
    let room = |tokens: u32| {
        let bucket = Bucket { capacity: 1000, per_minute: 1000 };
        let spend = Spend { service: ServiceName::new(GITHUB), tokens, bucket };
        Room { spends: vec![spend], caps: Caps { day: calls, ..Caps::default() }.into(), ..Room::default() }
    };
    assert_eq!(take(&mut story, "label", 1, room(12)), Ok(()), "or it would wait for ever");
    take(&mut story, "label", 2, room(1)).unwrap_err();
    story.later(DAY);
    assert_eq!(take(&mut story, "label", 3, room(6)), Ok(()));
    take(&mut story, "label", 4, room(6)).unwrap_err();
    assert_eq!(take(&mut story, "label", 5, room(4)), Ok(()), "a smaller one still fits");
}

#[test]
fn what_one_person_or_bot_sets_off_is_counted_for_them_alone() {
    let mut counts = Counts::default();
    let stamp = |trigger: u64| Stamp {
        sequence: Sequence(10),
        subject: crate::domain::story::ISSUE,
        at: crate::domain::story::START,
        actor: Actor::automata(),
        run: RunId::new("1.1"),
        cause: None,
        correlation: Some(Sequence(trigger)),
    };
    counts.set_off(Sequence(1), &Actor::person("mona"));
    counts.set_off(Sequence(2), &Actor::person("otto"));
    counts.set_off(Sequence(3), &Actor::system());
    let helper = Actor { kind: ActorKind::Bot, login: Login::new("helper[bot]") };
    counts.set_off(Sequence(4), &helper);
    counts.set_off(Sequence(5), &Actor::automata());
    let claimed = TaskClaimed {
        task: crate::domain::id::TaskId::new("c1.1"),
        lease: 1,
        until: crate::domain::story::START,
        spends: BTreeMap::new(),
    };
    for trigger in [1, 1, 2, 3, 4, 5] {
        let actor = counts.instigator(Sequence(trigger)).cloned();
        counts.claimed((&request_on("implement", 7).spec, actor.as_ref()), &claimed, &stamp(trigger));
    }
    let begun = |login: &str| {
        counts.begun(Sort::Attempts, &Within::Actor(Login::new(login)), crate::domain::story::START)
    };
    assert_eq!((begun("mona"), begun("otto"), begun("helper[bot]")), (2, 1, 1));
    assert_eq!(begun(Actor::automata().login.as_str()), 0, "what we did ourselves is nobody's");
    assert_eq!(counts.begun(Sort::Attempts, &Within::Day, crate::domain::story::START), 6);
    let kept = serde_json::to_string(&counts).unwrap();
    assert_eq!(serde_json::from_str::<Counts>(&kept).unwrap(), counts);
}

#[test]
fn it_does_not_grow_without_end_and_who_began_most_stays_known() {
    let (mut story, caps) = (Story::new(), Caps { issue: most(2), ..Caps::default() });
    for _ in 0..2 {
        comment(&mut story, 10_000, caps, "1.1").unwrap();
    }
    let others = 2 * KEPT as u64;
    for issue in 0..others {
        comment(&mut story, issue, caps, "1.1").unwrap();
        story.later(MINUTE / 60);
    }
    assert_eq!(story.state.counts.issues.len(), KEPT);
    comment(&mut story, 10_000, caps, "1.1").unwrap_err();
    let day = story.state.counts.begun(Sort::Comments, &Within::Day, story.now);
    assert_eq!(u64::from(day), others + 2, "the day counts everything");
}

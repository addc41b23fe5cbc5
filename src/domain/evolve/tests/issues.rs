//! Stories of issues: people win, and tellings come in any order.

use std::collections::BTreeSet;

use crate::domain::actor::{Actor, ActorKind};
use crate::domain::command::{Command, Outcome};
use crate::domain::effect::EffectKind;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::input;
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::domain::spec::TaskRequest;
use crate::domain::state::IssueState;
use crate::domain::story::{
    DAY, ISSUE, MINUTE, START, Story, completed, intend, issue_told, pull_told, request,
};
use crate::domain::subject::Subject;
use crate::domain::time::Timestamp;
use crate::domain::trigger::{About, Change, OpenState, Trigger};
use crate::domain::untrusted::Excerpt;

fn bug() -> Option<Change> {
    Some(Change::Label("bug".to_owned()))
}

fn at(minutes: u32) -> Timestamp {
    START.plus(minutes * MINUTE)
}

/// The issue as it is known after these tellings, in this order.
fn after(tellings: impl IntoIterator<Item = Trigger>) -> IssueState {
    let mut story = Story::new();
    tellings.into_iter().for_each(|telling| story.told(telling));
    issue(&story)
}

fn issue(story: &Story) -> IssueState {
    story.state.issues[&IssueNumber(42)].clone()
}

fn by(kind: ActorKind, telling: Trigger) -> Trigger {
    Trigger { actor: Actor { kind, login: Login::new("somebody") }, ..telling }
}

fn shown(mut telling: Trigger, change: impl FnOnce(&mut crate::domain::trigger::IssueFacts)) -> Trigger {
    if let About::Issue { issue, .. } = &mut telling.about {
        change(issue);
    }
    telling
}

fn closed(telling: Trigger) -> Trigger {
    shown(telling, |issue| issue.state = OpenState::Closed)
}

#[test]
fn a_label_that_a_person_took_off_is_refused_until_a_person_puts_it_back() {
    let off = issue_told("1", "unlabeled", bug(), at(1));
    let on = issue_told("2", "labeled", bug(), at(2));
    assert_eq!(after([off.clone()]).refused_labels, BTreeSet::from(["bug".to_owned()]));
    assert_eq!(after([off, on]).refused_labels, BTreeSet::new());
}

#[test]
fn what_bots_and_apps_do_to_labels_says_nothing_about_what_people_want() {
    for kind in [ActorKind::App, ActorKind::Bot, ActorKind::Automata, ActorKind::System] {
        let off = by(kind, issue_told("1", "unlabeled", bug(), at(1)));
        assert_eq!(after([off]).refused_labels, BTreeSet::new(), "{kind:?}");
        let (off, on) =
            (issue_told("1", "unlabeled", bug(), at(1)), issue_told("2", "labeled", bug(), at(2)));
        assert_eq!(after([off, by(kind, on)]).refused_labels.len(), 1, "{kind:?}");
    }
}

#[test]
fn whom_a_person_unassigned_is_refused_until_a_person_assigns_them_again() {
    let ben = |login: &str| Some(Change::Assignee(Login::new(login)));
    let off = issue_told("1", "unassigned", ben("Ben"), at(1));
    let on = issue_told("2", "assigned", ben("ben"), at(2));
    assert_eq!(after([off.clone()]).refused_assignees, BTreeSet::from([Login::new("ben")]));
    assert_eq!(after([off, on]).refused_assignees, BTreeSet::new(), "logins have no case");
}

#[test]
fn a_pull_requests_labels_are_heeded_like_an_issues() {
    let mut story = Story::new();
    story.told(pull_told("1", "unlabeled", bug(), at(1)));
    let pull = &story.state.issues[&IssueNumber(7)];
    assert!(pull.is_pull && pull.refused_labels.contains("bug"));
}

#[test]
fn a_wish_told_late_takes_away_but_brings_nothing_back() {
    let (first, second) = (at(1), at(2));
    // Put on, then taken off, told the other way round: it stays off.
    let on = issue_told("1", "labeled", bug(), first);
    let off = issue_told("2", "unlabeled", bug(), second);
    assert_eq!(after([off, on]).refused_labels.len(), 1);
    // Taken off before something newer that was told first: the wish is not lost.
    let off = issue_told("1", "unlabeled", bug(), first);
    let edited = issue_told("2", "edited", None, second);
    assert_eq!(after([edited, off]).refused_labels.len(), 1);
}

#[test]
fn the_newest_telling_describes_the_issue_whatever_the_order() {
    let titled = |telling: Trigger, title: &str| shown(telling, |issue| issue.title = Excerpt::title(title));
    let tellings = [
        issue_told("1", "opened", None, at(0)),
        titled(issue_told("2", "edited", None, at(1)), "Better\n\u{202E}title"),
        closed(titled(issue_told("3", "closed", None, at(2)), "Better\n\u{202E}title")),
    ];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let known = after(order.map(|place| tellings[place].clone()));
        let seen = (known.title.as_str(), known.closed_at, known.updated_at);
        assert_eq!(seen, ("Better title", Some(at(2)), at(2)), "{order:?}");
    }
}

#[test]
fn an_issue_closes_opens_again_and_closes_at_its_first_closing() {
    let tellings = [
        closed(issue_told("1", "closed", None, at(1))),
        issue_told("2", "reopened", None, at(2)),
        closed(issue_told("3", "closed", None, at(3))),
        closed(issue_told("4", "edited", None, at(4))),
    ];
    let closings: Vec<_> = (1..=4).map(|count| after(tellings[..count].to_vec()).closed_at).collect();
    assert_eq!(closings, [Some(at(1)), None, Some(at(3)), Some(at(3))]);
}

#[test]
fn within_a_second_only_reopening_opens_a_closed_issue() {
    let shut = closed(issue_told("1", "closed", None, at(1)));
    let labeled = issue_told("2", "labeled", bug(), at(1));
    assert_eq!(after([shut.clone(), labeled]).closed_at, Some(at(1)), "the label came just before");
    assert_eq!(after([shut, issue_told("3", "reopened", None, at(1))]).closed_at, None);
}

#[test]
fn a_deleted_or_transferred_issue_is_over_though_it_is_shown_open() {
    for action in ["deleted", "transferred"] {
        // GitHub does not touch the time of the last change when it deletes.
        let gone = Trigger { at: at(5), ..issue_told("1", action, None, at(1)) };
        let late = issue_told("2", "edited", None, at(1));
        assert_eq!(after([gone.clone()]).closed_at, Some(at(5)));
        assert_eq!(after([gone, late]).closed_at, Some(at(5)), "{action}");
    }
}

#[test]
fn labels_are_ours_by_receipt_until_we_or_a_person_take_them_off() {
    let mut story = Story::new();
    let tasks = story.enqueue(vec![request("label")]);
    let lease = story.claim(&tasks[0]);
    let receipt = |added: &[&str], removed: &[&str]| {
        let list = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        Payload::of(&receipt::Labels { added: list(added), removed: list(removed) }).unwrap()
    };
    let ours = |story: &Story| issue(story).our_labels.into_iter().collect::<Vec<_>>().join(" ");
    story.intend(&tasks[0], lease, "+bug +cli +urgent").unwrap();
    assert_eq!(ours(&story), "", "announced is not done");
    story.receipt(&tasks[0], &receipt(&["bug", "cli", "urgent"], &[])).unwrap();
    assert_eq!(ours(&story), "bug cli urgent");
    story.receipt(&tasks[0], &receipt(&[], &["cli"])).unwrap();
    assert_eq!(ours(&story), "bug urgent");
    story.told(by(
        ActorKind::Bot,
        issue_told("1", "unlabeled", Some(Change::Label("urgent".to_owned())), at(1)),
    ));
    assert_eq!(ours(&story), "bug urgent");
    story.told(issue_told("2", "unlabeled", bug(), at(2)));
    story.told(issue_told("3", "labeled", bug(), at(3)));
    assert_eq!(ours(&story), "urgent", "what a person put back is theirs");
}

#[test]
fn the_status_comment_and_the_pull_request_are_known_by_their_receipts() {
    let mut story = Story::new();
    let comment = receipt::Comment { id: 9, url: "u".to_owned(), digest: "d".to_owned() };
    let pull = receipt::PullRequest {
        number: IssueNumber(7),
        url: "v".to_owned(),
        branch: "b".to_owned(),
        change: None,
        lines: None,
        by: None,
        draft: None,
        unchecked: false,
    };
    let told = [
        (EffectKind::Comment, Payload::of(&comment).unwrap()),
        (EffectKind::PullRequest, Payload::of(&pull).unwrap()),
        // A shape that nobody understands takes nothing away.
        (EffectKind::Comment, Payload::of(&"?").unwrap()),
        (EffectKind::PullRequest, Payload::default()),
        (EffectKind::Branch, Payload::default()),
    ];
    for (kind, receipt) in told {
        let tasks = story.enqueue(vec![request("something")]);
        let lease = story.claim(&tasks[0]);
        story.must(&intend(&tasks[0], lease, kind, "now"));
        story.receipt(&tasks[0], &receipt).unwrap();
        story.complete(&tasks[0], lease);
    }
    let known = issue(&story);
    assert_eq!((known.status_comment, known.pull_request), (Some(comment), Some(pull)));
}

#[test]
fn the_last_analysis_is_kept_with_the_issue() {
    let mut story = Story::new();
    let analysed = |story: &mut Story, output: Payload| {
        let tasks = story.enqueue(vec![request(input::ANALYSE)]);
        let lease = story.claim(&tasks[0]);
        let outcome = Outcome::Completed { output, follow_ups: Vec::new() };
        story.must(&Command::RecordOutcome { task: tasks[0].clone(), lease, outcome });
        issue(story).analysis.map(|analysis| analysis.terms)
    };
    let terms = |word: &str| serde_json::json!({ "terms": [word] });
    assert_eq!(analysed(&mut story, Payload::of(&terms("crash")).unwrap()), Some(vec!["crash".to_owned()]));
    assert_eq!(analysed(&mut story, Payload::of(&terms("panic")).unwrap()), Some(vec!["panic".to_owned()]));
    assert_eq!(analysed(&mut story, Payload::of(&"nonsense").unwrap()), Some(vec!["panic".to_owned()]));
    let other = story.enqueue(vec![request("label")]);
    let lease = story.claim(&other[0]);
    story.must(&completed(&other[0], lease, Vec::new()));
    assert_eq!(issue(&story).analysis.unwrap().terms, ["panic"], "only analyses count");
}

#[test]
fn work_on_an_issue_that_nobody_told_about_leaves_no_trace_of_it() {
    let mut story = Story::new();
    let elsewhere = TaskRequest::new("label", Subject::Issue(IssueNumber(43)), Payload::default(), "by hand");
    let tasks = story.enqueue(vec![elsewhere]);
    let lease = story.claim(&tasks[0]);
    story.intend(&tasks[0], lease, "+bug").unwrap();
    story.receipt(&tasks[0], &Payload::default()).unwrap();
    story.complete(&tasks[0], lease);
    assert_eq!(story.state.issues.keys().collect::<Vec<_>>(), [&ISSUE.number().unwrap()]);
}

#[test]
fn an_issue_stays_in_view_while_it_is_open_and_a_month_after() {
    let mut story = Story::new();
    story.told(closed(issue_told("1", "closed", None, START)));
    story.told(pull_told("2", "opened", None, START));
    let seen = |story: &mut Story, days: u32| {
        story.now = START.plus(days * DAY);
        for number in 0..256 {
            let gone = issue_told(&format!("{days} {number}"), "opened", None, START);
            story.told(Trigger { about: About::Schedule { cron: String::new() }, ..gone });
        }
        story.state.issues.keys().map(|number| number.0).collect::<Vec<_>>()
    };
    assert_eq!(seen(&mut story, 29), [7, 42]);
    assert_eq!(seen(&mut story, 31), [7]);
    assert_eq!(seen(&mut story, 900), [7]);
}

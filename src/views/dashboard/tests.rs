//! The page says what the log, the metrics and the queue say.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::domain::actor::Actor;
use crate::domain::decide::decide;
use crate::domain::effect::EffectKind;
use crate::domain::event::Recorded;
use crate::domain::failure::Failure;
use crate::domain::id::{CommandId, IssueNumber};
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::domain::story::walk::{Walk, steps};
use crate::domain::story::{
    DAY, ISSUE, MINUTE, START, Story, completed, enqueued, intend, issue_told, pull_told, request,
};
use crate::domain::trigger::{About, ReviewFacts, Trigger};
use crate::domain::untrusted::Excerpt;
use crate::log::wire::samples;
use crate::views::timeline::Timeline;

fn envelopes(history: &[Recorded]) -> Vec<Envelope> {
    let command = CommandId::new("c");
    history.iter().cloned().enumerate().map(|(place, event)| Envelope::new(&command, place, event)).collect()
}

fn seen(history: &[Recorded], state: &State, now: Timestamp) -> Dashboard {
    let mut fold = Fold::new(|envelope| envelope.id.clone());
    envelopes(history).iter().for_each(|envelope| fold.offer(envelope));
    let home = Home { repository: "acme/widgets".to_owned(), address: None };
    fold.finish(home, state, now, &|_| Room::default())
}

/// An issue that goes all the way; every step takes a minute, the merge a day.
fn told() -> (Story, Dashboard) {
    let mut story = Story::new();
    let told = issue_told("1", "opened", None, START);
    let command = crate::domain::command::Command::RecordTrigger {
        trigger: Box::new(told),
        requests: vec![request("analyse")],
    };
    let analyse = enqueued(&story.must(&command)).remove(0);
    story.later(MINUTE);
    let lease = story.claim(&analyse);
    let next = vec![request("assign"), request("open_pull_request"), request("label")];
    let next = enqueued(&story.must(&completed(&analyse, lease, next)));
    let opened = receipt::PullRequest {
        number: IssueNumber(7),
        url: "https://example.org/7".to_owned(),
        branch: "automata/issue-42".to_owned(),
        change: None,
        lines: None,
        by: None,
        draft: None,
        unchecked: false,
    };
    let assigned = receipt::Assignees { added: vec!["otto".into()], removed: Vec::new() };
    let work = [
        (&next[0], EffectKind::Assignees, Payload::of(&assigned)),
        (&next[1], EffectKind::PullRequest, Payload::of(&opened)),
    ];
    for (task, kind, receipt) in work {
        story.later(MINUTE);
        let lease = story.claim(task);
        story.must(&intend(task, lease, kind, "so"));
        story.receipt(task, &receipt.unwrap()).unwrap();
        story.complete(task, lease);
    }
    let lease = story.claim(&next[2]);
    story.fail(
        &next[2],
        lease,
        Failure::permanent("no_such_label", "There is no label `x`.").hint("Make it."),
    );
    story.later(MINUTE);
    let review = pull_told("2", "submitted", None, story.now);
    let About::Pull { pull, .. } = review.about.clone() else { unreachable!() };
    let words = ReviewFacts {
        id: 1,
        author: Actor::person("otto"),
        state: "approved".to_owned(),
        body: Excerpt::body(""),
    };
    let (actor, about) = (Actor::person("otto"), About::Review { pull, review: words });
    story.told(Trigger { actor, about, ..review });
    story.later(DAY);
    let mut merged = pull_told("3", "closed", None, story.now);
    if let About::Pull { pull, .. } = &mut merged.about {
        pull.merged = true;
        pull.state = crate::domain::trigger::OpenState::Closed;
    }
    story.told(merged);
    let dashboard = seen(&story.history, &story.state, story.now);
    (story, dashboard)
}

#[test]
fn an_issue_takes_its_steps_and_each_takes_its_time() {
    let (_, dashboard) = told();
    let told: Vec<String> = dashboard
        .issue_times
        .iter()
        .map(|times| {
            let minutes = |millis: u64| millis / 60_000;
            format!(
                "{} {}x {} min, {} min after the step before",
                times.step,
                times.opened.count,
                minutes(times.opened.median),
                minutes(times.before.ninetieth)
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
    triaged 1x 1 min, 1 min after the step before
    assigned 1x 2 min, 1 min after the step before
    pull_request 1x 3 min, 1 min after the step before
    review 1x 4 min, 1 min after the step before
    merged 1x 1444 min, 1440 min after the step before
    ");
    let issue = dashboard.issues.iter().find(|issue| issue.number == 42).unwrap();
    assert_eq!(
        (issue.pull_request, issue.dead, issue.assignees.as_slice()),
        (Some(7), 1, ["otto".to_owned()].as_slice())
    );
    let pull = dashboard.issues.iter().find(|issue| issue.number == 7).unwrap();
    assert_eq!((pull.is_pull, pull.stage), (true, Stage::Merged));
}

#[test]
fn a_dead_letter_comes_with_what_to_do_and_tasks_with_what_led_to_them() {
    let (_, dashboard) = told();
    let dead: Vec<_> = dashboard
        .dead
        .iter()
        .map(|one| (one.kind.as_str(), one.code.as_str(), one.hint.as_deref()))
        .collect();
    assert_eq!(dead, [("label", "no_such_label", Some("Make it."))]);
    assert_eq!(dashboard.failed.len(), 1);
    assert_eq!(dashboard.figures.dead_now, dashboard.dead.len());
    let kind = |id: &str| dashboard.board.tasks.iter().find(|row| row.task == id).unwrap().kind.clone();
    let edges: Vec<_> =
        dashboard.edges.iter().map(|edge| (kind(&edge.from), kind(&edge.to), edge.needs)).collect();
    let led = |to: &str| ("analyse".to_owned(), to.to_owned(), false);
    assert_eq!(edges, [led("assign"), led("open_pull_request"), led("label")]);
}

#[test]
fn the_days_end_with_today_and_count_what_the_metrics_count() {
    let (_, dashboard) = told();
    assert_eq!(dashboard.days.len(), 14, "a young log shows two weeks");
    assert_eq!(dashboard.days.last().unwrap().date, "2026-11-23");
    let before = &dashboard.days[12];
    assert_eq!(
        (before.date.as_str(), before.opened, before.pull_requests, before.failed),
        ("2026-11-22", 1, 1, 1)
    );
    assert_eq!((before.completed, dashboard.days[13].merged), (3, 1));
    assert_eq!(dashboard.days.iter().map(|day| day.completed).sum::<u64>(), dashboard.figures.completed);
}

#[test]
fn every_type_of_event_has_its_line_and_is_counted() {
    let mut fold = Fold::new(|envelope| envelope.id.clone());
    let envelopes = samples::envelopes();
    envelopes.iter().for_each(|envelope| fold.offer(envelope));
    let home = Home { repository: "acme/widgets".to_owned(), address: None };
    let dashboard = fold.finish(home, &State::default(), START, &|_| Room::default());
    assert_eq!(dashboard.figures.events, envelopes.len() as u64);
    assert_eq!(dashboard.lines.len(), envelopes.len());
    let groups: std::collections::BTreeSet<Group> = dashboard.lines.iter().map(|line| line.group).collect();
    assert_eq!(groups.len(), 8, "every sort of event is among the samples");
}

#[test]
fn nothing_is_something_too() {
    let dashboard = seen(&[], &State::default(), START);
    assert_eq!((dashboard.figures.events, dashboard.issues.len(), dashboard.lines.len()), (0, 0, 0));
    assert_eq!(dashboard.began, dashboard.at);
}

#[test]
fn the_subject_of_every_story_is_an_issue_of_it() {
    let (story, dashboard) = told();
    assert_eq!(dashboard.issues.iter().filter(|issue| issue.number == ISSUE.number().unwrap().0).count(), 1);
    assert_eq!(story.history.len() as u64, dashboard.figures.events);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_stories_are_those_of_why_and_figures_those_of_the_metrics(steps in steps(150)) {
        let (mut walk, mut history) = (Walk::new(), Vec::new());
        for step in &steps {
            history.extend(walk.take(step, decide)?);
        }
        let now = walk.state.at;
        let dashboard = seen(&history, &walk.state, now);
        let envelopes = envelopes(&history);
        for issue in &dashboard.issues {
            let mut timeline = Timeline::of(IssueNumber(issue.number));
            envelopes.iter().cloned().for_each(|envelope| timeline.offer(envelope));
            let told: Vec<u64> =
                timeline.events().iter().map(|envelope| envelope.recorded.stamp.sequence.0).collect();
            prop_assert_eq!(&issue.story, &told);
        }
        let mut metrics = Metrics::default();
        envelopes.iter().for_each(|envelope| metrics.offer(envelope));
        let metrics = metrics.with(&walk.state);
        let attempts: u64 = figures::sum(metrics.counters(), "task_attempts", None);
        let shown = &dashboard.figures;
        prop_assert_eq!(shown.events, history.len() as u64);
        prop_assert_eq!(shown.completed + shown.retried + shown.failed + shown.lost + shown.cancelled, attempts);
        prop_assert_eq!(&dashboard.board, &board(&walk.state, now, &|_| Room::default()));
        let waited: BTreeMap<String, u64> =
            dashboard.kinds.iter().map(|kind| (kind.kind.clone(), kind.waited.count)).collect();
        for (labels, times) in figures::of(metrics.durations(), "task_wait") {
            prop_assert_eq!(waited[figures::value_of(labels, "kind")], times.count);
        }
        for edge in &dashboard.edges {
            prop_assert!(edge.from != edge.to);
        }
    }
}

//! Whoever counts must not count twice, and must not forget what is still going on.

use super::*;
use crate::domain::actor::Actor;
use crate::domain::event::{Recorded, TaskClaimed, TaskCompleted, TaskFailed, TaskRetried, TaskRevived};
use crate::log::wire::samples;

/// The samples of every type of event, in the order of the golden log.
fn counted() -> Metrics {
    let mut metrics = Metrics::default();
    samples::envelopes().iter().for_each(|envelope| metrics.offer(envelope));
    metrics
}

#[test]
fn every_event_is_counted_once_under_its_type() {
    let metrics = counted();
    let events: u64 = metrics.counters[&EVENTS].values().sum();
    assert_eq!(events, samples::envelopes().len() as u64);
    let types = metrics.counters[&EVENTS].len();
    assert_eq!(types, crate::log::upcast::TYPES.len(), "the golden log has every type");
}

#[test]
fn what_is_left_of_the_api_is_what_was_told_last() {
    let metrics = counted().with(&State::default());
    let told = |named| metrics.gauges()[&named][&Vec::new()];
    assert_eq!((told(API_LEFT), told(API_LIMIT)), (4_321, 5_000));
    let untold = Metrics::default().with(&State::default());
    assert!(!untold.gauges().contains_key(&API_LEFT), "nobody knows");
}

/// Tells the story of one task, an event each ten seconds.
fn told(events: Vec<Event>) -> Metrics {
    let (mut metrics, subject) = (Metrics::default(), "issue/42".parse().unwrap());
    for (place, event) in events.into_iter().enumerate() {
        let place = i64::try_from(place).unwrap();
        let stamp = Stamp {
            sequence: crate::domain::id::Sequence(u64::try_from(place).unwrap() + 1),
            subject,
            at: Timestamp::from_millis(place * 10_000),
            actor: Actor::automata(),
            run: "1.1".into(),
            cause: None,
            correlation: None,
        };
        metrics.offer(&Envelope { id: place.to_string(), recorded: Recorded { stamp, event } });
    }
    metrics
}

fn enqueued() -> Event {
    samples::events().into_iter().find(|event| matches!(event, Event::TaskEnqueued(_))).unwrap()
}

#[test]
fn a_task_waits_once_and_every_attempt_takes_its_time() {
    let begun = enqueued();
    let task = begun.task().unwrap().clone();
    let claim = |lease| {
        let until = Timestamp::from_millis(0);
        Event::TaskClaimed(TaskClaimed { task: task.clone(), lease, until, spends: BTreeMap::new() })
    };
    let failure = Failure::transient("timeout", "it took too long");
    let not_before = Timestamp::from_millis(0);
    let retried = TaskRetried { task: task.clone(), lease: 1, failure: failure.clone(), not_before };
    let failed = TaskFailed { task: task.clone(), lease: Some(2), failure };
    let revived = TaskRevived { task: task.clone(), input: None, reason: "again".to_owned() };
    let completed = TaskCompleted { task: task.clone(), lease: 3, output: Default::default() };
    let metrics = told(vec![
        begun,
        claim(1),
        Event::TaskRetried(retried),
        claim(2),
        Event::TaskFailed(failed),
        Event::TaskRevived(revived),
        claim(3),
        Event::TaskCompleted(completed),
    ]);
    let waited: Vec<_> = metrics.durations[&WAITED].values().collect();
    assert_eq!((waited.len(), waited[0].count, waited[0].sum), (1, 1, Duration::from_secs(10)));
    let took: Vec<_> = metrics.durations[&TOOK].values().collect();
    assert_eq!((took[0].count, took[0].sum, took[0].within[1]), (3, Duration::from_secs(30), 3));
    let outcomes: Vec<_> =
        metrics.counters[&ATTEMPTS].iter().map(|(labels, n)| (labels[1].1.as_str(), *n)).collect();
    assert_eq!(outcomes, [("completed", 1), ("failed", 1), ("retried", 1)]);
}

#[test]
fn how_late_a_planned_task_begins_is_told_and_of_a_recurring_one_from_the_time_that_was_meant() {
    let begun = |story: Vec<Event>, cause: Option<u64>| {
        let mut metrics = Metrics::default();
        for (place, event) in story.into_iter().enumerate() {
            let sequence = crate::domain::id::Sequence(place as u64 + 1);
            let is_enqueued = matches!(event, Event::TaskEnqueued(_));
            let stamp = Stamp {
                sequence,
                subject: "issue/42".parse().unwrap(),
                at: Timestamp::from_millis(600_000),
                actor: Actor::automata(),
                run: "1.1".into(),
                cause: cause.filter(|_| is_enqueued).map(crate::domain::id::Sequence),
                correlation: None,
            };
            metrics.offer(&Envelope { id: place.to_string(), recorded: Recorded { stamp, event } });
        }
        let late: Vec<_> = metrics.durations.get(&LATE).into_iter().flat_map(|of| of.values()).collect();
        late.iter().map(|late| (late.count, late.sum.as_secs())).collect::<Vec<_>>()
    };
    let with = |not_before: Option<i64>| {
        let Event::TaskEnqueued(mut enqueued) = enqueued() else { unreachable!() };
        enqueued.spec.not_before = not_before.map(Timestamp::from_millis);
        Event::TaskEnqueued(enqueued)
    };
    let task = enqueued().task().unwrap().clone();
    let until = Timestamp::from_millis(0);
    let claim =
        || Event::TaskClaimed(TaskClaimed { task: task.clone(), lease: 1, until, spends: BTreeMap::new() });
    assert_eq!(begun(vec![with(None), claim()], None), [], "it was to begin at once");
    assert_eq!(begun(vec![with(Some(480_000)), claim()], None), [(1, 120)]);
    let fired = crate::domain::event::ScheduleFired {
        name: "nightly".into(),
        times: vec![Timestamp::from_millis(300_000)],
        missed: 0,
        next: until,
    };
    let fired = || Event::ScheduleFired(fired.clone());
    assert_eq!(begun(vec![fired(), with(None), claim()], Some(1)), [(1, 300)]);
    assert_eq!(begun(vec![fired(), with(None), claim()], None), [], "it is another one");
}

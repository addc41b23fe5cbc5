//! Cuts every golden run wherever its log may end, with what was announced there both done and not done.

use std::collections::BTreeSet;

use automata::domain::event::Event;
use automata::domain::id::EffectId;
use automata::log::Envelope;

use super::golden::{Golden, PATCHED, PLAIN, PLANNED, REFUSAL, SORTED, STORIES, Seen, Story, WORDS, finish};

/// Effects that were closed, and effects that were announced only.
fn effects(events: &[Envelope]) -> (BTreeSet<EffectId>, Vec<EffectId>) {
    let (mut closed, mut announced) = (BTreeSet::new(), Vec::new());
    for event in events {
        match &event.recorded.event {
            Event::EffectIntended(intent) => announced.push(intent.effect.clone()),
            Event::EffectCompleted(done) => drop(closed.insert(done.effect.clone())),
            _ => {}
        }
    }
    announced.retain(|id| !closed.contains(id));
    (closed, announced)
}

/// How many worlds were tried, and what differed.
async fn cut_everywhere(story: &Story) -> (usize, Vec<String>) {
    let golden = Golden::of(story).await;
    let (mut tried, mut wrong) = (0, Vec::new());
    for count in golden.ends() {
        let (closed, open) = effects(&golden.events[..count]);
        for subset in 0..1_usize << open.len() {
            let is_done = |id: &EffectId| {
                closed.contains(id)
                    || open.iter().position(|open| open == id).is_some_and(|at| subset >> at & 1 == 1)
            };
            let (outside, event) = golden.elsewhere(story, is_done).await;
            let log = golden.cut(count).await;
            // Before the first append nobody but GitHub knows of the event; later it may tell it again or not.
            let told = count == 0 || count % 2 == 1;
            let seen = finish(&outside, &log, told.then_some(&event)).await;
            tried += 1;
            if seen != golden.seen {
                wrong.push(format!(
                    "{} cut after {count}, done {subset:b} of {open:?}: {}",
                    story.name,
                    differs(&golden.seen, &seen)
                ));
            }
        }
    }
    (tried, wrong)
}

fn differs(wanted: &Seen, seen: &Seen) -> String {
    let lines =
        |seen: &Seen| -> BTreeSet<String> { format!("{seen:#?}").lines().map(str::to_owned).collect() };
    let (wanted, seen) = (lines(wanted), lines(seen));
    let missing = wanted.difference(&seen).map(|line| format!("\n  missing {line}"));
    missing.chain(seen.difference(&wanted).map(|line| format!("\n  new     {line}"))).collect()
}

async fn survives_every_cut(story: &Story, at_least: usize) {
    let (tried, wrong) = cut_everywhere(story).await;
    assert!(wrong.is_empty(), "{} of {tried}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried >= at_least, "only {tried} worlds were tried");
}

#[tokio::test]
async fn a_plain_issue_survives_every_cut() {
    survives_every_cut(&PLAIN, 10).await;
}

#[tokio::test]
async fn a_patch_survives_every_cut() {
    survives_every_cut(&PATCHED, 20).await;
}

#[tokio::test]
async fn a_refused_patch_survives_every_cut() {
    survives_every_cut(&REFUSAL, 10).await;
}

#[tokio::test]
async fn labels_and_assignments_survive_every_cut() {
    survives_every_cut(&SORTED, 15).await;
}

#[tokio::test]
async fn a_type_and_a_milestone_survive_every_cut() {
    survives_every_cut(&PLANNED, 15).await;
}

#[tokio::test]
async fn words_of_a_comment_survive_every_cut() {
    survives_every_cut(&WORDS, 15).await;
}

#[tokio::test]
async fn every_effect_that_lost_its_receipt_is_found_done_and_not_repeated() {
    for story in STORIES {
        let golden = Golden::of(story).await;
        let is_receipt = |event: &Envelope| matches!(event.recorded.event, Event::EffectCompleted(_));
        let places = golden.events.iter().enumerate().filter(|(_, event)| is_receipt(event));
        let mut repeated = 0;
        for (count, _) in places {
            // All that ever happened outside has happened, also what the shortened log knows nothing of.
            let (outside, _) = golden.elsewhere(story, |_| true).await;
            let log = golden.cut(count).await;
            let seen = finish(&outside, &log, None).await;
            assert_eq!(seen, golden.seen, "{} without what follows event {count}", story.name);
            repeated += 1;
        }
        assert_eq!(repeated, golden.changes.len(), "{}", story.name);
        assert!(repeated > 0, "{}", story.name);
    }
}

#[tokio::test]
async fn a_branch_that_was_pushed_is_used_although_the_default_branch_has_moved_on() {
    let golden = Golden::of(&PATCHED).await;
    let is_push = |event: &Envelope| matches!(&event.recorded.event, Event::EffectIntended(intent) if intent.target.starts_with("refs/heads/"));
    let announced = golden.events.iter().position(is_push).unwrap() + 1;
    let branch = EffectId::new(match &golden.events[announced - 1].recorded.event {
        Event::EffectIntended(intent) => intent.effect.to_string(),
        _ => unreachable!(),
    });
    let closed = golden.events.iter().position(
        |event| matches!(&event.recorded.event, Event::EffectCompleted(done) if done.effect == branch),
    );
    for count in [announced, closed.unwrap() + 1] {
        let before = effects(&golden.events[..count]).0;
        let (outside, _) = golden.elsewhere(&PATCHED, |id| *id == branch || before.contains(id)).await;
        outside.main_moves_on("docs.md", "# Docs\n");
        let log = golden.cut(count).await;
        let seen = finish(&outside, &log, None).await;
        assert_eq!(seen.branches, golden.seen.branches, "cut after {count}");
        assert_eq!(seen.pulls, golden.seen.pulls, "cut after {count}");
        assert_eq!(seen.unfinished, Vec::<String>::new(), "cut after {count}");
    }
}

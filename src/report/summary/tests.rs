//! What a run tells of itself on its page.

use super::*;
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::story::{ISSUE, MINUTE, Story, opened};
use crate::log::Envelope;

/// What a story's run wrote.
fn written(story: &Story) -> Vec<Envelope> {
    let whole = story.history.iter().enumerate();
    whole.map(|(place, recorded)| Envelope { id: format!("e{place}"), recorded: recorded.clone() }).collect()
}

fn summary(story: &Story) -> String {
    let events = written(story);
    let work = Work::of(&story.state, &events, story.now);
    markdown("ada opened it", &Tally::of(&events, 2), &work, &events, &[])
}

#[test]
fn the_tasks_with_what_they_took_and_which_needs_which_stand_above_the_timeline() {
    let mut story = Story::new();
    let first =
        story.enqueue(vec![TaskRequest::new("analyse", ISSUE, Payload::default(), "a rule | says so")]);
    let mut after = TaskRequest::new("label", ISSUE, Payload::default(), "what it found");
    after.spec.depends_on = first.clone();
    story.enqueue(vec![after]);
    let lease = story.claim(&first[0]);
    story.later(3 * MINUTE);
    story.complete(&first[0], lease);
    let told = summary(&story);
    let told = told.replace(first[0].as_str(), "FIRST");
    insta::assert_snapshot!(told);
}

#[test]
fn where_nothing_needs_anything_there_is_no_diagram() {
    let mut story = Story::new();
    story.enqueue(vec![TaskRequest::new("analyse", ISSUE, Payload::default(), "a rule says so")]);
    assert!(!summary(&story).contains("mermaid"));
}

#[test]
fn a_summary_is_never_longer_than_github_shows() {
    let mut story = Story::new();
    story.told(opened("one", story.now));
    let events = written(&story);
    let remarks: Vec<String> = (0..5_000).map(|place| format!("{place} {}", "*".repeat(300))).collect();
    let told = markdown("much", &Tally::default(), &Work::default(), &events, &remarks);
    assert!(told.len() < 1024 * 1024, "{}", told.len());
    assert!(told.ends_with("`automata log` shows all.\n"), "{}", &told[told.len() - 100..]);
}

//! What the fold knows of triage: what was asked and answered, who has what to do, what closed issues were about.

use crate::domain::actor::Actor;
use crate::domain::command::{Command, Outcome};
use crate::domain::id::{IssueNumber, Login};
use crate::domain::input::Learnt;
use crate::domain::learned::{ModelLearned, ModelSetAside};
use crate::domain::payload::Payload;
use crate::domain::state::{Asked, IssueState};
use crate::domain::story::{DAY, MINUTE, START, Story, issue_told, request, tick};
use crate::domain::time::Timestamp;
use crate::domain::trigger::{About, Change, CommentFacts, OpenState, Trigger};
use crate::domain::untrusted::Excerpt;
use crate::domain::verdict::{Analysis, Finding, IssueType, Need};
use crate::views::snapshot;

fn issue(story: &Story) -> &IssueState {
    &story.state.issues[&IssueNumber(42)]
}

fn asked(story: &Story) -> Option<&Asked> {
    issue(story).asked.as_ref()
}

/// A task of this kind is done, with this output.
fn done(story: &mut Story, kind: &str, output: &impl serde::Serialize) {
    let tasks = story.enqueue(vec![request(kind)]);
    let lease = story.claim(&tasks[0]);
    let outcome = Outcome::Completed { output: Payload::of(output).unwrap(), follow_ups: Vec::new() };
    story.must(&Command::RecordOutcome { task: tasks[0].clone(), lease, outcome });
}

fn lacking() -> Analysis {
    let need = Need { what: "the version".to_owned(), reason: "The form requires it.".to_owned() };
    Analysis { missing: vec![need], ..Analysis::default() }
}

fn comment(identity: &str, author: &str, at: Timestamp) -> Trigger {
    let mut told = issue_told(identity, "created", None, at);
    if let About::Issue { issue, .. } = told.about.clone() {
        let body = Excerpt::body("1.2");
        let comment = CommentFacts { id: 1, author: Actor::person(author), body, created_at: at };
        told.about = About::Comment { issue, comment };
    }
    told
}

fn opened() -> Story {
    let mut story = Story::new();
    story.told(issue_told("opened", "opened", None, START));
    story
}

#[test]
fn the_reporter_answers_what_was_asked_and_nobody_else_does() {
    let mut story = opened();
    story.later(MINUTE);
    done(&mut story, "analyse", &lacking());
    let at = story.now;
    assert_eq!(asked(&story), Some(&Asked { at, answered: None, reminded: None }));
    story.later(MINUTE).told(comment("other", "bob", at.plus(MINUTE)));
    story.told(comment("late", "ada", START));
    assert_eq!(asked(&story).unwrap().answered, None, "somebody else's, and one from before");
    story.told(comment("answer", "ada", at.plus(MINUTE)));
    story.told(comment("thanks", "ada", at.plus(2 * MINUTE)));
    assert_eq!(asked(&story).unwrap().answered, Some(at.plus(MINUTE)), "an answer is an answer once");
    done(&mut story, "remind", &"late");
    assert_eq!(asked(&story).unwrap().reminded, None);
}

#[test]
fn an_edit_that_brings_what_was_missing_answers_too_and_silence_is_noted_once() {
    let mut story = opened();
    done(&mut story, "analyse", &lacking());
    story.later(DAY);
    done(&mut story, "remind", &"said so");
    assert_eq!(asked(&story).unwrap().reminded, Some(story.now));
    done(&mut story, "analyse", &Analysis::default());
    assert_eq!(asked(&story).unwrap().answered, Some(story.now));
    let answered = asked(&story).cloned();
    done(&mut story, "analyse", &lacking());
    assert_eq!(asked(&story).cloned(), answered);
}

#[test]
fn who_asked_for_nothing_waits_for_nothing() {
    let mut story = opened();
    done(&mut story, "analyse", &Analysis::default());
    story.told(comment("talk", "ada", START.plus(MINUTE)));
    assert_eq!(asked(&story), None);
}

#[test]
fn who_is_assigned_and_whose_the_type_is_are_seen() {
    let mut story = opened();
    let mut assigned = issue_told("1", "assigned", None, START.plus(MINUTE));
    if let About::Issue { issue, .. } = &mut assigned.about {
        issue.assignees = vec![Login::new("mona")];
    }
    story.told(assigned);
    assert_eq!(issue(&story).assignees, [Login::new("mona")]);
    let typed = Some(Change::Type("Bug".to_owned()));
    let by_us = issue_told("2", "typed", typed.clone(), START.plus(2 * MINUTE));
    story.told(Trigger { actor: Actor::automata(), ..by_us });
    assert!(!issue(&story).type_is_theirs);
    story.told(issue_told("3", "untyped", typed, START.plus(3 * MINUTE)));
    assert!(issue(&story).type_is_theirs && issue(&story).assignees.is_empty());
}

#[test]
fn what_a_closed_issue_was_about_outlives_it_for_a_year() {
    let mut story = opened();
    let terms: Vec<String> = (0..40).map(|place| format!("term{place}")).collect();
    done(&mut story, "analyse", &Analysis { terms, ..Analysis::default() });
    let mut closed = issue_told("closed", "closed", None, START.plus(MINUTE));
    if let About::Issue { issue, .. } = &mut closed.about {
        issue.state = OpenState::Closed;
    }
    story.told(closed);
    let mut at_the_end_of_day = |day: u32| {
        let passed = story.now.since(START);
        story.later((day * DAY).saturating_sub(passed));
        loop {
            story.told(tick(&format!("tick {}", story.state.sequence), story.now));
            if story.state.sequence.0.is_multiple_of(256) {
                let kept = snapshot::read(&snapshot::write(&story.state).unwrap()).unwrap();
                assert_eq!(kept, story.state);
                let words = story.state.remembered.get(&IssueNumber(42)).map(|known| known.terms.len());
                return (story.state.issues.len(), words);
            }
        }
    };
    assert_eq!(at_the_end_of_day(20), (1, None));
    assert_eq!(at_the_end_of_day(40), (0, Some(12)));
    assert_eq!(at_the_end_of_day(360), (0, Some(12)));
    assert_eq!(at_the_end_of_day(370), (0, None));
}

fn model(digest: &str) -> ModelLearned {
    let rows = [("bug".to_owned(), 12), ("feature".to_owned(), 12)].into();
    ModelLearned {
        digest: digest.to_owned(),
        bytes: 3_000,
        rows,
        macro_f1_thousandths: 900,
        sets: Default::default(),
    }
}

/// Somebody puts a label on issue 42.
fn labels(story: &mut Story, identity: &str, actor: Actor, label: &str) {
    let change = Some(Change::Label(label.to_owned()));
    let mut told = issue_told(identity, "labeled", change, story.now);
    told.actor = actor;
    story.told(told);
}

fn corrections(story: &Story) -> usize {
    let label_of = |of| match of {
        IssueType::Bug => Some("bug"),
        IssueType::Feature => Some("enhancement"),
        _ => None,
    };
    story.state.learning.corrections(label_of, |_| None)
}

#[test]
fn what_people_correct_counts_until_something_is_learned_again_or_was_tried_to() {
    let mut story = opened();
    story.later(MINUTE);
    let bug = Finding { value: IssueType::Bug, confidence: 0.9, reasons: Vec::new() };
    done(&mut story, "analyse", &Analysis { issue_type: Some(bug), ..Analysis::default() });
    labels(&mut story, "early", Actor::person("mona"), "enhancement");
    assert_eq!(corrections(&story), 0, "nothing was learned that could be corrected");
    story.must(&Command::Learned(model("one")));
    assert_eq!(story.state.learning.former.as_ref().unwrap().model, None, "the rules judged before");
    labels(&mut story, "ours", Actor::automata(), "enhancement");
    labels(&mut story, "same", Actor::person("mona"), "bug");
    assert_eq!(corrections(&story), 0);
    labels(&mut story, "other", Actor::person("mona"), "enhancement");
    assert_eq!(corrections(&story), 1);
    let unlabeled = issue_told("off", "unlabeled", Some(Change::Label("enhancement".to_owned())), story.now);
    story.told(unlabeled);
    assert_eq!(corrections(&story), 0, "she thought better of it");
    labels(&mut story, "again", Actor::person("mona"), "enhancement");
    assert_eq!(corrections(&story), 1);
    assert_eq!(snapshot::read(&snapshot::write(&story.state).unwrap()), Ok(story.state.clone()));
    // It is not taken in, and not tried again before there are as many anew.
    let told = "what judged before stays".to_owned();
    done(&mut story, "learn", &Learnt { taken: false, told: told.clone() });
    assert_eq!((corrections(&story), story.state.learning.last.as_ref().unwrap().told.clone()), (0, told));
    labels(&mut story, "third", Actor::person("mona"), "enhancement");
    story.must(&Command::Learned(model("two")));
    assert_eq!(corrections(&story), 0);
    assert_eq!(story.state.learning.former.as_ref().unwrap().model, Some(model("one")));
    // However it ends.
    labels(&mut story, "fourth", Actor::person("mona"), "enhancement");
    let tasks = story.enqueue(vec![request("learn")]);
    story.must(&Command::Cancel { task: tasks[0].clone(), reason: "not now".to_owned() });
    assert_eq!(corrections(&story), 0);
    story.must(&Command::SetAside(ModelSetAside { reason: "asked to".to_owned() }));
    assert_eq!(story.state.learned, None);
    assert_eq!(story.state.learning.former.as_ref().unwrap().model, Some(model("two")));
}

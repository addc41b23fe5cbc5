//! Stories of approval and merging: whose word is noted, and when it is forgotten.

use crate::domain::actor::{Actor, ActorKind};
use crate::domain::command::Command;
use crate::domain::fact::Fact;
use crate::domain::id::{IssueNumber, Login};
use crate::domain::spec::TaskRequest;
use crate::domain::story::{MINUTE, START, Story, enqueued, pull_told, request};
use crate::domain::time::Timestamp;
use crate::domain::trigger::{About, OpenState, ReviewFacts, Trigger};
use crate::domain::untrusted::Excerpt;

const PULL: IssueNumber = IssueNumber(7);
const APPROVED: Fact = Fact::Approved(PULL);

fn at(minutes: u32) -> Timestamp {
    START.plus(minutes * MINUTE)
}

/// A story in which a task waits for the approval of pull request 7.
fn awaiting() -> Story {
    let mut story = Story::new();
    story.must(&Command::Enqueue(vec![waiting()]));
    story
}

fn waiting() -> TaskRequest {
    let mut waiting = request("label");
    waiting.spec.awaits = vec![APPROVED];
    waiting
}

/// Somebody reviews pull request 7.
fn reviews(login: &str, action: &str, state: &str, minutes: u32) -> Trigger {
    let told = pull_told(&format!("{login} {action} {minutes}"), action, None, at(minutes));
    let About::Pull { pull, .. } = told.about.clone() else { unreachable!("a pull request is told") };
    let review = ReviewFacts {
        id: u64::from(minutes),
        author: Actor::person(login),
        state: state.to_owned(),
        body: Excerpt::default(),
    };
    let about = About::Review { pull, review };
    Trigger { event: "pull_request_review".to_owned(), actor: Actor::person(login), about, ..told }
}

fn approvers(story: &Story) -> Vec<&str> {
    story.state.issues[&PULL].approvers.iter().map(Login::as_str).collect()
}

#[test]
fn who_approves_in_a_review_is_noted_once() {
    let mut story = awaiting();
    story.told(reviews("ann", "submitted", "approved", 1));
    story.told(reviews("ben", "submitted", "approved", 2));
    story.told(reviews("Ann", "submitted", "approved", 3));
    assert_eq!(approvers(&story), ["ben", "Ann"], "the last word is last");
}

#[test]
fn another_review_or_a_bots_is_no_approval() {
    let mut story = awaiting();
    story.told(reviews("ann", "submitted", "commented", 11));
    let bot = reviews("helper[bot]", "submitted", "approved", 12);
    story.told(Trigger { actor: Actor { kind: ActorKind::App, ..bot.actor.clone() }, ..bot });
    assert_eq!(approvers(&story), [""; 0]);
}

#[test]
fn a_word_before_a_task_waits_for_it_or_for_another_task_does_not_count() {
    let mut story = Story::new();
    story.told(reviews("ann", "submitted", "approved", 1));
    let task = enqueued(&story.must(&Command::Enqueue(vec![waiting()]))).remove(0);
    assert_eq!(approvers(&story), [""; 0], "nobody waited yet");
    story.told(reviews("ann", "submitted", "approved", 2));
    story.must(&Command::Enqueue(vec![waiting()]));
    assert_eq!(approvers(&story), ["ann"], "the first task still waits");
    story.must(&Command::Observe(APPROVED));
    assert_eq!(approvers(&story), [""; 0], "it was taken");

    story.must(&Command::Cancel { task, reason: "enough".to_owned() });
    let again = enqueued(&story.must(&Command::Enqueue(vec![waiting()]))).remove(0);
    story.told(reviews("ann", "submitted", "approved", 3));
    story.must(&Command::Cancel { task: again, reason: "enough".to_owned() });
    story.must(&Command::Enqueue(vec![waiting()]));
    assert_eq!(approvers(&story), [""; 0], "the word was for a task that is gone");
}

#[test]
fn an_approval_can_be_taken_back() {
    let mut story = awaiting();
    story.told(reviews("ann", "submitted", "approved", 1));
    story.told(reviews("ben", "submitted", "approved", 2));
    story.told(reviews("ann", "submitted", "changes_requested", 3));
    assert_eq!(approvers(&story), ["ben"]);
    let dismissed = reviews("ben", "dismissed", "dismissed", 4);
    story.told(Trigger { actor: Actor::person("mona"), ..dismissed });
    assert_eq!(approvers(&story), [""; 0]);
}

#[test]
fn a_crowd_that_approves_is_not_kept_whole() {
    let mut story = awaiting();
    for n in 0..50 {
        story.told(reviews(&format!("stranger{n}"), "submitted", "approved", n + 1));
    }
    assert_eq!((approvers(&story).len(), approvers(&story)[19]), (20, "stranger49"));
}

#[test]
fn what_is_merged_stays_merged_whatever_is_told_late() {
    let merged = {
        let mut told = pull_told("2", "closed", None, at(2));
        if let About::Pull { pull, .. } = &mut told.about {
            (pull.state, pull.merged) = (OpenState::Closed, true);
        }
        told
    };
    let edited = pull_told("1", "edited", None, at(1));
    for order in [[&merged, &edited], [&edited, &merged]] {
        let mut story = Story::new();
        order.into_iter().for_each(|telling| story.told(telling.clone()));
        let pull = &story.state.issues[&PULL];
        assert_eq!((pull.merged, pull.closed_at), (true, Some(at(2))));
    }
}

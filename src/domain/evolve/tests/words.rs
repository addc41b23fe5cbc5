//! What people said: a pause holds, a stale task orders nothing, and what was judged is remembered.

use crate::domain::actor::Actor;
use crate::domain::command::{Command, Rejection};
use crate::domain::event::{CommandAnswered, CommandJudged};
use crate::domain::id::{IssueNumber, Login};
use crate::domain::input;
use crate::domain::state::{Aspect, IssueState};
use crate::domain::story::{ISSUE, MINUTE, START, Story, issue_told, opened, pull_told, request};

fn known(story: &Story) -> &IssueState {
    &story.state.issues[&IssueNumber(42)]
}

fn pause() -> Command {
    Command::Pause { subject: ISSUE, reason: "mona said `pause`".to_owned() }
}

fn resume() -> Command {
    Command::Resume { subject: ISSUE, reason: "mona said `resume`".to_owned() }
}

#[test]
fn nothing_about_a_paused_issue_is_begun_but_what_lets_it_go_on() {
    let mut story = Story::new();
    story.told(opened("1", START));
    let tasks = story.enqueue(vec![request("label"), request(input::OBEY), request(input::COMMENT)]);
    story.must(&pause());
    assert_eq!(story.submit(&pause()).unwrap_err(), Rejection::NotPausable(ISSUE));
    assert_eq!(story.try_claim(&tasks[0]).unwrap_err(), Rejection::NotReady(tasks[0].clone()));
    assert!(story.try_claim(&tasks[1]).is_ok() && story.try_claim(&tasks[2]).is_ok());
    story.must(&resume());
    assert_eq!(story.submit(&resume()).unwrap_err(), Rejection::NotPausable(ISSUE));
    assert!(story.try_claim(&tasks[0]).is_ok());
}

#[test]
fn orders_are_given_in_the_name_of_whoever_asked_and_only_while_the_task_is_held() {
    let mut story = Story::new();
    story.told(opened("1", START));
    let task = story.enqueue(vec![request(input::OBEY)]).remove(0);
    let lease = story.claim(&task);
    let order = |lease, command| Command::OnBehalf {
        task: task.clone(),
        lease,
        actor: Actor::person("mona"),
        command: Box::new(command),
    };
    let events = story.must(&order(lease, pause()));
    assert_eq!(events[0].stamp.actor, Actor::person("mona"));
    story.must(&order(lease, resume()));
    story.complete(&task, lease);
    assert!(story.submit(&order(lease, pause())).is_err(), "the task is over");
}

#[test]
fn what_was_judged_is_remembered_and_an_answer_stands_until_the_next() {
    let mut story = Story::new();
    story.told(opened("1", START));
    let judge = |said: &str, comment, granted| Command::Judge {
        subject: ISSUE,
        granted,
        judged: CommandJudged {
            verb: said.split(' ').next().unwrap_or_default().to_owned(),
            said: said.to_owned(),
            actor: Actor::person("mona"),
            permission: None,
            reason: "anyone may".to_owned(),
            comment: Some(comment),
        },
    };
    for comment in 1..=60 {
        story.must(&judge("help", comment, true));
    }
    assert_eq!((known(&story).heard.len(), known(&story).heard.contains_key(&60)), (50, true));
    story.must(&judge("duplicate #7", 61, false));
    assert_eq!(known(&story).duplicate_of, None);
    story.must(&judge("duplicate #7", 62, true));
    assert_eq!(known(&story).duplicate_of, Some(IssueNumber(7)));
    let answer = |text: &str| Command::Answer {
        subject: ISSUE,
        answered: CommandAnswered { asked_by: Login::new("mona"), text: text.to_owned() },
    };
    story.must(&answer("Yes."));
    assert_eq!(known(&story).answer.as_ref().map(|answer| answer.text.as_str()), Some("Yes."));
    story.must(&answer(""));
    assert_eq!(known(&story).answer, None);
}

#[test]
fn what_people_settle_is_known() {
    let mut story = Story::new();
    story.told(opened("1", START));
    let at = |minutes| START.plus(minutes * MINUTE);
    story.told(issue_told("2", "edited", None, at(1)));
    assert!(known(&story).settled.is_empty(), "the title is as it was");
    story.told(issue_told("3", "closed", None, at(2)));
    assert!(known(&story).settled.contains(&Aspect::State));
    story.told(pull_told("4", "opened", None, at(3)));
    story.told(pull_told("5", "ready_for_review", None, at(4)));
    assert!(story.state.issues[&IssueNumber(7)].settled.contains(&Aspect::Draft));
}

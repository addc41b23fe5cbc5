//! Each row of the plan says how the present attempt and its pull request stand, and nothing of others.

use super::*;
use crate::config::{Config, MergeRules};
use crate::domain::access::Wish;
use crate::domain::actor::Actor;
use crate::domain::command::{Command, Outcome};
use crate::domain::effect::EffectKind;
use crate::domain::event::CommandJudged;
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, EffectId, TaskId};
use crate::domain::input::{Checked, OpenPullRequest, Revised};
use crate::domain::payload::Payload;
use crate::domain::receipt;
use crate::domain::spec::TaskRequest;
use crate::domain::story::{ISSUE, MINUTE, Story, enqueued, intend, opened, pull_told, request};
use crate::domain::subject::Subject;
use crate::domain::trigger::{About, OpenState, ReviewFacts, Trigger};
use crate::domain::untrusted::Excerpt;

/// Of how many checks so many failed.
fn checked(failed: usize, all: usize) -> Vec<Checked> {
    let check = |place: usize| Checked {
        name: format!("check {place}"),
        passed: place >= failed,
        tail: String::new(),
    };
    (0..all).map(check).collect()
}

/// An issue that people and Automata work on.
struct Work {
    story: Story,
    told: u64,
}

impl Work {
    fn new() -> Self {
        let mut story = Story::new();
        story.told(opened("opened", story.now));
        Self { story, told: 0 }
    }

    fn task(&mut self, kind: &str) -> TaskId {
        self.story.later(MINUTE);
        self.story.enqueue(vec![request(kind)]).remove(0)
    }

    /// An attempt whose change is made, with these checks; its pull request waits to be opened.
    fn changes(&mut self, checks: Vec<Checked>) -> TaskId {
        let task = self.task(input::IMPLEMENT);
        let lease = self.story.claim(&task);
        let made = OpenPullRequest {
            branch: "fix".to_owned(),
            commit: CommitId::new("1".repeat(40)),
            base: "main".to_owned(),
            base_commit: CommitId::new("0".repeat(40)),
            title: "Stop the crash".to_owned(),
            summary: String::new(),
            files: Vec::new(),
            added: 1,
            removed: 0,
            merged: false,
            generated: Vec::new(),
            change: None,
            assistant: "helper".to_owned(),
            usage: <_>::default(),
            checks,
        };
        let follow_ups = vec![request(input::OPEN_PULL_REQUEST)];
        let outcome = Outcome::Completed { output: Payload::of(&made).unwrap(), follow_ups };
        enqueued(&self.story.must(&Command::RecordOutcome { task, lease, outcome })).remove(0)
    }

    /// The same, with its pull request opened.
    fn opens(&mut self, number: u64, checks: Vec<Checked>) {
        let task = self.changes(checks);
        let lease = self.story.claim(&task);
        self.story.must(&intend(&task, lease, EffectKind::PullRequest, "open"));
        let pull = receipt::PullRequest {
            number: IssueNumber(number),
            url: format!("https://github.com/acme/widgets/pull/{number}"),
            branch: "fix".to_owned(),
            change: None,
            lines: None,
            by: None,
            draft: None,
            unchecked: false,
        };
        let (effect, receipt) = (EffectId::of(&task, "step"), Payload::of(&pull).unwrap());
        self.story.must(&Command::CompleteEffect { effect, receipt, adopted: false });
        self.story.complete(&task, lease);
    }

    fn tries_in_vain(&mut self) {
        let task = self.task(input::IMPLEMENT);
        let lease = self.story.claim(&task);
        self.story.fail(&task, lease, Failure::permanent("nothing", "nobody proposed a change"));
    }

    fn pull(&mut self, action: &str) -> Trigger {
        self.told += 1;
        self.story.later(MINUTE);
        pull_told(&format!("told {}", self.told), action, None, self.story.now)
    }

    fn closes(&mut self, is_merged: bool) {
        let mut told = self.pull("closed");
        if let About::Pull { pull, .. } = &mut told.about {
            (pull.state, pull.merged) = (OpenState::Closed, is_merged);
        }
        self.story.told(told);
    }

    /// Somebody whose reviews are heeded reviews it.
    fn reviews(&mut self, who: &str, action: &str, verdict: &str) {
        let id = self.says(who, action, verdict);
        self.weighs(who, id, true);
    }

    fn weighs(&mut self, who: &str, id: u64, granted: bool) {
        let judged = CommandJudged {
            verb: Wish::Review.name().to_owned(),
            said: "a review".to_owned(),
            actor: Actor::person(who),
            permission: None,
            reason: "they may".to_owned(),
            comment: Some(id),
        };
        let subject = Subject::Pull(IssueNumber(7));
        self.story.must(&Command::Weigh { subject, granted, judged });
    }

    fn says(&mut self, who: &str, action: &str, verdict: &str) -> u64 {
        let mut told = self.pull(action);
        let About::Pull { pull, .. } = told.about else { panic!("it is about a pull request") };
        let (author, body) = (Actor::person(who), Excerpt::default());
        let review = ReviewFacts { id: self.told, author: author.clone(), state: verdict.to_owned(), body };
        told.actor = author;
        told.about = About::Review { pull, review };
        self.story.told(told);
        self.told
    }

    fn workflow(&mut self, id: u64, name: &str, conclusion: &str, commit: &str) {
        let mut told = self.pull("completed");
        told.about = About::WorkflowRun {
            id,
            name: name.to_owned(),
            conclusion: Some(conclusion.to_owned()),
            head: commit.to_owned(),
            branch: Some("fix".to_owned()),
        };
        self.story.told(told);
    }

    fn revises(&mut self, commit: Option<&str>, checks: Vec<Checked>) {
        self.story.later(MINUTE);
        let subject = Subject::Pull(IssueNumber(7));
        let revise = TaskRequest::new(input::REVISE, subject, Payload::default(), "a review asks for it");
        let task = self.story.enqueue(vec![revise]).remove(0);
        let lease = self.story.claim(&task);
        let revised = Revised { commit: commit.map(CommitId::new), checks, ..Revised::default() };
        let outcome = Outcome::Completed { output: Payload::of(&revised).unwrap(), follow_ups: Vec::new() };
        self.story.must(&Command::RecordOutcome { task, lease, outcome });
    }

    fn shown_with(&self, config: &Config) -> String {
        let scene = Scene { state: &self.story.state, config, page: "https://github.com/acme/widgets" };
        let number = ISSUE.number().unwrap();
        scene.plan(number, &self.story.state.issues[&number]).replace("\n\n", "\n")
    }

    fn shown(&self) -> String {
        self.shown_with(&Config::default())
    }
}

#[test]
fn one_that_nobody_reviewed_waits_for_a_review() {
    let mut work = Work::new();
    work.opens(7, checked(0, 2));
    insta::assert_snapshot!(work.shown(), @"
    Plan: ✅ change · ✅ checks · ✅ pull request #7 · ⏳ review · ☐ merge
    Next: somebody reviews #7 and merges it; `/automata revise` asks for another commit.
    ");
}

#[test]
fn after_a_second_attempt_that_failed_nothing_of_the_first_is_shown() {
    let mut work = Work::new();
    work.opens(7, checked(1, 2));
    work.reviews("otto", "submitted", "approved");
    work.closes(false);
    insta::assert_snapshot!(work.shown(), @"
    Plan: ✅ change · ❌ checks (1/2 failed) · ✅ pull request #7 · ✅ review (approved by otto) · ❌ merge
    Next: `/automata implement` asks for another attempt, if one is wanted.
    ");
    let waiting = work.task(input::IMPLEMENT);
    insta::assert_snapshot!(work.shown(), @"
    Plan: ⏳ change · ☐ pull request · ☐ review · ☐ merge
    Next: Automata sees to the change; nobody has to do anything.
    ");
    let lease = work.story.claim(&waiting);
    work.story.fail(&waiting, lease, Failure::permanent("nothing", "nobody proposed a change"));
    insta::assert_snapshot!(work.shown(), @"
    Plan: ❌ change · ☐ pull request · ☐ review · ☐ merge
    Next: somebody does what is said above; `/automata retry` then tries again.
    ");
    work.changes(checked(0, 1));
    insta::assert_snapshot!(work.shown(), @"
    Plan: ✅ change · ✅ checks · ⏳ pull request · ☐ review · ☐ merge
    Next: Automata opens the pull request.
    ");
}

#[test]
fn what_failed_before_the_pull_request_was_opened_says_nothing_of_it() {
    let mut work = Work::new();
    work.tries_in_vain();
    work.opens(7, Vec::new());
    work.closes(false);
    insta::assert_snapshot!(work.shown(), @"
    Plan: ✅ change · ✅ pull request #7 · ➖ review (nobody reviewed it) · ❌ merge
    Next: `/automata implement` asks for another attempt, if one is wanted.
    ");
}

#[test]
fn the_next_pull_request_begins_without_the_reviews_and_checks_of_the_one_before() {
    let mut work = Work::new();
    work.opens(7, checked(1, 2));
    work.reviews("otto", "submitted", "changes_requested");
    work.workflow(1, "build", "failure", "a");
    work.closes(false);
    work.opens(8, Vec::new());
    insta::assert_snapshot!(work.shown(), @"
    Plan: ✅ change · ✅ pull request #8 · ⏳ review · ☐ merge
    Next: somebody reviews #8 and merges it; `/automata revise` asks for another commit.
    ");
}

#[test]
fn what_reviewers_say_of_the_last_commit_counts() {
    let mut work = Work::new();
    work.opens(7, Vec::new());
    work.reviews("otto", "submitted", "commented");
    insta::assert_snapshot!(work.shown(), @"
    Plan: ✅ change · ✅ pull request #7 · ⏳ review · ☐ merge
    Next: somebody reviews #7 and merges it; `/automata revise` asks for another commit.
    ");
    work.reviews("otto", "submitted", "changes_requested");
    work.reviews("mona", "submitted", "approved");
    insta::assert_snapshot!(work.shown(), @"
    Plan: ✅ change · ✅ pull request #7 · ⏳ review (changes asked for by otto) · ☐ merge
    Next: somebody does what reviewers of #7 ask for; `/automata revise` has Automata do it.
    ");
    // Only answers: what was asked for stands.
    work.revises(None, Vec::new());
    insta::assert_snapshot!(work.shown(), @"
    Plan: ✅ change · ✅ pull request #7 · ⏳ review (changes asked for by otto) · ☐ merge
    Next: somebody does what reviewers of #7 ask for; `/automata revise` has Automata do it.
    ");
    work.revises(Some("b"), checked(1, 1));
    insta::assert_snapshot!(work.shown(), @"
    Plan: ✅ change · ❌ checks (1/1 failed) · ✅ pull request #7 · ⏳ review (revised 2 x) · ☐ merge
    Next: somebody looks why checks of #7 fail; `/automata revise` has Automata mend it.
    ");
    work.revises(Some("c"), checked(0, 1));
    work.reviews("otto", "submitted", "approved");
    insta::assert_snapshot!(work.shown(), @"
    Plan: ✅ change · ✅ checks · ✅ pull request #7 · ✅ review (approved by otto) · ☐ merge
    Next: somebody merges #7; `/automata revise` asks for another commit.
    ");
    let mut merge = Config::default();
    merge.pull_requests.merge = Some(MergeRules::default());
    insta::assert_snapshot!(work.shown_with(&merge), @"
    Plan: ✅ change · ✅ checks · ✅ pull request #7 · ✅ review (approved by otto) · ☐ merge
    Next: Automata merges #7 as soon as the rules for that are met.
    ");
    work.reviews("otto", "dismissed", "dismissed");
    insta::assert_snapshot!(work.shown(), @"
    Plan: ✅ change · ✅ checks · ✅ pull request #7 · ⏳ review (revised 3 x) · ☐ merge
    Next: somebody reviews #7 and merges it; `/automata revise` asks for another commit.
    ");
    work.closes(true);
    insta::assert_snapshot!(work.shown(), @"Plan: ✅ change · ✅ checks · ✅ pull request #7 · ✅ review (revised 3 x) · ✅ merge");
}

#[test]
fn one_that_was_merged_without_a_review_says_so() {
    let mut work = Work::new();
    work.opens(7, Vec::new());
    work.closes(true);
    insta::assert_snapshot!(work.shown(), @"Plan: ✅ change · ✅ pull request #7 · ➖ review (nobody reviewed it) · ✅ merge");
}

#[test]
fn one_that_was_merged_against_a_review_says_so() {
    let mut work = Work::new();
    work.opens(7, Vec::new());
    work.reviews("otto", "submitted", "changes_requested");
    work.closes(true);
    insta::assert_snapshot!(work.shown(), @"Plan: ✅ change · ✅ pull request #7 · ❌ review (changes asked for by otto) · ✅ merge");
}

#[test]
fn workflows_that_fail_on_the_last_commit_stand_there_until_they_do_no_more() {
    let mut work = Work::new();
    work.opens(7, Vec::new());
    work.workflow(5, "build", "failure", "a");
    work.workflow(6, "lint `x`", "timed_out", "a");
    work.workflow(7, "docs", "success", "a");
    insta::assert_snapshot!(work.shown(), @r"
    Plan: ✅ change · ✅ pull request #7 · ❌ CI (build, lint \`x\` failed) · ⏳ review · ☐ merge
    Next: somebody looks why checks of #7 fail; `/automata revise` has Automata mend it.
    ");
    work.workflow(6, "lint `x`", "success", "a");
    work.workflow(8, "build", "success", "b");
    // It is told late.
    work.workflow(5, "build", "failure", "a");
    insta::assert_snapshot!(work.shown(), @"
    Plan: ✅ change · ✅ pull request #7 · ⏳ review · ☐ merge
    Next: somebody reviews #7 and merges it; `/automata revise` asks for another commit.
    ");
    work.workflow(9, "build", "failure", "b");
    let red = work.shown();
    work.revises(Some("c"), Vec::new());
    assert!(red.contains("CI (build failed)") && !work.shown().contains("CI"), "{red}{}", work.shown());
}

#[test]
fn a_strangers_review_is_none_and_neither_is_one_that_nobody_has_weighed() {
    let mut work = Work::new();
    work.opens(7, Vec::new());
    let before = work.shown();
    let id = work.says("mallory", "submitted", "approved");
    assert_eq!(work.shown(), before);
    work.weighs("mallory", id, false);
    assert_eq!(work.shown(), before);
    work.closes(true);
    assert!(work.shown().contains("review (nobody reviewed it)"), "{}", work.shown());
}

#[test]
fn a_bot_reviews_nothing() {
    let mut work = Work::new();
    work.opens(7, Vec::new());
    let before = work.shown();
    let mut told = work.pull("submitted");
    let About::Pull { pull, .. } = told.about else { panic!("it is about a pull request") };
    let author = Actor { kind: crate::domain::actor::ActorKind::Bot, ..Actor::person("helper[bot]") };
    let review = ReviewFacts { id: 1, author, state: "approved".to_owned(), body: Excerpt::default() };
    told.about = About::Review { pull, review };
    work.story.told(told);
    assert_eq!(work.shown(), before);
}

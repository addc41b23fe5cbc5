//! One event of each type: what the golden logs hold.

use std::collections::BTreeMap;

use crate::domain::actor::Actor;
use crate::domain::allowance::DriveUsed;
use crate::domain::effect::{EffectKind, Intent};
use crate::domain::event::{
    AssistantAnswered, EffectCompleted, Event, FactObserved, OutcomeIgnored, Recorded, ScheduleFired,
    ScheduleRemoved, ScheduleSet, Stamp, TaskAmended, TaskCancelled, TaskClaimed, TaskCompleted,
    TaskEnqueued, TaskFailed, TaskProgressed, TaskReleased, TaskRetried, TaskRevived, TriggerHeld,
    TriggerRefused, TriggerSettled,
};
use crate::domain::fact::Fact;
use crate::domain::failure::Failure;
use crate::domain::id::{
    AssistantName, CommandId, EffectId, IssueNumber, KindName, Login, RunId, ScheduleName, Sequence,
    ServiceName, TaskId, TriggerIdentity,
};
use crate::domain::learned::{ModelLearned, ModelSetAside};
use crate::domain::payload::Payload;
use crate::domain::schedule::{CatchUp, Schedule, SetBy};
use crate::domain::spec::{Ending, Hook, IfLost, OnDuplicate, Priority, TaskRequest, TaskSpec};
use crate::domain::subject::Subject;
use crate::domain::task::Progress;
use crate::domain::time::Timestamp;
use crate::domain::trigger::{
    About, Change, CommentFacts, IssueFacts, OpenState, PullFacts, ReviewFacts, Trigger,
};
use crate::domain::untrusted::Excerpt;
use crate::domain::usage::Usage;
use crate::domain::watched::{Aspect, DriveChanged, DriveKey, DriveRead, Seen};
use crate::log::Envelope;

mod said;
mod used;

const NOON: i64 = 1_795_348_800_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_millis(NOON + second * 1_000)
}

fn issue() -> IssueFacts {
    IssueFacts {
        number: IssueNumber(42),
        title: Excerpt::title("Crash on \"start\"\u{2028}now"),
        body: Excerpt::of("It says\r\n```\npanicked at src/main.rs:12\n```\n@everyone", 40),
        written: None,
        author: Actor::person("octo-cat"),
        state: OpenState::Open,
        labels: vec!["bug".to_owned()],
        assignees: vec![Login::new("hubot")],
        is_pull: false,
        created_at: at(-60),
        updated_at: at(0),
    }
}

fn pull() -> PullFacts {
    PullFacts {
        number: IssueNumber(43),
        title: Excerpt::title("Start without a crash"),
        body: Excerpt::body("Closes #42"),
        written: None,
        author: Actor::automata(),
        state: OpenState::Closed,
        merged: true,
        draft: true,
        head: "automata/issue-42-crash".to_owned(),
        head_commit: "1111111111111111111111111111111111111111".to_owned(),
        base: "main".to_owned(),
        from_fork: true,
        labels: vec![],
    }
}

fn comment() -> CommentFacts {
    CommentFacts { id: 7, author: Actor::system(), body: Excerpt::body("me too"), created_at: at(1) }
}

/// Every sort of trigger.
pub(crate) fn abouts() -> Vec<About> {
    vec![
        About::Issue { issue: issue(), change: Some(Change::Label("bug".to_owned())) },
        About::Comment { issue: issue(), comment: comment() },
        About::Pull { pull: pull(), change: Some(Change::Assignee(Login::new("hubot"))) },
        About::Review {
            pull: pull(),
            review: ReviewFacts {
                id: 8,
                author: Actor::person("rev"),
                state: "approved".to_owned(),
                body: Excerpt::body(""),
            },
        },
        About::ReviewComment {
            pull: pull(),
            comment: comment(),
            path: "src/main.rs".to_owned(),
            line: Some(12),
        },
        About::Label { name: "bug".to_owned(), was: Some("defect".to_owned()) },
        About::WorkflowRun {
            id: 9,
            name: "CI".to_owned(),
            conclusion: Some("failure".to_owned()),
            head: "2222222222222222222222222222222222222222".to_owned(),
            branch: None,
        },
        About::Release { id: 11, tag: "v1.2.0".to_owned(), name: "Widgets 1.2".to_owned() },
        About::Schedule { cron: "17 3 * * *".to_owned() },
        About::Dispatch { inputs: BTreeMap::from([("mode".to_owned(), "drain".to_owned())]) },
        About::RepositoryDispatch { event_type: "build-done".to_owned(), client_payload: payload() },
        About::Push {
            reference: "refs/heads/main".to_owned(),
            before: "0".repeat(40),
            after: "3333333333333333333333333333333333333333".to_owned(),
        },
    ]
}

pub(crate) fn payload() -> Payload {
    Payload::of(&BTreeMap::from([("issue", 42)])).expect("a map with text keys")
}

fn failure() -> Failure {
    Failure::rate_limited(at(90), "GitHub asks to wait.").hint("Nothing: it is tried again.")
}

/// One event of each type.
pub(crate) fn events() -> Vec<Event> {
    let task = TaskId::of(&CommandId::new("7zq3m0x1c2v4"), 1);
    let effect = EffectId::of(&task, "comment");
    let triggers = abouts().into_iter().enumerate().map(|(place, about)| {
        Event::TriggerReceived(Box::new(Trigger {
            identity: TriggerIdentity::new(format!("issues/opened/42/{place}")),
            event: "issues".to_owned(),
            action: (place < 5).then(|| "opened".to_owned()),
            at: at(0),
            actor: Actor::person("octo-cat"),
            subject: Subject::Issue(IssueNumber(42)),
            hops: u8::from(place == 1),
            about,
        }))
    });
    let others = [
        Event::TriggerRefused(TriggerRefused {
            event: "issues".to_owned(),
            reason: "not JSON: expected value at line 1 column 1".to_owned(),
            bytes: 3,
            digest: "ab".repeat(32),
        }),
        Event::TaskEnqueued(Box::new(TaskEnqueued {
            task: task.clone(),
            spec: TaskSpec {
                kind: KindName::new("comment"),
                subject: Subject::Issue(IssueNumber(42)),
                input: payload(),
                priority: Priority::new(70),
                depends_on: vec![TaskId::new("7zq3m0x1c2v4.0")],
                unique: Some("comment/42".to_owned()),
                max_attempts: 6,
                not_before: Some(at(5)),
                ..plain("The issue was opened.")
            },
        })),
        Event::TaskClaimed(TaskClaimed {
            task: task.clone(),
            lease: 1,
            until: at(900),
            spends: BTreeMap::new(),
        }),
        Event::TaskCompleted(TaskCompleted { task: task.clone(), lease: 1, output: payload() }),
        Event::TaskRetried(TaskRetried {
            task: task.clone(),
            lease: 1,
            failure: failure(),
            not_before: at(90),
        }),
        Event::TaskFailed(TaskFailed {
            task: task.clone(),
            lease: Some(1),
            failure: Failure::permanent("patch_does_not_apply", "The patch does not apply."),
        }),
        Event::TaskReleased(TaskReleased {
            task: task.clone(),
            lease: 1,
            reason: "The run ended.".to_owned(),
            stopped: false,
        }),
        Event::TaskCancelled(TaskCancelled {
            task: task.clone(),
            reason: "The issue was closed.".to_owned(),
        }),
        Event::TaskRevived(TaskRevived {
            task: task.clone(),
            input: None,
            reason: "octo-cat asked.".to_owned(),
        }),
        Event::OutcomeIgnored(OutcomeIgnored { task: task.clone(), lease: 1, outcome: "failed".to_owned() }),
        Event::EffectIntended(Intent {
            effect: effect.clone(),
            task: task.clone(),
            lease: 1,
            kind: EffectKind::Comment,
            target: "issue/42".to_owned(),
            detail: "status".to_owned(),
        }),
        Event::EffectCompleted(EffectCompleted { effect, receipt: payload(), adopted: true }),
        Event::TriggerHeld(TriggerHeld {
            trigger: Sequence(1),
            reason: ".github/automata.yml:2:1: limitz: there is no such key".to_owned(),
        }),
        Event::TriggerSettled(TriggerSettled { trigger: Sequence(1) }),
    ];
    triggers.chain(others).chain(queue_events(&task)).collect()
}

/// What came with the whole queue.
fn queue_events(task: &TaskId) -> Vec<Event> {
    let github = || ServiceName::new("github");
    let name = || ScheduleName::new("sweep");
    let everything = TaskSpec {
        if_lost: IfLost::Skip,
        awaits: vec![Fact::Merged(IssueNumber(43)), Fact::Approved(IssueNumber(42))],
        on_duplicate: OnDuplicate::Coalesce,
        idempotency: Some("release-1.0".to_owned()),
        concurrency: Some("deploy".to_owned()),
        deadline: Some(at(3_600)),
        hooks: vec![Hook {
            on: vec![Ending::Failed, Ending::Cancelled],
            task: plain("The deployment failed."),
        }],
        quiet: true,
        ..plain("Somebody asked.")
    };
    let schedule = Schedule {
        cron: "17 3 * * *".to_owned(),
        zone: "Europe/Paris".to_owned(),
        jitter: 300,
        catch_up: CatchUp::None,
        set_by: SetBy::Hand,
        task: plain("Every night."),
    };
    let progress =
        Progress { percent: Some(40), message: Some("two of five".to_owned()), checkpoint: payload() };
    vec![
        Event::TaskEnqueued(Box::new(TaskEnqueued { task: TaskId::new("7zq3m0x1c2v4.2"), spec: everything })),
        Event::TaskAmended(TaskAmended {
            task: task.clone(),
            input: Some(payload()),
            priority: Some(Priority::new(90)),
            not_before: Some(at(20)),
            restarts: true,
            terms: None,
            as_of: None,
            reason: "octo-cat asked.".to_owned(),
        }),
        Event::TaskClaimed(TaskClaimed {
            task: task.clone(),
            lease: 2,
            until: at(900),
            spends: BTreeMap::from([(github(), 3)]),
        }),
        Event::TaskProgressed(TaskProgressed {
            task: task.clone(),
            lease: 2,
            progress,
            tries: Some(AssistantName::new("codex")),
        }),
        Event::TaskRevived(TaskRevived {
            task: task.clone(),
            input: Some(payload()),
            reason: "octo-cat asked.".to_owned(),
        }),
        Event::FactObserved(FactObserved { fact: Fact::Checks(IssueNumber(43)) }),
        Event::ScheduleSet(Box::new(ScheduleSet { name: name(), schedule, next: at(60) })),
        Event::ScheduleFired(ScheduleFired { name: name(), times: vec![at(60)], missed: 2, next: at(120) }),
        Event::ScheduleRemoved(ScheduleRemoved {
            name: name(),
            reason: "It is not in the configuration.".to_owned(),
        }),
        used::reconciled(at(600), 2),
        Event::ModelLearned(ModelLearned {
            digest: "5e".repeat(32),
            bytes: 98_765,
            rows: [("bug".to_owned(), 120), ("feature".to_owned(), 80)].into(),
            macro_f1_thousandths: 812,
            sets: [].into(),
        }),
        Event::ModelSetAside(ModelSetAside { reason: "octo-cat asked for it".to_owned() }),
        Event::AssistantAnswered(AssistantAnswered {
            task: task.clone(),
            lease: 2,
            assistant: "claude-code".to_owned(),
            wanted_by: Login::new("octo-cat"),
            reason: "the first in the list".to_owned(),
            usage: Usage {
                input_tokens: 12_000,
                output_tokens: 900,
                micro_dollars: 49_500,
                milliseconds: 61_000,
            },
            failure: None,
            told: None,
            judges: false,
        }),
        Event::AssistantAnswered(AssistantAnswered {
            task: task.clone(),
            lease: 2,
            assistant: "codex".to_owned(),
            wanted_by: Login::new("octo-cat"),
            reason: "claude-code had no answer".to_owned(),
            usage: Usage::default(),
            failure: Some(Failure::permanent("nothing_to_propose", "It changed no file.")),
            told: None,
            judges: false,
        }),
    ]
    .into_iter()
    .chain(said::said())
    .chain(drive())
    .chain(used::used())
    .chain(said::weighed())
    .collect()
}

/// What happened in Drive.
fn drive() -> Vec<Event> {
    let item = |id: &str| -> DriveKey { id.parse().expect("an id") };
    let seen = Seen {
        name: "Plan".to_owned(),
        mime: "application/vnd.google-apps.document".to_owned(),
        parent: Some("1root".to_owned()),
        content: Some("5e5e5e5e5e5e".to_owned()),
        trashed: true,
        grants: Some("ab12ab12ab12".to_owned()),
    };
    let changed = DriveChanged {
        file: item("1plan"),
        at: Some(at(7)),
        what: vec![
            Aspect::Content,
            Aspect::Renamed { from: "Draft".to_owned() },
            Aspect::Moved { from: None },
        ],
        now: Some(seen.clone()),
        was: None,
        place: "docs:Plan".to_owned(),
        by: Some(Login::new("octo-cat")),
        name: "Octo Cat".to_owned(),
        url: Some("https://docs.google.com/document/d/1plan/edit".to_owned()),
        ours: false,
    };
    let gone = DriveChanged {
        what: vec![Aspect::Removed],
        now: None,
        was: Some(Seen { trashed: false, ..seen.clone() }),
        by: None,
        name: String::new(),
        url: None,
        ours: true,
        ..changed.clone()
    };
    let read = DriveRead {
        feed: "user".to_owned(),
        next: Some("1.7".to_owned()),
        roots: [item("1root")].into(),
        learned: [(item("1plan"), seen)].into(),
        changes: 2,
    };
    let used = DriveUsed { action: "put".to_owned(), bytes: 6_291_473, units: 460, until: Some(at(60)) };
    let changes = [changed, gone].map(|changed| Event::DriveChanged(Box::new(changed)));
    [&[Event::DriveRead(Box::new(read))][..], &changes, &[Event::DriveUsed(used)]].concat()
}

fn plain(reason: &str) -> TaskSpec {
    TaskRequest::new("comment", Subject::Issue(IssueNumber(42)), payload(), reason).spec
}

/// The same as envelopes, from the log's beginning.
pub(crate) fn envelopes() -> Vec<Envelope> {
    let events = events().into_iter().enumerate();
    events
        .map(|(place, event)| {
            let sequence = Sequence(place as u64 + 1);
            let stamp = Stamp {
                sequence,
                subject: if place % 3 == 0 { Subject::Repository } else { Subject::Issue(IssueNumber(42)) },
                at: at(place as i64),
                actor: Actor::person("octo-cat"),
                run: RunId::new("1234567890.1"),
                cause: (place > 0).then_some(Sequence(place as u64)),
                correlation: (place > 0).then_some(Sequence(1)),
            };
            Envelope::new(&CommandId::new("7zq3m0x1c2v4"), place, Recorded { stamp, event })
        })
        .collect()
}

//! A repository's life as its log tells it: issues are opened, analysed, labelled, commented and closed. Every
//! event is decided by the real core, so that logs look as real ones do.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use automata::config::{Config, Known, rules};
use automata::domain::actor::Actor;
use automata::domain::command::{Command, Context, Outcome};
use automata::domain::decide::decide;
use automata::domain::effect::EffectKind;
use automata::domain::id::{EffectId, IssueNumber, RunId, TaskId, TriggerIdentity};
use automata::domain::input;
use automata::domain::payload::Payload;
use automata::domain::receipt;
use automata::domain::room::Room;
use automata::domain::state::State;
use automata::domain::subject::Subject;
use automata::domain::task::{DEFAULT_LEASE, Status};
use automata::domain::time::Timestamp;
use automata::domain::trigger::{About, IssueFacts, OpenState, Trigger};
use automata::domain::untrusted::Excerpt;
use automata::log::{Append, Envelope, EventLog, Head, SNAPSHOT_EVERY};
use automata::services::clock::SystemClock;
use automata::services::entropy::Entropy;
use automata::services::git::local_remote::LocalRemote;
use automata::services::state::{GitLog, Settings};
use automata::triage::{self, IssueText, RepositoryKnowledge};
use automata::views;

use crate::prose::Prose;
use crate::world::repository::BareRepository;

/// Open issues at any time, as DESIGN has it.
pub(crate) const OPEN_ISSUES: usize = 500;
/// Issues told of in one append while the log is filled; a real run writes a dozen events.
const ISSUES_AT_ONCE: usize = 24;
/// A new issue comes every six hours.
const BETWEEN_ISSUES: Duration = Duration::from_secs(6 * 3_600);
/// 2020-01-01T00:00:00Z.
const BEGIN: Timestamp = Timestamp::from_millis(1_577_836_800_000);

/// A life that goes on for as long as it is asked.
pub(crate) struct Life {
    pub(crate) state: State,
    config: Config,
    prose: Prose,
    entropy: Entropy,
    now: Timestamp,
    run: RunId,
    runs: u64,
    open: VecDeque<IssueFacts>,
    written: Vec<Envelope>,
    /// What `moves` does next: 0 opens, 1 acts, 2 closes.
    step: u8,
    newest: IssueNumber,
}

impl Life {
    pub(crate) fn new() -> Self {
        Self {
            state: State::default(),
            config: Config::default(),
            prose: Prose::new(11),
            entropy: Entropy::seeded(12),
            now: BEGIN,
            run: RunId::new("9000000000.1"),
            runs: 9_000_000_000,
            open: VecDeque::new(),
            written: Vec::new(),
            step: 0,
            newest: IssueNumber(0),
        }
    }

    /// What happened since the last call.
    pub(crate) fn told(&mut self) -> Vec<Envelope> {
        std::mem::take(&mut self.written)
    }

    /// Decides and records a command.
    fn submit(&mut self, command: &Command) {
        let context = Context {
            command: self.entropy.command_id(),
            actor: Actor::automata(),
            subscriptions: Arc::default(),
            features: Arc::default(),
            run: self.run.clone(),
            now: self.now,
            jitter: self.entropy.fraction(),
        };
        let decided = decide(&self.state, command, &context).unwrap();
        for (ordinal, recorded) in decided.into_iter().enumerate() {
            self.state.apply(&recorded).unwrap();
            self.written.push(Envelope::new(&context.command, ordinal, recorded));
        }
        self.now = self.now.plus(Duration::from_millis(7));
    }

    fn next_run(&mut self, later: Duration) {
        self.runs += 1 + self.prose.below(1_000) as u64;
        self.run = RunId::new(format!("{}.1", self.runs));
        self.now = self.now.plus(later);
    }

    fn trigger(&self, action: &str, facts: &IssueFacts) -> Trigger {
        let (number, at) = (facts.number, facts.updated_at);
        Trigger {
            identity: TriggerIdentity::new(format!("issues.{action}:{number}@{at}")),
            event: "issues".to_owned(),
            action: Some(action.to_owned()),
            at,
            actor: facts.author.clone(),
            subject: Subject::Issue(number),
            hops: 0,
            about: About::Issue { issue: facts.clone(), change: None },
        }
    }

    fn new_issue(&self) -> IssueFacts {
        let number = self.open.back().map_or(1, |last| last.number.0 + 1);
        IssueFacts {
            number: IssueNumber(number),
            title: Excerpt::title(&self.prose.title()),
            body: Excerpt::body(&self.prose.body()),
            written: None,
            author: Actor::person(format!("somebody-{}", self.prose.below(3_000))),
            state: OpenState::Open,
            labels: Vec::new(),
            assignees: Vec::new(),
            is_pull: false,
            created_at: self.now,
            updated_at: self.now,
        }
    }

    /// An issue is opened and recorded, and no rule wants anything.
    fn opens_quietly(&mut self) {
        self.next_run(BETWEEN_ISSUES);
        let facts = self.new_issue();
        let trigger = Box::new(self.trigger("opened", &facts));
        self.submit(&Command::RecordTrigger { trigger, requests: Vec::new() });
        self.open.push_back(facts);
    }

    /// The oldest issue is closed.
    pub(crate) fn closes(&mut self) {
        self.next_run(Duration::from_secs(600));
        let Some(mut facts) = self.open.pop_front() else { return };
        facts.state = OpenState::Closed;
        facts.updated_at = self.now;
        let trigger = Box::new(self.trigger("closed", &facts));
        let requests = rules::requests(&self.config, &trigger);
        self.submit(&Command::RecordTrigger { trigger, requests });
    }

    /// An issue is opened; the events up to the first durability point of the run.
    pub(crate) fn opens(&mut self) -> IssueNumber {
        self.next_run(BETWEEN_ISSUES);
        let facts = self.new_issue();
        let number = facts.number;
        let trigger = Box::new(self.trigger("opened", &facts));
        let requests = rules::requests(&self.config, &trigger);
        self.submit(&Command::RecordTrigger { trigger, requests });
        let text = IssueText { title: facts.title.raw(), body: facts.body.raw() };
        let analysis = triage::analyse(&text, &RepositoryKnowledge::default());
        let labels: Vec<String> =
            ["bug", "enhancement", "question", "documentation", "priority: high"].map(str::to_owned).into();
        let known = Known { existing_labels: &labels, ..Known::default() };
        let follow_ups = rules::after_analysis(&self.config, &facts, &analysis, &known);
        self.open.push_back(facts);
        for (task, lease) in self.claims(number) {
            let outcome = Outcome::Completed { output: payload(&analysis), follow_ups: follow_ups.clone() };
            self.submit(&Command::RecordOutcome { task, lease, outcome });
        }
        for (task, lease) in self.claims(number) {
            let kind = self.kind(&task);
            let detail = if kind == EffectKind::Labels { "+bug".to_owned() } else { "c0ffee".repeat(8) };
            let (step, target) = (step(kind).to_owned(), Subject::Issue(number).to_string());
            self.submit(&Command::Intend { task, lease, step, kind, target, detail });
        }
        number
    }

    /// What the run writes after it has acted.
    pub(crate) fn acted(&mut self, number: IssueNumber) {
        let running: Vec<(TaskId, u64)> = self
            .state
            .tasks
            .values()
            .filter(|task| task.spec.subject == Subject::Issue(number))
            .filter_map(|task| Some((task.id.clone(), task.lease()?.number)))
            .collect();
        for (task, lease) in running {
            let kind = self.kind(&task);
            let receipt = if kind == EffectKind::Labels {
                payload(&receipt::Labels { added: vec!["bug".to_owned()], removed: Vec::new() })
            } else {
                let id = 2_000_000_000 + self.prose.below(1 << 30) as u64;
                let url = format!("https://github.com/acme/widgets/issues/{number}#issuecomment-{id}");
                payload(&receipt::Comment { id, url, digest: format!("{:016x}", self.entropy.bits()) })
            };
            let effect = EffectId::of(&task, step(kind));
            self.submit(&Command::CompleteEffect { effect, receipt: receipt.clone(), adopted: false });
            let outcome = Outcome::Completed { output: receipt, follow_ups: Vec::new() };
            self.submit(&Command::RecordOutcome { task, lease, outcome });
        }
    }

    fn kind(&self, task: &TaskId) -> EffectKind {
        match self.state.tasks.get(task).map(|task| task.spec.kind.as_str()) {
            Some(input::LABEL) => EffectKind::Labels,
            Some(input::COMMENT) => EffectKind::Comment,
            other => panic!("no effect is known for {other:?}"),
        }
    }

    /// Claims what is pending.
    fn claims(&mut self, number: IssueNumber) -> Vec<(TaskId, u64)> {
        let pending: Vec<TaskId> = self
            .state
            .tasks
            .values()
            .filter(|task| task.spec.subject == Subject::Issue(number))
            .filter(|task| matches!(task.status, Status::Pending { .. }))
            .map(|task| task.id.clone())
            .collect();
        for task in &pending {
            let until = self.now.plus(DEFAULT_LEASE);
            self.submit(&Command::Claim { task: task.clone(), until, room: Room::default() });
        }
        pending.into_iter().map(|task| (task, 1)).collect()
    }

    /// The open issues that every log begins with.
    fn begins(&mut self) {
        for _ in 0..OPEN_ISSUES {
            self.opens_quietly();
        }
    }

    /// The next append of a run: an issue is opened, then acted upon, then another one is closed.
    pub(crate) fn moves(&mut self) {
        let before = self.written.len();
        // An issue that says nothing telling needs no action.
        while self.written.len() == before {
            match self.step {
                0 => self.newest = self.opens(),
                1 => self.acted(self.newest),
                _ => self.closes(),
            }
            self.step = (self.step + 1) % 3;
        }
    }

    /// Many whole lives in a row, for a log that is filled.
    pub(crate) fn goes_on(&mut self, issues: usize) {
        for _ in 0..issues {
            let number = self.opens();
            self.acted(number);
            self.closes();
        }
    }
}

fn step(kind: EffectKind) -> &'static str {
    if kind == EffectKind::Labels { "labels" } else { "comment" }
}

fn payload<T: serde::Serialize>(value: &T) -> Payload {
    Payload::of(value).unwrap()
}

/// A life and the log that it is written into.
pub(crate) struct Chronicle {
    pub(crate) life: Life,
    pub(crate) head: Head,
    log: GitLog,
}

impl Chronicle {
    /// A log of about so many events. After `short_by` more appends its tail is as long as tails get, and the one
    /// after these seals it.
    pub(crate) async fn written(repository: &BareRepository, events: u64, short_by: usize) -> Self {
        let remote = LocalRemote::open(&repository.path(), Arc::new(SystemClock));
        let remote = remote.unwrap();
        let log = git_log(Arc::new(remote));
        let mut chronicle = Self { life: Life::new(), head: Head::EMPTY, log };
        chronicle.append(Life::begins).await;
        // The last two tails are of the size that runs write.
        let last = events.saturating_sub(10 * SNAPSHOT_EVERY as u64);
        while chronicle.head.sequence.0 < last {
            chronicle.append(|life| life.goes_on(ISSUES_AT_ONCE)).await;
        }
        while chronicle.head.tail < SNAPSHOT_EVERY {
            chronicle.append(Life::moves).await;
        }
        chronicle.append(Life::moves).await;
        while chronicle.head.tail < SNAPSHOT_EVERY - short_by {
            chronicle.append(Life::moves).await;
        }
        chronicle
    }

    /// Writes what happens into the log.
    pub(crate) async fn append(&mut self, happens: impl FnOnce(&mut Life)) {
        let snapshot = (self.head.tail >= SNAPSHOT_EVERY)
            .then(|| views::snapshot::write(&self.life.state).ok())
            .flatten();
        happens(&mut self.life);
        let events = self.life.told();
        let batch = Append { events: &events, message: &message(&events), snapshot: snapshot.as_ref() };
        self.head = self.log.append(&self.head, &batch).await.unwrap();
    }
}

/// As long as the ones that runs write: a line for each event.
pub(crate) fn message(events: &[Envelope]) -> String {
    let lines = events.iter().map(|event| {
        let stamp = &event.recorded.stamp;
        format!("{} {}: {}\n", stamp.sequence, stamp.subject, automata::report::sentence::of(event))
    });
    format!("An issue was told of\n\n{}", lines.collect::<String>())
}

pub(crate) fn git_log(remote: Arc<dyn automata::services::git::remote::Remote>) -> GitLog {
    let settings = Settings::on(Settings::DEFAULT_BRANCH).unwrap();
    GitLog::new(remote, settings).unwrap()
}

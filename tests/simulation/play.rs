//! One simulation: people act, runs begin, are overtaken and killed, and at the end all work must be done once.

use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use automata::app::{Session, SessionError, Until, drain, read, settle};
use automata::config::{Config, rules};
use automata::domain::command::Command;
use automata::domain::effect::EffectKind;
use automata::domain::id::{Login, RunId, TriggerIdentity};
use automata::domain::state::State;
use automata::domain::subject::Subject;
use automata::domain::trigger::{About, CommentFacts, IssueFacts, Trigger};
use automata::domain::untrusted::Excerpt;
use automata::log::EventLog;
use automata::report::comment::Marker;
use automata::services::assistant::patch::Patch;
use automata::services::clock::Clock;
use automata::services::entropy::Entropy;
use automata::services::github::Issue;
use automata::tasks::Services;

use super::dice::Dice;
use super::forge::{Forge, US};
use super::ledger::{Breach, Ledger};
use super::time::Time;

const CRASH: &str = "It crashes:\n```\nthread 'main' panicked at src/parser.rs:2:20\n```\n";
/// Steps after which a simulation is taken to run in a circle.
const MOST_STEPS: usize = 40_000;
/// Runs after the luck has turned, by which everything must be done.
const MOST_LAST_RUNS: usize = 12;
/// Kills at most: fewer than a task has attempts, so that none is given up for them.
const MOST_KILLS: usize = 3;

/// A rule that is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    Log(Breach),
    /// The forge does not show our own comments, so that looking before repeating finds nothing.
    HiddenComments,
}

struct Awake(AtomicBool);

impl Wake for Awake {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Run {
    name: String,
    life: Pin<Box<dyn Future<Output = Result<(), SessionError>>>>,
    awake: Arc<Awake>,
}

pub(super) struct Play {
    dice: Arc<Dice>,
    time: Time,
    forge: Forge,
    ledger: Arc<Ledger>,
    entropy: Arc<Entropy>,
    runs: Vec<Run>,
    begun: usize,
    kills: usize,
}

/// What a simulation came to.
pub(super) struct Ending {
    /// The rule that was broken, if one was.
    pub(super) broken: Option<String>,
    pub(super) trace: String,
    pub(super) kills: usize,
    pub(super) events: u64,
}

impl Play {
    pub(super) fn new(seed: u64, broken: Option<Broken>) -> Self {
        let dice = Arc::new(Dice::new(seed));
        let time = Time::default();
        let mut forge = Forge::new(Arc::clone(&dice), time.clone());
        forge.hides_comments = broken == Some(Broken::HiddenComments);
        let breach = match broken {
            Some(Broken::Log(breach)) => Some(breach),
            _ => None,
        };
        let ledger = Arc::new(Ledger::new(Arc::clone(&dice), breach));
        let entropy = Arc::new(Entropy::seeded(seed ^ 0x5EED));
        Self { dice, time, forge, ledger, entropy, runs: Vec::new(), begun: 0, kills: 0 }
    }

    /// Plays it to its end.
    pub(super) async fn play(mut self) -> Ending {
        let result = self.act().await;
        let events = read(self.ledger.as_ref()).await.map_or(0, |(state, _)| state.sequence.0);
        Ending { broken: result.err(), trace: self.dice.trace(), kills: self.kills, events }
    }

    /// A run is told of something while the forge says nothing, and so never ends. After how long it was in
    /// the log, if it is.
    pub(super) async fn meets_silence(mut self) -> Option<Duration> {
        *self.dice.unlucky.lock().unwrap() = false;
        self.forge.is_silent = true;
        let told = self.people_act().remove(0);
        let begin = self.time.now();
        self.begin(Some(told.clone()));
        while self.step().is_ok() {
            let state = self.state().await.unwrap();
            if state.triggers.contains_key(&told.identity) {
                return Some(self.time.now().since(begin));
            }
        }
        None
    }

    async fn act(&mut self) -> Result<(), String> {
        let triggers = self.people_act();
        // Every trigger is told once to three times, in any order, some while others are at work.
        let mut deliveries: Vec<Trigger> =
            triggers.iter().flat_map(|trigger| vec![trigger.clone(); 1 + self.dice.below(3)]).collect();
        let mut steps = 0;
        while !deliveries.is_empty() || !self.runs.is_empty() {
            steps += 1;
            if steps > MOST_STEPS {
                return Err("it runs in a circle".to_owned());
            }
            if !deliveries.is_empty() && (self.runs.is_empty() || self.dice.below(12) == 0) {
                let next = self.dice.below(deliveries.len());
                let trigger = deliveries.swap_remove(next);
                self.begin(Some(trigger));
            }
            if self.dice.below(300) == 0 {
                self.dice.tell("the default branch moves on");
                self.forge.holdings().pushes += 1;
            }
            self.step()?;
            self.check_steps()?;
        }
        self.come_to_rest(&triggers).await?;
        self.check_end(&triggers).await
    }

    fn people_act(&self) -> Vec<Trigger> {
        let mut triggers = Vec::new();
        for _ in 0..=self.dice.below(2) {
            let author = if self.dice.below(2) == 0 { "otto" } else { "alice" };
            let body =
                if self.dice.below(2) == 0 { format!("{CRASH}{}", patch("issue")) } else { CRASH.to_owned() };
            let issue = self.forge.open_issue(author, &body);
            let number = issue.number.0;
            triggers.push(trigger(&issue, None));
            for count in 0..self.dice.below(2) {
                let author = if self.dice.below(3) == 0 { "alice" } else { "otto" };
                let body = patch(&format!("comment {count}"));
                let comment =
                    self.forge.write_comment(automata::domain::actor::Actor::person(author), number, &body);
                triggers.push(trigger(&issue, Some(&comment)));
            }
        }
        triggers
    }

    fn begin(&mut self, trigger: Option<Trigger>) {
        self.begun += 1;
        let name = format!("{}.1", self.begun);
        let what = trigger.as_ref().map_or("nothing".to_owned(), |trigger| trigger.identity.to_string());
        self.dice.tell(format!("run {name} begins, told {what}"));
        self.forge.holdings().alive.insert(name.clone());
        let broken = self.dice.strikes(8);
        if broken {
            self.dice.tell("it finds a broken configuration");
        }
        let services = Services {
            github: Arc::new(self.forge.clone()),
            code: Arc::new(self.forge.clone()),
            assistants: vec![Arc::new(Patch)],
            programs: None,
        };
        let log: Arc<dyn EventLog> = Arc::clone(&self.ledger) as Arc<dyn EventLog>;
        let clock: Arc<dyn Clock> = Arc::new(self.time.clone());
        let (entropy, run) = (Arc::clone(&self.entropy), RunId::new(name.clone()));
        let life = Box::pin(async move {
            let config = Config::default();
            let session = Session::open(log, clock, entropy, run).await?;
            if broken {
                if let Some(trigger) = trigger.map(Box::new) {
                    let reason = "the dice broke it".to_owned();
                    let _ = session.submit(Command::HoldTrigger { trigger, reason });
                }
                return session.flush().await;
            }
            settle(&session, &config).await?;
            if let Some(trigger) = trigger {
                let requests = rules::requests(&config, &trigger);
                // A trigger that is there already is no trouble.
                let _ = session.submit(Command::RecordTrigger { trigger: Box::new(trigger), requests });
            }
            drain(&session, &services, &config, &Until::default()).await
        });
        self.runs.push(Run { name, life, awake: Arc::new(Awake(AtomicBool::new(true))) });
    }

    /// Lets one run that can go on go on, or kills it; when none can, time passes.
    fn step(&mut self) -> Result<(), String> {
        let ready: Vec<usize> =
            (0..self.runs.len()).filter(|at| self.runs[*at].awake.0.load(Ordering::Relaxed)).collect();
        if ready.is_empty() {
            if self.runs.is_empty() || self.time.pass() {
                return Ok(());
            }
            return Err(format!("run {} waits for something that never comes", self.runs[0].name));
        }
        let at = ready[self.dice.below(ready.len())];
        if self.kills < MOST_KILLS && self.dice.strikes(40) {
            self.kills += 1;
            let killed = self.runs.swap_remove(at);
            self.dice.tell(format!("run {} is killed", killed.name));
            self.forge.holdings().alive.remove(&killed.name);
            return Ok(());
        }
        let run = &mut self.runs[at];
        run.awake.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&run.awake));
        if let Poll::Ready(result) = run.life.as_mut().poll(&mut Context::from_waker(&waker)) {
            let run = self.runs.swap_remove(at);
            self.dice.tell(format!("run {} ends: {result:?}", run.name));
            self.forge.holdings().alive.remove(&run.name);
        }
        Ok(())
    }

    fn check_steps(&self) -> Result<(), String> {
        match self.ledger.broken.lock().unwrap().clone() {
            Some(broken) => Err(broken),
            None => Ok(()),
        }
    }

    /// The luck turns: what was never recorded is told again, and runs follow until nothing is left.
    async fn come_to_rest(&mut self, triggers: &[Trigger]) -> Result<(), String> {
        *self.dice.unlucky.lock().unwrap() = false;
        self.dice.tell("the luck turns");
        for _ in 0..MOST_LAST_RUNS {
            let state = self.state().await?;
            let untold =
                triggers.iter().find(|trigger| !state.triggers.contains_key(&trigger.identity)).cloned();
            if untold.is_none()
                && state.held.is_empty()
                && state.tasks.values().all(|task| task.status.is_final())
            {
                return Ok(());
            }
            self.time.skip(Duration::from_secs(7 * 3600));
            self.begin(untold);
            while !self.runs.is_empty() {
                self.step()?;
                self.check_steps()?;
            }
        }
        Err("there is still work to do".to_owned())
    }

    async fn state(&self) -> Result<State, String> {
        read(self.ledger.as_ref()).await.map(|(state, _)| state).map_err(|error| error.to_string())
    }

    /// What must hold when everything is done.
    async fn check_end(&self, triggers: &[Trigger]) -> Result<(), String> {
        self.ledger.check_whole().await?;
        let state = self.state().await?;
        for trigger in triggers {
            if !state.triggers.contains_key(&trigger.identity) {
                return Err(format!("{} was lost", trigger.identity));
            }
        }
        let open = state.effects.values().find(|effect| {
            let completed = |task: &automata::domain::task::Task| task.status.name() == "completed";
            effect.receipt.is_none() && state.tasks.get(&effect.intent.task).is_some_and(completed)
        });
        if let Some(open) = open {
            return Err(format!("effect {} was never closed", open.intent.effect));
        }
        let holdings = self.forge.holdings();
        for (number, issue) in &state.issues {
            let ours: Vec<&str> = holdings
                .comments
                .values()
                .filter(|(on, comment)| *on == number.0 && comment.author.login == Login::new(US))
                .map(|(_, comment)| comment.body.as_str())
                .collect();
            let wanted = usize::from(issue.status_comment.is_some());
            if ours.len() != wanted || !ours.iter().all(|body| Marker::find(body, *number).is_some()) {
                return Err(format!("#{number} has {} status comments, not {wanted}", ours.len()));
            }
            if let (Some(pull), Some(body)) = (&issue.pull_request, ours.first())
                && !body.contains(&format!("Pull request: #{}", pull.number))
            {
                return Err(format!("the status comment of #{number} does not know its pull request"));
            }
        }
        let distinct = |kind: EffectKind| -> BTreeSet<&str> {
            let of_kind = state.effects.values().filter(|effect| effect.intent.kind == kind);
            of_kind.map(|effect| effect.intent.target.as_str()).collect()
        };
        let counts = [
            ("branches", holdings.branches.len(), distinct(EffectKind::Branch).len()),
            ("pull requests", holdings.pulls.len(), distinct(EffectKind::PullRequest).len()),
        ];
        for (what, there, announced) in counts {
            if there != announced {
                return Err(format!("there are {there} {what}, and {announced} were announced"));
            }
        }
        let implemented = |task: &&automata::domain::task::Task| {
            task.spec.kind.as_str() == "implement"
                && state
                    .effects
                    .values()
                    .any(|effect| effect.intent.task == task.id && effect.receipt.is_some())
        };
        let changes = state.tasks.values().filter(implemented).count();
        if holdings.branches.len() != changes {
            return Err(format!("{changes} changes made {} branches", holdings.branches.len()));
        }
        match state.tasks.values().find(|task| is_given_up_too_soon(task)) {
            Some(task) => Err(format!("task {} was given up: {:?}", task.id, task.status)),
            None => Ok(()),
        }
    }
}

fn is_given_up_too_soon(task: &automata::domain::task::Task) -> bool {
    task.status.name() == "failed" && task.attempts < task.spec.max_attempts
}

fn patch(what: &str) -> String {
    format!(
        "```diff\n--- a/src/parser.rs\n+++ b/src/parser.rs\n@@ -2 +2 @@\n-    line.find('=').unwrap()\n+    line.find('=').expect(\"{what}\")\n```\n"
    )
}

fn trigger(issue: &Issue, comment: Option<&automata::services::github::Comment>) -> Trigger {
    let facts = IssueFacts {
        number: issue.number,
        title: Excerpt::title(&issue.title),
        body: Excerpt::body(&issue.body),
        author: issue.author.clone(),
        state: issue.state,
        labels: Vec::new(),
        assignees: Vec::new(),
        is_pull: false,
        created_at: issue.created_at,
        updated_at: issue.updated_at,
    };
    let subject = Subject::Issue(issue.number);
    let (event, action, actor, name, about) = match comment {
        None => {
            let name = format!("issues.opened {}", issue.number);
            ("issues", "opened", issue.author.clone(), name, About::Issue { issue: facts, change: None })
        }
        Some(comment) => {
            let written = CommentFacts {
                id: comment.id,
                author: comment.author.clone(),
                body: Excerpt::body(&comment.body),
                created_at: comment.created_at,
            };
            let name = format!("issue_comment.created {}", comment.id);
            let about = About::Comment { issue: facts, comment: written };
            ("issue_comment", "created", comment.author.clone(), name, about)
        }
    };
    Trigger {
        identity: TriggerIdentity::new(name),
        event: event.to_owned(),
        action: Some(action.to_owned()),
        at: issue.updated_at,
        actor,
        subject,
        hops: 0,
        about,
    }
}

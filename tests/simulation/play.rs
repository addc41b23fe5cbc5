//! One simulation: people act, runs begin, are overtaken and killed, and at the end all work must be done once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use automata::app::{Stop, read};
use automata::config::{self, Config};
use automata::domain::id::RunId;
use automata::domain::state::State;
use automata::domain::trigger::Trigger;
use automata::services::clock::Clock;
use automata::services::entropy::Entropy;

use super::dice::{Dice, Fault, Faults};
use super::forge::Forge;
use super::ledger::{Breach, Ledger};
use super::life::{self, Errand, Life, Surroundings};
use super::time::{Skewed, Time};
use super::{people, rest};

/// Steps after which a simulation is taken to run in a circle.
const MOST_STEPS: usize = 40_000;
/// Runs after the luck has turned, by which everything must be done.
const MOST_LAST_RUNS: usize = 12;
/// Runs that are killed, stopped or stand still, at most: fewer than a task has attempts, so that none is given up
/// for them.
const MOST_CUT_OFF: usize = 3;
/// Tasks that people call off, at most.
const MOST_CANCELS: usize = 2;
/// Milliseconds that a clock may be before or behind the forge's: less than the margin by which an attempt ends
/// before its lease, seen from two clocks that are wrong in opposite directions.
const MOST_SKEW: usize = 25_000;
/// Seconds that may pass between two runs, at most: some turns of a schedule.
const MOST_IDLE: usize = 5 * 3_600;
/// How long a run stands still: longer than any lease of the kinds that are played.
const STANDS_STILL: Duration = Duration::from_secs(90 * 60);
/// A run that stood still goes on, at each step of the others, once in so many: they are at work for some thirty.
const GOES_ON: usize = 15;
/// The schedule's jitter in seconds, at most.
const MOST_JITTER: usize = 1_200;

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
    life: Life,
    awake: Arc<Awake>,
    stop: Stop,
}

pub(super) struct Play {
    around: Surroundings,
    dice: Arc<Dice>,
    time: Time,
    runs: Vec<Run>,
    /// A run that stands still.
    still: Option<Run>,
    begun: usize,
    cut_off: usize,
    cancels: usize,
    stood_still: usize,
}

/// What a simulation came to.
pub(super) struct Ending {
    /// The rule that was broken, if one was.
    pub(super) broken: Option<String>,
    pub(super) trace: String,
    pub(super) faults: Faults,
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
        let config = Arc::new(configuration(&dice));
        let cancels = if dice.below(2) == 0 { 1 + dice.below(MOST_CANCELS) } else { 0 };
        let around = Surroundings { dice: Arc::clone(&dice), forge, ledger, entropy, config };
        let (runs, still) = (Vec::new(), None);
        Self { around, dice, time, runs, still, begun: 0, cut_off: 0, cancels, stood_still: 0 }
    }

    /// Plays it to its end.
    pub(super) async fn play(mut self) -> Ending {
        let result = self.act().await;
        let events = self.state().await.map_or(0, |state| state.sequence.0);
        Ending { broken: result.err(), trace: self.dice.trace(), faults: self.dice.faults(), events }
    }

    /// A run is told of something while the forge says nothing, and so never ends. After how long it was in
    /// the log, if it is.
    pub(super) async fn meets_silence(mut self) -> Option<Duration> {
        *self.dice.unlucky.lock().unwrap() = false;
        self.around.forge.is_silent = true;
        let told = people::act(&self.dice, &self.around.forge).remove(0);
        let begin = self.time.now();
        self.begin_work(Some(told.clone()));
        while self.step().is_ok() {
            let state = self.state().await.unwrap();
            if state.triggers.contains_key(&told.identity) {
                return Some(self.time.now().since(begin));
            }
        }
        None
    }

    async fn act(&mut self) -> Result<(), String> {
        let triggers = people::act(&self.dice, &self.around.forge);
        let mut deliveries = self.deliveries(&triggers);
        let mut steps = 0;
        while !deliveries.is_empty() || !self.runs.is_empty() {
            steps += 1;
            if steps > MOST_STEPS {
                return Err("it runs in a circle".to_owned());
            }
            if self.runs.is_empty() && self.dice.strikes(Fault::Idle, 3) {
                let span = Duration::from_secs(self.dice.below(MOST_IDLE) as u64);
                self.dice.tell(format!("{} minutes pass", span.as_secs() / 60));
                self.time.skip(span);
            }
            if !deliveries.is_empty() && (self.runs.is_empty() || self.dice.below(12) == 0) {
                let next = self.dice.below(deliveries.len());
                let (_, trigger) = deliveries.swap_remove(next);
                if deliveries.iter().any(|(place, _)| *place < next) {
                    self.dice.count(Fault::ToldLate);
                }
                self.begin_work(Some(trigger));
            }
            self.come_between();
            self.step()?;
            self.check_steps()?;
        }
        self.come_to_rest(&triggers).await?;
        self.check_end(&triggers).await
    }

    /// Every trigger is told once to three times, in any order, some while others are at work.
    fn deliveries(&self, triggers: &[Trigger]) -> Vec<(usize, Trigger)> {
        let mut deliveries = Vec::new();
        for (place, trigger) in triggers.iter().enumerate() {
            for again in 0..=self.dice.below(3) {
                if again > 0 {
                    self.dice.count(Fault::ToldAgain);
                }
                deliveries.push((place, trigger.clone()));
            }
        }
        deliveries
    }

    /// What happens around the runs while they work.
    fn come_between(&mut self) {
        if self.dice.strikes(Fault::BranchMoves, 300) {
            self.dice.tell("the default branch moves on");
            self.around.forge.holdings().pushes += 1;
        }
        if self.cancels > 0 && !self.runs.is_empty() && self.dice.below(25) == 0 {
            self.cancels -= 1;
            self.begin(Errand::Cancel);
        }
        // One that works alone stands still, and others find its leases over.
        if let [alone] = self.runs.as_slice()
            && self.still.is_none()
            && self.cut_off < MOST_CUT_OFF
            && self.dice.strikes(Fault::StandStill, 150)
        {
            (self.cut_off, self.stood_still) = (self.cut_off + 1, self.stood_still + 1);
            self.dice.tell(format!("run {} stands still", alone.name));
            self.still = self.runs.pop();
            self.time.skip(STANDS_STILL);
            self.begin_work(None);
        }
        // It goes on when they are done, or while they are at what it thinks is its own.
        if self.still.is_some()
            && (self.runs.is_empty() || self.dice.below(GOES_ON) == 0)
            && let Some(still) = self.still.take()
        {
            self.dice.tell(format!("run {} goes on", still.name));
            self.runs.push(still);
        }
    }

    fn begin_work(&mut self, trigger: Option<Trigger>) {
        let what = trigger.as_ref().map_or("nothing".to_owned(), |trigger| trigger.identity.to_string());
        self.dice.tell(format!("a run is told {what}"));
        let trigger = trigger.map(Box::new);
        if self.dice.strikes(Fault::BrokenConfiguration, 8) {
            self.dice.tell("it finds a broken configuration");
            self.begin(Errand::Hold(trigger));
        } else {
            self.begin(Errand::Work(trigger));
        }
    }

    fn begin(&mut self, errand: Errand) {
        self.begun += 1;
        let name = format!("{}.1", self.begun);
        let ahead = if self.dice.strikes(Fault::Skew, 2) {
            i64::try_from(self.dice.below(2 * MOST_SKEW)).unwrap() - i64::try_from(MOST_SKEW).unwrap()
        } else {
            0
        };
        self.dice.tell(format!("run {name} begins, its clock {ahead} ms ahead"));
        self.around.forge.holdings().alive.insert(name.clone());
        let (stop, clock) = (Stop::default(), Skewed { time: self.time.clone(), ahead });
        let run = RunId::new(name.clone());
        let life = life::of(self.around.clone(), run, clock, errand, stop.clone());
        self.runs.push(Run { name, life, awake: Arc::new(Awake(AtomicBool::new(true))), stop });
    }

    /// Lets one run that can go on go on, or cuts it off; when none can, time passes.
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
        if self.cut_off < MOST_CUT_OFF && self.dice.strikes(Fault::Kill, 60) {
            self.cut_off += 1;
            let killed = self.runs.swap_remove(at);
            self.dice.tell(format!("run {} is killed", killed.name));
            self.around.forge.holdings().alive.remove(&killed.name);
            return Ok(());
        }
        let run = &mut self.runs[at];
        if self.cut_off < MOST_CUT_OFF && self.dice.strikes(Fault::Stop, 120) {
            self.cut_off += 1;
            self.dice.tell(format!("run {} is told to stop", run.name));
            run.stop.tell();
        }
        run.awake.0.store(false, Ordering::Relaxed);
        let waker = Waker::from(Arc::clone(&run.awake));
        if let Poll::Ready(result) = run.life.as_mut().poll(&mut Context::from_waker(&waker)) {
            let run = self.runs.swap_remove(at);
            self.dice.tell(format!("run {} ends: {result:?}", run.name));
            self.around.forge.holdings().alive.remove(&run.name);
        }
        Ok(())
    }

    fn check_steps(&self) -> Result<(), String> {
        match self.around.ledger.broken.lock().unwrap().clone() {
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
                && !self.around.ledger.forgot_a_turn(self.time.now())
            {
                return Ok(());
            }
            self.time.skip(Duration::from_secs(7 * 3600));
            self.begin_work(untold);
            while !self.runs.is_empty() {
                self.step()?;
                self.check_steps()?;
            }
        }
        Err("there is still work to do".to_owned())
    }

    async fn state(&self) -> Result<State, String> {
        read(self.around.ledger.as_ref()).await.map(|(state, _)| state).map_err(|error| error.to_string())
    }

    /// What must hold when everything is done.
    async fn check_end(&self, triggers: &[Trigger]) -> Result<(), String> {
        self.around.ledger.check_whole().await?;
        let state = self.state().await?;
        for trigger in triggers {
            if !state.triggers.contains_key(&trigger.identity) {
                return Err(format!("{} was lost", trigger.identity));
            }
        }
        rest::check(&state, &self.around.forge.holdings(), rest::Leniency { stood_still: self.stood_still })
    }
}

/// The defaults; in most simulations also something that comes every second hour.
fn configuration(dice: &Dice) -> Config {
    let catch_up = match dice.below(4) {
        0 => return Config::default(),
        1 => "all",
        2 => "last",
        _ => "none",
    };
    let jitter = if dice.below(2) == 0 { 0 } else { dice.below(MOST_JITTER) };
    let text = format!(
        "version: 1\nschedules:\n  round:\n    cron: 0 */2 * * *\n    jitter: {jitter}\n    catch_up: {catch_up}\n    do: {{ kind: milestone }}\n"
    );
    config::parse(&text).expect("the configuration is sound")
}

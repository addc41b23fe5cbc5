//! `automata state rollback`: takes back what was decided after an event, by further events.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::app::environment::Environment;
use crate::app::failure::{Ended, Kind};
use crate::app::session::Session;
use crate::app::tasks::actor;
use crate::app::world::World;
use crate::cli::StateRollback;
use crate::domain::actor::Actor;
use crate::domain::command::{Command, Rejection};
use crate::domain::count::counted;
use crate::domain::decide::RollBack;
use crate::domain::event::Event;
use crate::domain::feature::Feature;
use crate::domain::id::{EffectId, Sequence, TaskId};
use crate::domain::input;
use crate::domain::payload::Payload;
use crate::domain::spec::TaskRequest;
use crate::domain::state::State;
use crate::domain::subject::Subject;
use crate::domain::task::Task;
use crate::domain::undo::{Part, effects};
use crate::domain::untrusted::one_line;
use crate::queue::recurring;
use crate::report::receipt;
use crate::report::terminal::Terminal;
use crate::services::state::plan_digest;

/// Plans made while others append, before it is given up.
const MOST_TRIES: u32 = 8;
/// Width of a line about an effect.
const LINE: usize = 120;

/// What is taken back, and what is not.
#[derive(Serialize)]
struct Told {
    to: u64,
    rolled_back: bool,
    /// Events that say so, or would.
    recorded: u64,
    cancelled: Vec<Cancelled>,
    schedules: Vec<String>,
    pauses: Vec<Subject>,
    features: Vec<Feature>,
    done_since: Vec<Done>,
    by_hand: Vec<String>,
    undo: Vec<TaskId>,
    /// The digest for `--apply`.
    plan: String,
}

#[derive(Serialize)]
struct Cancelled {
    task: TaskId,
    kind: String,
    subject: Subject,
}

/// Something that was done outside.
#[derive(Serialize)]
struct Done {
    sequence: Sequence,
    effect: EffectId,
    kind: String,
    target: String,
    receipt: String,
    can_be_undone: bool,
    #[serde(skip)]
    subject: Option<Subject>,
}

/// What the log says about the time since.
#[derive(Default)]
struct Since {
    then: State,
    done: BTreeMap<EffectId, Sequence>,
    models: u64,
}

pub(super) async fn rollback(
    arguments: &StateRollback,
    world: &World,
    environment: &Environment,
    terminal: Terminal,
    json: bool,
) -> Result<(), Ended> {
    let (clock, entropy) = (Arc::clone(&world.clock), Arc::clone(&world.entropy));
    let who = actor(environment);
    // Without subscriptions: nothing of the configuration follows from taking back.
    let session = Session::open(world.log()?, clock, entropy, world.run.clone()).await?;
    let session = session.on_behalf_of(who.clone()).with_uses(world.uses.clone());
    for _ in 0..MOST_TRIES {
        let Some(told) = planned_and_done(&session, arguments, &who).await? else {
            session.look().await?;
            continue;
        };
        if json {
            return terminal.json(&told).map_err(Ended::bug);
        }
        tell(&told, arguments, terminal);
        return Ok(());
    }
    Err(changed("the log goes on all the time"))
}

/// Plans, and does it at the very log that it was planned for. None when that went on meanwhile: what is told is what is done.
async fn planned_and_done(
    session: &Session,
    arguments: &StateRollback,
    who: &Actor,
) -> Result<Option<Told>, Ended> {
    let to = Sequence(arguments.to);
    let before = session.state().clone();
    if to > before.sequence {
        return Err(Ended::usage(
            format!("the log ends with event {}", before.sequence),
            "Name an earlier event; `automata log` shows them.",
        ));
    }
    let since = since(session, to).await?;
    let done = done_since(&before, &since);
    let reason = format!("{} rolled the log back to event {to}", who.login);
    let mut wanted = RollBack::to(&since.then, reason.clone());
    (wanted.to, wanted.planned_at) = (to, Some(before.sequence));
    let now = session.now();
    for known in wanted.schedules.values_mut() {
        // What was due meanwhile was due in the time that is taken back.
        let next = recurring::first(&known.schedule, now, session.draw());
        known.next = next.map_err(|error| Ended::usage(error.to_string(), ""))?;
    }
    for done in done.iter().filter(|done| arguments.undo && done.can_be_undone) {
        let Some(subject) = done.subject else { continue };
        let input = input::Undo { what: Some(done.effect.to_string()), asked_by: Some(who.login.clone()) };
        let input = Payload::of(&input).map_err(Ended::bug)?;
        wanted.undo.push(TaskRequest::new(input::UNDO, subject, input, reason.clone()));
    }
    let undoing = wanted.undo.len();
    let command = match session.submit(Command::RollBack(Box::new(wanted))) {
        Err(Rejection::WentOn(_)) => return Ok(None),
        submitted => submitted.map_err(Ended::bug)?,
    };
    let mut told = told(arguments, &before, &session.state(), &since, done);
    told.recorded = session.state().sequence.0 - before.sequence.0;
    if arguments.apply.as_ref().is_some_and(|wanted| *wanted != told.plan) {
        return Err(changed(&format!("the plan is {} now", told.plan)));
    }
    if arguments.dry_run || arguments.plan {
        return Ok(Some(told));
    }
    session.flush().await?;
    if matches!(session.refusal(&command), Some(Rejection::WentOn(_))) {
        return Ok(None);
    }
    told.undo = (1..=undoing).map(|place| TaskId::of(&command, place)).collect();
    told.rolled_back = told.recorded > 0;
    Ok(Some(told))
}

fn changed(what: &str) -> Ended {
    Ended {
        kind: Kind::Again,
        message: format!("the situation is not what was planned for: {what}"),
        hints: vec!["Nothing was changed. Look again with `automata state rollback --dry-run`.".to_owned()],
    }
}

/// Reads the whole log: what was so at `to`, and what was done since.
async fn since(session: &Session, to: Sequence) -> Result<Since, Ended> {
    let mut since = Since::default();
    let mut illegal = None;
    let mut visit = |envelope: crate::log::Envelope| {
        let sequence = envelope.recorded.stamp.sequence;
        if sequence <= to {
            if illegal.is_none() {
                illegal = since.then.apply(&envelope.recorded).err();
            }
            return;
        }
        match &envelope.recorded.event {
            Event::EffectCompleted(done) => {
                since.done.insert(done.effect.clone(), sequence);
            }
            Event::ModelLearned(_) | Event::ModelSetAside(_) => since.models += 1,
            _ => {}
        }
    };
    session.history(Sequence(1), &mut visit).await?;
    match illegal {
        Some(illegal) => {
            Err(crate::app::session::Error::from(crate::views::Unfoldable::from(illegal)).into())
        }
        None => Ok(since),
    }
}

fn told(
    arguments: &StateRollback,
    before: &State,
    after: &State,
    since: &Since,
    done_since: Vec<Done>,
) -> Told {
    let is_ended = |task: &&Task| {
        let now = after.tasks.get(&task.id);
        !task.status.is_final() && now.is_some_and(|now| now.status.is_final())
    };
    let mut ended: Vec<&Task> = before.tasks.values().filter(is_ended).collect();
    ended.sort_by_key(|task| task.enqueued);
    let cancelled = ended.into_iter().map(|task| Cancelled {
        task: task.id.clone(),
        kind: task.spec.kind.to_string(),
        subject: task.spec.subject,
    });
    let names = before.schedules.keys().chain(after.schedules.keys());
    let is_other = |name: &&_| {
        let schedule = |state: &State| state.schedules.get(*name).map(|known| known.schedule.clone());
        schedule(before) != schedule(after)
    };
    let schedules: std::collections::BTreeSet<String> =
        names.filter(is_other).map(ToString::to_string).collect();
    let pauses = before.issues.iter().filter(|(number, issue)| {
        after.issues.get(number).is_some_and(|now| now.paused.is_some() != issue.paused.is_some())
    });
    let pauses = pauses.map(
        |(number, issue)| {
            if issue.is_pull { Subject::Pull(*number) } else { Subject::Issue(*number) }
        },
    );
    let is_everything = before.paused.is_some() != after.paused.is_some();
    let everything = is_everything.then_some(Subject::Repository);
    let stands = |state: &State, feature: &Feature| {
        state.features.get(feature).map_or((false, false), |it| (it.paused.is_some(), it.fallen.is_some()))
    };
    let features =
        Feature::ALL.into_iter().filter(|feature| stands(before, feature) != stands(after, feature));
    let mut by_hand = Vec::new();
    if since.models > 0 {
        by_hand
            .push("what was learned from labels is another model since: `automata learn --back`".to_owned());
    }
    let mut told = Told {
        to: arguments.to,
        rolled_back: false,
        recorded: 0,
        cancelled: cancelled.collect(),
        schedules: schedules.into_iter().collect(),
        pauses: pauses.chain(everything).collect(),
        features: features.collect(),
        done_since,
        by_hand,
        undo: Vec::new(),
        plan: String::new(),
    };
    told.plan = told.digest(arguments.undo);
    told
}

impl Told {
    /// What a plan is known by: all that would be taken back, and nothing of what else is in the log.
    fn digest(&self, with_undo: bool) -> String {
        let done: Vec<&EffectId> = self.done_since.iter().map(|done| &done.effect).collect();
        let parts =
            (&self.to, &self.cancelled, &self.schedules, &self.pauses, &self.features, &done, with_undo);
        let text = serde_json::to_string(&parts).unwrap_or_default();
        plan_digest(&text)
    }
}

/// What was done outside since, the last first; what is older than is kept at hand is in the archive only.
fn done_since(state: &State, since: &Since) -> Vec<Done> {
    let mut done: Vec<Done> = since
        .done
        .iter()
        .filter_map(|(id, sequence)| {
            let effect = state.effects.get(id)?;
            let task = state.tasks.get(&effect.intent.task);
            let subject = task.map(|task| task.spec.subject);
            let part = Part::Effect(id.clone());
            let can_be_undone =
                subject.is_some_and(|subject| !effects(state, subject, Some(&part)).is_empty());
            Some(Done {
                sequence: *sequence,
                effect: id.clone(),
                kind: task.map(|task| task.spec.kind.to_string()).unwrap_or_default(),
                target: effect.intent.target.clone(),
                receipt: effect.receipt.iter().map(|done| receipt::words(effect.intent.kind, done)).collect(),
                can_be_undone,
                subject,
            })
        })
        .collect();
    done.sort_by_key(|done| std::cmp::Reverse(done.sequence));
    done
}

fn tell(told: &Told, arguments: &StateRollback, terminal: Terminal) {
    let is_plan = arguments.dry_run || arguments.plan;
    let would = if is_plan { "would be " } else { "" };
    let say = |line: &str| if arguments.plan { terminal.note(line) } else { terminal.data(line) };
    for task in &told.cancelled {
        say(&format!("{would}cancelled: task {} `{}` on {}", task.task, task.kind, task.subject));
    }
    for name in &told.schedules {
        say(&format!("{would}as it was: schedule {name}"));
    }
    for subject in &told.pauses {
        let what = if *subject == Subject::Repository { "everything".into() } else { subject.to_string() };
        say(&format!("{would}as it was: whether {what} is paused"));
    }
    for feature in &told.features {
        say(&format!("{would}as it was: how far feature {feature} goes"));
    }
    let is_nothing = told.cancelled.is_empty() && told.schedules.is_empty();
    if is_nothing && told.pauses.is_empty() && told.features.is_empty() {
        // A log has no event of something that did not happen.
        let recorded = match (told.recorded, is_plan) {
            (0, false) => ", so that nothing was recorded",
            (0, true) => ", so that nothing would be recorded",
            _ => "",
        };
        say(&format!("nothing that was decided after event {} still lies ahead{recorded}", told.to));
    }
    for done in &told.done_since {
        let undone = match (done.can_be_undone, told.undo.is_empty()) {
            (true, false) => ", will be undone",
            (true, true) => "",
            (false, _) => ", stays",
        };
        say(&format!(
            "done since: event {} {} {}{undone}",
            done.sequence,
            done.kind,
            one_line(&done.receipt, LINE)
        ));
    }
    for line in &told.by_hand {
        terminal.note(line);
    }
    let can = told.done_since.iter().filter(|done| done.can_be_undone).count() as u64;
    if can > 0 && !arguments.undo {
        let things = counted(can, "thing that was", "things that were");
        terminal.note(&format!(
            "{things} done outside can be undone: say --undo, or `automata undo` for one of them"
        ));
    }
    if !told.undo.is_empty() {
        let tasks = counted(told.undo.len() as u64, "task takes", "tasks take");
        terminal.note(&format!("{tasks} it back in the next run, as far as nobody touched it since"));
    }
    if arguments.plan {
        terminal.data(&told.plan);
    } else if arguments.dry_run {
        let undo = if arguments.undo { " --undo" } else { "" };
        terminal.note(&format!(
            "nothing was changed; `automata state rollback --to {}{undo} --apply {}` does just that",
            told.to, told.plan
        ));
    }
}

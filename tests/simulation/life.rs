//! What a run of a simulation does from its beginning to its end, as the program does it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use automata::app::{Session, SessionError, Stop, Until, drain, keep_in_step, settle};
use automata::config::{Config, rules};
use automata::domain::command::Command;
use automata::domain::id::{RunId, TaskId};
use automata::domain::trigger::Trigger;
use automata::log::EventLog;
use automata::services::assistant::patch::Patch;
use automata::services::entropy::Entropy;
use automata::tasks::Services;

use super::dice::Dice;
use super::forge::Forge;
use super::ledger::Ledger;
use super::time::Skewed;

/// What a run is for.
pub(super) enum Errand {
    /// It works, and may have been told something.
    Work(Option<Box<Trigger>>),
    /// It was told something, or not, and cannot read the configuration.
    Hold(Option<Box<Trigger>>),
    /// A person calls some task off.
    Cancel,
}

/// What all runs share.
#[derive(Clone)]
pub(super) struct Surroundings {
    pub(super) dice: Arc<Dice>,
    pub(super) forge: Forge,
    pub(super) ledger: Arc<Ledger>,
    pub(super) entropy: Arc<Entropy>,
    pub(super) config: Arc<Config>,
}

pub(super) type Life = Pin<Box<dyn Future<Output = Result<(), SessionError>>>>;

/// A run from its beginning to its end.
pub(super) fn of(around: Surroundings, run: RunId, clock: Skewed, errand: Errand, stop: Stop) -> Life {
    Box::pin(async move {
        let Surroundings { dice, forge, ledger, entropy, config } = around;
        let session = Session::open(ledger as Arc<dyn EventLog>, Arc::new(clock), entropy, run).await?;
        match errand {
            Errand::Cancel => {
                if let Some(task) = some_task(&session, &dice) {
                    dice.tell(format!("  somebody calls {task} off"));
                    // It may have ended meanwhile.
                    let _ =
                        session.submit(Command::Cancel { task, reason: "not wanted any more".to_owned() });
                }
                session.flush().await
            }
            Errand::Hold(trigger) => {
                if let Some(trigger) = trigger {
                    let reason = "the dice broke it".to_owned();
                    let _ = session.submit(Command::HoldTrigger { trigger, reason });
                }
                session.flush().await
            }
            Errand::Work(trigger) => {
                settle(&session, &config).await?;
                if let Some(trigger) = trigger {
                    let requests = rules::requests(&config, &trigger);
                    // A trigger that is there already is no trouble.
                    let _ = session.submit(Command::RecordTrigger { trigger, requests });
                }
                keep_in_step(&session, &config);
                let services = Services {
                    github: Arc::new(forge.clone()),
                    code: Arc::new(forge),
                    assistants: vec![Arc::new(Patch)],
                    models: None,
                    programs: None,
                    handed: Default::default(),
                    drive: None,
                    no_drive: None,
                    rehearsals: None,
                    outlets: automata::tasks::Outlets::default(),
                    repository: None,
                };
                drain(&session, &services, &config, &Until { deadline: None, stop }).await
            }
        }
    })
}

/// A task that has not ended; rather one that runs.
fn some_task(session: &Session, dice: &Dice) -> Option<TaskId> {
    let state = session.state();
    let mut open: Vec<&TaskId> = state.tasks.running().map(|task| &task.id).collect();
    if open.is_empty() || dice.below(3) == 0 {
        open.extend(state.tasks.pending().map(|task| &task.id));
    }
    (!open.is_empty()).then(|| open[dice.below(open.len())].clone())
}

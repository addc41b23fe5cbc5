//! The ways back from what was learned: to what judged before, or to the rules alone.

use serde::Serialize;

use crate::app::failure::{Ended, Kind};
use crate::app::session::Session;
use crate::app::world::World;
use crate::cli;
use crate::domain::command::Command;
use crate::domain::learned::{ModelLearned, ModelSetAside};
use crate::report::terminal::Terminal;
use crate::triage::learned::{Taught, digest};

/// What judged, and what judges now; none: the rules alone.
#[derive(Serialize)]
pub(super) struct Went {
    before: Option<ModelLearned>,
    now: Option<ModelLearned>,
}

/// Goes back as the command line asks.
///
/// # Errors
/// When there is nothing to go back to, or it cannot be used any more.
pub(super) async fn go(arguments: &cli::Learn, world: &World, session: &Session) -> Result<Went, Ended> {
    let before = session.state().learned.clone();
    let now = if arguments.rules { None } else { earlier(session)? };
    let command = match &now {
        Some(model) => {
            expect_usable(world, model).await?;
            Command::Learned(model.clone())
        }
        None => Command::SetAside(ModelSetAside { reason: "`automata learn` was asked to".to_owned() }),
    };
    session.submit(command).map_err(|reason| Ended::bug(format!("the way back was refused: {reason}")))?;
    session.flush().await?;
    Ok(Went { before, now })
}

/// What judged before the last change.
fn earlier(session: &Session) -> Result<Option<ModelLearned>, Ended> {
    let former = session.state().learning.former.clone().ok_or_else(|| {
        Ended::usage(
            "nothing was ever learned here, so there is nothing to go back from",
            "`automata learn --dry-run` tells what would be learned.",
        )
    })?;
    Ok(former.model)
}

async fn expect_usable(world: &World, model: &ModelLearned) -> Result<(), Ended> {
    let models = world.services.models.as_ref().ok_or_else(|| Ended::bug("there is no place for models"))?;
    let reason = match models.read(&model.digest).await? {
        None => "it is not kept any more".to_owned(),
        Some(bytes) if digest(&bytes) != model.digest => "it is not what the log says it is".to_owned(),
        Some(bytes) => match Taught::decode(&bytes) {
            Ok(_) => return Ok(()),
            Err(unusable) => unusable.to_string(),
        },
    };
    Err(Ended {
        kind: Kind::Work,
        message: format!("the model of before, from {}, cannot be used: {reason}", told(Some(model))),
        hints: vec!["`automata learn` learns anew, and with `--rules` the rules judge alone.".to_owned()],
    })
}

impl Went {
    /// Tells it to people.
    pub(super) fn tell(&self, terminal: Terminal) {
        let Self { before, now } = self;
        if before == now {
            terminal.note(&format!("Nothing changed: {} already.", judges(now.as_ref())));
        } else {
            terminal.note(&format!("From the next analysis on {}.", judges(now.as_ref())));
            terminal.note(&format!(
                "Before: {}. `automata learn --back` goes back there.",
                judges(before.as_ref())
            ));
        }
    }
}

fn judges(model: Option<&ModelLearned>) -> String {
    match model {
        Some(_) => format!("the model from {} judges", told(model)),
        None => "the rules judge alone".to_owned(),
    }
}

fn told(model: Option<&ModelLearned>) -> String {
    model.map(|model| model.told("issue")).unwrap_or_default()
}

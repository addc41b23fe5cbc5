//! `automata learn`: trains the classifier of issue types, keeps it, and has the log name it.
//!
//! The model is durable before the event that names it. Whoever dies in between leaves a model that nobody names, which
//! the next time tidies away.

pub(super) mod again;
mod back;
mod lessons;
mod telling;

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde::Serialize;

use super::environment::Environment;
use super::failure::{Ended, Kind};
use super::progress;
use super::run;
use super::session::Session;
use super::tasks::actor;
use super::world::World;
use crate::cli::{self, Format, Global};
use crate::domain::command::Command;
use crate::domain::learned::ModelLearned;
use crate::report::terminal::Terminal;
use crate::tasks::learn as learning;
use crate::triage::learned::{ClassScores, Taught};
use crate::triage::training::{self, Chosen, Compared, LEAST, LeftOut, SetTold};

/// What was learned.
#[derive(Serialize)]
struct Told {
    rows: BTreeMap<String, u32>,
    siblings: usize,
    left_out: LeftOut,
    macro_f1: Option<f64>,
    classes: Vec<ClassScores>,
    compared: Option<Compared>,
    types_left: Option<String>,
    sets: Vec<SetTold>,
    bytes: u64,
    digest: String,
    before: Option<ModelLearned>,
    recorded: bool,
}

/// `automata learn`.
///
/// # Errors
/// When the command line or the configuration is wrong, there is too little to learn from, GitHub does not answer, or
/// what was learned cannot be kept.
pub(super) async fn learn(
    arguments: &cli::Learn,
    global: &Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let world = World::open(global, environment)?;
    let world = if arguments.dry_run { world.configured().await? } else { world.prepared().await? };
    if let Some(problem) = world.problems.first() {
        let hint =
            "It says which label stands for which type. `automata check` tells all that is wrong with it.";
        return Err(Ended::usage(format!("the configuration is not sound: {problem}"), hint));
    }
    let session = run::open(&world).await?.on_behalf_of(actor(environment));
    if arguments.back || arguments.rules {
        let went = back::go(arguments, &world, &session).await?;
        if global.format == Format::Json {
            terminal.json(&went).map_err(Ended::bug)?;
        } else {
            went.tell(terminal);
        }
        return Ok(ExitCode::SUCCESS);
    }
    let bar = progress::bar(terminal, "learning");
    bar.about("reading issues");
    let lessons = match &arguments.from {
        Some(path) => lessons::of_file(path, &world)?,
        None => {
            let issues = learning::issues(&world.services).await?;
            learning::lessons(issues, &world.config, &session.state())
        }
    };
    bar.about("training");
    let before = session.state().learned.clone();
    let model = in_use(&world, before.as_ref()).await?;
    let areas = learning::areas(&world.config);
    let judges = (model.as_ref(), before.as_ref());
    let chosen = training::choose(&lessons, &areas, judges, arguments.even_if_worse).map_err(|too_little| {
        Ended::usage(
            too_little,
            format!(
                "Two types need {LEAST} issues each that people have labelled with just one of them. Which label stands for \
                 which type says the configuration (labels.type); `--from FILE` takes labelled issues from elsewhere."
            ),
        )
    })?;
    let is_taken = !arguments.dry_run && chosen.is_taken;
    if is_taken {
        record(&world, &session, &chosen.learned, &chosen.bytes).await?;
    }
    bar.end();
    let better = (!chosen.is_taken).then(|| chosen.why_not());
    let Chosen { types, types_left, sets, learned, .. } = chosen;
    let (trained, compared) = types.unzip();
    let told = Told {
        rows: trained.as_ref().map(|trained| trained.rows.clone()).unwrap_or_default(),
        siblings: lessons.rows.iter().filter(|lesson| lesson.home != 0).count(),
        left_out: lessons.left_out,
        macro_f1: trained.as_ref().map(|trained| trained.macro_f1),
        classes: trained.map(|trained| trained.classes).unwrap_or_default(),
        compared,
        types_left,
        sets,
        bytes: learned.bytes,
        digest: learned.digest,
        before,
        recorded: is_taken,
    };
    if global.format == Format::Json {
        terminal.json(&told).map_err(Ended::bug)?;
    } else {
        telling::tell(&told, terminal);
    }
    match better {
        Some(better) if !arguments.dry_run => Err(refusal(&better)),
        Some(better) => {
            terminal.note(&format!("It would be refused: {better}."));
            Ok(ExitCode::SUCCESS)
        }
        None => Ok(ExitCode::SUCCESS),
    }
}

/// What was learned is refused.
fn refusal(better: &str) -> Ended {
    Ended {
        kind: Kind::Work,
        message: format!("{better}; nothing was kept"),
        hints: vec![
            "More issues of each type, and labels that people agree on, make it better.".to_owned(),
            "`--even-if-worse` takes it all the same.".to_owned(),
        ],
    }
}

/// What judges now, where it can be used.
async fn in_use(world: &World, named: Option<&ModelLearned>) -> Result<Option<Taught>, Ended> {
    match (named, &world.services.models) {
        (Some(named), Some(models)) => Ok(learning::usable(models.as_ref(), named).await?),
        _ => Ok(None),
    }
}

/// Keeps the model, then has the log name it, then throws away what neither this run nor one that began earlier asks for.
async fn record(world: &World, session: &Session, learned: &ModelLearned, bytes: &[u8]) -> Result<(), Ended> {
    let models = world.services.models.as_ref().ok_or_else(|| Ended::bug("there is no place for models"))?;
    let before = session.state().learned.clone();
    models.keep(&learned.digest, bytes).await?;
    session
        .submit(Command::Learned(learned.clone()))
        .map_err(|reason| Ended::bug(format!("the model was refused: {reason}")))?;
    session.flush().await?;
    let now = session.state().learned.clone();
    let kept: Vec<&str> = [Some(learned), before.as_ref(), now.as_ref()]
        .into_iter()
        .flatten()
        .map(|of| of.digest.as_str())
        .collect();
    if let Err(failure) = models.tidy(&kept).await {
        tracing::warn!(%failure, "older models could not be thrown away; the next `automata learn` does");
    }
    Ok(())
}

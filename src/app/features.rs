//! `automata features`: how far each feature goes, what came of it, and what people took back.

use std::process::ExitCode;

use serde_json::json;

use super::environment::Environment;
use super::failure::Ended;
use super::reading::present;
use super::world::World;
use crate::cli::{Format, Global};
use crate::config;
use crate::report::features::{cells, rows};
use crate::report::terminal::{Terminal, Tone};

/// `automata features`.
///
/// # Errors
/// When the log cannot be read.
pub(super) async fn features(
    global: &Global,
    environment: &Environment,
    terminal: Terminal,
) -> Result<ExitCode, Ended> {
    let world = World::looking(global, environment, terminal).await?;
    let present = present(&world).await?;
    let policy = config::policy(&world.config, &world.repository.to_string(), &present.state);
    let rows = rows(&world.config, &policy, &present.state, world.clock.now());
    if global.format == Format::Json {
        let told =
            json!({ "sequence": present.state.sequence, "paused": present.state.paused, "features": rows });
        terminal.json(&told).map_err(Ended::bug)?;
    } else {
        for (place, line) in terminal.table(&cells(&rows)).iter().enumerate() {
            match place {
                0 => terminal.data(&terminal.paint(Tone::Strong, line)),
                _ => terminal.data(line),
            }
        }
        if let Some(reason) = &present.state.paused {
            terminal.note(&format!("Everything is paused: {reason}. `/automata resume everything` goes on."));
        }
    }
    present.told()?;
    Ok(ExitCode::SUCCESS)
}

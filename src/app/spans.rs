//! Tells a collector of traces what took how long in a run, where the environment names one.

use std::sync::Arc;

use super::environment::Environment;
use super::failure::Ended;
use super::run::Report;
use super::session::Session;
use super::world::{World, client};
use crate::domain::time::Timestamp;
use crate::domain::used::CredentialKind;
use crate::report::spans::{self, Ran};
use crate::services::traces::{Traces, otlp::Otlp};
use crate::services::uses::{Noting, Uses};

/// The variable that holds what a collector is signed in to with.
const HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";

/// The collector that the environment names, and what notes that we sign in to it. What is wrong with the settings is told, and
/// fails nothing.
pub(super) fn collector(environment: &Environment, uses: &Uses) -> (Option<Arc<dyn Traces>>, Noting) {
    let made = made(environment);
    let is_noted = made.is_some() && environment.traces.headers.is_some();
    let noting = if is_noted { uses.of(CredentialKind::Traces, HEADERS) } else { Noting::default() };
    (made, noting)
}

fn made(environment: &Environment) -> Option<Arc<dyn Traces>> {
    environment.traces.url()?;
    let secrets = environment.token.iter().chain(&environment.traces.headers).cloned().collect();
    let made = client(environment)
        .and_then(|client| Otlp::new(client, &environment.traces, secrets).map_err(Ended::setting));
    let made = made.inspect_err(|ended| tracing::warn!("no spans are told: {ended}")).ok().flatten()?;
    Some(Arc::new(made))
}

/// Tells it. The work is done: nothing of it fails when nobody listens.
pub(super) async fn tell(world: &World, session: &Session, began: Timestamp, report: &Report) {
    let Some(traces) = &world.traces else { return };
    let trace = spans::of(&Ran {
        run: &world.run,
        repository: &world.repository,
        time: (began, world.clock.now()),
        events: &report.events,
        state: &session.state(),
    });
    if let Err(failure) = traces.export(&trace).await {
        tracing::warn!("{failure}; this run's spans are lost, and nothing else is");
    }
}

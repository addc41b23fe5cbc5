//! What lies outside of the program, as the environment says it: addresses, certificates, temporary files, other programs.

use std::sync::Arc;

use crate::app::Environment;
use crate::app::failure::Ended;
#[cfg(unix)]
use crate::app::surroundings;
use crate::services::clock::Clock;
use crate::services::http;
use crate::services::process::{self, Programs};
use crate::services::temporary;

pub(super) fn api_url(environment: &Environment) -> String {
    environment.api_url.clone().unwrap_or_else(|| "https://api.github.com".to_owned())
}

pub(in crate::app) fn client(environment: &Environment) -> Result<http::Client, Ended> {
    let settings = http_settings(environment)?;
    http::client(&settings).map_err(|error| Ended::usage(error.to_string(), "Look at AUTOMATA_CA_FILE."))
}

pub(in crate::app) fn http_settings(environment: &Environment) -> Result<http::Settings, Ended> {
    let extra_roots = environment.ca_file.as_ref().map(std::fs::read).transpose().map_err(|error| {
        Ended::usage(
            format!("the certificates cannot be read: {error}"),
            "AUTOMATA_CA_FILE (or SSL_CERT_FILE) names a PEM file.",
        )
    })?;
    Ok(http::Settings { extra_roots, ..http::Settings::default() })
}

/// No temporary files can be made: nothing works before somebody has seen to that.
pub(super) fn no_temporary(error: &dyn std::fmt::Display) -> Ended {
    let told = temporary::problem().map_or_else(
        || error.to_string(),
        |(folder, error)| {
            // What follows is a name that was drawn at random.
            let error = error.to_string();
            let reason = error.split(" at path ").next().unwrap_or_default();
            format!("temporary files cannot be made in {}: {reason}", folder.display())
        },
    );
    Ended::usage(told, "Set TMPDIR to a folder that can be written and has room.")
}

/// Other programs: they are started by our own, which sets bounds on itself first.
#[cfg(unix)]
pub(in crate::app) fn programs(
    environment: &Environment,
    clock: &Arc<dyn Clock>,
) -> Option<Arc<dyn Programs>> {
    let (program, path) = (environment.program.clone()?, environment.search_path.clone()?);
    let local = process::local::Local::new(program, path, Arc::clone(clock));
    Some(Arc::new(local.amid(surroundings::of(&environment.variables))))
}

/// None can be held within bounds on this system.
#[cfg(not(unix))]
pub(in crate::app) fn programs(_: &Environment, _: &Arc<dyn Clock>) -> Option<Arc<dyn Programs>> {
    None
}

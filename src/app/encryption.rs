//! The keys that open the log, as the environment gives them, and what is told of what stayed sealed.

use super::environment::Environment;
use super::failure::Ended;
use crate::domain::count::counted;
use crate::services::seal::age::Identity;
use crate::services::seal::keyring::Met;
use crate::services::secrets::Secret;

/// The secret keys that we have.
///
/// # Errors
/// When something was given that is no key: going on without would look as if there was none.
pub(super) fn identities(environment: &Environment) -> Result<Vec<Identity>, Ended> {
    let hint = "It holds what `age-keygen` prints: lines that begin with # and one with AGE-SECRET-KEY-1.";
    let mut identities = Vec::new();
    if let Some(key) = &environment.age_key {
        identities = Identity::all(key)
            .map_err(|error| Ended::usage(format!("AUTOMATA_AGE_KEY cannot be used: {error}"), hint))?;
    }
    if let Some(file) = &environment.age_key_file {
        let told = |error: &dyn std::fmt::Display| {
            Ended::usage(format!("AUTOMATA_AGE_KEY_FILE cannot be used: {error}"), hint)
        };
        let text = Secret::read(file).map_err(|error| told(&error))?;
        identities.extend(Identity::all(&text).map_err(|error| told(&error))?);
    }
    Ok(identities)
}

/// What to tell somebody who looked at a log of which something stayed sealed, or was forgotten.
pub(super) fn note(met: &Met) -> Option<String> {
    if met.shut > 0 {
        let texts = counted(met.shut, "text is", "texts are");
        return Some(format!(
            "{texts} sealed; AUTOMATA_AGE_KEY or AUTOMATA_AGE_KEY_FILE with a key of one of the recipients opens them"
        ));
    }
    (met.forgotten > 0).then(|| format!("{} forgotten", counted(met.forgotten, "text was", "texts were")))
}

//! Who we are to GitHub, by what the environment says: an App before a token that was handed in.

use std::sync::Arc;

use super::outside::api_url;
use crate::app::Environment;
use crate::app::failure::Ended;
use crate::domain::credential::is_personal;
use crate::domain::id::RepositoryName;
use crate::domain::used::CredentialKind;
use crate::services::clock::Clock;
use crate::services::credential::{App, Credential, Setup};
use crate::services::http::Client;
use crate::services::secrets::Secret;
use crate::services::uses::Uses;

/// The App where one is named, else `AUTOMATA_TOKEN`, else `GITHUB_TOKEN`.
///
/// # Errors
/// When there is none, or half of an App.
pub(super) fn of(
    environment: &Environment,
    repository: &RepositoryName,
    client: &Client,
    clock: &Arc<dyn Clock>,
    uses: &Uses,
) -> Result<Credential, Ended> {
    let Some((id, key)) = named(environment)? else {
        let token = environment.token.clone().ok_or_else(|| {
            Ended::usage(
                "there is no token",
                "Give the action `token: ${{ github.token }}`; by hand set AUTOMATA_TOKEN.",
            )
        })?;
        if is_personal(token.expose()) {
            // Everything that a run does begins with it.
            uses.of(CredentialKind::GithubToken, "").note();
        }
        return Credential::given(token).map_err(Ended::setting);
    };
    let noting = uses.of(CredentialKind::GithubApp, &id);
    let setup = Setup {
        id,
        key,
        repository: repository.clone(),
        api_url: api_url(environment),
        got: Box::new(move |token: &Secret| {
            noting.note();
            token.guard();
        }),
    };
    let app = App::new(setup, client.clone(), Arc::clone(clock)).map_err(Ended::setting)?;
    Ok(Credential::App(Box::new(app)))
}

/// The App that is named, and its key.
fn named(environment: &Environment) -> Result<Option<(String, Secret)>, Ended> {
    let key = match (&environment.app_key, &environment.app_key_file) {
        (Some(key), _) => Some(key.clone()),
        (None, Some(file)) => {
            let key = Secret::read(file).map_err(|error| {
                Ended::usage(
                    format!("AUTOMATA_APP_PRIVATE_KEY_FILE cannot be read: {error}"),
                    "Name the file that GitHub gave for the App.",
                )
            })?;
            key.guard();
            Some(key)
        }
        (None, None) => None,
    };
    match (environment.app_id.clone(), key) {
        (Some(id), Some(key)) => Ok(Some((id, key))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(Ended::usage(
            "there is an App's id and no private key",
            "Give the action `app-private-key` as well; by hand set AUTOMATA_APP_PRIVATE_KEY or AUTOMATA_APP_PRIVATE_KEY_FILE.",
        )),
        (None, Some(_)) => Err(Ended::usage(
            "there is an App's private key and no id",
            "Give the action `app-id` as well, the App's client id; by hand set AUTOMATA_APP_ID.",
        )),
    }
}

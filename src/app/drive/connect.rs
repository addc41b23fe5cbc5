//! Whose Drive it is: the configuration, the credentials, the connection.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::super::encryption::identities;
use super::super::environment::{Environment, Variables};
use super::super::failure::{Ended, Kind};
use super::super::world::http_settings;
use super::ended;
use crate::config::{self, Config, DriveRules};
use crate::domain::failure::Failure;
use crate::domain::id::CommitId;
use crate::domain::used::CredentialKind;
use crate::services::clock::{Clock, SystemClock};
use crate::services::drive::google::{self, Api, Credential, Endpoints, Setup};
use crate::services::drive::manifest::Manifest;
use crate::services::drive::room::Room;
use crate::services::drive::{Drive, FileId};
use crate::services::entropy::Entropy;
use crate::services::git::checkout;
use crate::services::http;
use crate::services::seal::Seal;
use crate::services::seal::age::Identity;
use crate::services::secrets::Secret;
use crate::services::uses::Uses;
use crate::tasks::{Files, WorkingCopy};

/// The variable that Google's own tools take the path of credentials from.
pub(in crate::app) const USUAL_CREDENTIALS: &str = "GOOGLE_APPLICATION_CREDENTIALS";
/// Bytes that a path may have (PATH_MAX of Linux); credentials can be longer.
const LONGEST_PATH: usize = 4_096;
/// What sessions of uploads are sealed for.
const UPLOADS: &str = "drive upload";

/// A Drive, and how we came to it.
pub(super) struct Connected {
    pub(super) files: Files,
    pub(super) clock: Arc<dyn Clock>,
    /// What is known of the credentials, without their secrets.
    pub(super) about: Vec<String>,
}

/// The configuration: a file that is named, or the working copy's, or one that says nothing.
///
/// # Errors
/// When the file cannot be read, or is not sound.
pub(super) fn configuration(file: Option<&Path>) -> Result<Config, Ended> {
    let usual = Path::new(config::PATH);
    let path = match file {
        Some(file) => file,
        None if usual.is_file() => usual,
        None => return Ok(Config::default()),
    };
    let text = std::fs::read_to_string(path).map_err(|error| {
        Ended::usage(
            format!("{} cannot be read: {error}", path.display()),
            "Name another file with --config FILE.",
        )
    })?;
    config::parse(&text).map_err(|problems| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Ended::usage(
            format!("the configuration {} is not sound: {}", path.display(), told.join("; ")),
            "`automata check` tells all that is wrong with it.",
        )
    })
}

/// Connects with what the environment has. `places` are those of the command line.
///
/// # Errors
/// When there are no credentials, or they cannot be used.
pub(super) async fn by_environment(
    rules: &DriveRules,
    environment: &Environment,
    places: &[&String],
) -> Result<Connected, Ended> {
    let Some((source, secret)) = credentials(rules, &environment.variables)? else {
        return Err(no_credentials(rules));
    };
    let credential = Credential::read(secret.expose()).map_err(|error| unusable(&source, ended(error)))?;
    let mut about = vec![format!("credentials: {source}")];
    about.extend(credential.account().map(|account| format!("account of the credentials: {account}")));
    about.extend(rules.stands_for.as_ref().map(|person| format!("stands for: {}", person.as_str())));
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let settings = http_settings(environment)?;
    // What one account sees at one place: of who it is no more than a digest is kept.
    let account = account(rules, &credential);
    let (seal, entropy) = (seal(&credential, &identities(environment)?), Arc::new(Entropy::System));
    let keys = places.iter().filter_map(|place| FileId::key_in_link(place)).collect();
    let setup = Setup { keys, ..Setup::new(credential) };
    let drawn = (Arc::clone(&clock), Arc::clone(&entropy));
    let drive = connect(rules, &source, setup, settings, drawn).await?;
    let manifest = cache(&environment.variables).map(|cache| Manifest::of(&cache, &account));
    Ok(Connected {
        files: Files {
            drive,
            seal,
            entropy,
            manifest,
            room: Room::default(),
            working_copy: working_copy(&environment.variables),
            checked_out: checked_out(&environment.variables),
            synced: None,
        },
        clock,
        about,
    })
}

/// How the working copy came here: <https://docs.github.com/actions/reference/workflows-and-actions/variables>.
fn working_copy(variables: &Variables) -> WorkingCopy {
    match variables.get("GITHUB_ACTIONS") {
        Some(_) => WorkingCopy::Fetched(checkout::committed_at(Path::new("."))),
        None => WorkingCopy::Stays,
    }
}

/// What of the repository is there, on a runner.
fn checked_out(variables: &Variables) -> Option<CommitId> {
    variables.get("GITHUB_ACTIONS").and_then(|_| checkout::commit(Path::new(".")))
}

/// What closes the addresses of uploads: a key that follows from the credentials, else, where these hold no lasting secret,
/// from the key of an encrypted log, which every run of the repository has.
fn seal(credential: &Credential, identities: &[Identity]) -> Option<Arc<Seal>> {
    let of_the_log = || identities.first().and_then(|identity| identity.seal(UPLOADS));
    credential.seal(UPLOADS).or_else(of_the_log).map(Arc::new)
}

/// What names an account at one place; only a digest of it is ever kept.
fn account(rules: &DriveRules, credential: &Credential) -> String {
    format!("{:?} {:?} {}", rules.url, rules.stands_for, credential.identity())
}

/// The folder for what may be lost: `AUTOMATA_CACHE`, else a folder of ours where the system keeps such things.
fn cache(variables: &Variables) -> Option<PathBuf> {
    let named = |name: &str| variables.get(name).map(|value| PathBuf::from(value.plain()));
    let ours = |folder: PathBuf| folder.join("automata");
    named("AUTOMATA_CACHE")
        .or_else(|| named("XDG_CACHE_HOME").map(ours))
        .or_else(|| named("LOCALAPPDATA").map(ours))
        .or_else(|| named("HOME").map(|home| ours(home.join(".cache"))))
        .filter(|folder| folder.is_absolute())
}

/// What is wrong with credentials, and where they stand.
fn unusable(source: &str, mut error: Ended) -> Ended {
    error.kind = Kind::Usage;
    error.message = format!("the credentials in {source} cannot be used: {}", error.message);
    error
}

/// The Drive of the queue's tasks; none where there are no credentials, nor where they cannot be used: then why. That they are
/// there and wrong is another thing than that there are none, and each task that needs them tells it.
pub(in super::super) async fn for_tasks(
    rules: &DriveRules,
    variables: &Variables,
    settings: http::Settings,
    drawn: (Arc<dyn Clock>, Arc<Entropy>),
    uses: &Uses,
    identities: &[Identity],
) -> (Option<Files>, Option<Failure>) {
    match connected(rules, variables, settings, drawn, uses, identities).await {
        Ok(files) => (files, None),
        Err(error) => {
            tracing::warn!(%error, "there is no Drive");
            let told = Failure::permanent("drive_bad_credentials", error.message);
            (None, Some(told.hint(error.hints.join(" "))))
        }
    }
}

async fn connected(
    rules: &DriveRules,
    variables: &Variables,
    settings: http::Settings,
    (clock, entropy): (Arc<dyn Clock>, Arc<Entropy>),
    uses: &Uses,
    identities: &[Identity],
) -> Result<Option<Files>, Ended> {
    let Some((source, secret)) = credentials(rules, variables)? else { return Ok(None) };
    let credential = Credential::read(secret.expose()).map_err(|error| unusable(&source, ended(error)))?;
    let manifest = cache(variables).map(|cache| Manifest::of(&cache, &account(rules, &credential)));
    let seal = seal(&credential, identities);
    let noting = uses.of(CredentialKind::Drive, rules.credentials.as_str());
    let setup = Setup { noting, ..Setup::new(credential) };
    let drive = connect(rules, &source, setup, settings, (clock, Arc::clone(&entropy))).await?;
    let (room, working_copy) = (Room::default(), working_copy(variables));
    let checked_out = checked_out(variables);
    Ok(Some(Files { drive, seal, entropy, manifest, room, working_copy, checked_out, synced: None }))
}

/// Connects.
///
/// # Errors
/// When the credentials, or the certificates, cannot be used.
async fn connect(
    rules: &DriveRules,
    source: &str,
    mut setup: Setup,
    settings: http::Settings,
    (clock, entropy): (Arc<dyn Clock>, Arc<Entropy>),
) -> Result<Arc<dyn Drive>, Ended> {
    setup.subject = rules.stands_for.as_ref().map(|person| person.as_str().to_owned());
    setup.part = rules.limits.part_kib * 1024;
    setup.keys.extend(rules.folders.values().filter_map(|folder| FileId::key_in_link(folder.as_str())));
    if let Some(url) = &rules.url {
        setup.endpoints = Endpoints::at(url.as_str());
    }
    let client = http::client(&google::http_settings(&settings))
        .map_err(|error| Ended::usage(error.to_string(), "Look at AUTOMATA_CA_FILE."))?;
    let api = Api::new(setup, client, clock, entropy).await;
    let api = api.map_err(|error| unusable(source, ended(error)))?;
    Ok(Arc::new(api))
}

fn no_credentials(rules: &DriveRules) -> Ended {
    let named = rules.credentials.as_str();
    Ended::usage(
        format!("there are no credentials for Drive: neither {named} nor {USUAL_CREDENTIALS} is set"),
        "Set one to the JSON of a service account's key, of an authorised user or of workload identity federation, or to \
         the path of a file with it; `drive.credentials` in the configuration names another variable.",
    )
}

/// The credentials, and where they were found; none where none are set.
fn credentials(rules: &DriveRules, variables: &Variables) -> Result<Option<(String, Secret)>, Ended> {
    let named = rules.credentials.as_str();
    let found = [named, USUAL_CREDENTIALS].into_iter().find_map(|name| Some((name, variables.get(name)?)));
    let Some((name, value)) = found else { return Ok(None) };
    // Whatever names no file is taken for the credentials: a key that was pasted wrongly must not show up in an error
    // as the path of a file that is not there.
    let path = Path::new(value.plain());
    if value.plain().len() < LONGEST_PATH && path.is_file() {
        let read = Secret::read(path).map_err(|error| {
            Ended::usage(
                format!("the file that {name} names cannot be read: {error}"),
                "Look at who may read it, and whether it is text.",
            )
        })?;
        read.guard();
        return Ok(Some((format!("the file that {name} names"), read)));
    }
    Ok(Some((name.to_owned(), value.clone())))
}

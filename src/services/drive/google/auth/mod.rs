//! Credentials as people hand them in: a service account's key, an authorised user, an identity of GitHub's, or somebody
//! who acts as a service account.
//!
//! The files are read by hand rather than by `yup-oauth2`, whose types name no lacking field without repeating what
//! stands beside it, print what they hold, and want a `format` that Google's own files leave out.

mod acting;
mod external;
mod grants;
mod key;
mod tokens;

use std::fmt;

use base64::Engine as _;
use serde_json::Value;
use yup_oauth2::ServiceAccountKey;
use zeroize::{Zeroize as _, Zeroizing};

use self::acting::ActsAs;
pub(super) use self::acting::Impersonated;
pub(super) use self::external::External;
pub(super) use self::grants::Source;
pub(super) use self::tokens::Tokens;
use super::endpoints::{Endpoints, trusted};
use crate::services::drive::error::{Error, Reason};
use crate::services::seal::Seal;
use crate::services::secrets::Secret;

/// All of Drive, which sharing, moving and watching need: <https://developers.google.com/workspace/drive/api/guides/api-specific-auth>.
pub const SCOPE: &str = "https://www.googleapis.com/auth/drive";

/// Who we are to Google. It cannot be printed.
#[derive(Clone)]
pub struct Credential(pub(super) Kind);

#[derive(Clone)]
pub(super) enum Kind {
    /// A service account with its private key.
    ServiceAccount(Box<ServiceAccountKey>),
    /// A user who agreed once.
    User(User),
    /// Somebody whom another provider vouches for.
    External(Box<External>),
    /// Somebody who acts as a service account.
    Impersonated(Box<Impersonated>),
}

/// A user who agreed once.
#[derive(Clone)]
pub(super) struct User {
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
    pub(super) refresh_token: Secret,
}

/// Which sort of account it is, for what can be said before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A service account, which owns no storage: it needs a shared drive, or a user to act for.
    ServiceAccount,
    /// A user, with storage of their own.
    User,
    /// A user, or an identity of another provider, that acts as a service account.
    ActsAsServiceAccount,
    /// An identity of another provider as itself. Drive knows it no better than a stranger.
    Federated,
}

fn bad(message: impl Into<String>) -> Error {
    Error::new(Reason::BadCredentials, message)
}

impl Credential {
    /// Reads what a secret or a file holds: JSON, or JSON in Base64.
    ///
    /// # Errors
    /// [`Reason::BadCredentials`], saying what is wrong with it and nothing of what it holds.
    pub fn read(text: &str) -> Result<Self, Error> {
        let text = text.trim().trim_start_matches('\u{feff}');
        if text.is_empty() {
            return Err(bad("the credentials for Drive are empty").hint(
                "A secret that is not set is an empty text; GitHub hands no secrets to workflows that forks start.",
            ));
        }
        let unpacked = if text.starts_with('{') { None } else { from_base64(text) };
        let written = unpacked.as_ref().map_or(text, |unpacked| unpacked.as_str());
        let mut file: Value = serde_json::from_str(written).map_err(|error| {
            if text.starts_with('{') || unpacked.is_some() {
                bad(format!(
                    "the credentials for Drive are no JSON (line {}, column {})",
                    error.line(),
                    error.column()
                ))
            } else {
                bad("they are neither JSON nor the path of a file that is there")
            }
        })?;
        let kind = kind(&file);
        wipe(&mut file);
        kind.map(Self)
    }

    /// A key to keep secrets of this account with, such as the address of an upload. None for accounts that hold
    /// no lasting secret themselves.
    #[must_use]
    pub fn seal(&self, purpose: &str) -> Option<Seal> {
        match self.0.source() {
            Kind::ServiceAccount(key) => Seal::of(&Secret::new(&key.private_key), purpose),
            Kind::User(user) => Seal::of(&user.refresh_token, purpose),
            Kind::External(_) | Kind::Impersonated(_) => None,
        }
    }

    /// What names the account, in every copy of its credentials: nothing that is made anew for each job or each key. It may
    /// hold a secret: only a digest of it is kept.
    #[must_use]
    pub fn identity(&self) -> String {
        self.0.identity()
    }

    /// Which sort of account it is.
    #[must_use]
    pub const fn sort(&self) -> Sort {
        match &self.0 {
            Kind::ServiceAccount(_) => Sort::ServiceAccount,
            Kind::User(_) => Sort::User,
            Kind::Impersonated(_) => Sort::ActsAsServiceAccount,
            Kind::External(external) if external.acts_as.is_some() => Sort::ActsAsServiceAccount,
            Kind::External(_) => Sort::Federated,
        }
    }

    /// The address of the service account, where there is one: whom to share folders with.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match &self.0 {
            Kind::ServiceAccount(key) => Some(&key.client_email),
            Kind::External(external) => external.acts_as.as_ref()?.account(),
            Kind::Impersonated(impersonated) => impersonated.target.account(),
            Kind::User(_) => None,
        }
    }
}

impl Kind {
    fn identity(&self) -> String {
        match self {
            Self::ServiceAccount(key) => format!("key {}", key.client_email),
            // Nothing else names the user.
            Self::User(user) => format!("user {} {}", user.client_id, user.refresh_token.expose()),
            Self::External(external) => {
                let acts_as = external.acts_as.as_ref().and_then(ActsAs::account);
                format!("federation {} {acts_as:?}", external.audience)
            }
            Self::Impersonated(acting) => {
                format!("{} acts as {:?}", acting.source.identity(), acting.target.account())
            }
        }
    }

    /// Whose secret it is.
    fn source(&self) -> &Self {
        match self {
            Self::Impersonated(impersonated) => impersonated.source.source(),
            own => own,
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("sort", &self.sort()).finish_non_exhaustive()
    }
}

fn from_base64(text: &str) -> Option<Zeroizing<String>> {
    let mut packed = Zeroizing::new(String::with_capacity(text.len()));
    packed.extend(text.chars().filter(|letter| !letter.is_whitespace()));
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed.as_bytes()).ok()?;
    String::from_utf8(bytes).ok().map(Zeroizing::new)
}

/// Overwrites every text of a document that was read.
fn wipe(file: &mut Value) {
    match file {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What a file says, by its type.
fn kind(file: &Value) -> Result<Kind, Error> {
    match file.get("type").and_then(Value::as_str) {
        Some("service_account") => service_account(file),
        Some("authorized_user") => user(file),
        Some("external_account") => Ok(Kind::External(Box::new(External::read(file)?))),
        Some("impersonated_service_account") => Ok(Kind::Impersonated(Box::new(Impersonated::read(file)?))),
        Some(other) => Err(bad(format!(
            "credentials of the type `{}` are not known",
            crate::domain::untrusted::one_line(other, 40)
        ))
        .hint(
            "Known are service_account, authorized_user, external_account and impersonated_service_account.",
        )),
        None if file.get("installed").is_some() || file.get("web").is_some() => {
            Err(bad("this is an OAuth client, not the credentials of somebody").hint(
                "Let a user agree with it once, for example by `gcloud auth application-default login \
                 --client-id-file=…`, and hand in the file that comes of it.",
            ))
        }
        None => Err(bad("the credentials for Drive lack `type`")),
    }
}

/// A text of the file that has to be there.
fn required(file: &Value, field: &str) -> Result<String, Error> {
    match file.get(field) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
        Some(Value::String(_)) => Err(bad(format!("`{field}` of the credentials is empty"))),
        Some(_) => Err(bad(format!("`{field}` of the credentials is no text"))),
        None => Err(bad(format!("the credentials lack `{field}`"))),
    }
}

fn service_account(file: &Value) -> Result<Kind, Error> {
    let token_uri = match file.get("token_uri") {
        Some(_) => required(file, "token_uri")?,
        None => Endpoints::default().token,
    };
    // Keys that went through a shell or a form have their line ends written out.
    let private_key = Zeroizing::new(required(file, "private_key")?);
    let private_key = Zeroizing::new(private_key.replace("\\n", "\n"));
    if !private_key.starts_with("-----BEGIN") {
        return Err(bad(
            "`private_key` of the credentials is no key in PEM: it begins with -----BEGIN PRIVATE KEY-----",
        ));
    }
    Secret::new(private_key.as_str()).guard();
    Ok(Kind::ServiceAccount(Box::new(ServiceAccountKey {
        key_type: None,
        project_id: None,
        private_key_id: None,
        // A crate that wipes nothing has it from here on.
        private_key: private_key.to_string(),
        client_email: required(file, "client_email")?,
        client_id: None,
        auth_uri: None,
        token_uri: trusted("token_uri", &token_uri)?.to_string(),
        auth_provider_x509_cert_url: None,
        client_x509_cert_url: None,
    })))
}

fn user(file: &Value) -> Result<Kind, Error> {
    Ok(Kind::User(User {
        client_id: required(file, "client_id")?,
        client_secret: Secret::new(required(file, "client_secret")?),
        refresh_token: Secret::new(required(file, "refresh_token")?),
    }))
}

#[cfg(test)]
mod tests;

//! What GitHub is asked with, by its API and by git: a token as it was handed in, or an App's own, got anew before it ends.

use std::collections::BTreeMap;
use std::fmt;

use http::HeaderValue;

use super::secrets::Secret;
use crate::domain::failure::Failure;

mod app;
mod returned;

pub use app::{App, Setup};
pub use returned::{given_back_after, to_give_back};

/// Who we are to GitHub.
pub enum Credential {
    /// A token that was handed in: the workflow's, a person's, or an App's that somebody else got.
    Token(Secret),
    /// An App that gets its tokens itself.
    App(Box<App>),
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token([secret])",
            Self::App(_) => "App([secret])",
        })
    }
}

impl Credential {
    /// A token that was handed in.
    ///
    /// # Errors
    /// Permanent, when it is no token at all.
    pub fn given(token: Secret) -> Result<Self, Failure> {
        bearer(&token)?;
        Ok(Self::Token(token))
    }

    /// A token that is valid now, and for some minutes from now where we get it ourselves.
    ///
    /// # Errors
    /// What GitHub said to the App that asked for one.
    pub async fn token(&self) -> Result<Secret, Failure> {
        match self {
            Self::Token(token) => Ok(token.clone()),
            Self::App(app) => app.token().await,
        }
    }

    /// What an App's installation may do, by GitHub's names; none for a token that was handed in, of which GitHub lists nothing.
    ///
    /// # Errors
    /// As [`Credential::token`].
    pub async fn listed(&self) -> Result<Option<BTreeMap<String, String>>, Failure> {
        match self {
            Self::Token(_) => Ok(None),
            Self::App(app) => app.permissions().await.map(Some),
        }
    }

    /// Has GitHub take back a token that we got ourselves; one that was handed in is somebody else's.
    pub async fn give_back(&self) {
        if let Self::App(app) = self {
            app.give_back().await;
        }
    }

    /// The same as the value of an `Authorization` header.
    ///
    /// # Errors
    /// As [`Credential::token`].
    pub async fn bearer(&self) -> Result<HeaderValue, Failure> {
        bearer(&self.token().await?)
    }
}

fn bearer(token: &Secret) -> Result<HeaderValue, Failure> {
    let bearer = token.bearer().ok().filter(|_| !token.expose().is_empty());
    bearer.ok_or_else(|| {
        Failure::permanent("bad_credentials", "The GitHub token is empty or no token at all.")
            .hint("Hand in the workflow's token: `token: ${{ github.token }}`.")
    })
}

//! Where Google is: all of its addresses that we use, so that a test or a company's gateway can stand in for it.

use reqwest::Url;

use crate::services::drive::error::{Error, Reason};

/// The addresses of Google's services, without a slash at their ends. Those of a federation and of service accounts that
/// are impersonated stand in the credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    /// Drive itself, its uploads and its batches.
    pub apis: String,
    /// Where a refresh token is exchanged.
    pub token: String,
}

impl Default for Endpoints {
    fn default() -> Self {
        Self {
            apis: "https://www.googleapis.com".to_owned(),
            token: "https://oauth2.googleapis.com/token".to_owned(),
        }
    }
}

impl Endpoints {
    /// All of them at one server.
    #[must_use]
    pub fn at(server: &str) -> Self {
        let server = server.trim_end_matches('/');
        Self { apis: server.to_owned(), token: format!("{server}/token") }
    }

    /// Whether our tokens may go there.
    ///
    /// # Errors
    /// For what is no address, and for another machine that is reached unencrypted.
    pub(super) fn check(&self) -> Result<(), Error> {
        for address in [&self.apis, &self.token] {
            if !is_trusted(address) {
                let told = format!("`{address}` is reached unencrypted, or is no address");
                return Err(Error::new(Reason::BadCredentials, told)
                    .hint("Write `https://` in `drive.url`; `http://` is for this machine alone."));
            }
        }
        Ok(())
    }

    pub(super) fn api(&self, path: &str) -> String {
        format!("{}/drive/v3/{path}", self.apis)
    }

    /// The description of the API has `/resumable/upload/…` beside it; the guide, and Google's own clients, use this.
    pub(super) fn upload(&self, path: &str) -> String {
        format!("{}/upload/drive/v3/{path}", self.apis)
    }

    /// An upload's session is at Drive itself, wherever the text that names it comes from: parts go there with our
    /// token.
    pub(super) fn check_session(&self, address: &str) -> Result<(), Error> {
        let origin = |address: &str| Url::parse(address).ok().map(|url| url.origin());
        match (origin(address), origin(&self.apis)) {
            (Some(session), Some(ours)) if session == ours => Ok(()),
            _ => Err(Error::new(Reason::Nonsense, "the upload session is at another server than Drive")),
        }
    }

    pub(super) fn batch(&self) -> String {
        format!("{}/batch/drive/v3", self.apis)
    }
}

/// An address that tokens may be sent to: encrypted, or on this machine.
pub(super) fn trusted(what: &str, address: &str) -> Result<Url, Error> {
    let bad = |why: &str| Error::new(Reason::BadCredentials, format!("the {what} of the credentials {why}"));
    let url = Url::parse(address).map_err(|_| bad("is no address"))?;
    if is_trusted(address) { Ok(url) } else { Err(bad("begins with something else than https://")) }
}

fn is_trusted(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| {
        let is_here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        url.scheme() == "https" || (url.scheme() == "http" && is_here)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_nowhere_unencrypted() {
        assert!(trusted("token_uri", "https://oauth2.googleapis.com/token").is_ok());
        assert!(trusted("token_uri", "http://127.0.0.1:8080/token").is_ok());
        for address in
            ["http://oauth2.googleapis.com/token", "file:///etc/passwd", "token", "http://localhost.example/"]
        {
            assert!(trusted("token_uri", address).is_err(), "{address}");
        }
        insta::assert_snapshot!(trusted("token_uri", "http://example.org").unwrap_err(), @"the token_uri of the credentials begins with something else than https://");
    }
}

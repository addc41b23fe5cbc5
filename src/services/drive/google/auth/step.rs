//! The steps of a sign-in: what each is called, and what it takes when it is refused. Google answers several of them with
//! the same words, which mean another thing at each.

use http::{HeaderMap, StatusCode};
use serde::Deserialize;

use super::super::refusal;
use crate::domain::time::Timestamp;
use crate::services::drive::error::{Class, Error, Reason};

/// A step of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A claim that the key signed becomes a token.
    Key,
    /// A refresh token becomes a token.
    Refresh,
    /// The other provider says who the workload is.
    Identity,
    /// What the other provider said becomes a token of Google's.
    Exchange,
    /// A token of a service account is had with that of another.
    ActingAs,
    /// A claim of a service account is signed by Google.
    Signing,
    /// A claim that Google signed becomes a token of a user's.
    Claim,
}

impl Step {
    /// What it is called.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Key => "Google's exchange of the service account's key",
            Self::Refresh => "Google's exchange of the refresh token",
            Self::Identity => "GitHub's identity for this run",
            Self::Exchange => "Google's exchange of the workload's identity",
            Self::ActingAs => "acting as the service account",
            Self::Signing => "signing as the service account",
            Self::Claim => "Google's exchange of the signed claim to act for the user",
        }
    }

    /// Says which step it was: errors of Drive's own begin with its name.
    pub(super) fn named(self, error: Error) -> Error {
        let told = error.message.strip_prefix("Drive ").unwrap_or(&error.message);
        let message = format!("{}: {}", self.name(), told.trim_start_matches("refused: "));
        Error { message, ..error }
    }

    /// Its refusal. The words come from whoever was asked and hold no secret of ours.
    pub(super) fn refused(
        self,
        status: StatusCode,
        headers: &HeaderMap,
        body: &[u8],
        now: Timestamp,
    ) -> Error {
        let error = self.named(refusal::error(status, headers, body, now));
        if error.may_pass() {
            return error;
        }
        let hint = self.hint(&word(body), &error);
        let ends =
            matches!(self, Self::Key | Self::Refresh | Self::Claim) && error.reason == Reason::GrantOver;
        let reason = if ends { Reason::GrantOver } else { Reason::BadCredentials };
        Error { reason, class: Class::Auth, ..error }.hint(hint)
    }

    /// What a refusal of this step comes from.
    fn hint(self, word: &str, error: &Error) -> &'static str {
        match (self, word) {
            (Self::Key | Self::Claim, "unauthorized_client" | "access_denied") => {
                "Grant the service account's client id the scope https://www.googleapis.com/auth/drive under domain-wide \
                 delegation in the admin console; that takes effect within a day."
            }
            (Self::Key | Self::Refresh | Self::Claim, "invalid_grant")
                if error.message.contains("JWT") || error.message.contains("account") =>
            {
                "The key may have been deleted, the user may not exist, or this machine's clock may be wrong."
            }
            (Self::Key | Self::Claim, _) => {
                "Look at the service account in the Google Cloud console: that it is there and turned on, and that the key \
                 is one of its own."
            }
            (Self::Refresh, "invalid_client") => {
                "The client id and its secret do not belong together, or the client was deleted."
            }
            (Self::Refresh, "unauthorized_client") => {
                "The refresh token was given to another OAuth client: hand in the client id and the secret that it was \
                 made with."
            }
            (Self::Refresh, "access_denied" | "admin_policy_enforced" | "org_internal") => {
                "An administrator of the organisation has to allow this OAuth client."
            }
            (Self::Refresh, _) => Reason::GrantOver.hint().unwrap_or_default(),
            (Self::Identity, _) => {
                "GitHub tells a job's identity only where the workflow says `permissions: id-token: write`, and only \
                 while that job runs: make the credentials in the same job."
            }
            (Self::Exchange, "unauthorized_client" | "access_denied") => {
                "The provider's attribute condition does not let this workload in: compare it, in the workload identity \
                 provider's settings, with the repository, the branch and the owner of this run."
            }
            (Self::Exchange, "invalid_grant") => {
                "Google does not take the identity: look at the provider's issuer and at its allowed audiences, and make the \
                 credentials in the same job, because the identity lives for minutes."
            }
            (Self::Exchange, _) => {
                "Look at the workload identity provider: its name in the credentials, and that it is turned on."
            }
            (Self::ActingAs | Self::Signing, _) if error.status == Some(404) => {
                "Look at the service account's address in the credentials: Google knows none of that name."
            }
            (Self::ActingAs | Self::Signing, _) => {
                "Give the workload's principal the role Workload Identity User on the service account, and Service \
                 Account Token Creator for acting for users; and turn on the IAM Service Account Credentials API."
            }
        }
    }
}

/// The word that a refusal of OAuth's form begins with; else none.
fn word(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct OAuth {
        error: String,
    }
    serde_json::from_slice::<OAuth>(body).map(|body| body.error).unwrap_or_default()
}

//! Acting as a service account without its key: whoever may, asks Google's credentials service for it.

use reqwest::Url;
use serde_json::Value;

use super::super::endpoints::trusted;
use super::{Kind, bad, kind, required};
use crate::services::drive::error::Error;

/// What the address of an impersonation ends with.
const METHOD: &str = ":generateAccessToken";
/// What the credentials service names a service account with.
const RESOURCE: &str = "projects/-/serviceAccounts/";

/// A service account to act as.
#[derive(Clone)]
pub(super) struct ActsAs {
    /// Where a token of it is had: `…/serviceAccounts/ADDRESS:generateAccessToken`.
    pub(super) address: Url,
    /// Through whom, one after the other, as the service names them.
    pub(super) delegates: Vec<String>,
}

/// What a file of the type `impersonated_service_account` says.
#[derive(Clone)]
pub(in super::super) struct Impersonated {
    /// Who acts.
    pub(super) source: Kind,
    /// As whom.
    pub(super) target: ActsAs,
}

impl ActsAs {
    /// Reads the address of an impersonation.
    pub(super) fn read(file: &Value) -> Result<Self, Error> {
        const FIELD: &str = "service_account_impersonation_url";
        let address = trusted(FIELD, &required(file, FIELD)?)?;
        let target = Self { address, delegates: Vec::new() };
        if target.account().is_none_or(str::is_empty) || !target.address.path().ends_with(METHOD) {
            return Err(bad(format!("`{FIELD}` of the credentials does not end with `…{METHOD}`")));
        }
        Ok(target)
    }

    /// The address of the service account.
    pub(super) fn account(&self) -> Option<&str> {
        let last = self.address.path().rsplit('/').next()?;
        last.split_once(':').map(|(account, _)| account)
    }

    /// Where a claim is signed as it.
    pub(super) fn signing(&self) -> Url {
        let mut address = self.address.clone();
        address.set_path(&self.address.path().replace(METHOD, ":signJwt"));
        address
    }
}

impl Impersonated {
    pub(super) fn read(file: &Value) -> Result<Self, Error> {
        let lacks = || bad("the credentials lack `source_credentials`");
        let source = file.get("source_credentials").filter(|source| source.is_object()).ok_or_else(lacks)?;
        let source = match kind(source)? {
            Kind::Impersonated(_) => {
                return Err(bad("`source_credentials` of the credentials act as somebody else themselves")
                    .hint("Name those in between under `delegates`."));
            }
            source => source,
        };
        let delegates = match file.get("delegates") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(all)) => {
                all.iter().map(|one| delegate(one.as_str().unwrap_or_default())).collect::<Result<_, _>>()?
            }
            Some(_) => return Err(bad("`delegates` of the credentials is no list")),
        };
        Ok(Self { source, target: ActsAs { delegates, ..ActsAs::read(file)? } })
    }
}

/// One of those in between: an address, or the name that the service has for it, which tools write both.
fn delegate(text: &str) -> Result<String, Error> {
    let account = text.strip_prefix(RESOURCE).unwrap_or(text);
    let is_account = !account.is_empty()
        && account.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.@".contains(&byte));
    if is_account {
        Ok(format!("{RESOURCE}{account}"))
    } else {
        Err(bad("one of `delegates` is no service account"))
    }
}

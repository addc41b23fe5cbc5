//! Workload identity federation: somebody whom another provider vouches for, GitHub above all.

use http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::Url;
use serde_json::Value;

use super::super::endpoints::trusted;
use super::acting::ActsAs;
use super::{bad, required};
use crate::services::drive::error::Error;
use crate::services::secrets::Secret;

/// What a file of the type `external_account` says.
#[derive(Clone)]
pub(in super::super) struct External {
    pub(super) audience: String,
    pub(super) subject_token_type: String,
    pub(super) token_url: Url,
    pub(super) source: SubjectSource,
    /// The service account that it acts as.
    pub(super) acts_as: Option<ActsAs>,
}

/// Where the other provider's token comes from.
#[derive(Clone)]
pub(super) enum SubjectSource {
    /// A file that something else keeps fresh.
    File(String, Form),
    /// An address that gives one out, with the headers it wants: one of them is a secret.
    Address(Url, HeaderMap, Form),
}

/// The form in which it comes.
#[derive(Clone)]
pub(super) enum Form {
    /// As it is.
    Text,
    /// In this field of a document.
    Json(String),
}

impl External {
    pub(super) fn read(file: &Value) -> Result<Self, Error> {
        let source =
            file.get("credential_source").ok_or_else(|| bad("the credentials lack `credential_source`"))?;
        let form = form(source)?;
        let source = if source.get("url").is_some() {
            let address = trusted("credential_source.url", &required(source, "url")?)?;
            SubjectSource::Address(address, headers(source)?, form)
        } else if source.get("file").is_some() {
            SubjectSource::File(required(source, "file")?, form)
        } else {
            return Err(bad("`credential_source` of the credentials has neither `url` nor `file`").hint(
                "Programs and AWS as sources are not supported; google-github-actions/auth writes `url`.",
            ));
        };
        let acts_as = match file.get("service_account_impersonation_url") {
            None | Some(Value::Null) => None,
            Some(_) => Some(ActsAs::read(file)?),
        };
        Ok(Self {
            audience: required(file, "audience")?,
            subject_token_type: required(file, "subject_token_type")?,
            token_url: trusted("token_url", &required(file, "token_url")?)?,
            source,
            acts_as,
        })
    }
}

/// Google's files leave it out where the token comes as it is.
fn form(source: &Value) -> Result<Form, Error> {
    let Some(format) = source.get("format") else { return Ok(Form::Text) };
    match format.get("type").and_then(Value::as_str).unwrap_or("text") {
        "text" => Ok(Form::Text),
        "json" => Ok(Form::Json(required(format, "subject_token_field_name")?)),
        _ => Err(bad("`credential_source.format` of the credentials is neither text nor json")),
    }
}

fn headers(source: &Value) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    for (name, value) in source.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let value = Secret::new(value.as_str().unwrap_or_default()).header();
        match (HeaderName::try_from(name), value) {
            (Ok(name), Ok(value)) => headers.insert(name, value),
            _ => return Err(bad("a header of `credential_source` cannot be sent")),
        };
    }
    headers.insert(http::header::ACCEPT, HeaderValue::from_static("application/json"));
    Ok(headers)
}

//! Whether commits on a branch have to be signed: by a rule, or by the older protection of branches.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;

use super::address::{repository_route, with_query};
use super::exchange::Exchange;
use super::{CONTENTS_READ, PAGE};
use crate::domain::failure::{Failure, FailureClass};
use crate::domain::id::RepositoryName;

/// What reading the older protection takes, which no workflow's own token has.
const ADMINISTRATION_READ: &str = "administration: read";

/// What is known of the older protection of branches.
#[derive(Debug, Default)]
pub(super) struct Protection {
    /// This token may not read it: it is not asked for again.
    is_hidden: AtomicBool,
}

#[derive(Deserialize)]
struct Rule {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct Required {
    enabled: bool,
}

/// Whether commits on a branch have to be signed, as far as this token may see. Where it may not, a push that is refused
/// tells.
pub(super) async fn is_wanted(
    exchange: &Exchange,
    repository: &RepositoryName,
    protection: &Protection,
    branch: &str,
) -> Result<bool, Failure> {
    let route = repository_route(repository, &["rules", "branches", branch])?;
    let answer = exchange.get(&with_query(&route, &[PAGE]), CONTENTS_READ).await?;
    // Repositories of plans without rules, and older servers, have no such page.
    if !answer.is_gone() {
        let rules: Vec<Rule> = exchange.success(answer, CONTENTS_READ)?.json()?;
        if rules.iter().any(|rule| rule.kind == "required_signatures") {
            return Ok(true);
        }
    }
    protection.wants(exchange, repository, branch).await
}

impl Protection {
    async fn wants(
        &self,
        exchange: &Exchange,
        repository: &RepositoryName,
        branch: &str,
    ) -> Result<bool, Failure> {
        if self.is_hidden.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let segments = ["branches", branch, "protection", "required_signatures"];
        let route = repository_route(repository, &segments)?;
        match exchange.get(&route, ADMINISTRATION_READ).await {
            // No such branch yet, or one that is not protected.
            Ok(answer) if !answer.status.is_success() => Ok(false),
            Ok(answer) => Ok(answer.json::<Required>()?.enabled),
            Err(failure) if failure.class == FailureClass::Permanent => {
                tracing::debug!(%failure, "whether branches want signed commits by the older protection cannot be seen");
                self.is_hidden.store(true, Ordering::Relaxed);
                Ok(false)
            }
            Err(failure) => Err(failure),
        }
    }
}

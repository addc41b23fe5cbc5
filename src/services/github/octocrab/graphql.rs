//! GraphQL: what is asked for and changed through it, and what its answers mean.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::Api;
use crate::domain::failure::Failure;
use crate::domain::untrusted::one_line;

/// How a pull request stands.
pub(super) const STANDING: &str = "\
query PullStanding($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      id state isDraft headRefName headRefOid baseRefName mergeStateStatus
      isMergeQueueEnabled isInMergeQueue autoMergeRequest { enabledAt } mergeCommit { oid }
    }
  }
}";

/// Threads of reviews, a page of them.
pub(super) const THREADS: &str = "\
query ReviewThreads($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      reviewThreads(first: 100, after: $after) {
        nodes { id isResolved resolvedBy { login } comments(first: 1) { nodes { databaseId } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}";

/// Pull requests that close an issue.
pub(super) const CLOSING: &str = "\
query ClosingPulls($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    issue(number: $number) {
      closedByPullRequestsReferences(first: 50, includeClosedPrs: true) {
        nodes { number url headRefName state author { login } }
      }
    }
  }
}";

/// Calls a thread resolved.
pub(super) const RESOLVE: &str = "\
mutation ResolveThread($input: ResolveReviewThreadInput!) {
  resolveReviewThread(input: $input) { thread { id } }
}";

/// Has GitHub merge as soon as it may.
pub(super) const MERGE_LATER: &str = "\
mutation MergeLater($input: EnablePullRequestAutoMergeInput!) {
  enablePullRequestAutoMerge(input: $input) { pullRequest { id } }
}";

/// Goes into the merge queue.
pub(super) const ENQUEUE: &str = "\
mutation Enqueue($input: EnqueuePullRequestInput!) {
  enqueuePullRequest(input: $input) { mergeQueueEntry { id } }
}";

/// Makes a signed commit.
pub(super) const COMMIT: &str = "\
mutation SignedCommit($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}";

/// Characters of GitHub's words that a failure carries.
const WORDS: usize = 300;

/// What GraphQL answers.
#[derive(Deserialize)]
struct Reply<T> {
    data: Option<T>,
    #[serde(default)]
    errors: Vec<Refusal>,
}

/// One of its errors, or a refusal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Refusal {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) message: String,
}

impl Refusal {
    /// As a failure of a call that needs a permission.
    pub(super) fn failure(&self, needs: &str) -> Failure {
        let message = one_line(self.message.trim_end_matches('.'), WORDS);
        if self.kind == "FORBIDDEN" || self.kind == "INSUFFICIENT_SCOPES" {
            let message = format!("GitHub does not let this token do that: {message}");
            return Failure::permanent("missing_permission", message)
                .hint(format!("Add `{needs}` under `permissions:` of the workflow."));
        }
        Failure::permanent("github_refused", format!("GitHub refuses it: {message}"))
    }
}

impl Api {
    /// The variables that name the repository and a number in it.
    pub(super) fn about(&self, number: u64) -> Value {
        json!({ "owner": self.repository.owner(), "name": self.repository.name(), "number": number })
    }

    /// Asks; what is not there is null in the answer.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        document: &str,
        variables: &Value,
        needs: &str,
    ) -> Result<Option<T>, Failure> {
        let question = json!({ "query": document, "variables": variables });
        let answer = self.exchange.success(self.exchange.ask(&self.graphql, &question).await?, needs)?;
        match self.said(answer.json()?)? {
            Ok(data) => Ok(Some(data)),
            Err(refusal) if refusal.kind == "NOT_FOUND" => Ok(None),
            Err(refusal) => Err(refusal.failure(needs)),
        }
    }

    /// Changes something, once; what GitHub refuses is for the caller to judge.
    pub(super) async fn alter<T: DeserializeOwned>(
        &self,
        document: &str,
        input: &Value,
        needs: &str,
    ) -> Result<Result<T, Refusal>, Failure> {
        let change = json!({ "query": document, "variables": { "input": input } });
        let answer = self.exchange.write(http::Method::POST, &self.graphql, Some(&change), needs).await?;
        self.said(self.exchange.success(answer, needs)?.json()?)
    }

    fn said<T>(&self, reply: Reply<T>) -> Result<Result<T, Refusal>, Failure> {
        match (reply.errors.into_iter().next(), reply.data) {
            (None, Some(data)) => Ok(Ok(data)),
            (Some(error), _) if error.kind == "RATE_LIMITED" => {
                // It names no time: "at least one minute".
                let until = self.exchange.now().plus(std::time::Duration::from_mins(1));
                Err(Failure::rate_limited(until, "GitHub wants us to wait before the next question"))
            }
            (Some(error), _) => Ok(Err(error)),
            (None, None) => Err(Failure::transient("unreadable_answer", "GitHub's answer is empty")),
        }
    }
}

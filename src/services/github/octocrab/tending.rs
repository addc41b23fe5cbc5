//! Tends pull requests on GitHub: how one stands, its threads, merging it, signed commits.

use async_trait::async_trait;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::graphql::{CLOSING, COMMIT, ENQUEUE, MERGE_LATER, RESOLVE, STANDING, THREADS};
use super::{Api, CONTENTS_WRITE, PULLS_READ, PULLS_WRITE, own_check, refusal, signing};
use crate::domain::failure::Failure;
use crate::domain::id::{CommitId, IssueNumber, Login};
use crate::services::github::{
    LinkedPull, MergeMethod, Merged, Obstacle, PullPhase, ReviewThread, SignedCommit, Standing, Tending,
    WrittenCheck,
};

/// Pages of threads that are read: a thousand threads.
const MOST_PAGES: usize = 10;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found<T> {
    repository: Option<Repository<T>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Repository<T> {
    #[serde(alias = "issue")]
    pull_request: Option<T>,
}

impl<T> Found<T> {
    fn inner(self) -> Option<T> {
        self.repository?.pull_request
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pull {
    id: String,
    state: String,
    is_draft: bool,
    head_ref_name: String,
    head_ref_oid: String,
    base_ref_name: String,
    merge_state_status: String,
    is_merge_queue_enabled: bool,
    is_in_merge_queue: bool,
    auto_merge_request: Option<serde::de::IgnoredAny>,
    merge_commit: Option<Commit>,
}

#[derive(Deserialize)]
struct Commit {
    oid: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Threads {
    review_threads: Page<Thread>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    nodes: Vec<Option<T>>,
    #[serde(default)]
    page_info: PageInfo,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Thread {
    id: String,
    is_resolved: bool,
    resolved_by: Option<Person>,
    comments: Page<First>,
}

#[derive(Deserialize)]
struct Person {
    login: Login,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct First {
    database_id: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Closing {
    closed_by_pull_requests_references: Option<Page<Linked>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Linked {
    number: u64,
    url: String,
    head_ref_name: String,
    state: String,
    author: Option<Author>,
}

#[derive(Deserialize)]
struct Author {
    login: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Made {
    create_commit_on_branch: Option<MadeCommit>,
}

#[derive(Deserialize)]
struct MadeCommit {
    commit: Option<Commit>,
}

#[derive(Deserialize)]
struct MergedPull {
    sha: String,
}

fn phase(state: &str) -> PullPhase {
    match state {
        "OPEN" => PullPhase::Open,
        "MERGED" => PullPhase::Merged,
        _ => PullPhase::Closed,
    }
}

impl From<Pull> for Standing {
    fn from(pull: Pull) -> Self {
        Self {
            node: pull.id,
            phase: phase(&pull.state),
            draft: pull.is_draft,
            branch: pull.head_ref_name,
            head: CommitId::new(pull.head_ref_oid),
            base: pull.base_ref_name,
            obstacle: match pull.merge_state_status.as_str() {
                "DIRTY" => Obstacle::Conflict,
                "BEHIND" => Obstacle::Behind,
                "BLOCKED" => Obstacle::Rule,
                "UNKNOWN" => Obstacle::Unknown,
                _ => Obstacle::None,
            },
            is_awaited: pull.is_in_merge_queue || pull.auto_merge_request.is_some(),
            has_queue: pull.is_merge_queue_enabled,
            merged_as: pull.merge_commit.map(|commit| CommitId::new(commit.oid)),
        }
    }
}

impl MergeMethod {
    const fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Squash => "squash",
            Self::Rebase => "rebase",
        }
    }
}

#[async_trait]
impl Tending for Api {
    async fn own_check(&self, commit: &CommitId, external_id: &str) -> Result<Option<u64>, Failure> {
        own_check::find(&self.exchange, &self.repository, commit, external_id).await
    }

    async fn create_check(&self, commit: &CommitId, check: &WrittenCheck) -> Result<u64, Failure> {
        own_check::create(&self.exchange, &self.repository, commit, check).await
    }

    async fn change_check(&self, id: u64, check: &WrittenCheck) -> Result<Option<u64>, Failure> {
        own_check::change(&self.exchange, &self.repository, id, check).await
    }

    async fn standing(&self, pull: IssueNumber) -> Result<Option<Standing>, Failure> {
        let found: Option<Found<Pull>> = self.ask(STANDING, &self.about(pull.0), PULLS_READ).await?;
        Ok(found.and_then(Found::inner).map(Standing::from))
    }

    async fn merge(
        &self,
        pull: IssueNumber,
        head: &CommitId,
        method: MergeMethod,
    ) -> Result<Merged, Failure> {
        let route = self.route(&["pulls", &pull.to_string(), "merge"])?;
        let wanted = json!({ "sha": head.as_str(), "merge_method": method.word() });
        let answer = self.exchange.write(Method::PUT, &route, Some(&wanted), CONTENTS_WRITE).await?;
        match answer.status {
            StatusCode::CONFLICT => Ok(Merged::Moved),
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::UNPROCESSABLE_ENTITY => {
                Ok(Merged::Refused(refusal::Words::read(&answer.body).message))
            }
            _ => {
                let merged: MergedPull = self.exchange.success(answer, CONTENTS_WRITE)?.json()?;
                Ok(Merged::Done(CommitId::new(merged.sha)))
            }
        }
    }

    async fn merge_later(&self, pull: &Standing, method: MergeMethod) -> Result<(), Failure> {
        let input = json!({
            "pullRequestId": pull.node, "expectedHeadOid": pull.head.as_str(),
            "mergeMethod": method.word().to_uppercase(),
        });
        let done = self.alter::<serde::de::IgnoredAny>(MERGE_LATER, &input, CONTENTS_WRITE).await?;
        done.map(drop).map_err(|refusal| {
            refusal
                .failure(CONTENTS_WRITE)
                .hint("Allow auto-merge in the repository's settings, or leave `auto_merge` out.")
        })
    }

    async fn enqueue(&self, pull: &Standing) -> Result<(), Failure> {
        let input = json!({ "pullRequestId": pull.node, "expectedHeadOid": pull.head.as_str() });
        let done = self.alter::<serde::de::IgnoredAny>(ENQUEUE, &input, CONTENTS_WRITE).await?;
        done.map(drop).map_err(|refusal| refusal.failure(CONTENTS_WRITE))
    }

    async fn bring_base(&self, pull: IssueNumber, head: &CommitId) -> Result<bool, Failure> {
        let route = self.route(&["pulls", &pull.to_string(), "update-branch"])?;
        let wanted = json!({ "expected_head_sha": head.as_str() });
        let answer = self.exchange.write(Method::PUT, &route, Some(&wanted), PULLS_WRITE).await?;
        if answer.status == StatusCode::UNPROCESSABLE_ENTITY {
            return Ok(false);
        }
        self.exchange.success(answer, PULLS_WRITE).map(|_| true)
    }

    async fn review_threads(&self, pull: IssueNumber) -> Result<Vec<ReviewThread>, Failure> {
        let mut variables = self.about(pull.0);
        let mut threads = Vec::new();
        for _ in 0..MOST_PAGES {
            let found: Option<Found<Threads>> = self.ask(THREADS, &variables, PULLS_READ).await?;
            let Some(page) = found.and_then(Found::inner).map(|found| found.review_threads) else { break };
            threads.extend(page.nodes.into_iter().flatten().filter_map(|thread| {
                let first = thread.comments.nodes.into_iter().flatten().next()?.database_id?;
                let by = thread.resolved_by.map(|person| person.login).filter(|_| thread.is_resolved);
                Some(ReviewThread {
                    node: thread.id,
                    first,
                    is_resolved: thread.is_resolved,
                    resolved_by: by,
                })
            }));
            match page.page_info.end_cursor.filter(|_| page.page_info.has_next_page) {
                Some(cursor) => variables["after"] = cursor.into(),
                None => break,
            }
        }
        Ok(threads)
    }

    async fn resolve_thread(&self, node: &str) -> Result<(), Failure> {
        let input = json!({ "threadId": node });
        let done = self.alter::<serde::de::IgnoredAny>(RESOLVE, &input, CONTENTS_WRITE).await?;
        done.map(drop).map_err(|refusal| refusal.failure(CONTENTS_WRITE))
    }

    async fn pulls_closing(&self, issue: IssueNumber) -> Result<Vec<LinkedPull>, Failure> {
        let found: Option<Found<Closing>> = self.ask(CLOSING, &self.about(issue.0), PULLS_READ).await?;
        let linked = found.and_then(Found::inner).and_then(|issue| issue.closed_by_pull_requests_references);
        let mut pulls: Vec<LinkedPull> = linked
            .into_iter()
            .flat_map(|page| page.nodes)
            .flatten()
            .map(|pull| LinkedPull {
                number: IssueNumber(pull.number),
                url: pull.url,
                branch: pull.head_ref_name,
                author: Login::new(pull.author.map_or_else(|| "ghost".to_owned(), |author| author.login)),
                phase: phase(&pull.state),
            })
            .collect();
        pulls.sort_by_key(|pull| std::cmp::Reverse(pull.number));
        Ok(pulls)
    }

    async fn awaits_approval(&self, branch: &str) -> Result<bool, Failure> {
        super::checks::awaits_approval(&self.exchange, &self.repository, branch).await
    }

    async fn complete_issue(&self, issue: IssueNumber) -> Result<(), Failure> {
        let change = json!({ "state": "closed", "state_reason": "completed" });
        self.change_issue(issue, &change).await.map(drop)
    }

    async fn wants_signatures(&self, branch: &str) -> Result<bool, Failure> {
        signing::is_wanted(&self.exchange, &self.repository, &self.protection, branch).await
    }

    async fn create_branch(&self, name: &str, at: &CommitId) -> Result<bool, Failure> {
        let route = self.route(&["git", "refs"])?;
        let wanted = json!({ "ref": format!("refs/heads/{name}"), "sha": at.as_str() });
        let answer = self.exchange.write(Method::POST, &route, Some(&wanted), CONTENTS_WRITE).await?;
        // One of that name exists, or a rule forbids it: whoever asked looks.
        if answer.status == StatusCode::UNPROCESSABLE_ENTITY {
            return Ok(false);
        }
        self.exchange.success(answer, CONTENTS_WRITE).map(|_| true)
    }

    async fn create_commit(&self, commit: &SignedCommit) -> Result<Option<CommitId>, Failure> {
        let additions: Vec<_> = commit
            .additions
            .iter()
            .map(|(path, contents)| json!({ "path": path, "contents": base64(contents) }))
            .collect();
        let deletions: Vec<_> = commit.deletions.iter().map(|path| json!({ "path": path })).collect();
        let input = json!({
            "branch": { "repositoryNameWithOwner": self.repository.to_string(), "branchName": commit.branch },
            "expectedHeadOid": commit.on.as_str(),
            "message": { "headline": commit.headline, "body": commit.body },
            "fileChanges": { "additions": additions, "deletions": deletions },
        });
        match self.alter::<Made>(COMMIT, &input, CONTENTS_WRITE).await? {
            Ok(made) => {
                let commit = made.create_commit_on_branch.and_then(|made| made.commit);
                let commit = commit.ok_or_else(|| {
                    Failure::transient("unreadable_answer", "GitHub does not say which commit it made")
                })?;
                Ok(Some(CommitId::new(commit.oid)))
            }
            Err(refusal) if refusal.kind == "STALE_DATA" => Ok(None),
            Err(refusal) => Err(refusal.failure(CONTENTS_WRITE)),
        }
    }
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn the_examples_of_rfc_4648_hold() {
        let examples = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
        ];
        for (plain, coded) in examples {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}

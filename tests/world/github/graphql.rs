//! What the simulated GitHub answers to GraphQL, by the names of the operations that Automata uses.

use serde_json::{Value, json};

use super::state::{IssueRecord, State};

impl State {
    /// The answer to an operation that is in order.
    pub(super) fn look_up(&mut self, operation: &str, variables: &Value) -> Value {
        let input = &variables["input"];
        let number = variables["number"].as_u64().unwrap_or_default();
        let found = match operation {
            "" => {
                let (login, kind) = &self.viewer;
                Ok(json!({ "viewer": { "login": login, "__typename": kind } }))
            }
            "PullStanding" => Ok(json!({ "repository": { "pullRequest": self.standing(number) } })),
            "ReviewThreads" => Ok(json!({ "repository": { "pullRequest": self.threads(number) } })),
            "ClosingPulls" => Ok(json!({ "repository": { "issue": self.closing(number) } })),
            "ResolveThread" => self.resolve(input),
            "MergeLater" => self.merge_later(input),
            "Enqueue" => self.enqueue(input),
            "SignedCommit" => self.signed_commit(input),
            "ProjectField" => Ok(self.project_field(variables)),
            "ProjectSeen" => Ok(self.project_seen(variables)),
            "ProjectValue" => Ok(self.project_value(variables)),
            "ClearInProject" => self.clear_in_project(variables),
            "AddToProject" => self.add_to_project(variables),
            "SetInProject" => self.set_in_project(variables),
            other => Err(("UNKNOWN", format!("the simulated GitHub does not answer {other}"))),
        };
        match found {
            Ok(data) => json!({ "data": data }),
            Err((kind, message)) => {
                json!({ "data": null, "errors": [{ "type": kind, "message": message, "path": [] }] })
            }
        }
    }

    fn standing(&self, number: u64) -> Value {
        let Some(pull) = self.issues.get(&number).and_then(|issue| issue.pull.as_ref()) else {
            return Value::Null;
        };
        let state = match (pull.merged, self.issues[&number].open) {
            (true, _) => "MERGED",
            (false, true) => "OPEN",
            (false, false) => "CLOSED",
        };
        json!({
            "id": format!("PR_{number}"), "state": state, "isDraft": pull.draft, "headRefName": pull.head,
            "headRefOid": self.head_of(pull), "baseRefName": pull.base,
            "mergeStateStatus": self.merge_state(pull), "isMergeQueueEnabled": self.has_queue,
            "isInMergeQueue": pull.in_queue,
            "autoMergeRequest": if pull.auto_merge { json!({ "enabledAt": self.now }) } else { Value::Null },
            "mergeCommit": pull.merged_as.as_ref().map(|commit| json!({ "oid": commit })),
        })
    }

    fn threads(&self, number: u64) -> Value {
        let first =
            self.line_comments.iter().filter(|comment| comment.pull == number && comment.answers.is_none());
        let nodes: Vec<Value> = first
            .map(|comment| {
                json!({
                    "id": format!("PRRT_{}", comment.id), "isResolved": self.resolved.contains_key(&comment.id),
                    "resolvedBy": self.resolved.get(&comment.id).and_then(Option::as_ref).map(|login| json!({ "login": login })),
                    "comments": { "nodes": [{ "databaseId": comment.id }] },
                })
            })
            .collect();
        json!({ "reviewThreads": { "nodes": nodes, "pageInfo": { "hasNextPage": false, "endCursor": null } } })
    }

    fn closing(&self, number: u64) -> Value {
        let names = |issue: &&IssueRecord| issue.pull.is_some() && issue.body.contains(&format!("#{number}"));
        let nodes: Vec<Value> = self
            .issues
            .values()
            .filter(names)
            .map(|issue| {
                let pull = issue.pull.as_ref().unwrap();
                let state = match (pull.merged, issue.open) {
                    (true, _) => "MERGED",
                    (false, true) => "OPEN",
                    (false, false) => "CLOSED",
                };
                json!({
                    "number": issue.number, "url": format!("{}/pull/{}", self.page(), issue.number),
                    "headRefName": pull.head, "state": state,
                    // GraphQL names Apps without the ending.
                    "author": { "login": issue.author.trim_end_matches("[bot]") },
                })
            })
            .collect();
        json!({ "closedByPullRequestsReferences": { "nodes": nodes } })
    }

    fn resolve(&mut self, input: &Value) -> Result<Value, (&'static str, String)> {
        let node = input["threadId"].as_str().unwrap_or_default();
        let thread: u64 = node.strip_prefix("PRRT_").unwrap().parse().unwrap();
        assert!(self.line_comments.iter().any(|comment| comment.id == thread && comment.answers.is_none()));
        // Ours is an App, and those are no users.
        self.resolved.insert(thread, None);
        Ok(json!({ "resolveReviewThread": { "thread": { "id": node } } }))
    }

    fn pull_behind(&self, input: &Value) -> Result<u64, (&'static str, String)> {
        let node = input["pullRequestId"].as_str().unwrap_or_default();
        let number = node.strip_prefix("PR_").unwrap().parse().unwrap();
        let pull = self.issues[&number].pull.as_ref().unwrap();
        if input["expectedHeadOid"] != self.head_of(pull) {
            return Err((
                "UNPROCESSABLE",
                "Head branch was modified. Review and try the merge again.".to_owned(),
            ));
        }
        Ok(number)
    }

    fn merge_later(&mut self, input: &Value) -> Result<Value, (&'static str, String)> {
        let number = self.pull_behind(input)?;
        if self.merge_state(self.issues[&number].pull.as_ref().unwrap()) != "BLOCKED" {
            return Err(("UNPROCESSABLE", "Pull request Pull request is in clean status".to_owned()));
        }
        self.pull_record(number).auto_merge = true;
        Ok(json!({ "enablePullRequestAutoMerge": { "pullRequest": { "id": input["pullRequestId"] } } }))
    }

    fn enqueue(&mut self, input: &Value) -> Result<Value, (&'static str, String)> {
        let number = self.pull_behind(input)?;
        self.pull_record(number).in_queue = true;
        Ok(json!({ "enqueuePullRequest": { "mergeQueueEntry": { "id": format!("MQE_{number}") } } }))
    }

    fn signed_commit(&mut self, input: &Value) -> Result<Value, (&'static str, String)> {
        let branch = input["branch"]["branchName"].as_str().unwrap();
        assert_eq!(input["branch"]["repositoryNameWithOwner"], self.name.to_string());
        let tip = self.git(&["rev-parse", "--verify", &format!("refs/heads/{branch}")]);
        let Some(tip) = tip else { return Err(("NOT_FOUND", format!("No branch {branch}"))) };
        if input["expectedHeadOid"] != tip {
            let told = format!("Expected branch to point to \"{}\" but it did not. Pull and try again.", tip);
            return Err(("STALE_DATA", told));
        }
        let commit = self.commit_as_github(branch, &input["message"], &input["fileChanges"]);
        Ok(json!({ "createCommitOnBranch": { "commit": { "oid": commit } } }))
    }
}

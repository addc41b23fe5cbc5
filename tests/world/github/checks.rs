//! What the operations on checks, commit statuses and workflows do to the simulated GitHub.

use serde_json::{Value, json};

use super::operations::Request;
use super::render::{app, id_of};
use super::reply::Reply;
use super::state::{CheckRecord, State};

impl State {
    /// What GitHub calls the latest: of checks of one name the last run; with `filter=all` every one.
    pub(crate) fn list_check_runs(&mut self, request: &Request<'_>) -> Reply {
        let commit = request.path["ref"].clone();
        if !self.knows(&commit) {
            return Reply::refusal(422, &format!("No commit found for SHA: {commit}"));
        }
        let all = self.checks.get(&commit).cloned().unwrap_or_default();
        let last = |check: &&CheckRecord| {
            let same = |other: &&CheckRecord| {
                (&other.name, other.own.is_some()) == (&check.name, check.own.is_some())
            };
            !all.iter().filter(same).any(|other| other.id > check.id)
        };
        let named = |check: &&CheckRecord| request.query("check_name").is_none_or(|name| name == check.name);
        let wanted = all.iter().filter(named);
        let wanted = wanted.filter(|check| request.query("filter") == Some("all") || last(check));
        let shown: Vec<Value> = wanted.map(|check| self.check_run(check, &commit)).collect();
        let count = shown.len();
        let mut reply = self.page_of(request, shown);
        reply.body = json!({ "total_count": count, "check_runs": reply.body });
        reply
    }

    pub(crate) fn create_check(&mut self, request: &Request<'_>) -> Reply {
        let commit = request.text("head_sha").to_owned();
        if !self.knows(&commit) {
            return Reply::refusal(422, &format!("No commit found for SHA: {commit}"));
        }
        let id = 7_000_000 + u64::try_from(self.checks.values().map(Vec::len).sum::<usize>()).unwrap();
        let name = request.text("name").to_owned();
        let mut check = CheckRecord { id, name, conclusion: None, notes: Vec::new(), own: None };
        says(&mut check, request);
        let reply = Reply::with(201, self.check_run(&check, &commit));
        self.checks.entry(commit).or_default().push(check);
        reply
    }

    pub(crate) fn update_check(&mut self, request: &Request<'_>) -> Reply {
        let id = request.number("check_run_id");
        let found = self.checks.iter_mut().find_map(|(commit, checks)| {
            let check = checks.iter_mut().find(|check| check.id == id)?;
            says(check, request);
            Some((commit.clone(), check.clone()))
        });
        match found {
            Some((commit, check)) => Reply::ok(self.check_run(&check, &commit)),
            None => Reply::not_found(),
        }
    }

    pub(crate) fn combined_status(&mut self, request: &Request<'_>) -> Reply {
        let commit = request.path["ref"].clone();
        if !self.knows(&commit) {
            return Reply::not_found();
        }
        let contexts = self.statuses_on.get(&commit).cloned().unwrap_or_default();
        let any = |words: &[&str]| contexts.values().any(|state| words.contains(&state.as_str()));
        let state = match () {
            () if any(&["failure", "error"]) => "failure",
            () if contexts.is_empty() || any(&["pending"]) => "pending",
            () => "success",
        };
        let shown: Vec<Value> =
            contexts.iter().map(|(context, state)| self.commit_status(context, state, &commit)).collect();
        let count = shown.len();
        let mut reply = self.page_of(request, shown);
        reply.body = json!({
            "state": state, "statuses": reply.body, "sha": commit, "total_count": count,
            "repository": self.repository(), "commit_url": self.api(&format!("/commits/{commit}")),
            "url": self.api(&format!("/commits/{commit}/status")),
        });
        reply
    }

    pub(crate) fn annotations(&mut self, request: &Request<'_>) -> Reply {
        let id = request.number("check_run_id");
        let notes: Vec<_> = self.checks.values().flatten().filter(|check| check.id == id).cloned().collect();
        let shown = notes.iter().flat_map(|check| &check.notes).map(|(path, line, message)| {
            json!({
                "path": path, "start_line": line, "end_line": line, "start_column": null, "end_column": null,
                "annotation_level": "failure", "title": null, "message": message, "raw_details": null,
                "blob_href": format!("{}/blob/x/{path}", self.page()),
            })
        });
        let shown = shown.collect();
        self.page_of(request, shown)
    }

    pub(crate) fn dispatch(&mut self, request: &Request<'_>) -> Reply {
        let (file, branch) = (request.path["workflow_id"].clone(), request.text("ref").to_owned());
        match self.workflows.get(&file) {
            None => return Reply::not_found(),
            Some(false) => {
                return Reply::refusal(422, "Workflow does not have 'workflow_dispatch' trigger");
            }
            Some(true) => {}
        }
        if self.branches.as_ref().is_some_and(|known| !known.contains(&branch)) {
            return Reply::refusal(422, &format!("No ref found for: {branch}"));
        }
        self.dispatches.push((file, branch));
        Reply::with(204, Value::Null)
    }

    /// Those of a branch that wait for approval, as `status=action_required` asks for.
    pub(crate) fn list_runs(&mut self, request: &Request<'_>) -> Reply {
        assert!(
            matches!(request.query("status"), None | Some("action_required")),
            "nothing else is listed here"
        );
        let branch = request.query("branch").unwrap_or_default().to_owned();
        let shown: Vec<Value> = match self.unapproved.contains(&branch) {
            true => vec![self.run_waiting(&branch)],
            false => Vec::new(),
        };
        let count = shown.len();
        let mut reply = self.page_of(request, shown);
        reply.body = json!({ "total_count": count, "workflow_runs": reply.body });
        reply
    }

    fn run_waiting(&self, branch: &str) -> Value {
        let mut run = self.run(9_000_001, 1, "completed");
        run["head_branch"] = json!(branch);
        run["conclusion"] = json!("action_required");
        run["name"] = json!("CI");
        run
    }

    /// Whether it was ever the last commit of a pull request.
    fn knows(&self, commit: &str) -> bool {
        let in_pull = self.issues.values().filter_map(|issue| issue.pull.as_ref()).any(|pull| {
            let earlier = |pushes| super::state::PullRecord { pushes, ..pull.clone() }.head_commit();
            (0..=pull.pushes).any(|pushes| earlier(pushes) == commit)
        });
        commit == self.default_branch
            || in_pull
            || self.real_commits.contains(commit)
            || self.git(&["cat-file", "-e", commit]).is_some()
    }

    fn check_run(&self, check: &CheckRecord, commit: &str) -> Value {
        let url = self.api(&format!("/check-runs/{}", check.id));
        let status = if check.conclusion.is_some() { "completed" } else { "in_progress" };
        json!({
            "id": check.id, "node_id": format!("CR_{}", check.id), "head_sha": commit, "name": check.name,
            "external_id": check.own.as_ref().map_or("", |own| own.0.as_str()), "url": url, "html_url": format!("{}/runs/{}", self.page(), check.id),
            "details_url": format!("{}/runs/{}", self.page(), check.id), "status": status,
            "conclusion": check.conclusion, "started_at": self.began,
            "completed_at": check.conclusion.as_ref().map(|_| self.now),
            "output": {
                "title": check.own.as_ref().map(|own| &own.1), "summary": check.own.as_ref().map(|own| &own.2), "text": null, "annotations_count": check.notes.len(),
                "annotations_url": format!("{url}/annotations"),
            },
            "check_suite": { "id": id_of(commit) }, "app": app("github-actions[bot]"), "pull_requests": [],
        })
    }

    fn commit_status(&self, context: &str, state: &str, commit: &str) -> Value {
        json!({
            "id": id_of(context), "node_id": format!("SC_{}", id_of(context)), "state": state,
            "context": context, "description": null, "target_url": null, "avatar_url": null,
            "url": self.api(&format!("/statuses/{commit}")), "created_at": self.began, "updated_at": self.now,
        })
    }
}

/// Takes over what a request says of a check. A conclusion makes it completed.
fn says(check: &mut CheckRecord, request: &Request<'_>) {
    check.conclusion = request.body["conclusion"].as_str().map(str::to_owned);
    let output = |name: &str| request.body["output"][name].as_str().unwrap_or_default().to_owned();
    check.own = Some((request.text("external_id").to_owned(), output("title"), output("summary")));
}

impl super::GitHubWorld {
    /// A workflow run on a branch waits until somebody approves it.
    pub(crate) fn run_waits_on(&self, branch: &str) {
        self.at_now().unapproved.insert(branch.to_owned());
    }

    /// The event that tells of it, where the repository's workflow asks for such events.
    pub(crate) fn event_payload_run_waits(&self, id: u64, branch: &str) -> Value {
        let state = self.at_now();
        let mut run = state.run_waiting(branch);
        run["id"] = json!(id);
        json!({
            "action": "completed", "workflow_run": run, "repository": state.repository(),
            "sender": { "login": "Copilot", "type": "Bot", "id": 198_982_749 },
        })
    }

    /// The checks of a commit that are called so, each with how it stands and what it says.
    pub(crate) fn own_checks(&self, commit: &str, name: &str) -> Vec<String> {
        let state = self.at_now();
        let all = state.checks.get(commit).into_iter().flatten().filter(|check| check.name == name);
        all.map(|check| {
            let (_, title, summary) = check.own.clone().unwrap_or_default();
            format!("{}: {title}\n{summary}", check.conclusion.as_deref().unwrap_or("in_progress"))
        })
        .collect()
    }
}

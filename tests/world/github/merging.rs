//! Merging on the simulated GitHub, over the real repository behind it: merge states, merges, signed commits, rules, logs.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::{Value, json};

use super::GitHubWorld;
use super::operations::Request;
use super::reply::Reply;
use super::state::{PullRecord, State};
use crate::world::repository::hermetic_git;

impl GitHubWorld {
    /// The real repository behind it is the one in this folder.
    pub(crate) fn stands_on(&self, folder: &std::path::Path) {
        self.at_now().repository = Some(folder.to_owned());
    }

    /// From now on rules ask for signed commits on every branch.
    pub(crate) fn wants_signatures(&self) {
        self.at_now().wants_signatures = true;
    }

    /// From now on the older protection asks for them on the default branch; `may_be_seen` says whether our token may read that.
    pub(crate) fn protects_by_signatures(&self, may_be_seen: bool) {
        self.at_now().protected_by_signatures = Some(may_be_seen);
    }

    /// What GitHub says of a pull request's merge state from now on: `BLOCKED`, `BEHIND`.
    pub(crate) fn set_merge_state(&self, pull: u64, state: Option<&str>) {
        self.at_now().pull_record(pull).merge_state = state.map(str::to_owned);
    }

    /// The default branch gets a merge queue.
    pub(crate) fn has_queue(&self) {
        self.at_now().has_queue = true;
    }

    /// From now on no merge closes an issue.
    pub(crate) fn keywords_close_nothing(&self) {
        self.at_now().keywords_close = false;
    }

    /// Somebody calls a pull request ready for review.
    pub(crate) fn call_ready(&self, pull: u64) {
        let mut state = self.at_now();
        state.pull_record(pull).draft = false;
        state.touch(pull);
    }

    /// Whether a pull request is merged, waits for the rules, or waits in the queue.
    pub(crate) fn merging(&self, pull: u64) -> (bool, bool, bool) {
        let state = self.at_now();
        let pull = state.issues[&pull].pull.as_ref().unwrap();
        (pull.merged, pull.auto_merge, pull.in_queue)
    }

    /// The job behind the last failed check of a commit has printed this.
    pub(crate) fn job_prints(&self, commit: &str, log: &str) {
        let mut state = self.at_now();
        let job = state.checks[commit].last().unwrap().id;
        state.logs.insert(job, log.to_owned());
    }

    /// A person calls a thread resolved.
    pub(crate) fn resolves(&self, person: &str, thread: u64) {
        self.at_now().resolved.insert(thread, Some(person.to_owned()));
    }

    /// Threads that are resolved, by their first comments.
    pub(crate) fn resolved(&self) -> Vec<u64> {
        self.at_now().resolved.keys().copied().collect()
    }
}

impl State {
    /// What git says in the real repository; none where it fails, or there is none.
    pub(super) fn git(&self, arguments: &[&str]) -> Option<String> {
        let output = hermetic_git().current_dir(self.repository.as_ref()?).args(arguments).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
    }

    /// The last commit of a pull request's branch.
    pub(super) fn head_of(&self, pull: &PullRecord) -> String {
        if let Some(merged) = &pull.merged_at {
            return merged.clone();
        }
        let real = self.git(&["rev-parse", "--verify", "--quiet", &format!("refs/heads/{}", pull.head)]);
        real.filter(|_| pull.pushes == 0).unwrap_or_else(|| pull.head_commit())
    }

    pub(super) fn merge_state(&self, pull: &PullRecord) -> String {
        if let Some(state) = &pull.merge_state {
            return state.clone();
        }
        let (base, head) = (format!("refs/heads/{}", pull.base), format!("refs/heads/{}", pull.head));
        let is_there = self.git(&["rev-parse", "--verify", "--quiet", &head]).is_some();
        let joins = self.git(&["merge-tree", "--write-tree", &base, &head]).is_some();
        match (is_there && !joins, pull.draft) {
            (true, _) => "DIRTY",
            (false, true) => "DRAFT",
            (false, false) => "CLEAN",
        }
        .to_owned()
    }

    pub(super) fn merge_pull(&mut self, request: &Request<'_>) -> Reply {
        let number = request.number("pull_number");
        let Some(pull) = self.issues.get(&number).and_then(|issue| issue.pull.clone()) else {
            return Reply::not_found();
        };
        let head = self.head_of(&pull);
        if request.text("sha") != head {
            return Reply::refusal(409, "Head branch was modified. Review and try the merge again.");
        }
        if pull.draft || pull.merged || !matches!(self.merge_state(&pull).as_str(), "CLEAN" | "UNSTABLE") {
            return Reply::refusal(405, "Pull Request is not mergeable");
        }
        let (base, branch) = (format!("refs/heads/{}", pull.base), format!("refs/heads/{}", pull.head));
        let tree = self.git(&["merge-tree", "--write-tree", &base, &branch]).unwrap();
        let parents = match request.text("merge_method") {
            "squash" => vec!["-p", base.as_str()],
            _ => vec!["-p", base.as_str(), "-p", branch.as_str()],
        };
        let message = format!("Merge pull request #{number}");
        let arguments =
            [&["commit-tree", tree.as_str(), "-m", message.as_str()], parents.as_slice()].concat();
        let commit = self.git(&arguments).unwrap();
        self.git(&["update-ref", &base, &commit]).unwrap();
        let record = self.pull_record(number);
        (record.merged, record.merged_as, record.merged_at) = (true, Some(commit.clone()), Some(head));
        self.issues.get_mut(&number).unwrap().open = false;
        let body = self.issues[&number].body.clone();
        let closed =
            body.strip_prefix("Closes #").and_then(|rest| rest.split_whitespace().next()?.parse().ok());
        if let Some(issue) =
            closed.filter(|_| self.keywords_close).and_then(|issue| self.issues.get_mut(&issue))
        {
            issue.open = false;
        }
        self.touch(number);
        Reply::ok(json!({ "sha": commit, "merged": true, "message": "Pull Request successfully merged" }))
    }

    pub(super) fn update_branch(&mut self, request: &Request<'_>) -> Reply {
        let pull = self.issues[&request.number("pull_number")].pull.clone().unwrap();
        if request.text("expected_head_sha") != self.head_of(&pull) {
            return Reply::refusal(422, "expected head sha didn't match current head ref.");
        }
        let (base, branch) = (format!("refs/heads/{}", pull.base), format!("refs/heads/{}", pull.head));
        let Some(tree) = self.git(&["merge-tree", "--write-tree", &branch, &base]) else {
            return Reply::refusal(422, "merge conflict between base and head");
        };
        let commit =
            self.git(&["commit-tree", &tree, "-p", &branch, "-p", &base, "-m", "Merge by GitHub"]).unwrap();
        self.git(&["update-ref", &branch, &commit]).unwrap();
        Reply::with(202, json!({ "message": "Updating pull request branch.", "url": self.page() }))
    }

    pub(super) fn branch_rules(&mut self, request: &Request<'_>) -> Reply {
        let rule = json!({
            "type": "required_signatures", "ruleset_source_type": "Repository",
            "ruleset_source": self.name.to_string(), "ruleset_id": 1,
        });
        let rules = if self.wants_signatures { vec![rule] } else { Vec::new() };
        self.page_of(request, rules)
    }

    /// The older protection, which a workflow's own token may never read.
    pub(super) fn required_signatures(&self, request: &Request<'_>) -> Reply {
        match self.protected_by_signatures {
            Some(true) if request.path["branch"] == "main" => {
                let url = format!("{}/branches/main/protection/required_signatures", self.page());
                Reply::ok(json!({ "url": url, "enabled": true }))
            }
            Some(true) => Reply::refusal(404, "Branch not protected"),
            Some(false) | None => Reply::refusal(403, "Resource not accessible by integration"),
        }
    }

    pub(super) fn create_ref(&mut self, request: &Request<'_>) -> Reply {
        let (name, at) = (request.text("ref"), request.text("sha"));
        let nothing = "0".repeat(40);
        if self.git(&["update-ref", name, at, &nothing]).is_none() {
            return Reply::refusal(422, "Reference already exists");
        }
        Reply::with(
            201,
            json!({
                "ref": name, "node_id": "REF_1", "url": self.api(&format!("/git/{name}")),
                "object": { "type": "commit", "sha": at, "url": self.api(&format!("/git/commits/{at}")) },
            }),
        )
    }

    /// GitHub leads to another server; here it is this one, below an address that is not in the description.
    pub(super) fn job_log(&mut self, request: &Request<'_>) -> Reply {
        let job = request.number("job_id");
        if !self.logs.contains_key(&job) {
            return Reply::refusal(410, "the logs are gone");
        }
        Reply::with(302, Value::Null).header("location", format!("{}/logs/{job}", self.base))
    }

    /// Makes a commit as GitHub does it: under its own name, with whole files.
    pub(super) fn commit_as_github(&mut self, branch: &str, message: &Value, changes: &Value) -> String {
        let told = format!(
            "{}\n\n{}",
            message["headline"].as_str().unwrap(),
            message["body"].as_str().unwrap_or_default()
        );
        let mut stream = format!(
            "commit refs/heads/{branch}\ncommitter GitHub <noreply@example.org> 1795341600 +0000\ndata {}\n{told}\nfrom refs/heads/{branch}^0\n",
            told.len()
        )
        .into_bytes();
        for addition in changes["additions"].as_array().unwrap() {
            let content = decoded(addition["contents"].as_str().unwrap());
            let path = addition["path"].as_str().unwrap();
            stream.extend_from_slice(format!("M 100644 inline {path}\ndata {}\n", content.len()).as_bytes());
            stream.extend_from_slice(&content);
            stream.push(b'\n');
        }
        for deletion in changes["deletions"].as_array().unwrap() {
            stream.extend_from_slice(format!("D {}\n", deletion["path"].as_str().unwrap()).as_bytes());
        }
        let mut git = hermetic_git();
        git.current_dir(self.repository.as_ref().unwrap()).args(["fast-import", "--quiet"]);
        let mut child = git.stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&stream).unwrap();
        assert!(child.wait().unwrap().success());
        self.git(&["rev-parse", &format!("refs/heads/{branch}")]).unwrap()
    }
}

/// Undoes RFC 4648.
fn decoded(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    for chunk in text.trim_end_matches('=').as_bytes().chunks(4) {
        let value = |letter: &u8| LETTERS.iter().position(|known| known == letter).unwrap() as u32;
        let bits = chunk
            .iter()
            .enumerate()
            .fold(0_u32, |bits, (place, letter)| bits | value(letter) << (18 - 6 * place));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..chunk.len()]);
    }
    bytes
}

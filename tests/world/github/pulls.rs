//! What happens to pull requests on the simulated GitHub, and what is started there by hand.

use serde_json::{Value, json};

use super::GitHubWorld;
use super::render::user;
use super::state::{CheckRecord, PullRecord, State};

impl State {
    pub(super) fn pull_record(&mut self, pull: u64) -> &mut PullRecord {
        self.issues.get_mut(&pull).unwrap().pull.as_mut().unwrap()
    }
}

impl GitHubWorld {
    /// A person merges a pull request.
    pub(crate) fn merge(&self, pull: u64) {
        self.close(pull);
        let mut state = self.at_now();
        let head = state.head_of(state.issues[&pull].pull.as_ref().unwrap());
        let record = state.pull_record(pull);
        (record.merged, record.merged_at) = (true, Some(head));
    }

    /// A person pushes another commit to a pull request's branch.
    pub(crate) fn push_to(&self, pull: u64) {
        let mut state = self.at_now();
        state.pull_record(pull).pushes += 1;
        state.touch(pull);
    }

    /// The last commit of a pull request's branch.
    pub(crate) fn head_of(&self, pull: u64) -> String {
        let state = self.at_now();
        state.head_of(state.issues[&pull].pull.as_ref().unwrap())
    }

    /// A check of a pull request's last commit begins; with a conclusion it has ended already.
    pub(crate) fn check(&self, pull: u64, name: &str, conclusion: Option<&str>) {
        let mut state = self.at_now();
        let commit = state.head_of(state.issues[&pull].pull.as_ref().unwrap());
        let id = 1 + state.checks.values().map(Vec::len).sum::<usize>() as u64;
        let (name, conclusion) = (name.to_owned(), conclusion.map(str::to_owned));
        state.checks.entry(commit).or_default().push(CheckRecord {
            id,
            name,
            conclusion,
            notes: Vec::new(),
            own: None,
        });
    }

    /// A check of the commit at the end of a branch fails and notes this at a line.
    pub(crate) fn check_fails(&self, commit: &str, name: &str, note: (&str, u64, &str)) {
        let mut state = self.at_now();
        let id = 1 + state.checks.values().map(Vec::len).sum::<usize>() as u64;
        let (name, notes) = (name.to_owned(), vec![(note.0.to_owned(), note.1, note.2.to_owned())]);
        let conclusion = Some("failure".to_owned());
        state.real_commits.insert(commit.to_owned());
        state.checks.entry(commit.to_owned()).or_default().push(CheckRecord {
            id,
            name,
            conclusion,
            notes,
            own: None,
        });
    }

    /// A service says how a pull request's last commit is: `pending`, `success`, `failure` or `error`.
    pub(crate) fn set_status(&self, pull: u64, context: &str, said: &str) {
        let mut state = self.at_now();
        let commit = state.head_of(state.issues[&pull].pull.as_ref().unwrap());
        state.statuses_on.entry(commit).or_default().insert(context.to_owned(), said.to_owned());
    }

    /// There is a workflow file, which can be started by hand or not.
    pub(crate) fn set_workflow(&self, file: &str, can_be_started: bool) {
        self.at_now().workflows.insert(file.to_owned(), can_be_started);
    }

    /// What was started by hand, a line each: `automata.yml on main`.
    pub(crate) fn dispatches(&self) -> Vec<String> {
        self.at_now().dispatches.iter().map(|(file, branch)| format!("{file} on {branch}")).collect()
    }

    /// `pull_request` with an action, as `GITHUB_EVENT_PATH` holds it.
    pub(crate) fn event_payload_pull(&self, action: &str, pull: u64, sender: &str) -> Value {
        let state = self.at_now();
        json!({
            "action": action,
            "number": pull,
            "pull_request": state.pull(&state.issues[&pull]),
            "repository": state.repository(),
            "sender": user(sender),
        })
    }

    /// `workflow_dispatch`: somebody has started the workflow by hand.
    pub(crate) fn event_payload_dispatched(&self, sender: &str) -> Value {
        let state = self.at_now();
        json!({
            "inputs": null,
            "ref": format!("refs/heads/{}", state.default_branch),
            "repository": state.repository(),
            "sender": user(sender),
            "workflow": ".github/workflows/automata.yml",
        })
    }
}

//! What people do on the simulated GitHub, what can be seen there, and the events that it would deliver.

use automata::domain::actor::Permission;
use serde_json::{Value, json};

use super::GitHubWorld;
use super::render::user;
use super::state::{LabelRecord, PullRecord};

impl GitHubWorld {
    /// A person opens an issue; its number.
    pub(crate) fn open_issue(&self, author: &str, title: &str, body: &str, labels: &[&str]) -> u64 {
        self.at_now().add_issue(author, title, body, labels, None)
    }

    /// The default branch has another name from now on, and open pull requests onto it too; its name before.
    pub(crate) fn call_default_branch(&self, name: &str) -> String {
        let mut state = self.at_now();
        let before = std::mem::replace(&mut state.default_branch, name.to_owned());
        for pull in state.issues.values_mut().filter_map(|issue| issue.pull.as_mut()) {
            if pull.base == before {
                name.clone_into(&mut pull.base);
            }
        }
        before
    }

    /// A person opens a pull request; its number.
    pub(crate) fn open_pull(&self, author: &str, title: &str, head: &str, base: &str) -> u64 {
        let (head, base) = (head.to_owned(), base.to_owned());
        let pull = PullRecord { head, base, ..PullRecord::default() };
        self.at_now().add_issue(author, title, "", &[], Some(pull))
    }

    /// A person comments; the comment's id.
    pub(crate) fn comment(&self, author: &str, issue: u64, body: &str) -> u64 {
        self.at_now().add_comment(author, issue, body)
    }

    /// Says what somebody may do.
    pub(crate) fn set_permission(&self, login: &str, permission: Permission) {
        self.at_now().people.insert(login.to_owned(), permission);
    }

    /// Somebody installs the App on the repository; or its installation is suspended.
    pub(crate) fn installs_app(&self, is_suspended: bool) {
        let mut state = self.at_now();
        (state.apps.is_installed, state.apps.is_suspended) = (true, is_suspended);
    }

    /// What the App's tokens were asked for, one after the other; null where nothing was named.
    pub(crate) fn permissions_asked_for(&self) -> Vec<Value> {
        self.at_now().apps.asked.clone()
    }

    /// Says whose token it is, and what GraphQL calls that account: `User` or `Bot`.
    pub(crate) fn set_viewer(&self, login: &str, kind: &str) {
        self.at_now().viewer = (login.to_owned(), kind.to_owned());
    }

    /// Makes a label of the repository.
    pub(crate) fn make_label(&self, name: &str, color: &str, description: &str) {
        let (name, color, description) = (name.to_owned(), color.to_owned(), description.to_owned());
        self.at_now().labels.push(LabelRecord { name, color, description });
    }

    /// Says which issue types the organisation has.
    pub(crate) fn set_issue_types(&self, names: &[&str]) {
        self.at_now().issue_types = names.iter().map(|&name| name.to_owned()).collect();
    }

    /// People react to an issue.
    pub(crate) fn react(&self, issue: u64, reactions: u64) {
        self.at_now().issues.get_mut(&issue).unwrap().reactions = reactions;
    }

    /// The type of an issue.
    pub(crate) fn type_of(&self, issue: u64) -> Option<String> {
        self.at_now().issues[&issue].issue_type.clone()
    }

    /// Why an issue is closed; nothing while it is open.
    pub(crate) fn closed_as(&self, issue: u64) -> Option<String> {
        let state = self.at_now();
        let record = &state.issues[&issue];
        (!record.open).then(|| record.state_reason.clone().unwrap_or_else(|| "completed".to_owned()))
    }

    /// A person clears or sets the type of an issue; the event that GitHub would deliver.
    pub(crate) fn type_as(&self, person: &str, issue: u64, name: Option<&str>) -> Value {
        let was = {
            let mut state = self.at_now();
            let record = state.issues.get_mut(&issue).unwrap();
            let was = std::mem::replace(&mut record.issue_type, name.map(str::to_owned));
            state.touch(issue);
            was
        };
        let (action, shown) =
            if name.is_some() { ("typed", name.map(str::to_owned)) } else { ("untyped", was) };
        let mut event = self.issue_event(action, issue, person);
        event["type"] = json!({ "id": 1, "node_id": "IT_1", "name": shown, "description": null });
        event
    }

    /// A person puts a label on an issue; the event that GitHub would deliver.
    pub(crate) fn label_as(&self, person: &str, issue: u64, name: &str) -> Value {
        self.at_now().put_label(issue, name);
        self.event_payload_label("labeled", issue, name, person)
    }

    /// A person takes a label off an issue; the event that GitHub would deliver.
    pub(crate) fn remove_label_as(&self, person: &str, issue: u64, name: &str) -> Value {
        assert!(self.at_now().take_label(issue, name), "{name} is not on #{issue}");
        self.event_payload_label("unlabeled", issue, name, person)
    }

    /// A person assigns somebody; the event that GitHub would deliver.
    pub(crate) fn assign_as(&self, person: &str, issue: u64, login: &str) -> Value {
        {
            let mut state = self.at_now();
            state.issues.get_mut(&issue).unwrap().assignees.push(login.to_owned());
            state.touch(issue);
        }
        self.event_payload_assignee("assigned", issue, login, person)
    }

    /// A person takes somebody's assignment away; the event that GitHub would deliver.
    pub(crate) fn unassign_as(&self, person: &str, issue: u64, login: &str) -> Value {
        {
            let mut state = self.at_now();
            state.issues.get_mut(&issue).unwrap().assignees.retain(|assigned| assigned != login);
            state.touch(issue);
        }
        self.event_payload_assignee("unassigned", issue, login, person)
    }

    /// A person rewrites an issue; the event that GitHub would deliver.
    pub(crate) fn edit_as(&self, person: &str, issue: u64, title: &str, body: &str) -> Value {
        {
            let mut state = self.at_now();
            let record = state.issues.get_mut(&issue).unwrap();
            (record.title, record.body) = (title.to_owned(), body.to_owned());
            state.touch(issue);
        }
        self.issue_event("edited", issue, person)
    }

    /// A person closes an issue or a pull request.
    pub(crate) fn close(&self, issue: u64) {
        let mut state = self.at_now();
        state.issues.get_mut(&issue).unwrap().open = false;
        state.touch(issue);
    }

    /// Whether an issue is open.
    pub(crate) fn is_open(&self, issue: u64) -> bool {
        self.at_now().issues[&issue].open
    }

    /// A person opens a closed issue again.
    pub(crate) fn reopen(&self, issue: u64) {
        let mut state = self.at_now();
        state.issues.get_mut(&issue).unwrap().open = true;
        state.touch(issue);
    }

    /// A person deletes an issue.
    pub(crate) fn delete_issue(&self, issue: u64) {
        self.at_now().issues.remove(&issue).unwrap();
    }

    /// A person deletes a comment.
    pub(crate) fn delete_comment(&self, comment: u64) {
        self.at_now().comments.remove(&comment).unwrap();
    }

    /// A workflow run is `queued`, `in_progress` or `completed`.
    pub(crate) fn set_run(&self, id: u64, attempt: u32, status: &str) {
        self.at_now().runs.insert((id, attempt), status.to_owned());
    }

    /// Says which branches exist; pull requests from or to others are refused from now on.
    pub(crate) fn set_branches(&self, names: &[&str]) {
        self.at_now().branches = Some(names.iter().map(|name| (*name).to_owned()).collect());
    }

    /// The labels on an issue.
    pub(crate) fn labels_of(&self, issue: u64) -> Vec<String> {
        self.at_now().issues[&issue].labels.clone()
    }

    /// The people assigned to an issue.
    pub(crate) fn assignees_of(&self, issue: u64) -> Vec<String> {
        self.at_now().issues[&issue].assignees.clone()
    }

    /// The comments on an issue: who, and what.
    pub(crate) fn comments_of(&self, issue: u64) -> Vec<(String, String)> {
        let state = self.at_now();
        let comments = state.comments.values().filter(|comment| comment.issue == issue);
        comments.map(|comment| (comment.author.clone(), comment.body.clone())).collect()
    }

    /// The pull requests, one line each: `#7 open draft fix -> main: Title`.
    pub(crate) fn pulls(&self) -> Vec<String> {
        let state = self.at_now();
        let line = |issue: &super::state::IssueRecord| {
            let pull = issue.pull.as_ref()?;
            let condition = match (pull.merged, issue.open, pull.draft) {
                (true, ..) => "merged",
                (_, false, _) => "closed",
                (_, true, true) => "open draft",
                (_, true, false) => "open",
            };
            Some(format!("#{} {condition} {} -> {}: {}", issue.number, pull.head, pull.base, issue.title))
        };
        state.issues.values().filter_map(line).collect()
    }

    /// `issues` / `opened`, as `GITHUB_EVENT_PATH` holds it.
    pub(crate) fn event_payload_opened(&self, issue: u64) -> Value {
        let author = self.at_now().issues[&issue].author.clone();
        self.issue_event("opened", issue, &author)
    }

    /// `issues` / `closed`.
    pub(crate) fn event_payload_closed(&self, issue: u64, sender: &str) -> Value {
        self.issue_event("closed", issue, sender)
    }

    /// `issues` / `reopened`.
    pub(crate) fn event_payload_reopened(&self, issue: u64, sender: &str) -> Value {
        self.issue_event("reopened", issue, sender)
    }

    /// `issue_comment` / `created`.
    pub(crate) fn event_payload_commented(&self, comment: u64) -> Value {
        let (issue, author, rendered) = {
            let state = self.at_now();
            let comment = &state.comments[&comment];
            (comment.issue, comment.author.clone(), state.comment(comment))
        };
        let mut event = self.issue_event("created", issue, &author);
        event["comment"] = rendered;
        event
    }

    fn event_payload_assignee(&self, action: &str, issue: u64, login: &str, sender: &str) -> Value {
        let mut event = self.issue_event(action, issue, sender);
        event["assignee"] = user(login);
        event
    }

    fn event_payload_label(&self, action: &str, issue: u64, name: &str, sender: &str) -> Value {
        let mut event = self.issue_event(action, issue, sender);
        let state = self.at_now();
        event["label"] = state.label(state.known_label(name).unwrap());
        event
    }

    fn issue_event(&self, action: &str, issue: u64, sender: &str) -> Value {
        let state = self.at_now();
        json!({
            "action": action,
            "issue": state.issue(&state.issues[&issue]),
            "repository": state.repository(),
            "sender": user(sender),
        })
    }
}

//! Reactions on comments, assignments taken away, and pull requests closed, on the simulated GitHub.

use serde_json::{Value, json};

use super::GitHubWorld;
use super::operations::Request;
use super::render::{id_of, user};
use super::reply::Reply;
use super::state::State;

impl State {
    /// One of a sort for each account: 201 when it is new, 200 when it was there.
    pub(super) fn react(&mut self, request: &Request<'_>) -> Reply {
        let (comment, content) = (request.number("comment_id"), request.text("content").to_owned());
        let is_line = self.line_comments.iter().any(|known| known.id == comment);
        if !is_line && !self.comments.contains_key(&comment) {
            return Reply::not_found();
        }
        let reaction = (comment, self.viewer.0.clone(), content.clone());
        let is_new = !self.reactions.contains(&reaction);
        let id = id_of(&format!("{comment} {content}"));
        let shown = json!({
            "id": id, "node_id": format!("REA_{id}"), "user": user(&self.viewer.0), "content": content,
            "created_at": self.now,
        });
        if is_new {
            self.reactions.push(reaction);
        }
        Reply::with(if is_new { 201 } else { 200 }, shown)
    }

    pub(super) fn remove_assignees(&mut self, request: &Request<'_>) -> Reply {
        let number = request.number("issue_number");
        let gone: Vec<&str> =
            request.body["assignees"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let issue = self.issues.get_mut(&number).unwrap();
        let before = issue.assignees.len();
        issue.assignees.retain(|login| !gone.iter().any(|gone| gone.eq_ignore_ascii_case(login)));
        if issue.assignees.len() < before {
            self.touch(number);
        }
        Reply::ok(self.issue(&self.issues[&number]))
    }

    pub(super) fn update_pull(&mut self, request: &Request<'_>) -> Reply {
        let number = request.number("pull_number");
        let now = self.now;
        let Some(issue) = self.issues.get_mut(&number).filter(|issue| issue.pull.is_some()) else {
            return Reply::not_found();
        };
        match request.text("state") {
            "closed" => issue.open = false,
            "open" => issue.open = true,
            _ => {}
        }
        issue.updated_at = now;
        Reply::ok(self.pull(&self.issues[&number]))
    }
}

impl GitHubWorld {
    /// The reactions of Automata's account on a comment, in order.
    pub(crate) fn reactions_on(&self, comment: u64) -> Vec<String> {
        let state = self.at_now();
        let ours = state.reactions.iter().filter(|(on, who, _)| *on == comment && *who == state.viewer.0);
        ours.map(|(_, _, content)| content.clone()).collect()
    }

    /// The comment that a person wrote last.
    pub(crate) fn last_comment(&self) -> u64 {
        let state = self.at_now();
        let by_people = state.comments.values().filter(|comment| comment.author != state.viewer.0);
        by_people.map(|comment| comment.id).max().unwrap()
    }

    /// A person rewrites a comment; the event that GitHub would deliver.
    pub(crate) fn edit_comment_as(&self, person: &str, comment: u64, body: &str) -> Value {
        {
            let mut state = self.at_now();
            let now = state.now;
            let record = state.comments.get_mut(&comment).unwrap();
            (record.body, record.updated_at) = (body.to_owned(), now);
        }
        let mut event = self.event_payload_commented(comment);
        event["action"] = "edited".into();
        event["sender"] = user(person);
        event
    }
}

//! What people attach, and what releases and workflow runs made, on the simulated GitHub.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::GitHubWorld;
use super::operations::{Request, too_long};
use super::render::user;
use super::reply::Reply;
use super::state::State;

/// A file that something made.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    id: u64,
    name: String,
    content: String,
}

/// See the file's first line.
#[derive(Debug, Default)]
pub(crate) struct MadeFiles {
    /// By their paths below `/user-attachments/`.
    attached: BTreeMap<String, String>,
    assets: BTreeMap<u64, Vec<Made>>,
    artifacts: BTreeMap<u64, Vec<Made>>,
    counter: u64,
}

impl GitHubWorld {
    /// Somebody uploads a file in the editor of a comment; the address that stands in their text.
    pub(crate) fn attach(&self, name: &str, content: &str) -> String {
        let mut state = self.at_now();
        state.made.counter += 1;
        let path = format!("files/{}/{name}", state.made.counter);
        state.made.attached.insert(path.clone(), content.to_owned());
        format!("{}/user-attachments/{path}", self.api_url().trim_end_matches("/api/v3"))
    }

    /// The number that was given out last.
    pub(crate) fn last_issue(&self) -> u64 {
        self.at_now().last_number
    }

    /// An issue as a person sees it: whether it is open, its title, its labels, its text without the hidden line.
    pub(crate) fn shows(&self, number: u64) -> String {
        let state = self.at_now();
        let issue = &state.issues[&number];
        let open = if issue.open { "open" } else { "closed" };
        let text = issue.body.split_once('\n').map_or("", |(_, text)| text);
        format!("#{number} {open} {} {:?}\n{text}", issue.title, issue.labels)
    }

    /// A release has these assets.
    pub(crate) fn release_made(&self, release: u64, files: &[(&str, &str)]) {
        let mut state = self.at_now();
        let made = state.made.of(files);
        state.made.assets.insert(release, made);
    }

    /// A workflow run has these artifacts.
    pub(crate) fn run_made(&self, run: u64, files: &[(&str, &str)]) {
        let mut state = self.at_now();
        let made = state.made.of(files);
        state.made.artifacts.insert(run, made);
    }
}

impl MadeFiles {
    fn of(&mut self, files: &[(&str, &str)]) -> Vec<Made> {
        let made = files.iter().map(|(name, content)| {
            self.counter += 1;
            Made { id: self.counter, name: (*name).to_owned(), content: (*content).to_owned() }
        });
        made.collect()
    }

    fn find(&self, id: u64) -> Option<&Made> {
        self.assets.values().chain(self.artifacts.values()).flatten().find(|made| made.id == id)
    }
}

impl State {
    /// What lies outside the API: what people attached, and where files are kept to which the API leads.
    pub(super) fn raw(&self, path: &str, below_host: &str) -> Option<Reply> {
        let content = if let Some(attached) = path.strip_prefix("/user-attachments/") {
            self.made.attached.get(attached)
        } else {
            let id = path.strip_prefix(&format!("{below_host}/files/"))?;
            self.made.find(id.parse().unwrap()).map(|made| &made.content)
        };
        Some(content.map_or_else(Reply::not_found, |content| Reply::ok(Value::from(content.clone()))))
    }

    pub(super) fn list_assets(&mut self, request: &Request<'_>) -> Reply {
        let Some(made) = self.made.assets.get(&request.number("release_id")).cloned() else {
            return Reply::not_found();
        };
        let assets = made.iter().map(|made| self.asset(made)).collect();
        self.page_of(request, assets)
    }

    fn asset(&self, made: &Made) -> Value {
        let (id, name) = (made.id, &made.name);
        json!({
            "url": self.api(&format!("/releases/assets/{id}")), "id": id, "node_id": format!("RA_{id}"),
            "browser_download_url": format!("{}/releases/download/v1/{name}", self.page()),
            "name": name, "label": null, "state": "uploaded", "content_type": "application/octet-stream",
            "size": made.content.len(), "digest": null, "download_count": 0,
            "created_at": self.began, "updated_at": self.began, "uploader": user("mona"),
        })
    }

    pub(super) fn list_artifacts(&mut self, request: &Request<'_>) -> Reply {
        let Some(made) = self.made.artifacts.get(&request.number("run_id")).cloned() else {
            return Reply::not_found();
        };
        let artifacts: Vec<Value> = made.iter().map(|made| self.artifact(made)).collect();
        Reply::ok(json!({ "total_count": artifacts.len(), "artifacts": artifacts }))
    }

    fn artifact(&self, made: &Made) -> Value {
        let address = self.api(&format!("/actions/artifacts/{}", made.id));
        json!({
            "id": made.id, "node_id": format!("A_{}", made.id), "name": made.name,
            "size_in_bytes": made.content.len(), "url": address, "archive_download_url": format!("{address}/zip"),
            "expired": false, "created_at": self.began, "expires_at": self.began, "updated_at": self.began,
        })
    }

    /// GitHub leads to where its files are kept.
    pub(super) fn lead_to(&self, id: u64) -> Reply {
        if self.made.find(id).is_none() {
            return Reply::not_found();
        }
        Reply::with(302, Value::Null).header("location", format!("{}/files/{id}", self.base))
    }

    pub(super) fn create_issue(&mut self, request: &Request<'_>) -> Reply {
        let (title, text) = (request.text("title").to_owned(), request.text("body").to_owned());
        if let Some(refusal) = too_long("Issue", &text) {
            return refusal;
        }
        let author = self.viewer.0.clone();
        let labels: Vec<String> = request.body["labels"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|label| label.as_str().map(str::to_owned))
            .collect();
        let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
        let number = self.add_issue(&author, &title, &text, &labels, None);
        Reply::with(201, self.issue(&self.issues[&number]))
    }
}

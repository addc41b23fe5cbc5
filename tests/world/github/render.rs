//! GitHub's JSON for what the simulated GitHub holds, with every field that its description requires.

use automata::domain::actor::Permission;
use serde_json::{Map, Value, json};

use super::state::{CommentRecord, IssueRecord, LabelRecord, State};

/// Addresses that hang off a repository; GitHub lists dozens.
const REPOSITORY_URLS: [&str; 37] = [
    "archive",
    "assignees",
    "blobs",
    "branches",
    "collaborators",
    "comments",
    "commits",
    "compare",
    "contents",
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "git_commits",
    "git_refs",
    "git_tags",
    "hooks",
    "issue_comment",
    "issue_events",
    "issues",
    "keys",
    "labels",
    "languages",
    "merges",
    "milestones",
    "notifications",
    "pulls",
    "releases",
    "stargazers",
    "statuses",
    "subscribers",
    "subscription",
    "tags",
    "teams",
    "trees",
    "svn",
];
const USER_URLS: [&str; 10] = [
    "avatar",
    "events",
    "followers",
    "following",
    "gists",
    "organizations",
    "received_events",
    "repos",
    "starred",
    "subscriptions",
];

/// A number that stays the same for a name.
pub(crate) fn id_of(name: &str) -> u64 {
    name.bytes().fold(7, |id: u64, byte| (id * 131 + u64::from(byte)) % 2_147_483_647)
}

pub(crate) fn user(login: &str) -> Value {
    let bare = login.trim_end_matches("[bot]");
    let mut user = json!({
        "login": login,
        "id": id_of(login),
        "node_id": format!("U_{}", id_of(login)),
        "gravatar_id": "",
        "url": format!("https://api.github.com/users/{bare}"),
        "html_url": format!("https://github.com/{bare}"),
        "type": if login.ends_with("[bot]") { "Bot" } else { "User" },
        "site_admin": false,
    });
    add_urls(&mut user, &USER_URLS, &format!("https://api.github.com/users/{bare}"));
    user
}

fn add_urls(object: &mut Value, names: &[&str], base: &str) {
    let object: &mut Map<String, Value> = object.as_object_mut().unwrap();
    for name in names {
        object.insert(format!("{name}_url"), json!(format!("{base}/{name}")));
    }
}

/// The App through which an account ending in `[bot]` acts.
pub(crate) fn app(login: &str) -> Value {
    let Some(slug) = login.strip_suffix("[bot]") else { return Value::Null };
    json!({
        "id": id_of(slug), "slug": slug, "node_id": format!("A_{slug}"), "owner": user("github"), "name": slug,
        "description": "", "external_url": "https://example.com", "html_url": format!("https://github.com/apps/{slug}"),
        "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z",
        "permissions": { "issues": "write" }, "events": [],
    })
}

impl State {
    /// The repository as an address for people.
    pub(crate) fn page(&self) -> String {
        format!("https://github.com/{}", self.name)
    }

    pub(crate) fn api(&self, rest: &str) -> String {
        format!("https://api.github.com/repos/{}{rest}", self.name)
    }

    pub(crate) fn repository(&self) -> Value {
        let open = self.issues.values().filter(|issue| issue.open).count();
        let mut repository = json!({
            "id": self.id,
            "node_id": format!("R_{}", self.id),
            "name": self.name.name(),
            "full_name": self.name.to_string(),
            "private": false,
            "owner": user(self.name.owner()),
            "html_url": self.page(),
            "url": self.api(""),
            "description": null,
            "fork": false,
            "default_branch": self.default_branch,
            "homepage": null, "language": null, "license": null, "mirror_url": null,
            "archived": false, "disabled": false, "visibility": "public",
            "has_issues": true, "has_projects": true, "has_wiki": true, "has_pages": false,
            "has_discussions": false, "has_downloads": true,
            "forks": 0, "forks_count": 0, "watchers": 0, "watchers_count": 0, "stargazers_count": 0,
            "open_issues": open, "open_issues_count": open, "size": 1,
            "network_count": 0, "subscribers_count": 0,
            "pushed_at": self.began, "created_at": self.began, "updated_at": self.began,
        });
        add_urls(&mut repository, &REPOSITORY_URLS, &self.api(""));
        repository["clone_url"] = json!(format!("{}.git", self.page()));
        repository["git_url"] = json!(format!("git:github.com/{}.git", self.name));
        repository["ssh_url"] = json!(format!("git@github.com:{}.git", self.name));
        repository
    }

    pub(crate) fn label(&self, label: &LabelRecord) -> Value {
        json!({
            "id": id_of(&label.name), "node_id": format!("LA_{}", id_of(&label.name)),
            "url": self.api("/labels/label"), "name": label.name, "color": label.color, "default": false,
            "description": if label.description.is_empty() { Value::Null } else { json!(label.description) },
        })
    }

    pub(crate) fn labels_on(&self, issue: &IssueRecord) -> Value {
        issue.labels.iter().map(|name| self.label(self.known_label(name).unwrap())).collect()
    }

    pub(crate) fn association(&self, login: &str) -> &'static str {
        match self.permission_of(login) {
            Some(Permission::Admin) => "OWNER",
            Some(permission) if permission >= Permission::Triage => "COLLABORATOR",
            _ => "NONE",
        }
    }

    pub(crate) fn issue(&self, issue: &IssueRecord) -> Value {
        let number = issue.number;
        let assignees: Vec<Value> = issue.assignees.iter().map(|login| user(login)).collect();
        let kind = if issue.pull.is_some() { "pull" } else { "issues" };
        let mut value = json!({
            "id": number + 1_000_000,
            "node_id": format!("I_{number}"),
            "number": number,
            "url": self.api(&format!("/issues/{number}")),
            "repository_url": self.api(""),
            "html_url": format!("{}/{kind}/{number}", self.page()),
            "title": issue.title,
            "body": if issue.body.is_empty() { Value::Null } else { json!(issue.body) },
            "user": user(&issue.author),
            "labels": self.labels_on(issue),
            "state": if issue.open { "open" } else { "closed" },
            "state_reason": if issue.open { Value::Null } else { json!(issue.state_reason.as_deref().unwrap_or("completed")) },
            "locked": false,
            "assignee": assignees.first(),
            "assignees": assignees,
            "milestone": self.milestone_on(number),
            "comments": self.comments.values().filter(|comment| comment.issue == number).count(),
            "created_at": issue.created_at,
            "updated_at": issue.updated_at,
            "closed_at": if issue.open { Value::Null } else { json!(issue.updated_at) },
            "author_association": self.association(&issue.author),
            "active_lock_reason": null,
            "performed_via_github_app": app(&issue.author),
        });
        let counts = ["+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket"];
        let mut reactions: serde_json::Map<String, Value> =
            counts.iter().map(|name| ((*name).to_owned(), json!(0))).collect();
        reactions.insert("url".to_owned(), json!(self.api(&format!("/issues/{number}/reactions"))));
        reactions.insert("total_count".to_owned(), json!(issue.reactions));
        reactions.insert("+1".to_owned(), json!(issue.reactions));
        value["reactions"] = Value::Object(reactions);
        if !self.issue_types.is_empty() {
            value["type"] = issue.issue_type.as_ref().map_or(Value::Null, |name| {
                json!({ "id": id_of(name), "node_id": format!("IT_{name}"), "name": name, "description": null })
            });
        }
        add_urls(&mut value, &["labels", "comments", "events"], &self.api(&format!("/issues/{number}")));
        if issue.pull.is_some() {
            let page = format!("{}/pull/{number}", self.page());
            value["pull_request"] = json!({
                "url": self.api(&format!("/pulls/{number}")), "html_url": page,
                "diff_url": format!("{page}.diff"), "patch_url": format!("{page}.patch"), "merged_at": null,
            });
        }
        value
    }

    pub(crate) fn comment(&self, comment: &CommentRecord) -> Value {
        json!({
            "id": comment.id,
            "node_id": format!("IC_{}", comment.id),
            "url": self.api(&format!("/issues/comments/{}", comment.id)),
            "issue_url": self.api(&format!("/issues/{}", comment.issue)),
            "html_url": format!("{}/issues/{}#issuecomment-{}", self.page(), comment.issue, comment.id),
            "user": user(&comment.author),
            "body": comment.body,
            "created_at": comment.created_at,
            "updated_at": comment.updated_at,
            "author_association": self.association(&comment.author),
            "performed_via_github_app": app(&comment.author),
        })
    }

    pub(crate) fn pull(&self, issue: &IssueRecord) -> Value {
        let pull = issue.pull.as_ref().unwrap();
        let side = |branch: &str, commit: String| {
            json!({
                "label": format!("{}:{branch}", self.name.owner()), "ref": branch, "repo": self.repository(),
                "sha": commit, "user": user(self.name.owner()),
            })
        };
        let number = issue.number;
        let link = || json!({ "href": self.api(&format!("/pulls/{number}")) });
        let names =
            ["comments", "commits", "statuses", "html", "issue", "review_comments", "review_comment", "self"];
        let links: Map<String, Value> = names.into_iter().map(|name| (name.to_owned(), link())).collect();
        let mut value = self.issue(issue);
        let merged_at = if pull.merged { json!(issue.updated_at) } else { Value::Null };
        for (name, field) in json!({
            "url": self.api(&format!("/pulls/{number}")),
            "head": side(&pull.head, self.head_of(pull)),
            "base": side(&pull.base, format!("{:040x}", id_of(&pull.base))), "draft": pull.draft,
            "merged": pull.merged, "merged_at": merged_at, "merge_commit_sha": null, "merged_by": null,
            "auto_merge": null, "_links": links, "requested_reviewers": [], "requested_teams": [],
            "additions": 1, "deletions": 1, "changed_files": 1, "commits": 1, "review_comments": 0,
            "mergeable": null, "mergeable_state": "unknown", "maintainer_can_modify": false,
        })
        .as_object()
        .unwrap()
        {
            value[name] = field.clone();
        }
        let urls = ["commits", "diff", "issue", "patch", "review_comment", "review_comments", "statuses"];
        add_urls(&mut value, &urls, &self.api(&format!("/pulls/{number}")));
        for only_issues in ["pull_request", "state_reason", "repository_url"] {
            value.as_object_mut().unwrap().remove(only_issues);
        }
        value
    }

    pub(crate) fn run(&self, id: u64, attempt: u32, status: &str) -> Value {
        let ended = status == "completed";
        let mut value = json!({
            "id": id, "node_id": format!("WFR_{id}"), "head_branch": self.default_branch, "run_number": 1,
            "run_attempt": attempt, "display_title": "Automata", "event": "issues", "status": status,
            "conclusion": if ended { json!("success") } else { Value::Null },
            "head_sha": format!("{id:040x}"), "path": ".github/workflows/automata.yml", "workflow_id": 1,
            "url": self.api(&format!("/actions/runs/{id}")),
            "html_url": format!("{}/actions/runs/{id}", self.page()),
            "created_at": self.began, "updated_at": self.began, "head_commit": null, "pull_requests": [],
            "head_repository": self.repository(), "repository": self.repository(),
        });
        let urls = ["jobs", "logs", "check_suite", "cancel", "rerun", "artifacts", "workflow"];
        add_urls(&mut value, &urls, &self.api(&format!("/actions/runs/{id}")));
        value
    }
}

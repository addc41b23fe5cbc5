//! What each operation of the API does to the simulated GitHub.

use automata::domain::actor::Permission;
use automata::domain::time::Timestamp;
use serde_json::{Value, json};

use super::description::Parameters;
use super::render::user;
use super::reply::Reply;
use super::state::{IssueRecord, LabelRecord, PullRecord, State};

/// Characters that a text may have.
const BODY_CHARS: usize = 65_536;

/// A request that is in order.
pub(crate) struct Request<'a> {
    pub(crate) operation: &'a str,
    pub(crate) path: &'a Parameters,
    pub(crate) query: &'a [(String, String)],
    pub(crate) body: &'a Value,
    /// The path below `/repos/{owner}/{repo}`, for the addresses of next pages.
    pub(crate) below: &'a str,
    /// Who asks.
    pub(crate) token: &'a str,
}

impl Request<'_> {
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn number(&self, name: &str) -> u64 {
        self.path[name].parse().unwrap()
    }

    pub(crate) fn since(&self) -> Timestamp {
        self.query("since").map_or_else(Timestamp::default, |time| time.parse().unwrap())
    }

    pub(crate) fn text<'b>(&'b self, name: &str) -> &'b str {
        self.body[name].as_str().unwrap_or_default()
    }
}

pub(crate) fn too_long(resource: &str, text: &str) -> Option<Reply> {
    let reason = json!({
        "resource": resource, "code": "unprocessable", "field": "data",
        "message": format!("Body is too long (maximum is {BODY_CHARS} characters)"),
    });
    (text.chars().count() > BODY_CHARS).then(|| Reply::invalid(reason))
}

impl State {
    /// Does it.
    pub(crate) fn perform(&mut self, request: &Request<'_>) -> Reply {
        if request.operation == "orgs/list-issue-fields" {
            return self.list_issue_fields(&request.path["org"]);
        }
        if request.operation == "apps/create-installation-access-token" {
            return self.installation_token(request);
        }
        if request.operation == "apps/revoke-installation-access-token" {
            return self.take_token_back(request.token);
        }
        let ours = (self.name.owner().to_owned(), self.name.name().to_owned());
        let asked = (request.path["owner"].clone(), request.path["repo"].clone());
        if (ours.0.to_lowercase(), ours.1.to_lowercase()) != (asked.0.to_lowercase(), asked.1.to_lowercase())
        {
            return Reply::not_found();
        }
        if request.path.contains_key("issue_number")
            && !self.issues.contains_key(&request.number("issue_number"))
        {
            let gone = request.number("issue_number") <= self.last_number;
            return if gone { Reply::refusal(410, "This issue was deleted") } else { Reply::not_found() };
        }
        match request.operation {
            "apps/get-repo-installation" => self.installation(),
            "repos/get" => Reply::ok(self.repository_for_token()),
            "repos/get-collaborator-permission-level" => self.permission(&request.path["username"]),
            "issues/list-for-repo" => self.list_issues(request),
            "issues/get" => Reply::ok(self.issue(&self.issues[&request.number("issue_number")])),
            "issues/create" => self.create_issue(request),
            "repos/list-release-assets" => self.list_assets(request),
            "repos/get-release-asset" => self.lead_to(request.number("asset_id")),
            "actions/list-workflow-run-artifacts" => self.list_artifacts(request),
            "actions/download-artifact" => self.lead_to(request.number("artifact_id")),
            "issues/update" => self.update_issue(request),
            "issues/list-comments" => self.list_comments(request),
            "issues/list-comments-for-repo" => self.list_changed_comments(request),
            "issues/create-comment" => self.create_comment(request),
            "issues/get-comment" => match self.comments.get(&request.number("comment_id")) {
                Some(comment) => Reply::ok(self.comment(comment)),
                None => Reply::not_found(),
            },
            "issues/update-comment" => self.update_comment(request),
            "issues/delete-comment" => match self.comments.remove(&request.number("comment_id")) {
                Some(_) => Reply::with(204, Value::Null),
                None => Reply::not_found(),
            },
            "reactions/create-for-issue-comment" | "reactions/create-for-pull-request-review-comment" => {
                self.react(request)
            }
            "issues/list-issue-field-values-for-issue" => self.list_issue_field_values(request),
            "issues/add-issue-field-values" => self.add_issue_field_values(request),
            "issues/delete-issue-field-value" => self.delete_issue_field_value(request),
            "issues/list-milestones" => self.list_milestones(request),
            "repos/list-commits" => self.list_commits(request),
            "pulls/list-requested-reviewers" => self.list_reviewers(request),
            "pulls/request-reviewers" => self.request_reviewers(request),
            "pulls/remove-requested-reviewers" => self.remove_reviewers(request),
            "issues/list-labels-for-repo" => {
                let labels = self.labels.iter().map(|label| self.label(label)).collect();
                self.page_of(request, labels)
            }
            "issues/create-label" => self.create_label(request),
            "issues/add-labels" => self.add_labels(request),
            "issues/remove-label" => self.remove_label(request),
            "issues/add-assignees" => self.add_assignees(request),
            "issues/remove-assignees" => self.remove_assignees(request),
            "pulls/list" => self.list_pulls(request),
            "pulls/create" => self.create_pull(request),
            "pulls/update" => self.update_pull(request),
            "pulls/get" => match self.issues.get(&request.number("pull_number")) {
                Some(issue) if issue.pull.is_some() => Reply::ok(self.pull(issue)),
                _ => Reply::not_found(),
            },
            "pulls/list-review-comments-for-repo" => self.list_review_comments(request),
            "pulls/list-review-comments" => self.list_line_comments(request),
            "pulls/create-reply-for-review-comment" => self.reply(request),
            "checks/list-annotations" => self.annotations(request),
            "pulls/merge" => self.merge_pull(request),
            "pulls/update-branch" => self.update_branch(request),
            "repos/get-branch-rules" => self.branch_rules(request),
            "repos/get-commit-signature-protection" => self.required_signatures(request),
            "git/create-ref" => self.create_ref(request),
            "actions/download-job-logs-for-workflow-run" => self.job_log(request),
            "pulls/list-reviews" => self.list_reviews(request),
            "checks/create" => self.create_check(request),
            "checks/update" => self.update_check(request),
            "checks/list-for-ref" => self.list_check_runs(request),
            "repos/get-combined-status-for-ref" => self.combined_status(request),
            "actions/create-workflow-dispatch" => self.dispatch(request),
            "actions/list-workflow-runs-for-repo" => self.list_runs(request),
            "actions/get-workflow-run-attempt" => {
                let id = request.number("run_id");
                let attempt = u32::try_from(request.number("attempt_number")).unwrap();
                match self.runs.get(&(id, attempt)) {
                    Some(status) => Reply::ok(self.run(id, attempt, status)),
                    None => Reply::not_found(),
                }
            }
            unknown => Reply::refusal(500, &format!("the simulated GitHub does not do {unknown}")),
        }
    }

    /// One page, with the address of the next: GitHub gives it by the repository's id.
    pub(crate) fn page_of(&mut self, request: &Request<'_>, items: Vec<Value>) -> Reply {
        let asked = |name: &str, usual: usize| {
            request.query(name).map_or(usual, |text| text.parse::<usize>().unwrap())
        };
        let (size, page) = (asked("per_page", 30).clamp(1, 100), asked("page", 1).max(1));
        let last = items.len().div_ceil(size).max(1);
        let shown: Vec<Value> = items.into_iter().skip((page - 1) * size).take(size).collect();
        let reply = Reply::ok(Value::Array(shown));
        if page >= last {
            return reply;
        }
        let mut address = |page: usize| {
            let mut query: Vec<String> = request
                .query
                .iter()
                .filter(|(name, _)| name != "page")
                .map(|(name, value)| format!("{name}={}", value.replace(':', "%3A").replace('/', "%2F")))
                .collect();
            query.push(format!("page={page}"));
            let below = format!("/repositories/{}{}?{}", self.id, request.below, query.join("&"));
            self.handed_out.insert(below.clone());
            format!("{}{below}", self.base)
        };
        let links = format!("<{}>; rel=\"next\", <{}>; rel=\"last\"", address(page + 1), address(last));
        reply.header("link", links)
    }

    fn permission(&self, login: &str) -> Reply {
        let Some(permission) = self.permission_of(login) else {
            return Reply::refusal(404, &format!("{login} is not a user"));
        };
        let (role, folded) = match permission {
            Permission::None => ("none", "none"),
            Permission::Read => ("read", "read"),
            Permission::Triage => ("triage", "read"),
            Permission::Write => ("write", "write"),
            Permission::Maintain => ("maintain", "write"),
            Permission::Admin => ("admin", "admin"),
        };
        let mut person = user(login);
        person["role_name"] = json!(role);
        Reply::ok(json!({ "permission": folded, "role_name": role, "user": person }))
    }

    fn list_issues(&mut self, request: &Request<'_>) -> Reply {
        let state = request.query("state").unwrap_or("open");
        let mut found: Vec<&IssueRecord> = self
            .issues
            .values()
            .filter(|issue| state == "all" || issue.open == (state == "open"))
            .filter(|issue| issue.updated_at >= request.since())
            .collect();
        match request.query("sort") {
            Some("updated") => found.sort_by_key(|issue| (issue.updated_at, issue.number)),
            _ => found.sort_by_key(|issue| (issue.created_at, issue.number)),
        }
        if request.query("direction").unwrap_or("desc") == "desc" {
            found.reverse();
        }
        let found = found.into_iter().map(|issue| self.issue(issue)).collect();
        self.page_of(request, found)
    }

    fn update_issue(&mut self, request: &Request<'_>) -> Reply {
        let number = request.number("issue_number");
        if let Some(name) = request.body["type"].as_str() {
            let Some(known) = self.issue_types.iter().find(|known| known.eq_ignore_ascii_case(name)).cloned()
            else {
                return Reply::invalid(json!({ "resource": "Issue", "code": "invalid", "field": "type" }));
            };
            self.issues.get_mut(&number).unwrap().issue_type = Some(known);
        }
        if request.body.get("type").is_some_and(Value::is_null) {
            self.issues.get_mut(&number).unwrap().issue_type = None;
        }
        if let Some(body) = request.body["body"].as_str() {
            body.clone_into(&mut self.issues.get_mut(&number).unwrap().body);
        }
        if let Some(milestone) = request.body.get("milestone") {
            self.plan(number, milestone);
        }
        if let Some(state) = request.body["state"].as_str() {
            let reason = request.body["state_reason"].as_str().map(str::to_owned);
            let issue = self.issues.get_mut(&number).unwrap();
            (issue.open, issue.state_reason) = (state == "open", reason);
        }
        self.touch(number);
        Reply::ok(self.issue(&self.issues[&number]))
    }

    fn list_comments(&mut self, request: &Request<'_>) -> Reply {
        let issue = request.number("issue_number");
        let found = self
            .comments
            .values()
            .filter(|comment| comment.issue == issue && comment.updated_at >= request.since())
            .map(|comment| self.comment(comment))
            .collect();
        self.page_of(request, found)
    }

    fn list_changed_comments(&mut self, request: &Request<'_>) -> Reply {
        assert_eq!((request.query("sort"), request.query("direction")), (Some("updated"), Some("asc")));
        let mut found: Vec<_> =
            self.comments.values().filter(|comment| comment.updated_at >= request.since()).collect();
        found.sort_by_key(|comment| (comment.updated_at, comment.id));
        let found = found.into_iter().map(|comment| self.comment(comment)).collect();
        self.page_of(request, found)
    }

    fn create_comment(&mut self, request: &Request<'_>) -> Reply {
        let text = request.text("body").to_owned();
        if let Some(refusal) = too_long("IssueComment", &text) {
            return refusal;
        }
        let author = self.viewer.0.clone();
        let id = self.add_comment(&author, request.number("issue_number"), &text);
        Reply::with(201, self.comment(&self.comments[&id]))
    }

    fn update_comment(&mut self, request: &Request<'_>) -> Reply {
        let text = request.text("body").to_owned();
        if let Some(refusal) = too_long("IssueComment", &text) {
            return refusal;
        }
        let now = self.now;
        match self.comments.get_mut(&request.number("comment_id")) {
            None => Reply::not_found(),
            Some(comment) => {
                (comment.body, comment.updated_at) = (text, now);
                let comment = comment.clone();
                Reply::ok(self.comment(&comment))
            }
        }
    }

    fn create_label(&mut self, request: &Request<'_>) -> Reply {
        let name = request.text("name");
        if self.known_label(name).is_some() {
            return Reply::invalid(json!({ "resource": "Label", "code": "already_exists", "field": "name" }));
        }
        let color = request.text("color");
        if color.len() != 6 || name.chars().count() > 50 {
            let field = if color.len() == 6 { "name" } else { "color" };
            return Reply::invalid(json!({ "resource": "Label", "code": "invalid", "field": field }));
        }
        let label = LabelRecord {
            name: name.to_owned(),
            color: color.to_owned(),
            description: request.text("description").to_owned(),
        };
        let reply = Reply::with(201, self.label(&label));
        self.labels.push(label);
        reply
    }

    fn add_labels(&mut self, request: &Request<'_>) -> Reply {
        let number = request.number("issue_number");
        let names: Vec<&str> =
            request.body["labels"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        if names.iter().any(|name| name.chars().count() > 50) {
            return Reply::invalid(json!({ "resource": "Label", "code": "invalid", "field": "name" }));
        }
        for name in names {
            self.put_label(number, name);
        }
        Reply::ok(self.labels_on(&self.issues[&number]))
    }

    fn remove_label(&mut self, request: &Request<'_>) -> Reply {
        let number = request.number("issue_number");
        if !self.take_label(number, &request.path["name"]) {
            return Reply::refusal(404, "Label does not exist");
        }
        Reply::ok(self.labels_on(&self.issues[&number]))
    }

    fn add_assignees(&mut self, request: &Request<'_>) -> Reply {
        let number = request.number("issue_number");
        for login in request.body["assignees"].as_array().unwrap().iter().filter_map(Value::as_str) {
            let wrote = self
                .comments
                .values()
                .any(|comment| comment.issue == number && comment.author.eq_ignore_ascii_case(login));
            let may = wrote || self.permission_of(login).is_some_and(Permission::can_write);
            let issue = self.issues.get_mut(&number).unwrap();
            let there = issue.assignees.iter().any(|present| present.eq_ignore_ascii_case(login));
            if may && !there && issue.assignees.len() < 10 {
                issue.assignees.push(login.to_owned());
                self.touch(number);
            }
        }
        Reply::with(201, self.issue(&self.issues[&number]))
    }

    fn list_pulls(&mut self, request: &Request<'_>) -> Reply {
        let state = request.query("state").unwrap_or("open");
        let prefix = format!("{}:", self.name.owner());
        // A head without its owner is passed over, as GitHub does.
        let head = request.query("head").filter(|head| head.contains(':'));
        let mut found: Vec<&IssueRecord> = self
            .issues
            .values()
            .filter(|issue| issue.pull.is_some())
            .filter(|issue| state == "all" || issue.open == (state == "open"))
            .filter(|issue| {
                let pull = issue.pull.as_ref().unwrap();
                head.is_none_or(|head| head.strip_prefix(&prefix) == Some(pull.head.as_str()))
                    && request.query("base").is_none_or(|base| base == pull.base)
            })
            .collect();
        if request.query("direction").unwrap_or("desc") == "desc" {
            found.reverse();
        }
        let found = found.into_iter().map(|issue| self.pull(issue)).collect();
        self.page_of(request, found)
    }

    fn create_pull(&mut self, request: &Request<'_>) -> Reply {
        let (head, base) = (request.text("head"), request.text("base"));
        let custom = |message: String| {
            Reply::invalid(json!({
                "resource": "PullRequest", "code": "custom", "message": message,
            }))
        };
        let invalid = |field: &str| {
            Reply::invalid(json!({
                "resource": "PullRequest", "code": "invalid", "field": field,
            }))
        };
        let exists = |branch: &str| self.branches.as_ref().is_none_or(|known| known.contains(branch));
        if !exists(head) || !exists(base) {
            return invalid(if exists(head) { "base" } else { "head" });
        }
        if head == base {
            return custom(format!("No commits between {base} and {head}"));
        }
        let twice = self.issues.values().any(|issue| {
            issue.open && issue.pull.as_ref().is_some_and(|pull| pull.head == head && pull.base == base)
        });
        if twice {
            return custom(format!("A pull request already exists for {}:{head}.", self.name.owner()));
        }
        if let Some(refusal) = too_long("PullRequest", request.text("body")) {
            return refusal;
        }
        let pull = PullRecord {
            head: head.to_owned(),
            base: base.to_owned(),
            draft: request.body["draft"].as_bool().unwrap_or(false),
            ..PullRecord::default()
        };
        let author = self.viewer.0.clone();
        let number = self.add_issue(&author, request.text("title"), request.text("body"), &[], Some(pull));
        Reply::with(201, self.pull(&self.issues[&number]))
    }
}

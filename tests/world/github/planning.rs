//! Milestones, projects, reviewers and the authors of files on the simulated GitHub.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::GitHubWorld;
use super::issue_fields::IssueFields;
use super::operations::Request;
use super::render::{id_of, user};
use super::reply::Reply;
use super::state::State;

/// What issues are planned for, and who is asked and who wrote what.
#[derive(Default)]
pub(crate) struct Planning {
    /// Titles of open milestones.
    milestones: Vec<String>,
    /// Issues and their milestones.
    planned: BTreeMap<u64, String>,
    /// Who wrote the last commits of a file, newest first.
    authors: BTreeMap<String, Vec<String>>,
    /// Who is asked to review a pull request; teams as `org/team`.
    asked: BTreeMap<u64, Vec<String>>,
    /// Who cannot be asked: no collaborators.
    unaskable: BTreeSet<String>,
    /// Projects by number: their fields, the sort of each, and its options or iterations.
    projects: BTreeMap<u64, BTreeMap<String, (String, Vec<String>)>>,
    /// Whether the token may not see projects.
    hides_projects: bool,
    /// What was chosen: issue, project, field, option.
    chosen: Vec<(u64, u64, String, String)>,
    /// The organisation's own fields for issues.
    pub(super) issue_fields: IssueFields,
}

impl GitHubWorld {
    /// There is a milestone of that title.
    pub(crate) fn make_milestone(&self, title: &str) {
        self.at_now().planning.milestones.push(title.to_owned());
    }

    /// The milestone of an issue.
    pub(crate) fn milestone_of(&self, issue: u64) -> Option<String> {
        self.at_now().planning.planned.get(&issue).cloned()
    }

    /// A person plans an issue for something else, or for nothing; the event that GitHub would deliver.
    pub(crate) fn plan_as(&self, person: &str, issue: u64, title: Option<&str>) -> Value {
        let was = {
            let mut state = self.at_now();
            state.touch(issue);
            match title {
                Some(title) => state.planning.planned.insert(issue, title.to_owned()),
                None => state.planning.planned.remove(&issue),
            }
        };
        let action = if title.is_some() { "milestoned" } else { "demilestoned" };
        let named = title.map(str::to_owned).or(was).unwrap();
        let mut event = self.event_payload_closed(issue, person);
        event["action"] = json!(action);
        event["milestone"] = self.at_now().milestone(&named);
        event
    }

    /// These people wrote the last commits of a file, newest first.
    pub(crate) fn wrote(&self, path: &str, authors: &[&str]) {
        let authors = authors.iter().map(|&author| author.to_owned()).collect();
        self.at_now().planning.authors.insert(path.to_owned(), authors);
    }

    /// Somebody, or a team, cannot be asked for reviews.
    pub(crate) fn cannot_review(&self, name: &str) {
        self.at_now().planning.unaskable.insert(name.to_owned());
    }

    /// Who is asked to review a pull request.
    pub(crate) fn reviewers_of(&self, pull: u64) -> Vec<String> {
        self.at_now().planning.asked.get(&pull).cloned().unwrap_or_default()
    }

    /// A person asks somebody for a review.
    pub(crate) fn asks_for_review(&self, pull: u64, name: &str) {
        self.at_now().planning.asked.entry(pull).or_default().push(name.to_owned());
    }

    /// There is a project with one field of one choice.
    pub(crate) fn make_project(&self, number: u64, field: &str, options: &[&str]) {
        self.make_project_field(number, field, "SINGLE_SELECT", options);
    }

    /// A project has a field of some sort; options are its options or its iterations.
    pub(crate) fn make_project_field(&self, number: u64, field: &str, sort: &str, options: &[&str]) {
        let options = options.iter().map(|&option| option.to_owned()).collect();
        let mut state = self.at_now();
        let fields = state.planning.projects.entry(number).or_default();
        fields.insert(field.to_owned(), (sort.to_owned(), options));
    }

    /// The token may not see projects.
    pub(crate) fn hide_projects(&self) {
        self.at_now().planning.hides_projects = true;
    }

    /// A person chooses something in a project.
    pub(crate) fn choose_as_a_person(&self, issue: u64, project: u64, field: &str, value: &str) {
        self.at_now().planning.chosen.push((issue, project, field.to_owned(), value.to_owned()));
    }

    /// What was chosen in projects: `#1 in 4: Status = Ready`.
    pub(crate) fn chosen(&self) -> Vec<String> {
        let state = self.at_now();
        let told = state.planning.chosen.iter();
        told.map(|(issue, project, field, option)| format!("#{issue} in {project}: {field} = {option}"))
            .collect()
    }
}

impl State {
    /// The milestone of an issue as GitHub shows it.
    pub(super) fn milestone_on(&self, issue: u64) -> Value {
        self.planning.planned.get(&issue).map_or(Value::Null, |title| self.milestone(title))
    }

    fn milestone(&self, title: &str) -> Value {
        let number = self.planning.milestones.iter().position(|known| known == title).map_or(1, |at| at + 1);
        let address = self.api(&format!("/milestones/{number}"));
        json!({
            "url": address, "html_url": format!("{}/milestone/{number}", self.page()),
            "labels_url": format!("{address}/labels"), "id": number, "node_id": format!("MI_{number}"),
            "number": number, "state": "open", "title": title, "description": null,
            "creator": user("mona"), "open_issues": 1, "closed_issues": 0, "created_at": self.began,
            "updated_at": self.began, "closed_at": null, "due_on": null,
        })
    }

    pub(super) fn list_milestones(&mut self, request: &Request<'_>) -> Reply {
        let all = self.planning.milestones.iter().map(|title| self.milestone(title)).collect();
        self.page_of(request, all)
    }

    /// Takes in the milestone of a change to an issue, by its number; null for none.
    pub(super) fn plan(&mut self, issue: u64, milestone: &Value) {
        if milestone.is_null() {
            self.planning.planned.remove(&issue);
        }
        if let Some(number) = milestone.as_u64() {
            let title = self.planning.milestones[usize::try_from(number).unwrap() - 1].clone();
            self.planning.planned.insert(issue, title);
        }
    }

    pub(super) fn list_commits(&mut self, request: &Request<'_>) -> Reply {
        let authors = self.planning.authors.get(request.query("path").unwrap_or_default()).cloned();
        let commits = authors.unwrap_or_default().into_iter().enumerate();
        let commits = commits.map(|(at, author)| self.commit(at, &author)).collect();
        self.page_of(request, commits)
    }

    fn commit(&self, at: usize, author: &str) -> Value {
        let sha = format!("{:040x}", id_of(&format!("{author} {at}")));
        let address = self.api(&format!("/commits/{sha}"));
        let signed = json!({ "name": author, "email": "somebody@example.org", "date": self.began });
        json!({
            "url": address, "sha": sha, "node_id": format!("C_{sha}"),
            "html_url": format!("{}/commit/{sha}", self.page()), "comments_url": format!("{address}/comments"),
            "commit": {
                "url": address, "author": signed, "committer": signed, "message": "Change by hand",
                "comment_count": 0, "tree": { "sha": sha, "url": address },
            },
            "author": user(author), "committer": user(author), "parents": [],
        })
    }

    fn team(&self, slug: &str) -> Value {
        let address = format!("https://api.github.com/organizations/1/team/{}", id_of(slug));
        json!({
            "id": id_of(slug), "node_id": format!("T_{slug}"), "url": address,
            "members_url": format!("{address}/members{{/member}}"), "name": slug, "description": null,
            "permission": "pull", "html_url": format!("https://github.com/orgs/acme/teams/{slug}"),
            "repositories_url": format!("{address}/repos"), "slug": slug, "parent": null,
            "type": "organization",
        })
    }

    fn asked(&self, pull: u64) -> (Vec<Value>, Vec<Value>) {
        let names = self.planning.asked.get(&pull).cloned().unwrap_or_default();
        let (teams, people): (Vec<String>, Vec<String>) =
            names.into_iter().partition(|name| name.contains('/'));
        let teams = teams.iter().map(|name| self.team(name.split('/').nth(1).unwrap())).collect();
        (people.iter().map(|login| user(login)).collect(), teams)
    }

    pub(super) fn list_reviewers(&self, request: &Request<'_>) -> Reply {
        let (users, teams) = self.asked(request.number("pull_number"));
        Reply::ok(json!({ "users": users, "teams": teams }))
    }

    /// GitHub asks all of them or nobody.
    pub(super) fn request_reviewers(&mut self, request: &Request<'_>) -> Reply {
        let number = request.number("pull_number");
        let names = |member: &str| -> Vec<String> {
            let names = request.body[member].as_array().into_iter().flatten();
            names.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let teams = names("team_reviewers").into_iter().map(|slug| format!("acme/{slug}"));
        let wanted: Vec<String> = names("reviewers").into_iter().chain(teams).collect();
        let author = self.issues[&number].author.clone();
        if wanted.iter().any(|name| self.planning.unaskable.contains(name) || *name == author) {
            let message = "Reviews may only be requested from collaborators.";
            return Reply::refusal(422, message);
        }
        let asked = self.planning.asked.entry(number).or_default();
        for name in wanted {
            if !asked.contains(&name) {
                asked.push(name);
            }
        }
        let (users, teams) = self.asked(number);
        let mut pull = self.pull(&self.issues[&number]);
        (pull["requested_reviewers"], pull["requested_teams"]) = (json!(users), json!(teams));
        Reply::with(201, pull)
    }

    /// Who has reviewed is not asked any more.
    pub(super) fn no_more_asked(&mut self, pull: u64, name: &str) {
        self.planning.asked.entry(pull).or_default().retain(|asked| asked != name);
    }

    /// Who is not asked is passed over.
    pub(super) fn remove_reviewers(&mut self, request: &Request<'_>) -> Reply {
        let number = request.number("pull_number");
        let names = |member: &str| -> Vec<String> {
            let names = request.body[member].as_array().into_iter().flatten();
            names.filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let teams = names("team_reviewers").into_iter().map(|slug| format!("acme/{slug}"));
        let gone: Vec<String> = names("reviewers").into_iter().chain(teams).collect();
        self.planning.asked.entry(number).or_default().retain(|name| !gone.contains(name));
        let (users, teams) = self.asked(number);
        let mut pull = self.pull(&self.issues[&number]);
        (pull["requested_reviewers"], pull["requested_teams"]) = (json!(users), json!(teams));
        Reply::ok(pull)
    }

    /// A project with its fields of one choice, as far as the token sees it.
    pub(super) fn project_seen(&self, with: &Value) -> Value {
        let number = with["project"].as_u64().unwrap_or_default();
        let is_seen = !self.planning.hides_projects && self.planning.projects.contains_key(&number);
        let project = is_seen.then(|| json!({ "viewerCanUpdate": true }));
        json!({ "repository": { "owner": { "projectV2": project } } })
    }

    pub(super) fn project_field(&self, with: &Value) -> Value {
        let number = with["project"].as_u64().unwrap_or_default();
        let is_seen = !self.planning.hides_projects;
        let project = self.planning.projects.get(&number).filter(|_| is_seen).map(|fields| {
            let field = |(name, (sort, options)): (&String, &(String, Vec<String>))| {
                let option = |name: &String| json!({ "id": format!("O_{name}"), "name": name });
                let iteration = |title: &String| json!({ "id": format!("O_{title}"), "title": title });
                let mut field = json!({ "id": format!("F_{name}"), "name": name, "dataType": sort });
                match sort.as_str() {
                    "SINGLE_SELECT" => field["options"] = options.iter().map(option).collect(),
                    "ITERATION" => {
                        let iterations: Vec<Value> = options.iter().map(iteration).collect();
                        field["configuration"] = json!({ "iterations": iterations });
                    }
                    _ => {}
                }
                field
            };
            // Fields of sorts that are not asked for answer with nothing.
            let fields: Vec<Value> = fields.iter().map(field).chain([json!({})]).collect();
            json!({ "id": format!("P_{number}"), "fields": { "nodes": fields } })
        });
        let issue = json!({ "id": format!("I_{}", with["issue"].as_u64().unwrap_or_default()) });
        json!({ "repository": { "issue": issue, "owner": { "projectV2": project } } })
    }

    /// Puts an issue into a project.
    pub(super) fn add_to_project(&self, with: &Value) -> Answered {
        self.may_change_projects()?;
        let id = |name: &str| with[name].as_str().unwrap_or_default();
        let item = format!("{}/{}", id("project"), id("issue"));
        let number = |name: &str, prefix: &str| id(name).strip_prefix(prefix).unwrap().parse().unwrap();
        let value = self.value_in(number("issue", "I_"), number("project", "P_"), id("field"));
        Ok(json!({ "addProjectV2ItemById": { "item": { "id": item, "fieldValueByName": value } } }))
    }

    /// What an issue has in a field of a project, as GraphQL shows it.
    fn value_in(&self, issue: u64, project: u64, field: &str) -> Value {
        let is_field = |name: &str| name.to_lowercase() == field.to_lowercase();
        let fields = self.planning.projects.get(&project);
        let sort = fields.and_then(|fields| fields.iter().find(|(name, _)| is_field(name)));
        let mut chosen = self.planning.chosen.iter().rev();
        let last = chosen.find(|known| known.0 == issue && known.1 == project && is_field(&known.2));
        let (Some((_, (sort, _))), Some((.., value))) = (sort, last.filter(|last| !last.3.is_empty())) else {
            return Value::Null;
        };
        match sort.as_str() {
            "SINGLE_SELECT" => json!({ "name": value }),
            "ITERATION" => json!({ "title": value }),
            "NUMBER" => json!({ "number": value.parse::<f64>().unwrap() }),
            "DATE" => json!({ "date": value }),
            _ => json!({ "text": value }),
        }
    }

    /// The projects that an issue is in, and what it has in a field there.
    pub(super) fn project_value(&self, with: &Value) -> Value {
        let issue = with["issue"].as_u64().unwrap_or_default();
        let field = with["field"].as_str().unwrap_or_default();
        let is_seen = !self.planning.hides_projects;
        let projects: BTreeSet<u64> = self
            .planning
            .chosen
            .iter()
            .filter(|chosen| is_seen && chosen.0 == issue)
            .map(|chosen| chosen.1)
            .collect();
        let items: Vec<Value> = projects
            .into_iter()
            .map(|project| {
                json!({
                    "id": format!("P_{project}/I_{issue}"), "project": { "number": project },
                    "fieldValueByName": self.value_in(issue, project, field),
                })
            })
            .collect();
        json!({ "repository": { "issue": { "projectItems": { "nodes": items } } } })
    }

    /// Empties a field.
    pub(super) fn clear_in_project(&mut self, with: &Value) -> Answered {
        self.may_change_projects()?;
        let cleared = || {
            let (project, issue) = with["item"].as_str()?.split_once("/I_")?;
            let field = with["field"].as_str()?.strip_prefix("F_")?.to_owned();
            Some((issue.parse().ok()?, project.strip_prefix("P_")?.parse().ok()?, field, String::new()))
        };
        let unknown = || ("NOT_FOUND", "Could not resolve to a node".to_owned());
        self.planning.chosen.push(cleared().ok_or_else(unknown)?);
        Ok(json!({ "clearProjectV2ItemFieldValue": { "projectV2Item": { "id": with["item"] } } }))
    }

    /// Sets a field.
    pub(super) fn set_in_project(&mut self, with: &Value) -> Answered {
        self.may_change_projects()?;
        let chosen = || {
            let (project, issue) = with["item"].as_str()?.split_once("/I_")?;
            let field = with["field"].as_str()?.strip_prefix("F_")?.to_owned();
            let (member, value) = with["value"].as_object()?.iter().next()?;
            let option = match member.as_str() {
                "singleSelectOptionId" | "iterationId" => value.as_str()?.strip_prefix("O_")?.to_owned(),
                "number" => value.as_f64()?.to_string(),
                _ => value.as_str()?.to_owned(),
            };
            let project = project.strip_prefix("P_")?.parse().ok()?;
            Some((issue.parse().ok()?, project, field, option))
        };
        let unknown = || ("NOT_FOUND", "Could not resolve to a node".to_owned());
        self.planning.chosen.push(chosen().ok_or_else(unknown)?);
        Ok(json!({ "updateProjectV2ItemFieldValue": { "projectV2Item": { "id": with["item"] } } }))
    }

    fn may_change_projects(&self) -> Result<(), (&'static str, String)> {
        let refused = || ("FORBIDDEN", "Resource not accessible by integration".to_owned());
        if self.planning.hides_projects { Err(refused()) } else { Ok(()) }
    }
}

/// Data, or the type and the message of what GitHub says instead.
type Answered = Result<Value, (&'static str, String)>;

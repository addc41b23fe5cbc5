//! What the schema cannot say: templates that expand, globs that parse, rules whose parts fit together.

use super::check::suggestion;
use super::event::ANALYSED;
use super::model::{Config, LimitRules};
use super::place;
use super::problem::Problem;
use super::pull_requests::{PullRequests, Reviewers};
use super::rule::{Action, Condition, EventName, Rule};
use super::tree::{Node, Step};
use crate::domain::branch::BranchTemplate;
use crate::domain::input::KINDS;
use crate::domain::template::Template;
use crate::domain::words::Verb;

/// All problems of a configuration that has the right shape.
pub(super) fn problems(config: &Config, tree: &Node, default_branch: Option<&str>) -> Vec<Problem> {
    let mut found = Found { tree, problems: Vec::new() };
    found.state(config, default_branch);
    found.encryption(&config.state.encryption);
    found.pull_requests(&config.pull_requests);
    found.assistants(config);
    found.judge(config);
    found.checks(&config.checks);
    found.plugins(config);
    found.drive(&config.drive);
    found.telling(config);
    for word in config.comment.words.all() {
        if let Some(trouble) = word.trouble() {
            found.add(&["comment".into(), "words".into(), word.key.into()], trouble, None);
        }
    }
    found.limits(&config.limits);
    found.triage(config);
    found.features(config);
    for (index, login) in config.bots.allow.iter().enumerate() {
        found.login(login.as_str(), &["bots".into(), "allow".into(), index.into()]);
    }
    for (index, login) in config.access.allow.iter().enumerate() {
        found.login(login.as_str(), &["access".into(), "allow".into(), index.into()]);
    }
    for name in config.access.commands.keys().filter(|name| Verb::ALL.iter().all(|verb| verb.name() != *name))
    {
        let known: Vec<&str> = Verb::ALL.into_iter().map(Verb::name).collect();
        let path = ["access".into(), "commands".into(), name.as_str().into()];
        let hint = suggestion(name, &known);
        found.add(
            &path,
            format!("`{name}` is no word of Automata; there are {}", known.join(", ")),
            hint.as_deref(),
        );
    }
    for (index, rule) in config.rules.iter().flatten().enumerate() {
        found.rule(rule, index);
        found.drive_rule(config, rule, index);
    }
    for (name, schedule) in &config.schedules {
        found.schedule(name, schedule);
        let path: Vec<Step> = ["schedules", name, "do", "input"].into_iter().map(Step::from).collect();
        found.places(&config.drive, &schedule.task, false, &path);
    }
    found.problems
}

mod assistants;
mod checks;
mod drive;
mod encryption;
mod features;
mod plugins;
mod schedules;
mod telling;

pub use schedules::schedule_hint;
mod triage;

struct Found<'a> {
    tree: &'a Node,
    problems: Vec<Problem>,
}

impl Found<'_> {
    fn add(&mut self, path: &[Step], message: impl Into<String>, hint: Option<&str>) {
        let problem = Problem::at(self.tree, path, message);
        self.problems.push(match hint {
            Some(hint) => problem.hint(hint),
            None => problem,
        });
    }

    fn state(&mut self, config: &Config, default_branch: Option<&str>) {
        if let Some((message, hint)) = place::refused(config, default_branch) {
            self.add(&["state".into(), "branch".into()], message, hint);
        }
    }

    fn pull_requests(&mut self, rules: &PullRequests) {
        let at = |key: &str| ["pull_requests".into(), key.into()];
        if let Err(error) = BranchTemplate::parse(&rules.branch) {
            self.add(&at("branch"), error.to_string(), None);
        }
        if let Err(error) = Template::parse(&rules.title, &PullRequests::TITLE_PLACEHOLDERS) {
            self.add(&at("title"), error.to_string(), None);
        } else if rules.title.trim().is_empty() {
            self.add(&at("title"), "the title is empty", None);
        }
        if let Reviewers::People(people) = &rules.reviewers {
            for (index, name) in people.iter().enumerate() {
                let path = ["pull_requests".into(), "reviewers".into(), index.into()];
                // Teams can be asked, unlike assigned.
                self.login(name.as_str().split('/').next().unwrap_or_default(), &path);
            }
        }
        for (index, glob) in rules.protected.iter().enumerate() {
            let path = ["pull_requests".into(), "protected".into(), index.into()];
            let trouble = match globset::Glob::new(glob) {
                _ if glob.trim().is_empty() => Some("the pattern is empty".to_owned()),
                _ if glob.starts_with('!') => {
                    Some(format!("`{glob}` would open a path, and this list only protects"))
                }
                _ if glob.starts_with('/') => {
                    Some(format!("`{glob}` begins with `/`, and paths in a repository do not"))
                }
                Ok(_) => None,
                Err(error) => Some(format!("`{glob}` is not a pattern: {}", error.kind())),
            };
            if let Some(message) = trouble {
                self.add(&path, message, None);
            }
        }
    }

    fn limits(&mut self, limits: &LimitRules) {
        let maps = [
            (
                "kinds",
                &limits.kinds,
                "leave the key out for no limit; what is not to be done at all, `rules` say",
            ),
            ("keys", &limits.keys, "leave the key out to have one at a time"),
        ];
        for (map, counts, hint) in maps {
            for (name, count) in counts {
                let path = ["limits".into(), map.into(), name.as_str().into()];
                if map == "kinds" && !KINDS.contains(&name.as_str()) {
                    self.add(&path, "there is no such kind of task", suggestion(name, KINDS).as_deref());
                }
                if *count == 0 {
                    self.add(&path, "a limit of zero would hold tasks up for ever", Some(hint));
                }
            }
        }
    }

    fn rule(&mut self, rule: &Rule, index: usize) {
        let at = |key: &str| ["rules".into(), index.into(), key.into()];
        for event in rule.on.as_slice() {
            for action in rule.actions.as_slice() {
                if let Some(reason) = unfit_action(event, action) {
                    self.add(
                        &at("do"),
                        format!("`{}` cannot follow `{}`: {reason}", action.name(), event.0),
                        None,
                    );
                }
            }
            for (key, reason) in unfit_conditions(event, &rule.condition) {
                let path = ["rules".into(), index.into(), "if".into(), key.into()];
                self.add(&path, format!("`{key}` is not known with `{}`: {reason}", event.0), None);
            }
        }
        for action in rule.actions.as_slice() {
            if let Action::Assign(logins) = action {
                for login in logins.as_slice() {
                    self.login(login.as_str(), &at("do"));
                }
            }
        }
    }

    fn login(&mut self, login: &str, path: &[Step]) {
        if let Some(bare) = login.strip_prefix('@') {
            self.add(
                path,
                format!("`{login}` is not a login"),
                Some(&format!("write `{bare}`, without `@`")),
            );
        } else if login.contains('/') {
            self.add(path, format!("`{login}` is a team"), Some("GitHub takes people here, not teams"));
        } else if login.contains(char::is_whitespace) {
            self.add(
                path,
                format!("`{login}` is not a login"),
                Some("logins have no spaces; write a list for several"),
            );
        }
    }
}

fn unfit_action(event: &EventName, action: &Action) -> Option<&'static str> {
    if let Some(reason) = drive::unfit_action(event, action) {
        return Some(reason);
    }
    match action {
        Action::Analyse if event.0 == ANALYSED => Some("it would never end"),
        Action::Analyse | Action::Implement | Action::Comment if event.is_about_pulls() => {
            Some("it is about an issue, and the event is about a pull request")
        }
        _ => None,
    }
}

fn unfit_conditions(event: &EventName, condition: &Condition) -> Vec<(&'static str, &'static str)> {
    if event.ending().is_some() {
        return known_of_tasks(condition);
    }
    if let Some(unfit) = drive::unfit_conditions(event, condition) {
        return unfit;
    }
    let is_analysed = event.0 == ANALYSED;
    let has_comment = matches!(event.event(), "issue_comment" | "pull_request_review_comment");
    let not_analysed = "only an analysis tells; use `on: analysed`";
    let unfit = [
        ("type", condition.issue_type.is_some() && !is_analysed, not_analysed),
        ("urgency", condition.urgency.is_some() && !is_analysed, not_analysed),
        (
            "comment_starts_with",
            condition.comment_starts_with.is_some() && !has_comment,
            "the event is about no comment",
        ),
        (
            "has_patch",
            condition.has_patch.is_some() && event.is_about_pulls(),
            "a pull request is its own patch",
        ),
        ("kind", condition.kind.is_some(), "only the end of a task has one; use `on: task.failed`"),
        ("path", condition.path.is_some(), drive::ONLY_IN_DRIVE),
        ("mime", condition.mime.is_some(), drive::ONLY_IN_DRIVE),
        ("actor", condition.actor.is_some(), drive::ONLY_IN_DRIVE),
        ("changed", condition.changed.is_some(), drive::ONLY_IN_DRIVE),
    ];
    unfit.into_iter().filter(|(_, is_unfit, _)| *is_unfit).map(|(key, _, reason)| (key, reason)).collect()
}

/// Of a task that ends only the kind is looked at: what it was about may have changed since.
fn known_of_tasks(condition: &Condition) -> Vec<(&'static str, &'static str)> {
    let unfit = [
        ("type", condition.issue_type.is_some()),
        ("urgency", condition.urgency.is_some()),
        ("label", condition.label.is_some()),
        ("without_label", condition.without_label.is_some()),
        ("state", condition.state.is_some()),
        ("author", condition.author.is_some()),
        ("title_contains", condition.title_contains.is_some()),
        ("comment_starts_with", condition.comment_starts_with.is_some()),
        ("has_patch", condition.has_patch.is_some()),
        ("path", condition.path.is_some()),
        ("mime", condition.mime.is_some()),
        ("actor", condition.actor.is_some()),
        ("changed", condition.changed.is_some()),
    ];
    let reason = "of a task that ends only its `kind` is looked at";
    unfit.into_iter().filter(|(_, is_unfit)| *is_unfit).map(|(key, _)| (key, reason)).collect()
}

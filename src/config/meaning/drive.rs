//! Drive: places that are places, grants that name just one, folders that the configuration knows, rules that fit.

use super::Found;
use crate::config::assistants::Url;
use crate::config::check::suggestion;
use crate::config::drive::DriveRules;
use crate::config::drive_actions::{CHANGED, ISSUE_TITLE};
use crate::config::model::Config;
use crate::config::rule::{Action, Condition, EventName, Rule};
use crate::config::schedule::TaskRule;
use crate::config::tree::Step;
use crate::domain::input;
use crate::domain::payload::Payload;
use crate::domain::subject::{Scope, Subject};
use crate::domain::template::Template;
use crate::drive::filter::Filter;
use crate::drive::path::{Place, Start};

/// Why a condition on a change in Drive stands nowhere else.
pub(super) const ONLY_IN_DRIVE: &str = "only a change in Drive has it; use `on: drive.changed`";

impl Found<'_> {
    pub(super) fn drive(&mut self, rules: &DriveRules) {
        let at = |keys: &[&str]| -> Vec<Step> {
            std::iter::once("drive").chain(keys.iter().copied()).map(Step::from).collect()
        };
        if let Some(url) = rules.url.as_ref().map(Url::as_str).filter(|url| !is_trusted(url)) {
            let told = format!("`{url}` is no address that tokens may be sent to");
            self.add(&at(&["url"]), told, Some("write `https://…`; `http://` is for this machine alone"));
        }
        for (name, folder) in &rules.folders {
            let path = at(&["folders", name]);
            let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            if name.is_empty() || !is_word || name == "id" || name == "drive" {
                let told = format!(
                    "`{name}` cannot stand before a colon: use letters, digits, `-` and `_`, and neither `id` nor `drive`"
                );
                self.add(&path, told, None);
            }
            let id = if crate::drive::path::is_id(folder.as_str()) {
                format!("id:{}", folder.as_str())
            } else {
                folder.as_str().to_owned()
            };
            match Place::parse(&id) {
                Ok(Place { start: Start::Id(_), names }) if names.is_empty() => {}
                Ok(_) => self.add(
                    &path,
                    "a folder is named by its id or its link",
                    Some("copy it from the address bar of Drive"),
                ),
                Err(error) => self.add(
                    &path,
                    error.to_string(),
                    Some("copy the id or the link from the address bar of Drive"),
                ),
            }
        }
        for (name, rule) in &rules.sync {
            self.place(rules, rule.drive.as_str(), &at(&["sync", name, "drive"]));
            let path = rule.path.as_str();
            if path.starts_with('/') || path.split('/').any(|part| part == ".." || part == ".git") {
                self.add(
                    &at(&["sync", name, "path"]),
                    format!("`{path}` leads out of the working copy, or into git's own folder"),
                    None,
                );
            }
            for (key, globs) in [("only", &rule.only), ("except", &rule.except)] {
                for (index, glob) in globs.iter().enumerate() {
                    if let Err(error) = Filter::new(&[glob.as_str().to_owned()], &[]) {
                        let mut path = at(&["sync", name, key]);
                        path.push(index.into());
                        self.add(&path, error.to_string(), None);
                    }
                }
            }
        }
        for (index, rule) in rules.access.iter().enumerate() {
            let here = |more: Vec<Step>| -> Vec<Step> {
                ["drive".into(), "access".into(), index.into()].into_iter().chain(more).collect()
            };
            self.place(rules, rule.folder.as_str(), &here(vec!["folder".into()]));
            for (grant, asked) in rule.grants.iter().enumerate() {
                let path = here(vec!["grants".into(), grant.into()]);
                if asked.who().is_none() {
                    self.add(&path, "name just one of `user`, `group`, `domain` and `anyone`", None);
                }
                let address = asked.user.as_ref().or(asked.group.as_ref());
                if let Some(address) = address.filter(|address| !is_address(address.as_str())) {
                    self.add(&path, format!("`{}` is no address", address.as_str()), None);
                }
            }
        }
        for (index, name) in rules.watch.folders.iter().enumerate() {
            if !rules.folders.contains_key(name.as_str()) {
                let known: Vec<&str> = rules.folders.keys().map(String::as_str).collect();
                let path = ["drive".into(), "watch".into(), "folders".into(), index.into()];
                let told = format!("there is no `{}` under `drive.folders`", name.as_str());
                self.add(&path, told, suggestion(name.as_str(), &known).as_deref());
            }
        }
        self.span(&rules.watch.every, &at(&["watch", "every"]));
        for (login, address) in &rules.people {
            self.login(login, &at(&["people", login]));
            if !is_address(address.as_str()) {
                self.add(&at(&["people", login]), format!("`{}` is no address", address.as_str()), None);
            }
        }
        if let Some(address) = rules.stands_for.as_ref().filter(|address| !is_address(address.as_str())) {
            self.add(&at(&["stands_for"]), format!("`{}` is no address", address.as_str()), None);
        }
    }

    /// What a rule has to do with Drive.
    pub(super) fn drive_rule(&mut self, config: &Config, rule: &Rule, index: usize) {
        let at = |key: &str| ["rules".into(), index.into(), key.into()];
        let is_drive = rule.on.as_slice().iter().any(|event| event.0 == CHANGED);
        if is_drive && config.drive.watch.folders.is_empty() {
            let hint = "name folders under `drive.watch.folders`";
            self.add(&at("on"), "nothing in Drive is watched, so it never happens", Some(hint));
        }
        for glob in rule.condition.path.iter().flat_map(|globs| globs.as_slice()) {
            self.glob(glob.as_str(), &["rules".into(), index.into(), "if".into(), "path".into()]);
        }
        for action in rule.actions.as_slice() {
            match action {
                Action::Issue(issue) => {
                    if let Err(error) = Template::parse(issue.title.as_str(), &ISSUE_TITLE) {
                        self.add(&at("do"), error.to_string(), None);
                    }
                }
                Action::Import(import) => {
                    if let Some(why) = input::unfit_path(import.to.as_str()) {
                        let told = format!("`{}` is no place in the repository: {why}", import.to.as_str());
                        self.add(&at("do"), told, None);
                    }
                }
                Action::Folder(folder) => {
                    self.place(&config.drive, folder.within.as_str(), &at("do"));
                    if let Err(error) = Template::parse(folder.name.as_str(), &input::FOLDER_NAMES) {
                        self.add(&at("do"), error.to_string(), None);
                    }
                }
                Action::Collect(collect) => self.place(&config.drive, collect.within.as_str(), &at("do")),
                Action::Task(task) => {
                    let mut task = (**task).clone();
                    // It is about what happened, where its kind allows that.
                    if task.subject == Subject::Repository.to_string()
                        && rule.on.as_slice().iter().all(|event| may_be_about(event, &task.kind.0))
                    {
                        task.subject = match input::scope(&task.kind.0) {
                            Scope::Issues | Scope::Numbered => "issue/1".to_owned(),
                            Scope::Pulls => "pull/1".to_owned(),
                            Scope::Files => "drive/x".to_owned(),
                            Scope::Everything => task.subject,
                        };
                    }
                    self.task(&task, &|_| at("do").to_vec());
                    let names_it = rule.on.as_slice().iter().all(|event| event.0 == CHANGED);
                    self.places(&config.drive, &task, names_it, &at("do"));
                }
                _ => {}
            }
        }
    }

    /// What a task names in Drive. `names_it`: it is about something there, if it says nothing else.
    pub(super) fn places(&mut self, rules: &DriveRules, task: &TaskRule, names_it: bool, path: &[Step]) {
        let given = Payload::of(&task.input).unwrap_or_default();
        match task.kind.0.as_str() {
            input::DRIVE_PUT => {
                if let Ok(put) = given.read::<input::DrivePut>() {
                    self.place(rules, &put.folder, path);
                }
            }
            input::DRIVE_EXPORT => {
                let Ok(export) = given.read::<input::DriveExport>() else { return };
                self.place(rules, &export.to, path);
                let is_about_it = names_it || task.subject.starts_with("drive/");
                match &export.document {
                    Some(document) => self.place(rules, document, path),
                    None if is_about_it => {}
                    None => {
                        let hint = "name it: `document: \"docs:plans/Plan\"`";
                        self.add(path, "it is about no document in Drive, and names none", Some(hint));
                    }
                }
            }
            _ => {}
        }
    }

    fn place(&mut self, rules: &DriveRules, text: &str, path: &[Step]) {
        match Place::parse(text) {
            Err(error) => self.add(path, error.to_string(), Some(error.hint)),
            Ok(Place { start: Start::Folder(name), .. }) if !rules.folders.contains_key(&name) => {
                let known: Vec<&str> = rules.folders.keys().map(String::as_str).collect();
                let told = format!("there is no `{name}` under `drive.folders`");
                self.add(path, told, suggestion(&name, &known).as_deref());
            }
            Ok(_) => {}
        }
    }
}

/// Whether what goes to an address is encrypted, or stays on this machine.
fn is_trusted(url: &str) -> bool {
    let host = |rest: &str| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
        (!host.is_empty() && !url.contains(|c: char| c.is_whitespace() || c.is_control())).then_some(host)
    };
    if let Some(rest) = url.strip_prefix("https://") {
        return host(rest).is_some_and(|host| !host.contains('@'));
    }
    let host = url.strip_prefix("http://").and_then(host).unwrap_or_default();
    let name = if host.starts_with('[') { host.split_inclusive(']').next() } else { host.split(':').next() };
    matches!(name, Some("127.0.0.1" | "localhost" | "[::1]")) && !host.contains('@')
}

fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, domain)| {
        !name.is_empty() && domain.contains('.') && !text.chars().any(|c| c.is_whitespace() || c.is_control())
    })
}

/// Whether a task of this kind can be about what the event is about.
fn may_be_about(event: &EventName, kind: &str) -> bool {
    match input::scope(kind) {
        Scope::Everything => true,
        Scope::Files => event.0 == CHANGED,
        Scope::Pulls => event.is_about_pulls(),
        Scope::Issues => matches!(event.event(), "issues" | "issue_comment" | "analysed"),
        Scope::Numbered => {
            event.is_about_pulls() || matches!(event.event(), "issues" | "issue_comment" | "analysed")
        }
    }
}

/// Whether the event is about what was made, and about no issue.
fn is_made(event: &EventName) -> bool {
    matches!(event.event(), "release" | "workflow_run")
}

/// Why an action cannot follow an event, as far as Drive has to do with it.
pub(super) fn unfit_action(event: &EventName, action: &Action) -> Option<&'static str> {
    let is_drive = event.0 == CHANGED;
    match action {
        Action::Task(_) => None,
        Action::Issue(_) | Action::Import(_) if !is_drive => Some(ONLY_IN_DRIVE),
        Action::Issue(_) | Action::Import(_) => None,
        Action::Collect(_) if !is_made(event) => {
            Some("nothing was made; use `on: release.published` or `on: workflow_run.completed`")
        }
        Action::Collect(_) => None,
        Action::Folder(_) | Action::Attach | Action::Share(_)
            if !matches!(event.event(), "issues" | "issue_comment") =>
        {
            Some("the folder is an issue's; use `on: issues.opened` or another event about issues")
        }
        Action::Comment | Action::Label(_) | Action::Unlabel(_) | Action::Assign(_) if is_drive => None,
        _ if is_drive => Some("a file in Drive is no issue"),
        _ if is_made(event) => Some("the event is about no issue"),
        _ => None,
    }
}

/// The conditions that do not fit an event about Drive, or about what was made; none for other events.
pub(super) fn unfit_conditions(
    event: &EventName,
    condition: &Condition,
) -> Option<Vec<(&'static str, &'static str)>> {
    let (is_drive, is_made) = (event.0 == CHANGED, is_made(event));
    if !is_drive && !is_made {
        return None;
    }
    let of_issues = [
        ("type", condition.issue_type.is_some()),
        ("urgency", condition.urgency.is_some()),
        ("label", condition.label.is_some()),
        ("without_label", condition.without_label.is_some()),
        ("state", condition.state.is_some()),
        ("author", condition.author.is_some()),
        ("title_contains", condition.title_contains.is_some()),
        ("comment_starts_with", condition.comment_starts_with.is_some()),
        ("has_patch", condition.has_patch.is_some()),
        ("kind", condition.kind.is_some()),
    ];
    let of_drive = [
        ("path", condition.path.is_some()),
        ("mime", condition.mime.is_some()),
        ("actor", condition.actor.is_some()),
        ("changed", condition.changed.is_some()),
    ];
    let reason = "the event is about no issue";
    let issues = of_issues.into_iter().filter(|(_, is_there)| *is_there).map(|(key, _)| (key, reason));
    let drive = of_drive.into_iter().filter(|(_, is_there)| *is_there && is_made);
    Some(issues.chain(drive.map(|(key, _)| (key, ONLY_IN_DRIVE))).collect())
}

//! Drive: places that are places, grants that name just one, folders that the configuration knows.

use super::Found;
use crate::config::check::suggestion;
use crate::config::drive::DriveRules;
use crate::config::tree::Step;
use crate::drive::path::{Place, Start};

impl Found<'_> {
    pub(super) fn drive(&mut self, rules: &DriveRules) {
        let at = |keys: &[&str]| -> Vec<Step> {
            std::iter::once("drive").chain(keys.iter().copied()).map(Step::from).collect()
        };
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
        if let Some(address) = rules.stands_for.as_ref().filter(|address| !is_address(address.as_str())) {
            self.add(&at(&["stands_for"]), format!("`{}` is no address", address.as_str()), None);
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

fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, domain)| {
        !name.is_empty() && domain.contains('.') && !text.chars().any(|c| c.is_whitespace() || c.is_control())
    })
}

//! Plugins that can be told apart and started, are given nothing that they must not have, and are there where they are named.

use serde_json::Value;

use super::Found;
use crate::config::check::suggestion;
use crate::config::model::Config;
use crate::config::plugins::PluginRule;
use crate::config::rule::{Action, OneOrMany};
use crate::config::schedule::TaskRule;
use crate::config::tree::Step;
use crate::domain::input;
use crate::domain::plugin::STARTED;

impl Found<'_> {
    pub(super) fn plugins(&mut self, config: &Config) {
        for (name, rule) in &config.plugins {
            self.plugin(name, rule);
        }
        for (index, rule) in config.rules.iter().flatten().enumerate() {
            let at: [Step; 3] = ["rules".into(), index.into(), "do".into()];
            for action in OneOrMany::as_slice(&rule.actions) {
                match action {
                    Action::Exec(exec) => self.is_plugin(config, exec.plugin(), &at),
                    Action::Task(task) => self.task_of_plugin(config, task, &at),
                    _ => {}
                }
            }
        }
        for (name, schedule) in &config.schedules {
            let at: [Step; 3] = ["schedules".into(), name.as_str().into(), "do".into()];
            self.task_of_plugin(config, &schedule.task, &at);
        }
    }

    fn plugin(&mut self, name: &str, rule: &PluginRule) {
        let at = |keys: &[&str]| -> Vec<Step> {
            ["plugins", name].iter().chain(keys).map(|key| Step::from(*key)).collect()
        };
        let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if name.is_empty() || name.len() > 50 || !is_word {
            let hint = "use up to 50 letters, digits, `-` and `_`";
            self.add(&at(&[]), "this is no name for a plugin", Some(hint));
        }
        let program = rule.run.first().map_or("", |word| word.as_str());
        if program.trim().is_empty() {
            self.add(&at(&["run"]), "the program has no name", None);
        } else if !rule.files && program.contains('/') && !program.starts_with('/') {
            let hint = "leave `files` out, or name a program that is installed";
            self.add(&at(&["run"]), format!("`{program}` is not there without `files`"), Some(hint));
        }
        for kind in rule.may.task.iter().map(|kind| kind.as_str()) {
            if !STARTED.contains(&kind) {
                let hint = suggestion(kind, &STARTED);
                let hint = hint.unwrap_or_else(|| format!("it may start {}", STARTED.join(", ")));
                self.add(
                    &at(&["may", "task"]),
                    format!("no plugin may start a task of the kind `{kind}`"),
                    Some(&hint),
                );
            }
        }
        for variable in &rule.environment {
            self.handed(variable, &at(&["environment"]), "plugin");
        }
    }

    fn task_of_plugin(&mut self, config: &Config, task: &TaskRule, path: &[Step]) {
        if task.kind.0 == input::EXEC
            && let Some(name) = task.input.get("plugin").and_then(Value::as_str)
        {
            self.is_plugin(config, name, path);
        }
    }

    fn is_plugin(&mut self, config: &Config, name: &str, path: &[Step]) {
        if !config.plugins.contains_key(name) {
            let known: Vec<&str> = config.plugins.keys().map(String::as_str).collect();
            let hint = suggestion(name, &known);
            let hint = hint.unwrap_or_else(|| "say under `plugins` what it is".to_owned());
            self.add(path, format!("there is no plugin `{name}`"), Some(&hint));
        }
    }
}
